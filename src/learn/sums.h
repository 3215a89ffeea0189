/*
 * sums: the whole state of an exact model, as integer sums over its records. A record is d small
 * integers (features, from a fixed extractor) and a label, or k whole numbers to be predicted:
 *
 *   n     records                        G[i][j]   sum of x_i x_j
 *   s[i]  sum of x_i                     x[c][i]   sum of x_i over the records of label c,
 *                                                  or of x_i t_c for numbers
 *   sum   records of label c, or sum of t_c        t2   sum of t_c squared (numbers alone)
 *
 * Integer addition has no order and an inverse: whatever was added, in whatever order, in however
 * many parts, and taken away again, the sums are those of what is left, bit for bit. A label whose
 * count is 0 is not there. All limits below keep every sum far inside 64 bits: |G| <= 2^46.
 *
 * Sums belong to one thread; adding uses as many as there are processors, and the widest of the
 * dot-product instructions found (gram.h), all of which give the same integers. Sums hold personal
 * data (the difference of two is the record between them): they are wiped when destroyed.
 */
#ifndef LEARN_SUMS_H
#define LEARN_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/own.h"

enum sums_kind { SUMS_LABELS = 1, SUMS_NUMBERS = 2 };

enum {
	SUMS_DIM_MAX = 8192,
	SUMS_OUTPUTS_MAX = 16384,    /* labels, or numbers of one record */
	SUMS_CELLS_MAX = 1 << 26,    /* d times outputs */
	SUMS_LABEL_MAX = 255,	     /* bytes of UTF-8, at least 1, no control bytes */
	SUMS_TARGET_MAX = 32767,      /* of a number, and its negative */
	SUMS_FEATURES_MAX = 100	     /* bytes of an extractor's name */
};
#define SUMS_RECORDS_MAX ((int64_t)1 << 32)

struct output {
	char *label; /* NULL for numbers */
	int64_t sum, t2;
	int64_t *x; /* d of them */
};

/* Read it, never write it. */
struct sums {
	enum sums_kind kind;
	char features[SUMS_FEATURES_MAX + 1];
	size_t d, count, cap;	/* count of outputs */
	int64_t n;
	int64_t *s;
	int64_t *g;		/* lower triangle by rows: G[i][j] at i*(i+1)/2 + j, j <= i */
	struct output *output;	/* labels in the order of their bytes */
};

static inline size_t sums_triangle(size_t d)
{
	return d * (d + 1) / 2;
}

/* Records to add or take away, all lent for the call. */
struct records {
	size_t count;
	const int8_t *features;	   /* d of each, -128 to 127, one record after the other */
	const char *const *labels; /* one of each, or */
	const int32_t *numbers;	   /* outputs of each */
};

/* Sums of no records. features names the extractor ([!-~], no spaces); numbers is how many are to
 * be predicted, 0 for labels. Errors: E_RANGE, E_FORMAT, E_MEMORY. */
must_use int sums_create(struct sums **ret, const char *features, size_t d, size_t numbers,
			 struct error *e);
void sums_destroy(struct sums *s); /* wipes; NULL is fine */
SCOPED(sums, sums_destroy);

/* After an error of any of these four the sums are as they were. Errors: E_RANGE, beyond a limit
 * above; E_FORMAT, not a label; E_MEMORY. */
must_use int sums_add(struct sums *s, const struct records *r, struct error *e);
/* The inverse. E_MISMATCH when what would be left is no sum of records as far as can be seen
 * (more records than there are, a label that is not there, a square below 0). A record that was
 * never added is not always noticed: who subtracts keeps the ledger of what is inside. */
must_use int sums_subtract(struct sums *s, const struct records *r, struct error *e);
/* Add or take away other sums of the same extractor, d and kind, else E_MISMATCH. */
must_use int sums_merge(struct sums *s, const struct sums *other, struct error *e);
must_use int sums_unmerge(struct sums *s, const struct sums *other, struct error *e);

bool sums_equal(const struct sums *a, const struct sums *b);
must_use int sums_copy(struct sums **ret, const struct sums *s, struct error *e);

/* As one safetensors file, tensors of I64; the same sums are always the same bytes. Appends. */
must_use int sums_put(const struct sums *s, struct buf *b, struct error *e);
/* Errors: E_FORMAT, not such a file or no possible sums; E_RANGE, beyond a limit; E_MEMORY. */
must_use int sums_parse(struct sums **ret, const void *bytes, size_t len_bytes, struct error *e);

/* For those who build sums from a file: the output of this label, made if it is not there. NULL
 * with e set: E_FORMAT, not a label; E_RANGE; E_MEMORY. */
struct output *sums_output(struct sums *s, const char *label, struct error *e);
/* Could these be sums of records? E_MISMATCH with the reason. */
must_use int sums_possible(const struct sums *s, struct error *e);

#endif
