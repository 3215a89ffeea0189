/*
 * One change of a catalog, stopped at every place: by an error of any call, by SIGKILL, and by
 * a power cut that loses what was not synced. What is found next is the old state or the new.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "catalog/testing.h"

static struct error e;
static char db_path[PATH_LEN_MAX], journal_path[PATH_LEN_MAX + 16];

enum { OLD = 1, NEW = 2, OLD_RECORDS = 200, NEW_RECORDS = 300 };

static int add_records(struct catalog *c, uint64_t first, uint64_t end, struct error *err)
{
	for (uint64_t pos = first; pos < end; pos++) {
		struct catalog_record r = { .pos = pos, .card = { 1, pos, 3 } };
		struct hash h = { { (uint8_t)pos } };
		struct tag t = tag_of(pos);

		if (catalog_put_record(c, &r, err) < 0 ||
		    catalog_add_commitments(c, pos, &h, 1, err) < 0 ||
		    catalog_add_tag(c, TAG_PATH, &t, pos, err) < 0)
			return err->code;
	}
	return 0;
}

/* From OLD to NEW: records come, a hundred are erased, a large value shrinks. */
static int change_open(struct catalog *c, struct error *err)
{
	static const uint8_t small[10];
	scoped(set) *gone = NULL;

	if (set_create(&gone, err) < 0 || set_add_range(gone, 50, 149, err) < 0 ||
	    catalog_begin(c, err) < 0 ||
	    catalog_add_fact(c, 1, "two", 3, err) < 0 ||
	    add_records(c, OLD_RECORDS, NEW_RECORDS, err) < 0 ||
	    catalog_erase_records(c, gone, err) < 0 ||
	    catalog_mark_put(c, 1, gone, err) < 0 ||
	    catalog_set_bytes(c, "large", small, sizeof(small), err) < 0)
		return err->code;
	return catalog_commit(c, err);
}

static int change(struct error *err)
{
	struct catalog *c = NULL;
	int rc;

	if (catalog_open(&c, db_path, false, err) < 0)
		return err->code;
	rc = change_open(c, err);
	catalog_close(c);
	return rc;
}

static void tell(void *ctx, const char *line)
{
	(void)ctx;
	fail_msg("check: %s", line);
}

static void expect_rows(struct catalog *c, uint64_t records, bool erased)
{
	scoped(set) *found = NULL;
	scoped(set) *mark = NULL;
	struct catalog_record r;

	check_ok(set_create(&found, &e));
	for (uint64_t pos = 0; pos < NEW_RECORDS; pos++) {
		struct tag t = tag_of(pos);
		bool gone = erased && pos >= 50 && pos <= 149;

		check_ok(catalog_tagged(c, TAG_PATH, &t, found, &e));
		check(set_has(found, pos) == (pos < records && !gone));
		if (pos >= records) {
			check_code(catalog_record(c, pos, &r, &e), E_NOT_FOUND);
			continue;
		}
		check_ok(catalog_record(c, pos, &r, &e));
		check(r.status == (gone ? RECORD_ERASED : RECORD_LIVE));
		check(r.card.at == (gone ? 0 : pos));
	}
	check(set_count(found) == records - (erased ? 100 : 0));
	check_ok(set_create(&mark, &e));
	check_ok(catalog_mark_get(c, 1, mark, &e));
	check(set_count(mark) == (erased ? 100 : 0));
}

/* Which of the two states is found; anything between them fails. */
static int state_found(void)
{
	struct catalog *c = NULL;
	scoped(buf) *large = NULL;
	uint64_t facts, commitments, problems;

	check_ok(catalog_open(&c, db_path, false, &e));
	check_ok(catalog_begin_read(c, &e));
	check_ok(catalog_check(c, tell, NULL, &problems, &e));
	check(problems == 0);
	check_ok(catalog_fact_count(c, &facts, &e));
	check(facts == OLD || facts == NEW);
	check_ok(catalog_commitment_count(c, &commitments, &e));
	check(commitments == (facts == NEW ? NEW_RECORDS : OLD_RECORDS));
	expect_rows(c, commitments, facts == NEW);
	check_ok(buf_create(&large, 0, &e));
	check_ok(catalog_bytes(c, "large", large, &e));
	check(large->len == (facts == NEW ? 10 : 30000));
	catalog_close(c);
	return (int)facts;
}

