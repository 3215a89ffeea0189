#include "crypto/stamp_world.h"

#include <openssl/ec.h>
#include <openssl/ess.h>
#include <openssl/pem.h>

#include "base/test.h"
#include "crypto/hash.h"

static struct error e;

static const char data[] = "the list of files of a certificate";
uint8_t digest[STAMP_DIGEST_LEN];
#define NOW "20260301120000Z"

struct party root, between, authority;

static ASN1_TIME *time_at(const char *text)
{
	ASN1_TIME *t = ASN1_TIME_new();

	check(t && ASN1_TIME_set_string_X509(t, text) == 1);
	return t;
}

static void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	check(one && X509_add_ext(x, one, -1) == 1);
	X509_EXTENSION_free(one);
}

struct party party_made(const struct wish *w, const struct party *by)
{
	static long serial = 1;
	struct party p = { EVP_EC_gen("P-256"), X509_new() };
	X509_NAME *name = X509_get_subject_name(p.certificate);
	ASN1_TIME *from = time_at(w->from ? w->from : "20250101000000Z");
	ASN1_TIME *until = time_at(w->until ? w->until : "20300101000000Z");

	if (!by)
		by = &p;
	check(p.key && X509_set_version(p.certificate, 2) == 1);
	ASN1_INTEGER_set(X509_get_serialNumber(p.certificate), serial++);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const uint8_t *)"Zeit \xc3\xbc AG\n",
				   -1, -1, 0);
	for (int i = 0; i <= w->times; i++)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)w->name, -1,
					   -1, 0);
	X509_set1_notBefore(p.certificate, from);
	X509_set1_notAfter(p.certificate, until);
	X509_set_issuer_name(p.certificate, X509_get_subject_name(by->certificate));
	X509_set_pubkey(p.certificate, p.key);
	extend(p.certificate, NID_basic_constraints,
	       w->usage ? "critical,CA:FALSE" : "critical,CA:TRUE");
	if (w->usage && *w->usage)
		extend(p.certificate, NID_ext_key_usage, w->usage);
	check(X509_sign(p.certificate, by->key, w->md ? w->md : EVP_sha256()) > 0);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return p;
}

void party_end(struct party *p)
{
	X509_free(p->certificate);
	EVP_PKEY_free(p->key);
}

struct buf *buf_made(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	return b;
}

struct buf *pem_of(const struct party *const *parties, size_t count)
{
	struct buf *b = buf_made();
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	for (size_t i = 0; i < count; i++)
		check(PEM_write_bio_X509(bio, parties[i]->certificate) == 1);
	len = BIO_get_mem_data(bio, &text);
	check_ok(buf_put(b, text, (size_t)len, &e));
	BIO_free(bio);
	return b;
}

static void set_imprint(TS_TST_INFO *info, const struct saying *s)
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *a = X509_ALGOR_new();
	uint8_t said[STAMP_DIGEST_LEN];

	memcpy(said, s->imprint ? s->imprint : digest, sizeof(said));
	X509_ALGOR_set0(a, OBJ_nid2obj(s->algorithm ? s->algorithm : NID_sha512), V_ASN1_NULL,
			NULL);
	check(TS_MSG_IMPRINT_set_algo(imprint, a) == 1);
	check(TS_MSG_IMPRINT_set_msg(imprint, said,
				     s->imprint_len ? s->imprint_len : STAMP_DIGEST_LEN) == 1);
	check(TS_TST_INFO_set_msg_imprint(info, imprint) == 1);
	X509_ALGOR_free(a);
	TS_MSG_IMPRINT_free(imprint);
}

static void set_numbers(TS_TST_INFO *info, const struct saying *s)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new(), *nonce = ASN1_INTEGER_new();
	uint8_t digits[64];

	memset(digits, 0x1c, sizeof(digits));
	check(ASN1_STRING_set(serial, digits, s->serial_len ? s->serial_len : 20) == 1);
	check(TS_TST_INFO_set_serial(info, serial) == 1);
	if (s->nonce > 0)
		check(ASN1_INTEGER_set_uint64(nonce, s->nonce) == 1 &&
		      TS_TST_INFO_set_nonce(info, nonce) == 1);
	ASN1_INTEGER_free(serial);
	ASN1_INTEGER_free(nonce);
}

static void set_names(TS_TST_INFO *info, const struct saying *s)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	X509_EXTENSION *one =
		X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:FALSE");

	name->type = GEN_DIRNAME;
	name->d.dirn = X509_NAME_dup(X509_get_subject_name(root.certificate));
	check(!s->other_tsa || TS_TST_INFO_set_tsa(info, name) == 1);
	check(!s->critical || TS_TST_INFO_add_ext(info, one, -1) == 1);
	GENERAL_NAME_free(name);
	X509_EXTENSION_free(one);
}

static BIO *info_made(const struct saying *s)
{
	TS_TST_INFO *info = TS_TST_INFO_new();
	ASN1_GENERALIZEDTIME *at = ASN1_GENERALIZEDTIME_new();
	ASN1_OBJECT *policy = OBJ_txt2obj(s->policy ? s->policy : "1.3.6.1.4.1.55555.1", 1);
	BIO *bio = BIO_new(BIO_s_mem());

	check(TS_TST_INFO_set_version(info, s->version ? s->version : 1) == 1);
	check(ASN1_STRING_set(at, s->at ? s->at : NOW, s->at_len ? s->at_len : -1) == 1 &&
	      TS_TST_INFO_set_time(info, at) == 1);
	check(policy && TS_TST_INFO_set_policy_id(info, policy) == 1);
	set_imprint(info, s);
	set_numbers(info, s);
	set_names(info, s);
	check(i2d_TS_TST_INFO_bio(bio, info) == 1);
	ASN1_OBJECT_free(policy);
	ASN1_GENERALIZEDTIME_free(at);
	TS_TST_INFO_free(info);
	return bio;
}

