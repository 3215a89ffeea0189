#include "crypto/tree.h"

#include <inttypes.h>

/*
 * A tree of n leaves splits at the largest power of two below n (RFC 9162 section
 * 2.1.1). Of 7 leaves:
 *
 *	[0,7) -- [0,4) -- [0,2), [2,4)
 *	      \- [4,7) -- [4,6), [6,7)
 *
 * So every range that a proof needs starts at a multiple of a power of two that is not
 * smaller than its length, and all but its right edge is made of perfect subtrees.
 */
uint64_t tree_split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

static bool is_power_of_two(uint64_t n)
{
	return (n & (n - 1)) == 0;
}

void tree_leaf(struct hash *ret, const void *entry, size_t len_bytes)
{
	static const uint8_t tag = 0;
	const struct hash_piece pieces[] = { { &tag, 1 }, { entry, len_bytes } };

	hash_pieces(ret, pieces, COUNT_OF(pieces));
}

void tree_node(struct hash *ret, const struct hash *left, const struct hash *right)
{
	uint8_t m[1 + 2 * HASH_LEN];

	m[0] = 1;
	memcpy(m + 1, left->b, HASH_LEN);
	memcpy(m + 1 + HASH_LEN, right->b, HASH_LEN);
	hash_bytes(ret, m, sizeof(m));
}

void tree_root(struct hash *ret, const struct hash *leaves, uint64_t count)
{
	uint64_t middle = count > 1 ? tree_split(count) : 0;
	struct hash left, right;

	if (count == 0) {
		hash_bytes(ret, "", 0);
	} else if (count == 1) {
		*ret = leaves[0];
	} else {
		tree_root(&left, leaves, middle);
		tree_root(&right, leaves + middle, count - middle);
		tree_node(ret, &left, &right);
	}
}

void tree_edge_init(struct tree_edge *t)
{
	memset(t, 0, sizeof(*t));
}

void tree_edge_add(struct tree_edge *t, const struct hash *leaf)
{
	struct hash h = *leaf;
	unsigned i = 0;

	/* Like adding 1 to a binary number: every carry joins two equal subtrees. */
	for (uint64_t n = t->size; n & 1; n >>= 1, i++)
		tree_node(&h, &t->node[i], &h);
	t->node[i] = h;
	t->size++;
}

void tree_edge_root(const struct tree_edge *t, struct hash *ret)
{
	bool first = true;
	struct hash h;

	hash_bytes(&h, "", 0);
	for (unsigned i = 0; i < TREE_PATH_MAX; i++) {
		if (!(t->size >> i & 1))
			continue;
		if (first)
			h = t->node[i];
		else
			tree_node(&h, &t->node[i], &h);
		first = false;
	}
	*ret = h;
}

int tree_range(struct hash *ret, uint64_t first, uint64_t last, tree_reader *read, void *ctx,
	       struct error *e)
{
	struct hash h, left;
	uint64_t n = last - first, pos = last;
	bool begun = false;

	if (first > last || last > TREE_SIZE_MAX || (n > 1 && first % (2 * tree_split(n)) != 0))
		return error_set(e, E_RANGE, "no subtree [%" PRIu64 ", %" PRIu64 ")", first, last);
	hash_bytes(&h, "", 0);
	/* From the right: the smallest perfect subtree comes last. */
	for (unsigned level = 0; pos > first; level++) {
		if (!(n >> level & 1))
			continue;
		pos -= UINT64_C(1) << level;
		if (read(ctx, level, pos, &left, e) < 0)
			return error_wrap(e, "subtree of 2^%u at %" PRIu64, level, pos);
		if (begun)
			tree_node(&h, &left, &h);
		else
			h = left;
		begun = true;
	}
	*ret = h;
	return 0;
}

/* A proof is found from the root downwards and listed from the leaf upwards. */
static void path_reverse(struct tree_path *ret, const struct tree_path *p)
{
	ret->count = p->count;
	for (size_t i = 0; i < p->count; i++)
		ret->hash[i] = p->hash[p->count - 1 - i];
}

int tree_prove(struct tree_path *ret, uint64_t index, uint64_t size, tree_reader *read, void *ctx,
	       struct error *e)
{
	struct tree_path down = { .count = 0 };
	uint64_t first = 0, last = size, middle;
	int code;

	if (index >= size || size > TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "no entry %" PRIu64 " of %" PRIu64, index, size);
	while (last - first > 1) {
		struct hash *sibling = &down.hash[down.count++];

		middle = first + tree_split(last - first);
		if (index < middle) {
			code = tree_range(sibling, middle, last, read, ctx, e);
			last = middle;
		} else {
			code = tree_range(sibling, first, middle, read, ctx, e);
			first = middle;
		}
		if (code < 0)
			return code;
	}
	path_reverse(ret, &down);
	return 0;
}

