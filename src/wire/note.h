/*
 * note: C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0 ("head" here): text, keys,
 * signatures. Pure: bytes in, struct out.
 */
#ifndef WIRE_NOTE_H
#define WIRE_NOTE_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

enum { NOTE_BYTES_MAX = 1 << 20, NOTE_NAME_MAX = 255, NOTE_SIGNATURES_MAX = 64 };
enum { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

/* A verifier key: "<name>+<8 hex>+<base64(type || key)>". */
struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint32_t id;
	uint8_t type;
	uint8_t public_key[SIGN_PUBLIC_LEN];
};
must_use int note_key_make(struct note_key *ret, const char *name, uint8_t type,
			   const uint8_t public_key[SIGN_PUBLIC_LEN], struct error *e);
/* Errors: E_FORMAT, also when the id does not belong to the name and key. */
must_use int note_key_parse(struct note_key *ret, const char *vkey, struct error *e);
must_use int note_key_put(const struct note_key *k, struct buf *b, struct error *e);
/* Key names and origins: not empty, UTF-8, no Unicode space, no '+', at most NOTE_NAME_MAX. */
bool note_name_valid(const char *name);

/* Append the signed note of text (which ends in '\n') to b: text, blank line, one signature. */
must_use int note_sign(struct buf *b, const char *text, size_t text_len, const struct note_key *k,
		       const uint8_t seed[SIGN_SEED_LEN], struct error *e);

struct note_signature {
	const char *name; /* not NUL-ended: name_len */
	size_t name_len;
	uint32_t id;
	const uint8_t *bytes; /* after the key id */
	size_t len_bytes;
};
struct note {
	const char *text; /* with its final newline; lent from the parsed bytes */
	size_t text_len;
	size_t count;
	struct note_signature signature[NOTE_SIGNATURES_MAX];
	uint8_t decoded[NOTE_SIGNATURES_MAX][2432]; /* what signature[].bytes point into */
};
/* Parse; E_FORMAT for all that signed-note forbids. No signature is checked yet. A struct note
 * is large: keep it on the heap or static. */
must_use int note_parse(struct note *ret, const void *bytes, size_t len_bytes, struct error *e);
/* Check that known keys signed: a known (name, id) whose signature is wrong refuses the note;
 * unknown ones are passed over; *ret_checked counts the keys that signed. E_MISMATCH when none
 * did. Ed25519 and timestamped cosignatures (ret_times[i], seconds, for key i; may be NULL). */
must_use int note_check(const struct note *n, const struct note_key *keys, size_t count,
			size_t *ret_checked, uint64_t *ret_times, struct error *e);

/* A head: origin, size, root. */
struct head {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct hash root;
};
must_use int head_put(const struct head *h, struct buf *b, struct error *e);
/* Of a note's text; extension lines are accepted and passed over, as the specification asks. */
must_use int head_parse(struct head *ret, const char *text, size_t text_len, struct error *e);
/* Parse a note, check that key signed it, parse its head, check that its origin is key's name. */
must_use int head_open(struct head *ret, const void *bytes, size_t len_bytes,
		       const struct note_key *key, struct error *e);

#endif
