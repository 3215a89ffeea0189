#include "set/set.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static struct error e;

/* A small generator of our own, so that every run is the same run. */
static uint64_t dice_state = 88172645463325252U;

static uint64_t dice(uint64_t below)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return (dice_state >> 11) % below;
}

/*
 * A world is a few stretches of positions, laid where blocks and containers meet; its
 * places are numbered from 0, and a naive set is one bool for each place.
 */
struct world {
	const uint64_t *starts;
	size_t stretches, length;
};

static const uint64_t edges[] = { 0, 65536 - 512, ((uint64_t)1 << 32) - 512,
				  ((uint64_t)5 << 32) - 512, UINT64_MAX - 1023 };
static const struct world thin = { edges, COUNT_OF(edges), 1024 };
static const uint64_t middle[] = { ((uint64_t)1 << 32) - 150000 };
static const struct world wide = { middle, 1, 300000 };

static size_t places(const struct world *w)
{
	return w->stretches * w->length;
}

static uint64_t pos_of(const struct world *w, size_t place)
{
	return w->starts[place / w->length] + place % w->length;
}

struct pair {
	struct set *set;
	bool *naive;
};

static struct pair pair_new(const struct world *w)
{
	struct pair p = { NULL, calloc(places(w), sizeof(bool)) };

	check(p.naive);
	check_ok(set_create(&p.set, &e));
	return p;
}

static void pair_end(struct pair *p)
{
	set_destroy(p->set);
	free(p->naive);
}

struct runs_seen {
	uint64_t *first, *last;
	size_t count, at;
};

static int see_run(void *ctx, uint64_t first, uint64_t last,
		   __attribute__((unused)) struct error *er)
{
	struct runs_seen *r = ctx;

	check(r->at < r->count);
	check(first == r->first[r->at] && last == r->last[r->at]);
	r->at++;
	return 0;
}

static void naive_runs(const struct world *w, const bool *naive, uint64_t from, uint64_t to,
		       struct runs_seen *r)
{
	r->count = 0;
	for (size_t i = 0; i < places(w); i++) {
		uint64_t pos = pos_of(w, i);

		if (!naive[i] || pos < from || pos > to)
			continue;
		if (r->count > 0 && r->last[r->count - 1] + 1 == pos) {
			r->last[r->count - 1] = pos;
			continue;
		}
		r->first[r->count] = r->last[r->count] = pos;
		r->count++;
	}
}

static void same_runs(const struct world *w, const struct pair *p, uint64_t from, uint64_t to)
{
	struct runs_seen r = { malloc(places(w) * 8), malloc(places(w) * 8), 0, 0 };

	check(r.first && r.last);
	naive_runs(w, p->naive, from, to, &r);
	check_ok(set_each_run_in(p->set, from, to, see_run, &r, &e));
	check(r.at == r.count);
	free(r.first);
	free(r.last);
}

static void same_walk(const struct world *w, const struct pair *p)
{
	uint64_t pos = 0, count = 0;
	bool more = set_next(p->set, &pos);

	for (size_t i = 0; i < places(w); i++) {
		check(set_has(p->set, pos_of(w, i)) == p->naive[i]);
		if (!p->naive[i])
			continue;
		check(more && pos == pos_of(w, i));
		count++;
		more = pos < UINT64_MAX && (pos++, set_next(p->set, &pos));
	}
	check(!more);
	check(set_count(p->set) == count);
}

static void same_text(const struct pair *p)
{
	scoped(buf) *text = NULL, *again = NULL;
	scoped(set) *back = NULL;

	check_ok(buf_create(&text, 0, &e));
	check_ok(buf_create(&again, 0, &e));
	check_ok(set_put_text(p->set, text, &e));
	check_ok(set_from_text(&back, buf_text(text), SIZE_MAX, &e));
	check(set_equal(back, p->set) && set_equal(p->set, back));
	check_ok(set_put_text(back, again, &e));
	check(strcmp(buf_text(text), buf_text(again)) == 0);
}

