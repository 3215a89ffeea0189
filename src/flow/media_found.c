#include "flow/media_found.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/sys.h"

/* BELOW_MAX: devices upon devices. */
enum { VALUE_BYTES_MAX = 65536, BELOW_MAX = 6 };

struct device {
	char path[PATH_LEN_MAX]; /* below /sys/devices; "": the file system names none */
	unsigned folders;	 /* a bit for each */
};
struct finding {
	struct device list[MEDIA_FOUND_MAX];
	size_t count;
	bool more;
};

/* ---- which devices ---- */

static void add(struct finding *f, const char *path, unsigned folder)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->list[i].path, path) == 0) {
			f->list[i].folders |= 1U << folder;
			return;
		}
	if (f->count == MEDIA_FOUND_MAX) {
		f->more = true;
		return;
	}
	snprintf(f->list[f->count].path, sizeof(f->list[0].path), "%s", path);
	f->list[f->count++].folders = 1U << folder;
}

static bool has(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];
	struct error ignored = { 0 };
	struct stat st;

	return path_join(path, folder, name, &ignored) == 0 && sys->lstat(path, &st) == 0;
}

/* A folder of sysfs has no file of what there is nothing to say of. */
static int below(struct finding *f, struct arena *a, const char *path, unsigned folder,
		 unsigned depth, struct error *e)
{
	char slaves[PATH_LEN_MAX], link[PATH_LEN_MAX], real[PATH_LEN_MAX];
	struct error ignored = { 0 };
	char **names = NULL, *end;
	size_t count = 0;

	snprintf(real, sizeof(real), "%s", path);
	end = strrchr(real, '/');
	if (has(real, "partition") && end)
		*end = '\0'; /* the disk that it is a part of */
	if (path_join(slaves, real, "slaves", &ignored) == 0 &&
	    folder_list(a, slaves, &names, &count, &ignored) == E_MEMORY)
		return error_set(e, E_MEMORY, "%s", ignored.text);
	if (count == 0 || depth == BELOW_MAX) {
		add(f, real, folder);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (path_join(link, slaves, names[i], &ignored) < 0 || !sys->realpath(link, real))
			continue;
		if (below(f, a, real, folder, depth + 1, e) < 0)
			return e->code;
	}
	return 0;
}

static int find(struct finding *f, struct arena *a, const char *path, const char *sysfs,
		unsigned folder, struct error *e)
{
	char real[PATH_LEN_MAX], entry[PATH_LEN_MAX];
	struct stat st;

	if (!sys->realpath(path, real) || sys->lstat(real, &st) != 0 ||
	    snprintf(entry, sizeof(entry), "%s/dev/block/%u:%u", sysfs, major(st.st_dev),
		     minor(st.st_dev)) >= (int)sizeof(entry) ||
	    !sys->realpath(entry, real)) {
		add(f, "", folder);
		return 0;
	}
	return below(f, a, real, folder, 0, e);
}

/* ---- what they say ---- */

/* What is printed of it, spaces put together; "" when there is nothing. */
static void plain(char ret[MEDIA_TEXT_MAX + 1], const uint8_t *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < MEDIA_TEXT_MAX; i++) {
		if (bytes[i] > 0x20 && bytes[i] < 0x7f)
			ret[n++] = (char)bytes[i];
		else if (n > 0 && ret[n - 1] != ' ')
			ret[n++] = ' ';
	}
	while (n > 0 && ret[n - 1] == ' ')
		n--;
	ret[n] = '\0';
}

/* Of the first of the files (NULL-ended) that says something. skip: bytes before the text. Want of
 * memory is kept in e. */
static void said(char ret[MEDIA_TEXT_MAX + 1], const char *device, const char *const *files,
		 size_t skip, struct error *e)
{
	ret[0] = '\0';
	for (; *files && !*ret; files++) {
		struct error why = { 0 };
		char path[PATH_LEN_MAX];
		scoped(buf) *b = NULL;

		if (path_join(path, device, *files, &why) == 0 &&
		    file_read(path, VALUE_BYTES_MAX, &b, &why) == 0 && b->len > skip)
			plain(ret, b->data + skip, b->len - skip);
		if (why.code == E_MEMORY)
			*e = why;
	}
}

