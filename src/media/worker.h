/*
 * worker: the child process seen from its parent: a pid and a socket.
 */
#ifndef MEDIA_WORKER_H
#define MEDIA_WORKER_H

#include "media/media.h"

struct worker {
	pid_t pid; /* -1: none */
	int fd;	   /* never blocks; -1: none */
};

/* Start program and wait until it is confined; make (NULL: nothing) and made_len as in media_open.
 * Errors: E_IO; then there is no child. */
must_use int worker_start(struct worker *w, const char *program, const char *make,
			  size_t made_len, struct error *e);
/* Kill it (if it is not dead already) and take its end. Returns the signal that ended it, or 0.
 * None is fine. */
int worker_stop(struct worker *w);

#endif
