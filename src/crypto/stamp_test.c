#include "crypto/stamp.h"

#include "base/test.h"
#include "crypto/stamp_world.h"

static struct error e;

/* ---- what a token is held against ---- */

static struct stamp said;

static int judge_by(const struct buf *token, const struct buf *roots, const struct buf *chain)
{
	struct stamp_trust t = { 0 };

	if (roots) {
		t.roots = roots->data;
		t.roots_len = roots->len;
	}
	if (chain) {
		t.chain = chain->data;
		t.chain_len = chain->len;
	}
	error_clear(&e);
	return stamp_check(&said, token->data, token->len, digest, &t, &e);
}

/* By the root, and by nobody. */
static void judged(const struct saying *s, int by_root, int by_nobody, const char *words)
{
	const struct party *one = &root;
	scoped(buf) *token = token_made(s), *roots = pem_of(&one, 1);

	check_code(judge_by(token, roots, NULL), by_root);
	if (by_root != 0 && !strstr(e.text, words))
		fail_msg("it says: %s", e.text);
	check_code(judge_by(token, NULL, NULL), by_nobody);
}

TEST(a_token_of_a_believed_authority_says_when_and_who)
{
	stamp_world_begin();
	judged(&(struct saying){ 0 }, 0, 0, "");
	check(said.at_utc_ms == UINT64_C(1772366400000));
	check(said.until_utc_ms == UINT64_C(1893456000000));
	assert_string_equal(said.serial, "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c");
	assert_string_equal(said.policy, "1.3.6.1.4.1.55555.1");
	assert_string_equal(said.signer, "CN=authority,O=Zeit \\C3\\BC AG\\0A");
	judged(&(struct saying){ .at = "20260301120000.25Z", .md = EVP_sha512() }, 0, 0, "");
	check(said.at_utc_ms == UINT64_C(1772366400250));
}

TEST(any_certificate_on_the_way_may_be_the_root)
{
	const struct party *each[] = { &root, &between, &authority };
	scoped(buf) *token = NULL;

	stamp_world_begin();
	token = token_made(&(struct saying){ 0 });
	for (size_t i = 0; i < COUNT_OF(each); i++) {
		scoped(buf) *roots = pem_of(&each[i], 1);

		check_ok(judge_by(token, roots, NULL));
	}
}

TEST(another_root_is_not_believed)
{
	struct party other;
	const struct party *one = &other;
	scoped(buf) *token = NULL, *roots = NULL;

	stamp_world_begin();
	other = party_made(&(struct wish){ .name = "root" }, NULL);
	token = token_made(&(struct saying){ 0 });
	roots = pem_of(&one, 1);
	check_code(judge_by(token, roots, NULL), E_MISMATCH);
	check(strstr(e.text, "certificate") != NULL);
	party_end(&other);
}

TEST(certificates_that_the_token_lacks_may_lie_beside_it)
{
	const struct party *one = &root, *two[] = { &between, &authority };
	scoped(buf) *token = NULL, *roots = NULL, *chain = NULL, *half = NULL;

	stamp_world_begin();
	token = token_made(&(struct saying){ .cms_flags = CMS_NOCERTS });
	roots = pem_of(&one, 1);
	chain = pem_of(two, 2);
	half = pem_of(two, 1);
	check_code(judge_by(token, roots, NULL), E_MISMATCH);
	check_code(judge_by(token, NULL, NULL), E_MISMATCH);
	check_code(judge_by(token, roots, half), E_MISMATCH);
	check_ok(judge_by(token, roots, chain));
	check_ok(judge_by(token, NULL, chain));
	check_code(judge_by(token, roots, roots), E_MISMATCH);
}

TEST(a_certificate_that_has_ended_since_still_verifies)
{
	struct party brief;

	stamp_world_begin();
	brief = party_made(&(struct wish){ .name = "brief",
					   .usage = "critical,timeStamping",
					   .from = "20260301000000Z",
					   .until = "20260302000000Z" },
			   &between);
	judged(&(struct saying){ .signer = &brief }, 0, 0, "");
	judged(&(struct saying){ .signer = &brief, .at = "20260302000001Z" }, E_MISMATCH,
	       E_MISMATCH, "expired");
	judged(&(struct saying){ .signer = &brief, .at = "20260228235959Z" }, E_MISMATCH,
	       E_MISMATCH, "not yet valid");
	party_end(&brief);
}

