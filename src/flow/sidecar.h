/*
 * sidecar: what a CSV file beside the data says of each path: who is on it (columns path, subject)
 * or what is known of it (columns path, key, value). Other columns are passed over. A path may
 * have several rows; "./" before it is dropped. The whole file is held in memory.
 */
#ifndef FLOW_SIDECAR_H
#define FLOW_SIDECAR_H

#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

enum sidecar_kind { SIDECAR_SUBJECTS, SIDECAR_ATTRS };
enum { SIDECAR_VALUES_MAX = 256 /* of one path */, SUBJECT_MAX = 256, ATTR_KEY_MAX = 100,
       ATTR_VALUE_MAX = 4096 };

struct sidecar_row {
	const char *path;
	const char **values; /* subjects, or KEY=VALUE; in order of bytes, each once */
	size_t count;
};

struct sidecar;

/* Errors: E_NOT_FOUND; E_FORMAT and E_RANGE name the file, and the column or the line: a subject
 * is 1 to SUBJECT_MAX bytes of UTF-8 without control characters, a key [A-Za-z0-9][A-Za-z0-9._-]*,
 * a value UTF-8; one key has one value. */
must_use int sidecar_open(struct sidecar **ret, const char *file, enum sidecar_kind kind,
			  struct error *e);
void sidecar_close(struct sidecar *s); /* NULL is fine */
SCOPED(sidecar, sidecar_close);

/* What it says of a path, which then counts as found. NULL: nothing (s may be NULL). Lent. */
const struct sidecar_row *sidecar_find(struct sidecar *s, const char *path);
/* How many of its paths were never asked for, and the first of them. */
uint64_t sidecar_unfound(const struct sidecar *s, const char **ret_first);

#endif
