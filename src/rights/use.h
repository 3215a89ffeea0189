/*
 * use: what something may be done for: processing x purpose, written
 * "train:IdentityVerification". Processing: train, finetune, evaluate, embed, infer, share;
 * none includes another. Purposes are those of the Data Privacy Vocabulary (DPV 2.3), a
 * tree (an acyclic graph: some have two parents), in rights/purposes.def.
 */
#ifndef RIGHTS_USE_H
#define RIGHTS_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum processing { TRAIN, FINETUNE, EVALUATE, EMBED, INFER, SHARE, PROCESSING_COUNT };

struct use {
	uint8_t processing;
	uint8_t below;	  /* "+below" was written behind it (grants); a use asked for has none */
	uint16_t purpose; /* index into the purposes; 0 is Purpose, above all others */
};

enum { USES_MAX = 256, USE_TEXT_MAX = 128 };
struct uses {
	struct use list[USES_MAX];
	size_t count;
};

size_t purpose_count(void);
const char *purpose_name(uint16_t purpose); /* "unknown" beyond the last */
/* Exact spelling of DPV; E_NOT_FOUND, with the nearest name as a hint if one is near. */
must_use int purpose_find(uint16_t *ret, const char *name, size_t len, struct error *e);
bool purpose_within(uint16_t purpose, uint16_t above); /* the same or below it */
/* Commercial? Would serving it infer special categories (GDPR article 9)? Both by the tables
 * in purpose.c and what is below; Purpose itself may be anything, so both are true of it. */
bool purpose_commercial(uint16_t purpose);
bool purpose_infers_special(uint16_t purpose);

const char *processing_name(uint8_t processing);
/* "train:IdentityVerification", or with "+below". Errors: E_USAGE. */
must_use int use_parse(struct use *ret, const char *text, size_t len, struct error *e);
const char *use_text(char ret[USE_TEXT_MAX], const struct use *u);
/* Comma-separated, at least one. Errors: E_USAGE; E_RANGE, more than USES_MAX. */
must_use int uses_parse(struct uses *ret, const char *text, struct error *e);
/* Canonical: sorted, no doubles, comma-separated. Errors: E_MEMORY; then b is unchanged. */
must_use int uses_put(const struct uses *u, struct buf *b, struct error *e);
/* Is u covered by one of them? below_always: what is below an entry is covered too; else only
 * where the entry says +below. NULL covers nothing. If u says +below, all of it must be. */
bool uses_cover(const struct uses *list, const struct use *u, bool below_always);

#endif
