#include "flow/sidecar.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "flow/csv.h"

/* One path, in a table by the hash of its bytes, and in a list in order of the file. */
struct entry {
	struct sidecar_row row;
	size_t cap;
	bool found;
	struct entry *next_same, *next;
};

struct sidecar {
	struct arena *a;
	enum sidecar_kind kind;
	struct entry **table; /* table_len is a power of two; in the arena */
	size_t table_len, count;
	struct entry *first, **last;
	bool header_read;
	size_t column[3];
};

static const char *const columns[][3] = {
	[SIDECAR_SUBJECTS] = { "path", "subject", NULL },
	[SIDECAR_ATTRS] = { "path", "key", "value" },
};

/* FNV-1a: the table is ours alone, and its worst case is the length of one CSV. */
static uint64_t spread(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3u;
	return h ^ h >> 29;
}

static struct entry **slot_of(const struct sidecar *s, const char *path)
{
	return &s->table[spread(path) & (s->table_len - 1)];
}

static int grow(struct sidecar *s, struct error *e)
{
	size_t len = s->table_len ? 2 * s->table_len : 1024;

	if (s->count < s->table_len)
		return 0;
	s->table = arena_alloc(s->a, len * sizeof(*s->table), e);
	if (!s->table)
		return e->code;
	s->table_len = len;
	for (struct entry *x = s->first; x; x = x->next) {
		struct entry **slot = slot_of(s, x->row.path);

		x->next_same = *slot;
		*slot = x;
	}
	return 0;
}

static struct entry *lookup(const struct sidecar *s, const char *path)
{
	struct entry *x = s->table_len ? *slot_of(s, path) : NULL;

	while (x && strcmp(x->row.path, path) != 0)
		x = x->next_same;
	return x;
}

static struct entry *entry_of(struct sidecar *s, const char *path, size_t len, struct error *e)
{
	struct entry *x = lookup(s, path), **slot;

	if (x)
		return x;
	if (grow(s, e) < 0)
		return NULL;
	x = arena_alloc(s->a, sizeof(*x), e);
	if (!x || !(x->row.path = arena_text(s->a, path, len, e)))
		return NULL;
	slot = slot_of(s, path);
	x->next_same = *slot;
	*slot = x;
	*s->last = x;
	s->last = &x->next;
	s->count++;
	return x;
}

static bool has_control(const struct csv_field *f)
{
	for (size_t i = 0; i < f->len; i++)
		if ((uint8_t)f->text[i] < 0x20 || f->text[i] == 0x7f)
			return true;
	return false;
}

