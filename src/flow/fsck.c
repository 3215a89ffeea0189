/*
 * fsck: do the stores agree? Light: what rows, heads and keys say of each other. Deep
 * (fsck_deep.c): every byte. What a kill left is repaired by taking the lock alone.
 */
#include "flow/care.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "flow/fsck_parts.h"

enum { LINES_MAX = 1000 };

/* --- telling --- */

static void note(struct fsck *x, json_t *list, uint64_t *count, const char *line)
{
	if (++*count <= LINES_MAX)
		json_add_new(list, json_text_lossy(line, strlen(line), x->e), x->e);
}

void fsck_problem(struct fsck *x, const char *format, ...)
{
	char line[ERROR_TEXT_MAX + 64];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	note(x, x->problems, &x->problem_count, line);
}

void fsck_repaired(struct fsck *x, const char *format, ...)
{
	char line[ERROR_TEXT_MAX + 64];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	note(x, x->repaired, &x->repaired_count, line);
}

int fsck_found(struct fsck *x, const char *where, struct error *e)
{
	int code = e->code;

	if (code == E_MEMORY || code == E_CANCELLED)
		return code;
	fsck_problem(x, "%s: %s", where, e->text);
	error_clear(e);
	return 0;
}

/* --- heads --- */

/* The keys that strangers take from beside the head. */
static int check_vkey(struct fsck *x, int log, const char *file, const char *vkey, struct error *e)
{
	struct blobs *b = x->r->log_blobs[log];
	scoped(buf) *want = NULL, *there = NULL;

	if (!vkey || buf_create(&want, 256, e) < 0 || buf_printf(want, e, "%s\n", vkey) < 0 ||
	    buf_create(&there, 256, e) < 0)
		return e->code;
	if (b->calls->get(b, file, 0, want->len, there, NULL) == 0 && there->len == want->len &&
	    memcmp(there->data, want->data, want->len) == 0)
		return 0;
	if (!x->locked) {
		fsck_problem(x, "%s: the file %s beside its head is not its key",
			     x->r->log_key[log].name, file);
		return 0;
	}
	if (b->calls->replace(b, file, want->data, want->len, e) < 0)
		return e->code;
	fsck_repaired(x, "%s: the file %s beside its head: written again", x->r->log_key[log].name,
		      file);
	return 0;
}

static int check_vkeys(struct fsck *x, int log, struct error *e)
{
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0 || check_vkey(x, log, "vkey", repo_vkey(x->r, log, a, e), e) < 0)
		return e->code;
	return x->r->log_mldsa[log].type ?
		       check_vkey(x, log, "vkey-mldsa", repo_vkey_mldsa(x->r, log, a, e), e) : 0;
}

/* What is told of it twice is told by the deep check alone. */
static int mend_log(struct fsck *x, int log, struct error *e)
{
	struct error before = *e;
	scoped(log) *l = NULL;
	uint64_t problems;

	error_clear(e);
	if (repo_log_mend(x->r, log, fsck_tell_log, x, &problems, e) < 0)
		return fsck_found(x, x->r->log_key[log].name, e);
	if (repo_log(x->r, log, &l, e) == 0)
		return 0;
	*e = before;
	return fsck_found(x, x->r->log_key[log].name, e);
}

static int check_head(struct fsck *x, int log, struct error *e)
{
	const struct head_state *anchored = &x->r->anchored.head[log];
	const char *name = x->r->log_key[log].name;
	struct head_state committed;
	scoped(buf) *note = NULL;
	scoped(log) *l = NULL;
	struct head h;

	if (buf_create(&note, 512, e) < 0)
		return e->code;
	if (log_published(x->r->log_blobs[log], note, e) < 0 ||
	    repo_head_open(x->r, log, note->data, note->len, &h, e) < 0)
		return fsck_found(x, name, e);
	if (h.size != anchored->size || !hash_equal(&h.root, &anchored->root))
		fsck_problem(x, "%s: the public head (%" PRIu64 ") is not the one in the anchor (%" PRIu64 ")",
			     name, h.size, anchored->size);
	if (repo_state(x->r, log, &committed, e) < 0)
		return fsck_found(x, name, e);
	if (committed.size != h.size || !hash_equal(&committed.root, &h.root))
		fsck_problem(x, "%s: the public head (%" PRIu64 ") is not that of the catalog (%" PRIu64 ")",
			     name, h.size, committed.size);
	if (repo_log(x->r, log, &l, e) == 0)
		return check_vkeys(x, log, e);
	return x->locked ? mend_log(x, log, e) : fsck_found(x, name, e);
}