int tree_climb(const struct tree_path *p, const struct hash *leaf, uint64_t index, uint64_t size,
	       struct hash *ret_root, struct error *e)
{
	uint64_t node = index, last = size - 1;
	struct hash h = *leaf;
	size_t i;

	if (index >= size || size > TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "no entry %" PRIu64 " of %" PRIu64, index, size);
	if (p->count > TREE_PATH_MAX)
		return error_set(e, E_MISMATCH, "a proof of %zu hashes", p->count);
	for (i = 0; i < p->count && last > 0; i++, node /= 2, last /= 2) {
		if (node % 2 == 0 && node != last) {
			tree_node(&h, &h, &p->hash[i]);
			continue;
		}
		tree_node(&h, &p->hash[i], &h);
		/* A last node without a sibling rises alone, through levels that have no hash. */
		for (; node % 2 == 0 && node > 0; node /= 2)
			last /= 2;
	}
	/* Hashes left over would give one entry many valid proofs. */
	if (last > 0 || i < p->count)
		return error_set(e, E_MISMATCH, "proof of entry %" PRIu64 " leads to another root",
				 index);
	*ret_root = h;
	return 0;
}

int tree_check(const struct tree_path *p, const struct hash *leaf, uint64_t index, uint64_t size,
	       const struct hash *root, struct error *e)
{
	struct hash led;

	if (tree_climb(p, leaf, index, size, &led, e) < 0)
		return e ? e->code : E_MISMATCH;
	if (!hash_equal(&led, root))
		return error_set(e, E_MISMATCH, "proof of entry %" PRIu64 " leads to another root",
				 index);
	return 0;
}

static int growth_range(uint64_t old_size, uint64_t size, struct error *e)
{
	if (old_size == 0 || old_size > size || size > TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "no growth from %" PRIu64 " to %" PRIu64, old_size,
				 size);
	return 0;
}

int tree_prove_growth(struct tree_path *ret, uint64_t old_size, uint64_t size, tree_reader *read,
		      void *ctx, struct error *e)
{
	struct tree_path down = { .count = 0 };
	uint64_t first = 0, last = size, middle;
	int code = growth_range(old_size, size, e);

	/* Down to the subtree that ends where the old tree ended. */
	while (code == 0 && last != old_size) {
		struct hash *sibling = &down.hash[down.count++];

		middle = first + tree_split(last - first);
		if (old_size <= middle) {
			code = tree_range(sibling, middle, last, read, ctx, e);
			last = middle;
		} else {
			code = tree_range(sibling, first, middle, read, ctx, e);
			first = middle;
		}
	}
	/* Where it starts at 0 it is the whole old tree, whose root is known. */
	if (code == 0 && first > 0)
		code = tree_range(&down.hash[down.count++], first, last, read, ctx, e);
	if (code < 0)
		return code;
	path_reverse(ret, &down);
	return 0;
}

/* RFC 9162 section 2.1.4.2: climb from the subtree where the old tree ended, to both roots. */
static bool growth_holds(const struct tree_path *p, uint64_t old_size, const struct hash *old_root,
			 uint64_t size, const struct hash *root)
{
	size_t i = is_power_of_two(old_size) ? 0 : 1;
	uint64_t node = old_size - 1, last = size - 1;
	struct hash was = i ? p->hash[0] : *old_root, is = was;

	for (; node & 1; node /= 2)
		last /= 2;
	for (; i < p->count && last > 0; i++, node /= 2, last /= 2) {
		if (node % 2 == 0 && node != last) {
			tree_node(&is, &is, &p->hash[i]);
			continue;
		}
		tree_node(&was, &p->hash[i], &was);
		tree_node(&is, &p->hash[i], &is);
		for (; node % 2 == 0 && node > 0; node /= 2)
			last /= 2;
	}
	return last == 0 && i == p->count && hash_equal(&was, old_root) && hash_equal(&is, root);
}

int tree_check_growth(const struct tree_path *p, uint64_t old_size, const struct hash *old_root,
		      uint64_t size, const struct hash *root, struct error *e)
{
	int code = growth_range(old_size, size, e);
	bool holds;

	if (code < 0)
		return code;
	if (old_size == size)
		holds = p->count == 0 && hash_equal(old_root, root);
	else
		holds = p->count > 0 && p->count <= TREE_PATH_MAX &&
			growth_holds(p, old_size, old_root, size, root);
	if (!holds)
		return error_set(e, E_MISMATCH, "the tree of %" PRIu64 " did not grow to that of %"
				 PRIu64, old_size, size);
	return 0;
}

int tree_array_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *e)
{
	const struct tree_array *a = ctx;

	if (level > 63 || first > a->count || a->count - first < UINT64_C(1) << level)
		return error_set(e, E_RANGE, "no subtree of 2^%u at %" PRIu64, level, first);
	tree_root(ret, a->leaves + first, UINT64_C(1) << level);
	return 0;
}
