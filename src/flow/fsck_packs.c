/* The deep check beyond the rows: packs as they lie, never-again lists, what was left over. */
#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/sys.h"
#include "flow/fsck_parts.h"
#include "repo/never.h"
#include "set/container.h"
#include "vault/pack.h"

enum { NEVER_FILE_MAX = 1 << 30 };

/* --- packs --- */

static bool same_place(const struct place *a, const struct place *b)
{
	return a->pack == b->pack && a->at == b->at && a->len_bytes == b->len_bytes;
}

struct referring {
	struct fsck *x;
	const struct object_head *h;
	const struct place *at;
	bool found, twin; /* its row is of this object; of the same one elsewhere */
};

/* The same sealed object has the same head, random prefix and all: a compact that was killed left
 * it in its old pack too. */
static bool is_twin(const struct referring *f, const struct place *row)
{
	char name[PACK_NAME_LEN + 1];
	struct blobs *b = f->x->r->vault_blobs;
	struct error why = { 0 };
	scoped(buf) *raw = NULL;
	struct object_head h;

	if (row->len_bytes != f->at->len_bytes || row->pack > PACK_NUMBER_MAX)
		return false;
	pack_name(name, row->pack);
	if (buf_create(&raw, OBJECT_HEAD_LEN, &why) < 0 ||
	    b->calls->get(b, name, row->at, OBJECT_HEAD_LEN, raw, &why) < 0 ||
	    object_head_parse(&h, raw->data, &why) < 0)
		return false;
	return h.kind == f->h->kind && h.slot == f->h->slot && h.owner == f->h->owner &&
	       memcmp(h.prefix, f->h->prefix, sizeof(h.prefix)) == 0;
}

static void compare(struct referring *f, const struct place *row)
{
	if (same_place(row, f->at))
		f->found = true;
	else
		f->twin = f->twin || is_twin(f, row);
}

static int is_it(void *ctx, const struct catalog_object *o, struct error *e)
{
	(void)e;
	compare(ctx, &o->at);
	return 0;
}

/* By its name, which only its bytes tell. */
static int see_container_head(struct referring *f, struct error *e)
{
	struct catalog_container k;
	scoped(buf) *plain = NULL;
	struct hash name;

	if (buf_create(&plain, CONTAINER_HEAD + CONTAINER_BYTES_MAX, e) < 0 ||
	    fsck_container(f->x, f->h->owner, f->h->slot, f->at, plain, &name, e) < 0 ||
	    catalog_container(f->x->r->catalog, &name, &k, NULL, e) < 0)
		return e->code;
	compare(f, &k.at);
	return 0;
}

static int find_row(struct referring *f, struct error *e)
{
	struct catalog *c = f->x->r->catalog;
	const struct object_head *h = f->h;
	struct catalog_record rec;

	if (h->kind == OBJECT_CONTAINER)
		return see_container_head(f, e);
	if (h->kind != OBJECT_CARD && h->kind != OBJECT_BYTES)
		return catalog_each_object(c, h->kind == OBJECT_COPY ? ROW_COPY : h->kind, h->owner, is_it,
					   f, e);
	if (catalog_record(c, h->owner, &rec, e) < 0)
		return e->code;
	compare(f, h->kind == OBJECT_CARD ? &rec.card : &rec.bytes);
	return 0;
}

static int see_head(void *ctx, const struct object_head *h, const struct place *at,
		    struct error *e)
{
	struct fsck *x = ctx;
	struct referring f = { .x = x, .h = h, .at = at };

	if (h->slot >= keyring_slots(x->r->keyring) || set_has(x->dead, h->slot)) {
		x->dead_objects++;
		return 0;
	}
	if (find_row(&f, e) < 0) {
		if (e->code == E_MEMORY || e->code == E_CANCELLED)
			return e->code;
		error_clear(e); /* what does not open was said of its row */
	}
	if (f.twin && !f.found)
		x->dead_objects++;
	else if (!f.found)
		fsck_problem(x, "pack %" PRIu64 " at %" PRIu64 ": an object that opens and that nothing refers to "
			     "(rescind compact removes it)",
			     at->pack, at->at);
	return 0;
}

