/* Checkpoints that unlearned: what holds, what is said of it, and what an operator who holds the
 * signing key may try. */
#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "proof/world.h"

static const uint8_t prover[SIGN_SEED_LEN] = { 77 };

static void begin(struct world *w, enum lie lie)
{
	world_begin(w, lie, "example.org/log", 10);
	w->unlearn = true;
}

static const char *detail(const struct verdict *v, const char *name)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->check[i].name, name) == 0)
			return v->check[i].detail;
	return "";
}

/* How many sentences of the verifier's own hold these words. */
static size_t says(const struct verdict *v, const char *words)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(v->limits); i++)
		count += strstr(json_string_value(json_array_get(v->limits, i)), words) != NULL;
	return count;
}

TEST(an_order_that_unlearned_holds_and_says_which_took_the_place_of_which)
{
	for (int in_one = 0; in_one < 2; in_one++) {
		scoped(buf) *c = NULL;
		scoped(verdict) *v = NULL;
		struct world w;
		char pairs[128];

		begin(&w, NO_LIE);
		w.in_one = in_one;
		world_build(&w);
		c = world_certify(&w);
		world_refused(&w, c, "", "nothing");
		v = world_verdict(&w, c);
		snprintf(pairs, sizeof(pairs), "2 checkpoints: fact %d -> fact %d, fact %d -> fact %d",
			 (int)w.old[0], (int)w.made[0], (int)w.old[1], (int)w.made[1]);
		check(v->valid && strcmp(detail(v, "unlearned"), pairs) == 0);
		check(says(v, "sums of 2 of 2 checkpoints") && says(v, "are not opened"));
		check(!says(v, "trained again from") && !says(v, "destroys keys"));
		world_end(&w);
	}
}

/* Another order of the batch may have taken the rest. */
TEST(a_checkpoint_of_which_nothing_was_left_has_no_next)
{
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;
	struct world w;
	char pairs[128];

	begin(&w, NO_LIE);
	w.nothing_left = true;
	w.reproducer = prover;
	world_build(&w);
	c = world_certify(&w);
	world_refused(&w, c, "", "nothing left");
	v = world_verdict(&w, c);
	snprintf(pairs, sizeof(pairs), "2 checkpoints: fact %d -> nothing, fact %d -> fact %d",
		 (int)w.old[1], (int)w.old[0], (int)w.made[0]);
	check(strcmp(detail(v, "unlearned"), pairs) == 0);
	check(!says(v, "nobody is shown") && says(v, "are not opened"));
	world_end(&w);
}

TEST(an_order_that_unlearned_nothing_says_so)
{
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	world_build(&w);
	c = world_certify(&w);
	v = world_verdict(&w, c);
	check(v->valid && strstr(detail(v, "unlearned"), "none: ") != NULL);
	check(!says(v, "unlearn"));
	world_end(&w);
}

TEST(whoever_trained_it_again_signs_and_is_named)
{
	for (size_t i = 0; i < 4; i++) {
		static const char *const whose[] = { "the key that made it", "another key than",
						     "another key than", "the log's own key" };
		scoped(buf) *c = NULL;
		scoped(verdict) *v = NULL;
		struct world w;

		begin(&w, NO_LIE);
		w.reproducer = i == 0 ? w.opener : i == 1 ? w.approver :
			       i == 2 ? prover : w.seed;
			world_build(&w);
		c = world_certify(&w);
		world_refused(&w, c, "", "reproduced");
		v = world_verdict(&w, c);
		check(v->valid && says(v, "trained again from the records, with the same") == 1);
		check(says(v, whose[i]) == 1);
		check(says(v, "so signs key") == 1);
		check(says(v, "sums of 1 of 2 checkpoints") == 1);
		world_end(&w);
	}
}

TEST(a_plan_that_destroys_keys_only_before_it_unlearns_is_said_to)
{
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;
	struct world w;

	begin(&w, LIE_UNLEARN_AFTER_DESTROY);
	world_build(&w);
	c = world_certify(&w);
	v = world_verdict(&w, c);
	check(v->valid && says(v, "after the last that unlearns"));
	world_end(&w);
}

