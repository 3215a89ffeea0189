#include "wire/note.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"

#define FOO_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define FOO_TEXT "This is an example message.\n"
#define FOO_LINE                                                                  \
	"\xe2\x80\x94 example.com/foo "                                           \
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mF" \
	"XmRKuwHjG1Yu72IneyaQM=\n"
#define FOO FOO_TEXT "\n" FOO_LINE
#define TESSERA_VKEY                        \
	"example.com/log/testdata+33d7b496" \
	"+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
#define WITNESS_VKEY "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"
#define MIRROR_VKEY "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"
#define SUNLIGHT "vectors/FiloSottile-sunlight/cmd/skylight/testdata/witness/"
#define ROME "000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706/checkpoint"
#define EMPTY_ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define SOME_ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define DASH "\xe2\x80\x94 "

static struct error e;
static const uint8_t seed[SIGN_SEED_LEN] = { 1, 2, 3 };

static struct note_key key_of(const char *name, uint8_t type)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;

	check_ok(sign_public(public_key, seed, &e));
	check_ok(note_key_make(&k, name, type, public_key, &e));
	return k;
}

static struct note_key vkey(const char *text)
{
	struct note_key k;

	check_ok(note_key_parse(&k, text, &e));
	return k;
}

static int parse_bytes(const char *bytes, size_t len)
{
	scoped(note) *n = NULL;

	return note_parse(&n, bytes, len, &e);
}

