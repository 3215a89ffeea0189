/*
 * uses: checkpoints in use, and what they made: deployments, kept outputs, the gate that a
 * product asks, and lineage as a tree.
 */
#ifndef FLOW_USES_H
#define FLOW_USES_H

#include "flow/sets.h"

struct deploy_words {
	const char *model, *product, *use;
	const char *recipient, *endpoint, *stop, *from; /* NULL: not said */
};
/* {"deployment":"d1","decision":"allow",..}; E_DENIED with {"deployment":null,"decision":"deny",..}:
 * the door refuses, and nothing is written. Decided as of now, whatever --at says.
 * Besides, what flow_gate says of the decision. */
must_use int flow_deploy(struct repo *r, const struct deploy_words *w, json_t **ret,
			 struct error *e);
/* Not in use any more. The --stop command is run first if there is one. */
must_use int flow_undeploy(struct repo *r, const char *id, json_t **ret, struct error *e);
/* {"deployment","model","product","use","recipient","endpoint","stop","since","until","days"}: what
 * was not said, and until while it is in use, is null. id NULL: all, as an array. */
must_use int flow_deployments(struct repo *r, const char *id, json_t **ret, struct error *e);

struct output_words {
	const char *name, *model, *kind, *at, *count, *erase;
};
must_use int flow_output_add(struct repo *r, const struct output_words *w, json_t **ret,
			     struct error *e); /* as flow_outputs */
/* {"output","kind","model","count","state","at","erase","since"}. name NULL: all, as an array. */
must_use int flow_outputs(struct repo *r, const char *name, json_t **ret, struct error *e);

/* May this be used for that, now? {"decision","reasons":[codes],"records": that it rests on,
 * "denied": how many of them, "counts":{code: records},"model","use","as_of"}; E_DENIED with the
 * document. A reason that is not in counts is of the checkpoint itself. */
must_use int flow_gate(struct repo *r, const char *model, const char *use, const char *agent,
		       json_t **ret, struct error *e);

/* {"nodes":[{"id","kind","label","state","product","recipient","asked"}],"edges":[{"from","to",
 * "grade"}]}: what a source, dataset, model, deployment, output or hand-over rests on (up) and what
 * grew from it (down); neither: both. state, product, recipient only where there is one, `asked`
 * (true) of the thing alone. Hand-overs to others are nodes ("out1 to ORG"). */
must_use int flow_trace(struct repo *r, const char *thing, bool up, bool down, json_t **ret,
			struct error *e);

/* Members deployments[] and outputs[] of what is touched. */
must_use int uses_json(struct repo *r, struct arena *a, const struct touched *t, json_t *doc,
		       struct error *e);

/* It was ended, or erased, by hand: noted so, and no command is run. A step of an order for it is
 * then done. E_CONFLICT: it has ended already. */
must_use int flow_undeploy_done(struct repo *r, const char *id, json_t **ret, struct error *e);
must_use int flow_output_gone(struct repo *r, const char *name, json_t **ret, struct error *e);

/* --- what an order needs of them --- */
struct deployment {
	uint64_t id, fact, model, from_utc_ms, until_utc_ms; /* model: id; until TIME_NONE: in use */
	const char *label, *product, *use;
};
struct output {
	uint64_t id, fact, model, count;
	const char *name, *kind;
	bool gone;
};
must_use int deployments_all(struct repo *r, struct arena *a, struct deployment **ret,
			     size_t *ret_count, struct error *e);
must_use int outputs_all(struct repo *r, struct arena *a, struct output **ret, size_t *ret_count,
			 struct error *e);
/* A private text of the fact that made it: stop, erase, at, recipient. NULL when not said; lent. */
must_use int use_private(struct repo *r, struct arena *a, uint64_t fact, const char *field,
			 const char **ret, struct error *e);
/* Facts, in an open change. */
must_use int undeploy_in(struct change *c, uint64_t deployment_fact, const char *reason,
			 struct error *e);
must_use int output_gone_in(struct change *c, uint64_t output_fact, const char *order,
			    struct error *e);

#endif
