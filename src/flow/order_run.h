/*
 * order_run: what the files that execute an order share. Only for flow/order_*.c.
 */
#ifndef FLOW_ORDER_RUN_H
#define FLOW_ORDER_RUN_H

#include "flow/order.h"

struct run {
	struct repo *r;
	struct arena *a;
	const struct order *o;
	json_t *steps, *places; /* of the plan; lent */
	struct model *models;
	size_t model_count;
	uint64_t files_gone, files_other;
	size_t failed_first, failed_last; /* what is being tried; last SIZE_MAX: nothing */
};

const char *run_step_do(const struct run *x, size_t i);
must_use int run_intend(struct run *x, size_t first, size_t last, uint8_t state, struct error *e);
must_use int run_note(struct run *x, struct change *c, size_t first, size_t last, json_t *done,
		      struct error *e);
must_use int run_model_of_step(struct run *x, size_t i, struct model *ret, struct error *e);
int run_stops(struct run *x, size_t first, size_t last, struct error *e);
int run_erasures(struct run *x, size_t first, size_t last, struct error *e);
int run_destroy(struct run *x, size_t first, size_t last, struct error *e);
int run_search(struct run *x, size_t first, size_t last, struct error *e);

#endif
