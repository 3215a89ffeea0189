/*
 * head: a signed head alone, or an entry proved by one (C2SP tlog-proof), checked from bytes.
 */
#ifndef PROOF_HEAD_H
#define PROOF_HEAD_H

#include "proof/certificate.h"
#include "wire/policy.h"

/* Is it a signed note at all (a proof, by its end, is one too)? Does it begin like a tlog-proof? */
bool is_note(const struct buf *bytes);
bool is_tlog_proof(const struct buf *bytes);

/* 0 with a verdict also when nothing holds: the checks "head" and, with a policy, "witnesses"; of a
 * proof "encoding" and "entry" too. The entry is the file's extra data. The pinned key, of either of
 * a repository's logs, pins both; without one, the policy's log of this origin. pins->order is
 * passed over. Errors (of memory only) leave *ret untouched. */
must_use int head_verify(struct verdict **ret, const struct buf *bytes,
			 const struct verify_pins *pins, struct error *e);
must_use int tlog_proof_verify(struct verdict **ret, const struct buf *bytes,
			       const struct verify_pins *pins, struct error *e);

/* For verify_pins: both heads of a certificate. */
int check_witnesses(struct checking *c, struct error *e);
/* For verify_pins: the key of one of its logs. */
int check_listed(struct checking *c, struct error *e);

/* Inside proof/. Do the policy's witnesses cosign this head? Appends "witnessed by: NAME at TIME" for
 * each that does to sentences, also when they are no quorum. Errors: as of policy_check. */
must_use int head_witnessed(const struct policy *p, const char *note, size_t note_len,
			    const char *what, json_t *sentences, struct error *e);

#endif