/* A fresh catalog in the OLD state; its bytes are kept to begin from again. */
static struct buf *prepare(void)
{
	static const uint8_t large[30000];
	struct catalog *c = NULL;
	struct buf *bytes = NULL;

	check_ok(path_join(db_path, test_folder(), "catalog", &e));
	snprintf(journal_path, sizeof(journal_path), "%s-journal", db_path);
	check_ok(catalog_open(&c, db_path, true, &e));
	check_ok(catalog_begin(c, &e));
	check_ok(catalog_add_fact(c, 0, "one", 3, &e));
	check_ok(add_records(c, 0, OLD_RECORDS, &e));
	check_ok(catalog_set_bytes(c, "large", large, sizeof(large), &e));
	check_ok(catalog_commit(c, &e));
	catalog_close(c);
	check(state_found() == OLD);
	check_ok(file_read(db_path, 1 << 24, &bytes, &e));
	return bytes;
}

/* Nothing here need outlast this machine, so nothing is synced. */
static void put_file(const char *path, const struct buf *bytes)
{
	int fd = sys->open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0);
	check_ok(fd_write_all(fd, bytes->data, bytes->len, &e));
	check(sys->close(fd) == 0);
}

static void begin_again(const struct buf *bytes)
{
	(void)sys->unlink(journal_path);
	put_file(db_path, bytes);
}

/* The table that counts calls and stops at one of them. */
static struct {
	uint64_t calls, stop_at;
	int fail_with;	 /* errno of the call that is stopped; 0: kill the process before it */
	bool from_then;	 /* and of all after it */
	bool writes_only;
	bool met;
	bool record;	 /* keep what a power cut would lose */
} plan;

static bool stops(bool writes)
{
	if (plan.writes_only && !writes)
		return false;
	plan.calls++;
	if (plan.calls != plan.stop_at && !(plan.from_then && plan.calls > plan.stop_at))
		return false;
	plan.met = true;
	if (plan.fail_with == 0)
		raise(SIGKILL);
	errno = plan.fail_with;
	return true;
}

/* What a power cut may lose: for each file, what it holds for sure, and the writes since. */
enum { DB, JOURNAL, FILES, PENDING_MAX = 4096 };
struct pending {
	uint64_t at, len;
	uint8_t *bytes; /* NULL: the file's length becomes at */
};
static struct disk_file {
	struct buf *safe;
	bool name_safe;
	struct pending pending[PENDING_MAX];
	size_t count;
} disk[FILES];
static int kind_of_fd[1024]; /* 0: other; else 1 + DB, 1 + JOURNAL, 1 + FILES for the folder */

static const char *disk_path(int file)
{
	return file == DB ? db_path : journal_path;
}

static void disk_forget_pending(struct disk_file *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->pending[i].bytes);
	f->count = 0;
}

static void disk_add(int fd, const void *p, size_t len, uint64_t at)
{
	int kind = kind_of_fd[fd];
	struct disk_file *f;

	if (!plan.record || kind == 0 || kind > FILES)
		return;
	f = &disk[kind - 1];
	assert_true(f->count < PENDING_MAX);
	f->pending[f->count] = (struct pending){ .at = at, .len = len };
	if (p != NULL) {
		f->pending[f->count].bytes = malloc(len);
		memcpy(f->pending[f->count].bytes, p, len);
	}
	f->count++;
}

static void disk_synced(int fd)
{
	int kind = kind_of_fd[fd];
	struct disk_file *f;
	struct stat st;

	if (!plan.record || kind == 0)
		return;
	if (kind == 1 + FILES) {
		disk[JOURNAL].name_safe = sys_real.lstat(journal_path, &st) == 0;
		return;
	}
	f = &disk[kind - 1];
	disk_forget_pending(f);
	check(sys_real.fstat(fd, &st) == 0);
	buf_clear(f->safe);
	check_ok(buf_reserve(f->safe, (size_t)st.st_size, &e));
	check(sys_real.pread(fd, f->safe->data, (size_t)st.st_size, 0) == st.st_size);
	f->safe->len = (size_t)st.st_size;
}

