/* Attestations, and what an operator who holds the signing key may try. Every lie is signed as it should
 * be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/test.h"
#include "proof/telling.h"

static struct error e;

TEST(an_attestation_is_verified)
{
	static const char *const names[] = { "encoding", "signature", "key", "heads", "facts",
					     "openings", "batches", "checkpoint", "lineage", "sources",
					     "absent", "orders", "reproduced", "as-of" };
	struct telling t;
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	world_refused(&t.w, c, "", "an attestation");
	v = world_verdict(&t.w, c);
	check(v->valid && v->count == COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++)
		check(strcmp(v->check[i].name, names[i]) == 0);
	check(json_array_size(v->limits) == 6);
	if (getenv("RESCIND_SHOW"))
		json_dumpf(v->limits, stdout, JSON_INDENT(1));
	world_seeds(c, "attestation");
	telling_end(&t);
}

TEST(every_lie_about_a_checkpoint_is_refused_by_the_check_that_should)
{
	static const struct {
		enum tale tale;
		const char *refused_by;
	} tales[] = {
		{ TALE_SOURCE_LATE, "sources" },
		{ TALE_TRANSFER_LATE, "sources" },
		{ TALE_TRANSFER_OF_OTHER_SOURCE, "sources" },
		{ TALE_CORRECTION_EARLY, "sources" },
		{ TALE_CORRECTION_OF_OTHER, "sources" },
		{ TALE_TERMS_TWICE, "sources" },
		{ TALE_TERMS_OF_OTHER, "sources" },
		{ TALE_BATCH_DECIDED_ON_OTHER, "sources" },
		{ TALE_NOTIFIED_TWICE, "openings sources" },
		{ TALE_SET_HAS_ONE, "absent" },
		{ TALE_SET_BEYOND, "absent" },
		{ TALE_ORDER_TOOK_MORE, "orders" },
		{ TALE_ORDER_TOOK_WHAT_COMES, "orders" },
		{ TALE_CERTIFIED_EARLY, "orders" },
		{ TALE_CERTIFIED_OTHER, "orders" },
		{ TALE_REPRODUCED_OTHER, "reproduced" },
		{ TALE_REPRODUCED_NOT_SIGNED, "reproduced" },
		{ TALE_GRADE, "checkpoint" },
		{ TALE_DIGEST_SHORT, "checkpoint" },
		{ TALE_DIGEST_LONG, "checkpoint" },
		{ TALE_MODEL_IS_DATASET, "openings checkpoint lineage reproduced" },
		{ TALE_INPUT_IS_ORDER, "lineage" },
		{ TALE_BATCH_LEFT_OUT, "batches sources" },
		{ TALE_NAME_TWICE, "openings checkpoint lineage" },
		{ TALE_TIME_GOES_BACK, "facts" },
	};

	for (size_t i = 0; i < COUNT_OF(tales); i++) {
		struct telling t;
		scoped(buf) *c = NULL;
		char what[32];

		snprintf(what, sizeof(what), "tale %d", (int)tales[i].tale);
		telling_begin(&t, tales[i].tale, "example.org/log", 10);
		c = telling_attest(&t);
		world_refused(&t.w, c, tales[i].refused_by, what);
		telling_end(&t);
	}
}

/* ---- work ---- */

/* The items of fact n, once more at the end of the list, for a fact of its own; what: entry or value. */
static void again(json_t *p, const char *list, uint64_t n, uint64_t copy, const char *field,
		  const char *what, const char *text)
{
	json_t *items = json_object_get(p, list), *j;
	size_t count = json_array_size(items);

	for (size_t i = 0; i < count; i++) {
		j = json_array_get(items, i);
		if ((uint64_t)json_integer_value(json_object_get(j, "n")) != n)
			continue;
		j = json_deep_copy(j);
		json_object_set_new(j, "n", json_integer((json_int_t)copy));
		if (!field || strcmp(json_text_or(j, "field", ""), field) == 0)
			json_object_set_new(j, what, json_string(text));
		json_array_append_new(items, j);
	}
}

