#include "media/media.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "media/child.h"
#include "media/testing.h"

TEST(a_whole_jpeg_is_measured)
{
	scoped(media) *m = open_child();
	scoped(buf) *b = sample_jpeg(123, 45, 0, 0);
	struct media_info info = ask(m, b->data, b->len);

	check(info.whole && info.width == 123 && info.height == 45);
	check(strcmp(info.type, "image/jpeg") == 0);
}

TEST(a_cut_or_torn_jpeg_is_not_whole_and_the_child_lives_on)
{
	scoped(media) *m = open_child();
	scoped(buf) *b = sample_jpeg(64, 64, SAMPLE_RESTARTS, 0);
	pid_t pid = media_pid(m);

	for (size_t len = 2; len < b->len; len++)
		check(!ask(m, b->data, len).whole);
	check(ask(m, b->data, b->len).whole);
	memset(b->data + b->len / 2, 0xff, 40);
	check(!ask(m, b->data, b->len).whole);
	check(media_pid(m) == pid);
}

TEST(what_is_no_jpeg_is_taken_as_it_is_and_nothing_is_not_whole)
{
	scoped(media) *m = open_child();

	/* It is not asked. */
	kill(media_pid(m), SIGSTOP);
	check(ask(m, "GIF89a", 6).whole && strcmp(ask(m, "GIF89a", 6).type, "image/gif") == 0);
	check(strcmp(ask(m, "\1\2", 2).type, "application/octet-stream") == 0);
	check(!ask(m, "", 0).whole && !ask(m, NULL, 0).whole);
}

TEST(one_byte_more_than_the_limit_is_not_sent)
{
	scoped(media) *m = open_child();
	uint8_t *large = calloc(1, (size_t)MEDIA_BYTES_MAX + 1);
	struct media_info info;

	check(large != NULL);
	memcpy(large, "\xff\xd8", 2);
	info = ask(m, large, (size_t)MEDIA_BYTES_MAX + 1);
	check(!info.whole && strcmp(info.story, "too many bytes for one picture") == 0);
	info = ask(m, large, MEDIA_BYTES_MAX);
	check(!info.whole && strcmp(info.story, "too many bytes for one picture") != 0);
	free(large);
	check(strstr(info.story, "died") == NULL);
}

TEST(answers_come_in_the_order_sent)
{
	scoped(media) *m = open_child();
	struct buf *b[40];
	struct media_info info;

	for (unsigned i = 0; i < COUNT_OF(b); i++)
		b[i] = sample_jpeg(i + 1, 2 * i + 1, i % 2 ? SAMPLE_PROGRESSIVE : 0, 0);
	for (unsigned sent = 0, taken = 0; taken < 2 * COUNT_OF(b); taken++) {
		for (; sent < 2 * COUNT_OF(b) && sent - taken < MEDIA_WINDOW; sent++) {
			if (sent % 2)
				check_ok(media_send(m, "%PDF-1.7", 8, &e));
			else
				check_ok(media_send(m, b[sent / 2]->data, b[sent / 2]->len, &e));
		}
		check_ok(media_answer(m, &info, &e));
		check(info.whole && info.width == (taken % 2 ? 0 : taken / 2 + 1));
		check(strcmp(info.type, taken % 2 ? "application/pdf" : "image/jpeg") == 0);
	}
	for (unsigned i = 0; i < COUNT_OF(b); i++)
		buf_destroy(b[i]);
}

TEST(the_window_has_its_limit)
{
	scoped(media) *m = open_child();
	scoped(buf) *b = sample_jpeg(9, 9, 0, 0);
	struct media_info info;

	check_code(media_answer(m, &info, &e), E_RANGE);
	for (int i = 0; i < MEDIA_WINDOW; i++)
		check_ok(media_send(m, b->data, b->len, &e));
	check_code(media_send(m, b->data, b->len, &e), E_RANGE);
	check_code(media_check(m, b->data, b->len, &info, &e), E_RANGE);
	for (int i = 0; i < MEDIA_WINDOW; i++) {
		check_ok(media_answer(m, &info, &e));
		check(info.whole);
	}
	check_code(media_answer(m, &info, &e), E_RANGE);
}

TEST(pictures_larger_than_any_socket_go_through_while_others_wait)
{
	scoped(media) *m = open_child();
	scoped(buf) *b = sample_jpeg(3600, 2400, 0, 0);
	struct media_info info;

	check(b->len > 1000000);
	for (int i = 0; i < MEDIA_WINDOW; i++)
		check_ok(media_send(m, b->data, b->len, &e));
	for (int i = 0; i < MEDIA_WINDOW; i++) {
		check_ok(media_answer(m, &info, &e));
		check(info.whole && info.width == 3600);
	}
}

