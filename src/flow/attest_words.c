/* Of an attestation: what is not known, and what there is only somebody's word for. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/attesting.h"

/* "1 record of volunteers", "8 records of partner (t1)" */
struct whose {
	char s[320];
};
static struct whose records_of(const json_t *row, uint64_t count)
{
	const char *transfer = json_text_or(json_object_get(row, "transfer"), "transfer", "");
	struct whose ret;

	snprintf(ret.s, sizeof(ret.s), "%" PRIu64 " record%s of %s%s%s%s", count,
		 count == 1 ? "" : "s", json_text_or(row, "source", ""), *transfer ? " (" : "",
		 transfer, *transfer ? ")" : "");
	return ret;
}

static bool is(const json_t *o, const char *key, const char *text)
{
	return strcmp(json_text_or(o, key, ""), text) == 0;
}

/* --- unknown: of a source --- */

static void unknown_terms(const struct attesting *x, const json_t *row, const char *whose,
			  struct error *e)
{
	const json_t *terms = json_object_get(row, "terms");

	if (!json_is_object(terms)) {
		showing_say(x->unknown, e, "the terms of %s: none were held when they came", whose);
		return;
	}
	if (!*json_text_or(terms, "licence", "") || is(terms, "licence", "NOASSERTION"))
		showing_say(x->unknown, e, "the licence of %s", whose);
	if (!json_text_or(terms, "basis", NULL) && !is(row, "people", "none"))
		showing_say(x->unknown, e, "the legal basis of %s: none was stated with the terms", whose);
	if (!json_text_or(terms, "until", NULL))
		showing_say(x->unknown, e, "an end of the terms of %s: none was stated", whose);
}

static void unknown_transfer(const struct attesting *x, const json_t *row, const char *whose,
			     struct error *e)
{
	const json_t *transfer = json_object_get(row, "transfer");

	if (!json_is_object(transfer)) {
		if (is(row, "kind", "partner"))
			showing_say(x->unknown, e, "how %s came: from a partner, and no transfer is named",
			    whose);
		return;
	}
	if (is(transfer, "notified", "unknown"))
		showing_say(x->unknown, e, "whether the people in %s were told of the transfer", whose);
	if (json_array_size(json_object_get(transfer, "documents")) == 0)
		showing_say(x->unknown, e, "under which document %s were handed over: none is named", whose);
}

static size_t standing(const json_t *row)
{
	const json_t *grant;
	size_t i, count = 0;

	json_array_foreach(json_object_get(row, "grants"), i, grant)
		count += !json_is_true(json_object_get(grant, "withdrawn"));
	return count;
}

/* In how many records of a row nobody is named, though people may be in them. */
static uint64_t unnamed(const json_t *row)
{
	uint64_t known = json_number_or(row, "named", 0) + json_number_or(row, "erased", 0);
	uint64_t count = json_number_or(row, "records", 0);

	return is(row, "people", "none") || known > count ? 0 : count - known;
}

static void unknown_people(const struct attesting *x, const json_t *row, struct error *e)
{
	uint64_t erased = json_number_or(row, "erased", 0);

	if (unnamed(row) > 0)
		showing_say(x->unknown, e, "who is in %s: nobody has named them%s",
		    records_of(row, unnamed(row)).s,
		    standing(row) ? "" : ", and no grant of the controller stands for them");
	if (erased > 0)
		showing_say(x->unknown, e, "what %s showed, and whom: they are erased",
		    records_of(row, erased).s);
}

static void unknown_sources(const struct attesting *x, struct error *e)
{
	const json_t *row;
	size_t i;

	json_array_foreach(x->sources, i, row) {
		struct whose whose = records_of(row, json_number_or(row, "records", 0));

		unknown_terms(x, row, whose.s, e);
		unknown_transfer(x, row, whose.s, e);
		unknown_people(x, row, e);
	}
}

/* --- unknown: of the way here --- */

/* Each checkpoint on the way that nothing but a word explains. */
static void unknown_lineage(const struct attesting *x, struct error *e)
{
	for (size_t i = 0; i < x->model_count; i++) {
		const struct model *m = &x->models[i];

		if (!attesting_rests_on(x, m->fact))
			continue;
		if (m->input_count == 0 || m->grade == GRADE_UNKNOWN)
			showing_say(x->unknown, e, "what %s was made of: nobody said", m->label);
		else if (m->grade == GRADE_DECLARED)
			showing_say(x->unknown, e,
			    "whether %s was made of what is named, and of nothing else: that was declared, and nothing watched it",
			    m->label);
		if (m->fact != x->m.fact && m->state != MODEL_LIVE)
			showing_say(x->unknown, e, "on whose word %s may still be used: it rests on %s, which is %s",
			    x->m.label, m->label, model_state_name(m->state));
	}
	if (x->m.reproduced_count == 0)
		showing_say(x->unknown, e, x->m.exact ?
		    "whether training %s again gives the same weights: nobody has done it" :
		    "whether making %s again gives the same weights: it was made elsewhere, and nobody has done it here",
		    x->m.label);
}