/* The entry of fact n, changed: of an order that saw 2^34 records, or `certified` of this order. */
static void changed_entry(const json_t *p, uint64_t n, uint64_t order, char ret[2048])
{
	const json_t *facts = json_object_get(p, "facts"), *j = NULL;
	scoped_json *entry = NULL;
	scoped(buf) *b = NULL;
	size_t i;

	json_array_foreach(facts, i, j)
		if ((uint64_t)json_integer_value(json_object_get(j, "n")) == n)
			break;
	entry = json_loads(json_text_or(j, "entry", ""), 0, NULL);
	if (order)
		json_object_set_new(entry, "order", json_integer((json_int_t)order));
	else
		json_object_set_new(json_object_get(entry, "records"), "size", json_integer(1LL << 34));
	check_ok(buf_create(&b, 512, &e));
	check_ok(json_put(entry, b, &e));
	snprintf(ret, 2048, "%s", buf_text(b));
}

TEST(orders_that_ask_for_more_work_than_honest_ones_are_refused_within_seconds)
{
	struct telling t;
	scoped(buf) *c = NULL, *lie = NULL;
	scoped_json *j = NULL;
	scoped(verdict) *v = NULL;
	char entry[2048], certified[2048];
	json_t *p;
	uint64_t began;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	j = statement_of(c);
	p = predicate_of(j);
	json_object_set_new(p, "absent", json_string("0-17179869183"));
	changed_entry(p, t.order[0], 0, entry);
	for (uint64_t n = 1000000; n < 1002000; n += 2) {
		changed_entry(p, t.certified, n, certified);
		again(p, "facts", t.order[0], n, NULL, "entry", entry);
		again(p, "openings", t.order[0], n, "positions", "value", "MC0xNzE3OTg2OTE4Mw==");
		again(p, "facts", t.certified, n + 1, NULL, "entry", certified);
	}
	lie = world_sign(&t.w, j, false);
	began = sys->monotonic_us();
	v = world_verdict(&t.w, lie);
	check(!v->valid && sys->monotonic_us() - began < 60 * 1000000ULL);
	printf("%zu KB refused in %.1f s\n", lie->len >> 10, (double)(sys->monotonic_us() - began) / 1e6);
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->check[i].name, "orders") == 0 &&
		    strcmp(v->check[i].detail, "more work than a file of this size may ask for") != 0)
			fail_msg("orders: %s", v->check[i].detail);
	telling_end(&t);
}

/* ---- what is left out ---- */

TEST(no_fact_that_an_attestation_needs_can_be_left_out)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	world_without(&t.w, c, 0, NULL, "facts", "init");
	world_without(&t.w, c, t.source[0], NULL, "sources", "a source");
	world_without(&t.w, c, t.terms[1], NULL, "sources", "the only terms");
	world_without(&t.w, c, t.terms[0], NULL, "sources", "the terms decided on");
	world_without(&t.w, c, t.transfer[0], NULL, "sources", "a transfer");
	world_without(&t.w, c, t.batch[0], NULL, "batches sources", "a batch");
	world_without(&t.w, c, t.batch[3], NULL, "batches sources", "a batch of none");
	world_without(&t.w, c, t.transfer[2], NULL, "sources", "another transfer of that source");
	world_without(&t.w, c, t.batch[4], NULL, "batches", "the last batch");
	world_without(&t.w, c, t.dataset[0], NULL, "lineage", "an input");
	world_without(&t.w, c, t.base, NULL, "lineage", "a checkpoint that is an input");
	world_without(&t.w, c, t.model, NULL, "facts checkpoint lineage absent reproduced", "itself");
	world_without(&t.w, c, t.order[0], NULL, "orders", "an order that is certified");
	world_without(&t.w, c, t.certified, NULL, "orders", "that it is certified");
	world_without(&t.w, c, t.keys[1], NULL, "reproduced", "who made it again");
	/* What it need not say, and then does not. */
	world_without(&t.w, c, t.keys[0], NULL, "", "who recorded it");
	world_without(&t.w, c, t.terms[3], NULL, "", "later terms");
	world_without(&t.w, c, t.correction, NULL, "", "a correction");
	telling_end(&t);
}

TEST(an_attestation_of_nothing_is_refused)
{
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;
	uint64_t all[4];

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	memcpy(all, (uint64_t[]){ t.model, t.base, t.dataset[0], t.keys[0] }, sizeof(all));
	c = telling_attest(&t);
	j = statement_of(c);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		world_drop(predicate_of(j), "facts", all[i], NULL);
		world_drop(predicate_of(j), "openings", all[i], NULL);
	}
	world_edited(&t.w, j, true, "checkpoint lineage absent reproduced", "of nothing");
	telling_end(&t);
}

