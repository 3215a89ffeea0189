#include "set/hidden.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/commit.h"
#include "crypto/tree.h"
#include "set/container.h"

/* Messages as they are hashed; all members are bytes. */
struct grow {
	uint8_t domain[16];
	struct hash seed;
	uint8_t side;
};
struct leaf {
	uint8_t domain[15];
	struct hash seed;
	uint8_t bit;
};
_Static_assert(sizeof(struct grow) == 49, "hashed as it lies");
_Static_assert(sizeof(struct leaf) == 48, "hashed as it lies");

/* The way from the root down to where a walk is: path[d].seed is that of the node at depth d.
 * A node at depth d is named by its first leaf. */
struct garden {
	struct grow path[HIDDEN_DEPTH + 1];
	struct leaf leaf;
	uint8_t bits[CONTAINER_BITS_LEN];
	/* What is opened: of these the positions from base to last. */
	const struct set *which;
	uint64_t base, last;
};

static void garden_init(struct garden *g)
{
	for (size_t i = 0; i <= HIDDEN_DEPTH; i++)
		memcpy(g->path[i].domain, "rescind/grow/v1", sizeof(g->path[i].domain));
	memcpy(g->leaf.domain, "rescind/bit/v1", sizeof(g->leaf.domain));
}

static void grow(struct garden *g, unsigned depth, uint8_t side)
{
	g->path[depth].side = side;
	hash_bytes(&g->path[depth + 1].seed, &g->path[depth], sizeof(g->path[depth]));
}

static uint32_t half(unsigned depth)
{
	return (uint32_t)CONTAINER_POSITIONS >> (depth + 1);
}

static void leaf_hash(struct garden *g, uint32_t pos, struct hash *ret)
{
	g->leaf.seed = g->path[HIDDEN_DEPTH].seed;
	g->leaf.bit = g->bits[pos / 8] >> (7 - pos % 8) & 1;
	hash_bytes(ret, &g->leaf, sizeof(g->leaf));
}

/* The root of all below the node, whose seed is in its place. */
static void grown_root(struct garden *g, unsigned depth, uint32_t first, struct hash *ret)
{
	struct hash left, right;

	if (depth == HIDDEN_DEPTH) {
		leaf_hash(g, first, ret);
		return;
	}
	grow(g, depth, 0);
	grown_root(g, depth + 1, first, &left);
	grow(g, depth, 1);
	grown_root(g, depth + 1, first + half(depth), &right);
	tree_node(ret, &left, &right);
}

int hidden_container_root(struct hash *ret, const uint8_t key[32], uint64_t number, uint64_t size,
			  const uint8_t *bytes, size_t len_bytes, struct error *e)
{
	struct garden g;
	int code = container_bits(g.bits, number, size, bytes, len_bytes, e);

	if (code < 0)
		return code;
	garden_init(&g);
	memcpy(&g.path[0].seed, key, HASH_LEN);
	grown_root(&g, 0, 0, ret);
	wipe(&g, sizeof(g));
	return 0;
}

void hidden_root_of_tree(struct hash *ret, uint64_t size, const struct hash *tree_root)
{
	commit_tree(ret, "rescind/set/v1", size, tree_root);
}

void hidden_set_root(struct hash *ret, uint64_t size, const struct hash *container_roots,
		     uint64_t count)
{
	struct tree_edge edge;
	struct hash h;

	tree_edge_init(&edge);
	for (uint64_t i = 0; i < count; i++) {
		tree_leaf(&h, &container_roots[i], sizeof(container_roots[i]));
		tree_edge_add(&edge, &h);
	}
	tree_edge_root(&edge, &h);
	hidden_root_of_tree(ret, size, &h);
}

/* How much of what lies below a node is opened. */
enum cover { COVER_NONE, COVER_SOME, COVER_ALL };

static enum cover cover_of(const struct garden *g, unsigned depth, uint32_t first)
{
	uint64_t from = g->base + first, end = from + ((uint64_t)CONTAINER_POSITIONS >> depth) - 1;
	uint64_t pos = from;

	if (!set_next(g->which, &pos) || pos > end || pos > g->last)
		return COVER_NONE;
	return end <= g->last && set_covers(g->which, from, end) ? COVER_ALL : COVER_SOME;
}

static int garden_open(struct garden *g, uint64_t number, const struct set *which, uint64_t last,
		       struct error *e)
{
	garden_init(g);
	g->which = which;
	g->base = number * CONTAINER_POSITIONS;
	g->last = last;
	if (number >= CONTAINER_NUMBER_END || cover_of(g, 0, 0) == COVER_NONE)
		return error_set(e, E_RANGE, "no position of container %" PRIu64 " to open",
				 number);
	return 0;
}

