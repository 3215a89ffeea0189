/*
 * task: what may take over a second takes one: progress for whoever looks, a wish
 * to stop, a deadline. One task belongs to one call; stop may be set from a signal.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include <signal.h>
#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

struct task {
	volatile sig_atomic_t stop; /* set by SIGINT or a caller: ends at the next check */
	uint64_t deadline_us;	    /* of sys->monotonic_us; 0 is none */
	uint64_t done, total;	    /* in units of what */
	const char *what;	    /* "records", "bytes"; lent */
	/* Called by task_step at most ten times a second, and at the end. May be NULL. */
	void (*show)(void *ctx, const struct task *t);
	void *show_ctx;
	uint64_t shown_us;
};

/* Errors: E_CANCELLED when stop is set or the deadline has passed. t may be NULL. */
must_use int task_check(struct task *t, struct error *e);
/* From here on it counts what (lent) from 0; total 0 is not known. t may be NULL. */
void task_phase(struct task *t, const char *what, uint64_t total);
/* Add to done, show if due, then task_check. t may be NULL. */
must_use int task_step(struct task *t, uint64_t more, struct error *e);
/* SIGINT and SIGTERM set t->stop; a second one ends the process. Once for a process, whose
 * task must outlive this; NULL puts the system's defaults back. */
void task_stop_on_signals(struct task *t);

#endif
