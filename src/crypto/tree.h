/*
 * tree: the Merkle tree of RFC 9162 section 2.1 over SHA-256 leaf hashes: roots,
 * inclusion, consistency, and one proof for many leaves at once. Pure; no files.
 */
#ifndef CRYPTO_TREE_H
#define CRYPTO_TREE_H

#include "crypto/hash.h"

enum { TREE_PATH_MAX = 64 };
/* A tree has at most this many leaves, so that no proof is longer than TREE_PATH_MAX;
 * beyond it is E_RANGE everywhere. */
#define TREE_SIZE_MAX (UINT64_C(1) << 63)

void tree_leaf(struct hash *ret, const void *entry, size_t len_bytes); /* H(0x00 || entry) */
void tree_node(struct hash *ret, const struct hash *left, const struct hash *right);
/* Root of count leaf hashes; of none, SHA-256(""). */
void tree_root(struct hash *ret, const struct hash *leaves, uint64_t count);
/* Where a tree of n > 1 leaves splits: the largest power of two below n. */
uint64_t tree_split(uint64_t n);

/* Growing at the right edge: one hash for each set bit of size. */
struct tree_edge {
	uint64_t size;
	struct hash node[TREE_PATH_MAX]; /* node[i]: root of the perfect subtree of 2^i leaves */
};
void tree_edge_init(struct tree_edge *t);
void tree_edge_add(struct tree_edge *t, const struct hash *leaf);
void tree_edge_root(const struct tree_edge *t, struct hash *ret);

struct tree_path {
	size_t count;
	struct hash hash[TREE_PATH_MAX];
};
/* A reader gives the root of the leaves [first, first+2^level), first a multiple of 2^level
 * and all of them in the tree. */
typedef int tree_reader(void *ctx, unsigned level, uint64_t first, struct hash *ret,
			struct error *e);
/* Root of leaves [first, last) through a reader. Such a range is a subtree of some tree: first
 * is a multiple of the least power of two that is not below last - first; else E_RANGE. */
must_use int tree_range(struct hash *ret, uint64_t first, uint64_t last, tree_reader *read,
			void *ctx, struct error *e);
must_use int tree_prove(struct tree_path *ret, uint64_t index, uint64_t size, tree_reader *read,
			void *ctx, struct error *e);
/* E_RANGE: no such index; E_MISMATCH: leads elsewhere, or has hashes too many or too few. */
must_use int tree_check(const struct tree_path *p, const struct hash *leaf, uint64_t index,
			uint64_t size, const struct hash *root, struct error *e);
/* Growth (RFC 9162: consistency) from old_size to size, 0 < old_size <= size, else E_RANGE:
 * from the empty tree there is nothing to prove. Of equal sizes the proof is empty. */
/* The root that a path leads to from a leaf. E_RANGE; E_MISMATCH: hashes too many or too few. */
must_use int tree_climb(const struct tree_path *p, const struct hash *leaf, uint64_t index,
			uint64_t size, struct hash *ret_root, struct error *e);
must_use int tree_prove_growth(struct tree_path *ret, uint64_t old_size, uint64_t size,
			       tree_reader *read, void *ctx, struct error *e);
must_use int tree_check_growth(const struct tree_path *p, uint64_t old_size,
			       const struct hash *old_root, uint64_t size, const struct hash *root,
			       struct error *e);

/* One proof for many leaves: indices strictly ascending. The proof lists, from left to right,
 * the roots of the maximal subtrees (of the RFC 9162 split) that hold none of them, so there
 * is exactly one proof for each (indices, size): a hash too many or too few is E_MISMATCH. Of no
 * indices it is the root, of the empty tree nothing. Indices out of order or of no leaf: E_RANGE.
 * Checking takes at most 64 steps for each index, whatever size says. */
typedef int tree_take(void *ctx, const struct hash *h, struct error *e);
must_use int tree_prove_many(const uint64_t *indices, size_t count, uint64_t size,
			     tree_reader *read, void *ctx, tree_take *take, void *take_ctx,
			     struct error *e);
must_use int tree_check_many(const uint64_t *indices, const struct hash *leaves, size_t count,
			     uint64_t size, const struct hash *proof, size_t proof_count,
			     const struct hash *root, struct error *e);
/* The root that the first `begin` leaves have by a proof that tree_check_many took, where begin is one of the
 * indices: what is left of that leaf, as its own path holds it. */
void tree_begin_many(const uint64_t *indices, const struct hash *leaves, size_t count, uint64_t size,
		     const struct hash *proof, size_t proof_count, uint64_t begin, struct hash *ret_root);
/* A reader over an array of leaf hashes; ctx is this struct. */
struct tree_array {
	const struct hash *leaves;
	uint64_t count;
};
int tree_array_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *e);

#endif