static int parse_text(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static struct buf *shared(const char *name)
{
	char path[PATH_LEN_MAX];
	struct buf *b = NULL;

	check_ok(path_join(path, test_shared(), name, &e));
	check_ok(file_read(path, NOTE_BYTES_MAX, &b, &e));
	return b;
}

static int check_note(const char *text, size_t len, const struct note_key *keys, size_t count,
		      size_t *ret_checked, uint64_t *ret_times)
{
	scoped(note) *n = NULL;

	check_ok(note_parse(&n, text, len, &e));
	return note_check(n, keys, count, ret_checked, ret_times, &e);
}

/* A note on text whose lines are by k over signed_text; time_s only for cosignatures. */
static void add_line(struct buf *b, const struct note_key *k, uint64_t time_s,
		     const char *signed_text)
{
	uint8_t blob[4 + 8 + SIGN_LEN];
	size_t time_len = k->type == NOTE_COSIGNATURE ? 8 : 0;

	be_set(blob, k->id, 4);
	be_set(blob + 4, time_s, 8);
	check_ok(sign_make(blob + 4 + time_len, seed, signed_text, strlen(signed_text), &e));
	check_ok(buf_printf(b, &e, DASH "%s ", k->name));
	check_ok(base64_put(b, blob, 4 + time_len + SIGN_LEN, &e));
	check_ok(buf_put_u8(b, '\n', &e));
}

static void add_cosignature(struct buf *b, const struct note_key *k, uint64_t time_s,
			    const char *text)
{
	char message[512];

	snprintf(message, sizeof(message), "cosignature/v1\ntime %llu\n%s",
		 (unsigned long long)time_s, text);
	add_line(b, k, time_s, message);
}

TEST(the_example_of_the_specification_holds)
{
	struct note_key k = vkey(FOO_VKEY);
	scoped(note) *n = NULL;
	size_t checked = 0;
	uint64_t time_s = 9;

	assert_string_equal(k.name, "example.com/foo");
	check(k.id == 0x530d903a && k.type == NOTE_ED25519);
	check_ok(note_parse(&n, FOO, strlen(FOO), &e));
	check(n->count == 1 && n->text_len == strlen(FOO_TEXT));
	check_ok(note_check(n, &k, 1, &checked, &time_s, &e));
	check(checked == 1 && time_s == 0);
}

TEST(every_changed_bit_of_the_example_is_noticed)
{
	struct note_key k = vkey(FOO_VKEY);
	char text[] = FOO;

	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		scoped(note) *n = NULL;

		text[bit / 8] ^= (char)(1 << bit % 8);
		if (note_parse(&n, text, sizeof(text) - 1, &e) == 0)
			check_code(note_check(n, &k, 1, NULL, NULL, &e), E_MISMATCH);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
}

TEST(a_note_that_is_cut_anywhere_is_refused)
{
	for (size_t len = 0; len < sizeof(FOO) - 1; len++)
		check_code(parse_bytes(FOO, len), E_FORMAT);
	check_ok(parse_bytes(FOO, sizeof(FOO) - 1));
}

TEST(the_text_ends_before_the_last_blank_line)
{
	static const char text[] = "Ognuno sta solo\n\n\n\xc3\xa8 subito sera.\n\n" FOO_LINE;
	scoped(note) *n = NULL, *only = NULL;

	check_ok(note_parse(&n, text, sizeof(text) - 1, &e));
	check(n->text_len == strlen("Ognuno sta solo\n\n\n\xc3\xa8 subito sera.\n"));
	check_ok(note_parse(&only, "\n\n" FOO_LINE, 2 + strlen(FOO_LINE), &e));
	check(only->text_len == 1);
}

TEST(what_signed_note_forbids_is_refused)
{
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		"a\n\n",
		"a\n" FOO_LINE,			      /* no blank line */
		"\n" FOO_LINE,			      /* no text */
		"a\n\n" FOO_LINE "\n",		      /* blank line at the end */
		"a\n\n" FOO_LINE "x\n",		      /* not a signature */
		"a\n\n" FOO_LINE DASH "foo AAAAAAA=", /* no end */
		"a\n\nx\n" FOO_LINE,		      /* neither */
		"a\r\n\n" FOO_LINE,		      /* control byte */
		"a\t\n\n" FOO_LINE,		      /* control byte */
		"a\xff\n\n" FOO_LINE,		      /* not UTF-8 */
		"a\xed\xa0\x80\n\n" FOO_LINE,	      /* a surrogate */
		"a\n\n- foo AAAAAAA=\n",	      /* not an em dash */
		"a\n\n\xe2\x80\x93 foo AAAAAAA=\n",   /* an en dash */
		"a\n\n\342\200\224foo AAAAAAA=\n", /* no space */
		"a\n\n" DASH "\n",
		"a\n\n" DASH "foo\n",
		"a\n\n" DASH "foo \n",		   /* no signature */
		"a\n\n" DASH " AAAAAAA=\n",	   /* no name */
		"a\n\n" DASH "f+o AAAAAAA=\n",
		"a\n\n" DASH "f\xc2\xa0o AAAAAAA=\n",
		"a\n\n" DASH "foo AAAAAA==\n",	   /* an id alone */
		"a\n\n" DASH "foo AAAAAAA\n",	   /* no padding */
		"a\n\n" DASH "foo AAAAAAB=\n",	   /* unused bits set */
		"a\n\n" DASH "foo AAAAAAA= \n",	   /* space after it */
		"a\n\n" DASH "foo  AAAAAAA=\n",	   /* two spaces */
		"a\n\n" DASH "foo AAAAAA-=\n",	   /* the other alphabet */
	};

	check_ok(parse_text("a\n\n" DASH "foo AAAAAAA=\n"));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(parse_text(bad[i]), E_FORMAT);
	check_code(parse_bytes("a\0b\n\n" DASH "foo AAAAAAA=\n", 22), E_FORMAT);
}

