#include "base/torture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/test.h"
#include "base/torture_inside.h"

/* After the disk's faults: allocations that fail. */
enum { FAULT_MEMORY = DISK_FAULTS, FAULTS_ALL };
enum after { AFTER_KILL, AFTER_LOSE_ALL, AFTER_LOSE_SOME, AFTER_TWICE, AFTERS };
static const char *const after_names[AFTERS] = { "kill", "lose-all", "lose-some", "twice" };
enum { WRONGS_MAX = 20, RUN_SECONDS_MAX = 600, STATES_MAX = 1 << 20 /* a power of 2 */,
       LOOKS_MAX = 4 };

struct wish {
	int fault;
	uint64_t n;
	bool for_ever;
	enum after after;
};

struct state {
	uint64_t mark[2];
};

/* What all processes of a test share. */
struct shared {
	uint64_t calls[FAULTS_ALL];
	uint64_t faults, looks, state_count;
	unsigned wrongs; /* of the step */
	char met[200], story[STORY_MAX];
	struct state states[STATES_MAX]; /* that were looked at and are sound */
};

static struct {
	struct shared *shared;
	const struct torture *step;
	uint64_t step_count;
	int words; /* a file in memory: what a run says to the standard error */
	int told;  /* the standard error of the test */

	uint64_t calls[FAULTS_ALL]; /* a scout's */
	uint64_t base[FAULTS_ALL][2]; /* number of the first choice of a fault, once and for ever */
	uint64_t choices, wanted;     /* how many there are, and are to be tried */
	uint64_t share, shares;	      /* of these; share from 0 */

	struct wish wish; /* a run's */
	uint64_t luck;
	struct state looked[LOOKS_MAX]; /* at, and sound when the look ends */
	unsigned looked_count;
} t;

uint64_t torture_faults(void)
{
	return t.shared ? t.shared->faults : 0;
}

static uint64_t next_luck(void)
{
	t.luck = t.luck * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return t.luck >> 20;
}

/* --- processes --- */

/* In the process split off: 0. Else it, which has not ended yet. */
static pid_t split(enum role role)
{
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	uint64_t mark[2] = { 0 };
	pid_t child;

	disk_mark(mark, NULL, 0); /* what it has read of the disk, those split off need not */

	if (ftruncate(t.words, 0) < 0 || lseek(t.words, 0, SEEK_SET) < 0)
		abort();
	*t.shared->story = 0;
	child = fork();
	if (child < 0)
		abort();
	if (child > 0)
		return child;
	/* cmocka would go on with the next test. */
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		signal(deadly[i], SIG_DFL);
	dup2(t.words, STDERR_FILENO);
	role_now.role = role;
	role_now.me = __real_getpid();
	if (role == RUN)
		alarm(RUN_SECONDS_MAX); /* one that never ends is wrong */
	return 0;
}

static const char *fault_name(int fault)
{
	return fault == FAULT_MEMORY ? "memory" : disk_fault_names[fault];
}

static void tell_wrong(const struct wish *w, int status)
{
	char words[STORY_MAX] = "";

	if (pread(t.words, words, sizeof(words) - 1, 0) < 0)
		words[0] = 0;
	t.shared->wrongs++;
	dprintf(t.told, "RESCIND_TORTURE_AT=\"%s %s %llu %s %s\" (%s), status %x: %s\n%s",
		t.step->step, fault_name(w->fault), (unsigned long long)w->n,
		w->for_ever ? "ever" : "once", after_names[w->after], t.shared->met,
		(unsigned)status, t.shared->story, words);
}

/* Waits for the end of one of this wish; tells when it is wrong. Whether its fault was met. */
static bool judge(pid_t child, const struct wish *w)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(child, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != child || !WIFEXITED(status) ||
	    (WEXITSTATUS(status) != RUN_MET && WEXITSTATUS(status) != RUN_UNMET))
		tell_wrong(w, status);
	return WIFEXITED(status) && WEXITSTATUS(status) == RUN_MET;
}

/* --- one run --- */

static void arm(void)
{
	const struct wish *w = &t.wish;

	role_now.allocations = 0;
	role_now.memory_met = false;
	role_now.fails_at = w->fault == FAULT_MEMORY ? w->n : 0;
	role_now.fails_for_ever = w->for_ever;
	disk_arm(w->fault == FAULT_MEMORY ? DISK_COUNT : (enum disk_fault)w->fault, w->n, w->for_ever);
	*t.shared->met = 0;
}

/* Whether the act was done. In a process that was split off in it, too. */
static bool attempt(int (*act)(void))
{
	volatile int code = -1;

	role_now.acting = true;
	if (setjmp(role_now.end_of_act) == 0)
		code = act();
	role_now.acting = false;
	return code == 0;
}

/* Whoever comes now is another process, later. */
static void another_day(void)
{
	disk_another_day();
	role_now.next_pid++;
}

static void aftermath(enum after a)
{
	if (a == AFTER_KILL)
		disk_kill();
	else
		disk_cut(a == AFTER_LOSE_ALL ? LOSE_ALL : LOSE_SOME, next_luck());
	another_day();
}

