/*
 * dsse: Dead Simple Signing Envelope v1.0.2: the signature is over
 * "DSSEv1" SP len(type) SP type SP len(body) SP body, and the body that was checked is
 * the body that is parsed. Ours has one spelling (wire/json.h and a final newline):
 *
 *   {"payload":"<base64>","payloadType":"..","signatures":[{"keyid":"..","sig":"<base64>"}]}
 *
 * with standard base64. What others made may be spelled otherwise, also in the URL
 * alphabet, with more members and without key ids (dsse_parse_foreign).
 */
#ifndef WIRE_DSSE_H
#define WIRE_DSSE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/sign.h"
#include "wire/json.h"

enum { DSSE_SIGNATURES_MAX = 16, DSSE_TYPE_MAX = 255, DSSE_KEYID_MAX = 255,
       DSSE_SIGNATURE_MAX = 128 /* bytes, of any algorithm */ };

struct dsse_signature {
	const char *keyid; /* a hint, not authenticated; may be "" */
	const uint8_t *signature;
	size_t len; /* SIGN_LEN, but where dsse_parse_any read it */
};
/* All that it points to is its own. */
struct dsse {
	struct arena *arena;
	json_t *json;
	const char *type;
	const uint8_t *body; /* behind it a NUL */
	size_t body_len, count;
	struct dsse_signature *signature;
};
void dsse_destroy(struct dsse *d); /* NULL is fine */
SCOPED(dsse, dsse_destroy);

/* Parse an envelope of at most max_bytes in our one spelling into an empty one, of which the caller
 * gave the arena and ends it and json. No signature is checked yet. Errors: E_FORMAT, E_RANGE. */
must_use int dsse_read(struct dsse *d, const void *bytes, size_t len_bytes, size_t max_bytes,
		       struct error *e);
/* Empty, with an arena of its own, for the readers below. */
must_use int dsse_create(struct dsse **ret, struct error *e);
/* Append what is signed. */
must_use int dsse_pae(struct buf *b, const char *type, const void *body, size_t len_bytes,
		      struct error *e);
/* Append the envelope (one spelling, final newline); keyid NULL is "". Errors: E_RANGE, type or
 * keyid too long; E_FORMAT, type is empty or one of them is not UTF-8. */
must_use int dsse_sign(struct buf *b, const char *type, const void *body, size_t len_bytes,
		       const char *keyid, const uint8_t seed[SIGN_SEED_LEN], struct error *e);
/* The same with a signature that somebody else made, of 1 to DSSE_SIGNATURE_MAX bytes (else
 * E_RANGE). */
must_use int dsse_put(struct buf *b, const char *type, const void *body, size_t len_bytes,
		      const char *keyid, const void *signature, size_t signature_len,
		      struct error *e);
/* The same. */
must_use int dsse_parse(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
			struct error *e);
/* However it is spelled: signatures that are not SIGN_LEN bytes long, of other algorithms, are
 * passed over, so that count may be 0. */
must_use int dsse_parse_foreign(struct dsse **ret, const void *bytes, size_t len_bytes,
				size_t max_bytes, struct error *e);
/* Our one spelling, with signatures of any algorithm. Errors: E_FORMAT, E_RANGE. */
must_use int dsse_parse_any(struct dsse **ret, const void *bytes, size_t len_bytes,
			    size_t max_bytes, struct error *e);
/* E_MISMATCH unless one of the signatures is by this key. */
must_use int dsse_check(const struct dsse *d, const uint8_t public_key[SIGN_PUBLIC_LEN],
			struct error *e);

#endif
