/*
 * How fast entries become durable and public, beside SQLite taking the same bytes with one sync for
 * each batch: commitments of 32 bytes, facts of 300. Ours is the whole way of a change: catalog
 * transaction, tiles and bundles, head signed and stored, head public. And how long a node of
 * the tree takes beside libcrypto's own SHA-256 of its 65 bytes.
 * usage: log-bench FOLDER (which is made; 300 MB). Built by `ninja src/repo/log-bench`.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "catalog/catalog.h"
#include "crypto/sign.h"
#include "log/log.h"
#include "wire/note.h"

enum { ENTRIES = 1 << 18, FACT_BYTES = 300, NODES = 3000000 };

static struct error e;
static uint8_t fact[FACT_BYTES];

static void must(int code)
{
	if (code < 0 || e.code != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Entry n: unlike any other. */
static void entry_make(uint8_t *ret, size_t len, uint64_t n)
{
	memset(ret, 'x', len);
	memcpy(ret, &n, sizeof(n));
}

struct ours {
	struct catalog *catalog;
	struct blobs *blobs;
	struct note_key key;
	uint8_t seed[SIGN_SEED_LEN];
	struct head head; /* the public one */
	bool facts;
};

static void ours_open(struct ours *o, const char *folder, bool facts)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char path[PATH_LEN_MAX];

	memset(o, 0, sizeof(*o));
	o->facts = facts;
	must(folder_make(folder, 0700, &e));
	must(path_join(path, folder, "catalog.db", &e));
	must(catalog_open(&o->catalog, path, true, &e));
	must(path_join(path, folder, "log", &e));
	must(blobs_open_folder(&o->blobs, path, 0755, &e));
	must(sign_public(public_key, o->seed, &e));
	must(note_key_make(&o->key, "bench/facts", NOTE_ED25519, public_key, &e));
	strcpy(o->head.origin, "bench/facts");
	tree_root(&o->head.root, NULL, 0);
}

static void commit_entries(struct ours *o, uint64_t first, size_t count)
{
	struct hash *h = calloc(count, sizeof(*h));

	must(h ? 0 : -1);
	must(catalog_begin(o->catalog, &e));
	for (size_t i = 0; i < count && o->facts; i++) {
		entry_make(fact, sizeof(fact), first + i);
		must(catalog_add_fact(o->catalog, first + i, fact, sizeof(fact), &e));
	}
	for (size_t i = 0; i < count; i++)
		entry_make(h[i].b, sizeof(h[i]), first + i);
	if (!o->facts)
		must(catalog_add_commitments(o->catalog, first, h, count, &e));
	must(catalog_commit(o->catalog, &e));
	free(h);
}

static void make_tiles(struct ours *o, uint64_t first, size_t count)
{
	size_t len = o->facts ? FACT_BYTES : HASH_LEN;
	scoped(log) *l = NULL;

	must(log_open(&l, o->blobs, o->head.size, &o->head.root, &e));
	for (size_t i = 0; i < count; i++) {
		entry_make(fact, len, first + i);
		must(log_add(l, fact, len, &e));
	}
	must(log_write(l, &e));
	o->head.size = log_size(l);
	log_root(l, &o->head.root);
}

static void publish(struct ours *o)
{
	scoped(buf) *text = NULL, *note = NULL;

	must(buf_create(&text, 256, &e));
	must(buf_create(&note, 512, &e));
	must(head_put(&o->head, text, &e));
	must(note_sign(note, buf_text(text), text->len, &o->key, o->seed, &e));
	must(catalog_begin(o->catalog, &e));
	must(catalog_add_head(o->catalog, 0, o->head.size, note->data, note->len, &e));
	must(catalog_commit(o->catalog, &e));
	must(log_publish(o->blobs, note->data, note->len, &e));
}

static double ours_run(const char *folder, bool facts, size_t batch)
{
	struct ours o;
	double began;

	ours_open(&o, folder, facts);
	began = now();
	for (uint64_t n = 0; n < ENTRIES; n += batch) {
		commit_entries(&o, n, batch);
		make_tiles(&o, n, batch);
		publish(&o);
	}
	began = now() - began;
	catalog_close(o.catalog);
	blobs_close(o.blobs);
	return began;
}

static void sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(db));
		exit(1);
	}
}

static double sqlite_run(const char *path, size_t len, size_t batch)
{
	sqlite3_stmt *s;
	sqlite3 *db;
	double began;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		exit(1);
	sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"CREATE TABLE entry (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
	sqlite3_prepare_v2(db, "INSERT INTO entry VALUES (?, ?)", -1, &s, NULL);
	began = now();
	for (uint64_t n = 0; n < ENTRIES; n += batch) {
		sql(db, "BEGIN");
		for (uint64_t i = n; i < n + batch; i++) {
			entry_make(fact, len, i);
			sqlite3_bind_int64(s, 1, (sqlite3_int64)i);
			sqlite3_bind_blob(s, 2, fact, (int)len, SQLITE_STATIC);
			if (sqlite3_step(s) != SQLITE_DONE)
				exit(1);
			sqlite3_reset(s);
		}
		sql(db, "COMMIT");
	}
	began = now() - began;
	sqlite3_finalize(s);
	sqlite3_close(db);
	return began;
}

static void appends(const char *folder, bool facts, size_t batch)
{
	char ours[PATH_LEN_MAX], theirs[PATH_LEN_MAX];
	double a, b;

	snprintf(ours, sizeof(ours), "%.3900s/%s-%zu", folder, facts ? "facts" : "commitments", batch);
	snprintf(theirs, sizeof(theirs), "%.3900s/%s-%zu.sqlite", folder,
		 facts ? "facts" : "commitments", batch);
	a = ours_run(ours, facts, batch);
	b = sqlite_run(theirs, facts ? FACT_BYTES : HASH_LEN, batch);
	printf("%-11s in batches of %6zu: %8.0f/s, SQLite %8.0f/s, ratio %5.2f\n",
	       facts ? "facts" : "commitments", batch, ENTRIES / a, ENTRIES / b, a / b);
}

static void nodes(void)
{
	struct hash left = { { 1 } }, right = { { 2 } };
	uint8_t message[65] = { 1 };
	double began = now(), a;

	for (int i = 0; i < NODES; i++)
		tree_node(&left, &left, &right);
	a = now() - began;
	began = now();
	for (int i = 0; i < NODES; i++) {
		SHA256_CTX c;

		SHA256_Init(&c);
		SHA256_Update(&c, message, sizeof(message));
		SHA256_Final(message + 1, &c);
	}
	began = now() - began;
	printf("nodes of 65 bytes: %.1f ns, libcrypto %.1f ns, ratio %.2f\n", a / NODES * 1e9,
	       began / NODES * 1e9, a / began);
}

int main(int argc, char **argv)
{
	static const size_t batches[] = { 4096, 16384, 65536 };

	if (argc != 2) {
		fprintf(stderr, "usage: log-bench FOLDER\n");
		return 2;
	}
	must(folder_make(argv[1], 0700, &e));
	for (size_t i = 0; i < COUNT_OF(batches); i++)
		for (int facts = 0; facts < 2; facts++)
			appends(argv[1], facts, batches[i]);
	nodes();
	return 0;
}
