/*
 * command: a command of the user's, run by /bin/sh: what stops a product or erases an output. It
 * inherits no descriptor (and so no lock) but the standard ones, has nothing to read, writes what it
 * says to our stderr, and dies with us.
 */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include "base/error.h"
#include "base/own.h"

enum { COMMAND_TIME_MAX_S = 600 };

/* 0 when it ended with 0. Errors: E_IO, with how it ended; it is killed after COMMAND_TIME_MAX_S. */
must_use int command_run(const char *command, struct error *e);

#endif