static void same(const struct world *w, const struct pair *p)
{
	uint64_t a = pos_of(w, dice(places(w))), b = pos_of(w, dice(places(w)));

	same_walk(w, p);
	same_text(p);
	same_runs(w, p, 0, UINT64_MAX);
	same_runs(w, p, a < b ? a : b, a < b ? b : a);
}

static void step(const struct world *w, struct pair *p, size_t range_max)
{
	size_t place = dice(places(w)), last;
	uint64_t pos = pos_of(w, place);

	switch (dice(8)) {
	case 0: /* within one stretch */
		last = place + dice(range_max);
		if (last / w->length != place / w->length)
			last = place;
		check_ok(set_add_range(p->set, pos, pos_of(w, last), &e));
		memset(p->naive + place, true, last - place + 1);
		break;
	case 1:
	case 2:
	case 3:
		check_ok(set_remove(p->set, pos, &e));
		p->naive[place] = false;
		break;
	case 4:
		break;
	default:
		check_ok(set_add(p->set, pos, &e));
		p->naive[place] = true;
	}
	check(set_has(p->set, pos) == p->naive[place]);
}

static void many_steps(const struct world *w, size_t steps, size_t look_every, size_t range_max)
{
	struct pair p = pair_new(w);

	for (size_t i = 0; i < steps; i++) {
		step(w, &p, range_max);
		if (i % look_every == 0)
			same(w, &p);
		/* Begin anew now and then: removing one by one never gets there. */
		if (dice(200000) == 0) {
			check_ok(set_minus(p.set, p.set, &e));
			memset(p.naive, 0, places(w));
		}
	}
	same(w, &p);
	pair_end(&p);
}

TEST(a_million_changes_where_blocks_meet_agree_with_a_naive_set)
{
	many_steps(&thin, 1000000, 4000, 40);
}

TEST(a_million_changes_in_a_wide_world_agree_with_a_naive_set)
{
	many_steps(&wide, 1000000, 60000, 30);
	many_steps(&wide, 300000, 20000, 9000);
}

/* Fill so that every kind of container meets every other one. */
static void fill(const struct world *w, struct pair *p)
{
	size_t steps = dice(4) ? dice(places(w)) / 4 : dice(5);
	size_t range_max = dice(2) ? 1 + dice(w->length) : 3;

	while (range_max > 1000 && steps > 50)
		steps /= 2;
	while (steps-- > 0)
		step(w, p, range_max);
}

static uint64_t naive_both(const struct world *w, const struct pair *a, const struct pair *b)
{
	uint64_t count = 0;

	for (size_t i = 0; i < places(w); i++)
		count += a->naive[i] && b->naive[i];
	return count;
}

static bool naive_combine(char how, bool a, bool b)
{
	return how == '&' ? a && b : how == '|' ? a || b : a && !b;
}

static void combine(const struct world *w, const struct pair *a, const struct pair *b, char how)
{
	struct pair c = { NULL, malloc(places(w)) };

	check(c.naive);
	check_ok(set_copy(&c.set, a->set, &e));
	check(set_equal(c.set, a->set));
	check_ok(how == '&' ? set_and(c.set, b->set, &e) :
		 how == '|' ? set_or(c.set, b->set, &e) :
			      set_minus(c.set, b->set, &e));
	for (size_t i = 0; i < places(w); i++)
		c.naive[i] = naive_combine(how, a->naive[i], b->naive[i]);
	same(w, &c);
	check(set_equal(c.set, a->set) ==
	      (memcmp(c.naive, a->naive, places(w)) == 0));
	pair_end(&c);
}

static void algebra(const struct world *w, size_t rounds)
{
	while (rounds-- > 0) {
		struct pair a = pair_new(w), b = pair_new(w);

		fill(w, &a);
		fill(w, &b);
		check(set_count_both(a.set, b.set) == naive_both(w, &a, &b));
		check(set_meets(a.set, b.set) == (naive_both(w, &a, &b) > 0));
		combine(w, &a, &b, '&');
		combine(w, &a, &b, '|');
		combine(w, &a, &b, '-');
		same_walk(w, &b);
		pair_end(&a);
		pair_end(&b);
	}
}

