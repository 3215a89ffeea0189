#include "crypto/tree.h"

#include <ftw.h>

#include "base/buf.h"
#include "crypto/vectors.h"

enum { WORLD = 70 };

static struct hash leaf[WORLD], root[WORLD + 1];
static struct tree_array array = { leaf, WORLD };
static struct error e;

/* The definition of RFC 9162 section 2.1.1, word for word. */
static struct hash defined_root(const struct hash *leaves, uint64_t n)
{
	struct hash h, left, right;
	uint64_t k = 1;

	if (n == 0)
		hash_bytes(&h, "", 0);
	if (n < 2)
		return n ? leaves[0] : h;
	while (k * 2 < n)
		k *= 2;
	left = defined_root(leaves, k);
	right = defined_root(leaves + k, n - k);
	tree_node(&h, &left, &right);
	return h;
}

__attribute__((constructor)) static void world_make(void)
{
	for (uint8_t i = 0; i < WORLD; i++)
		tree_leaf(&leaf[i], &i, 1);
	for (uint64_t size = 0; size <= WORLD; size++)
		root[size] = defined_root(leaf, size);
}

TEST(the_root_is_that_of_the_definition_however_it_is_made)
{
	struct tree_edge edge;
	struct hash h;

	tree_edge_init(&edge);
	for (uint64_t size = 0; size <= WORLD; size++) {
		tree_edge_root(&edge, &h);
		check(hash_equal(&h, &root[size]));
		tree_root(&h, leaf, size);
		check(hash_equal(&h, &root[size]));
		check_ok(tree_range(&h, 0, size, tree_array_read, &array, &e));
		check(hash_equal(&h, &root[size]));
		if (size < WORLD)
			tree_edge_add(&edge, &leaf[size]);
	}
	tree_leaf(&h, NULL, 0);
	assert_string_equal(hash_hex(&h).s,
			    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(a_range_has_a_root_only_where_it_is_a_subtree)
{
	struct hash h, want;

	for (uint64_t first = 0; first <= WORLD; first++)
		for (uint64_t last = first; last <= WORLD; last++) {
			uint64_t width = 1;

			while (width < last - first)
				width *= 2;
			if (first % width != 0) {
				check_code(tree_range(&h, first, last, tree_array_read, &array, &e),
					   E_RANGE);
				continue;
			}
			check_ok(tree_range(&h, first, last, tree_array_read, &array, &e));
			want = defined_root(leaf + first, last - first);
			check(hash_equal(&h, &want));
		}
	check_code(tree_range(&h, 2, 1, tree_array_read, &array, &e), E_RANGE);
	check_code(tree_range(&h, WORLD, WORLD + 1, tree_array_read, &array, &e), E_RANGE);
}

TEST(an_array_has_no_subtree_beyond_its_end)
{
	struct hash h;

	check_ok(tree_array_read(&array, 6, 0, &h, &e));
	check_ok(tree_array_read(&array, 0, WORLD - 1, &h, &e));
	check_code(tree_array_read(&array, 0, WORLD, &h, &e), E_RANGE);
	check_code(tree_array_read(&array, 7, 0, &h, &e), E_RANGE);
	check_code(tree_array_read(&array, 64, 0, &h, &e), E_RANGE);
	check_code(tree_array_read(&array, 0, UINT64_MAX, &h, &e), E_RANGE);
}

/* One hash too many, one too few, one bit of each hash changed. */
static void bad_paths(const struct tree_path *good, void (*refused)(const struct tree_path *bad))
{
	struct tree_path bad = *good;

	if (bad.count < TREE_PATH_MAX) {
		bad.hash[bad.count++] = good->count ? good->hash[good->count - 1] : leaf[0];
		refused(&bad);
	}
	bad.count = TREE_PATH_MAX + 1;
	refused(&bad);
	bad = *good;
	if (bad.count > 0) {
		bad.count--;
		refused(&bad);
		memmove(&bad.hash[0], &bad.hash[1], bad.count * sizeof(bad.hash[0]));
		refused(&bad);
	}
	for (size_t i = 0; i < good->count; i++) {
		bad = *good;
		bad.hash[i].b[i % HASH_LEN] ^= 0x10;
		refused(&bad);
	}
}

static uint64_t at, of; /* of bad_paths: this entry, or growth from here, to this size */

static void entry_refused(const struct tree_path *bad)
{
	check_code(tree_check(bad, &leaf[at], at, of, &root[of], &e), E_MISMATCH);
}

TEST(every_entry_of_every_small_tree_can_be_proved_and_only_by_its_proof)
{
	struct tree_path p;

	for (of = 1; of <= WORLD; of++)
		for (at = 0; at < of; at++) {
			check_ok(tree_prove(&p, at, of, tree_array_read, &array, &e));
			check_ok(tree_check(&p, &leaf[at], at, of, &root[of], &e));
			bad_paths(&p, entry_refused);
			for (uint64_t other = 0; other < of; other++)
				if (other != at)
					check_code(tree_check(&p, &leaf[at], other, of, &root[of],
							      &e), E_MISMATCH);
			check_code(tree_check(&p, &leaf[(at + 1) % WORLD], at, of, &root[of], &e),
				   E_MISMATCH);
			check_code(tree_check(&p, &leaf[at], at, of, &root[of - 1], &e),
				   E_MISMATCH);
			check_code(tree_check(&p, &leaf[at], of, of, &root[of], &e), E_RANGE);
		}
}

TEST(there_is_no_proof_of_an_entry_that_is_not_there)
{
	struct tree_path p = { .count = 7 };

	for (uint64_t size = 0; size <= WORLD; size++)
		check_code(tree_prove(&p, size, size, tree_array_read, &array, &e), E_RANGE);
	check_code(tree_check(&p, &leaf[0], 0, 0, &root[0], &e), E_RANGE);
	check_code(tree_check(&p, &leaf[0], UINT64_MAX, UINT64_MAX, &root[0], &e), E_RANGE);
	check(p.count == 7);
}

static void growth_refused(const struct tree_path *bad)
{
	check_code(tree_check_growth(bad, at, &root[at], of, &root[of], &e), E_MISMATCH);
}

TEST(every_growth_of_every_small_tree_can_be_proved_and_only_by_its_proof)
{
	struct tree_path p;

	for (of = 1; of <= WORLD; of++)
		for (at = 1; at <= of; at++) {
			check_ok(tree_prove_growth(&p, at, of, tree_array_read, &array, &e));
			check_ok(tree_check_growth(&p, at, &root[at], of, &root[of], &e));
			check((at == of) == (p.count == 0));
			bad_paths(&p, growth_refused);
			check_code(tree_check_growth(&p, at, &root[at - 1], of, &root[of], &e),
				   E_MISMATCH);
			check_code(tree_check_growth(&p, at, &root[at], of, &root[of - 1], &e),
				   E_MISMATCH);
			for (uint64_t other = 1; other <= of; other++)
				if (other != at)
					check_code(tree_check_growth(&p, other, &root[at], of,
								     &root[of], &e), E_MISMATCH);
		}
}

TEST(no_tree_grows_from_nothing_or_backwards)
{
	struct tree_path p = { .count = 0 };

	check_code(tree_prove_growth(&p, 0, 5, tree_array_read, &array, &e), E_RANGE);
	check_code(tree_prove_growth(&p, 6, 5, tree_array_read, &array, &e), E_RANGE);
	check_code(tree_check_growth(&p, 0, &root[0], 5, &root[5], &e), E_RANGE);
	check_code(tree_check_growth(&p, 0, &root[0], 0, &root[0], &e), E_RANGE);
	check_code(tree_check_growth(&p, 6, &root[6], 5, &root[5], &e), E_RANGE);
	check(tree_check_growth(&p, 6, &root[6], 5, &root[5], NULL) == E_RANGE);
}

/* A tree of 2^63 equal leaves: same[i] is the root of any perfect subtree of 2^i. */
static struct hash same[64];
static unsigned reads;

static int same_read(void *ctx, unsigned level, uint64_t first, struct hash *ret, struct error *err)
{
	(void)ctx;
	(void)err;
	check(level < 64 && first % (UINT64_C(1) << level) == 0);
	*ret = same[level];
	reads++;
	return 0;
}

static void same_make(void)
{
	same[0] = leaf[0];
	for (unsigned i = 1; i < 64; i++)
		tree_node(&same[i], &same[i - 1], &same[i - 1]);
}

TEST(the_greatest_trees_can_be_proved)
{
	const uint64_t max = TREE_SIZE_MAX;
	const uint64_t sizes[] = { max, max - 1, max / 2 + 1, max / 2 + 2, max - max / 4 + 3 };
	struct tree_path p;
	struct hash old, now;

	same_make();
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		uint64_t size = sizes[i];
		const uint64_t some[] = { 1, 2, 77, max / 4, max / 4 + 1, max / 2, size - 1, size };

		check_ok(tree_range(&now, 0, size, same_read, NULL, &e));
		for (size_t j = 0; j < COUNT_OF(some); j++) {
			check_ok(tree_prove(&p, some[j] - 1, size, same_read, NULL, &e));
			check_ok(tree_check(&p, &same[0], some[j] - 1, size, &now, &e));
			check_ok(tree_prove_growth(&p, some[j], size, same_read, NULL, &e));
			check_ok(tree_range(&old, 0, some[j], same_read, NULL, &e));
			check_ok(tree_check_growth(&p, some[j], &old, size, &now, &e));
		}
	}
	/* From one leaf right of the middle: no proof is longer. */
	check_ok(tree_prove_growth(&p, max / 2 + 1, max - 1, same_read, NULL, &e));
	check(p.count == TREE_PATH_MAX);
}

TEST(one_leaf_beyond_the_greatest_tree_is_refused)
{
	const uint64_t over = TREE_SIZE_MAX + 1;
	struct tree_path p = { .count = 0 };
	struct hash h;

	check_code(tree_range(&h, 0, over, same_read, NULL, &e), E_RANGE);
	check_code(tree_prove(&p, 0, over, same_read, NULL, &e), E_RANGE);
	check_code(tree_check(&p, &leaf[0], 0, over, &root[1], &e), E_RANGE);
	check_code(tree_prove_growth(&p, 1, over, same_read, NULL, &e), E_RANGE);
	check_code(tree_check_growth(&p, 1, &root[1], over, &root[1], &e), E_RANGE);
}

static int read_fails(void *ctx, unsigned level, uint64_t first, struct hash *ret,
		      struct error *err)
{
	unsigned *left = ctx;

	return (*left)-- == 0 ? error_set(err, E_IO, "a tile is unreadable")
			      : tree_array_read(&array, level, first, ret, err);
}

TEST(when_any_read_fails_there_is_no_proof)
{
	unsigned left, times;
	struct tree_path p = { .count = 7 };

	for (times = 0; left = times, tree_prove(&p, 3, WORLD, read_fails, &left, &e) < 0; times++)
		check(e.code == E_IO && p.count == 7);
	check(times > 6);
	p.count = 7;
	for (times = 0; left = times,
	     tree_prove_growth(&p, 37, WORLD, read_fails, &left, &e) < 0; times++)
		check(e.code == E_IO && p.count == 7);
	check(times > 6);
}

/* A hash of a vector. Some have fewer bytes, which no struct hash can: they are filled up
 * with zeros, and those of none become a hash like no other. */
static struct hash vector_hash(const json_t *text)
{
	static uint8_t nothing;
	scoped(buf) *b = NULL;
	struct hash h = { { 0 } };

	check(json_is_string(text));
	check_ok(buf_create(&b, HASH_LEN, &e));
	check_ok(base64_get(b, json_string_value(text), json_string_length(text), &e));
	check(b->len <= HASH_LEN);
	memcpy(h.b, b->data, b->len);
	if (b->len == 0)
		h.b[HASH_LEN - 1] = ++nothing;
	return h;
}

/* Loaded as real numbers, since 2^64 - 1 is among them and no integer of Jansson. */
static uint64_t vector_number(const json_t *object, const char *key)
{
	double v = json_real_value(json_object_get(object, key));

	return v < 0x1p63 ? (uint64_t)v : UINT64_MAX;
}

static unsigned vectors_run;

static int vector_run(const char *file, const struct stat *st, int type, struct FTW *where)
{
	json_t *v = type == FTW_F ? json_load_file(file, JSON_DECODE_INT_AS_REAL, NULL) : NULL;
	struct tree_path p = { .count = 0 };
	struct hash a, b;
	json_t *h;
	size_t i;
	int code;

	(void)st;
	(void)where;
	if (type != FTW_F)
		return 0;
	check(v);
	json_array_foreach(json_object_get(v, "proof"), i, h) {
		check(p.count < TREE_PATH_MAX);
		p.hash[p.count++] = vector_hash(h);
	}
	if (json_object_get(v, "leafHash")) {
		a = vector_hash(json_object_get(v, "leafHash"));
		b = vector_hash(json_object_get(v, "root"));
		code = tree_check(&p, &a, vector_number(v, "leafIdx"),
				  vector_number(v, "treeSize"), &b, &e);
	} else {
		a = vector_hash(json_object_get(v, "root1"));
		b = vector_hash(json_object_get(v, "root2"));
		code = tree_check_growth(&p, vector_number(v, "size1"), &a,
					 vector_number(v, "size2"), &b, &e);
	}
	if ((code != 0) != json_is_true(json_object_get(v, "wantErr")))
		fail_msg("%s: code %d", file, code);
	vectors_run++;
	json_decref(v);
	return 0;
}

static void vectors_of(const char *kind)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/vectors/transparency-dev-merkle/testdata/%s",
		 test_shared(), kind);
	vectors_run = 0;
	check(nftw(path, vector_run, 8, FTW_PHYS) == 0);
	check(vectors_run == 98);
}

TEST(the_inclusion_vectors_of_transparency_dev_hold)
{
	vectors_of("inclusion");
}

TEST(the_consistency_vectors_of_transparency_dev_hold)
{
	vectors_of("consistency");
}

TEST_MAIN("crypto-tree")
