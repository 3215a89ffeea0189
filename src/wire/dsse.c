#include "wire/dsse.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/json.h"

void dsse_destroy(struct dsse *d)
{
	if (!d)
		return;
	buf_destroy(d->body);
	free(d);
}

int dsse_pae(struct buf *b, const char *type, const void *body, size_t len_bytes,
	     struct error *e)
{
	int code = buf_printf(b, e, "DSSEv1 %zu %s %zu ", strlen(type), type, len_bytes);

	return code < 0 ? code : buf_put(b, body, len_bytes, e);
}

/* ---- writing ---- */

/* Append the one spelling. */
static int put(struct buf *b, const char *type, const void *body, size_t len_bytes,
	       const struct dsse_signature *signature, size_t count, struct error *e)
{
	struct error first = { 0 };
	scoped_json *o = json_object_make(&first);
	json_t *list = json_array_make(&first), *s;
	size_t i;
	int code;

	for (i = 0; i < count; i++) {
		s = json_object_make(&first);
		json_set_text(s, "keyid", signature[i].keyid, &first);
		json_set_bytes64(s, "sig", signature[i].signature, signature[i].len, &first);
		json_add_new(list, s, &first);
	}
	json_set_new(o, "signatures", list, &first);
	json_set_bytes64(o, "payload", body, len_bytes, &first);
	json_set_text(o, "payloadType", type, &first);
	if (first.code < 0)
		return error_set(e, first.code, "envelope: %s", first.text);
	code = json_put(o, b, e);
	return code < 0 ? code : buf_put_u8(b, '\n', e);
}

static int text_take(char *ret, size_t max, const char *text, const char *what, struct error *e)
{
	size_t len = strnlen(text, max + 1);

	if (len > max)
		return error_set(e, E_RANGE, "envelope: %s longer than %zu", what, max);
	memcpy(ret, text, len + 1);
	return 0;
}

int dsse_put(struct buf *b, const char *type, const void *body, size_t len_bytes,
	     const char *keyid, const void *signature, size_t signature_len, struct error *e)
{
	struct dsse_signature s = { .len = signature_len };
	int code;

	if (!*type)
		return error_set(e, E_FORMAT, "envelope: no payloadType");
	if (strlen(type) > DSSE_TYPE_MAX)
		return error_set(e, E_RANGE, "envelope: payloadType longer than %d", DSSE_TYPE_MAX);
	if (signature_len == 0 || signature_len > DSSE_SIGNATURE_MAX)
		return error_set(e, E_RANGE, "envelope: a signature of %zu bytes", signature_len);
	memcpy(s.signature, signature, signature_len);
	code = text_take(s.keyid, DSSE_KEYID_MAX, keyid ? keyid : "", "keyid", e);
	return code < 0 ? code : put(b, type, body, len_bytes, &s, 1, e);
}

int dsse_sign(struct buf *b, const char *type, const void *body, size_t len_bytes,
	      const char *keyid, const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	scoped(buf) *pae = NULL;
	uint8_t signature[SIGN_LEN];
	int code = buf_create(&pae, len_bytes + strlen(type) + 64, e);

	if (code < 0 || (code = dsse_pae(pae, type, body, len_bytes, e)) < 0 ||
	    (code = sign_make(signature, seed, pae->data, pae->len, e)) < 0)
		return code;
	return dsse_put(b, type, body, len_bytes, keyid, signature, SIGN_LEN, e);
}

/* ---- parsing ---- */

enum spelling { FOREIGN, EXACT, EXACT_ANY };

/* Either alphabet, as the specification asks of verifiers; standard base64 in ours. */
static int get_base64(const json_t *o, const char *key, enum spelling how, struct buf **ret,
		      struct error *e)
{
	scoped(buf) *text = NULL, *bytes = NULL;
	const char *given = NULL;

	if (json_get_text(o, key, &given, e) < 0 ||
	    buf_from(&text, given, strlen(given), e) < 0 ||
	    buf_create(&bytes, text->len / 4 * 3, e) < 0)
		return e->code;
	for (size_t i = 0; how == FOREIGN && i < text->len; i++)
		text->data[i] = text->data[i] == '-' ? '+' :
				text->data[i] == '_' ? '/' : text->data[i];
	if (base64_get(bytes, buf_text(text), text->len, e) < 0)
		return error_wrap(e, "envelope: \"%s\"", key);
	*ret = give(bytes);
	return 0;
}