static void unknown_orders(const struct attesting *x, struct error *e)
{
	for (size_t i = 0; i < x->order_count; i++) {
		const struct attested_order *at = &x->orders[i];

		if (at->holds > 0 && at->o->state == ORDER_CERTIFIED)
			showing_say(x->unknown, e,
			    "what can still be learned from %s of the %" PRIu64
			    " records in its set that order %s took back: it did not unlearn them; it is %s",
			    x->m.label, at->holds, at->o->name, model_state_name(x->m.state));
		else if (at->holds > 0)
			showing_say(x->unknown, e,
			    "how order %s ends, which is %s: its set holds %" PRIu64
			    " of the records that the order takes back",
			    at->o->name, at->state, at->holds);
	}
}

/* --- asserted --- */

/* A controller's grant stands for people whom nobody has named. */
static void assert_grant(struct attesting *x, const json_t *row, struct error *e)
{
	const json_t *grant;
	uint64_t count = unnamed(row);
	size_t i;

	json_array_foreach(json_object_get(row, "grants"), i, grant)
		if (count > 0 && !json_is_true(json_object_get(grant, "withdrawn")))
			showing_say(x->asserted, e,
			    "the people in %s agreed: so says %s, their controller, in %s%s; nobody has asked them",
			    records_of(row, count).s, json_text_or(row, "controller", "?"),
			    json_text_or(grant, "grant", ""),
			    json_is_true(json_object_get(grant, "explicit")) ? " (explicitly)" : "");
}

static void assert_source(struct attesting *x, const json_t *row, struct error *e)
{
	const json_t *transfer = json_object_get(row, "transfer");
	uint64_t count = json_number_or(row, "records", 0), named = json_number_or(row, "named", 0);

	if (is(row, "people", "none"))
		showing_say(x->asserted, e, "nobody is in %s", records_of(row, count).s);
	if (named > 0)
		showing_say(x->asserted, e,
		    "the people named in %s gave grants of their own before these were let in; they are not shown, because they name them",
		    records_of(row, named).s);
	if (is(transfer, "notified", "yes"))
		showing_say(x->asserted, e, "the people in %s were told of the transfer",
		    records_of(row, count).s);
	assert_grant(x, row, e);
}

static int make_asserted(struct attesting *x, struct error *e)
{
	const json_t *row;
	size_t i;

	showing_say(x->asserted, e,
	    "sources, terms, transfers and grants are as somebody said them to this repository; of documents only digests were kept");
	showing_say(x->asserted, e, x->m.exact ?
	    "the sums behind the weights are those of the records in its set" :
	    "the checkpoint was made of what is named: a 0 proves that the operator committed to a set without that position, not what a program read");
	json_array_foreach(x->sources, i, row)
		assert_source(x, row, e);
	showing_say(x->asserted, e, "no source has two names, and no two have one");
	return e->code;
}

/* --- signed by others, not covered --- */

static int make_signed(struct attesting *x, struct error *e)
{
	const char *witnessed;

	for (size_t i = 0; i < x->m.reproduced_count; i++)
		showing_say(x->signed_by_others, e,
		    "made again, with the same result bit for bit: said by the key %s%s",
		    x->m.reproduced[i],
		    is(json_object_get(x->summary, "checkpoint"), "made_by", x->m.reproduced[i]) ?
			    ", which made it the first time" : "");
	if (e->code || showing_witnesses(x->show.r, x->signed_by_others, e) < 0)
		return e->code;
	witnessed = json_string_value(json_array_get(x->signed_by_others,
						     json_array_size(x->signed_by_others) - 1));
	showing_say(x->signed_by_others, e, "time stamped by: nobody");
	if (witnessed && strcmp(witnessed, "witnessed by: nobody") == 0)
		showing_say(x->unknown, e,
		    "whether others were shown another log than this one: no witness has signed its heads");
	return e->code;
}

static int make_not_covered(struct attesting *x, struct error *e)
{
	showing_say(x->not_covered, e,
	    "whether the checkpoint may be used for something, now: that is decided when it is asked (rescind gate)");
	showing_say(x->not_covered, e, "what happened after the heads of the logs in this statement");
	showing_say(x->not_covered, e, "copies of the checkpoint, and what was made of it elsewhere");
	if (!x->m.exact)
		showing_say(x->not_covered, e,
		    "what else went into the checkpoint, and was never said to this repository");
	showing_say(x->not_covered, e,
	    "reservations that stand in the data or beside it: signals inside of files are not read");
	return e->code;
}

int attesting_words(struct attesting *x, struct error *e)
{
	x->asserted = json_array_make(e);
	x->signed_by_others = json_array_make(e);
	x->not_covered = json_array_make(e);
	if (e->code)
		return e->code;
	unknown_sources(x, e);
	unknown_lineage(x, e);
	unknown_orders(x, e);
	if (make_asserted(x, e) < 0 || make_signed(x, e) < 0)
		return e->code;
	return make_not_covered(x, e);
}
