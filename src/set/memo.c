/*
 * memo: what hidden.h and crypto/sign.h answer, kept in a memory that a test and all that it splits
 * off share: who asks again for the same root, opening or signature gets the same bytes and pays
 * nothing. Errors are not kept. It stands in their place at link time (memo_dep, in meson.build).
 * For torture tests: one process at a time, without threads.
 */
#include <string.h>
#include <sys/mman.h>

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "set/container.h"
#include "set/hidden.h"

enum { ANSWERS_MAX = 65536, /* a power of 2 */ ANSWER_LEN_MAX = 1024 - 48 };
enum question { ROOT_OF, OPENING_OF, SIGNATURE_HOLDS, SIGNATURE_OF };

struct answer {
	struct hash question;
	size_t len;
	bool given;
	uint8_t bytes[ANSWER_LEN_MAX];
};

int __real_hidden_container_root(struct hash *ret, const uint8_t key[32], uint64_t number,
				 uint64_t size, const uint8_t *bytes, size_t len_bytes,
				 struct error *e);
int __real_hidden_open(struct buf *b, const uint8_t key[32], uint64_t number, uint64_t size,
		       const uint8_t *bytes, size_t len_bytes, const struct set *which,
		       struct error *e);
int __wrap_hidden_container_root(struct hash *ret, const uint8_t key[32], uint64_t number,
				 uint64_t size, const uint8_t *bytes, size_t len_bytes,
				 struct error *e);
int __wrap_hidden_open(struct buf *b, const uint8_t key[32], uint64_t number, uint64_t size,
		       const uint8_t *bytes, size_t len_bytes, const struct set *which,
		       struct error *e);
int __real_sign_check(const uint8_t signature[SIGN_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN],
		      const void *message, size_t len_bytes, struct error *e);
int __real_sign_make(uint8_t ret_signature[SIGN_LEN], const uint8_t seed[SIGN_SEED_LEN],
		     const void *message, size_t len_bytes, struct error *e);
int __wrap_sign_check(const uint8_t signature[SIGN_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN],
		      const void *message, size_t len_bytes, struct error *e);
int __wrap_sign_make(uint8_t ret_signature[SIGN_LEN], const uint8_t seed[SIGN_SEED_LEN],
		     const void *message, size_t len_bytes, struct error *e);

static struct answer *answers;

__attribute__((constructor)) static void begin(void)
{
	void *p = mmap(NULL, ANSWERS_MAX * sizeof(*answers), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	answers = p == MAP_FAILED ? NULL : p;
}

/* The answer to this question, or an empty one in its place; NULL where there is no room. */
static struct answer *answer_to(const struct hash *question)
{
	uint64_t first = be_get(question->b, 8);

	for (uint64_t i = 0; answers && i < 64; i++) {
		struct answer *a = &answers[(first + i) % ANSWERS_MAX];

		if (!a->given || hash_equal(&a->question, question))
			return a;
	}
	return NULL;
}

static void remember(struct answer *a, const struct hash *question, const void *bytes, size_t len)
{
	if (!a || len > ANSWER_LEN_MAX)
		return;
	a->question = *question;
	a->len = len;
	memcpy(a->bytes, bytes, len);
	a->given = true;
}

/* The kind of question and four pieces. */
static void ask(struct hash *ret, uint64_t kind, uint64_t more, const struct hash_piece pieces[4])
{
	uint64_t head[6] = { kind, more };

	for (size_t i = 0; i < 4; i++)
		head[2 + i] = pieces[i].len_bytes;
	hash_pieces(ret,
		    (struct hash_piece[]){ { head, sizeof(head) }, pieces[0], pieces[1], pieces[2],
					   pieces[3] },
		    5);
}

int __wrap_sign_check(const uint8_t signature[SIGN_LEN], const uint8_t public_key[SIGN_PUBLIC_LEN],
		      const void *message, size_t len_bytes, struct error *e)
{
	struct hash question;
	struct answer *a;
	int code;

	ask(&question, SIGNATURE_HOLDS, 0,
	    (struct hash_piece[]){ { signature, SIGN_LEN }, { public_key, SIGN_PUBLIC_LEN },
				   { message, len_bytes }, { NULL, 0 } });
	a = answer_to(&question);
	if (a && a->given)
		return 0;
	code = __real_sign_check(signature, public_key, message, len_bytes, e);
	if (code == 0)
		remember(a, &question, "", 0);
	return code;
}

int __wrap_sign_make(uint8_t ret_signature[SIGN_LEN], const uint8_t seed[SIGN_SEED_LEN],
		     const void *message, size_t len_bytes, struct error *e)
{
	struct hash question;
	struct answer *a;
	int code;

	ask(&question, SIGNATURE_OF, 0,
	    (struct hash_piece[]){ { seed, SIGN_SEED_LEN }, { message, len_bytes }, { NULL, 0 },
				   { NULL, 0 } });
	a = answer_to(&question);
	if (a && a->given) {
		memcpy(ret_signature, a->bytes, SIGN_LEN);
		return 0;
	}
	code = __real_sign_make(ret_signature, seed, message, len_bytes, e);
	if (code == 0)
		remember(a, &question, ret_signature, SIGN_LEN);
	return code;
}

int __wrap_hidden_container_root(struct hash *ret, const uint8_t key[32], uint64_t number,
				 uint64_t size, const uint8_t *bytes, size_t len_bytes,
				 struct error *e)
{
	struct hash question;
	struct answer *a;
	int code;

	ask(&question, ROOT_OF, number,
	    (struct hash_piece[]){ { key, 32 }, { &size, sizeof(size) }, { bytes, len_bytes },
				   { NULL, 0 } });
	a = answer_to(&question);
	if (a && a->given) {
		memcpy(ret, a->bytes, sizeof(*ret));
		return 0;
	}
	code = __real_hidden_container_root(ret, key, number, size, bytes, len_bytes, e);
	if (code == 0)
		remember(a, &question, ret, sizeof(*ret));
	return code;
}

int __wrap_hidden_open(struct buf *b, const uint8_t key[32], uint64_t number, uint64_t size,
		       const uint8_t *bytes, size_t len_bytes, const struct set *which,
		       struct error *e)
{
	uint8_t bits[CONTAINER_BITS_LEN];
	struct hash question;
	struct answer *a;
	size_t before = b->len;
	int code;

	if (number >= CONTAINER_NUMBER_END)
		return __real_hidden_open(b, key, number, size, bytes, len_bytes, which, e);
	container_bits_of(bits, which, number);
	ask(&question, OPENING_OF, number,
	    (struct hash_piece[]){ { key, 32 }, { &size, sizeof(size) }, { bytes, len_bytes },
				   { bits, sizeof(bits) } });
	a = answer_to(&question);
	if (a && a->given)
		return buf_put(b, a->bytes, a->len, e);
	code = __real_hidden_open(b, key, number, size, bytes, len_bytes, which, e);
	if (code == 0)
		remember(a, &question, b->data + before, b->len - before);
	return code;
}
