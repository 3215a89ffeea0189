/*
 * container: 65,536 positions of a set in their one canonical form, the shortest of
 *   01  sorted array     u16 count, then count x u16 (big-endian)
 *   02  bitmap           8,192 bytes; position p is bit 7-(p mod 8) of byte p/8
 *   03  runs             u16 count, then count x (u16 first, u16 length-1)
 * (ties in that order; the empty one is an array of count 0, the full one runs of
 * count 1; a count of 65,536 cannot arise, since runs are shorter then). A set covers
 * positions 0 to size-1 and has ceil(size/65,536) containers, the empty ones too. A
 * container's internal name is
 *   SHA-256("rescind/container/v1" 00 || u64 number || u64 size || bytes)
 * where size is that of the set when this is its last container and else 65,536*(number+1),
 * so that siblings share all containers they agree on. Private: names are unsalted.
 */
#ifndef SET_CONTAINER_H
#define SET_CONTAINER_H

#include "crypto/hash.h"
#include "set/set.h"

enum { CONTAINER_POSITIONS = 65536, CONTAINER_BYTES_MAX = 8193 };

uint64_t container_count(uint64_t size);	       /* how many cover 0..size-1 */
uint64_t container_end(uint64_t number, uint64_t size); /* the size that its name is over */

/* Append the canonical bytes of container number of s to b. */
must_use int container_put(const struct set *s, uint64_t number, struct buf *b, struct error *e);
/* Add the positions of canonical bytes to s. E_FORMAT for every other spelling; E_RANGE when a
 * position is >= size. */
must_use int container_get(struct set *s, uint64_t number, uint64_t size, const uint8_t *bytes,
			   size_t len_bytes, struct error *e);
void container_name(struct hash *ret, uint64_t number, uint64_t size, const uint8_t *bytes,
		    size_t len_bytes);

#endif
