/*
 * ingest_parts: an ingest under way; for ingest.c, ingest_read.c and ingest_batch.c alone.
 */
#ifndef FLOW_INGEST_PARTS_H
#define FLOW_INGEST_PARTS_H

#include "flow/ingest.h"
#include "flow/sidecar.h"
#include "flow/walk.h"
#include "media/media.h"
#include "repo/things.h"

/* Why a file is refused before any decision. */
#define REFUSALS(X) \
	X(EMPTY, "empty") X(UNREADABLE, "unreadable") X(NOT_A_FILE, "not-a-file") \
	X(TOO_LARGE, "too-large") X(MALFORMED, "malformed") X(SYMLINK, "symlink") \
	X(TOO_MANY_COPIES, "too-many-copies")
enum refusal {
#define X(name, text) REFUSAL_##name,
	REFUSALS(X)
#undef X
	REFUSAL_COUNT
};
const char *refusal_code(enum refusal r);

/* Every file found is in one of the first four. */
struct tally {
	uint64_t accepted, refused, quarantined, copies;
	uint64_t denied; /* of the refused: by a decision */
	uint64_t bytes;	 /* of accepted and quarantined */
	uint64_t why[REASON_COUNT], why_not_read[REFUSAL_COUNT];
};
void tally_add(struct tally *sum, const struct tally *more);
/* {"code":count} of what is not 0. */
json_t *tally_reasons(const struct tally *t, struct error *e);

/* A file that was read, until its batch is committed. */
struct item {
	const char *path, *relative; /* lent by the batch's arena */
	struct buf *bytes;	     /* owned */
	struct hash content;
	struct media_info info;	     /* once answered */
	const struct sidecar_row *subjects, *attrs; /* NULL: nothing is said of it */
};

enum { DECODERS = 2 };

struct ingest {
	struct repo *r;
	const struct ingest_words *w;
	struct use use;
	char use_text[USE_TEXT_MAX];
	struct source source;
	struct transfer_row transfer; /* id 0: none */
	struct sidecar *subjects, *attrs;
	struct media *media[DECODERS]; /* item i is looked at by media[i % DECODERS] */
	struct arena *a;
	const char *origin; /* the folder, absolute, that what is read now is relative to */

	struct arena *batch_arena;
	struct item *items; /* room for INGEST_BATCH */
	size_t count, answered;
	uint64_t bytes;
	struct tally batch, all;

	json_t *ids; /* of the batches */
	uint64_t first, last;
	uint64_t unmatched; /* paths of the CSV files that were not found */
	bool stopped;
};

/* ingest_read.c: takes what a walk found; ctx is the ingest. 1: asked to stop. */
int ingest_found(void *ctx, const struct walked *f, struct error *e);
/* Is one told that is refused or quarantined for a reason, as so many were before? */
bool ingest_is_told(const struct ingest *g, uint64_t before);
void ingest_refuse(struct ingest *g, const char *path, enum refusal why, const char *story);
/* Takes the answers that are left, decides, commits, forgets. */
must_use int ingest_end_batch(struct ingest *g, struct error *e);
/* What was read: bytes wiped, arena anew. */
must_use int ingest_forget(struct ingest *g, struct error *e);

/* ingest_batch.c: decides and commits what was read, and counts it. */
must_use int ingest_commit(struct ingest *g, struct error *e);

/* ingest_decide.c: what one batch is decided on, as of one moment, under the lock. */
struct decisions;
must_use int decisions_open(struct decisions **ret, struct ingest *g, uint64_t at_utc_ms,
			    struct error *e);
void decisions_close(struct decisions *d); /* NULL is fine */
SCOPED(decisions, decisions_close);
/* The version of the terms that are valid; 0: none. */
uint64_t decisions_terms(const struct decisions *d);
must_use int decide_item(struct decisions *d, const struct item *item, reasons *ret,
			 struct error *e);

#endif
