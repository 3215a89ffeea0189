/*
 * add_checkpoint: what is said between a log and a witness (C2SP tlog-witness): "I have grown from
 * the size that you cosigned to this head, and here is the proof". Pure: bytes in, struct out.
 */
#ifndef WIRE_ADD_CHECKPOINT_H
#define WIRE_ADD_CHECKPOINT_H

#include "crypto/tree.h"
#include "wire/note.h"

/* The specification's own limit of hashes is 63. */
enum { ADD_HASHES_MAX = 63, ADD_REQUEST_MAX = 1 << 18, ADD_ANSWER_MAX = 1 << 17 };
#define ADD_SIZE_TYPE "text/x.tlog.size"

struct add_request {
	uint64_t old;
	struct tree_path path;
	struct note *note; /* owned; its text is lent from the parsed bytes */
};
/* Append a request. Errors: E_RANGE, more than ADD_HASHES_MAX hashes. */
must_use int add_request_put(struct buf *b, uint64_t old, const struct tree_path *path,
			     const void *note, size_t note_len, struct error *e);
/* Errors: E_FORMAT, E_RANGE. bytes stay with the caller. */
must_use int add_request_parse(struct add_request **ret, const void *bytes, size_t len_bytes,
			       struct error *e);
void add_request_destroy(struct add_request *r); /* NULL is fine */
SCOPED(add_request, add_request_destroy);

/* A witness' answer 200 to the head `note`: append to out the note with the latest cosignature by
 * k in it. Lines by unknown keys are passed over. Errors: E_FORMAT, not signature lines;
 * E_MISMATCH, no cosignature by k, or one that does not hold, or without a time; E_RANGE. */
must_use int add_answer_take(struct buf *out, const void *note, size_t note_len,
			     const void *answer, size_t answer_len, const struct note_key *k,
			     struct error *e);
/* Its answer 409: a size and a newline. Errors: E_FORMAT, E_RANGE. */
must_use int add_size_parse(uint64_t *ret, const void *answer, size_t answer_len,
			    struct error *e);

#endif
