#include "crypto/hash.h"

#include <pthread.h>

#include "crypto/vectors.h"

static void check_hash(const void *bytes, size_t len, const char *want)
{
	struct hash h;

	hash_bytes(&h, bytes, len);
	assert_string_equal(hash_hex(&h).s, want);
}

TEST(the_vectors_of_fips_180_hold)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static char million[1000000];
	uint8_t h512[64];
	char hex[129];

	memset(million, 'a', sizeof(million));
	check_hash(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check_hash(two_blocks, strlen(two_blocks),
		   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	check_hash(million, sizeof(million),
		   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	hash512_bytes(h512, "abc", 3);
	assert_string_equal(hex_encode(hex, h512, 64),
			    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(a_message_in_parts_has_the_hash_of_the_whole)
{
	scoped(hasher) *h = NULL;
	struct error e = { 0 };
	struct hash whole, parts, pieces;
	uint8_t m[200];

	check_ok(hasher_create(&h, &e));
	for (size_t i = 0; i < sizeof(m); i++)
		m[i] = (uint8_t)(i * 7);
	hash_bytes(&whole, m, sizeof(m));
	for (size_t i = 0; i <= sizeof(m); i++) {
		const struct hash_piece p[] = { { m, i }, { NULL, 0 }, { m + i, sizeof(m) - i } };

		hasher_add(h, m, i);
		hasher_add(h, m + i, sizeof(m) - i);
		hasher_end(h, &parts);
		hash_pieces(&pieces, p, COUNT_OF(p));
		check(hash_equal(&whole, &parts) && hash_equal(&whole, &pieces));
	}
	hasher_destroy(NULL);
}

TEST(of_no_pieces_the_hash_is_that_of_nothing)
{
	struct hash a, b;

	hash_pieces(&a, NULL, 0);
	hash_bytes(&b, "", 0);
	check(hash_equal(&a, &b));
}

TEST(a_hash_may_be_put_where_its_message_was)
{
	struct hash h, in_place;

	hash_bytes(&in_place, "x", 1);
	hash_bytes(&h, in_place.b, HASH_LEN);
	hash_bytes(&in_place, in_place.b, HASH_LEN);
	check(hash_equal(&h, &in_place));
}

/* Many steps from one start; a context shared by two threads would spoil them. */
static void *chain(void *start)
{
	struct hash *h = start;

	for (unsigned i = 0; i < 20000; i++)
		hash_bytes(h, h->b, HASH_LEN);
	return NULL;
}

TEST(threads_hash_at_the_same_time)
{
	struct hash want = { { 0 } }, got[4] = { { { 0 } } };
	pthread_t thread[4];

	chain(&want);
	for (unsigned i = 0; i < 4; i++)
		check(pthread_create(&thread[i], NULL, chain, &got[i]) == 0);
	for (unsigned i = 0; i < 4; i++) {
		check(pthread_join(thread[i], NULL) == 0);
		check(hash_equal(&want, &got[i]));
	}
}

static unsigned hmac_case(const json_t *group, const json_t *test)
{
	uint8_t key[VECTOR_BYTES_MAX], message[VECTOR_BYTES_MAX], tag[VECTOR_BYTES_MAX];
	size_t key_len = vector_hex(test, "key", key);
	size_t len = vector_hex(test, "msg", message), tag_len = vector_hex(test, "tag", tag);
	struct hash h;

	(void)group;
	hmac_bytes(&h, key, key_len, message, len);
	check((memcmp(h.b, tag, tag_len) == 0) == vector_valid(test));
	return 1;
}

TEST(the_hmac_vectors_of_wycheproof_hold)
{
	check(wycheproof("hmac_sha256_test.json", hmac_case) == 174);
}

/* RFC 4231, cases 2 and 6: a key shorter and one longer than a block. */
TEST(the_hmac_vectors_of_rfc_4231_hold)
{
	static const char what[] = "what do ya want for nothing?";
	static const char larger[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t key[131];
	struct hash h;

	hmac_bytes(&h, (const uint8_t *)"Jefe", 4, what, strlen(what));
	assert_string_equal(hash_hex(&h).s,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	hmac_bytes(&h, key, sizeof(key), larger, strlen(larger));
	assert_string_equal(hash_hex(&h).s,
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(an_hmac_of_nothing_under_no_key_is_one)
{
	struct hash h;

	hmac_bytes(&h, NULL, 0, NULL, 0);
	assert_string_equal(hash_hex(&h).s,
			    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(two_hashes_are_equal_only_in_every_bit)
{
	struct hash a, b;

	hash_bytes(&a, "a", 1);
	for (unsigned bit = 0; bit < 8 * HASH_LEN; bit++) {
		b = a;
		check(hash_equal(&a, &b) && hash_compare(&a, &b) == 0);
		b.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check(!hash_equal(&a, &b));
		check((hash_compare(&a, &b) < 0) == (hash_compare(&b, &a) > 0));
	}
}

TEST(a_hash_is_read_back_from_its_hex_and_from_no_other_text)
{
	struct error e = { 0 };
	char longer[HASH_HEX_MAX + 1] = "";
	struct hash a, b, before;
	struct hash_hex hex;

	hash_bytes(&a, "a", 1);
	hex = hash_hex(&a);
	check_ok(hash_from_hex(&b, hex.s, &e));
	check(hash_equal(&a, &b));
	before = b;
	for (unsigned i = 0; i < 2 * HASH_LEN; i++) {
		struct hash_hex bad = hex;

		bad.s[i] = i % 2 ? 'A' : 'g';
		check_code(hash_from_hex(&b, bad.s, &e), E_FORMAT);
		bad.s[i] = '\0';
		check_code(hash_from_hex(&b, bad.s, &e), E_FORMAT);
		check(hash_equal(&b, &before));
	}
	memset(longer, '0', sizeof(longer) - 1);
	check_code(hash_from_hex(&b, longer, &e), E_FORMAT);
}

TEST_MAIN("crypto-hash")
