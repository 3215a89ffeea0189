/* What is attested of a checkpoint: all that it rests on, what is not known, and nobody's name. */
#include "flow/attest.h"

#include <string.h>

#include "base/test.h"
#include "base/text.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/world.h"
#include "page/page.h"
#include "proof/attestation.h"
#include "wire/dsse.h"

#define TRAIN "train:IdentityVerification"

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

/* --- the world --- */

static void source_of(const char *name, const char *kind, const char *people, const char *controller,
		      const char *until)
{
	struct source_words w = { .name = name, .kind = kind, .people = people, .controller = controller,
				  .terms = { .licence = "CC0-1.0", .allow = TRAIN, .basis = "consent",
					     .until = until } };
	scoped_json *doc = NULL;

	w.terms.terms = world_beside("terms");
	check_ok(flow_source_add(world_now()->r, &w, &doc, &e));
}

static void granted(const char *subject, const char *of_source)
{
	struct grant_words w = { .subject = subject, .source = of_source, .uses = TRAIN,
				 .basis = "consent" };
	scoped_json *doc = NULL;

	w.evidence = world_beside("evidence");
	check_ok(flow_grant_add(world_now()->r, &w, &doc, &e));
}

static void handed_over(const char *source, const char *notified)
{
	const char *under = world_beside("agreement");
	struct transfer_words w = { .source = source, .from = "Mallory <script>alert(1)</script>",
				    .to = "Us", .date = "2014-03-01", .uses = TRAIN,
				    .notified = notified, .under = &under, .under_count = 1 };
	scoped_json *doc = NULL;

	check_ok(flow_transfer_add(world_now()->r, &w, &doc, &e));
}

static void ingest(const char *source, const char *name, const char *transfer, const char *who)
{
	struct ingest_words words = { .source = source, .transfer = transfer, .use = TRAIN };
	const char *paths[] = { world_path(name) };
	char rows[200];

	words.paths = paths;
	words.path_count = 1;
	snprintf(rows, sizeof(rows), "path,subject\n%s,%s\n", name, who ? who : "");
	if (who)
		words.subjects = world_beside(rows);
	check_ok(world_ingest_words(&words));
}

static void dataset(const char *name, const char *where)
{
	scoped_json *doc = NULL;

	check_ok(flow_dataset_create(world_now()->r, name, TRAIN, where, &doc, &e));
}

static void model(const char *name, const char *of_dataset, const char *parent)
{
	struct model_words m = { .name = name, .datasets = &of_dataset, .parents = &parent,
				 .dataset_count = of_dataset != NULL, .parent_count = parent != NULL };
	scoped_json *doc = NULL;

	m.path = world_beside("weights");
	check_ok(flow_model_add(world_now()->r, &m, &doc, &e));
}

/* Position 0 is anna's, 1 and 2 a partner's, 3 synthetic and in no checkpoint. */
static struct world *some_world(void)
{
	struct world *w = world_open();

	w->r->solo = true;
	source_of("people", "upload", "personal", "Freeface", "2030-01-01");
	source_of("bought", "partner", "personal", "Partner & Sons", NULL);
	source_of("drawn", "synthetic", "none", "Nobody", NULL);
	granted("anna-osk", NULL);
	granted(NULL, "bought");
	handed_over("bought", "yes");
	world_file("anna-zq", "1");
	world_file("two", "2");
	world_file("three", "3");
	world_file("four", "4");
	ingest("people", "anna-zq", NULL, "anna-osk");
	ingest("bought", "two", "t1", NULL);
	ingest("bought", "three", "t1", NULL);
	ingest("drawn", "four", NULL, NULL);
	dataset("both", "source:people or source:bought");
	dataset("own", "source:people");
	model("m", "both", NULL);
	return w;
}

/* --- what came out --- */

static struct buf *attested(const char *name)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	check_ok(flow_attest(world_now()->r, name, b, &e));
	return b;
}

static json_t *statement_in(const struct buf *file)
{
	scoped(dsse) *d = NULL;
	json_t *j = NULL;

	check_ok(dsse_parse(&d, file->data, file->len, CERTIFICATE_BYTES_MAX, &e));
	check_ok(json_parse(&j, d->body, d->body_len, CERTIFICATE_BYTES_MAX, &e));
	return j;
}

