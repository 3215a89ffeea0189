/*
 * tlog_proof: C2SP tlog-proof: that an entry is in a log, as a text that needs nothing else but
 * the log's key. Pure: bytes in, struct out.
 */
#ifndef WIRE_TLOG_PROOF_H
#define WIRE_TLOG_PROOF_H

#include "crypto/tree.h"
#include "wire/note.h"

enum { TLOG_PROOF_EXTRA_MAX = 1 << 16, TLOG_PROOF_BYTES_MAX = 1 << 21 };
#define TLOG_PROOF_FIRST "c2sp.org/tlog-proof@v1\n"

struct tlog_proof {
	struct buf *extra; /* NULL: none. Said by whoever wrote the file; owned */
	uint64_t index;
	struct tree_path path;
	const char *note; /* the head; lent from the parsed bytes, not NUL-ended */
	size_t note_len;
};
/* Append the text. extra NULL: none. Errors: E_RANGE. */
must_use int tlog_proof_put(struct buf *b, const struct buf *extra, uint64_t index,
			    const struct tree_path *path, const void *note, size_t note_len,
			    struct error *e);
/* The head is not parsed. Errors: E_FORMAT, E_RANGE. bytes stay with the caller. */
must_use int tlog_proof_parse(struct tlog_proof **ret, const void *bytes, size_t len_bytes,
			      struct error *e);
void tlog_proof_destroy(struct tlog_proof *p); /* NULL is fine */
SCOPED(tlog_proof, tlog_proof_destroy);

/* Lines of one hash each, as they stand in proofs and in requests to witnesses. Parsing passes
 * them up to the line that is empty, and that line too. */
must_use int tlog_path_put(struct buf *b, const struct tree_path *path, struct error *e);
must_use int tlog_path_parse(struct tree_path *ret, const char **at, const char *end,
			     struct error *e);
/* "WORD NUMBER\n" at *at, which is passed. */
must_use int tlog_number_parse(uint64_t *ret, const char *word, const char **at, const char *end,
			       struct error *e);

#endif
