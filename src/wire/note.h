/*
 * note: C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0 ("head" here) and tlog-cosignature: text,
 * keys, signatures. Pure: bytes in, struct out. Of the signature types it knows Ed25519 (0x01) and
 * the timestamped cosignatures by Ed25519 (0x04) and ML-DSA-44 (0x06, where libcrypto has it; a log
 * has such a key too, beside its Ed25519 key); signatures by others, of any type, are passed over. base64 is strict here: a note that
 * only a careless decoder would read is refused.
 */
#ifndef WIRE_NOTE_H
#define WIRE_NOTE_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/mldsa.h"
#include "crypto/sign.h"

enum { NOTE_BYTES_MAX = 1 << 20, NOTE_NAME_MAX = 255, NOTE_SIGNATURES_MAX = 64 };
enum { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04, NOTE_MLDSA = 0x06 };
enum { NOTE_PUBLIC_MAX = MLDSA_PUBLIC_LEN };

/* A verifier key: "<name>+<8 hex>+<base64(type || key)>". */
struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint32_t id;
	uint8_t type;
	uint8_t public_key[NOTE_PUBLIC_MAX]; /* note_public_len(type) bytes */
};
/* How long a public key of this type is; 0: not one of the three types. */
size_t note_public_len(uint8_t type);
/* Errors: E_FORMAT, not a name or not one of the three types. */
must_use int note_key_make(struct note_key *ret, const char *name, uint8_t type,
			   const uint8_t *public_key, struct error *e);
/* Errors: E_FORMAT, also when the id does not belong to the name and key. */
must_use int note_key_parse(struct note_key *ret, const char *vkey, struct error *e);
/* The same name, type and public key. */
bool note_key_equal(const struct note_key *a, const struct note_key *b);
/* Append the verifier key, without a newline. */
must_use int note_key_put(const struct note_key *k, struct buf *b, struct error *e);
/* Key names, and origins of our own: not empty, UTF-8, no Unicode space, no control byte, no
 * '+', at most NOTE_NAME_MAX bytes. */
bool note_name_valid(const char *name);

/* Append the signed note of text (which ends in '\n') to b: text, blank line, one signature.
 * Errors: E_FORMAT, not a note's text; E_RANGE; E_MISMATCH, the seed is not that of k;
 * E_USAGE, k is not an NOTE_ED25519 key. */
must_use int note_sign(struct buf *b, const char *text, size_t text_len, const struct note_key *k,
		       const uint8_t seed[SIGN_SEED_LEN], struct error *e);

/* Append one signature line: k, of a witness (NOTE_COSIGNATURE or NOTE_MLDSA), saw this head at
 * time_s, seconds since 1970. Errors: as of note_sign; E_NOT_FOUND, no ML-DSA here. */
must_use int note_cosign(struct buf *b, const char *text, size_t text_len,
			 const struct note_key *k, const uint8_t seed[SIGN_SEED_LEN],
			 uint64_t time_s, struct error *e);
/* The same by a log's own NOTE_MLDSA key: without a time, since it says no more than its Ed25519
 * line does. Errors: as of note_cosign; E_USAGE, another type of key. */
must_use int note_sign_mldsa(struct buf *b, const char *text, size_t text_len,
			     const struct note_key *k, const uint8_t seed[MLDSA_SEED_LEN],
			     struct error *e);
/* Append a signature line as it is. */
must_use int note_put_signature(struct buf *b, const char *name, uint32_t id, const void *bytes,
				size_t len_bytes, struct error *e);
/* E_FORMAT, E_RANGE: not a text that a note can have. */
must_use int note_text_check(const char *text, size_t text_len, struct error *e);

struct note_signature {
	char name[NOTE_NAME_MAX + 1];
	uint32_t id;
	uint8_t *bytes; /* after the key id; owned by the note */
	size_t len;	/* of them, at least one */
};
struct note {
	struct arena *arena;
	const char *text; /* with its final newline, not NUL-ended; lent from the parsed bytes */
	size_t text_len;
	size_t count; /* at least one */
	struct note_signature signature[NOTE_SIGNATURES_MAX];
};
/* Parse: E_FORMAT for all that signed-note forbids, E_RANGE beyond the limits above. No
 * signature is checked yet. bytes stay with the caller as long as the note. */
must_use int note_parse(struct note **ret, const void *bytes, size_t len_bytes, struct error *e);
/* The same into one that is empty but for its arena, which is the caller's. */
must_use int note_read(struct note *n, const void *bytes, size_t len_bytes, struct error *e);
void note_destroy(struct note *n); /* NULL is fine */
SCOPED(note, note_destroy);

/* The time of a key that did not sign. */
#define NOTE_UNSIGNED UINT64_MAX
/* Which known keys signed: a known (name, id) with a signature that is wrong refuses the note
 * (E_MISMATCH), unknown ones are passed over. *ret_checked is the count of keys that signed, and
 * ret_times[i] for key i the seconds of its latest cosignature, 0 for plain Ed25519, NOTE_UNSIGNED.
 * Either may be NULL. An ML-DSA key has not signed where libcrypto has none. */
must_use int note_look(const struct note *n, const struct note_key *keys, size_t count,
		       size_t *ret_checked, uint64_t *ret_times, struct error *e);
/* Of one key: E_MISMATCH when it did not sign. */
must_use int note_check_by(const struct note *n, const struct note_key *k, struct error *e);
/* As note_look, and E_MISMATCH when no key signed. */
must_use int note_check(const struct note *n, const struct note_key *keys, size_t count,
			size_t *ret_checked, uint64_t *ret_times, struct error *e);

/* Append the note `have` with k's latest signature of `more` in place of its own. Whether that
 * holds was for the caller to look. Errors: E_MISMATCH, the texts differ, or k did not sign; E_RANGE. */
must_use int note_join(struct buf *b, const struct note *have, const struct note *more,
		       const struct note_key *k, struct error *e);

/* A head: origin, size, root. */
struct head {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
};
/* Append its text of three lines. Errors: E_FORMAT, the origin is not note_name_valid, or the
 * root of size 0 is not that of the empty tree. */
must_use int head_put(const struct head *h, struct buf *b, struct error *e);
/* Of a note's text; extension lines are accepted and passed over, as the specification asks.
 * Origins of others may hold spaces. Errors: E_FORMAT, E_RANGE. */
must_use int head_parse(struct head *ret, const char *text, size_t text_len, struct error *e);
/* Append a head's note with those lines alone whose name is its origin: the log's own. Errors: of the text. */
must_use int head_put_own(struct buf *b, const struct note *n, struct error *e);
/* Parse a note, check that key signed it, parse its head, check that its origin is key's name
 * (else E_MISMATCH). */
must_use int head_open(struct head *ret, const void *bytes, size_t len_bytes,
		       const struct note_key *key, struct error *e);

#endif
