#include "set/hidden.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "crypto/tree.h"
#include "set/container.h"

static struct error e;

static uint64_t dice_state = 88172645463325252U;

static uint64_t dice(uint64_t below)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return (dice_state >> 11) % below;
}

/*
 * The whole tree in memory, as the words of hidden.h say: node 1 is the root, those of node n
 * are 2n and 2n+1, the leaves are 65,536 to 131,071.
 */
struct forest {
	uint8_t key[32];
	uint64_t number, size;
	struct set *set;
	struct buf *bytes;
	struct hash seed[131072], node[131072];
};

static void sha(struct hash *ret, const char *domain, size_t domain_len, const struct hash *a,
		const struct hash *b, int byte)
{
	uint8_t m[128], last = (uint8_t)byte;
	size_t len = domain_len;

	memcpy(m, domain, domain_len);
	memcpy(m + len, a, 32);
	len += 32;
	if (b)
		memcpy(m + len, b, 32);
	len += b ? 32 : 0;
	if (byte >= 0)
		m[len++] = last;
	hash_bytes(ret, m, len);
}

static void forest_grow(struct forest *f)
{
	memcpy(&f->seed[1], f->key, 32);
	for (size_t i = 2; i < 131072; i++)
		sha(&f->seed[i], "rescind/grow/v1", 16, &f->seed[i / 2], NULL, i % 2);
	for (size_t i = 131071; i >= 65536; i--)
		sha(&f->node[i], "rescind/bit/v1", 15, &f->seed[i], NULL,
		    set_has(f->set, f->number * 65536 + i - 65536));
	for (size_t i = 65535; i > 0; i--)
		sha(&f->node[i], "\1", 1, &f->node[2 * i], &f->node[2 * i + 1], -1);
}

static struct forest *forest_of(const char *text, uint64_t number, uint64_t size, uint8_t key)
{
	struct forest *f = calloc(1, sizeof(*f));

	check(f);
	for (size_t i = 0; i < 32; i++)
		f->key[i] = (uint8_t)(key + i);
	f->number = number;
	f->size = size;
	check_ok(set_from_text(&f->set, text, 1000, &e));
	check_ok(buf_create(&f->bytes, 0, &e));
	check_ok(container_put(f->set, number, f->bytes, &e));
	forest_grow(f);
	return f;
}

static void forest_end(struct forest *f)
{
	set_destroy(f->set);
	buf_destroy(f->bytes);
	free(f);
}

static bool root_is(const struct forest *f, const struct hash *root)
{
	return hash_equal(root, &f->node[1]);
}

/* The words of hidden.h about openings; within is how many positions of which there are. */
static void naive_open(const struct forest *f, const bool *which, size_t node, size_t first,
		       size_t count, struct buf *b)
{
	size_t within = 0;

	for (size_t i = first; i < first + count; i++)
		within += which[i];
	if (within == 0) {
		check_ok(buf_put(b, &f->node[node], 32, &e));
		return;
	}
	if (within == count) {
		check_ok(buf_put(b, &f->seed[node], 32, &e));
		return;
	}
	naive_open(f, which, 2 * node, first, count / 2, b);
	naive_open(f, which, 2 * node + 1, first + count / 2, count / 2, b);
}

static struct buf *naive_opening(const struct forest *f, const struct set *which)
{
	struct buf *b = NULL;
	static bool in[65536];

	for (size_t i = 0; i < 65536; i++)
		in[i] = set_has(which, f->number * 65536 + i);
	check_ok(buf_create(&b, 0, &e));
	naive_open(f, in, 1, 0, 65536, b);
	return b;
}

static struct buf *opening(const struct forest *f, const struct set *which)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(hidden_open(b, f->key, f->number, f->size, f->bytes->data, f->bytes->len, which,
			     &e));
	return b;
}

static int leads_to(const struct forest *f, const struct set *which, int bit, const struct buf *b,
		    struct hash *root)
{
	/* Its own memory, so that a look beyond the end is seen. */
	uint8_t *own = malloc(b->len ? b->len : 1);
	int code;

	check(own);
	memcpy(own, b->data, b->len);
	code = hidden_check(root, f->number, which, UINT64_MAX, bit, own, b->len, &e);
	free(own);
	return code;
}

static void holds(const struct forest *f, const struct set *which, int bit, const struct buf *b)
{
	struct hash root;

	check_ok(leads_to(f, which, bit, b, &root));
	check(root_is(f, &root));
}

