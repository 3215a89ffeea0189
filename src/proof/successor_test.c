/* A log that follows one that lost its end: what its statements show of that, and what is
 * refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"
#include "proof/world_successor.h"

static struct error e;

/* A "~N" at the end is followed by where it begins, at the facts of a small world and `more`. */
static void begin_at(struct world *w, const char *origin, unsigned more)
{
	static char name[100];
	struct world counting;

	world_begin(&counting, NO_LIE, origin, 10);
	counting.small = true;
	world_build(&counting);
	snprintf(name, sizeof(name), "%s@%zu", origin, counting.count + more);
	world_end(&counting);
	world_begin(w, NO_LIE, strchr(origin, '~') ? name : origin, 10);
	w->small = true;
	world_build(w);
}

static void begin(struct world *w, const char *origin)
{
	begin_at(w, origin, 0);
}

/* names "": it holds. Of one successor, 9 is the key before. */
static void looked_at(struct world *w, const char *names, const char *what)
{
	scoped(buf) *c = world_certify(w);

	world_refused(w, c, names, what);
	world_end(w);
}

TEST(a_log_that_follows_another_says_what_was_lost)
{
	struct world w;
	scoped(buf) *c = NULL;
	scoped(verdict) *v = NULL;
	const json_t *s;
	bool said = false;
	size_t i;

	begin(&w, "example.org/log~2");
	world_successor(&w, 9, 10, 2, AS_IT_IS);
	c = world_certify(&w);
	v = world_verdict(&w, c);
	check(v->valid);
	json_array_foreach(v->limits, i, s)
		said |= strstr(json_string_value(s),
			       "on, which had at least 7 facts and 3 records more") != NULL;
	check(said);
	world_end(&w);
}

TEST(a_log_may_follow_one_that_followed)
{
	struct world w;

	begin_at(&w, "example.org/log~3", 4);
	world_successor(&w, 8, 9, 2, AS_IT_IS);
	world_fact(&w, "grant", json_object(), WORLD_PART("id", "g2"));
	world_successor(&w, 9, 10, 3, AS_IT_IS);
	looked_at(&w, "", "in a row");
	begin_at(&w, "example.org/log~3", 3);
	world_successor(&w, 8, 7, 2, AS_IT_IS);
	world_successor(&w, 9, 10, 3, AS_IT_IS);
	looked_at(&w, "facts", "the first names another than the second");
	begin_at(&w, "example.org/log~3", 3);
	world_successor(&w, 9, 10, 3, AS_IT_IS);
	world_successor(&w, 8, 9, 2, AS_IT_IS);
	looked_at(&w, "facts", "in the wrong order");
	begin_at(&w, "example.org/log~3", 4);
	world_successor(&w, 8, 9, 2, AS_IT_IS);
	world_fact(&w, "grant", json_object(), WORLD_PART("id", "g2"));
	world_successor(&w, 9, 10, 3, OTHER_BEFORE);
	looked_at(&w, "facts", "the second says that it is the first");
}

TEST(what_the_old_log_did_not_sign_is_refused)
{
	for (enum said s = AS_IT_IS + 1; s < SAID; s++) {
		const char *names = s == OTHER_RECORDS || s == OTHER_LOST_RECORDS ? "facts batches"
				    : s >= NO_BATCH				  ? "batches"
										  : "facts";
		struct world w;
		char what[32];

		begin(&w, "example.org/log~2");
		world_successor(&w, 9, 10, 2, s);
		snprintf(what, sizeof(what), "%d is other", (int)s);
		/* An entry that cannot be read keeps all from being looked at. */
		if (s == MEMBER_MORE || s == SLOT_TEXT)
			names = "facts openings batches demand positions plan approval steps "
				"retained unlearned as-of";
		looked_at(&w, names, what);
	}
}

/* The pinned one is of a log before, of this name. */
static void pinned(struct world *w, const struct buf *c, uint8_t number, const char *name,
		   const char *names, const char *what)
{
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_PUBLIC_LEN];
	scoped(buf) *vkey = NULL;
	struct note_key k;

	memset(seed, number, sizeof(seed));
	check_ok(sign_public(key, seed, &e));
	check_ok(note_key_make(&k, name, NOTE_ED25519, key, &e));
	check_ok(buf_create(&vkey, 256, &e));
	check_ok(note_key_put(&k, vkey, &e));
	w->pin = buf_text(vkey);
	world_refused(w, c, names, what);
	w->pin = NULL;
}

