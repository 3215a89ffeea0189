/*
 * publish: heads signed and stored with the entries that they are of, in one transaction of the
 * catalog; then tiles, with which it becomes durable; the anchor, and the heads for all to see. In this
 * order, so that what the anchor knows is always in the catalog, and what is public is always in the
 * anchor. A stored note
 * is published again as it is, never signed again; one whose transaction fails has left nobody.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "repo/inside.h"

enum { PUBLISH_STEP = 256 };

int repo_head_open(struct repo *r, int log, const void *note, size_t note_len, struct head *ret,
		   struct error *e)
{
	scoped(note) *n = NULL;
	struct head h;

	if (head_open(&h, note, note_len, &r->log_key[log], e) < 0)
		return e->code;
	if (r->log_mldsa[log].type &&
	    (note_parse(&n, note, note_len, e) < 0 ||
	     note_look(n, &r->log_mldsa[log], 1, NULL, NULL, e) < 0))
		return e->code;
	*ret = h;
	return 0;
}

int published_head(struct repo *r, int log, struct head_state *ret, struct error *e)
{
	scoped(buf) *note = NULL;
	struct head h;

	memset(ret, 0, sizeof(*ret));
	tree_root(&ret->root, NULL, 0);
	if (buf_create(&note, 512, e) < 0)
		return e->code;
	if (log_published(r->log_blobs[log], note, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	if (repo_head_open(r, log, note->data, note->len, &h, e) < 0)
		return error_wrap(e, "public head of %s", r->log_key[log].name);
	ret->size = h.size;
	ret->root = h.root;
	return 0;
}

int repo_log(struct repo *r, int log, struct log **ret, struct error *e)
{
	struct head_state at;

	if (published_head(r, log, &at, e) < 0)
		return e->code;
	return log_open(ret, r->log_blobs[log], at.size, &at.root, e);
}

static int committed_size(struct repo *r, int log, uint64_t *ret, struct error *e)
{
	return log == LOG_FACTS ? catalog_fact_count(r->catalog, ret, e) :
				  catalog_commitment_count(r->catalog, ret, e);
}

static int add_fact(void *ctx, uint64_t n, const void *entry, size_t len_bytes, struct error *e)
{
	(void)n;
	return log_add(ctx, entry, len_bytes, e);
}

static int add_facts(struct repo *r, struct log *l, uint64_t size, struct error *e)
{
	return log_size(l) == size ? 0 :
		       catalog_each_fact(r->catalog, log_size(l), size, add_fact, l, e);
}

static int add_commitments(struct repo *r, struct log *l, uint64_t size, struct error *e)
{
	struct hash h[PUBLISH_STEP];

	while (log_size(l) < size) {
		uint64_t count = size - log_size(l);

		count = count > PUBLISH_STEP ? PUBLISH_STEP : count;
		if (catalog_commitments(r->catalog, log_size(l), count, h, e) < 0)
			return e->code;
		for (uint64_t i = 0; i < count; i++)
			if (log_add(l, h[i].b, HASH_LEN, e) < 0)
				return e->code;
	}
	return 0;
}

int repo_log_grow(struct repo *r, int log, struct log *l, uint64_t size, struct error *e)
{
	return log == LOG_FACTS ? add_facts(r, l, size, e) : add_commitments(r, l, size, e);
}

/* On the way to size, the log must be what is known of it. */
static int grow_past(struct repo *r, int log, struct log *l, uint64_t size,
		     const struct head_state *known, const char *who, struct error *e)
{
	struct hash root;

	if (known->size < log_size(l) || known->size > size)
		return 0;
	if (repo_log_grow(r, log, l, known->size, e) < 0)
		return e->code;
	log_root(l, &root);
	if (hash_equal(&root, &known->root))
		return 0;
	return error_set(e, E_MISMATCH, "%s: the catalog's first %llu entries are not those that %s",
			 r->log_key[log].name, (unsigned long long)known->size, who);
}

enum { HEAD_DAMAGED = -1 };

/* A log with everything that is committed, tiles from where the public head ends; from the first
 * entry when the public tiles cannot be read. *ret_public: the size of the public head, or
 * HEAD_DAMAGED. */
