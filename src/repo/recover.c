/*
 * recover: what the next command does after a kill, and what it notices when a store was put
 * back to an older state. Three memories are compared: the catalog (C), the public heads (P),
 * and the anchor in the keys directory (A), which is always moved after C and before P.
 *
 *   C >= A, P <= A   nothing, or a kill before the anchor or the heads, or the log was put back:
 *                    tiles are made again, stored notes published as they are
 *   C < A,  P = A    the catalog was put back: made again from log and vault
 *   C < A,  P < A    the repository was put back: it is read, never written
 *   P > A, or a keyring older than catalog or anchor saw: the keys were put back: what was
 *   erased is erased again, and the repository is read, never written; but not if the catalog is
 *   older too: then nobody knows what was erased, and nothing is served
 * In each case what the keyring no longer opens is marked as erased, and never more than that.
 */
#include <stdio.h>

#include "base/sys.h"
#include "repo/inside.h"
#include "repo/never.h"
#include "repo/things.h"

struct memory {
	uint64_t committed[LOG_COUNT], changes;
	struct head_state published[LOG_COUNT];
	bool damaged[LOG_COUNT];  /* a public head that is none: it counts as missing */
	uint64_t slots, epoch; /* as the catalog saw the keyring last */
	uint64_t followed, ended; /* logs before this; those of them whose lost keys are destroyed */
};

static int remember_head(struct repo *r, int log, struct memory *m, struct error *e)
{
	m->damaged[log] = false;
	if (published_head(r, log, &m->published[log], e) == 0)
		return 0;
	if (e->code != E_FORMAT && e->code != E_MISMATCH && e->code != E_RANGE)
		return e->code;
	error_clear(e);
	m->damaged[log] = true;
	memset(&m->published[log], 0, sizeof(m->published[log]));
	return 0;
}

static int remember(struct repo *r, struct memory *m, struct error *e)
{
	if (catalog_fact_count(r->catalog, &m->committed[LOG_FACTS], e) < 0 ||
	    catalog_commitment_count(r->catalog, &m->committed[LOG_RECORDS], e) < 0 ||
	    catalog_number(r->catalog, "changes", 0, &m->changes, e) < 0 ||
	    catalog_number(r->catalog, "slots", 0, &m->slots, e) < 0 ||
	    catalog_number(r->catalog, "epoch", 0, &m->epoch, e) < 0 ||
	    catalog_number(r->catalog, SUCCESSORS, 0, &m->followed, e) < 0 ||
	    catalog_number(r->catalog, "ended", 0, &m->ended, e) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (remember_head(r, i, m, e) < 0)
			return e->code;
	return 0;
}

/* Entries are missing from it. */
static bool catalog_short(const struct repo *r, const struct memory *m)
{
	return m->committed[LOG_FACTS] < r->anchored.head[LOG_FACTS].size ||
	       m->committed[LOG_RECORDS] < r->anchored.head[LOG_RECORDS].size;
}

static bool catalog_behind(const struct repo *r, const struct memory *m)
{
	return catalog_short(r, m) || m->changes < r->anchored.changes;
}

static bool log_behind(const struct repo *r, const struct memory *m)
{
	return m->published[LOG_FACTS].size < r->anchored.head[LOG_FACTS].size ||
	       m->published[LOG_RECORDS].size < r->anchored.head[LOG_RECORDS].size;
}

/* Something is committed that is not public, or that the anchor does not know. */
static bool unpublished(const struct repo *r, const struct memory *m)
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (m->published[i].size < m->committed[i] ||
		    r->anchored.head[i].size < m->committed[i])
			return true;
	return r->anchored.changes < m->changes;
}

static bool heads_beyond(const struct repo *r, const struct head_state published[LOG_COUNT])
{
	return published[LOG_FACTS].size > r->anchored.head[LOG_FACTS].size ||
	       published[LOG_RECORDS].size > r->anchored.head[LOG_RECORDS].size;
}

static bool keys_behind(const struct repo *r, const struct memory *m)
{
	return keyring_slots(r->keyring) < m->slots || keyring_epoch(r->keyring) < m->epoch ||
	       keyring_epoch(r->keyring) < r->anchored.epoch || heads_beyond(r, m->published);
}

