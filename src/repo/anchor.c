/*
 * anchor: the file "anchor" of the keys directory: size and root of both heads, how many
 * changes the catalog had committed (copies found and packs moved leave no fact), and the epoch of
 * the keyring, so that going back is noticed. Lines of text, of which the last proves the others:
 * docs/formats-vault.md. Format 1 had neither epoch nor sum.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "proof/certificate.h"
#include "repo/inside.h"

enum { ANCHOR_BYTES_MAX = 512 };
static const char first_line[] = "rescind anchor 2\n", older_line[] = "rescind anchor 1\n",
		  later_line[] = "rescind anchor 3\n"; /* with the number of a log that follows others */
static const char *const log_names[LOG_COUNT] = { "facts", "records" };

static int put(const struct anchor *now, struct buf *b, struct error *e)
{
	struct hash sum;

	if (now->log < 2 ? buf_printf(b, e, "%s", first_line) < 0 :
			   buf_printf(b, e, "%slog %" PRIu64 "\n", later_line, now->log) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (buf_printf(b, e, "%s %" PRIu64 " %s\n", log_names[i], now->head[i].size,
			       hash_hex(&now->head[i].root).s) < 0)
			return e->code;
	if (buf_printf(b, e, "changes %" PRIu64 "\nepoch %" PRIu64 "\n", now->changes, now->epoch) < 0)
		return e->code;
	hash_bytes(&sum, b->data, b->len);
	return buf_printf(b, e, "sum %s\n", hash_hex(&sum).s);
}

static int read_line(const char **at, const char *name, struct head_state *ret, struct error *e)
{
	size_t len = strlen(name);
	char hex[HASH_HEX_MAX];
	const char *space;

	if (strncmp(*at, name, len) != 0 || (*at)[len] != ' ')
		return error_set(e, E_FORMAT, "line \"%s\" is missing", name);
	*at += len + 1;
	space = strchr(*at, ' ');
	if (!space || number_parse(&ret->size, *at, (size_t)(space - *at), e) < 0 ||
	    strlen(space + 1) < HASH_HEX_MAX || space[HASH_HEX_MAX] != '\n')
		return error_set(e, E_FORMAT, "line \"%s\" is damaged", name);
	memcpy(hex, space + 1, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = 0;
	*at = space + 1 + sizeof(hex);
	return hash_from_hex(&ret->root, hex, e);
}

static int read_number(const char **at, const char *name, uint64_t *ret, struct error *e)
{
	size_t name_len = strlen(name), len;

	if (strncmp(*at, name, name_len) != 0 || (*at)[name_len] != ' ')
		return error_set(e, E_FORMAT, "line \"%s\" is missing", name);
	*at += name_len + 1;
	len = strcspn(*at, "\n");
	if (number_parse(ret, *at, len, e) < 0)
		return e->code;
	*at += len + ((*at)[len] == '\n');
	return 0;
}

/* at: where the line of the sum of all from text on should be. */
static int read_sum(const char *text, const char **at, struct error *e)
{
	char line[4 + HASH_HEX_MAX + 1];
	struct hash sum;

	hash_bytes(&sum, text, (size_t)(*at - text));
	snprintf(line, sizeof(line), "sum %s\n", hash_hex(&sum).s);
	if (strncmp(*at, line, strlen(line)) != 0)
		return error_set(e, E_MISMATCH, "damaged: its sum does not hold");
	*at += strlen(line);
	return 0;
}

static int parse(const char *text, struct anchor *ret, struct error *e)
{
	bool older = strncmp(text, older_line, sizeof(older_line) - 1) == 0;
	bool later = strncmp(text, later_line, sizeof(later_line) - 1) == 0;
	const char *at = text + sizeof(first_line) - 1;

	ret->log = 1;
	if (later && read_number(&at, "log", &ret->log, e) < 0)
		return e->code;
	if (!older && !later && strncmp(text, first_line, sizeof(first_line) - 1) != 0)
		return error_set(e, E_FORMAT, "not an anchor that this program knows");
	for (int i = 0; i < LOG_COUNT; i++)
		if (read_line(&at, log_names[i], &ret->head[i], e) < 0)
			return e->code;
	ret->epoch = 0;
	if (read_number(&at, "changes", &ret->changes, e) < 0 ||
	    (!older && (read_number(&at, "epoch", &ret->epoch, e) < 0 ||
			read_sum(text, &at, e) < 0)))
		return e->code;
	return *at ? error_set(e, E_FORMAT, "bytes after its end") : 0;
}

static const char *file_of(const struct repo *r)
{
	return r->successor ? SUCCESSOR_ANCHOR : "anchor";
}

static int load_at(struct repo *r, unsigned place, struct anchor *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (keydir_get_at(&r->keys, place, file_of(r), ANCHOR_BYTES_MAX, &b, e) < 0)
		return error_wrap(e, "anchor");
	return parse(buf_text(b), ret, e) < 0 ? error_wrap(e, "anchor") : 0;
}

static bool same(const struct anchor *a, const struct anchor *b)
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (a->head[i].size != b->head[i].size ||
		    !hash_equal(&a->head[i].root, &b->head[i].root))
			return false;
	return a->log == b->log && a->changes == b->changes && a->epoch == b->epoch;
}

static bool further(const struct anchor *a, const struct anchor *b)
{
	if (a->log != b->log)
		return a->log > b->log;
	for (int i = 0; i < LOG_COUNT; i++)
		if (a->head[i].size != b->head[i].size)
			return a->head[i].size > b->head[i].size;
	return a->changes != b->changes ? a->changes > b->changes : a->epoch > b->epoch;
}

/* Of both places the one that is further: an anchor is written before anything of what it speaks
 * is public, so the other is of before a kill, or was put back. *ret_uneven: a place that is there
 * has not this one. */
static int load(struct repo *r, struct anchor *ret, bool *ret_uneven, struct error *e)
{
	struct anchor there[KEYDIR_PLACES];
	int code[KEYDIR_PLACES], best = -1;

	for (int i = 0; i < KEYDIR_PLACES; i++) {
		struct error why = { 0 };

		code[i] = keydir_has(&r->keys, (unsigned)i) ?
				  load_at(r, (unsigned)i, &there[i], &why) : E_NOT_FOUND;
		if (code[i] == 0 && (best < 0 || further(&there[i], &there[best])))
			best = i;
		if (code[i] < 0 && why.code && !e->code)
			*e = why;
	}
	if (best < 0)
		return e->code ? e->code : error_set(e, E_NOT_FOUND, "no anchor");
	error_clear(e);
	*ret_uneven = false;
	for (int i = 0; i < KEYDIR_PLACES; i++)
		if (keydir_has(&r->keys, (unsigned)i) && file_exists(i ? r->keys.mirror : r->keys.path) &&
		    (code[i] < 0 || !same(&there[i], &there[best])))
			*ret_uneven = true;
	*ret = there[best];
	return 0;
}

/* Sizes of two logs are not compared. */
static int load_ours(struct repo *r, struct anchor *ret, bool *ret_uneven, struct error *e)
{
	if (load(r, ret, ret_uneven, e) < 0)
		return e->code;
	return ret->log == repo_number(r) ? 0 :
		error_set(e, E_CONFLICT, "the anchor is of another log than %s: a log was followed by another, and %s put "
			  "back to before (put the newer back)", r->origin,
			  ret->log > repo_number(r) ? "the repository was" : "the keys directory and its mirror were");
}

int anchor_look(struct repo *r, struct anchor *ret, struct error *e)
{
	bool uneven;

	return load(r, ret, &uneven, e);
}

int anchor_load(struct repo *r, struct error *e)
{
	bool uneven;

	return load_ours(r, &r->anchored, &uneven, e);
}

int anchor_heal(struct repo *r, struct error *e)
{
	bool uneven;

	if (load_ours(r, &r->anchored, &uneven, e) < 0)
		return e->code;
	if (!uneven)
		return 0;
	repo_tell(r, "the anchor was not the same in the keys directory and its mirror: the further one counts");
	return anchor_init(r, &r->anchored, e);
}

int anchor_init(struct repo *r, const struct anchor *now, struct error *e)
{
	struct anchor ours = *now;
	scoped(buf) *b = NULL;

	ours.log = repo_number(r);
	if (buf_create(&b, ANCHOR_BYTES_MAX, e) < 0 || put(&ours, b, e) < 0 ||
	    keydir_write(&r->keys, file_of(r), b->data, b->len, e) < 0)
		return e->code;
	r->anchored = ours;
	return 0;
}

int anchor_again(struct repo *r, struct error *e)
{
	struct anchor now = { .epoch = keyring_epoch(r->keyring) };

	for (int i = 0; i < LOG_COUNT; i++)
		if (published_head(r, i, &now.head[i], e) < 0)
			return e->code;
	repo_tell(r, "the anchor was lost: made again from the public heads (%llu facts); whether these "
		     "had been put back before, only witnesses can tell",
		  (unsigned long long)now.head[LOG_FACTS].size);
	return anchor_init(r, &now, e);
}

int anchor_stage(struct repo *r, const struct anchor *now, struct keydir_staged *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, ANCHOR_BYTES_MAX, e) < 0 || put(now, b, e) < 0)
		return e->code;
	keydir_stage(&r->keys, file_of(r), b->data, b->len, ret);
	return 0;
}