static json_t *predicate_of(const char *name)
{
	scoped(buf) *file = attested(name);
	scoped_json *statement = statement_in(file);

	return json_incref(json_object_get(statement, "predicate"));
}

static json_t *summary_of(const json_t *predicate)
{
	return json_object_get(predicate, "summary");
}

static const json_t *row(const json_t *predicate, const char *list, size_t i)
{
	return json_array_get(json_object_get(summary_of(predicate), list), i);
}

static bool is(const json_t *o, const char *member, const char *text)
{
	return strcmp(json_text_or(o, member, ""), text) == 0;
}

/* How many sentences of a list have this in them. */
static size_t told(const json_t *list, const char *part)
{
	const json_t *sentence;
	size_t i, count = 0;

	json_array_foreach(list, i, sentence)
		count += strstr(json_string_value(sentence), part) != NULL;
	return count;
}

static size_t unknown(const json_t *predicate, const char *part)
{
	return told(json_object_get(summary_of(predicate), "unknown"), part);
}

/* Every value that is opened, and the body: as one text. */
static struct buf *all_that_is_told(const char *name)
{
	scoped_json *p = predicate_of(name);
	const json_t *opening;
	struct buf *all = NULL;
	size_t i;

	check_ok(buf_create(&all, 4096, &e));
	check_ok(json_put(p, all, &e));
	json_array_foreach(json_object_get(p, "openings"), i, opening) {
		scoped(buf) *value = NULL;

		check_ok(json_get_bytes64(opening, "value", &value, &e));
		for (size_t k = 0; k < value->len; k++)
			check_ok(buf_put(all, value->data[k] ? value->data + k : (const void *)" ", 1, &e));
	}
	return all;
}

static struct buf *page_of(const struct buf *file)
{
	struct buf *page = NULL;

	check_ok(buf_create(&page, 4096, &e));
	check_ok(attestation_html(file->data, file->len, page, &e));
	return page;
}

static bool says(const struct buf *page, const char *part)
{
	return strstr(buf_text(page), part) != NULL;
}

/* The statement as somebody with the log's key would write it. */
/* --- tests --- */

TEST(a_checkpoint_is_told_with_its_sources_terms_and_transfers)
{
	struct world *w = some_world();
	scoped_json *p = predicate_of("m");
	const json_t *bought = row(p, "sources", 1), *transfer = json_object_get(bought, "transfer");
	const json_t *checkpoint = json_object_get(summary_of(p), "checkpoint");

	(void)w;
	check(json_array_size(json_object_get(summary_of(p), "sources")) == 2);
	check(is(row(p, "sources", 0), "source", "people") && is(bought, "source", "bought"));
	check(is(bought, "controller", "Partner & Sons") && is(bought, "kind", "partner"));
	check(json_number_or(bought, "records", 0) == 2 && json_number_or(bought, "named", 9) == 0);
	check(json_number_or(row(p, "sources", 0), "named", 0) == 1);
	check(is(json_object_get(bought, "terms"), "licence", "CC0-1.0"));
	check(is(json_object_get(bought, "terms"), "allow", TRAIN));
	check(is(transfer, "notified", "yes") && is(transfer, "date", "2014-03-01T00:00:00Z"));
	check(is(json_array_get(json_object_get(bought, "grants"), 0), "grant", "g2"));
	check(is(checkpoint, "state", "live") && is(checkpoint, "grade", "declared"));
	check(json_number_or(checkpoint, "records", 0) == 3);
	check(is(row(p, "inputs", 0), "from", "both@1") && is(row(p, "inputs", 0), "use", TRAIN));
	world_close();
}

TEST(a_batch_of_which_it_holds_nothing_is_absent)
{
	struct world *w = some_world();
	scoped_json *p = predicate_of("m"), *own = NULL;

	(void)w;
	check(is(p, "absent", "3"));
	model("n", "own", NULL);
	own = predicate_of("n");
	check(is(own, "absent", "1-3"));
	/* Also of a source that is shown, and what came after it was recorded. */
	world_file("five", "5");
	ingest("people", "five", NULL, "anna-osk");
	json_decref(own);
	own = predicate_of("n");
	check(is(own, "absent", "1-4"));
	world_close();
}