/* The catalog's marks of what was erased may be older than the keys are. */
static int check_marks(const struct repo *r, const struct memory *m, struct error *e)
{
	if (!catalog_behind(r, m) && m->committed[LOG_FACTS] >= m->published[LOG_FACTS].size)
		return 0;
	return error_set(e, E_MISMATCH, "the keys directory and the catalog are older than the log: "
					"what was erased since is not known, so nothing is read "
					"(put the newer keys back; where there are none: log successor "
					"in docs/rollback.md)");
}

int recover_keys_behind(struct repo *r, bool *ret, struct error *e)
{
	struct memory m = { .changes = 0 };

	for (int i = 0; i < LOG_COUNT; i++)
		if (remember_head(r, i, &m, e) < 0)
			return e->code;
	*ret = heads_beyond(r, m.published) || keyring_epoch(r->keyring) < r->anchored.epoch;
	return 0;
}

static int check_roots(const struct repo *r, const struct memory *m, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++) {
		const struct head_state *a = &r->anchored.head[i];

		if (m->published[i].size == a->size && a->size > 0 &&
		    !hash_equal(&m->published[i].root, &a->root))
			return error_set(e, E_MISMATCH, "%s is another log than the anchor remembers",
					 r->log_key[i].name);
	}
	return 0;
}

/* --- erased again --- */

struct again {
	struct repo *r;
	struct arena *arena;
	const struct set *slots; /* erased ones */
	struct set *records;
	struct set *models; /* facts of models that lost a file */
	struct catalog_object *objects; /* these files: they keep their rows, without a place */
	size_t object_count, object_cap;
};

static int see_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct again *a = ctx;

	if (rec->status == RECORD_ERASED || !set_has(a->slots, rec->slot))
		return 0;
	return set_add(a->records, rec->pos, e);
}

static int see_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct again *a = ctx;

	if (!set_has(a->slots, o->slot))
		return 0;
	if (o->at.len_bytes) {
		a->objects = arena_grow(a->arena, a->objects, sizeof(*a->objects), a->object_count,
					&a->object_cap, e);
		if (!a->objects)
			return e->code;
		a->objects[a->object_count] = *o;
		memset(&a->objects[a->object_count++].at, 0, sizeof(o->at));
	}
	return set_add(a->models, o->owner, e);
}

struct model_row {
	struct again *a;
	struct catalog_thing *list;
	size_t count, cap;
};

static int see_model(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct model_row *m = ctx;
	struct catalog_thing *row;

	if (t->state == MODEL_ERASED || !set_has(m->a->models, t->fact))
		return 0;
	m->list = arena_grow(m->a->arena, m->list, sizeof(*m->list), m->count, &m->cap, e);
	if (!m->list)
		return e->code;
	row = &m->list[m->count++];
	*row = *t;
	row->name = arena_text(m->a->arena, t->name, strlen(t->name), e);
	row->body = arena_text(m->a->arena, t->body, strlen(t->body), e);
	return row->name && row->body ? 0 : e->code;
}

static int mark_models(struct again *a, struct error *e)
{
	struct model_row m = { .a = a };

	for (size_t i = 0; i < a->object_count; i++)
		if (catalog_put_object(a->r->catalog, &a->objects[i], e) < 0)
			return e->code;
	if (catalog_each_thing(a->r->catalog, THING_MODEL, UINT64_MAX, see_model, &m, e) < 0)
		return e->code;
	for (size_t i = 0; i < m.count; i++) {
		m.list[i].state = MODEL_ERASED;
		if (catalog_put_thing(a->r->catalog, &m.list[i], e) < 0)
			return e->code;
	}
	return 0;
}

static int mark_erased(struct again *a, struct error *e)
{
	scoped(set) *erased = NULL, *quarantined = NULL;
	struct catalog *c = a->r->catalog;

	if (set_create(&erased, e) < 0 || set_create(&quarantined, e) < 0 ||
	    catalog_mark_get(c, MARK_ERASED, erased, e) < 0 ||
	    catalog_mark_get(c, MARK_QUARANTINED, quarantined, e) < 0 ||
	    set_or(erased, a->records, e) < 0 || set_minus(quarantined, a->records, e) < 0 ||
	    catalog_mark_put(c, MARK_ERASED, erased, e) < 0 ||
	    catalog_mark_put(c, MARK_QUARANTINED, quarantined, e) < 0 ||
	    catalog_erase_records(c, a->records, e) < 0 || mark_models(a, e) < 0 ||
	    never_load(a->r, e) < 0 ||
	    catalog_set_number(c, "epoch", keyring_epoch(a->r->keyring), e) < 0)
		return e->code;
	return 0;
}

