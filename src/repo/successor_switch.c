/*
 * A log's successor takes its place: each step may be done again, and the file KEYS/successor, written
 * before the first and removed after the last, says that they are to be done. Before the first it is looked
 * whether all that they need is here, and of this very attempt: docs/formats-vault.md section 1.3.
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

	if (buf_printf(b, e, "%sorigin %s\nlost %" PRIu64 "\n", first_line, s->origin, s->lost) < 0)
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
	    take_number(&at, "lost", &ret->lost, e) < 0 ||
	    buf_create(&again, SWITCH_BYTES_MAX, e) < 0 || put(ret, again, e) < 0)
		return e->code;
	origin_base(ret->origin, &ret->number);
	return strcmp(text, buf_text(again)) == 0 && note_name_valid(ret->origin) && ret->number > 1
		       ? 0
		       : error_set(e, E_MISMATCH, "damaged: its sum does not hold");
}

/* E_NOT_FOUND: there is none in this place. */
static int load(struct repo *r, unsigned place, struct switching *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (!keydir_has(&r->keys, place))
		return E_NOT_FOUND;
	if (keydir_get_at(&r->keys, place, SUCCESSOR_FILE, SWITCH_BYTES_MAX, &b, e) < 0)
		return e->code;
	return parse(buf_text(b), ret, e) < 0 ? error_wrap(e, "the file %s of %s", SUCCESSOR_FILE,
							   keydir_place_name(place))
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
 * key of a log that ended. */
int successor_forget(struct repo *r, struct error *e)
{
	bool log = false, key = false, anchor[KEYDIR_PLACES] = { false };
	char fresh[PATH_LEN_MAX];

	if (secrets_end(r, 1, repo_number(r), e) < 0 ||
	    path_join(fresh, r->folder, "log.new", e) < 0 || file_is_there(fresh, &log, e) < 0 ||
	    secrets_has(r, repo_number(r) + 1, &key, e) < 0)
		return e->code;
	for (unsigned i = 0; i < KEYDIR_PLACES; i++)
		if (is_there(r, i, SUCCESSOR_ANCHOR, &anchor[i], e) < 0)
			return e->code;
	return log || key || anchor[0] || anchor[1] ? switch_clear(r, e) : 0;
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

static bool is_named(const struct repo *r, const struct switching *s)
{
	return strcmp(r->origin, s->origin) == 0;
}

static int switch_name(struct repo *r, const struct switching *s, struct error *e)
{
	struct folders f;

	FAULT(successor_begun);
	if (find_folders(r, s, &f, e) < 0 || switch_logs(r, &f, e) < 0)
		return e->code;
	FAULT(successor_logs);
	snprintf(r->origin, sizeof(r->origin), "%s", s->origin);
	return rebuild_switch(r, e) < 0 ? e->code : repo_write_format(r, e);
}

int switch_finish(struct repo *r, const struct switching *s, struct error *e)
{
	if (!is_named(r, s) && switch_name(r, s, e) < 0)
		return e->code;
	FAULT(successor_named);
	if (anchor_switch(r, e) < 0)
		return e->code;
	FAULT(successor_anchored);
	if (secrets_end(r, 1, s->number, e) < 0)
		return e->code;
	FAULT(successor_keyed);
	if (forget_witnessed(r, e) < 0)
		return e->code;
	return keydir_remove(&r->keys, SUCCESSOR_FILE, e);
}

/* --- whoever comes by --- */

/* What was begun, and what is here of it. */
struct begun {
	struct switching to;
	struct folders f;
	struct anchor anchor; /* the furthest of both places, of whatever log */
	bool before;	      /* this is the log that was to end */
};

static bool is_absent(int code)
{
	return code == E_NOT_FOUND || code == E_MISMATCH || code == E_FORMAT || code == E_RANGE;
}

/* Not what the program was hindered to see. */
static int no_or_fail(struct error *e)
{
	if (is_absent(e->code))
		error_clear(e);
	return e->code;
}

static int heads_fit(struct repo *n, const struct begun *b, bool *ret, struct error *e)
{
	struct head_state head[LOG_COUNT];
	struct anchor made;

	for (int i = 0; i < LOG_COUNT; i++)
		if (published_head(n, i, &head[i], e) < 0)
			return no_or_fail(e);
	*ret = head[LOG_FACTS].size > 0;
	if (b->anchor.log == b->to.number)
		return 0;
	*ret = false;
	if (b->anchor.head[LOG_FACTS].size > b->to.lost) /* the old log went on since */
		return 0;
	if (anchor_look(n, &made, e) < 0)
		return no_or_fail(e);
	*ret = made.log == b->to.number;
	for (int i = 0; i < LOG_COUNT; i++)
		if (made.head[i].size != head[i].size || !hash_equal(&made.head[i].root, &head[i].root))
			*ret = false;
	return 0;
}

static int open_logs(struct repo *n, const char *folder, struct error *e)
{
	static const char *const names[LOG_COUNT] = { "facts", "records" };
	char at[PATH_LEN_MAX], path[PATH_LEN_MAX];

	for (int i = 0; i < LOG_COUNT; i++)
		if (path_join(at, n->folder, folder, e) < 0 || path_join(path, at, names[i], e) < 0 ||
		    blobs_open_folder(&n->log_blobs[i], path, 0755, e) < 0)
			return e->code;
	return 0;
}

/* The log that is to take the place, or took it, has heads by the key that is in the keys directory, and
 * they are those of the anchor that was made with it: so no other attempt's, and all of it. */
static int log_fits(struct repo *r, const struct begun *b, bool *ret, struct error *e)
{
	struct repo n = *r;
	bool fresh = b->before && b->f.is_fresh;

	*ret = false;
	if (!fresh && !b->f.is_here)
		return 0;
	n.successor = true;
	snprintf(n.origin, sizeof(n.origin), "%s", b->to.origin);
	memset(n.log_blobs, 0, sizeof(n.log_blobs));
	if (secrets_load(&n, e) < 0)
		(void)no_or_fail(e);
	else if (open_logs(&n, fresh ? "log.new" : "log", e) == 0)
		(void)heads_fit(&n, b, ret, e);
	for (int i = 0; i < LOG_COUNT; i++)
		blobs_close(n.log_blobs[i]);
	wipe(&n, sizeof(n));
	return e->code;
}

static int look(struct repo *r, struct begun *b, bool *ret_fits, struct error *e)
{
	uint64_t number;
	size_t base = origin_base(r->origin, &number);

	*ret_fits = false;
	if (find_folders(r, &b->to, &b->f, e) < 0 || anchor_look(r, &b->anchor, e) < 0)
		return e->code;
	b->before = number + 1 == b->to.number && origin_base(b->to.origin, &number) == base &&
		    memcmp(r->origin, b->to.origin, base) == 0;
	if ((!b->before && !is_named(r, &b->to)) || b->anchor.log > b->to.number)
		return 0;
	return log_fits(r, b, ret_fits, e);
}

/* It cannot be gone on with. One that ended long ago is forgotten. Where the log and its anchor are as
 * they were, nothing was taken. */
static int undo(struct repo *r, const struct begun *b, struct error *e)
{
	uint64_t number = b->to.number;
	bool has_key;

	if (b->anchor.log > number)
		return keydir_remove(&r->keys, SUCCESSOR_FILE, e);
	if (repo_number(r) > number)
		return error_set(e, E_MISMATCH, "the keys directory is older than %s, and is of when %s was begun: "
				 "put the newer keys back", r->origin, b->to.origin);
	if (secrets_has(r, number - 1, &has_key, e) < 0)
		return e->code;
	if (!b->before || b->f.is_old || b->anchor.log != number - 1 || !has_key)
		return error_set(
			e, E_MISMATCH,
			"the keys directory has gone over to %s, which is not here: put the "
			"repository back beside which it was made, or, where that is here, the keys directory",
			b->to.origin);
	repo_tell(r, "a successor of the log was to take its place, and is not here: the log goes "
		     "on as it was");
	if (keydir_remove(&r->keys, SUCCESSOR_FILE, e) < 0)
		return e->code;
	return switch_clear(r, e);
}

/* Of either place: it is removed from the mirror first, and the directory may have been put back.
 * A mirror that cannot be read hinders nothing. */
static int is_begun(struct repo *r, bool *ret, struct error *e)
{
	struct error why = { 0 };

	if (is_there(r, KEYDIR_HERE, SUCCESSOR_FILE, ret, e) < 0 || *ret)
		return e->code;
	if (is_there(r, KEYDIR_MIRROR, SUCCESSOR_FILE, ret, &why) < 0)
		*ret = false;
	return 0;
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

/* Of the two places the one that goes with what is here. */
static int finish(struct repo *r, struct error *e)
{
	struct begun b = { .before = false }, now;
	bool begun = false, fits = false, loaded = false;

	/* Another ended it; this one may have read the format before. */
	if (repo_read_format(r, e) < 0 || is_begun(r, &begun, e) < 0 || !begun)
		return e->code;
	for (unsigned place = 0; place < KEYDIR_PLACES && !fits; place++) {
		struct error why = { 0 };

		if (load(r, place, &now.to, &why) < 0) {
			if (!is_absent(why.code) && why.code)
				*e = why;
			else if (why.code && why.code != E_NOT_FOUND)
				repo_tell(r, "%s", why.text);
		} else if (look(r, &now, &fits, e) == 0) {
			if (fits || !loaded || now.to.number > b.to.number)
				b = now;
			loaded = true;
		}
		if (e->code)
			return e->code;
	}
	if (!loaded)
		return error_set(e, E_MISMATCH, "the file %s of the keys directory is damaged", SUCCESSOR_FILE);
	if (!fits)
		return undo(r, &b, e);
	repo_tell(r, "the log is replaced by its successor, which was begun before");
	return switch_finish(r, &b.to, e);
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