TEST(and_or_minus_agree_with_a_naive_set)
{
	algebra(&thin, 100);
	algebra(&wide, 6);
}

TEST(every_pair_of_small_sets_combines)
{
	static const uint64_t starts[] = { ((uint64_t)1 << 32) - 2 };
	static const struct world small = { starts, 1, 5 };

	for (unsigned bits = 0; bits < 1 << 10; bits++) {
		struct pair a = pair_new(&small), b = pair_new(&small);

		for (unsigned i = 0; i < 10; i++) {
			struct pair *p = i < 5 ? &a : &b;

			if (!(bits >> i & 1))
				continue;
			p->naive[i % 5] = true;
			check_ok(set_add(p->set, pos_of(&small, i % 5), &e));
		}
		check(set_equal(a.set, b.set) == (memcmp(a.naive, b.naive, 5) == 0));
		check(set_meets(a.set, b.set) == (naive_both(&small, &a, &b) > 0));
		combine(&small, &a, &b, '&');
		combine(&small, &a, &b, '|');
		combine(&small, &a, &b, '-');
		pair_end(&a);
		pair_end(&b);
	}
}

TEST(a_set_may_be_combined_with_itself)
{
	scoped(set) *s = NULL, *was = NULL, *none = NULL;

	check_ok(set_create(&none, &e));
	check_ok(set_from_text(&s, "1-5,4294967295-4294967299,18446744073709551615", 9, &e));
	check_ok(set_copy(&was, s, &e));
	check_ok(set_and(s, s, &e));
	check(set_equal(s, was));
	check_ok(set_or(s, s, &e));
	check(set_equal(s, was) && set_count_both(s, s) == 11);
	check_ok(set_minus(s, s, &e));
	check(set_equal(s, none) && set_count(s) == 0);
}

TEST(sets_that_became_equal_by_different_ways_are_equal)
{
	scoped(set) *a = NULL, *b = NULL;

	check_ok(set_create(&a, &e));
	check_ok(set_create(&b, &e));
	check_ok(set_add_range(a, 0, 199999, &e));
	check_ok(set_add(a, (uint64_t)7 << 32, &e));
	check_ok(set_remove(a, (uint64_t)7 << 32, &e));
	for (uint64_t pos = 0; pos < 200000; pos++)
		check_ok(set_add(b, 199999 - pos, &e));
	check(set_equal(a, b));
	check_ok(set_remove(b, 77777, &e));
	check(!set_equal(a, b));
}

static int see_next(void *ctx, uint64_t pos, __attribute__((unused)) struct error *er)
{
	uint64_t **want = ctx;

	check(pos == **want);
	++*want;
	return 0;
}

TEST(each_position_is_met_once)
{
	uint64_t want[] = { 0, 5, 6, 7, 65535, 65536, UINT64_MAX - 1, UINT64_MAX }, *at = want;
	scoped(set) *s = NULL;

	check_ok(set_create(&s, &e));
	check_ok(set_each(s, see_next, &at, &e));
	for (size_t i = COUNT_OF(want); i-- > 0;)
		check_ok(set_add(s, want[i], &e));
	check_ok(set_each(s, see_next, &at, &e));
	check(at == want + COUNT_OF(want));
}

static int stop_at(void *ctx, uint64_t pos, __attribute__((unused)) struct error *er)
{
	uint64_t *left = ctx;

	check(pos == 10 - *left);
	return --*left == 0 ? 42 : 0;
}

static int stop_at_run(void *ctx, __attribute__((unused)) uint64_t first,
		       __attribute__((unused)) uint64_t last, struct error *er)
{
	size_t *left = ctx;

	return --*left == 0 ? error_set(er, E_DENIED, "enough") : 0;
}

static int never(__attribute__((unused)) void *ctx, __attribute__((unused)) uint64_t first,
		 __attribute__((unused)) uint64_t last, __attribute__((unused)) struct error *er)
{
	fail_msg("called");
	return 0;
}

