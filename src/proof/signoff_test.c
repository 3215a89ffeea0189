#include "proof/signoff.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/test.h"
#include "base/text.h"
#include "wire/dsse.h"

static struct error e;
static const char statement[] = "{\"payload\":\"any bytes\"}\n";
static const uint8_t seed[SIGN_SEED_LEN] = { 1 }, other_seed[SIGN_SEED_LEN] = { 2 };
enum { ISSUED = 1000000 };
#define ENVELOPE_TYPE "application/vnd.in-toto+json"

static struct signoff somebody(void)
{
	struct signoff s = { .capacity = SIGNOFF_VERIFIED, .name = "Inés Łęcka", .title = "DPO",
			     .organisation = "Keyhole s.r.o.", .location = "Ostrava", .contact = "",
			     .words = "I looked at \"all\" of it.", .date_utc_ms = ISSUED };
	uint8_t public_key[SIGN_PUBLIC_LEN];

	check_ok(sign_public(public_key, seed, &e));
	pubkey_ed25519(&s.key, public_key);
	return s;
}

static struct buf *fresh(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 512, &e));
	return b;
}

static struct buf *body_of(const struct signoff *s)
{
	struct buf *b = fresh();

	error_clear(&e);
	check_ok(signoff_body(b, s, statement, strlen(statement), &e));
	return b;
}

/* This body under this keyid, signed with a seed: no rule of ours in between. */
static struct buf *sealed(const struct buf *body, const char *type, const char *keyid,
			  const uint8_t *by)
{
	struct buf *out = fresh();

	check_ok(dsse_sign(out, type, body->data, body->len, keyid, by, &e));
	return out;
}

static struct buf *signed_by(const struct signoff *s, const uint8_t *by)
{
	struct hash id = pubkey_id(&s->key);
	scoped(buf) *body = body_of(s);

	return sealed(body, ENVELOPE_TYPE, hash_hex(&id).s, by);
}

static int read_and_check(const struct buf *file, const char *about, uint64_t issued)
{
	scoped(signoff) *s = NULL;

	error_clear(&e);
	if (signoff_read(&s, file->data, file->len, &e) < 0)
		return e.code;
	return signoff_check(s, about, strlen(about), issued, &e);
}

TEST(what_was_signed_is_read_again)
{
	static const char *const names[] = { "issued", "performed", "verified", "validated" };

	for (int i = 0; i < SIGNOFF_CAPACITIES; i++) {
		struct signoff s = somebody();
		scoped(signoff) *r = NULL;
		scoped(buf) *file = NULL;

		s.capacity = (enum signoff_capacity)i;
		file = signed_by(&s, seed);
		check_ok(signoff_read(&r, file->data, file->len, &e));
		check_ok(signoff_check(r, statement, strlen(statement), ISSUED, &e));
		check(r->capacity == s.capacity && r->date_utc_ms == ISSUED);
		assert_string_equal(signoff_capacity_name(r->capacity), names[i]);
		check(signoff_capacity_find(names[i]) == i);
		assert_string_equal(r->name, s.name);
		assert_string_equal(r->title, s.title);
		assert_string_equal(r->organisation, s.organisation);
		assert_string_equal(r->location, s.location);
		assert_string_equal(r->contact, "");
		assert_string_equal(r->words, s.words);
		check(pubkey_equal(&r->key, &s.key));
	}
	check(signoff_capacity_find("Issued") == -1 && signoff_capacity_find("") == -1);
}

TEST(its_bytes_are_those_of_the_document)
{
	struct signoff s = somebody();
	scoped(buf) *body = body_of(&s);

	assert_string_equal(
		buf_text(body),
		"{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"capacity\":\"verified\","
		"\"contact\":\"\",\"date\":\"1970-01-01T00:16:40Z\",\"format\":1,"
		"\"key\":\"MCowBQYDK2VwAyEAzswVB9wd3XKVlRwpCIjwla25BE0bc9aW5t8GXWg71Pw=\","
		"\"location\":\"Ostrava\",\"name\":\"Inés Łęcka\","
		"\"organisation\":\"Keyhole s.r.o.\",\"title\":\"DPO\","
		"\"words\":\"I looked at \\\"all\\\" of it.\"},\"predicateType\":\"urn:rescind:signoff:1\","
		"\"subject\":[{\"digest\":{"
		"\"sha256\":\"00ef781ec56b41bde8d967a309634639b26a596bd4debcc2f9cfe572412f7c35\","
		"\"sha512\":\"4a2ce30d83b03085ad72f59c0a8126182cc4d968078387b41101d22ec8540c70"
		"d61ad91b074e59ae8925d189bf0cff98d52daeb8ce30468c7e2308fcf98b1cf0\"},"
		"\"name\":\"statement\"}]}");
}

