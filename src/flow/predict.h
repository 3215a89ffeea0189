/*
 * predict: asking exact models. A checkpoint answers only where it may be used: it is asked for
 * first, as of the repository's at_utc_ms, for infer with the purpose of the datasets it was made of.
 */
#ifndef FLOW_PREDICT_H
#define FLOW_PREDICT_H

#include "flow/exact.h"

/* A row for each file, in the order given, lent for the call: `file`, `label`, `score` (real),
 * `score_units` (the same in units of 2^-30); a model of numbers gives `numbers`, a list of
 * one, the score rounded, instead of a label. A file that cannot be read, or is no picture: `file` and
 * `error`. 0: all were answered; E_PARTIAL: some; E_FORMAT: none. E_DENIED: no row at all, and *ret
 * is {"model","decision":"deny","reasons":[..],"counts":{..}}. Errors: E_USAGE, a checkpoint that
 * train did not make; what each returns. */
must_use int flow_predict(struct repo *r, const char *model, const char *const *files,
			  size_t count,
			  int (*each)(void *ctx, const json_t *row, struct error *e), void *ctx,
			  json_t **ret, struct error *e);

/* {"model","dataset","n","accuracy" (real), "target", "unused":{..}, "milliseconds"}; of numbers
 * also `rmse`, and accuracy is the share that was hit when rounded. exact_loo: each record that the
 * checkpoint rests on is answered as by the model trained on all its others with the same lambda, and `loo`
 * counts these; where there are no others it is among the unused, as `no-others`. Every record is
 * decided again for the dataset's use, of which the processing is train, finetune or evaluate:
 * one that is denied refuses all, E_DENIED with the document of flow_predict, which `dataset` stands in.
 * Besides: "interval":[low,high], where the accuracy would lie 95 in 100 times (Wilson);
 * "trained_on", how many of the n it rests on; of labels "per_label":[{"label","n","hit"}].
 * Errors: E_RANGE, no record that can be used; E_USAGE as above. */
must_use int flow_evaluate(struct repo *r, const char *model, const char *dataset, bool exact_loo,
			   json_t **ret, struct error *e);

/* --- for these, and for whoever lets a checkpoint out --- */

/* May it answer? For every purpose that its datasets were made for: what any of them denies is
 * denied. */
must_use int oracle_ask(struct repo *r, struct arena *a, const struct model *m, uint64_t at_utc_ms,
			struct model_decision *ret, struct error *e);
/* E_DENIED, with the document of a decision that denies. */
must_use int oracle_refuse(const struct model *m, const struct model_decision *d,
			   json_t **ret_denied, struct error *e);

/* A checkpoint that may answer. */
struct oracle {
	struct model m;
	struct recipe how;
	struct weights *w; /* owned */
};
/* Texts lent by the arena. E_DENIED with *ret_denied; E_USAGE. */
must_use int oracle_open(struct oracle **ret, struct repo *r, struct arena *a, const char *model,
			 json_t **ret_denied, struct error *e);
void oracle_close(struct oracle *o); /* NULL is fine */
SCOPED(oracle, oracle_close);
/* {"model":..,"decision":"deny","reasons":[..],"counts":{..}}; dataset NULL: not said. */
json_t *oracle_denial(const struct model *m, const char *dataset, reasons why,
		      const uint64_t counts[REASON_COUNT], struct error *e);

#endif
