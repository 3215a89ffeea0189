/*
 * torture: a step of a story is done from the same state of the disk in memory (disk.h) with every
 * fault that it can meet, and each time it is looked at what is there then. For tests alone, in
 * programs that are linked with torture_dep: it puts itself in the place of malloc and its kin, of
 * _exit, of threads and of the process's number (so that all is the same each time), and of cmocka's
 * failure, so that a step that fails ends as a process would.
 *
 * The step is done once, by a scout: a process that meets no fault, but at each call and allocation
 * splits off one process for each fault to be tried there. That one goes on with the fault to the
 * end of the step. What comes after (a kill, a power cut) is again a process each. There the disk,
 * `done` and `noted` are all that the look depends on: luck and time begin anew (and nothing was
 * left in the memory of the process, as nothing is in a new one). So what was looked at once and
 * found sound is not looked at again.
 *
 * Environment: RESCIND_TORTURE=full tries every fault, full:K/N the K-th (from 1) of N equal shares
 * of them, NUMBER so many of each step; otherwise it is as many as the step says. Always the same
 * ones, evenly spread. RESCIND_TORTURE_STEP=STEP tries that step alone, and
 * RESCIND_TORTURE_AT="STEP FAULT N ONCE AFTER", as a failure names them, that one fault.
 */
#ifndef BASE_TORTURE_H
#define BASE_TORTURE_H

#include <stdbool.h>
#include <stddef.h>
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
	unsigned faults; /* to try when it is not said how many */
	/* Where see notes it; lent, may be NULL. */
	const void *noted;
	size_t noted_len;
};

/* The disk as it is, all of it durable, is where every run begins; it is left as it was. */
void torture(const struct torture *t);
/* As torture, but how many were wrong (told on the standard error, at most 20) does not fail. */
unsigned torture_wrongs(const struct torture *t);
/* In a look, from where on everything depends on the disk, noted and `is` alone: did a look go on
 * from the same before, and was it sound? Then the rest need not be done. Luck and time begin anew. */
bool torture_seen(bool is);
/* Faults that were met so far, each with all that came after it, in this process. */
uint64_t torture_faults(void);

#endif
