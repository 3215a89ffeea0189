#include "proof/telling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;

#define PART(...) WORLD_PART(__VA_ARGS__)
static const char *const tags[] = { "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "0ccccccccccccccc" };
static const char *const transfer_tags[] = { "0123456789abcdef", "fedcba9876543210",
						 "8888888888888888" };
static const char *const transfer_ids[] = { "t1", "t2", "t3" };
static const char *const names[] = { "partner", "licensed", "scraped" };

static json_t *member(json_t *o, const char *key, const char *text)
{
	json_set_text(o, key, text, &e);
	return o;
}

static json_t *numbered(const char *key, uint64_t n)
{
	json_t *o = json_object();

	json_set_number(o, key, n, &e);
	return o;
}

static void add_hash(struct fields *f, const char *name, uint8_t byte)
{
	uint8_t bytes[HASH_LEN];

	memset(bytes, byte, sizeof(bytes));
	check_ok(fields_add(f, name, bytes, sizeof(bytes), &e));
}

/* ---- sources, terms, transfers ---- */

static void add_source(struct telling *t, size_t i)
{
	const char *tag = t->tale == TALE_SOURCE_TAG_TWICE && i == 2 ? tags[0] : tags[i];

	t->source[i] = world_fact(&t->w, "source", member(json_object(), "source", tag),
				  PART("name", names[i], "kind", "partner", "people", "biometric",
				       "controller", "Somebody"));
}

static void add_terms(struct telling *t, size_t i, size_t source, uint64_t version)
{
	json_t *o = numbered("version", version);
	struct fields *f = NULL;

	check_ok(fields_create(&f, &e));
	add_hash(f, "document", (uint8_t)(i + 1));
	for (const char *const *x = (const char *const[]){ "document-name", "licence", "allow", "deny",
	     "basis", "from", "until", NULL }; *x; x++)
		check_ok(fields_add_text(f, *x, *x, &e));
	member(o, "source", tags[source]);
	t->terms[i] = world_fact(&t->w, "terms", o, f);
}

static void add_transfer(struct telling *t, size_t i, size_t source)
{
	bool other = t->tale == TALE_TRANSFER_OF_OTHER_SOURCE && i == 0;
	struct fields *f = PART("id", transfer_ids[i], "source", names[source], "from", "A", "to",
				"B", "date", "2014-03-01T00:00:00Z", "uses", "train:Marketing",
				"notified", "yes");
	json_t *o = member(json_object(), "source", tags[other ? 1 : source]);

	add_hash(f, "document", 7);
	add_hash(f, "document", 8);
	t->transfer[i] = world_fact(&t->w, "transfer", member(o, "transfer", transfer_tags[i]), f);
}

static void add_correction(struct telling *t)
{
	bool other = t->tale == TALE_CORRECTION_OF_OTHER;
	struct fields *f = PART("id", "t1", "notified", "no");

	if (t->tale == TALE_NOTIFIED_TWICE)
		check_ok(fields_add_text(f, "notified", "yes", &e));
	add_hash(f, "document", 9);
	t->correction = world_fact(&t->w, "correction",
				   member(json_object(), "transfer", transfer_tags[other]), f);
}

/* ---- records ---- */

static const char *person_of(const struct telling *t, uint64_t pos)
{
	if (pos == 10 && t->tale == TALE_NAME_SHORTER)
		return "ann";
	return pos % 10 == 0 ? "anna" : "bert";
}

static struct fields *card_of(const struct telling *t, uint64_t pos, size_t source, const char *transfer)
{
	bool first = pos == 0, second = pos == 10;
	bool early = first && t->tale == TALE_CARD_SUBJECT_EARLY;
	const char *name = first && t->tale == TALE_CARD_OF_OTHER_SOURCE ? "licensed" : names[source];
	const char *terms = first && t->tale == TALE_CARD_ON_OTHER_TERMS ? "7" : "1";
	struct fields *f = NULL;

	if (first && t->tale == TALE_CARD_OF_OTHER_TRANSFER)
		transfer = "t2";
	if (first && t->tale == TALE_CARD_WITHOUT_TRANSFER)
		transfer = "";
	if (second && t->tale == TALE_CARD_WITH_TRANSFER)
		transfer = "t1";
	check_ok(fields_create(&f, &e));
	add_hash(f, "content", (uint8_t)pos);
	for (const char *const *x = (const char *const[]){ "source", name, "transfer", transfer, "terms",
	     terms, "decision", "allow train:Marketing",
	     early ? "subject" : "path", early ? person_of(t, pos) : "a/b.jpg", "about", "{}",
	     "subject", person_of(t, pos), "subject", "carl", "attr", "a=b", NULL }; *x; x += 2)
		check_ok(fields_add_text(f, x[0], x[1], &e));
	if (!first || t->tale != TALE_CARD_SHORT)
		check_ok(fields_hide(f, 7, &e));
	return f;
}

static void add_records(struct telling *t, uint64_t first, uint64_t last, size_t source,
			const char *transfer)
{
	for (uint64_t pos = first; pos <= last; pos++) {
		struct hash *c = &t->commitments[pos < TELLING_RECORDS ? pos : 0];

		if (pos >= TELLING_RECORDS)
			tree_leaf(&t->w.records[pos], &pos, sizeof(pos));
		if (pos >= TELLING_RECORDS || t->cards[pos])
			continue;
		t->cards[pos] = card_of(t, pos, source, transfer);
		check_ok(fields_root(c, t->cards[pos], &e));
		tree_leaf(&t->w.records[pos], c, sizeof(*c));
	}
	t->w.record_count = last + 1;
}

static void add_batch(struct telling *t, size_t i, uint64_t first, uint64_t last, size_t source,
		      int transfer)
{
	const char *id = transfer < 0 ? "" : transfer_ids[transfer];
	bool other = t->tale == TALE_BATCH_DECIDED_ON_OTHER && i == 0;
	json_t *o = json_object();

	add_records(t, first, last, source, id);
	json_set_number(o, "first", t->tale == TALE_BATCHES_OVERLAP && i == 1 ? 9 : first, &e);
	json_set_number(o, "last", last + (t->tale == TALE_BATCH_LONGER && i == 3), &e);
	member(o, "source", tags[source]);
	member(o, "transfer", transfer < 0 ? "" : transfer_tags[transfer]);
	json_set_new(o, "records", world_records(&t->w, last + 1), &e);
	t->batch[i] = world_fact(&t->w, "batch", o,
				 PART("id", "b1", "source", names[source], "transfer", id, "terms",
				      other ? "7" : "1", "use", "train:Marketing", "origin", "/x",
				      "counts", "{}"));
}

/* ---- people and orders ---- */

static void add_grant(struct telling *t, size_t i, const char *of, const char *whose)
{
	char id[8];

	snprintf(id, sizeof(id), "g%d", (int)i + 1);
	t->grant[i] = world_fact(&t->w, "grant", json_object(),
				 PART("id", id, of, whose, "uses", "train:Marketing", "basis", "A6-1-a",
				      "explicit", "yes", "evidence", "", "from", "", "until", ""));
}

static void add_order(struct telling *t, size_t i, const char *id, const char *positions)
{
	json_t *o = json_object();

	json_set_new(o, "records", world_records(&t->w, t->w.record_count), &e);
	t->order[i] = world_fact(&t->w, "order", o,
				 PART("id", id, "demand", "{}", "positions", positions, "count", "3",
				      "kept", "", "due", "", "login", "1000"));
}

static void add_certified(struct telling *t)
{
	bool early = t->tale == TALE_CERTIFIED_EARLY, other = t->tale == TALE_CERTIFIED_OTHER;
	uint64_t n = early ? t->w.count + 1 : other ? t->batch[0] : t->order[0];
	struct fields *f = NULL;

	check_ok(fields_create(&f, &e));
	add_hash(f, "sha256", 3);
	check_ok(fields_add_text(f, "sha512", "64 bytes", &e));
	t->certified = world_fact(&t->w, "certified", numbered("order", n), f);
}

static const char *took_back(const struct telling *t)
{
	return t->tale == TALE_ORDER_TOOK_MORE	       ? "3-6" :
	       t->tale == TALE_ORDER_TOOK_WHAT_COMES ? "3-5,39" : "3-5";
}

static void add_people(struct telling *t)
{
	add_grant(t, 0, "subject", "anna");
	add_grant(t, 1, "source", t->tale == TALE_GRANT_OF_SHORTER ? "partne" : "partner");
	add_grant(t, 2, "subject", "bert");
	if (t->tale == TALE_CERTIFIED_EARLY)
		add_certified(t);
	add_order(t, 0, "o1", took_back(t));
	t->withdrawal[0] = world_fact(&t->w, "withdrawal", json_object(),
				      PART("grant", "g1", "subject", "anna", "uses", "train:Marketing",
					   "order", "o1"));
	t->withdrawal[1] = world_fact(&t->w, "withdrawal", json_object(),
				      PART("grant", "g3", "subject", "bert", "order", "o2"));
	t->withdrawal[2] = world_fact(&t->w, "withdrawal", json_object(),
				      PART("grant", "g2", "order", ""));
	add_order(t, 1, "o2", "20-29");
	if (t->tale != TALE_CERTIFIED_EARLY)
		add_certified(t);
}

/* ---- what was made ---- */

static struct set *set_of(const char *text)
{
	struct set *s = NULL;

	check_ok(set_from_text(&s, text, 100, &e));
	return s;
}

/* A set of its own where one is given; else a root that nobody looks at. */
static json_t *made(struct telling *t, struct world_set *s, const char *text, uint8_t key)
{
	json_t *o = json_object();
	struct hash root = { { 5 } };

	if (s) {
		*s = (struct world_set){ .size = t->w.record_count +
						 (t->tale == TALE_SET_BEYOND),
					 .s = set_of(text), .key = key };
		world_set_root(s, &root);
	}
	json_set_hash(o, "root", &root, &e);
	json_set_new(o, "records", world_records(&t->w, t->w.record_count), &e);
	return o;
}

static json_t *with_inputs(json_t *o, uint64_t a, uint64_t b)
{
	json_t *list = json_array();

	json_add_new(list, json_integer((json_int_t)a), &e);
	if (b)
		json_add_new(list, json_integer((json_int_t)b), &e);
	json_set_new(o, "inputs", list, &e);
	return o;
}

static struct fields *dataset_part(const char *name)
{
	return PART("name", name, "version", "1", "use", "train:Marketing", "selector", "source:x",
		    "size", "35", "containers", "", "roots", "", "count", "17", "excluded", "{}");
}

static struct fields *model_part(const struct telling *t, const char *name, uint8_t digest)
{
	bool is_it = strcmp(name, "faces") == 0;
	struct fields *f = PART("name", name, t->tale == TALE_NAME_TWICE && is_it ? "name" : "version",
				"1", "kind", "train");
	uint8_t bytes[HASH_LEN + 1];

	memset(bytes, digest, sizeof(bytes));
	check_ok(fields_add(f, "digest", bytes, is_it && t->tale == TALE_DIGEST_SHORT ? 31 :
						is_it && t->tale == TALE_DIGEST_LONG ? 33 : HASH_LEN,
			    &e));
	for (const char *const *x = (const char *const[]){ "files", "{}", "at", "/x", "grade",
	     t->tale == TALE_GRADE && is_it ? "4" : "1", "size", "35", "containers", "", "roots", "",
	     "count", "17", "reasons", "", NULL }; *x; x += 2)
		check_ok(fields_add_text(f, x[0], x[1], &e));
	return f;
}

static void add_reproduced(struct telling *t)
{
	uint64_t of = t->tale == TALE_REPRODUCED_OTHER ? t->base : t->model;
	char hex[2 * SIGN_LEN + 1];
	uint8_t signature[SIGN_LEN];
	scoped(buf) *text = NULL;
	json_t *o = numbered("model", of);

	check_ok(buf_create(&text, 0, &e));
	check_ok(certificate_reproduced_text(text, t->w.origin, &t->w.leaves[of], &e));
	check_ok(sign_make(signature, t->tale == TALE_REPRODUCED_NOT_SIGNED ? t->w.opener : t->w.approver,
			   text->data, text->len, &e));
	member(o, "signature", hex_encode(hex, signature, SIGN_LEN));
	t->reproduced = world_fact_by(&t->w, t->w.approver, "reproduced", o, PART("tool", "rescind"));
}

static void add_models(struct telling *t)
{
	const char *in = t->tale == TALE_SET_HAS_ONE ? "0-2,6-20" : "0-2,6-19";
	bool dataset = t->tale == TALE_MODEL_IS_DATASET;
	bool of_order = t->tale == TALE_INPUT_IS_ORDER;
	json_t *o;

	t->dataset[0] = world_fact(&t->w, "dataset", made(t, NULL, "", 0), dataset_part("clean"));
	t->dataset[1] = world_fact(&t->w, "dataset", made(t, NULL, "", 0), dataset_part("more"));
	t->base = world_fact(&t->w, "model", with_inputs(made(t, NULL, "", 0), t->dataset[0], 0),
			     model_part(t, "base", 21));
	o = made(t, &t->set, in, 1);
	t->model = world_fact(&t->w, dataset ? "dataset" : "model",
			      dataset ? o : with_inputs(o, of_order ? t->order[0] : t->dataset[0],
							t->base),
			      model_part(t, "faces", 22));
	t->other = world_fact(&t->w, "model", with_inputs(made(t, &t->other_set, "7-9,20-29", 2),
							  t->dataset[1], 0),
			      model_part(t, "others", 23));
	add_reproduced(t);
}

static void add_uses(struct telling *t)
{
	uint64_t of = t->tale == TALE_DEPLOYMENT_OF_DATASET ? t->dataset[0] : t->model;
	struct fields *f = PART("id", "d1", "product", "gate", "use", "infer:Marketing");

	check_ok(fields_add_text(f, t->tale == TALE_ENDPOINT_TWICE ? "endpoint" : "recipient", "Us", &e));
	for (const char *const *x = (const char *const[]){ "endpoint", "https://x", "stop", "rm", "from",
	     "2026-01-01T00:00:00Z", NULL }; *x; x += 2)
		check_ok(fields_add_text(f, x[0], x[1], &e));
	t->deployment = world_fact(&t->w, "deployment", numbered("model", of), f);
	t->undeployment = world_fact(&t->w, "undeployment", numbered("deployment", t->deployment),
				     PART("reason", "o1"));
	t->output = world_fact(&t->w, "output", numbered("model", t->model),
			       PART("name", "index", "kind", "embeddings", "at", "/srv", "count", "3"));
	f = PART("id", "out1", "to", "Them", "use", "share:Marketing", "at", "/srv", "format", "files",
		 "count", "3", "parts", "[]");
	add_hash(f, "document", 6);
	t->handover = world_fact(&t->w, "handover", numbered("of", t->dataset[0]), f);
}

/* ---- the whole ---- */

static void begin_log(struct telling *t)
{
	json_t *o = json_object();

	json_set_bool(o, "solo", false, &e);
	world_fact(&t->w, "init", o, PART("origin", t->w.origin));
	t->keys[0] = world_key(&t->w, t->w.opener, "operator");
	t->keys[1] = world_key(&t->w, t->w.approver, "prover");
}

static void add_batches(struct telling *t)
{
	uint64_t third = t->tale == TALE_LARGE ? 70000 : 30;

	if (t->tale != TALE_SOURCE_LATE)
		add_source(t, 0);
	add_source(t, 1);
	add_source(t, 2);
	add_terms(t, 0, 0, 1);
	add_terms(t, 1, t->tale == TALE_TERMS_OF_OTHER ? 0 : 1, t->tale == TALE_TERMS_OF_OTHER ? 3 : 1);
	add_terms(t, 2, 2, 1);
	if (t->tale == TALE_CORRECTION_EARLY)
		add_correction(t);
	if (t->tale != TALE_TRANSFER_LATE)
		add_transfer(t, 0, 0);
	add_transfer(t, 1, 2);
	add_transfer(t, 2, 0);
	add_batch(t, 0, 0, 9, 0, 0);
	if (t->tale != TALE_BATCH_LEFT_OUT)
		add_batch(t, 1, 10, 19, 1, -1);
	add_batch(t, 2, 20, third - 1, 2, 1);
	add_batch(t, 3, third, third + 4, 0, 2);
	if (t->tale == TALE_SOURCE_LATE)
		add_source(t, 0);
	if (t->tale == TALE_TRANSFER_LATE)
		add_transfer(t, 0, 0);
	add_terms(t, 3, 0, t->tale == TALE_TERMS_TWICE ? 1 : 2);
	if (t->tale != TALE_CORRECTION_EARLY)
		add_correction(t);
}

void telling_begin(struct telling *t, enum tale tale, const char *origin, uint8_t number)
{
	memset(t, 0, sizeof(*t));
	world_begin(&t->w, NO_LIE, origin, number);
	t->tale = tale;
	t->beside_index = -1;
	t->absent = tale == TALE_LARGE ? "3-5,20-69999,70005-70009" : "3-5,20-29,35-39";
	t->subject = "anna";
	begin_log(t);
	add_batches(t);
	add_people(t);
	if (t->tale == TALE_TIME_GOES_BACK)
		t->w.minute -= 10;
	add_models(t);
	add_uses(t);
	add_batch(t, 4, t->w.record_count, t->w.record_count + 4, 2, 1);
}

void telling_end(struct telling *t)
{
	for (size_t i = 0; i < TELLING_RECORDS; i++)
		fields_destroy(t->cards[i]);
	set_destroy(t->set.s);
	set_destroy(t->other_set.s);
	world_end(&t->w);
}

void telling_beside(struct telling *t, uint64_t n, int index)
{
	check(t->beside_count < TELLING_BESIDE);
	t->beside[t->beside_count].n = n;
	t->beside[t->beside_count++].index = index;
}

void telling_beside_whole(struct telling *t, uint64_t n)
{
	for (size_t i = 0; i < t->w.parts[n]->count; i++)
		telling_beside(t, n, (int)i);
}

int telling_index(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return (int)i;
	fail_msg("no field %s", name);
	return -1;
}