TEST(every_changed_bit_of_the_file_is_noticed)
{
	struct signoff s = somebody();
	scoped(buf) *file = signed_by(&s, seed);

	check_ok(read_and_check(file, statement, ISSUED));
	for (size_t bit = 0; bit < 8 * file->len; bit++) {
		file->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check(read_and_check(file, statement, ISSUED) < 0);
		file->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < file->len; len++) {
		scoped(signoff) *r = NULL;

		check(signoff_read(&r, file->data, len, &e) < 0);
	}
	error_clear(&e);
}

TEST(it_is_about_one_statement)
{
	struct signoff s = somebody();
	scoped(buf) *file = signed_by(&s, seed);

	check_code(read_and_check(file, "another", ISSUED), E_MISMATCH);
	check(strstr(e.text, "another statement"));
	check_code(read_and_check(file, "", ISSUED), E_MISMATCH);
	check_code(read_and_check(file, "{\"payload\":\"any bytes\"}", ISSUED), E_MISMATCH);
	error_clear(&e);
}

TEST(a_date_before_the_statement_was_issued_is_none)
{
	struct signoff s = somebody();
	scoped(buf) *file = signed_by(&s, seed);

	check_code(read_and_check(file, statement, ISSUED + 1000), E_MISMATCH);
	check(strstr(e.text, "before"));
	check_ok(read_and_check(file, statement, ISSUED + 999)); /* the same second */
	check_ok(read_and_check(file, statement, 0));
	check_ok(read_and_check(file, statement, TIME_NONE));
}

TEST(another_key_does_not_sign_for_the_one_that_is_named)
{
	struct signoff s = somebody();
	scoped(buf) *file = signed_by(&s, other_seed), *body = body_of(&s), *out = fresh();
	uint8_t signature[SIGN_LEN] = { 0 };

	check_code(read_and_check(file, statement, ISSUED), E_MISMATCH);
	check_code(signoff_make(out, body, &s.key, signature, SIGN_LEN, &e), E_MISMATCH);
	check(out->len == 0);
	error_clear(&e);
}

/* --- one member of the body changed, signed by the right key all the same --- */

static struct buf *changed_body(const char *from, const char *to)
{
	struct signoff s = somebody();
	scoped(buf) *body = body_of(&s);
	const char *at = strstr(buf_text(body), from);
	struct buf *b = fresh();

	check(at != NULL);
	check_ok(buf_put(b, body->data, (size_t)(at - buf_text(body)), &e));
	check_ok(buf_put(b, to, strlen(to), &e));
	check_ok(buf_put(b, at + strlen(from), strlen(at + strlen(from)), &e));
	return b;
}

static int changed(const char *from, const char *to)
{
	struct signoff s = somebody();
	struct hash id = pubkey_id(&s.key);
	scoped(buf) *body = changed_body(from, to);
	scoped(buf) *file = sealed(body, ENVELOPE_TYPE, hash_hex(&id).s, seed);

	return read_and_check(file, statement, ISSUED);
}