static int all_positions(struct repo *r, struct set *s, struct error *e)
{
	uint64_t count;

	if (catalog_commitment_count(r->catalog, &count, e) < 0)
		return e->code;
	return count ? set_add_range(s, 0, count - 1, e) : 0;
}

int recover_erased_again(struct repo *r, uint64_t *ret_count, struct error *e)
{
	scoped(set) *slots = NULL, *records = NULL, *models = NULL, *all = NULL;
	scoped(arena) *arena = NULL;
	struct again a = { .r = r };

	if (arena_create(&arena, e) < 0 || set_create(&slots, e) < 0 || set_create(&records, e) < 0 || set_create(&models, e) < 0 ||
	    set_create(&all, e) < 0 || all_positions(r, all, e) < 0 ||
	    keyring_erased_set(r->keyring, slots, e) < 0)
		return e->code;
	a.arena = arena;
	a.slots = slots;
	a.records = records;
	a.models = models;
	if (catalog_each_record(r->catalog, all, see_record, &a, e) < 0 ||
	    catalog_each_object(r->catalog, OBJECT_FILE, UINT64_MAX, see_object, &a, e) < 0 ||
	    catalog_begin(r->catalog, e) < 0)
		return e->code;
	if (mark_erased(&a, e) < 0) {
		catalog_rollback(r->catalog);
		return e->code;
	}
	*ret_count = set_count(records);
	return catalog_commit(r->catalog, e);
}

/* --- the keys were put back --- */

/* So many pages in one change, then another. */
static int erase_slot(struct repo *r, uint64_t slot, struct error *e)
{
	if (keyring_erase(r->keyring, slot, e) == 0)
		return 0;
	if (e->code != E_RANGE)
		return e->code;
	error_clear(e);
	return keyring_commit(r->keyring, e) < 0 ? e->code : keyring_erase(r->keyring, slot, e);
}

static int erase_record_slot(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct repo *r = ctx;

	return rec->slot < keyring_slots(r->keyring) ? erase_slot(r, rec->slot, e) : 0;
}

static int erase_file_slot(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct repo *r = ctx;

	/* An erased object keeps its row and slot, and has no place. */
	if (o->at.len_bytes || o->slot >= keyring_slots(r->keyring))
		return 0;
	return erase_slot(r, o->slot, e);
}

int recover_erase_slots(struct repo *r, uint64_t first, uint64_t last, struct error *e)
{
	bool alive = false;

	for (uint64_t slot = first; slot <= last && slot < keyring_slots(r->keyring); slot++)
		if (keyring_alive(r->keyring, slot, &alive, e) < 0 || (alive && erase_slot(r, slot, e) < 0))
			return e->code;
	return keyring_commit(r->keyring, e);
}

/* Once for each such log; where the keyring goes back it is older than the catalog. */
static int end_lost(struct repo *r, struct memory *m, struct error *e)
{
	if (m->ended >= m->followed)
		return 0;
	if (successors_erase(r, e) < 0 || catalog_begin(r->catalog, e) < 0)
		return e->code;
	if (catalog_set_number(r->catalog, "ended", m->followed, e) < 0) {
		catalog_rollback(r->catalog);
		return e->code;
	}
	m->ended = m->followed;
	return catalog_commit(r->catalog, e);
}

static int erase_keys_again(struct repo *r, struct error *e)
{
	uint64_t before = keyring_erased(r->keyring);
	scoped(set) *erased = NULL;

	if (successors_erase(r, e) < 0 || set_create(&erased, e) < 0 ||
	    catalog_mark_get(r->catalog, MARK_ERASED, erased, e) < 0 ||
	    catalog_each_record(r->catalog, erased, erase_record_slot, r, e) < 0 ||
	    catalog_each_object(r->catalog, OBJECT_FILE, UINT64_MAX, erase_file_slot, r, e) < 0 ||
	    keyring_commit(r->keyring, e) < 0)
		return e->code;
	if (keyring_erased(r->keyring) > before)
		repo_tell(r, "%llu keys that had been destroyed were back: destroyed again",
			  (unsigned long long)(keyring_erased(r->keyring) - before));
	return 0;
}

