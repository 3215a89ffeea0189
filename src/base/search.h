/*
 * search: in a list that ascends. Any thread.
 */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/* The index of the first that is not below n, or count. At numbers, and each step_bytes further,
 * lies a uint64_t; they ascend (equal ones are fine). */
size_t search_from(const void *numbers, size_t count, size_t step_bytes, uint64_t n);

#endif
