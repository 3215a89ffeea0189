#include "proof/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;

/* ---- facts ---- */

static void key_hex(char *ret, const uint8_t seed[SIGN_SEED_LEN], size_t len)
{
	uint8_t key[SIGN_PUBLIC_LEN];
	struct hash h;

	check_ok(sign_public(key, seed, &e));
	hash_bytes(&h, key, sizeof(key));
	hex_encode(ret, len == SIGN_PUBLIC_LEN ? key : h.b, len);
}

static json_t *no_members(void)
{
	return json_object();
}

uint64_t world_fact_by(struct world *w, const uint8_t *by, const char *type, json_t *members,
		       struct fields *part)
{
	char at[TIME_TEXT_MAX], hex[17];
	scoped(buf) *entry = NULL;
	struct hash private_part;

	key_hex(hex, by, 8);
	check_ok(fields_root(&private_part, part, &e));
	w->minute += w->lie == LIE_TIME_GOES_BACK && strcmp(type, "plan") == 0 ? (uint64_t)-5 : 1;
	json_set_number(members, "v", w->lie == LIE_VERSION && w->count == 5 ? 2 : 1, &e);
	json_set_text(members, "type", type, &e);
	if (w->lie == LIE_SECONDS && w->count == 5)
		time_text(at, w->minute * 60000); /* the same minute, in another spelling */
	else
		time_text_minute(at, w->minute * 60000);
	json_set_text(members, "at", at, &e);
	json_set_text(members, "by", hex, &e);
	json_set_hash(members, "private", &private_part, &e);
	if (w->lie == LIE_MEMBER_MORE && w->count == 5)
		json_set_number(members, "more", 1, &e);
	check(e.code == 0 && w->count < WORLD_FACTS);
	check_ok(buf_create(&entry, 0, &e));
	check_ok(json_put(members, entry, &e));
	json_decref(members);
	tree_leaf(&w->leaves[w->count], entry->data, entry->len);
	w->entries[w->count] = give(entry);
	w->parts[w->count] = part;
	return w->count++;
}

uint64_t world_fact(struct world *w, const char *type, json_t *members, struct fields *part)
{
	return world_fact_by(w, w->opener, type, members, part);
}

struct fields *world_part(const char *const *names_and_values)
{
	struct fields *f = NULL;

	check_ok(fields_create(&f, &e));
	for (; names_and_values[0]; names_and_values += 2)
		check_ok(fields_add_text(f, names_and_values[0], names_and_values[1], &e));
	return f;
}
#define PART(...) WORLD_PART(__VA_ARGS__)

static void records_root(const struct world *w, uint64_t size, struct hash *ret)
{
	tree_root(ret, w->records, size);
}

json_t *world_records(const struct world *w, uint64_t size)
{
	json_t *o = json_object();
	struct hash root;

	records_root(w, size, &root);
	json_set_number(o, "size", size, &e);
	json_set_hash(o, "root", &root, &e);
	return o;
}

/* ---- the parts of a repository ---- */

uint64_t world_key(struct world *w, const uint8_t seed[SIGN_SEED_LEN], const char *role)
{
	json_t *o = json_object();
	char hex[65];

	key_hex(hex, seed, SIGN_PUBLIC_LEN);
	json_set_text(o, "key", hex, &e);
	return world_fact(w, "key", o, PART("role", role));
}

static uint64_t add_source(struct world *w, const char *tag, const char *name)
{
	json_t *o = json_object();

	json_set_text(o, "source", tag, &e);
	return world_fact(w, "source", o, PART("name", name, "kind", "partner", "people",
					       "biometric", "controller", "Someone"));
}

static void add_batch(struct world *w, const char *tag, uint64_t first, uint64_t last)
{
	json_t *o = json_object(), *records;
	struct hash other;

	for (; w->record_count <= last; w->record_count++) {
		struct hash commitment;

		hash_bytes(&commitment, &w->record_count, sizeof(w->record_count));
		tree_leaf(&w->records[w->record_count], &commitment, sizeof(commitment));
	}
	records = world_records(w, last + 1);
	hash_bytes(&other, "other", 5);
	if (w->lie == LIE_LAST_BATCH_OTHER_ROOT && last == 1999)
		json_set_hash(records, "root", &other, &e);
	json_set_text(o, "source", tag, &e);
	json_set_text(o, "transfer", first == 0 ? "0123456789abcdef" : "", &e);
	json_set_number(o, "first", first, &e);
	json_set_number(o, "last", w->lie == LIE_BATCH_LONGER && first == 0 ? last + 1 : last, &e);
	json_set_new(o, "records", records, &e);
	world_fact(w, "batch", o, PART("id", "b1"));
}