/* --- what a killed change left behind --- */

static int drop_orphan_slots(struct repo *r, const struct memory *m, struct error *e)
{
	uint64_t slots = keyring_slots(r->keyring);

	if (slots <= m->slots)
		return 0;
	repo_tell(r, "a change that was not finished is forgotten (%llu keys destroyed)",
		  (unsigned long long)(slots - m->slots));
	for (uint64_t s = m->slots; s < slots; s++)
		if (erase_slot(r, s, e) < 0)
			return e->code;
	if (keyring_commit(r->keyring, e) < 0 || catalog_begin(r->catalog, e) < 0)
		return e->code;
	if (catalog_set_number(r->catalog, "slots", slots, e) < 0 ||
	    catalog_set_number(r->catalog, "epoch", keyring_epoch(r->keyring), e) < 0) {
		catalog_rollback(r->catalog);
		return e->code;
	}
	return catalog_commit(r->catalog, e);
}

struct packs {
	struct repo *r;
	uint64_t last; /* committed */
};

static int drop_orphan_pack(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e)
{
	struct packs *p = ctx;

	(void)len_bytes;
	return pack > p->last ? vault_remove_pack(p->r->vault, pack, e) : 0;
}

/* Keys first: of a kill in between nothing is left that opens. */
static int drop_orphans(struct repo *r, const struct memory *m, struct error *e)
{
	struct packs p = { .r = r };

	if (drop_orphan_slots(r, m, e) < 0 || rebuild_drop(r, e) < 0 || successor_forget(r, e) < 0 ||
	    catalog_number(r->catalog, "packs", 0, &p.last, e) < 0)
		return e->code;
	return vault_each_pack(r->vault, drop_orphan_pack, &p, e);
}

/* *ret_orphans: packs beyond those that were committed. */
static int look_at_packs(struct repo *r, bool *ret_orphans, struct error *e)
{
	uint64_t last, next;

	if (catalog_number(r->catalog, "packs", 0, &last, e) < 0 ||
	    vault_next_pack(r->vault, &next, e) < 0)
		return e->code;
	*ret_orphans = next > last + 1;
	if (next <= last)
		repo_tell(r, "the vault is older than the catalog: pack %llu is missing "
			     "(rescind fsck --deep says what is lost)",
			  (unsigned long long)last);
	return 0;
}

/* --- repair --- */

/* The old catalog stays when a new one cannot be made, and is read. */
static int make_catalog_again(struct repo *r, struct error *e)
{
	repo_tell(r, "the catalog is older than its keys directory remembers: "
		     "making it again from log and vault");
	catalog_close(r->catalog);
	r->catalog = NULL;
	if (rebuild_catalog(r, false, e) == 0)
		return 0;
	if (e->code == E_MEMORY || e->code == E_CANCELLED)
		return e->code;
	repo_tell(r, "%s", e->text);
	error_clear(e);
	catalog_close(r->catalog);
	r->catalog = NULL;
	r->read_only = true;
	return repo_catalog_open(r, e);
}

static void tell_older(struct repo *r, const struct memory *m)
{
	repo_tell(r, "this repository is older than its keys directory remembers (%llu of %llu facts): "
		     "it is read, not written (put the newer one back; where there is none: rescind log successor)",
		  (unsigned long long)m->committed[LOG_FACTS],
		  (unsigned long long)r->anchored.head[LOG_FACTS].size);
}

