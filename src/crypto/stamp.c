/* The question, the answer, and a token taken apart. stamp_check.c judges it. */
#include "crypto/stamp.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/seal.h"
#include "crypto/stamp_token.h"

SCOPED(TS_resp_st, TS_RESP_free);
SCOPED(bio_st, BIO_free);

int stamp_request(struct buf *out, const uint8_t digest[STAMP_DIGEST_LEN], uint64_t *ret_nonce,
		  struct error *e)
{
	/* TimeStampReq of 99 bytes, version 1, imprint of SHA-512 (2.16.840.1.101.3.4.2.3) */
	static const uint8_t head[] = { 0x30, 0x63, 0x02, 0x01, 0x01, 0x30, 0x51, 0x30,
					0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
					0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 };
	static const uint8_t nonce_head[] = { 0x02, 0x08 };
	static const uint8_t certificate_please[] = { 0x01, 0x01, 0xff };
	uint8_t nonce[8];

	random_bytes(nonce, sizeof(nonce));
	nonce[0] = (uint8_t)((nonce[0] & 0x3f) | 0x40); /* in DER a positive number of 8 bytes */
	if (buf_put(out, head, sizeof(head), e) < 0 ||
	    buf_put(out, digest, STAMP_DIGEST_LEN, e) < 0 ||
	    buf_put(out, nonce_head, sizeof(nonce_head), e) < 0 ||
	    buf_put(out, nonce, sizeof(nonce), e) < 0 ||
	    buf_put(out, certificate_please, sizeof(certificate_please), e) < 0)
		return e->code;
	*ret_nonce = be_get(nonce, sizeof(nonce));
	return 0;
}

/* ---- a token ---- */

void stamp_token_destroy(struct stamp_token *t)
{
	if (!t)
		return;
	PKCS7_free(t->signed_data);
	TS_TST_INFO_free(t->info);
	free(t);
}

int stamp_token_read(struct stamp_token **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	const uint8_t *at = bytes, *end = at + len_bytes;
	scoped(stamp_token) *t = calloc(1, sizeof(*t));

	if (!t)
		return error_set(e, E_MEMORY, "no memory for a time stamp");
	if (len_bytes > STAMP_TOKEN_MAX)
		return error_set(e, E_RANGE, "a time stamp of more than %d bytes", STAMP_TOKEN_MAX);
	t->signed_data = d2i_PKCS7(NULL, &at, (long)len_bytes);
	t->info = t->signed_data && at == end ? PKCS7_to_TS_TST_INFO(t->signed_data) : NULL;
	ERR_clear_error();
	if (!t->info)
		return error_set(e, E_FORMAT, "not a time stamp token");
	*ret = give(t);
	return 0;
}

int stamp_token_imprint(const struct stamp_token *t, const uint8_t digest[STAMP_DIGEST_LEN],
			struct error *e)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(t->info);
	const X509_ALGOR *algorithm = TS_MSG_IMPRINT_get_algo(imprint);
	const ASN1_OCTET_STRING *said = TS_MSG_IMPRINT_get_msg(imprint);

	if (OBJ_obj2nid(algorithm->algorithm) != NID_sha512)
		return error_set(e, E_MISMATCH, "a time stamp over another digest than SHA-512");
	if (ASN1_STRING_length(said) != STAMP_DIGEST_LEN ||
	    memcmp(ASN1_STRING_get0_data(said), digest, STAMP_DIGEST_LEN) != 0)
		return error_set(e, E_MISMATCH, "a time stamp of other data");
	return 0;
}

static int put_certificate(struct buf *pem, X509 *x, struct error *e)
{
	scoped(bio_st) *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || PEM_write_bio_X509(bio, x) != 1 || (len = BIO_get_mem_data(bio, &text)) < 0)
		return error_set(e, E_MEMORY, "no memory for a certificate");
	return buf_put(pem, text, (size_t)len, e);
}

