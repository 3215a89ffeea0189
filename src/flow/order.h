/*
 * order: a demand to take records back, from open to certified. Each call is one story; each
 * leaves the repository in a state from which the next command goes on.
 */
#ifndef FLOW_ORDER_H
#define FLOW_ORDER_H

#include "flow/sets.h"

struct order_words {
	const char *selector, *authority, *reason;
	const char *document, *due; /* NULL */
	bool keep_granted;
};
/* {"order","demand","state","records","copies","due","holds":[{"hold","reason","until","records"}]}; the
 * state is "held" while there is a hold that is active (flow/hold.h). */
must_use int flow_order_open(struct repo *r, const struct order_words *w, json_t **ret,
			     struct error *e);
/* The same inside a change that goes on; *ret_id is the order's number. */
must_use int order_open_in(struct change *c, struct repo *r, const struct order_words *w,
			   uint64_t *ret_id, struct error *e);
/* {"order","state","plan","steps":[..],"not_reached":[..],"people"} */
must_use int flow_order_plan(struct repo *r, const char *id, json_t **ret, struct error *e);
must_use int flow_order_approve(struct repo *r, const char *id, const char *plan, json_t **ret,
				struct error *e);
struct execute_words {
	bool prove; /* train what was made again before the certificate: E_PARTIAL when it differs */
	bool batch; /* together with all other approved orders whose plan still holds */
};
/* Goes on where it was left; a command of a `stop` or `erase` that fails does not keep the other
 * steps from being done. {"order","state","records","steps":{done,failed,left},"failures":[{"n","do",
 * "target","error"}] when a step failed, "models":[{"from","to",..}]}; of a batch also "batch":[ids]. A row of models has "weights_before"
 * "weights_after" "subtracted" "records" "milliseconds" and perhaps "labels_gone" when this command
 * made it, and "reproduced" when it was proved. w NULL: neither. E_PARTIAL with the document when
 * a step failed. */
must_use int flow_order_execute(struct repo *r, const char *id, const struct execute_words *w,
				json_t **ret, struct error *e);
must_use int flow_order_refuse(struct repo *r, const char *id, const char *reason, json_t **ret,
			       struct error *e);
/* id NULL: every order, as an array. */
must_use int flow_order_status(struct repo *r, const char *id, json_t **ret, struct error *e);

/* The certificate's file as issued, appended to out. E_NOT_FOUND: not certified yet. */
must_use int flow_certificate(struct repo *r, const char *id, struct buf *out, struct error *e);

/* --- between the files of flow/order_*.c --- */
struct order {
	uint64_t id, fact, plan_fact, approval_fact, certified_fact, count, step_count, due_utc_ms, source;
	uint8_t state;
	bool unproved;	      /* --prove found other bytes than those that were made */
	char name[24];	      /* "o1" */
	struct hash demand, plan;
	struct set *positions; /* owned */
	uint64_t *step_facts;
	size_t step_fact_count;
};
void order_destroy(struct order *o);
SCOPED(order, order_destroy);
must_use int order_load(struct repo *r, const char *id, struct order **ret, struct error *e);
must_use int order_document(struct repo *r, const struct order *o, json_t **ret, struct error *e);
/* With the holds of then, not of --at: what goes with something that was done. */
must_use int order_document_at(struct repo *r, const struct order *o, uint64_t at_utc_ms,
			       json_t **ret, struct error *e);
/* The plan as it would be now (docs/formats.md), and the folders that it numbers. */
must_use int order_steps_now(struct repo *r, const struct order *o, json_t **ret,
			     json_t **ret_places, struct error *e);
/* The plan as it was made; and whether it would be the same now. */
must_use int order_plan_json(struct repo *r, const struct order *o, json_t **ret,
			     json_t **ret_places, struct error *e);
must_use int order_plan_holds(struct repo *r, const struct order *o, bool *ret, struct error *e);
/* The live version of this name with the highest number; NULL: none. */
const struct model *order_latest_live(const struct model *list, size_t count, const char *name);
/* What of a stored set is taken, and what is left. */
must_use int order_split(struct repo *r, const struct stored_set *s, const struct set *taken,
			 struct set **ret_gone, struct set **ret_left, struct error *e);
/* What an order that has begun does not know of, it does not reach: E_CONFLICT when one that takes
 * back records of s has begun and is not certified. For who adds what rests on records. */
must_use int order_none_begun(struct repo *r, const struct set *s, struct error *e);
/* Make the certificate's bytes as of now, out being empty. E_MISMATCH: it would not verify. */
must_use int order_certify(struct repo *r, const struct order *o, struct buf *out, struct error *e);

#endif
