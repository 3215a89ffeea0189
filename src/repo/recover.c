/*
 * recover: what the next command does after a kill, and what it notices when a store was put
 * back to an older state. Three memories are compared: the catalog (C), the public heads (P),
 * and the anchor in the keys directory (A).
 *
 *   C >= A, P >= A   nothing, or a kill before the anchor or the heads: publish
 *   C >= A, P < A    the log was put back: its tiles are made again, stored notes published
 *   C < A,  P >= A   the catalog was put back: made again from log and vault
 *   C < A,  P < A    the repository was put back: it is read, never written
 *   keyring older than the catalog saw: the keys were put back: what was erased is erased again,
 *   and the repository is read, never written
 * In each case what the keyring no longer opens is marked as erased, and never more than that.
 */
#include <stdio.h>

#include "repo/inside.h"
#include "repo/things.h"

struct memory {
	uint64_t committed[LOG_COUNT];
	struct head_state published[LOG_COUNT];
	uint64_t slots, epoch; /* as the catalog saw the keyring last */
};

static int remember(struct repo *r, struct memory *m, struct error *e)
{
	if (catalog_fact_count(r->catalog, &m->committed[LOG_FACTS], e) < 0 ||
	    catalog_commitment_count(r->catalog, &m->committed[LOG_RECORDS], e) < 0 ||
	    catalog_number(r->catalog, "slots", 0, &m->slots, e) < 0 ||
	    catalog_number(r->catalog, "epoch", 0, &m->epoch, e) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (published_head(r, i, &m->published[i], e) < 0)
			return e->code;
	return 0;
}

static bool catalog_behind(const struct repo *r, const struct memory *m)
{
	return m->committed[LOG_FACTS] < r->anchored[LOG_FACTS].size ||
	       m->committed[LOG_RECORDS] < r->anchored[LOG_RECORDS].size;
}

static bool log_behind(const struct repo *r, const struct memory *m)
{
	return m->published[LOG_FACTS].size < r->anchored[LOG_FACTS].size ||
	       m->published[LOG_RECORDS].size < r->anchored[LOG_RECORDS].size;
}

/* Something is committed that is not public. */
static bool unpublished(const struct memory *m)
{
	return m->published[LOG_FACTS].size < m->committed[LOG_FACTS] ||
	       m->published[LOG_RECORDS].size < m->committed[LOG_RECORDS];
}

static int check_roots(const struct repo *r, const struct memory *m, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (m->published[i].size == r->anchored[i].size && m->published[i].size > 0 &&
		    !hash_equal(&m->published[i].root, &r->anchored[i].root))
			return error_set(e, E_MISMATCH, "%s is another log than the anchor remembers",
					 r->log_key[i].name);
	return 0;
}

/* --- erased again --- */

struct again {
	struct repo *r;
	const struct set *slots; /* erased ones */
	struct set *records;
	struct set *models; /* facts of models that lost a file */
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

	return set_has(a->slots, o->slot) ? set_add(a->models, o->owner, e) : 0;
}

struct model_row {
	struct again *a;
	struct arena *arena;
	struct catalog_thing *list;
	size_t count, cap;
};

static int see_model(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct model_row *m = ctx;
	struct catalog_thing *row;

	if (t->state == MODEL_ERASED || !set_has(m->a->models, t->fact))
		return 0;
	m->list = arena_grow(m->arena, m->list, sizeof(*m->list), m->count, &m->cap, e);
	if (!m->list)
		return e->code;
	row = &m->list[m->count++];
	*row = *t;
	row->name = arena_text(m->arena, t->name, strlen(t->name), e);
	row->body = arena_text(m->arena, t->body, strlen(t->body), e);
	return row->name && row->body ? 0 : e->code;
}

static int mark_models(struct again *a, struct error *e)
{
	struct model_row m = { .a = a };
	scoped(arena) *arena = NULL;

	if (arena_create(&arena, e) < 0)
		return e->code;
	m.arena = arena;
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
	scoped(set) *erased = NULL;

	if (set_create(&erased, e) < 0 ||
	    catalog_mark_get(a->r->catalog, MARK_ERASED, erased, e) < 0 ||
	    set_or(erased, a->records, e) < 0 ||
	    catalog_mark_put(a->r->catalog, MARK_ERASED, erased, e) < 0 ||
	    catalog_erase_records(a->r->catalog, a->records, e) < 0 || mark_models(a, e) < 0 ||
	    catalog_set_number(a->r->catalog, "epoch", keyring_epoch(a->r->keyring), e) < 0)
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
	struct again a = { .r = r };

	if (set_create(&slots, e) < 0 || set_create(&records, e) < 0 || set_create(&models, e) < 0 ||
	    set_create(&all, e) < 0 || all_positions(r, all, e) < 0 ||
	    keyring_erased_set(r->keyring, slots, e) < 0)
		return e->code;
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

static int erase_record_slot(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct repo *r = ctx;

	return rec->slot < keyring_slots(r->keyring) ? keyring_erase(r->keyring, rec->slot, e) : 0;
}

static int erase_file_slot(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct repo *r = ctx;

	/* An erased object keeps its row and slot, and has no place. */
	if (o->at.len_bytes || o->slot >= keyring_slots(r->keyring))
		return 0;
	return keyring_erase(r->keyring, o->slot, e);
}

static int erase_keys_again(struct repo *r, struct error *e)
{
	uint64_t before = keyring_erased(r->keyring);
	scoped(set) *erased = NULL;

	if (set_create(&erased, e) < 0 ||
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
		if (keyring_erase(r->keyring, s, e) < 0)
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

static int drop_orphans(struct repo *r, const struct memory *m, struct error *e)
{
	struct packs p = { .r = r };

	if (catalog_number(r->catalog, "packs", 0, &p.last, e) < 0 ||
	    vault_each_pack(r->vault, drop_orphan_pack, &p, e) < 0)
		return e->code;
	return drop_orphan_slots(r, m, e);
}

static int notice_vault(struct repo *r, struct error *e)
{
	uint64_t last, there;

	if (catalog_number(r->catalog, "packs", 0, &last, e) < 0 ||
	    vault_next_pack(r->vault, &there, e) < 0)
		return e->code;
	if (there <= last)
		repo_tell(r, "the vault is older than the catalog: pack %llu is missing (rescind fsck --deep says what is lost)",
			  (unsigned long long)last);
	return 0;
}

/* With the lock held, or (at open) taken for this alone. */
static int repair(struct repo *r, struct error *e)
{
	struct memory m;
	uint64_t again = 0;

	if (keydir_repair(&r->keys, e) < 0 || keyring_recover(r->keyring, e) < 0 || anchor_load(r, e) < 0 || remember(r, &m, e) < 0 ||
	    check_roots(r, &m, e) < 0)
		return e->code;
	if (keyring_slots(r->keyring) < m.slots || keyring_epoch(r->keyring) < m.epoch) {
		r->read_only = true;
		repo_tell(r, "the keys directory is older than the repository: put the newer one back");
		return erase_keys_again(r, e);
	}
	if (catalog_behind(r, &m) && !log_behind(r, &m)) {
		repo_tell(r, "the catalog is older than the log: making it again from log and vault");
		catalog_close(r->catalog);
		r->catalog = NULL;
		if (rebuild_catalog(r, e) < 0 || remember(r, &m, e) < 0)
			return e->code;
	}
	if (catalog_behind(r, &m)) {
		r->read_only = true;
		repo_tell(r, "this repository is older than its keys directory remembers (%llu of %llu facts): it is read, not written (put the newer one back)",
			  (unsigned long long)m.committed[LOG_FACTS],
			  (unsigned long long)r->anchored[LOG_FACTS].size);
	}
	if (m.epoch < keyring_epoch(r->keyring) && recover_erased_again(r, &again, e) < 0)
		return e->code;
	if (again > 0)
		repo_tell(r, "%llu records whose keys were destroyed are marked as erased again",
			  (unsigned long long)again);
	if (r->read_only)
		return 0;
	if (drop_orphans(r, &m, e) < 0)
		return e->code;
	if (log_behind(r, &m))
		repo_tell(r, "the log is older than the catalog: its tiles are made again");
	return unpublished(&m) || log_behind(r, &m) ? publish(r, e) : 0;
}

/* What a look without the lock says: is there anything to repair? */
static int needs_repair(struct repo *r, bool *ret, struct error *e)
{
	struct memory m;

	if (remember(r, &m, e) < 0 || check_roots(r, &m, e) < 0)
		return e->code;
	*ret = catalog_behind(r, &m) || log_behind(r, &m) || unpublished(&m) ||
	       keyring_slots(r->keyring) != m.slots || keyring_epoch(r->keyring) != m.epoch ||
	       r->anchored[LOG_FACTS].size < m.committed[LOG_FACTS];
	return 0;
}

int recover_on_open(struct repo *r, struct error *e)
{
	bool needed = false;
	int code;

	if (needs_repair(r, &needed, e) < 0 || notice_vault(r, e) < 0)
		return e->code;
	if (!needed)
		return 0;
	if (lock_take(r, 0, e) < 0) {
		if (e->code != E_CONFLICT)
			return e->code;
		error_clear(e); /* the writer at work explains it */
		return 0;
	}
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
