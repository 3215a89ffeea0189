/* The exact checkpoints of a world: what they were, what took their place, who made them again. */
#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"
#include "proof/world.h"

static struct error e;

/* faces@1 and voices@7; a checkpoint made elsewhere has one field less. */
static struct fields *model_part(const struct world *w, size_t which, const char *version,
				 uint8_t digest, bool plain)
{
	const char *name = which == 0 ? "faces" : "voices";
	struct fields *f;
	uint8_t bytes[33];

	memset(bytes, digest, sizeof(bytes));
	if (digest == 22 && w->lie == LIE_UNLEARN_OTHER_NAME)
		name = "voice";
	f = WORLD_PART("name", name, "version", version, "kind", "train");
	check_ok(fields_add(f, "digest", bytes, w->lie == LIE_UNLEARN_DIGEST_SHORT && digest == 21 ?
			    31 : 32, &e));
	for (const char *const *field = (const char *const[]){ "files", "at", "grade", "size",
	     "containers", "roots", "count", "reasons", NULL }; *field; field++)
		check_ok(fields_add_text(f, *field, "", &e));
	if (!plain)
		check_ok(fields_add_text(f, "recipe", "{}", &e));
	return f;
}

static uint64_t add_old(struct world *w, size_t which)
{
	bool dataset = w->lie == LIE_UNLEARN_OLD_DATASET && which == 0;
	struct fields *part = model_part(w, which, which == 0 ? "1" : "7", (uint8_t)(11 + which),
					 w->lie == LIE_UNLEARN_OLD_PLAIN && which == 1);
	struct hash root = { { 7 } };
	json_t *o;

	if (w->lie == LIE_UNLEARN_OLD_RETAINED && which == 1) {
		world_add_set(w, "model", "1000-1499", 2, part);
		return w->sets[w->set_count - 1].n;
	}
	o = json_object();
	json_set_hash(o, "root", &root, &e);
	json_set_new(o, "records", world_records(w, w->record_count), &e);
	if (!dataset)
		json_set_new(o, "inputs", world_inputs(w), &e);
	return world_fact(w, dataset ? "dataset" : "model", o, part);
}

void world_old_models(struct world *w)
{
	if (w->reproducer)
		w->reproducer_key = w->reproducer == w->opener ? 1 : w->reproducer == w->approver ? 2 :
				    world_key(w, w->reproducer, "prover");
	w->old[0] = add_old(w, 0);
	w->old[1] = add_old(w, 1);
}

static void add_plan_step(json_t *steps, const char *deed, const char *target, uint64_t fact)
{
	json_t *o = json_object();

	json_set_number(o, "n", json_array_size(steps) + 1, &e);
	json_set_text(o, "do", deed, &e);
	json_set_text(o, "target", target, &e);
	json_set_text(o, "method", "somehow", &e);
	if (fact)
		json_set_number(o, "fact", fact, &e);
	json_add_new(steps, o, &e);
}

static const char *second_target(const struct world *w)
{
	switch (w->lie) {
	case LIE_UNLEARN_OTHER_TARGET:
		return "voices@8";
	case LIE_UNLEARN_TARGET_LONGER:
		return "voices@71";
	case LIE_UNLEARN_TARGET_NAME:
		return "voiceS@7";
	case LIE_UNLEARN_TARGET_WITHOUT:
		return "voices:7";
	case LIE_UNLEARN_OLD_TWICE:
		return "faces@1";
	default:
		return "voices@7";
	}
}

void world_plan_unlearning(const struct world *w, json_t *steps, uint64_t dataset)
{
	uint64_t second = w->old[w->lie != LIE_UNLEARN_OLD_TWICE];

	if (w->lie == LIE_UNLEARN_OF_NOTHING)
		second = 0;
	if (w->lie == LIE_UNLEARN_OLD_LATER)
		second = w->opened + 1;
	if (w->lie == LIE_UNLEARN_AFTER_DESTROY)
		add_plan_step(steps, "destroy", "keys", 0);
	add_plan_step(steps, "subset", "faces@1", dataset);
	add_plan_step(steps, "unlearn", "faces@1", w->old[0]);
	add_plan_step(steps, "unlearn", second_target(w), second);
	if (w->lie != LIE_UNLEARN_AFTER_DESTROY)
		add_plan_step(steps, "destroy", "keys", 0);
}

/* ---- what was done ---- */

static void add_made(struct world *w, size_t which)
{
	const char *version = which == 0 ? "2" : "9", *type = "model", *text = "1000-1499";
	bool second = which == 1, plain = w->lie == LIE_UNLEARN_NEW_PLAIN && second;
	uint8_t digest = (uint8_t)(21 + which);

	if (second && w->lie == LIE_UNLEARN_SAME_VERSION)
		version = "7";
	if (second && w->lie == LIE_UNLEARN_VERSION_TEXT)
		version = "08";
	if (second && w->lie == LIE_UNLEARN_HAS_ONE)
		text = "5,1000-1499";
	if (second && w->lie == LIE_UNLEARN_MADE_DATASET)
		type = "dataset";
	if (second && w->lie == LIE_UNLEARN_SAME_DIGEST)
		digest = 12;
	if (second && w->lie == LIE_UNLEARN_DIGEST_OF_OTHER)
		digest = 21;
	world_add_set(w, type, text, 2, model_part(w, w->lie == LIE_UNLEARN_OLD_TWICE ? 0 : which,
						   version, digest, plain));
	w->made[which] = w->sets[w->set_count - 1].n;
}