TEST(every_lie_about_what_unlearned_is_refused_by_the_check_that_should)
{
	static const struct {
		enum lie lie;
		const char *refused_by;
	} lies[] = {
		{ LIE_UNLEARN_MADE_OLD, "steps unlearned" },
		{ LIE_UNLEARN_MADE_LATER, "steps unlearned" },
		{ LIE_UNLEARN_MADE_NONE, "steps unlearned" },
		{ LIE_UNLEARN_SUBSET_NOTHING, "steps unlearned" },
		{ LIE_UNLEARN_SAYS_MORE, "steps unlearned" },
		{ LIE_UNLEARN_SAYS_LESS_THAN_NONE, "steps unlearned" },
		{ LIE_UNLEARN_MADE_DATASET, "openings retained unlearned" },
		{ LIE_UNLEARN_MADE_SAME, "retained unlearned" },
		{ LIE_UNLEARN_SWAPPED, "unlearned" },
		{ LIE_UNLEARN_HAS_ONE, "retained" },
		{ LIE_UNLEARN_OLD_TWICE, "retained unlearned" },
		{ LIE_UNLEARN_OLD_LATER, "plan steps retained unlearned" },
		{ LIE_UNLEARN_OF_NOTHING, "plan steps retained unlearned" },
		{ LIE_UNLEARN_OLD_DATASET, "openings retained unlearned" },
		{ LIE_UNLEARN_OLD_RETAINED, "unlearned" },
		{ LIE_UNLEARN_OLD_PLAIN, "openings unlearned" },
		{ LIE_UNLEARN_NEW_PLAIN, "openings unlearned" },
		{ LIE_UNLEARN_OTHER_TARGET, "unlearned" },
		{ LIE_UNLEARN_TARGET_LONGER, "unlearned" },
		{ LIE_UNLEARN_TARGET_NAME, "unlearned" },
		{ LIE_UNLEARN_TARGET_WITHOUT, "unlearned" },
		{ LIE_UNLEARN_OTHER_NAME, "unlearned" },
		{ LIE_UNLEARN_SAME_VERSION, "unlearned" },
		{ LIE_UNLEARN_VERSION_TEXT, "unlearned" },
		{ LIE_UNLEARN_SAME_DIGEST, "unlearned" },
		{ LIE_UNLEARN_DIGEST_OF_OTHER, "unlearned" },
		{ LIE_UNLEARN_DIGEST_SHORT, "unlearned" },
		{ LIE_REPRODUCED_OLD, "unlearned" },
		{ LIE_REPRODUCED_OTHER, "unlearned" },
		{ LIE_REPRODUCED_BY_NOBODY, "facts unlearned" },
		{ LIE_REPRODUCED_SIGNED_BY_OTHER, "unlearned" },
		{ LIE_REPRODUCED_SIGNED_OTHER, "unlearned" },
		{ LIE_REPRODUCED_ELSEWHERE, "unlearned" },
		{ LIE_REPRODUCED_LATER, "facts openings batches demand positions plan approval steps "
					"retained unlearned as-of" },
		{ LIE_REPRODUCED_SHORT, "facts openings batches demand positions plan approval steps "
					"retained unlearned as-of" },
		{ LIE_REPRODUCED_NOT_SIGNED, "facts openings batches demand positions plan "
					     "approval steps retained unlearned as-of" },
	};

	for (size_t i = 0; i < 2 * COUNT_OF(lies); i++) {
		bool again = i >= COUNT_OF(lies); /* without anybody who trained it again */
		enum lie lie = lies[i % COUNT_OF(lies)].lie;
		struct world w;
		scoped(buf) *c = NULL;
		char what[32];

		if (again && lie >= LIE_REPRODUCED_OLD)
			continue;
		snprintf(what, sizeof(what), "lie %d", (int)lie);
		begin(&w, lie);
		if (!again)
			w.reproducer = prover;
		world_build(&w);
		c = world_certify(&w);
		world_refused(&w, c, lies[i % COUNT_OF(lies)].refused_by, what);
		world_end(&w);
	}
}

/* ---- edits of the statement ---- */

