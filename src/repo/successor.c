/* A log's successor: what was lost, and what is left; successor_make.c makes it beside,
 * successor_switch.c puts it in place. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "proof/certificate.h"
#include "repo/successor_parts.h"
#include "wire/dsse.h"

/* --- what was lost --- */

/* A head that is known, from wherever. Two of one size with different roots prove that the log
 * was forked, and not that it lost its end. */
static int meet(struct succeeding *x, int log, const struct head_state *h, struct error *e)
{
	struct heads *k = &x->known[log];
	size_t i = 0, last = k->count;

	while (i < k->count && k->at[i].size > h->size)
		i++;
	if (h->size == 0)
		return 0;
	if (i < k->count && k->at[i].size == h->size)
		return hash_equal(&k->at[i].root, &h->root) ? 0 :
			error_set(e, E_MISMATCH, "%s: two heads of %" PRIu64 " entries have "
				  "different roots: the log was forked",
				  x->r->log_key[log].name, h->size);
	if (last == HEADS_MAX)
		return error_set(e, E_RANGE, "more than %d heads", HEADS_MAX);
	for (k->count++; last > i; last--)
		k->at[last] = k->at[last - 1];
	k->at[i] = *h;
	x->ret->lost[log] = k->at[0];
	return 0;
}

static bool is_of(const char *name, const char *text, size_t len)
{
	size_t name_len = strlen(name);

	return len > name_len && memcmp(text, name, name_len) == 0 && text[name_len] == '\n';
}

static int take_note(struct succeeding *x, const char *path, const char *text, size_t len,
		     struct error *e)
{
	struct head h = { .size = 0 };
	int log = 0;

	while (log < LOG_COUNT && !is_of(x->r->log_key[log].name, text, len))
		log++;
	if (log == LOG_COUNT || repo_head_open(x->r, log, text, len, &h, e) < 0)
		return e->code == E_MEMORY ? e->code
					   : error_set(e, E_MISMATCH, "%s: not a head of %s", path,
						       x->r->origin);
	x->noted[log] = true;
	if (h.size > x->given[log])
		x->given[log] = h.size;
	return meet(x, log, &(struct head_state){ h.size, h.root }, e);
}

/* A certificate, attestation or receipt has both heads, as they were at one moment. */
static int take_statement(struct succeeding *x, const char *path, const struct buf *b,
			  struct error *e)
{
	scoped(dsse) *d = NULL;
	scoped_json *doc = NULL;
	const json_t *heads;
	const char *note[LOG_COUNT];

	if (dsse_parse(&d, b->data, b->len, CERTIFICATE_BYTES_MAX, e) < 0 ||
	    dsse_check(d, x->r->log_key[LOG_FACTS].public_key, e) < 0 ||
	    json_parse(&doc, d->body, d->body_len, CERTIFICATE_BYTES_MAX, e) < 0)
		return e->code == E_MEMORY ? e->code
					   : error_set(e, E_MISMATCH, "%s: not a statement of %s",
						       path, x->r->origin);
	heads = json_object_get(json_object_get(doc, "predicate"), "heads");
	note[LOG_FACTS] = json_text_or(heads, "facts", "");
	note[LOG_RECORDS] = json_text_or(heads, "records", "");
	for (int i = 0; i < LOG_COUNT; i++)
		if (take_note(x, path, note[i], strlen(note[i]), e) < 0)
			return e->code;
	return 0;
}

/* Behind the signatures of the first note of a file: a blank line, or the end. */
static size_t note_end(const char *text, size_t len)
{
	const char *blank = strstr(text, "\n\n"), *end = blank ? strstr(blank + 2, "\n\n") : NULL;

	return end ? (size_t)(end - text) + 1 : len;
}

/* `log head` prints one of each log. */
static int take_notes(struct succeeding *x, const char *path, const char *text, size_t len,
		      struct error *e)
{
	size_t end;

	do {
		end = note_end(text, len);
		if (take_note(x, path, text, end, e) < 0)
			return e->code;
		for (text += end, len -= end; len > 0 && *text == '\n'; len--)
			text++;
	} while (len > 0);
	return 0;
}

static int take_file(struct succeeding *x, const char *path, struct error *e)
{
	scoped(buf) *b = NULL;

	if (file_read(path, CERTIFICATE_BYTES_MAX, &b, e) < 0)
		return e->code;
	if (b->len > 0 && b->data[0] == '{')
		return take_statement(x, path, b, e);
	return take_notes(x, path, buf_text(b), b->len, e);
}

