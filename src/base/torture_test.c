/* The torture itself: it finds what is wrong, and nothing wrong in what is right. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/torture.h"

static struct error e;

static bool is_there(const char *path)
{
	scoped(buf) *b = NULL;
	struct error why = { 0 };

	return file_read(path, 10, &b, &why) == 0 && strcmp(buf_text(b), "bytes") == 0;
}

static void look(bool done)
{
	check(is_there("/a/f") || !done);
}

/* Nothing may be there in part. */
static void look_whole(bool done)
{
	look(done);
	check(is_there("/a/f") || !file_exists("/a/f"));
}

static int act_right(void)
{
	error_clear(&e);
	return file_write("/a/f", "bytes", 5, 0600, &e);
}

/* Durable in the end, and for a moment there in part. */
static int act_in_place(void)
{
	int fd = sys->open("/a/f", O_RDWR | O_CREAT, 0600);

	error_clear(&e);
	if (fd < 0 || fd_write_all(fd, "bytes", 5, &e) < 0 || sys->fsync(fd) < 0)
		return -1;
	sys->close(fd);
	return folder_sync("/a", &e);
}

static int act_without_sync(void)
{
	int fd = sys->open("/a/f", O_RDWR | O_CREAT, 0600);
	ssize_t n = fd < 0 ? -1 : sys->pwrite(fd, "bytes", 5, 0);

	if (fd >= 0)
		sys->close(fd);
	return n == 5 ? folder_sync("/a", &e) : -1;
}

static int act_that_always_says_done(void)
{
	return act_right() < 0 ? 0 : 0;
}

static int act_that_expects_memory(void)
{
	volatile char *p = malloc(1);

	p[0] = 1;
	free((void *)p);
	return act_right();
}

static unsigned tried(int (*act)(void), void (*after)(bool))
{
	struct torture t = { "step", act, NULL, NULL, after, 1000, NULL, 0 };
	unsigned wrongs;

	disk_begin();
	check_ok(folder_make("/a", 0700, &e));
	wrongs = torture_wrongs(&t);
	disk_end();
	return wrongs;
}

TEST(what_is_right_is_not_found_wrong)
{
	uint64_t before = torture_faults();

	check(tried(act_right, look_whole) == 0);
	check(torture_faults() - before > 50);
	check(tried(act_in_place, look) == 0);
}

TEST(what_is_wrong_is_found)
{
	check(tried(act_in_place, look_whole) > 0);
	check(tried(act_without_sync, look) > 0);
	check(tried(act_that_always_says_done, look) > 0);
	check(tried(act_that_expects_memory, look) > 0);
}

TEST(shares_are_all_of_it_together)
{
	static const char *const shares[] = { "full", "full:1/3", "full:2/3", "full:3/3", "20" };
	uint64_t faults[5];

	for (int i = 0; i < 5; i++) {
		faults[i] = torture_faults();
		setenv("RESCIND_TORTURE", shares[i], 1);
		check(tried(act_right, look_whole) == 0);
		faults[i] = torture_faults() - faults[i];
	}
	unsetenv("RESCIND_TORTURE");
	check(faults[1] > 0 && faults[2] > 0 && faults[3] > 0);
	check(faults[0] == faults[1] + faults[2] + faults[3]);
	check(faults[4] >= 20 && faults[4] < faults[0]);
}

static unsigned *rests; /* of looks, in all processes */

static void look_and_again(bool done)
{
	look_whole(done);
	if (torture_seen(false))
		return;
	(*rests)++;
	check_ok(act_right());
	check(is_there("/a/f"));
}

/* Without the file, with it, and without and with what is left of its temporary name. */
TEST(from_one_state_a_look_goes_on_once)
{
	rests = mmap(NULL, sizeof(*rests), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(rests != MAP_FAILED);
	check(tried(act_right, look_and_again) == 0);
	check(*rests >= 2 && *rests <= 6);
	munmap(rests, sizeof(*rests));
}

TEST_MAIN("base-torture")