TEST(what_does_not_belong_into_a_sign_off_is_refused)
{
	static const struct {
		const char *from, *to;
	} lies[] = {
		{ "\"format\":1", "\"format\":2" },
		{ "\"format\":1", "\"format\":\"1\"" },
		{ "\"format\":1", "\"format\":1,\"more\":1" },
		{ "\"verified\"", "\"approved\"" },
		{ "\"verified\"", "\"\"" },
		{ "\"verified\"", "2" },
		{ "\"contact\":\"\",", "" },
		{ "\"contact\":\"\"", "\"contact\":null" },
		{ "\"Inés Łęcka\"", "\"\"" },
		{ "00:16:40Z", "00:16:40.5Z" },
		{ "\"1970-01-01T00:16:40Z\"", "\"1970-01-01T00:16Z\"" },
		{ "\"1970-01-01T00:16:40Z\"", "null" },
		{ "\"1970-01-01T00:16:40Z\"", "\"1970-13-01T00:16:40Z\"" },
		{ "urn:rescind:signoff:1", "urn:rescind:certificate:1" },
		{ "Statement/v1", "Statement/v0.1" },
		{ "\"name\":\"statement\"", "\"name\":\"certificate\"" },
		{ "\"name\":\"statement\"", "\"name\":\"statement\",\"uri\":\"\"" },
		{ "\"sha256\"", "\"sha1\"" },
		{ "[{\"digest\"", "[{},{\"digest\"" },
		{ "},\"name\":\"statement\"}]", "},\"name\":\"statement\"},{}]" },
		{ "MCowBQYDK2VwAyEA", "MCowBQYDK2VvAyEA" }, /* X25519 */
		{ "\"capacity\"", " \"capacity\"" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++)
		if (changed(lies[i].from, lies[i].to) != E_FORMAT)
			fail_msg("%s: code %d", lies[i].to, e.code);
	error_clear(&e);
}

TEST(one_of_two_hashes_is_not_enough)
{
	struct signoff s = somebody();
	scoped(buf) *body = body_of(&s);
	const char *at = strstr(buf_text(body), "\"sha512\":\"") + 10;
	char from[9] = { 0 }, to[9] = { 0 };

	memcpy(from, at, 8);
	memcpy(to, from, 8);
	to[0] = from[0] == '0' ? '1' : '0';
	check_code(changed(from, to), E_MISMATCH);
	at = strstr(buf_text(body), "\"sha256\":\"") + 10;
	memcpy(from, at, 8);
	memcpy(to, from, 8);
	to[7] = from[7] == '0' ? '1' : '0';
	check_code(changed(from, to), E_MISMATCH);
	to[7] = 'A';
	check_code(changed(from, to), E_FORMAT);
	error_clear(&e);
}

TEST(the_key_id_is_that_of_the_key)
{
	struct signoff s = somebody();
	scoped(buf) *body = body_of(&s);
	struct hash id = pubkey_id(&s.key);
	char upper[HASH_HEX_MAX];

	for (int i = 0; i < 4; i++) {
		struct hash other = id;
		scoped(buf) *file = NULL;

		other.b[31] ^= 1;
		for (size_t k = 0; k < sizeof(upper); k++)
			upper[k] = hash_hex(&id).s[k] >= 'a' ? (char)(hash_hex(&id).s[k] - 32) :
							      hash_hex(&id).s[k];
		file = sealed(body, i == 3 ? "application/json" : ENVELOPE_TYPE,
			      i == 0 ? "" : i == 1 ? hash_hex(&other).s :
			      i == 2 ? upper : hash_hex(&id).s, seed);
		check_code(read_and_check(file, statement, ISSUED), E_FORMAT);
	}
	error_clear(&e);
}

TEST(a_text_that_is_not_seen_as_it_is_is_refused)
{
	static const char *const hidden[] = {
		"a\nb", "a\tb", "\x1b[2J", "a\x7f", "a\xc2\x9b", "a\xe2\x80\xae" "b",
		"a\xe2\x81\xa6" "b", "\xef\xbb\xbf" "a", "a\xe2\x80\x8b", "a\xd8\x9c", "a\xe2\x80\xa8",
		"a\xf3\xa0\x80\xa1", "a\xff", "a\xc3", "\xc0\x80", " a", "a ", " ",
	};
	static const char *const seen[] = { "Zoë", "李四", "نگار\xe2\x80\x8cپناهی", "O'Neill", "a \"b\" \\",
					    "😀", "\xc2\xa0" };

	for (size_t i = 0; i < COUNT_OF(hidden); i++) {
		struct signoff s = somebody();
		scoped(buf) *b = fresh();

		check_code(signoff_text_check("x", hidden[i], 100, &e), E_FORMAT);
		for (int k = 0; k < 6; k++) {
			const char **at[] = { &s.name, &s.title, &s.organisation, &s.location,
					      &s.contact, &s.words };

			s = somebody();
			*at[k] = hidden[i];
			check_code(signoff_body(b, &s, statement, 1, &e), E_FORMAT);
		}
		error_clear(&e);
	}
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		check_ok(signoff_text_check("x", seen[i], 100, &e));
	/* What a reader refuses is what a maker refuses. */
	check_code(changed("Ostrava", "Ostr\\nava"), E_FORMAT);
	check_code(changed("Ostrava", "Ostr\xe2\x80\xae" "ava"), E_FORMAT);
	check_code(changed("\"DPO\"", "\"DPO \""), E_FORMAT);
	error_clear(&e);
}

TEST(texts_are_as_long_as_they_may_be_and_no_longer)
{
	static char text[SIGNOFF_WORDS_MAX + 2];
	struct signoff s = somebody();

	memset(text, '"', sizeof(text) - 1); /* two bytes of JSON each */
	s.words = text + 1;
	s.name = s.title = s.organisation = s.location = s.contact =
		text + sizeof(text) - 1 - SIGNOFF_TEXT_MAX;
	{
		scoped(buf) *file = signed_by(&s, seed);

		check_ok(read_and_check(file, statement, ISSUED));
		check(file->len <= SIGNOFF_BYTES_MAX);
	}
	for (int i = 0; i < 6; i++) {
		const char **at[] = { &s.name, &s.title, &s.organisation, &s.location, &s.contact,
				      &s.words };
		scoped(buf) *b = fresh();

		(*at[i])--; /* one byte more */
		check_code(signoff_body(b, &s, statement, 1, &e), E_RANGE);
		(*at[i])++;
	}
	error_clear(&e);
}

TEST(a_file_of_one_byte_more_than_the_limit_is_not_read)
{
	char *much = calloc(1, SIGNOFF_BYTES_MAX + 1);
	scoped(signoff) *s = NULL;

	memset(much, ' ', SIGNOFF_BYTES_MAX + 1);
	much[SIGNOFF_BYTES_MAX] = '\n';
	check_code(signoff_read(&s, much, SIGNOFF_BYTES_MAX + 1, &e), E_RANGE);
	check_code(signoff_read(&s, much + 1, SIGNOFF_BYTES_MAX, &e), E_FORMAT);
	error_clear(&e);
	free(much);
}

/* --- P-256 --- */

/* A key of its own for each run; the signature over body by it. */
static struct buf *p256_file(struct signoff *s, struct pubkey *ret_key, uint8_t *ret_sig, size_t *ret_len)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	scoped(buf) *body = NULL, *message = fresh();
	struct buf *out = fresh();
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	check_ok(pubkey_parse(&s->key, der, (size_t)len, &e));
	*ret_key = s->key;
	body = body_of(s);
	check_ok(signoff_message(message, body, &e));
	*ret_len = PUBKEY_SIGNATURE_MAX;
	check(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	      EVP_DigestSign(ctx, ret_sig, ret_len, message->data, message->len) == 1);
	check_ok(signoff_make(out, body, ret_key, ret_sig, *ret_len, &e));
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	OPENSSL_free(der);
	return out;
}

