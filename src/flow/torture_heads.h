/*
 * torture_heads: the public heads that others have seen in the torture test. No size of a log ever gets a
 * second root, nor does a log go back; one that follows another (repo/successor.h) is another log. For
 * flow/torture_test.c.
 */
#ifndef FLOW_TORTURE_HEADS_H
#define FLOW_TORTURE_HEADS_H

#include "repo/repo.h"

void torture_heads_forget(void);
/* A step has ended in this state. */
void torture_heads_settle(const struct repo *r, uint64_t facts, uint64_t records);
/* The public heads as they are; checks them. */
void torture_heads_note(void);
/* Has nobody seen any of r's log beyond these sizes? */
bool torture_heads_within(const struct repo *r, uint64_t facts, uint64_t records);
const void *torture_heads_noted(size_t *ret_len); /* lent */

#endif
