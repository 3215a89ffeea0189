/* A witness of our own, without HTTP: what it signs, what it refuses, what it remembers. */
#include <errno.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/test.h"
#include "flow/cosigner_inside.h"
#include "wire/add_checkpoint.h"

#define ORIGIN "o.example/facts"
enum { LEAVES = 40 };

static struct error e;
static const uint8_t log_seed[SIGN_SEED_LEN] = { 1 }, other_seed[SIGN_SEED_LEN] = { 2 };
static struct hash leaves[LEAVES], forked[LEAVES];
static struct note_key log_key;
static char folder[PATH_LEN_MAX];

static struct note_key key_of(const char *name, const uint8_t *seed)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;

	check_ok(sign_public(public_key, seed, &e));
	check_ok(note_key_make(&k, name, NOTE_ED25519, public_key, &e));
	return k;
}

static struct cosigner *reopened(void)
{
	struct cosigner *c = NULL;

	check_ok(cosigner_open(&c, folder, &e));
	return c;
}

/* A witness that knows the log, in a folder of its own. */
static struct cosigner *fresh(void)
{
	static int number;
	scoped(buf) *vkey = NULL;
	struct cosigner *c;
	char name[32];

	for (int i = 0; i < LEAVES; i++) {
		tree_leaf(&leaves[i], &i, sizeof(i));
		forked[i] = leaves[i];
	}
	tree_leaf(&forked[3], "x", 1);
	log_key = key_of(ORIGIN, log_seed);
	snprintf(name, sizeof(name), "w%d", number++);
	check_ok(path_join(folder, test_folder(), name, &e));
	check_ok(cosigner_make(folder, "w.example/1", &e));
	c = reopened();
	check_ok(buf_create(&vkey, 256, &e));
	check_ok(note_key_put(&log_key, vkey, &e));
	check_ok(cosigner_add_log(c, ORIGIN, buf_text(vkey), &e));
	return c;
}

/* A request to grow from old to size of these leaves. */
static struct buf *request(const struct hash *of, uint64_t old, uint64_t size)
{
	struct tree_array a = { of, LEAVES };
	struct tree_path path = { .count = 0 };
	struct head h = { .size = size };
	scoped(buf) *text = NULL, *note = NULL;
	struct buf *b = NULL;

	snprintf(h.origin, sizeof(h.origin), "%s", ORIGIN);
	tree_root(&h.root, of, size);
	if (old > 0 && old < size)
		check_ok(tree_prove_growth(&path, old, size, tree_array_read, &a, &e));
	check_ok(buf_create(&text, 256, &e));
	check_ok(buf_create(&note, 512, &e));
	check_ok(buf_create(&b, 512, &e));
	check_ok(head_put(&h, text, &e));
	check_ok(note_sign(note, buf_text(text), text->len, &log_key, log_seed, &e));
	check_ok(add_request_put(b, old, &path, note->data, note->len, &e));
	return b;
}

/* Its status; the answer is checked for what belongs to it. */
static unsigned sent(struct cosigner *c, const struct buf *b, uint64_t *ret_size)
{
	struct cosigner_answer a = { 0 };
	unsigned status;

	check_ok(cosigner_add_checkpoint(c, b->data, b->len, &a, &e));
	status = a.status;
	if (status == 200) {
		scoped(add_request) *q = NULL;
		scoped(buf) *joined = NULL;

		check_ok(add_request_parse(&q, b->data, b->len, &e));
		check_ok(buf_create(&joined, 512, &e));
		check_ok(add_answer_take(joined, q->note->text,
					 b->len - (size_t)(q->note->text - (const char *)b->data),
					 a.body->data, a.body->len, &c->key[0], &e));
	}
	if (status == 409) {
		uint64_t size = 0;

		assert_string_equal(a.type, "text/x.tlog.size");
		check_ok(add_size_parse(&size, a.body->data, a.body->len, &e));
		if (ret_size)
			*ret_size = size;
	}
	buf_destroy(a.body);
	return status;
}

static unsigned grown(struct cosigner *c, const struct hash *of, uint64_t old, uint64_t size)
{
	scoped(buf) *b = request(of, old, size);

	return sent(c, b, NULL);
}

TEST(it_signs_every_head_that_continues_the_last_one_and_no_other)
{
	for (uint64_t last = 0; last < 8; last++)
		for (uint64_t old = 0; old < 8; old++)
			for (uint64_t size = old; size < 8; size++) {
				scoped(cosigner) *c = NULL;
				scoped(buf) *b = NULL;
				uint64_t told = UINT64_MAX;
				unsigned status;

				if (size != 7 && size != old && old != 0)
					continue;
				c = fresh();
				if (last > 0)
					check(grown(c, leaves, 0, last) == 200);
				b = request(leaves, old, size);
				status = sent(c, b, &told);
				check(status == (old == last ? 200U : 409U));
				check(status == 200 || told == last);
			}
}

