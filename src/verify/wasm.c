/*
 * The verifier as a WebAssembly module: the one import is the page's check of an Ed25519 signature, and
 * here is what else proof/ and below ask of the system, without a system. Hashes are made here
 * (sha256.h): WebCrypto answers later, and the next hash of a tree needs the last.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/mldsa.h"
#include "verify/answer.h"
#include "verify/sha256.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* What the page says of a signature. */
enum { SIGNATURE_WRONG = 0, SIGNATURE_HOLDS = 1, SIGNATURE_UNCHECKED = 2 };
__attribute__((import_module("page"), import_name("signature"))) int page_signature(
	const uint8_t *signature, const uint8_t *public_key, const void *message, size_t len_bytes);

/* ---- crypto/ ---- */

int sign_check(const uint8_t signature[SIGN_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN],
	       const void *message, size_t len_bytes, struct error *e)
{
	int said = page_signature(signature, public_key, message, len_bytes);

	if (said == SIGNATURE_HOLDS)
		return 0;
	return error_set(e, E_MISMATCH, said == SIGNATURE_WRONG ? "signature does not hold" :
			 "signature not checked: this browser has no Ed25519");
}

bool mldsa_is_there(void)
{
	return false;
}

int mldsa_check(const uint8_t signature[MLDSA_LEN], const uint8_t public_key[MLDSA_PUBLIC_LEN],
		const void *message, size_t len_bytes, struct error *e)
{
	(void)signature, (void)public_key, (void)message, (void)len_bytes;
	return error_set(e, E_NOT_FOUND, "ML-DSA-44 is not checked in a browser");
}

void hash_pieces(struct hash *ret, const struct hash_piece *pieces, size_t count)
{
	struct sha256 s;

	sha256_begin(&s);
	for (size_t i = 0; i < count; i++)
		sha256_add(&s, pieces[i].bytes, pieces[i].len_bytes);
	sha256_end(&s, ret->b);
}

void hash_bytes(struct hash *ret, const void *bytes, size_t len_bytes)
{
	hash_pieces(ret, &(struct hash_piece){ bytes, len_bytes }, 1);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_LEN) == 0;
}

int hash_compare(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_LEN);
}

struct hash_hex hash_hex(const struct hash *h)
{
	struct hash_hex hex;

	hex_encode(hex.s, h->b, HASH_LEN);
	return hex;
}

int hash_from_hex(struct hash *ret, const char *text, struct error *e)
{
	struct hash h;

	if (hex_decode(h.b, HASH_LEN, text, e) < 0)
		return error_wrap(e, "not a SHA-256 hash");
	*ret = h;
	return 0;
}

/* ---- wasi-libc ---- */

/* What its printf would write to files with; here are none. Were these not here, they would be imports. */
enum { NO_FILE = 8 }; /* its EBADF */
int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd);
int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t at, int32_t from, int32_t ret);
int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t pieces, int32_t count,
						   int32_t ret);

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd)
{
	(void)fd;
	return NO_FILE;
}

int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t at, int32_t from, int32_t ret)
{
	(void)fd, (void)at, (void)from, (void)ret;
	return NO_FILE;
}

int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t pieces, int32_t count,
						   int32_t ret)
{
	(void)fd, (void)pieces, (void)count, (void)ret;
	return NO_FILE;
}

/* ---- what the page calls ---- */

/* Room for what is passed; 0: no memory. */
EXPORT("room") void *module_room(size_t len_bytes)
{
	return malloc(len_bytes ? len_bytes : 1);
}

EXPORT("free") void module_free(void *room)
{
	free(room);
}

static int put_answer(struct buf *b, const void *file, size_t len_bytes, const char *key,
		      const char *order, struct error *e)
{
	const char *const keys[ANSWER_KEYS_MAX] = { key[0] ? key : NULL };
	scoped_json *said = NULL;

	if (answer_make(&said, file, len_bytes, keys, order[0] ? order : NULL, e) < 0)
		return e->code;
	return json_put(said, b, e);
}

static int put_error(struct buf *b, const char *why, struct error *e)
{
	scoped_json *said = json_object_make(e);

	json_set_text(said, "error", why, e);
	return e->code ? e->code : json_put(said, b, e);
}

/* key and order are texts, "" for none. The answer as JSON, or {"error": why}: a text, to be given
 * back by free; NULL: no memory. */
EXPORT("answer") char *module_answer(const void *file, size_t len_bytes, const char *key,
				     const char *order)
{
	struct error e = { 0 }, last = { 0 };
	scoped(buf) *b = NULL;

	if (buf_create(&b, 4096, &e) < 0)
		return NULL;
	if (put_answer(b, file, len_bytes, key, order, &e) < 0) {
		buf_clear(b);
		if (put_error(b, e.text, &last) < 0)
			return NULL;
	}
	return strdup(buf_text(b));
}
