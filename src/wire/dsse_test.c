#include "wire/dsse.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "wire/json.h"

enum { MAX = 1 << 20 };

#define TYPE "http://example.com/HelloWorld"
#define PAE "DSSEv1 29 " TYPE " 11 hello world"
/* By `openssl pkeyutl -sign -rawin` with the first key of RFC 8032 over PAE. */
#define SIG                                                  \
	"4DHX3Zn4qpBKvEj7maE8O9u9bjXEnPLLnyXVUJ2PXJR8DSLcL3" \
	"QDpFvfJOj3pB/SPHsl6Jg4boxsMb6KvuYABw=="
#define HEAD "{\"payload\":\"aGVsbG8gd29ybGQ=\",\"payloadType\":\"" TYPE "\",\"signatures\":["
#define ONE "{\"keyid\":\"k1\",\"sig\":\"" SIG "\"}"
#define ENVELOPE HEAD ONE "]}\n"

static struct error e;
static uint8_t seed[SIGN_SEED_LEN], public_key[SIGN_PUBLIC_LEN];

static void keys(void)
{
	check_ok(hex_decode(seed, SIGN_SEED_LEN,
			    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			    &e));
	check_ok(sign_public(public_key, seed, &e));
}

static int parse(const char *text, bool exact)
{
	scoped(dsse) *d = NULL;

	return exact ? dsse_parse(&d, text, strlen(text), MAX, &e) :
		       dsse_parse_foreign(&d, text, strlen(text), MAX, &e);
}

static int parse_and_check(const char *text, bool exact)
{
	scoped(dsse) *d = NULL;

	keys();
	check_ok(exact ? dsse_parse(&d, text, strlen(text), MAX, &e) :
			 dsse_parse_foreign(&d, text, strlen(text), MAX, &e));
	return dsse_check(d, public_key, &e);
}

static struct buf *shared(const char *name)
{
	char path[PATH_LEN_MAX];
	struct buf *b = NULL;

	check_ok(path_join(path, test_shared(), name, &e));
	check_ok(file_read(path, MAX, &b, &e));
	return b;
}

TEST(what_is_signed_is_what_the_protocol_says)
{
	scoped(buf) *b = NULL, *none = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(dsse_pae(b, TYPE, "hello world", 11, &e));
	assert_string_equal(buf_text(b), PAE);
	check_ok(buf_create(&none, 0, &e));
	check_ok(dsse_pae(none, "\xc3\xa9", "a\0b", 3, &e));
	check(none->len == 17 && memcmp(none->data, "DSSEv1 2 \xc3\xa9 3 a\0b", 17) == 0);
}

TEST(the_envelope_is_pinned)
{
	scoped(buf) *b = NULL;

	keys();
	check_ok(buf_create(&b, 0, &e));
	check_ok(dsse_sign(b, TYPE, "hello world", 11, "k1", seed, &e));
	assert_string_equal(buf_text(b), ENVELOPE);
	check_ok(parse_and_check(ENVELOPE, true));
	check_ok(parse_and_check(ENVELOPE, false));
}

TEST(what_was_signed_comes_back)
{
	static const uint8_t body[] = { 0, 0xff, '"', '\n', 0 };
	const uint8_t stranger[SIGN_PUBLIC_LEN] = { 0 };
	scoped(dsse) *d = NULL;
	scoped(buf) *b = NULL;

	keys();
	for (size_t len = 0; len <= sizeof(body); len++) {
		scoped(dsse) *one = NULL;
		scoped(buf) *text = NULL;

		check_ok(buf_create(&text, 0, &e));
		check_ok(dsse_sign(text, "t", body, len, NULL, seed, &e));
		check_ok(dsse_parse(&one, text->data, text->len, MAX, &e));
		check(one->body_len == len && memcmp(one->body, body, len) == 0);
		assert_string_equal(one->type, "t");
		assert_string_equal(one->signature[0].keyid, "");
		check_ok(dsse_check(one, public_key, &e));
	}
	check_ok(buf_create(&b, 0, &e));
	check_ok(dsse_sign(b, "t", body, sizeof(body), "k", seed, &e));
	check_ok(dsse_parse(&d, b->data, b->len, MAX, &e));
	check_code(dsse_check(d, stranger, &e), E_MISMATCH);
	*(uint8_t *)(uintptr_t)d->body ^= 1;
	check_code(dsse_check(d, public_key, &e), E_MISMATCH);
	*(uint8_t *)(uintptr_t)d->body ^= 1;
	d->type = "u";
	check_code(dsse_check(d, public_key, &e), E_MISMATCH);
}