/* --- places --- */

static void check_place(struct fsck *x, const char *what, uint64_t owner, const struct place *at,
			uint64_t slot, bool dead_allowed)
{
	bool dead = set_has(x->dead, slot);

	if (slot >= keyring_slots(x->r->keyring))
		fsck_problem(x, "%s %" PRIu64 ": the keyring has no slot %" PRIu64, what, owner, slot);
	else if (dead && !dead_allowed)
		fsck_problem(x, "%s %" PRIu64 ": its key was destroyed, and it is not marked as erased",
			     what, owner);
	else if (!dead && at->len_bytes == 0)
		fsck_problem(x, "%s %" PRIu64 ": it has a key and lies nowhere", what, owner);
	if (at->len_bytes > 0 && !dead && !set_has(x->packs, at->pack))
		fsck_problem(x, "%s %" PRIu64 ": pack %" PRIu64 " is missing", what, owner, at->pack);
}

static int see_fact(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct fsck *x = ctx;

	(void)e;
	for (; x->facts < o->owner; x->facts++)
		fsck_problem(x, "fact %" PRIu64 ": its private part is not in the catalog", x->facts);
	if (o->part == 0)
		x->facts++;
	check_place(x, "private part of fact", o->owner, &o->at, o->slot, false);
	return 0;
}

static int check_facts(struct fsck *x, struct error *e)
{
	uint64_t count;

	if (catalog_fact_count(x->r->catalog, &count, e) < 0 ||
	    catalog_each_object(x->r->catalog, OBJECT_FACT, UINT64_MAX, see_fact, x, e) < 0)
		return e->code;
	for (; x->facts < count; x->facts++)
		fsck_problem(x, "fact %" PRIu64 ": its private part is not in the catalog", x->facts);
	return 0;
}

/* --- records --- */

struct rows {
	struct fsck *x;
	struct set *erased, *quarantined; /* marks */
	uint64_t next;
};

static void see_missing(struct rows *w, uint64_t until)
{
	for (; w->next < until; w->next++)
		fsck_problem(w->x, "record %" PRIu64 " has no row: its card is lost", w->next);
}

static int see_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct rows *w = ctx;
	struct fsck *x = w->x;
	bool erased = rec->status == RECORD_ERASED;

	(void)e;
	see_missing(w, rec->pos);
	w->next = rec->pos + 1;
	x->records++;
	x->live += !erased;
	x->erased += erased;
	x->quarantined += rec->status == RECORD_QUARANTINED;
	if (erased != set_has(w->erased, rec->pos))
		fsck_problem(x, "record %" PRIu64 ": its row and the set of what is erased differ", rec->pos);
	if ((rec->status == RECORD_QUARANTINED) != set_has(w->quarantined, rec->pos))
		fsck_problem(x, "record %" PRIu64 ": its row and the set of what is quarantined differ",
			     rec->pos);
	if (!erased) {
		check_place(x, "card of record", rec->pos, &rec->card, rec->slot, false);
		check_place(x, "bytes of record", rec->pos, &rec->bytes, rec->slot, false);
	} else if (rec->slot >= keyring_slots(x->r->keyring) || !set_has(x->dead, rec->slot)) {
		fsck_problem(x, "record %" PRIu64 " is marked as erased, and its key is there", rec->pos);
	} else if (rec->card.len_bytes || rec->bytes.len_bytes) {
		fsck_problem(x, "record %" PRIu64 " is erased, and its row still says where it lies",
			     rec->pos);
	}
	return 0;
}

