/*
 * verify_data: files held against what one believes, from bytes alone, without a repository: the
 * weights of an exact model against their sums, and files that came with a certificate against
 * what that opens.
 */
#ifndef FLOW_VERIFY_DATA_H
#define FLOW_VERIFY_DATA_H

#include "proof/certificate.h"

/* Is this a file of tensors? False when it cannot be read. */
bool verify_is_tensors(const char *path);

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

#endif
