/* The program that media_test starts: a picture may ask for what a decoder must never do. */
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

static const struct {
	const char *word;
	void (*act)(struct media_info *ret);
} acts[] = {
	{ "loop", loop }, { "open", open_file }, { "socket", open_socket },
	{ "fork", make_process }, { "exec", run_program }, { "kill", kill_parent },
	{ "mmap", map_code }, { "mprotect", turn_data_to_code }, { "read", read_other },
	{ "limit", raise_limit }, { "exit", be_silent }, { "abort", stop },
	{ "nonsense", talk_nonsense }, { "memory", take_memory }, { "around", look_around },
	{ "lie", lie }, { "curse", curse },
};

static void check_or_act(const void *bytes, size_t len_bytes, struct media_info *ret)
{
	static const char hook[] = "\xff\xd8HOOK:";
	const size_t hook_len = sizeof(hook) - 1;

	if (len_bytes < hook_len || memcmp(bytes, hook, hook_len) != 0) {
		jpeg_check(bytes, len_bytes, ret);
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

int main(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "media-child") != 0)
		return 2;
	child_serve(check_or_act);
}
