#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "crypto/hash.h"
#include "flow/share_parts.h"

struct taken {
	const char *name; /* NULL: the slot is free */
	bool folder;
	unsigned next; /* the number to try when it is wanted once more */
};

struct names {
	struct arena *a;
	struct taken *slots; /* open addressing, a power of two */
	size_t slot_count, used;
};

enum { SLOTS_FIRST = 1024, NUMBER_MAX = 16 };

/* Where it is, or would be. Hashed by SHA-256, so that nobody's names make it slow. */
static struct taken *find(const struct names *n, const char *name)
{
	struct hash h;
	size_t i;

	hash_bytes(&h, name, strlen(name));
	i = (size_t)be_get(h.b, 8) & (n->slot_count - 1);
	while (n->slots[i].name && strcmp(n->slots[i].name, name) != 0)
		i = (i + 1) & (n->slot_count - 1);
	return &n->slots[i];
}

static int grow(struct names *n, struct error *e)
{
	size_t count = n->slot_count ? n->slot_count * 2 : SLOTS_FIRST, old_count = n->slot_count;
	struct taken *old = n->slots, *fresh;

	if (n->used * 2 < n->slot_count)
		return 0;
	fresh = calloc(count, sizeof(*fresh));
	if (!fresh)
		return error_set(e, E_MEMORY, "out of memory");
	n->slots = fresh;
	n->slot_count = count;
	for (size_t i = 0; i < old_count; i++)
		if (old[i].name)
			*find(n, old[i].name) = old[i];
	free(old);
	return 0;
}

static int put(struct names *n, const char *name, bool folder, const char **ret, struct error *e)
{
	struct taken *t;

	if (grow(n, e) < 0)
		return e->code;
	t = find(n, name);
	t->name = arena_text(n->a, name, strlen(name), e);
	if (!t->name)
		return e->code;
	t->folder = folder;
	t->next = 2;
	n->used++;
	*ret = t->name;
	return 0;
}

/* Names that we write ourselves. */
static const char *const ours[] = { "manifest.csv", "handover.json", "attrs.csv", "subjects.csv",
				    "terms" };

int names_create(struct names **ret, struct error *e)
{
	scoped(names) *n = calloc(1, sizeof(*n));
	const char *ignored;

	if (!n)
		return error_set(e, E_MEMORY, "out of memory");
	if (arena_create(&n->a, e) < 0)
		return e->code;
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		if (put(n, ours[i], false, &ignored, e) < 0)
			return e->code;
	*ret = give(n);
	return 0;
}

void names_destroy(struct names *n)
{
	if (!n)
		return;
	arena_destroy(n->a);
	free(n->slots);
	free(n);
}

/* --- one part of a path --- */

static bool is_control(const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];

	return c < 0x20 || c == 0x7f || (len == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);
}

/* No longer than in. */
static size_t clean(char *out, const char *in, size_t len)
{
	size_t used = 0, n;

	if (len == 2 && memcmp(in, "..", 2) == 0)
		return (size_t)sprintf(out, "__");
	for (size_t i = 0; i < len; i += n) {
		size_t whole = utf8_char(in + i, len - i);

		n = whole ? whole : 1;
		if (whole == 0 || in[i] == '\\' || is_control(in + i, whole)) {
			out[used++] = '_';
			continue;
		}
		memcpy(out + used, in + i, n);
		used += n;
	}
	return used;
}

/* The whole of it, cleaned; "" when nothing is left. A path that is too long keeps its last part. */
static void clean_path(char ret[PATH_LEN_MAX], const char *path)
{
	size_t used = 0, last = 0, len;
	bool whole = true;

	for (;; path += len + 1) {
		len = strcspn(path, "/");
		if (len > 0 && len <= NAMES_PART_MAX && !(len == 1 && path[0] == '.')) {
			if (used + len + 2 > PATH_LEN_MAX) {
				used = 0;
				whole = false;
			}
			if (used > 0)
				ret[used++] = '/';
			last = used;
			used += clean(ret + used, path, len);
		}
		if (!path[len])
			break;
	}
	ret[used] = 0;
	if (!whole || used >= NAMES_PATH_MAX)
		memmove(ret, ret + last, used - last + 1);
}

/* --- one more of the same name --- */

/* Cut so that it ends between two characters. */
static size_t cut(const char *text, size_t len, size_t max)
{
	size_t at = 0, n;

	if (len <= max)
		return len;
	while (at < len && (n = utf8_char(text + at, len - at)) > 0 && at + n <= max)
		at += n;
	return at;
}

/* "x/a.jpg" as "x/a-2.jpg". */
static void numbered(char ret[PATH_LEN_MAX], const char *name, unsigned number)
{
	const char *slash = strrchr(name, '/'), *part = slash ? slash + 1 : name;
	const char *dot = strrchr(part, '.');
	char mark[NUMBER_MAX];
	size_t stem, end;

	if (!dot || dot == part || strlen(dot) > NAMES_PART_MAX / 2)
		dot = part + strlen(part);
	end = strlen(dot) + (size_t)snprintf(mark, sizeof(mark), "-%u", number);
	stem = cut(part, (size_t)(dot - part), NAMES_PART_MAX - end);
	snprintf(ret, PATH_LEN_MAX, "%.*s%s%s", (int)((size_t)(part - name) + stem), name, mark, dot);
}

/* name, or it with a number: free for a file; for a folder, free or a folder. */
static int take(struct names *n, const char *name, bool folder, const char **ret, struct error *e)
{
	struct taken *first = find(n, name), *t = first;
	char with[PATH_LEN_MAX];
	unsigned number;

	if (!t->name)
		return put(n, name, folder, ret, e);
	for (number = folder ? 2 : first->next; t->name && !(folder && t->folder); number++) {
		numbered(with, name, number);
		t = find(n, with);
	}
	if (!folder)
		first->next = number;
	if (!t->name)
		return put(n, with, folder, ret, e);
	*ret = t->name;
	return 0;
}

int names_take(struct names *n, const char *path, const char **ret, struct error *e)
{
	char wanted[PATH_LEN_MAX], below[PATH_LEN_MAX];
	const char *folder = NULL;
	size_t at = 0, len;

	clean_path(wanted, path);
	if (!*wanted)
		strcpy(wanted, "file");
	for (;; at += len + 1) {
		len = strcspn(wanted + at, "/");
		if (snprintf(below, sizeof(below), "%s%s%.*s", folder ? folder : "", folder ? "/" : "",
			     (int)len, wanted + at) >= (int)sizeof(below))
			return error_set(e, E_RANGE, "a path that is too long");
		if (!wanted[at + len])
			break;
		if (take(n, below, true, &folder, e) < 0)
			return e->code;
	}
	return take(n, below, false, ret, e);
}
