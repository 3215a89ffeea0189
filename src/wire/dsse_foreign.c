/* Envelopes that we write, and those that others wrote. */
#include "wire/dsse.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/json.h"

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

static int check_text(const char *text, size_t max, const char *what, struct error *e)
{
	return strnlen(text, max + 1) <= max ? 0 :
	       error_set(e, E_RANGE, "envelope: %s longer than %zu", what, max);
}

int dsse_put(struct buf *b, const char *type, const void *body, size_t len_bytes,
	     const char *keyid, const void *signature, size_t signature_len, struct error *e)
{
	const struct dsse_signature s = { keyid ? keyid : "", signature, signature_len };

	if (!*type)
		return error_set(e, E_FORMAT, "envelope: no payloadType");
	if (signature_len == 0 || signature_len > DSSE_SIGNATURE_MAX)
		return error_set(e, E_RANGE, "envelope: a signature of %zu bytes", signature_len);
	if (check_text(type, DSSE_TYPE_MAX, "payloadType", e) < 0 ||
	    check_text(s.keyid, DSSE_KEYID_MAX, "keyid", e) < 0)
		return e->code;
	return put(b, type, body, len_bytes, &s, 1, e);
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

/* Either alphabet, as the specification asks of verifiers. */
static int get_base64(struct arena *a, const json_t *o, const char *key, const uint8_t **ret,
		      size_t *ret_len, struct error *e)
{
	const char *given = NULL;
	size_t len;
	char *text;

	if (json_get_text(o, key, &given, e) < 0)
		return e->code;
	len = strlen(given);
	text = arena_text(a, given, len, e);
	if (!text)
		return e->code;
	for (size_t i = 0; i < len; i++)
		text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	/* What is read is shorter than its text. */
	if (base64_decode((uint8_t *)text, ret_len, text, len, e) < 0)
		return error_wrap(e, "envelope: \"%s\"", key);
	text[*ret_len] = 0;
	*ret = (const uint8_t *)text;
	return 0;
}

static int signature_parse(struct dsse *d, const json_t *j, struct error *e)
{
	struct dsse_signature s = { .keyid = "" };
	const json_t *given = json_object_get(j, "keyid");

	/* model-signing writes null for a key id that is not set. */
	if (get_base64(d->arena, j, "sig", &s.signature, &s.len, e) < 0 ||
	    (given && !json_is_null(given) && json_get_text(j, "keyid", &s.keyid, e) < 0) ||
	    check_text(s.keyid, DSSE_KEYID_MAX, "keyid", e) < 0)
		return e->code;
	if (s.len == SIGN_LEN)
		d->signature[d->count++] = s;
	return 0;
}

static int envelope_parse(struct dsse *d, const json_t *j, struct error *e)
{
	json_t *list = NULL;

	if (json_get_text(j, "payloadType", &d->type, e) < 0 ||
	    check_text(d->type, DSSE_TYPE_MAX, "payloadType", e) < 0 ||
	    get_base64(d->arena, j, "payload", &d->body, &d->body_len, e) < 0 ||
	    json_get_array(j, "signatures", &list, e) < 0)
		return e->code;
	if (!*d->type)
		return error_set(e, E_FORMAT, "envelope: no payloadType");
	if (json_array_size(list) == 0)
		return error_set(e, E_FORMAT, "envelope: not signed");
	if (json_array_size(list) > DSSE_SIGNATURES_MAX)
		return error_set(e, E_RANGE, "envelope: more than %d signatures",
				 DSSE_SIGNATURES_MAX);
	d->signature = arena_alloc(d->arena, json_array_size(list) * sizeof(*d->signature), e);
	if (!d->signature)
		return e->code;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (signature_parse(d, json_array_get(list, i), e) < 0)
			return e->code;
	return 0;
}

int dsse_parse_foreign(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
		       struct error *e)
{
	scoped(dsse) *d = NULL;

	if (dsse_create(&d, e) < 0 ||
	    json_parse_foreign(&d->json, bytes, len_bytes, max_bytes, e) < 0 ||
	    envelope_parse(d, d->json, e) < 0)
		return e->code;
	*ret = give(d);
	return 0;
}
