#include <stdlib.h>
#include <string.h>

#include "vault/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	struct blobs blobs;
	const uint8_t *data;
	size_t size;
};

static int memory_get(struct blobs *b, __attribute__((unused)) const char *name, uint64_t at,
		      uint64_t len_bytes, struct buf *out, struct error *e)
{
	const struct memory *m = (const struct memory *)b;

	if (at > m->size || len_bytes > m->size - at)
		return error_set(e, E_FORMAT, "ends earlier");
	return buf_put(out, m->data + at, (size_t)len_bytes, e);
}

static int memory_size(struct blobs *b, __attribute__((unused)) const char *name,
		       uint64_t *ret_bytes, __attribute__((unused)) struct error *e)
{
	*ret_bytes = ((const struct memory *)b)->size;
	return 0;
}

/* Its head is spelt again as it was; places follow each other; and no object opens. */
static int each(void *ctx, const struct object_head *h, const struct place *at, struct error *e)
{
	static const uint8_t key[SEAL_KEY_LEN] = "no seed is sealed under this";
	struct memory *m = ctx;
	uint8_t again[OBJECT_HEAD_LEN];
	scoped(buf) *out = NULL;
	scoped(vault) *v = NULL;

	object_head_put(again, h);
	if (at->at + at->len_bytes > m->size ||
	    memcmp(again, m->data + at->at, OBJECT_HEAD_LEN) != 0)
		abort();
	if (vault_open(&v, &m->blobs, e) < 0 || buf_create(&out, 0, e) < 0)
		return e->code;
	if (vault_get(v, at, h->kind, h->slot, h->owner, key, out, e) == 0 || out->len > 0)
		abort();
	return 0;
}

/* A whole pack. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct blobs_calls calls = { .get = memory_get, .size = memory_size };
	struct memory m = { { &calls }, data, size };
	scoped(vault) *v = NULL;
	struct error e;

	if (vault_open(&v, &m.blobs, &e) < 0)
		return 0;
	if (vault_scan(v, 1, each, &m, &e) > 0)
		abort();
	return 0;
}