static int t_open(const char *path, int flags, mode_t mode)
{
	int fd;

	if (stops(false))
		return -1;
	fd = sys_real.open(path, flags, mode);
	if (fd >= 0 && fd < 1024)
		kind_of_fd[fd] = strcmp(path, db_path) == 0	? 1 + DB :
				 strcmp(path, journal_path) == 0 ? 1 + JOURNAL :
				 flags & O_DIRECTORY		? 1 + FILES :
								  0;
	return fd;
}

static ssize_t t_pread(int fd, void *p, size_t len, off_t at)
{
	return stops(false) ? -1 : sys_real.pread(fd, p, len, at);
}

static ssize_t t_pwrite(int fd, const void *p, size_t len, off_t at)
{
	if (stops(true))
		return -1;
	disk_add(fd, p, len, (uint64_t)at);
	return sys_real.pwrite(fd, p, len, at);
}

static int t_fsync(int fd)
{
	if (stops(true))
		return -1;
	disk_synced(fd);
	return 0;
}

static int t_ftruncate(int fd, off_t len)
{
	if (stops(true))
		return -1;
	disk_add(fd, NULL, 0, (uint64_t)len);
	return sys_real.ftruncate(fd, len);
}

static int t_fstat(int fd, struct stat *st)
{
	return stops(false) ? -1 : sys_real.fstat(fd, st);
}

static int t_lstat(const char *path, struct stat *st)
{
	return stops(false) ? -1 : sys_real.lstat(path, st);
}

static int t_unlink(const char *path)
{
	return stops(true) ? -1 : sys_real.unlink(path);
}

static int t_lock(int fd, short type, off_t at, off_t len)
{
	return stops(false) ? -1 : sys_real.lock(fd, type, at, len);
}

static void t_sleep(uint64_t us)
{
	(void)us;
}

/* change() under the plan, from the OLD state. */
static int planned_change(const struct buf *old, struct error *err)
{
	struct sys table = sys_real;
	int rc;

	begin_again(old);
	plan.calls = 0;
	plan.met = false;
	table.open = t_open;
	table.pread = t_pread;
	table.pwrite = t_pwrite;
	table.fsync = t_fsync;
	table.ftruncate = t_ftruncate;
	table.fstat = t_fstat;
	table.lstat = t_lstat;
	table.unlink = t_unlink;
	table.lock = t_lock;
	table.sleep_us = t_sleep;
	sys = &table;
	rc = change(err);
	sys = &sys_real;
	return rc;
}

static void fail_everywhere(int fail_with, bool from_then)
{
	scoped(buf) *old = prepare();
	struct error story = { 0 };
	uint64_t failed = 0;

	memset(&plan, 0, sizeof(plan));
	plan.fail_with = fail_with;
	plan.from_then = from_then;
	for (plan.stop_at = 1;; plan.stop_at++) {
		int rc = planned_change(old, &story), found = state_found();

		if (rc == 0)
			check(found == NEW);
		else
			check(story.code == rc && story.text[0] != 0);
		failed += rc != 0;
		if (!plan.met)
			break;
	}
	check(plan.stop_at > 100 && failed > plan.stop_at * 8 / 10);
	check(planned_change(old, &story) == 0);
}

TEST(one_input_output_error_anywhere_is_told_and_leaves_all_or_nothing)
{
	fail_everywhere(EIO, false);
}

TEST(errors_from_any_call_on_are_told_and_leave_all_or_nothing)
{
	fail_everywhere(EIO, true);
}

TEST(a_disk_that_is_full_at_any_call_leaves_all_or_nothing)
{
	fail_everywhere(ENOSPC, false);
}

TEST(a_disk_that_stays_full_leaves_all_or_nothing)
{
	fail_everywhere(ENOSPC, true);
}

