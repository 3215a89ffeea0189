/*
 * order_run: what the files that execute an order share. Only for flow/order_*.c.
 */
#ifndef FLOW_ORDER_RUN_H
#define FLOW_ORDER_RUN_H

#include "flow/order.h"
#include "flow/order_places.h"

struct run {
	struct repo *r;
	struct arena *a;
	const struct order *o;
	const struct set *taken; /* what leaves datasets and sums: of all orders that go together */
	json_t *steps, *places; /* of the plan; lent */
	json_t *made;		/* rows of the checkpoints that this command made; lent */
	struct model *models;
	size_t model_count;
	uint64_t files[REMOVED_COUNT];
	size_t failed_first, failed_last; /* what is being tried; last SIZE_MAX: nothing */
	bool others_go_on; /* what is being tried failed in a way that the next steps need not mind */
};

/* Orders that are carried out together, the one that was named first. */
struct party {
	struct order **list; /* each owned */
	size_t count, cap;
	struct set *taken; /* the union of their positions; owned */
};
/* Takes first. All are begun in one transaction. E_CONFLICT: it may not be executed now; E_DENIED:
 * it is held. */
must_use int party_make(struct party *p, struct repo *r, struct arena *a, struct order *first,
			bool batch, struct error *e);
void party_done(struct party *p);

const char *run_step_do(const struct run *x, size_t i);
must_use int run_intend(struct run *x, size_t first, size_t last, struct error *e);
must_use int run_note(struct run *x, struct change *c, size_t first, size_t last, json_t *done,
		      struct error *e);
must_use int run_model_of_step(struct run *x, size_t i, struct model *ret, struct error *e);
must_use int run_model_of_fact(struct run *x, uint64_t fact, struct model *ret, struct error *e);
/* The files of a checkpoint outside: where it was added from, and where it was exported to. */
must_use int run_remove_files(struct run *x, const struct model *m, struct error *e);
/* Members files_gone, files_absent and other_files_left. */
void run_files_done(const struct run *x, json_t *done, struct error *e);

/* What a step `unlearn` that is done has made (0: nothing was left), and which checkpoint it took
 * the place of. E_NOT_FOUND: not done. */
struct unlearned {
	uint64_t made, from;
};
must_use int order_unlearned(struct repo *r, const struct order *o, size_t i, struct unlearned *ret,
			     struct error *e);
/* The checkpoints that end with step i: up to two facts; *ret_count 0: no such step. */
must_use int run_ended(struct run *x, size_t i, uint64_t ret_facts[2], size_t *ret_count,
		       struct error *e);

int run_stops(struct run *x, size_t first, size_t last, struct error *e);
int run_erasures(struct run *x, size_t first, size_t last, struct error *e);
int run_withdrawals(struct run *x, size_t first, size_t last, struct error *e);
int run_subsets(struct run *x, size_t first, size_t last, struct error *e);
int run_unlearn(struct run *x, size_t first, size_t last, struct error *e);
int run_deletes(struct run *x, size_t first, size_t last, struct error *e);
int run_destroy(struct run *x, size_t first, size_t last, struct error *e);
int run_search(struct run *x, size_t first, size_t last, struct error *e);

#endif
