/*
 * disk: a file system in memory under base/sys.h, for tests alone: one for a process. It keeps
 * what is durable apart from what was only written, so that a power cut can lose the rest:
 *
 *   bytes of a file     durable at its fsync (or syncfs); before that each sector of 512 bytes of
 *                       each write may be lost or kept, whatever came after it
 *   names in a folder   durable at the folder's fsync; before that each name made, taken away or
 *                       renamed may be lost or kept by itself
 *   a failed fsync      loses what was written, for good: it can still be read, until the cut, and
 *                       an fsync that works later says nothing of it
 *
 * Each folder in "/" is a file system of its own: no link or rename leads out of it. Descriptors
 * that it did not give, as those of sockets, are the system's.
 */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Empty but for "/"; its table is in sys. */
void disk_begin(void);
void disk_end(void); /* everything is forgotten, sys is as before */

void disk_settle(void); /* everything that was written is durable */
/* The process ended: descriptors and their locks are gone, what was written stays. */
void disk_kill(void);
enum disk_loss { LOSE_ALL, LOSE_NONE, LOSE_SOME };
/* Power cut: of what is not durable all is lost, nothing but what cannot be kept, or some by luck. */
void disk_cut(enum disk_loss how, uint64_t luck);

enum disk_fault {
	DISK_COUNT,  /* nothing fails */
	DISK_EIO,    /* any call fails */
	DISK_ENOSPC, /* a call that needs room fails */
	DISK_SHORT,  /* a call that reads or writes does half of it */
	DISK_EINTR,  /* a call that reads, writes or syncs is interrupted */
	DISK_FSYNC,  /* a sync fails */
	DISK_STOP,   /* before a call that changes something; from then on every call fails */
	DISK_FAULTS
};
extern const char *const disk_fault_names[DISK_FAULTS];

/* From now on, let the n-th call of its kind (from 1) be met by the fault, and all after it if
 * for_ever. Until disk_disarm, which returns how many calls of this kind were made. */
void disk_arm(enum disk_fault f, uint64_t n, bool for_ever);
uint64_t disk_disarm(void);
/* Before each call, until NULL: the faults that concern it, as bits. It may return in a process that
 * it split off, and arm a fault there for this very call (n is 1). */
void disk_watch(void (*watch)(unsigned faults));
/* The call that was met: "pwrite /a/repo/..."; empty when none was. Lent. */
const char *disk_met(void);

/* Has a sync failed, and what it lost can still be read? Of a process that is gone nobody hears of it. */
bool disk_spoiled(void);
/* Is there a file in this folder, or below it, with these bytes in it, that is durable or not? */
bool disk_holds(const char *folder, const void *bytes, size_t len_bytes);
/* Two states of the disk as it is read now are the same when their marks are (128 bits over every
 * path, mode and byte), begun alike and with the same more bytes. What is open does not count. */
void disk_mark(uint64_t ret_mark[2], const void *more, size_t len_bytes);
/* Time is at the next full hour, and luck is that of the hour, whatever was drawn before. */
void disk_another_day(void);
/* true while a call of the disk runs in this thread: what it allocates is the test's own. */
bool disk_busy(void);

#endif
