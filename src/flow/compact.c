/*
 * compact: packs without what is dead. What the catalog refers to and the keyring opens is copied,
 * as it is sealed, from packs that hold anything else into new packs, a batch at a time: the pack
 * is durable, then one transaction moves the places, then the next batch. The anchor knows of it
 * before the old packs go. Killed anywhere, a pack that no transaction took over is dropped by the
 * next command, and the next compact goes on with what is left.
 */
#include <inttypes.h>

#include "base/fault.h"
#include "flow/care.h"
#include "repo/things.h"

enum { BATCH_OBJECTS = 16384 };
#define BATCH_BYTES (UINT64_C(256) << 20)

struct pack {
	uint64_t number, len_bytes, live_bytes;
};

/* Where a place is to be changed. */
enum moved_kind { MOVED_CARD, MOVED_BYTES, MOVED_OBJECT, MOVED_CONTAINER };
struct move {
	enum moved_kind kind;
	struct place from, to;
	struct catalog_object object; /* MOVED_OBJECT; owner is the position for card and bytes */
	struct hash name;	      /* MOVED_CONTAINER */
};

struct compact {
	struct repo *r;
	struct arena *a;
	struct set *dead; /* slots */
	struct pack *packs; /* ascending */
	size_t pack_count, pack_cap;
	struct move *moves; /* BATCH_OBJECTS */
	size_t count;
	uint64_t bytes, objects;
	uint64_t next_pos; /* where the walk of records stopped */
};

enum { BATCH_FULL = 1 };

/* --- which packs --- */

static int add_pack(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e)
{
	struct compact *x = ctx;

	x->packs = arena_grow(x->a, x->packs, sizeof(*x->packs), x->pack_count, &x->pack_cap, e);
	if (!x->packs)
		return e->code;
	x->packs[x->pack_count++] = (struct pack){ .number = pack, .len_bytes = len_bytes };
	return 0;
}

static struct pack *find_pack(const struct compact *x, uint64_t number)
{
	size_t low = 0, high = x->pack_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->packs[middle].number == number)
			return &x->packs[middle];
		if (x->packs[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Calls each for every place that is referred to and opens. */
struct walk {
	struct compact *x;
	int (*each)(struct compact *x, const struct move *m, struct error *e);
};

static bool is_live(const struct compact *x, const struct place *at, uint64_t slot)
{
	return at->len_bytes > 0 && !set_has(x->dead, slot);
}

static int walk_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct walk *w = ctx;
	struct move m = { .kind = MOVED_CARD, .from = rec->card, .object.owner = rec->pos };
	int code = 0;

	if (rec->status == RECORD_ERASED)
		return 0;
	w->x->next_pos = rec->pos;
	if (is_live(w->x, &rec->card, rec->slot))
		code = w->each(w->x, &m, e);
	m.kind = MOVED_BYTES;
	m.from = rec->bytes;
	if (code == 0 && is_live(w->x, &rec->bytes, rec->slot))
		code = w->each(w->x, &m, e);
	return code;
}

static int walk_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct walk *w = ctx;
	struct move m = { .kind = MOVED_OBJECT, .from = o->at, .object = *o };

	return is_live(w->x, &o->at, o->slot) ? w->each(w->x, &m, e) : 0;
}

static int walk_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			  struct error *e)
{
	struct walk *w = ctx;
	struct move m = { .kind = MOVED_CONTAINER, .from = k->at, .name = *name };

	return is_live(w->x, &k->at, k->slot) ? w->each(w->x, &m, e) : 0;
}

/* Records from next_pos on; the rest always whole. */
static int walk_all(struct compact *x,
		    int (*each)(struct compact *x, const struct move *m, struct error *e),
		    struct error *e)
{
	struct catalog *c = x->r->catalog;
	struct walk w = { x, each };
	scoped(set) *left = NULL;
	uint64_t count;
	int code;

	if (set_create(&left, e) < 0 || catalog_commitment_count(c, &count, e) < 0 ||
	    (x->next_pos < count && set_add_range(left, x->next_pos, count - 1, e) < 0))
		return e->code;
	code = catalog_each_record(c, left, walk_record, &w, e);
	if (code == 0)
		code = catalog_each_object(c, 0, UINT64_MAX, walk_object, &w, e);
	return code == 0 ? catalog_each_container(c, walk_container, &w, e) : code;
}

static int tally(struct compact *x, const struct move *m, struct error *e)
{
	struct pack *p = find_pack(x, m->from.pack);

	(void)e;
	if (p)
		p->live_bytes += m->from.len_bytes;
	return 0;
}

static int look_at_packs(struct compact *x, struct error *e)
{
	if (set_create(&x->dead, e) < 0 || keyring_erased_set(x->r->keyring, x->dead, e) < 0 ||
	    vault_each_pack(x->r->vault, add_pack, x, e) < 0)
		return e->code;
	return walk_all(x, tally, e);
}

/* --- one batch --- */

/* From packs that hold more than what is alive. */
static int gather(struct compact *x, const struct move *m, struct error *e)
{
	const struct pack *p = find_pack(x, m->from.pack);

	(void)e;
	if (!p || p->live_bytes >= p->len_bytes)
		return 0;
	if (x->count == BATCH_OBJECTS || (x->count > 0 && x->bytes + m->from.len_bytes > BATCH_BYTES))
		return BATCH_FULL;
	x->moves[x->count++] = *m;
	x->bytes += m->from.len_bytes;
	return 0;
}

