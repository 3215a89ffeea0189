/* What tests of the keyring share: a keyring with or without a mirror, and a model of it. */
#ifndef VAULT_KEYRING_TESTING_H
#define VAULT_KEYRING_TESTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/test.h"
#include "vault/keyring_parts.h"

static struct error e;
static struct keydir k;
static char here[PATH_LEN_MAX], mirror[PATH_LEN_MAX];

static inline void make(bool mirrored)
{
	const char *folder = test_folder();

	check_ok(path_join(here, folder, "keys", &e));
	check_ok(path_join(mirror, folder, "mirror", &e));
	check_ok(keydir_create(&k, here, mirrored ? mirror : NULL, &e));
	check_ok(keyring_create(&k, &e));
}

static inline struct keyring *ring(void)
{
	struct keyring *r = NULL;

	check_ok(keyring_open(&r, &k, &e));
	return r;
}

static inline void add(struct keyring *r, uint64_t count)
{
	uint64_t first, want = keyring_slots(r);

	check_ok(keyring_add(r, count, &first, &e));
	check(first >= want);
}

static inline void commit_more(struct keyring *r, uint64_t count)
{
	add(r, count);
	check_ok(keyring_commit(r, &e));
}

static inline void commit_erase(struct keyring *r, uint64_t slot)
{
	check_ok(keyring_erase(r, slot, &e));
	check_ok(keyring_commit(r, &e));
}

static inline bool in_folder(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return file_exists(path);
}

/* cp -a, removing what was there. */
static inline void copy_folder(const char *to, const char *from)
{
	scoped(arena) *a = NULL;
	char **names;
	size_t count;

	check_ok(arena_create(&a, &e));
	check_ok(folder_remove(to, &e));
	check_ok(folder_make(to, 0700, &e));
	check_ok(folder_list(a, from, &names, &count, &e));
	for (size_t i = 0; i < count; i++) {
		char x[PATH_LEN_MAX], y[PATH_LEN_MAX];
		scoped(buf) *b = NULL;
		struct stat st;

		check_ok(path_join(x, from, names[i], &e));
		check_ok(path_join(y, to, names[i], &e));
		check(sys->lstat(x, &st) == 0);
		if (S_ISDIR(st.st_mode)) {
			copy_folder(y, x);
			continue;
		}
		check_ok(file_read(x, 1 << 26, &b, &e));
		check_ok(file_write(y, b->data, b->len, 0600, &e));
	}
}

/* The model: what every slot should be. */
enum { MODEL_MAX = 4000 };
static uint8_t model_key[MODEL_MAX][SEAL_KEY_LEN];
static bool model_alive[MODEL_MAX];
static uint64_t model_slots;

static inline void expect_model(struct keyring *r)
{
	scoped(set) *s = NULL;
	uint64_t erased = 0;

	check_ok(set_create(&s, &e));
	check_ok(keyring_erased_set(r, s, &e));
	check(keyring_slots(r) == model_slots);
	for (uint64_t i = 0; i < model_slots; i++) {
		uint8_t key[SEAL_KEY_LEN];
		bool alive;

		check_ok(keyring_alive(r, i, &alive, &e));
		check(alive == model_alive[i] && set_has(s, i) == !alive);
		erased += !alive;
		if (!alive) {
			check_code(keyring_key(r, i, key, &e), E_NOT_FOUND);
			continue;
		}
		check_ok(keyring_key(r, i, key, &e));
		check(memcmp(key, model_key[i], SEAL_KEY_LEN) == 0);
	}
	check(keyring_erased(r) == erased && set_count(s) == erased);
}

static inline void model_change(struct keyring *r, unsigned *seed)
{
	uint64_t more = (uint64_t)rand_r(seed) % 200, first;
	unsigned erase = rand_r(seed) % 3 == 0 ? (unsigned)rand_r(seed) % 60 : 0;

	if (model_slots + more > MODEL_MAX)
		more = 0;
	check_ok(keyring_add(r, more, &first, &e));
	check(first == model_slots);
	for (; model_slots < first + more; model_slots++) {
		check_ok(keyring_key(r, model_slots, model_key[model_slots], &e));
		model_alive[model_slots] = true;
	}
	for (unsigned i = 0; i < erase && model_slots > 0; i++) {
		/* Runs, so that whole pages go too; also slots just added. */
		uint64_t slot = (uint64_t)rand_r(seed) % model_slots;

		for (uint64_t j = slot; j < slot + 40 && j < model_slots; j++) {
			check_ok(keyring_erase(r, j, &e));
			model_alive[j] = false;
		}
	}
	check_ok(keyring_commit(r, &e));
}

#endif
