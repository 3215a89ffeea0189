#include "flow/certify_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "flow/parts.h"
#include "flow/showing.h"
#include "rights/decide.h"

/* --- what was reached --- */

static void reach(json_t *list, const char *kind, uint64_t count, const char *how,
		  const char *grade, struct error *e)
{
	json_t *row = json_object_make(e);

	if (!row)
		return;
	json_set_text(row, "kind", kind, e);
	json_set_number(row, "count", count, e);
	json_set_text(row, "how", how, e);
	json_set_text(row, "grade", grade, e);
	json_add_new(list, row, e);
}

uint64_t certify_steps(const json_t *plan, const char *what)
{
	const json_t *step, *steps = json_object_get(plan, "steps");
	uint64_t count = 0;
	size_t i;

	json_array_foreach(steps, i, step)
		count += strcmp(json_text_or(step, "do", ""), what) == 0;
	return count;
}

uint64_t certify_sum(const json_t *done, const char *member)
{
	const json_t *words;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(done, i, words)
		sum += json_number_or(words, member, 0);
	return sum;
}

/* Those that the same keys made again are one row; nobody's are one too. */
static void reach_unlearned(const struct certify_words *w, json_t *list, struct error *e)
{
	const json_t *model;
	size_t i;

	json_array_foreach(w->models, i, model) {
		char keys[CERTIFY_KEYS_MAX], others[CERTIFY_KEYS_MAX], grade[CERTIFY_KEYS_MAX + 16];
		uint64_t count = 0;
		bool told = false;

		certify_keys(model, keys);
		for (size_t k = 0; k < json_array_size(w->models); k++) {
			certify_keys(json_array_get(w->models, k), others);
			if (strcmp(keys, others) != 0)
				continue;
			told = told || k < i;
			count++;
		}
		snprintf(grade, sizeof(grade), "%s%s", *keys ? "reproduced by " : "enforced", keys);
		if (!told)
			reach(list, "unlearned checkpoints", count,
			      "weights computed anew without these records, bit for bit those of training without them; old weights, sums and card destroyed",
			      grade, e);
	}
}

static json_t *reached(const struct certify_words *w, const struct order *o, struct error *e)
{
	uint64_t unmade = certify_steps(w->plan, "unlearn") - json_array_size(w->models);
	uint64_t elsewhere = certify_steps(w->plan, "withdraw") + unmade - w->exact_ended;
	json_t *list = json_array_make(e);

	if (!list)
		return NULL;
	reach(list, "records", o->count,
	      "their keys were destroyed; bytes, cards and the salts of their commitments open nowhere any more",
	      "enforced", e);
	if (w->exact_ended > 0)
		reach(list, "checkpoints", w->exact_ended,
		      "withdrawn; weights, sums and card destroyed, and no next one made", "enforced",
		      e);
	if (elsewhere > 0)
		reach(list, "checkpoints", elsewhere,
		      "withdrawn, the sealed copy's key destroyed, the file deleted where it was added from",
		      "declared", e);
	reach_unlearned(w, list, e);
	if (certify_steps(w->plan, "subset"))
		reach(list, "datasets", certify_steps(w->plan, "subset"),
		      "a next version without these records; the older ones are denied", "enforced", e);
	if (certify_sum(w->done, "stopped"))
		reach(list, "deployments", certify_sum(w->done, "stopped"),
		      "the command given to stop it ended well", "declared", e);
	if (certify_sum(w->done, "had_ended"))
		reach(list, "deployments", certify_sum(w->done, "had_ended"),
		      "had ended when their turn came: the operator said so", "declared", e);
	if (certify_sum(w->done, "had_gone"))
		reach(list, "outputs", certify_sum(w->done, "had_gone"),
		      "were gone when their turn came: the operator said so", "declared", e);
	if (certify_sum(w->done, "erased"))
		reach(list, "outputs", certify_sum(w->done, "erased"),
		      "the command given to erase it ended well, and a path was looked for again",
		      "declared", e);
	if (certify_sum(w->done, "files_gone"))
		reach(list, "files", certify_sum(w->done, "files_gone"),
		      "deleted where they lay, and looked for again", "observed", e);
	if (certify_sum(w->done, "looked"))
		reach(list, "traces", certify_sum(w->done, "looked"),
		      "keys, rows and tags looked for afterwards; none of what was ordered was found",
		      "observed", e);
	return list;
}

/* Whom one could tell, as it was before the keys went; orders that did not note it are asked now. */
static int people_then(const struct certify_words *w, struct repo *r, const struct order *o,
		       json_t **ret, struct error *e)
{
	const json_t *words;
	size_t i;

	json_array_foreach(w->done, i, words) {
		*ret = json_incref(json_object_get(words, "people"));
		if (*ret)
			return 0;
	}
	return people_of(r, o->positions, ret, e);
}

static int make_summary(struct certify_words *w, struct repo *r, const struct order *o,
			struct error *e)
{
	json_t *people = NULL;

