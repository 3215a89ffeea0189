#include "crypto/signer_token.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdlib.h>

#include "base/file.h"

enum { SLOTS_MAX = 256, VALUE_MAX = 16384 /* of an attribute: a certificate */ };

struct token {
	struct p11_kit_uri *uri;
	CK_FUNCTION_LIST *one, **all; /* loaded: the named module, or all that are known */
	CK_FUNCTION_LIST *module;     /* lent: that of the key */
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	bool initialized, opened, always; /* always: the PIN once more for each signature */
	char pin[SIGNER_SECRET_MAX + 1];
};

bool signer_has_pkcs11(void)
{
	return true;
}

void token_close(struct token *t)
{
	if (!t)
		return;
	if (t->opened)
		t->module->C_CloseSession(t->session);
	if (t->initialized)
		p11_kit_module_finalize(t->one);
	if (t->one)
		p11_kit_module_release(t->one);
	if (t->all)
		p11_kit_modules_finalize_and_release(t->all);
	p11_kit_uri_free(t->uri);
	wipe(t->pin, sizeof(t->pin));
	free(t);
}

static int failed(struct error *e, CK_RV rv, const char *what)
{
	bool pin = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE ||
		   rv == CKR_PIN_LOCKED || rv == CKR_PIN_EXPIRED;

	return error_set(e, pin ? E_MISMATCH : E_IO, "%s: %s", what, p11_kit_strerror(rv));
}

/* ---- which token ---- */

static int load(struct token *t, struct error *e)
{
	const char *path = p11_kit_uri_get_module_path(t->uri);
	CK_RV rv;

	if (!path) {
		t->all = p11_kit_modules_load_and_initialize(0);
		return t->all ? 0 : error_set(e, E_IO, "no modules of PKCS#11 could be loaded");
	}
	t->one = p11_kit_module_load(path, 0);
	if (!t->one)
		return error_set(e, E_NOT_FOUND, "%s is no module of PKCS#11", path);
	rv = p11_kit_module_initialize(t->one);
	if (rv != CKR_OK)
		return failed(e, rv, path);
	t->initialized = true;
	return 0;
}

/* Counts the tokens of m that match, and remembers the last. A module that fails has none. */
static size_t match_module(struct token *t, CK_FUNCTION_LIST *m)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	size_t matches = 0;

	if (m->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return 0;
	for (CK_ULONG i = 0; i < count; i++) {
		CK_TOKEN_INFO info;

		if (m->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED) ||
		    !p11_kit_uri_match_token_info(t->uri, &info))
			continue;
		t->module = m;
		t->slot = slots[i];
		t->info = info;
		matches++;
	}
	return matches;
}

/* Exactly one: a PIN that is tried on every card locks the others. */
static int find_token(struct token *t, struct error *e)
{
	size_t matches = 0;

	if (t->one)
		matches = match_module(t, t->one);
	for (size_t i = 0; t->all && t->all[i]; i++)
		matches += match_module(t, t->all[i]);
	if (matches == 0)
		return error_set(e, E_NOT_FOUND, "no token is like this");
	if (matches > 1)
		return error_set(e, E_CONFLICT, "%zu tokens are like this: say more of it (token=, serial=)",
				 matches);
	return 0;
}

/* ---- the PIN ---- */

static int pin_file(struct token *t, const char *source, struct error *e)
{
	scoped(buf) *b = NULL;
	size_t len;

	if (strncmp(source, "file:", 5) == 0)
		source += 5;
	if (strncmp(source, "//", 2) == 0) /* an empty host */
		source += 2;
	if (file_read(source, SIGNER_SECRET_MAX, &b, e) < 0)
		return error_wrap(e, "pin-source");
	len = strcspn(buf_text(b), "\r\n");
	memcpy(t->pin, b->data, len);
	t->pin[len] = '\0';
	return 0;
}

static int find_pin(struct token *t, const char *secret, struct error *e)
{
	const char *value = p11_kit_uri_get_pin_value(t->uri);
	const char *source = p11_kit_uri_get_pin_source(t->uri);

	if (!secret && !value && source)
		return pin_file(t, source, e);
	if (!secret)
		secret = value;
	if (secret && strlen(secret) > SIGNER_SECRET_MAX)
		return error_set(e, E_RANGE, "a PIN of more than %d bytes", SIGNER_SECRET_MAX);
	if (secret)
		strcpy(t->pin, secret);
	else if (EVP_read_pw_string(t->pin, SIGNER_SECRET_MAX, "PIN: ", 0) != 0)
		wipe(t->pin, sizeof(t->pin));
	return 0;
}

