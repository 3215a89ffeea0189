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
#include "repo/inside.h"
#include "repo/never.h"
#include "repo/things.h"
#include "set/container.h"

enum { REBUILD_STEP = 256 };

struct rebuild {
	struct repo *r;
	struct log *log[LOG_COUNT];
	struct set *erased, *quarantined;
	struct set *orphans; /* packs of a change that was never committed */
	struct batch *batches;
	size_t batch_count;
	struct buf *plain;
	uint64_t pack, last_pack;      /* the one at hand; the highest that is no orphan */
	uint64_t first_orphan, slots;  /* slots; slots: one more than the highest that is in use */
	uint64_t unreadable;
};

/* --- the logs --- */

static int read_facts(struct rebuild *b, struct error *e)
{
	for (uint64_t n = 0; n < log_size(b->log[LOG_FACTS]); n++) {
		buf_clear(b->plain);
		if (log_entry(b->log[LOG_FACTS], n, b->plain, e) < 0 ||
		    catalog_add_fact(b->r->catalog, n, b->plain->data, b->plain->len, e) < 0)
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

/* Damage of one object is told, and does not keep the others from being found. */
static int passed_over(struct rebuild *b, const struct object_head *h, const struct place *at,
		       struct error *e)
{
	if (e->code != E_FORMAT && e->code != E_MISMATCH && e->code != E_RANGE)
		return e->code;
	repo_tell(b->r, "object of kind %u, owner %llu (pack %llu): %s", h->kind,
		  (unsigned long long)h->owner, (unsigned long long)at->pack, e->text);
	error_clear(e);
	b->unreadable++;
	return 0;
}

enum opened { OPENED, OPENED_ERASED, OPENED_DAMAGED };

/* The plain bytes of an object in b->plain. */
static int open_object(struct rebuild *b, const struct object_head *h, const struct place *at,
		       enum opened *ret, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	bool alive = false;
	int code;

	buf_clear(b->plain);
	*ret = OPENED_ERASED;
	if (h->slot >= keyring_slots(b->r->keyring))
		return 0;
	if (keyring_alive(b->r->keyring, h->slot, &alive, e) < 0 || !alive)
		return e->code;
	if (keyring_key(b->r->keyring, h->slot, key, e) < 0)
		return e->code;
	code = vault_get(b->r->vault, at, h->kind, h->slot, h->owner, key, b->plain, e);
	wipe(key, sizeof(key));
	*ret = code < 0 ? OPENED_DAMAGED : OPENED;
	return code < 0 ? passed_over(b, h, at, e) : 0;
}

static int open_fields(struct rebuild *b, const struct object_head *h, const struct place *at,
		       struct fields **ret, enum opened *ret_opened, struct error *e)
{
	if (open_object(b, h, at, ret_opened, e) < 0 || *ret_opened != OPENED)
		return e->code;
	if (fields_parse(ret, b->plain->data, b->plain->len, e) == 0)
		return 0;
	*ret_opened = OPENED_DAMAGED;
	return passed_over(b, h, at, e);
}

static int put_object(struct rebuild *b, const struct object_head *h, const struct place *at,
		      uint64_t part, struct error *e)
{
	uint8_t kind = h->kind == OBJECT_COPY ? ROW_COPY : h->kind;
	struct catalog_object o = { .kind = kind, .owner = h->owner, .part = part,
				    .slot = h->slot };

	if (at)
		o.at = *at;
	return catalog_put_object(b->r->catalog, &o, e);
}

/* This object is of a change that was committed. */
static void in_use(struct rebuild *b, const struct object_head *h)
{
	if (h->slot >= b->slots)
		b->slots = h->slot + 1;
}

static int is_orphan(struct rebuild *b, const struct object_head *h, struct error *e)
{
	if (h->slot < b->first_orphan)
		b->first_orphan = h->slot;
	return set_add(b->orphans, b->pack, e);
}

/* Its fact or record is committed, and its slot was never given out. */
static int keys_older(struct error *e)
{
	return error_set(e, E_MISMATCH,
			 "the keys directory is older than the repository (put the newer one back)");
}

/* First pass: the private parts of facts, where they open to what the log committed to; and which
 * packs are of a change that was not. */
static int meet_fact(void *ctx, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	scoped_json *entry = NULL;
	scoped(fields) *f = NULL;
	struct rebuild *b = ctx;
	struct hash root, committed;
	enum opened opened;

	if (h->kind == OBJECT_CARD && h->owner >= log_size(b->log[LOG_RECORDS]))
		return is_orphan(b, h, e);
	if (h->kind != OBJECT_FACT)
		return 0;
	if (h->owner >= log_size(b->log[LOG_FACTS]))
		return is_orphan(b, h, e);
	if (h->slot >= keyring_slots(b->r->keyring))
		return keys_older(e);
	if (open_fields(b, h, at, &f, &opened, e) < 0)
		return e->code;
	if (!f)
		return 0;
	if (repo_fact(b->r, h->owner, &entry, e) < 0 ||
	    json_get_hash(entry, "private", &committed, e) < 0 || fields_root(&root, f, e) < 0)
		return e->code;
	if (!hash_equal(&root, &committed))
		return is_orphan(b, h, e);
	in_use(b, h);
	return put_object(b, h, at, 0, e);
}

/* As far as known. *ret is false when this slot is not that record's. */
static int known_record(struct rebuild *b, const struct object_head *h,
			struct catalog_record *ret, bool *ret_known, struct error *e)
{
	*ret_known = false;
	if (catalog_record(b->r->catalog, h->owner, ret, e) == 0) {
		*ret_known = ret->slot == h->slot;
		return 0;
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	ret->slot = UINT64_MAX;
	return 0;
}

/* Erased, unless another object is this record's card. */
static int meet_dead_card(struct rebuild *b, const struct object_head *h,
			  const struct batch *batch, const struct catalog_record *known,
			  struct error *e)
{
	struct catalog_record rec = { .pos = h->owner, .slot = h->slot, .batch = batch->fact,
				      .status = RECORD_ERASED };

	if (known->slot != UINT64_MAX)
		return 0;
	if (set_add(b->erased, rec.pos, e) < 0)
		return e->code;
	in_use(b, h);
	return catalog_put_record(b->r->catalog, &rec, e);
}

static int card_holds(struct rebuild *b, uint64_t pos, const struct fields *f, bool *ret,
		      struct error *e)
{
	struct hash root, committed;

	if (fields_root(&root, f, e) < 0 ||
	    catalog_commitments(b->r->catalog, pos, 1, &committed, e) < 0)
		return e->code;
	*ret = hash_equal(&root, &committed);
	return 0;
}

/* f is NULL when it is damaged: the record is there, and nothing is known of it. */
static int put_card(struct rebuild *b, struct catalog_record *rec, const struct fields *f,
		    struct error *e)
{
	const char *decision = f ? fields_text(f, "decision") : NULL;

	rec->status = decision && strncmp(decision, "quarantine", 10) == 0 ? RECORD_QUARANTINED :
									      RECORD_LIVE;
	if ((rec->status == RECORD_QUARANTINED && set_add(b->quarantined, rec->pos, e) < 0) ||
	    set_remove(b->erased, rec->pos, e) < 0 ||
	    catalog_put_record(b->r->catalog, rec, e) < 0)
		return e->code;
	return f ? card_tags(b->r, f, rec->pos, e) : 0;
}

static int meet_card(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	const struct batch *batch = batch_of(b->batches, b->batch_count, h->owner);
	struct catalog_record rec;
	scoped(fields) *f = NULL;
	enum opened opened;
	bool known, holds = true;

	if (h->owner >= log_size(b->log[LOG_RECORDS]) || !batch)
		return 0;
	if (h->slot >= keyring_slots(b->r->keyring))
		return keys_older(e);
	if (open_fields(b, h, at, &f, &opened, e) < 0 || known_record(b, h, &rec, &known, e) < 0)
		return e->code;
	if (opened == OPENED_ERASED)
		return meet_dead_card(b, h, batch, &rec, e);
	if (f && card_holds(b, h->owner, f, &holds, e) < 0)
		return e->code;
	if (!holds || (!f && rec.slot != UINT64_MAX))
		return 0;
	if (!known)
		memset(&rec, 0, sizeof(rec));
	rec.pos = h->owner;
	rec.slot = h->slot;
	rec.batch = batch->fact;
	rec.card = *at;
	in_use(b, h);
	return put_card(b, &rec, f, e);
}

static int meet_bytes(struct rebuild *b, const struct object_head *h, const struct place *at,
		      struct error *e)
{
	struct catalog_record rec;
	bool known;

	if (known_record(b, h, &rec, &known, e) < 0)
		return e->code;
	if (!known || rec.status == RECORD_ERASED)
		return 0;
	rec.bytes = *at;
	return catalog_put_record(b->r->catalog, &rec, e);
}

struct parts {
	uint64_t slot, next, same; /* same: the part that has this slot */
};

static int see_part(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct parts *p = ctx;

	(void)e;
	p->next = o->part + 1;
	if (o->slot == p->slot)
		p->same = o->part;
	return 0;
}

/* The same place of the same record twice is the same copy. */
static int is_noted(struct rebuild *b, const struct fields *f, uint64_t pos, bool *ret,
		    struct error *e)
{
	const struct field *content = fields_find(f, "content");
	const char *source = fields_text(f, "source"), *path = fields_text(f, "path");
	scoped(set) *at = NULL;
	struct hash h;
	struct tag t;

	*ret = false;
	if (!content || content->value->len != HASH_LEN || !source || !path)
		return 0;
	memcpy(h.b, content->value->data, HASH_LEN);
	repo_place_tag(b->r, &t, &h, source, path);
	if (set_create(&at, e) < 0 || catalog_tagged(b->r->catalog, TAG_PLACE, &t, at, e) < 0)
		return e->code;
	*ret = set_has(at, pos);
	return 0;
}

static int meet_copy(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	struct parts p = { h->slot, 0, UINT64_MAX };
	struct catalog_record rec;
	scoped(fields) *f = NULL;
	enum opened opened;
	bool known, noted;

	if (open_fields(b, h, at, &f, &opened, e) < 0 || !f ||
	    known_record(b, h, &rec, &known, e) < 0 || !known)
		return e->code;
	if (is_noted(b, f, h->owner, &noted, e) < 0 || noted)
		return e->code;
	if (catalog_each_object(b->r->catalog, ROW_COPY, h->owner, see_part, &p, e) < 0 ||
	    put_object(b, h, at, p.next, e) < 0)
		return e->code;
	return copy_tags(b->r, f, h->owner, e);
}

static int meet_container(struct rebuild *b, const struct object_head *h, const struct place *at,
			  struct error *e)
{
	struct catalog_container known;
	const uint8_t *bytes;
	struct hash name, root;
	enum opened opened;
	uint64_t end;
	size_t len;

	if (open_object(b, h, at, &opened, e) < 0 || opened != OPENED)
		return e->code;
	if (b->plain->len < CONTAINER_OBJECT_HEAD) {
		error_set(e, E_FORMAT, "too short");
		return passed_over(b, h, at, e);
	}
	memcpy(root.b, b->plain->data + 32, HASH_LEN);
	end = be_get(b->plain->data + 32 + HASH_LEN, 8);
	bytes = b->plain->data + CONTAINER_OBJECT_HEAD;
	len = b->plain->len - CONTAINER_OBJECT_HEAD;
	container_name(&name, h->owner, end, bytes, len);
	in_use(b, h);
	if (catalog_container(b->r->catalog, &name, &known, NULL, e) == 0)
		return 0;
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return catalog_put_container(b->r->catalog, &name, h->owner, bytes, len, &root, h->slot, at, e);
}

/* Checkpoint files and statements: an erased one keeps its row, and has no place. Each has a slot
 * of its own. */
static int meet_file(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	struct parts p = { h->slot, 0, UINT64_MAX };
	bool alive = false;

	if (h->owner >= log_size(b->log[LOG_FACTS]))
		return 0;
	if (h->slot >= keyring_slots(b->r->keyring))
		return keys_older(e);
	if (keyring_alive(b->r->keyring, h->slot, &alive, e) < 0 ||
	    catalog_each_object(b->r->catalog, h->kind, h->owner, see_part, &p, e) < 0)
		return e->code;
	in_use(b, h);
	return put_object(b, h, alive ? at : NULL, p.same == UINT64_MAX ? p.next : p.same, e);
}

static int meet_rest(void *ctx, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	struct rebuild *b = ctx;

	switch (h->kind) {
	case OBJECT_CARD: return meet_card(b, h, at, e);
	case OBJECT_BYTES: return meet_bytes(b, h, at, e);
	case OBJECT_COPY: return meet_copy(b, h, at, e);
	case OBJECT_CONTAINER: return meet_container(b, h, at, e);
	case OBJECT_FILE:
	case OBJECT_STATEMENT: return meet_file(b, h, at, e);
	default: return 0;
	}
}

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

static int put_marks(struct rebuild *b, struct error *e)
{
	struct repo *r = b->r;

	if (catalog_mark_get(r->catalog, MARK_ERASED, b->erased, e) < 0 ||
	    catalog_erase_records(r->catalog, b->erased, e) < 0 ||
	    catalog_mark_put(r->catalog, MARK_ERASED, b->erased, e) < 0 ||
	    set_minus(b->quarantined, b->erased, e) < 0 ||
	    catalog_mark_put(r->catalog, MARK_QUARANTINED, b->quarantined, e) < 0 ||
	    put_vanished(b, e) < 0)
		return e->code;
	return put_numbers(b, e);
}

static int fill(struct rebuild *b, struct error *e)
{
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0 || read_facts(b, e) < 0 || read_commitments(b, e) < 0 ||
	    keep_heads(b, e) < 0 ||
	    scan(b, meet_fact, e) < 0 || fold_all(b, e) < 0 ||
	    batches_all(b->r, a, &b->batches, &b->batch_count, e) < 0 ||
	    scan(b, meet_rest, e) < 0 || never_load(b->r, e) < 0)
		return e->code;
	return put_marks(b, e);
}

static int rebuild_into(struct repo *r, struct error *e)
{
	scoped(set) *erased = NULL, *quarantined = NULL, *orphans = NULL;
	scoped(log) *facts = NULL, *records = NULL;
	struct rebuild b = { .r = r, .first_orphan = UINT64_MAX };
	scoped(buf) *plain = NULL;
	int code;

	if (repo_log(r, LOG_FACTS, &facts, e) < 0 || repo_log(r, LOG_RECORDS, &records, e) < 0 ||
	    set_create(&erased, e) < 0 || set_create(&quarantined, e) < 0 ||
	    set_create(&orphans, e) < 0 || buf_create(&plain, 4096, e) < 0 || catalog_begin(r->catalog, e) < 0)
		return e->code;
	b.log[LOG_FACTS] = facts;
	b.log[LOG_RECORDS] = records;
	b.erased = erased;
	b.quarantined = quarantined;
	b.orphans = orphans;
	b.plain = plain;
	code = fill(&b, e);
	if (code < 0) {
		catalog_rollback(r->catalog);
		return code;
	}
	return catalog_commit(r->catalog, e);
}

/* The old one goes first: killed in between, there is none, and it is made again. Its journal would
 * be rolled back into the new one. */
static int remove_catalog(const char *path, struct error *e)
{
	char journal[PATH_LEN_MAX + 16];

	snprintf(journal, sizeof(journal), "%s-journal", path);
	return file_remove(path, e) < 0 ? e->code : file_remove(journal, e);
}

static int replace_catalog(struct repo *r, const char *fresh, const char *path, struct error *e)
{
	catalog_close(r->catalog);
	r->catalog = NULL;
	if (remove_catalog(path, e) < 0)
		return e->code;
	if (sys->rename(fresh, path) != 0)
		return error_errno(e, "rename %s", fresh);
	if (folder_sync(r->folder, e) < 0)
		return e->code;
	return repo_catalog_open(r, e);
}

int rebuild_catalog(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX], fresh[PATH_LEN_MAX];
	bool keys_behind = false;

	if (recover_keys_behind(r, &keys_behind, e) < 0)
		return e->code;
	if (keys_behind)
		return keys_older(e);
	if (repo_catalog_path(r, path, e) < 0 || path_join(fresh, r->folder, "catalog.new", e) < 0 ||
	    remove_catalog(fresh, e) < 0 || catalog_open(&r->catalog, fresh, true, e) < 0 ||
	    rebuild_into(r, e) < 0 || replace_catalog(r, fresh, path, e) < 0)
		return error_wrap(e, "rebuild");
	return 0;
}
