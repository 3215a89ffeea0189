#include "flow/order_places.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/text.h"

enum { READ_PART = 65536 };

struct placing {
	struct repo *r;
	int (*each)(void *ctx, const struct found_at *f, struct error *e);
	void *ctx;
	uint64_t unread;
};

/* Only read, and handed over later: then that copy is told. */
static int is_superseded(struct placing *p, const struct found_at *at, const char *source, bool *ret,
			 struct error *e)
{
	struct tag t;

	*ret = false;
	if (at->in_place)
		return 0;
	repo_place_tag(p->r, &t, &at->content, source, at->origin, at->path, true);
	return catalog_has_tag(p->r->catalog, TAG_PLACE, &t, at->pos, ret, e);
}

static int tell_place(struct placing *p, uint64_t pos, const struct fields *f, struct error *e)
{
	const struct field *about = fields_find(f, "about"), *content = fields_find(f, "content");
	char origin[PATH_LEN_MAX];
	struct found_at at = { .pos = pos, .origin = origin, .path = fields_text(f, "path") };
	const char *source = fields_text(f, "source");
	bool superseded;

	if (!about || !content || content->value->len != HASH_LEN || !at.path || !source)
		return error_set(e, E_FORMAT, "a card without source, path, about or content");
	if (card_folder(f, origin, &at.in_place, e) < 0)
		return e->code;
	memcpy(at.content.b, content->value->data, HASH_LEN);
	if (is_superseded(p, &at, source, &superseded, e) < 0 || superseded)
		return e->code;
	return p->each(p->ctx, &at, e);
}

/* What is rotten is told and counted, and taken back all the same. */
static int pass_rotten(struct placing *p, uint64_t pos, struct error *e)
{
	if (e->code != E_FORMAT && e->code != E_MISMATCH)
		return e->code;
	repo_tell(p->r, "record %llu: %s: where its file lies is not known", (unsigned long long)pos,
		  e->text);
	error_clear(e);
	p->unread++;
	return 0;
}

static int place_copy(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct placing *p = ctx;
	scoped(buf) *plain = NULL;
	scoped(fields) *f = NULL;
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (buf_create(&plain, 1024, e) < 0 || keyring_key(p->r->keyring, o->slot, key, e) < 0)
		return e->code;
	code = vault_get(p->r->vault, &o->at, OBJECT_COPY, o->slot, o->owner, key, plain, e);
	wipe(key, sizeof(key));
	if (code < 0 || fields_parse(&f, plain->data, plain->len, e) < 0)
		return pass_rotten(p, o->owner, e);
	return tell_place(p, o->owner, f, e);
}

static int place_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct placing *p = ctx;
	scoped(fields) *card = NULL;

	if (rec->status == RECORD_ERASED)
		return 0;
	if (repo_card(p->r, rec, false, &card, e) < 0) {
		if (pass_rotten(p, rec->pos, e) < 0)
			return e->code;
	} else if (tell_place(p, rec->pos, card, e) < 0) {
		return e->code;
	}
	return catalog_each_object(p->r->catalog, ROW_COPY, rec->pos, place_copy, p, e);
}

int each_place(struct repo *r, const struct set *s,
	       int (*each)(void *ctx, const struct found_at *f, struct error *e), void *ctx,
	       uint64_t *ret_unread, struct error *e)
{
	struct placing p = { r, each, ctx, 0 };
	int code = catalog_each_record(r->catalog, s, place_record, &p, e);

	if (ret_unread)
		*ret_unread = p.unread;
	return code;
}

static int digest_of(int fd, struct hash *ret, struct error *e)
{
	uint8_t part[READ_PART];
	scoped(hasher) *h = NULL;
	ssize_t got;

	if (hasher_create(&h, e) < 0)
		return e->code;
	while ((got = sys->read(fd, part, sizeof(part))) > 0)
		hasher_add(h, part, (size_t)got);
	wipe(part, sizeof(part));
	if (got < 0)
		return error_errno(e, "read");
	hasher_end(h, ret);
	return 0;
}

static int is_content(const char *path, const struct hash *content, bool *ret, struct error *e)
{
	struct hash there;
	struct stat st;
	int fd, code;

	*ret = false;
	if (sys->lstat(path, &st) != 0)
		return error_errno(e, "look at %.200s", path); /* not known is not another */
	if (!S_ISREG(st.st_mode))
		return 0;
	fd = file_open(path, O_RDONLY | O_NOFOLLOW, 0, NULL, e);
	if (fd < 0)
		return fd;
	code = digest_of(fd, &there, e);
	sys->close(fd);
	if (code == 0)
		*ret = hash_equal(&there, content);
	return code;
}

int place_is_empty(const char *path, bool *ret, struct error *e)
{
	struct stat st;

	*ret = sys->lstat(path, &st) != 0;
	if (*ret && errno != ENOENT && errno != ENOTDIR)
		return error_errno(e, "look for %.200s", path);
	return 0;
}

int remove_file(const char *path, const struct hash *content, enum removed *ret, struct error *e)
{
	char folder[PATH_LEN_MAX];
	bool same, empty;

	if (place_is_empty(path, &empty, e) < 0)
		return e->code;
	*ret = REMOVED_ABSENT;
	if (empty)
		return 0;
	if (is_content(path, content, &same, e) < 0)
		return e->code;
	*ret = REMOVED_OTHER;
	if (!same)
		return 0;
	if (sys->unlink(path) != 0)
		return error_errno(e, "remove %.200s", path);
	snprintf(folder, sizeof(folder), "%s", path);
	if (folder_sync(dirname(folder), e) < 0 || place_is_empty(path, &empty, e) < 0)
		return e->code;
	*ret = REMOVED;
	return empty ? 0 : error_set(e, E_IO, "%.200s is still there", path);
}
