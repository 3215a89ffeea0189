#include "crypto/seal.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "crypto/vectors.h"

enum { LEN = 37 };
static const uint8_t key[SEAL_KEY_LEN] = { 1 }, nonce[SEAL_NONCE_LEN] = { 2 };
static uint8_t plain[LEN], aad[5] = "card";

static unsigned gcm_case(const json_t *group, const json_t *test)
{
	static uint8_t k[VECTOR_BYTES_MAX], iv[VECTOR_BYTES_MAX], a[VECTOR_BYTES_MAX];
	static uint8_t message[VECTOR_BYTES_MAX], want[2 * VECTOR_BYTES_MAX];
	static uint8_t got[2 * VECTOR_BYTES_MAX];
	size_t len = vector_hex(test, "msg", message), aad_len = vector_hex(test, "aad", a);
	size_t tag_at = vector_hex(test, "ct", want);
	size_t tag_len = vector_hex(test, "tag", want + tag_at);
	struct error e = { 0 };

	(void)group;
	if (vector_hex(test, "key", k) != SEAL_KEY_LEN || tag_len != SEAL_TAG_LEN ||
	    vector_hex(test, "iv", iv) != SEAL_NONCE_LEN)
		return 0;
	if (!vector_valid(test)) {
		check_code(seal_open(got, k, iv, a, aad_len, want, tag_at + tag_len, &e),
			   E_MISMATCH);
		return 1;
	}
	check_ok(seal_close(got, k, iv, a, aad_len, message, len, &e));
	assert_memory_equal(got, want, tag_at + tag_len);
	check_ok(seal_open(got, k, iv, a, aad_len, want, tag_at + tag_len, &e));
	check(tag_at == len);
	assert_memory_equal(got, message, len);
	return 1;
}

TEST(the_aes_256_gcm_vectors_of_wycheproof_hold)
{
	check(wycheproof("aes_gcm_test.json", gcm_case) == 66);
}

TEST(every_length_comes_back)
{
	static uint8_t message[300], sealed[300 + SEAL_TAG_LEN], opened[300];
	struct error e = { 0 };

	random_bytes(message, sizeof(message));
	for (size_t len = 0; len <= sizeof(message); len++) {
		check_ok(seal_close(sealed, key, nonce, aad, len % 6, message, len, &e));
		check_ok(seal_open(opened, key, nonce, aad, len % 6, sealed, len + SEAL_TAG_LEN,
				   &e));
		assert_memory_equal(opened, message, len);
	}
}

TEST(sealing_and_opening_may_be_in_place)
{
	uint8_t b[LEN + SEAL_TAG_LEN], sealed[LEN + SEAL_TAG_LEN];
	struct error e = { 0 };

	memset(plain, 7, LEN);
	memcpy(b, plain, LEN);
	check_ok(seal_close(sealed, key, nonce, NULL, 0, plain, LEN, &e));
	check_ok(seal_close(b, key, nonce, NULL, 0, b, LEN, &e));
	assert_memory_equal(b, sealed, sizeof(b));
	check_ok(seal_open(b, key, nonce, NULL, 0, b, sizeof(b), &e));
	assert_memory_equal(b, plain, LEN);
}

/* Refused, and nothing of the plaintext left behind. */
static void check_refused(const uint8_t *k, const uint8_t *n, const void *a, size_t aad_len,
			  const uint8_t *sealed, size_t sealed_len)
{
	static const uint8_t zeros[LEN];
	uint8_t opened[LEN];
	struct error e = { 0 };

	memset(opened, 0xee, sizeof(opened));
	check_code(seal_open(opened, k, n, a, aad_len, sealed, sealed_len, &e), E_MISMATCH);
	if (sealed_len >= SEAL_TAG_LEN)
		assert_memory_equal(opened, zeros, sealed_len - SEAL_TAG_LEN);
}

TEST(what_was_changed_in_one_bit_does_not_open)
{
	uint8_t sealed[LEN + SEAL_TAG_LEN], k[SEAL_KEY_LEN], n[SEAL_NONCE_LEN];
	struct error e = { 0 };

	memset(plain, 7, LEN);
	check_ok(seal_close(sealed, key, nonce, aad, sizeof(aad), plain, LEN, &e));
	for (unsigned bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_refused(key, nonce, aad, sizeof(aad), sealed, sizeof(sealed));
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 8 * sizeof(aad); bit++) {
		aad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_refused(key, nonce, aad, sizeof(aad), sealed, sizeof(sealed));
		aad[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (unsigned bit = 0; bit < 8 * sizeof(k); bit++) {
		memcpy(k, key, sizeof(k));
		k[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_refused(k, nonce, aad, sizeof(aad), sealed, sizeof(sealed));
	}
	for (unsigned bit = 0; bit < 8 * sizeof(n); bit++) {
		memcpy(n, nonce, sizeof(n));
		n[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_refused(key, n, aad, sizeof(aad), sealed, sizeof(sealed));
	}
	for (size_t len = 0; len < sizeof(sealed); len++)
		check_refused(key, nonce, aad, sizeof(aad), sealed, len);
	check_refused(key, nonce, aad, sizeof(aad) - 1, sealed, sizeof(sealed));
	check_refused(key, nonce, NULL, 0, sealed, sizeof(sealed));
}

/* The length alone is refused: neither side may touch the bytes. */
TEST(one_byte_more_than_gcm_can_count_is_refused)
{
	const uint64_t max = (UINT64_C(1) << 36) - 32;
	struct error e = { 0 };
	uint8_t b[SEAL_TAG_LEN];

	check_code(seal_close(b, key, nonce, NULL, 0, plain, max + 1, &e), E_RANGE);
	check_code(seal_open(b, key, nonce, NULL, 0, plain, max + SEAL_TAG_LEN + 1, &e),
		   E_MISMATCH);
}

TEST(random_bytes_come_and_differ)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 };

	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	check(memcmp(a, b, sizeof(a)) != 0);
}

static int no_random(void *p, size_t len)
{
	(void)p;
	(void)len;
	errno = ENOSYS;
	return -1;
}

static void child_without_random(int to)
{
	struct sys broken = *sys;
	uint8_t b[16];

	broken.random = no_random;
	sys = &broken;
	if (dup2(to, STDERR_FILENO) == STDERR_FILENO)
		random_bytes(b, sizeof(b));
	_exit(0);
}

TEST(without_random_bytes_the_process_ends_with_one_line)
{
	char said[200] = "";
	int ends[2], status;
	pid_t child;

	check(pipe(ends) == 0);
	child = fork();
	if (child == 0)
		child_without_random(ends[1]);
	close(ends[1]);
	check(read(ends[0], said, sizeof(said) - 1) > 0);
	close(ends[0]);
	check(waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_string_equal(said, "rescind: the system gives no random bytes\n");
}

TEST_MAIN("crypto-seal")
