/* The program that media_test starts: a picture may ask for what a decoder must never do. Started to
 * make "sums", it makes SUMS_LEN bytes of width, height and channels, first and last sample and
 * their sum; to make "more", it says one more than it was asked for. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/child.h"
#include "media/jpeg.h"
#include "media/protocol.h"
#include "media/sample.h"

extern char **environ;

static void claim(struct media_info *ret, bool holds)
{
	ret->whole = holds;
	ret->width = ret->height = 1;
}

static void loop(struct media_info *ret)
{
	for (volatile unsigned i = 0;; i++)
		claim(ret, true);
}

static void open_file(struct media_info *ret)
{
	claim(ret, open("/etc/passwd", O_RDONLY) >= -1);
}

static void open_socket(struct media_info *ret)
{
	claim(ret, socket(AF_INET, SOCK_STREAM, 0) >= -1);
}

static void make_process(struct media_info *ret)
{
	claim(ret, fork() >= -1);
}

static void run_program(struct media_info *ret)
{
	claim(ret, execl("/bin/true", "true", (char *)NULL) >= -1);
}

static void kill_parent(struct media_info *ret)
{
	claim(ret, kill(getppid(), SIGKILL) >= -1);
}

static void map_code(struct media_info *ret)
{
	claim(ret, mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != NULL);
}

static void turn_data_to_code(struct media_info *ret)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	claim(ret, mprotect(p, 4096, PROT_READ | PROT_EXEC) >= -1);
}

static void read_other(struct media_info *ret)
{
	char c;

	claim(ret, read(5, &c, 1) >= -1);
}

static void raise_limit(struct media_info *ret)
{
	const struct rlimit l = { 1, 1 };

	claim(ret, setrlimit(RLIMIT_CPU, &l) >= -1);
}

static void be_silent(struct media_info *ret)
{
	claim(ret, true);
	_exit(0);
}

static void stop(struct media_info *ret)
{
	claim(ret, true);
	abort();
}

static void talk_nonsense(struct media_info *ret)
{
	static const char zeros[176];

	claim(ret, write(1, zeros, sizeof(zeros)) > 0);
}

static void take_memory(struct media_info *ret)
{
	char *p = malloc((size_t)600 << 20);

	claim(ret, p == NULL);
	free(p);
}

static void look_around(struct media_info *ret)
{
	claim(ret, environ == NULL || environ[0] == NULL);
}

static void lie(struct media_info *ret)
{
	claim(ret, true);
	ret->width = MEDIA_DIMENSION_MAX + 1;
}

static void curse(struct media_info *ret)
{
	claim(ret, false);
	memset(ret->story, '\x1b', sizeof(ret->story));
}

/* A head of its own, and then so many of the bytes that follow it. */
static void answer(uint32_t made_len, uint32_t whole, size_t sent)
{
	static const uint8_t made[64];
	const struct answer a = { .kind = ANSWER_PICTURE, .width = 1, .height = 1,
				  .whole = whole, .made_len = made_len };

	if (write(1, &a, sizeof(a)) < 0 || write(1, made, sent) < 0)
		_exit(1);
}

static void make_more(struct media_info *ret)
{
	answer(SUMS_LEN + 1, 1, SUMS_LEN + 1);
	claim(ret, true);
}

static void make_fewer(struct media_info *ret)
{
	answer(SUMS_LEN - 1, 1, SUMS_LEN - 1);
	claim(ret, true);
}

static void make_endless(struct media_info *ret)
{
	answer(UINT32_MAX, 1, 64);
	claim(ret, true);
}

static void make_of_damage(struct media_info *ret)
{
	answer(SUMS_LEN, 0, SUMS_LEN);
	claim(ret, true);
}

static void make_half(struct media_info *ret)
{
	answer(SUMS_LEN, 1, SUMS_LEN / 2);
	claim(ret, true);
	_exit(0);
}

static void make_half_and_wait(struct media_info *ret)
{
	answer(SUMS_LEN, 1, SUMS_LEN / 2);
	loop(ret);
}

static const struct {
	const char *word;
	void (*act)(struct media_info *ret);
} acts[] = {
	{ "loop", loop }, { "open", open_file }, { "socket", open_socket },
	{ "fork", make_process }, { "exec", run_program }, { "kill", kill_parent },
	{ "mmap", map_code }, { "mprotect", turn_data_to_code }, { "read", read_other },
	{ "limit", raise_limit }, { "exit", be_silent }, { "abort", stop },
	{ "nonsense", talk_nonsense }, { "memory", take_memory }, { "around", look_around },
	{ "lie", lie }, { "curse", curse }, { "more", make_more }, { "fewer", make_fewer },
	{ "endless", make_endless }, { "of-damage", make_of_damage }, { "half", make_half },
	{ "half-and-wait", make_half_and_wait },
};

static void look_or_act(const void *bytes, size_t len_bytes, const struct media_maker *maker,
			uint8_t *made, struct media_info *ret)
{
	static const char hook[] = "\xff\xd8HOOK:";
	const size_t hook_len = sizeof(hook) - 1;

	if (len_bytes < hook_len || memcmp(bytes, hook, hook_len) != 0) {
		jpeg_look(bytes, len_bytes, maker, made, ret);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(acts); i++)
		if (strlen(acts[i].word) == len_bytes - hook_len &&
		    memcmp((const char *)bytes + hook_len, acts[i].word,
			   len_bytes - hook_len) == 0) {
			acts[i].act(ret);
			return;
		}
}

/* Of some sizes it makes trouble. */
static bool make_sums(void *ctx, const uint8_t *samples, uint32_t width, uint32_t height,
		      unsigned channels, uint8_t *made)
{
	const struct media_maker *maker = ctx;

	if (width == 101)
		abort();
	if (width == 102)
		for (volatile unsigned i = 0;; i++)
			;
	memset(made, 0, maker->len_bytes);
	sample_sums(samples, width, height, channels, made);
	return width != 103;
}

int main(int argc, char **argv)
{
	struct media_maker maker = { .len_bytes = SUMS_LEN, .make = make_sums, .ctx = &maker };

	if (argc < 2 || strcmp(argv[1], "media-child") != 0)
		return 2;
	if (argc == 2)
		child_serve(look_or_act, NULL);
	if (strcmp(argv[2], "more") == 0)
		maker.len_bytes++;
	else if (strcmp(argv[2], "sums") != 0)
		return 2;
	child_serve(look_or_act, &maker);
}
