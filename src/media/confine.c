#include "media/child.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"

/* JPEG_MEMORY_MAX, MEDIA_BYTES_MAX, and the program itself. */
enum { ADDRESS_SPACE_MAX = 512 << 20 };

static int limit(int resource, rlim_t most)
{
	const struct rlimit l = { most, most };

	return setrlimit((__rlimit_resource_t)resource, &l);
}

static int limit_resources(void)
{
	/* The address sanitizer's shadow alone is terabytes. */
	if (!MEDIA_SANITIZED && limit(RLIMIT_AS, ADDRESS_SPACE_MAX) < 0)
		return -1;
	if (limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NOFILE, 0) < 0 ||
	    limit(RLIMIT_FSIZE, 0) < 0 || limit(RLIMIT_NPROC, 0) < 0)
		return -1;
	return 0;
}

static int allow(scmp_filter_ctx f, int call)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 0);
}

/* On one descriptor alone. */
static int allow_on(scmp_filter_ctx f, int call, int fd)
{
	const struct scmp_arg_cmp first = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (uint64_t)fd };

	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &first);
}

/* With the third argument free of PROT_EXEC: no new code. */
static int allow_data(scmp_filter_ctx f, int call)
{
	const struct scmp_arg_cmp third = { .arg = 2, .op = SCMP_CMP_MASKED_EQ,
					    .datum_a = PROT_EXEC, .datum_b = 0 };

	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &third);
}

/* What the sanitizers' runtimes ask for beside, to watch and to say on fd 2 what they saw. They
 * open no file either, so a report comes without names of functions. */
static int allow_sanitizers(scmp_filter_ctx f)
{
	static const int calls[] = {
		SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	};

	for (size_t i = 0; i < COUNT_OF(calls); i++)
		if (allow(f, calls[i]) < 0)
			return -1;
	return allow_on(f, SCMP_SYS(write), 2);
}

static int add_rules(scmp_filter_ctx f)
{
	static const int calls[] = {
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
		SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall),
	};

	for (size_t i = 0; i < COUNT_OF(calls); i++)
		if (allow(f, calls[i]) < 0)
			return -1;
	if (allow_on(f, SCMP_SYS(read), 0) < 0 || allow_on(f, SCMP_SYS(write), 1) < 0 ||
	    allow_data(f, SCMP_SYS(mmap)) < 0 || allow_data(f, SCMP_SYS(mprotect)) < 0)
		return -1;
	return MEDIA_SANITIZED ? allow_sanitizers(f) : 0;
}

static int filter_calls(void)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int code;

	if (!f)
		return -1;
	code = add_rules(f);
	if (code == 0)
		code = seccomp_load(f);
	seccomp_release(f);
	return code < 0 ? -1 : 0;
}

int confine(void)
{
	struct stat st;

	/* Somebody typed the hidden verb: say nothing to their terminal. */
	if (sys->fstat(0, &st) < 0 || !S_ISSOCK(st.st_mode))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -1;
	if (limit_resources() < 0)
		return -1;
	return filter_calls();
}
