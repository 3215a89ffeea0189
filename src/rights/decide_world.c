#include "rights/decide_world.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "base/text.h"

static struct error e;
static const struct period always = { TIME_NONE, TIME_NONE };

static const struct uses *uses_of(struct world *w, const char *text)
{
	struct uses *u = &w->uses[w->uses_count++];

	check(w->uses_count <= WORLD_USES_MAX);
	check_ok(uses_parse(u, text, &e));
	return u;
}

static uint64_t time_of(const char *text)
{
	uint64_t t = 0;

	check_ok(time_parse(&t, text, &e));
	return t;
}

static void add_terms(struct world *w)
{
	struct terms *t = &w->terms[w->record.terms_count++];

	check(w->record.terms_count <= WORLD_MAX);
	*t = (struct terms){ always, uses_of(w, "train:Purpose,share:Purpose"), NULL,
			     "LicenseRef-contract" };
	w->last_period = &t->valid;
}

static void add_grant(struct world *w)
{
	struct grants *by = &w->by[w->record.subjects];
	struct grant *g = &w->given[w->record.subjects][by->count++];

	check(by->count <= WORLD_MAX);
	*g = (struct grant){ .valid = always, .basis = CONSENT,
			     .uses = uses_of(w, "train:IdentityVerification") };
	w->last_grant = g;
	w->last_period = &g->valid;
}

static void add_transfer(struct world *w)
{
	w->transfer = (struct transfer){ uses_of(w, "train:Purpose,share:Purpose"), NOTIFIED_YES,
					 true };
	w->record.transfer = &w->transfer;
	w->record.by_transfer = true;
}

static bool plain_word(struct world *w, const char *word)
{
	if (!strcmp(word, "and-terms"))
		add_terms(w);
	else if (!strcmp(word, "transfer"))
		add_transfer(w);
	else if (!strcmp(word, "grant"))
		add_grant(w);
	else if (!strcmp(word, "person"))
		w->record.subjects++;
	else if (!strcmp(word, "no-terms"))
		w->record.terms_count = 0;
	else
		return false;
	return true;
}

static bool flag_word(struct world *w, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
		bool value;
	} flags[] = {
		{ "no-source", &w->record.source_known, false },
		{ "lost-transfer", &w->record.by_transfer, true },
		{ "ended", &w->transfer.in_force, false },
		{ "signal", &w->record.signal_denies, true },
		{ "order", &w->record.order_open, true },
		{ "grant-withdrawn", &w->record.grant_withdrawn, true },
		{ "never-again", &w->record.never_again, true },
		{ "erased", &w->record.erased, true },
		{ "explicit", w->last_grant ? &w->last_grant->explicit_consent : NULL, true },
		{ "withdrawn", w->last_grant ? &w->last_grant->withdrawn : NULL, true },
	};

	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (!strcmp(word, flags[i].word)) {
			check(flags[i].flag != NULL);
			*flags[i].flag = flags[i].value;
			return true;
		}
	return source_kind_parse(&w->record.source_kind, word, &e) == 0 ||
	       people_parse(&w->record.people, word, &e) == 0;
}

static bool use_word(struct world *w, const char *key, const char *value)
{
	struct terms *t = w->record.terms_count ? &w->terms[w->record.terms_count - 1] : NULL;
	const struct {
		const char *key;
		const struct uses **uses;
	} lists[] = {
		{ "allow", t ? &t->allow : NULL },
		{ "deny", t ? &t->deny : NULL },
		{ "agreed", &w->transfer.uses },
		{ "for", w->last_grant ? &w->last_grant->uses : NULL },
		{ "taken-back", w->last_grant ? &w->last_grant->taken_back : NULL },
	};

	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (!strcmp(key, lists[i].key)) {
			check(lists[i].uses != NULL);
			*lists[i].uses = uses_of(w, value);
			return true;
		}
	return false;
}

static void value_word(struct world *w, const char *key, const char *value)
{
	if (use_word(w, key, value))
		return;
	if (!strcmp(key, "licence"))
		w->terms[w->record.terms_count - 1].licence = *value ? value : NULL;
	else if (!strcmp(key, "from"))
		w->last_period->from = time_of(value);
	else if (!strcmp(key, "until"))
		w->last_period->until = time_of(value);
	else if (!strcmp(key, "at"))
		w->at_utc_ms = time_of(value);
	else if (!strcmp(key, "notified"))
		check_ok(notified_parse(&w->transfer.notified, value, &e));
	else if (!strcmp(key, "basis"))
		check_ok(basis_parse(&w->last_grant->basis, value, &e));
	else if (!strcmp(key, "ask"))
		check_ok(use_parse(&w->asked, value, strlen(value), &e));
	else
		fail_msg("no word \"%s=\"", key);
}

static void word(struct world *w, char *text)
{
	char *equals = strchr(text, '=');

	if (equals) {
		*equals = '\0';
		value_word(w, text, equals + 1);
		return;
	}
	if (!plain_word(w, text) && !flag_word(w, text))
		fail_msg("no word \"%s\"", text);
}

static void begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->record.source_known = true;
	w->record.source_kind = UPLOAD;
	w->record.people = PEOPLE_PERSONAL;
	w->record.terms = w->terms;
	add_terms(w);
	check_ok(use_parse(&w->asked, "train:IdentityVerification", 26, &e));
	w->at_utc_ms = time_of("2026-01-01");
}

void world_read(struct world *w, const char *facts)
{
	char *rest = w->words, *next;

	begin(w);
	check(strlen(facts) < sizeof(w->words));
	snprintf(w->words, sizeof(w->words), "%s", facts);
	while ((next = strsep(&rest, " ")))
		if (*next)
			word(w, next);
	for (size_t i = 0; i < WORLD_MAX; i++)
		w->by[i].list = w->given[i];
	w->record.of_source = w->by[0];
	w->record.of_subject = w->by + 1;
	check(w->record.subjects < WORLD_MAX);
}

reasons world_decide(const struct world *w)
{
	return decide(&w->record, &w->asked, w->at_utc_ms);
}
