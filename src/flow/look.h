/*
 * look: what is here: records, things, decisions, the state of all. Changes nothing.
 */
#ifndef FLOW_LOOK_H
#define FLOW_LOOK_H

#include "repo/ask.h"
#include "repo/select.h"
#include "repo/successor.h"

/* One record with everything known: pos, source, status, commitment, batch ("b1"), transfer (or
 * null), terms, decision, sha256, bytes, media, width, height, origin, in_place, path, subjects[],
 * attrs{}, copies (how many), places[] (where those were found); of an erased one only pos, source,
 * status, commitment. A path or origin that is no UTF-8 is told twice: as people read it, and as
 * path_hex, origin_hex. Errors: E_NOT_FOUND. */
must_use int flow_record(struct repo *r, uint64_t pos, json_t **ret, struct error *e);
/* Calls each with the document (without places) of every record that the selector picks,
 * ascending; ends when each returns non-zero, and returns that. */
must_use int flow_ls(struct repo *r, const char *selector,
		     int (*each)(void *ctx, json_t *record, struct error *e), void *ctx,
		     struct error *e);
/* THING: a position; t1, out1, g1, b1, o1, h1, d1; else the name of a model, a dataset, a source or an
 * output, the first of these that has it. Errors: E_NOT_FOUND. */
must_use int flow_show(struct repo *r, const char *thing, json_t **ret, struct error *e);
/* {"decision":"allow|deny","reasons":[codes],"counts":{code: records},"details":[{code, sentence,
 * records}],"as_of":N,"at":TIME,"use","thing"}: reasons and counts as flow_gate gives them; as_of is the last fact's number. E_DENIED with the document when denied. thing: a
 * record's position or a model. */
must_use int flow_explain(struct repo *r, const char *thing, const char *use, json_t **ret,
			  struct error *e);
/* origin, vkey, solo, records (all positions), erased, quarantined, facts, sources, transfers,
 * grants, batches, datasets and models (versions), orders, orders_open, holds (active ones),
 * due[] (order, state, due, late; the earliest first), heads{facts,records} (size, root), follows[]
 * (of a log that follows one that lost its end: log_followed), wrong[] (sentences). */
must_use int flow_status(struct repo *r, json_t **ret, struct error *e);

/* The log itself, as published: head ({"facts":note,"records":note}), prove N (a record's or fact's
 * inclusion as a C2SP tlog-proof text, appended), consistency OLD NEW ({"log","old","new","proof"},
 * hashes in hex), tail N (the last facts, each with its number "n"). log: LOG_FACTS or LOG_RECORDS.
 * Errors: E_NOT_FOUND, no such entry; E_RANGE, no such size. */
must_use int flow_log_head(struct repo *r, json_t **ret, struct error *e);
must_use int flow_log_prove(struct repo *r, int log, uint64_t index, struct buf *out,
			    struct error *e);
must_use int flow_log_consistency(struct repo *r, int log, uint64_t old_size, uint64_t new_size,
				  json_t **ret, struct error *e);
must_use int flow_log_tail(struct repo *r, uint64_t count,
			   int (*each)(void *ctx, json_t *fact, struct error *e), void *ctx,
			   struct error *e);
/* The log lost its end: another one follows (repo/successor.h). {"origin","vkey","follows","fact","keys",
 * "lost":{"facts","records","dropped":{"records","files","certificates","sets"}}}. r is to be closed then. */
must_use int flow_log_successor(struct repo *r, const struct successor_words *w, json_t **ret,
				struct error *e);
/* Inside: [{"vkey","fact","at","lost_facts","lost_records","keys","reason"}], for each log that this one follows. */
must_use int log_followed(struct repo *r, json_t **ret, struct error *e);

#endif
