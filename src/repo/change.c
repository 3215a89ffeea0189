#include "repo/change_parts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "repo/fold.h"
#include "repo/inside.h"
#include "repo/things.h"

enum { MINUTE_MS = 60 * 1000, FILE_PART = 1 << 20 };


static int last_fact_time(struct repo *r, uint64_t count, uint64_t *ret, struct error *e)
{
	scoped_json *entry = NULL;
	const char *at;

	*ret = 0;
	if (count == 0)
		return 0;
	if (repo_fact(r, count - 1, &entry, e) < 0 || json_get_text(entry, "at", &at, e) < 0)
		return e->code;
	return time_parse(ret, at, e);
}

static int set_clock(struct change *c, struct error *e)
{
	char text[TIME_TEXT_MAX];
	uint64_t last;

	c->now_utc_ms = sys->now_utc_ms() / MINUTE_MS * MINUTE_MS;
	if (last_fact_time(c->r, c->facts, &last, e) < 0)
		return e->code;
	if (c->now_utc_ms < last)
		return error_set(e, E_MISMATCH, "the clock is behind the last fact, of %s (set it right)",
				 time_text_minute(text, last));
	return 0;
}

/* At most one note of who acts; a role is enrolled before it may say anything. */
static int set_role(struct change *c, struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];

	if (repo_role_seed(c->r, c->r->role, seed, c->role_id, e) < 0)
		return e->code;
	wipe(seed, sizeof(seed));
	return 0;
}

static int next_pack(struct change *c, struct error *e)
{
	uint64_t known;

	if (vault_next_pack(c->r->vault, &c->pack, e) < 0 ||
	    catalog_number(c->r->catalog, "packs", 0, &known, e) < 0)
		return e->code;
	if (c->pack <= known)
		c->pack = known + 1;
	return vault_begin(c->r->vault, c->pack, e);
}

int change_begin(struct change **ret, struct repo *r, struct error *e)
{
	scoped(change) *c = calloc(1, sizeof(*c));

	if (!c)
		return error_set(e, E_MEMORY, "out of memory");
	c->r = r;
	c->locked_here = r->lock_fd < 0;
	if (repo_lock(r, e) < 0) {
		c->locked_here = false;
		return e->code;
	}
	/* Under a lock that was held throughout, the one before may have failed half way. */
	if (r->unsettled && recover_for_writing(r, e) < 0)
		return e->code;
	if (buf_create(&c->commitments, 4096, e) < 0 || set_create(&c->quarantined, e) < 0 ||
	    catalog_fact_count(r->catalog, &c->facts, e) < 0 ||
	    catalog_commitment_count(r->catalog, &c->positions, e) < 0 || set_clock(c, e) < 0 ||
	    set_role(c, e) < 0 || repo_log(r, LOG_RECORDS, &c->records, e) < 0 ||
	    catalog_begin(r->catalog, e) < 0)
		return e->code;
	c->begun = true;
	if (next_pack(c, e) < 0)
		return e->code;
	*ret = give(c);
	return 0;
}

void change_end(struct change *c)
{
	if (!c)
		return;
	if (c->begun && !c->ended) {
		catalog_rollback(c->r->catalog);
		vault_drop(c->r->vault);
		keyring_forget(c->r->keyring);
	}
	log_close(c->records);
	buf_destroy(c->commitments);
	set_destroy(c->quarantined);
	arena_destroy(c->prepared_arena);
	if (c->locked_here)
		repo_unlock(c->r);
	free(c);
}

uint64_t change_now(const struct change *c)
{
	return c->now_utc_ms;
}

uint64_t change_facts(const struct change *c)
{
	return c->facts;
}

uint64_t change_positions(const struct change *c)
{
	return c->positions;
}

int change_slot(struct change *c, uint64_t *ret_slot, uint8_t ret_key[SEAL_KEY_LEN],
		struct error *e)
{
	if (keyring_add(c->r->keyring, 1, ret_slot, e) < 0)
		return e->code;
	return keyring_key(c->r->keyring, *ret_slot, ret_key, e);
}

int change_object(struct change *c, uint8_t kind, uint64_t owner, uint64_t part, const void *bytes,
		  size_t len_bytes, struct error *e)
{
	struct catalog_object o = { .kind = kind, .owner = owner, .part = part };
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (change_slot(c, &o.slot, key, e) < 0)
		return e->code;
	code = vault_add(c->r->vault, kind, o.slot, owner, key, bytes, len_bytes, &o.at, e);
	wipe(key, sizeof(key));
	return code < 0 ? code : catalog_put_object(c->r->catalog, &o, e);
}