/* Whether the child came to its end. */
static bool killed_change(const struct buf *old)
{
	int status;
	pid_t pid = fork();

	check(pid >= 0);
	if (pid == 0)
		_exit(planned_change(old, &e) == 0 ? 0 : 1);
	check(waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status)) {
		check(WTERMSIG(status) == SIGKILL);
		return false;
	}
	check(WEXITSTATUS(status) == 0);
	return true;
}

TEST(killed_before_any_write_or_sync_the_next_finds_all_or_nothing)
{
	scoped(buf) *old = prepare();
	uint64_t news = 0, olds = 0;

	memset(&plan, 0, sizeof(plan));
	plan.writes_only = true;
	for (plan.stop_at = 1; !killed_change(old); plan.stop_at++) {
		int found = state_found();

		news += found == NEW;
		olds += found == OLD;
		check(news == 0 || found == NEW); /* once done, done */
	}
	check(state_found() == NEW);
	check(olds > 20 && news >= 1);
}

static uint32_t luck = 1;

static bool coin(void)
{
	luck = luck * 1664525u + 1013904223u;
	return luck >> 31;
}

enum loss { LOSE_ALL, LOSE_NONE, LOSE_SOME, LOSSES = 5 /* the rest: some, by luck */ };

/* A write that is torn reaches the disk in some sectors of 512 bytes. */
static void write_torn(struct buf *image, const struct pending *w, enum loss how)
{
	for (uint64_t done = 0; done < w->len; done += 512) {
		uint64_t n = w->len - done < 512 ? w->len - done : 512;

		if (how == LOSE_NONE || coin())
			memcpy(image->data + w->at + done, w->bytes + done, (size_t)n);
	}
}

static void set_length(struct buf *image, uint64_t len)
{
	if (len > image->len) {
		check_ok(buf_reserve(image, (size_t)len - image->len, &e));
		memset(image->data + image->len, 0, (size_t)len - image->len);
	}
	image->len = (size_t)len;
}

/* Puts what the disk would hold after the cut in place of the file. */
static void cut(int file, enum loss how)
{
	struct disk_file *f = &disk[file];
	scoped(buf) *image = NULL;

	check_ok(buf_from(&image, f->safe->data, f->safe->len, &e));
	for (size_t i = 0; i < f->count; i++) {
		const struct pending *w = &f->pending[i];

		if (how == LOSE_ALL || (how != LOSE_NONE && coin()))
			continue;
		if (w->bytes == NULL) {
			set_length(image, w->at);
			continue;
		}
		if (w->at + w->len > image->len)
			set_length(image, w->at + w->len);
		write_torn(image, w, how);
	}
	(void)sys->unlink(disk_path(file));
	if (f->name_safe || how == LOSE_NONE || (how != LOSE_ALL && coin()))
		put_file(disk_path(file), image);
}

static void disk_begin(const struct buf *old)
{
	for (int i = 0; i < FILES; i++) {
		disk_forget_pending(&disk[i]);
		buf_destroy(disk[i].safe);
		check_ok(buf_from(&disk[i].safe, old->data, i == DB ? old->len : 0, &e));
		disk[i].name_safe = i == DB;
	}
}

TEST(a_power_cut_before_any_write_or_sync_leaves_all_or_nothing_and_what_was_told_done)
{
	scoped(buf) *old = prepare();
	uint64_t news = 0, olds = 0;
	bool met = true;

	memset(&plan, 0, sizeof(plan));
	plan.fail_with = EIO;
	plan.from_then = true;
	plan.writes_only = true;
	plan.record = true;
	for (plan.stop_at = 1; met; plan.stop_at++)
		for (enum loss how = LOSE_ALL; how < LOSSES; how++) {
			struct error story = { 0 };
			int rc, found;

			disk_begin(old);
			rc = planned_change(old, &story);
			met = plan.met;
			cut(DB, how);
			cut(JOURNAL, how);
			found = state_found();
			check(rc != 0 || found == NEW);
			news += found == NEW;
			olds += found == OLD;
		}
	disk_begin(old);
	for (int i = 0; i < FILES; i++) {
		buf_destroy(disk[i].safe);
		disk[i].safe = NULL;
	}
	check(olds > 100 && news >= LOSSES);
}
TEST_MAIN("catalog-crash")
