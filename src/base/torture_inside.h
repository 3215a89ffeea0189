/*
 * torture_inside: between torture.c and what it has in the place of others (torture_wraps.c: malloc
 * and its kin, threads, the process's number and end, cmocka's failure). For these two alone.
 */
#ifndef BASE_TORTURE_INSIDE_H
#define BASE_TORTURE_INSIDE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The test itself; a scout; one that goes on with a fault. */
enum role { TEST_ITSELF, SCOUT, RUN };
enum { RUN_MET = 0, RUN_UNMET = 3, RUN_WRONG = 4, STORY_MAX = 4096 };

/* Of this process. */
struct role_now {
	enum role role;
	pid_t me;	/* the process that the role is of */
	pid_t next_pid; /* as others are told */
	bool acting;
	jmp_buf end_of_act;
	char *story; /* where a check that fails says why; of STORY_MAX */
	/* Of an act: how many allocations there were, and which fails (0: none). */
	uint64_t allocations, fails_at;
	bool fails_for_ever, memory_met;
	void (*no_room_soon)(void); /* a scout's, before each allocation */
};
extern struct role_now role_now;

_Noreturn void __real__exit(int code);
pid_t __real_getpid(void);

#endif