TEST(a_walk_stops_when_it_is_told_to)
{
	scoped(set) *s = NULL;
	uint64_t left = 6;

	check_ok(set_create(&s, &e));
	check_ok(set_add_range(s, 4, 200, &e));
	check(set_each(s, stop_at, &left, &e) == 42 && left == 0);
	for (uint64_t pos = 1000; pos < 3000; pos += 2)
		check_ok(set_add(s, pos, &e));
	for (size_t runs = 1; runs <= 1001; runs += 100) {
		size_t more = runs;

		check_code(set_each_run(s, stop_at_run, &more, &e), E_DENIED);
		check(more == 0);
	}
	check_ok(set_each_run_in(s, 201, 999, never, NULL, &e));
	check_ok(set_each_run_in(s, 50, 49, never, NULL, &e));
}

static int only_run(void *ctx, uint64_t first, uint64_t last,
		    __attribute__((unused)) struct error *er)
{
	uint64_t *want = ctx;

	check(first == want[0] && last == want[1]);
	want[2]++;
	return 0;
}

TEST(a_run_over_blocks_is_one_run)
{
	scoped(set) *s = NULL;
	uint64_t want[3] = { 100, 3 * ((uint64_t)1 << 32) + 5, 0 };

	check_ok(set_create(&s, &e));
	check_ok(set_add_range(s, want[0], want[1], &e));
	check_ok(set_each_run(s, only_run, want, &e));
	check(want[2] == 1 && set_count(s) == want[1] - want[0] + 1);
	want[0] = 70000;
	want[1] = ((uint64_t)1 << 32) + 9;
	check_ok(set_each_run_in(s, want[0], want[1], only_run, want, &e));
	check(want[2] == 2);
}

TEST(the_last_position_of_all_is_one)
{
	scoped(set) *s = NULL;
	uint64_t pos = UINT64_MAX, want[3] = { UINT64_MAX - 3, UINT64_MAX, 0 };

	check_ok(set_create(&s, &e));
	check(!set_next(s, &pos) && pos == UINT64_MAX);
	check_ok(set_add_range(s, UINT64_MAX - 3, UINT64_MAX, &e));
	check_ok(set_each_run(s, only_run, want, &e));
	check(want[2] == 1 && set_next(s, &pos) && pos == UINT64_MAX && set_has(s, pos));
	check(set_count(s) == 4);
}

TEST(what_lies_between_two_positions_is_counted)
{
	struct pair p = pair_new(&thin);

	fill(&thin, &p);
	for (int i = 0; i < 5000; i++) {
		size_t from = (size_t)dice(places(&thin)), to = (size_t)dice(places(&thin));
		uint64_t count = 0;

		for (size_t place = from; place <= to; place++)
			count += p.naive[place];
		check(set_count_in(p.set, pos_of(&thin, from), pos_of(&thin, to)) == count);
		check(set_covers(p.set, pos_of(&thin, from), pos_of(&thin, to)) ==
		      (from <= to && count == pos_of(&thin, to) - pos_of(&thin, from) + 1));
	}
	check(set_count_in(p.set, 0, UINT64_MAX) == set_count(p.set));
	check(set_count_in(p.set, UINT64_MAX, 0) == 0);
	check(!set_covers(p.set, 1, 0));
	check_ok(set_add_range(p.set, 60000, ((uint64_t)2 << 32) + 70000, &e));
	check(set_covers(p.set, 60000, ((uint64_t)2 << 32) + 70000));
	check(set_covers(p.set, 65535, 65536) && !set_covers(p.set, 0, 70000));
	check(!set_covers(p.set, 60000, ((uint64_t)2 << 32) + 70001));
	pair_end(&p);
}

