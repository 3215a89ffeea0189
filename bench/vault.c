/*
 * What the vault and the keyring cost: `ninja vault-bench && ./src/vault/vault-bench FOLDER`,
 * where FOLDER is on the disk in question (an empty one below it is made, used and removed).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "vault/keyring.h"
#include "vault/vault.h"

enum { SLOTS = 3000000, BATCH = 1000000, OBJECTS = 20000, OBJECT_LEN = 11000 };

static struct error e;

static void must(int code)
{
	if (code >= 0)
		return;
	fprintf(stderr, "vault-bench: %s\n", e.text);
	exit(1);
}

static double ms_since(uint64_t start_us)
{
	return (double)(sys->monotonic_us() - start_us) / 1000;
}

static void more_slots(struct keyring *r, uint64_t count)
{
	uint64_t first, start = sys->monotonic_us();
	char what[64];

	must(keyring_add(r, count, &first, &e));
	must(keyring_commit(r, &e));
	snprintf(what, sizeof(what), "%" PRIu64 " slots added and committed, mirrored", count);
	printf("%-48s %9.1f ms\n", what, ms_since(start));
}

static void erase_spread(struct keyring *r, uint64_t count, uint64_t of)
{
	uint64_t start = sys->monotonic_us();
	char what[64];

	for (uint64_t i = 0; i < count; i++)
		must(keyring_erase(r, i * 7919 % of, &e));
	must(keyring_commit(r, &e));
	snprintf(what, sizeof(what), "%" PRIu64 " of %" PRIu64 " slots erased", count, of);
	printf("%-48s %9.1f ms\n", what, ms_since(start));
}

static void read_keys(struct keyring *r, uint64_t step, const char *what)
{
	uint8_t key[SEAL_KEY_LEN];
	uint64_t start = sys->monotonic_us();

	for (uint64_t i = 0, slot = 0; i < 100000; i++, slot = (slot + step) % SLOTS)
		if (keyring_key(r, slot, key, &e) < 0 && e.code != E_NOT_FOUND)
			must(e.code);
	printf("%-48s %9.2f us\n", what, ms_since(start) / 100);
}

static void bench_keyring(const char *path, const char *mirror)
{
	struct keydir k;
	struct keyring *r;
	struct set *s;
	uint64_t start;

	must(keydir_create(&k, path, mirror, &e));
	must(keyring_create(&k, &e));
	must(keyring_open(&r, &k, &e));
	more_slots(r, 100000);
	erase_spread(r, 10000, 100000);
	more_slots(r, BATCH - 100000);
	more_slots(r, BATCH);
	more_slots(r, BATCH);
	more_slots(r, 256);
	keyring_close(r);
	start = sys->monotonic_us();
	must(keyring_open(&r, &k, &e));
	printf("%-48s %9.1f ms\n", "keyring_open with 3,000,256 slots", ms_since(start));
	start = sys->monotonic_us();
	must(keyring_recover(r, &e));
	printf("%-48s %9.1f ms\n", "keyring_recover with nothing to do", ms_since(start));
	read_keys(r, 1, "key of a slot, in order");
	read_keys(r, 1299721, "key of a slot, anywhere");
	erase_spread(r, 1000, SLOTS);
	must(set_create(&s, &e));
	start = sys->monotonic_us();
	must(keyring_erased_set(r, s, &e));
	printf("%-48s %9.1f ms\n", "set of all erased slots", ms_since(start));
	set_destroy(s);
	keyring_close(r);
}

/* AES-GCM alone, the same bytes. */
static void bench_seal(uint8_t *plain)
{
	static uint8_t out[OBJECT_LEN + SEAL_TAG_LEN];
	uint8_t key[SEAL_KEY_LEN] = { 1 }, nonce[SEAL_NONCE_LEN] = { 0 }, aad[40] = { 0 };
	uint64_t start = sys->monotonic_us();

	for (uint64_t i = 0; i < OBJECTS; i++) {
		be_set(nonce, i, 8);
		must(seal_close(out, key, nonce, aad, sizeof(aad), plain, OBJECT_LEN, &e));
	}
	printf("%-48s %9.2f us\n", "seal_close of 11 kB alone", ms_since(start) * 1000 / OBJECTS);
}

static void bench_vault(const char *path)
{
	static struct place at[OBJECTS];
	uint8_t key[SEAL_KEY_LEN] = { 1 }, plain[OBJECT_LEN] = { 2 };
	struct blobs *b;
	struct vault *v;
	struct buf *out;
	uint64_t start;

	bench_seal(plain);
	must(blobs_open_folder(&b, path, 0700, &e));
	must(vault_open(&v, b, &e));
	must(buf_create(&out, OBJECT_LEN, &e));
	must(vault_begin(v, 1, &e));
	start = sys->monotonic_us();
	for (uint64_t i = 0; i < OBJECTS; i++)
		must(vault_add(v, OBJECT_BYTES, i, i, key, plain, OBJECT_LEN, &at[i], &e));
	printf("%-48s %9.2f us\n", "vault_add of 11 kB", ms_since(start) * 1000 / OBJECTS);
	start = sys->monotonic_us();
	must(vault_finish(v, &e));
	printf("%-48s %9.1f ms\n", "vault_finish of 220 MB", ms_since(start));
	start = sys->monotonic_us();
	for (uint64_t i = 0; i < OBJECTS; i++) {
		uint64_t j = i * 7919 % OBJECTS;

		buf_clear(out);
		must(vault_get(v, &at[j], OBJECT_BYTES, j, j, key, out, &e));
	}
	printf("%-48s %9.2f us\n", "vault_get of 11 kB, anywhere", ms_since(start) * 1000 / OBJECTS);
	buf_destroy(out);
	vault_close(v);
	blobs_close(b);
}

int main(int argc, char **argv)
{
	char folder[PATH_LEN_MAX], keys[PATH_LEN_MAX], mirror[PATH_LEN_MAX], vault[PATH_LEN_MAX];

	if (argc != 2) {
		fprintf(stderr, "usage: vault-bench FOLDER\n");
		return 1;
	}
	must(path_join(folder, argv[1], "vault-bench.d", &e));
	must(path_join(keys, folder, "keys", &e));
	must(path_join(mirror, folder, "mirror", &e));
	must(path_join(vault, folder, "vault", &e));
	must(folder_make(folder, 0700, &e));
	bench_keyring(keys, mirror);
	bench_vault(vault);
	must(folder_remove(folder, &e));
	return 0;
}