static const char *source_of(const struct world *w)
{
	switch (w->lie) {
	case LIE_OTHER_SOURCE:
		return "other";
	case LIE_OTHER_SOURCE_ALIKE:
		return "partnes";
	case LIE_OTHER_SOURCE_LONGER:
		return "partners";
	default:
		return "partner";
	}
}

#define TAG_A "aaaaaaaaaaaaaaaa"
#define TAG_B "bbbbbbbbbbbbbbbb"

/* A plan of one step, and nothing kept. */
static bool is_short(const struct world *w)
{
	return w->small || w->large;
}

static void add_batches(struct world *w)
{
	if (w->small) {
		add_batch(w, TAG_A, 0, 9);
		return;
	}
	if (w->large) {
		add_batch(w, TAG_B, 0, 20010);
		add_batch(w, TAG_A, 20011, 30010);
		add_batch(w, TAG_B, 30011, WORLD_RECORDS - 1);
		return;
	}
	add_batch(w, TAG_A, 0, 999);
	if (w->lie == LIE_BATCH_EMPTY)
		add_batch(w, TAG_B, 1000, 999);
	if (w->lie != LIE_BATCH_LEFT_OUT)
		add_batch(w, TAG_B, w->lie == LIE_BATCH_OVERLAPS ? 900 : 1000, 1499);
	add_batch(w, TAG_A, 1500, 1999);
}

static struct set *set_of(const char *text)
{
	struct set *s = NULL;

	check_ok(set_from_text(&s, text, 100, &e));
	return s;
}

static const char *positions_of(const struct world *w)
{
	switch (w->lie) {
	case LIE_FEWER_POSITIONS:
		return "0-9,20-999,1500-1900";
	case LIE_MORE_POSITIONS:
		return "0-9,20-1000,1500-1999";
	case LIE_LAST_SWAPPED:
		return "0-9,20-998,1000,1500-1999";
	case LIE_FIRST_SWAPPED:
		return "1-9,20-1000,1500-1999";
	case LIE_POSITIONS_TO_COME:
		return "0-9,20-999,1500-2000";
	default:
		if (w->large)
			return "20011-30010";
		return w->small ? "0-9" : "0-9,20-999,1500-1999";
	}
}

static const char *demand_of(const struct world *w)
{
	scoped_json *o = json_object();
	scoped(buf) *b = NULL;
	static char text[512];

	json_set_text(o, "selector", w->plain_selector ? "transfer:t1" : "source:partner", &e);
	json_set_text(o, "authority", "The authority", &e);
	json_set_text(o, "reason", "No contract", &e);
	json_set_text(o, "document", "", &e);
	json_set_bool(o, "keep_granted", !is_short(w) && w->lie != LIE_KEPT_WITHOUT_WORD, &e);
	check_ok(buf_create(&b, 0, &e));
	check_ok(json_put(o, b, &e));
	snprintf(text, sizeof(text), "%s", buf_text(b));
	return text;
}

static void add_order(struct world *w)
{
	const char *positions = positions_of(w), *kept = is_short(w) ? "" : "10-19";
	json_t *o = json_object();
	struct fields *f;
	char count[32];

	if (w->lie == LIE_KEPT_ELSEWHERE)
		kept = "10-19,1200";
	if (w->lie == LIE_KEPT_AND_TAKEN)
		kept = "9-19";
	if (w->lie == LIE_KEPT_TO_COME)
		kept = "10-19,2000";
	w->positions = set_of(positions);
	w->kept = set_of(kept);
	snprintf(count, sizeof(count), "%d", (int)set_count(w->positions) +
		 (w->lie == LIE_WRONG_COUNT));
	json_set_new(o, "records", world_records(w, w->lie == LIE_ORDER_SAW_OTHER_RECORDS ? 1000 :
						     w->record_count), &e);
	f = PART("id", w->id, "demand", demand_of(w), "positions", positions, "count", count, "kept",
		 kept, "due", "", "login", "1000");
	if (w->lie == LIE_NUL_IN_POSITIONS)
		check_ok(buf_put(f->list[2].value, "\0" "5", 2, &e));
	if (w->lie == LIE_SECOND_POSITIONS)
		check_ok(fields_add_text(f, "positions", "0-9", &e));
	field_commitment(&w->demand, &f->list[1]);
	w->opened = world_fact(w, "order", o, f);
}

