#include "wire/add_checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

#define TEXT "o.example/facts\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define HASH_LINE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static struct error e;
static const uint8_t log_seed[SIGN_SEED_LEN] = { 1 }, seed[SIGN_SEED_LEN] = { 2 },
		     other_seed[SIGN_SEED_LEN] = { 3 };

static struct note_key key_of(const char *name, uint8_t type, const uint8_t *from)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;

	check_ok(sign_public(public_key, from, &e));
	check_ok(note_key_make(&k, name, type, public_key, &e));
	return k;
}

static struct buf *head(void)
{
	struct note_key log = key_of("o.example/facts", NOTE_ED25519, log_seed);
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	check_ok(note_sign(b, TEXT, strlen(TEXT), &log, log_seed, &e));
	return b;
}

TEST(a_request_is_read_as_it_was_written)
{
	scoped(buf) *note = head();

	for (size_t count = 0; count <= ADD_HASHES_MAX; count++) {
		struct tree_path path = { .count = count };
		scoped(add_request) *r = NULL;
		scoped(buf) *b = NULL;

		memset(path.hash, (int)count, sizeof(path.hash));
		check_ok(buf_create(&b, 1024, &e));
		check_ok(add_request_put(b, 20852014, &path, note->data, note->len, &e));
		check_ok(add_request_parse(&r, b->data, b->len, &e));
		check(r->old == 20852014 && r->path.count == count);
		check(memcmp(r->path.hash, path.hash, count * HASH_LEN) == 0);
		check(r->note->text_len == strlen(TEXT) && r->note->count == 1);
	}
}

TEST(what_is_no_request_is_refused)
{
	static const char *const bad[] = { "", "old 1\n", "old 01\n\n", "old -1\n\n", "old\n\n",
					   "size 1\n\n", "old 1\n\n", "old 1\nx\n\n", "old 1" };
	struct tree_path path = { .count = ADD_HASHES_MAX + 1 };
	scoped(add_request) *r = NULL;
	scoped(buf) *note = head(), *b = NULL, *large = NULL;

	check_ok(buf_create(&b, 1024, &e));
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(add_request_parse(&r, bad[i], strlen(bad[i]), &e), E_FORMAT);
		buf_clear(b);
		error_clear(&e);
	}
	check_code(add_request_put(b, 1, &path, note->data, note->len, &e), E_RANGE);
	error_clear(&e);
	check_ok(buf_printf(b, &e, "old 1\n"));
	for (int i = 0; i <= ADD_HASHES_MAX; i++)
		check_ok(buf_printf(b, &e, HASH_LINE));
	check_ok(buf_printf(b, &e, "\n%s", buf_text(note)));
	check_code(add_request_parse(&r, b->data, b->len, &e), E_RANGE);
	error_clear(&e);
	check_ok(buf_create(&large, ADD_REQUEST_MAX + 1, &e));
	memset(large->data, 'x', ADD_REQUEST_MAX + 1);
	check_code(add_request_parse(&r, large->data, ADD_REQUEST_MAX, &e), E_FORMAT);
	check_code(add_request_parse(&r, large->data, ADD_REQUEST_MAX + 1, &e), E_RANGE);
	error_clear(&e);
}

/* The lines of a witness that answers by this key. */
static struct buf *lines(const struct note_key *k, const uint8_t *by, uint64_t time_s)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	check_ok(note_cosign(b, TEXT, strlen(TEXT), k, by, time_s, &e));
	return b;
}

static int take(const struct buf *answer, const struct note_key *k)
{
	scoped(buf) *note = head(), *out = NULL;
	int code;

	check_ok(buf_create(&out, 1024, &e));
	code = add_answer_take(out, note->data, note->len, answer->data, answer->len, k, &e);
	check((code == 0) == (out->len > note->len));
	check(code == 0 || out->len == 0);
	error_clear(&e);
	return code;
}

TEST(only_a_cosignature_by_the_witness_on_this_very_head_is_taken)
{
	struct note_key k = key_of("w.example/1", NOTE_COSIGNATURE, seed),
			other = key_of("w.example/2", NOTE_COSIGNATURE, other_seed);
	scoped(buf) *good = lines(&k, seed, 9), *others = lines(&other, other_seed, 9), *both = NULL;

	check_ok(take(good, &k));
	check_code(take(others, &k), E_MISMATCH);
	check_ok(buf_from(&both, others->data, others->len, &e));
	check_ok(buf_put(both, good->data, good->len, &e));
	check_ok(take(both, &k));
	for (size_t i = 0; i < good->len; i++) {
		good->data[i] ^= 1;
		check(take(good, &k) < 0);
		good->data[i] ^= 1;
	}
	while (good->len-- > 0)
		check(take(good, &k) < 0);
	good->len = 0;
}

TEST(a_cosignature_beyond_all_times_is_not_taken)
{
	struct note_key k = key_of("w.example/1", NOTE_COSIGNATURE, seed);
	scoped(buf) *last = lines(&k, seed, UINT64_C(253402300799)),
		    *beyond = lines(&k, seed, UINT64_C(253402300800));

	check_ok(take(last, &k));
	check_code(take(beyond, &k), E_MISMATCH);
}

TEST(an_answer_may_not_move_the_end_of_the_text)
{
	struct note_key k = key_of("w.example/1", NOTE_COSIGNATURE, seed);
	scoped(buf) *line = lines(&k, seed, 9), *moved = NULL, *large = NULL;

	check_ok(buf_create(&moved, 1024, &e));
	check_ok(buf_printf(moved, &e, "more\n\n%s", buf_text(line)));
	check_code(take(moved, &k), E_FORMAT);
	check_ok(buf_create(&large, ADD_ANSWER_MAX + 1, &e));
	memset(large->data, 'x', ADD_ANSWER_MAX + 1);
	large->len = ADD_ANSWER_MAX + 1;
	check_code(take(large, &k), E_RANGE);
}

TEST(a_size_is_a_number_and_a_newline)
{
	static const char *const bad[] = { "", "\n", "1", "01\n", "1\n\n", " 1\n", "-1\n", "1x\n",
					   "111111111111111111111111111111111\n" };
	uint64_t size = 7;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(add_size_parse(&size, bad[i], strlen(bad[i]), &e), E_FORMAT);
		error_clear(&e);
	}
	check(size == 7);
	check_ok(add_size_parse(&size, "20852014\n", 9, &e));
	check(size == 20852014);
}

TEST_MAIN("add-checkpoint")
