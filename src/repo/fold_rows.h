/*
 * fold_rows: what the fold functions share: rows found by name or by fact, bodies read and
 * written. Only for repo/fold*.c.
 */
#ifndef REPO_FOLD_ROWS_H
#define REPO_FOLD_ROWS_H

#include "repo/things.h"
#include "wire/json.h"

/* What is being folded. */
struct folding {
	struct repo *r;
	struct arena *a;
	uint64_t n;
	const json_t *entry;
	const struct fields *f; /* NULL: destroyed */
};

/* Put a new row of this kind under the next id; its name is prefix and id, or name if given. */
must_use int fold_new(struct folding *x, uint8_t kind, const char *prefix, const char *name,
		      const struct tag *tag, uint64_t owner, uint8_t state, const json_t *body,
		      struct error *e);
/* Put a row that exists with another state and body. */
must_use int fold_again(struct folding *x, const struct catalog_thing *t, uint8_t state,
			const json_t *body, struct error *e);
/* The row of this kind that fact n made. E_NOT_FOUND. */
must_use int fold_by_fact(struct folding *x, uint8_t kind, uint64_t fact,
			  struct catalog_thing *ret, struct error *e);
/* The row of this kind whose tag begins with the 8 bytes in this member of the entry. */
must_use int fold_by_tag(struct folding *x, uint8_t kind, const char *member,
			 struct catalog_thing *ret, struct error *e);
/* The tag in a member of the entry (8 bytes, hex), the rest 0. */
must_use int fold_tag(struct folding *x, const char *member, struct tag *ret, struct error *e);
must_use int fold_body(const struct catalog_thing *t, json_t **ret, struct error *e);
/* Copy a private text, time or number into a body, when it is there. */
void fold_text(struct folding *x, json_t *body, const char *field, struct error *e);
void fold_time(struct folding *x, json_t *body, const char *field, struct error *e);
void fold_number(struct folding *x, json_t *body, const char *field, struct error *e);

/* By area; each is one type of fact. */
int fold_init(struct folding *x, struct error *e);
int fold_key(struct folding *x, struct error *e);
int fold_source(struct folding *x, struct error *e);
int fold_terms(struct folding *x, struct error *e);
int fold_transfer(struct folding *x, struct error *e);
int fold_correction(struct folding *x, struct error *e);
int fold_grant(struct folding *x, struct error *e);
int fold_withdrawal(struct folding *x, struct error *e);
int fold_batch(struct folding *x, struct error *e);
int fold_dataset(struct folding *x, struct error *e);
int fold_model(struct folding *x, struct error *e);
int fold_model_state(struct folding *x, struct error *e);
int fold_reproduced(struct folding *x, struct error *e);
int fold_order(struct folding *x, struct error *e);
int fold_plan(struct folding *x, struct error *e);
int fold_approval(struct folding *x, struct error *e);
int fold_step(struct folding *x, struct error *e);
int fold_deployment(struct folding *x, struct error *e);
int fold_undeployment(struct folding *x, struct error *e);
int fold_output(struct folding *x, struct error *e);
int fold_output_gone(struct folding *x, struct error *e);
int fold_handover(struct folding *x, struct error *e);
int fold_hold(struct folding *x, struct error *e);
int fold_hold_release(struct folding *x, struct error *e);
int fold_certified(struct folding *x, struct error *e);
int fold_refusal(struct folding *x, struct error *e);
int fold_successor(struct folding *x, struct error *e);

#endif