static json_t *plan_step(const struct world *w, uint64_t n, const char *deed, uint64_t fact)
{
	json_t *o = json_object();
	bool unknown = w->lie == LIE_PLAN_STEP_UNKNOWN && n == 1;
	bool misnumbered = w->lie == LIE_PLAN_STEP_MISNUMBERED && n == 2;

	if (w->lie == LIE_MADE_TWICE && n == 3) {
		deed = "subset";
		fact = w->opened - 1;
	}
	if (w->lie == LIE_PLAN_FACT_LATER && fact)
		fact = w->opened + 1;

	json_set_number(o, "n", misnumbered ? 1 : n, &e);
	json_set_text(o, "do", unknown ? "admire" : deed, &e);
	json_set_text(o, "target", "something", &e);
	json_set_text(o, "method", "somehow", &e);
	if (fact && w->lie != LIE_PLAN_SUBSET_OF_NOTHING)
		json_set_number(o, "fact", fact, &e);
	return o;
}

static uint64_t as_of(const struct world *w)
{
	if (w->lie == LIE_PLAN_FROM_LATER)
		return w->opened + 1;
	return w->lie == LIE_PLAN_FROM_BEFORE ? w->opened - 1 : w->opened;
}

static struct fields *make_plan(struct world *w, uint64_t dataset)
{
	scoped_json *plan = json_object();
	json_t *steps = json_array(), *not_reached = json_array();
	struct hash other = { { 1 } };
	scoped(buf) *text = NULL;
	struct fields *f;

	json_add_new(steps, plan_step(w, 1, "withdraw", 0), &e);
	if (w->unlearn) {
		world_plan_unlearning(w, steps, dataset);
	} else if (!is_short(w)) {
		json_add_new(steps, plan_step(w, 2, "subset", dataset), &e);
		json_add_new(steps, plan_step(w, 3, "delete", 0), &e);
		json_add_new(steps, plan_step(w, 4, "destroy", 0), &e);
		json_add_new(steps, plan_step(w, 5, "search", 0), &e);
	}
	json_set_hash(plan, "order", w->lie == LIE_PLAN_OF_OTHER_ORDER ? &other : &w->demand, &e);
	json_set_number(plan, "as_of", as_of(w), &e);
	json_set_new(plan, "steps", steps, &e);
	if (!is_short(w))
		json_add_new(not_reached, w->lie == LIE_PLAN_REACHED_A_NUMBER ? json_integer(7) :
			     json_string("the tapes"), &e);
	json_set_new(plan, "not_reached", not_reached, &e);
	check_ok(buf_create(&text, 0, &e));
	check_ok(json_put(plan, text, &e));
	f = PART("plan", buf_text(text), "places", "[]");
	field_commitment(&w->plan_name, &f->list[0]);
	return f;
}

static void add_plan(struct world *w, struct fields *f)
{
	json_t *o = json_object();

	json_set_number(o, "order", w->lie == LIE_PLAN_FACT_OF_OTHER_ORDER ? w->opened - 1 :
			w->opened, &e);
	w->plan = world_fact(w, "plan", o, f);
}

static const uint8_t *approver_of(const struct world *w)
{
	static const uint8_t unknown[SIGN_SEED_LEN] = { 99 };

	if (w->lie == LIE_APPROVED_BY_UNKNOWN)
		return unknown;
	if (w->lie == LIE_APPROVED_BY_LOG)
		return w->seed;
	return w->lie == LIE_APPROVED_BY_OPENER || w->solo ? w->opener : w->approver;
}

