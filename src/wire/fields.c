#include "wire/fields.h"

#include "crypto/seal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"

static const char magic[4] = { 'R', 'S', 'F', '1' };

int fields_create(struct fields **ret, struct error *e)
{
	struct fields *f = calloc(1, sizeof(*f));

	if (!f)
		return error_set(e, E_MEMORY, "fields: out of memory");
	*ret = f;
	return 0;
}

static void list_destroy(struct field *list, size_t cap)
{
	if (list)
		wipe(list, cap * sizeof(*list));
	free(list);
}

void fields_destroy(struct fields *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->count; i++)
		buf_destroy(f->list[i].value);
	list_destroy(f->list, f->cap);
	free(f);
}

/* Room for one more. realloc would leave salts behind where the list was. */
static int grow(struct fields *f, struct error *e)
{
	size_t cap = f->cap ? 2 * f->cap : 16;
	struct field *list;

	if (f->count >= FIELDS_MAX)
		return error_set(e, E_RANGE, "more than %d fields", FIELDS_MAX);
	if (f->count < f->cap)
		return 0;
	list = calloc(cap, sizeof(*list));
	if (!list)
		return error_set(e, E_MEMORY, "fields: out of memory");
	if (f->count)
		memcpy(list, f->list, f->count * sizeof(*list));
	list_destroy(f->list, f->cap);
	f->list = list;
	f->cap = cap;
	return 0;
}

static int name_check(const char *name, size_t len, struct error *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t i;

	if (len > FIELD_NAME_MAX)
		return error_set(e, E_RANGE, "field name longer than %d", FIELD_NAME_MAX);
	for (i = 0; i < len; i++)
		if (!memchr(letters, name[i], sizeof(letters) - 1))
			break;
	if (len == 0 || i < len)
		return error_set(e, E_FORMAT, "field name is not [a-z0-9_-]+");
	return 0;
}

/* Salt NULL: a fresh one. The field counts only when all of it is there. */
static int append(struct fields *f, const char *name, size_t name_len, const void *value,
		  size_t len_bytes, const uint8_t *salt, struct error *e)
{
	struct field *last;
	int code = name_check(name, name_len, e);

	if (code < 0)
		return code;
	if (len_bytes > FIELD_VALUE_MAX)
		return error_set(e, E_RANGE, "field longer than %d bytes", FIELD_VALUE_MAX);
	code = grow(f, e);
	if (code < 0)
		return code;
	last = &f->list[f->count];
	memset(last, 0, sizeof(*last));
	memcpy(last->name, name, name_len);
	if (salt)
		memcpy(last->salt, salt, SALT_LEN);
	else if (sys->random(last->salt, SALT_LEN) < 0)
		return error_errno(e, "random bytes for a salt");
	code = buf_from(&last->value, value, len_bytes, e);
	if (code == 0)
		f->count++;
	return code;
}

int fields_add(struct fields *f, const char *name, const void *value, size_t len_bytes,
	       struct error *e)
{
	return append(f, name, strlen(name), value, len_bytes, NULL, e);
}

int fields_add_text(struct fields *f, const char *name, const char *value, struct error *e)
{
	return fields_add(f, name, value, strlen(value), e);
}

int fields_add_number(struct fields *f, const char *name, uint64_t value, struct error *e)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return fields_add_text(f, name, text, e);
}

/* Uniform below n, by throwing away what would make the first remainders likelier. */
static size_t random_below(size_t n)
{
	uint64_t v, limit = UINT64_MAX - UINT64_MAX % n;

	do
		random_bytes(&v, sizeof(v));
	while (v >= limit);
	return (size_t)(v % n);
}

int fields_hide(struct fields *f, size_t first, struct error *e)
{
	while (f->count % FIELDS_STEP != 0)
		if (fields_add(f, "pad", "", 0, e) < 0)
			return e->code;
	/* Fisher and Yates. */
	for (size_t i = f->count; i > first + 1; i--) {
		size_t k = first + random_below(i - first);
		struct field held = f->list[i - 1];

		f->list[i - 1] = f->list[k];
		f->list[k] = held;
		wipe(&held, sizeof(held));
	}
	return 0;
}

const struct field *fields_find(const struct fields *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return &f->list[i];
	return NULL;
}

const char *fields_text(const struct fields *f, const char *name)
{
	const struct field *found = fields_find(f, name);

	if (!found || strlen(buf_text(found->value)) != found->value->len)
		return NULL;
	return buf_text(found->value);
}

