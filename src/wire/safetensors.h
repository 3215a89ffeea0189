/*
 * safetensors: the file of tensors that model tools read. u64 length of the header (little-endian
 * as all of it), the header in JSON, then the bytes of the tensors, without gaps.
 *
 * Reading is strict: what the reference implementation refuses is refused, and also duplicate
 * keys, more than the limits below, and dtypes not listed. Writing has one form: the same tensors
 * and metadata are the same bytes (keys and data in the order of the names, the header filled with
 * spaces to a multiple of 8).
 */
#ifndef WIRE_SAFETENSORS_H
#define WIRE_SAFETENSORS_H

#include "base/buf.h"
#include "wire/json.h"

enum {
	SAFETENSORS_HEADER_MAX = 16 << 20,
	SAFETENSORS_TENSORS_MAX = 65536,
	SAFETENSORS_NAME_MAX = 1024, /* bytes, at least 1 */
	SAFETENSORS_RANK_MAX = 16
};

struct tensor {
	const char *name;	/* lent by the file, or by the caller who writes */
	char dtype[8];		/* "I64", "F32", .. */
	size_t rank;
	uint64_t shape[SAFETENSORS_RANK_MAX], count; /* count: the product */
	const void *bytes;	/* little-endian, not aligned */
	size_t len_bytes;
};

struct safetensors {
	struct tensor *tensor; /* in the order of their names */
	size_t count;
	json_t *header;
};

/* The bytes stay the caller's and must outlive *ret. Errors: E_FORMAT; E_RANGE, beyond a limit;
 * E_MEMORY. */
must_use int safetensors_parse(struct safetensors **ret, const void *bytes, size_t len_bytes,
			       struct error *e);
void safetensors_destroy(struct safetensors *f); /* NULL is fine */
SCOPED(safetensors, safetensors_destroy);

const struct tensor *safetensors_find(const struct safetensors *f, const char *name); /* or NULL */
/* A text of the metadata; NULL when there is none. Lent. */
const char *safetensors_text(const struct safetensors *f, const char *key);
/* Value i below count of a tensor of I64. */
int64_t safetensors_i64(const struct tensor *t, uint64_t i);

/* Append a file of I64 tensors: of each its name, rank, shape and bytes (int64_t of this machine,
 * count and the rest are ignored), names rising, metadata an object of texts, borrowed, or NULL.
 * Errors: E_FORMAT, E_RANGE, E_MEMORY. */
must_use int safetensors_put(const struct tensor *tensors, size_t count, const json_t *metadata,
			     struct buf *b, struct error *e);

#endif