TEST(nobody_is_named_and_no_path)
{
	struct world *w = some_world();
	scoped(buf) *all = all_that_is_told("m");

	(void)w;
	check(says(all, "bought"));
	check(!says(all, "anna") && !says(all, "-zq") && !says(all, world_path("two")));
	world_close();
}

TEST(what_is_not_known_is_said)
{
	struct world *w = some_world();
	scoped_json *p = NULL, *later = NULL, *corrected = NULL;
	const char *under;
	struct transfer_words words = { .notified = "unknown", .under_count = 1 };

	p = predicate_of("m");
	check(unknown(p, "an end of the terms of 2 records of bought (t1)") == 1);
	check(unknown(p, "an end of the terms") == 1); /* people's have one */
	check(unknown(p, "who is in 2 records of bought (t1): nobody has named them") == 1);
	check(unknown(p, "whether m@1 was made of what is named") == 1);
	check(unknown(p, "nobody has done it here") == 1 && unknown(p, "no witness") == 1);
	check(unknown(p, "were told") == 0);
	check(told(json_object_get(p, "signed_by_others"), "witnessed by: nobody") == 1);
	under = world_beside("a letter");
	words.under = &under;
	check_ok(flow_transfer_correct(w->r, "t1", &words, &corrected, &e));
	later = predicate_of("m");
	check(unknown(later, "whether the people in 2 records of bought (t1) were told") == 1);
	check(json_array_size(json_object_get(
		      json_object_get(row(later, "sources", 1), "transfer"), "corrections")) == 1);
	world_close();
}

TEST(what_a_controller_says_for_others_is_asserted)
{
	struct world *w = some_world();
	scoped_json *p = predicate_of("m"), *later = NULL, *withdrawn = NULL;
	const char *agreed = "the people in 2 records of bought (t1) agreed: so says Partner & Sons";

	check(told(json_object_get(p, "asserted"), agreed) == 1);
	check(told(json_object_get(p, "asserted"), "the people named in 1 record of people") == 1);
	check_ok(flow_grant_withdraw(w->r, "g2", NULL, NULL, &withdrawn, &e));
	later = predicate_of("m");
	check(told(json_object_get(later, "asserted"), agreed) == 0);
	check(unknown(later, "no grant of the controller stands for them") == 1);
	check(unknown(later, "how order o1 ends, which is open: its set holds 2") == 1);
	check(is(row(later, "orders", 0), "state", "open") && is(row(later, "orders", 0), "what", "source:bought"));
	world_close();
}

TEST(parents_are_told_and_one_of_which_nobody_knows)
{
	struct world *w = some_world();
	scoped_json *child = NULL, *stray = NULL, *doc = NULL;
	struct model_words m = { .name = "stray" };
	const char *parents[] = { "stray", "m" };

	(void)w;
	model("child", "own", "m");
	child = predicate_of("child");
	check(json_array_size(json_object_get(summary_of(child), "inputs")) == 3);
	check(is(row(child, "inputs", 2), "from", "both@1") && is(row(child, "inputs", 2), "to", "m@1"));
	check(is(row(child, "inputs", 1), "state", "live") && is(row(child, "inputs", 1), "from", "m@1"));
	m.path = world_beside("weights");
	refused(flow_model_add(world_now()->r, &m, &doc, &e), E_DENIED);
	json_decref(doc);
	doc = NULL;
	m = (struct model_words){ .name = "mixed", .path = m.path, .parents = parents, .parent_count = 2 };
	refused(flow_model_add(world_now()->r, &m, &doc, &e), E_DENIED);
	stray = predicate_of("mixed");
	check(is(json_object_get(summary_of(stray), "checkpoint"), "grade", "unknown"));
	check(is(json_object_get(summary_of(stray), "checkpoint"), "state", "withdrawn"));
	check(unknown(stray, "what stray@1 was made of: nobody said") == 1);
	check(unknown(stray, "it rests on stray@1, which is withdrawn") == 1);
	world_close();
}

