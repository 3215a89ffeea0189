/*
 * log: what the files of the verb `log` share.
 */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include "cli/call.h"

int log_witness(struct call *c, struct error *e); /* log_witness.c */
int log_cosign(struct call *c, struct error *e);  /* log_cosign.c */

#endif
