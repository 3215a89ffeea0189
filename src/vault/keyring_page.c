/* One page of pages-G of keyring_parts.h: 256 x (state, key). */
#include <inttypes.h>
#include <string.h>

#include "vault/keyring_parts.h"

static const char domain[] = "rescind/keyring/page/v1"; /* with its NUL */
enum { AAD_LEN = sizeof(domain) + 16 };
static const uint8_t no_key[SEAL_KEY_LEN], no_nonce[SEAL_NONCE_LEN];

enum slot_state page_state(const uint8_t *plain, unsigned slot)
{
	return (enum slot_state)plain[slot * PAGE_SLOT_LEN];
}

const uint8_t *page_slot_key(const uint8_t *plain, unsigned slot)
{
	return plain + slot * PAGE_SLOT_LEN + 1;
}

void page_set_live(uint8_t *plain, unsigned slot, const uint8_t key[SEAL_KEY_LEN])
{
	plain[slot * PAGE_SLOT_LEN] = SLOT_LIVE;
	memcpy(plain + slot * PAGE_SLOT_LEN + 1, key, SEAL_KEY_LEN);
}

void page_set_erased(uint8_t *plain, unsigned slot)
{
	wipe(plain + slot * PAGE_SLOT_LEN, PAGE_SLOT_LEN);
	plain[slot * PAGE_SLOT_LEN] = SLOT_ERASED;
}

unsigned page_live(const uint8_t *plain)
{
	unsigned live = 0;

	for (unsigned i = 0; i < KEYRING_PAGE_SLOTS; i++)
		live += page_state(plain, i) == SLOT_LIVE;
	return live;
}

int page_check(const uint8_t *plain, unsigned used, unsigned live, struct error *e)
{
	for (unsigned i = 0; i < KEYRING_PAGE_SLOTS; i++) {
		enum slot_state state = page_state(plain, i);

		if (state > SLOT_ERASED || (state == SLOT_NEVER) != (i >= used))
			return error_set(e, E_FORMAT, "state %u in slot %u of %u", state, i, used);
		if (state != SLOT_LIVE &&
		    memcmp(page_slot_key(plain, i), no_key, SEAL_KEY_LEN) != 0)
			return error_set(e, E_FORMAT, "a key in slot %u, which is not live", i);
	}
	if (page_live(plain) != live)
		return error_set(e, E_FORMAT, "%u live slots instead of %u", page_live(plain),
				 live);
	return 0;
}

static void aad_make(uint8_t ret[AAD_LEN], const struct ring_page *p, uint64_t page)
{
	memcpy(ret, domain, sizeof(domain));
	be_set(ret + sizeof(domain), page, 8);
	be_set(ret + sizeof(domain) + 8, p->generation, 8);
}

int page_seal(uint8_t ret[PAGE_SEALED_LEN], const struct ring_page *p, uint64_t page,
	      const uint8_t plain[PAGE_LEN], struct error *e)
{
	uint8_t aad[AAD_LEN];

	aad_make(aad, p, page);
	return seal_close(ret, p->key, no_nonce, aad, sizeof(aad), plain, PAGE_LEN, e);
}

int page_open(uint8_t ret[PAGE_LEN], const struct ring_page *p, uint64_t page,
	      const uint8_t sealed[PAGE_SEALED_LEN], struct error *e)
{
	uint8_t aad[AAD_LEN];

	aad_make(aad, p, page);
	return seal_open(ret, p->key, no_nonce, aad, sizeof(aad), sealed, PAGE_SEALED_LEN, e);
}