static int grown(struct repo *r, int log, struct log **ret, int64_t *ret_public, struct error *e)
{
	const struct head_state *anchored = &r->anchored.head[log];
	struct head_state known[2];
	scoped(log) *l = NULL;
	struct hash empty;
	uint64_t size;
	bool later;

	if (committed_size(r, log, &size, e) < 0)
		return e->code;
	*ret_public = HEAD_DAMAGED;
	if (published_head(r, log, &known[0], e) == 0) {
		*ret_public = (int64_t)known[0].size;
	} else {
		if (e->code == E_MEMORY)
			return e->code;
		error_clear(e); /* damaged: the stored note will be put in its place */
		memset(&known[0], 0, sizeof(known[0]));
		tree_root(&known[0].root, NULL, 0);
	}
	later = known[0].size > anchored->size;
	if (known[0].size > size ||
	    log_open(&l, r->log_blobs[log], known[0].size, &known[0].root, e) < 0) {
		if (e->code == E_MEMORY)
			return e->code;
		error_clear(e);
		tree_root(&empty, NULL, 0);
		if (log_open(&l, r->log_blobs[log], 0, &empty, e) < 0)
			return e->code;
	}
	known[1] = known[0];
	known[later ? 0 : 1] = *anchored;
	if (grow_past(r, log, l, size, &known[0], later ? "the anchor remembers" : "are public", e) < 0 ||
	    grow_past(r, log, l, size, &known[1], later ? "are public" : "the anchor remembers", e) < 0 ||
	    repo_log_grow(r, log, l, size, e) < 0)
		return e->code;
	*ret = give(l);
	return 0;
}

int repo_state(struct repo *r, int log, struct head_state *ret, struct error *e)
{
	scoped(log) *l = NULL;
	int64_t public;

	if (grown(r, log, &l, &public, e) < 0)
		return e->code;
	ret->size = log_size(l);
	log_root(l, &ret->root);
	return 0;
}

static int sign_first(struct repo *r, int log, const struct buf *text, struct buf *note,
		      struct error *e)
{
	uint8_t seed[SIGN_SEED_LEN];
	int code;

	if (repo_log_seed(r, seed, e) < 0)
		return e->code;
	code = note_sign(note, buf_text(text), text->len, &r->log_key[log], seed, e);
	wipe(seed, sizeof(seed));
	return code;
}

static int sign_second(struct repo *r, int log, const struct buf *text, struct buf *note,
		       struct error *e)
{
	uint8_t seed[MLDSA_SEED_LEN];
	int code;

	if (!r->log_mldsa[log].type)
		return 0;
	if (repo_mldsa_seed(r, seed, e) < 0)
		return e->code;
	code = note_sign_mldsa(note, buf_text(text), text->len, &r->log_mldsa[log], seed, e);
	wipe(seed, sizeof(seed));
	return code;
}

static int sign_head(struct repo *r, int log, const struct head_state *at, struct buf *note,
		     struct error *e)
{
	struct head h = { .size = at->size, .root = at->root };
	scoped(buf) *text = NULL;

	snprintf(h.origin, sizeof(h.origin), "%s", r->log_key[log].name);
	if (buf_create(&text, 256, e) < 0 || head_put(&h, text, e) < 0 ||
	    sign_first(r, log, text, note, e) < 0)
		return e->code;
	return sign_second(r, log, text, note, e);
}

int publish_first(struct repo *r, const struct head_state now[LOG_COUNT], struct error *e)
{
	for (int i = LOG_COUNT - 1; i >= 0; i--) {
		scoped(buf) *note = NULL;

		if (buf_create(&note, 512, e) < 0 || sign_head(r, i, &now[i], note, e) < 0 ||
		    log_publish(r->log_blobs[i], note->data, note->len, e) < 0)
			return e->code;
	}
	return 0;
}

/* The note of this head: the stored one, else signed now and to be stored. */
static int note_of(struct repo *r, int log, const struct head_state *at, struct buf *note,
		   bool *ret_new, struct error *e)
{
	struct head h;

	*ret_new = false;
	if (catalog_head(r->catalog, log, at->size, note, e) == 0) {
		if (repo_head_open(r, log, note->data, note->len, &h, e) < 0)
			return e->code;
		return hash_equal(&h.root, &at->root) ?
			       0 :
			       error_set(e, E_MISMATCH,
					 "a head of this size was signed with another root");
	}
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	*ret_new = true;
	return sign_head(r, log, at, note, e);
}

/* --- out --- */

static void tell_mended(void *ctx, const char *line)
{
	if (strncmp(line, "repaired: ", 10) == 0)
		repo_tell(ctx, "log: %s", line);
}

static bool is_rot(int code)
{
	return code == E_NOT_FOUND || code == E_MISMATCH || code == E_FORMAT || code == E_CONFLICT;
}

/* Both logs with everything that is in the catalog, committed or in the transaction that is open, and
 * the notes of their heads. */
struct heads {
	struct log *log[LOG_COUNT];
	struct buf *note[LOG_COUNT];
	bool fresh[LOG_COUNT]; /* signed now */
	int64_t public[LOG_COUNT]; /* size of the head that is public */
	struct anchor now;
	struct keydir_staged anchor;
};