static int find_lost(struct succeeding *x, struct error *e)
{
	const struct head_state *anchor = x->r->anchored.head;

	for (size_t i = 0; i < x->w->lost_count; i++) {
		bool is_anchor = strcmp(x->w->lost[i], "anchor") == 0;

		if (!is_anchor && take_file(x, x->w->lost[i], e) < 0)
			return e->code;
		x->seen = is_anchor && anchor->size > x->seen ? anchor->size : x->seen;
	}
	if (x->given[LOG_FACTS] > x->seen)
		x->seen = x->given[LOG_FACTS];
	if (x->seen == 0)
		return error_set(
			e, E_USAGE,
			"give the last head of the facts log that is known (--lost FILE, or "
			"--lost anchor): a loss is not said in numbers");
	for (int i = 0; i < LOG_COUNT; i++)
		if (meet(x, i, &anchor[i], e) < 0)
			return e->code;
	x->ret->keys = anchor->size >= x->ret->lost[LOG_FACTS].size;
	if (!x->ret->keys && !x->noted[LOG_RECORDS])
		return error_set(
			e, E_USAGE,
			"the anchor does not know how many records there were: give a "
			"head of the records log too (--lost), or a statement, which has both");
	return 0;
}

/* --- what is left --- */

static int open_at(struct succeeding *x, int log, const struct head_state *at, struct error *e)
{
	if (x->old[log] || at->size == 0 ||
	    log_open(&x->old[log], x->r->log_blobs[log], at->size, &at->root, e) == 0)
		return 0;
	if (e->code != E_MEMORY)
		error_clear(e);
	return e->code;
}

int successor_entry(struct succeeding *x, int log, uint64_t n, struct buf *out, struct error *e)
{
	struct hash h;

	if (n >= x->committed[log])
		return log_entry(x->old[log], n, out, e);
	if (log == LOG_FACTS)
		return catalog_fact(x->r->catalog, n, out, e);
	if (catalog_commitments(x->r->catalog, n, 1, &h, e) < 0)
		return e->code;
	return buf_put(out, h.b, HASH_LEN, e);
}

/* The catalog's entries, and those of the log beyond that can be read. */
static int count_left(struct succeeding *x, int log, struct error *e)
{
	scoped(buf) *entry = NULL;

	if (buf_create(&entry, 1024, e) < 0)
		return e->code;
	x->left[log] = x->committed[log];
	while (x->old[log] && x->left[log] < log_size(x->old[log])) {
		buf_clear(entry);
		if (log_entry(x->old[log], x->left[log], entry, e) < 0) {
			if (e->code == E_MEMORY)
				return e->code;
			error_clear(e);
			return 0;
		}
		x->left[log]++;
	}
	return 0;
}

/* What came in below a public head has a place, though nothing says what. */
static int meet_public(struct succeeding *x, int log, struct error *e)
{
	struct head_state public;

	if (published_head(x->r, log, &public, e) == 0)
		return meet(x, log, &public, e);
	if (e->code != E_MEMORY)
		error_clear(e);
	return e->code;
}

/* Of the heads that are known the furthest that tiles still lead to. */
static int open_old(struct succeeding *x, struct error *e)
{
	if (catalog_fact_count(x->r->catalog, &x->committed[LOG_FACTS], e) < 0 ||
	    catalog_commitment_count(x->r->catalog, &x->committed[LOG_RECORDS], e) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++) {
		if (meet_public(x, i, e) < 0)
			return e->code;
		for (size_t k = 0; k < x->known[i].count; k++)
			if (open_at(x, i, &x->known[i].at[k], e) < 0)
				return e->code;
		if (count_left(x, i, e) < 0)
			return e->code;
	}
	return 0;
}

static int check_lost(const struct succeeding *x, struct error *e)
{
	uint64_t left = x->left[LOG_FACTS];

	if (x->seen > left)
		return 0;
	if (x->committed[LOG_FACTS] < x->seen)
		return error_set(
			e, E_CONFLICT,
			"nothing is lost: the log still has all %" PRIu64 " facts of that "
			"head (put it in place of log/facts/checkpoint, and that of the records)",
			x->seen);
	return error_set(e, E_CONFLICT,
			 "nothing is lost: that head is of %" PRIu64 " facts, and %" PRIu64
			 " are here",
			 x->seen, left);
}