/* --- facts --- */

static int seal_private(struct change *c, const struct fields *f, struct hash *ret_root,
			struct error *e)
{
	scoped(buf) *plain = NULL;

	if (buf_create(&plain, 1024, e) < 0 || fields_root(ret_root, f, e) < 0 ||
	    fields_put(f, plain, e) < 0)
		return e->code;
	return change_object(c, OBJECT_FACT, c->facts, 0, plain->data, plain->len, e);
}

static int put_entry(struct change *c, const json_t *entry, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 1024, e) < 0 || json_put(entry, b, e) < 0)
		return e->code;
	if (b->len > LOG_ENTRY_MAX)
		return error_set(e, E_RANGE, "a fact of %zu bytes is more than a log entry holds", b->len);
	return catalog_add_fact(c->r->catalog, c->facts, b->data, b->len, e);
}

int change_fact(struct change *c, const char *type, json_t *public_members,
		const struct fields *private_part, uint64_t *ret_n, struct error *e)
{
	json_t *entry __attribute__((cleanup(json_end))) = public_members;
	char at[TIME_TEXT_MAX];
	struct hash root;

	if (!entry || seal_private(c, private_part, &root, e) < 0)
		return e->code;
	json_set_number(entry, "v", 1, e);
	json_set_text(entry, "type", type, e);
	json_set_text(entry, "at", time_text_minute(at, c->now_utc_ms), e);
	json_set_text(entry, "by", c->role_id, e);
	json_set_hash(entry, "private", &root, e);
	if (e->code || put_entry(c, entry, e) < 0 ||
	    fold_fact(c->r, c->facts, entry, private_part, e) < 0)
		return error_wrap(e, "fact %llu (%s)", (unsigned long long)c->facts, type);
	*ret_n = c->facts++;
	return 0;
}

int change_set_records(struct change *c, json_t *public_members, struct error *e)
{
	json_t *records = json_object_make(e);
	struct hash root;

	if (!records)
		return e->code;
	log_root(c->records, &root);
	json_set_number(records, "size", log_size(c->records), e);
	json_set_hash(records, "root", &root, e);
	json_set_new(public_members, "records", records, e);
	return e->code;
}

/* --- records --- */

static int seal_record(struct change *c, struct catalog_record *rec, const struct buf *card,
		       const void *bytes, size_t len_bytes, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (change_slot(c, &rec->slot, key, e) < 0)
		return e->code;
	code = vault_add(c->r->vault, OBJECT_CARD, rec->slot, rec->pos, key, card->data, card->len,
			 &rec->card, e);
	if (code == 0)
		code = vault_add(c->r->vault, OBJECT_BYTES, rec->slot, rec->pos, key, bytes, len_bytes,
				 &rec->bytes, e);
	wipe(key, sizeof(key));
	return code;
}

int change_record(struct change *c, uint64_t batch, uint8_t status, const struct fields *card,
		  const void *bytes, size_t len_bytes, uint64_t *ret_pos, struct error *e)
{
	struct catalog_record rec = { .pos = c->positions, .batch = batch, .status = status };
	scoped(buf) *plain = NULL;
	struct hash root;

	if (buf_create(&plain, 2048, e) < 0 || fields_root(&root, card, e) < 0 ||
	    fields_put(card, plain, e) < 0 || seal_record(c, &rec, plain, bytes, len_bytes, e) < 0 ||
	    catalog_put_record(c->r->catalog, &rec, e) < 0 ||
	    buf_put(c->commitments, root.b, HASH_LEN, e) < 0 ||
	    log_add(c->records, root.b, HASH_LEN, e) < 0 || card_tags(c->r, card, rec.pos, e) < 0)
		return error_wrap(e, "record %llu", (unsigned long long)rec.pos);
	if (status == RECORD_QUARANTINED && set_add(c->quarantined, rec.pos, e) < 0)
		return e->code;
	*ret_pos = c->positions++;
	return 0;
}

struct counting {
	uint64_t next;
};

static int count_part(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct counting *n = ctx;

	(void)e;
	if (o->part >= n->next)
		n->next = o->part + 1;
	return 0;
}

