/* Receipts, what an operator who holds the signing key may try, and that they open nobody else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "proof/telling.h"
#include "proof/world_successor.h"

static struct error e;

#define UNREAD "facts openings records as-of"
#define ALL "encoding signature key heads " UNREAD

TEST(a_receipt_is_verified)
{
	static const char *const names[] = { "encoding", "signature", "key", "heads", "facts",
					     "openings", "records", "as-of" };
	struct telling t;
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	world_refused(&t.w, c, "", "a receipt");
	v = world_verdict(&t.w, c);
	check(v->valid && v->count == COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++)
		check(strcmp(v->check[i].name, names[i]) == 0);
	check(json_array_size(v->limits) == 2);
	world_seeds(c, "receipt");
	telling_end(&t);
}

/* Of positions alone nobody is named; of a card that is gone nothing is opened, and that is said. */
TEST(a_receipt_of_nobody_and_of_cards_that_are_gone_is_verified)
{
	struct telling t;
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	t.subject = NULL;
	c = telling_receipt(&t);
	world_refused(&t.w, c, "", "of nobody");
	buf_destroy(c);
	t.closed = true;
	c = telling_receipt(&t);
	world_refused(&t.w, c, "", "of a card that is gone");
	v = world_verdict(&t.w, c);
	check(json_array_size(v->limits) == 4); /* that nobody is opened in the others, too */
	check(strncmp(json_string_value(json_array_get(v->limits, 1)), "nobody is opened in the cards of",
		      32) == 0);
	telling_end(&t);
}

TEST(every_lie_about_a_record_is_refused_by_the_check_that_should)
{
	static const struct {
		enum tale tale;
		const char *refused_by;
	} tales[] = {
		{ TALE_CARD_OF_OTHER_SOURCE, "records" },
		{ TALE_CARD_OF_OTHER_TRANSFER, "records" },
		{ TALE_CARD_WITHOUT_TRANSFER, "records" },
		{ TALE_CARD_WITH_TRANSFER, "records" },
		{ TALE_CARD_ON_OTHER_TERMS, "records" },
		{ TALE_CARD_SHORT, "openings" },
		{ TALE_CARD_SUBJECT_EARLY, "openings" },
		{ TALE_BATCHES_OVERLAP, "records" },
		{ TALE_SOURCE_LATE, "records" },
		{ TALE_TRANSFER_LATE, "records" },
		{ TALE_TRANSFER_OF_OTHER_SOURCE, "records" },
		{ TALE_CORRECTION_EARLY, "records" },
		{ TALE_CORRECTION_OF_OTHER, "" }, /* that one is shown too */
		{ TALE_TERMS_TWICE, "records" },
		{ TALE_TERMS_OF_OTHER, "records" },
		{ TALE_SOURCE_TAG_TWICE, "records" },
		{ TALE_NOTIFIED_TWICE, "openings records" },
		{ TALE_ENDPOINT_TWICE, "openings" },
		{ TALE_DEPLOYMENT_OF_DATASET, "facts" },
		{ TALE_NAME_TWICE, "openings" },
		{ TALE_TIME_GOES_BACK, "facts" },
		{ TALE_BATCH_LONGER, "records" },
		{ TALE_GRANT_OF_SHORTER, "records" },
	};

	for (size_t i = 0; i < COUNT_OF(tales); i++) {
		struct telling t;
		scoped(buf) *c = NULL;
		char what[32];

		snprintf(what, sizeof(what), "tale %d", (int)tales[i].tale);
		telling_begin(&t, tales[i].tale, "example.org/log", 10);
		c = telling_receipt(&t);
		world_refused(&t.w, c, tales[i].refused_by, what);
		telling_end(&t);
	}
}

/* Both of two fields of one name leave no choice either: the later would be the better one. */
TEST(a_field_that_stands_twice_is_refused_though_both_are_opened)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, TALE_ENDPOINT_TWICE, "example.org/log", 10);
	telling_beside(&t, t.deployment, 3);
	c = telling_receipt(&t);
	world_refused(&t.w, c, "openings", "two endpoints");
	telling_end(&t);
	buf_destroy(c);
	telling_begin(&t, TALE_NOTIFIED_TWICE, "example.org/log", 10);
	telling_beside_whole(&t, t.correction);
	c = telling_receipt(&t);
	world_refused(&t.w, c, "openings", "notified and not");
	telling_end(&t);
}

/* ---- a log that follows another ---- */

