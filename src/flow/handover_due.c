/* Who holds some of a set, and which of our own files say something of it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/order_places.h"
#include "flow/rights.h"
#include "flow/uses.h"

/* Records of the set in a hand-over; 0: it is not touched. */
static uint64_t handed_records(const struct handover *h, const struct touched *t)
{
	for (size_t i = 0; !h->of_model && i < t->dataset_count; i++)
		if (t->datasets[i].fact == h->of)
			return t->dataset_records[i];
	for (size_t i = 0; h->of_model && i < t->model_count; i++)
		if (t->models[i].fact == h->of)
			return t->model_records[i];
	return 0;
}

/* --- recipients --- */

struct receiving {
	struct repo *r;
	struct arena *a;
	const struct touched *t;
	struct recipient *list;
	size_t count, cap;
};

static int add_recipient(struct receiving *x, const struct recipient *one, struct error *e)
{
	x->list = arena_grow(x->a, x->list, sizeof(*x->list), x->count, &x->cap, e);
	if (!x->list)
		return e->code;
	x->list[x->count++] = *one;
	return 0;
}

static int by_handover(struct receiving *x, struct error *e)
{
	struct handover *list;
	size_t count;

	if (handovers_all(x->r, x->a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		const struct recipient one = { .name = list[i].to, .label = list[i].label,
					       .fact = list[i].fact,
					       .records = handed_records(&list[i], x->t),
					       .since_utc_ms = list[i].at_utc_ms };

		if (!list[i].ours && one.records > 0 && add_recipient(x, &one, e) < 0)
			return e->code;
	}
	return 0;
}

static bool model_touched(const struct touched *t, uint64_t id, uint64_t *ret_records)
{
	for (size_t i = 0; i < t->model_count; i++)
		if (t->models[i].id == id) {
			*ret_records = t->model_records[i];
			return true;
		}
	return false;
}

/* The row of a recipient who has this checkpoint already; its since is the earliest. */
static bool is_known(struct receiving *x, const uint64_t *models, const char *name,
		     const struct deployment *d)
{
	for (size_t i = 0; i < x->count; i++) {
		struct recipient *known = &x->list[i];

		if (!known->deployed || models[i] != d->model || strcmp(known->name, name) != 0)
			continue;
		if (d->from_utc_ms < known->since_utc_ms)
			known->since_utc_ms = d->from_utc_ms;
		return true;
	}
	return false;
}

/* A deployment that ended was given out all the same. */
static int by_deployment(struct receiving *x, struct error *e)
{
	struct deployment *d = NULL;
	uint64_t *models;
	size_t count = 0;

	if (deployments_all(x->r, x->a, &d, &count, e) < 0)
		return e->code;
	models = arena_alloc(x->a, (x->count + count + 1) * sizeof(*models), e);
	if (!models)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		struct recipient one = { .deployed = true, .label = d[i].label, .fact = d[i].fact,
					 .since_utc_ms = d[i].from_utc_ms };

		if (!model_touched(x->t, d[i].model, &one.records))
			continue;
		if (use_private(x->r, x->a, d[i].fact, "recipient", &one.name, e) < 0)
			return e->code;
		if (!one.name || is_known(x, models, one.name, &d[i]))
			continue;
		models[x->count] = d[i].model;
		if (add_recipient(x, &one, e) < 0)
			return e->code;
	}
	return 0;
}

int recipients_of(struct repo *r, struct arena *a, const struct touched *touched,
		  struct recipient **ret, size_t *ret_count, struct error *e)
{
	struct receiving x = { .r = r, .a = a, .t = touched };

	if (by_handover(&x, e) < 0 || by_deployment(&x, e) < 0)
		return e->code;
	*ret = x.list;
	*ret_count = x.count;
	return 0;
}

int recipients_json(struct repo *r, struct arena *a, const struct touched *touched, json_t *doc,
		    struct error *e)
{
	json_t *list = json_array_make(e);
	struct recipient *all = NULL;
	size_t count = 0;

	json_set_new(doc, "recipients", list, e);
	if (e->code || recipients_of(r, a, touched, &all, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *o = json_object_make(e);

		json_add_new(list, o, e);
		if (e->code)
			return e->code;
		json_set_text(o, "recipient", all[i].name, e);
		json_set_text(o, all[i].deployed ? "deployment" : "transfer", all[i].label, e);
		json_set_number(o, "records", all[i].records, e);
		json_set_time(o, "since", all[i].since_utc_ms, e);
	}
	return e->code;
}

/* --- parts --- */

struct due {
	struct arena *a;
	const struct set *s;
	struct part_due *list;
	size_t count, cap;
};

static int count_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	uint64_t *n = ctx;

	(void)e;
	*n += last - first + 1;
	return 0;
}

static int add_part(struct due *x, const struct handover *h, const struct handed_part *p,
		    uint64_t records, struct error *e)
{
	x->list = arena_grow(x->a, x->list, sizeof(*x->list), x->count, &x->cap, e);
	if (!x->list)
		return e->code;
	x->list[x->count++] = (struct part_due){ .label = h->label, .folder = h->at, .fact = h->fact,
						 .name = p->name, .records = records, .part = *p };
	return 0;
}

/* Of both: what was handed over, and is asked for. */
static int due_of(struct due *x, struct repo *r, const struct handover *h, struct error *e)
{
	scoped(set) *both = NULL;

	if (set_create(&both, e) < 0 || handover_set(r, h, both, e) < 0 ||
	    set_and(both, x->s, e) < 0)
		return e->code;
	for (size_t i = 0; i < h->part_count; i++) {
		const struct handed_part *p = &h->parts[i];
		uint64_t records = 0;

		if (set_each_run_in(both, p->first, p->last, count_run, &records, e) < 0)
			return e->code;
		if (records > 0 && add_part(x, h, p, records, e) < 0)
			return e->code;
	}
	return 0;
}

int parts_due(struct repo *r, struct arena *a, const struct set *s, const struct touched *touched,
	      struct part_due **ret, size_t *ret_count, struct error *e)
{
	struct due x = { .a = a, .s = s };
	struct handover *list;
	size_t count;

	if (handovers_all(r, a, &list, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (list[i].part_count > 0 && handed_records(&list[i], touched) > 0 &&
		    due_of(&x, r, &list[i], e) < 0)
			return e->code;
	*ret = x.list;
	*ret_count = x.count;
	return 0;
}

int part_remove(struct repo *r, const struct part_due *p, enum removed *ret, struct error *e)
{
	char path[PATH_LEN_MAX], hex[HASH_HEX_MAX];
	struct hash there, keyed;
	struct stat st;
	bool empty;

	if (path_join(path, p->folder, p->name, e) < 0 || place_is_empty(path, &empty, e) < 0)
		return e->code;
	*ret = REMOVED_ABSENT;
	if (empty)
		return 0;
	*ret = REMOVED_OTHER;
	if (sys->lstat(path, &st) != 0)
		return error_errno(e, "look at %.200s", path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != p->part.bytes)
		return 0;
	if (flow_digest_file(path, hex, e) < 0 || hash_from_hex(&there, hex, e) < 0)
		return e->code;
	handover_digest(r, &keyed, &there);
	if (!hash_equal(&keyed, &p->part.digest))
		return 0;
	return remove_file(path, &there, ret, e);
}