/* Facts speak of records: those up to the last batch whose records are there. */
static int agree(struct succeeding *x, struct error *e)
{
	scoped(buf) *text = NULL;
	uint64_t records = 0, last = 0;

	if (buf_create(&text, 1024, e) < 0)
		return e->code;
	for (uint64_t n = 0; n < x->left[LOG_FACTS]; n++) {
		scoped_json *entry = NULL;

		buf_clear(text);
		if (successor_entry(x, LOG_FACTS, n, text, e) < 0 ||
		    json_parse(&entry, text->data, text->len, LOG_ENTRY_MAX, e) < 0)
			return error_wrap(e, "fact %" PRIu64, n);
		if (strcmp(json_text_or(entry, "type", ""), "batch") != 0)
			continue;
		if (json_get_number(entry, "last", &last, e) < 0)
			return e->code;
		if (last >= x->left[LOG_RECORDS]) {
			x->left[LOG_FACTS] = n;
			break;
		}
		records = last + 1;
	}
	if (x->left[LOG_RECORDS] > x->ret->lost[LOG_RECORDS].size)
		x->ret->lost[LOG_RECORDS].size = x->left[LOG_RECORDS];
	x->left[LOG_RECORDS] = records;
	if (x->noted[LOG_RECORDS] && !x->ret->keys && x->given[LOG_RECORDS] < records)
		return error_set(e, E_CONFLICT,
				 "the head of the records log is of %" PRIu64
				 " records, and %" PRIu64
				 " are here: give the one that goes with the head of the facts",
				 x->given[LOG_RECORDS], records);
	return 0;
}

/* --- keys --- */

int successors_erase(struct repo *r, struct error *e)
{
	scoped(arena) *a = NULL;
	uint64_t *facts = NULL;
	size_t count = 0;

	if (arena_create(&a, e) < 0 || successors_of(r, a, &facts, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		scoped_json *entry = NULL;
		json_t *slots = NULL;

		if (repo_fact(r, facts[i], &entry, e) < 0 || json_get_array(entry, "slots", &slots, e) < 0 ||
		    recover_erase_slots(r, (uint64_t)json_integer_value(json_array_get(slots, 0)),
					(uint64_t)json_integer_value(json_array_get(slots, 1)), e) < 0)
			return e->code;
	}
	return 0;
}

/* --- all of it --- */

static int make(struct succeeding *x, struct error *e)
{
	if (find_lost(x, e) < 0 || open_old(x, e) < 0 || check_lost(x, e) < 0 || agree(x, e) < 0)
		return e->code;
	return successor_make(x, e);
}

static void end(struct succeeding *x)
{
	for (int i = 0; i < LOG_COUNT; i++) {
		log_close(x->old[i]);
		blobs_close(x->s.log_blobs[i]);
	}
	catalog_close(x->s.catalog);
	x->s.catalog = NULL;
}

static int check_keys(struct repo *r, struct error *e)
{
	uint64_t slots, epoch;
	bool behind = false;

	if (recover_keys_behind(r, &behind, e) < 0 ||
	    catalog_number(r->catalog, "slots", 0, &slots, e) < 0 ||
	    catalog_number(r->catalog, "epoch", 0, &epoch, e) < 0)
		return e->code;
	if (behind || keyring_slots(r->keyring) < slots || keyring_epoch(r->keyring) < epoch)
		return error_set(e, E_MISMATCH,
				 "the keys directory is older than the repository: put the newer "
				 "keys back first");
	return 0;
}

static int succeed(struct succeeding *x, struct error *e)
{
	struct repo *r = x->r;
	int code;

	if (repo_catalog_follow(r, e) < 0)
		return e->code;
	/* That it is older than its anchor is what brings us here. */
	if (recover_for_writing(r, e) < 0) {
		if (e->code != E_MISMATCH || !r->read_only)
			return e->code;
		error_clear(e);
	}
	if (check_keys(r, e) < 0)
		return e->code;
	x->s = *r;
	x->s.successor = true;
	x->s.read_only = x->s.unsettled = false;
	x->s.witness = NULL;
	x->s.catalog = NULL;
	x->s.log_blobs[LOG_FACTS] = x->s.log_blobs[LOG_RECORDS] = NULL;
	code = make(x, e);
	end(x);
	if (code < 0) {
		struct error why = { 0 };

		(void)!switch_clear(r, &why); /* or the next one does */
		return code;
	}
	FAULT(successor_made);
	if (switch_begin(r, &x->to, e) < 0 || switch_finish(r, &x->to, e) < 0 ||
	    recover_erase_slots(r, x->first, x->last, e) < 0)
		return e->code;
	memcpy(r->log_key, x->s.log_key, sizeof(r->log_key));
	memcpy(r->log_mldsa, x->s.log_mldsa, sizeof(r->log_mldsa));
	return 0;
}

int repo_succeed(struct repo *r, const struct successor_words *w, struct successor *ret,
		 struct error *e)
{
	struct succeeding *x = calloc(1, sizeof(*x));
	int code;

	if (!x)
		return error_set(e, E_MEMORY, "out of memory");
	x->r = r;
	x->w = w;
	x->ret = ret;
	memset(ret, 0, sizeof(*ret));
	code = !w->reason || !*w->reason ? error_set(e, E_USAGE, "say why (--reason TEXT)")
					 : lock_take(r, LOCK_WAIT_US, e);
	if (code == 0) {
		code = succeed(x, e);
		repo_unlock(r);
	}
	free(x);
	return code;
}
