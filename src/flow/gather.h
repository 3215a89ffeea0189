/*
 * gather: what an exact model learns from: the photos of a set of records as features, made in
 * two confined decoders, and what their cards say of the target. Never holds more
 * than a window of photos. Records are given by position, ascending; those that cannot be used
 * are counted and passed over, by rules that look at the record alone, so that what is used of
 * one record does not depend on any other.
 */
#ifndef FLOW_GATHER_H
#define FLOW_GATHER_H

#include "learn/feature.h"
#include "media/media.h"
#include "repo/repo.h"

/* How a checkpoint is made, beside its records. */
struct recipe {
	const char *target;   /* the key of an attribute; "subject": the one person in it */
	const char *features; /* NAME@DIGEST */
	int64_t lambda;	      /* 0: learn_lambda of the sums */
	bool numbers;	      /* the target's values are whole numbers to be predicted */
};

struct example {
	uint64_t pos;
	const char *label;  /* of labels; NULL: passed over unless all are asked for */
	int32_t number;	    /* of numbers */
	const int8_t *x;    /* features, lent for the call */
};

/* Every record of the set that is not erased is in one of these. */
struct gathered {
	uint64_t used;
	uint64_t no_target;   /* none, several values, or one that is no label (sums.h) */
	uint64_t no_number;   /* not a whole number of -SUMS_TARGET_MAX to SUMS_TARGET_MAX */
	uint64_t no_picture;  /* not a picture that the decoder knows, or a damaged one */
};

/* Calls each for every usable record of which, ascending. Errors: of the stores; what each
 * returned; E_CANCELLED; E_IO, a decoder that died of a record or took too long, twice: that may
 * be the machine's doing, so the record is not passed over. */
must_use int gather(struct repo *r, const struct recipe *how, const struct set *which,
		    int (*each)(void *ctx, const struct example *x, struct error *e), void *ctx,
		    struct gathered *ret, struct error *e);

/* The features of one file's bytes. E_FORMAT: no picture, with the reason. */
must_use int gather_bytes(struct media *decoder, const void *bytes, size_t len_bytes, size_t d,
			  int8_t *ret, struct error *e);

#endif