static bool is_virtual(const char *path)
{
	return strstr(path, "/devices/virtual/") || strstr(path, "/virtio") ||
	       strstr(path, "/vbd-");
}

static const char *type_of(const char *device, struct error *e)
{
	char rotates[MEDIA_TEXT_MAX + 1], removable[MEDIA_TEXT_MAX + 1];
	bool out;

	said(rotates, device, (const char *const[]){ "queue/rotational", NULL }, 0, e);
	said(removable, device, (const char *const[]){ "removable", NULL }, 0, e);
	out = strcmp(removable, "1") == 0;
	if (strcmp(rotates, "0") == 0)
		return out ? "solid state, removable" : "solid state";
	if (strcmp(rotates, "1") == 0)
		return out ? "magnetic disk, removable" : "magnetic disk";
	return "unknown";
}

static void set_or_unknown(json_t *row, const char *key, const char *text, struct error *e)
{
	json_set_text(row, key, *text ? text : "unknown", e);
}

static void describe(json_t *row, const char *device, struct error *e)
{
	static const char *const vendors[] = { "device/vendor", NULL };
	static const char *const models[] = { "device/model", "device/name", NULL };
	static const char *const serials[] = { "device/serial", "serial", "device/wwid", NULL };
	static const char *const pages[] = { "device/vpd_pg80", NULL };
	char vendor[MEDIA_TEXT_MAX + 1], model[MEDIA_TEXT_MAX + 1], serial[MEDIA_TEXT_MAX + 1];

	said(vendor, device, vendors, 0, e);
	said(model, device, models, 0, e);
	said(serial, device, pages, 4, e); /* behind the head of a page of vital product data */
	if (!*serial)
		said(serial, device, serials, 0, e);
	set_or_unknown(row, "vendor", vendor, e);
	set_or_unknown(row, "model", model, e);
	set_or_unknown(row, "serial", serial, e);
	json_set_text(row, "type", type_of(device, e), e);
}

static void describe_none(json_t *row, const char *why, const char *type, struct error *e)
{
	json_set_text(row, "vendor", why, e);
	json_set_text(row, "model", why, e);
	json_set_text(row, "serial", why, e);
	json_set_text(row, "type", type, e);
}

static json_t *row_of(const struct device *d, const struct media_folder *folders, size_t count,
		      struct error *e)
{
	json_t *row = json_object_make(e);
	char holds[128] = "";
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		if (d->folders & 1U << i && at < sizeof(holds))
			at += (size_t)snprintf(holds + at, sizeof(holds) - at, "%s%s",
					       at ? ", " : "", folders[i].holds);
	json_set_text(row, "holds", holds, e);
	if (!*d->path)
		describe_none(row, "unknown", "unknown: its file system names no device", e);
	else if (is_virtual(d->path))
		describe_none(row, "not applicable", "virtual", e);
	else
		describe(row, d->path, e);
	return row;
}

int media_found(const struct media_folder *folders, size_t count, const char *sysfs, json_t **ret,
		struct error *e)
{
	scoped_json *list = json_array_make(e);
	struct finding f = { .count = 0 };
	scoped(arena) *a = NULL;

	if (!list || arena_create(&a, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (find(&f, a, folders[i].path, sysfs, (unsigned)i, e) < 0)
			return e->code;
	for (size_t i = 0; i < f.count; i++)
		json_add_new(list, row_of(&f.list[i], folders, count, e), e);
	if (f.more) {
		json_t *row = json_object_make(e);

		json_set_text(row, "holds", "more devices than are listed", e);
		json_add_new(list, row, e);
	}
	if (e->code)
		return e->code;
	*ret = give(list);
	return 0;
}
