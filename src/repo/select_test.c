#include "base/test.h"

#include <stdio.h>

#include "base/text.h"
#include "repo/by_hand.h"
#include "repo/change.h"
#include "repo/select.h"

static struct error e;
static struct by_hand h;

static void picks_in(struct repo *r, const char *text, const char *want)
{
	scoped(selector) *s = NULL;
	scoped(buf) *got = NULL;
	scoped(set) *found = NULL;

	check_ok(buf_create(&got, 0, &e));
	check_ok(selector_parse(&s, text, &e));
	check_ok(selector_run(r, s, &found, &e));
	check_ok(set_put_text(found, got, &e));
	if (strcmp(buf_text(got), want) != 0)
		fail_msg("%s: %s instead of %s", text, buf_text(got), want);
}

static void picks(const char *text, const char *want)
{
	picks_in(&h.r, text, want);
}

static void finds_nothing(const char *text, const char *why)
{
	scoped(selector) *s = NULL;
	struct set *found = NULL;

	check_ok(selector_parse(&s, text, &e));
	check_code(selector_run(&h.r, s, &found, &e), E_NOT_FOUND);
	check(found == NULL);
	if (!strstr(e.text, why))
		fail_msg("%s: %s", text, e.text);
	error_clear(&e);
}

/*
 * 0-3 uploads, 4-6 a partner's by t1, 7-9 uploads, 10-11 of a source whose terms are over;
 * 3 and 6 are erased.
 */
static void begin(void)
{
	uint64_t uploads, partner, old, transfer;

	hand_begin(&h);
	uploads = hand_source(&h, "uploads", "upload", "personal");
	hand_terms(&h, uploads, "MIT", "train:Purpose", NULL, 0, -1);
	hand_terms(&h, uploads, "CC-BY-4.0", "train:Purpose", NULL, -1, 0);
	partner = hand_source(&h, "partner", "partner", "personal");
	hand_terms(&h, partner, "MIT", "train:Purpose", NULL, 0, 0);
	transfer = hand_transfer(&h, partner, "train:Purpose", "yes", -9);
	old = hand_source(&h, "old", "upload", "none");
	hand_terms(&h, old, "MIT", "train:Purpose", NULL, 0, -1);
	hand_source(&h, "empty", "upload", "none");
	hand_batch(&h, uploads, 0, 4);
	hand_batch(&h, partner, transfer, 3);
	hand_batch(&h, uploads, 0, 3);
	hand_batch(&h, old, 0, 2);
	hand_tag(&h, TAG_SUBJECT, "p1", 0);
	hand_tag(&h, TAG_SUBJECT, "p1", 4);
	hand_tag(&h, TAG_SUBJECT, "p2", 4);
	hand_tag(&h, TAG_SUBJECT, "p 3", 7);
	hand_tag(&h, TAG_ATTR, "age=18", 1);
	hand_tag(&h, TAG_ATTR, "age=1", 2);
	hand_tag(&h, TAG_PATH, "a/b.jpg", 2);
	hand_tag(&h, TAG_PATH, "a/b.jpg", 8);
	hand_tag(&h, TAG_PATH, "a*", 9);
	hand_mark(&h, MARK_ERASED, "3,6");
}

static void end(void)
{
	hand_end(&h);
}

TEST(each_word_picks_what_it_names)
{
	begin();
	hand_dataset(&h, "d", 1, "0-3");
	hand_dataset(&h, "d", 2, "0-2");
	hand_model(&h, "m", "train", GRADE_DECLARED, MODEL_LIVE, (uint64_t[]){ UINT64_MAX }, "2-4");
	hand_commit(&h);
	picks("source:uploads", "0-3,7-9");
	picks("source:empty", "");
	picks("transfer:t1", "4-6");
	picks("batch:b1", "0-3");
	picks("batch:b3", "7-9");
	picks("subject:p1", "0,4");
	picks("subject:\"p 3\"", "7");
	picks("subject:p9", "");
	picks("dataset:d", "0-2");
	picks("dataset:d@1", "0-3");
	picks("model:m", "2-4");
	picks("record:5", "5");
	picks("record:5-11", "5-11");
	picks("path:a/b.jpg", "2,8");
	picks("path:a\\*", "9");
	picks("licence:MIT", "4-5");
	picks("licence:CC-BY-4.0", "0-2,7-9");
	picks("attr:age=1", "2");
	picks("erased", "3,6");
	end();
}

TEST(a_digest_picks_the_records_of_these_bytes)
{
	struct hash digest;
	struct tag t;
	char text[128];

	begin();
	hash_bytes(&digest, "photo", 5);
	repo_tag(&h.r, &t, TAG_DIGEST, digest.b, HASH_LEN);
	check_ok(catalog_add_tag(h.r.catalog, TAG_DIGEST, &t, 5, &e));
	hand_commit(&h);
	snprintf(text, sizeof(text), "sha256:%s", hash_hex(&digest).s);
	picks(text, "5");
	text[7] = text[7] == '0' ? '1' : '0';
	picks(text, "");
	end();
}

