/* A writer, and who reads beside it or comes after it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "repo/testing.h"

static struct error e;

TEST(a_reader_beside_a_writer_is_silent)
{
	scoped(change) *c = NULL;
	struct repo_options o = { .at_utc_ms = UINT64_MAX };
	scoped(repo) *reader = NULL;

	trial_init(false);
	trial_source("uploads");
	trial_records("uploads", 6, "alice");
	o.folder = trial.folder;
	check_ok(change_begin(&c, trial.r, &e));
	/* Slots and a pack are there, the transaction is not. */
	check_ok(change_object(c, OBJECT_STATEMENT, 0, 7, "x", 1, &e));
	check_ok(vault_finish(trial.r->vault, &e));
	check_ok(keyring_commit(trial.r->keyring, &e));
	check_ok(repo_open(&reader, &o, &e));
	check(!reader->read_only);
	check(keyring_erased(trial.r->keyring) == 0);
}

TEST(a_change_that_failed_half_way_is_forgotten_by_the_next_under_one_lock)
{
	struct change *c = NULL;

	trial_init(false);
	trial_source("uploads");
	trial_records("uploads", 6, "alice");
	check_ok(repo_lock(trial.r, &e));
	check_ok(change_begin(&c, trial.r, &e));
	check_ok(change_object(c, OBJECT_STATEMENT, 0, 7, "x", 1, &e));
	check_ok(catalog_set_number(trial.r->catalog, "changes", 5, &e));
	catalog_rollback(trial.r->catalog); /* as if it had failed */
	check_code(change_commit(c, &e), E_USAGE);
	error_clear(&e);
	change_end(c);
	trial_source("next");
	repo_unlock(trial.r);
	trial_check_whole();
}

int main(void)
{
	int failed = test_run_all("beside");

	trial_close();
	return failed;
}
