/* Facts of a statement being made: shown, and opened field by field. */
#include "flow/showing.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "repo/select.h"
#include "repo/successor.h"

/* What a log lost is said in every statement of those that follow it. */
static int show_followed(struct showing *x, struct error *e)
{
	uint64_t *facts = NULL;
	size_t count = 0;

	if (successors_of(x->r, x->a, &facts, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (showing_fact(x, facts[i], e) < 0)
			return e->code;
	return 0;
}

enum { SENTENCE_MAX = 2048 };

int showing_begin(struct showing *x, struct repo *r, struct error *e)
{
	*x = (struct showing){ .r = r };
	if (arena_create(&x->a, e) < 0 || certificate_draft_create(&x->d, e) < 0)
		return e->code;
	return repo_log(r, LOG_FACTS, &x->facts, e) < 0 ? e->code : show_followed(x, e);
}

void showing_end(struct showing *x)
{
	log_close(x->facts);
	certificate_draft_destroy(x->d);
	arena_destroy(x->a);
}

int showing_fact(struct showing *x, uint64_t n, struct error *e)
{
	scoped(buf) *entry = NULL;

	if (buf_create(&entry, 1024, e) < 0 || catalog_fact(x->r->catalog, n, entry, e) < 0)
		return e->code;
	return certificate_show(x->d, n, entry->data, entry->len, e);
}

int showing_batches(struct showing *x, struct error *e)
{
	struct batch *batches;
	size_t count;

	if (batches_all(x->r, x->a, &batches, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (showing_fact(x, batches[i].fact, e) < 0)
			return e->code;
	return 0;
}

int showing_field(struct showing *x, uint64_t n, const struct fields *f, const char *name,
		  bool withhold, struct error *e)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return withhold ? certificate_withhold(x->d, n, f, i, e) :
					  certificate_open(x->d, n, f, i, e);
	return error_set(e, E_FORMAT, "fact %" PRIu64 " has no field %s", n, name);
}

int showing_opened(struct showing *x, uint64_t n, const char *const *names, struct error *e)
{
	scoped(fields) *f = NULL;

	if (showing_fact(x, n, e) < 0 || repo_private(x->r, n, &f, e) < 0)
		return e->code;
	for (; *names; names++)
		if (showing_field(x, n, f, *names, false, e) < 0)
			return e->code;
	return 0;
}

static bool is_among(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

int showing_fields(struct showing *x, uint64_t n, const char *const *names, struct error *e)
{
	scoped(fields) *f = NULL;

	if (showing_fact(x, n, e) < 0 || repo_private(x->r, n, &f, e) < 0)
		return e->code;
	for (size_t i = 0; i < f->count; i++)
		if (is_among(f->list[i].name, names) && certificate_open(x->d, n, f, i, e) < 0)
			return e->code;
	return 0;
}

/* --- keys --- */

/* The fact that enrolled the key of this id. */
struct key_finding {
	const char *id;
	uint64_t fact;
	bool found;
};

static int match_key(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct key_finding *k = ctx;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped_json *body = NULL;
	char id[KEY_ID_MAX];

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0 ||
	    hex_decode(public_key, sizeof(public_key), json_text_or(body, "key", ""), e) < 0)
		return e->code;
	repo_key_id(id, public_key);
	if (strcmp(id, k->id) == 0) {
		k->fact = t->fact;
		k->found = true;
	}
	return 0;
}

int showing_key_of(struct showing *x, uint64_t n, struct error *e)
{
	scoped_json *entry = NULL;
	struct key_finding k = { 0 };

	if (repo_fact(x->r, n, &entry, e) < 0)
		return e->code;
	k.id = json_text_or(entry, "by", "");
	if (catalog_each_thing(x->r->catalog, THING_KEY, UINT64_MAX, match_key, &k, e) < 0)
		return e->code;
	if (!k.found)
		return error_set(e, E_NOT_FOUND, "the key %s that said fact %" PRIu64 " is not enrolled",
				 k.id, n);
	return showing_opened(x, k.fact, (const char *const[]){ "role", NULL }, e);
}

/* --- who made it again --- */

/* Which of the keys that made it again said this entry; their count: none of them. */
static size_t said_by(const struct model *m, const json_t *entry)
{
	size_t k = 0;

	if (strcmp(json_text_or(entry, "type", ""), "reproduced") != 0 ||
	    json_number_or(entry, "model", 0) != m->fact)
		return m->reproduced_count;
	while (k < m->reproduced_count &&
	       strcmp(m->reproduced[k], json_text_or(entry, "by", "")) != 0)
		k++;
	return k;
}

int showing_reproduced(struct showing *x, const struct model *m, size_t *shown, struct error *e)
{
	bool *done = arena_alloc(x->a, (m->reproduced_count + 1) * sizeof(*done), e);
	size_t left = m->reproduced_count;

	if (!done)
		return e->code;
	memset(done, 0, (m->reproduced_count + 1) * sizeof(*done));
	done[m->reproduced_count] = true;
	for (uint64_t n = m->fact + 1; n < log_size(x->facts) && left > 0; n++) {
		scoped_json *entry = NULL;
		size_t k;

		if (repo_fact(x->r, n, &entry, e) < 0)
			return e->code;
		k = said_by(m, entry);
		if (done[k])
			continue;
		if (*shown == CERTIFICATE_REPRODUCED_MAX)
			return 0;
		if (showing_fact(x, n, e) < 0 || showing_key_of(x, n, e) < 0)
			return e->code;
		done[k] = true;
		left--;
		++*shown;
	}
	return 0;
}

/* --- heads --- */

static int read_note(struct showing *x, int log, const char **ret, struct error *e)
{
	scoped(buf) *note = NULL;

	if (buf_create(&note, 512, e) < 0 || log_published(x->r->log_blobs[log], note, e) < 0)
		return e->code;
	*ret = arena_text(x->a, buf_text(note), note->len, e);
	return *ret ? 0 : e->code;
}

int showing_signing(struct showing *x, struct signing *ret, struct error *e)
{
	if (read_note(x, LOG_FACTS, &ret->facts_head, e) < 0 ||
	    read_note(x, LOG_RECORDS, &ret->records_head, e) < 0)
		return e->code;
	return repo_log_seed(x->r, ret->seed, e);
}

/* --- demands --- */

bool showing_is_personal(const json_t *demand)
{
	scoped(selector) *s = NULL;
	struct error ignored = { 0 };

	return selector_parse(&s, json_text_or(demand, "selector", ""), &ignored) < 0 ||
	       selector_is_personal(s);
}

int showing_check(struct showing *x, const struct buf *statement, const struct hash *order,
		  struct error *e)
{
	struct verify_pins pins = { .vkey = repo_vkey(x->r, LOG_FACTS, x->a, e), .order = order };
	scoped(verdict) *v = NULL;

	if (!pins.vkey || certificate_verify(&v, statement->data, statement->len, &pins, e) < 0)
		return e->code;
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			return error_set(e, E_MISMATCH, "it would not verify: %s: %s",
					 v->check[i].name, v->check[i].detail);
	return v->valid ? 0 : error_set(e, E_MISMATCH, "it would not verify");
}

/* --- words --- */

void showing_say(json_t *list, struct error *e, const char *format, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_add_new(list, json_text_lossy(text, strlen(text), e), e);
}