TEST(a_source_has_terms_also_where_no_batch_says_which)
{
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	j = statement_of(c);
	world_drop(predicate_of(j), "openings", t.batch[1], "terms");
	world_edited(&t.w, j, false, "", "a batch that does not say");
	world_drop(predicate_of(j), "openings", t.terms[1], NULL);
	world_drop(predicate_of(j), "facts", t.terms[1], NULL);
	world_edited(&t.w, j, true, "sources", "a source without terms");
	telling_end(&t);
}

TEST(no_field_that_an_attestation_needs_can_be_left_out)
{
	static const char *const of_terms[] = { "document", "licence", "allow", "deny", "basis", "from",
						"until" };
	static const char *const of_transfer[] = { "id", "from", "to", "date", "uses", "notified" };
	static const char *const of_source[] = { "name", "kind", "people", "controller" };
	static const char *const of_correction[] = { "id", "notified", "document" };
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	for (size_t i = 0; i < COUNT_OF(of_source); i++)
		world_without(&t.w, c, t.source[1], of_source[i], "sources", of_source[i]);
	for (size_t i = 0; i < COUNT_OF(of_terms); i++)
		world_without(&t.w, c, t.terms[3], of_terms[i], "sources", of_terms[i]);
	for (size_t i = 0; i < COUNT_OF(of_transfer); i++)
		world_without(&t.w, c, t.transfer[0], of_transfer[i], "sources", of_transfer[i]);
	for (size_t i = 0; i < COUNT_OF(of_correction); i++)
		world_without(&t.w, c, t.correction, of_correction[i], "sources", of_correction[i]);
	world_without(&t.w, c, t.transfer[0], "document", "", "documents of a transfer");
	world_without(&t.w, c, t.transfer[0], "source", "", "the name in a transfer");
	world_without(&t.w, c, t.model, "name", "checkpoint lineage", "name");
	world_without(&t.w, c, t.model, "version", "checkpoint lineage", "version");
	world_without(&t.w, c, t.model, "kind", "checkpoint", "kind");
	world_without(&t.w, c, t.model, "digest", "checkpoint", "digest");
	world_without(&t.w, c, t.model, "grade", "checkpoint", "grade");
	world_without(&t.w, c, t.model, "count", "", "count");
	world_without(&t.w, c, t.base, "name", "lineage", "name of an input");
	world_without(&t.w, c, t.dataset[0], "version", "lineage", "version of an input");
	world_without(&t.w, c, t.order[0], "id", "orders", "id of an order");
	world_without(&t.w, c, t.order[0], "positions", "orders", "positions of an order");
	world_without(&t.w, c, t.batch[0], "terms", "", "terms of a batch");
	telling_end(&t);
}

/* ---- what is shown beside ---- */

/* field: NULL, none of it is opened; "", all are. */
static void show_beside(uint64_t (*of)(const struct telling *), const char *field, const char *names,
			const char *what)
{
	struct telling t;
	scoped(buf) *c = NULL;
	uint64_t n;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	n = of(&t);
	if (field && !*field)
		telling_beside_whole(&t, n);
	else
		telling_beside(&t, n, field ? telling_index(t.w.parts[n], field) : -1);
	c = telling_attest(&t);
	world_refused(&t.w, c, names, what);
	telling_end(&t);
}

#define OF(name, member)                                                                          \
	static uint64_t name(const struct telling *t)                                            \
	{                                                                                        \
		return t->member;                                                                \
	}
OF(other_source, source[2])
OF(other_terms, terms[2])
OF(other_transfer, transfer[1])
OF(other_dataset, dataset[1])
OF(other_model, other)
OF(other_order, order[1])
OF(the_order, order[0])
OF(a_batch, batch[0])
OF(the_base, base)
OF(the_model, model)
OF(the_dataset, dataset[0])
OF(a_grant, grant[1])
OF(a_deployment, deployment)
OF(an_output, output)

#define UNREAD "facts openings batches checkpoint lineage sources absent orders reproduced as-of"

