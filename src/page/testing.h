/*
 * testing: certificates of proof's small world with all their words, and their pages, for the
 * tests of this folder. Everything fails the running test.
 */
#ifndef PAGE_TESTING_H
#define PAGE_TESTING_H

#include "proof/world.h"

struct buf *page_of(const struct buf *certificate);
bool says(const struct buf *page, const char *part);
size_t times(const struct buf *page, const char *part);
/* What a reader sees, for a person to look at: RESCIND_PAGES names a folder to leave pages in. */
void leave(const struct buf *page, const char *name);

void add(json_t *list, const char *sentence);
void reach(json_t *list, const char *kind, uint64_t count, const char *how, const char *grade);
/* The world's certificate with the words that flow/ says, and roles opened. */
struct buf *full(struct world *w);

/* A row of the summary's models; key NULL: nobody made it again. */
json_t *model_row(const char *old, const char *new, uint64_t fact, const char *key);
/* The full certificate of a world that unlearned, with these (taken). */
struct buf *unlearned(struct world *w, json_t *models);

#endif