TEST(the_key_of_a_log_before_stands_for_those_that_follow_it)
{
	char second[100];
	struct world w;
	scoped(buf) *c = NULL;

	begin_at(&w, "example.org/log~3", 3);
	snprintf(second, sizeof(second), "example.org/log~2@%zu/records", w.count);
	world_successor(&w, 8, 9, 2, AS_IT_IS);
	world_successor(&w, 9, 10, 3, AS_IT_IS);
	c = world_certify(&w);
	pinned(&w, c, 8, "example.org/log/facts", "", "the first");
	pinned(&w, c, 8, "example.org/log/records", "", "the first by its records");
	pinned(&w, c, 9, second, "", "the second");
	pinned(&w, c, 9, "example.org/log/facts", "key", "the second as the first");
	pinned(&w, c, 8, second, "key", "the first as the second");
	pinned(&w, c, 8, "example.org/log/fact", "key", "another log of that key");
	pinned(&w, c, 7, "example.org/log/facts", "key", "another key");
	world_end(&w);
	buf_destroy(c);
	begin(&w, "example.org/log~2");
	world_successor(&w, 9, 10, 2, OTHER_SIGNER);
	c = world_certify(&w);
	pinned(&w, c, 9, "example.org/log/facts", "facts", "named by another than the old key");
	world_end(&w);
}

TEST(no_order_takes_back_what_nobody_knows)
{
	struct world w;
	scoped(buf) *c = NULL;
	scoped_json *j = NULL;
	char text[100];

	begin(&w, "example.org/log~2");
	world_successor(&w, 9, 10, 2, AS_IT_IS);
	c = world_certify(&w);
	j = statement_of(c);
	snprintf(text, sizeof(text), "%s,%u", json_text_or(predicate_of(j), "positions", ""),
		 (unsigned)w.record_count - 1);
	json_set_text(predicate_of(j), "positions", text, &e);
	world_edited(&w, j, false, "batches positions", "a lost one is taken back");
	world_end(&w);
}

TEST(the_name_says_how_many_were_before_and_each_is_shown)
{
	static const char *const names[] = { "example.org/log",	   "example.org/log~3",
					     "example.org/log~1",  "example.org/log~02",
					     "example.org/log~10", "~2" };
	struct world w;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		begin(&w, names[i]);
		world_successor(&w, 9, 10, 2, AS_IT_IS);
		looked_at(&w, "facts",
			  strrchr(names[i], '/') ? strrchr(names[i], '/') + 1
						 : "nothing before it");
	}
	begin(&w, "example.org/log~2");
	looked_at(&w, "facts", "it is left out");
	begin(&w, "example.org/log~1");
	looked_at(&w, "facts", "a name that nothing has");
	begin_at(&w, "example.org/log~2", 1);
	world_successor(&w, 9, 10, 2, AS_IT_IS);
	looked_at(&w, "facts", "it begins elsewhere");
	begin_at(&w, "example.org/log~2", 3);
	world_successor(&w, 9, 10, 2, AS_IT_IS);
	world_successor(&w, 9, 10, 2, AS_IT_IS);
	looked_at(&w, "facts", "a second one");
	begin(&w, "example.org/log~2");
	world_successor(&w, 10, 10, 2, AS_IT_IS);
	looked_at(&w, "facts", "of its own key");
}

TEST(the_base_of_an_origin)
{
	static const struct {
		const char *origin;
		size_t len;
		uint64_t number;
	} some[] = { { "a", 1, 1 },	 { "a~2@0", 1, 2 },  { "a~9@12", 1, 9 },
		     { "a~1@3", 5, 0 },	 { "a~2", 3, 0 },    { "a~02@3", 6, 0 },
		     { "a~", 2, 0 },	 { "~2@3", 4, 0 },   { "a~2@3~3@4", 9, 0 },
		     { "a~10@3", 6, 0 }, { "a~2@03", 6, 0 }, { "a~2@", 4, 0 },
		     { "a@2", 3, 1 } };
	uint64_t number;

	for (size_t i = 0; i < COUNT_OF(some); i++) {
		check(origin_base(some[i].origin, &number) == some[i].len);
		check(number == some[i].number);
	}
}

TEST_MAIN("successor")
