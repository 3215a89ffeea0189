#include "base/test.h"
#include "crypto/tree.h"

enum { WORLD = 70, PROOF_MAX = 1024 };

static struct hash leaf[WORLD], root[WORLD + 1];
static struct tree_array array = { leaf, WORLD };
static struct error e;

struct list {
	size_t count;
	struct hash hash[PROOF_MAX];
};

/* Some of the entries of a tree, and the proof of them. */
struct some {
	uint64_t size, index[WORLD];
	struct hash leaf[WORLD];
	size_t count;
	struct list proof;
};

__attribute__((constructor)) static void world_make(void)
{
	for (uint8_t i = 0; i < WORLD; i++)
		tree_leaf(&leaf[i], &i, 1);
	for (uint64_t size = 0; size <= WORLD; size++)
		tree_root(&root[size], leaf, size);
}

static int list_take(void *ctx, const struct hash *h, struct error *err)
{
	struct list *l = ctx;

	if (l->count == PROOF_MAX)
		return error_set(err, E_RANGE, "too many hashes");
	l->hash[l->count++] = *h;
	return 0;
}

static void prove(struct some *s)
{
	s->proof.count = 0;
	check_ok(tree_prove_many(s->index, s->count, s->size, tree_array_read, &array, list_take,
				 &s->proof, &e));
}

static int holds(const struct some *s)
{
	return tree_check_many(s->index, s->leaf, s->count, s->size, s->proof.hash,
			       s->proof.count, &root[s->size], &e);
}

/* One hash too many at either end, one too few, one bit of each hash and leaf changed. */
static void check_only_this_holds(struct some *s)
{
	struct list good = s->proof, *p = &s->proof;

	check_ok(holds(s));
	p->hash[p->count++] = leaf[0];
	check_code(holds(s), E_MISMATCH);
	memmove(&p->hash[1], &p->hash[0], good.count * sizeof(p->hash[0]));
	check_code(holds(s), E_MISMATCH);
	*p = good;
	if (p->count > 0) {
		p->count--;
		check_code(holds(s), E_MISMATCH);
		memmove(&p->hash[0], &p->hash[1], p->count * sizeof(p->hash[0]));
		check_code(holds(s), E_MISMATCH);
		*p = good;
	}
	for (size_t i = 0; i < good.count; i++) {
		p->hash[i].b[i % HASH_LEN] ^= 1;
		check_code(holds(s), E_MISMATCH);
		p->hash[i] = good.hash[i];
	}
	for (size_t i = 0; i < s->count; i++) {
		s->leaf[i].b[0] ^= 0x80;
		check_code(holds(s), E_MISMATCH);
		s->leaf[i].b[0] ^= 0x80;
	}
}

/* Any index moved to a place that is free. */
static void check_no_other_place_holds(struct some *s)
{
	for (size_t i = 0; i < s->count; i++) {
		uint64_t was = s->index[i];
		uint64_t low = i > 0 ? s->index[i - 1] + 1 : 0;
		uint64_t high = i + 1 < s->count ? s->index[i + 1] : s->size;

		for (s->index[i] = low; s->index[i] < high; s->index[i]++)
			if (s->index[i] != was)
				check_code(holds(s), E_MISMATCH);
		s->index[i] = was;
	}
}

static void add(struct some *s, uint64_t index)
{
	s->index[s->count] = index;
	s->leaf[s->count++] = leaf[index];
}

TEST(every_subset_of_every_tree_up_to_eight_can_be_proved_and_only_by_its_proof)
{
	static struct some s;

	for (s.size = 0; s.size <= 8; s.size++)
		for (unsigned subset = 0; subset < 1U << s.size; subset++) {
			s.count = 0;
			for (uint64_t i = 0; i < s.size; i++)
				if (subset >> i & 1)
					add(&s, i);
			prove(&s);
			check_only_this_holds(&s);
			check_no_other_place_holds(&s);
		}
}

TEST(subsets_of_larger_trees_can_be_proved_and_only_by_their_proof)
{
	static struct some s;
	uint32_t dice = 1;

	for (s.size = 9; s.size <= WORLD; s.size++)
		for (uint32_t tries = 1; tries <= 16; tries++) {
			s.count = 0;
			for (uint64_t i = 0; i < s.size; i++) {
				dice = dice * 1664525 + 1013904223;
				if (dice >> 28 < tries)
					add(&s, i);
			}
			prove(&s);
			check_only_this_holds(&s);
			check_no_other_place_holds(&s);
		}
}

TEST(the_proof_of_one_entry_has_the_hashes_of_its_path)
{
	static struct some s;
	struct tree_path p;

	for (s.size = 1; s.size <= WORLD; s.size++)
		for (uint64_t at = 0; at < s.size; at++) {
			s.count = 0;
			add(&s, at);
			prove(&s);
			check_ok(tree_prove(&p, at, s.size, tree_array_read, &array, &e));
			check(p.count == s.proof.count);
			for (size_t i = 0, found = 0; i < p.count; i++, found = 0) {
				for (size_t j = 0; j < p.count; j++)
					found += hash_equal(&p.hash[i], &s.proof.hash[j]);
				check(found == 1);
			}
		}
}

