/*
 * care: the stores themselves: checked, repaired, made small.
 */
#ifndef FLOW_CARE_H
#define FLOW_CARE_H

#include "repo/repo.h"

/* {"ok","problems":[..],"repaired":[..],"checked":{..}}; E_MISMATCH with the document when something
 * is wrong. deep: every byte is read, hashed, opened, and every row of the catalog compared with what
 * log and vault say. A catalog that is damaged or differs is made again from them. */
must_use int flow_fsck(struct repo *r, bool deep, json_t **ret, struct error *e);
/* Packs without what is dead, catalog vacuumed: {"before","after"} bytes of both, {"packs"} that went,
 * {"objects"} that were alive in them and moved. */
must_use int flow_compact(struct repo *r, json_t **ret, struct error *e);

#endif
