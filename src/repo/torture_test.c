/*
 * What a repository does when any call or allocation fails, once or for ever, and when the power
 * goes at any moment: the next command repairs or stops with a clear word. It is the state before or
 * after; what was told done is done; no size of a log has two roots; what was public is committed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/disk.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/torture.h"
#include "repo/testing.h"

static uint64_t facts_before, facts_more, model, order;
static bool mirrored;
/* "/": the repository, the keys directory and its mirror lie on a file system each. */
static const char *where = "/";

static void fresh_disk(void)
{
	trial_close();
	disk_end();
	disk_begin();
	ok(folder_make("/one", 0700, &trial.e));
	disk_settle();
	trial_at(where);
	trial_forget_heads();
}

/* The process that held it has ended. */
static void forget_handle(void)
{
	trial.r = NULL;
}

static int act_init(void)
{
	struct repo_new n = { .folder = where, .keys = trial.keys, .origin = "example.org/trial",
			      .solo = true };

	n.mirror = mirrored ? trial.mirror : NULL;
	return repo_init(&n, &trial.e);
}

static void make_world(void)
{
	fresh_disk();
	ok(act_init());
	trial_open();
	trial_source("uploads");
	trial_records("uploads", 4, "alice");
	model = trial_model("net", trial_dataset("faces", "0-3"), "weights");
	trial_note_heads();
}

static int act_open(void)
{
	trial_open();
	return 0;
}

static int act_change(void)
{
	trial_open();
	trial_change();
	return 0;
}

/* Two changes under one lock: the heads of the first outlast a cut with the second. */
static int act_two(void)
{
	trial_open();
	ok(repo_lock(trial.r, &trial.e));
	trial_source("first");
	trial_note_public();
	trial_source("second");
	trial_note_public();
	repo_unlock(trial.r);
	return 0;
}

static int act_copy(void)
{
	trial_open();
	trial_copy(1, "again/1.jpg");
	return 0;
}

static int act_destroy(void)
{
	trial_open();
	trial_destroy_keys(order, model);
	trial_note(order, model);
	return 0;
}

/* --- what must be true --- */

/* The heads that others may have fetched. */
static void see(void)
{
	forget_handle();
	trial_note_heads();
}

static void look_opened(bool done)
{
	bool after;

	check(!trial.r->read_only);
	after = trial_facts() == facts_before + facts_more;
	check(after || trial_facts() == facts_before);
	check(after || !done);
	trial_check_whole();
	trial_open();
	check(trial.told->len == 0);
	trial_source("another"); /* takes its place */
	trial_check_whole();
}

/* A kill leaves what is not durable, and the next command may build on it: then the power goes. What a
 * failed sync lost is there until that, and no command after can know. */
static void open_and_cut(void)
{
	forget_handle();
	trial_note_heads();
	trial_open();
	if (disk_spoiled())
		return;
	trial_note_public();
	forget_handle();
	disk_cut(LOSE_ALL, 1);
	trial_open();
	check(!trial.r->read_only && !trial_told("the catalog is older"));
}

static void look(bool done)
{
	open_and_cut();
	look_opened(done);
}

/* None, one or both. */
static void look_after_two(bool done)
{
	open_and_cut();
	if (trial_facts() == facts_before + 2) {
		check(!done);
		trial_source("third");
	}
	look_opened(done);
}

static void look_after_init(bool done)
{
	int code;

	forget_handle();
	code = trial_try_open(false);
	check(code == 0 || !done);
	if (code < 0) {
		int again;

		check(code == E_NOT_FOUND);
		error_clear(&trial.e);
		again = act_init();
		if (again < 0)
			fail_msg("a second init: %s", trial.e.text);
		trial_open();
	}
	trial_note_heads();
	look_opened(true);
}

static uint64_t erased_count(void)
{
	scoped(set) *s = NULL;

	ok(set_create(&s, &trial.e));
	ok(catalog_mark_get(trial.r->catalog, MARK_ERASED, s, &trial.e));
	return set_count(s);
}

