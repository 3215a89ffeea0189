/*
 * A log's successor takes its place: each step may be done again, and the file KEYS/successor, written
 * before the first and destroyed after the last, says that they are to be done.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/text.h"
#include "proof/certificate.h"
#include "repo/successor_parts.h"

enum { SWITCH_BYTES_MAX = 1024, ORDERS_MAX = 1 << 30 };
static const char first_line[] = "rescind successor 1\n";

/* --- the file --- */

static int put(const struct switching *s, struct buf *b, struct error *e)
{
	struct hash sum;

	if (buf_printf(b, e,
		       "%sorigin %s\nnumber %" PRIu64 "\nfirst %" PRIu64 "\nlast %" PRIu64 "\n",
		       first_line, s->origin, s->number, s->first, s->last) < 0)
		return e->code;
	hash_bytes(&sum, b->data, b->len);
	return buf_printf(b, e, "sum %s\n", hash_hex(&sum).s);
}

/* The value of the next line. */
static int take(const char **at, const char *name, char *ret, size_t cap, struct error *e)
{
	size_t name_len = strlen(name), len = strcspn(*at, "\n");

	if (strncmp(*at, name, name_len) != 0 || (*at)[name_len] != ' ' || (*at)[len] != '\n' ||
	    len - name_len > cap)
		return error_set(e, E_FORMAT, "line \"%s\" is missing", name);
	memcpy(ret, *at + name_len + 1, len - name_len - 1);
	ret[len - name_len - 1] = 0;
	*at += len + 1;
	return 0;
}

static int take_number(const char **at, const char *name, uint64_t *ret, struct error *e)
{
	char text[24];

	return take(at, name, text, sizeof(text) - 1, e) < 0
		       ? e->code
		       : number_parse(ret, text, strlen(text), e);
}

static int parse(const char *text, struct switching *ret, struct error *e)
{
	const char *at = text + sizeof(first_line) - 1;
	scoped(buf) *again = NULL;

	if (strncmp(text, first_line, sizeof(first_line) - 1) != 0)
		return error_set(e, E_FORMAT, "not one that this program knows");
	if (take(&at, "origin", ret->origin, NOTE_NAME_MAX, e) < 0 ||
	    take_number(&at, "number", &ret->number, e) < 0 ||
	    take_number(&at, "first", &ret->first, e) < 0 ||
	    take_number(&at, "last", &ret->last, e) < 0 ||
	    buf_create(&again, SWITCH_BYTES_MAX, e) < 0 || put(ret, again, e) < 0)
		return e->code;
	return strcmp(text, buf_text(again)) == 0 && note_name_valid(ret->origin)
		       ? 0
		       : error_set(e, E_MISMATCH, "damaged: its sum does not hold");
}

/* E_NOT_FOUND: there is none. */
static int load(struct repo *r, struct switching *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (keydir_read(&r->keys, SUCCESSOR_FILE, SWITCH_BYTES_MAX, &b, e) < 0)
		return e->code;
	return parse(buf_text(b), ret, e) < 0
		       ? error_wrap(e, "the file %s of the keys directory", SUCCESSOR_FILE)
		       : 0;
}

int switch_begin(struct repo *r, const struct switching *s, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, SWITCH_BYTES_MAX, e) < 0 || put(s, b, e) < 0)
		return e->code;
	return keydir_write(&r->keys, SUCCESSOR_FILE, b->data, b->len, e);
}

int switch_clear(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX];

	if (path_join(path, r->folder, "log.new", e) < 0 || folder_remove(path, e) < 0 ||
	    rebuild_drop(r, e) < 0 || secrets_end(r, repo_number(r) + 1, SUCCESSORS_MAX + 1, e) < 0)
		return e->code;
	return keydir_remove(&r->keys, SUCCESSOR_ANCHOR, e);
}

static int is_there(struct repo *r, unsigned place, const char *name, bool *ret, struct error *e)
{
	char path[PATH_LEN_MAX];

	*ret = false;
	if (!keydir_has(&r->keys, place))
		return 0;
	return path_join(path, place ? r->keys.mirror : r->keys.path, name, e) < 0
		       ? e->code
		       : file_is_there(path, ret, e);
}