TEST(a_signature_of_any_algorithm_goes_in_and_comes_back)
{
	uint8_t signature[DSSE_SIGNATURE_MAX + 1];

	memset(signature, 0xa5, sizeof(signature));
	for (size_t len = 0; len <= sizeof(signature); len++) {
		bool fits = len > 0 && len <= DSSE_SIGNATURE_MAX;
		scoped(dsse) *any = NULL, *own = NULL;
		scoped(buf) *b = NULL;

		check_ok(buf_create(&b, 0, &e));
		check_code(dsse_put(b, TYPE, "hello world", 11, "k1", signature, len, &e),
			   fits ? 0 : E_RANGE);
		error_clear(&e);
		if (!fits)
			continue;
		check_ok(dsse_parse_any(&any, b->data, b->len, MAX, &e));
		check(any->count == 1 && any->signature[0].len == len);
		check(memcmp(any->signature[0].signature, signature, len) == 0);
		assert_string_equal(any->signature[0].keyid, "k1");
		check_code(dsse_parse(&own, b->data, b->len, MAX, &e),
			   len == SIGN_LEN ? 0 : len < SIGN_LEN ? E_FORMAT : E_RANGE);
		error_clear(&e);
		if (len != SIGN_LEN)
			check_code(dsse_check(any, public_key, &e), E_MISMATCH);
		error_clear(&e);
	}
}

TEST(an_envelope_of_any_algorithm_has_one_spelling_too)
{
	static const char *const other[] = {
		HEAD "{\"keyid\":\"k1\",\"sig\":\"\"}]}\n",
		HEAD "{\"keyid\":\"k1\",\"sig\":\"MEUC\"}]}",
		HEAD "{\"sig\":\"MEUC\"}]}\n",
		HEAD "{\"keyid\":null,\"sig\":\"MEUC\"}]}\n",
		HEAD "{\"keyid\":\"k1\",\"sig\":\"_-UC\"}]}\n",
		HEAD " {\"keyid\":\"k1\",\"sig\":\"MEUC\"}]}\n", HEAD "]}\n",
	};
	scoped(dsse) *d = NULL;

	check_ok(dsse_parse_any(&d, ENVELOPE, strlen(ENVELOPE), MAX, &e));
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		scoped(dsse) *none = NULL;

		check(dsse_parse_any(&none, other[i], strlen(other[i]), MAX, &e) < 0);
		error_clear(&e);
	}
}

TEST(every_changed_bit_of_an_exact_envelope_is_noticed)
{
	static const char keyid[] = "\"keyid\":\"k1\"";
	char text[] = ENVELOPE;
	size_t hint = (size_t)(strstr(text, keyid) - text) + 9;

	keys();
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		scoped(dsse) *d = NULL;

		text[bit / 8] ^= (char)(1 << bit % 8);
		if (dsse_parse(&d, text, sizeof(text) - 1, MAX, &e) == 0) {
			/* The key id is a hint and not authenticated. */
			bool is_hint = bit / 8 == hint || bit / 8 == hint + 1;

			check_code(dsse_check(d, public_key, &e), is_hint ? 0 : E_MISMATCH);
		}
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
}

