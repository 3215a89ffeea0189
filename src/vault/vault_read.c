/* Packs: opening an object, and finding objects again. */
#include <inttypes.h>
#include <string.h>

#include "vault/vault_parts.h"

/* As many heads and small objects as one call to the store should bring. */
enum { SCAN_WINDOW = 256 << 10 };

/* An object being opened: its sealed chunks come through v->in. */
struct opening {
	struct vault *v;
	char name[PACK_NAME_LEN + 1];
	const struct place *at;
	const uint8_t *key;
	struct object_head head;
	uint8_t raw_head[OBJECT_HEAD_LEN];
};

/* The head together with the first chunk: one call for every small object. */
static int read_first(struct opening *o, struct error *e)
{
	const uint64_t most = OBJECT_HEAD_LEN + OBJECT_SEALED_CHUNK;
	uint64_t n = o->at->len_bytes < most ? o->at->len_bytes : most;

	buf_clear(o->v->in);
	if (o->at->pack > PACK_NUMBER_MAX || n < OBJECT_HEAD_LEN + SEAL_TAG_LEN)
		return error_set(e, E_FORMAT, "no object of %" PRIu64 " bytes in pack %" PRIu64,
				 o->at->len_bytes, o->at->pack);
	pack_name(o->name, o->at->pack);
	if (o->v->b->calls->get(o->v->b, o->name, o->at->at, n, o->v->in, e) < 0)
		return e->code;
	memcpy(o->raw_head, o->v->in->data, OBJECT_HEAD_LEN);
	return object_head_parse(&o->head, o->raw_head, e);
}

static int open_begin(struct opening *o, uint8_t kind, uint64_t slot, uint64_t owner,
		      struct error *e)
{
	const struct object_head *h = &o->head;

	if (read_first(o, e) < 0)
		return e->code;
	if (h->kind != kind || h->slot != slot || h->owner != owner)
		return error_set(e, E_MISMATCH,
				 "object of kind %u, slot %" PRIu64 ", owner %" PRIu64
				 " instead of %u, %" PRIu64 ", %" PRIu64,
				 h->kind, h->slot, h->owner, kind, slot, owner);
	if (object_sealed_len(h->plain_len) != o->at->len_bytes)
		return error_set(e, E_FORMAT, "object of %" PRIu64 " bytes in %" PRIu64 " sealed ones",
				 h->plain_len, o->at->len_bytes);
	return 0;
}

/* ret has room for the chunk; it may be where the sealed one lies. */
static int open_chunk(struct opening *o, uint64_t chunk, uint8_t *ret, struct error *e)
{
	size_t len = object_chunk_len(o->head.plain_len, chunk) + SEAL_TAG_LEN;
	struct buf *in = o->v->in;
	uint64_t at = OBJECT_HEAD_LEN + chunk * OBJECT_SEALED_CHUNK;
	uint8_t nonce[SEAL_NONCE_LEN];

	if (chunk > 0) {
		buf_clear(in);
		if (o->v->b->calls->get(o->v->b, o->name, o->at->at + at, len, in, e) < 0)
			return e->code;
	}
	object_nonce(nonce, &o->head, chunk);
	return seal_open(ret, o->key, nonce, o->raw_head, OBJECT_HEAD_LEN,
			 in->data + (chunk > 0 ? 0 : OBJECT_HEAD_LEN), len, e);
}

static int wrap(const struct place *at, struct error *e)
{
	return error_wrap(e, "pack %" PRIu64 " at %" PRIu64, at->pack, at->at);
}

static int get_all(struct opening *o, struct buf *out, struct error *e)
{
	size_t start = out->len;

	if (o->head.plain_len > OBJECT_GET_MAX)
		return error_set(e, E_RANGE, "object of %" PRIu64 " bytes", o->head.plain_len);
	if (buf_reserve(out, (size_t)o->head.plain_len, e) < 0)
		return E_MEMORY;
	for (uint64_t chunk = 0; chunk < object_chunks(o->head.plain_len); chunk++) {
		if (open_chunk(o, chunk, out->data + out->len, e) < 0) {
			wipe(out->data + start, out->len - start);
			out->len = start;
			out->data[start] = '\0';
			return e->code;
		}
		out->len += object_chunk_len(o->head.plain_len, chunk);
	}
	out->data[out->len] = '\0';
	return 0;
}

