#include "wire/note.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/hash.h"

#define DASH "\xe2\x80\x94 " /* U+2014, space */

enum { ID_LEN = 4 };

/* ---- names and keys ---- */

/* What Unicode calls White_Space, without control bytes, which no name holds anyway. In valid
 * UTF-8 a code point is found by its bytes. */
static const char *const spaces[] = {
	" ", "\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80",
	"\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
	"\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89",
	"\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
	"\xe3\x80\x80",
};

/* UTF-8 without control bytes; newlines only where they are allowed. */
static bool text_valid(const char *text, size_t len, bool lines)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((uint8_t)text[i] < 0x20 && !(lines && text[i] == '\n'))
			return false;
	return utf8_valid(text, len);
}

bool note_name_valid(const char *name)
{
	size_t i, len = strnlen(name, NOTE_NAME_MAX + 1);

	if (len == 0 || len > NOTE_NAME_MAX || !text_valid(name, len, false))
		return false;
	for (i = 0; i < COUNT_OF(spaces); i++)
		if (strstr(name, spaces[i]))
			return false;
	return !strchr(name, '+');
}

/* A name that is not NUL-ended becomes one that is. */
static int name_take(char ret[NOTE_NAME_MAX + 1], const char *name, size_t len, struct error *e)
{
	if (len > NOTE_NAME_MAX)
		return error_set(e, E_RANGE, "key name longer than %d bytes", NOTE_NAME_MAX);
	memcpy(ret, name, len);
	ret[len] = 0;
	if (strlen(ret) != len || !note_name_valid(ret))
		return error_set(e, E_FORMAT, "not a key name");
	return 0;
}

/* SHA-256(name || 0x0A || type || public key)[:4] */
static uint32_t key_id(const struct note_key *k)
{
	const struct hash_piece pieces[] = {
		{ k->name, strlen(k->name) },
		{ "\n", 1 },
		{ &k->type, 1 },
		{ k->public_key, note_public_len(k->type) },
	};
	struct hash h;

	hash_pieces(&h, pieces, COUNT_OF(pieces));
	return (uint32_t)be_get(h.b, ID_LEN);
}

size_t note_public_len(uint8_t type)
{
	static const size_t len[] = { [NOTE_ED25519] = SIGN_PUBLIC_LEN,
				      [NOTE_COSIGNATURE] = SIGN_PUBLIC_LEN,
				      [NOTE_MLDSA] = MLDSA_PUBLIC_LEN };

	return type < COUNT_OF(len) ? len[type] : 0;
}

int note_key_make(struct note_key *ret, const char *name, uint8_t type, const uint8_t *public_key,
		  struct error *e)
{
	struct note_key k = { .type = type };

	if (!note_name_valid(name))
		return error_set(e, E_FORMAT, "not a key name");
	if (note_public_len(type) == 0)
		return error_set(e, E_FORMAT, "key type 0x%02x is not supported", type);
	memcpy(k.name, name, strlen(name));
	memcpy(k.public_key, public_key, note_public_len(type));
	k.id = key_id(&k);
	*ret = k;
	return 0;
}

int note_key_parse(struct note_key *ret, const char *vkey, struct error *e)
{
	const char *id = strchr(vkey, '+'), *material = id ? strchr(id + 1, '+') : NULL;
	uint8_t bytes[2 * (1 + NOTE_PUBLIC_MAX)]; /* type, key */
	char name[NOTE_NAME_MAX + 1], id_text[2 * ID_LEN + 1];
	struct note_key k;
	size_t len = 0;
	int code;

	if (!material || material - id != 1 + 2 * ID_LEN || strlen(material + 1) > sizeof(bytes))
		return error_set(e, E_FORMAT, "verifier key: not name+id+key");
	if ((code = name_take(name, vkey, (size_t)(id - vkey), e)) < 0 ||
	    (code = base64_decode(bytes, &len, material + 1, strlen(material + 1), e)) < 0)
		return code;
	if (len == 0 || (note_public_len(bytes[0]) > 0 && len != 1 + note_public_len(bytes[0])))
		return error_set(e, E_FORMAT, "verifier key: not a key of its type");
	if ((code = note_key_make(&k, name, bytes[0], bytes + 1, e)) < 0)
		return code;
	snprintf(id_text, sizeof(id_text), "%08" PRIx32, k.id);
	if (memcmp(id_text, id + 1, 2 * ID_LEN) != 0)
		return error_set(e, E_FORMAT, "verifier key: the id is not that of name and key");
	*ret = k;
	return 0;
}

