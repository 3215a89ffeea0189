/*
 * How fast entries become durable and public, beside SQLite taking the same bytes: commitments of 32
 * bytes, facts of 300. Ours is the whole way of a change of a repository, by the calls that changes
 * use: rows, heads signed, the catalog's transaction, tiles and bundles of both logs, the anchor (in
 * one place, no mirror), heads public; a batch of commitments brings one fact. Sealed objects are not in
 * it: pack and keyring, which come before. SQLite's is a table of number and bytes in a WAL with
 * synchronous=FULL, its own way to one sync for each transaction. And how long a node of the tree
 * takes beside libcrypto's own SHA-256 of its 65 bytes. Medians of ROUNDS.
 * usage: log-bench FOLDER (which is made; 3 GB). bench/log.sh builds and runs it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "repo/inside.h"

enum { ENTRIES = 1 << 18, FACT_BYTES = 300, NODES = 3000000, ROUNDS = 3 };

static struct error e;
static uint8_t fact[FACT_BYTES];

static void must(int code)
{
	if (code < 0 || e.code != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

struct took {
	double s, cpu_s;
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct took now(void)
{
	return (struct took){ seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID) };
}

static struct took since(struct took began)
{
	struct took t = now();

	return (struct took){ t.s - began.s, t.cpu_s - began.cpu_s };
}

/* Entry n: unlike any other. */
static void entry_make(uint8_t *ret, size_t len, uint64_t n)
{
	memset(ret, 'x', len);
	memcpy(ret, &n, sizeof(n));
}

static struct repo *fresh_repo(const char *folder)
{
	char keys[PATH_LEN_MAX];
	struct repo_new n = { .folder = folder, .origin = "bench", .keys = keys, .solo = true };
	struct repo_options o = { .folder = folder, .at_utc_ms = TIME_NONE };
	struct repo *r;

	snprintf(keys, sizeof(keys), "%.4000s/keys", folder);
	must(folder_make(folder, 0700, &e));
	must(repo_init(&n, &e));
	must(repo_open(&r, &o, &e));
	must(repo_lock(r, &e));
	return r;
}

static void add_entries(struct repo *r, uint64_t facts, size_t more_facts, uint64_t records,
			size_t more_records)
{
	struct hash *h = calloc(more_records + 1, sizeof(*h));

	must(h ? 0 : -1);
	for (size_t i = 0; i < more_facts; i++) {
		entry_make(fact, sizeof(fact), facts + i);
		must(catalog_add_fact(r->catalog, facts + i, fact, sizeof(fact), &e));
	}
	for (size_t i = 0; i < more_records; i++)
		entry_make(h[i].b, sizeof(h[i]), records + i);
	must(catalog_add_commitments(r->catalog, records, h, more_records, &e));
	free(h);
}

/* Of a change with records, one fact says so. */
static void change(struct repo *r, bool facts, size_t batch)
{
	uint64_t have_facts, have_records;
	bool ended = false;

	must(catalog_begin(r->catalog, &e));
	must(catalog_fact_count(r->catalog, &have_facts, &e));
	must(catalog_commitment_count(r->catalog, &have_records, &e));
	add_entries(r, have_facts, facts ? batch : 1, have_records, facts ? 0 : batch);
	must(repo_count_change(r, &e));
	must(publish_with(r, &ended, &e));
}

static struct took ours_run(const char *folder, bool facts, size_t batch)
{
	struct repo *r = fresh_repo(folder);
	struct took began = now();

	for (uint64_t n = 0; n < ENTRIES; n += batch)
		change(r, facts, batch);
	repo_unlock(r); /* the last heads outlast a power cut */
	began = since(began);
	repo_close(r);
	return began;
}

static void sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(db));
		exit(1);
	}
}

static struct took sqlite_run(const char *path, size_t len, size_t batch)
{
	struct took began;
	sqlite3_stmt *s;
	sqlite3 *db;

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
	began = since(began);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return began;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *list)
{
	qsort(list, ROUNDS, sizeof(*list), by_size);
	return list[ROUNDS / 2];
}

/* In turns, so that what else the disk does meets both. Nothing is removed meanwhile: ext4 without a
 * journal looks at each inode of a file that went in the last minute before it makes another. */
static void appends(const char *folder, bool facts, size_t batch)
{
	double a[ROUNDS], b[ROUNDS], ratio[ROUNDS], cpu[ROUNDS];
	char ours[PATH_LEN_MAX], theirs[PATH_LEN_MAX];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(ours, sizeof(ours), "%.3900s/%d-%zu-%d", folder, facts, batch, i);
		snprintf(theirs, sizeof(theirs), "%.3900s/%d-%zu-%d.sqlite", folder, facts, batch, i);
		struct took us = ours_run(ours, facts, batch);
		struct took they = sqlite_run(theirs, facts ? FACT_BYTES : HASH_LEN, batch);

		a[i] = us.s;
		b[i] = they.s;
		ratio[i] = us.s / they.s;
		cpu[i] = us.cpu_s / they.cpu_s;
	}
	printf("%-11s %6zu %9.0f %9.0f %6.2f %6.2f\n", facts ? "facts" : "commitments", batch,
	       ENTRIES / median(a), ENTRIES / median(b), median(ratio), median(cpu));
	fflush(stdout);
}

static void nodes(void)
{
	struct hash left = { { 1 } }, right = { { 2 } };
	uint8_t message[65] = { 1 };
	double began = now().s, a;

	for (int i = 0; i < NODES; i++)
		tree_node(&left, &left, &right);
	a = now().s - began;
	began = now().s;
	for (int i = 0; i < NODES; i++) {
		SHA256_CTX c;

		SHA256_Init(&c);
		SHA256_Update(&c, message, sizeof(message));
		SHA256_Final(message + 1, &c);
	}
	began = now().s - began;
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
	printf("entries      batch   ours/s  SQLite/s  ratio  of CPU\n");
	for (size_t i = 0; i < COUNT_OF(batches); i++)
		for (int facts = 0; facts < 2; facts++)
			appends(argv[1], facts, batches[i]);
	nodes();
	return 0;
}