/* Where this state is among those that were looked at, or its place, which is empty. */
static struct state *place_of(const struct state *s)
{
	uint64_t at = s->mark[1] % STATES_MAX;

	while (t.shared->states[at].mark[0] && memcmp(&t.shared->states[at], s, sizeof(*s)) != 0)
		at = (at + 1) % STATES_MAX;
	return &t.shared->states[at];
}

/* Was it looked at, from this point of a look on? */
static bool seen(unsigned point, bool done)
{
	struct state s = { { t.step_count, 2 * point + done } };

	disk_mark(s.mark, t.step->noted, t.step->noted_len);
	s.mark[0] |= 1; /* an empty place has 0 */
	if (place_of(&s)->mark[0])
		return true;
	if (t.looked_count < LOOKS_MAX)
		t.looked[t.looked_count++] = s;
	return false;
}

bool torture_seen(bool is)
{
	another_day();
	return seen(t.looked_count, is);
}

static void look(bool done)
{
	if (seen(0, done))
		return;
	t.shared->looks++;
	t.step->look(done);
	for (unsigned i = 0; i < t.looked_count && t.shared->state_count < STATES_MAX / 2; i++) {
		*place_of(&t.looked[i]) = t.looked[i];
		t.shared->state_count++;
	}
}

static _Noreturn void end_run(bool done, bool met)
{
	t.luck = t.wish.n * 977 + (uint64_t)t.wish.fault;
	/* Of a kill, the next command finds what no cut would have left. */
	aftermath(t.wish.after == AFTER_TWICE && next_luck() % 2 ? AFTER_KILL : t.wish.after);
	if (t.wish.after == AFTER_TWICE && t.step->next) {
		disk_arm(DISK_STOP, 1 + next_luck() % 60, false);
		attempt(t.step->next);
		disk_disarm();
		aftermath(AFTER_LOSE_SOME);
	}
	look(done);
	t.shared->faults += met;
	__real__exit(met ? RUN_MET : RUN_UNMET);
}

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

static unsigned ways(int fault, bool for_ever)
{
	unsigned n = 0;

	for (int a = 0; a < AFTERS; a++)
		n += worth(fault, for_ever, (enum after)a);
	return n;
}

static enum after first_after(int fault, bool for_ever)
{
	int a = 0;

	while (a < AFTER_TWICE && !worth(fault, for_ever, (enum after)a))
		a++;
	return (enum after)a;
}

/* The act of a run has ended: now what comes after it, or this one after alone. */
static _Noreturn void after_act(bool done, bool alone)
{
	struct wish w = t.wish;
	bool met = w.fault == FAULT_MEMORY ? role_now.memory_met : *disk_met() != 0;

	disk_disarm();
	role_now.fails_at = 0;
	snprintf(t.shared->met, sizeof(t.shared->met), "%s", disk_met());
	if (t.step->see)
		t.step->see();
	if (alone || ways(w.fault, w.for_ever) == 1)
		end_run(done, met);
	for (int a = 0; a < AFTERS && t.shared->wrongs < WRONGS_MAX; a++) {
		pid_t child;

		t.wish.after = (enum after)a;
		if (!worth(w.fault, w.for_ever, t.wish.after))
			continue;
		child = split(RUN);
		if (child == 0)
			end_run(done, met);
		judge(child, &t.wish);
	}
	__real__exit(met ? RUN_MET : RUN_UNMET);
}

/* --- the scout --- */

/* Is it one of those to be tried? Evenly spread. */
static bool is_chosen(const struct wish *w)
{
	uint64_t i = t.base[w->fault][w->for_ever] + w->n - 1;
	uint64_t turn = i * t.wanted / t.choices;

	return t.shared->wrongs < WRONGS_MAX && (i + 1) * t.wanted / t.choices > turn &&
	       turn % t.shares == t.share;
}

/* A call or an allocation that these faults concern. Also returns in those that are split off. */
static void pass(unsigned faults)
{
	if (role_now.role != SCOUT || !role_now.acting)
		return;
	for (int f = 0; f < FAULTS_ALL; f++) {
		if (!(faults >> f & 1))
			continue;
		t.calls[f]++;
		for (int ever = 0; ever < 2 && t.choices > 0; ever++) {
			struct wish w = { f, t.calls[f], ever, first_after(f, ever) };
			pid_t child;

			if (ways(f, ever) == 0 || !is_chosen(&w))
				continue;
			child = split(RUN);
			if (child > 0) {
				judge(child, &w);
				continue;
			}
			t.wish = w;
			t.wish.n = 1; /* this one, from here */
			arm();
			t.wish.n = w.n;
			return;
		}
	}
}

static void pass_memory(void)
{
	pass(1U << FAULT_MEMORY);
}

