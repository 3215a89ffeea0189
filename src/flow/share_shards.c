/* Records in shards, as WebDataset reads them: tar files in which KEY.jpg and KEY.json belong
 * together. The one file that includes libarchive; it writes through our own file calls. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/text.h"
#include "flow/share_parts.h"

/* Of each member, beside its bytes: a header, and padding to 512. */
enum { MEMBER_MORE = 1024, MEMBER_MODE = 0644, NAME_ROOM = 64 };

struct shards {
	struct sharing *x;
	struct share_list *manifest;
	struct archive *tar; /* of the shard that is open; NULL: none is */
	struct outfile *file;
	struct error *e; /* while libarchive calls us */
	uint64_t number, records, bytes, first, last;
	struct buf *json;
};

static la_ssize_t write_block(struct archive *tar, void *ctx, const void *bytes, size_t len)
{
	struct shards *s = ctx;

	if (outfile_add(s->file, bytes, len, s->e) == 0)
		return (la_ssize_t)len;
	archive_set_error(tar, -1, "%s", s->e->text);
	return -1;
}

/* Ours has the better story, when it was our call that failed. */
static int failed(struct shards *s, struct error *e)
{
	if (e->code)
		return e->code;
	return error_set(e, E_IO, "libarchive: %s", archive_error_string(s->tar));
}

static void shard_name(char ret[NAME_ROOM], uint64_t number)
{
	snprintf(ret, NAME_ROOM, "shard-%06" PRIu64 ".tar", number);
}

static int begin_shard(struct shards *s, struct error *e)
{
	char name[NAME_ROOM];

	shard_name(name, s->number);
	if (outbox_begin(s->x->box, name, &s->file, e) < 0)
		return e->code;
	s->tar = archive_write_new();
	if (!s->tar)
		return error_set(e, E_MEMORY, "out of memory");
	s->e = e;
	if (archive_write_set_format_ustar(s->tar) != ARCHIVE_OK ||
	    archive_write_add_filter_none(s->tar) != ARCHIVE_OK ||
	    archive_write_open(s->tar, s, NULL, write_block, NULL) != ARCHIVE_OK)
		return failed(s, e);
	s->records = s->bytes = 0;
	return 0;
}

static int list_shard(struct shards *s, const struct hash *sha256, uint64_t bytes,
		      struct error *e)
{
	struct hash_hex hex = hash_hex(sha256);
	char name[NAME_ROOM], size[24];

	shard_name(name, s->number);
	snprintf(size, sizeof(size), "%" PRIu64, bytes);
	if (share_list_row(s->manifest, (const char *const[]){ name, hex.s, size }, 3, e) < 0)
		return e->code;
	return share_add_part(s->x, name, sha256, bytes, s->first, s->last, e);
}

static int end_shard(struct shards *s, struct error *e)
{
	struct hash sha256 = { 0 };
	uint64_t bytes = 0;

	if (!s->tar)
		return 0;
	s->e = e;
	if (archive_write_close(s->tar) != ARCHIVE_OK)
		return failed(s, e);
	archive_write_free(s->tar);
	s->tar = NULL;
	if (outfile_end(give(s->file), &sha256, &bytes, e) < 0 ||
	    list_shard(s, &sha256, bytes, e) < 0)
		return e->code;
	s->number++;
	return 0;
}

/* Whatever was begun is dropped, without another word to libarchive's close. */
static void drop_shard(struct shards *s)
{
	struct error ignored = { 0 };

	s->e = &ignored;
	if (s->tar)
		archive_write_free(s->tar);
	s->tar = NULL;
	outfile_drop(s->file);
	s->file = NULL;
}

static int put_member(struct shards *s, const char *name, const void *bytes, size_t len,
		      struct error *e)
{
	struct archive_entry *entry = archive_entry_new();
	int code;

