/*
 * room: large matrices for one call, on huge pages where the system has them: thousands of page
 * faults cost as much as the work. Freed with free().
 */
#ifndef LEARN_ROOM_H
#define LEARN_ROOM_H

#include <stdlib.h>
#include <sys/mman.h>

enum { ROOM_PAGE = 2 << 20 };

/* Not zeroed, aligned to 64 bytes; NULL when there is no memory. */
static inline void *room_alloc(size_t len_bytes)
{
	size_t align = len_bytes < ROOM_PAGE ? 64 : ROOM_PAGE;
	size_t len = (len_bytes + align - 1) / align * align;
	void *p = aligned_alloc(align, len);

	/* Advice alone: what becomes of it changes nothing. */
	if (p && align == ROOM_PAGE)
		(void)madvise(p, len, MADV_HUGEPAGE);
	return p;
}

#endif