static void heads_end(struct heads *h)
{
	for (int i = 0; i < LOG_COUNT && h; i++) {
		log_close(h->log[i]);
		buf_destroy(h->note[i]);
	}
	if (h)
		keydir_unstage(&h->anchor);
	free(h);
}
SCOPED(heads, heads_end);

static int head_of(struct repo *r, struct heads *h, int log, struct error *e)
{
	struct head_state *at = &h->now.head[log];

	log_close(h->log[log]);
	h->log[log] = NULL;
	if (grown(r, log, &h->log[log], &h->public[log], e) < 0)
		return e->code;
	at->size = log_size(h->log[log]);
	log_root(h->log[log], &at->root);
	if (at->size < r->anchored.head[log].size)
		return error_set(e, E_MISMATCH, "%s is not what the anchor remembers",
				 r->log_key[log].name);
	buf_clear(h->note[log]);
	return note_of(r, log, at, h->note[log], &h->fresh[log], e);
}

/* What rotted in its way is mended, and it is tried once more; the first story counts. */
static int mended(struct repo *r, struct heads *h, int log,
		  int (*again)(struct repo *r, struct heads *h, int log, struct error *e),
		  struct error *e)
{
	struct error why = { 0 };
	uint64_t problems;

	if (!is_rot(e->code) || repo_log_mend(r, log, tell_mended, r, &problems, &why) < 0 ||
	    problems > 0 || again(r, h, log, &why) < 0)
		return e->code;
	error_clear(e);
	return 0;
}

static int heads_make(struct heads **ret, struct repo *r, struct error *e)
{
	scoped(heads) *h = calloc(1, sizeof(*h));

	if (!h)
		return error_set(e, E_MEMORY, "out of memory");
	for (int i = 0; i < LOG_COUNT; i++) {
		if (buf_create(&h->note[i], 512, e) < 0)
			return e->code;
		if (head_of(r, h, i, e) < 0 && mended(r, h, i, head_of, e) < 0)
			return error_wrap(e, "head of %s", r->log_key[i].name);
	}
	*ret = give(h);
	return 0;
}

/* In the transaction that is open. */
static int heads_store(struct repo *r, const struct heads *h, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (h->fresh[i] && catalog_add_head(r->catalog, i, h->now.head[i].size,
						    h->note[i]->data, h->note[i]->len, e) < 0)
			return e->code;
	FAULT(head_stored);
	return 0;
}

/* A size that neither the anchor nor the public head has was never public. */
static int put_tiles(struct repo *r, struct heads *h, int log, struct error *e)
{
	uint64_t seen = r->anchored.head[log].size;

	if (h->public[log] > (int64_t)seen)
		seen = (uint64_t)h->public[log];
	return log_put(h->log[log], seen, e);
}

/* The log is made anew: it was tried with tiles that are mended now. */
static int put_again_mended(struct repo *r, struct heads *h, int log, struct error *e)
{
	struct hash root;

	log_close(h->log[log]);
	h->log[log] = NULL;
	if (grown(r, log, &h->log[log], &h->public[log], e) < 0)
		return e->code;
	log_root(h->log[log], &root);
	if (!hash_equal(&root, &h->now.head[log].root))
		return error_set(e, E_MISMATCH, "the catalog has other entries");
	return put_tiles(r, h, log, e);
}

static int settle_logs(struct repo *r, uint64_t *ret_device, struct error *e)
{
	return r->log_blobs[0]->calls->settle(r->log_blobs[0], r->log_blobs[1], ret_device, e);
}

/* Is there a head to be made public? */
static bool is_out(const struct heads *h, int log)
{
	return h->public[log] == (int64_t)h->now.head[log].size && h->public[log] > 0;
}

/* Also where a head is to be shown that the anchor has: who set it may have been killed before that
 * was durable. */
static bool moves(const struct repo *r, const struct heads *h)
{
	const struct anchor *a = &h->now, *b = &r->anchored;

	return a->head[0].size != b->head[0].size || a->head[1].size != b->head[1].size ||
	       a->changes != b->changes || a->epoch != b->epoch || !is_out(h, 0) || !is_out(h, 1);
}

/* Tiles of both logs, the heads and the anchor beside their places, the end of the catalog's journal:
 * one wait for the disk where all lie on one. *ret_device: that disk. */
static int heads_tiles(struct repo *r, struct heads *h, uint64_t *ret_device, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++) {
		if (put_tiles(r, h, i, e) < 0 && mended(r, h, i, put_again_mended, e) < 0)
			return error_wrap(e, "publish %s", r->log_key[i].name);
		if (!is_out(h, i) &&
		    log_stage(r->log_blobs[i], h->note[i]->data, h->note[i]->len, e) < 0)
			return e->code;
	}
	if (moves(r, h) && anchor_stage(r, &h->now, &h->anchor, e) < 0)
		return e->code;
	if (settle_logs(r, ret_device, e) < 0 || catalog_settle(r->catalog, *ret_device, e) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (log_written(h->log[i], e) < 0)
			return error_wrap(e, "publish %s", r->log_key[i].name);
	return 0;
}