/* Of all records but the last `lost`, or of these too. */
static void followed(enum said said, const char *names, const char *what)
{
	char origin[64];
	scoped(buf) *c = NULL;
	struct telling t;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	snprintf(origin, sizeof(origin), "example.org/log~2@%zu", t.w.count);
	telling_end(&t);
	telling_begin(&t, NO_TALE, origin, 10);
	world_successor(&t.w, 9, 10, 2, said);
	telling_beside(&t, t.w.count - (said == AS_IT_IS ? 3 : 1), -1);
	c = telling_receipt(&t);
	world_refused(&t.w, c, names, what);
	telling_end(&t);
}

TEST(a_receipt_is_of_no_record_that_a_log_lost)
{
	followed(AS_IT_IS, "", "none of them is lost");
	followed(OF_OLDER, "records", "one of them is lost");
}

/* ---- what is left out ---- */

TEST(no_fact_that_a_receipt_needs_can_be_left_out)
{
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	world_without(&t.w, c, 0, NULL, "facts", "init");
	/* Nothing that is shown asks for the last batch but its record. */
	j = statement_of(c);
	world_drop(predicate_of(j), "openings", t.transfer[2], NULL);
	world_drop(predicate_of(j), "facts", t.transfer[2], NULL);
	world_drop(predicate_of(j), "facts", t.batch[3], NULL);
	world_edited(&t.w, j, true, "records", "the last batch, and its transfer");
	world_without(&t.w, c, t.batch[0], NULL, "records", "a batch");
	world_without(&t.w, c, t.source[1], NULL, "records", "a source");
	world_without(&t.w, c, t.terms[0], NULL, "records", "terms");
	world_without(&t.w, c, t.transfer[0], NULL, "records", "a transfer");
	world_without(&t.w, c, t.grant[0], NULL, "", "a grant, when the person withdrew");
	world_without(&t.w, c, t.grant[1], NULL, "records", "a grant that a withdrawal is of");
	world_without(&t.w, c, t.model, NULL, "facts", "a checkpoint that runs");
	world_without(&t.w, c, t.deployment, NULL, "facts", "a deployment that ended");
	world_without(&t.w, c, t.dataset[0], NULL, "facts", "a dataset that was handed over");
	/* What it need not say, and then does not. */
	world_without(&t.w, c, t.correction, NULL, "", "a correction");
	world_without(&t.w, c, t.withdrawal[0], NULL, "", "a withdrawal");
	world_without(&t.w, c, t.undeployment, NULL, "", "the end of a deployment");
	world_without(&t.w, c, t.output, NULL, "", "an output");
	world_without(&t.w, c, t.handover, NULL, "", "a hand-over");
	world_without(&t.w, c, t.order[0], NULL, "", "an order");
	telling_end(&t);
}

TEST(no_field_that_a_receipt_needs_can_be_left_out)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	world_without(&t.w, c, t.source[0], "name", "records", "name");
	world_without(&t.w, c, t.source[0], "controller", "records", "controller");
	world_without(&t.w, c, t.terms[0], "deny", "records", "deny");
	world_without(&t.w, c, t.transfer[0], "to", "records", "to");
	world_without(&t.w, c, t.correction, "notified", "records", "notified");
	world_without(&t.w, c, t.grant[0], "subject", "records", "whose grant");
	world_without(&t.w, c, t.grant[1], "source", "records", "a grant for which source");
	world_without(&t.w, c, t.withdrawal[2], "grant", "records", "of which grant");
	world_without(&t.w, c, t.order[0], "id", "records", "id of an order");
	world_without(&t.w, c, t.deployment, "recipient", "openings", "what stands before an endpoint");
	world_without(&t.w, c, t.withdrawal[0], "uses", "openings", "what stands behind a subject");
	world_without(&t.w, c, t.withdrawal[0], "order", "", "the order of a withdrawal");
	world_without(&t.w, c, t.deployment, "endpoint", "", "an endpoint");
	world_without(&t.w, c, t.grant[0], "uses", "", "uses of a grant");
	telling_end(&t);
}

/* A field of a card alone, or all of it. */
static void close_card(const struct telling *t, const struct buf *c, uint64_t pos, const char *field,
		       const char *names)
{
	scoped_json *j = statement_of(c);
	json_t *l = json_object_get(predicate_of(j), "record_openings");

	for (size_t i = json_array_size(l); i-- > 0;) {
		const json_t *o = json_array_get(l, i);

		if (json_number_or(o, "p", pos + 1) == pos &&
		    (!field || strcmp(json_text_or(o, "field", ""), field) == 0))
			json_array_remove(l, i);
	}
	world_edited(&t->w, j, false, names, field ? field : "a card");
}

