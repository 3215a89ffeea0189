/* What witnesses sign: made, checked, and put on a note. */
#include "wire/note.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

#define TEXT "o.example/facts\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static struct error e;
static const uint8_t log_seed[SIGN_SEED_LEN] = { 1 }, seed[SIGN_SEED_LEN] = { 2 },
		     other_seed[SIGN_SEED_LEN] = { 3 };
static const uint8_t types[] = { NOTE_COSIGNATURE, NOTE_MLDSA };

static bool have(uint8_t type)
{
	return type != NOTE_MLDSA || mldsa_is_there();
}

static struct note_key key_of(const char *name, uint8_t type, const uint8_t *from)
{
	uint8_t public_key[NOTE_PUBLIC_MAX];
	struct note_key k;

	if (type == NOTE_MLDSA)
		check_ok(mldsa_public(public_key, from, &e));
	else
		check_ok(sign_public(public_key, from, &e));
	check_ok(note_key_make(&k, name, type, public_key, &e));
	return k;
}

/* The head, signed by its log, and whatever lines follow. */
static struct buf *head(void)
{
	struct note_key log = key_of("o.example/facts", NOTE_ED25519, log_seed);
	struct buf *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(note_sign(b, TEXT, strlen(TEXT), &log, log_seed, &e));
	return b;
}

static struct note *parsed(const struct buf *b)
{
	struct note *n = NULL;

	check_ok(note_parse(&n, b->data, b->len, &e));
	return n;
}

static uint64_t time_of(const struct note *n, const struct note_key *k)
{
	uint64_t time_s = 0;

	check_ok(note_look(n, k, 1, NULL, &time_s, &e));
	return time_s;
}

TEST(a_cosignature_holds_with_its_time_and_of_no_other_text)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		scoped(buf) *b = head();
		scoped(note) *n = NULL, *bent = NULL;
		struct note_key k;

		if (!have(types[i]))
			continue;
		k = key_of("w.example/1", types[i], seed);
		check_ok(note_cosign(b, TEXT, strlen(TEXT), &k, seed, 1700000000, &e));
		n = parsed(b);
		check(n->count == 2 && time_of(n, &k) == 1700000000);
		check_ok(note_check(n, &k, 1, NULL, NULL, &e));
		b->data[strlen("o.example/facts\n")] = '8';
		bent = parsed(b);
		check_code(note_check(bent, &k, 1, NULL, NULL, &e), E_MISMATCH);
	}
	error_clear(&e);
}

TEST(every_changed_byte_of_a_cosignature_is_noticed)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		scoped(buf) *b = head();
		scoped(note) *n = NULL;
		struct note_key k;

		if (!have(types[i]))
			continue;
		k = key_of("w.example/1", types[i], seed);
		check_ok(note_cosign(b, TEXT, strlen(TEXT), &k, seed, 1700000000, &e));
		n = parsed(b);
		for (size_t at = 0; at < n->signature[1].len; at += i ? 97 : 1) {
			n->signature[1].bytes[at] ^= 1;
			check_code(note_check(n, &k, 1, NULL, NULL, &e), E_MISMATCH);
			n->signature[1].bytes[at] ^= 1;
		}
		error_clear(&e);
		n->signature[1].len--;
		check_code(note_check(n, &k, 1, NULL, NULL, &e), E_MISMATCH);
		error_clear(&e);
	}
}

TEST(only_heads_are_cosigned_only_by_their_key_and_only_at_a_time)
{
	struct note_key k = key_of("w.example/1", NOTE_COSIGNATURE, seed),
			log = key_of("o.example/facts", NOTE_ED25519, seed);
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 512, &e));
	check_code(note_cosign(b, "no head\n", 8, &k, seed, 1, &e), E_FORMAT);
	check_code(note_cosign(b, TEXT, strlen(TEXT), &k, other_seed, 1, &e), E_MISMATCH);
	check_code(note_cosign(b, TEXT, strlen(TEXT), &k, seed, 0, &e), E_RANGE);
	check_code(note_cosign(b, TEXT, strlen(TEXT), &k, seed, UINT64_C(1) << 63, &e), E_RANGE);
	check_code(note_cosign(b, TEXT, strlen(TEXT), &log, seed, 1, &e), E_USAGE);
	check(b->len == 0);
	error_clear(&e);
	check_ok(note_cosign(b, TEXT, strlen(TEXT), &k, seed, INT64_MAX, &e));
}

