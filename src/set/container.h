/*
 * container: 65,536 positions of a set in their one canonical form, the shortest of
 *   01  sorted array     u16 count, then count x u16, ascending (big-endian)
 *   02  bitmap           8,192 bytes; position p is bit 7-(p mod 8) of byte p/8
 *   03  runs             u16 count, then count x (u16 first, u16 length-1): the maximal
 *                        runs, ascending
 * where the first byte names the form and a position is counted from 65,536*number
 * (ties in that order; the empty one is an array of count 0, the full one runs of
 * count 1; a count of 65,536 cannot arise, since runs are shorter then). So arrays have at
 * most 4,095 members, and there are at most 2,047 runs. A set covers positions 0 to size-1
 * and has ceil(size/65,536) containers, the empty ones too. A container's internal name is
 *   SHA-256("rescind/container/v1" 00 || u64 number || u64 size || bytes)
 * where size is that of the set when this is its last container and else 65,536*(number+1),
 * so that siblings share all containers they agree on. Private: names are unsalted.
 */
#ifndef SET_CONTAINER_H
#define SET_CONTAINER_H

#include "crypto/hash.h"
#include "set/set.h"

enum { CONTAINER_POSITIONS = 65536, CONTAINER_BITS_LEN = 8192, CONTAINER_BYTES_MAX = 8193 };
#define CONTAINER_NUMBER_END ((uint64_t)1 << 48) /* numbers are below */

uint64_t container_count(uint64_t size);	       /* how many cover 0..size-1 */
/* The size that its name is over: size, or 65,536*(number+1) if that is less. */
uint64_t container_end(uint64_t number, uint64_t size);

/* Append the canonical bytes of container number of s to b. E_RANGE: no such number. */
must_use int container_put(const struct set *s, uint64_t number, struct buf *b, struct error *e);
/* Add the positions of canonical bytes to s. E_FORMAT for every other spelling; E_RANGE when a
 * position is >= size, or the set has no such container. s is unchanged then. */
must_use int container_get(struct set *s, uint64_t number, uint64_t size, const uint8_t *bytes,
			   size_t len_bytes, struct error *e);
/* Over container_end(number, size): either of the two sizes may be given. */
void container_name(struct hash *ret, uint64_t number, uint64_t size, const uint8_t *bytes,
		    size_t len_bytes);

/* As a plain bitmap (as in form 02), for whoever walks all positions: of canonical bytes
 * (errors as container_get) or of a set (number below CONTAINER_NUMBER_END). */
must_use int container_bits(uint8_t ret_bits[CONTAINER_BITS_LEN], uint64_t number, uint64_t size,
			    const uint8_t *bytes, size_t len_bytes, struct error *e);
void container_bits_of(uint8_t ret_bits[CONTAINER_BITS_LEN], const struct set *s,
		       uint64_t number);

#endif