/* The facts' head last: who finds it finds the records that it speaks of. A power cut may bring the
 * older ones back until the next change, or publish_end; the next command puts these there again. */
static int put_heads(struct repo *r, const struct heads *h, struct error *e)
{
	for (int i = LOG_COUNT - 1; i >= 0; i--) {
		if (is_out(h, i))
			continue;
		if (log_show(r->log_blobs[i], h->note[i]->data, h->note[i]->len, e) < 0)
			return e->code;
		r->heads_moved = true;
	}
	return 0;
}

/* Of heads that the catalog has: tiles, the anchor, and then all can see them. */
static int heads_out(struct repo *r, struct heads *h, struct error *e)
{
	struct anchor *now = &h->now;
	uint64_t device = 0;

	if (catalog_number(r->catalog, "changes", 0, &now->changes, e) < 0)
		return e->code;
	if (now->changes < r->anchored.changes)
		now->changes = r->anchored.changes; /* the catalog will be made again */
	now->epoch = keyring_epoch(r->keyring);
	now->log = repo_number(r);
	if (heads_tiles(r, h, &device, e) < 0 ||
	    (moves(r, h) && anchor_set(r, now, &h->anchor, device, e) < 0))
		return e->code;
	FAULT(anchor_set);
	if (put_heads(r, h, e) < 0)
		return e->code;
	FAULT(head_published);
	return 0;
}

int publish(struct repo *r, struct error *e)
{
	scoped(heads) *h = NULL;

	if (heads_make(&h, r, e) < 0)
		return e->code;
	if (h->fresh[LOG_FACTS] || h->fresh[LOG_RECORDS]) {
		if (catalog_begin(r->catalog, e) < 0)
			return e->code;
		if (heads_store(r, h, e) < 0) {
			catalog_rollback(r->catalog);
			return e->code;
		}
		if (catalog_commit(r->catalog, e) < 0)
			return e->code;
	}
	return heads_out(r, h, e);
}

int publish_with(struct repo *r, bool *ret_ended, struct error *e)
{
	struct error why = { 0 };
	scoped(heads) *h = NULL;

	if (heads_make(&h, r, e) < 0 || heads_store(r, h, e) < 0)
		return e->code;
	*ret_ended = true;
	if (catalog_commit_held(r->catalog, e) == 0 && heads_out(r, h, e) == 0)
		return 0;
	if (catalog_settle(r->catalog, 0, &why) < 0)
		repo_tell(r, "%s", why.text);
	return e->code;
}

int publish_lasts(struct repo *r, struct error *e)
{
	return settle_logs(r, NULL, e);
}

void publish_end(struct repo *r)
{
	struct error e = { 0 };

	if (r->log_blobs[0] && r->log_blobs[1] && publish_lasts(r, &e) < 0)
		repo_tell(r, "the public heads may not outlast a power cut: %s", e.text);
}

int repo_count_change(struct repo *r, struct error *e)
{
	uint64_t changes;

	if (catalog_number(r->catalog, "changes", 0, &changes, e) < 0)
		return e->code;
	return catalog_set_number(r->catalog, "changes", changes + 1, e);
}

int repo_settle(struct repo *r, struct error *e)
{
	return publish(r, e);
}

static bool same_text(const struct note *a, const struct note *b)
{
	return a->text_len == b->text_len && memcmp(a->text, b->text, a->text_len) == 0;
}

static int put_cosigned(struct repo *r, int log, const struct buf *note, struct error *e)
{
	scoped(note) *now = NULL, *more = NULL;
	scoped(buf) *bytes = NULL;
	struct head h;

	if (buf_create(&bytes, 512, e) < 0 || log_published(r->log_blobs[log], bytes, e) < 0 ||
	    note_parse(&now, bytes->data, bytes->len, e) < 0 ||
	    note_parse(&more, note->data, note->len, e) < 0 ||
	    repo_head_open(r, log, note->data, note->len, &h, e) < 0)
		return e->code;
	return same_text(now, more) ? log_publish(r->log_blobs[log], note->data, note->len, e) : 0;
}

int repo_publish_cosigned(struct repo *r, int log, const struct buf *note, struct error *e)
{
	bool locked = r->lock_fd >= 0;
	int code;

	if (!locked && lock_take(r, 0, e) < 0) {
		if (e->code != E_CONFLICT)
			return e->code;
		error_clear(e);
		return 0;
	}
	code = put_cosigned(r, log, note, e);
	if (!locked)
		repo_unlock(r);
	return code;
}
