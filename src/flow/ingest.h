/*
 * ingest: the first door. Files are read and looked at without the lock, a batch at a time (at
 * most INGEST_BATCH records or INGEST_BYTES), decided and committed under it. Every file found
 * counts once: accepted, refused (with its reason), quarantined, or a copy.
 */
#ifndef FLOW_INGEST_H
#define FLOW_INGEST_H

#include "repo/change.h"

enum { INGEST_BATCH = 4096, INGEST_BYTES = 64 << 20, INGEST_FILE_MAX = 1 << 30 };

struct ingest_words {
	const char *source;
	const char *const *paths; /* folders or files */
	size_t path_count;
	const char *use, *transfer; /* transfer NULL: none */
	const char *subjects, *attrs; /* CSV files; NULL */
	bool in_place, quarantine;
	const char *program; /* for the confined child: "/proc/self/exe" */
};
/* The document: batch, batches[], accepted, refused, quarantined, copies, reasons{code:count}, first,
 * last, seconds, bytes. Each refused file and each "batch N committed" is told (repo_tell).
 * Returns 0 all in (or nothing to do), E_PARTIAL some refused, E_DENIED all denied: with a document
 * in each of these. Other errors: none. */
must_use int flow_ingest(struct repo *r, const struct ingest_words *w, json_t **ret,
			 struct error *e);

#endif