TEST(and_or_and_not_are_those_of_sets)
{
	begin();
	hand_commit(&h);
	picks("source:uploads and subject:p1", "0");
	picks("source:uploads or subject:p1", "0-4,7-9");
	picks("not source:uploads", "4-6,10-11");
	picks("not erased", "0-2,4-5,7-11");
	picks("not not erased", "3,6");
	picks("not (source:uploads or source:partner)", "10-11");
	picks("source:uploads and not (record:0-1 or erased) or batch:b4", "2,7-11");
	picks("record:0-3 and record:2-9 and not record:3", "2");
	picks("erased or not erased", "0-11");
	picks("erased and not erased", "");
	end();
}

TEST(what_is_not_there_is_said_also_where_nothing_is_left_to_pick)
{
	begin();
	hand_commit(&h);
	finds_nothing("source:nobody", "no source \"nobody\"");
	finds_nothing("transfer:t9", "t9");
	finds_nothing("transfer:out9", "out9");
	finds_nothing("batch:b9", "no batch b9");
	finds_nothing("grant:g9", "no grant g9");
	finds_nothing("dataset:d", "\"d\"");
	finds_nothing("model:m@3", "\"m@3\"");
	finds_nothing("record:12", "no record 12: there are 12");
	finds_nothing("record:0-12", "no record 12: there are 12");
	finds_nothing("erased and not erased and source:nobody", "nobody");
	finds_nothing("erased or not erased or source:nobody", "nobody");
	end();
}

TEST(a_grant_picks_whom_it_is_about)
{
	begin();
	hand_grant(&h, 0, "p1", "train:Purpose", "consent", true, 0, 0, false);
	hand_grant(&h, 2, NULL, "train:Purpose", "contract", false, 0, 0, false);
	hand_commit(&h);
	picks("grant:g1", "0,4");
	picks("grant:g2", "4-5");
	end();
}

/* p1 has these two grants. */
static void is_expired(int until_1, bool withdrawn_1, int until_2, bool withdrawn_2, bool want)
{
	begin();
	hand_grant(&h, 0, "p1", "train:Purpose", "consent", true, 0, until_1, withdrawn_1);
	hand_grant(&h, 0, "p2", "train:Purpose", "consent", true, 0, 0, false);
	hand_grant(&h, 0, "p1", "train:Purpose", "consent", true, 0, until_2, withdrawn_2);
	hand_commit(&h);
	picks("expired", want ? "0,4,10-11" : "10-11");
	end();
}

TEST(expired_is_what_ended_for_a_source_or_for_somebody_in_it)
{
	is_expired(0, false, 0, false, false);
	is_expired(-1, false, 0, false, false);
	is_expired(-1, false, 1, false, false);
	is_expired(-1, false, -2, false, true);
	is_expired(-1, false, 0, true, true);
	is_expired(0, true, 1, true, true);
}

TEST(a_grant_that_is_still_to_come_has_not_ended)
{
	begin();
	hand_grant(&h, 0, "p1", "train:Purpose", "consent", true, 5, 9, false);
	hand_commit(&h);
	picks("expired", "10-11");
	end();
}

TEST(a_controllers_grant_that_ended_is_for_those_who_are_not_known)
{
	begin();
	hand_grant(&h, 1, NULL, "train:Purpose", "contract", false, 0, -1, false);
	hand_commit(&h);
	picks("expired", "1-2,8-11");
	end();
}

TEST(a_repository_without_records_has_nothing_to_pick)
{
	hand_begin(&h);
	hand_commit(&h);
	picks("erased", "");
	picks("not erased", "");
	picks("expired or subject:p1", "");
	finds_nothing("record:0", "there are 0");
	end();
}

/* --- paths with wildcards, in a repository with cards --- */

static void add_text_record(struct change *c, const char *path, const char *subject)
{
	scoped(fields) *card = NULL;
	struct hash digest;
	uint64_t pos;

	hash_bytes(&digest, path, strlen(path));
	check_ok(fields_create(&card, &e));
	check_ok(fields_add(card, "content", digest.b, HASH_LEN, &e));
	check_ok(fields_add_text(card, "source", "uploads", &e));
	check_ok(fields_add_text(card, "path", path, &e));
	check_ok(fields_add_text(card, "subject", subject, &e));
	check_ok(change_record(c, change_facts(c), RECORD_LIVE, card, path, strlen(path), &pos,
			       &e));
}