static int check_records(struct fsck *x, struct error *e)
{
	scoped(set) *erased = NULL, *quarantined = NULL;
	struct catalog *c = x->r->catalog;
	struct rows w = { .x = x };
	uint64_t count;

	if (set_create(&erased, e) < 0 || set_create(&quarantined, e) < 0 ||
	    catalog_commitment_count(c, &count, e) < 0 ||
	    catalog_mark_get(c, MARK_ERASED, erased, e) < 0 ||
	    catalog_mark_get(c, MARK_QUARANTINED, quarantined, e) < 0)
		return e->code;
	w.erased = erased;
	w.quarantined = quarantined;
	if (catalog_each_record(c, NULL, see_record, &w, e) < 0)
		return e->code;
	see_missing(&w, count);
	if (w.next > count)
		fsck_problem(x, "%" PRIu64 " records have no commitment", w.next - count);
	return 0;
}

static int see_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct fsck *x = ctx;
	bool file = o->kind == OBJECT_FILE;

	(void)e;
	if (o->kind == OBJECT_FACT)
		return 0;
	x->objects++;
	check_place(x, o->kind == ROW_COPY ? "copy of record" : file ? "checkpoint of fact" :
		       o->kind == OBJECT_STATEMENT ? "statement of fact" : "object of",
		    o->owner, &o->at, o->slot, file && o->at.len_bytes == 0);
	if (file && o->at.len_bytes == 0 && !set_has(x->dead, o->slot))
		return 0; /* said above */
	return 0;
}

static int see_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			 struct error *e)
{
	struct fsck *x = ctx;

	(void)e;
	(void)name;
	x->containers++;
	check_place(x, "container", k->number, &k->at, k->slot, false);
	return 0;
}

/* --- keys and catalog --- */

static int check_keyring(struct fsck *x, struct error *e)
{
	struct error before = { 0 };

	if (keyring_check(x->r->keyring, e) == 0)
		return 0;
	before = *e;
	error_clear(e);
	if (x->locked && keyring_recover(x->r->keyring, e) == 0 &&
	    keyring_check(x->r->keyring, e) == 0) {
		fsck_repaired(x, "%s", before.text);
		return 0;
	}
	if (e->code == E_MEMORY)
		return e->code;
	*e = before;
	return fsck_found(x, "keyring", e);
}

static void tell_key(void *ctx, const char *line)
{
	fsck_problem(ctx, "%s", line);
}

static int note_pack(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e)
{
	struct fsck *x = ctx;

	(void)len_bytes;
	return set_add(x->packs, pack, e);
}

static int light(struct fsck *x, struct error *e)
{
	struct catalog *c;

	if (keydir_check(&x->r->keys, tell_key, x, e) < 0 || check_keyring(x, e) < 0 || keyring_erased_set(x->r->keyring, x->dead, e) < 0 ||
	    vault_each_pack(x->r->vault, note_pack, x, e) < 0 || fsck_catalog(x, e) < 0 ||
	    (x->deep && (fsck_logs(x, e) < 0 || fsck_rows(x, e) < 0)))
		return e->code;
	c = x->r->catalog;
	for (int i = 0; i < LOG_COUNT; i++)
		if (check_head(x, i, e) < 0)
			return e->code;
	if (check_facts(x, e) < 0 || check_records(x, e) < 0 ||
	    catalog_each_object(c, 0, UINT64_MAX, see_object, x, e) < 0 ||
	    catalog_each_container(c, see_container, x, e) < 0)
		return e->code;
	return 0;
}