static void leads_elsewhere(const struct forest *f, const struct set *which, int bit,
			    const struct buf *b)
{
	struct hash root;
	int code = leads_to(f, which, bit, b, &root);

	check(code == E_FORMAT || (code == 0 && !root_is(f, &root)));
}

static struct set *positions(const struct forest *f, uint64_t first, uint64_t last)
{
	struct set *s = NULL;

	check_ok(set_create(&s, &e));
	check_ok(set_add_range(s, f->number * 65536 + first, f->number * 65536 + last, &e));
	return s;
}

/* Computed by another program from the words of hidden.h. */
TEST(roots_are_what_the_words_say)
{
	uint8_t keys[64];
	struct hash container[2], root;

	for (size_t i = 0; i < sizeof(keys); i++)
		keys[i] = (uint8_t)i;
	check_ok(hidden_container_root(&container[0], keys, 0, 65536 + 10,
				       (const uint8_t *)"\1\0\3\0\0\0\5\xff\xff", 9, &e));
	check_ok(hidden_container_root(&container[1], keys + 32, 1, 65536 + 10,
				       (const uint8_t *)"\3\0\1\0\1\0\2", 7, &e));
	check(strcmp(hash_hex(&container[0]).s,
		     "d1f7bd8ea5df1f7f7c8749be7dc0dfda27d117d1fa2a33c98ba6e7224a880fef") == 0);
	check(strcmp(hash_hex(&container[1]).s,
		     "a885e422256e5c6a8d30c61c6a1ec7cfec9ccc450cf8dc3794972820bd5603de") == 0);
	hidden_set_root(&root, 65536 + 10, container, 2);
	check(strcmp(hash_hex(&root).s,
		     "cfec27f146fce80505d9f7290cb1fe0b3463086f8b3b65a91f08233f3242ecb9") == 0);
	hidden_set_root(&root, 65536, container, 1);
	check(strcmp(hash_hex(&root).s,
		     "224c04bb457d5960b5678fed415f3e150d2e1cf6a13078f36f85fbe71bcb810c") == 0);
	hidden_set_root(&root, 0, NULL, 0);
	check(strcmp(hash_hex(&root).s,
		     "02b711b1c7779b5ff0abc58a4ca9623fc3c8978b27ca978c920ea334630182c3") == 0);
}

TEST(a_set_root_is_that_of_the_tree_of_its_containers)
{
	struct hash roots[20], leaves[20], tree, a, b;

	for (size_t i = 0; i < 20; i++) {
		hash_bytes(&roots[i], &i, sizeof(i));
		tree_leaf(&leaves[i], &roots[i], 32);
		tree_root(&tree, leaves, i + 1);
		hidden_root_of_tree(&a, i * 65536 + 7, &tree);
		hidden_set_root(&b, i * 65536 + 7, roots, i + 1);
		check(hash_equal(&a, &b));
		hidden_set_root(&b, i * 65536 + 8, roots, i + 1);
		check(!hash_equal(&a, &b));
	}
}

TEST(a_root_says_key_and_set_and_no_more)
{
	struct forest *f = forest_of("7,70000-70010", 1, 200000, 1), *g;
	struct hash root, other;

	check_ok(hidden_container_root(&root, f->key, 1, 200000, f->bytes->data, f->bytes->len,
				       &e));
	check(root_is(f, &root));
	check_ok(hidden_container_root(&other, f->key, 1, 70011, f->bytes->data, f->bytes->len,
				       &e));
	check(root_is(f, &other));
	g = forest_of("70000-70009", 1, 200000, 1);
	check(!root_is(g, &root));
	forest_end(g);
	g = forest_of("70000-70010", 1, 200000, 2);
	check(!root_is(g, &root));
	forest_end(g);
	check_code(hidden_container_root(&root, f->key, 1, 70010, f->bytes->data, f->bytes->len,
					 &e), E_RANGE);
	check_code(hidden_container_root(&root, f->key, 1, 200000, f->bytes->data,
					 f->bytes->len - 1, &e), E_FORMAT);
	check(hash_equal(&root, &other));
	forest_end(f);
}

static void opens(const struct forest *f, const struct set *which, int bit)
{
	scoped(buf) *naive = naive_opening(f, which), *b = opening(f, which);

	check(naive->len == b->len && memcmp(naive->data, b->data, b->len) == 0);
	holds(f, which, bit, b);
	leads_elsewhere(f, which, !bit, b);
}