TEST(a_fork_is_never_signed)
{
	scoped(cosigner) *c = fresh();

	check(grown(c, leaves, 0, 7) == 200);
	check(grown(c, forked, 7, 20) == 422);
	check(grown(c, forked, 7, 7) == 422);
	check(grown(c, leaves, 7, 20) == 200);
	check(grown(c, forked, 20, 21) == 422);
	check(grown(c, leaves, 20, 20) == 200);
	check(grown(c, leaves, 7, 20) == 409);
	check(grown(c, leaves, 20, 19) == 400);
}

TEST(a_proof_with_any_hash_changed_dropped_or_added_is_refused)
{
	scoped(cosigner) *c = fresh();
	scoped(buf) *good = NULL, *more = NULL;
	scoped(add_request) *q = NULL;
	struct tree_path path;
	size_t begin;

	check(grown(c, leaves, 0, 7) == 200);
	good = request(leaves, 7, 33);
	check_ok(add_request_parse(&q, good->data, good->len, &e));
	begin = (size_t)(q->note->text - (const char *)good->data);
	for (size_t i = 0; i <= q->path.count; i++) {
		scoped(buf) *b = NULL;

		path = q->path;
		if (i < path.count)
			path.hash[i].b[5] ^= 1;
		else
			path.count--;
		check_ok(buf_create(&b, 512, &e));
		check_ok(add_request_put(b, 7, &path, q->note->text, good->len - begin, &e));
		check(sent(c, b, NULL) == 422);
	}
	check(sent(c, good, NULL) == 200);
	check_ok(buf_create(&more, 512, &e));
	path = (struct tree_path){ .count = 1 };
	check_ok(add_request_put(more, 33, &path, q->note->text, good->len - begin, &e));
	check(sent(c, more, NULL) == 422); /* of equal sizes there is nothing to prove */
}

TEST(heads_of_others_and_by_others_are_not_signed)
{
	scoped(cosigner) *c = fresh();
	struct note_key other = key_of(ORIGIN, other_seed), elsewhere = key_of("p.example", log_seed);
	struct tree_path none = { .count = 0 };
	const struct { const struct note_key *k; const uint8_t *seed; const char *origin; unsigned want; }
		cases[] = {
			{ &other, other_seed, ORIGIN, 403 },
			{ &elsewhere, log_seed, "p.example", 404 },
			{ &elsewhere, log_seed, ORIGIN, 403 },
			{ &log_key, log_seed, "p.example", 404 },
			{ &log_key, log_seed, ORIGIN, 200 },
		};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		scoped(buf) *text = NULL, *note = NULL, *b = NULL;

		check_ok(buf_create(&text, 256, &e));
		check_ok(buf_create(&note, 512, &e));
		check_ok(buf_create(&b, 512, &e));
		check_ok(buf_printf(text, &e, "%s\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
				    cases[i].origin));
		check_ok(note_sign(note, buf_text(text), text->len, cases[i].k, cases[i].seed, &e));
		check_ok(add_request_put(b, 0, &none, note->data, note->len, &e));
		check(sent(c, b, NULL) == cases[i].want);
	}
}

TEST(the_empty_tree_has_one_root_and_what_is_no_request_is_refused)
{
	static const char *const texts[] = {
		ORIGIN "\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		ORIGIN "\n0\nCsUYapGG\n", ORIGIN "\n05\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		ORIGIN "\n", ORIGIN "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
	};
	static const unsigned want[] = { 422, 400, 400, 400, 200 };
	scoped(cosigner) *c = fresh();
	struct tree_path none = { .count = 0 };
	scoped(buf) *junk = NULL;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		scoped(buf) *note = NULL, *b = NULL;

		check_ok(buf_create(&note, 512, &e));
		check_ok(buf_create(&b, 512, &e));
		check_ok(note_sign(note, texts[i], strlen(texts[i]), &log_key, log_seed, &e));
		check_ok(add_request_put(b, 0, &none, note->data, note->len, &e));
		check(sent(c, b, NULL) == want[i]);
	}
	check_ok(buf_from(&junk, "old 0\n\nnothing\n", 15, &e));
	check(sent(c, junk, NULL) == 400);
}

TEST(what_it_signed_is_remembered_by_the_next_process)
{
	scoped(cosigner) *c = fresh(), *again = NULL;
	struct cosigner_answer a = { 0 };
	char hex[HASH_HEX_MAX];
	scoped(note) *n = NULL;

	check(grown(c, leaves, 0, 9) == 200);
	again = reopened();
	check(again->key[0].id == c->key[0].id);
	check(grown(again, leaves, 0, 9) == 409);
	check(grown(again, leaves, 9, 10) == 200);
	cosigner_origin_hex(hex, ORIGIN, strlen(ORIGIN));
	check_ok(cosigner_checkpoint(again, hex, &a, &e));
	check(a.status == 200);
	check_ok(note_parse(&n, a.body->data, a.body->len, &e));
	check_ok(note_check(n, &log_key, 1, NULL, NULL, &e));
	check_ok(note_check(n, again->key, 1, NULL, NULL, &e));
	check(n->count == 1 + again->key_count);
	buf_destroy(a.body);
}

