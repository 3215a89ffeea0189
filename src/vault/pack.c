#include "vault/pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char magic[4] = { 'R', 'S', 'O', '1' };

void pack_name(char ret[PACK_NAME_LEN + 1], uint64_t number)
{
	snprintf(ret, PACK_NAME_LEN + 1, "pack/%012" PRIu64, number % (PACK_NUMBER_MAX + 1));
}

bool pack_number(uint64_t *ret, const char *name)
{
	uint64_t number = 0;

	if (strlen(name) != PACK_NAME_LEN || memcmp(name, "pack/", 5) != 0)
		return false;
	for (const char *p = name + 5; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		number = number * 10 + (uint64_t)(*p - '0');
	}
	*ret = number;
	return true;
}

void object_head_put(uint8_t ret[OBJECT_HEAD_LEN], const struct object_head *h)
{
	memset(ret, 0, OBJECT_HEAD_LEN);
	memcpy(ret, magic, sizeof(magic));
	ret[4] = h->kind;
	be_set(ret + 8, h->slot, 8);
	be_set(ret + 16, h->owner, 8);
	be_set(ret + 24, h->plain_len, 8);
	memcpy(ret + 32, h->prefix, sizeof(h->prefix));
}

int object_head_parse(struct object_head *ret, const uint8_t bytes[OBJECT_HEAD_LEN],
		      struct error *e)
{
	struct object_head h = {
		.kind = bytes[4],
		.slot = be_get(bytes + 8, 8),
		.owner = be_get(bytes + 16, 8),
		.plain_len = be_get(bytes + 24, 8),
	};

	if (memcmp(bytes, magic, sizeof(magic)) != 0)
		return error_set(e, E_FORMAT, "no object begins here");
	if (h.kind < OBJECT_CARD || h.kind > OBJECT_KIND_LAST)
		return error_set(e, E_FORMAT, "object of unknown kind %u", h.kind);
	if (be_get(bytes + 5, 3) != 0 || bytes[39] != 0)
		return error_set(e, E_FORMAT, "object with bytes that should be zero");
	if (h.plain_len > OBJECT_LEN_MAX)
		return error_set(e, E_FORMAT, "object of %" PRIu64 " bytes", h.plain_len);
	memcpy(h.prefix, bytes + 32, sizeof(h.prefix));
	*ret = h;
	return 0;
}

uint64_t object_chunks(uint64_t plain_len)
{
	return plain_len == 0 ? 1 : (plain_len - 1) / OBJECT_CHUNK + 1;
}

uint64_t object_sealed_len(uint64_t plain_len)
{
	return OBJECT_HEAD_LEN + plain_len + object_chunks(plain_len) * SEAL_TAG_LEN;
}

size_t object_chunk_len(uint64_t plain_len, uint64_t chunk)
{
	uint64_t left = plain_len - chunk * OBJECT_CHUNK;

	return left < OBJECT_CHUNK ? (size_t)left : OBJECT_CHUNK;
}

void object_nonce(uint8_t ret[SEAL_NONCE_LEN], const struct object_head *h, uint64_t chunk)
{
	memcpy(ret, h->prefix, sizeof(h->prefix));
	be_set(ret + 7, chunk, 4);
	ret[11] = chunk + 1 == object_chunks(h->plain_len);
}
