/*
 * rebuild: the catalog made again from log and vault: facts and commitments from the logs, what
 * facts mean by the same fold as when they were written, records and objects by the headers in
 * the packs. Every card is compared with its commitment in the log, so that what a killed change
 * left in a pack is not taken for a record. What the keyring does not open is erased. A killed
 * compact leaves objects twice: one of them is taken. What cannot be read is told and passed over.
 */
#include <stdio.h>

#include "base/sys.h"
#include "repo/fold.h"
#include "repo/never.h"
#include "repo/rebuild_parts.h"

enum { REBUILD_STEP = 256 };

/* --- the logs --- */

/* The slots that a successor names. */
static int note_lost(struct rebuild *b, struct error *e)
{
	scoped_json *entry = NULL;
	json_t *slots = NULL;

	if (!strstr(buf_text(b->plain), "\"type\":\"successor\""))
		return 0;
	if (json_parse(&entry, b->plain->data, b->plain->len, LOG_ENTRY_MAX, e) < 0 ||
	    json_get_array(entry, "slots", &slots, e) < 0)
		return e->code;
	return set_add_range(b->lost, (uint64_t)json_integer_value(json_array_get(slots, 0)),
			     (uint64_t)json_integer_value(json_array_get(slots, 1)), e);
}

static int read_facts(struct rebuild *b, struct error *e)
{
	for (uint64_t n = 0; n < log_size(b->log[LOG_FACTS]); n++) {
		buf_clear(b->plain);
		if (log_entry(b->log[LOG_FACTS], n, b->plain, e) < 0 ||
		    catalog_add_fact(b->r->catalog, n, b->plain->data, b->plain->len, e) < 0 ||
		    note_lost(b, e) < 0)
			return e->code;
	}
	return 0;
}

static int read_commitments(struct rebuild *b, struct error *e)
{
	uint64_t size = log_size(b->log[LOG_RECORDS]), count;
	struct hash h[REBUILD_STEP];

	for (uint64_t p = 0; p < size; p += count) {
		count = size - p < REBUILD_STEP ? size - p : REBUILD_STEP;
		for (uint64_t i = 0; i < count; i++) {
			buf_clear(b->plain);
			if (log_entry(b->log[LOG_RECORDS], p + i, b->plain, e) < 0)
				return e->code;
			if (b->plain->len != HASH_LEN)
				return error_set(e, E_FORMAT, "record %llu is no commitment",
						 (unsigned long long)(p + i));
			memcpy(h[i].b, b->plain->data, HASH_LEN);
		}
		if (catalog_add_commitments(b->r->catalog, p, h, count, e) < 0)
			return e->code;
	}
	return 0;
}

static int keep_heads(struct rebuild *b, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++) {
		buf_clear(b->plain);
		if (log_published(b->r->log_blobs[i], b->plain, e) < 0)
			return e->code;
		if (catalog_add_head(b->r->catalog, i, log_size(b->log[i]), b->plain->data,
				     b->plain->len, e) < 0)
			return e->code;
	}
	return 0;
}

/* --- objects --- */

struct pass {
	struct rebuild *b;
	int (*meet)(void *ctx, const struct object_head *h, const struct place *at,
		    struct error *e);
};

static int scan_pack(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e)
{
	struct pass *p = ctx;
	struct rebuild *b = p->b;

	b->pack = pack;
	if (set_has(b->orphans, pack))
		return 0;
	if (vault_scan(b->r->vault, pack, p->meet, b, e) < 0) {
		if (e->code != E_FORMAT)
			return error_wrap(e, "pack %llu", (unsigned long long)pack);
		repo_tell(b->r, "pack %llu: %s", (unsigned long long)pack, e->text);
		error_clear(e); /* what came before stands */
		b->unreadable++;
	}
	if (pack > b->last_pack && !set_has(b->orphans, pack))
		b->last_pack = pack;
	return task_step(b->r->task, len_bytes, e);
}

static int scan(struct rebuild *b,
		int (*meet)(void *ctx, const struct object_head *h, const struct place *at,
			    struct error *e),
		struct error *e)
{
	struct pass p = { b, meet };

	task_phase(b->r->task, "bytes of packs", 0);
	return vault_each_pack(b->r->vault, scan_pack, &p, e);
}

/* --- all of it --- */

static int fold_all(struct rebuild *b, struct error *e)
{
	for (uint64_t n = 0; n < log_size(b->log[LOG_FACTS]); n++) {
		scoped_json *entry = NULL;
		scoped(fields) *f = NULL;

		if (repo_fact(b->r, n, &entry, e) < 0)
			return e->code;
		if (repo_private(b->r, n, &f, e) < 0) {
			if (e->code != E_NOT_FOUND)
				return e->code;
			error_clear(e);
			b->unreadable++;
		}
		if (fold_fact(b->r, n, entry, f, e) < 0)
			return e->code;
	}
	return 0;
}