uint64_t fields_number(const struct fields *f, const char *name, uint64_t otherwise)
{
	const struct field *found = fields_find(f, name);
	struct error ignored = { 0 };
	uint64_t v;

	if (!found || number_parse(&v, buf_text(found->value), found->value->len, &ignored) < 0)
		return otherwise;
	return v;
}

void field_commitment(struct hash *ret, const struct field *f)
{
	commit_make(ret, f->name, f->salt, f->value->data, f->value->len);
}

static void field_leaf(struct hash *ret, const struct field *f)
{
	struct hash commitment;

	field_commitment(&commitment, f);
	tree_leaf(ret, commitment.b, HASH_LEN);
}

int fields_root(struct hash *ret, const struct fields *f, struct error *e)
{
	struct tree_edge edge;
	struct hash leaf, root;
	size_t i;

	if (f->count > FIELDS_MAX)
		return error_set(e, E_RANGE, "more than %d fields", FIELDS_MAX);
	tree_edge_init(&edge);
	for (i = 0; i < f->count; i++) {
		field_leaf(&leaf, &f->list[i]);
		tree_edge_add(&edge, &leaf);
	}
	tree_edge_root(&edge, &root);
	commit_list(ret, f->count, &root);
	return 0;
}

int fields_prove(const struct fields *f, size_t index, struct tree_path *ret, struct error *e)
{
	struct hash leaf[FIELDS_MAX];
	struct tree_array all = { .leaves = leaf, .count = f->count };
	size_t i;

	if (index >= f->count || f->count > FIELDS_MAX)
		return error_set(e, E_RANGE, "no field %zu of %zu", index, f->count);
	for (i = 0; i < f->count; i++)
		field_leaf(&leaf[i], &f->list[i]);
	return tree_prove(ret, index, f->count, tree_array_read, &all, e);
}

static int field_put(const struct field *f, struct buf *b, struct error *e)
{
	size_t name_len = strlen(f->name);
	int code = buf_put_u8(b, (uint8_t)name_len, e);

	if (code < 0 || (code = buf_put(b, f->name, name_len, e)) < 0 ||
	    (code = buf_put(b, f->salt, SALT_LEN, e)) < 0 ||
	    (code = buf_put_be(b, f->value->len, 4, e)) < 0)
		return code;
	return buf_put(b, f->value->data, f->value->len, e);
}

int fields_put(const struct fields *f, struct buf *b, struct error *e)
{
	size_t i;
	int code = buf_put(b, magic, sizeof(magic), e);

	if (code == 0)
		code = buf_put_be(b, f->count, 2, e);
	for (i = 0; i < f->count && code == 0; i++)
		code = field_put(&f->list[i], b, e);
	return code;
}

struct reader {
	const uint8_t *at;
	size_t left;
};

/* The next len bytes; NULL when there are fewer. */
static const uint8_t *take(struct reader *r, size_t len)
{
	const uint8_t *p = r->at;

	if (len > r->left)
		return NULL;
	r->at += len;
	r->left -= len;
	return p;
}

static int field_parse(struct fields *f, struct reader *r, struct error *e)
{
	const uint8_t *name_len = take(r, 1), *name, *salt, *len, *value;

	if (!name_len || !(name = take(r, *name_len)) || !(salt = take(r, SALT_LEN)) ||
	    !(len = take(r, 4)))
		return error_set(e, E_FORMAT, "fields: cut short");
	value = take(r, be_get(len, 4));
	if (!value)
		return error_set(e, E_FORMAT, "fields: cut short");
	return append(f, (const char *)name, *name_len, value, be_get(len, 4), salt, e);
}

int fields_parse(struct fields **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	struct reader r = { .at = bytes, .left = len_bytes };
	const uint8_t *head = take(&r, sizeof(magic) + 2);
	scoped(fields) *f = NULL;
	uint64_t i, count;
	int code;

	if (!head || memcmp(head, magic, sizeof(magic)) != 0)
		return error_set(e, E_FORMAT, "not a list of fields");
	count = be_get(head + sizeof(magic), 2);
	if (count > FIELDS_MAX)
		return error_set(e, E_RANGE, "more than %d fields", FIELDS_MAX);
	code = fields_create(&f, e);
	for (i = 0; i < count && code == 0; i++)
		code = field_parse(f, &r, e);
	if (code < 0)
		return code;
	if (r.left)
		return error_set(e, E_FORMAT, "fields: %zu bytes after the end", r.left);
	*ret = give(f);
	return 0;
}
