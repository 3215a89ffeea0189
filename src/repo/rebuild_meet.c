/* What a rebuild makes of each object that it meets in a pack. */
#include "repo/rebuild_parts.h"
#include "set/container.h"

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

/* A killed change may have sealed under so many that the keyring never got; a higher one is rot. */
enum { SLOTS_BEYOND = 1 << 20 };

/* Where the log lost its end a pack may hold both, since compact brings them together. */
static int is_orphan(struct rebuild *b, const struct object_head *h, struct error *e)
{
	if (h->slot < b->first_orphan)
		b->first_orphan = h->slot;
	if (!b->r->successor)
		return set_add(b->orphans, b->pack, e);
	if (h->slot > b->top && h->slot < keyring_slots(b->r->keyring) + SLOTS_BEYOND)
		b->top = h->slot;
	return 0;
}

/* Bytes and copies have the slot of their card, and private parts of facts are nothing without
 * them. */
static uint64_t *kind_of(struct successor_open *o, uint8_t kind)
{
	switch (kind) {
	case OBJECT_CARD: return &o->records;
	case OBJECT_FILE: return &o->files;
	case OBJECT_STATEMENT: return &o->statements;
	case OBJECT_CONTAINER: return &o->sets;
	default: return NULL;
	}
}

static int count_open(struct rebuild *b, const struct object_head *h, struct error *e)
{
	uint64_t *count = kind_of(&b->opens, h->kind);
	bool alive = false;

	if (!b->r->successor || !count || set_has(b->open, h->slot) ||
	    keyring_alive(b->r->keyring, h->slot, &alive, e) < 0 || !alive)
		return e->code;
	++*count;
	return set_add(b->open, h->slot, e);
}

/* An object of this kind belongs to a fact. */
static bool is_of_fact(const struct object_head *h)
{
	return h->kind == OBJECT_FACT || h->kind == OBJECT_FILE || h->kind == OBJECT_STATEMENT;
}

/* What was lost has numbers that others have by now. A copy has the slot of its record. */
static bool is_lost(const struct rebuild *b, const struct object_head *h)
{
	return h->kind != OBJECT_COPY && set_has(b->lost, h->slot);
}

int rebuild_keys_older(struct error *e)
{
	return error_set(e, E_MISMATCH,
			 "the keys directory is older than the repository (put the newer one back)");
}

int rebuild_meet_fact(void *ctx, const struct object_head *h, const struct place *at,
		      struct error *e)
{
	scoped_json *entry = NULL;
	scoped(fields) *f = NULL;
	struct rebuild *b = ctx;
	struct hash root, committed;
	enum opened opened;

	if (is_lost(b, h))
		return 0;
	if (h->kind == OBJECT_CARD && h->owner >= log_size(b->log[LOG_RECORDS]))
		return is_orphan(b, h, e);
	if (b->r->successor && is_of_fact(h) && h->owner >= log_size(b->log[LOG_FACTS]))
		return is_orphan(b, h, e);
	if (h->kind != OBJECT_FACT)
		return 0;
	if (h->owner >= log_size(b->log[LOG_FACTS]))
		return is_orphan(b, h, e);
	if (h->slot >= keyring_slots(b->r->keyring))
		return rebuild_keys_older(e);
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
		return rebuild_keys_older(e);
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
	uint64_t below;		   /* parts with a lower slot */
};

static int see_part(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct parts *p = ctx;

	(void)e;
	p->next = o->part + 1;
	if (o->slot == p->slot)
		p->same = o->part;
	p->below += o->slot < p->slot;
	return 0;
}

static int meet_copy(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	struct parts p = { h->slot, 0, UINT64_MAX, 0 };
	struct catalog_record rec;
	scoped(fields) *f = NULL;
	enum opened opened;
	bool known, noted;

	if (open_fields(b, h, at, &f, &opened, e) < 0 || !f ||
	    known_record(b, h, &rec, &known, e) < 0 || !known)
		return e->code;
	/* The same place of the same record twice, with nobody new, is the same copy. */
	if (copy_noted(b->r, f, h->owner, &noted, e) < 0 || noted)
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

/* Parts from this one on become the next. */
static int shift_parts(struct rebuild *b, const struct object_head *h, uint64_t from, uint64_t end,
		       struct error *e)
{
	struct catalog_object o;

	for (uint64_t part = end; part > from; part--) {
		if (catalog_object(b->r->catalog, h->kind, h->owner, part - 1, &o, e) < 0)
			return e->code;
		o.part = part;
		if (catalog_put_object(b->r->catalog, &o, e) < 0)
			return e->code;
	}
	return 0;
}

/* Checkpoint files and statements: an erased one keeps its row, and has no place. Each has a slot
 * of its own, and these rise with the parts, in whatever packs compact has put them since. */
static int meet_file(struct rebuild *b, const struct object_head *h, const struct place *at,
		     struct error *e)
{
	struct parts p = { h->slot, 0, UINT64_MAX, 0 };
	bool alive = false;

	if (h->owner >= log_size(b->log[LOG_FACTS]))
		return 0;
	if (h->slot >= keyring_slots(b->r->keyring))
		return rebuild_keys_older(e);
	if (keyring_alive(b->r->keyring, h->slot, &alive, e) < 0 ||
	    catalog_each_object(b->r->catalog, h->kind, h->owner, see_part, &p, e) < 0)
		return e->code;
	in_use(b, h);
	if (p.same == UINT64_MAX && shift_parts(b, h, p.below, p.next, e) < 0)
		return e->code;
	return put_object(b, h, alive ? at : NULL, p.same == UINT64_MAX ? p.below : p.same, e);
}

int rebuild_meet_rest(void *ctx, const struct object_head *h, const struct place *at,
		      struct error *e)
{
	struct rebuild *b = ctx;

	if (is_lost(b, h))
		return count_open(b, h, e);
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
