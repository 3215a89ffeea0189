/*
 * cosigner_inside: what the files of the cosigner share and nobody else may call.
 */
#ifndef FLOW_COSIGNER_INSIDE_H
#define FLOW_COSIGNER_INSIDE_H

#include <stdlib.h>

#include "flow/cosigner.h"

enum { COSIGNER_LOG_BYTES_MAX = 1 << 16 };
struct cosigner_log {
	char origin[NOTE_NAME_MAX + 1];
	size_t count;
	struct note_key key[COSIGNER_LOG_KEYS_MAX];
};
static inline void cosigner_log_free(struct cosigner_log *l)
{
	free(l);
}
SCOPED(cosigner_log, cosigner_log_free);

void cosigner_origin_hex(char ret[HASH_HEX_MAX], const char *origin, size_t len_bytes);
must_use int cosigner_path(const struct cosigner *c, char ret[PATH_LEN_MAX], const char *folder,
			   const char *hex, struct error *e);
/* E_NOT_FOUND: no such log is known. */
must_use int cosigner_log_read(const struct cosigner *c, const char *hex, struct cosigner_log *ret,
			       struct error *e);
/* The head that was signed last, checked to be of this origin and signed by us; E_NOT_FOUND: none.
 * ret_note may be NULL. */
must_use int cosigner_head(const struct cosigner *c, const char *hex, const char *origin,
			   struct head *ret, struct buf **ret_note, struct error *e);

#endif