static int login(struct token *t, CK_USER_TYPE as, struct error *e)
{
	bool own_pad = t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH;
	CK_RV rv;

	if (!own_pad && !*t->pin) /* a token counts what it is asked in vain */
		return error_set(e, E_MISMATCH, "no PIN was given");
	rv = t->module->C_Login(t->session, as, own_pad ? NULL : (CK_UTF8CHAR *)t->pin,
				own_pad ? 0 : strlen(t->pin));
	return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN ? 0 :
								  failed(e, rv, "the PIN");
}

static int begin(struct token *t, const char *secret, struct error *e)
{
	CK_RV rv = t->module->C_OpenSession(t->slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session);

	if (rv != CKR_OK)
		return failed(e, rv, "no session");
	t->opened = true;
	if (!(t->info.flags & CKF_LOGIN_REQUIRED))
		return 0;
	if (!(t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) && find_pin(t, secret, e) < 0)
		return e->code;
	return login(t, CKU_USER, e);
}

/* ---- the key ---- */

/* How many objects of this class are like that, none to 2. */
static int find(struct token *t, CK_OBJECT_CLASS class, const CK_ATTRIBUTE *like,
		CK_ULONG like_count, CK_OBJECT_HANDLE *ret, CK_ULONG *ret_count, struct error *e)
{
	CK_ATTRIBUTE all[3] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_OBJECT_HANDLE objects[2] = { 0 };
	CK_RV rv;

	for (CK_ULONG i = 0; i < like_count; i++)
		all[1 + i] = like[i];
	rv = t->module->C_FindObjectsInit(t->session, all, 1 + like_count);
	if (rv == CKR_OK) {
		rv = t->module->C_FindObjects(t->session, objects, 2, ret_count);
		t->module->C_FindObjectsFinal(t->session);
	}
	if (rv != CKR_OK)
		return failed(e, rv, "looking for the key");
	*ret = objects[0];
	return 0;
}

static int find_key(struct token *t, struct error *e)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_ID, CKA_LABEL };
	CK_ATTRIBUTE like[2], *given;
	CK_ULONG count = 0, found = 0;

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if ((given = p11_kit_uri_get_attribute(t->uri, types[i])) != NULL)
			like[count++] = *given;
	if (find(t, CKO_PRIVATE_KEY, like, count, &t->key, &found, e) < 0)
		return e->code;
	if (found == 0)
		return error_set(e, E_NOT_FOUND, "no private key on the token is like this");
	if (found > 1)
		return error_set(e, E_CONFLICT, "several keys are like this: say which (object=, id=)");
	return 0;
}

/* An attribute of an object, at most cap bytes; 0 of them where it has none. */
static size_t value_of(const struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
		       void *ret, size_t cap)
{
	CK_ATTRIBUTE a = { type, ret, cap };

	if (t->module->C_GetAttributeValue(t->session, object, &a, 1) != CKR_OK ||
	    a.ulValueLen > cap)
		return 0;
	return a.ulValueLen;
}

/* Of a public key object: CKA_EC_POINT is the point in an OCTET STRING, or bare. */
static int public_from_point(const struct token *t, CK_OBJECT_HANDLE object, struct pubkey *ret,
			     struct error *e)
{
	uint8_t point[80];
	size_t len = value_of(t, object, CKA_EC_POINT, point, sizeof(point)), at = 0;
	CK_KEY_TYPE type = 0;

	if (value_of(t, object, CKA_KEY_TYPE, &type, sizeof(type)) != sizeof(type))
		return error_set(e, E_FORMAT, "a key of no type");
	if (len > 2 && point[0] == 0x04 && point[1] == len - 2)
		at = 2;
	if (type == CKK_EC_EDWARDS && len - at == SIGN_PUBLIC_LEN) {
		pubkey_ed25519(ret, point + at);
		return 0;
	}
	if (type != CKK_EC || len - at != 65 || point[at] != 0x04)
		return error_set(e, E_FORMAT, "a key of neither Ed25519 nor ECDSA P-256");
	return pubkey_p256(ret, point + at + 1, e);
}