int stamp_chain(struct buf *pem, const void *token, size_t len_bytes, struct error *e)
{
	scoped(stamp_token) *t = NULL;
	STACK_OF(X509) * all;

	if (stamp_token_read(&t, token, len_bytes, e) < 0)
		return e->code;
	all = t->signed_data->d.sign->cert;
	for (int i = 0; i < sk_X509_num(all); i++)
		if (put_certificate(pem, sk_X509_value(all, i), e) < 0)
			return e->code;
	return 0;
}

/* ---- an answer ---- */

/* PKIFailureInfo of RFC 3161, section 2.4.2 */
static const char *failure(const ASN1_BIT_STRING *bits)
{
	static const struct {
		int bit;
		const char *text;
	} known[] = {
		{ 0, "unknown algorithm" },
		{ 2, "bad request" },
		{ 5, "bad data format" },
		{ 14, "it has no time" },
		{ 15, "unaccepted policy" },
		{ 16, "unaccepted extension" },
		{ 17, "no additional information" },
		{ 25, "it failed itself" },
	};

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (bits && ASN1_BIT_STRING_get_bit(bits, known[i].bit))
			return known[i].text;
	return "no reason given";
}

/* What it said in words, as far as it can be printed. */
static void words(char *ret, size_t size, const STACK_OF(ASN1_UTF8STRING) * texts)
{
	const ASN1_UTF8STRING *first = texts ? sk_ASN1_UTF8STRING_value(texts, 0) : NULL;
	const uint8_t *text = first ? ASN1_STRING_get0_data(first) : NULL;
	size_t len = first ? (size_t)ASN1_STRING_length(first) : 0, i;

	for (i = 0; i < len && i + 1 < size; i++)
		ret[i] = (char)(text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?');
	ret[i] = 0;
}

static int granted(TS_RESP *answer, struct error *e)
{
	TS_STATUS_INFO *info = TS_RESP_get_status_info(answer);
	long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
	char text[160];

	if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS)
		return 0;
	words(text, sizeof(text), TS_STATUS_INFO_get0_text(info));
	return error_set(e, E_DENIED, "the authority refused (status %ld): %s%s%s", status,
			 failure(TS_STATUS_INFO_get0_failure_info(info)), *text ? ": " : "", text);
}

static int same_nonce(TS_TST_INFO *info, uint64_t nonce, struct error *e)
{
	const ASN1_INTEGER *said = TS_TST_INFO_get_nonce(info);
	uint64_t n;

	if (!said || ASN1_INTEGER_get_uint64(&n, said) != 1 || n != nonce)
		return error_set(e, E_MISMATCH,
				 "a time stamp for another question (its nonce differs)");
	return 0;
}

static int answer_read(struct TS_resp_st **ret, const void *bytes, size_t len_bytes,
		       struct error *e)
{
	const uint8_t *at = bytes, *end = at + len_bytes;

	if (len_bytes > STAMP_ANSWER_MAX)
		return error_set(e, E_RANGE, "an answer of more than %d bytes", STAMP_ANSWER_MAX);
	*ret = d2i_TS_RESP(NULL, &at, (long)len_bytes);
	return *ret && at == end ? 0 : error_set(e, E_FORMAT, "not an answer with a time stamp");
}

int stamp_take(struct buf *token, const void *answer, size_t len_bytes,
	       const uint8_t digest[STAMP_DIGEST_LEN], uint64_t nonce, struct error *e)
{
	scoped(TS_resp_st) *r = NULL;
	scoped(stamp_token) *t = NULL;
	uint8_t *der = NULL;
	int len, code = answer_read(&r, answer, len_bytes, e);

	ERR_clear_error();
	if (code < 0 || granted(r, e) < 0)
		return e->code;
	len = i2d_PKCS7(TS_RESP_get_token(r), &der);
	if (len <= 0)
		return error_set(e, E_MEMORY, "no memory for a time stamp");
	code = stamp_token_read(&t, der, (size_t)len, e);
	if (code == 0 && (code = stamp_token_imprint(t, digest, e)) == 0 &&
	    (code = same_nonce(t->info, nonce, e)) == 0)
		code = buf_put(token, der, (size_t)len, e);
	OPENSSL_free(der);
	return code;
}