	if (!entry)
		return error_set(e, E_MEMORY, "out of memory");
	s->e = e;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, MEMBER_MODE);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)len);
	code = archive_write_header(s->tar, entry);
	archive_entry_free(entry);
	if (code != ARCHIVE_OK || archive_write_data(s->tar, bytes, len) != (la_ssize_t)len)
		return failed(s, e);
	s->bytes += len + MEMBER_MORE;
	return 0;
}

/* --- what is said of a record --- */

static void add_attr(json_t *attrs, const char *text, struct error *e)
{
	const char *equal = strchr(text, '=');
	char key[256];

	if (!equal || (size_t)(equal - text) >= sizeof(key))
		return;
	snprintf(key, sizeof(key), "%.*s", (int)(equal - text), text);
	json_set_text(attrs, key, equal + 1, e);
}

struct about {
	json_t *attrs, *subjects; /* lent */
};

static int add_said(void *ctx, const struct field *f, struct error *e)
{
	const struct about *about = ctx;

	if (strcmp(f->name, "attr") == 0)
		add_attr(about->attrs, buf_text(f->value), e);
	else
		json_add_new(about->subjects, json_string(buf_text(f->value)), e);
	return e->code;
}

static int make_json(struct shards *s, const struct shared_record *rec, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	json_t *attrs = json_object_make(e), *subjects = json_array_make(e);

	json_set_new(doc, "attrs", attrs, e);
	json_set_new(doc, "subjects", subjects, e);
	json_set_new(doc, "path", json_text_lossy(rec->path, strlen(rec->path), e), e);
	json_set_hash(doc, "sha256", &rec->content, e);
	if (e->code ||
	    share_each_said(s->x, rec, add_said, &(struct about){ attrs, subjects }, e) < 0)
		return e->code;
	buf_clear(s->json);
	return json_put(doc, s->json, e);
}

static const char *extension(const char *media)
{
	static const char *const known[][2] = {
		{ "image/jpeg", "jpg" }, { "image/png", "png" },   { "image/webp", "webp" },
		{ "image/gif", "gif" },	 { "image/tiff", "tiff" }, { "image/bmp", "bmp" },
	};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(known[i][0], media) == 0)
			return known[i][1];
	return "bin";
}

static bool is_full(const struct shards *s, size_t more)
{
	return s->records >= SHARD_RECORDS ||
	       (s->records > 0 && s->bytes + more + 2 * MEMBER_MORE > SHARD_BYTES);
}

static int put_record(void *ctx, const struct shared_record *rec, struct error *e)
{
	struct shards *s = ctx;
	char name[NAME_ROOM];

	if (make_json(s, rec, e) < 0)
		return e->code;
	if (s->tar && is_full(s, rec->bytes->len + s->json->len) && end_shard(s, e) < 0)
		return e->code;
	if (!s->tar) {
		s->first = rec->pos;
		if (begin_shard(s, e) < 0)
			return e->code;
	}
	snprintf(name, sizeof(name), "%012" PRIu64 ".%s", rec->pos, extension(rec->media));
	if (put_member(s, name, rec->bytes->data, rec->bytes->len, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "%012" PRIu64 ".json", rec->pos);
	s->last = rec->pos;
	s->records++;
	return put_member(s, name, s->json->data, s->json->len, e);
}

int share_shards(struct sharing *x, struct error *e)
{
	scoped(share_list) *manifest = NULL;
	scoped(buf) *json = NULL;
	struct shards s = { .x = x };
	int code;

	if (buf_create(&json, 512, e) < 0 ||
	    share_list_begin(&manifest, x, "manifest.csv", "path,sha256,bytes\n", e) < 0)
		return e->code;
	s.json = json;
	s.manifest = manifest;
	code = share_each_record(x, put_record, &s, e);
	if (code == 0)
		code = end_shard(&s, e);
	drop_shard(&s);
	return code < 0 ? code : share_list_end(give(manifest), &x->manifest, e);
}
