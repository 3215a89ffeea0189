#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"

/* ---- entries ---- */

int facts_read(struct statement *s, struct error *e)
{
	for (struct fact *f = s->facts; f < s->facts + s->fact_count; f++) {
		scoped_json *o = NULL;

		if (f > s->facts && f->n <= f[-1].n)
			return error_set(e, E_FORMAT, "fact %" PRIu64 " is not in order", f->n);
		if (json_parse_canonical(&o, f->text, strlen(f->text), FACT_ENTRY_MAX, e) < 0 ||
		    fact_read(s, o, f, e) < 0)
			return error_wrap(e, "fact %" PRIu64, f->n);
		if (f->type != FACT_REPRODUCED)
			continue;
		if (s->reproduced_count == CERTIFICATE_REPRODUCED_MAX)
			return error_set(e, E_RANGE, "more than %d reproduced facts",
					 CERTIFICATE_REPRODUCED_MAX);
		s->reproduced[s->reproduced_count++] = f;
	}
	return 0;
}

/* ---- lookups ---- */

int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void *number_find(const void *list, size_t count, size_t item_bytes, uint64_t n)
{
	return count > 0 ? bsearch(&n, list, count, item_bytes, by_number) : NULL;
}

struct fact *fact_find(const struct statement *s, uint64_t n)
{
	return number_find(s->facts, s->fact_count, sizeof(*s->facts), n);
}

struct fact *fact_next(const struct statement *s, const struct fact *f, enum fact_type type)
{
	for (size_t i = f ? (size_t)(f - s->facts) + 1 : 0; i < s->fact_count; i++)
		if (s->facts[i].type == type)
			return &s->facts[i];
	return NULL;
}

bool fact_is_set(const struct fact *f)
{
	return f->type == FACT_DATASET || f->type == FACT_MODEL;
}

void fact_leaf(struct hash *ret, const struct fact *f)
{
	tree_leaf(ret, f->text, strlen(f->text));
}

int want(bool holds, struct error *e, const char *otherwise, ...)
{
	va_list args;

	if (holds)
		return 0;
	va_start(args, otherwise);
	error_vset(e, E_MISMATCH, otherwise, args);
	va_end(args);
	return E_MISMATCH;
}

int want_of(const struct fact *f, bool holds, struct error *e, const char *otherwise)
{
	return want(holds, e, "fact %" PRIu64 " (%s) %s", f->n, fact_type_name(f->type), otherwise);
}

int fact_get(const struct statement *s, uint64_t n, enum fact_type type, const struct fact **ret,
	     struct error *e)
{
	*ret = fact_find(s, n);
	return want(*ret && (*ret)->type == type, e, "fact %" PRIu64 " (%s) is not shown", n,
		    fact_type_name(type));
}

int fact_key(const struct statement *s, const uint8_t id[KEY_ID_LEN], uint64_t n,
	     const struct fact **ret, struct error *e)
{
	char hex[2 * KEY_ID_LEN + 1];
	size_t count = 0;

	for (const struct fact *f = NULL; (f = fact_next(s, f, FACT_KEY)) && f->n < n;)
		if (memcmp(f->id, id, KEY_ID_LEN) == 0) {
			*ret = f;
			count++;
		}
	return want(count == 1, e, "%zu keys %s are shown before fact %" PRIu64, count,
		    hex_encode(hex, id, KEY_ID_LEN), n);
}