TEST(a_p256_key_signs_in_one_spelling_of_der)
{
	for (int i = 0; i < 20; i++) {
		uint8_t sig[PUBKEY_SIGNATURE_MAX], more[PUBKEY_SIGNATURE_MAX + 3];
		struct signoff s = somebody();
		struct pubkey key;
		struct hash id;
		size_t len = 0;
		scoped(buf) *file = p256_file(&s, &key, sig, &len), *body = body_of(&s);
		scoped(buf) *longer = fresh(), *padded = fresh();

		check_ok(read_and_check(file, statement, ISSUED));
		id = pubkey_id(&key);
		memcpy(more, sig, len);
		more[len] = 0;
		check_ok(dsse_put(longer, ENVELOPE_TYPE, body->data, body->len, hash_hex(&id).s, more,
				  len + 1, &e));
		check_code(read_and_check(longer, statement, ISSUED), E_MISMATCH);
		/* One zero byte more before r. */
		memcpy(more + 5, sig + 4, len - 4);
		more[1]++;
		more[3]++;
		more[4] = 0;
		check_ok(dsse_put(padded, ENVELOPE_TYPE, body->data, body->len, hash_hex(&id).s, more,
				  len + 1, &e));
		check_code(read_and_check(padded, statement, ISSUED), E_MISMATCH);
		check_code(signoff_make(longer, body, &key, more, len + 1, &e), E_MISMATCH);
		error_clear(&e);
	}
}

TEST(a_signature_of_one_algorithm_is_none_of_the_other)
{
	uint8_t sig[PUBKEY_SIGNATURE_MAX];
	struct signoff s = somebody();
	struct pubkey key;
	struct hash id;
	size_t len = 0;
	scoped(buf) *file = p256_file(&s, &key, sig, &len), *body = body_of(&s);
	scoped(buf) *ed = NULL;

	check_ok(read_and_check(file, statement, ISSUED));
	id = pubkey_id(&key);
	ed = sealed(body, ENVELOPE_TYPE, hash_hex(&id).s, seed);
	check_code(read_and_check(ed, statement, ISSUED), E_MISMATCH);
	error_clear(&e);
}