/* Splits off what is chosen; where nothing can be, counts, and looks at what is there then. */
static _Noreturn void scout(void)
{
	bool done;

	disk_watch(pass);
	role_now.no_room_soon = pass_memory;
	done = attempt(t.step->act);
	disk_watch(NULL);
	if (role_now.role == RUN)
		after_act(done, false);
	if (!done)
		__real__exit(RUN_WRONG);
	memcpy(t.shared->calls, t.calls, sizeof(t.calls));
	if (t.choices > 0)
		__real__exit(RUN_UNMET);
	role_now.role = RUN;
	t.wish = (struct wish){ .fault = DISK_COUNT, .after = AFTER_LOSE_ALL };
	after_act(done, true);
}

static void send_scout(void)
{
	const struct wish nothing = { .fault = DISK_COUNT, .after = AFTER_LOSE_ALL };
	pid_t child;

	fflush(NULL);
	memset(t.calls, 0, sizeof(t.calls));
	child = split(SCOUT);
	if (child == 0)
		scout();
	judge(child, &nothing);
}

/* --- which --- */

/* How many runs there would be in all; the choices are numbered. */
static uint64_t measure(void)
{
	uint64_t runs = 0, choices = 0;

	t.choices = 0;
	send_scout();
	for (int f = 0; f < FAULTS_ALL; f++)
		for (int ever = 0; ever < 2; ever++) {
			t.base[f][ever] = choices;
			choices += ways(f, ever) > 0 ? t.shared->calls[f] : 0;
			runs += ways(f, ever) * t.shared->calls[f];
		}
	t.choices = choices;
	return runs;
}

/* All as the environment says. */
static void choose(void)
{
	const char *mode = getenv("RESCIND_TORTURE");
	unsigned long long share = 1, shares = 1, number = mode ? strtoull(mode, NULL, 10) : 0;

	t.wanted = number > 0 ? number : t.step->faults;
	if (mode && strncmp(mode, "full", 4) == 0) {
		t.wanted = t.choices;
		if (mode[4] && sscanf(mode, "full:%llu/%llu", &share, &shares) != 2)
			fail_msg("not understood: RESCIND_TORTURE=%s", mode);
	}
	if (share < 1 || share > shares)
		fail_msg("not understood: RESCIND_TORTURE=%s", mode);
	t.wanted = t.wanted < t.choices ? t.wanted : t.choices;
	t.share = share - 1;
	t.shares = shares;
}

/* One fault that the environment names, by an act of its own. */
static bool only(void)
{
	const char *text = getenv("RESCIND_TORTURE_AT");
	char name[32], fault[16], once[8], after[16];
	struct wish w = { 0 };
	unsigned long long n;
	pid_t child;

	if (!text)
		return false;
	if (sscanf(text, "%31s %15s %llu %7s %15s", name, fault, &n, once, after) != 5)
		fail_msg("not understood: RESCIND_TORTURE_AT=%s", text);
	if (strcmp(name, t.step->step) != 0)
		return true;
	w.n = n;
	w.for_ever = strcmp(once, "ever") == 0;
	for (w.fault = 0; w.fault < FAULTS_ALL - 1 && strcmp(fault_name(w.fault), fault) != 0;)
		w.fault++;
	while (w.after < AFTERS - 1 && strcmp(after_names[w.after], after) != 0)
		w.after++;
	t.wish = w;
	fflush(NULL);
	child = split(RUN);
	if (child == 0) {
		arm();
		after_act(attempt(t.step->act), true);
	}
	if (!judge(child, &w))
		print_message("%s: not met\n", text);
	return true;
}

static void begin(void)
{
	t.shared = mmap(NULL, sizeof(*t.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	t.words = memfd_create("words", MFD_CLOEXEC);
	t.told = dup(STDERR_FILENO);
	check(t.shared != MAP_FAILED && t.words > 0 && t.told > 0);
	role_now.story = t.shared->story;
}

unsigned torture_wrongs(const struct torture *step)
{
	const char *one = getenv("RESCIND_TORTURE_STEP");
	struct timespec before, now;
	uint64_t runs, faults, looks;

	if (!t.shared)
		begin();
	disk_settle();
	if (one && strcmp(one, step->step) != 0)
		return 0;
	t.step = step;
	t.step_count++;
	t.shared->wrongs = 0;
	faults = t.shared->faults;
	looks = t.shared->looks;
	if (only())
		return t.shared->wrongs;
	clock_gettime(CLOCK_MONOTONIC, &before);
	runs = measure();
	choose();
	if (t.wanted > 0 && t.shared->wrongs == 0)
		send_scout();
	clock_gettime(CLOCK_MONOTONIC, &now);
	print_message("%s: %llu of %llu faults, %llu states, %.1f s\n", step->step,
		      (unsigned long long)(t.shared->faults - faults), (unsigned long long)runs,
		      (unsigned long long)(t.shared->looks - looks),
		      (double)(now.tv_sec - before.tv_sec) +
			      (double)(now.tv_nsec - before.tv_nsec) / 1e9);
	return t.shared->wrongs;
}

void torture(const struct torture *step)
{
	check(torture_wrongs(step) == 0);
}