int vault_get(struct vault *v, const struct place *at, uint8_t kind, uint64_t slot,
	      uint64_t owner, const uint8_t key[SEAL_KEY_LEN], struct buf *out, struct error *e)
{
	struct opening o = { .v = v, .at = at, .key = key };

	if (open_begin(&o, kind, slot, owner, e) < 0 || get_all(&o, out, e) < 0)
		return wrap(at, e);
	return 0;
}

int vault_each_chunk(struct vault *v, const struct place *at, uint8_t kind, uint64_t slot,
		     uint64_t owner, const uint8_t key[SEAL_KEY_LEN],
		     int (*each)(void *ctx, const void *plain, size_t len_bytes, struct error *e),
		     void *ctx, struct error *e)
{
	struct opening o = { .v = v, .at = at, .key = key };
	scoped(buf) *plain = NULL; /* not v's own: each may read other objects */
	int code = 0;

	if (open_begin(&o, kind, slot, owner, e) < 0)
		return wrap(at, e);
	if (buf_create(&plain, object_chunk_len(o.head.plain_len, 0), e) < 0)
		return E_MEMORY;
	for (uint64_t chunk = 0; chunk < object_chunks(o.head.plain_len) && code == 0; chunk++) {
		if (open_chunk(&o, chunk, plain->data, e) < 0)
			return wrap(at, e);
		code = each(ctx, plain->data, object_chunk_len(o.head.plain_len, chunk), e);
	}
	return code;
}

/* Scanning */

struct scan {
	struct vault *v;
	char name[PACK_NAME_LEN + 1];
	uint64_t size;
	struct buf *window;
	uint64_t window_at;
};

/* The head at this byte, which lies in the pack: lent until the next call. */
static int scan_head(struct scan *s, uint64_t at, const uint8_t **ret, struct error *e)
{
	uint64_t left = s->size - at;

	if (at < s->window_at || at + OBJECT_HEAD_LEN > s->window_at + s->window->len) {
		buf_clear(s->window);
		if (s->v->b->calls->get(s->v->b, s->name, at,
					left < SCAN_WINDOW ? left : SCAN_WINDOW, s->window, e) < 0)
			return e->code;
		s->window_at = at;
	}
	*ret = s->window->data + (at - s->window_at);
	return 0;
}

static int scan_object(struct scan *s, uint64_t at, struct object_head *ret_head,
		       uint64_t *ret_len, struct error *e)
{
	const uint8_t *raw = NULL;

	if (s->size - at < OBJECT_HEAD_LEN)
		return error_set(e, E_FORMAT, "torn in the head of an object");
	if (scan_head(s, at, &raw, e) < 0 || object_head_parse(ret_head, raw, e) < 0)
		return e->code;
	*ret_len = object_sealed_len(ret_head->plain_len);
	if (*ret_len > s->size - at)
		return error_set(e, E_FORMAT, "torn: %" PRIu64 " bytes of an object of %" PRIu64,
				 s->size - at, *ret_len);
	return 0;
}

int vault_scan(struct vault *v, uint64_t pack,
	       int (*each)(void *ctx, const struct object_head *h, const struct place *at,
			   struct error *e),
	       void *ctx, struct error *e)
{
	struct scan s = { .v = v };
	scoped(buf) *window = NULL;
	int code = 0;

	if (pack > PACK_NUMBER_MAX)
		return error_set(e, E_NOT_FOUND, "no pack %" PRIu64, pack);
	pack_name(s.name, pack);
	if (buf_create(&window, 0, e) < 0 || v->b->calls->size(v->b, s.name, &s.size, e) < 0)
		return e->code;
	s.window = window;
	for (uint64_t at = 0, len = 0; at < s.size && code == 0; at += len) {
		struct object_head h;

		if (scan_object(&s, at, &h, &len, e) < 0)
			return error_wrap(e, "pack %" PRIu64 " at %" PRIu64, pack, at);
		code = each(ctx, &h, &(struct place){ pack, at, len }, e);
	}
	return code;
}