TEST(what_is_signed_elsewhere_is_put_together_here)
{
	struct signoff s = somebody();
	scoped(buf) *body = body_of(&s), *message = fresh(), *out = fresh(), *file = signed_by(&s, seed);
	uint8_t sig[SIGN_LEN], wrong[SIGN_LEN];

	check_ok(signoff_message(message, body, &e));
	check_ok(sign_make(sig, seed, message->data, message->len, &e));
	check_ok(sign_make(wrong, other_seed, message->data, message->len, &e));
	check_code(signoff_assemble(out, message->data, message->len, wrong, SIGN_LEN, &e), E_MISMATCH);
	check_code(signoff_assemble(out, body->data, body->len, sig, SIGN_LEN, &e), E_FORMAT);
	check_code(signoff_assemble(out, message->data, message->len - 1, sig, SIGN_LEN, &e), E_FORMAT);
	check_code(signoff_assemble(out, message->data, 0, sig, SIGN_LEN, &e), E_FORMAT);
	check(out->len == 0);
	error_clear(&e);
	check_ok(signoff_assemble(out, message->data, message->len, sig, SIGN_LEN, &e));
	check(out->len == file->len && memcmp(out->data, file->data, out->len) == 0);
}

TEST(a_message_that_is_no_sign_offs_is_not_put_together)
{
	static const struct {
		const char *from, *to;
	} lies[] = {
		{ "\"format\":1", "\"format\":2" }, { "urn:rescind:signoff:1", "urn:rescind:certificate:1" },
		{ "\"verified\"", "\"approved\"" }, { "\"DPO\"", "\"DPO \"" },
	};
	char *much = calloc(1, SIGNOFF_BYTES_MAX + 1);
	uint8_t sig[SIGN_LEN];
	scoped(buf) *out = fresh();

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(buf) *body = changed_body(lies[i].from, lies[i].to), *message = fresh();

		error_clear(&e);
		check_ok(signoff_message(message, body, &e));
		check_ok(sign_make(sig, seed, message->data, message->len, &e));
		check_code(signoff_assemble(out, message->data, message->len, sig, SIGN_LEN, &e), E_FORMAT);
	}
	error_clear(&e);
	check_code(signoff_assemble(out, much, SIGNOFF_BYTES_MAX + 1, sig, SIGN_LEN, &e), E_RANGE);
	check_code(signoff_assemble(out, much, SIGNOFF_BYTES_MAX, sig, SIGN_LEN, &e), E_FORMAT);
	check(out->len == 0);
	error_clear(&e);
	free(much);
}

TEST(two_signatures_in_one_file_are_no_sign_off)
{
	struct signoff s = somebody();
	scoped(buf) *file = signed_by(&s, seed), *twice = fresh();
	const char *list = strstr(buf_text(file), "\"signatures\":[") + 14;
	size_t len = (size_t)(strchr(list, '}') + 1 - list);

	check_ok(buf_put(twice, file->data, (size_t)(list + len - buf_text(file)), &e));
	check_ok(buf_printf(twice, &e, ",%.*s]}\n", (int)len, list));
	check_code(read_and_check(twice, statement, ISSUED), E_FORMAT);
	error_clear(&e);
}

TEST(a_sentence_begins_with_words_of_ours)
{
	struct signoff s = somebody();
	scoped(buf) *b = fresh(), *pinned = fresh();

	check_ok(signoff_sentence(b, &s, false, &e));
	assert_string_equal(buf_text(b),
			    "verified, on 1970-01-01T00:16:40Z, key not pinned (Ed25519 6b7b147fed43f67600c60220c58c7bace4d68aeb0e184cb06d1c69da690e3c92"
			    "): Inés Łęcka, DPO, Keyhole s.r.o., Ostrava: \"I looked at \"all\" of it.\"");
	s.title = s.organisation = s.location = s.words = "";
	s.capacity = SIGNOFF_ISSUED;
	check_ok(signoff_sentence(pinned, &s, true, &e));
	check(strstr(buf_text(pinned), "issued, on 1970-01-01T00:16:40Z, by a pinned key (Ed25519 ") ==
	      buf_text(pinned));
	check(strstr(buf_text(pinned), "): Inés Łęcka") + strlen("): Inés Łęcka") ==
	      buf_text(pinned) + pinned->len);
}

TEST_MAIN("signoff")
