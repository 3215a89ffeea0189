/*
 * policy: whom to believe about heads: a C2SP tlog-policy file, to the letter: logs, witnesses,
 * groups, one quorum. Pure: bytes in, struct out.
 */
#ifndef WIRE_POLICY_H
#define WIRE_POLICY_H

#include "wire/note.h"

enum { POLICY_BYTES_MAX = 1 << 18, POLICY_LOGS_MAX = 64, POLICY_WITNESSES_MAX = 64,
       POLICY_GROUPS_MAX = 64, POLICY_NAME_MAX = 255, POLICY_URL_MAX = 2048 };

struct policy_log {
	struct note_key key; /* its name is the log's origin */
	char url[POLICY_URL_MAX + 1]; /* "" when there is none */
};
struct policy_witness {
	char name[POLICY_NAME_MAX + 1]; /* in this file alone */
	struct note_key key;
	char url[POLICY_URL_MAX + 1];
};
struct policy_group;
struct policy {
	size_t log_count, witness_count, group_count;
	struct policy_log log[POLICY_LOGS_MAX];
	struct policy_witness witness[POLICY_WITNESSES_MAX];
	struct policy_group *group; /* owned */
	int quorum;		    /* inside */
};

/* Errors: E_FORMAT with the line; E_RANGE beyond the limits above. */
must_use int policy_parse(struct policy **ret, const void *bytes, size_t len_bytes,
			  struct error *e);
void policy_destroy(struct policy *p); /* NULL is fine */
SCOPED(policy, policy_destroy);

/* The key of the log with this origin; NULL: none is listed. Two keys of one origin: the first that
 * signed n; n may be NULL. */
const struct note_key *policy_log_of(const struct policy *p, const char *origin,
				     const struct note *n);
/* Who cosigned: ret_times[i] as of note_look, for witness i. E_MISMATCH: a cosignature does not
 * hold, or those that do are no quorum; then the times are there too. */
must_use int policy_check(const struct policy *p, const struct note *n,
			  uint64_t ret_times[POLICY_WITNESSES_MAX], struct error *e);

#endif
