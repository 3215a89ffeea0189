/*
 * signoff: what a person or an organisation signed about a statement (a certificate, an
 * attestation, a receipt): a DSSE file of its own beside it, docs/signoffs.md. The bytes of the statement
 * never change when somebody signs.
 */
#ifndef PROOF_SIGNOFF_H
#define PROOF_SIGNOFF_H

#include "crypto/pubkey.h"
#include "wire/json.h"

#define SIGNOFF_TYPE "urn:rescind:signoff:1"
/* TEXT: name, title, organisation, location, contact; WORDS: words; in bytes. */
enum { SIGNOFF_BYTES_MAX = 32768, SIGNOFF_TEXT_MAX = 200, SIGNOFF_WORDS_MAX = 4000,
       SIGNOFFS_MAX = 64, /* of one statement */
       SIGNOFF_HASH512_LEN = 64 };
enum signoff_capacity { SIGNOFF_ISSUED, SIGNOFF_PERFORMED, SIGNOFF_VERIFIED, SIGNOFF_VALIDATED,
			SIGNOFF_CAPACITIES };

struct dsse;
struct signoff {
	enum signoff_capacity capacity;
	const char *name, *title, *organisation, *location, *contact, *words; /* "": not said */
	uint64_t date_utc_ms;
	struct pubkey key;
	/* set by signoff_read: what lies below it all */
	struct hash sha256;
	uint8_t sha512[SIGNOFF_HASH512_LEN];
	json_t *json;
	struct dsse *envelope;
};
void signoff_destroy(struct signoff *s); /* NULL is fine; one that was read */
SCOPED(signoff, signoff_destroy);

/* "performed"; -1 when text is none of the four. */
const char *signoff_capacity_name(enum signoff_capacity c);
int signoff_capacity_find(const char *text);

/* Seen, within max bytes, no space at an end, nothing that moves or turns what is shown. Errors:
 * E_RANGE, E_FORMAT, with `what`. */
must_use int signoff_text_check(const char *what, const char *text, size_t max, struct error *e);
must_use int signoff_texts_check(const struct signoff *s, struct error *e); /* and it has a name */

/* A file that is said to be one; lent. */
struct signoff_file {
	const char *name; /* for people */
	const void *bytes;
	size_t len;
};

/* ---- Making: the body, then whoever has the key signs dsse_pae of it, then the file ---- */

/* Append the body to b; of s only what stands above sha256 is looked at. Errors: those of
 * signoff_texts_check. */
must_use int signoff_body(struct buf *b, const struct signoff *s, const void *statement,
			  size_t len_bytes, struct error *e);
/* Append what is signed: dsse_pae. */
must_use int signoff_message(struct buf *b, const struct buf *body, struct error *e);
/* Append the file. Errors: E_MISMATCH, the signature is not this key's. */
must_use int signoff_make(struct buf *out, const struct buf *body, const struct pubkey *key,
			  const void *signature, size_t signature_len, struct error *e);

/* The same of the message and a signature of it that was made elsewhere, by whoever has the key that
 * it names. Errors: E_FORMAT, E_RANGE: no message of a sign-off; E_MISMATCH. */
must_use int signoff_assemble(struct buf *out, const void *message, size_t len_bytes,
			      const void *signature, size_t signature_len, struct error *e);

/* ---- Checking ---- */

/* Is it spelled as a sign-off, whatever it says? Nothing is believed yet. Errors: E_FORMAT, E_RANGE: no
 * sign-off in its one form; E_MEMORY. */
must_use int signoff_read(struct signoff **ret, const void *bytes, size_t len_bytes,
			  struct error *e);
/* Is it signed by the key it names, about exactly these bytes, and dated no earlier than they were
 * issued (issued_utc_ms TIME_NONE: not known)? E_MISMATCH says what is not so. */
must_use int signoff_check(const struct signoff *s, const void *statement, size_t len_bytes,
			   uint64_t issued_utc_ms, struct error *e);
/* Append one sentence for signed_by_others: "verified, on DATE, key not pinned (ECDSA P-256 KEYID):
 * Name, title, .. : "words"". Our words come first: nothing that the signer wrote passes for them. */
must_use int signoff_sentence(struct buf *b, const struct signoff *s, bool pinned,
			      struct error *e);

#endif