static void add_approval(struct world *w)
{
	uint8_t signature[SIGN_LEN];
	struct approved what = { .demand = w->demand, .plan = w->plan_name };
	char hex[2 * SIGN_LEN + 1];
	json_t *o = json_object();
	scoped(buf) *text = NULL;

	what.plan.b[0] ^= w->lie == LIE_APPROVED_OTHER_PLAN;
	what.demand.b[0] ^= w->lie == LIE_APPROVED_OTHER_DEMAND;
	what.order_leaf = w->leaves[w->opened];
	what.plan_leaf = w->leaves[w->plan];
	check_ok(buf_create(&text, 0, &e));
	check_ok(certificate_approval_text(text, w->lie == LIE_APPROVED_ELSEWHERE ? "elsewhere" :
					   w->origin, &what, &e));
	check_ok(sign_make(signature, approver_of(w), text->data, text->len, &e));
	json_set_number(o, "order", w->lie == LIE_APPROVAL_FACT_OF_OTHER_ORDER ? w->opened - 1 :
			w->opened, &e);
	json_set_number(o, "plan", w->lie == LIE_APPROVAL_FACT_OF_OTHER_PLAN ? w->plan - 1 :
			w->plan, &e);
	json_set_text(o, "signature", hex_encode(hex, signature, SIGN_LEN), &e);
	w->approval = world_fact_by(w, approver_of(w), "approval", o,
				    PART("role", "approver", "login", "1001"));
}

/* ---- sets ---- */

json_t *world_inputs(const struct world *w)
{
	json_t *list = json_array();

	if (w->lie == LIE_INPUT_TEXT)
		json_add_new(list, json_string("3"), &e);
	else
		json_add_new(list, json_integer((json_int_t)w->count - (w->lie != LIE_INPUT_LATER)),
			     &e);
	return list;
}

/* A set, and the fact that commits to it. */
void world_add_set(struct world *w, const char *type, const char *text, uint8_t key,
		   struct fields *part)
{
	struct world_set *s = &w->sets[w->set_count++];
	bool other = w->lie == LIE_SET_SAW_OTHER_RECORDS;
	json_t *o = json_object();
	struct hash root;

	*s = (struct world_set){ .size = w->large ? WORLD_RECORDS : 2000, .s = set_of(text),
				 .key = key };
	s->size += w->lie == LIE_SET_BEYOND_RECORDS;
	world_set_root(s, &root);
	json_set_hash(o, "root", &root, &e);
	json_set_new(o, "records", world_records(w, other ? 1500 : w->record_count), &e);
	if (strcmp(type, "model") == 0)
		json_set_new(o, "inputs", world_inputs(w), &e);
	s->n = world_fact(w, type, o, part);
}

static void add_set(struct world *w, const char *type, const char *text, uint8_t key)
{
	world_add_set(w, type, text, key, PART("name", "faces", "version", "2"));
}

/* ---- steps ---- */

void world_step(struct world *w, uint64_t first, uint64_t last, const char *done)
{
	json_t *o = json_object(), *steps = json_array();

	if (first == 1 && w->lie == LIE_STEP_ZERO)
		first = 0;
	json_add_new(steps, first == 1 && w->lie == LIE_STEP_FIRST_TEXT ? json_string("1") :
		     json_integer((json_int_t)first), &e);
	if (first == 1 && w->lie == LIE_STEP_LAST_TEXT)
		json_add_new(steps, json_string("1"), &e);
	else if (first != 1 || w->lie != LIE_STEP_ONE_NUMBER)
		json_add_new(steps, json_integer((json_int_t)last), &e);
	json_set_new(o, "steps", steps, &e);
	json_set_number(o, "order", w->lie == LIE_STEP_OF_OTHER_ORDER ? w->opened - 1 : w->opened,
			&e);
	if (first == 3)
		json_set_number(o, "epoch", 2, &e);
	w->steps[w->step_count++] = world_fact(w, "step", o, PART("done", done));
}