TEST(a_card_of_which_something_is_opened_says_where_it_came_from)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	close_card(&t, c, 0, "source", "records");
	close_card(&t, c, 0, NULL, "");
	close_card(&t, c, 10, "transfer", "records");
	close_card(&t, c, 10, "terms", "records");
	close_card(&t, c, 10, "decision", "");
	close_card(&t, c, 10, "content", "");
	close_card(&t, c, 10, "subject", "");
	telling_end(&t);
}

/* ---- nobody else ---- */

static void show_beside(uint64_t (*of)(const struct telling *), const char *field, const char *names,
			const char *what)
{
	struct telling t;
	scoped(buf) *c = NULL;
	uint64_t n;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	n = of(&t);
	telling_beside(&t, n, field ? telling_index(t.w.parts[n], field) : -1);
	c = telling_receipt(&t);
	world_refused(&t.w, c, names, what);
	telling_end(&t);
}

#define OF(name, member)                                                                          \
	static uint64_t name(const struct telling *t)                                            \
	{                                                                                        \
		return t->member;                                                                \
	}
OF(last_batch, batch[4])
OF(a_batch, batch[0])
OF(other_terms, terms[2])
OF(berts_grant, grant[2])
OF(berts_withdrawal, withdrawal[1])
OF(the_order, order[0])
OF(the_certified, certified)
OF(a_key, keys[0])
OF(the_reproduced, reproduced)
OF(the_model, model)
OF(the_dataset, dataset[0])
OF(the_deployment, deployment)
OF(the_output, output)
OF(the_handover, handover)

TEST(a_receipt_shows_nothing_of_others)
{
	show_beside(last_batch, NULL, "records", "a batch of none of the records");
	show_beside(other_terms, "document-name", "", "the name of a document");
	show_beside(berts_grant, NULL, "records", "another's grant, closed");
	show_beside(berts_grant, "subject", "openings", "another's grant");
	show_beside(berts_withdrawal, NULL, "records", "another's withdrawal, closed");
	show_beside(berts_withdrawal, "grant", "records", "another's withdrawal");
	show_beside(berts_withdrawal, "subject", "openings", "who withdrew");
	show_beside(the_order, "demand", "openings", "a demand");
	show_beside(the_order, "positions", "openings", "positions");
	show_beside(the_order, "count", "openings", "how many");
	show_beside(a_batch, "counts", "openings", "what a batch refused");
	show_beside(a_batch, "terms", "openings", "terms of a batch");
	show_beside(the_certified, NULL, UNREAD, "a certificate");
	show_beside(the_reproduced, NULL, UNREAD, "who made it again");
	show_beside(a_key, NULL, UNREAD, "a key");
	show_beside(the_model, "digest", "openings", "a digest");
	show_beside(the_model, "count", "openings", "how many are in a checkpoint");
	show_beside(the_dataset, "selector", "openings", "a selector");
	show_beside(the_dataset, "count", "openings", "how many are in a dataset");
	show_beside(the_deployment, "stop", "openings", "a command");
	show_beside(the_output, "at", "openings", "where an output lies");
	show_beside(the_handover, "at", "openings", "where it was written to");
	show_beside(the_handover, "parts", "openings", "parts");
}

TEST(a_receipt_names_one_person_and_opens_no_path)
{
	static const struct {
		const char *field, *refused_by;
	} fields[] = { { "path", "openings" }, { "about", "openings" }, { "attr", "openings" },
		       { "pad", "openings" }, { "subject", "openings" } };

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		for (uint64_t pos = 0; pos <= 30; pos += 10) {
			struct telling t;
			scoped(buf) *c = NULL;

			telling_begin(&t, NO_TALE, "example.org/log", 10);
			t.beside_pos = pos;
			for (size_t k = 0; k < t.cards[pos]->count; k++) {
				const struct field *f = &t.cards[pos]->list[k];

				if (strcmp(f->name, fields[i].field) == 0 &&
				    strcmp(buf_text(f->value), "anna") != 0)
					t.beside_index = (int)k;
			}
			c = telling_receipt(&t);
			world_refused(&t.w, c, fields[i].refused_by, fields[i].field);
			telling_end(&t);
		}
}

/* In a receipt of positions alone a grant of one person may stand; of two not. */
TEST(grants_and_cards_name_the_same_person)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	telling_beside(&t, t.grant[2], 1);
	t.subject = "carl";
	c = telling_receipt(&t);
	world_refused(&t.w, c, "openings", "a card and a grant");
	buf_destroy(c);
	t.subject = NULL;
	c = telling_receipt(&t);
	world_refused(&t.w, c, "", "a grant alone");
	buf_destroy(c);
	telling_beside(&t, t.grant[0], 1);
	c = telling_receipt(&t);
	world_refused(&t.w, c, "openings", "two grants");
	telling_end(&t);
}