static bool key_valid(const struct csv_field *f)
{
	if (f->len == 0 || f->len > ATTR_KEY_MAX || strchr("._-", f->text[0]))
		return false;
	return f->text[strspn(f->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-")] == 0;
}

static const char *subject_of(struct sidecar *s, const struct csv_field *f, struct error *e)
{
	if (f->len == 0 || f->len > SUBJECT_MAX || !utf8_valid(f->text, f->len) || has_control(f)) {
		error_set(e, E_FORMAT, "a subject is 1 to %d bytes of text", SUBJECT_MAX);
		return NULL;
	}
	return arena_text(s->a, f->text, f->len, e);
}

static const char *attr_of(struct sidecar *s, const struct csv_field *key,
			   const struct csv_field *value, struct error *e)
{
	if (!key_valid(key)) {
		error_set(e, E_FORMAT, "a key is 1 to %d of A-Z a-z 0-9 . _ -", ATTR_KEY_MAX);
		return NULL;
	}
	if (value->len > ATTR_VALUE_MAX || !utf8_valid(value->text, value->len)) {
		error_set(e, E_FORMAT, "a value is at most %d bytes of text", ATTR_VALUE_MAX);
		return NULL;
	}
	return arena_printf(s->a, e, "%s=%s", key->text, value->text);
}

/* The same key with another value? */
static bool contradicts(const struct sidecar_row *row, const char *attr)
{
	size_t len = strcspn(attr, "=") + 1;

	for (size_t i = 0; i < row->count; i++)
		if (strncmp(row->values[i], attr, len) == 0)
			return true;
	return false;
}

/* In its place by bytes, unless it is there. */
static int put_value(struct sidecar *s, struct entry *x, const char *value, struct error *e)
{
	struct sidecar_row *row = &x->row;
	size_t at = 0;

	while (at < row->count && strcmp(row->values[at], value) < 0)
		at++;
	if (at < row->count && strcmp(row->values[at], value) == 0)
		return 0;
	if (row->count == SIDECAR_VALUES_MAX)
		return error_set(e, E_RANGE, "more than %d rows for one path", SIDECAR_VALUES_MAX);
	if (s->kind == SIDECAR_ATTRS && contradicts(row, value))
		return error_set(e, E_FORMAT, "another value for the same key of this path");
	row->values = arena_grow(s->a, row->values, sizeof(*row->values), row->count, &x->cap, e);
	if (!row->values)
		return e->code;
	memmove(row->values + at + 1, row->values + at, (row->count - at) * sizeof(*row->values));
	row->values[at] = value;
	row->count++;
	return 0;
}

static int take_row(struct sidecar *s, const struct csv_field *fields, struct error *e)
{
	const struct csv_field *path = &fields[s->column[0]];
	const char *text = path->text, *value;
	struct entry *x;

	while (text[0] == '.' && text[1] == '/')
		text += 2;
	if (!*text || path->len >= PATH_LEN_MAX)
		return error_set(e, E_FORMAT, "not a path");
	value = s->kind == SIDECAR_SUBJECTS ?
			subject_of(s, &fields[s->column[1]], e) :
			attr_of(s, &fields[s->column[1]], &fields[s->column[2]], e);
	if (!value)
		return e->code;
	x = entry_of(s, text, strlen(text), e);
	return x ? put_value(s, x, value, e) : e->code;
}

static int read_row(void *ctx, uint64_t line, const struct csv_field *fields, size_t count,
		    struct error *e)
{
	struct sidecar *s = ctx;

	if (s->header_read)
		return take_row(s, fields, e) < 0 ? error_wrap(e, "line %" PRIu64, line) : 0;
	s->header_read = true;
	for (size_t i = 0; i < 3 && columns[s->kind][i]; i++)
		if (csv_column(fields, count, columns[s->kind][i], &s->column[i], e) < 0)
			return e->code;
	return 0;
}

int sidecar_open(struct sidecar **ret, const char *file, enum sidecar_kind kind, struct error *e)
{
	scoped(sidecar) *s = calloc(1, sizeof(*s));
	scoped(buf) *bytes = NULL;
	char shown[256];

	if (!s)
		return error_set(e, E_MEMORY, "out of memory");
	s->kind = kind;
	s->last = &s->first;
	path_escape(shown, sizeof(shown), file);
	if (arena_create(&s->a, e) < 0 || file_read(file, CSV_BYTES_MAX, &bytes, e) < 0)
		return e->code;
	if (csv_read(bytes->data, bytes->len, read_row, s, e) < 0)
		return error_wrap(e, "%s", shown);
	if (!s->header_read)
		return error_set(e, E_FORMAT, "%s: column \"path\" is missing", shown);
	*ret = give(s);
	return 0;
}

void sidecar_close(struct sidecar *s)
{
	if (!s)
		return;
	arena_destroy(s->a);
	free(s);
}

const struct sidecar_row *sidecar_find(struct sidecar *s, const char *path)
{
	struct entry *x = s ? lookup(s, path) : NULL;

	if (!x)
		return NULL;
	x->found = true;
	return &x->row;
}

uint64_t sidecar_unfound(const struct sidecar *s, const char **ret_first)
{
	uint64_t count = 0;

	for (const struct entry *x = s->first; x; x = x->next) {
		if (x->found)
			continue;
		if (count++ == 0)
			*ret_first = x->row.path;
	}
	return count;
}
