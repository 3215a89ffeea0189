/*
 * witness: who is shown our heads, and what they say (C2SP tlog-witness). A witness signs a head
 * only if it continues what it signed before, so whoever asks for its signature notices that a
 * log was rolled back or forked, even when repository and keys were put back together.
 *
 *   KEYS/witnesses       a tlog-policy file of ours: witness lines, quorum none. It lies with the
 *                        anchor, since a repository that is put back may not lose its witnesses.
 *   .rescind/witnessed   what each is known to have signed, and when one last did not answer: to
 *                        spare a question. Believed by nobody; gone is asked again.
 *
 * Cosignatures lie on the public heads, as signature lines.
 */
#ifndef FLOW_WITNESS_H
#define FLOW_WITNESS_H

#include "repo/repo.h"
#include "wire/policy.h"

/* name NULL: the key's. The answers are {"witness","url","vkey"}. Errors: E_USAGE, no URL, key or
 * name of a witness; E_CONFLICT, one of this name or key is there. */
must_use int flow_witness_add(struct repo *r, const char *url, const char *vkey, const char *name,
			      json_t **ret, struct error *e);
/* [{"witness","url","vkey","facts","records"}]: the sizes of the public heads that it has cosigned,
 * or null. */
must_use int flow_witness_ls(struct repo *r, json_t **ret, struct error *e);
/* Errors: E_NOT_FOUND. */
must_use int flow_witness_rm(struct repo *r, const char *name, json_t **ret, struct error *e);
/* A tlog-policy for whoever verifies: our log, the witnesses, a quorum of all; appended. */
must_use int flow_witness_policy(struct repo *r, struct buf *out, struct error *e);

/* Ask all, whatever they said before: {"witnesses":[{"witness","log","size","cosigned","at",
 * "said"}]}. With the document: E_MISMATCH, one says that a log is not what it signed (rolled back,
 * forked); E_PARTIAL, one did not cosign for another reason. Errors: E_NOT_FOUND, no witnesses. */
must_use int flow_witness_ask(struct repo *r, json_t **ret, struct error *e);
/* For repo->witness: ask those that have not cosigned the public heads, unless one failed less than
 * WITNESS_REST_MS ago, for WITNESS_GATHER_MS in all. Never fails; tells what is wrong. */
enum { WITNESS_REQUEST_MS = 2000, WITNESS_GATHER_MS = 3000, WITNESS_REST_MS = 60 * 1000 };
void flow_witness_gather(struct repo *r);

/* Inside: the policy of KEYS/witnesses; of no witnesses when there is none. */
must_use int witness_load(struct repo *r, struct policy **ret, struct error *e);

#endif
