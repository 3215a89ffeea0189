/* Packs: opening, listing, writing. */
#include "vault/vault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "vault/vault_parts.h"

enum { OUT_FULL = 256 << 10, COPY_PIECE = 1 << 20 };

int vault_open(struct vault **ret, struct blobs *b, struct error *e)
{
	scoped(vault) *v = calloc(1, sizeof(*v));

	if (!v)
		return error_set(e, E_MEMORY, "out of memory");
	v->b = b;
	if (buf_create(&v->out, 0, e) < 0 || buf_create(&v->in, 0, e) < 0 ||
	    buf_create(&v->object.plain, 0, e) < 0)
		return E_MEMORY;
	*ret = give(v);
	return 0;
}

void vault_close(struct vault *v)
{
	if (!v)
		return;
	if (v->out && v->object.plain) /* else memory ended while it was opened */
		vault_drop(v);
	buf_destroy(v->out);
	buf_destroy(v->in);
	buf_destroy(v->object.plain);
	wipe(v, sizeof(*v));
	free(v);
}

/* Packs */

struct pack_walk {
	int (*each)(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e);
	void *ctx;
};

static int walk_name(void *ctx, const char *name, uint64_t len_bytes, struct error *e)
{
	const struct pack_walk *w = ctx;
	uint64_t number;

	return pack_number(&number, name) ? w->each(w->ctx, number, len_bytes, e) : 0;
}

int vault_each_pack(struct vault *v,
		    int (*each)(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *e),
		    void *ctx, struct error *e)
{
	struct pack_walk w = { each, ctx };

	return v->b->calls->list(v->b, "pack/", walk_name, &w, e);
}

static int note_highest(void *ctx, uint64_t pack, __attribute__((unused)) uint64_t len_bytes,
			__attribute__((unused)) struct error *e)
{
	uint64_t *highest = ctx;

	if (pack > *highest)
		*highest = pack;
	return 0;
}

int vault_next_pack(struct vault *v, uint64_t *ret_pack, struct error *e)
{
	uint64_t highest = 0;
	int code = vault_each_pack(v, note_highest, &highest, e);

	if (code < 0)
		return code;
	if (highest >= PACK_NUMBER_MAX)
		return error_set(e, E_RANGE, "no number is left for a pack");
	*ret_pack = highest + 1;
	return 0;
}

int vault_remove_pack(struct vault *v, uint64_t pack, struct error *e)
{
	char name[PACK_NAME_LEN + 1];

	if (pack > PACK_NUMBER_MAX)
		return error_set(e, E_RANGE, "no pack %" PRIu64, pack);
	pack_name(name, pack);
	return v->b->calls->remove(v->b, name, e);
}

/* Writing a pack */

int vault_begin(struct vault *v, uint64_t pack, struct error *e)
{
	char name[PACK_NAME_LEN + 1];
	uint64_t size;
	int code;

	if (v->begun)
		return error_set(e, E_CONFLICT, "pack %" PRIu64 " is begun already", v->pack);
	if (pack > PACK_NUMBER_MAX)
		return error_set(e, E_RANGE, "no pack %" PRIu64, pack);
	pack_name(name, pack);
	code = v->b->calls->size(v->b, name, &size, e);
	if (code == 0)
		return error_set(e, E_CONFLICT, "there is a %s already", name);
	if (code != E_NOT_FOUND)
		return code;
	error_clear(e);
	v->begun = true;
	v->started = v->broken = false;
	v->pack = pack;
	v->len_bytes = 0;
	return 0;
}

static void object_end(struct vault *v)
{
	buf_clear(v->object.plain);
	wipe(v->object.key, SEAL_KEY_LEN);
	v->object.begun = false;
}

void vault_drop(struct vault *v)
{
	if (v->begun && v->started)
		v->b->calls->drop(v->b);
	buf_clear(v->out);
	object_end(v);
	v->begun = false;
}

static int flush(struct vault *v, struct error *e)
{
	char name[PACK_NAME_LEN + 1];
	int code;

	if (v->out->len == 0)
		return 0;
	if (!v->started) {
		pack_name(name, v->pack);
		code = v->b->calls->begin(v->b, name, e);
		if (code < 0)
			return code;
		v->started = true;
	}
	code = v->b->calls->part(v->b, v->out->data, v->out->len, e);
	buf_clear(v->out);
	return code;
}

static int broken(struct vault *v, int code)
{
	v->broken = v->broken || code < 0;
	return code;
}

int vault_finish(struct vault *v, struct error *e)
{
	int code = 0;

	if (!v->begun || v->broken || v->object.begun)
		return error_set(e, E_CONFLICT, "no whole pack to finish");
	if (v->len_bytes > 0)
		code = flush(v, e);
	if (code == 0 && v->len_bytes > 0)
		code = v->b->calls->finish(v->b, e);
	if (code < 0)
		return broken(v, code);
	v->begun = false;
	if (v->len_bytes > 0)
		FAULT(vault_pack_written);
	return 0;
}

/* Writing an object */

/* After a half written object nothing may follow: v is broken until it is. */
static int writable(const struct vault *v, bool object, struct error *e)
{
	if (!v->begun || v->broken || v->object.begun != object)
		return error_set(e, E_CONFLICT, object ? "no object is begun" :
							 "no pack to add an object to");
	return 0;
}