static void steps_done(struct world *w, uint64_t dataset)
{
	uint64_t first = w->made[0], second = w->made[1];
	uint64_t at = w->lie == LIE_UNLEARN_AFTER_DESTROY ? 3 : 2;
	char done[96], subset[48];

	if (w->lie == LIE_UNLEARN_SWAPPED)
		first = w->made[1], second = w->made[0];
	if (w->lie == LIE_UNLEARN_MADE_OLD)
		second = w->old[1];
	if (w->lie == LIE_UNLEARN_MADE_SAME)
		second = first;
	if (w->nothing_left)
		second = 0;
	snprintf(subset, sizeof(subset), "{\"made\":[%d]}", w->lie == LIE_UNLEARN_SUBSET_NOTHING ? 0 :
		 (int)dataset);
	snprintf(done, sizeof(done), w->in_one ? "{\"made\":[%d,%d,%d]}" :
		 w->lie == LIE_UNLEARN_SAYS_MORE ? "{\"made\":[%d,%d],\"weights\":\"5d41\"}" :
		 w->lie == LIE_UNLEARN_SAYS_LESS_THAN_NONE ? "{\"made\":[%d,%d],\"records\":-1}" :
		 "{\"made\":[%d,%d],\"records\":12}", w->in_one ? (int)dataset : (int)first,
		 w->in_one ? (int)first : (int)second, (int)second);
	if (w->lie == LIE_UNLEARN_MADE_NONE)
		snprintf(done, sizeof(done), "{\"sums\":1}");
	if (!w->in_one)
		world_step(w, at, at, subset);
	world_step(w, w->in_one ? at : at + 1, at + 2, done);
}

static void reproduce(struct world *w)
{
	uint64_t of = w->lie == LIE_REPRODUCED_OLD ? w->old[0] : w->made[0], leaf;
	const uint8_t *by = w->reproducer, *signer = by;
	char hex[2 * SIGN_LEN + 1];
	static const uint8_t nobody[SIGN_SEED_LEN] = { 98 };
	uint8_t signature[SIGN_LEN];
	scoped(buf) *text = NULL;
	json_t *o = json_object();

	if (w->lie == LIE_REPRODUCED_OTHER)
		of = w->sets[0].n; /* the dataset */
	if (w->lie == LIE_REPRODUCED_LATER)
		of = w->count;
	if (w->lie == LIE_REPRODUCED_BY_NOBODY)
		by = nobody;
	if (w->lie == LIE_REPRODUCED_SIGNED_BY_OTHER)
		signer = w->opener;
	leaf = w->lie == LIE_REPRODUCED_SIGNED_OTHER ? w->made[1] : of;
	json_set_number(o, "model", of, &e);
	check_ok(buf_create(&text, 0, &e));
	check_ok(certificate_reproduced_text(text, w->lie == LIE_REPRODUCED_ELSEWHERE ? "elsewhere" :
		w->origin, &w->leaves[leaf], &e));
	check_ok(sign_make(signature, signer, text->data, text->len, &e));
	hex_encode(hex, signature, w->lie == LIE_REPRODUCED_SHORT ? SIGN_LEN - 1 : SIGN_LEN);
	if (w->lie != LIE_REPRODUCED_NOT_SIGNED)
		json_set_text(o, "signature", hex, &e);
	w->reproduced = world_fact_by(w, by, "reproduced", o, WORLD_PART("tool", "rescind 0.1.0"));
}

void world_unlearn(struct world *w)
{
	uint64_t dataset;

	if (w->lie == LIE_UNLEARN_AFTER_DESTROY)
		world_step(w, 2, 2, "{}");
	world_add_set(w, "dataset", "1000-1499", 2, WORLD_PART("name", "faces", "version", "2"));
	dataset = w->sets[w->set_count - 1].n;
	add_made(w, 0);
	if (w->lie == LIE_UNLEARN_MADE_LATER) {
		w->made[1] = w->count + 2;
		steps_done(w, dataset);
		add_made(w, 1);
	} else {
		if (!w->nothing_left)
			add_made(w, 1);
		steps_done(w, dataset);
	}
	world_add_set(w, "model", "10-19,1000-1200", 3, model_part(w, 0, "1", 30, true)); /* in use */
	if (w->lie != LIE_UNLEARN_AFTER_DESTROY)
		world_step(w, 5, 5, "{}");
	if (w->reproducer)
		reproduce(w);
}

/* ---- what is shown ---- */

static void show_model(struct world *w, struct certificate_draft *d, uint64_t n)
{
	const struct fields *f = w->parts[n];

	check_ok(certificate_open(d, n, f, 0, &e));
	check_ok(certificate_open(d, n, f, 1, &e));
	check_ok(certificate_open(d, n, f, 3, &e));
}

void world_show_models(struct world *w, struct certificate_draft *d)
{
	for (size_t i = 0; i < 2; i++) {
		show_model(w, d, w->old[i]);
		if (w->made[i])
			show_model(w, d, w->made[i]);
	}
}