TEST(an_exact_envelope_has_one_spelling)
{
	static const char *const other[] = {
		HEAD ONE "]}",				 /* no newline */
		HEAD ONE "]}\n\n",			 /* two */
		HEAD ONE "]}\r\n",			 /* another */
		" " ENVELOPE,				 /* a space */
		HEAD "{\"sig\":\"" SIG "\"}]}\n",	 /* no key id */
		HEAD "{\"keyid\":null,\"sig\":\"" SIG "\"}]}\n",
		HEAD "{\"sig\":\"" SIG "\",\"keyid\":\"k1\"}]}\n",
		HEAD "{\"keyid\":\"\\u006b1\",\"sig\":\"" SIG "\"}]}\n",
		HEAD "{\"cert\":\"x\",\"keyid\":\"k1\",\"sig\":\"" SIG "\"}]}\n",
		HEAD ONE "],\"x\":1}\n",
	};

	for (size_t i = 0; i < COUNT_OF(other); i++) {
		check_code(parse(other[i], true), E_FORMAT);
		check_ok(parse_and_check(other[i], false));
	}
}

TEST(others_may_use_the_other_alphabet)
{
	char text[] = ENVELOPE;
	char *sig = strstr(text, "\"sig\":\"") + 7;

	for (; *sig != '"'; sig++)
		if (*sig == '/')
			*sig = '_';
		else if (*sig == '+')
			*sig = '-';
	check(strcmp(text, ENVELOPE) != 0);
	check_ok(parse_and_check(text, false));
	check_code(parse(text, true), E_FORMAT);
}

TEST(what_is_not_an_envelope_is_refused)
{
	static const char *const bad[] = {
		"", "{}", "[]", "1", "null",
		HEAD "]}\n",
		HEAD "1]}\n",
		HEAD "{}]}\n",
		HEAD "{\"sig\":1}]}\n",
		HEAD "{\"sig\":\"!\"}]}\n",
		HEAD "{\"keyid\":1,\"sig\":\"" SIG "\"}]}\n",
		"{\"payload\":\"\",\"payloadType\":\"t\"}",
		"{\"payload\":\"\",\"payloadType\":\"t\",\"signatures\":{}}",
		"{\"payload\":\"\",\"signatures\":[" ONE "]}",
		"{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[" ONE "]}",
		"{\"payload\":\"A\",\"payloadType\":\"t\",\"signatures\":[" ONE "]}",
		"{\"payload\":null,\"payloadType\":\"t\",\"signatures\":[" ONE "]}",
		"{\"payloadType\":\"t\",\"signatures\":[" ONE "]}",
		"{\"payload\":\"\",\"payload\":\"\",\"payloadType\":\"t\","
		"\"signatures\":[" ONE "]}",
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(parse(bad[i], true), E_FORMAT);
		check_code(parse(bad[i], false), E_FORMAT);
	}
}

TEST(signatures_of_other_algorithms_are_passed_over)
{
	static const char text[] = HEAD "{\"sig\":\"AAAA\"}," ONE "]}";

	check_ok(parse_and_check(text, false));
	check_code(parse_and_check(HEAD "{\"sig\":\"AAAA\"}]}", false), E_MISMATCH);
	check_code(parse(HEAD "{\"keyid\":\"k1\",\"sig\":\"AAAA\"}]}\n", true), E_FORMAT);
}

/* An envelope with count signatures, the last of them right. */
static struct buf *with_signatures(int count)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 0, &e));
	check_ok(buf_printf(b, &e, "%s", HEAD));
	for (int i = 0; i < count - 1; i++) {
		static const uint8_t zero[SIGN_LEN];

		check_ok(buf_printf(b, &e, "{\"keyid\":\"\",\"sig\":\""));
		check_ok(base64_put(b, zero, sizeof(zero), &e));
		check_ok(buf_printf(b, &e, "\"},"));
	}
	check_ok(buf_printf(b, &e, "%s]}\n", ONE));
	return b;
}

