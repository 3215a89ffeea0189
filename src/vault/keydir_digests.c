#include "vault/keydir_digests.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

static const char first_line[] = "rescind digests 1\n";
enum { HEX_LEN = 2 * HASH_LEN, SUM_LINE_LEN = 4 + HEX_LEN + 1, NAME_LEN_MAX = 200 };

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && strcmp(name + len - n, end) == 0;
}

bool digests_guard(const char *name)
{
	return strncmp(name, "keyring/", 8) != 0 && !file_is_temp(name) &&
	       (ends_in(name, ".key") || strncmp(name, "never/", 6) == 0);
}

static int order_of(const struct digest_line *a, const char *name, const struct hash *digest)
{
	int order = strcmp(a->name, name);

	return order ? order : memcmp(a->digest.b, digest->b, HASH_LEN);
}

/* --- bytes --- */

/* "HEX NAME\n" at *at, in order. */
static int take_line(struct digests *d, struct arena *a, const char **at, const char *end,
		     struct error *e)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	size_t len = newline ? (size_t)(newline - *at) : 0;
	char hex[HASH_HEX_MAX] = "";
	struct digest_line line;

	if (len <= HEX_LEN + 1 || len > HEX_LEN + 1 + NAME_LEN_MAX || (*at)[HEX_LEN] != ' ' ||
	    memchr(*at, 0, len))
		return error_set(e, E_FORMAT, "not a line of digest and name");
	memcpy(hex, *at, HEX_LEN);
	line.name = arena_text(a, *at + HEX_LEN + 1, len - HEX_LEN - 1, e);
	if (!line.name || hash_from_hex(&line.digest, hex, e) < 0)
		return e->code;
	if (d->count > 0 && order_of(&d->list[d->count - 1], line.name, &line.digest) >= 0)
		return error_set(e, E_FORMAT, "lines out of order");
	d->list = arena_grow(a, d->list, sizeof(*d->list), d->count, &d->cap, e);
	if (!d->list)
		return e->code;
	d->list[d->count++] = line;
	*at = newline + 1;
	return 0;
}

static int check_sum(const char *bytes, size_t before, struct error *e)
{
	char hex[HASH_HEX_MAX] = "";
	struct hash said, is;

	hash_bytes(&is, bytes, before);
	memcpy(hex, bytes + before + 4, HEX_LEN);
	if (memcmp(bytes + before, "sum ", 4) != 0 || bytes[before + SUM_LINE_LEN - 1] != '\n' ||
	    hash_from_hex(&said, hex, e) < 0 || !hash_equal(&said, &is))
		return error_set(e, E_MISMATCH, "its sum does not hold");
	return 0;
}

int digests_parse(struct digests *ret, struct arena *a, const void *bytes, size_t len,
		  struct error *e)
{
	const char *at = bytes, *end = at + len - SUM_LINE_LEN;
	size_t first = sizeof(first_line) - 1;
	struct digests d = { NULL, 0, 0 };

	if (len > DIGESTS_BYTES_MAX)
		return error_set(e, E_RANGE, "%zu bytes", len);
	if (len < first + SUM_LINE_LEN || memcmp(at, first_line, first) != 0)
		return error_set(e, E_FORMAT, "not digests of format 1");
	if (check_sum(bytes, len - SUM_LINE_LEN, e) < 0)
		return e->code;
	for (at += first; at < end;)
		if (take_line(&d, a, &at, end, e) < 0)
			return e->code;
	*ret = d;
	return 0;
}

int digests_put(const struct digests *d, struct buf *b, struct error *e)
{
	size_t start = b->len;
	struct hash sum;

	if (buf_put(b, first_line, sizeof(first_line) - 1, e) < 0)
		return e->code;
	for (size_t i = 0; i < d->count; i++)
		if (buf_printf(b, e, "%s %s\n", hash_hex(&d->list[i].digest).s, d->list[i].name) < 0)
			return e->code;
	if (b->len - start + SUM_LINE_LEN > DIGESTS_BYTES_MAX)
		return error_set(e, E_RANGE, "digests of too many files");
	hash_bytes(&sum, b->data + start, b->len - start);
	return buf_printf(b, e, "sum %s\n", hash_hex(&sum).s);
}

