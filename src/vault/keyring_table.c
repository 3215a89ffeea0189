/* table-G of keyring_parts.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vault/keyring_parts.h"

static const char domain[] = "rescind/keyring/table/v1"; /* with its NUL */
enum { AAD_LEN = sizeof(domain) + 16 };

void table_done(struct ring_table *t)
{
	if (t->pages)
		wipe(t->pages, pages_of(t->slots) * sizeof(*t->pages));
	free(t->pages);
	*t = (struct ring_table){ .slots = 0 };
}

uint64_t pages_of(uint64_t slots)
{
	return slots / KEYRING_PAGE_SLOTS + (slots % KEYRING_PAGE_SLOTS != 0);
}

unsigned page_used(uint64_t slots, uint64_t page)
{
	uint64_t left = slots - page * KEYRING_PAGE_SLOTS;

	return left < KEYRING_PAGE_SLOTS ? (unsigned)left : KEYRING_PAGE_SLOTS;
}

static bool all_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static int entry_parse(struct ring_page *ret, const uint8_t *p, unsigned used, uint64_t generation,
		       struct error *e)
{
	struct ring_page r = {
		.live = (uint16_t)be_get(p, 2),
		.index = (uint32_t)be_get(p + 4, 4),
		.generation = be_get(p + 8, 8),
	};

	memcpy(r.key, p + 16, SEAL_KEY_LEN);
	*ret = r;
	if (r.live > used || p[2] != 0 || p[3] != 0)
		return error_set(e, E_FORMAT, "%u live of %u slots", r.live, used);
	if (r.live == 0)
		return all_zero(p, TABLE_ENTRY_LEN) ?
			       0 :
			       error_set(e, E_FORMAT, "an erased page is not all zero");
	if (r.generation == 0 || r.generation > generation || r.index >= KEYRING_FILE_PAGES_MAX)
		return error_set(e, E_FORMAT, "page %" PRIu32 " of generation %" PRIu64, r.index,
				 r.generation);
	return 0;
}

static int entries_parse(struct ring_table *t, const uint8_t *p, uint64_t generation,
			 struct error *e)
{
	uint64_t live = 0;

	for (uint64_t i = 0; i < pages_of(t->slots); i++, p += TABLE_ENTRY_LEN) {
		if (entry_parse(&t->pages[i], p, page_used(t->slots, i), generation, e) < 0)
			return error_wrap(e, "page %" PRIu64, i);
		live += t->pages[i].live;
	}
	if (t->slots - live != t->erased)
		return error_set(e, E_FORMAT, "%" PRIu64 " live and %" PRIu64 " erased of %" PRIu64,
				 live, t->erased, t->slots);
	return 0;
}

int table_parse(struct ring_table *ret, const uint8_t *plain, size_t len_bytes, uint64_t generation,
		struct error *e)
{
	struct ring_table t = { .slots = 0 };

	if (len_bytes < TABLE_HEAD_LEN)
		return error_set(e, E_FORMAT, "table of %zu bytes", len_bytes);
	t.slots = be_get(plain, 8);
	t.erased = be_get(plain + 8, 8);
	if (t.slots > KEYRING_SLOTS_MAX ||
	    len_bytes != TABLE_HEAD_LEN + pages_of(t.slots) * TABLE_ENTRY_LEN)
		return error_set(e, E_FORMAT, "table of %zu bytes for %" PRIu64 " slots",
				 len_bytes, t.slots);
	t.pages = calloc(pages_of(t.slots) + 1, sizeof(*t.pages));
	if (!t.pages)
		return error_set(e, E_MEMORY, "out of memory");
	if (entries_parse(&t, plain + TABLE_HEAD_LEN, generation, e) < 0) {
		table_done(&t);
		return e->code;
	}
	*ret = t;
	return 0;
}

static void entry_set(uint8_t *p, const struct ring_page *r)
{
	be_set(p, r->live, 2);
	be_set(p + 2, 0, 2);
	be_set(p + 4, r->index, 4);
	be_set(p + 8, r->generation, 8);
	memcpy(p + 16, r->key, SEAL_KEY_LEN);
}

int table_put(struct buf *b, const struct ring_table *t, struct error *e)
{
	uint64_t count = pages_of(t->slots);
	size_t len = TABLE_HEAD_LEN + count * TABLE_ENTRY_LEN;
	uint8_t *p;

	if (buf_reserve(b, len, e) < 0)
		return E_MEMORY;
	p = b->data + b->len;
	be_set(p, t->slots, 8);
	be_set(p + 8, t->erased, 8);
	for (uint64_t i = 0; i < count; i++)
		entry_set(p + TABLE_HEAD_LEN + i * TABLE_ENTRY_LEN, &t->pages[i]);
	b->len += len;
	return 0;
}

static void aad_make(uint8_t ret[AAD_LEN], const struct ring_current *c)
{
	memcpy(ret, domain, sizeof(domain));
	be_set(ret + sizeof(domain), c->generation, 8);
	be_set(ret + sizeof(domain) + 8, c->epoch, 8);
}

int table_seal(struct buf *b, const struct ring_table *t, const struct ring_current *c,
	       const uint8_t epoch_key[SEAL_KEY_LEN], struct error *e)
{
	uint8_t aad[AAD_LEN], nonce[SEAL_NONCE_LEN], *plain;
	size_t start = b->len, len;
	int code;

	aad_make(aad, c);
	/* Random: one epoch key seals many tables, and the same generation again after a kill. */
	random_bytes(nonce, sizeof(nonce));
	code = buf_put(b, nonce, sizeof(nonce), e);
	if (code == 0)
		code = table_put(b, t, e);
	if (code == 0)
		code = buf_reserve(b, SEAL_TAG_LEN, e);
	if (code < 0)
		return code;
	plain = b->data + start + SEAL_NONCE_LEN;
	len = b->len - start - SEAL_NONCE_LEN;
	b->len += SEAL_TAG_LEN;
	return seal_close(plain, epoch_key, nonce, aad, sizeof(aad), plain, len, e);
}

int table_open(struct ring_table *ret, const uint8_t *bytes, size_t len_bytes,
	       const struct ring_current *c, const uint8_t epoch_key[SEAL_KEY_LEN],
	       struct error *e)
{
	struct ring_table t = { .slots = 0 };
	scoped(buf) *plain = NULL;
	uint8_t aad[AAD_LEN];
	int code;

	if (len_bytes < TABLE_SEALED_EXTRA + TABLE_HEAD_LEN)
		return error_set(e, E_FORMAT, "table of %zu bytes", len_bytes);
	aad_make(aad, c);
	code = buf_create(&plain, len_bytes, e);
	if (code == 0)
		code = seal_open(plain->data, epoch_key, bytes, aad, sizeof(aad),
				 bytes + SEAL_NONCE_LEN, len_bytes - SEAL_NONCE_LEN, e);
	if (code == 0)
		code = table_parse(&t, plain->data, len_bytes - TABLE_SEALED_EXTRA, c->generation,
				   e);
	if (code < 0)
		return code;
	if (t.slots != c->slots || t.erased != c->erased) {
		table_done(&t);
		return error_set(e, E_MISMATCH, "table of other slots than current");
	}
	*ret = t;
	return 0;
}
