/*
 * A witness of our own, with any call or allocation failing and the power going at any moment: a head that it
 * signed is the one that it remembers, so that no fork of it is ever signed; and the same request again ends it.
 */
#include <stdio.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/test.h"
#include "base/torture.h"
#include "flow/cosigner.h"
#include "wire/add_checkpoint.h"

#define ORIGIN "o.example/facts"
enum { LEAVES = 12, FIRST = 5 };

static struct error e;
static struct hash leaves[LEAVES], forked[LEAVES];
static const uint8_t seed[SIGN_SEED_LEN] = { 1 };
static struct note_key log_key;
static struct buf *vkey;
static struct cosigner *c;

static int opened(void)
{
	cosigner_close(c);
	c = NULL;
	error_clear(&e);
	return cosigner_open(&c, "/w", &e);
}

static int act_make(void)
{
	error_clear(&e);
	return cosigner_make("/w", "w.example/1", &e);
}

static int act_log(void)
{
	return opened() < 0 ? e.code : cosigner_add_log(c, ORIGIN, buf_text(vkey), &e);
}

/* A request to grow from old to size of these leaves: 0 when it was signed. */
static int grow(const struct hash *of, uint64_t old, uint64_t size)
{
	struct tree_array a = { of, LEAVES };
	struct tree_path path = { .count = 0 };
	struct head h = { .size = size, .origin = ORIGIN };
	scoped(buf) *text = NULL, *note = NULL, *b = NULL;
	struct cosigner_answer answer = { 0 };

	tree_root(&h.root, of, size);
	if (opened() < 0 || buf_create(&text, 256, &e) < 0 || buf_create(&note, 512, &e) < 0 ||
	    buf_create(&b, 512, &e) < 0 || (old > 0 && old < size &&
	    tree_prove_growth(&path, old, size, tree_array_read, &a, &e) < 0) ||
	    head_put(&h, text, &e) < 0 ||
	    note_sign(note, buf_text(text), text->len, &log_key, seed, &e) < 0 ||
	    add_request_put(b, old, &path, note->data, note->len, &e) < 0 ||
	    cosigner_add_checkpoint(c, b->data, b->len, &answer, &e) < 0)
		return e.code;
	buf_destroy(answer.body);
	return answer.status == 200 ? 0 : (int)answer.status;
}

static int act_first(void) { return grow(leaves, 0, FIRST); }
static int act_next(void) { return grow(leaves, FIRST, LEAVES); }

/* What it says of the log; -1 when it signed nothing of it. */
static int64_t signed_size(void)
{
	scoped_json *logs = NULL;
	const json_t *size;

	check_ok(opened());
	check_ok(cosigner_logs(c, &logs, &e));
	check(json_array_size(logs) == 1);
	size = json_object_get(json_array_get(logs, 0), "size");
	return json_is_integer(size) ? (int64_t)json_integer_value(size) : -1;
}

static void forget(void)
{
	c = NULL; /* whoever held it has ended */
}

static void look_made(bool done)
{
	int code;

	forget();
	code = opened();
	check(code == 0 || (!done && code == E_NOT_FOUND));
	if (code < 0)
		check_ok(act_make());
	check_ok(opened());
}

static void look_log(bool done)
{
	scoped_json *logs = NULL;
	int code;

	forget();
	check_ok(opened());
	check_ok(cosigner_logs(c, &logs, &e));
	check(json_array_size(logs) == 1 || !done);
	code = act_log();
	check(code == (json_array_size(logs) == 1 ? E_CONFLICT : 0));
	check(signed_size() == -1);
}

/* The head of size new was asked for, and before there was the one of size old (or none). */
static void look_signed(bool done, int64_t old, int64_t new)
{
	int64_t now;

	forget();
	now = signed_size();
	check(now == new || (!done && now == old));
	if (now == new) {
		check(grow(forked, (uint64_t)new, (uint64_t)new) != 0);
		check(grow(leaves, (uint64_t)(old < 0 ? 0 : old), (uint64_t)new) == 409);
	}
	if (old > 0)
		check(grow(forked, (uint64_t)old, LEAVES) != 0);
	check(signed_size() == now);
	check(grow(leaves, (uint64_t)(now < 0 ? 0 : now), (uint64_t)new) == 0);
	check(signed_size() == new);
}

static void look_first(bool done) { look_signed(done, -1, FIRST); }
static void look_next(bool done) { look_signed(done, FIRST, LEAVES); }

static void begin(void)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];

	for (unsigned i = 0; i < LEAVES; i++) {
		tree_leaf(&leaves[i], &i, sizeof(i));
		forked[i] = leaves[i];
	}
	tree_leaf(&forked[3], "x", 1);
	check_ok(sign_public(public_key, seed, &e));
	check_ok(note_key_make(&log_key, ORIGIN, NOTE_ED25519, public_key, &e));
	check_ok(buf_create(&vkey, 256, &e));
	check_ok(note_key_put(&log_key, vkey, &e));
	disk_begin();
}

TEST(what_a_witness_signed_it_remembers)
{
	static const struct torture steps[] = {
		{ "cosigner", act_make, NULL, NULL, look_made, 300, NULL, 0 },
		{ "its-log", act_log, NULL, NULL, look_log, 300, NULL, 0 },
		{ "first-head", act_first, NULL, opened, look_first, 300, NULL, 0 },
		{ "next-head", act_next, NULL, opened, look_next, 300, NULL, 0 },
	};

	begin();
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		torture(&steps[i]);
		check(steps[i].act() == 0);
		cosigner_close(c);
		c = NULL;
	}
}

int main(void)
{
	int failed = test_run_all("flow-cosigner-torture");

	disk_end();
	buf_destroy(vkey);
	print_message("%llu faults\n", (unsigned long long)torture_faults());
	return failed;
}