static void add_copy(struct change *c, uint64_t pos, const char *path)
{
	scoped(fields) *where = NULL;
	struct hash digest;

	hash_bytes(&digest, "x", 1);
	check_ok(fields_create(&where, &e));
	check_ok(fields_add(where, "content", digest.b, HASH_LEN, &e));
	check_ok(fields_add_text(where, "source", "uploads", &e));
	check_ok(fields_add_text(where, "path", path, &e));
	check_ok(change_copy(c, pos, where, &e));
}

static void add_source(struct change *c)
{
	scoped(fields) *f = NULL;
	json_t *entry = json_object_make(&e);
	uint64_t n;

	json_set_text(entry, "source", "0102030405060708", &e);
	check_ok(fields_create(&f, &e));
	check_ok(fields_add_text(f, "name", "uploads", &e));
	check_ok(fields_add_text(f, "kind", "upload", &e));
	check_ok(fields_add_text(f, "people", "none", &e));
	check_ok(change_fact(c, "source", entry, f, &n, &e));
}

static void add_batch(struct change *c, uint64_t last)
{
	scoped(fields) *f = NULL;
	json_t *entry = json_object_make(&e);
	uint64_t n;

	json_set_text(entry, "source", "0102030405060708", &e);
	json_set_text(entry, "transfer", "", &e);
	json_set_number(entry, "first", 0, &e);
	json_set_number(entry, "last", last, &e);
	check_ok(change_set_records(c, entry, &e));
	check_ok(fields_create(&f, &e));
	check_ok(fields_add_text(f, "id", "b1", &e));
	check_ok(change_fact(c, "batch", entry, f, &n, &e));
}

static struct repo *repo_with_paths(void)
{
	scoped(change) *c = NULL;
	struct repo *r = NULL;
	char keys[512];
	const char *folder = test_folder();
	struct repo_new make = { .folder = folder, .origin = "test", .solo = true };
	struct repo_options open = { .folder = folder, .at_utc_ms = TIME_NONE };

	snprintf(keys, sizeof(keys), "%s/keys", test_folder());
	make.keys = keys;
	check_ok(repo_init(&make, &e));
	check_ok(repo_open(&r, &open, &e));
	check_ok(change_begin(&c, r, &e));
	add_source(c);
	add_text_record(c, "a/1.jpg", "p1");
	add_text_record(c, "a/b/2.jpg", "p2");
	add_text_record(c, "b/3 x.png", "p1");
	add_text_record(c, "4.jpg", "p2");
	add_batch(c, 3);
	add_copy(c, 3, "copies/4.gif");
	check_ok(change_commit(c, &e));
	return r;
}

TEST(a_path_with_wildcards_is_looked_for_in_cards_and_copies)
{
	scoped(repo) *r = repo_with_paths();

	picks_in(r, "path:a/*", "0-1");
	picks_in(r, "path:**/*.jpg", "0-1");
	picks_in(r, "path:*.jpg", "0-1,3");
	picks_in(r, "path:?.jpg", "3");
	picks_in(r, "path:\"b/? x.png\"", "2");
	picks_in(r, "path:*.gif", "3");
	picks_in(r, "path:copies/4.gif", "3");
	picks_in(r, "path:a/1.jpg", "0");
	picks_in(r, "path:*.tiff", "");
	picks_in(r, "not path:*.jpg", "2");
	picks_in(r, "path:*.jpg and subject:p1", "0");
	picks_in(r, "path:*.jpg or subject:p1", "0-3");
	picks_in(r, "path:*.png or path:*.gif", "2-3");
}

/* A card that cannot be opened fails whoever looks at it. */
static void lose_card(struct repo *r, uint64_t pos)
{
	struct catalog_record rec;

	check_ok(catalog_record(r->catalog, pos, &rec, &e));
	rec.card.len_bytes--;
	check_ok(catalog_begin(r->catalog, &e));
	check_ok(catalog_put_record(r->catalog, &rec, &e));
	check_ok(catalog_commit(r->catalog, &e));
}

TEST(only_the_cards_that_matter_are_opened)
{
	scoped(repo) *r = repo_with_paths();
	scoped(selector) *s = NULL;
	struct set *found = NULL;

	lose_card(r, 2);
	picks_in(r, "path:*.jpg and subject:p2", "1,3");
	picks_in(r, "path:*.jpg and (path:4* or path:a*) and subject:p2", "1,3");
	picks_in(r, "path:*.png or subject:p1", "0,2");
	picks_in(r, "not (path:*.jpg or record:2)", "");
	picks_in(r, "path:4.jpg and path:*", "3");
	check_ok(selector_parse(&s, "path:*.jpg", &e));
	check(selector_run(r, s, &found, &e) < 0);
}

TEST_MAIN("repo/select")