static json_t *fact_of(json_t *p, uint64_t n, size_t *ret_at)
{
	json_t *list = json_object_get(p, "facts"), *j;
	size_t i;

	json_array_foreach(list, i, j)
		if (json_number_or(j, "n", 0) == n) {
			*ret_at = i;
			return j;
		}
	fail_msg("no fact %d", (int)n);
	return NULL;
}

static void drop_fact(json_t *p, uint64_t n)
{
	size_t at = 0;

	fact_of(p, n, &at);
	json_array_remove(json_object_get(p, "facts"), at);
}

static json_t *opening_of(json_t *p, uint64_t n, const char *field)
{
	json_t *list = json_object_get(p, "openings"), *j;
	size_t i;

	json_array_foreach(list, i, j)
		if (json_number_or(j, "n", 0) == n && strcmp(json_text_or(j, "field", ""), field) == 0)
			return j;
	fail_msg("no %s of %d", field, (int)n);
	return NULL;
}

static void drop_opening(json_t *p, uint64_t n, const char *field)
{
	json_t *list = json_object_get(p, "openings"), *which = opening_of(p, n, field), *j;
	size_t i;

	json_array_foreach(list, i, j)
		if (j == which) {
			json_array_remove(list, i);
			return;
		}
}

static void drop_set(json_t *p, uint64_t n)
{
	json_t *list = json_object_get(p, "sets"), *j;
	size_t i;

	json_array_foreach(list, i, j)
		if (json_number_or(j, "n", 0) == n) {
			json_array_remove(list, i);
			return;
		}
	fail_msg("no set %d", (int)n);
}

static void without_old(const struct world *w, json_t *p)
{
	drop_fact(p, w->old[0]);
}

static void without_old_and_what_it_opens(const struct world *w, json_t *p)
{
	drop_fact(p, w->old[0]);
	drop_opening(p, w->old[0], "name");
	drop_opening(p, w->old[0], "version");
	drop_opening(p, w->old[0], "digest");
}

static void without_made(const struct world *w, json_t *p)
{
	drop_set(p, w->made[1]);
}

static void without_made_and_fact(const struct world *w, json_t *p)
{
	drop_set(p, w->made[1]);
	drop_fact(p, w->made[1]);
	drop_opening(p, w->made[1], "name");
	drop_opening(p, w->made[1], "version");
	drop_opening(p, w->made[1], "digest");
}

static void without_done(const struct world *w, json_t *p)
{
	drop_opening(p, w->steps[2], "done");
}

static void without_old_digest(const struct world *w, json_t *p)
{
	drop_opening(p, w->old[1], "digest");
}

static void without_new_digest(const struct world *w, json_t *p)
{
	drop_opening(p, w->made[0], "digest");
}

static void without_old_name(const struct world *w, json_t *p)
{
	drop_opening(p, w->old[0], "name");
}

static void without_new_version(const struct world *w, json_t *p)
{
	drop_opening(p, w->made[1], "version");
}

/* Its true commitment, so that the field leads to its fact and says nothing. */
static void digest_withheld(const struct world *w, json_t *p)
{
	json_t *o = opening_of(p, w->made[0], "digest");
	struct hash commitment;

	field_commitment(&commitment, &w->parts[w->made[0]]->list[3]);
	json_object_del(o, "salt");
	json_object_del(o, "value");
	json_object_set_new(o, "commitment", json_string(hash_hex(&commitment).s));
}

static void digests_swapped(const struct world *w, json_t *p)
{
	static const char *const members[] = { "salt", "value", "path" };
	json_t *a = opening_of(p, w->old[0], "digest"), *b = opening_of(p, w->made[0], "digest");

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		json_t *x = json_incref(json_object_get(a, members[i]));

		json_object_set(a, members[i], json_object_get(b, members[i]));
		json_object_set_new(b, members[i], x);
	}
}

static void without_reproducer(const struct world *w, json_t *p)
{
	drop_fact(p, w->reproducer_key);
}

static void key_beside(const struct world *w, json_t *p)
{
	drop_fact(p, w->reproduced);
}

static void old_listed(const struct world *w, json_t *p)
{
	json_t *first = json_array_get(json_object_get(p, "sets"), 0);

	json_object_set_new(first, "n", json_integer((json_int_t)w->old[0]));
}