static int land(struct repo *r, const struct anchor *now, struct keydir_staged *s, uint64_t device,
		struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, ANCHOR_BYTES_MAX, e) < 0 || put(now, b, e) < 0 ||
	    keydir_land(&r->keys, file_of(r), b->data, b->len, s, device, e) < 0)
		return e->code;
	r->anchored = *now;
	return 0;
}

int anchor_set(struct repo *r, const struct anchor *now, struct keydir_staged *s, uint64_t device,
	       struct error *e)
{
	struct anchor there;
	bool uneven;

	/* A repository copied elsewhere with the same keys directory would fork here. */
	if (load_ours(r, &there, &uneven, e) < 0)
		return e->code;
	if (!same(&there, &r->anchored))
		return error_set(e, E_MISMATCH,
				 "the anchor was moved by another copy of this repository");
	for (int i = 0; i < LOG_COUNT; i++)
		if (now->head[i].size < there.head[i].size)
			return error_set(e, E_MISMATCH, "log %s would go back", log_names[i]);
	return land(r, now, s, device, e);
}

/* It is further than any of the log before; not put over one of this log that went on. */
int anchor_switch(struct repo *r, struct error *e)
{
	struct anchor now, next;
	bool uneven;

	r->successor = true;
	load(r, &next, &uneven, e);
	r->successor = false;
	if (e->code) {
		if (e->code == E_NOT_FOUND)
			error_clear(e); /* done before */
		return e->code;
	}
	if (load(r, &now, &uneven, e) < 0)
		return e->code;
	if (further(&next, &now) && anchor_init(r, &next, e) < 0)
		return e->code;
	return keydir_remove(&r->keys, SUCCESSOR_ANCHOR, e);
}
