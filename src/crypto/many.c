/* The proof for many leaves at once of tree.h. */
#include <inttypes.h>

#include "base/search.h"
#include "crypto/tree.h"

/*
 * Both sides walk the tree in the same order, from the left, into every subtree that holds
 * one of the indices; a subtree that holds none is one hash of the proof. An index makes at
 * most 63 such subtrees, and the walk is never deeper than that.
 */
struct span {
	uint64_t first, last; /* leaves */
	size_t from, to;      /* the indices that lie in it */
};

static void span_split(const struct span *s, const uint64_t *indices, struct span *left,
		       struct span *right)
{
	uint64_t middle = s->first + tree_split(s->last - s->first);
	size_t at = s->from + search_from(indices + s->from, s->to - s->from, sizeof(*indices),
					  middle);

	*left = (struct span){ s->first, middle, s->from, at };
	*right = (struct span){ middle, s->last, at, s->to };
}

static int indices_check(const uint64_t *indices, size_t count, uint64_t size, struct error *e)
{
	if (size > TREE_SIZE_MAX)
		return error_set(e, E_RANGE, "a tree of %" PRIu64, size);
	for (size_t i = 0; i < count; i++)
		if (indices[i] >= size)
			return error_set(e, E_RANGE, "no entry %" PRIu64 " of %" PRIu64,
					 indices[i], size);
		else if (i > 0 && indices[i] <= indices[i - 1])
			return error_set(e, E_RANGE, "entry %" PRIu64 " is not in order",
					 indices[i]);
	return 0;
}

struct proving {
	const uint64_t *indices;
	tree_reader *read;
	void *ctx;
	tree_take *take;
	void *take_ctx;
};

static int prove_span(const struct proving *p, const struct span *s, struct error *e)
{
	struct span left, right;
	struct hash h;
	int code;

	if (s->from == s->to) {
		code = tree_range(&h, s->first, s->last, p->read, p->ctx, e);
		return code < 0 ? code : p->take(p->take_ctx, &h, e);
	}
	if (s->last - s->first == 1)
		return 0;
	span_split(s, p->indices, &left, &right);
	code = prove_span(p, &left, e);
	return code < 0 ? code : prove_span(p, &right, e);
}

int tree_prove_many(const uint64_t *indices, size_t count, uint64_t size, tree_reader *read,
		    void *ctx, tree_take *take, void *take_ctx, struct error *e)
{
	const struct proving p = { indices, read, ctx, take, take_ctx };
	const struct span all = { 0, size, 0, count };
	int code = indices_check(indices, count, size, e);

	if (code < 0 || size == 0)
		return code;
	return prove_span(&p, &all, e);
}

struct checking {
	const uint64_t *indices;
	const struct hash *leaves, *proof;
	size_t proof_count, used;
};

/* False when the proof has too few hashes. */
static bool check_span(struct checking *c, const struct span *s, struct hash *ret)
{
	struct hash left_root, right_root;
	struct span left, right;

	if (s->from == s->to) {
		if (c->used == c->proof_count)
			return false;
		*ret = c->proof[c->used++];
		return true;
	}
	if (s->last - s->first == 1) {
		*ret = c->leaves[s->from];
		return true;
	}
	span_split(s, c->indices, &left, &right);
	if (!check_span(c, &left, &left_root) || !check_span(c, &right, &right_root))
		return false;
	tree_node(ret, &left_root, &right_root);
	return true;
}

int tree_check_many(const uint64_t *indices, const struct hash *leaves, size_t count,
		    uint64_t size, const struct hash *proof, size_t proof_count,
		    const struct hash *root, struct error *e)
{
	struct checking c = { indices, leaves, proof, proof_count, 0 };
	const struct span all = { 0, size, 0, count };
	int code = indices_check(indices, count, size, e);
	struct hash h;

	if (code < 0)
		return code;
	if (size == 0)
		hash_bytes(&h, "", 0);
	else if (!check_span(&c, &all, &h))
		return error_set(e, E_MISMATCH, "a proof of only %zu hashes", proof_count);
	if (c.used < proof_count || !hash_equal(&h, root))
		return error_set(e, E_MISMATCH, "proof of %zu entries leads to another root",
				 count);
	return 0;
}