TEST(a_name_has_no_space_of_any_script)
{
	static const char *const bad[] = {
		"", " ", "a b", "a+b", "\t", "a\nb", "a\x1f", "\xff", "\xc2\x85", "\xc2\xa0",
		"\xe1\x9a\x80", "a\xe2\x80\x80", "b\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
		"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};
	static const char *const good[] = {
		"a", "example.com/log-42", "\xc3\xa9", "a\x7f", "\xe2\x80\x8b", "\xe2\x80\x94",
		"\xe0\xa0\x85", "=",
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check(!note_name_valid(bad[i]));
	for (size_t i = 0; i < COUNT_OF(good); i++)
		check(note_name_valid(good[i]));
}

TEST(one_byte_more_than_the_longest_name_is_refused)
{
	char name[NOTE_NAME_MAX + 2], text[512];
	uint8_t public_key[SIGN_PUBLIC_LEN] = { 0 };
	struct note_key k;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	check(!note_name_valid(name));
	check_code(note_key_make(&k, name, NOTE_ED25519, public_key, &e), E_FORMAT);
	snprintf(text, sizeof(text), "a\n\n" DASH "%s AAAAAAA=\n", name);
	check_code(parse_text(text), E_RANGE);
	snprintf(text, sizeof(text), "%s+00000000+", name);
	check_code(note_key_parse(&k, text, &e), E_RANGE);
	check(note_name_valid(name + 1));
	snprintf(text, sizeof(text), "a\n\n" DASH "%s AAAAAAA=\n", name + 1);
	check_ok(parse_text(text));
}

TEST(one_signature_more_than_the_limit_is_refused)
{
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(buf_printf(b, &e, "a\n\n"));
	for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
		check_ok(buf_printf(b, &e, "%sfoo AAAAAAA=\n", DASH));
	check_ok(parse_bytes(buf_text(b), b->len));
	check_ok(buf_printf(b, &e, "%sfoo AAAAAAA=\n", DASH));
	check_code(parse_bytes(buf_text(b), b->len), E_RANGE);
}

TEST(one_byte_more_than_the_longest_note_is_refused)
{
	static char text[NOTE_BYTES_MAX + 2];
	const size_t tail = strlen("\n\n" FOO_LINE);

	memset(text, 'a', sizeof(text) - 1);
	memcpy(text + NOTE_BYTES_MAX + 1 - tail, "\n\n" FOO_LINE, tail);
	check_code(parse_bytes(text, NOTE_BYTES_MAX + 1), E_RANGE);
	check_ok(parse_bytes(text + 1, NOTE_BYTES_MAX));
}

TEST(a_large_signature_of_an_unknown_kind_is_passed_over)
{
	static uint8_t blob[5000];
	struct note_key k = vkey(FOO_VKEY);
	scoped(buf) *b = NULL;
	size_t checked = 0;

	check_ok(buf_create(&b, 0, &e));
	check_ok(buf_printf(b, &e, "%s%slattice.example ", FOO, DASH));
	check_ok(base64_put(b, blob, sizeof(blob), &e));
	check_ok(buf_put_u8(b, '\n', &e));
	check_ok(check_note(buf_text(b), b->len, &k, 1, &checked, NULL));
	check(checked == 1);
}

TEST(verifier_keys_come_back_as_they_were)
{
	static const char *const text[] = { FOO_VKEY, TESSERA_VKEY, WITNESS_VKEY, MIRROR_VKEY };

	for (size_t i = 0; i < COUNT_OF(text); i++) {
		struct note_key k = vkey(text[i]);
		scoped(buf) *b = NULL;

		check_ok(buf_create(&b, 0, &e));
		check_ok(note_key_put(&k, b, &e));
		assert_string_equal(buf_text(b), text[i]);
	}
}

TEST(every_changed_bit_of_a_verifier_key_is_noticed)
{
	char text[] = FOO_VKEY;
	struct note_key k;

	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		check_code(note_key_parse(&k, text, &e), E_FORMAT);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
}

TEST(what_is_not_a_verifier_key_is_refused)
{
	static const char *const bad[] = {
		"", "+", "++", "a", "a+b", "a+530d903a", "+530d903a+AekyeRrm56hApGFk",
		"example.com/foo+530d903a+",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a0+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		FOO_VKEY "\n", " " FOO_VKEY, FOO_VKEY " ", FOO_VKEY "AAAA",
		"a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/fox+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	};
	uint8_t public_key[SIGN_PUBLIC_LEN] = { 0 };
	struct note_key k = { .name = "untouched" };

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(note_key_parse(&k, bad[i], &e), E_FORMAT);
	for (int type = 0; type < 256; type++)
		if (type != NOTE_ED25519 && type != NOTE_COSIGNATURE && type != NOTE_MLDSA)
			check_code(note_key_make(&k, "a", (uint8_t)type, public_key, &e), E_FORMAT);
	assert_string_equal(k.name, "untouched");
}

TEST(two_keys_are_the_same_when_name_type_and_bytes_are)
{
	struct note_key k = key_of("mine", NOTE_ED25519), other = k;

	check(note_key_equal(&k, &other));
	other.public_key[0] ^= 1;
	check(!note_key_equal(&k, &other));
	other = key_of("other", NOTE_ED25519);
	check(!note_key_equal(&k, &other));
	other = key_of("mine", NOTE_COSIGNATURE);
	check(!note_key_equal(&k, &other));
}

TEST(what_was_signed_holds_for_this_text_key_and_name_alone)
{
	struct note_key k = key_of("example.com/mine", NOTE_ED25519), foo = vkey(FOO_VKEY);
	struct note_key other = key_of("example.com/other", NOTE_ED25519);
	scoped(buf) *b = NULL;
	size_t checked = 9;

	check_ok(buf_create(&b, 0, &e));
	check_ok(note_sign(b, "one\n\ntwo\n", 9, &k, seed, &e));
	check_ok(check_note(buf_text(b), b->len, &k, 1, NULL, NULL));
	check_code(check_note(buf_text(b), b->len, &foo, 1, &checked, NULL), E_MISMATCH);
	check_code(check_note(buf_text(b), b->len, &other, 1, &checked, NULL), E_MISMATCH);
	check_code(check_note(buf_text(b), b->len, NULL, 0, &checked, NULL), E_MISMATCH);
	check(checked == 9);
	b->data[0] = 'O';
	check_code(check_note(buf_text(b), b->len, &k, 1, NULL, NULL), E_MISMATCH);
}

TEST(what_is_not_the_text_of_a_note_is_not_signed)
{
	struct note_key k = key_of("mine", NOTE_ED25519), w = key_of("mine", NOTE_COSIGNATURE);
	const uint8_t other_seed[SIGN_SEED_LEN] = { 9 };
	scoped(buf) *b = NULL;
	static char large[NOTE_BYTES_MAX];

	memset(large, '\n', sizeof(large));
	check_ok(buf_create(&b, 0, &e));
	check_code(note_sign(b, "", 0, &k, seed, &e), E_FORMAT);
	check_code(note_sign(b, "a", 1, &k, seed, &e), E_FORMAT);
	check_code(note_sign(b, "a\r\n", 3, &k, seed, &e), E_FORMAT);
	check_code(note_sign(b, "\xff\n", 2, &k, seed, &e), E_FORMAT);
	check_code(note_sign(b, "a\0\n", 3, &k, seed, &e), E_FORMAT);
	check_code(note_sign(b, large, sizeof(large), &k, seed, &e), E_RANGE);
	check_code(note_sign(b, "a\n", 2, &k, other_seed, &e), E_MISMATCH);
	check_code(note_sign(b, "a\n", 2, &w, seed, &e), E_USAGE);
	check(b->len == 0);
}

TEST(a_known_key_with_a_wrong_signature_refuses_the_note)
{
	struct note_key key[2] = { key_of("mine", NOTE_ED25519), key_of("too", NOTE_ED25519) };
	struct note_key same_name = key[0], same_id = key[0];
	scoped(buf) *good = NULL, *bad = NULL;

	check_ok(buf_create(&good, 0, &e));
	check_ok(buf_create(&bad, 0, &e));
	check_ok(note_sign(good, "a\n", 2, &key[0], seed, &e));
	check_ok(note_sign(bad, "a\n", 2, &key[0], seed, &e));
	/* Others may share a name or an id, but not both. */
	same_name.id ^= 1;
	strcpy(same_id.name, "else");
	add_line(good, &same_name, 0, "b\n");
	add_line(good, &same_id, 0, "b\n");
	check_ok(check_note(buf_text(good), good->len, key, 2, NULL, NULL));
	add_line(bad, &key[1], 0, "b\n");
	check_ok(check_note(buf_text(bad), bad->len, key, 1, NULL, NULL));
	check_code(check_note(buf_text(bad), bad->len, key, 2, NULL, NULL), E_MISMATCH);
	add_line(good, &key[0], 0, "b\n");
	check_code(check_note(buf_text(good), good->len, key, 1, NULL, NULL), E_MISMATCH);
}

TEST(a_cosignature_binds_its_time)
{
	static const char text[] = "example.com/log\n1\n" SOME_ROOT "\n";
	struct note_key key[3] = { key_of("w", NOTE_COSIGNATURE), key_of("log", NOTE_ED25519),
				   key_of("absent", NOTE_COSIGNATURE) };
	scoped(buf) *b = NULL, *wrong = NULL;
	uint64_t time_s[3] = { 0 };
	size_t checked = 0;

	check_ok(buf_create(&b, 0, &e));
	check_ok(note_sign(b, text, strlen(text), &key[1], seed, &e));
	check_ok(buf_from(&wrong, b->data, b->len, &e));
	add_cosignature(b, &key[0], 1700000000, text);
	add_cosignature(b, &key[0], 1700000009, text);
	add_cosignature(b, &key[0], 5, text);
	check_ok(check_note(buf_text(b), b->len, key, 3, &checked, time_s));
	check(checked == 2);
	check(time_s[0] == 1700000009 && time_s[1] == 0 && time_s[2] == NOTE_UNSIGNED);
	add_line(wrong, &key[0], 1700000001, "cosignature/v1\ntime 1700000000\n" SOME_ROOT "\n");
	check_ok(check_note(buf_text(wrong), wrong->len, key + 1, 2, &checked, time_s));
	check_code(check_note(buf_text(wrong), wrong->len, key, 3, &checked, time_s), E_MISMATCH);
}

TEST(a_cosignature_beyond_the_last_time_is_refused)
{
	struct note_key w = key_of("w", NOTE_COSIGNATURE);
	scoped(buf) *last = NULL, *beyond = NULL;

	check_ok(buf_from(&last, "a\n\n", 3, &e));
	check_ok(buf_from(&beyond, "a\n\n", 3, &e));
	add_cosignature(last, &w, INT64_MAX, "a\n");
	add_cosignature(beyond, &w, (uint64_t)INT64_MAX + 1, "a\n");
	check_ok(check_note(buf_text(last), last->len, &w, 1, NULL, NULL));
	check_code(check_note(buf_text(beyond), beyond->len, &w, 1, NULL, NULL), E_MISMATCH);
}

TEST(a_signature_is_not_taken_for_one_of_another_type)
{
	static const char text[] = "a\n", message[] = "cosignature/v1\ntime 7\na\n";
	struct note_key plain = key_of("w", NOTE_ED25519), timed = key_of("w", NOTE_COSIGNATURE);
	scoped(buf) *b = NULL, *short_one = NULL;
	uint8_t blob[4 + SIGN_LEN];

	check(plain.id != timed.id);
	check_ok(buf_from(&b, message, strlen(message), &e));
	check_ok(buf_put_u8(b, '\n', &e));
	add_line(b, &plain, 0, message);
	check_ok(check_note(buf_text(b), b->len, &plain, 1, NULL, NULL));
	check_code(check_note(buf_text(b), b->len, &timed, 1, NULL, NULL), E_MISMATCH);
	be_set(blob, timed.id, 4);
	check_ok(sign_make(blob + 4, seed, text, 2, &e));
	check_ok(buf_from(&short_one, "a\n\n" DASH "w ", strlen("a\n\n" DASH "w "), &e));
	check_ok(base64_put(short_one, blob, sizeof(blob), &e));
	check_ok(buf_put_u8(short_one, '\n', &e));
	check_code(check_note(buf_text(short_one), short_one->len, &timed, 1, NULL, NULL),
		   E_MISMATCH);
}

TEST(every_head_of_tessera_is_opened)
{
	struct note_key k = vkey(TESSERA_VKEY);
	char name[128];

	for (unsigned size = 0; size <= 15; size++) {
		scoped(buf) *b = NULL, *again = NULL;
		scoped(note) *n = NULL;
		struct head h;

		snprintf(name, sizeof(name),
			 "vectors/transparency-dev-tessera/testdata/log/checkpoint.%u", size);
		b = shared(name);
		check_ok(head_open(&h, b->data, b->len, &k, &e));
		check(h.size == size);
		check_ok(note_parse(&n, b->data, b->len, &e));
		check_ok(buf_create(&again, 0, &e));
		check_ok(head_put(&h, again, &e));
		check(again->len == n->text_len && memcmp(again->data, n->text, again->len) == 0);
		b->data[n->text_len - 3] ^= 1;
		check_code(head_open(&h, b->data, b->len, &k, &e), E_MISMATCH);
	}
}

TEST(the_witness_and_the_mirror_of_sunlight_cosigned)
{
	struct note_key key[2] = { vkey(WITNESS_VKEY), vkey(MIRROR_VKEY) };
	scoped(buf) *witnessed = shared(SUNLIGHT ROME), *mirrored = shared(SUNLIGHT "mirror/" ROME);
	uint64_t time_s[2] = { 0 };
	size_t checked = 0;

	check_ok(check_note(buf_text(witnessed), witnessed->len, key, 2, &checked, time_s));
	check(checked == 1 && time_s[0] == 0x69546780 && time_s[1] == NOTE_UNSIGNED);
	check_ok(check_note(buf_text(mirrored), mirrored->len, key, 2, &checked, time_s));
	check(checked == 1 && time_s[0] == NOTE_UNSIGNED && time_s[1] == 0x69546780);
	witnessed->data[strlen("rome2026h1.example.org\n30")] = '1';
	check_code(check_note(buf_text(witnessed), witnessed->len, key, 2, &checked, time_s),
		   E_MISMATCH);
}

static int parse_head(const char *text)
{
	struct head h;

	return head_parse(&h, text, strlen(text), &e);
}

TEST(a_head_is_three_lines_and_perhaps_more)
{
	check_ok(parse_head("a\n0\n" EMPTY_ROOT "\n"));
	check_ok(parse_head("go.sum database tree\n1\n" SOME_ROOT "\n"));
	check_ok(parse_head("a\n18446744073709551615\n" SOME_ROOT "\n"));
	check_ok(parse_head("a\n1\n" SOME_ROOT "\nextension\nanother one\n"));
}

TEST(what_tlog_checkpoint_forbids_is_refused)
{
	static const char *const bad[] = {
		"", "a\n", "a\n1\n", "a\n1\n" SOME_ROOT, "\n1\n" SOME_ROOT "\n",
		"a\n\n" SOME_ROOT "\n", "a\n01\n" SOME_ROOT "\n", "a\n00\n" SOME_ROOT "\n",
		"a\n-1\n" SOME_ROOT "\n", "a\n+1\n" SOME_ROOT "\n", "a\n 1\n" SOME_ROOT "\n",
		"a\n1 \n" SOME_ROOT "\n", "a\n0x1\n" SOME_ROOT "\n", "a\n1\n\n",
		"a\n1\nAAAA\n", "a\n1\n" SOME_ROOT "AAAA\n", "a\n1\n" SOME_ROOT " \n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
		"a\n1\n" SOME_ROOT "\n\n", "a\n1\n" SOME_ROOT "\nx\n\n", "a\n1\n" SOME_ROOT "\nx",
		"a\n0\n" SOME_ROOT "\n", "\xff\n1\n" SOME_ROOT "\n", "a\r\n1\n" SOME_ROOT "\n",
	};
	char text[512], origin[NOTE_NAME_MAX + 2];

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		check_code(parse_head(bad[i]), E_FORMAT);
	check_code(parse_head("a\n18446744073709551616\n" SOME_ROOT "\n"), E_RANGE);
	memset(origin, 'o', sizeof(origin));
	snprintf(text, sizeof(text), "%.*s\n1\n%s\n", NOTE_NAME_MAX, origin, SOME_ROOT);
	check_ok(parse_head(text));
	snprintf(text, sizeof(text), "%.*s\n1\n%s\n", NOTE_NAME_MAX + 1, origin, SOME_ROOT);
	check_code(parse_head(text), E_FORMAT);
}

TEST(a_head_is_written_only_when_it_can_be_read)
{
	struct head h = { .origin = "example.com/log", .size = 0 };
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_code(head_put(&h, b, &e), E_FORMAT);
	hash_bytes(&h.root, "", 0);
	check_ok(head_put(&h, b, &e));
	assert_string_equal(buf_text(b), "example.com/log\n0\n" EMPTY_ROOT "\n");
	strcpy(h.origin, "two words");
	check_code(head_put(&h, b, &e), E_FORMAT);
}

TEST(a_head_is_opened_only_under_the_name_of_its_log)
{
	struct note_key k = key_of("example.com/log", NOTE_ED25519);
	struct note_key other = key_of("example.com/other", NOTE_ED25519);
	struct head h = { .origin = "example.com/log", .size = 3, .root = { { 7 } } };
	struct head got = { .size = 99 };
	scoped(buf) *text = NULL, *mine = NULL, *others = NULL;

	check_ok(buf_create(&text, 0, &e));
	check_ok(buf_create(&mine, 0, &e));
	check_ok(buf_create(&others, 0, &e));
	check_ok(head_put(&h, text, &e));
	check_ok(note_sign(mine, buf_text(text), text->len, &k, seed, &e));
	check_ok(note_sign(others, buf_text(text), text->len, &other, seed, &e));
	check_code(head_open(&got, others->data, others->len, &other, &e), E_MISMATCH);
	check_code(head_open(&got, mine->data, mine->len, &other, &e), E_MISMATCH);
	check(got.size == 99);
	check_ok(head_open(&got, mine->data, mine->len, &k, &e));
	check(got.size == 3 && hash_equal(&got.root, &h.root));
	assert_string_equal(got.origin, "example.com/log");
}

TEST_MAIN("wire/note")