static int public_from_certificate(const struct token *t, CK_OBJECT_HANDLE object,
				   struct pubkey *ret, struct error *e)
{
	scoped(buf) *b = NULL;
	const uint8_t *at;
	uint8_t *der = NULL;
	X509 *x;
	int len, code;

	if (buf_create(&b, VALUE_MAX, e) < 0)
		return e->code;
	at = b->data;
	x = d2i_X509(NULL, &at, (long)value_of(t, object, CKA_VALUE, b->data, VALUE_MAX));
	len = x ? i2d_PUBKEY(X509_get0_pubkey(x), &der) : 0;
	X509_free(x);
	if (len <= 0)
		return error_set(e, E_FORMAT, "the key's certificate cannot be read");
	code = pubkey_parse(ret, der, (size_t)len, e);
	OPENSSL_free(der);
	return code;
}

/* Its public half is another object with the same id, or is in a certificate with it. */
static int find_public(struct token *t, struct pubkey *ret, struct error *e)
{
	uint8_t id[256];
	CK_ATTRIBUTE like = { CKA_ID, id, value_of(t, t->key, CKA_ID, id, sizeof(id)) };
	CK_OBJECT_HANDLE object = 0;
	CK_ULONG found = 0;

	if (find(t, CKO_PUBLIC_KEY, &like, 1, &object, &found, e) < 0)
		return e->code;
	if (found > 0)
		return public_from_point(t, object, ret, e);
	if (find(t, CKO_CERTIFICATE, &like, 1, &object, &found, e) < 0)
		return e->code;
	if (found > 0)
		return public_from_certificate(t, object, ret, e);
	return error_set(e, E_NOT_FOUND, "the token has neither public key nor certificate for it");
}

int token_open(struct token **ret, struct pubkey *ret_public, const char *uri, const char *secret,
	       struct error *e)
{
	scoped(token) *t = calloc(1, sizeof(*t));
	CK_BBOOL always = CK_FALSE;

	if (!t || !(t->uri = p11_kit_uri_new()))
		return error_set(e, E_MEMORY, "no memory for a token");
	if (p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, t->uri) != P11_KIT_URI_OK ||
	    p11_kit_uri_any_unrecognized(t->uri))
		return error_set(e, E_USAGE, "no URI of RFC 7512 that this program understands");
	if (load(t, e) < 0 || find_token(t, e) < 0 || begin(t, secret, e) < 0 ||
	    find_key(t, e) < 0 || find_public(t, ret_public, e) < 0)
		return error_wrap(e, "pkcs11");
	t->always = value_of(t, t->key, CKA_ALWAYS_AUTHENTICATE, &always, sizeof(always)) == 1 &&
		    always == CK_TRUE;
	*ret = give(t);
	return 0;
}

/* ---- signing ---- */

static int sign_raw(struct token *t, CK_MECHANISM_TYPE with, const void *bytes, size_t len_bytes,
		    uint8_t ret[64], struct error *e)
{
	CK_MECHANISM mechanism = { with, NULL, 0 };
	CK_ULONG len = 64;
	CK_RV rv = t->module->C_SignInit(t->session, &mechanism, t->key);

	if (rv != CKR_OK)
		return failed(e, rv, "pkcs11: it does not sign so");
	if (t->always && login(t, CKU_CONTEXT_SPECIFIC, e) < 0)
		return error_wrap(e, "pkcs11");
	rv = t->module->C_Sign(t->session, (CK_BYTE *)(uintptr_t)bytes, len_bytes, ret, &len);
	if (rv != CKR_OK)
		return failed(e, rv, "pkcs11: it did not sign");
	return len == 64 ? 0 : error_set(e, E_IO, "pkcs11: a signature of %lu bytes", len);
}

int token_sign(struct token *t, enum pubkey_kind kind, const void *message, size_t len_bytes,
	       uint8_t ret_signature[PUBKEY_SIGNATURE_MAX], size_t *ret_len, struct error *e)
{
	struct hash digest;
	uint8_t raw[64];

	if (kind == PUBKEY_P256) {
		hash_bytes(&digest, message, len_bytes);
		return sign_raw(t, CKM_ECDSA, digest.b, HASH_LEN, raw, e) < 0 ?
			       e->code :
			       signer_p256_der(ret_signature, ret_len, raw, e);
	}
	if (sign_raw(t, CKM_EDDSA, message, len_bytes, raw, e) < 0)
		return e->code;
	memcpy(ret_signature, raw, sizeof(raw));
	*ret_len = sizeof(raw);
	return 0;
}
