/* What a receipt says in words, kept apart in what happened, what is asserted, and what is not
 * covered. All of it is the operator's word; what is proved stands beside it. */
#include <inttypes.h>
#include <stdio.h>

#include "flow/receipt_parts.h"

enum { SENTENCE_MAX = 2048 };

static int put_what(struct receipting *x, struct error *e)
{
	char text[SENTENCE_MAX];
	uint64_t n = set_count(x->all);

	if (x->ask->record)
		snprintf(text, sizeof(text), "record %" PRIu64 " of %s", x->only,
			 x->show.r->origin);
	else
		snprintf(text, sizeof(text),
			 "%" PRIu64 " record%s of %s that %s known to be about \"%s\"", n,
			 n == 1 ? "" : "s", x->show.r->origin, n == 1 ? "is" : "are",
			 x->ask->subject);
	json_set_text(x->summary, "what", text, e);
	return e->code;
}

/* --- not covered --- */

static uint64_t count_by(const struct receipting *x, const char *member, const char *value)
{
	const json_t *row, *rows = json_object_get(x->summary, "records");
	uint64_t n = 0;
	size_t i;

	json_array_foreach(rows, i, row)
		if (strcmp(json_text_or(row, member, ""), value) == 0)
			n += json_number_or(row, "count", 0);
	return n;
}

static void not_about_people(struct receipting *x, struct error *e)
{
	uint64_t copies = count_by(x, "named_by", "copy"),
		 orders = count_by(x, "named_by", "order");

	if (!x->ask->subject) {
		showing_say(x->not_covered, e,
			       "who is in the record: a receipt that is asked for by "
			       "position opens no person");
		return;
	}
	if (copies)
		showing_say(x->not_covered, e,
			       "that %" PRIu64 " of the records %s about you: only a copy "
			       "of each says so, and what a copy says is in no log",
			       copies, copies == 1 ? "is" : "are");
	if (orders)
		showing_say(x->not_covered, e,
			       "that %" PRIu64 " of the records %s about you: of what is "
			       "erased only the order that took it back says so",
			       orders, orders == 1 ? "was" : "were");
	showing_say(x->not_covered, e,
		       "records in which nobody named you, and pictures that look "
		       "like you: faces are not compared");
	showing_say(x->not_covered, e,
		       "erased records about you that were taken back with others: "
		       "nobody can tell any more whom they were about");
}

static int make_not_covered(struct receipting *x, struct error *e)
{
	x->not_covered = json_array_make(e);
	not_about_people(x, e);
	if (set_count(x->erased) > 0)
		showing_say(x->not_covered, e,
			       "what an erased record was: the key to it is destroyed, and "
			       "its commitment opens nowhere any more");
	showing_say(x->not_covered, e,
		       "copies that others made, and what those to whom it was handed "
		       "over did with it");
	showing_say(x->not_covered, e,
		       "what came after this head of the log: ask again for a newer one");
	return e->code;
}

/* --- asserted --- */

/* Where nobody known agreed, the controller said so for all. */
static void assert_agreed(struct receipting *x, struct error *e)
{
	const json_t *row, *rows = json_object_get(x->summary, "terms");
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *source = json_text_or(row, "source", "");

		if (json_array_size(json_object_get(row, "controller_grants")) > 0)
			showing_say(x->asserted, e,
				       "%s says that those in its source \"%s\" agreed",
				       json_text_or(row, "controller", "the controller"), source);
	}
}

static int make_asserted(struct receipting *x, struct error *e)
{
	x->asserted = json_array_make(e);
	if (x->ask->subject)
		showing_say(x->asserted, e,
			       "that a record is about you is what whoever brought it in "
			       "said of it");
	assert_agreed(x, e);
	showing_say(x->asserted, e,
		       "terms, transfers and whether people were told are as the operator "
		       "was told, or said");
	showing_say(x->asserted, e,
		       "a checkpoint's lineage is as it was declared: what a program "
		       "read is not seen here, unless its grade says more");
	showing_say(x->asserted, e,
		       "what is listed as made, in use, handed over and kept is all that "
		       "was declared to this repository");
	return e->code;
}

static int make_signed(struct receipting *x, struct error *e)
{
	x->signed_by_others = json_array_make(e);
	if (e->code || showing_witnesses(x->show.r, x->signed_by_others, e) < 0)
		return e->code;
	showing_say(x->signed_by_others, e, "time stamped by: nobody");
	return e->code;
}

int receipting_words(struct receipting *x, struct error *e)
{
	x->summary = json_object_make(e);
	if (e->code || put_what(x, e) < 0 || receipting_records(x, e) < 0 ||
	    receipting_terms(x, e) < 0 || receipting_grants(x, e) < 0 ||
	    receipting_made(x, e) < 0 || receipting_orders(x, e) < 0 ||
	    receipting_withdraw(x, e) < 0)
		return e->code;
	return make_not_covered(x, e) < 0 || make_asserted(x, e) < 0 ? e->code : make_signed(x, e);
}
