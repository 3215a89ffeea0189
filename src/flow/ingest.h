/*
 * ingest: the first door. Files are read and looked at without the lock, a batch at a time (at
 * most INGEST_BATCH records or INGEST_BYTES), decided and committed under it. Every file found
 * counts once: accepted, refused (with its reason), quarantined, or a copy.
 */
#ifndef FLOW_INGEST_H
#define FLOW_INGEST_H

#include "repo/change.h"

enum { INGEST_BATCH = 16384, INGEST_BYTES = 256 << 20, INGEST_FILE_MAX = 1 << 30 };

enum { INGEST_TOLD = 10 };
struct ingest_words {
	const char *source;
	const char *const *paths; /* folders or files */
	size_t path_count;
	const char *use, *transfer; /* transfer NULL: none */
	const char *subjects, *attrs; /* CSV files; NULL */
	bool in_place, quarantine;
	bool tell_each; /* of the refused and quarantined, however many */
};
/* The document: batch ("b3", the last; null when nothing new came in), batches[], accepted,
 * refused, quarantined, copies, reasons{code:count}, first, last (null likewise), seconds (rounded
 * up), milliseconds, bytes (accepted and quarantined), unmatched (paths of the CSV files that
 * are none of the files found; told too, and no failure). A file that is denied counts for each of its
 * reasons. Each "batch N committed" is told (repo_tell), and the first INGEST_TOLD files refused or quarantined
 * for each reason; if there are more, how many, at the end.
 * Returns 0 all in (or nothing to do), E_PARTIAL some refused, E_DENIED nothing came in and a
 * decision denied some: with a document in each of these. Asked to stop it commits what it has
 * read: E_PARTIAL, the document has "stopped". Other errors leave no document; batches that were
 * told stay. E_NOT_FOUND (a path, the source, a CSV), E_FORMAT (a CSV), E_USAGE: nothing was read yet.
 * What is on the never-again list is refused, not quarantined. A file whose bytes are in quarantine and
 * that nothing denies now becomes a record of its own; the one in quarantine stays there. A copy that
 * names people or attributes which its record does not have is noted with them. */
must_use int flow_ingest(struct repo *r, const struct ingest_words *w, json_t **ret,
			 struct error *e);

#endif
