/*
 * verify_files: a file that somebody holds, told by what is in it. For flow/verify_*.c.
 */
#ifndef FLOW_VERIFY_FILES_H
#define FLOW_VERIFY_FILES_H

#include "base/file.h"
#include "flow/checkpoint.h"
#include "proof/certificate.h"

enum { VERIFY_FILE_MAX = 1 << 30 };

enum held_kind {
	HELD_OTHER,   /* of no checkpoint of ours: a photo; not read */
	HELD_WEIGHTS, HELD_PROOF, HELD_SUMS, /* by the `format` in their metadata */
	HELD_CARD     /* a checkpoint.json */
};
struct held {
	const char *path; /* lent */
	enum held_kind kind;
	struct buf *bytes;	 /* of all but others */
	struct hash sha256;	 /* of the bytes */
	struct checkpoint *card; /* of a card; NULL: it is none that holds, and why says it */
	char why[ERROR_TEXT_MAX];
};
/* Errors: it is not there, cannot be read, or is larger than VERIFY_FILE_MAX. */
must_use int held_open(struct held *ret, const char *path, struct error *e);
void held_done(struct held *h);
/* The file of this name in the folder of h; false when there is none. */
bool held_beside(const struct held *h, const char *name, char ret[PATH_LEN_MAX]);
/* {"path","answer"} */
json_t *held_row(const struct held *h, const char *answer, struct error *e);
/* Into the document of a verdict: this file is not what the statement speaks of. */
void answer_fails(json_t *doc, const char *path, struct error *e);

/* verify_receipt.c: verify_answers of a receipt, whose records' bytes are opened by their SHA-256. */
bool verify_is_receipt(const struct verdict *v);
must_use int verify_receipt_answers(const struct verdict *v, const char *const *data, size_t count,
				    json_t *doc, struct error *e);

#endif