/* The signed attribute that says whose certificate it was: of RFC 5035, or the older one with SHA-1. */
static void name_signer(CMS_SignerInfo *si, const struct saying *s, const X509 *x)
{
	const EVP_MD *md = s->naming ? s->naming : EVP_sha256();
	ESS_SIGNING_CERT_V2 *name = OSSL_ESS_signing_cert_v2_new_init(md, x, NULL, 0);
	ESS_SIGNING_CERT *old_name = OSSL_ESS_signing_cert_new_init(x, NULL, 0);
	int nid = s->old_naming ? NID_id_smime_aa_signingCertificate
				: NID_id_smime_aa_signingCertificateV2;
	uint8_t *der = NULL;
	int len = s->old_naming ? i2d_ESS_SIGNING_CERT(old_name, &der)
				: i2d_ESS_SIGNING_CERT_V2(name, &der);

	check(s->unnamed || CMS_signed_add1_attr_by_NID(si, nid, V_ASN1_SEQUENCE, der, len) == 1);
	OPENSSL_free(der);
	ESS_SIGNING_CERT_free(old_name);
	ESS_SIGNING_CERT_V2_free(name);
}

static void add_signer(CMS_ContentInfo *cms, const struct saying *s, const struct party *p)
{
	unsigned flags = CMS_BINARY | (unsigned)s->cms_flags;
	CMS_SignerInfo *si =
		CMS_add1_signer(cms, p->certificate, p->key, s->md ? s->md : EVP_sha256(), flags);

	check(si != NULL);
	name_signer(si, s, p->certificate);
}

/* Libcrypto's own authority would not lie: its tokens are CMS all the same. */
struct buf *token_made(const struct saying *s)
{
	ASN1_OBJECT *type = OBJ_nid2obj(NID_id_smime_ct_TSTInfo);
	BIO *info = info_made(s), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY);
	struct buf *b = buf_made();
	char *der;
	long len;

	check(cms && CMS_set1_eContentType(cms, type) == 1);
	add_signer(cms, s, s->signer ? s->signer : &authority);
	if (s->second_signer)
		add_signer(cms, s, &root);
	if (!(s->cms_flags & CMS_NOCERTS))
		check(CMS_add1_cert(cms, between.certificate) == 1);
	check(CMS_set_detached(cms, 0) == 1 && CMS_final(cms, info, NULL, CMS_BINARY) == 1);
	check(i2d_CMS_bio(out, cms) == 1);
	len = BIO_get_mem_data(out, &der);
	check_ok(buf_put(b, der, (size_t)len, &e));
	CMS_ContentInfo_free(cms);
	BIO_free(info);
	BIO_free(out);
	return b;
}

/* The answer with this token in it. */
struct buf *answer_made(const struct buf *token, int status)
{
	TS_RESP *r = TS_RESP_new();
	TS_STATUS_INFO *info = TS_STATUS_INFO_new();
	const uint8_t *at = token->data;
	PKCS7 *p7 = d2i_PKCS7(NULL, &at, (long)token->len);
	struct buf *b = buf_made();
	uint8_t *der = NULL;
	int len;

	check(TS_STATUS_INFO_set_status(info, status) == 1 &&
	      TS_RESP_set_status_info(r, info) == 1);
	TS_RESP_set_tst_info(r, p7, PKCS7_to_TS_TST_INFO(p7));
	len = i2d_TS_RESP(r, &der);
	check(len > 0);
	check_ok(buf_put(b, der, (size_t)len, &e));
	OPENSSL_free(der);
	TS_STATUS_INFO_free(info);
	TS_RESP_free(r);
	return b;
}

/* What libcrypto's own authority says to something that is no question. */
struct buf *refusal_made(void)
{
	TS_RESP_CTX *c = TS_RESP_CTX_new();
	BIO *question = BIO_new_mem_buf("?", 1);
	TS_RESP *r;
	struct buf *b = buf_made();
	uint8_t *der = NULL;
	int len;

	check(TS_RESP_CTX_set_signer_cert(c, authority.certificate) == 1);
	check(TS_RESP_CTX_set_signer_key(c, authority.key) == 1);
	r = TS_RESP_create_response(c, question);
	len = i2d_TS_RESP(r, &der);
	check(len > 0);
	check_ok(buf_put(b, der, (size_t)len, &e));
	OPENSSL_free(der);
	TS_RESP_free(r);
	BIO_free(question);
	TS_RESP_CTX_free(c);
	return b;
}

void stamp_world_begin(void)
{
	if (root.key)
		return;
	hash512_bytes(digest, data, sizeof(data));
	root = party_made(&(struct wish){ .name = "root" }, NULL);
	between = party_made(&(struct wish){ .name = "between" }, &root);
	authority = party_made(
		&(struct wish){ .name = "authority", .usage = "critical,timeStamping" }, &between);
}

void stamp_world_end(void)
{
	party_end(&authority);
	party_end(&between);
	party_end(&root);
}
