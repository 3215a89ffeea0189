/* Both places of the keys made to hold the same again, and looked at. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "vault/keydir_digests.h"

static const char *root_of(const struct keydir *k, unsigned place)
{
	return place == KEYDIR_HERE ? k->path : k->mirror;
}

struct repair {
	struct keydir *k;
	struct arena *a;
	struct digests d;
	bool changed; /* d */
};

const char *keydir_place_name(unsigned place)
{
	return place == KEYDIR_HERE ? "the keys directory" : "the mirror of the keys";
}

void keydir_tell(const struct keydir *k, const char *format, ...)
{
	char line[512];
	va_list args;

	if (!k->tell)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	k->tell(k->tell_ctx, line);
}

static int get_or_none(struct keydir *k, unsigned place, const char *name, struct buf **ret,
		       struct error *e)
{
	uint64_t max = strncmp(name, "never/", 6) == 0 ? KEYDIR_LIST_MAX : KEYDIR_FILE_MAX;

	if (!keydir_has(k, place) || keydir_get_at(k, place, name, max, ret, e) == 0)
		return 0;
	if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return 0;
}

static int put_back(struct repair *r, unsigned place, const char *name, const struct buf *bytes,
		    bool was_there, struct error *e)
{
	if (keydir_put_at(r->k, place, name, bytes->data, bytes->len, e) < 0)
		return e->code;
	keydir_tell(r->k, "%s in %s was %s: put back from %s", name, keydir_place_name(place),
	     was_there ? "another" : "missing", keydir_place_name(!place));
	return 0;
}

/* Where there is no line of it, or there are two, it is what is there now. */
static int settle_digest(struct repair *r, const char *name, const struct buf *bytes,
			 struct error *e)
{
	struct hash is;
	unsigned lines = 0;

	if (!digests_guard(name))
		return 0;
	for (size_t i = 0; i < r->d.count; i++)
		lines += strcmp(r->d.list[i].name, name) == 0;
	if (lines == 1)
		return 0;
	r->changed = true;
	hash_bytes(&is, bytes->data, bytes->len);
	return digests_note(&r->d, r->a, name, &is, true, e);
}

static int repair_file(struct repair *r, const char *name, struct error *e)
{
	scoped(buf) *here = NULL, *there = NULL;
	bool right_here, right_there, mirrored = keydir_has(r->k, KEYDIR_MIRROR);
	const struct buf *kept;

	if (get_or_none(r->k, KEYDIR_HERE, name, &here, e) < 0 ||
	    get_or_none(r->k, KEYDIR_MIRROR, name, &there, e) < 0)
		return e->code;
	right_here = here && digests_hold(&r->d, name, here);
	right_there = there && digests_hold(&r->d, name, there);
	if (!right_here && !right_there) /* neither may go over the other */
		return 0;
	kept = right_there ? there : here;
	if (settle_digest(r, name, kept, e) < 0)
		return e->code;
	if (!mirrored || (here && there && here->len == there->len &&
			  memcmp(here->data, there->data, here->len) == 0))
		return 0;
	return right_there ? put_back(r, KEYDIR_HERE, name, there, here, e) :
			     put_back(r, KEYDIR_MIRROR, name, here, there, e);
}

/* In each place where it is at all. */
static bool is_folder(const struct keydir *k, const char *name)
{
	bool folder = false;

	for (unsigned place = 0; place < KEYDIR_PLACES; place++) {
		char path[PATH_LEN_MAX];
		struct stat st;

		if (!keydir_has(k, place) || path_join(path, root_of(k, place), name, NULL) < 0 ||
		    sys->lstat(path, &st) != 0)
			continue;
		folder = S_ISDIR(st.st_mode);
		if (!folder)
			break;
	}
	return folder;
}

/* Files of a folder; of the root also those of its folders. A left-over may hold a secret. */
static int repair_below(struct repair *r, const char *folder, struct error *e)
{
	struct keydir *k = r->k;
	struct arena *a = r->a;
	char **names;
	size_t count;
	int code = keydir_list(k, a, folder, &names, &count, e);

	for (size_t i = 0; i < count && code == 0; i++) {
		const char *name = *folder ? arena_printf(a, e, "%s/%s", folder, names[i]) :
					     names[i];

		if (!name)
			return E_MEMORY;
		if (file_is_temp(name))
			code = keydir_destroy(k, name, e);
		else if (strcmp(name, "digests") == 0 || strncmp(name, "successor", 9) == 0)
			continue; /* a switch under way (repo/successor.h) is not taken from a mirror that was put back */
		else if (!is_folder(k, name))
			code = repair_file(r, name, e);
		else if (!*folder && strcmp(name, "keyring") != 0)
			code = repair_below(r, name, e);
	}
	return code;
}

int keydir_repair(struct keydir *k, struct error *e)
{
	scoped(arena) *a = NULL;
	struct repair r = { .k = k };
	bool uneven = false;
	int code = arena_create(&a, e);

	r.a = a;
	for (unsigned place = 0; place < KEYDIR_PLACES && code == 0; place++)
		if (keydir_has(k, place) && !file_exists(root_of(k, place)))
			code = folder_make(root_of(k, place), 0700, e);
	if (code == 0)
		code = digests_load(&r.d, k, a, &uneven, e);
	r.changed = uneven;
	if (code == 0)
		code = repair_below(&r, "", e);
	if (code == 0 && r.changed)
		code = digests_save(&r.d, k, e);
	if (code == 0 && uneven)
		keydir_tell(k, "digests in the keys directory or its mirror was lost or older: written again");
	return code;
}

/* Check */

static int check_file(struct keydir *k, const struct digests *d, unsigned place, const char *name,
		      void (*say)(void *ctx, const char *line), void *ctx, struct error *e)
{
	scoped(buf) *b = NULL;
	char line[512];

	if (!keydir_has(k, place))
		return 0;
	if (get_or_none(k, place, name, &b, e) < 0) {
		if (e->code == E_MEMORY)
			return e->code;
		error_clear(e);
	}
	if (b && digests_hold(d, name, b))
		return 0;
	snprintf(line, sizeof(line), "%s in %s is %s", name, keydir_place_name(place),
		 b ? "damaged: it is not what was written" : "missing");
	say(ctx, line);
	return 0;
}

int keydir_check(struct keydir *k, void (*say)(void *ctx, const char *line), void *ctx,
		 struct error *e)
{
	scoped(arena) *a = NULL;
	struct digests d;
	bool uneven;

	if (arena_create(&a, e) < 0 || digests_load(&d, k, a, &uneven, e) < 0)
		return e->code;
	for (size_t i = 0; i < d.count; i++)
		for (unsigned place = 0; place < KEYDIR_PLACES; place++)
			if ((i == 0 || strcmp(d.list[i].name, d.list[i - 1].name) != 0) &&
			    check_file(k, &d, place, d.list[i].name, say, ctx, e) < 0)
				return e->code;
	return 0;
}