TEST(one_signature_more_than_the_limit_is_refused)
{
	scoped(buf) *most = with_signatures(DSSE_SIGNATURES_MAX);
	scoped(buf) *more = with_signatures(DSSE_SIGNATURES_MAX + 1);

	check_ok(parse_and_check(buf_text(most), true));
	check_code(parse(buf_text(more), true), E_RANGE);
	check_code(parse(buf_text(more), false), E_RANGE);
}

TEST(one_byte_more_than_the_other_limits_is_refused)
{
	char longest[257], text[1024];
	scoped(buf) *b = NULL;
	scoped(dsse) *d = NULL;

	memset(longest, 'x', 256);
	longest[256] = 0;
	keys();
	check_ok(buf_create(&b, 0, &e));
	check_code(dsse_sign(b, longest, "", 0, "", seed, &e), E_RANGE);
	check_code(dsse_sign(b, "t", "", 0, longest, seed, &e), E_RANGE);
	check_code(dsse_sign(b, "", "", 0, "", seed, &e), E_FORMAT);
	check_code(dsse_sign(b, "\xff", "", 0, "", seed, &e), E_FORMAT);
	check_code(dsse_sign(b, "t", "", 0, "\xff", seed, &e), E_FORMAT);
	check(b->len == 0);
	check_ok(dsse_sign(b, longest + 1, "", 0, longest + 1, seed, &e));
	check_ok(parse_and_check(buf_text(b), true));
	check_code(dsse_parse(&d, b->data, b->len, b->len - 1, &e), E_RANGE);
	check_ok(dsse_parse(&d, b->data, b->len, b->len, &e));
	snprintf(text, sizeof(text),
		 "{\"payload\":\"\",\"payloadType\":\"%s\",\"signatures\":[%s]}", longest, ONE);
	check_code(parse(text, false), E_RANGE);
	snprintf(text, sizeof(text), "%s{\"keyid\":\"%s\",\"sig\":\"%s\"}]}", HEAD, longest, SIG);
	check_code(parse(text, false), E_RANGE);
}

TEST(the_envelopes_of_the_specification_are_read)
{
	scoped(buf) *ecdsa = shared("material/intoto-signing/dsse-vectors/protocol-001.json");
	scoped(buf) *one = shared("material/intoto-signing/dsse-vectors/envelope-001.json");
	scoped(buf) *two = shared("material/intoto-signing/dsse-vectors/envelope-002.json");
	scoped(dsse) *d = NULL;

	check_ok(dsse_parse_foreign(&d, ecdsa->data, ecdsa->len, MAX, &e));
	assert_string_equal(d->type, TYPE);
	assert_string_equal((const char *)d->body, "hello world");
	keys();
	check_code(dsse_check(d, public_key, &e), E_MISMATCH); /* it is ECDSA's */
	check_code(parse(buf_text(ecdsa), true), E_FORMAT);
	/* These hold placeholders. */
	check_code(parse(buf_text(one), false), E_FORMAT);
	check_code(parse(buf_text(two), false), E_FORMAT);
}

TEST(the_envelope_of_a_signed_model_is_read)
{
	scoped(buf) *bundle =
		shared("material/intoto-signing/oms-signatures/v1.0.0-certificate/model.sig");
	scoped(buf) *b = NULL;
	scoped_json *j = NULL;
	scoped(dsse) *d = NULL;
	json_t *envelope = NULL;

	check_ok(json_parse_foreign(&j, bundle->data, bundle->len, MAX, &e));
	check_ok(json_get_object(j, "dsseEnvelope", &envelope, &e));
	check_ok(buf_create(&b, 0, &e));
	check_ok(json_put(envelope, b, &e));
	check_ok(dsse_parse_foreign(&d, b->data, b->len, MAX, &e));
	assert_string_equal(d->type, "application/vnd.in-toto+json");
	check(d->body[0] == '{' && d->count == 0);
}

TEST_MAIN("wire/dsse")
