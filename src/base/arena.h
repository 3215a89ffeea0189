/*
 * arena: many small things that die together. A verb that reads many rows keeps
 * them in one arena; what outlives the call never. Memory is zeroed when given.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/error.h"
#include "base/own.h"

struct arena;

must_use int arena_create(struct arena **ret_arena, struct error *e);
void arena_destroy(struct arena *a); /* NULL is fine */
SCOPED(arena, arena_destroy);

/* Lent until the arena ends; zeroed, aligned for any type. NULL with e set: E_MEMORY. */
void *arena_alloc(struct arena *a, size_t len_bytes, struct error *e);
char *arena_text(struct arena *a, const char *text, size_t len_bytes, struct error *e);
char *arena_printf(struct arena *a, struct error *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Grow an array that lives in the arena: returns room for at least count+1 items of
 * item_bytes, moving it (by doubling) when *cap is reached. NULL with e set: E_MEMORY. */
void *arena_grow(struct arena *a, void *array, size_t item_bytes, size_t count, size_t *cap,
		 struct error *e);

#endif