TEST(a_name_that_begins_like_the_persons_is_another)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, TALE_NAME_SHORTER, "example.org/log", 10);
	c = telling_receipt(&t);
	world_refused(&t.w, c, "", "not opened");
	buf_destroy(c);
	t.beside_pos = 10;
	for (size_t i = 0; i < t.cards[10]->count; i++)
		if (strcmp(buf_text(t.cards[10]->list[i].value), "ann") == 0)
			t.beside_index = (int)i;
	c = telling_receipt(&t);
	world_refused(&t.w, c, "openings", "anna and ann");
	telling_end(&t);
}

/* ---- edits ---- */

static json_t *record(json_t *j, size_t i)
{
	return json_array_get(json_object_get(predicate_of(j), "records"), i);
}

TEST(the_records_of_a_receipt_cannot_be_changed)
{
	struct hash other = { { 1 } };
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	j = statement_of(c);
	json_set_hash(record(j, 1), "commitment", &other, &e);
	world_edited(&t.w, j, false, "openings records", "another commitment");
	json_decref(j);
	j = statement_of(c);
	json_set_number(record(j, 1), "p", 11, &e);
	world_edited(&t.w, j, false, "openings records", "another position");
	json_decref(j);
	j = statement_of(c);
	json_set_hash(json_object_get(json_array_get(json_object_get(j, "subject"), 1), "digest"),
		      "sha256", &other, &e);
	world_edited(&t.w, j, false, "records", "another subject");
	json_decref(j);
	j = statement_of(c);
	json_array_remove(json_object_get(j, "subject"), 3);
	world_edited(&t.w, j, false, "records", "a subject less");
	json_decref(j);
	j = statement_of(c);
	json_array_append(json_object_get(j, "subject"),
			  json_array_get(json_object_get(j, "subject"), 3));
	world_edited(&t.w, j, false, "records", "a subject more");
	json_decref(j);
	j = statement_of(c);
	json_array_remove(json_object_get(predicate_of(j), "records"), 3);
	world_edited(&t.w, j, false, "openings records", "a record less");
	json_decref(j);
	j = statement_of(c);
	json_array_append(json_object_get(predicate_of(j), "records"), record(j, 3));
	json_array_append(json_object_get(j, "subject"),
			  json_array_get(json_object_get(j, "subject"), 3));
	world_edited(&t.w, j, false, "records", "a record twice");
	json_decref(j);
	j = statement_of(c);
	json_set_text(predicate_of(j), "records_proof", "", &e);
	world_edited(&t.w, j, false, "records", "no proof");
	telling_end(&t);
}

TEST(openings_of_cards_are_in_order_and_of_records_that_are_shown)
{
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL, *first = NULL;
	json_t *l;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	j = statement_of(c);
	l = json_object_get(predicate_of(j), "record_openings");
	first = json_incref(json_array_get(l, 0));
	json_array_append(l, first);
	world_edited(&t.w, j, false, "openings", "not in order");
	json_decref(j);
	j = statement_of(c);
	l = json_object_get(predicate_of(j), "record_openings");
	json_array_insert(l, 0, first);
	world_edited(&t.w, j, false, "openings", "twice");
	json_decref(j);
	j = statement_of(c);
	l = json_object_get(predicate_of(j), "record_openings");
	for (size_t i = json_array_size(l); i-- > 0;)
		if (strcmp(json_text_or(json_array_get(l, i), "field", ""), "subject") == 0) {
			json_array_insert(l, i, json_array_get(l, i));
			break;
		}
	world_edited(&t.w, j, false, "openings", "a subject twice");
	json_decref(j);
	j = statement_of(c);
	l = json_object_get(predicate_of(j), "record_openings");
	json_set_number(json_array_get(l, json_array_size(l) - 1), "p", 31, &e);
	world_edited(&t.w, j, false, "openings", "of a record that is not shown");
	json_decref(j);
	j = statement_of(c);
	l = json_object_get(predicate_of(j), "record_openings");
	json_object_set(json_array_get(l, 0), "value", json_object_get(json_array_get(l, 1), "value"));
	world_edited(&t.w, j, false, "openings", "another value");
	telling_end(&t);
}

