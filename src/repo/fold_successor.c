/* The fact with which a log begins that follows one that lost its end. */
#include <stdio.h>

#include "base/text.h"
#include "proof/certificate.h"
#include "repo/fold_rows.h"
#include "repo/successor.h"

enum { ERASED_RUNS_MAX = 1 << 28 };

/* What came in there is known of nobody: each position is taken, and erased. The batch that names
 * them is the second fact after this one. */
static int put_lost(struct folding *x, uint64_t first, uint64_t count, uint64_t slot,
		    struct error *e)
{
	for (uint64_t pos = first; pos < first + count; pos++) {
		struct catalog_record rec = {
			.pos = pos, .batch = x->n + 2, .slot = slot, .status = RECORD_ERASED
		};

		if (catalog_put_record(x->r->catalog, &rec, e) < 0)
			return e->code;
	}
	return 0;
}

/* These, and those that were erased before, by facts that may be lost. */
static int mark(struct folding *x, uint64_t first, uint64_t count, struct error *e)
{
	const char *before = x->f ? fields_text(x->f, "erased") : NULL;
	scoped(set) *erased = NULL, *known = NULL;

	if (set_create(&erased, e) < 0 ||
	    catalog_mark_get(x->r->catalog, MARK_ERASED, erased, e) < 0 ||
	    (count > 0 && set_add_range(erased, first, first + count - 1, e) < 0) ||
	    (before && (set_from_text(&known, before, ERASED_RUNS_MAX, e) < 0 ||
			set_or(erased, known, e) < 0)))
		return e->code;
	return catalog_mark_put(x->r->catalog, MARK_ERASED, erased, e);
}

/* Checkpoints that were erased, by facts that may be lost. */
static int mark_models(struct folding *x, struct error *e)
{
	const char *text = x->f ? fields_text(x->f, "models") : NULL;
	struct catalog_thing model;
	scoped(set) *models = NULL;

	if (text && set_from_text(&models, text, ERASED_RUNS_MAX, e) < 0)
		return e->code;
	for (uint64_t n = 0; models && set_next(models, &n); n++) {
		scoped_json *body = NULL;

		if (fold_by_fact(x, THING_MODEL, n, &model, e) < 0 ||
		    fold_body(&model, &body, e) < 0 ||
		    fold_again(x, &model, MODEL_ERASED, body, e) < 0)
			return e->code;
	}
	return 0;
}

int fold_successor(struct folding *x, struct error *e)
{
	json_t *records = NULL, *slots = NULL;
	uint64_t number, size = 0, lost = 0;
	char name[48];

	if (json_get_object(x->entry, "records", &records, e) < 0 ||
	    json_get_number(records, "size", &size, e) < 0 ||
	    json_get_number(x->entry, "lost_records", &lost, e) < 0 ||
	    json_get_array(x->entry, "slots", &slots, e) < 0 ||
	    catalog_number(x->r->catalog, SUCCESSORS, 0, &number, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), SUCCESSORS ".%llu", (unsigned long long)++number);
	if ((x->f && catalog_set_number(x->r->catalog, "orders", fields_number(x->f, "orders", 0),
					e) < 0) ||
	    catalog_set_number(x->r->catalog, SUCCESSORS, number, e) < 0 ||
	    catalog_set_number(x->r->catalog, name, x->n, e) < 0)
		return e->code;
	if (put_lost(x, size, lost, (uint64_t)json_integer_value(json_array_get(slots, 0)), e) < 0)
		return e->code;
	return mark(x, size, lost, e) < 0 ? e->code : mark_models(x, e);
}

int order_next_id(struct repo *r, uint64_t *ret, struct error *e)
{
	uint64_t next, lost;

	if (catalog_next_id(r->catalog, THING_ORDER, &next, e) < 0 ||
	    catalog_number(r->catalog, "orders", 0, &lost, e) < 0)
		return e->code;
	*ret = next > lost ? next : lost + 1;
	return 0;
}

int successors_of(struct repo *r, struct arena *a, uint64_t **ret, size_t *ret_count,
		  struct error *e)
{
	uint64_t count, *list;
	char name[48];

	if (catalog_number(r->catalog, SUCCESSORS, 0, &count, e) < 0 ||
	    !(list = arena_alloc(a, (count + 1) * sizeof(*list), e)))
		return e->code;
	for (uint64_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), SUCCESSORS ".%llu", (unsigned long long)i + 1);
		if (catalog_number(r->catalog, name, 0, &list[i], e) < 0)
			return e->code;
	}
	*ret = list;
	*ret_count = (size_t)count;
	return 0;
}

int successors_lost(struct repo *r, struct set *s, struct error *e)
{
	scoped(arena) *a = NULL;
	uint64_t *facts = NULL;
	size_t count = 0;

	if (arena_create(&a, e) < 0 || successors_of(r, a, &facts, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		scoped_json *entry = NULL;
		uint64_t first, lost;

		if (repo_fact(r, facts[i], &entry, e) < 0)
			return e->code;
		first = json_number_or(json_object_get(entry, "records"), "size", 0);
		lost = json_number_or(entry, "lost_records", 0);
		if (lost > 0 && set_add_range(s, first, first + lost - 1, e) < 0)
			return e->code;
	}
	return 0;
}

int successors_vkey(struct repo *r, uint64_t n, struct arena *a, const char **ret, struct error *e)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped_json *entry = NULL;
	scoped(buf) *b = NULL;
	uint64_t *facts = NULL;
	struct note_key key;
	size_t count = 0, i = 0;

	*ret = NULL;
	if (successors_of(r, a, &facts, &count, e) < 0)
		return e->code;
	while (i < count && facts[i] <= n)
		i++;
	if (i == count)
		return 0;
	if (buf_create(&b, 256, e) < 0 || repo_fact(r, facts[i], &entry, e) < 0 ||
	    hex_decode(public_key, sizeof(public_key), json_text_or(entry, "key", ""), e) < 0 ||
	    origin_put(b, r->origin, i + 1, i > 0 ? facts[i - 1] : 0, e) < 0 ||
	    buf_printf(b, e, "/facts") < 0 ||
	    note_key_make(&key, buf_text(b), NOTE_ED25519, public_key, e) < 0)
		return e->code;
	buf_clear(b);
	if (note_key_put(&key, b, e) < 0 || !(*ret = arena_text(a, buf_text(b), b->len, e)))
		return e->code;
	return 0;
}