/* The slots that a change which was never committed left, at the end of all: recovery destroys
 * them. Where the log itself may have lost its end, nothing is taken for an orphan. */
static int put_numbers(struct rebuild *b, struct error *e)
{
	uint64_t slots = keyring_slots(b->r->keyring), packs = b->last_pack;
	struct repo *r = b->r;
	bool whole = true;

	for (int i = 0; i < LOG_COUNT; i++)
		if (log_size(b->log[i]) != r->anchored.head[i].size)
			whole = false;
	if (whole && b->unreadable == 0 && b->first_orphan >= b->slots && b->first_orphan < slots)
		slots = b->first_orphan;
	for (uint64_t p = 0; !whole && set_next(b->orphans, &p); p++)
		packs = p > packs ? p : packs;
	if (catalog_set_number(r->catalog, "slots", slots, e) < 0 ||
	    catalog_set_number(r->catalog, "epoch", keyring_epoch(r->keyring), e) < 0 ||
	    catalog_set_number(r->catalog, "changes", r->anchored.changes, e) < 0)
		return e->code;
	return catalog_set_number(r->catalog, "packs", packs, e);
}

/* Of what was erased and compacted away there is no object any more; some erased slot stands for
 * its own. Of what was not erased there is no row: fsck says so. */
static int put_vanished(struct rebuild *b, struct error *e)
{
	struct catalog_record rec;
	scoped(set) *slots = NULL;
	uint64_t slot = 0;

	if (set_create(&slots, e) < 0 || keyring_erased_set(b->r->keyring, slots, e) < 0)
		return e->code;
	if (!set_next(slots, &slot))
		return 0;
	for (uint64_t p = 0; set_next(b->erased, &p); p++) {
		const struct batch *batch = batch_of(b->batches, b->batch_count, p);

		if (catalog_record(b->r->catalog, p, &rec, e) == 0 || !batch)
			continue;
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		rec = (struct catalog_record){ .pos = p, .batch = batch->fact, .slot = slot,
					       .status = RECORD_ERASED };
		if (catalog_put_record(b->r->catalog, &rec, e) < 0)
			return e->code;
	}
	return 0;
}

static int count_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct rebuild *b = ctx;

	(void)rec;
	(void)e;
	b->records++;
	return 0;
}

/* Whose card was not found in any pack is lost. */
static int count_lost(struct rebuild *b, struct error *e)
{
	if (catalog_each_record(b->r->catalog, NULL, count_record, b, e) < 0)
		return e->code;
	b->unreadable += log_size(b->log[LOG_RECORDS]) - b->records;
	return 0;
}

static int put_marks(struct rebuild *b, struct error *e)
{
	struct repo *r = b->r;

	if (catalog_mark_get(r->catalog, MARK_ERASED, b->erased, e) < 0 ||
	    (b->known && set_or(b->erased, b->known, e) < 0) ||
	    catalog_erase_records(r->catalog, b->erased, e) < 0 ||
	    catalog_mark_put(r->catalog, MARK_ERASED, b->erased, e) < 0 ||
	    set_minus(b->quarantined, b->erased, e) < 0 ||
	    catalog_mark_put(r->catalog, MARK_QUARANTINED, b->quarantined, e) < 0 ||
	    put_vanished(b, e) < 0 || count_lost(b, e) < 0)
		return e->code;
	return put_numbers(b, e);
}

/* Slots were given in the order of facts: from the first one of what no entry explains on, all
 * are lost. */
static int find_tail(struct rebuild *b, struct error *e)
{
	uint64_t first = b->first_orphan, slots = keyring_slots(b->r->keyring);

	if (!b->r->successor || first == UINT64_MAX)
		return 0;
	if (first < b->slots)
		first = b->first_orphan = b->slots;
	return first < slots ? set_add_range(b->lost, first, slots - 1, e) : 0;
}

static int fill(struct rebuild *b, struct error *e)
{
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0 || read_facts(b, e) < 0 || read_commitments(b, e) < 0 ||
	    keep_heads(b, e) < 0 ||
	    scan(b, rebuild_meet_fact, e) < 0 || find_tail(b, e) < 0 || fold_all(b, e) < 0 ||
	    batches_all(b->r, a, &b->batches, &b->batch_count, e) < 0 ||
	    scan(b, rebuild_meet_rest, e) < 0 || never_load(b->r, e) < 0)
		return e->code;
	return put_marks(b, e);
}

