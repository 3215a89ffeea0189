/*
 * rights_testing: for tests: a repository, a paper that somebody signed, and words that are right,
 * of which a test makes one wrong. Everything fails the running test. One repository at a time.
 */
#ifndef FLOW_RIGHTS_TESTING_H
#define FLOW_RIGHTS_TESTING_H

#include <stdio.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/rights.h"
#include "repo/things.h"

static struct error e;
static struct repo *r;
static char folder[PATH_LEN_MAX], keys[PATH_LEN_MAX], paper[PATH_LEN_MAX];
static json_t *doc; /* the last one */

/* SHA-256 of "we agree\n", by sha256sum */
static const char paper_digest[] =
	"57e9e259cb8f7d7d7e10455375e62802ddfcf83085a5a60490ed258217b0c5cf";

static inline void open_again(bool rebuild)
{
	struct repo_options o = { .folder = folder, .at_utc_ms = TIME_NONE, .rebuild = rebuild };

	repo_close(r);
	r = NULL;
	check_ok(repo_open(&r, &o, &e));
}

static inline void begin(void)
{
	struct repo_new n = { .folder = folder, .origin = "example.org/rights", .keys = keys,
			      .solo = true };

	error_clear(&e);
	repo_close(r);
	r = NULL;
	snprintf(folder, sizeof(folder), "%s", test_folder());
	check_ok(path_join(keys, test_folder(), "keys", &e));
	check_ok(path_join(paper, test_folder(), "paper", &e));
	check_ok(file_write(paper, "we agree\n", 9, 0600, &e));
	check_ok(repo_init(&n, &e));
	open_again(false);
}

/* The next call's document. */
static inline json_t **fresh(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return &doc;
}

static inline void end(void)
{
	fresh();
	repo_close(r);
	r = NULL;
}

static inline const char *said(const json_t *o, const char *key)
{
	return json_text_or(o, key, "(none)");
}

static inline bool is_null(const json_t *o, const char *key)
{
	return json_is_null(json_object_get(o, key));
}

static inline bool same(const char *a, const char *b)
{
	bool equal = a && b && strcmp(a, b) == 0;

	if (!equal)
		printf("\"%s\" is not \"%s\"\n", a ? a : "(nothing)", b ? b : "(nothing)");
	return equal;
}

static inline uint64_t facts(void)
{
	uint64_t n;

	check_ok(catalog_fact_count(r->catalog, &n, &e));
	return n;
}

static inline struct source_words okc(void)
{
	return (struct source_words){
		.name = "okc", .controller = "Example Dating Ltd", .kind = "upload",
		.people = "personal",
		.terms = { .terms = paper, .licence = "CC-BY-4.0", .basis = "A6-1-a",
			   .allow = "train:Marketing,train:IdentityVerification,train:Marketing",
			   .from = "2014-03-01", .until = "2030-01-01T12:00Z" },
	};
}

static inline void add_okc(void)
{
	struct source_words w = okc();

	check_ok(flow_source_add(r, &w, fresh(), &e));
}

static inline struct transfer_words handed(void)
{
	static const char *under[2];

	under[0] = under[1] = paper;
	return (struct transfer_words){ .source = "okc", .from = "Example Dating Ltd",
					.to = "Vision AG", .date = "2014-09-01",
					.uses = "train:IdentityVerification", .notified = "no",
					.under = under, .under_count = 2 };
}

static inline struct grant_words granted(const char *subject, const char *source, const char *uses)
{
	return (struct grant_words){ .subject = subject, .source = source, .uses = uses,
				     .basis = "consent", .evidence = paper,
				     .explicit_consent = true };
}

static inline void grant(const char *subject, const char *source, const char *uses)
{
	struct grant_words w = granted(subject, source, uses);

	check_ok(flow_grant_add(r, &w, fresh(), &e));
}

#endif
