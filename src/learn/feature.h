/*
 * features: a picture as small integers, by a rule that was fixed before it saw anybody: integer
 * arithmetic from end to end, no constant learned from data, so that nothing of one picture is in
 * the features of another and the same picture gives the same bytes everywhere. A rule is named
 * NAME@DIGEST; the digest covers its description and what it makes of pictures drawn from a fixed
 * stream, so that a rule that changed has another name.
 *
 *   pixels   32 x 32 means of grey, 0 to 127
 *   bands1   edges of 8 directions in a grid of 6 x 6 cells, relative to their neighbourhood, then
 *            the sizes of 1,024 sums of them with random signs (SHA-256 of a counter)
 *
 * A handle may be used by many threads at once.
 */
#ifndef LEARN_FEATURE_H
#define LEARN_FEATURE_H

#include "crypto/hash.h"
#include "learn/sums.h"

enum { PICTURE_SIDE_MAX = 65535, PICTURE_PIXELS_MAX = 1 << 28, FEATURES_DIGEST_HEX = 32 };

/* 8-bit samples, rows without gaps: 1 channel is grey, 3 are red, green, blue. Lent. */
struct picture {
	const uint8_t *samples;
	size_t width, height, channels;
};

struct features;

/* NAME or NAME@DIGEST. Errors: E_NOT_FOUND, no such rule, or not with this digest. */
must_use int features_create(struct features **ret, const char *name, struct error *e);
void features_destroy(struct features *f); /* NULL is fine */
SCOPED(features, features_destroy);

const char *features_default(void);	    /* the name to use when nobody says one */
const char *features_rule(size_t i);	    /* names of all of them; NULL after the last */
const char *features_name(const struct features *f); /* NAME@DIGEST, for sums_create */
size_t features_dim(const struct features *f);
/* Does the digest in the name hold? For tests: E_MISMATCH, with the one that would. */
must_use int features_digest_check(const struct features *f, struct error *e);

/* ret has room for features_dim bytes, each becomes 0 to 127. Errors: E_RANGE, a picture of no
 * pixels, too many, or neither 1 nor 3 channels; E_MEMORY. */
must_use int features_of(const struct features *f, const struct picture *p, int8_t *ret,
			 struct error *e);

#endif