static void add_steps(struct world *w)
{
	char done[64] = "{}";
	uint64_t made;

	if (w->lie == LIE_MADE_BEFORE)
		made = w->sets[0].n;
	else if (w->lie == LIE_SET_HAS_ONE)
		add_set(w, "dataset", "500,1000-1499", 2);
	else if (w->lie == LIE_MADE_LATER)
		add_set(w, "model", "1000-1499", 2);
	else if (w->lie == LIE_MADE_A_MODEL)
		add_set(w, "model", "1000-1499", 2);
	else
		add_set(w, "dataset", "1000-1499", 2);
	made = w->sets[w->set_count - 1].n;
	if (w->lie == LIE_MADE_LATER)
		made = w->count + 1;
	if (w->lie == LIE_MADE_NONE)
		snprintf(done, sizeof(done), "{\"made\":[]}");
	else if (w->lie == LIE_MADE_TOO_MANY)
		snprintf(done, sizeof(done), "{\"made\":[%d,%d]}", (int)made, (int)made);
	else if (w->lie == LIE_MADE_TEXT)
		snprintf(done, sizeof(done), "{\"made\":[\"%d\"]}", (int)made);
	else if (w->lie != LIE_MADE_NOT_SAID)
		snprintf(done, sizeof(done), "{\"made\":[%d]}", (int)made);
	world_step(w, 2, 2, done);
	if (w->lie == LIE_MADE_TWICE) {
		world_step(w, 3, 3, done);
		world_step(w, 4, 5, "{}");
		return;
	}
	if (w->lie == LIE_STEP_EMPTY)
		world_step(w, 3, 2, "{}");
	if (w->lie == LIE_MADE_LATER)
		add_set(w, "dataset", "1000-1499", 2);
	add_set(w, "model", "1000-1499", 2); /* shares its container */
	add_set(w, "model", "10-19,1000-1200", 3);
	if (w->lie == LIE_STEP_TWICE)
		world_step(w, 2, 2, done);
	if (w->lie != LIE_STEP_LEFT_OUT)
		world_step(w, 3, w->lie == LIE_STEP_BEYOND ? 6 : 5, "{}");
}

/* ---- the whole ---- */

void world_begin(struct world *w, enum lie lie, const char *origin, uint8_t number)
{
	memset(w, 0, sizeof(*w));
	w->lie = lie;
	w->origin = origin;
	w->id = "o1";
	w->minute = 27000000;
	memset(w->seed, number, sizeof(w->seed));
	memset(w->opener, number + 1, sizeof(w->opener));
	memset(w->approver, number + 2, sizeof(w->approver));
	w->records = calloc(WORLD_RECORDS, sizeof(*w->records));
	check(w->records);
}

void world_build(struct world *w)
{
	json_t *o = json_object();

	json_set_bool(o, "solo", w->solo, &e);
	world_fact(w, "init", o, PART("origin", w->origin));
	world_key(w, w->opener, "operator");
	world_key(w, w->approver, "approver");
	if (w->lie == LIE_APPROVED_BY_LOG)
		world_key(w, w->seed, "approver");
	if (w->lie == LIE_TWO_KEYS_ALIKE)
		world_key(w, w->approver, "other");
	if (w->lie != LIE_SOURCE_TOO_LATE)
		w->source = add_source(w, TAG_A, source_of(w));
	add_source(w, TAG_B, "licensed");
	add_batches(w);
	world_order(w);
}

void world_order(struct world *w)
{
	uint64_t dataset = world_fact(w, "grant", no_members(), PART("id", "g1"));
	struct fields *plan;

	if (w->lie == LIE_MADE_BEFORE)
		add_set(w, "dataset", "1000-1499", 2);
	if (w->unlearn)
		world_old_models(w);
	add_order(w);
	if (w->lie == LIE_SOURCE_TOO_LATE)
		w->source = add_source(w, TAG_A, "partner");
	plan = make_plan(w, dataset);
	if (w->lie == LIE_APPROVED_BEFORE_PLAN) {
		w->plan = w->count + 1;
		add_approval(w);
	}
	add_plan(w, plan);
	if (w->lie == LIE_STEP_BEFORE_APPROVAL)
		world_step(w, 1, 1, "{}");
	if (w->lie != LIE_APPROVED_BEFORE_PLAN)
		add_approval(w);
	for (unsigned i = 0; i < w->large; i++)
		add_set(w, "model", "7-20010,40000-99990", (uint8_t)(10 + i));
	if (w->lie != LIE_STEP_BEFORE_APPROVAL)
		world_step(w, 1, 1, "{}");
	if (w->unlearn)
		world_unlearn(w);
	else if (!is_short(w))
		add_steps(w);
	if (w->lie == LIE_FACT_AFTER)
		world_fact(w, "grant", no_members(), PART("id", "g2"));
}

void world_end(struct world *w)
{
	for (size_t i = 0; i < w->count; i++) {
		buf_destroy(w->entries[i]);
		fields_destroy(w->parts[i]);
	}
	for (size_t i = 0; i < w->set_count; i++)
		set_destroy(w->sets[i].s);
	set_destroy(w->positions);
	set_destroy(w->kept);
	free(w->records);
}
