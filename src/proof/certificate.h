/*
 * certificate: the signed answer to an order, made and checked from bytes alone. What is in it
 * and what a verifier checks: docs/formats.md section 3. This folder includes only base/,
 * crypto/, set/ and wire/: it is the whole of the stranger's verifier.
 */
#ifndef PROOF_CERTIFICATE_H
#define PROOF_CERTIFICATE_H

#include "crypto/sign.h"
#include "crypto/tree.h"
#include "set/set.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/note.h"
#include "wire/policy.h"

enum { CERTIFICATE_BYTES_MAX = 64 << 20, CERTIFICATE_FACTS_MAX = 1 << 20,
       CERTIFICATE_RUNS_MAX = 1 << 20, CERTIFICATE_CONTAINERS_MAX = 1 << 20,
       CERTIFICATE_WORDS_MAX = 4096, CERTIFICATE_REPRODUCED_MAX = 1024 };
#define CERTIFICATE_TYPE "urn:rescind:certificate:1"

/* ---- Making ----
 *
 * The caller fills a draft in any order; everything is copied. certificate_verify asks for
 *   facts:  number 0 (init), every batch, the order, its plan, approval and steps, the key facts of
 *           opener and approver, each set's fact, the source of an order against source:NAME, the
 *           checkpoints that unlearn steps name, the reproduced facts of those they made and
 *           the keys of who said them; no others, and a head that ends with the last step
 *   fields: order id, demand (opened or withheld), positions, kept; plan plan; step done where
 *           the step is a subset or unlearn; source name; name, version and digest of every
 *           checkpoint that was unlearned or made so. May be opened: order count and due, role,
 *           origin, tool.
 */
struct certificate_draft;
must_use int certificate_draft_create(struct certificate_draft **ret, struct error *e);
void certificate_draft_destroy(struct certificate_draft *d); /* NULL is fine */
SCOPED(certificate_draft, certificate_draft_destroy);

/* Show fact n: its entry as logged. Shown once, however often it is added. */
must_use int certificate_show(struct certificate_draft *d, uint64_t n, const void *entry,
			      size_t len_bytes, struct error *e);
/* Open field index of fact n's private part; or show no more of it than its commitment. Once for
 * each field, however often; not both (certificate_make: E_CONFLICT). */
must_use int certificate_open(struct certificate_draft *d, uint64_t n, const struct fields *f,
			      size_t index, struct error *e);
must_use int certificate_withhold(struct certificate_draft *d, uint64_t n, const struct fields *f,
				  size_t index, struct error *e);
/* A retained set: fact n says its root; its containers follow in order, each by
 * certificate_set_container (the same root and number again is shared, the first opening
 * counts). size: of the set. opening: of the ordered positions below size in it as 0; len_bytes
 * is 0 when none lies in it. A set comes once: E_CONFLICT. */
must_use int certificate_set(struct certificate_draft *d, uint64_t n, struct error *e);
must_use int certificate_set_container(struct certificate_draft *d, uint64_t number, uint64_t size,
				       const struct hash *root, const void *opening,
				       size_t len_bytes, struct error *e);
/* Has this container been given already (then its opening need not be made again)? */
bool certificate_has_container(const struct certificate_draft *d, uint64_t number,
			       const struct hash *root);

struct certificate_words {
	const char *origin, *tool, *order_id;
	uint64_t issued_utc_ms;
	uint64_t opened, plan, approval; /* numbers of facts */
	const uint64_t *steps;		 /* ascending */
	size_t step_count;
	const struct set *positions, *kept; /* kept may be NULL */
	const char *facts_head, *records_head; /* notes */
	/* Lent. sanitization is an object, and summary {"what","reached","people"} (and maybe
	 * "models") with reached a list of {"kind","count","how","grade"}; the others are lists of
	 * texts. */
	const json_t *summary, *asserted, *signed_by_others, *not_covered, *sanitization;
	const struct hash *demand;
};
/* The whole file (envelope and final newline) is appended to out. read: over the facts log. That
 * it holds is for certificate_verify to say. Nothing may be added to d afterwards. Errors:
 * E_MISMATCH, the facts head is not by this seed; E_CONFLICT, one fact has two entries; E_RANGE;
 * what read says. */
must_use int certificate_make(struct certificate_draft *d, const struct certificate_words *w,
			      const uint8_t seed[SIGN_SEED_LEN], tree_reader *read, void *ctx,
			      struct buf *out, struct error *e);

/* What an approval is of: the demand and the plan by name, and the two entries of the facts log
 * that they stand in (RFC 9162 leaf hashes), which bind the positions and all else. */