TEST(openings_are_what_the_words_say)
{
	static const struct {
		uint64_t first, last;
		int bit;
	} runs[] = { { 0, 0, 1 },		{ 65535, 65535, 0 },  { 1, 1, 1 },
		     { 0, 40000, 1 },	{ 50000, 50000, 0 },  { 40001, 65535, 0 },
		     { 32768, 40000, 1 }, { 49152, 65535, 0 }, { 17, 39999, 1 } };
	struct forest *f = forest_of("196608-236608", 3, 300000, 9);

	for (size_t i = 0; i < COUNT_OF(runs); i++) {
		scoped(set) *which = positions(f, runs[i].first, runs[i].last);

		/* Positions of other containers are no matter. */
		check_ok(set_add_range(which, 1, 1000, &e));
		check_ok(set_add_range(which, 290000, 299999, &e));
		opens(f, which, runs[i].bit);
	}
	forest_end(f);
}

TEST(random_positions_open_and_say_nothing_else)
{
	struct forest *f = forest_of("65536-100000,110000,120000-121000", 1, 131072, 77);

	for (unsigned round = 0; round < 6; round++)
		for (int bit = 0; bit <= 1; bit++) {
			scoped(set) *which = NULL;

			check_ok(set_create(&which, &e));
			for (uint64_t n = 1 + dice(round % 2 ? 3000 : 3), pos; n > 0; n--) {
				do
					pos = 65536 + dice(65536);
				while (set_has(f->set, pos) != bit);
				check_ok(set_add(which, pos, &e));
			}
			opens(f, which, bit);
		}
	forest_end(f);
}

/* Where small things are, a checked opening can be tried many times. */
static struct set *some_of(const struct forest *f, int bit)
{
	struct set *s = NULL;
	uint64_t base = f->number * 65536, spread = dice(2) ? 40 : 65536;

	check_ok(set_create(&s, &e));
	for (uint64_t n = 1 + dice(6); n > 0;) {
		uint64_t pos = base + (20 + dice(spread)) % 65536;

		if (set_has(f->set, pos) != bit)
			continue;
		check_ok(set_add(s, pos, &e));
		n--;
	}
	return s;
}

static void wrong_bytes(const struct forest *f, const struct set *which, int bit, struct buf *b)
{
	size_t at = dice(b->len), len = b->len;
	uint8_t flip = (uint8_t)(1 + dice(255));

	b->data[at] ^= flip;
	leads_elsewhere(f, which, bit, b);
	b->data[at] ^= flip;
	for (size_t less = 1; less <= 32 && less <= len; less += 31) {
		struct hash root;

		b->len = len - less;
		check_code(leads_to(f, which, bit, b, &root), E_FORMAT);
	}
	b->len = len;
	check_ok(buf_put_u8(b, 0, &e));
	leads_elsewhere(f, which, bit, b);
	check_ok(buf_put(b, b->data, 31, &e));
	leads_elsewhere(f, which, bit, b);
	b->len = len;
	holds(f, which, bit, b);
}

static void wrong_order(const struct forest *f, const struct set *which, int bit, struct buf *b)
{
	size_t i = 32 * dice(b->len / 32), j = 32 * dice(b->len / 32);
	struct hash a, c;

	memcpy(&a, b->data + i, 32);
	memcpy(&c, b->data + j, 32);
	memcpy(b->data + i, &c, 32);
	memcpy(b->data + j, &a, 32);
	if (i != j)
		leads_elsewhere(f, which, bit, b);
}

/* The opening of some positions is none for others, be they of the same bit or not. */
static void wrong_positions(const struct forest *f, const struct set *which, int bit,
			    const struct buf *b)
{
	scoped(set) *other = NULL;
	uint64_t pos = f->number * 65536 + 20 + dice(40);

	check_ok(set_copy(&other, which, &e));
	if (set_has(other, pos) && set_count(other) > 1)
		check_ok(set_remove(other, pos, &e));
	else if (dice(2))
		check_ok(set_add(other, pos, &e));
	else {
		uint64_t gone = 0;

		check(set_next(other, &gone));
		check_ok(set_remove(other, gone, &e));
		check_ok(set_add(other, gone ^ 1, &e));
	}
	if (!set_equal(other, which))
		leads_elsewhere(f, other, bit, b);
	leads_elsewhere(f, which, !bit, b);
}