	w->summary = json_object_make(e);
	if (!w->summary || certify_words_models(r, o, w, &w->models, e) < 0 ||
	    certify_words_ended(r, w, &w->exact_ended, e) < 0 ||
	    people_then(w, r, o, &people, e) < 0)
		return e->code;
	json_set_text(w->summary, "what",
		      w->withheld ? "A demand about a person. What it names is withheld here; whoever made it has its hash." :
				    json_text_or(w->demand, "selector", ""),
		      e);
	json_set_new(w->summary, "reached", reached(w, o, e), e);
	json_set_new(w->summary, "people", people, e);
	if (json_array_size(w->models) > 0)
		json_set_new(w->summary, "models", json_incref(w->models), e);
	return e->code;
}

/* --- what is not covered --- */

static int make_not_covered(struct certify_words *w, struct error *e)
{
	const json_t *line, *list = json_object_get(w->plan, "not_reached");
	size_t i;

	w->not_covered = json_array_make(e);
	if (!w->not_covered)
		return e->code;
	json_array_foreach(list, i, line)
		showing_say(w->not_covered, e, "%s", json_string_value(line));
	if (certify_sum(w->done, "files_absent"))
		showing_say(w->not_covered, e,
		    "%" PRIu64 " files were not at their places when they were to be deleted: where they went is not known",
		    certify_sum(w->done, "files_absent"));
	if (certify_sum(w->done, "other_files_left"))
		showing_say(w->not_covered, e, "%" PRIu64 " places held another file than the one recorded; it was left",
		    certify_sum(w->done, "other_files_left"));
	showing_say(w->not_covered, e,
	    "copies that others made, or that lie outside of what was declared to this repository");
	showing_say(w->not_covered, e,
	    "a backup of the keys directory made before, kept together with its epoch key, would still open what was erased");
	return e->code;
}

/* --- what is asserted by the operator --- */

static void assert_sums(struct certify_words *w, struct error *e)
{
	const json_t *model;
	size_t i;

	json_array_foreach(w->models, i, model) {
		const char *name = json_text_or(model, "new", "");
		char keys[CERTIFY_KEYS_MAX];

		certify_keys(model, keys);
		if (*keys)
			showing_say(w->asserted, e,
			    "the sums of %s are those of its retained set: it was trained again from the stored photos, with the same result bit for bit, by %s",
			    name, keys);
		else
			showing_say(w->asserted, e,
			    "the sums of %s are those of its retained set: it was not trained again",
			    name);
	}
}

static int make_asserted(struct certify_words *w, const struct repo *r, struct error *e)
{
	w->asserted = json_array_make(e);
	if (!w->asserted)
		return e->code;
	showing_say(w->asserted, e, "the retained sets listed are all that are in use");
	showing_say(w->asserted, e,
	    "a checkpoint's lineage is as it was declared: a 0 proves that the operator committed to a set without that position, not what a program read");
	assert_sums(w, e);
	showing_say(w->asserted, e, "no copy of the keys directory is kept elsewhere");
	showing_say(w->asserted, e,
	    "the storage below the keys directory gave back no older block of a destroyed key");
	if (r->solo)
		showing_say(w->asserted, e, "opener and approver may be the same in this repository (--solo)");
	else if (w->opener_login == w->approver_login)
		showing_say(w->asserted, e,
		    "the order was opened and approved with two keys from the same login");
	if (w->withheld)
		showing_say(w->asserted, e, "the positions are those that the demand names, which is withheld");
	return e->code;
}

static int make_signed(struct certify_words *w, struct repo *r, struct error *e)
{
	w->signed_by_others = json_array_make(e);
	if (!w->signed_by_others)
		return e->code;
	if (w->same_key)
		showing_say(w->signed_by_others, e, "nobody else: the key that opened the order approved its plan");
	else
		showing_say(w->signed_by_others, e,
		    "the plan was approved by the role \"%s\" with a key of its own", w->approver);
	if (e->code || showing_witnesses(r, w->signed_by_others, e) < 0)
		return e->code;
	showing_say(w->signed_by_others, e, "time stamped by: nobody, in this file");
	showing_say(w->signed_by_others, e,
	    "signed off by: nobody, in this file (each sign-off is a file of its own)");
	return e->code;
}

int certify_words_fill(struct certify_words *w, struct repo *r, const struct order *o,
		       struct error *e)
{
	if (make_summary(w, r, o, e) < 0 || make_not_covered(w, e) < 0 ||
	    make_asserted(w, r, e) < 0 || make_signed(w, r, e) < 0)
		return e->code;
	return certify_sanitization(w, r, o, e);
}

void certify_words_done(struct certify_words *w)
{
	set_destroy(w->kept);
	json_decref(w->demand);
	json_decref(w->models);
	json_decref(w->done);
	json_decref(w->summary);
	json_decref(w->asserted);
	json_decref(w->signed_by_others);
	json_decref(w->not_covered);
	json_decref(w->sanitization);
}
