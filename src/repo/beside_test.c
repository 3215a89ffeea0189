/* A writer, and who reads beside it or comes after it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
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

/* A file beside the head; empty where there is none. */
static struct buf *read_beside(int log, const char *file)
{
	char folder[PATH_LEN_MAX], path[PATH_LEN_MAX];
	struct buf *there = NULL;

	check_ok(path_join(folder, trial.r->folder, log == LOG_FACTS ? "log/facts" : "log/records", &e));
	check_ok(path_join(path, folder, file, &e));
	if (file_read(path, NOTE_BYTES_MAX, &there, &e) < 0) {
		check(e.code == E_NOT_FOUND);
		error_clear(&e);
		check_ok(buf_create(&there, 1, &e));
	}
	return there;
}

/* By which of the log's two keys the public head is signed: 1, 2, or 3 for both. */
static int signed_by(int log)
{
	scoped(buf) *note = read_beside(log, "checkpoint");
	struct note_key keys[2] = { trial.r->log_key[log], trial.r->log_mldsa[log] };
	uint64_t times[2] = { NOTE_UNSIGNED, NOTE_UNSIGNED };
	scoped(note) *n = NULL;

	check_ok(note_parse(&n, note->data, note->len, &e));
	check_ok(note_look(n, keys, keys[1].type ? 2 : 1, NULL, times, &e));
	check(n->count == (size_t)(times[0] == 0) + (times[1] == 0));
	return (times[0] == 0 ? 1 : 0) + (times[1] == 0 ? 2 : 0);
}

TEST(heads_are_signed_by_both_keys_where_there_are_two)
{
	const int both = mldsa_is_there() ? 3 : 1;

	trial_init(false);
	trial_source("uploads");
	for (int log = 0; log < LOG_COUNT; log++) {
		scoped(buf) *there = read_beside(log, "vkey-mldsa"), *want = NULL;

		check(signed_by(log) == both);
		check_ok(buf_create(&want, 256, &e));
		if (both == 3) {
			check_ok(note_key_put(&trial.r->log_mldsa[log], want, &e));
			check_ok(buf_put_u8(want, '\n', &e));
			check(strcmp(trial.r->log_mldsa[log].name, trial.r->log_key[log].name) == 0);
			check(memcmp(trial.r->log_mldsa[log].public_key,
				     trial.r->log_key[log].public_key, SIGN_PUBLIC_LEN) != 0);
		}
		check(there->len == want->len && memcmp(there->data, want->data, want->len) == 0);
	}
	trial_check_whole();
}

TEST(a_second_line_that_rotted_is_noticed_and_the_stored_head_is_public_again)
{
	char folder[PATH_LEN_MAX], path[PATH_LEN_MAX];
	scoped(buf) *before = NULL, *after = NULL;

	if (!mldsa_is_there())
		skip();
	trial_init(false);
	trial_source("uploads");
	before = read_beside(LOG_FACTS, "checkpoint");
	check_ok(path_join(folder, trial.r->folder, "log/facts", &e));
	check_ok(path_join(path, folder, "checkpoint", &e));
	before->data[before->len - 100] = before->data[before->len - 100] == 'A' ? 'B' : 'A';
	check_ok(file_write(path, before->data, before->len, 0644, &e));
	trial_close();
	trial_open();
	check_ok(repo_lock(trial.r, &e));
	repo_unlock(trial.r);
	after = read_beside(LOG_FACTS, "checkpoint");
	check(memcmp(after->data, before->data, before->len) != 0);
	check(signed_by(LOG_FACTS) == 3);
	trial_check_whole();
}

/* As on a machine whose libcrypto has none: to it and back. */
TEST(a_repository_goes_on_where_there_is_no_mldsa_and_its_heads_stay_as_they_are)
{
	const int both = mldsa_is_there() ? 3 : 1;
	scoped(buf) *before = NULL, *after = NULL;

	trial_init(false);
	trial_source("uploads");
	memset(trial.r->log_mldsa, 0, sizeof(trial.r->log_mldsa));
	trial_source("elsewhere");
	before = read_beside(LOG_FACTS, "checkpoint");
	check(signed_by(LOG_FACTS) == 1);
	trial_check_whole();
	trial_close();
	trial_open();
	check_ok(repo_lock(trial.r, &e));
	check_ok(repo_settle(trial.r, &e));
	repo_unlock(trial.r);
	after = read_beside(LOG_FACTS, "checkpoint");
	check(after->len == before->len && memcmp(after->data, before->data, after->len) == 0);
	trial_source("back");
	check(signed_by(LOG_FACTS) == both);
	trial_check_whole();
}

int main(void)
{
	int failed = test_run_all("beside");

	trial_close();
	return failed;
}