/* What else a rebuild found. */
struct found {
	bool whole;		      /* all of log and vault could be read */
	uint64_t first_lost;	      /* of a log that lost its end, a slot; as known before: else UINT64_MAX */
	uint64_t slots, top; /* as in struct rebuild */
	struct successor_open open;
	const struct set *known;
};

static int rebuild_into(struct repo *r, struct found *ret, struct error *e)
{
	scoped(set) *erased = NULL, *quarantined = NULL, *orphans = NULL, *lost = NULL, *open = NULL;
	scoped(log) *facts = NULL, *records = NULL;
	struct rebuild b = { .r = r, .first_orphan = ret->first_lost, .known = ret->known };
	scoped(buf) *plain = NULL;
	uint64_t again;
	int code;

	if (repo_log(r, LOG_FACTS, &facts, e) < 0 || repo_log(r, LOG_RECORDS, &records, e) < 0)
		return e->code == E_MEMORY ? e->code : error_wrap(e, "the log cannot be read up to its head (put its "
			"tiles back, or of both logs an older head in its place: docs/rollback.md)");
	if (set_create(&erased, e) < 0 || set_create(&quarantined, e) < 0 ||
	    set_create(&orphans, e) < 0 || set_create(&lost, e) < 0 || set_create(&open, e) < 0 ||
	    buf_create(&plain, 4096, e) < 0 || catalog_begin(r->catalog, e) < 0)
		return e->code;
	b.log[LOG_FACTS] = facts;
	b.log[LOG_RECORDS] = records;
	b.erased = erased;
	b.quarantined = quarantined;
	b.orphans = orphans;
	b.lost = lost;
	b.open = open;
	b.plain = plain;
	code = fill(&b, e);
	if (code < 0) {
		catalog_rollback(r->catalog);
		return code;
	}
	*ret = (struct found){ b.unreadable == 0, b.first_orphan, b.slots, b.top, b.opens, NULL };
	if (catalog_commit(r->catalog, e) < 0)
		return e->code;
	return recover_erased_again(r, &again, e); /* checkpoints whose keys are gone */
}

/* The old one goes first: killed in between, there is none, and it is made again. Its journal would
 * be rolled back into the new one. */
static int remove_catalog(const char *path, struct error *e)
{
	char journal[PATH_LEN_MAX + 16];

	snprintf(journal, sizeof(journal), "%s-journal", path);
	return file_remove(path, e) < 0 ? e->code : file_remove(journal, e);
}

static int replace_catalog(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX], fresh[PATH_LEN_MAX], damaged[PATH_LEN_MAX];

	catalog_close(r->catalog);
	r->catalog = NULL;
	if (repo_catalog_path(r, path, e) < 0 || path_join(fresh, r->folder, "catalog.new", e) < 0 ||
	    path_join(damaged, r->folder, CATALOG_DAMAGED, e) < 0 || remove_catalog(path, e) < 0)
		return e->code;
	if (sys->rename(fresh, path) != 0)
		return error_errno(e, "rename %s", fresh);
	if (folder_sync(r->folder, e) < 0 || remove_catalog(fresh, e) < 0 || file_remove(damaged, e) < 0)
		return e->code;
	return repo_catalog_open(r, e);
}

int rebuild_drop(struct repo *r, struct error *e)
{
	char fresh[PATH_LEN_MAX];

	return path_join(fresh, r->folder, "catalog.new", e) < 0 ? e->code : remove_catalog(fresh, e);
}

/* catalog.new, in r->catalog. */
static int make_new(struct repo *r, struct found *ret, struct error *e)
{
	char fresh[PATH_LEN_MAX];
	bool keys_behind = false;

	if (recover_keys_behind(r, &keys_behind, e) < 0)
		return e->code;
	if (keys_behind)
		return rebuild_keys_older(e);
	if (path_join(fresh, r->folder, "catalog.new", e) < 0 || remove_catalog(fresh, e) < 0 ||
	    catalog_open(&r->catalog, fresh, true, e) < 0 || rebuild_into(r, ret, e) < 0)
		return error_wrap(e, "rebuild");
	return 0;
}

/* As far as the old one can still be read. */
static int carry(struct repo *r, struct catalog *old, struct error *e)
{
	if (compare_carry(r, old, r->catalog, e) == 0 || (e->code != E_FORMAT && e->code != E_RANGE))
		return e->code;
	error_clear(e);
	return 0;
}

static int carry_old(struct repo *r, struct error *e)
{
	scoped(catalog) *old = NULL;
	char path[PATH_LEN_MAX];

	if (repo_catalog_path(r, path, e) < 0 || !file_exists(path))
		return e->code;
	if (catalog_open(&old, path, false, e) == 0)
		return carry(r, old, e);
	if (e->code == E_MEMORY)
		return e->code;
	error_clear(e);
	return 0;
}

