/* Whether a token holds, and who signed it. */
#include "crypto/stamp.h"

#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/stamp_token.h"

enum { SECURITY_LEVEL = 2 }; /* of libcrypto: 112 bits, no SHA-1 in the chain */

static void certificates_free(struct stack_st_X509 *all)
{
	sk_X509_pop_free(all, X509_free);
}
SCOPED(stack_st_X509, certificates_free);
SCOPED(bio_st, BIO_free);
SCOPED(asn1_string_st, ASN1_STRING_free);
SCOPED(asn1_type_st, ASN1_TYPE_free);
SCOPED(x509_store_st, X509_STORE_free);
SCOPED(TS_verify_ctx, TS_VERIFY_CTX_free);

/* ---- certificates ---- */

static int no_password(char *ret, int size, int writing, void *ctx)
{
	(void)ret, (void)size, (void)writing, (void)ctx;
	return -1;
}

/* Add those of a PEM text. */
static int add_pem(STACK_OF(X509) * all, const void *pem, size_t len, const char *what,
		   struct error *e)
{
	scoped(bio_st) *bio = NULL;
	unsigned long why;
	int count = 0;
	X509 *x;

	if (len > STAMP_CHAIN_MAX)
		return error_set(e, E_RANGE, "%s: more than %d bytes", what, STAMP_CHAIN_MAX);
	if (!(bio = BIO_new_mem_buf(pem, (int)len)))
		return error_set(e, E_MEMORY, "no memory for certificates");
	for (; (x = PEM_read_bio_X509(bio, NULL, no_password, NULL)); count++) {
		if (sk_X509_push(all, x) > 0)
			continue;
		X509_free(x);
		return error_set(e, E_MEMORY, "no memory for certificates");
	}
	why = ERR_peek_last_error();
	ERR_clear_error();
	if (count == 0 || ERR_GET_REASON(why) != PEM_R_NO_START_LINE)
		return error_set(e, E_FORMAT, "%s: not PEM certificates", what);
	return 0;
}

/* The one certificate that signed, lent: from the token, or from `beside`. */
static int signer_of(X509 **ret, const struct stamp_token *t, STACK_OF(X509) * beside,
		     struct error *e)
{
	STACK_OF(X509) *found = PKCS7_get0_signers(t->signed_data, beside, 0);

	if (sk_X509_num(found) == 1)
		*ret = sk_X509_value(found, 0);
	sk_X509_free(found);
	return *ret ? 0 : error_set(e, E_MISMATCH, "the certificate of its signer is not there");
}

/* ---- digests ---- */