TEST(a_certificate_that_is_not_for_time_stamps_alone_signs_none)
{
	static const char *const usages[] = { "", "timeStamping", "critical,serverAuth",
					      "critical,timeStamping,serverAuth" };

	stamp_world_begin();
	for (size_t i = 0; i < COUNT_OF(usages); i++) {
		struct party p =
			party_made(&(struct wish){ .name = "p", .usage = usages[i] }, &between);

		judged(&(struct saying){ .signer = &p }, E_MISMATCH, E_MISMATCH, "purpose");
		party_end(&p);
	}
}

TEST(nothing_rests_on_sha1)
{
	struct party weak, weak_between;

	stamp_world_begin();
	weak = party_made(&(struct wish){ .name = "weak",
					  .usage = "critical,timeStamping",
					  .md = EVP_sha1() },
			  &between);
	judged(&(struct saying){ .signer = &weak }, E_MISMATCH, E_MISMATCH, "weak");
	weak_between = between;
	between = party_made(&(struct wish){ .name = "between", .md = EVP_sha1() }, &root);
	party_end(&weak);
	weak = party_made(&(struct wish){ .name = "weak", .usage = "critical,timeStamping" },
			  &between);
	/* Without a root, the last certificate found stands for itself. */
	judged(&(struct saying){ .signer = &weak }, E_MISMATCH, 0, "weak");
	party_end(&weak);
	party_end(&between);
	between = weak_between;
	judged(&(struct saying){ .md = EVP_sha1() }, E_MISMATCH, E_MISMATCH, "signed over");
	judged(&(struct saying){ .naming = EVP_sha1() }, E_MISMATCH, E_MISMATCH, "not named");
	judged(&(struct saying){ .naming = EVP_sha384() }, 0, 0, "");
	judged(&(struct saying){ .unnamed = true }, E_MISMATCH, E_MISMATCH, "not named");
	judged(&(struct saying){ .old_naming = true }, E_MISMATCH, E_MISMATCH, "not named");
	judged(&(struct saying){ .algorithm = NID_sha256, .imprint_len = 32 }, E_MISMATCH,
	       E_MISMATCH, "SHA-512");
	judged(&(struct saying){ .algorithm = NID_sha256 }, E_MISMATCH, E_MISMATCH, "SHA-512");
	judged(&(struct saying){ .algorithm = NID_sha1, .imprint_len = 20 }, E_MISMATCH, E_MISMATCH,
	       "SHA-512");
}

TEST(a_token_of_other_data_does_not_hold)
{
	uint8_t other[STAMP_DIGEST_LEN];

	stamp_world_begin();
	memcpy(other, digest, sizeof(other));
	other[STAMP_DIGEST_LEN - 1] ^= 1;
	judged(&(struct saying){ .imprint = other }, E_MISMATCH, E_MISMATCH, "other data");
	judged(&(struct saying){ .imprint_len = STAMP_DIGEST_LEN - 1 }, E_MISMATCH, E_MISMATCH,
	       "other data");
}

TEST(what_a_token_may_not_say_is_refused)
{
	char policy[300] = "1.3";

	stamp_world_begin();
	while (strlen(policy) < STAMP_POLICY_MAX)
		strcat(policy, ".6");
	judged(&(struct saying){ .version = 2 }, E_MISMATCH, E_MISMATCH, "version");
	judged(&(struct saying){ .other_tsa = true }, E_MISMATCH, E_MISMATCH, "tsa");
	judged(&(struct saying){ .critical = true }, E_FORMAT, E_FORMAT, "critical");
	judged(&(struct saying){ .serial_len = 35 }, 0, 0, "");
	judged(&(struct saying){ .serial_len = 36 }, E_FORMAT, E_FORMAT, "serial");
	judged(&(struct saying){ .policy = policy }, E_RANGE, E_RANGE, "policy");
	judged(&(struct saying){ .at = "20260301120000" }, E_FORMAT, E_FORMAT, "time");
	judged(&(struct saying){ .at = "20260301120000+0100" }, E_FORMAT, E_FORMAT, "time");
	judged(&(struct saying){ .at = "20261301120000Z" }, E_FORMAT, E_FORMAT, "time");
	judged(&(struct saying){ .at = "20260301120000Z\0Z", .at_len = 17 }, E_FORMAT, E_FORMAT,
	       "time");
	judged(&(struct saying){ .second_signer = true }, E_FORMAT, E_FORMAT, "one signer");
	judged(&(struct saying){ .at = "202603011200Z" }, E_FORMAT, E_FORMAT, "time");
	judged(&(struct saying){ .at = "20260301120000.000000000000000000Z" }, E_FORMAT, E_FORMAT,
	       "time");
}

