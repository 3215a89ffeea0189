#include "crypto/commit.h"

#include "base/test.h"

static uint8_t salt[SALT_LEN];

static void salt_fill(void)
{
	for (unsigned i = 0; i < SALT_LEN; i++)
		salt[i] = (uint8_t)i;
}

/* Both computed with another program: sha256 of the bytes that the header describes. */
TEST(the_bytes_are_those_of_the_header)
{
	struct hash c;

	salt_fill();
	commit_make(&c, "source", salt, "album", 5);
	assert_string_equal(hash_hex(&c).s,
			    "ea45fb6e7f2322f17049c366d604fed822e95c4485eed65b03ca98a029c10a4d");
	commit_make(&c, "", salt, NULL, 0);
	assert_string_equal(hash_hex(&c).s,
			    "6067c87bd749517bbf8d8d8be250c0899ac3f3c175d5f48bf3e0dede238a4e3c");
}

TEST(nothing_moves_between_name_and_value)
{
	struct hash a, b;

	salt_fill();
	commit_make(&a, "ab", salt, "c", 1);
	commit_make(&b, "a", salt, "bc", 2);
	check(!hash_equal(&a, &b));
}

TEST(every_bit_of_salt_and_value_counts)
{
	struct hash a, b;
	char value[] = "value";

	salt_fill();
	commit_make(&a, "name", salt, value, 5);
	for (unsigned bit = 0; bit < 8 * SALT_LEN; bit++) {
		salt[bit / 8] ^= (uint8_t)(1 << bit % 8);
		commit_make(&b, "name", salt, value, 5);
		check(!hash_equal(&a, &b));
		salt[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned i = 0; i < 5; i++) {
		value[i] ^= 1;
		commit_make(&b, "name", salt, value, 5);
		check(!hash_equal(&a, &b));
		value[i] ^= 1;
	}
	commit_make(&b, "name", salt, value, 4);
	check(!hash_equal(&a, &b));
	commit_make(&b, "nam", salt, value, 5);
	check(!hash_equal(&a, &b));
	commit_make(&b, "name", salt, value, 5);
	check(hash_equal(&a, &b));
}

TEST_MAIN("crypto-commit")