/* Only some of it may be there: the next change looks. A mirror that was put back may have the
 * file of a switch that ended, or the key of a log that did. */
int successor_forget(struct repo *r, struct error *e)
{
	bool mirrored = false, log = false, anchor[KEYDIR_PLACES] = { false };
	char fresh[PATH_LEN_MAX];

	if (secrets_end(r, 1, repo_number(r), e) < 0 ||
	    is_there(r, KEYDIR_MIRROR, SUCCESSOR_FILE, &mirrored, e) < 0 ||
	    (mirrored && keydir_remove(&r->keys, SUCCESSOR_FILE, e) < 0) ||
	    path_join(fresh, r->folder, "log.new", e) < 0 || file_is_there(fresh, &log, e) < 0)
		return e->code;
	for (unsigned i = 0; i < KEYDIR_PLACES; i++)
		if (is_there(r, i, SUCCESSOR_ANCHOR, &anchor[i], e) < 0)
			return e->code;
	return log || anchor[0] || anchor[1] || secrets_has(r, repo_number(r) + 1)
		       ? switch_clear(r, e)
		       : 0;
}

/* --- never-again lists --- */

/* They are named by orders: the highest number that a list has. */
int switch_last_list(struct repo *r, uint64_t *ret, struct error *e)
{
	scoped(arena) *a = NULL;
	char **names = NULL;
	uint64_t order;
	size_t count = 0;

	*ret = 0;
	if (arena_create(&a, e) < 0 || keydir_list(&r->keys, a, "never", &names, &count, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_clear(e);
		return e->code;
	}
	for (size_t i = 0; i < count; i++)
		if (names[i][0] == 'o' &&
		    number_parse(&order, names[i] + 1, strlen(names[i] + 1), NULL) == 0 &&
		    order > *ret && order < ORDERS_MAX)
			*ret = order;
	return 0;
}

/* --- the steps --- */

static int move(const char *from, const char *to, struct error *e)
{
	return sys->rename(from, to) == 0 ? 0 : error_errno(e, "rename %s", from);
}

/* Of the log, its successor, and where the log is to lie then. */
struct folders {
	char here[PATH_LEN_MAX], fresh[PATH_LEN_MAX], old[PATH_LEN_MAX];
	bool is_here, is_fresh, is_old;
};

static int find_folders(struct repo *r, const struct switching *s, struct folders *f,
			struct error *e)
{
	char name[32];

	snprintf(name, sizeof(name), "log~%" PRIu64, s->number - 1);
	if (path_join(f->here, r->folder, "log", e) < 0 ||
	    path_join(f->fresh, r->folder, "log.new", e) < 0 ||
	    path_join(f->old, r->folder, name, e) < 0 ||
	    file_is_there(f->here, &f->is_here, e) < 0 ||
	    file_is_there(f->fresh, &f->is_fresh, e) < 0)
		return e->code;
	return file_is_there(f->old, &f->is_old, e);
}

static int switch_logs(struct repo *r, const struct folders *f, struct error *e)
{
	if (!f->is_fresh) /* done before */
		return 0;
	if (f->is_here && f->is_old)
		return error_set(e, E_CONFLICT, "%s is in the way of the old log", f->old);
	/* Where it was lost as a whole: the folder says that this step was taken. */
	if (!f->is_here && !f->is_old && folder_make(f->old, 0755, e) < 0)
		return e->code;
	if ((f->is_here && move(f->here, f->old, e) < 0) || move(f->fresh, f->here, e) < 0)
		return e->code;
	return folder_sync(r->folder, e);
}

static int forget_witnessed(struct repo *r, struct error *e)
{
	char path[PATH_LEN_MAX];

	return path_join(path, r->folder, "witnessed", e) < 0 ? e->code : file_remove(path, e);
}

/* So many pages in one change, then another. */
static int destroy_lost(struct repo *r, const struct switching *s, struct error *e)
{
	scoped(keyring) *k = NULL;

	if (keyring_open(&k, &r->keys, e) < 0 || keyring_recover(k, e) < 0)
		return e->code;
	for (uint64_t slot = s->first; slot <= s->last; slot++) {
		if (keyring_erase(k, slot, e) == 0)
			continue;
		if (e->code != E_RANGE)
			return e->code;
		error_clear(e);
		if (keyring_commit(k, e) < 0 || keyring_erase(k, slot, e) < 0)
			return e->code;
	}
	return keyring_commit(k, e);
}

/* Another copy of the repository stands here, from before. As long as the old key is there
 * nothing was taken. */
static int undo(struct repo *r, const struct switching *s, struct error *e)
{
	if (repo_number(r) != s->number - 1 || !secrets_has(r, s->number - 1))
		return error_set(
			e, E_MISMATCH,
			"the keys directory has gone over to %s, which is not here: put the "
			"repository back beside which it was made",
			s->origin);
	repo_tell(r, "a successor of the log was to take its place, and is not here: the log goes "
		     "on as it was");
	if (keydir_remove(&r->keys, SUCCESSOR_FILE, e) < 0)
		return e->code;
	return switch_clear(r, e);
}

int switch_finish(struct repo *r, const struct switching *s, struct error *e)
{
	struct folders f;

	FAULT(successor_begun);
	if (find_folders(r, s, &f, e) < 0 || switch_logs(r, &f, e) < 0)
		return e->code;
	FAULT(successor_logs);
	snprintf(r->origin, sizeof(r->origin), "%s", s->origin);
	if (rebuild_switch(r, e) < 0 || repo_write_format(r, e) < 0)
		return e->code;
	FAULT(successor_named);
	if (anchor_switch(r, e) < 0)
		return e->code;
	FAULT(successor_anchored);
	if (secrets_end(r, 1, s->number, e) < 0)
		return e->code;
	FAULT(successor_keyed);
	if (forget_witnessed(r, e) < 0 || destroy_lost(r, s, e) < 0)
		return e->code;
	return keydir_remove(&r->keys, SUCCESSOR_FILE, e);
}

/* --- whoever comes by --- */

/* The directory's is written last, and removed last: one that is in the mirror alone was put
 * back. */
static int is_begun(struct repo *r, bool *ret, struct error *e)
{
	return is_there(r, KEYDIR_HERE, SUCCESSOR_FILE, ret, e);
}

int successor_in_way(struct repo *r, bool *ret, struct error *e)
{
	char path[PATH_LEN_MAX], line[NOTE_NAME_MAX + 16];
	scoped(buf) *format = NULL;
	bool there = false;

	if (path_join(path, r->folder, "format", e) < 0 || is_begun(r, ret, e) < 0 ||
	    file_is_there(path, &there, e) < 0)
		return e->code;
	if (*ret || !there) /* init has none yet */
		return 0;
	if (file_read(path, FORMAT_BYTES_MAX, &format, e) < 0)
		return e->code;
	snprintf(line, sizeof(line), "\norigin %s\n", r->origin);
	*ret = strstr(buf_text(format), line) == NULL;
	return 0;
}

static int finish(struct repo *r, struct error *e)
{
	struct switching s;
	struct folders f;
	bool begun = false;

	if (is_begun(r, &begun, e) < 0 || !begun) /* another ended it */
		return e->code;
	if (load(r, &s, e) < 0 || find_folders(r, &s, &f, e) < 0)
		return e->code;
	if (!f.is_fresh && !f.is_old)
		return undo(r, &s, e);
	repo_tell(r, "the log is replaced by its successor, which was begun before");
	return switch_finish(r, &s, e);
}

int successor_finish(struct repo *r, bool *ret_did, struct error *e)
{
	int code;

	if (is_begun(r, ret_did, e) < 0 || !*ret_did)
		return e->code;
	if (lock_wait(r, LOCK_WAIT_US, e) < 0)
		return error_wrap(e, "the log is being replaced by its successor");
	code = finish(r, e);
	repo_unlock(r);
	return code;
}
