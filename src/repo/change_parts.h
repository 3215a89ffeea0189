/*
 * change_parts: what the files of a change share. Only for repo/change*.c.
 */
#ifndef REPO_CHANGE_PARTS_H
#define REPO_CHANGE_PARTS_H

#include "repo/change.h"

/* A container that will be new: its bytes, its key, its root. */
struct prepared {
	struct hash name, root;
	uint64_t number, size;
	uint8_t key[32];
	const uint8_t *bytes;
	size_t len_bytes;
};

struct change {
	struct repo *r;
	bool locked_here, begun, ended;
	uint64_t now_utc_ms, facts, positions, pack;
	struct log *records; /* with this change's commitments */
	struct buf *commitments; /* of this change, until it commits */
	struct set *quarantined; /* likewise */
	char role_id[KEY_ID_MAX];
	struct arena *prepared_arena; /* containers whose roots are known before they are put */
	struct prepared *prepared;
	size_t prepared_count, prepared_cap;
};

/* A fresh slot and its key. */
must_use int change_slot(struct change *c, uint64_t *ret_slot, uint8_t ret_key[SEAL_KEY_LEN],
			 struct error *e);

#endif
