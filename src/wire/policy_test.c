#include "wire/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

#define TEXT "o.example/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static struct error e;
enum { WITNESSES = 6 };

static struct note_key key_of(const char *name, uint8_t type, uint8_t n)
{
	uint8_t seed[SIGN_SEED_LEN] = { n }, public_key[SIGN_PUBLIC_LEN];
	struct note_key k;

	check_ok(sign_public(public_key, seed, &e));
	check_ok(note_key_make(&k, name, type, public_key, &e));
	return k;
}

/* In a policy's text %N is the vkey of witness N, %L that of the log, %M another name of its key,
 * %W the log's key as a witness'. */
static struct buf *filled(const char *text)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	for (; *text; text++) {
		struct note_key k;
		char name[32];

		if (*text != '%') {
			check_ok(buf_put_u8(b, (uint8_t)*text, &e));
			continue;
		}
		text++;
		snprintf(name, sizeof(name), "w%c.example", *text);
		if (*text == 'L')
			k = key_of("o.example/log", NOTE_ED25519, 99);
		else if (*text == 'M')
			k = key_of("p.example/log", NOTE_ED25519, 99);
		else
			k = key_of(name, NOTE_COSIGNATURE, (uint8_t)*text);
		check_ok(note_key_put(&k, b, &e));
	}
	return b;
}

static int parse(const char *text, struct policy **ret)
{
	scoped(buf) *b = filled(text);

	return policy_parse(ret, b->data, b->len, &e);
}

static void refused(const char *text, int code)
{
	scoped(policy) *p = NULL;
	int got = parse(text, &p);

	if (got != code)
		fail_msg("code %d instead of %d: %s", got, code, text);
	error_clear(&e);
}

/* A head that the witnesses of this bit set have cosigned. */
static struct note *cosigned(unsigned who, struct buf **ret_bytes)
{
	struct note_key log = key_of("o.example/log", NOTE_ED25519, 99);
	uint8_t log_seed[SIGN_SEED_LEN] = { 99 };
	struct note *n = NULL;

	check_ok(buf_create(ret_bytes, 1024, &e));
	check_ok(note_sign(*ret_bytes, TEXT, strlen(TEXT), &log, log_seed, &e));
	for (unsigned i = 0; i < WITNESSES; i++) {
		uint8_t seed[SIGN_SEED_LEN] = { (uint8_t)('1' + i) };
		char name[32];
		struct note_key k;

		snprintf(name, sizeof(name), "w%c.example", '1' + (int)i);
		k = key_of(name, NOTE_COSIGNATURE, seed[0]);
		if (who >> i & 1)
			check_ok(note_cosign(*ret_bytes, TEXT, strlen(TEXT), &k, seed, 1000 + i, &e));
	}
	check_ok(note_parse(&n, (*ret_bytes)->data, (*ret_bytes)->len, &e));
	return n;
}

static bool accepts(const struct policy *p, unsigned who)
{
	uint64_t times[POLICY_WITNESSES_MAX];
	scoped(buf) *bytes = NULL;
	scoped(note) *n = cosigned(who, &bytes);
	int code = policy_check(p, n, times, &e);

	check(code == 0 || code == E_MISMATCH);
	error_clear(&e);
	for (unsigned i = 0; i < p->witness_count; i++)
		check(times[i] == (who >> i & 1 ? 1000 + i : NOTE_UNSIGNED));
	return code == 0;
}

TEST(the_example_of_the_specification_is_met_by_two_of_three_and_one_of_three)
{
	scoped(policy) *p = NULL;

	check_ok(parse("log %L\n\nwitness X1 %1\nwitness X2 %2\nwitness X3 %3\n"
		       "group X-witnesses 2 X1 X2 X3\n\nwitness Y1 %4\nwitness Y2 %5\n"
		       "witness Y3 %6\ngroup Y-witnesses any Y1 Y2 Y3\n\n"
		       "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n", &p));
	for (unsigned who = 0; who < 1U << WITNESSES; who++) {
		unsigned x = (who & 1) + (who >> 1 & 1) + (who >> 2 & 1);

		check(accepts(p, who) == (x >= 2 && who >> 3 != 0));
	}
}

TEST(a_quorum_may_be_one_witness_or_none)
{
	scoped(policy) *one = NULL, *none = NULL;

	check_ok(parse("witness a %1\nwitness b %2\nquorum b\n", &one));
	check(!accepts(one, 1) && accepts(one, 2) && accepts(one, 3) && !accepts(one, 0));
	check_ok(parse("quorum none\n", &none));
	check(accepts(none, 0) && accepts(none, 63));
}

TEST(spaces_comments_urls_and_octets_are_as_the_specification_has_them)
{
	scoped(policy) *p = NULL;

	check_ok(parse(" \t# a comment\n\n\t log\t %L  https://o.example/ \n"
		       "witness \xff\xe2\x84\xaa %1 http://w.example/a#b\n"
		       "quorum \xff\xe2\x84\xaa\n", &p));
	assert_string_equal(p->log[0].url, "https://o.example/");
	assert_string_equal(p->witness[0].url, "http://w.example/a#b");
	check(policy_log_of(p, "o.example/log", NULL) == &p->log[0].key);
	check(policy_log_of(p, "p.example/log", NULL) == NULL);
	check(accepts(p, 1) && !accepts(p, 2));
}