/* The heads first, while the catalog has what they need; then the catalog, from them. */
static int repair_log(struct repo *r, const struct memory *m, struct error *e)
{
	if (repo_write_vkeys(r, e) < 0 || publish(r, e) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (m->damaged[i])
			repo_tell(r, "the public head of %s was damaged: published again",
				  r->log_key[i].name);
	if (log_behind(r, m))
		repo_tell(r, "the public log was behind (%llu of %llu facts): published again",
			  (unsigned long long)m->published[LOG_FACTS].size,
			  (unsigned long long)r->anchored.head[LOG_FACTS].size);
	return 0;
}

static int repair_stores(struct repo *r, struct memory *m, struct error *e)
{
	if (!catalog_short(r, m) && (log_behind(r, m) || unpublished(r, m))) {
		if (repair_log(r, m, e) < 0 || remember(r, m, e) < 0)
			return e->code;
	}
	if (catalog_behind(r, m) && !log_behind(r, m) &&
	    (make_catalog_again(r, e) < 0 || remember(r, m, e) < 0))
		return e->code;
	r->read_only = catalog_short(r, m);
	return 0;
}

static int mark_again(struct repo *r, const struct memory *m, struct error *e)
{
	uint64_t again = 0;

	if (m->epoch >= keyring_epoch(r->keyring))
		return 0;
	if (recover_erased_again(r, &again, e) < 0)
		return e->code;
	if (again > 0)
		repo_tell(r, "%llu records whose keys were destroyed are marked as erased",
			  (unsigned long long)again);
	return 0;
}

int recover_keys(struct repo *r, struct error *e)
{
	if (anchor_heal(r, e) < 0 || keydir_repair(&r->keys, e) < 0)
		return e->code;
	return keyring_recover(r->keyring, e);
}

/* With the lock held, or (at open) taken for this alone. */
static int repair(struct repo *r, struct error *e)
{
	bool said = r->read_only; /* by who opened it */
	struct memory m;

	r->read_only = false;
	if (recover_keys(r, e) < 0 || remember(r, &m, e) < 0 || check_roots(r, &m, e) < 0 ||
	    (unpublished(r, &m) && catalog_steady(r->catalog, e) < 0))
		return e->code;
	if (keys_behind(r, &m)) {
		if (check_marks(r, &m, e) < 0)
			return e->code;
		r->read_only = true;
		if (!said)
			repo_tell(r, "the keys directory is older than the repository: "
				     "it is read, not written (put the newer keys back)");
		return erase_keys_again(r, e);
	}
	/* What is erased is marked before anything else is served. */
	if (end_lost(r, &m, e) < 0 || mark_again(r, &m, e) < 0 || repair_stores(r, &m, e) < 0)
		return e->code;
	if (r->read_only) {
		if (!said)
			tell_older(r, &m);
		return 0;
	}
	if (drop_orphans(r, &m, e) < 0)
		return e->code;
	r->unsettled = false;
	return 0;
}

/* What a look without the lock says: is there anything to repair? */
static int needs_repair(struct repo *r, struct memory *m, bool *ret, struct error *e)
{
	if (remember(r, m, e) < 0 || check_roots(r, m, e) < 0 || look_at_packs(r, ret, e) < 0)
		return e->code;
	*ret = *ret || catalog_behind(r, m) || log_behind(r, m) || unpublished(r, m) ||
	       m->ended < m->followed || keyring_slots(r->keyring) != m->slots || keyring_epoch(r->keyring) != m->epoch ||
	       keys_behind(r, m);
	return 0;
}

/* Both places of the keys hold the same again: a directory put back beside its newer mirror has
 * old epoch keys. Where that cannot be done now, reading goes on. */
static void heal_keys(struct repo *r)
{
	struct error why = { 0 };

	if (lock_take(r, 0, &why) < 0)
		return;
	if (recover_keys(r, &why) < 0)
		repo_tell(r, "the keys directory and its mirror differ: %s", why.text);
	else
		repo_tell(r, "the keys directory and its mirror differed: both hold the newer keys again");
	repo_unlock(r);
}

int recover_on_open(struct repo *r, struct error *e)
{
	bool needed = false;
	struct memory m;
	int code;

	if (needs_repair(r, &m, &needed, e) < 0)
		return e->code;
	if (!needed && r->keys.degraded)
		heal_keys(r);
	if (!needed)
		return 0;
	if (lock_take(r, 0, e) < 0) {
		if (e->code == E_MEMORY)
			return e->code;
		/* A writer at work explains it. Where nobody may write, one reads on. */
		if (e->code != E_CONFLICT && keys_behind(r, &m) && check_marks(r, &m, e) < 0)
			return e->code;
		if (e->code != E_CONFLICT)
			repo_tell(r, "this repository needs repair, which it does not take: %s", e->text);
		r->read_only = e->code != E_CONFLICT;
		error_clear(e);
		return 0;
	}
	code = repo_catalog_follow(r, e);
	if (code == 0)
		code = repair(r, e);
	repo_unlock(r);
	return code;
}

int recover_for_writing(struct repo *r, struct error *e)
{
	if (repair(r, e) < 0)
		return e->code;
	if (r->read_only)
		return error_set(e, E_MISMATCH,
				 "a store was put back to an older state, so nothing may be written");
	return 0;
}
