#include "base/torture.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/test.h"

/* After the disk's faults: allocations that fail. */
enum { FAULT_MEMORY = DISK_FAULTS, FAULTS_ALL };
enum after { AFTER_KILL, AFTER_LOSE_ALL, AFTER_LOSE_SOME, AFTER_TWICE, AFTERS };
static const char *const after_names[AFTERS] = { "kill", "lose-all", "lose-some", "twice" };
enum { RUN_MET = 0, RUN_UNMET = 3, RUN_WRONG = 4, STORY_MAX = 4096, WRONGS_MAX = 20 };

struct wish {
	int fault;
	uint64_t n;
	bool for_ever;
	enum after after;
};

/* Where a run tells its parent. */
struct shared {
	uint64_t calls[FAULTS_ALL];
	uint64_t micros;
	char met[200], story[STORY_MAX];
};

static struct {
	struct shared *shared;
	uint64_t faults;
	unsigned wrongs; /* of the step */
	int words;	 /* a file in memory: what a run says to the standard error */
	pid_t child; /* 0: not in a run */
	bool acting;
	jmp_buf end_of_act;
	_Atomic uint64_t allocations;
	uint64_t fails_at;
	bool fails_for_ever;
	atomic_bool memory_met;
	uint64_t luck;
} t;

uint64_t torture_faults(void)
{
	return t.faults;
}

uint64_t torture_luck(void)
{
	t.luck = t.luck * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return t.luck >> 20;
}

/* --- in the place of others: see meson.build --- */

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
char *__real_strdup(const char *text);
void *__real_aligned_alloc(size_t to, size_t len);
_Noreturn void __real__exit(int code);
_Noreturn void __real__fail(const char *file, int line);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);
char *__wrap_strdup(const char *text);
void *__wrap_aligned_alloc(size_t to, size_t len);
_Noreturn void __wrap__exit(int code);
_Noreturn void __wrap__fail(const char *file, int line);
void __wrap_print_error(const char *format, ...);

static bool no_room(void)
{
	uint64_t n;

	if (!t.child || !t.acting || disk_busy())
		return false;
	n = atomic_fetch_add(&t.allocations, 1) + 1;
	if (t.fails_at == 0 || (n != t.fails_at && !(t.fails_for_ever && n > t.fails_at)))
		return false;
	atomic_store(&t.memory_met, true);
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t len)
{
	return no_room() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
	return no_room() ? NULL : __real_calloc(count, len);
}

void *__wrap_realloc(void *p, size_t len)
{
	return no_room() ? NULL : __real_realloc(p, len);
}

char *__wrap_strdup(const char *text)
{
	return no_room() ? NULL : __real_strdup(text);
}

static _Noreturn void end_act(void)
{
	longjmp(t.end_of_act, 1);
}

void *__wrap_aligned_alloc(size_t to, size_t len)
{
	return no_room() ? NULL : __real_aligned_alloc(to, len);
}

/* The end of the process is the end of the act. */
void __wrap__exit(int code)
{
	if (t.child != getpid())
		__real__exit(code);
	if (t.acting)
		end_act();
	__real__exit(RUN_WRONG);
}

void __wrap__fail(const char *file, int line)
{
	if (t.child != getpid())
		__real__fail(file, line);
	if (t.acting)
		end_act();
	__real__exit(RUN_WRONG);
}

void __wrap_print_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (t.child == getpid())
		vsnprintf(t.shared->story, STORY_MAX, format, args);
	else
		vfprintf(stderr, format, args);
	va_end(args);
}

/* --- one run --- */

static void arm(const struct wish *w)
{
	t.allocations = 0;
	t.memory_met = false;
	t.fails_at = w->fault == FAULT_MEMORY ? w->n : 0;
	t.fails_for_ever = w->for_ever;
	disk_arm(w->fault == FAULT_MEMORY ? DISK_COUNT : (enum disk_fault)w->fault, w->n, w->for_ever);
}

/* Whether the act was done. */
static bool attempt(int (*act)(void))
{
	volatile int code = -1;

	t.acting = true;
	if (setjmp(t.end_of_act) == 0)
		code = act();
	t.acting = false;
	return code == 0;
}

static void aftermath(enum after a, uint64_t luck)
{
	if (a == AFTER_KILL)
		disk_kill();
	else
		disk_cut(a == AFTER_LOSE_ALL ? LOSE_ALL : LOSE_SOME, luck);
}