TEST(every_lie_in_the_statement_about_what_unlearned_is_refused)
{
	static const struct {
		const char *what, *refused_by;
		void (*change)(const struct world *w, json_t *predicate);
	} edits[] = {
		{ "no old fact", "openings unlearned", without_old },
		{ "nothing of the old", "unlearned", without_old_and_what_it_opens },
		{ "made not listed", "retained", without_made },
		{ "nothing of the made", "retained unlearned", without_made_and_fact },
		{ "no done", "steps unlearned", without_done },
		{ "no old digest", "unlearned", without_old_digest },
		{ "no new digest", "unlearned", without_new_digest },
		{ "no old name", "unlearned", without_old_name },
		{ "no new version", "unlearned", without_new_version },
		{ "digest withheld", "unlearned", digest_withheld },
		{ "digests swapped", "openings", digests_swapped },
		{ "no key of who made it again", "unlearned", without_reproducer },
		{ "a key of nobody", "facts", key_beside },
		{ "the old one retained", "retained unlearned", old_listed },
	};
	scoped(buf) *certificate = NULL;
	struct world w;

	begin(&w, NO_LIE);
	w.reproducer = prover;
	world_build(&w);
	certificate = world_certify(&w);
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		scoped_json *j = statement_of(certificate);
		scoped(buf) *lie = NULL;

		edits[i].change(&w, predicate_of(j));
		lie = world_sign(&w, j, true);
		world_refused(&w, lie, edits[i].refused_by, edits[i].what);
	}
	world_end(&w);
}

/* What is for people may hold anything, within limits. */
TEST(a_summary_may_say_what_checkpoints_rest_on)
{
	enum { MOST = CERTIFICATE_WORDS_MAX };
	scoped(buf) *c = NULL;
	struct world w;

	begin(&w, NO_LIE);
	world_build(&w);
	c = world_certify(&w);
	for (int i = 0; i < 5; i++) {
		scoped_json *j = statement_of(c);
		json_t *summary = json_object_get(predicate_of(j), "summary");
		json_t *models = i == 0 ? json_null() : i == 1 ? json_object() : json_array();
		scoped(buf) *edited = NULL;
		scoped(verdict) *v = NULL;

		for (int k = 0; i >= 3 && k < MOST + (i == 4); k++)
			json_array_append_new(models, json_object());
		json_object_set_new(summary, "models", models);
		edited = world_sign(&w, j, true);
		v = world_verdict(&w, edited);
		check(v->valid == (i < 4));
	}
	world_end(&w);
}

/* Of a second fact that says the same of the same: no harm, and never more than a limit. */
TEST(more_facts_that_say_reproduced_than_the_limit_are_refused)
{
	for (size_t more = 0; more < 2; more++) {
		scoped(buf) *c = NULL, *edited = NULL;
		scoped(verdict) *v = NULL;
		scoped_json *j = NULL;
		struct world w;
		json_t *list, *said;
		size_t at = 0;

		begin(&w, NO_LIE);
		w.reproducer = w.opener;
		world_build(&w);
		c = world_certify(&w);
		j = statement_of(c);
		list = json_object_get(predicate_of(j), "facts");
		said = fact_of(predicate_of(j), w.reproduced, &at);
		for (size_t i = 1; i < CERTIFICATE_REPRODUCED_MAX + more; i++) {
			json_t *again = json_copy(said);

			json_object_set_new(again, "n", json_integer((json_int_t)(w.reproduced + i)));
			json_array_append_new(list, again);
		}
		edited = world_sign(&w, j, false);
		v = world_verdict(&w, edited);
		check((strstr(detail(v, "facts"), "more than 1024") != NULL) == (more == 1));
		world_end(&w);
	}
}

/* With RESCIND_SEEDS=DIR the seeds of certificate_fuzz.c are written there. */
TEST(the_seed_of_the_fuzzer_unlearned)
{
	scoped(buf) *c = NULL;
	struct world w;

	begin(&w, NO_LIE);
	w.reproducer = prover;
	world_build(&w);
	c = world_certify(&w);
	world_refused(&w, c, "", "the seed");
	world_seeds(c, "unlearned");
	world_end(&w);
}

TEST_MAIN("unlearned")