static int see_pack(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e)
{
	struct fsck *x = ctx;
	char where[40];

	x->packs_read++;
	if (vault_scan(x->r->vault, pack, see_head, x, e) < 0) {
		snprintf(where, sizeof(where), "pack %" PRIu64, pack);
		if (fsck_found(x, where, e) < 0)
			return e->code;
	}
	return task_step(x->r->task, len_bytes, e);
}

int fsck_packs(struct fsck *x, struct error *e)
{
	task_phase(x->r->task, "bytes of packs", 0);
	return vault_each_pack(x->r->vault, see_pack, x, e);
}

/* --- orders --- */

struct orders {
	struct arena *a;
	uint64_t *ids; /* of those that destroyed keys */
	size_t count, cap;
};

static int note_order(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct orders *o = ctx;

	if (t->state != ORDER_CERTIFIED)
		return 0;
	o->ids = arena_grow(o->a, o->ids, sizeof(*o->ids), o->count, &o->cap, e);
	if (!o->ids)
		return e->code;
	o->ids[o->count++] = t->id;
	return 0;
}

static int fold_list(struct fsck *x, uint64_t order, const struct buf *list, struct error *e)
{
	if (catalog_begin(x->r->catalog, e) < 0)
		return e->code;
	if (never_fold(x->r, order, list, e) < 0) {
		catalog_rollback(x->r->catalog);
		return e->code;
	}
	return catalog_commit(x->r->catalog, e);
}

static int count_missing(struct fsck *x, const struct buf *list, uint64_t *ret, struct error *e)
{
	uint64_t order;
	struct tag t;

	*ret = 0;
	for (size_t at = 0; at + sizeof(t.b) <= list->len; at += sizeof(t.b)) {
		memcpy(t.b, list->data + at, sizeof(t.b));
		if (catalog_never(x->r->catalog, &t, &order, e) < 0)
			return e->code;
		*ret += order == 0;
	}
	return 0;
}

static int check_list(struct fsck *x, uint64_t order, struct error *e)
{
	scoped(buf) *list = NULL;
	uint64_t missing;
	char file[40];

	snprintf(file, sizeof(file), "never/o%" PRIu64, order);
	if (keydir_read(&x->r->keys, file, NEVER_FILE_MAX, &list, e) < 0)
		return fsck_found(x, "never-again list", e);
	if (count_missing(x, list, &missing, e) < 0)
		return e->code;
	if (missing == 0)
		return 0;
	if (x->locked && fold_list(x, order, list, e) == 0) {
		fsck_repaired(x, "never-again list of o%" PRIu64 ": %" PRIu64 " entries put back", order,
			      missing);
		return 0;
	}
	if (e->code)
		return e->code;
	fsck_problem(x, "never-again list of o%" PRIu64 ": %" PRIu64 " entries are missing", order, missing);
	return 0;
}

int fsck_never(struct fsck *x, struct error *e)
{
	struct orders o = { .count = 0 };
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0)
		return e->code;
	o.a = a;
	if (catalog_each_thing(x->r->catalog, THING_ORDER, UINT64_MAX, note_order, &o, e) < 0)
		return e->code;
	for (size_t i = 0; i < o.count; i++)
		if (check_list(x, o.ids[i], e) < 0)
			return e->code;
	return 0;
}

/* --- left over --- */

static bool is_left_over(const char *name)
{
	return strncmp(name, ".tmp-", 5) == 0 || file_is_temp(name) ||
	       strcmp(name, "catalog.new") == 0 || strcmp(name, "catalog.new-journal") == 0;
}

/* Under the lock nobody is writing them. */
static int sweep(struct fsck *x, const char *folder, struct error *e)
{
	scoped(arena) *a = NULL;
	char **names, shown[256];
	size_t count;

	if (arena_create(&a, e) < 0 || folder_list(a, folder, &names, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		char path[PATH_LEN_MAX];
		struct stat st;

		if (path_join(path, folder, names[i], e) < 0)
			return e->code;
		if (sys->lstat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			if (sweep(x, path, e) < 0)
				return e->code;
		} else if (is_left_over(names[i])) {
			if (file_remove(path, e) < 0)
				return e->code;
			fsck_repaired(x, "left over and removed: %s", path_escape(shown, sizeof(shown), path));
		}
	}
	return 0;
}

int fsck_left_over(struct fsck *x, struct error *e)
{
	return sweep(x, x->r->folder, e);
}