int change_copy(struct change *c, uint64_t pos, const struct fields *where, struct error *e)
{
	struct catalog_object o = { .kind = ROW_COPY, .owner = pos };
	struct catalog_record rec;
	struct counting n = { 0 };
	uint8_t key[SEAL_KEY_LEN];
	scoped(buf) *plain = NULL;
	bool noted;
	int code;

	if (catalog_record(c->r->catalog, pos, &rec, e) < 0 ||
	    copy_noted(c->r, where, pos, &noted, e) < 0 || noted ||
	    catalog_each_object(c->r->catalog, ROW_COPY, pos, count_part, &n, e) < 0)
		return e->code;
	if (n.next >= COPIES_MAX)
		return error_set(e, E_RANGE, "record %llu has %d copies, and no more are noted",
				 (unsigned long long)pos, COPIES_MAX);
	if (buf_create(&plain, 1024, e) < 0 || fields_put(where, plain, e) < 0 ||
	    keyring_key(c->r->keyring, rec.slot, key, e) < 0)
		return e->code;
	o.part = n.next;
	o.slot = rec.slot;
	code = vault_add(c->r->vault, OBJECT_COPY, o.slot, pos, key, plain->data, plain->len, &o.at, e);
	wipe(key, sizeof(key));
	if (code < 0 || catalog_put_object(c->r->catalog, &o, e) < 0)
		return e->code;
	return copy_tags(c->r, where, pos, e);
}

/* --- files --- */

static int seal_parts(struct change *c, int fd, struct hasher *h, struct error *e)
{
	scoped(buf) *part = NULL;
	ssize_t got;

	if (buf_create(&part, FILE_PART, e) < 0)
		return e->code;
	while ((got = sys->read(fd, part->data, FILE_PART)) > 0) {
		hasher_add(h, part->data, (size_t)got);
		if (vault_add_part(c->r->vault, part->data, (size_t)got, e) < 0 ||
		    task_step(c->r->task, (uint64_t)got, e) < 0)
			return e->code;
	}
	wipe(part->data, FILE_PART);
	return got < 0 ? error_errno(e, "read") : 0;
}

static int seal_open_file(struct change *c, int fd, struct catalog_object *o, uint64_t len,
			  struct hash *ret_digest, struct error *e)
{
	scoped(hasher) *h = NULL;
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (hasher_create(&h, e) < 0 || change_slot(c, &o->slot, key, e) < 0)
		return e->code;
	task_phase(c->r->task, "bytes", len);
	code = vault_add_begin(c->r->vault, o->kind, o->slot, o->owner, key, len, e);
	wipe(key, sizeof(key));
	if (code < 0 || seal_parts(c, fd, h, e) < 0 || vault_add_end(c->r->vault, &o->at, e) < 0)
		return e->code;
	hasher_end(h, ret_digest);
	return catalog_put_object(c->r->catalog, o, e);
}

int change_file(struct change *c, uint64_t owner, uint64_t part, const char *path,
		struct hash *ret_digest, uint64_t *ret_bytes, struct error *e)
{
	struct catalog_object o = { .kind = OBJECT_FILE, .owner = owner, .part = part };
	struct stat st;
	int fd, code;

	fd = sys->open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0); /* a pipe is not waited for */
	if (fd < 0)
		return error_errno(e, "open %s", path);
	if (sys->fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		code = error_set(e, E_FORMAT, "%s is not a file", path);
	else
		code = seal_open_file(c, fd, &o, (uint64_t)st.st_size, ret_digest, e);
	sys->close(fd);
	*ret_bytes = code == 0 ? (uint64_t)st.st_size : 0;
	return code < 0 ? error_wrap(e, "%s", path) : 0;
}

/* --- commit --- */

static int put_records(struct change *c, struct error *e)
{
	uint64_t count = c->commitments->len / HASH_LEN;

	if (count == 0)
		return 0;
	if (catalog_add_commitments(c->r->catalog, c->positions - count,
				    (const struct hash *)(const void *)c->commitments->data, count,
				    e) < 0)
		return e->code;
	if (set_count(c->quarantined) == 0)
		return 0;
	if (catalog_mark_get(c->r->catalog, MARK_QUARANTINED, c->quarantined, e) < 0)
		return e->code;
	return catalog_mark_put(c->r->catalog, MARK_QUARANTINED, c->quarantined, e);
}

int change_commit(struct change *c, struct error *e)
{
	struct repo *r = c->r;

	r->unsettled = true;
	if (put_records(c, e) < 0 || vault_finish(r->vault, e) < 0 || keyring_commit(r->keyring, e) < 0 ||
	    catalog_set_number(r->catalog, "packs", c->pack, e) < 0 ||
	    catalog_set_number(r->catalog, "slots", keyring_slots(r->keyring), e) < 0 ||
	    catalog_set_number(r->catalog, "epoch", keyring_epoch(r->keyring), e) < 0 ||
	    repo_count_change(r, e) < 0 || publish_with(r, &c->ended, e) < 0)
		return e->code;
	r->unsettled = false;
	return 0;
}
