#include "log/testing.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log/handle.h"

/* First of all: the wish for a fault is read once for each process. */
TEST(the_process_can_be_killed_between_tiles_and_head)
{
	const char *folder = test_folder();
	int status;
	pid_t child = fork();

	check(child >= 0);
	if (child == 0) {
		setenv("RESCIND_FAULT", "log_tiles_written:1", 1);
		scoped(blobs) *b = blobs_in(folder);

		grow(b, 0, 300);
		_exit(0);
	}
	check(waitpid(child, &status, 0) == child);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	scoped(blobs) *b = blobs_in(folder);

	tiles_expect(b, 300);
	grow(b, 0, 300);
}

/* Writing from one size to the next, a writing call fails; the same is done again. */
static bool fails_and_goes_on(unsigned calls, uint64_t from, uint64_t to, bool reopen)
{
	scoped(blobs) *b = blobs_in(test_folder());
	struct flaky f = flaky_over(b, calls);
	bool failed;

	grow(b, 0, from);
	{
		scoped(log) *l = log_at(&f.blobs, from);

		add_to(l, to);
		failed = log_write(l, &e) < 0;
		f.calls_left = 1000;
		if (!reopen)
			check_ok(log_write(l, &e));
	}
	if (reopen)
		grow(b, from, to);
	tiles_expect(b, to);
	expect_opens(b, to);
	/* A head of the old size may still be the public one. */
	expect_opens(b, from);
	return failed;
}

TEST(a_write_that_fails_anywhere_goes_on_in_the_same_handle_or_the_next)
{
	static const uint64_t steps[][2] = { { 0, 1 }, { 1, 2 }, { 100, 600 }, { 256, 512 } };

	for (size_t i = 0; i < COUNT_OF(steps); i++)
		for (int reopen = 0; reopen < 2; reopen++) {
			unsigned calls = 0;

			while (fails_and_goes_on(calls, steps[i][0], steps[i][1], reopen))
				calls++;
			check(calls >= 2);
		}
}

TEST(a_write_is_made_again_from_an_older_head)
{
	scoped(blobs) *b = blobs_in(test_folder());

	grow(b, 0, 100);
	grow(b, 100, 300);
	grow(b, 300, 700);
	/* 100's own partial tiles are gone; the full ones serve. */
	grow(b, 100, 700);
	grow(b, 100, 260);
	grow(b, 0, 255);
	tiles_expect(b, 700);
	expect_opens(b, 700);
}

TEST(other_entries_than_those_written_are_refused)
{
	scoped(blobs) *b = blobs_in(test_folder());
	char text[64];

	grow(b, 0, 300);
	scoped(log) *l = log_at(b, 0);

	check_ok(log_add(l, "something else", 14, &e));
	for (uint64_t i = 1; i < 300; i++)
		check_ok(log_add(l, text, entry_text(i, text), &e));
	check_code(log_write(l, &e), E_CONFLICT);
	tiles_expect(b, 300);
	expect_opens(b, 300);
}

static int write_seen(struct log *l, struct blobs *b, uint64_t seen)
{
	if (log_put(l, seen, &e) < 0 || b->calls->settle(b, NULL, NULL, &e) < 0)
		return e.code;
	return log_written(l, &e);
}

/* What a power cut leaves of tiles that were written and not settled. */
TEST(tiles_beyond_what_was_seen_are_written_over_and_others_never)
{
	static const char *const torn[] = { "tile/0/001", "tile/entries/001", "tile/0/002.p/188",
					    "tile/entries/002.p/188", "tile/1/000.p/2" };
	scoped(blobs) *b = blobs_in(test_folder());

	grow(b, 0, 300);
	for (size_t i = 0; i < COUNT_OF(torn); i++)
		check_ok(b->calls->put(b, torn[i], "torn", i, &e));
	{
		scoped(log) *l = log_at(b, 300);

		add_to(l, 700);
		check_ok(write_seen(l, b, 300));
	}
	tiles_expect(b, 700);
	expect_opens(b, 300);
	for (size_t i = 0; i < COUNT_OF(torn); i++) {
		scoped(log) *l = log_at(b, 0);
		scoped(buf) *whole = blob_bytes(b, torn[i]);

		check_ok(b->calls->replace(b, torn[i], "torn", 4, &e));
		add_to(l, 700);
		check_code(write_seen(l, b, 700), E_CONFLICT);
		check_ok(b->calls->replace(b, torn[i], whole->data, whole->len, &e));
	}
	tiles_expect(b, 700);
}

TEST(writing_nothing_new_calls_nothing)
{
	scoped(blobs) *b = blobs_in(test_folder());
	struct flaky f = flaky_over(b, 0);

	grow(b, 0, 300);
	scoped(log) *l = log_at(&f.blobs, 300), *none = log_at(&f.blobs, 0);

	check_ok(log_write(l, &e));
	check_ok(log_write(none, &e));
	check(f.calls == 0);
}

TEST(a_handle_writes_again_and_again)
{
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(log) *l = log_at(b, 0);

	for (uint64_t size = 0; size < 3000; size += 1 + size % 389) {
		add_to(l, size);
		check_ok(log_write(l, &e));
		tiles_expect(b, size);
		expect_opens(b, size);
	}
}

TEST(only_tiles_that_changed_are_written)
{
	scoped(blobs) *b = blobs_in(test_folder());
	struct flaky f = flaky_over(b, 1000);

	grow(b, 0, 300);
	grow(&f.blobs, 300, 301);
	check(f.calls == 2); /* the bundle and its tile; that of level 1 is what it was */
}

/* A wrong bit in memory would be signed for ever. */
TEST(an_entry_that_changed_in_memory_is_not_written)
{
	scoped(blobs) *b = blobs_in(test_folder());
	struct flaky f = flaky_over(b, 1000);
	scoped(log) *l = log_at(&f.blobs, 0);

	add_to(l, 200);
	for (size_t at = 0; at < l->bundle->len; at += 61) {
		l->bundle->data[at] ^= 16;
		check(log_write(l, &e) < 0);
		l->bundle->data[at] ^= 16;
	}
	check(f.calls == 0);
	check_ok(log_write(l, &e));
	tiles_expect(b, 200);
}

TEST(the_last_bundle_is_not_continued_when_it_is_another_one)
{
	scoped(blobs) *b = blobs_in(test_folder());
	scoped(buf) *bytes = NULL;

	grow(b, 0, 300);
	bytes = tile_bytes(b, TILE_ENTRIES, 1, 44);
	bytes->data[bytes->len - 1] ^= 1;
	check_ok(b->calls->replace(b, "tile/entries/001.p/44", bytes->data, bytes->len, &e));
	scoped(log) *l = log_at(b, 300);

	check_code(log_add(l, "x", 1, &e), E_MISMATCH);
	check_ok(b->calls->replace(b, "tile/entries/001.p/44", bytes->data, bytes->len - 1, &e));
	check_code(log_add(l, "x", 1, &e), E_MISMATCH);
	check_ok(b->calls->remove(b, "tile/entries/001.p/44", &e));
	check_code(log_add(l, "x", 1, &e), E_NOT_FOUND);
	check(log_size(l) == 300);
	bytes->data[bytes->len - 1] ^= 1;
	check_ok(b->calls->put(b, "tile/entries/001.p/44", bytes->data, bytes->len, &e));
	add_to(l, 301);
	check_ok(log_write(l, &e));
}

TEST_MAIN("log-write")