/* How many hashes an opening has. */
static size_t opening_count(const struct garden *g, unsigned depth, uint32_t first)
{
	if (cover_of(g, depth, first) != COVER_SOME)
		return 1;
	return opening_count(g, depth + 1, first) +
	       opening_count(g, depth + 1, first + half(depth));
}

/* Room was made for all of it. */
static void open_node(struct garden *g, unsigned depth, uint32_t first, struct buf *b)
{
	struct hash h;

	switch (cover_of(g, depth, first)) {
	case COVER_ALL:
		memcpy(b->data + b->len, &g->path[depth].seed, HASH_LEN);
		b->len += HASH_LEN;
		return;
	case COVER_NONE:
		grown_root(g, depth, first, &h);
		memcpy(b->data + b->len, &h, HASH_LEN);
		b->len += HASH_LEN;
		return;
	case COVER_SOME:
		break;
	}
	grow(g, depth, 0);
	open_node(g, depth + 1, first, b);
	grow(g, depth, 1);
	open_node(g, depth + 1, first + half(depth), b);
}

static int one_bit(const uint8_t *bits, const uint8_t *which, uint64_t number, struct error *e)
{
	unsigned ones = 0, zeros = 0;

	for (size_t i = 0; i < CONTAINER_BITS_LEN; i++) {
		ones |= which[i] & bits[i];
		zeros |= which[i] & ~(unsigned)bits[i];
	}
	if (ones && zeros)
		return error_set(e, E_MISMATCH, "positions of container %" PRIu64
				 " to open are partly in the set, partly not", number);
	return 0;
}

int hidden_open(struct buf *b, const uint8_t key[32], uint64_t number, uint64_t size,
		const uint8_t *bytes, size_t len_bytes, const struct set *which, struct error *e)
{
	uint8_t opened[CONTAINER_BITS_LEN];
	struct garden g;
	int code = container_bits(g.bits, number, size, bytes, len_bytes, e);
	uint64_t beyond;

	if (code == 0)
		code = garden_open(&g, number, which, UINT64_MAX, e);
	if (code < 0)
		return code;
	container_bits_of(opened, which, number);
	code = one_bit(g.bits, opened, number, e);
	if (code < 0)
		return code;
	beyond = container_end(number, size);
	if (set_next(which, &beyond) && beyond / CONTAINER_POSITIONS == number)
		return error_set(e, E_RANGE, "position %" PRIu64 " is beyond size %" PRIu64, beyond,
				 size);
	code = buf_reserve(b, opening_count(&g, 0, 0) * HASH_LEN, e);
	if (code < 0)
		return code;
	memcpy(&g.path[0].seed, key, HASH_LEN);
	open_node(&g, 0, 0, b);
	b->data[b->len] = 0;
	wipe(&g, sizeof(g));
	return 0;
}

/* False: the opening ends before the walk does. */
static bool check_node(struct garden *g, unsigned depth, uint32_t first, const uint8_t **at,
		       const uint8_t *end, struct hash *ret)
{
	enum cover cover = cover_of(g, depth, first);
	struct hash left, right;

	if (cover == COVER_SOME) {
		if (!check_node(g, depth + 1, first, at, end, &left) ||
		    !check_node(g, depth + 1, first + half(depth), at, end, &right))
			return false;
		tree_node(ret, &left, &right);
		return true;
	}
	if (end - *at < HASH_LEN)
		return false;
	memcpy(cover == COVER_ALL ? &g->path[depth].seed : ret, *at, HASH_LEN);
	*at += HASH_LEN;
	if (cover == COVER_ALL)
		grown_root(g, depth, first, ret);
	return true;
}

int hidden_check(struct hash *ret_root, uint64_t number, const struct set *which, uint64_t last,
		 int bit, const uint8_t *opening, size_t len_bytes, struct error *e)
{
	const uint8_t *end = opening + len_bytes;
	struct garden g;

	if (bit != 0 && bit != 1)
		return error_set(e, E_RANGE, "%d is no bit", bit);
	memset(g.bits, bit ? 0xff : 0x00, sizeof(g.bits));
	if (garden_open(&g, number, which, last, e) < 0)
		return E_RANGE;
	if (!check_node(&g, 0, 0, &opening, end, ret_root) || opening != end)
		return error_set(e, E_FORMAT, "an opening of container %" PRIu64
				 " with hashes too many or too few", number);
	return 0;
}