TEST(a_child_killed_from_outside_costs_no_picture)
{
	scoped(media) *m = open_child();
	scoped(buf) *large = sample_jpeg(1000, 1000, 0, 0);
	struct media_info info;

	for (size_t when = 0; when < MEDIA_WINDOW; when += 5) {
		for (size_t i = 0; i < MEDIA_WINDOW; i++)
			check_ok(media_send(m, large->data, large->len - (i % 2), &e));
		for (size_t i = 0; i < MEDIA_WINDOW; i++) {
			if (i == when)
				kill(media_pid(m), SIGKILL);
			check_ok(media_answer(m, &info, &e));
			check(info.whole == (i % 2 == 0));
			check(!strstr(info.story, "died"));
		}
	}
}

TEST(a_child_killed_between_pictures_is_started_again)
{
	scoped(media) *m = open_child();
	scoped(buf) *b = sample_jpeg(9, 9, 0, 0);

	for (int i = 0; i < 5; i++) {
		siginfo_t dead;

		kill(media_pid(m), SIGKILL);
		/* Wholly dead, so that writing to it would be SIGPIPE. */
		check(waitid(P_PID, (id_t)media_pid(m), &dead, WEXITED | WNOWAIT) == 0);
		check(ask(m, b->data, b->len).whole);
	}
}

TEST(only_the_picture_that_kills_is_not_whole)
{
	scoped(media) *m = open_child();
	scoped(buf) *good = sample_jpeg(30, 20, 0, 0);
	scoped(buf) *bad = hook("abort");
	struct media_info info;

	for (unsigned pattern = 1; pattern < 64; pattern++) {
		for (unsigned i = 0; i < 6; i++) {
			const struct buf *b = pattern >> i & 1 ? bad : good;

			check_ok(media_send(m, b->data, b->len, &e));
		}
		for (unsigned i = 0; i < 6; i++) {
			check_ok(media_answer(m, &info, &e));
			check(info.whole == !(pattern >> i & 1));
			check(info.whole || strstr(info.story, "the decoder died of it"));
		}
	}
}

TEST(the_filter_kills_whatever_reaches_out)
{
	static const char *const words[] = { "open", "socket", "fork", "exec", "kill", "mmap",
					     "mprotect", "read", "limit" };
	scoped(media) *m = open_child();
	char want[64];

	snprintf(want, sizeof(want), "the decoder died of it (signal %d)", SIGSYS);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct media_info info = ask_hook(m, words[i]);

		if (info.whole || strcmp(info.story, want) != 0)
			fail_msg("%s: %s", words[i], info.story);
	}
}

TEST(a_child_that_ends_or_lies_is_not_believed)
{
	static const char *const words[] = { "exit", "nonsense", "lie" };
	scoped(media) *m = open_child();
	scoped(buf) *good = sample_jpeg(30, 20, 0, 0);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		check(!ask_hook(m, words[i]).whole);
		check(ask(m, good->data, good->len).whole);
	}
}

TEST(the_childs_story_is_made_printable)
{
	scoped(media) *m = open_child();
	struct media_info info = ask_hook(m, "curse");

	check(strlen(info.story) == MEDIA_STORY_MAX - 1);
	check(strspn(info.story, "?") == MEDIA_STORY_MAX - 1);
}

TEST(the_child_has_no_environment_and_little_memory)
{
	scoped(media) *m = open_child();

	check(ask_hook(m, "around").whole);
	if (!MEDIA_SANITIZED)
		check(ask_hook(m, "memory").whole);
}

TEST(a_picture_that_takes_for_ever_is_ended_and_the_next_is_whole)
{
	scoped(media) *m = open_child();
	scoped(buf) *good = sample_jpeg(30, 20, 0, 0);
	scoped(buf) *bad = hook("loop");
	uint64_t begin_us = sys->monotonic_us();
	struct media_info info;

	check_ok(media_send(m, bad->data, bad->len, &e));
	check_ok(media_send(m, good->data, good->len, &e));
	check_ok(media_answer(m, &info, &e));
	check(!info.whole && strcmp(info.story, "decoding took longer than 2 s") == 0);
	check_ok(media_answer(m, &info, &e));
	check(info.whole);
	check(sys->monotonic_us() - begin_us < 20000000);
}

TEST(closing_does_not_wait_for_a_child_that_hangs)
{
	scoped(buf) *bad = hook("loop");
	uint64_t begin_us = sys->monotonic_us();
	struct media *m = open_child();

	check_ok(media_send(m, bad->data, bad->len, &e));
	media_close(m);
	m = open_child();
	kill(media_pid(m), SIGSTOP);
	media_close(m);
	media_close(NULL);
	check(sys->monotonic_us() - begin_us < 1900000 || MEDIA_SANITIZED);
}

TEST(a_caller_that_is_long_away_kills_nobody)
{
	scoped(media) *m = open_child();
	scoped(buf) *large = sample_jpeg(3600, 2400, 0, 0);
	pid_t pid = media_pid(m);
	struct media_info info;

	/* More than the socket takes, so that the child waits for the rest of a picture. */
	for (int i = 0; i < 3; i++)
		check_ok(media_send(m, large->data, large->len, &e));
	sys->sleep_us(2600000);
	for (int i = 0; i < 3; i++) {
		check_ok(media_answer(m, &info, &e));
		check(info.whole);
	}
	check(media_pid(m) == pid);
}