TEST(an_order_carried_out_on_what_it_rests_on_is_shown)
{
	struct world *w = some_world();
	scoped_json *p = NULL, *q = NULL;

	(void)w;
	world_taken_back("record:2");
	model("n", "both", NULL); /* of the dataset that the order made */
	p = predicate_of("n");
	check(json_array_size(json_object_get(summary_of(p), "orders")) == 1);
	check(is(row(p, "orders", 0), "order", "o1") && is(row(p, "orders", 0), "state", "certified"));
	check(json_number_or(row(p, "orders", 0), "holds", 9) == 0);
	check(json_is_null(json_object_get(row(p, "orders", 0), "what"))); /* a record is somebody's */
	check(strlen(json_text_or(row(p, "orders", 0), "certificate", "")) == 64);
	check(told(json_object_get(row(p, "orders", 0), "made"), "both@2") == 1);
	check(is(p, "absent", "2-3"));
	/* Of another dataset it says nothing. */
	model("o", "own", NULL);
	q = predicate_of("o");
	check(json_array_size(json_object_get(summary_of(q), "orders")) == 0 && is(q, "absent", "1-3"));
	world_close();
}

TEST(one_record_that_was_taken_out_of_a_batch_is_absent)
{
	struct world *w = some_world();
	scoped_json *p = NULL;

	(void)w;
	world_file("many/five", "5"); /* positions 4 to 6 */
	world_file("many/six", "6");
	world_file("many/seven", "7");
	ingest("bought", "many", "t1", NULL);
	dataset("all", "source:bought");
	world_taken_back("record:5");
	model("n", "all", NULL);
	p = predicate_of("n");
	check(is(p, "absent", "0,3,5") && is(row(p, "orders", 0), "state", "certified"));
	check(json_number_or(row(p, "sources", 0), "records", 0) == 4);
	world_close();
}

TEST(orders_one_after_the_other_are_all_shown)
{
	struct world *w = some_world();
	scoped_json *p = NULL;

	(void)w;
	world_taken_back("record:2");
	world_taken_back("source:people");
	model("n", "both", NULL);
	model("child", NULL, "n");
	p = predicate_of("child");
	check(json_array_size(json_object_get(summary_of(p), "orders")) == 2);
	check(is(row(p, "orders", 1), "what", "source:people") && is(p, "absent", "0,2-3"));
	world_close();
}

TEST(what_is_withdrawn_and_still_holds_them_says_so)
{
	struct world *w = some_world();
	const struct order_words words = { .selector = "record:2", .authority = "A", .reason = "B" };
	scoped_json *opened = NULL, *p = NULL, *doc = NULL;

	check_ok(flow_order_open(w->r, &words, &opened, &e));
	p = predicate_of("m");
	check(unknown(p, "its set holds 1 of the records that the order takes back") == 1);
	check(json_number_or(row(p, "orders", 0), "holds", 0) == 1 && is(p, "absent", "3"));
	check_ok(flow_model_withdraw(w->r, "m", "by hand", &doc, &e));
	json_decref(p);
	p = predicate_of("m");
	check(is(json_object_get(summary_of(p), "checkpoint"), "state", "withdrawn"));
	world_close();
}

TEST(a_file_that_is_erased_is_not_attested)
{
	struct world *w = some_world();
	scoped(buf) *none = NULL;

	world_taken_back("record:2");
	check_ok(buf_create(&none, 0, &e));
	refused(flow_attest(w->r, "m", none, &e), E_NOT_FOUND);
	refused(flow_attest(w->r, "nobody", none, &e), E_NOT_FOUND);
	refused(flow_attest(w->r, "m@2", none, &e), E_NOT_FOUND);
	check(none->len == 0);
	world_close();
}

/* --- the page --- */