static bool is_sha2(const ASN1_OBJECT *algorithm)
{
	int nid = OBJ_obj2nid(algorithm);

	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/* The first element of a SEQUENCE, or NULL. */
static struct asn1_type_st *first_of(const ASN1_TYPE *sequence)
{
	const uint8_t *at;
	ASN1_SEQUENCE_ANY *all;
	ASN1_TYPE *first;

	if (!sequence || ASN1_TYPE_get(sequence) != V_ASN1_SEQUENCE)
		return NULL;
	at = sequence->value.sequence->data;
	all = d2i_ASN1_SEQUENCE_ANY(NULL, &at, sequence->value.sequence->length);
	first = sk_ASN1_TYPE_shift(all);
	sk_ASN1_TYPE_pop_free(all, ASN1_TYPE_free);
	return first;
}

/* SigningCertificateV2 (RFC 5035) is a list of lists of identifiers; each begins with its digest's
 * algorithm, left out when it is SHA-256. The older attribute has SHA-1 and nothing else. */
static bool names_signer_by_sha2(const PKCS7_SIGNER_INFO *si)
{
	const ASN1_TYPE *attribute =
		PKCS7_get_signed_attribute(si, NID_id_smime_aa_signingCertificateV2);
	scoped(asn1_type_st) *list = first_of(attribute);
	scoped(asn1_type_st) *identifier = first_of(list);
	scoped(asn1_type_st) *begin = first_of(identifier);
	scoped(asn1_type_st) *algorithm = first_of(begin);

	if (begin && ASN1_TYPE_get(begin) == V_ASN1_OCTET_STRING)
		return true;
	return algorithm && ASN1_TYPE_get(algorithm) == V_ASN1_OBJECT &&
	       is_sha2(algorithm->value.object);
}

static int check_digests(const struct stamp_token *t, struct error *e)
{
	STACK_OF(PKCS7_SIGNER_INFO) *all = PKCS7_get_signer_info(t->signed_data);
	PKCS7_SIGNER_INFO *si = sk_PKCS7_SIGNER_INFO_value(all, 0);
	X509_ALGOR *digest = NULL;

	if (sk_PKCS7_SIGNER_INFO_num(all) != 1)
		return error_set(e, E_FORMAT, "a time stamp has one signer");
	PKCS7_SIGNER_INFO_get0_algs(si, NULL, &digest, NULL);
	if (!is_sha2(digest->algorithm))
		return error_set(e, E_MISMATCH, "signed over a digest that is not of SHA-2");
	if (!names_signer_by_sha2(si))
		return error_set(e, E_MISMATCH, "its signer is not named by a digest of SHA-2");
	if (TS_TST_INFO_get_ext_by_critical(t->info, 1, -1) >= 0)
		return error_set(e, E_FORMAT, "it has a critical extension");
	return 0;
}

/* ---- what it says ---- */

/* "20261121141059.25Z" */
static int time_of(uint64_t *ret, const ASN1_GENERALIZEDTIME *t, struct error *e)
{
	size_t len = (size_t)ASN1_STRING_length(t);
	const char *s = (const char *)ASN1_STRING_get0_data(t);
	char digits[32], text[48];

	if (len < 15 || len >= sizeof(digits) || memchr(s, 0, len))
		return error_set(e, E_FORMAT, "not a time of RFC 3161");
	snprintf(digits, sizeof(digits), "%.*s", (int)len, s);
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%s", digits, digits + 4, digits + 6,
		 digits + 8, digits + 10, digits + 12);
	return time_parse(ret, text, e);
}

static int name_of(char ret[STAMP_NAME_MAX], const X509 *x, struct error *e)
{
	scoped(bio_st) *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	if (!bio || X509_NAME_print_ex(bio, X509_get_subject_name(x), 0, XN_FLAG_RFC2253) < 0)
		return error_set(e, E_MEMORY, "no memory for a name");
	len = BIO_get_mem_data(bio, &text);
	if (len >= STAMP_NAME_MAX)
		return error_set(e, E_RANGE, "a name of more than %d bytes", STAMP_NAME_MAX - 1);
	snprintf(ret, STAMP_NAME_MAX, "%.*s", (int)len, text);
	return 0;
}

static int say(struct stamp *ret, TS_TST_INFO *info, const X509 *signer, struct error *e)
{
	const ASN1_INTEGER *serial = TS_TST_INFO_get_serial(info);
	scoped(asn1_string_st) *until =
		ASN1_TIME_to_generalizedtime(X509_get0_notAfter(signer), NULL);
	int len = ASN1_STRING_length(serial);

	if (!until || len < 1 || len >= STAMP_SERIAL_MAX / 2)
		return error_set(e, E_FORMAT, "not a serial number, or not a time");
	hex_encode(ret->serial, ASN1_STRING_get0_data(serial), (size_t)len);
	len = OBJ_obj2txt(ret->policy, STAMP_POLICY_MAX, TS_TST_INFO_get_policy_id(info), 1);
	if (len < 0 || len >= STAMP_POLICY_MAX)
		return error_set(e, E_RANGE, "a policy of more than %d bytes",
				 STAMP_POLICY_MAX - 1);
	if (time_of(&ret->at_utc_ms, TS_TST_INFO_get_time(info), e) < 0 ||
	    time_of(&ret->until_utc_ms, until, e) < 0)
		return e->code;
	return name_of(ret->signer, signer, e);
}

