/*
 * look: what is here: records, things, decisions, the state of all. Changes nothing.
 */
#ifndef FLOW_LOOK_H
#define FLOW_LOOK_H

#include "repo/ask.h"
#include "repo/select.h"

/* One record with everything known: pos, source, status, sha256, bytes, media, width, height,
 * subjects[], path, attrs{}, copies, commitment, batch; of an erased one only pos, source, status,
 * commitment. */
must_use int flow_record(struct repo *r, uint64_t pos, json_t **ret, struct error *e);
/* Calls each with the document of every record that the selector picks, ascending. */
must_use int flow_ls(struct repo *r, const char *selector,
		     int (*each)(void *ctx, json_t *record, struct error *e), void *ctx,
		     struct error *e);
/* THING: a position, or the name of a source, dataset, model, order, transfer, grant, batch. */
must_use int flow_show(struct repo *r, const char *thing, json_t **ret, struct error *e);
/* {"decision":"allow|deny","reasons":[{code, sentence, records}],"as_of":N,"use":U,"thing":T}; E_DENIED with the
 * document when denied. thing: a record's position or a model. */
must_use int flow_explain(struct repo *r, const char *thing, const char *use, json_t **ret,
			  struct error *e);
/* origin, vkey, records, erased, quarantined, sources, datasets, models, orders_open, facts, heads. */
must_use int flow_status(struct repo *r, json_t **ret, struct error *e);

/* The log itself: head (both notes), prove N (a record's or fact's inclusion as a C2SP tlog-proof
 * text), consistency OLD NEW, tail N (the last facts, one a line). */
must_use int flow_log_head(struct repo *r, json_t **ret, struct error *e);
must_use int flow_log_prove(struct repo *r, int log, uint64_t index, struct buf *out,
			    struct error *e);
must_use int flow_log_consistency(struct repo *r, int log, uint64_t old_size, uint64_t new_size,
				  json_t **ret, struct error *e);
must_use int flow_log_tail(struct repo *r, uint64_t count,
			   int (*each)(void *ctx, json_t *fact, struct error *e), void *ctx,
			   struct error *e);

#endif