/* What was made knows less than the one that is there. */
static int keep_old(struct repo *r, struct error *e)
{
	repo_tell(r, "not all of log and vault can be read: the catalog stays as it is "
		     "(rescind fsck --deep says what is lost)");
	catalog_close(r->catalog);
	r->catalog = NULL;
	return rebuild_drop(r, e) < 0 ? e->code : repo_catalog_open(r, e);
}

int rebuild_catalog(struct repo *r, bool keeps, struct error *e)
{
	struct found found = { .first_lost = UINT64_MAX };

	if (make_new(r, &found, e) < 0)
		return e->code;
	if (keeps && !found.whole)
		return keep_old(r, e);
	if (carry_old(r, e) < 0 || replace_catalog(r, e) < 0)
		return error_wrap(e, "rebuild");
	return 0;
}

int rebuild_beside(struct repo *r, struct catalog **ret, bool *ret_whole, struct error *e)
{
	void (*tell)(void *ctx, const char *line) = r->tell;
	struct catalog *now = r->catalog;
	struct found found = { .first_lost = UINT64_MAX };
	int code;

	r->catalog = NULL;
	r->tell = NULL; /* what cannot be read is told by whoever looks at it */
	code = make_new(r, &found, e);
	*ret_whole = found.whole;
	if (code == 0)
		code = carry(r, now, e);
	if (code == 0)
		*ret = give(r->catalog);
	catalog_close(r->catalog);
	r->catalog = now;
	r->tell = tell;
	return code;
}

/* What the rows of a catalog explain: so many slots, facts and records. */
struct explained {
	uint64_t slots, facts, records;
};

static void explain(struct explained *x, uint64_t slot)
{
	if (slot >= x->slots)
		x->slots = slot + 1;
}

static int explain_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct explained *x = ctx;

	(void)e;
	x->records++;
	explain(x, rec->slot);
	return 0;
}

static int explain_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct explained *x = ctx;

	(void)e;
	x->facts += o->kind == OBJECT_FACT;
	explain(x, o->slot);
	return 0;
}

static int explain_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			     struct error *e)
{
	(void)name;
	(void)e;
	explain(ctx, k->slot);
	return 0;
}

int rebuild_successor(struct repo *s, struct catalog *old, struct tail *ret, struct error *e)
{
	const struct head_state *left = s->anchored.head;
	uint64_t slots = keyring_slots(s->keyring);
	scoped(set) *known = NULL, *all = NULL;
	struct found found = { .first_lost = UINT64_MAX };
	struct explained x = { 0 };

	s->catalog = NULL;
	if (set_create(&known, e) < 0 || set_create(&all, e) < 0 ||
	    catalog_mark_get(old, MARK_ERASED, known, e) < 0 ||
	    (left[LOG_RECORDS].size > 0 && set_add_range(all, 0, left[LOG_RECORDS].size - 1, e) < 0) ||
	    set_and(known, all, e) < 0 || catalog_each_record(old, all, explain_record, &x, e) < 0 ||
	    catalog_each_object(old, 0, UINT64_MAX, explain_object, &x, e) < 0 ||
	    catalog_each_container(old, explain_container, &x, e) < 0)
		return e->code;
	ret->known = x.facts >= left[LOG_FACTS].size && x.records >= left[LOG_RECORDS].size;
	if (ret->known)
		found.first_lost = x.slots;
	found.known = known;
	if (make_new(s, &found, e) < 0 || carry(s, old, e) < 0)
		return e->code;
	/* What nothing explains is lost: all slots after the last that something does. */
	ret->first = ret->known ? found.first_lost : found.slots;
	ret->first = ret->first < slots ? ret->first : slots;
	ret->last = found.top < slots ? slots : found.top;
	ret->known = ret->known || found.whole;
	ret->open = found.open;
	return 0;
}

int rebuild_switch(struct repo *r, struct error *e)
{
	char fresh[PATH_LEN_MAX];
	bool there = false;

	if (path_join(fresh, r->folder, "catalog.new", e) < 0 ||
	    file_is_there(fresh, &there, e) < 0 || !there)
		return e->code;
	if (replace_catalog(r, e) < 0)
		return e->code;
	catalog_close(r->catalog);
	r->catalog = NULL;
	return 0;
}

int rebuild_replace(struct repo *r, struct catalog *beside, struct error *e)
{
	catalog_close(r->catalog);
	r->catalog = beside;
	return replace_catalog(r, e);
}
