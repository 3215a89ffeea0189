/*
 * Keys destroyed, and looked for again. The never-again list is durable before the first key goes,
 * since afterwards no digest can be read; when it is there already, this step was tried before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "flow/order_run.h"
#include "flow/parts.h"
#include "repo/never.h"

enum { NEVER_LIST_MAX = 1 << 30 };

/* --- the never-again list --- */

struct listing {
	struct repo *r;
	struct buf *list;
};

static int list_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct listing *l = ctx;
	scoped(fields) *card = NULL;

	if (rec->status == RECORD_ERASED)
		return 0;
	if (repo_card(l->r, rec, false, &card, e) < 0) {
		if (e->code != E_FORMAT && e->code != E_MISMATCH)
			return e->code;
		repo_tell(l->r, "record %" PRIu64 ": its card is rotten: it is not on the never-again list",
			  rec->pos);
		error_clear(e);
		return 0;
	}
	return never_put(l->r, rec->pos, card, l->list, e);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct tag));
}

static int make_list(struct run *x, struct error *e)
{
	scoped(buf) *list = NULL, *before = NULL;
	struct listing l = { .r = x->r };
	char file[40];

	snprintf(file, sizeof(file), "never/%s", x->o->name);
	if (keydir_read(&x->r->keys, file, NEVER_LIST_MAX, &before, e) == 0)
		return 0;
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	if (buf_create(&list, 4096, e) < 0)
		return e->code;
	l.list = list;
	if (catalog_each_record(x->r->catalog, x->o->positions, list_record, &l, e) < 0)
		return e->code;
	/* In the order of cards it would show which tags are of one photo. */
	qsort(list->data, list->len / sizeof(struct tag), sizeof(struct tag), by_bytes);
	return keydir_write(&x->r->keys, file, list->data, list->len, e);
}

/* --- the keys --- */

static int erase_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct run *x = ctx;

	return keyring_erase(x->r->keyring, rec->slot, e);
}

static int erase_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct run *x = ctx;

	return keyring_erase(x->r->keyring, o->slot, e);
}

/* Calls each for the sealed files of every checkpoint that ends. */
static int each_checkpoint_file(struct run *x,
				int (*each)(void *ctx, const struct catalog_object *o,
					    struct error *e),
				void *ctx, struct error *e)
{
	for (size_t i = 0; i < json_array_size(x->steps); i++) {
		uint64_t facts[2];
		size_t count;

		if (run_ended(x, i, facts, &count, e) < 0)
			return e->code;
		for (size_t k = 0; k < count; k++)
			if (catalog_each_object(x->r->catalog, OBJECT_FILE, facts[k], each, ctx, e) < 0)
				return e->code;
	}
	return 0;
}

static int destroy_keys(struct run *x, struct error *e)
{
	int code = catalog_each_record(x->r->catalog, x->o->positions, erase_record, x, e);

	if (code == 0)
		code = each_checkpoint_file(x, erase_object, x, e);
	if (code == 0)
		code = keyring_commit(x->r->keyring, e);
	if (code < 0)
		keyring_forget(x->r->keyring); /* or the next change would commit it */
	return code;
}

/* --- noting it --- */

struct objects {
	struct arena *a;
	struct catalog_object *list;
	size_t count, cap;
};

static int gather_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct objects *g = ctx;

	g->list = arena_grow(g->a, g->list, sizeof(*g->list), g->count, &g->cap, e);
	if (!g->list)
		return e->code;
	g->list[g->count++] = *o;
	return 0;
}

/* An erased object keeps its row, with its slot and without a place. */
static int clear_places(struct run *x, struct error *e)
{
	struct objects g = { .a = x->a };

	if (each_checkpoint_file(x, gather_object, &g, e) < 0)
		return e->code;
	for (size_t i = 0; i < g.count; i++) {
		memset(&g.list[i].at, 0, sizeof(g.list[i].at));
		if (catalog_put_object(x->r->catalog, &g.list[i], e) < 0)
			return e->code;
	}
	return 0;
}

/* One that another order has erased before stays as it is. */
static int note_model(struct run *x, struct change *c, uint64_t fact, struct error *e)
{
	struct model m;

	if (run_model_of_fact(x, fact, &m, e) < 0 || m.state == MODEL_ERASED)
		return e->code;
	return model_set_state(c, &m, MODEL_ERASED, "order", x->o->name, e);
}