/* --- both places --- */

/* One that is damaged counts as missing: the other place has it, or it is made anew. */
static int load_at(struct digests *ret, struct keydir *k, unsigned place, struct arena *a,
		   struct buf **ret_bytes, struct error *e)
{
	scoped(buf) *b = NULL;
	int code = keydir_get_at(k, place, "digests", DIGESTS_BYTES_MAX, &b, e);

	if (code == 0)
		code = digests_parse(ret, a, b->data, b->len, e);
	if (code == E_MEMORY)
		return code;
	if (code == 0)
		*ret_bytes = give(b);
	error_clear(e);
	return 0;
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
	return a && b && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

int digests_load(struct digests *ret, struct keydir *k, struct arena *a, bool *ret_uneven,
		 struct error *e)
{
	struct digests d[KEYDIR_PLACES] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	scoped(buf) *here = NULL, *there = NULL;

	if (load_at(&d[KEYDIR_HERE], k, KEYDIR_HERE, a, &here, e) < 0)
		return e->code;
	*ret_uneven = !here;
	if (keydir_has(k, KEYDIR_MIRROR)) {
		if (load_at(&d[KEYDIR_MIRROR], k, KEYDIR_MIRROR, a, &there, e) < 0)
			return e->code;
		*ret_uneven = !same_bytes(here, there);
	}
	for (size_t i = 0; *ret_uneven && i < d[KEYDIR_MIRROR].count; i++)
		if (digests_note(&d[KEYDIR_HERE], a, d[KEYDIR_MIRROR].list[i].name,
				 &d[KEYDIR_MIRROR].list[i].digest, false, e) < 0)
			return e->code;
	*ret = d[KEYDIR_HERE];
	return 0;
}

int digests_save(const struct digests *d, struct keydir *k, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 1024, e) < 0 || digests_put(d, b, e) < 0)
		return e->code;
	for (unsigned place = KEYDIR_PLACES; place-- > 0;)
		if (keydir_has(k, place) &&
		    keydir_put_at(k, place, "digests", b->data, b->len, e) < 0)
			return e->code;
	return 0;
}

/* --- lines --- */

bool digests_know(const struct digests *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->list[i].name, name) == 0)
			return true;
	return false;
}

bool digests_hold(const struct digests *d, const char *name, const struct buf *bytes)
{
	struct hash is;
	bool known = false;

	hash_bytes(&is, bytes->data, bytes->len);
	for (size_t i = 0; i < d->count; i++) {
		if (strcmp(d->list[i].name, name) != 0)
			continue;
		if (hash_equal(&d->list[i].digest, &is))
			return true;
		known = true;
	}
	return !known;
}

void digests_forget(struct digests *d, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->list[i].name, name) != 0)
			d->list[kept++] = d->list[i];
	d->count = kept;
}

int digests_note(struct digests *d, struct arena *a, const char *name, const struct hash *digest,
		 bool alone, struct error *e)
{
	size_t at;

	if (strlen(name) > NAME_LEN_MAX)
		return error_set(e, E_RANGE, "a name of more than %d bytes", NAME_LEN_MAX);
	if (alone)
		digests_forget(d, name);
	for (at = 0; at < d->count; at++) {
		int order = order_of(&d->list[at], name, digest);

		if (order == 0)
			return 0;
		if (order > 0)
			break;
	}
	d->list = arena_grow(a, d->list, sizeof(*d->list), d->count, &d->cap, e);
	if (!d->list)
		return e->code;
	memmove(&d->list[at + 1], &d->list[at], (d->count - at) * sizeof(*d->list));
	d->count++;
	d->list[at].digest = *digest;
	d->list[at].name = arena_text(a, name, strlen(name), e);
	return d->list[at].name ? 0 : e->code;
}