static int signature_parse(struct dsse *d, const json_t *j, enum spelling how, struct error *e)
{
	struct dsse_signature *s = &d->signature[d->count];
	scoped(buf) *bytes = NULL;
	const json_t *given = json_object_get(j, "keyid");
	const char *keyid = "";
	int code = get_base64(j, "sig", how, &bytes, e);

	if (code == 0 && how != FOREIGN)
		code = json_only(j, (const char *const[]){ "keyid", "sig", NULL }, e);
	/* model-signing writes null for a key id that is not set. */
	if (code == 0 && (how != FOREIGN || (given && !json_is_null(given))))
		code = json_get_text(j, "keyid", &keyid, e);
	if (code == 0)
		code = text_take(s->keyid, DSSE_KEYID_MAX, keyid, "keyid", e);
	if (code < 0)
		return code;
	if (how != EXACT_ANY && bytes->len != SIGN_LEN)
		return how == EXACT ? error_set(e, E_FORMAT, "envelope: not an Ed25519 signature") :
				      0;
	if (bytes->len == 0 || bytes->len > DSSE_SIGNATURE_MAX)
		return error_set(e, E_RANGE, "envelope: a signature of %zu bytes", bytes->len);
	s->len = bytes->len;
	memcpy(s->signature, bytes->data, bytes->len);
	d->count++;
	return 0;
}

static int envelope_parse(struct dsse *d, const json_t *j, enum spelling how, struct error *e)
{
	json_t *list = NULL;
	const char *type = NULL;
	size_t i;
	int code = json_get_text(j, "payloadType", &type, e);

	if (code < 0 || (code = text_take(d->type, DSSE_TYPE_MAX, type, "payloadType", e)) < 0 ||
	    (code = get_base64(j, "payload", how, &d->body, e)) < 0 ||
	    (code = json_get_array(j, "signatures", &list, e)) < 0)
		return code;
	if (!*type)
		return error_set(e, E_FORMAT, "envelope: no payloadType");
	if (json_array_size(list) == 0)
		return error_set(e, E_FORMAT, "envelope: not signed");
	if (json_array_size(list) > DSSE_SIGNATURES_MAX)
		return error_set(e, E_RANGE, "envelope: more than %d signatures",
				 DSSE_SIGNATURES_MAX);
	for (i = 0; i < json_array_size(list) && code == 0; i++)
		code = signature_parse(d, json_array_get(list, i), how, e);
	return code;
}

/* The one spelling of three members, and the newline behind it. */
static int parse_exact(json_t **ret, const char *bytes, size_t len_bytes, size_t max_bytes,
		       struct error *e)
{
	static const char *const members[] = { "payload", "payloadType", "signatures", NULL };
	scoped_json *j = NULL;

	if (len_bytes == 0 || bytes[len_bytes - 1] != '\n')
		return error_set(e, E_FORMAT, "envelope: not in its one spelling");
	if (json_parse_canonical(&j, bytes, len_bytes - 1, max_bytes - 1, e) < 0 ||
	    json_only(j, members, e) < 0)
		return error_wrap(e, "envelope");
	*ret = give(j);
	return 0;
}

static int parse(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
		 enum spelling how, struct error *e)
{
	scoped(dsse) *d = calloc(1, sizeof(*d));
	scoped_json *j = NULL;
	int code;

	if (!d)
		return error_set(e, E_MEMORY, "envelope: out of memory");
	code = how != FOREIGN ? parse_exact(&j, bytes, len_bytes, max_bytes, e)
			      : json_parse_foreign(&j, bytes, len_bytes, max_bytes, e);
	if (code < 0 || envelope_parse(d, j, how, e) < 0)
		return e->code;
	*ret = give(d);
	return 0;
}

int dsse_parse(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
	       bool exact, struct error *e)
{
	return parse(ret, bytes, len_bytes, max_bytes, exact ? EXACT : FOREIGN, e);
}

int dsse_parse_any(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
		   struct error *e)
{
	return parse(ret, bytes, len_bytes, max_bytes, EXACT_ANY, e);
}

int dsse_check(const struct dsse *d, const uint8_t public_key[SIGN_PUBLIC_LEN], struct error *e)
{
	scoped(buf) *pae = NULL;
	size_t i;
	int code = buf_create(&pae, d->body->len + DSSE_TYPE_MAX + 64, e);

	if (code < 0 || (code = dsse_pae(pae, d->type, d->body->data, d->body->len, e)) < 0)
		return code;
	for (i = 0; i < d->count; i++) {
		if (d->signature[i].len != SIGN_LEN)
			continue;
		code = sign_check(d->signature[i].signature, public_key, pae->data, pae->len, e);
		if (code == 0 || code != E_MISMATCH)
			return code;
	}
	return error_set(e, E_MISMATCH, "envelope: not signed by this key");
}
