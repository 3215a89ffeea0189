/*
 * fold: what a fact means for the catalog. One function for each type, used when a fact is
 * written and when the catalog is made again from log and vault (fsck --rebuild): there is no
 * second way to a row. private_part is NULL when its key was destroyed: what can be said
 * without it is folded.
 */
#ifndef REPO_FOLD_H
#define REPO_FOLD_H

#include "repo/repo.h"
#include "wire/fields.h"
#include "wire/json.h"

must_use int fold_fact(struct repo *r, uint64_t n, const json_t *entry,
		       const struct fields *private_part, struct error *e);
/* Is this a type that we know? An unknown one in a log of our format is refused (E_FORMAT). */
bool fold_knows(const char *type);

#endif