TEST(a_member_more_or_less_is_no_receipt)
{
	static const char *const members[] = { "format", "origin", "key", "issued", "tool", "heads",
		"facts", "facts_proof", "openings", "records", "records_proof", "record_openings",
		"summary", "asserted", "signed_by_others", "not_covered" };
	static const char *const words[] = { "what", "withdraw" };
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		scoped_json *less = statement_of(c);

		json_object_del(predicate_of(less), members[i]);
		world_edited(&t.w, less, false, ALL, members[i]);
	}
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		scoped_json *less = statement_of(c);

		json_object_del(json_object_get(predicate_of(less), "summary"), words[i]);
		world_edited(&t.w, less, false, ALL, words[i]);
	}
	j = statement_of(c);
	json_set_new(predicate_of(j), "sets", json_array(), &e);
	world_edited(&t.w, j, false, ALL, "a member more");
	json_decref(j);
	j = statement_of(c);
	json_array_clear(json_object_get(j, "subject"));
	json_array_clear(json_object_get(predicate_of(j), "records"));
	world_edited(&t.w, j, false, ALL, "of nothing");
	telling_end(&t);
}

/* The limit, and one more. */
TEST(a_receipt_is_of_so_many_records)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	for (int more = 0; more < 2; more++) {
		scoped_json *j = statement_of(c);
		json_t *list = json_object_get(predicate_of(j), "records");

		while (json_array_size(list) < (size_t)RECEIPT_RECORDS_MAX + (size_t)more)
			json_array_append(list, record(j, 3));
		world_edited(&t.w, j, false, more ? ALL : "records", "so many records");
	}
	telling_end(&t);
}

TEST(no_part_of_another_receipt_fits)
{
	static const char *const members[] = { "heads", "facts", "facts_proof", "openings", "records",
					       "records_proof", "record_openings" };
	static const uint8_t numbers[] = { 10, 20 };

	for (size_t k = 0; k < COUNT_OF(numbers); k++) {
		struct telling a, b;
		scoped(buf) *ca = NULL, *cb = NULL;
		scoped_json *other = NULL;

		telling_begin(&a, NO_TALE, "example.org/log", 10);
		telling_begin(&b, NO_TALE, "example.org/log", numbers[k]);
		ca = telling_receipt(&a);
		cb = telling_receipt(&b);
		other = statement_of(cb);
		for (size_t i = 0; i < COUNT_OF(members); i++) {
			scoped_json *j = statement_of(ca);
			scoped(buf) *mixed = NULL;
			scoped(verdict) *v = NULL;
			json_t *x = json_object_get(predicate_of(other), members[i]);

			if (json_equal(json_object_get(predicate_of(j), members[i]), x))
				continue;
			json_object_set(predicate_of(j), members[i], x);
			mixed = world_sign(&a.w, j, false);
			v = world_verdict(&a.w, mixed);
			check(!v->valid);
		}
		telling_end(&b);
		telling_end(&a);
	}
}

TEST(an_order_that_is_pinned_is_no_record)
{
	struct telling t;
	scoped(buf) *c = NULL, *vkey = NULL;
	scoped(verdict) *v = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_receipt(&t);
	check_ok(buf_create(&vkey, 0, &e));
	world_vkey(&t.w, "facts", vkey);
	check_ok(certificate_verify(&v, c->data, c->len,
				    &(struct verify_pins){ .vkey = buf_text(vkey),
							   .order = &t.commitments[0] }, &e));
	check(!v->valid && !v->check[6].ok && v->check[7].ok);
	telling_end(&t);
}

TEST(a_receipt_is_made_once_for_each_record_and_of_one_commitment)
{
	scoped(certificate_draft) *d = NULL;
	struct tree_array none = { NULL, 0 };
	scoped(buf) *out = NULL, *head = NULL;
	struct hash one = { { 1 } }, two = { { 2 } };
	struct telling t;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	check_ok(buf_create(&out, 0, &e));
	check_ok(buf_create(&head, 0, &e));
	world_head(&t.w, "facts", t.w.leaves, t.w.count, head);
	check_ok(certificate_draft_create(&d, &e));
	check_ok(receipt_record(d, 3, &one, &e));
	check_ok(receipt_record(d, 3, &two, &e));
	check_code(receipt_make(d, &(struct receipt_words){ .origin = t.w.origin, .tool = "x",
							    .facts_head = buf_text(head),
							    .records_head = buf_text(head) },
				t.w.seed, tree_array_read, &none, tree_array_read, &none, out, &e),
		   E_CONFLICT);
	error_clear(&e);
	check(out->len == 0);
	telling_end(&t);
}

TEST_MAIN("receipt")