TEST(what_the_specification_forbids_is_refused)
{
	static const char *const bad[] = {
		"", "log %L\n", "quorum none", "quorum none\nquorum none\n", "quorum x\n", "quorum\n",
		"quorum none none\n", "quorum x\nwitness x %1\n",
		"log\nquorum none\n", "log %L a b\nquorum none\n", "log %1\nquorum none\n",
		"log %L\nlog %L\nquorum none\n", "log %L\nlog %M\nquorum none\n",
		"witness none %1\nquorum none\n", "witness a %L\nquorum a\n", "witness a\nquorum none\n",
		"witness a %1\nwitness a %2\nquorum a\n", "witness a %1\nwitness b %1\nquorum a\n",
		"witness a %1 u v\nquorum a\n",
		"witness a %1\ngroup a any a\nquorum a\n", "witness a %1\ngroup none any a\nquorum a\n",
		"witness a %1\ngroup g 0 a\nquorum g\n", "witness a %1\ngroup g 2 a\nquorum g\n",
		"witness a %1\ngroup g 01 a\nquorum g\n", "witness a %1\ngroup g +1 a\nquorum g\n",
		"witness a %1\ngroup g some a\nquorum g\n", "witness a %1\ngroup g all\nquorum g\n",
		"witness a %1\ngroup g any a a\nquorum g\n", "witness a %1\ngroup g any none\nquorum g\n",
		"witness a %1\ngroup g any a\ngroup h any a\nquorum g\n",
		"witness a %1\ngroup g any g\nquorum g\n", "group g any a\nwitness a %1\nquorum g\n",
		"quorum none\r\n", "quorum none\n\x7f\n", "quorum none\nquery\n", "quorum none # no\n",
		"Quorum none\n", "quorum None\n", "witness a notakey\nquorum a\n",
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused(bad[i], E_FORMAT);
}

/* count lines of this kind, each with a key and a name of its own. */
static int many(size_t count, const char *kind, uint8_t type, size_t name_len)
{
	scoped(policy) *p = NULL;
	scoped(buf) *b = NULL;
	char name[POLICY_NAME_MAX + 2];

	check_ok(buf_create(&b, 1024, &e));
	for (size_t i = 0; i < count; i++) {
		struct note_key k = key_of("x.example", type, (uint8_t)(i + 1));

		memset(name, 'n', name_len);
		name[name_len] = 0;
		check_ok(buf_printf(b, &e, "%s ", kind));
		if (type == NOTE_COSIGNATURE && name_len == 3)
			snprintf(name, sizeof(name), "%03zu", i);
		if (type == NOTE_COSIGNATURE)
			check_ok(buf_printf(b, &e, "%s ", name));
		check_ok(note_key_put(&k, b, &e));
		check_ok(buf_put_u8(b, '\n', &e));
	}
	check_ok(buf_printf(b, &e, "quorum none\n"));
	return policy_parse(&p, b->data, b->len, &e);
}

static int groups(size_t count)
{
	scoped(policy) *p = NULL;
	scoped(buf) *b = filled("witness g0 %1\n");

	for (size_t i = 1; i <= count; i++)
		check_ok(buf_printf(b, &e, "group g%zu any g%zu\n", i, i - 1));
	check_ok(buf_printf(b, &e, "quorum g%zu\n", count));
	return policy_parse(&p, b->data, b->len, &e);
}

TEST(one_more_than_each_limit_is_refused)
{
	scoped(buf) *comment = NULL;
	scoped(policy) *p = NULL;

	check_ok(many(POLICY_LOGS_MAX, "log", NOTE_ED25519, 3));
	check_code(many(POLICY_LOGS_MAX + 1, "log", NOTE_ED25519, 3), E_RANGE);
	error_clear(&e);
	check_ok(many(POLICY_WITNESSES_MAX, "witness", NOTE_COSIGNATURE, 3));
	check_code(many(POLICY_WITNESSES_MAX + 1, "witness", NOTE_COSIGNATURE, 3), E_RANGE);
	error_clear(&e);
	check_ok(many(1, "witness", NOTE_COSIGNATURE, POLICY_NAME_MAX));
	check_code(many(1, "witness", NOTE_COSIGNATURE, POLICY_NAME_MAX + 1), E_RANGE);
	error_clear(&e);
	check_ok(groups(POLICY_GROUPS_MAX));
	check_code(groups(POLICY_GROUPS_MAX + 1), E_RANGE);
	error_clear(&e);
	check_ok(buf_create(&comment, POLICY_BYTES_MAX + 64, &e));
	check_ok(buf_printf(comment, &e, "quorum none\n#"));
	while (comment->len < POLICY_BYTES_MAX - 1)
		check_ok(buf_put_u8(comment, '.', &e));
	check_ok(buf_put_u8(comment, '\n', &e));
	check_ok(policy_parse(&p, comment->data, comment->len, &e));
	comment->data[comment->len - 1] = '.';
	check_ok(buf_put_u8(comment, '\n', &e));
	check_code(policy_parse(&p, comment->data, comment->len, &e), E_RANGE);
	error_clear(&e);
}

TEST(a_cosignature_that_does_not_hold_refuses_the_head)
{
	uint64_t times[POLICY_WITNESSES_MAX];
	scoped(policy) *p = NULL;
	scoped(buf) *bytes = NULL;
	scoped(note) *n = cosigned(3, &bytes);

	check_ok(parse("witness a %1\nwitness b %2\ngroup g any a b\nquorum g\n", &p));
	check_ok(policy_check(p, n, times, &e));
	n->signature[2].bytes[20] ^= 1;
	check_code(policy_check(p, n, times, &e), E_MISMATCH);
	error_clear(&e);
}

TEST_MAIN("policy")