static const struct sys *real;
static struct sys failing;

static int no_rename(const char *from, const char *to)
{
	(void)from;
	(void)to;
	errno = ENOSPC;
	return -1;
}

TEST(a_signature_that_is_repeated_or_a_large_head_does_not_stop_it)
{
	scoped(cosigner) *c = fresh();
	scoped(buf) *b = request(leaves, 0, 4), *text = NULL, *note = NULL, *large = NULL;
	struct cosigner_answer full = { 0 };
	struct tree_path none = { .count = 0 };
	char line[256];

	snprintf(line, sizeof(line), "%s", strstr(buf_text(b), "\xe2\x80\x94 "));
	for (int i = 1; i < NOTE_SIGNATURES_MAX; i++)
		check_ok(buf_printf(b, &e, "%s", line));
	check_ok(cosigner_add_checkpoint(c, b->data, b->len, &full, &e));
	check(full.status == 200);
	buf_destroy(full.body);
	check_ok(buf_create(&text, ADD_REQUEST_MAX, &e));
	check_ok(buf_create(&note, ADD_REQUEST_MAX, &e));
	check_ok(buf_create(&large, ADD_REQUEST_MAX, &e));
	check_ok(buf_printf(text, &e, "%.*s", (int)(strstr(buf_text(b), line) - 1 - (buf_text(b) + 7)),
			    buf_text(b) + 7));
	while (text->len < ADD_REQUEST_MAX - 200)
		check_ok(buf_printf(text, &e, "extension extension extension extension\n"));
	check_ok(note_sign(note, buf_text(text), text->len, &log_key, log_seed, &e));
	check_ok(add_request_put(large, 4, &none, note->data, note->len, &e));
	check(large->len <= ADD_REQUEST_MAX && sent(c, large, NULL) == 200);
	check(grown(c, leaves, 4, 5) == 200);
}

TEST(what_cannot_be_kept_is_not_signed)
{
	scoped(cosigner) *c = fresh();
	unsigned status;

	check(grown(c, leaves, 0, 4) == 200);
	real = sys;
	failing = *sys;
	failing.rename = no_rename;
	sys = &failing;
	status = grown(c, leaves, 4, 5);
	sys = real;
	check(status == 500);
	check(grown(c, leaves, 4, 5) == 200);
}

TEST(a_damaged_memory_is_not_taken_for_none)
{
	scoped(cosigner) *c = fresh();
	char path[PATH_LEN_MAX], hex[HASH_HEX_MAX];
	scoped(buf) *kept = NULL;

	check(grown(c, leaves, 0, 4) == 200);
	cosigner_origin_hex(hex, ORIGIN, strlen(ORIGIN));
	check_ok(cosigner_path(c, path, "heads", hex, &e));
	check_ok(file_read(path, 1 << 16, &kept, &e));
	for (size_t i = 0; i < kept->len; i += 7) {
		kept->data[i] ^= 1;
		check_ok(file_write(path, kept->data, kept->len, 0600, &e));
		check(grown(c, leaves, 0, 5) != 200 && grown(c, forked, 0, 4) != 200);
		kept->data[i] ^= 1;
	}
	check_ok(file_write(path, "", 0, 0600, &e));
	check(grown(c, leaves, 0, 5) == 500);
	check_ok(file_write(path, kept->data, kept->len, 0600, &e));
	check(grown(c, leaves, 4, 5) == 200);
}

TEST(one_folder_has_one_key_and_a_log_is_known_by_many)
{
	scoped(cosigner) *c = fresh();
	scoped_json *logs = NULL;

	check_code(cosigner_make(folder, "w.example/2", &e), E_CONFLICT);
	check_code(cosigner_make(folder, "no name", &e), E_USAGE);
	error_clear(&e);
	for (int i = 0; i <= COSIGNER_LOG_KEYS_MAX; i++) {
		uint8_t seed[SIGN_SEED_LEN] = { 7, (uint8_t)i };
		struct note_key k = key_of(ORIGIN, seed);
		scoped(buf) *vkey = NULL;
		int code;

		check_ok(buf_create(&vkey, 256, &e));
		check_ok(note_key_put(&k, vkey, &e));
		code = cosigner_add_log(c, ORIGIN, buf_text(vkey), &e);
		check(code == (i < COSIGNER_LOG_KEYS_MAX - 1 ? 0 : E_RANGE));
		if (i == 0)
			check_code(cosigner_add_log(c, ORIGIN, buf_text(vkey), &e), E_CONFLICT);
		error_clear(&e);
	}
	check_code(cosigner_add_log(c, "two\nlines", "x", &e), E_USAGE);
	check_code(cosigner_add_log(c, ORIGIN, "x", &e), E_USAGE);
	error_clear(&e);
	check_ok(cosigner_logs(c, &logs, &e));
	check(json_array_size(logs) == 1);
	check(grown(c, leaves, 0, 4) == 200);
}

TEST_MAIN("cosigner")
