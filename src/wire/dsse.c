#include "wire/dsse.h"

#include <stdlib.h>
#include <string.h>

#include "wire/shape.h"

void dsse_destroy(struct dsse *d)
{
	if (!d)
		return;
	json_decref(d->json);
	arena_destroy(d->arena);
	free(d);
}

int dsse_create(struct dsse **ret, struct error *e)
{
	scoped(dsse) *d = calloc(1, sizeof(*d));

	if (!d || arena_create(&d->arena, e) < 0)
		return error_set(e, E_MEMORY, "envelope: out of memory");
	*ret = give(d);
	return 0;
}

#define AT(member) .at = offsetof(struct dsse, member)
#define COUNT(member) .count_at = offsetof(struct dsse, member)

#define SIGNATURE(least, most) (const struct shape){ NULL, SHAPE_OBJECT, \
	.of = (const struct shape[]){ \
	{ "keyid", SHAPE_TEXT, .at = offsetof(struct dsse_signature, keyid), \
	  .max = DSSE_KEYID_MAX }, \
	{ "sig", SHAPE_BYTES, .at = offsetof(struct dsse_signature, signature), .min = least, \
	  .max = most, .count_at = offsetof(struct dsse_signature, len), .unit = 1 }, \
	{ 0 } } }
#define ENVELOPE(least, most) { NULL, SHAPE_OBJECT, .of = (const struct shape[]){ \
	{ "payload", SHAPE_BYTES, AT(body), .max = SIZE_MAX, COUNT(body_len), .unit = 1 }, \
	{ "payloadType", SHAPE_TEXT, AT(type), .min = 1, .max = DSSE_TYPE_MAX }, \
	{ "signatures", SHAPE_LIST, AT(signature), .min = 1, .max = DSSE_SIGNATURES_MAX, \
	  COUNT(count), .unit = sizeof(struct dsse_signature), .of = &SIGNATURE(least, most) }, \
	{ 0 } } }
static const struct shape ours = ENVELOPE(SIGN_LEN, SIGN_LEN);
static const struct shape any = ENVELOPE(1, DSSE_SIGNATURE_MAX);

static int read_as(struct dsse *d, const struct shape *envelope, const void *bytes,
		   size_t len_bytes, size_t max_bytes, struct error *e)
{
	if (len_bytes == 0 || ((const char *)bytes)[len_bytes - 1] != '\n')
		return error_set(e, E_FORMAT, "envelope: not in its one spelling");
	if (json_parse_canonical(&d->json, bytes, len_bytes - 1, max_bytes - 1, e) < 0 ||
	    shape_read(d->arena, d->json, envelope, NULL, d, e) < 0)
		return error_wrap(e, "envelope");
	return 0;
}

int dsse_read(struct dsse *d, const void *bytes, size_t len_bytes, size_t max_bytes,
	      struct error *e)
{
	return read_as(d, &ours, bytes, len_bytes, max_bytes, e);
}

static int parse(struct dsse **ret, const struct shape *envelope, const void *bytes,
		 size_t len_bytes, size_t max_bytes, struct error *e)
{
	scoped(dsse) *d = NULL;
	int code = dsse_create(&d, e);

	if (code == 0)
		code = read_as(d, envelope, bytes, len_bytes, max_bytes, e);
	if (code == 0)
		*ret = give(d);
	return code;
}

int dsse_parse_any(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
		   struct error *e)
{
	return parse(ret, &any, bytes, len_bytes, max_bytes, e);
}

int dsse_parse(struct dsse **ret, const void *bytes, size_t len_bytes, size_t max_bytes,
	       struct error *e)
{
	return parse(ret, &ours, bytes, len_bytes, max_bytes, e);
}

int dsse_pae(struct buf *b, const char *type, const void *body, size_t len_bytes,
	     struct error *e)
{
	int code = buf_printf(b, e, "DSSEv1 %zu %s %zu ", strlen(type), type, len_bytes);

	return code < 0 ? code : buf_put(b, body, len_bytes, e);
}

int dsse_check(const struct dsse *d, const uint8_t public_key[SIGN_PUBLIC_LEN], struct error *e)
{
	scoped(buf) *pae = NULL;
	int code = buf_create(&pae, d->body_len + DSSE_TYPE_MAX + 64, e);

	if (code < 0 || (code = dsse_pae(pae, d->type, d->body, d->body_len, e)) < 0)
		return code;
	for (size_t i = 0; i < d->count; i++) {
		if (d->signature[i].len != SIGN_LEN)
			continue;
		code = sign_check(d->signature[i].signature, public_key, pae->data, pae->len, e);
		if (code != E_MISMATCH)
			return code;
	}
	return error_set(e, E_MISMATCH, "envelope: not signed by this key");
}
