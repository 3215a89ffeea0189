#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"

/* ---- entries ---- */

static int read_entry(const struct statement *s, struct fact *f, struct error *e)
{
	scoped_json *o = NULL;

	if (json_parse_canonical(&o, f->text, strlen(f->text), FACT_ENTRY_MAX, e) < 0)
		return e->code;
	return fact_read(o, s->kind, f, e);
}

static int take_reproduced(struct statement *s, const struct fact *f, struct error *e)
{
	if (s->reproduced_count == COUNT_OF(s->reproduced))
		return error_set(e, E_RANGE, "more than %d reproduced facts",
				 CERTIFICATE_REPRODUCED_MAX);
	s->reproduced[s->reproduced_count++] = f;
	return 0;
}

int facts_read(struct statement *s, struct error *e)
{
	for (size_t i = 0; i < s->fact_count; i++) {
		if (i > 0 && s->facts[i].n <= s->facts[i - 1].n)
			return error_set(e, E_FORMAT, "fact %" PRIu64 " is not in order",
					 s->facts[i].n);
		if (read_entry(s, &s->facts[i], e) < 0)
			return error_wrap(e, "fact %" PRIu64, s->facts[i].n);
		if (s->facts[i].type == FACT_REPRODUCED && take_reproduced(s, &s->facts[i], e) < 0)
			return e->code;
	}
	return 0;
}

/* ---- lookups ---- */

int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

const void *number_find(const void *list, size_t count, size_t item_bytes, uint64_t n)
{
	return count > 0 ? bsearch(&n, list, count, item_bytes, by_number) : NULL;
}

const struct fact *fact_find(const struct statement *s, uint64_t n)
{
	return number_find(s->facts, s->fact_count, sizeof(*s->facts), n);
}

int fact_get(const struct statement *s, uint64_t n, enum fact_type type, const struct fact **ret,
	     struct error *e)
{
	const struct fact *f = fact_find(s, n);

	if (!f)
		return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " (%s) is not shown", n,
				 fact_type_name(type));
	if (f->type != type)
		return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " is of type %s, not %s", n,
				 fact_type_name(f->type), fact_type_name(type));
	*ret = f;
	return 0;
}

int fact_key(const struct statement *s, const uint8_t id[KEY_ID_LEN], uint64_t n,
	     const struct fact **ret, struct error *e)
{
	const struct fact *found = NULL;
	char hex[2 * KEY_ID_LEN + 1];

	for (size_t i = 0; i < s->fact_count && s->facts[i].n < n; i++) {
		if (s->facts[i].type != FACT_KEY || memcmp(s->facts[i].id, id, KEY_ID_LEN) != 0)
			continue;
		if (found)
			return error_set(e, E_MISMATCH, "two keys are %s",
					 hex_encode(hex, id, KEY_ID_LEN));
		found = &s->facts[i];
	}
	if (!found)
		return error_set(e, E_NOT_FOUND, "key %s is not shown before fact %" PRIu64,
				 hex_encode(hex, id, KEY_ID_LEN), n);
	*ret = found;
	return 0;
}
