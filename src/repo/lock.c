/* One writer: an open-file-description lock on the first byte of .rescind/lock. Children do not
 * inherit it (every descriptor is close-on-exec), and it goes with the process. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "repo/inside.h"

enum { LOCK_POLL_US = 20 * 1000, LOCK_TEXT_MAX = 32 };

static void name_holder(int fd, char ret[LOCK_TEXT_MAX])
{
	ssize_t len = sys->pread(fd, ret, LOCK_TEXT_MAX - 1, 0);

	ret[len > 0 ? len : 0] = 0;
	ret[strcspn(ret, "\n")] = 0;
}

static void sign_lock(int fd)
{
	char text[LOCK_TEXT_MAX];
	int len = snprintf(text, sizeof(text), "process %ld\n", (long)getpid());

	if (sys->ftruncate(fd, 0) == 0 && len > 0 && sys->pwrite(fd, text, (size_t)len, 0) != len)
		(void)sys->ftruncate(fd, 0); /* only information */
}

/* E_CONFLICT when another holds it for all of wait_us. */
int lock_wait(struct repo *r, uint64_t wait_us, struct error *e)
{
	char path[PATH_LEN_MAX], holder[LOCK_TEXT_MAX];
	uint64_t began = sys->monotonic_us();
	bool told = false;
	int fd;

	if (path_join(path, r->folder, "lock", e) < 0)
		return e->code;
	fd = file_open(path, O_RDWR | O_CREAT, 0600, NULL, e);
	if (fd < 0)
		return fd;
	while (sys->lock(fd, F_WRLCK, 0, 1) != 0) {
		name_holder(fd, holder);
		if (sys->monotonic_us() - began >= wait_us) {
			sys->close(fd);
			return error_set(e, E_CONFLICT, "another writer is at work: %s (wait until it ends)",
					 *holder ? holder : "unknown");
		}
		if (!told && wait_us > 0)
			repo_tell(r, "waiting for another writer: %s", holder);
		told = true;
		sys->sleep_us(LOCK_POLL_US);
	}
	sign_lock(fd);
	r->lock_fd = fd;
	return 0;
}

int lock_take(struct repo *r, uint64_t wait_us, struct error *e)
{
	bool in_way = true;

	if (lock_wait(r, wait_us, e) < 0)
		return e->code;
	if (successor_in_way(r, &in_way, e) == 0 && !in_way)
		return 0;
	repo_unlock(r);
	return e->code ? e->code :
			 error_set(e, E_CONFLICT, "the log has a successor by now (do it again)");
}

int repo_lock(struct repo *r, struct error *e)
{
	if (r->lock_fd >= 0)
		return 0;
	if (lock_take(r, LOCK_WAIT_US, e) < 0)
		return e->code;
	if (repo_catalog_follow(r, e) < 0 || recover_for_writing(r, e) < 0) {
		repo_unlock(r);
		return e->code;
	}
	return 0;
}

void repo_unlock(struct repo *r)
{
	if (r->lock_fd < 0)
		return;
	publish_end(r);
	sys->close(r->lock_fd);
	r->lock_fd = -1;
}