bool note_key_equal(const struct note_key *a, const struct note_key *b)
{
	return a->type == b->type && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->public_key, b->public_key, note_public_len(a->type)) == 0;
}

int note_key_put(const struct note_key *k, struct buf *b, struct error *e)
{
	uint8_t material[1 + NOTE_PUBLIC_MAX] = { k->type };
	size_t len = note_public_len(k->type);
	int code = buf_printf(b, e, "%s+%08" PRIx32 "+", k->name, k->id);

	if (code < 0)
		return code;
	memcpy(material + 1, k->public_key, len);
	return base64_put(b, material, 1 + len, e);
}

/* ---- signing ---- */

int note_put_signature(struct buf *b, const char *name, uint32_t id, const void *bytes,
		       size_t len_bytes, struct error *e)
{
	scoped(buf) *blob = NULL;

	if (buf_create(&blob, ID_LEN + len_bytes, e) < 0 || buf_put_be(blob, id, ID_LEN, e) < 0 ||
	    buf_put(blob, bytes, len_bytes, e) < 0 || buf_printf(b, e, DASH "%s ", name) < 0 ||
	    base64_put(b, blob->data, blob->len, e) < 0)
		return e->code;
	return buf_put_u8(b, '\n', e);
}

int note_text_check(const char *text, size_t text_len, struct error *e)
{
	if (text_len > NOTE_BYTES_MAX / 2)
		return error_set(e, E_RANGE, "note: text longer than %d", NOTE_BYTES_MAX / 2);
	if (text_len == 0 || text[text_len - 1] != '\n' || !text_valid(text, text_len, true))
		return error_set(e, E_FORMAT, "note: not lines of UTF-8");
	return 0;
}

int note_sign(struct buf *b, const char *text, size_t text_len, const struct note_key *k,
	      const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	uint8_t signature[SIGN_LEN], public_key[SIGN_PUBLIC_LEN];

	if (k->type != NOTE_ED25519)
		return error_set(e, E_USAGE, "note: key type 0x%02x does not sign", k->type);
	if (note_text_check(text, text_len, e) < 0 || sign_public(public_key, seed, e) < 0)
		return e->code;
	/* Else everybody would refuse the note, after it was published. */
	if (memcmp(public_key, k->public_key, SIGN_PUBLIC_LEN) != 0)
		return error_set(e, E_MISMATCH, "note: the seed is not that of key %s", k->name);
	if (sign_make(signature, seed, text, text_len, e) < 0 || buf_put(b, text, text_len, e) < 0 ||
	    buf_put_u8(b, '\n', e) < 0)
		return e->code;
	return note_put_signature(b, k->name, k->id, signature, sizeof(signature), e);
}

/* ---- parsing ---- */

void note_destroy(struct note *n)
{
	if (!n)
		return;
	arena_destroy(n->arena);
	free(n);
}

/* The line at *at without its newline; it is passed. False when it is empty or has no end. */
static bool take_line(const char **at, const char *end, const char **ret_line, size_t *ret_len)
{
	const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

	if (!newline || newline == *at)
		return false;
	*ret_line = *at;
	*ret_len = (size_t)(newline - *at);
	*at = newline + 1;
	return true;
}

/* "— <name> <base64(id || signature)>" */
static int signature_parse(struct note *n, const char *line, size_t len, struct error *e)
{
	const size_t dash = sizeof(DASH) - 1;
	const char *name = line + dash, *space = NULL, *end = line + len;
	struct note_signature *s = &n->signature[n->count];
	uint8_t *bytes = arena_alloc(n->arena, len, e);
	int code;

	if (!bytes)
		return E_MEMORY;
	if (n->count == NOTE_SIGNATURES_MAX)
		return error_set(e, E_RANGE, "note: more than %d signatures", NOTE_SIGNATURES_MAX);
	if (len > dash && memcmp(line, DASH, dash) == 0)
		space = memchr(name, ' ', (size_t)(end - name));
	if (!space)
		return error_set(e, E_FORMAT, "note: not a signature line");
	if ((code = name_take(s->name, name, (size_t)(space - name), e)) < 0 ||
	    (code = base64_decode(bytes, &s->len, space + 1, (size_t)(end - space - 1), e)) < 0)
		return code;
	if (s->len <= ID_LEN)
		return error_set(e, E_FORMAT, "note: an empty signature");
	s->id = (uint32_t)be_get(bytes, ID_LEN);
	s->bytes = bytes + ID_LEN;
	s->len -= ID_LEN;
	n->count++;
	return 0;
}