TEST(what_is_appended_lies_behind_and_apart)
{
	scoped(set) *s = NULL;

	check_ok(set_create(&s, &e));
	check_ok(set_append(s, 0, 3, &e));
	check_code(set_append(s, 3, 5, &e), E_FORMAT);
	check_code(set_append(s, 4, 5, &e), E_FORMAT);
	check_ok(set_append(s, 5, 5, &e));
	check_code(set_append(s, 9, 8, &e), E_RANGE);
	check_code(set_append(s, 9, 9 + SET_RANGE_MAX, &e), E_RANGE);
	check_ok(set_append(s, UINT64_MAX, UINT64_MAX, &e));
	check_code(set_append(s, 0, 0, &e), E_FORMAT);
	check_code(set_append(s, UINT64_MAX, UINT64_MAX, &e), E_FORMAT);
	check(set_count(s) == 6 && set_count_in(s, 3, 5) == 2 && set_has(s, UINT64_MAX));
	error_clear(&e);
}

TEST(a_range_has_an_order_and_a_limit)
{
	scoped(set) *s = NULL;

	check_ok(set_create(&s, &e));
	check_code(set_add_range(s, 5, 4, &e), E_RANGE);
	check_code(set_add_range(s, 0, UINT64_MAX, &e), E_RANGE);
	check_code(set_add_range(s, 3, 3 + SET_RANGE_MAX, &e), E_RANGE);
	check(set_count(s) == 0);
	check_ok(set_add_range(s, 3, 2 + SET_RANGE_MAX, &e));
	check(set_count(s) == SET_RANGE_MAX);
}

static void reads_as(const char *text, uint64_t count)
{
	scoped(set) *s = NULL;
	scoped(buf) *b = NULL;

	check_ok(set_from_text(&s, text, 100, &e));
	check(set_count(s) == count);
	check_ok(buf_from(&b, "x", 1, &e));
	check_ok(set_put_text(s, b, &e));
	check(buf_text(b)[0] == 'x' && strcmp(buf_text(b) + 1, text) == 0);
}

TEST(text_has_one_spelling)
{
	static const char *const wrong[] = {
		",", "1,", ",1", "1,,3", "-", "1-", "-1", "1--3", "1-2-3", "3-3", "3-2", "1,2",
		"1,1", "3,1", "1-3,4", "1-3,3", "1-3,2", "1-3,4-6", "5-7,1-3", "01", "1-03", " 1",
		"1 ", "1, 3", "1;3", "+1", "0x1", "1-5,", "1\n", "a", "1a", "1-a",
		"18446744073709551615,0",
	};

	reads_as("", 0);
	reads_as("0", 1);
	reads_as("0-1", 2);
	reads_as("3-17,20,31-40", 26);
	reads_as("4294967295-4294967296,18446744073709551615", 3);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct set *s = NULL;

		check_code(set_from_text(&s, wrong[i], 100, &e), E_FORMAT);
		check(!s);
	}
}

/* Every text of up to 6 characters over five: what is read is spelt again as it was. */
TEST(no_small_text_is_read_that_is_not_the_one_spelling)
{
	static const char alphabet[] = "\0" "029,-";
	size_t read = 0;

	for (unsigned word = 0; word < 6 * 6 * 6 * 6 * 6 * 6; word++) {
		char text[8] = "";
		struct set *s = NULL;

		for (unsigned i = 0, rest = word; i < 6; i++, rest /= 6)
			text[i] = alphabet[rest % 6];
		if (set_from_text(&s, text, 6, &e) < 0)
			continue;
		read++;
		reads_as(text, set_count(s));
		set_destroy(s);
	}
	check(read > 100);
}

TEST(a_text_has_limits)
{
	scoped(set) *a = NULL, *b = NULL;
	struct set *none = NULL;

	check_ok(set_from_text(&a, "1,3,5-9", 3, &e));
	check_code(set_from_text(&none, "1,3,5-9", 2, &e), E_RANGE);
	check_code(set_from_text(&none, "1", 0, &e), E_RANGE);
	check_code(set_from_text(&none, "18446744073709551616", 1, &e), E_RANGE);
	check_code(set_from_text(&none, "0-18446744073709551615", 1, &e), E_RANGE);
	check_ok(set_from_text(&b, "1-17179869183,17179869185", 2, &e));
	check(set_count(b) == SET_RANGE_MAX);
	check_code(set_from_text(&none, "1-17179869183,17179869185-17179869186", 2, &e), E_RANGE);
	check(!none);
}

TEST_MAIN("set")