TEST(the_page_says_it_in_its_order_and_nothing_gets_out_of_its_place)
{
	static const char *const parts[] = {
		"<h1>Attestation of a checkpoint</h1>", "<bdi>m@1</bdi>", "<dd>Live</dd>", "1 In short",
		"3 records</strong> of <strong>2 sources", "Declared: somebody said so",
		"2 Where the data comes from", "2.2 <bdi>bought</bdi>", "2.1 <bdi>people</bdi>",
		"1 January 2030", "2.2 <bdi>bought</bdi>", "Partner &amp; Sons", "Handed over by a partner",
		"CC0-1.0", "Mallory &lt;script&gt;", "1 March 2014", "<strong>Yes</strong>", "g2",
		"3 What is not known", "nobody has named them", "4 How it was made", "both",
		"5 What was taken back", "No order has to do with it", "6.1 Checked by anyone", ">absent<",
		"6.2 Signed by others", "6.3 Asserted by the operator", "7 How to check this yourself",
		"rescind verify", "Head of the records log", "</html>",
	};
	struct world *w = some_world();
	scoped(buf) *file = attested("m"), *page = page_of(file);
	const char *at = buf_text(page);

	(void)w;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!strstr(at, parts[i]))
			fail_msg("not there, or not in its order: %s", parts[i]);
		at = strstr(at, parts[i]);
	}
	check(!says(page, "does not hold") && !says(page, "<script") && !says(page, "anna"));
	world_close();
}

TEST(the_page_of_a_lie_says_so_at_its_head)
{
	struct world *w = some_world();
	scoped(buf) *file = attested("m"), *lie = NULL, *page = NULL;
	scoped_json *statement = statement_in(file);
	json_t *p = json_object_get(statement, "predicate");

	(void)w;
	json_set_text(p, "absent", "1-3", &e); /* the partner's are in it */
	lie = world_signed(statement);
	page = page_of(lie);
	check(says(page, "This file does not hold.") && says(page, "<dd>Does not hold</dd>"));
	check(says(page, "absent") && says(page, "<strong>failed</strong>"));
	world_close();
}

TEST(a_summary_may_have_any_shape)
{
	static const char *const summaries[] = {
		"{\"what\":\"\"}",
		"{\"what\":\"\",\"checkpoint\":[],\"sources\":{},\"inputs\":7,\"orders\":\"x\",\"unknown\":{}}",
		"{\"what\":\"\",\"checkpoint\":{\"state\":7,\"erased\":-1,\"exact\":\"\"},\"unknown\":[1,[],null],"
		"\"sources\":[1,{\"source\":\"bought\",\"records\":-5,\"terms\":[],\"transfer\":3,\"grants\":[1,{}]},"
		"{\"source\":\"bought\",\"records\":9223372036854775807,\"named\":9223372036854775807},"
		"{\"source\":\"bought\",\"records\":9223372036854775807,\"grants\":[7,{\"uses\":{}}]}],"
		"\"inputs\":[{},{\"from\":\"both@\"},{\"from\":7}],\"orders\":[{},7,{\"order\":\"<b>\",\"made\":[1,{}]},"
		"{\"made\":\"x\",\"holds\":-1}]}",
	};
	struct world *w = some_world();
	scoped(buf) *file = attested("m");

	(void)w;
	for (size_t i = 0; i < COUNT_OF(summaries); i++) {
		scoped_json *statement = statement_in(file);
		scoped(buf) *other = NULL, *page = NULL;
		json_t *summary = NULL;

		check_ok(json_parse(&summary, summaries[i], strlen(summaries[i]), 4096, &e));
		json_set_new(json_object_get(statement, "predicate"), "summary", summary, &e);
		other = world_signed(statement);
		page = page_of(other);
		check(!says(page, "does not hold") && says(page, "2.2 <bdi>bought</bdi>"));
		check(!says(page, "<b>"));
	}
	world_close();
}

TEST(what_is_no_attestation_has_no_page_of_one)
{
	struct world *w = some_world();
	scoped(buf) *file = attested("m"), *page = NULL, *certificate = NULL;

	check_ok(buf_create(&page, 0, &e));
	refused(attestation_html("x", 1, page, &e), E_FORMAT);
	refused(attestation_html(file->data, file->len - 2, page, &e), E_FORMAT);
	refused(certificate_html(file->data, file->len, page, &e), E_FORMAT);
	check(page->len == 0);
	world_taken_back("record:2");
	check_ok(buf_create(&certificate, 0, &e));
	check_ok(flow_certificate(w->r, "o1", certificate, &e));
	refused(attestation_html(certificate->data, certificate->len, page, &e), E_FORMAT);
	check(page->len == 0);
	world_close();
}

WORLD_MAIN("attest")