/* The text ends before the last blank line. Its length; 0 when there is none. */
static size_t text_end(const char *bytes, size_t len)
{
	while (len > 1 && (bytes[len - 1] != '\n' || bytes[len - 2] != '\n'))
		len--;
	return len > 1 ? len - 1 : 0;
}

int note_read(struct note *n, const void *bytes, size_t len_bytes, struct error *e)
{
	const char *text = bytes, *end = text + len_bytes, *at, *line;
	size_t len;

	if (len_bytes > NOTE_BYTES_MAX)
		return error_set(e, E_RANGE, "note: more than %d bytes", NOTE_BYTES_MAX);
	n->text = text;
	n->text_len = text_end(text, len_bytes);
	if (n->text_len == 0 || !text_valid(text, len_bytes, true))
		return error_set(e, E_FORMAT, "note: not lines of UTF-8, and a blank one before "
				 "signatures");
	at = text + n->text_len + 1;
	while (take_line(&at, end, &line, &len)) {
		int code = signature_parse(n, line, len, e);

		if (code < 0)
			return code;
	}
	return n->count > 0 && at == end ?
		       0 : error_set(e, E_FORMAT, "note: no signature, or one cut short");
}

int note_parse(struct note **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(note) *n = calloc(1, sizeof(*n));
	int code;

	if (!n || arena_create(&n->arena, e) < 0)
		return error_set(e, E_MEMORY, "note: out of memory");
	code = note_read(n, bytes, len_bytes, e);
	if (code == 0)
		*ret = give(n);
	return code;
}

/* ---- heads ---- */

static int head_check(const struct head *h, struct error *e)
{
	struct hash empty;

	hash_bytes(&empty, "", 0);
	if (h->size == 0 && !hash_equal(&h->root, &empty))
		return error_set(e, E_FORMAT, "head: size 0 with another root than SHA-256(\"\")");
	return 0;
}

int head_put(const struct head *h, struct buf *b, struct error *e)
{
	int code = head_check(h, e);

	if (code < 0)
		return code;
	if (!note_name_valid(h->origin))
		return error_set(e, E_FORMAT, "head: not an origin");
	code = buf_printf(b, e, "%s\n%" PRIu64 "\n", h->origin, h->size);
	if (code < 0 || (code = base64_put(b, h->root.b, HASH_LEN, e)) < 0)
		return code;
	return buf_put_u8(b, '\n', e);
}

int head_parse(struct head *ret, const char *text, size_t text_len, struct error *e)
{
	const char *at = text, *end = text + text_len, *line[4];
	struct head h = { 0 };
	uint8_t root[2 * HASH_LEN];
	size_t len[4], count = 0;
	int code;

	while (take_line(&at, end, &line[count], &len[count]))
		count = count < 3 ? count + 1 : 3;
	if (count < 3 || at != end || !text_valid(text, text_len, true))
		return error_set(e, E_FORMAT, "head: not three lines of UTF-8, or an empty one");
	if (len[0] > NOTE_NAME_MAX)
		return error_set(e, E_FORMAT, "head: an origin of %zu bytes", len[0]);
	memcpy(h.origin, line[0], len[0]);
	code = number_parse(&h.size, line[1], len[1], e);
	if (code < 0)
		return error_wrap(e, "head: size");
	if (len[2] > sizeof(root) || base64_decode(root, &len[2], line[2], len[2], e) < 0 ||
	    len[2] != HASH_LEN)
		return error_set(e, E_FORMAT, "head: not a root hash");
	memcpy(h.root.b, root, HASH_LEN);
	code = head_check(&h, e);
	if (code == 0)
		*ret = h;
	return code;
}

int head_open(struct head *ret, const void *bytes, size_t len_bytes, const struct note_key *key,
	      struct error *e)
{
	scoped(note) *n = NULL;
	struct head h;
	int code = note_parse(&n, bytes, len_bytes, e);

	if (code < 0 || (code = note_check_by(n, key, e)) < 0 ||
	    (code = head_parse(&h, n->text, n->text_len, e)) < 0)
		return code;
	if (strcmp(h.origin, key->name) != 0)
		return error_set(e, E_MISMATCH, "head: of another log than %s", key->name);
	*ret = h;
	return 0;
}
