/* Of an attestation's page: the facts shown, and what was opened of them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "page/attestation_page.h"

enum { DOCUMENTS_SHOWN = 64, EXACT_COUNT = 13 /* fields of the fact of an exact checkpoint */ };

/* --- reading --- */

static int add_fact(struct attestation_page *x, uint64_t n, struct error *e)
{
	struct attested_fact *list;

	if (x->count == x->cap) {
		x->cap = x->cap ? 2 * x->cap : 64;
		list = realloc(x->list, x->cap * sizeof(*list));
		if (!list)
			return error_set(e, E_MEMORY, "out of memory");
		x->list = list;
	}
	x->list[x->count] = (struct attested_fact){ .n = n, .entry = page_fact(&x->p, n) };
	x->list[x->count].type = json_text_or(x->list[x->count].entry, "type", "");
	x->count++;
	return 0;
}

int attestation_facts_read(struct attestation_page *x, struct error *e)
{
	const json_t *item, *list = json_object_get(x->p.predicate, "facts");
	size_t i;

	json_array_foreach(list, i, item) {
		if (strstr(json_text_or(item, "entry", ""), "\"type\":\"batch\""))
			continue;
		x->cut = x->count == ATTESTATION_FACTS_MAX;
		if (x->cut || add_fact(x, json_number_or(item, "n", 0), e) < 0)
			return e->code;
	}
	return 0;
}

void attestation_facts_done(struct attestation_page *x)
{
	for (size_t i = 0; i < x->count; i++)
		json_decref(x->list[i].entry);
	free(x->list);
}

/* --- looking up --- */

const struct attested_fact *attestation_next(const struct attestation_page *x, const char *type,
					     size_t *at)
{
	while (*at < x->count) {
		const struct attested_fact *f = &x->list[(*at)++];

		if (strcmp(f->type, type) == 0)
			return f;
	}
	return NULL;
}

const struct attested_fact *attestation_find(const struct attestation_page *x, uint64_t n)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (x->list[i].n < n)
			low = i + 1;
		else
			high = i;
	}
	return low < x->count && x->list[low].n == n ? &x->list[low] : NULL;
}

bool attestation_same(const struct attested_fact *a, const struct attested_fact *b, const char *tag)
{
	const char *of_a = json_text_or(a->entry, tag, "");

	return *of_a && strcmp(of_a, json_text_or(b->entry, tag, "")) == 0;
}

/* --- what was opened --- */

bool attestation_is(const struct attestation_page *x, uint64_t n, const char *field,
		    const char *text)
{
	scoped(buf) *b = page_opened_bytes(&x->p, n, field);

	return b && b->len == strlen(text) && memcmp(b->data, text, b->len) == 0;
}

void attestation_text(const struct attestation_page *x, uint64_t n, const char *field,
		      const char *otherwise)
{
	scoped(buf) *b = page_opened_bytes(&x->p, n, field);

	if (!b || b->len == 0) {
		html_put(x->p.h, "$", otherwise);
		return;
	}
	html_put(x->p.h, "<bdi>");
	html_text(x->p.h, buf_text(b), b->len);
	html_put(x->p.h, "</bdi>");
}

/* Room to break a line after each : and , of a list of uses. */
void attestation_uses(const struct attestation_page *x, uint64_t n, const char *field,
		      const char *otherwise)
{
	scoped(buf) *b = page_opened_bytes(&x->p, n, field);
	const char *text = b ? buf_text(b) : "";

	if (!*text) {
		html_put(x->p.h, "$", otherwise);
		return;
	}
	html_put(x->p.h, "<bdi>");
	while (*text) {
		size_t len = strcspn(text, ":,");

		len += text[len] != 0;
		html_text(x->p.h, text, len);
		html_put(x->p.h, text[len] == 0 ? "" : text[len - 1] == ',' ? " " : "<wbr>");
		text += len;
	}
	html_put(x->p.h, "</bdi>");
}

bool attestation_has(const struct attestation_page *x, uint64_t n, const char *field)
{
	scoped(buf) *b = page_opened_bytes(&x->p, n, field);

	return b && b->len > 0;
}

void attestation_day(const struct attestation_page *x, uint64_t n, const char *field,
		     const char *otherwise)
{
	scoped(buf) *b = page_opened_bytes(&x->p, n, field);
	struct page_time t;

	if (!b || b->len == 0) {
		html_put(x->p.h, "$", otherwise);
		return;
	}
	t = page_time_long(buf_text(b));
	t.s[strcspn(t.s, ",")] = 0;
	html_put(x->p.h, "$", t.s);
}

void attestation_digests(const struct attestation_page *x, uint64_t n, const char *field,
			 const char *otherwise)
{
	const json_t *list = json_object_get(x->p.predicate, "openings"), *item;
	size_t told = 0, from = page_first_of(list, n);
	char hex[HASH_HEX_MAX];

	for (size_t i = from; told < DOCUMENTS_SHOWN; i++) {
		struct error ignored = { 0 };
		scoped(buf) *b = NULL;

		item = json_array_get(list, i);
		if (json_number_or(item, "n", n + 1) != n)
			break;
		if (strcmp(json_text_or(item, "field", ""), field) != 0 ||
		    json_get_bytes64(item, "value", &b, &ignored) < 0 || b->len != HASH_LEN)
			continue;
		html_digest(x->p.h, hex_encode(hex, b->data, HASH_LEN));
		told++;
	}
	if (told == 0)
		html_put(x->p.h, "$", otherwise);
}

uint64_t attestation_number(const struct attestation_page *x, uint64_t n, const char *field,
			    uint64_t otherwise)
{
	scoped(buf) *b = page_opened_bytes(&x->p, n, field);
	struct error ignored = { 0 };
	uint64_t ret;

	if (!b || number_parse(&ret, buf_text(b), b->len, &ignored) < 0)
		return otherwise;
	return ret;
}

/* Its private part has one field more, the recipe. */
bool attestation_exact(const struct attestation_page *x)
{
	const json_t *list = json_object_get(x->p.predicate, "openings");
	const json_t *item = json_array_get(list, page_first_of(list, x->model));

	return json_number_or(item, "n", x->model + 1) == x->model &&
	       json_number_or(item, "count", 0) == EXACT_COUNT;
}

void attestation_label(const struct attestation_page *x, uint64_t n)
{
	html_put(x->p.h, "<strong>");
	attestation_text(x, n, "name", "?");
	html_put(x->p.h, "@");
	attestation_text(x, n, "version", "?");
	html_put(x->p.h, "</strong>");
}

void attestation_row(const struct attestation_page *x, const char *title)
{
	html_put(x->p.h, "<tr><th scope=\"row\">$</th><td>", title);
}
