/*
 * verify_data: files held against what one believes, from bytes alone, without a repository: the
 * weights of an exact model against their sums, and files that came with a certificate against
 * what that opens.
 */
#ifndef FLOW_VERIFY_DATA_H
#define FLOW_VERIFY_DATA_H

#include "base/arena.h"
#include "proof/certificate.h"

/* Is this a file of tensors? False when it cannot be read. */
bool verify_is_tensors(const char *path);

/* What paths given as data stand for: a folder made by `model export` for the files of a checkpoint
 * that are in it (with_weights: its weights among them), any other file for itself; lent by a.
 * Errors: E_FORMAT, another folder, or no regular file. What is not there is for whoever opens it. */
must_use int verify_data_paths(struct arena *a, const char *const *paths, size_t count,
			       bool with_weights, const char *const **ret, size_t *ret_count,
			       struct error *e);

/* Are these the weights of the sums among data, to the last unit? data: paths of sums, of the
 * proof (else proof.safetensors beside the weights) and of checkpoint.json (may be missing), each
 * told by what is in it. The document of verdict_json, with weights_sha256 and data:[{"path",
 * "answer"}]. Errors: a file that cannot be read; E_MEMORY. What does not hold is a verdict. */
must_use int verify_weights(const char *path, const char *const *data, size_t count, json_t **ret,
			    struct error *e);

/* Which of the data does a certificate speak of? Adds data to the document of its verdict; a file of a
 * checkpoint that it does not speak of is a check `data` that fails, and it is valid no more. */
must_use int verify_answers(const struct verdict *v, const char *const *data, size_t count,
			    json_t *doc, struct error *e);

/* Does it say that it is the statement of a hand-over (docs/formats.md section 4)? */
bool verify_is_handover(const struct buf *bytes);
/* Checks encoding, signature, key, head and, for each of the data, manifest; when it cannot be read
 * only encoding. The document of verdict_json. Errors: data that cannot be read; E_MEMORY. */
must_use int verify_handover(const struct buf *bytes, const struct verify_pins *pins,
			     const char *const *data, size_t count, json_t **ret, struct error *e);

#endif