static int copy_batch(struct compact *x, uint64_t *ret_pack, struct error *e)
{
	struct vault *v = x->r->vault;
	uint64_t known;

	if (vault_next_pack(v, ret_pack, e) < 0 ||
	    catalog_number(x->r->catalog, "packs", 0, &known, e) < 0)
		return e->code;
	if (*ret_pack <= known)
		*ret_pack = known + 1;
	if (vault_begin(v, *ret_pack, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->count; i++)
		if (vault_add_sealed(v, &x->moves[i].from, &x->moves[i].to, e) < 0 ||
		    task_step(x->r->task, x->moves[i].from.len_bytes, e) < 0) {
			vault_drop(v);
			return e->code;
		}
	if (vault_finish(v, e) < 0) {
		vault_drop(v);
		return e->code;
	}
	FAULT(compact_written);
	return 0;
}

static int move_record(struct compact *x, const struct move *m, struct error *e)
{
	struct catalog_record rec;

	if (catalog_record(x->r->catalog, m->object.owner, &rec, e) < 0)
		return e->code;
	*(m->kind == MOVED_CARD ? &rec.card : &rec.bytes) = m->to;
	return catalog_put_record(x->r->catalog, &rec, e);
}

static int move_one(struct compact *x, const struct move *m, struct error *e)
{
	struct catalog_object o = m->object;

	switch (m->kind) {
	case MOVED_CONTAINER: return catalog_move_container(x->r->catalog, &m->name, &m->to, e);
	case MOVED_OBJECT:
		o.at = m->to;
		return catalog_put_object(x->r->catalog, &o, e);
	default: return move_record(x, m, e);
	}
}

static int move_batch(struct compact *x, uint64_t pack, struct error *e)
{
	struct catalog *c = x->r->catalog;
	int code = 0;

	if (catalog_begin(c, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->count && code == 0; i++)
		code = move_one(x, &x->moves[i], e);
	if (code == 0)
		code = catalog_set_number(c, "packs", pack, e);
	if (code == 0)
		code = repo_count_change(x->r, e);
	if (code < 0) {
		catalog_rollback(c);
		return code;
	}
	return catalog_commit(c, e);
}

static int copy_live(struct compact *x, struct error *e)
{
	uint64_t pack;
	int code;

	x->next_pos = 0;
	do {
		x->count = 0;
		x->bytes = 0;
		code = walk_all(x, gather, e);
		if (code < 0)
			return code;
		if (x->count > 0 &&
		    (copy_batch(x, &pack, e) < 0 || move_batch(x, pack, e) < 0))
			return e->code;
		x->objects += x->count;
	} while (code == BATCH_FULL);
	return 0;
}

/* --- what is left over --- */

/* Looked at anew: a pack goes only when nothing that lives is in it. */
static int drop_packs(struct compact *x, uint64_t *ret_packs, struct error *e)
{
	struct pack *old = x->packs;
	size_t count = x->pack_count;

	*ret_packs = 0;
	for (size_t i = 0; i < count; i++)
		old[i].live_bytes = old[i].live_bytes >= old[i].len_bytes; /* a whole one stays */
	x->next_pos = 0;
	if (walk_all(x, tally, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		if (old[i].live_bytes > 0)
			continue;
		if (vault_remove_pack(x->r->vault, old[i].number, e) < 0)
			return e->code;
		(*ret_packs)++;
	}
	return 0;
}

static int add_len(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e)
{
	(void)pack;
	(void)e;
	*(uint64_t *)ctx += len_bytes;
	return 0;
}

static int bytes_now(struct repo *r, uint64_t *ret, struct error *e)
{
	char path[PATH_LEN_MAX];
	uint64_t catalog;

	*ret = 0;
	if (vault_each_pack(r->vault, add_len, ret, e) < 0 ||
	    path_join(path, r->folder, "catalog.db", e) < 0 || file_size(path, &catalog, e) < 0)
		return e->code;
	*ret += catalog;
	return 0;
}

static void count_total(struct compact *x)
{
	uint64_t total = 0;

	for (size_t i = 0; i < x->pack_count; i++)
		if (x->packs[i].live_bytes < x->packs[i].len_bytes)
			total += x->packs[i].live_bytes;
	task_phase(x->r->task, "bytes", total);
}

static int run(struct compact *x, uint64_t *ret_packs, struct error *e)
{
	x->moves = arena_alloc(x->a, BATCH_OBJECTS * sizeof(*x->moves), e);
	if (!x->moves || look_at_packs(x, e) < 0)
		return e->code;
	count_total(x);
	if (copy_live(x, e) < 0 || repo_settle(x->r, e) < 0 || drop_packs(x, ret_packs, e) < 0)
		return e->code;
	return catalog_compact(x->r->catalog, e);
}

int flow_compact(struct repo *r, json_t **ret, struct error *e)
{
	bool locked_here = r->lock_fd < 0;
	uint64_t before, after, packs = 0;
	scoped(arena) *a = NULL;
	struct compact x = { .r = r };
	scoped_json *doc = NULL;
	int code;

	if (arena_create(&a, e) < 0 || repo_lock(r, e) < 0)
		return e->code;
	x.a = a;
	code = bytes_now(r, &before, e);
	if (code == 0)
		code = run(&x, &packs, e);
	if (code == 0)
		code = bytes_now(r, &after, e);
	set_destroy(x.dead);
	if (locked_here)
		repo_unlock(r);
	if (code < 0)
		return error_wrap(e, "compact");
	doc = json_object_make(e);
	if (!doc)
		return e->code;
	json_set_number(doc, "before", before, e);
	json_set_number(doc, "after", after, e);
	json_set_number(doc, "packs", packs, e);
	json_set_number(doc, "objects", x.objects, e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}
