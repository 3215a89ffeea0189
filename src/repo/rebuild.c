/*
 * rebuild: the catalog made again from log and vault: facts and commitments from the logs, what
 * facts mean by the same fold as when they were written, records and objects by the headers in
 * the packs. Every card is compared with its commitment in the log, so that what a killed change
 * left in a pack is not taken for a record. What the keyring does not open is erased.
 */
#include <stdio.h>

#include "base/sys.h"
#include "repo/fold.h"
#include "repo/inside.h"
#include "repo/never.h"
#include "repo/things.h"
#include "set/container.h"

struct rebuild {
	struct repo *r;
	struct log *log[LOG_COUNT];
	struct set *erased, *quarantined;
	struct batch *batches;
	size_t batch_count;
	struct buf *plain;
	uint64_t last_pack;
	/* The card just met: the bytes that follow it in its pack belong to it. */
	struct catalog_record card;
	bool card_taken;
};

/* --- the logs --- */

static int read_logs(struct rebuild *b, struct error *e)
{
	for (uint64_t n = 0; n < log_size(b->log[LOG_FACTS]); n++) {
		buf_clear(b->plain);
		if (log_entry(b->log[LOG_FACTS], n, b->plain, e) < 0 ||
		    catalog_add_fact(b->r->catalog, n, b->plain->data, b->plain->len, e) < 0)
			return e->code;
	}
	for (uint64_t p = 0; p < log_size(b->log[LOG_RECORDS]); p++) {
		struct hash h;

		buf_clear(b->plain);
		if (log_entry(b->log[LOG_RECORDS], p, b->plain, e) < 0)
			return e->code;
		if (b->plain->len != HASH_LEN)
			return error_set(e, E_FORMAT, "record %llu is no commitment", (unsigned long long)p);
		memcpy(h.b, b->plain->data, HASH_LEN);
		if (catalog_add_commitments(b->r->catalog, p, &h, 1, e) < 0)
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

/* The plain bytes of an object in b->plain. *ret_alive is false when its key is gone. */
static int open_object(struct rebuild *b, const struct object_head *h, const struct place *at,
		       bool *ret_alive, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	int code;

	buf_clear(b->plain);
	*ret_alive = false;
	if (h->slot >= keyring_slots(b->r->keyring))
		return 0;
	if (keyring_alive(b->r->keyring, h->slot, ret_alive, e) < 0 || !*ret_alive)
		return e->code;
	if (keyring_key(b->r->keyring, h->slot, key, e) < 0)
		return e->code;
	code = vault_get(b->r->vault, at, h->kind, h->slot, h->owner, key, b->plain, e);
	wipe(key, sizeof(key));
	return code;
}

static int open_fields(struct rebuild *b, const struct object_head *h, const struct place *at,
		       struct fields **ret, struct error *e)
{
	bool alive;

	if (open_object(b, h, at, &alive, e) < 0)
		return e->code;
	return alive ? fields_parse(ret, b->plain->data, b->plain->len, e) : 0;
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

/* First pass: the private parts of facts, where they open to what the log committed to. */
static int meet_fact(void *ctx, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	scoped_json *entry = NULL;
	scoped(fields) *f = NULL;
	struct rebuild *b = ctx;
	struct hash root, committed;

	if (h->kind != OBJECT_FACT || h->owner >= log_size(b->log[LOG_FACTS]))
		return 0;
	if (open_fields(b, h, at, &f, e) < 0)
		return e->code;
	if (!f)
		return 0;
	if (repo_fact(b->r, h->owner, &entry, e) < 0 ||
	    json_get_hash(entry, "private", &committed, e) < 0 || fields_root(&root, f, e) < 0)
		return e->code;
	return hash_equal(&root, &committed) ? put_object(b, h, at, 0, e) : 0;
}

static int meet_card(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	const struct batch *batch = batch_of(b->batches, b->batch_count, h->owner);
	struct catalog_record rec = { .pos = h->owner, .slot = h->slot, .card = *at };
	const char *decision;
	scoped(fields) *f = NULL;
	struct hash root, committed;

	b->card_taken = false;
	if (h->owner >= log_size(b->log[LOG_RECORDS]) || !batch)
		return 0;
	rec.batch = batch->fact;
	if (open_fields(b, h, at, &f, e) < 0)
		return e->code;
	if (!f) {
		struct catalog_record known;

		/* Erased, unless another object is this record's card. */
		if (catalog_record(b->r->catalog, rec.pos, &known, e) == 0)
			return 0;
		error_clear(e);
		rec.status = RECORD_ERASED;
		memset(&rec.card, 0, sizeof(rec.card));
		return set_add(b->erased, rec.pos, e) < 0 ? e->code :
							     catalog_put_record(b->r->catalog, &rec, e);
	}
	if (fields_root(&root, f, e) < 0 ||
	    catalog_commitments(b->r->catalog, rec.pos, 1, &committed, e) < 0)
		return e->code;
	if (!hash_equal(&root, &committed))
		return 0;
	if (set_remove(b->erased, rec.pos, e) < 0)
		return e->code;
	decision = fields_text(f, "decision");
	rec.status = decision && strncmp(decision, "quarantine", 10) == 0 ? RECORD_QUARANTINED :
									     RECORD_LIVE;
	if (rec.status == RECORD_QUARANTINED && set_add(b->quarantined, rec.pos, e) < 0)
		return e->code;
	b->card = rec;
	b->card_taken = true;
	return card_tags(b->r, f, rec.pos, e);
}

static int meet_bytes(struct rebuild *b, const struct object_head *h, const struct place *at,
		      struct error *e)
{
	if (!b->card_taken || b->card.pos != h->owner || b->card.slot != h->slot)
		return 0;
	b->card.bytes = *at;
	b->card_taken = false;
	return catalog_put_record(b->r->catalog, &b->card, e);
}

static int last_part(void *ctx, const struct catalog_object *o, struct error *e)
{
	uint64_t *next = ctx;

	(void)e;
	*next = o->part + 1;
	return 0;
}

static int meet_copy(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	struct catalog_record rec;
	scoped(fields) *f = NULL;
	uint64_t part = 0;

	if (open_fields(b, h, at, &f, e) < 0)
		return e->code;
	if (!f)
		return 0;
	if (catalog_record(b->r->catalog, h->owner, &rec, e) < 0 || rec.slot != h->slot) {
		error_clear(e);
		return 0;
	}
	if (catalog_each_object(b->r->catalog, ROW_COPY, h->owner, last_part, &part, e) < 0 ||
	    put_object(b, h, at, part, e) < 0)
		return e->code;
	return copy_tags(b->r, f, h->owner, e);
}

static int meet_container(struct rebuild *b, const struct object_head *h, const struct place *at,
			  struct error *e)
{
	const uint8_t *bytes;
	struct hash name, root;
	uint64_t end;
	size_t len;
	bool alive;

	if (open_object(b, h, at, &alive, e) < 0 || !alive)
		return e->code;
	if (b->plain->len < CONTAINER_OBJECT_HEAD)
		return error_set(e, E_FORMAT, "a container's object is too short");
	memcpy(root.b, b->plain->data + 32, HASH_LEN);
	end = be_get(b->plain->data + 32 + HASH_LEN, 8);
	bytes = b->plain->data + CONTAINER_OBJECT_HEAD;
	len = b->plain->len - CONTAINER_OBJECT_HEAD;
	container_name(&name, h->owner, end, bytes, len);
	return catalog_put_container(b->r->catalog, &name, h->owner, bytes, len, &root, h->slot, at, e);
}

/* Checkpoint files and statements: an erased one keeps its row, and has no place. */
static int meet_file(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	bool alive = false;
	uint64_t part = 0;

	if (h->slot < keyring_slots(b->r->keyring) &&
	    keyring_alive(b->r->keyring, h->slot, &alive, e) < 0)
		return e->code;
	if (catalog_each_object(b->r->catalog, h->kind, h->owner, last_part, &part, e) < 0)
		return e->code;
	return put_object(b, h, alive ? at : NULL, part, e);
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

	if (pack > p->b->last_pack)
		p->b->last_pack = pack;
	p->b->card_taken = false;
	if (vault_scan(p->b->r->vault, pack, p->meet, p->b, e) < 0)
		return error_wrap(e, "pack %llu", (unsigned long long)pack);
	return task_step(p->b->r->task, len_bytes, e);
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

static int put_marks(struct rebuild *b, struct error *e)
{
	struct repo *r = b->r;

	if (catalog_mark_get(r->catalog, MARK_ERASED, b->erased, e) < 0 ||
	    catalog_erase_records(r->catalog, b->erased, e) < 0 ||
	    catalog_mark_put(r->catalog, MARK_ERASED, b->erased, e) < 0 ||
	    set_minus(b->quarantined, b->erased, e) < 0 ||
	    catalog_mark_put(r->catalog, MARK_QUARANTINED, b->quarantined, e) < 0 ||
	    catalog_set_number(r->catalog, "slots", keyring_slots(r->keyring), e) < 0 ||
	    catalog_set_number(r->catalog, "epoch", keyring_epoch(r->keyring), e) < 0)
		return e->code;
	return catalog_set_number(r->catalog, "packs", b->last_pack, e);
}

static int fill(struct rebuild *b, struct error *e)
{
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0 || read_logs(b, e) < 0 || keep_heads(b, e) < 0 ||
	    scan(b, meet_fact, e) < 0 || fold_all(b, e) < 0 ||
	    batches_all(b->r, a, &b->batches, &b->batch_count, e) < 0 ||
	    scan(b, meet_rest, e) < 0 || never_load(b->r, e) < 0)
		return e->code;
	return put_marks(b, e);
}

static int rebuild_into(struct repo *r, struct error *e)
{
	scoped(set) *erased = NULL, *quarantined = NULL;
	scoped(log) *facts = NULL, *records = NULL;
	struct rebuild b = { .r = r };
	scoped(buf) *plain = NULL;
	int code;

	if (repo_log(r, LOG_FACTS, &facts, e) < 0 || repo_log(r, LOG_RECORDS, &records, e) < 0 ||
	    set_create(&erased, e) < 0 || set_create(&quarantined, e) < 0 ||
	    buf_create(&plain, 4096, e) < 0 || catalog_begin(r->catalog, e) < 0)
		return e->code;
	b.log[LOG_FACTS] = facts;
	b.log[LOG_RECORDS] = records;
	b.erased = erased;
	b.quarantined = quarantined;
	b.plain = plain;
	code = fill(&b, e);
	if (code < 0) {
		catalog_rollback(r->catalog);
		return code;
	}
	return catalog_commit(r->catalog, e);
}

static int replace_catalog(struct repo *r, const char *fresh, const char *path, struct error *e)
{
	char journal[PATH_LEN_MAX + 16];

	catalog_close(r->catalog);
	r->catalog = NULL;
	/* A journal of the old catalog would be rolled back into the new one. */
	snprintf(journal, sizeof(journal), "%s-journal", path);
	if (file_remove(journal, e) < 0)
		return e->code;
	if (sys->rename(fresh, path) != 0)
		return error_errno(e, "rename %s", fresh);
	if (folder_sync(r->folder, e) < 0)
		return e->code;
	return catalog_open(&r->catalog, path, false, e);
}

int rebuild_catalog(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX], fresh[PATH_LEN_MAX];
	bool locked_here = r->lock_fd < 0;
	int code;

	if (repo_catalog_path(r, path, e) < 0 || path_join(fresh, r->folder, "catalog.new", e) < 0 ||
	    (locked_here && lock_take(r, 0, e) < 0))
		return e->code;
	code = file_remove(fresh, e);
	if (code == 0)
		code = catalog_open(&r->catalog, fresh, true, e);
	if (code == 0)
		code = rebuild_into(r, e);
	if (code == 0)
		code = replace_catalog(r, fresh, path, e);
	if (locked_here)
		repo_unlock(r);
	return code < 0 ? error_wrap(e, "rebuild") : 0;
}