TEST(nothing_is_shown_beside_that_an_attestation_does_not_show)
{
	show_beside(other_source, "", "sources", "another source");
	show_beside(other_terms, "", "sources", "terms of another source");
	show_beside(other_transfer, "", "sources", "another transfer");
	show_beside(other_source, NULL, "sources", "another source, closed");
	show_beside(other_dataset, NULL, "lineage", "another dataset");
	show_beside(other_model, NULL, "lineage", "another checkpoint");
	show_beside(other_order, NULL, "orders", "an order that is not certified");
	show_beside(a_grant, NULL, UNREAD, "a grant");
	show_beside(a_deployment, NULL, UNREAD, "a deployment");
	show_beside(an_output, NULL, UNREAD, "an output");
	show_beside(the_order, "demand", "openings", "a demand");
	show_beside(the_order, "login", "openings", "a login");
	show_beside(a_batch, "origin", "openings", "the folder of a batch");
	show_beside(a_batch, "source", "openings", "the source that a batch names");
	show_beside(the_base, "digest", "openings", "the digest of an input");
	show_beside(the_model, "at", "openings", "the path of the checkpoint");
	show_beside(the_model, "files", "openings", "its files");
	show_beside(the_model, "containers", "openings", "its containers");
	show_beside(the_dataset, "selector", "openings", "a selector");
}

TEST(two_sources_with_one_tag_are_refused)
{
	struct telling t;
	scoped(buf) *c = NULL;

	telling_begin(&t, TALE_SOURCE_TAG_TWICE, "example.org/log", 10);
	c = telling_attest(&t); /* one of them alone: that there is no other, nobody can say */
	world_refused(&t.w, c, "", "one of two sources");
	buf_destroy(c);
	telling_beside_whole(&t, t.source[2]);
	c = telling_attest(&t);
	world_refused(&t.w, c, "sources", "two sources of one tag");
	telling_end(&t);
}

/* ---- absent ---- */

TEST(the_batches_that_are_not_absent_are_of_sources_that_are_shown)
{
	static const struct {
		const char *absent, *refused_by;
	} all[] = {
		{ "3-5,20-29,35-39", "" },
		{ "3-5,20-39", "sources" }, /* then a transfer is of none */
		{ "3-9,20-29,35-39", "absent" },
		{ "3-5,10-29,35-39", "sources absent" }, /* they are in it */
		{ "3-5,20-28,35-39", "sources" },
		{ "3-5,21-29,35-39", "sources" },
		{ "3-5,20-29,36-39", "sources" },
		{ "3-4,20-29,35-39", "orders" },
		{ "3-5,20-29,35-40", "absent" }, /* there is no 40 */
		{ "2-5,20-29,35-39", "absent" },
		{ "", "sources orders" },
	};

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		struct telling t;
		scoped(buf) *c = NULL;

		telling_begin(&t, NO_TALE, "example.org/log", 10);
		t.absent = all[i].absent;
		c = telling_attest(&t);
		world_refused(&t.w, c, all[i].refused_by, all[i].absent);
		telling_end(&t);
	}
}

TEST(what_is_absent_may_lie_in_many_containers)
{
	static const struct {
		const char *absent, *refused_by;
	} all[] = {
		{ "3-5,20-69999,70005-70009", "" },
		{ "3-5,20-69998,70005-70009", "sources" },
		{ "3-5,20-65535,65537-69999,70005-70009", "sources" },
		{ "3-5,20-69999,70005-70010", "absent" },
	};

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		struct telling t;
		scoped(buf) *c = NULL;

		telling_begin(&t, TALE_LARGE, "example.org/log", 10);
		t.absent = all[i].absent;
		c = telling_attest(&t);
		world_refused(&t.w, c, all[i].refused_by, "many containers");
		telling_end(&t);
	}
}

/* ---- edits ---- */

TEST(what_an_attestation_is_about_cannot_be_changed)
{
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;
	json_t *s;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	j = statement_of(c);
	json_set_number(predicate_of(j), "model", t.base, &e);
	world_edited(&t.w, j, false, "openings checkpoint lineage absent reproduced", "another model");
	json_decref(j);
	j = statement_of(c);
	json_set_number(predicate_of(j), "model", t.order[0], &e);
	world_edited(&t.w, j, false, "openings checkpoint lineage absent reproduced", "no model");
	json_decref(j);
	j = statement_of(c);
	s = json_array_get(json_object_get(j, "subject"), 0);
	json_set_hash(json_object_get(s, "digest"), "sha256", &(struct hash){ { 1 } }, &e);
	world_edited(&t.w, j, false, "checkpoint", "another subject");
	json_decref(j);
	j = statement_of(c);
	json_array_clear(json_object_get(predicate_of(j), "sets"));
	world_edited(&t.w, j, false, "absent", "no set");
	json_decref(j);
	j = statement_of(c);
	s = json_object_get(predicate_of(j), "sets");
	json_array_append(s, json_array_get(s, 0));
	world_edited(&t.w, j, false, "absent", "its set twice");
	json_decref(j);
	j = statement_of(c);
	s = json_object_get(predicate_of(j), "containers");
	json_array_append(s, json_array_get(s, 0));
	world_edited(&t.w, j, false, "absent", "a container of nothing");
	telling_end(&t);
}