TEST(a_name_has_a_limit)
{
	struct party p;
	char name[65] = "";

	stamp_world_begin();
	memset(name, ',', 64); /* each is escaped */
	p = party_made(&(struct wish){ .name = name, .usage = "critical,timeStamping", .times = 6 },
		       &between);
	judged(&(struct saying){ .signer = &p }, 0, 0, "");
	party_end(&p);
	p = party_made(&(struct wish){ .name = name, .usage = "critical,timeStamping", .times = 7 },
		       &between);
	judged(&(struct saying){ .signer = &p }, E_RANGE, E_RANGE, "a name of more than");
	party_end(&p);
}

TEST(a_token_holds_with_no_other_bit)
{
	const struct party *one = &root;
	scoped(buf) *token = NULL, *roots = NULL;
	size_t held = 0;

	stamp_world_begin();
	token = token_made(&(struct saying){ 0 });
	roots = pem_of(&one, 1);
	for (size_t i = 0; i < token->len; i++) {
		token->data[i] ^= 1;
		held += judge_by(token, roots, NULL) == 0;
		token->data[i] ^= 1;
	}
	/* Not signed: how certificates and the digest beside them are written, and the versions. */
	if (held > 12)
		fail_msg("%zu of %zu", held, token->len);
	check_ok(judge_by(token, roots, NULL));
}

TEST(a_token_is_whole_and_alone)
{
	scoped(buf) *token = NULL, *answer = NULL;
	struct stamp_trust nobody = { 0 };

	stamp_world_begin();
	token = token_made(&(struct saying){ 0 });
	answer = answer_made(token, TS_STATUS_GRANTED);
	error_clear(&e);
	for (size_t len = 0; len < token->len; len++)
		check(stamp_check(&said, token->data, len, digest, &nobody, &e) == E_FORMAT);
	check_ok(buf_put_u8(token, 0, &(struct error){ 0 }));
	check_code(judge_by(token, NULL, NULL), E_FORMAT);
	check_code(judge_by(answer, NULL, NULL), E_FORMAT);
	error_clear(&e);
	check_ok(buf_reserve(token, STAMP_TOKEN_MAX, &e));
	memset(token->data + token->len, 0, STAMP_TOKEN_MAX + 1 - token->len);
	token->len = STAMP_TOKEN_MAX;
	check_code(judge_by(token, NULL, NULL), E_FORMAT);
	token->len++;
	check_code(judge_by(token, NULL, NULL), E_RANGE);
}

TEST(roots_and_chain_are_certificates_in_pem)
{
	static const char broken[] =
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	static const char locked[] =
		"-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
		"00000000000000000000000000000000\n\nAAAA\n-----END CERTIFICATE-----\n";
	const struct party *one = &root;
	scoped(buf) *token = NULL, *roots = NULL, *more = NULL, *text = buf_made();

	stamp_world_begin();
	token = token_made(&(struct saying){ 0 });
	roots = pem_of(&one, 1);
	more = pem_of(&one, 1);
	check_code(judge_by(token, text, NULL), E_FORMAT); /* believing nobody is said with NULL */
	check_ok(judge_by(token, roots, text));
	error_clear(&e);
	check_ok(buf_put(text, locked, sizeof(locked) - 1, &e));
	check_code(judge_by(token, text, NULL), E_FORMAT); /* and no terminal is asked */
	error_clear(&e);
	check_ok(buf_put(more, broken, sizeof(broken) - 1, &e));
	check_code(judge_by(token, more, NULL), E_FORMAT);
	check_code(judge_by(token, roots, more), E_FORMAT);
	error_clear(&e);
	check_ok(buf_reserve(roots, STAMP_CHAIN_MAX, &e));
	memset(roots->data + roots->len, '\n', STAMP_CHAIN_MAX + 1 - roots->len);
	roots->len = STAMP_CHAIN_MAX;
	check_ok(judge_by(token, roots, NULL));
	roots->len++;
	check_code(judge_by(token, roots, NULL), E_RANGE);
}

TEST(the_chain_of_a_token_is_all_that_a_root_needs)
{
	const struct party *both[] = { &between, &authority }; /* a SET of DER: the shorter first */
	scoped(buf) *token = NULL, *chain = buf_made(), *want = NULL, *none = buf_made();

	stamp_world_begin();
	token = token_made(&(struct saying){ 0 });
	check_ok(stamp_chain(chain, token->data, token->len, &e));
	want = pem_of(both, 2);
	assert_string_equal(buf_text(chain), buf_text(want));
	buf_destroy(give(token));
	token = token_made(&(struct saying){ .cms_flags = CMS_NOCERTS });
	check_ok(stamp_chain(none, token->data, token->len, &e));
	check(none->len == 0);
	check_code(stamp_chain(none, "x", 1, &e), E_FORMAT);
}

/* ---- question and answer ---- */