static int look(struct fsck *x, struct error *e)
{
	if (light(x, e) < 0)
		return e->code;
	if (!x->deep)
		return 0;
	if (fsck_objects(x, e) < 0 || fsck_packs(x, e) < 0 || fsck_never(x, e) < 0)
		return e->code;
	return x->locked ? fsck_left_over(x, e) : 0;
}

/* --- the answer --- */

static json_t *counts(const struct fsck *x, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_number(o, "facts", x->facts, e);
	json_set_number(o, "records", x->records, e);
	json_set_number(o, "live", x->live, e);
	json_set_number(o, "erased", x->erased, e);
	json_set_number(o, "quarantined", x->quarantined, e);
	json_set_number(o, "objects", x->objects, e);
	json_set_number(o, "containers", x->containers, e);
	json_set_number(o, "packs", set_count(x->packs), e);
	json_set_number(o, "keys", keyring_slots(x->r->keyring), e);
	if (!x->deep)
		return o;
	json_set_number(o, "cards_opened", x->cards, e);
	json_set_number(o, "bytes_opened", x->bytes, e);
	json_set_number(o, "dead_objects", x->dead_objects, e);
	return o;
}

static void and_more(json_t *list, uint64_t count, struct error *e)
{
	char line[64];

	if (count <= LINES_MAX)
		return;
	snprintf(line, sizeof(line), "and %" PRIu64 " more", count - LINES_MAX);
	json_add_new(list, json_string(line), e);
}

static int answer(struct fsck *x, json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);

	if (!doc)
		return e->code;
	and_more(x->problems, x->problem_count, e);
	and_more(x->repaired, x->repaired_count, e);
	json_set_bool(doc, "ok", x->problem_count == 0, e);
	json_set_new(doc, "problems", json_incref(x->problems), e);
	json_set_new(doc, "repaired", json_incref(x->repaired), e);
	json_set_new(doc, "checked", counts(x, e), e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return x->problem_count == 0 ? 0 :
				       error_set(e, E_MISMATCH, "%" PRIu64 " problems", x->problem_count);
}

/* What opening it repaired is told here too: whoever asks how things are wants to know. */
struct telling {
	struct fsck *x;
	void (*tell)(void *ctx, const char *line);
	void *ctx;
};

static void tell_repair(void *ctx, const char *line)
{
	struct telling *t = ctx;

	fsck_repaired(t->x, "%s", line);
	if (t->tell)
		t->tell(t->ctx, line);
}

/* Where nothing may be written one looks without the lock, and says why. */
static int take_lock(struct fsck *x, bool *ret_here, struct error *e)
{
	struct telling t = { x, x->r->tell, x->r->tell_ctx };
	int code;

	*ret_here = false;
	x->locked = x->r->lock_fd >= 0;
	if (x->locked)
		return 0;
	x->r->tell = tell_repair;
	x->r->tell_ctx = &t;
	code = repo_lock(x->r, e);
	x->r->tell = t.tell;
	x->r->tell_ctx = t.ctx;
	x->locked = *ret_here = code == 0;
	if (code == 0)
		return 0;
	return code == E_CONFLICT ? code : fsck_found(x, "this repository", e);
}

int flow_fsck(struct repo *r, bool deep, json_t **ret, struct error *e)
{
	scoped_json *problems = json_array_make(e), *repaired = json_array_make(e);
	scoped(set) *dead = NULL, *packs = NULL;
	struct fsck x = { .r = r, .deep = deep, .problems = problems, .repaired = repaired };
	struct error noting = { 0 };
	bool here = false;
	int code;

	if (!problems || !repaired || set_create(&dead, e) < 0 || set_create(&packs, e) < 0)
		return e->code;
	x.dead = dead;
	x.packs = packs;
	x.e = &noting;
	code = take_lock(&x, &here, e);
	if (code == 0)
		code = look(&x, e);
	if (here)
		repo_unlock(r);
	if (code < 0)
		return error_wrap(e, "fsck");
	if (noting.code) {
		*e = noting;
		return e->code;
	}
	return answer(&x, ret, e);
}