int vault_add_begin(struct vault *v, uint8_t kind, uint64_t slot, uint64_t owner,
		    const uint8_t key[SEAL_KEY_LEN], uint64_t plain_len, struct error *e)
{
	struct vault_object *o = &v->object;

	if (writable(v, false, e) < 0)
		return e->code;
	if (kind < OBJECT_CARD || kind > OBJECT_KIND_LAST || plain_len > OBJECT_LEN_MAX)
		return error_set(e, E_RANGE, "no object of kind %u and %" PRIu64 " bytes", kind,
				 plain_len);
	o->head = (struct object_head){ .kind = kind, .slot = slot, .owner = owner,
					.plain_len = plain_len };
	random_bytes(o->head.prefix, sizeof(o->head.prefix));
	object_head_put(o->raw_head, &o->head);
	memcpy(o->key, key, SEAL_KEY_LEN);
	o->at = v->len_bytes;
	o->taken = o->chunk = 0;
	if (buf_put(v->out, o->raw_head, OBJECT_HEAD_LEN, e) < 0)
		return broken(v, E_MEMORY);
	v->len_bytes += OBJECT_HEAD_LEN;
	o->begun = true;
	return 0;
}

static int seal_chunk(struct vault *v, const void *plain, size_t len, struct error *e)
{
	struct vault_object *o = &v->object;
	uint8_t nonce[SEAL_NONCE_LEN];

	object_nonce(nonce, &o->head, o->chunk);
	if (buf_reserve(v->out, len + SEAL_TAG_LEN, e) < 0 ||
	    seal_close(v->out->data + v->out->len, o->key, nonce, o->raw_head, OBJECT_HEAD_LEN,
		       plain, len, e) < 0)
		return e->code;
	v->out->len += len + SEAL_TAG_LEN;
	v->len_bytes += len + SEAL_TAG_LEN;
	o->chunk++;
	buf_clear(o->plain);
	return v->out->len >= OUT_FULL ? flush(v, e) : 0;
}

/* Fill the chunk at hand; a chunk that comes in one part is sealed from where it lies. */
static int take_part(struct vault *v, const uint8_t *plain, size_t len, struct error *e)
{
	struct vault_object *o = &v->object;
	size_t whole = object_chunk_len(o->head.plain_len, o->chunk);
	size_t n = len < whole - o->plain->len ? len : whole - o->plain->len;
	int code;

	o->taken += n;
	if (o->plain->len == 0 && n == whole)
		code = seal_chunk(v, plain, n, e);
	else if (buf_put(o->plain, plain, n, e) < 0)
		code = E_MEMORY;
	else
		code = o->plain->len == whole ? seal_chunk(v, o->plain->data, whole, e) : 0;
	return code < 0 ? code : (int)n;
}

int vault_add_part(struct vault *v, const void *plain, size_t len_bytes, struct error *e)
{
	const uint8_t *p = plain;

	if (writable(v, true, e) < 0)
		return e->code;
	if (len_bytes > v->object.head.plain_len - v->object.taken)
		return broken(v, error_set(e, E_RANGE, "more than the %" PRIu64 " bytes stated",
					   v->object.head.plain_len));
	while (len_bytes > 0) {
		int n = take_part(v, p, len_bytes, e);

		if (n < 0)
			return broken(v, n);
		p += n;
		len_bytes -= (size_t)n;
	}
	return 0;
}

int vault_add_end(struct vault *v, struct place *ret_place, struct error *e)
{
	struct vault_object *o = &v->object;
	int code = writable(v, true, e);

	if (code < 0)
		return code;
	if (o->taken < o->head.plain_len)
		return broken(v, error_set(e, E_RANGE, "only %" PRIu64 " of %" PRIu64 " bytes",
					   o->taken, o->head.plain_len));
	if (o->head.plain_len == 0)
		code = seal_chunk(v, "", 0, e);
	if (code < 0)
		return broken(v, code);
	*ret_place = (struct place){ v->pack, o->at, v->len_bytes - o->at };
	object_end(v);
	return 0;
}

int vault_add(struct vault *v, uint8_t kind, uint64_t slot, uint64_t owner,
	      const uint8_t key[SEAL_KEY_LEN], const void *plain, size_t len_bytes,
	      struct place *ret_place, struct error *e)
{
	int code = vault_add_begin(v, kind, slot, owner, key, len_bytes, e);

	if (code == 0)
		code = vault_add_part(v, plain, len_bytes, e);
	return code < 0 ? code : vault_add_end(v, ret_place, e);
}

/* Copying */

static int copy_pieces(struct vault *v, const char *name, const struct place *from, struct error *e)
{
	for (uint64_t done = 0; done < from->len_bytes;) {
		uint64_t left = from->len_bytes - done;
		uint64_t n = left < COPY_PIECE ? left : COPY_PIECE;
		int code = v->b->calls->get(v->b, name, from->at + done, n, v->out, e);

		if (code == 0 && v->out->len >= OUT_FULL)
			code = flush(v, e);
		if (code < 0)
			return code;
		done += n;
	}
	return 0;
}

int vault_add_sealed(struct vault *v, const struct place *from, struct place *ret_place,
		     struct error *e)
{
	char name[PACK_NAME_LEN + 1];
	struct object_head h;

	if (writable(v, false, e) < 0)
		return e->code;
	pack_name(name, from->pack);
	buf_clear(v->in);
	if (v->b->calls->get(v->b, name, from->at, OBJECT_HEAD_LEN, v->in, e) < 0 ||
	    object_head_parse(&h, v->in->data, e) < 0)
		return e->code;
	if (object_sealed_len(h.plain_len) != from->len_bytes)
		return error_set(e, E_FORMAT, "%s: no object of %" PRIu64 " bytes at %" PRIu64, name,
				 from->len_bytes, from->at);
	if (copy_pieces(v, name, from, e) < 0)
		return broken(v, e->code);
	*ret_place = (struct place){ v->pack, v->len_bytes, from->len_bytes };
	v->len_bytes += from->len_bytes;
	return 0;
}