/* ---- whether it holds ---- */

/* Both are given. libcrypto 3.4 has other names for it. */
static void verify_with(TS_VERIFY_CTX *c, X509_STORE *roots, STACK_OF(X509) * beside)
{
#if OPENSSL_VERSION_NUMBER < 0x30400000L
	TS_VERIFY_CTX_set_store(c, roots);
	TS_VERIFY_CTX_set_certs(c, beside);
#else
	TS_VERIFY_CTX_set0_store(c, roots);
	TS_VERIFY_CTX_set0_certs(c, beside);
#endif
}

static int trust(struct x509_store_st **ret, const STACK_OF(X509) * roots, uint64_t at_utc_ms,
		 struct error *e)
{
	scoped(x509_store_st) *s = X509_STORE_new();
	X509_VERIFY_PARAM *p;

	if (!s)
		return error_set(e, E_MEMORY, "no memory for certificates");
	p = X509_STORE_get0_param(s);
	X509_VERIFY_PARAM_set_time(p, (time_t)(at_utc_ms / 1000));
	X509_VERIFY_PARAM_set_auth_level(p, SECURITY_LEVEL);
	if (X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN) != 1)
		return error_set(e, E_MEMORY, "no memory for certificates");
	for (int i = 0; i < sk_X509_num(roots); i++)
		if (X509_STORE_add_cert(s, sk_X509_value(roots, i)) != 1)
			return error_set(e, E_MEMORY, "no memory for certificates");
	*ret = give(s);
	return 0;
}

/* libcrypto's own words, less what it says before them. */
static int does_not_hold(struct error *e)
{
	const char *data = "", *reason, *colon;
	int flags = 0;
	unsigned long code = ERR_peek_last_error_data(&data, &flags);

	reason = ERR_reason_error_string(code);
	colon = flags & ERR_TXT_STRING ? strchr(data, ':') : NULL;
	error_set(e, E_MISMATCH, "it does not hold: %s%s%s", reason ? reason : "no reason known",
		  colon ? ": " : "", colon ? colon + 1 : "");
	ERR_clear_error();
	return e->code;
}

int stamp_check(struct stamp *ret, const void *token, size_t len_bytes,
		const uint8_t digest[STAMP_DIGEST_LEN], const struct stamp_trust *t,
		struct error *e)
{
	scoped(stamp_token) *k = NULL;
	scoped(stack_st_X509) *roots = sk_X509_new_null(), *beside = sk_X509_new_null();
	scoped(x509_store_st) *store = NULL;
	scoped(TS_verify_ctx) *ctx = TS_VERIFY_CTX_new();
	struct stamp said = { 0 };
	X509 *signer = NULL;
	int holds;

	if (!roots || !beside || !ctx)
		return error_set(e, E_MEMORY, "no memory for a time stamp");
	if (stamp_token_read(&k, token, len_bytes, e) < 0 ||
	    stamp_token_imprint(k, digest, e) < 0 || check_digests(k, e) < 0)
		return e->code;
	if (t->roots && add_pem(roots, t->roots, t->roots_len, "roots", e) < 0)
		return e->code;
	if (t->chain_len > 0 && add_pem(beside, t->chain, t->chain_len, "chain", e) < 0)
		return e->code;
	if (signer_of(&signer, k, beside, e) < 0 || say(&said, k->info, signer, e) < 0)
		return e->code;
	if (!t->roots && (X509_up_ref(signer) != 1 || sk_X509_push(roots, signer) <= 0))
		return error_set(e, E_MEMORY, "no memory for a time stamp");
	if (trust(&store, roots, said.at_utc_ms, e) < 0)
		return e->code;
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_SIGNER);
	verify_with(ctx, give(store), give(beside));
	holds = TS_RESP_verify_token(ctx, k->signed_data);
	if (holds != 1)
		return does_not_hold(e);
	*ret = said;
	return 0;
}