static int note_models(struct run *x, struct change *c, uint64_t *ret_count, struct error *e)
{
	*ret_count = 0;
	for (size_t i = 0; i < json_array_size(x->steps); i++) {
		uint64_t facts[2];
		size_t count;

		if (run_ended(x, i, facts, &count, e) < 0)
			return e->code;
		for (size_t k = 0; k < count; k++)
			if (note_model(x, c, facts[k], e) < 0)
				return e->code;
		*ret_count += count;
	}
	return 0;
}

static int load_never(struct run *x, struct error *e)
{
	scoped(buf) *list = NULL;
	char file[40];

	snprintf(file, sizeof(file), "never/%s", x->o->name);
	if (keydir_read(&x->r->keys, file, NEVER_LIST_MAX, &list, e) < 0)
		return e->code;
	return never_fold(x->r, x->o->id, list, e);
}

static int destroy_and_note(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped_json *done = json_object_make(e);
	scoped(change) *c = NULL;
	json_t *people = NULL;
	uint64_t models;

	/* Whom one could tell is known by tags, which go with this step. */
	if (!done || people_of(x->r, x->o->positions, &people, e) < 0)
		return e->code;
	json_set_new(done, "people", people, e);
	if (e->code || run_intend(x, first, last, e) < 0 || make_list(x, e) < 0 ||
	    destroy_keys(x, e) < 0)
		return e->code;
	FAULT(order_step_effect);
	x->models = NULL; /* their states changed since they were read */
	if (change_begin(&c, x->r, e) < 0 || note_models(x, c, &models, e) < 0 ||
	    clear_places(x, e) < 0 || load_never(x, e) < 0)
		return e->code;
	json_set_number(done, "records", x->o->count, e);
	json_set_number(done, "checkpoints", models, e);
	if (e->code || run_note(x, c, first, last, give(done), e) < 0 || change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}

/* Where it failed the keys may be gone and the rows not marked: what the next change, maybe of another order
 * that goes along, finds and marks before it begins. */
int run_destroy(struct run *x, size_t first, size_t last, struct error *e)
{
	if (destroy_and_note(x, first, last, e) == 0)
		return 0;
	x->r->unsettled = true;
	return e->code;
}

/* --- search: nothing is called destroyed that was not looked for again --- */

struct looking {
	struct run *x;
	struct keyring *keyring; /* opened anew: what the disk says */
	uint64_t looked, found;
};

static int look_slot(struct looking *l, uint64_t slot, struct error *e)
{
	bool alive;

	if (keyring_alive(l->keyring, slot, &alive, e) < 0)
		return e->code;
	l->looked++;
	l->found += alive;
	return 0;
}

static int look_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct looking *l = ctx;

	l->found += rec->status != RECORD_ERASED || rec->card.len_bytes || rec->bytes.len_bytes;
	return look_slot(l, rec->slot, e);
}

static int look_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	return look_slot(ctx, o->slot, e);
}

static int look_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	struct looking *l = ctx;

	(void)t;
	(void)e;
	l->looked++;
	l->found += set_has(l->x->o->positions, pos);
	return 0;
}

static int look_everywhere(struct looking *l, struct error *e)
{
	static const uint8_t kinds[] = { TAG_DIGEST, TAG_PATH, TAG_SUBJECT, TAG_ATTR, TAG_PLACE };
	scoped(keyring) *fresh = NULL;
	struct repo *r = l->x->r;

	if (keyring_open(&fresh, &r->keys, e) < 0)
		return e->code;
	l->keyring = fresh;
	if (catalog_each_record(r->catalog, l->x->o->positions, look_record, l, e) < 0 ||
	    each_checkpoint_file(l->x, look_object, l, e) < 0)
		return e->code;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (catalog_each_tag(r->catalog, kinds[i], look_tag, l, e) < 0)
			return e->code;
	return 0;
}

int run_search(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped_json *done = json_object_make(e);
	struct looking l = { .x = x };
	scoped(change) *c = NULL;

	if (!done || run_intend(x, first, last, e) < 0 || look_everywhere(&l, e) < 0)
		return e->code;
	if (l.found > 0)
		return error_set(e, E_MISMATCH, "%" PRIu64 " traces of what should be gone were found",
				 l.found);
	json_set_number(done, "looked", l.looked, e);
	json_set_number(done, "found", l.found, e);
	FAULT(order_step_effect);
	if (e->code || change_begin(&c, x->r, e) < 0 ||
	    run_note(x, c, first, last, give(done), e) < 0 || change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}
