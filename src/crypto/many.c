/* The proof for many leaves at once of tree.h. */
#include <inttypes.h>

#include "crypto/tree.h"

/*
 * Both sides walk the tree in the same order, from the left, into every subtree that holds
 * one of the indices; a subtree that holds none is one hash of the proof. An index makes at
 * most 63 such subtrees, and the walk is never deeper than that. The next index is at or
 * behind where the walk is.
 */
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
	const uint64_t *next, *end; /* indices */
	tree_reader *read;
	void *ctx;
	tree_take *take;
	void *take_ctx;
};

static int prove_span(struct proving *p, uint64_t first, uint64_t last, struct error *e)
{
	uint64_t middle;
	struct hash h;
	int code;

	if (p->next == p->end || *p->next >= last) {
		code = tree_range(&h, first, last, p->read, p->ctx, e);
		return code < 0 ? code : p->take(p->take_ctx, &h, e);
	}
	if (last - first == 1) {
		p->next++;
		return 0;
	}
	middle = first + tree_split(last - first);
	code = prove_span(p, first, middle, e);
	return code < 0 ? code : prove_span(p, middle, last, e);
}

int tree_prove_many(const uint64_t *indices, size_t count, uint64_t size, tree_reader *read,
		    void *ctx, tree_take *take, void *take_ctx, struct error *e)
{
	struct proving p = { indices, indices + count, read, ctx, take, take_ctx };
	int code = indices_check(indices, count, size, e);

	if (code < 0 || size == 0)
		return code;
	return prove_span(&p, 0, size, e);
}

struct checking {
	const uint64_t *next, *end; /* indices */
	const struct hash *leaf;    /* of the next */
	const struct hash *proof, *proof_end;
	uint64_t begin; /* roots of the subtrees that make up [0, begin), from the left; 0: none */
	struct hash part[TREE_PATH_MAX];
	size_t parts;
};

/* False when the proof has too few hashes. */
static bool check_span(struct checking *c, uint64_t first, uint64_t last, struct hash *ret)
{
	struct hash left, right;
	uint64_t middle;

	if (c->next == c->end || *c->next >= last) {
		if (c->proof == c->proof_end)
			return false;
		*ret = *c->proof++;
		return true;
	}
	if (last - first == 1) {
		*ret = *c->leaf++;
		c->next++;
		return true;
	}
	middle = first + tree_split(last - first);
	if (!check_span(c, first, middle, &left))
		return false;
	if (middle <= c->begin && c->begin < last && c->parts < TREE_PATH_MAX)
		c->part[c->parts++] = left;
	if (!check_span(c, middle, last, &right))
		return false;
	tree_node(ret, &left, &right);
	return true;
}

int tree_check_many(const uint64_t *indices, const struct hash *leaves, size_t count,
		    uint64_t size, const struct hash *proof, size_t proof_count,
		    const struct hash *root, struct error *e)
{
	struct checking c = { indices, indices + count, leaves, proof, proof + proof_count,
			      .parts = 0 };
	int code = indices_check(indices, count, size, e);
	struct hash h;

	if (code < 0)
		return code;
	if (size == 0)
		hash_bytes(&h, "", 0);
	else if (!check_span(&c, 0, size, &h))
		return error_set(e, E_MISMATCH, "a proof of only %zu hashes", proof_count);
	if (c.proof < c.proof_end || !hash_equal(&h, root))
		return error_set(e, E_MISMATCH, "proof of %zu entries leads to another root",
				 count);
	return 0;
}

void tree_begin_many(const uint64_t *indices, const struct hash *leaves, size_t count, uint64_t size,
		     const struct hash *proof, size_t proof_count, uint64_t begin, struct hash *ret_root)
{
	struct checking c = { indices, indices + count, leaves, proof, proof + proof_count,
			      .begin = begin };
	struct hash h;

	hash_bytes(ret_root, "", 0);
	if (size == 0 || !check_span(&c, 0, size, &h) || c.parts == 0)
		return;
	/* The smallest perfect subtree comes last. */
	h = c.part[--c.parts];
	while (c.parts > 0)
		tree_node(&h, &c.part[--c.parts], &h);
	*ret_root = h;
}