TEST(nothing_but_the_one_opening_leads_to_the_root)
{
	struct forest *f = forest_of("131101-131107,131109,131120-131150,140000-160000", 2, 196608,
				     5);

	for (unsigned round = 0; round < 1000; round++) {
		int bit = (int)dice(2);
		scoped(set) *which = some_of(f, bit);
		scoped(buf) *b = naive_opening(f, which);

		holds(f, which, bit, b);
		wrong_bytes(f, which, bit, b);
		wrong_positions(f, which, bit, b);
		wrong_order(f, which, bit, b);
	}
	forest_end(f);
}

/* A liar has every seed, and may put any of it anywhere. */
TEST(no_node_of_the_tree_makes_a_zero_a_one)
{
	struct forest *f = forest_of("1000", 0, 65536, 3);
	scoped(set) *which = positions(f, 1001, 1001);
	scoped(buf) *b = naive_opening(f, which);

	for (size_t at = 0; at < b->len; at += 32)
		for (unsigned try = 0; try < 200; try++) {
			struct hash was, *from = dice(2) ? f->seed : f->node;

			memcpy(&was, b->data + at, 32);
			memcpy(b->data + at, from + 1 + dice(try % 2 ? 131071 : 63), 32);
			leads_elsewhere(f, which, 1, b);
			memcpy(b->data + at, &was, 32);
		}
	holds(f, which, 0, b);
	forest_end(f);
}

TEST(an_opening_is_of_one_bit_and_below_the_size)
{
	struct forest *f = forest_of("5-9", 0, 100, 3);
	static const struct {
		uint64_t first, last;
		int code;
	} tries[] = { { 4, 5, E_MISMATCH }, { 9, 10, E_MISMATCH }, { 0, 99, E_MISMATCH },
		      { 100, 100, E_RANGE }, { 10, 100, E_RANGE }, { 65535, 65535, E_RANGE },
		      { 65536, 65540, E_RANGE } };

	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		scoped(set) *which = positions(f, tries[i].first, tries[i].last);
		scoped(buf) *b = NULL;

		check_ok(buf_from(&b, "x", 1, &e));
		check_code(hidden_open(b, f->key, 0, 100, f->bytes->data, f->bytes->len, which, &e),
			   tries[i].code);
		check(b->len == 1);
	}
	forest_end(f);
}

TEST(to_open_nothing_is_refused)
{
	scoped(set) *none = NULL;
	scoped(set) *one = NULL;
	struct hash root;
	uint8_t bytes[32] = { 0 };

	check_ok(set_create(&none, &e));
	check_ok(set_from_text(&one, "65536", 1, &e));
	check_code(hidden_check(&root, 0, none, UINT64_MAX, 0, bytes, 32, &e), E_RANGE);
	check_code(hidden_check(&root, 0, one, UINT64_MAX, 0, bytes, 32, &e), E_RANGE);
	check_code(hidden_check(&root, CONTAINER_NUMBER_END + 1, one, UINT64_MAX, 0, bytes, 32, &e),
		   E_RANGE);
	check_code(hidden_check(&root, 1, one, UINT64_MAX, 2, bytes, 32, &e), E_RANGE);
	check_code(hidden_check(&root, 1, one, UINT64_MAX, -1, bytes, 32, &e), E_RANGE);
	check_code(hidden_check(&root, 1, one, UINT64_MAX, 1, bytes, 0, &e), E_FORMAT);
}

TEST(a_container_opens_whole_by_its_key)
{
	struct forest *f = forest_of("0-65535", 0, 65536, 8);
	scoped(set) *all = positions(f, 0, 65535);
	scoped(buf) *b = opening(f, all);

	check(b->len == 32 && memcmp(b->data, f->key, 32) == 0);
	holds(f, all, 1, b);
	leads_elsewhere(f, all, 0, b);
	forest_end(f);
}

TEST(the_longest_opening_has_a_length)
{
	struct forest *f = forest_of("", 0, 65536, 8);
	scoped(set) *odd = NULL;
	scoped(buf) *b = NULL;
	struct hash root;

	check_ok(set_create(&odd, &e));
	for (uint64_t pos = 1; pos < 65536; pos += 2)
		check_ok(set_add(odd, pos, &e));
	b = opening(f, odd);
	check(b->len == HIDDEN_OPENING_MAX);
	holds(f, odd, 0, b);
	check_ok(buf_put_u8(b, 0, &e));
	check_code(leads_to(f, odd, 0, b, &root), E_FORMAT);
	forest_end(f);
}

TEST_MAIN("hidden")