TEST(a_question_is_what_libcrypto_reads_as_one)
{
	scoped(buf) *q = buf_made();
	const uint8_t *at = q->data;
	uint64_t nonce = 0, read = 0, other = 0;
	TS_REQ *r;

	stamp_world_begin();
	error_clear(&e);
	check_ok(stamp_request(q, digest, &nonce, &e));
	r = d2i_TS_REQ(NULL, &at, (long)q->len);
	check(r && at == q->data + q->len && TS_REQ_get_version(r) == 1 && TS_REQ_get_cert_req(r));
	check(ASN1_INTEGER_get_uint64(&read, TS_REQ_get_nonce(r)) == 1 && read == nonce);
	check(OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(TS_REQ_get_msg_imprint(r))->algorithm) ==
	      NID_sha512);
	check(memcmp(ASN1_STRING_get0_data(TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(r))),
		     digest, STAMP_DIGEST_LEN) == 0);
	TS_REQ_free(r);
	check_ok(stamp_request(q, digest, &other, &e));
	check(other != nonce);
}

static int taken(const struct saying *s, int status, struct buf *ret)
{
	scoped(buf) *token = token_made(s), *answer = answer_made(token, status);

	error_clear(&e);
	return stamp_take(ret, answer->data, answer->len, digest, 77, &e);
}

TEST(the_token_of_an_answer_is_taken)
{
	scoped(buf) *got = buf_made();

	stamp_world_begin();
	check_ok(taken(&(struct saying){ .nonce = 77 }, TS_STATUS_GRANTED, got));
	check_ok(judge_by(got, NULL, NULL));
	check_ok(taken(&(struct saying){ .nonce = 77 }, TS_STATUS_GRANTED_WITH_MODS, got));
}

TEST(an_answer_to_another_question_is_not_taken)
{
	static const uint8_t other[STAMP_DIGEST_LEN] = { 0 };
	scoped(buf) *got = buf_made();

	stamp_world_begin();
	check_code(taken(&(struct saying){ .nonce = 78 }, TS_STATUS_GRANTED, got), E_MISMATCH);
	check(strstr(e.text, "nonce") != NULL);
	check_code(taken(&(struct saying){ 0 }, TS_STATUS_GRANTED, got), E_MISMATCH);
	check_code(taken(&(struct saying){ .nonce = 77, .imprint = other }, TS_STATUS_GRANTED, got),
		   E_MISMATCH);
	check_code(taken(&(struct saying){ .nonce = 77, .algorithm = NID_sha384 },
			 TS_STATUS_GRANTED, got),
		   E_MISMATCH);
	check(got->len == 0);
}

TEST(a_refusal_is_told_in_the_words_of_the_authority)
{
	scoped(buf) *got = buf_made(), *no = NULL;
	uint8_t *word;

	stamp_world_begin();
	no = refusal_made();
	error_clear(&e);
	check_code(stamp_take(got, no->data, no->len, digest, 77, &e), E_DENIED);
	check(strstr(e.text, "status 2") && strstr(e.text, "bad data format: Bad request"));
	word = memmem(no->data, no->len, "Bad request", 11);
	check(word != NULL);
	memcpy(word, "\033[31m\n", 6);
	error_clear(&e);
	check_code(stamp_take(got, no->data, no->len, digest, 77, &e), E_DENIED);
	check(strstr(e.text, ": ?[31m?") != NULL);
	check_ok(buf_put_u8(no, 0, &(struct error){ 0 }));
	check_code(stamp_take(got, no->data, no->len, digest, 77, &e), E_FORMAT);
	no->len -= 2;
	check_code(stamp_take(got, no->data, no->len, digest, 77, &e), E_FORMAT);
	check_code(stamp_take(got, "", 0, digest, 77, &e), E_FORMAT);
	check_code(taken(&(struct saying){ .nonce = 77 }, 2, got),
		   E_FORMAT); /* refused, with a token */
	check(got->len == 0);
}

TEST(an_answer_has_a_limit)
{
	scoped(buf) *got = buf_made(), *answer = buf_made();

	error_clear(&e);
	check_ok(buf_reserve(answer, STAMP_ANSWER_MAX + 1, &e));
	memset(answer->data, 0x30, STAMP_ANSWER_MAX + 1);
	check_code(stamp_take(got, answer->data, STAMP_ANSWER_MAX, digest, 77, &e), E_FORMAT);
	check_code(stamp_take(got, answer->data, STAMP_ANSWER_MAX + 1, digest, 77, &e), E_RANGE);
}

TEST(what_was_made_is_put_away)
{
	stamp_world_end();
}

TEST_MAIN("crypto-stamp")
