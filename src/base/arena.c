#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_MIN = 16 << 10, CHUNK_MAX = 1 << 20, ARRAY_MIN = 8 };

struct chunk {
	struct chunk *next;
	size_t cap, used;
	max_align_t bytes[];
};

/* The first chunk is the one being filled. */
struct arena {
	struct chunk *chunks;
	size_t next_cap;
};

int arena_create(struct arena **ret_arena, struct error *e)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		return error_set(e, E_MEMORY, "out of memory");
	a->next_cap = CHUNK_MIN;
	*ret_arena = a;
	return 0;
}

void arena_destroy(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

/* What is left of the chunk before is less than what there is no room for: half is lost at most. */
static struct chunk *chunk_add(struct arena *a, size_t len)
{
	size_t cap = len > a->next_cap ? len : a->next_cap;
	struct chunk *c = calloc(1, sizeof(*c) + cap);

	if (!c)
		return NULL;
	if (a->next_cap < CHUNK_MAX)
		a->next_cap *= 2;
	*c = (struct chunk){ .next = a->chunks, .cap = cap };
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t len_bytes, struct error *e)
{
	const size_t align = sizeof(max_align_t);
	size_t len = ((len_bytes ? len_bytes : 1) + align - 1) / align * align;
	struct chunk *c = a->chunks;

	/* len is never 0, so that two things never share an address. */
	if (len_bytes <= SIZE_MAX / 4 && (!c || len > c->cap - c->used))
		c = chunk_add(a, len);
	if (len_bytes > SIZE_MAX / 4 || !c) {
		error_set(e, E_MEMORY, "out of memory for %zu bytes", len_bytes);
		return NULL;
	}
	c->used += len;
	return (uint8_t *)c->bytes + c->used - len;
}

char *arena_text(struct arena *a, const char *text, size_t len_bytes, struct error *e)
{
	char *copy = NULL;

	if (len_bytes < SIZE_MAX)
		copy = arena_alloc(a, len_bytes + 1, e);
	if (copy && len_bytes > 0)
		memcpy(copy, text, len_bytes);
	return copy;
}

char *arena_printf(struct arena *a, struct error *e, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		error_set(e, E_MEMORY, "out of memory");
		return NULL;
	}
	text = arena_alloc(a, (size_t)len + 1, e);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void *arena_grow(struct arena *a, void *array, size_t item_bytes, size_t count, size_t *cap,
		 struct error *e)
{
	size_t more = *cap < ARRAY_MIN ? ARRAY_MIN : *cap * 2;
	void *moved;

	if (array && count < *cap)
		return array;
	if (more <= count)
		more = count + 1;
	if (item_bytes > 0 && more > SIZE_MAX / 4 / item_bytes) {
		error_set(e, E_MEMORY, "out of memory for %zu items", more);
		return NULL;
	}
	moved = arena_alloc(a, more * item_bytes, e);
	if (!moved)
		return NULL;
	if (array && count > 0)
		memcpy(moved, array, count * item_bytes);
	*cap = more;
	return moved;
}