static void look_after_destroy(bool done)
{
	forget_handle();
	trial_note_heads();
	trial_open();
	check(!trial.r->read_only);
	trial_check_whole();
	check(erased_count() == 2 || (!done && erased_count() == 0));
	check(erased_count() == 2 || keyring_erased(trial.r->keyring) == 0);
	check(!done || trial_facts() == facts_before + facts_more);
	trial_open();
	check(trial.told->len == 0);
	if (trial_facts() == facts_before) {
		if (erased_count() == 0)
			trial_destroy_keys(order, model);
		trial_note(order, model);
	}
	trial_open();
	check(erased_count() == 2);
	trial_check_whole();
}

/* --- steps --- */

static void tortured(const char *step, int (*act)(void), void (*after)(bool), unsigned faults)
{
	struct torture t = { step, act, see, act_open, after, faults, NULL, 0 };

	t.noted = trial_noted(&t.noted_len);
	facts_before = trial_facts();
	trial_close();
	torture(&t);
}

TEST(init_is_whole_or_can_be_done_again)
{
	for (int i = 0; i < 2; i++) {
		struct torture t = { i ? "init-mirrored" : "init", act_init, NULL, NULL,
				     look_after_init, 150, NULL, 0 };

		t.noted = trial_noted(&t.noted_len);
		mirrored = i;
		fresh_disk();
		facts_before = 0;
		facts_more = 2;
		torture(&t);
	}
}

TEST(a_change_is_whole_or_gone)
{
	for (int i = 0; i < 2; i++) {
		mirrored = i;
		make_world();
		facts_more = 5;
		tortured(i ? "change-mirrored" : "change", act_change, look, 150);
	}
}

TEST(two_changes_under_one_lock_are_whole_or_gone)
{
	for (int i = 0; i < 2; i++) {
		where = i ? "/one" : "/";
		mirrored = i;
		make_world();
		facts_more = 4;
		tortured(i ? "two-one" : "two", act_two, look_after_two, 150);
	}
	where = "/";
}

TEST(a_change_on_one_file_system_is_whole_or_gone)
{
	where = "/one";
	mirrored = true;
	make_world();
	facts_more = 5;
	tortured("change-one", act_change, look, 150);
	facts_more = 0;
	make_world();
	tortured("copy-one", act_copy, look, 80);
	make_world();
	order = trial_order("0-1");
	facts_more = 3;
	tortured("destroy-one", act_destroy, look_after_destroy, 150);
	where = "/";
}

TEST(what_is_public_outlasts_a_cut_once_the_lock_is_given_back)
{
	for (int closes = 0; closes < 2; closes++) {
		make_world();
		facts_before = trial_facts();
		act_two();
		if (closes)
			trial_close();
		disk_cut(LOSE_ALL, 1);
		trial_open();
		check(trial.told->len == 0 && trial_facts() == facts_before + 4);
	}
}

TEST(a_copy_is_noted_or_not)
{
	mirrored = false;
	make_world();
	facts_more = 0;
	tortured("copy", act_copy, look, 150);
}

TEST(what_is_erased_stays_erased)
{
	for (int i = 0; i < 2; i++) {
		mirrored = i;
		make_world();
		order = trial_order("0-1");
		facts_more = 3;
		tortured(i ? "destroy-mirrored" : "destroy", act_destroy, look_after_destroy, 150);
	}
}

TEST(a_repair_goes_on_from_wherever_it_was_left)
{
	static const char *const lost[] = { "/.rescind/catalog.db", "/.rescind/log/facts/checkpoint",
					    "/mirror/anchor" };
	static const char *const steps[] = { "repair-catalog", "repair-log", "repair-mirror" };

	mirrored = true;
	for (size_t i = 0; i < COUNT_OF(lost); i++) {
		struct torture t = { steps[i], act_open, NULL, act_open, look, 150, NULL, 0 };

		t.noted = trial_noted(&t.noted_len);
		make_world();
		facts_before = trial_facts();
		facts_more = 0;
		trial_close();
		check(sys->unlink(lost[i]) == 0);
		torture(&t);
	}
}

int main(void)
{
	int failed = test_run_all("repo-torture");

	trial_close();
	disk_end();
	buf_destroy(trial.told);
	print_message("%llu faults\n", (unsigned long long)torture_faults());
	return failed;
}
