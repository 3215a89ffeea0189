/*
 * torture: a step of a story is done over and over from the same state of the disk in memory
 * (disk.h), each time with another fault, and each time it is looked at what is there then. For
 * tests alone, in programs that are linked with torture_dep: it puts itself in the place of malloc
 * and its kin, of _exit, and of cmocka's failure, so that a step that fails ends as a process would.
 *
 * Every run is a process of its own. Environment: RESCIND_TORTURE=full tries every fault, SECONDS
 * as many as take that long for each step, evenly spread, beginning elsewhere each day.
 * RESCIND_TORTURE_STEP=STEP tries that step alone, and RESCIND_TORTURE_AT="STEP FAULT N ONCE AFTER",
 * as a failure names them, that one fault.
 */
#ifndef BASE_TORTURE_H
#define BASE_TORTURE_H

#include <stdbool.h>
#include <stdint.h>

struct torture {
	const char *step;
	/* Does it, with the fault: 0 or a code. A check in it that fails counts as a code. It ends as
	 * a process does: nothing that it held is closed. */
	int (*act)(void);
	/* What others can see before the cut, noted. May be NULL. */
	void (*see)(void);
	/* The next command after a cut, itself cut in some runs. May be NULL. */
	int (*next)(void);
	/* What must be true then. done: act returned 0. Here a check that fails is a failure. */
	void (*look)(bool done);
	unsigned seconds; /* that it may take when not full */
};

/* The disk as it is, all of it durable, is where every run begins; it is left as it was. */
void torture(const struct torture *t);
/* Faults that were met so far, in this process. */
uint64_t torture_faults(void);
/* A seed for what a test chooses itself. */
uint64_t torture_luck(void);

#endif
