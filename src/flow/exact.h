/*
 * exact: exact models in the repository. A checkpoint of this kind is a function of the set of
 * its records and of its recipe, bit for bit. Its objects (kind OBJECT_FILE, owner: the number of
 * its fact), each under a slot of its own, so that destroying the slots destroys the checkpoint:
 *
 *   part 0  weights   safetensors (learn/weights.h)      part 2  sums  safetensors (learn/sums.h)
 *   part 1  proof     safetensors                        part 3  card  RSF1 (wire/fields.h)
 *
 * The card has two fields, `weights` and `sums`, the SHA-256 of parts 0 and 2. The `digest` in the
 * private part of the model's fact is the card's commitment (fields_root): weights and sums leave
 * the house salted, and when the card is gone the digest answers nobody who guesses. The fact has one
 * private field more than that of a checkpoint made elsewhere, the last: `recipe`, the JSON of
 * `features`, `lambda` (0: from the sums), `numbers`, `target`.
 */
#ifndef FLOW_EXACT_H
#define FLOW_EXACT_H

#include "flow/gather.h"
#include "flow/sets.h"
#include "learn/solve.h"

enum exact_part { EXACT_WEIGHTS, EXACT_PROOF, EXACT_SUMS, EXACT_CARD, EXACT_PARTS };

struct train_words {
	const char *model, *dataset, *target;
	const char *features, *lambda; /* NULL: the default */
	bool numbers;
};
/* {"model","version","state","weights_sha256","digest","records","features","labels":COUNT,"grade",
 * "lambda","unused":{..},"dataset","milliseconds"}. E_DENIED with {"model":null,"decision":"deny",
 * "reasons":[..],"counts":{..}} when a record of the dataset is denied now, or the dataset is for
 * another processing than train or finetune: the door refuses, and nothing is written. */
must_use int flow_train(struct repo *r, const struct train_words *w, json_t **ret, struct error *e);
/* Train it again from the stored photos and compare weights and sums, byte for byte; the same: a
 * `reproduced` fact by the role that asks. {"model","reproduced":bool,"weights_sha256",
 * "milliseconds","by"}; E_MISMATCH with the document when they differ (and no fact). */
must_use int flow_model_prove(struct repo *r, const char *model, json_t **ret, struct error *e);
/* Write weights.safetensors, proof.safetensors and checkpoint.json into a new or empty folder, and with
 * `sums` sums.safetensors too; an order deletes them there. {"model","handover","folder","files":[..]};
 * E_DENIED with the document of flow_predict: what may not be used now is not written out. */
must_use int flow_model_export(struct repo *r, const char *model, const char *folder, bool sums,
			       json_t **ret, struct error *e);

/* --- what other stories need of them --- */

/* E_NOT_FOUND: not an exact model. Texts lent by the arena. */
must_use int exact_recipe(struct repo *r, struct arena *a, uint64_t model_fact, struct recipe *ret,
			  struct error *e);
/* true: it has a recipe. */
must_use int exact_is(struct repo *r, uint64_t model_fact, bool *ret, struct error *e);
/* Opened and parsed. E_NOT_FOUND: their keys were destroyed. */
must_use int exact_weights(struct repo *r, uint64_t model_fact, struct weights **ret,
			   struct error *e); /* with its proof */
must_use int exact_sums(struct repo *r, uint64_t model_fact, struct sums **ret, struct error *e);
/* The bytes of a part, appended. */
must_use int exact_bytes(struct repo *r, uint64_t model_fact, enum exact_part part,
			 struct buf *out, struct error *e);

/* Sums of no records for this recipe. */
must_use int exact_sums_create(struct sums **ret, const struct recipe *how, struct error *e);
/* Add these records to the sums, or take them away (sign -1). *ret counts. E_MISMATCH: what is
 * taken away was not inside. */
must_use int exact_learn(struct repo *r, const struct recipe *how, const struct set *which,
			 int sign, struct sums *s, struct set *ret_used /* added to; may be NULL */,
			 struct gathered *ret, struct error *e);

struct exact_new {
	const char *name; /* of the model; its version is the next one */
	const struct recipe *how;
	const uint64_t *inputs; /* facts of datasets */
	size_t input_count;
	struct set *set;     /* the records in the sums, as many as the sums' n */
	struct sums *sums;
};
/* Solve, seal and note a checkpoint in an open change: kind "train", grade enforced. *ret_weights
 * (weights_sha256) and *ret_version may be NULL. E_RANGE: no weights (solve.h). */
must_use int exact_put(struct change *c, struct repo *r, const struct exact_new *n,
		       uint64_t *ret_fact, uint64_t *ret_version, struct hash *ret_weights,
		       struct error *e);
/* The digest of its fact: the commitment of its card. */
must_use int exact_digest(struct repo *r, uint64_t model_fact, struct hash *ret, struct error *e);
/* Members weights_sha256, digest (as in the fact), features, target, lambda, labels, label_names and
 * reproduced of a document, as far as it can be opened. */
must_use int exact_members(struct repo *r, const struct model *m, json_t *doc, struct error *e);
/* The list of that name alone: ids of the keys that made it again. */
json_t *exact_reproduced(const struct model *m, struct error *e);
/* Everything that can be checked without photos: parts open, the card is what the fact commits to
 * and of these weights and sums, the weights are those of the sums to the last unit, and the sums
 * are of as many records as the set. E_MISMATCH with the reason. For fsck --deep. */
must_use int exact_check(struct repo *r, const struct model *m, struct error *e);

#endif