static uint64_t micros(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static _Noreturn void run(const struct torture *step, const struct wish *w)
{
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	uint64_t began = micros();
	bool done, met;

	/* cmocka would go on with the next test. */
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		signal(deadly[i], SIG_DFL);
	dup2(t.words, STDERR_FILENO);
	t.child = getpid();
	t.luck = w->n * 977 + (uint64_t)w->fault;
	*t.shared->story = 0;
	arm(w);
	done = attempt(step->act);
	t.shared->calls[w->fault] = w->fault == FAULT_MEMORY ? t.allocations : disk_disarm();
	met = w->fault == FAULT_MEMORY ? t.memory_met : *disk_met() != 0;
	disk_disarm();
	t.fails_at = 0;
	snprintf(t.shared->met, sizeof(t.shared->met), "%s", disk_met());
	if (step->see)
		step->see();
	aftermath(w->after, torture_luck());
	if (w->after == AFTER_TWICE && step->next) {
		disk_arm(DISK_STOP, 1 + torture_luck() % 60, false);
		attempt(step->next);
		disk_disarm();
		aftermath(AFTER_LOSE_SOME, torture_luck());
	}
	step->look(done);
	t.shared->micros = micros() - began;
	__real__exit(met ? RUN_MET : RUN_UNMET);
}

static const char *fault_name(int fault)
{
	return fault == FAULT_MEMORY ? "memory" : disk_fault_names[fault];
}

static void tell_wrong(const struct torture *step, const struct wish *w, int status)
{
	char words[STORY_MAX] = "";

	if (pread(t.words, words, sizeof(words) - 1, 0) < 0)
		words[0] = 0;
	t.wrongs++;
	print_error("RESCIND_TORTURE_AT=\"%s %s %llu %s %s\" (%s), status %x: %s\n%s", step->step,
		    fault_name(w->fault), (unsigned long long)w->n, w->for_ever ? "ever" : "once",
		    after_names[w->after], t.shared->met, (unsigned)status, t.shared->story, words);
	if (t.wrongs >= WRONGS_MAX)
		fail_msg("%s: %u are wrong", step->step, t.wrongs);
}

/* Whether the fault was met. */
static bool try(const struct torture *step, const struct wish *w)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	if (ftruncate(t.words, 0) < 0 || lseek(t.words, 0, SEEK_SET) < 0)
		fail_msg("no file in memory");
	child = fork();
	if (child == 0)
		run(step, w);
	if (child < 0 || waitpid(child, &status, 0) != child)
		fail_msg("no process for a run");
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != RUN_MET && WEXITSTATUS(status) != RUN_UNMET))
		tell_wrong(step, w, status);
	t.faults += WEXITSTATUS(status) == RUN_MET;
	return WEXITSTATUS(status) == RUN_MET;
}

/* --- which runs --- */

/* What is tried of each fault: how often it strikes, and what comes after. */
static bool worth(int fault, bool for_ever, enum after a)
{
	if (fault == DISK_COUNT)
		return false;
	if (fault == DISK_STOP)
		return !for_ever;
	if (a == AFTER_TWICE || (fault == DISK_EINTR && (for_ever || a != AFTER_LOSE_ALL)))
		return false;
	if (fault == DISK_FSYNC)
		return true;
	/* The others change nothing of what is durable: one after is as good as another. */
	return a == AFTER_LOSE_ALL;
}

static bool only(const struct torture *step)
{
	const char *text = getenv("RESCIND_TORTURE_AT");
	char name[32], fault[16], once[8], after[16];
	struct wish w = { 0 };
	unsigned long long n;

	if (!text)
		return false;
	if (sscanf(text, "%31s %15s %llu %7s %15s", name, fault, &n, once, after) != 5)
		fail_msg("not understood: RESCIND_TORTURE_AT=%s", text);
	if (strcmp(name, step->step) != 0)
		return true;
	w.n = n;
	w.for_ever = strcmp(once, "ever") == 0;
	for (w.fault = 0; w.fault < FAULTS_ALL - 1 && strcmp(fault_name(w.fault), fault) != 0;)
		w.fault++;
	while (w.after < AFTERS - 1 && strcmp(after_names[w.after], after) != 0)
		w.after++;
	try(step, &w);
	return true;
}

/* How many runs there would be in all, and how long one takes. */
static uint64_t measure(const struct torture *step, uint64_t *ret_micros)
{
	uint64_t runs = 0, longest = 0;

	for (int f = 0; f < FAULTS_ALL; f++) {
		struct wish w = { .fault = f, .n = UINT64_MAX, .after = AFTER_LOSE_ALL };
		unsigned ways = 0;

		if (try(step, &w))
			fail_msg("%s: as many calls as that?", step->step);
		for (int i = 0; i < 2 * AFTERS; i++)
			ways += worth(f, i % 2, (enum after)(i / 2));
		runs += ways * t.shared->calls[f];
		longest = t.shared->micros > longest ? t.shared->micros : longest;
	}
	*ret_micros = longest;
	return runs;
}

static void try_all(const struct torture *step, uint64_t stride, uint64_t first)
{
	uint64_t calls[FAULTS_ALL], turn = first;

	memcpy(calls, t.shared->calls, sizeof(calls));
	for (int f = 0; f < FAULTS_ALL; f++)
		for (int i = 0; i < 2 * AFTERS; i++) {
			struct wish w = { .fault = f, .for_ever = i % 2, .after = (enum after)(i / 2) };

			if (!worth(f, w.for_ever, w.after))
				continue;
			for (w.n = 1; w.n <= calls[f]; w.n++)
				if (turn++ % stride == 0)
					try(step, &w);
		}
}

void torture(const struct torture *step)
{
	const char *mode = getenv("RESCIND_TORTURE"), *one = getenv("RESCIND_TORTURE_STEP");
	bool full = mode && strcmp(mode, "full") == 0;
	uint64_t runs, each, stride, seconds = step->seconds, before = t.faults, began = micros();

	if (!t.shared)
		t.shared = mmap(NULL, sizeof(*t.shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!t.words)
		t.words = memfd_create("words", MFD_CLOEXEC);
	check(t.shared != MAP_FAILED && t.words > 0);
	disk_settle();
	if (one && strcmp(one, step->step) != 0)
		return;
	t.wrongs = 0;
	if (only(step)) {
		check(t.wrongs == 0);
		return;
	}
	runs = measure(step, &each);
	if (mode && strtoull(mode, NULL, 10) > 0)
		seconds = strtoull(mode, NULL, 10);
	stride = full ? 1 : 1 + runs * each / (seconds * 1000000);
	try_all(step, stride, (uint64_t)time(NULL) / 86400);
	print_message("%s: %llu of %llu faults in %llu s\n", step->step,
		      (unsigned long long)(t.faults - before), (unsigned long long)runs,
		      (unsigned long long)((micros() - began) / 1000000));
	check(t.wrongs == 0);
}
