/*
 * hidden: what of a set is published: a root over one hidden leaf per position, of
 * which a position can be opened later, and says nothing of the others.
 *
 * In each container (see set/container.h) with its own secret key of 32 bytes, which is
 * never used for anything else, nor for another state of this container:
 *   a full binary tree of depth 16 grows the secrets (Goldreich, Goldwasser, Micali 1986):
 *     seed(root) = the key;  seed(left|right) = SHA-256("rescind/grow/v1" 00 || seed || 00|01)
 *   leaf p:  SHA-256("rescind/bit/v1" 00 || seed(p) || bit); bit is one byte, 00 or 01
 *   nodes:   SHA-256(01 || left || right)
 * A leaf at or beyond the set's end has bit 0 and its seed like any other, so that every
 * container has 65,536 leaves; no leaf's message begins with 01, so that none is a node.
 * The root of the set of a stated size is the RFC 9162 tree over its container roots in
 * order (each a leaf entry of 32 bytes), and then
 *   root = SHA-256("rescind/set/v1" 00 || u64 size || tree root).
 *
 * An opening of a run of positions with one bit shows the seeds of the maximal subtrees
 * inside the run (from which all its leaves follow) and the hashes of the maximal subtrees
 * outside every opened run, seeds and hashes together from left to right: there is exactly
 * one opening for each list of runs. Seeds of other positions, and so their bits, stay hidden.
 * (A container opened whole shows its key.)
 */
#ifndef SET_HIDDEN_H
#define SET_HIDDEN_H

#include "crypto/hash.h"
#include "set/set.h"

enum { HIDDEN_DEPTH = 16, HIDDEN_OPENING_MAX = 65536 * 32 };

/* The root of one container. bytes: its canonical form. Four hashes for each of 65,536 leaves.
 * Errors as container_get. */
must_use int hidden_container_root(struct hash *ret, const uint8_t key[32], uint64_t number,
				   uint64_t size, const uint8_t *bytes, size_t len_bytes,
				   struct error *e);
/* count is container_count(size). */
void hidden_set_root(struct hash *ret, uint64_t size, const struct hash *container_roots,
		     uint64_t count);
/* The last step alone, for who has the tree root from a proof. */
void hidden_root_of_tree(struct hash *ret, uint64_t size, const struct hash *tree_root);

/* Open the positions `which` (those that lie in container number), which must all have the
 * same bit in this container. Appends to b: the seeds and hashes met in a walk from the root,
 * left before right: 32 bytes each; which of the two one is follows from the positions.
 * Errors: E_RANGE, no position in this container or one >= size; E_MISMATCH, both bits are
 * among them; and as container_get. */
must_use int hidden_open(struct buf *b, const uint8_t key[32], uint64_t number, uint64_t size,
			 const uint8_t *bytes, size_t len_bytes, const struct set *which,
			 struct error *e);
/* The container root that an opening leads to if all of `which` in container number, up to position
 * last, have this bit. E_FORMAT: hashes too many or too few; E_RANGE: no position in this
 * container, or a bit that is none. The caller compares, and knows that the positions are below the
 * set's size. */
must_use int hidden_check(struct hash *ret_root, uint64_t number, const struct set *which,
			  uint64_t last, int bit, const uint8_t *opening, size_t len_bytes,
			  struct error *e);

#endif