TEST(a_program_that_is_no_decoder_is_an_error)
{
	struct media *m = NULL;

	check_code(media_open(&m, "/nonexistent", NULL, 0, &e), E_IO);
	check_code(media_open(&m, "/bin/true", NULL, 0, &e), E_IO);
	check_code(media_open(&m, "/bin/echo", NULL, 0, &e), E_IO);
	check(m == NULL);
}

TEST(without_a_socket_the_hidden_verb_does_nothing)
{
	char command[4096];
	int status;

	snprintf(command, sizeof(command), "%s media-child < /dev/null > /dev/null", MEDIA_CHILD);
	status = system(command); /* NOLINT: a fixed name */
	check(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static int count_entry(void *ctx, const char *name)
{
	(void)name;
	(*(int *)ctx)++;
	return 0;
}

TEST(nothing_open_here_is_open_there)
{
	int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
	scoped(media) *m = open_child();
	char path[64];
	int count = 0;

	check(leak >= 0);
	/* Not dumpable: its descriptors belong to root, who alone may count them. */
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)media_pid(m));
	if (sys->list(path, count_entry, &count) < 0)
		check(errno == EACCES);
	else
		check(count == (MEDIA_SANITIZED ? 3 : 2));
	close(leak);
}

/* In a process of its own: open, tell the child's pid, and die. */
static _Noreturn void be_parent(int tell, bool busy)
{
	scoped(buf) *b = hook("loop");
	struct media *m = NULL;
	pid_t pid;

	if (media_open(&m, MEDIA_CHILD, NULL, 0, NULL) < 0 ||
	    (busy && media_send(m, b->data, b->len, NULL) < 0))
		_exit(1);
	pid = media_pid(m);
	if (write(tell, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
		_exit(1);
	kill(getpid(), SIGKILL);
	_exit(1);
}

static void check_parent_dies(bool busy)
{
	pid_t parent, pid = 0;
	int pipe_fd[2], status;

	check(pipe2(pipe_fd, O_CLOEXEC) == 0);
	parent = fork();
	if (parent == 0)
		be_parent(pipe_fd[1], busy);
	check(read(pipe_fd[0], &pid, sizeof(pid)) == (ssize_t)sizeof(pid));
	check(waitpid(parent, &status, 0) == parent && WIFSIGNALED(status));
	check(waitpid(pid, &status, 0) == pid);
	check(busy ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : 1);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

TEST(the_child_dies_with_its_parent)
{
	check(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0); /* orphans come to us */
	check_parent_dies(false);
	check_parent_dies(true);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

TEST(a_terminals_interrupt_does_not_reach_the_child)
{
	scoped(media) *m = open_child();

	check(getpgid(media_pid(m)) != getpgrp());
}

/* The photos of a tar file: 512 bytes of header with the length in octal, then the file. */
static uint64_t check_tar(struct media *m, const struct buf *tar, uint64_t *ret_bytes)
{
	uint64_t sent = 0, taken = 0;
	struct media_info info;

	for (size_t at = 0; at + 512 <= tar->len && tar->data[at];) {
		size_t len = strtoull((const char *)tar->data + at + 124, NULL, 8);

		check(len <= tar->len - at - 512);
		if (len > 3 && memcmp(tar->data + at + 512, "\xff\xd8\xff", 3) == 0) {
			if (sent - taken == MEDIA_WINDOW) {
				check_ok(media_answer(m, &info, &e));
				if (!info.whole)
					fail_msg("photo %llu: %s", (unsigned long long)taken,
						 info.story);
				taken++;
			}
			check_ok(media_send(m, tar->data + at + 512, len, &e));
			sent++;
			*ret_bytes += len;
		}
		at += 512 + (len + 511) / 512 * 512;
	}
	for (; taken < sent; taken++) {
		check_ok(media_answer(m, &info, &e));
		check(info.whole);
	}
	return sent;
}

TEST(a_thousand_photos_go_through_one_child)
{
	const char *shared = test_shared(); /* skips: nothing may be held yet */
	scoped(buf) *tar = NULL;
	scoped(media) *m = open_child();
	pid_t pid = media_pid(m);
	uint64_t begin_us, took_us, count, bytes = 0;
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, shared, "data/sign-digits/photos.tar", &e));
	check_ok(file_read(path, 64 << 20, &tar, &e));
	begin_us = sys->monotonic_us();
	count = check_tar(m, tar, &bytes);
	took_us = sys->monotonic_us() - begin_us;
	check(count > 1000 && media_pid(m) == pid);
	print_message("%llu photos of %llu bytes: %llu per second\n", (unsigned long long)count,
		      (unsigned long long)(bytes / count),
		      (unsigned long long)(count * 1000000 / (took_us + 1)));
}

TEST_MAIN("media")
