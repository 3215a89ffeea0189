/*
 * exact_world: a repository with photos that exact models learn from, for their tests alone.
 */
#ifndef FLOW_EXACT_WORLD_H
#define FLOW_EXACT_WORLD_H

#include "flow/exact.h"
#include "flow/world.h"

enum { PHOTOS = 12 };

/* Position 0 is no picture; photo i is i + 1 (or the other way round), with the attributes
 * `colour` (x, y, z in turn), `size` (a number) and `all` (the same of each); dataset d is of all. */
struct world *exact_world(bool backwards);
/* Owned. */
json_t *exact_trained(struct world *w, const char *model, const char *target, bool numbers);
/* Lent until the next call. */
struct model exact_model(struct world *w, const char *name);
/* fsck --deep finds nothing (part NULL), or this. */
void exact_fsck_says(struct world *w, const char *part);
int exact_main(const char *area, int argc, char **argv);

#endif