TEST(the_proof_of_all_is_empty_and_of_none_is_the_root)
{
	static struct some s;

	for (s.size = 1; s.size <= WORLD; s.size++) {
		s.count = 0;
		prove(&s);
		check(s.proof.count == 1 && hash_equal(&s.proof.hash[0], &root[s.size]));
		for (uint64_t i = 0; i < s.size; i++)
			add(&s, i);
		prove(&s);
		check(s.proof.count == 0);
	}
}

/* Of 7, with entry 3: [0,2), 2, [4,7). */
TEST(the_hashes_come_from_left_to_right)
{
	static struct some s = { .size = 7 };
	struct hash want[3] = { { { 0 } }, leaf[2] };

	tree_root(&want[0], leaf, 2);
	tree_root(&want[2], leaf + 4, 3);
	add(&s, 3);
	prove(&s);
	check(s.proof.count == 3);
	for (size_t i = 0; i < 3; i++)
		check(hash_equal(&s.proof.hash[i], &want[i]));
}

TEST(indices_out_of_order_or_of_no_entry_are_refused_by_both_sides)
{
	static const uint64_t bad[][2] = { { 1, 0 }, { 3, 3 }, { 0, 7 }, { 7, 8 },
					   { 0, UINT64_MAX } };
	static struct list l;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(tree_prove_many(bad[i], 2, 7, tree_array_read, &array, list_take, &l,
					   &e), E_RANGE);
		check_code(tree_check_many(bad[i], leaf, 2, 7, leaf, 2, &root[7], &e), E_RANGE);
	}
	check_code(tree_check_many(bad[0], leaf, 1, 0, leaf, 0, &root[0], &e), E_RANGE);
	check_code(tree_check_many(NULL, NULL, 0, TREE_SIZE_MAX + 1, root, 1, root, &e), E_RANGE);
	check(l.count == 0);
}

TEST(the_path_of_a_leaf_holds_the_root_of_all_before_it)
{
	struct some s = { .count = 0 };
	struct hash begun;

	for (uint64_t size = 1; size <= 40; size++)
		for (uint64_t a = 0; a < size; a++)
			for (uint64_t b = a; b < size; b++) {
				s.size = size;
				s.count = a == b ? 1 : 2;
				s.index[0] = a;
				s.index[1] = b;
				s.leaf[0] = leaf[a];
				s.leaf[1] = leaf[b];
				prove(&s);
				check_ok(holds(&s));
				tree_begin_many(s.index, s.leaf, s.count, size, s.proof.hash, s.proof.count, a,
						&begun);
				check(hash_equal(&begun, &root[a]));
				tree_begin_many(s.index, s.leaf, s.count, size, s.proof.hash, s.proof.count, b,
						&begun);
				check(hash_equal(&begun, &root[b]));
			}
}

TEST(the_empty_tree_has_one_proof_of_nothing)
{
	check_ok(tree_check_many(NULL, NULL, 0, 0, NULL, 0, &root[0], &e));
	check_code(tree_check_many(NULL, NULL, 0, 0, &root[0], 1, &root[0], &e), E_MISMATCH);
	check_code(tree_check_many(NULL, NULL, 0, 0, NULL, 0, &root[1], &e), E_MISMATCH);
}

static int same_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *err)
{
	const struct hash *same = ctx;

	(void)first;
	(void)err;
	*ret = same[level];
	return 0;
}

/* Else a short proof with a great size would cost the one who checks it. */
TEST(of_the_greatest_tree_each_entry_takes_at_most_sixty_three_hashes)
{
	const uint64_t size = TREE_SIZE_MAX;
	const uint64_t index[] = { 0, 5, size / 4, size / 2 - 1, size / 2, size - 1 };
	struct hash same[64], leaves[COUNT_OF(index)];
	static struct list l;

	same[0] = leaf[0];
	for (unsigned i = 1; i < 64; i++)
		tree_node(&same[i], &same[i - 1], &same[i - 1]);
	for (size_t i = 0; i < COUNT_OF(index); i++)
		leaves[i] = leaf[0];
	check_ok(tree_prove_many(index, COUNT_OF(index), size, same_read, same, list_take, &l,
				 &e));
	check(l.count <= 63 * COUNT_OF(index) && l.count > 63);
	check_ok(tree_check_many(index, leaves, COUNT_OF(index), size, l.hash, l.count, &same[63],
				 &e));
	l.count--;
	check_code(tree_check_many(index, leaves, COUNT_OF(index), size, l.hash, l.count,
				   &same[63], &e), E_MISMATCH);
}

static int no_more(void *ctx, const struct hash *h, struct error *err)
{
	unsigned *left = ctx;

	(void)h;
	return (*left)-- == 0 ? error_set(err, E_IO, "nowhere to put it") : 0;
}

TEST(when_nobody_takes_a_hash_the_proof_ends)
{
	static const uint64_t index[] = { 3, 40 };
	unsigned left, times;

	for (times = 0; left = times,
	     tree_prove_many(index, 2, WORLD, tree_array_read, &array, no_more, &left, &e) < 0;
	     times++)
		check(e.code == E_IO);
	check(times > 6);
}

TEST_MAIN("crypto-many")