TEST(no_part_of_another_attestation_fits)
{
	static const char *const members[] = { "heads", "facts", "facts_proof", "openings", "model",
					       "sets", "containers" };
	static const uint8_t numbers[] = { 10, 20 };

	for (size_t k = 0; k < COUNT_OF(numbers); k++) {
		struct telling a, b;
		scoped(buf) *ca = NULL, *cb = NULL;
		scoped_json *other = NULL;

		telling_begin(&a, NO_TALE, "example.org/log", 10);
		/* Another of the same keys, too: its salts are others. */
		telling_begin(&b, TALE_SET_HAS_ONE, "example.org/log", numbers[k]);
		b.absent = "3-5,21-29,35-39";
		ca = telling_attest(&a);
		cb = telling_attest(&b);
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

TEST(a_member_more_or_less_or_a_field_withheld_is_no_attestation)
{
	static const char *const members[] = { "format", "origin", "key", "issued", "tool", "heads",
		"facts", "facts_proof", "openings", "model", "absent", "sets", "containers", "summary",
		"asserted", "signed_by_others", "not_covered" };
	const char *all = "encoding signature key heads " UNREAD;
	struct telling t;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;
	json_t *o;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		scoped_json *less = statement_of(c);

		json_object_del(predicate_of(less), members[i]);
		world_edited(&t.w, less, false, all, members[i]);
	}
	j = statement_of(c);
	json_set_text(predicate_of(j), "kept", "", &e);
	world_edited(&t.w, j, false, all, "a member more");
	json_decref(j);
	j = statement_of(c);
	o = json_array_get(json_object_get(predicate_of(j), "openings"), 0);
	json_object_del(o, "salt");
	json_object_del(o, "value");
	json_set_hash(o, "commitment", &(struct hash){ { 1 } }, &e);
	world_edited(&t.w, j, false, all, "a field withheld");
	json_decref(j);
	j = statement_of(c);
	json_set_text(json_array_get(json_object_get(j, "subject"), 0), "name", "order", &e);
	world_edited(&t.w, j, false, all, "a subject by another name");
	telling_end(&t);
}

/* ---- between kinds ---- */

static const char *const types[] = { CERTIFICATE_TYPE, ATTESTATION_TYPE, RECEIPT_TYPE };
static const char *const subjects[] = { "order", "checkpoint", "record" };

/* Called another kind, with all that is told by a name. */
static void rename_kind(const struct world *w, const struct buf *c, size_t to)
{
	scoped_json *j = statement_of(c);
	scoped(buf) *mixed = NULL;
	scoped(verdict) *v = NULL;
	json_t *s;
	size_t i;

	json_set_text(j, "predicateType", types[to], &e);
	json_array_foreach(json_object_get(j, "subject"), i, s)
		json_set_text(s, "name", subjects[to], &e);
	mixed = world_sign(w, j, false);
	v = world_verdict(w, mixed);
	check(!v->valid && !v->check[0].ok);
}

TEST(no_kind_of_statement_passes_for_another)
{
	struct telling t;
	struct world w;
	struct buf *all[3] = { NULL };

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	all[0] = world_certify(&w);
	all[1] = telling_attest(&t);
	all[2] = telling_receipt(&t);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++)
			if (i != k)
				rename_kind(i == 0 ? &w : &t.w, all[i], k);
	buf_destroy(all[0]);
	buf_destroy(all[1]);
	buf_destroy(all[2]);
	world_end(&w);
	telling_end(&t);
}

TEST(an_order_that_is_pinned_is_no_checkpoint)
{
	struct telling t;
	scoped(buf) *c = NULL, *vkey = NULL;
	scoped(verdict) *v = NULL;

	telling_begin(&t, NO_TALE, "example.org/log", 10);
	c = telling_attest(&t);
	check_ok(buf_create(&vkey, 0, &e));
	world_vkey(&t.w, "facts", vkey);
	check_ok(certificate_verify(&v, c->data, c->len,
				    &(struct verify_pins){ .vkey = buf_text(vkey), .order = &t.digest },
				    &e));
	check(!v->valid && !v->check[7].ok && v->check[8].ok);
	telling_end(&t);
}

TEST_MAIN("attestation")
