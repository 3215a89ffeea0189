/*
 * How long short messages take, by libcrypto's SHA256_ calls and by the best that EVP gives (one
 * context, reused). Prints ns per message.
 *   cc -O3 -o /tmp/bench-hash bench/hash.c -lcrypto && /tmp/bench-hash
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <time.h>

enum { ROUNDS = 2000000 };

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(void)
{
	static const size_t lengths[] = { 32, 48, 65, 97 };
	unsigned char message[128] = { 1 }, out[32];
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!md || !ctx)
		return 1;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		double began = now_ns(), evp, low;

		for (int n = 0; n < ROUNDS; n++) {
			EVP_DigestInit_ex2(ctx, md, NULL);
			EVP_DigestUpdate(ctx, message, lengths[i]);
			EVP_DigestFinal_ex(ctx, out, NULL);
			message[0] = out[0];
		}
		evp = (now_ns() - began) / ROUNDS;
		began = now_ns();
		for (int n = 0; n < ROUNDS; n++) {
			SHA256_CTX c;

			SHA256_Init(&c);
			SHA256_Update(&c, message, lengths[i]);
			SHA256_Final(out, &c);
			message[0] = out[0];
		}
		low = (now_ns() - began) / ROUNDS;
		printf("%3zu bytes: EVP %5.1f, SHA256_ %5.1f, ratio %.2f\n", lengths[i], evp, low, low / evp);
	}
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return 0;
}
