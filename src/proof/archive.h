/*
 * archive: a certificate and all that goes with it in one file, for twenty years: made, read and
 * checked from bytes alone. The form to the byte, what is checked, and what holds what:
 * docs/archive.md.
 */
#ifndef PROOF_ARCHIVE_H
#define PROOF_ARCHIVE_H

#include "crypto/pubkey.h"
#include "proof/certificate.h"
#include "proof/signoff.h"
#include "wire/ustar.h"

#define ARCHIVE_FOLDER "certificate/"
/* Four files before the layers, and four at least in each. */
enum {
	ARCHIVE_LAYERS_MAX = (USTAR_FILES_MAX - 4) / 4,
	ARCHIVE_CERTIFIED_MAX = 65536,
	ARCHIVE_KEY_MAX = 128,
	ARCHIVE_ROOTS_MAX = 16
};

/* ---- Reading: nothing of it is believed ---- */

struct archive_layer {
	const struct ustar_file *proof, *certified, *policy, *sums;
	const struct ustar_file *signoffs; /* signoff_count in a row */
	const struct ustar_file *stamps;   /* stamp_count times a token and its certificates */
	size_t signoff_count, stamp_count;
};
struct archive {
	struct ustar *files; /* owned */
	const struct ustar_file *words, *page, *certificate, *key;
	struct archive_layer layer[ARCHIVE_LAYERS_MAX];
	size_t layer_count; /* at least one */
};
/* Does it begin like one? */
bool is_archive(const void *bytes, size_t len_bytes);
/* The files in their order. Errors: E_FORMAT, E_RANGE. bytes stay the caller's as long as *ret. */
must_use int archive_read(struct archive **ret, const void *bytes, size_t len_bytes,
			  struct error *e);
void archive_destroy(struct archive *a); /* NULL is fine */
SCOPED(archive, archive_destroy);

/* Is its VERIFY.md, which tells people what to run, a text that this program or an earlier one wrote? */
bool archive_words_known(const struct archive *a);
#define ARCHIVE_WORDS_UNKNOWN "VERIFY.md is none that this program knows: a later one wrote it, or somebody else"

/* ---- Making: each file in its order; its sum is noted as it goes ---- */

struct archive_draft {
	struct buf *bytes, *sums; /* owned; sums: the SHA512SUMS that would come next */
};
must_use int archive_draft_create(struct archive_draft **ret, struct error *e);
void archive_draft_destroy(struct archive_draft *d); /* NULL is fine */
SCOPED(archive_draft, archive_draft_destroy);
/* name: without ARCHIVE_FOLDER. Errors: as of ustar_put. */
must_use int archive_put(struct archive_draft *d, const char *name, const void *bytes,
			 size_t len_bytes, struct error *e);
/* All files of another one, as they are. */
must_use int archive_put_all(struct archive_draft *d, const struct archive *a, struct error *e);

/* Append a file's line of SHA512SUMS. */
must_use int archive_sum(struct buf *sums, const char *name, const void *bytes, size_t len_bytes,
			 struct error *e);
/* Append keys/log.pem. */
must_use int archive_key(struct buf *b, const uint8_t key[SIGN_PUBLIC_LEN], struct error *e);
/* Append certified.json: of fact n, for the order of that fact. private_part: sha256 and sha512.
 * growth: from the head before. */
must_use int archive_certified(struct buf *b, uint64_t order, uint64_t n,
			       const struct fields *private_part, const struct tree_path *growth,
			       struct error *e);

/* ---- Checking ---- */

struct archive_roots {
	const char *name; /* for people: what is said of a stamp that leads to it */
	const struct buf *pem;
};
struct archive_pins {
	struct verify_pins statement;	   /* with a policy: asked of the newest layer's head */
	const struct archive_roots *roots; /* each has stamped a layer */
	size_t root_count;
	const struct signoff_file *more; /* sign-offs beside those that are in it */
	size_t more_count;
	const struct pubkey *signers; /* each has signed off */
	size_t signer_count;
};
/* As certificate_verify, of the certificate in it, and the checks "archive", "certified",
 * "signoffs" and "stamps"; "witnesses" is about the newest layer's head. Errors: of memory only;
 * and E_RANGE, more than ARCHIVE_ROOTS_MAX roots, or SIGNOFFS_MAX signers (proof/signoff.h). */
must_use int archive_verify(struct verdict **ret, const void *bytes, size_t len_bytes,
			    const struct archive_pins *pins, struct error *e);

/* ---- Inside: archive_layer.c ---- */

/* What the layers are held against: the certificate. */
struct archive_certified {
	struct note_key key; /* of the facts log */
	const struct verify_pins *pins;
	uint64_t order; /* fact */
	struct hash sha256;
	uint8_t sha512[64];
	struct head head; /* the one before: at first the certificate's own */
	uint64_t n;	  /* the fact, known from layer 1 on */
	bool known;
};
/* Does it hold? Then c->head is its head. E_MISMATCH, E_FORMAT, E_RANGE say what does not. */
must_use int archive_layer_check(struct archive_certified *c, const struct archive_layer *l,
				 struct error *e);

#endif