struct approved {
	struct hash demand, plan, order_leaf, plan_leaf;
};
/* Append what an approver signs: docs/formats.md section 1. */
must_use int certificate_approval_text(struct buf *b, const char *origin,
				       const struct approved *what, struct error *e);

/* Append what a key signs that says `reproduced` of the checkpoint whose fact's entry has this leaf
 * hash: docs/formats.md section 1. */
must_use int certificate_reproduced_text(struct buf *b, const char *origin,
					 const struct hash *model_leaf, struct error *e);

/* A log that lost its end goes on as another: ORIGIN~N@M, N from 2 to SUCCESSORS_MAX, M the number of
 * the fact that says so: so there is one such fact for a name. What is signed by persons names ORIGIN
 * alone, which has no '~'. The length of that part; *ret_number is 1 without a '~', 0 where what
 * follows it is otherwise. */
enum { SUCCESSORS_MAX = 9 };
size_t origin_base(const char *origin, uint64_t *ret_number);
/* Append the name of that log of the row. */
must_use int origin_put(struct buf *b, const char *origin, uint64_t number, uint64_t begin,
			struct error *e);
/* What the old log's key signs of its successor: docs/formats.md section 1. */
struct succeeded {
	uint8_t key[SIGN_PUBLIC_LEN]; /* the successor's */
	uint64_t size, records;	      /* what is left */
	struct hash root, records_root;
	uint64_t lost; /* the size that the log had */
	struct hash lost_root;
	uint64_t lost_records;
	bool keys;
};
/* number: which in the row it is, from 2; before: where the one before began, if that is not the first.
 * origin: of any of them. */
must_use int successor_text(struct buf *b, const char *origin, uint64_t number, uint64_t before,
			    const struct succeeded *what, struct error *e);

/* ---- Checking ---- */

enum { CHECK_DETAIL_MAX = 240, CHECKS_MAX = 32 };
struct check {
	const char *name; /* "signature", "heads", ...; static */
	bool ok;
	char detail[CHECK_DETAIL_MAX]; /* plain ASCII, whatever the file holds */
};
struct verdict {
	bool valid; /* every check holds, and a key was pinned */
	size_t count;
	struct check check[CHECKS_MAX];
	json_t *witnessed; /* sentences: who else signed the heads, as the policy knows them; owned */
	json_t *limits;	   /* sentences: what none of the checks could say; owned */
	json_t *statement; /* what was read; NULL when nothing could be; owned */
};
void verdict_destroy(struct verdict *v); /* NULL is fine */
SCOPED(verdict, verdict_destroy);
/* {"valid","type","checks":[{"name","ok","detail"}],"signed_by_others","asserted","not_covered"}: type is
 * the predicateType of the statement that was read, and is missing where none was; the
 * lists of the statement, and ours after them: `witnessed`, `limits`. What it says of who else signed
 * begins with "the operator says: ", and nothing that was checked does. */
must_use int verdict_json(const struct verdict *v, json_t **ret, struct error *e);

struct checking; /* inside */
struct verify_pins {
	const char *vkey;	  /* of either log; NULL: not pinned, so not valid */
	const char *vkey_mldsa;	  /* its ML-DSA-44 key: then every head bears that line too; NULL: not asked */
	const struct hash *order; /* the demand; NULL: any */
	/* Whom to believe about heads: then both carry its quorum (the check "witnesses"), and the log is
	 * among its logs, if it lists any; without a vkey these pin the key. NULL: none. */
	const struct policy *policy;
	/* check_witnesses and check_listed (proof/head.h) with a policy, else NULL. */
	int (*witnesses)(struct checking *c, struct error *e);
	int (*listed)(struct checking *c, struct error *e); /* the check "key" without a vkey */
};
/* A vkey that was typed, at its place of the two; lent. E_USAGE: no vkey of a log, or the second of its
 * kind. */
must_use int pins_take(struct verify_pins *pins, const char *vkey, struct error *e);
/* Does this head of the log `origin` bear the pinned ML-DSA key's line? 0 where none is pinned. E_NOT_FOUND:
 * libcrypto has no ML-DSA-44; E_MISMATCH: no. */
must_use int head_bears_mldsa(const struct verify_pins *pins, const char *origin,
			      const struct note *n, struct error *e);
/* Of attestations and receipts (attestation.h, receipt.h) too: predicateType tells, and each kind has
 * checks of its own. 0 with a verdict also when nothing holds: a file that is no statement is a
 * verdict with the check "encoding" not ok. Errors (of memory only) leave *ret untouched. A position costs four
 * hashes for each distinct container it is opened in. */
must_use int certificate_verify(struct verdict **ret, const void *bytes, size_t len_bytes,
				const struct verify_pins *pins, struct error *e);

#endif