TEST(a_cosignature_joins_the_note_of_its_text_and_takes_the_place_of_an_older_one)
{
	struct note_key k = key_of("w.example/1", NOTE_COSIGNATURE, seed),
			other = key_of("w.example/2", NOTE_COSIGNATURE, other_seed);
	scoped(buf) *old = head(), *new = head(), *joined = NULL, *again = NULL;
	scoped(note) *o = NULL, *n = NULL, *j = NULL, *a = NULL;

	check_ok(note_cosign(old, TEXT, strlen(TEXT), &k, seed, 5, &e));
	check_ok(note_cosign(old, TEXT, strlen(TEXT), &other, other_seed, 6, &e));
	check_ok(note_cosign(new, TEXT, strlen(TEXT), &k, seed, 8, &e));
	check_ok(note_cosign(new, TEXT, strlen(TEXT), &k, seed, 7, &e));
	o = parsed(old);
	n = parsed(new);
	check_ok(buf_create(&joined, 4096, &e));
	check_ok(note_join(joined, o, n, &k, &e));
	j = parsed(joined);
	check(j->count == 3 && time_of(j, &k) == 8 && time_of(j, &other) == 6);
	check_ok(buf_create(&again, 4096, &e));
	check_ok(note_join(again, j, n, &k, &e));
	a = parsed(again);
	check(a->count == 3 && time_of(a, &k) == 8);
	buf_clear(again);
	check_code(note_join(again, j, n, &other, &e), E_MISMATCH);
	n->text_len--;
	check_code(note_join(again, j, n, &k, &e), E_MISMATCH);
	n->text_len++;
	error_clear(&e);
}

TEST(a_note_takes_no_more_signatures_than_can_be_read)
{
	struct note_key k = key_of("w.example/new", NOTE_COSIGNATURE, seed);
	scoped(buf) *full = head(), *new = head(), *out = NULL;
	scoped(note) *f = NULL, *n = NULL;

	for (int i = 1; i < NOTE_SIGNATURES_MAX; i++)
		check_ok(note_put_signature(full, "x", (uint32_t)i, "y", 1, &e));
	check_ok(note_cosign(new, TEXT, strlen(TEXT), &k, seed, 5, &e));
	f = parsed(full);
	n = parsed(new);
	check(f->count == NOTE_SIGNATURES_MAX);
	check_ok(buf_create(&out, 4096, &e));
	check_code(note_join(out, f, n, &k, &e), E_RANGE);
	error_clear(&e);
}

TEST(an_mldsa_vkey_is_read_as_it_is_written)
{
	uint8_t public_key[MLDSA_PUBLIC_LEN] = { 9, 8, 7 };
	scoped(buf) *b = NULL;
	struct note_key k, r;

	check_ok(note_key_make(&k, "w.example/pq", NOTE_MLDSA, public_key, &e));
	check_ok(buf_create(&b, 4096, &e));
	check_ok(note_key_put(&k, b, &e));
	check_ok(note_key_parse(&r, buf_text(b), &e));
	check(r.id == k.id && memcmp(r.public_key, public_key, sizeof(public_key)) == 0);
	b->data[b->len - 4] = 0; /* cut short */
	check_code(note_key_parse(&r, buf_text(b), &e), E_FORMAT);
	error_clear(&e);
}

TEST(a_log_signs_a_second_line_without_a_time)
{
	struct note_key log = key_of("o.example/facts", NOTE_ED25519, log_seed), k, other;
	scoped(buf) *b = head();
	scoped(note) *n = NULL;

	check_code(note_sign_mldsa(b, TEXT, strlen(TEXT), &log, log_seed, &e), E_USAGE);
	error_clear(&e);
	if (!have(NOTE_MLDSA))
		return;
	k = key_of("o.example/facts", NOTE_MLDSA, seed);
	other = key_of("o.example/facts", NOTE_MLDSA, other_seed);
	check_code(note_sign_mldsa(b, TEXT, strlen(TEXT), &k, other_seed, &e), E_MISMATCH);
	error_clear(&e);
	check_ok(note_sign_mldsa(b, TEXT, strlen(TEXT), &k, seed, &e));
	n = parsed(b);
	check(n->count == 2 && time_of(n, &k) == 0 && time_of(n, &other) == NOTE_UNSIGNED);
	check_ok(note_check(n, &log, 1, NULL, NULL, &e));
	for (size_t at = 0; at < n->signature[1].len; at += 61) {
		n->signature[1].bytes[at] ^= 1;
		check_code(note_check(n, &k, 1, NULL, NULL, &e), E_MISMATCH);
		n->signature[1].bytes[at] ^= 1;
	}
	error_clear(&e);
}

/* A witness that reads no more than 10 kB is sent no more than the log's own. */
TEST(the_lines_of_others_are_left_out_of_what_is_the_logs_own)
{
	struct note_key w = key_of("w.example/1", NOTE_COSIGNATURE, seed),
			log = key_of("o.example/facts", NOTE_ED25519, log_seed);
	scoped(buf) *b = head(), *own = NULL, *want = head();
	scoped(note) *n = NULL;
	uint8_t second[8 + MLDSA_LEN] = { 0 };

	check_ok(note_cosign(b, TEXT, strlen(TEXT), &w, seed, 5, &e));
	check_ok(note_put_signature(b, log.name, 7, second, sizeof(second), &e));
	check_ok(note_put_signature(want, log.name, 7, second, sizeof(second), &e));
	check_ok(note_put_signature(b, "o.example/factsy", 7, second, sizeof(second), &e));
	n = parsed(b);
	check_ok(buf_create(&own, 64, &e));
	check_ok(head_put_own(own, n, &e));
	check(own->len == want->len && memcmp(own->data, want->data, own->len) == 0);
}

TEST_MAIN("note-cosign")
