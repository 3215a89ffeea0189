#include "catalog/catalog.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "catalog/testing.h"

static struct error e;

static void expect_bytes(const struct buf *b, const void *p, size_t len)
{
	check(b->len == len);
	assert_memory_equal(b->data, p, len);
}

TEST(a_catalog_is_made_only_when_asked_and_is_there_again_later)
{
	const char *path = fresh_path();
	struct catalog *c = NULL;

	check_code(catalog_open(&c, path, false, &e), E_NOT_FOUND);
	check(c == NULL && !file_exists(path));
	catalog_close(opened(path));
	check_ok(catalog_open(&c, path, false, &e));
	catalog_close(c);
	catalog_close(NULL);
	c = NULL;
	check_code(catalog_open(&c, "/nowhere/at/all", true, &e), E_NOT_FOUND);
	check(c == NULL);
}

TEST(an_empty_file_is_not_there_and_a_foreign_one_is_refused)
{
	static const char garbage[] = "This is not a database, whatever it may be called by you.";
	const char *path = fresh_path();
	struct catalog *c = NULL;

	check_ok(file_write(path, "", 0, 0600, &e));
	check_code(catalog_open(&c, path, false, &e), E_NOT_FOUND);
	catalog_close(opened(path));

	check_ok(file_write(path, garbage, sizeof(garbage), 0600, &e));
	check_code(catalog_open(&c, path, true, &e), E_FORMAT);
	check(c == NULL);
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db = NULL;

	check(sqlite3_open(path, &db) == SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

TEST(a_newer_format_and_another_program_s_database_are_refused)
{
	const char *path = fresh_path();
	struct catalog *c = NULL;

	catalog_close(opened(path));
	sql(path, "PRAGMA user_version = 2; PRAGMA application_id = 0x52736365");
	check_code(catalog_open(&c, path, true, &e), E_RANGE);
	check(strstr(e.text, "format 2") != NULL && strstr(e.text, "newer") != NULL);
	sql(path, "PRAGMA user_version = 1; PRAGMA application_id = 7");
	check_code(catalog_open(&c, path, true, &e), E_FORMAT);
	check(c == NULL);
	sql(path, "PRAGMA application_id = 0x52736364; DROP TABLE record");
	check_ok(catalog_open(&c, path, true, &e));
	check_code(catalog_record(c, 0, &(struct catalog_record){ 0 }, &e), E_FORMAT);
	catalog_close(c);
}

TEST(a_format_number_that_rotted_is_no_newer_program_s)
{
	const char *path = fresh_path();
	struct catalog *c = NULL;
	char text[100];

	catalog_close(opened(path));
	for (unsigned bit = 0; bit < 32; bit++) {
		snprintf(text, sizeof(text), "PRAGMA user_version = %d", (int)(1 ^ 1U << bit));
		sql(path, text);
		check_code(catalog_open(&c, path, true, &e), E_FORMAT);
	}
	sql(path, "PRAGMA user_version = 1");
	for (unsigned bit = 0; bit < 32; bit++) {
		snprintf(text, sizeof(text), "PRAGMA application_id = %d", (int)(0x52736364 ^ 1U << bit));
		sql(path, text);
		check_code(catalog_open(&c, path, true, &e), E_FORMAT);
	}
	check(c == NULL);
}

TEST(a_page_that_is_none_is_said_and_remembered)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	struct catalog_record rec;
	int fd;

	check(!catalog_damaged(c)); /* of each table the one page */
	catalog_close(c);
	/* Its own pages begin with the second. */
	fd = open(path, O_WRONLY);
	for (off_t page = 1; page < 12; page++)
		check(pwrite(fd, "none", 4, 8192 * page) == 4);
	close(fd);
	check_ok(catalog_open(&c, path, false, &e));
	check_code(catalog_record(c, 0, &rec, &e), E_FORMAT);
	error_clear(&e);
	check(catalog_damaged(c));
	catalog_close(c);
}

TEST(triggers_and_views_in_the_file_do_nothing)
{
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	uint64_t v;

	catalog_close(c);
	sql(path, "CREATE TRIGGER t AFTER INSERT ON named BEGIN DELETE FROM named; END;");
	c = opened(path);
	begin(c);
	check_ok(catalog_set_number(c, "a", 5, &e));
	commit(c);
	check_ok(catalog_number(c, "a", 0, &v, &e));
	check(v == 5);
	catalog_close(c);
	sql(path, "DROP TABLE named; CREATE VIEW named AS SELECT 'a' AS name, 9 AS value;");
	c = opened(path);
	check_code(catalog_number(c, "a", 0, &v, &e), E_FORMAT);
	catalog_close(c);
}

TEST(numbers_and_bytes_keep_what_they_are_given)
{
	static const uint64_t values[] = { 0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };
	scoped(buf) *b = NULL;
	struct catalog *c = writing();
	char name[257];
	uint64_t v = 3;

	check_ok(buf_create(&b, 0, &e));
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		check_ok(catalog_set_number(c, "n", values[i], &e));
		check_ok(catalog_number(c, "n", 77, &v, &e));
		check(v == values[i]);
	}
	check_ok(catalog_number(c, "other", 77, &v, &e));
	check(v == 77);
	check_code(catalog_bytes(c, "n", b, &e), E_NOT_FOUND); /* not bytes */
	check_ok(catalog_set_bytes(c, "b", "\0x", 2, &e));
	check_ok(catalog_set_bytes(c, "none", NULL, 0, &e));
	commit(c);
	check_ok(buf_put(b, "-", 1, &e));
	check_ok(catalog_bytes(c, "b", b, &e));
	check_ok(catalog_bytes(c, "none", b, &e));
	expect_bytes(b, "-\0x", 3);
	check_code(catalog_bytes(c, "c", b, &e), E_NOT_FOUND);
	begin(c);
	check_code(catalog_set_bytes(c, "b", b->data, CATALOG_BLOB_MAX + 1, &e), E_RANGE);
	catalog_rollback(c);
	memset(name, 'a', sizeof(name));
	name[256] = 0; /* one byte more */
	check_code(catalog_number(c, name, 0, &v, &e), E_RANGE);
	name[255] = 0;
	check_ok(catalog_number(c, name, 0, &v, &e));
	check_code(catalog_number(c, "", 0, &v, &e), E_RANGE);
	catalog_close(c);
}

TEST(writing_needs_a_transaction_and_one_is_enough)
{
	struct catalog *c = opened(fresh_path());
	struct tag t = tag_of(1);

	check_code(catalog_set_number(c, "n", 1, &e), E_USAGE);
	check_code(catalog_add_tag(c, TAG_PATH, &t, 1, &e), E_USAGE);
	check_code(catalog_commit(c, &e), E_USAGE);
	catalog_rollback(c); /* of nothing */
	check_ok(catalog_begin_read(c, &e));
	check_code(catalog_set_number(c, "n", 1, &e), E_USAGE);
	check_code(catalog_commit(c, &e), E_USAGE);
	check_code(catalog_begin(c, &e), E_USAGE);
	catalog_rollback(c);
	begin(c);
	check_code(catalog_begin(c, &e), E_USAGE);
	check_code(catalog_begin_read(c, &e), E_USAGE);
	check_code(catalog_compact(c, &e), E_USAGE);
	catalog_close(c);
}

TEST(facts_follow_each_other_without_a_gap)
{
	scoped(buf) *b = NULL;
	struct catalog *c = writing();
	uint64_t count = 9;

	check_ok(buf_create(&b, 0, &e));
	check_ok(catalog_fact_count(c, &count, &e));
	check(count == 0);
	check_code(catalog_add_fact(c, 1, "x", 1, &e), E_CONFLICT);
	check_ok(catalog_add_fact(c, 0, "zero", 4, &e));
	check_code(catalog_add_fact(c, 0, "zero", 4, &e), E_CONFLICT);
	check_ok(catalog_add_fact(c, 1, "one", 3, &e));
	check_code(catalog_add_fact(c, UINT64_MAX, "x", 1, &e), E_RANGE);
	check_ok(catalog_fact(c, 1, b, &e));
	check_ok(catalog_fact(c, 0, b, &e));
	expect_bytes(b, "onezero", 7);
	check_code(catalog_fact(c, 2, b, &e), E_NOT_FOUND);
	check_code(catalog_fact(c, UINT64_MAX, b, &e), E_NOT_FOUND);
	check_ok(catalog_fact_count(c, &count, &e));
	check(count == 2);
	catalog_close(c);
}

TEST(commitments_come_back_from_every_place_whatever_the_steps_they_were_added_in)
{
	enum { MANY = 1100 };
	static const uint64_t steps[] = { 1, 7, 255, 256, 257, 1100 };
	static struct hash in[MANY], out[MANY];

	for (uint64_t i = 0; i < MANY; i++)
		in[i] = hash_of(i);
	for (size_t s = 0; s < COUNT_OF(steps); s++) {
		struct catalog *c = writing();
		uint64_t count = 0, n;

		for (uint64_t at = 0; at < MANY; at += n) {
			n = steps[s] < MANY - at ? steps[s] : MANY - at;
			check_ok(catalog_add_commitments(c, at, in + at, n, &e));
		}
		check_ok(catalog_commitment_count(c, &count, &e));
		check(count == MANY);
		check_code(catalog_add_commitments(c, MANY - 1, in, 1, &e), E_CONFLICT);
		check_code(catalog_add_commitments(c, MANY + 1, in, 1, &e), E_CONFLICT);
		check_ok(catalog_add_commitments(c, MANY, in, 0, &e));
		for (uint64_t from = 0; from <= MANY; from += 50)
			for (uint64_t len = 0; len <= MANY - from; len += 150) {
				memset(out, 0, sizeof(out));
				check_ok(catalog_commitments(c, from, len, out, &e));
				assert_memory_equal(out, in + from, len * HASH_LEN);
				check(len == MANY || out[len].b[0] + out[len].b[9] == 0);
			}
		check_code(catalog_commitments(c, 1, MANY, out, &e), E_RANGE);
		check_code(catalog_commitments(c, UINT64_MAX, 2, out, &e), E_RANGE);
		catalog_close(c);
	}
}

TEST(a_head_of_a_size_is_stored_once)
{
	scoped(buf) *b = NULL;
	struct catalog *c = writing();

	check_ok(buf_create(&b, 0, &e));
	check_code(catalog_head(c, 0, UINT64_MAX, b, &e), E_NOT_FOUND);
	check_ok(catalog_add_head(c, 0, 7, "seven", 5, &e));
	check_ok(catalog_add_head(c, 0, 3, "three", 5, &e));
	check_ok(catalog_add_head(c, 1, 9, "nine", 4, &e));
	check_ok(catalog_add_head(c, 0, 7, "seven", 5, &e));
	check_code(catalog_add_head(c, 0, 7, "SEVEN", 5, &e), E_CONFLICT);
	check_code(catalog_add_head(c, 2, 7, "x", 1, &e), E_RANGE);
	check_code(catalog_add_head(c, 0, UINT64_MAX, "x", 1, &e), E_RANGE);
	check_ok(catalog_head(c, 0, UINT64_MAX, b, &e));
	check_ok(catalog_head(c, 0, 3, b, &e));
	check_ok(catalog_head(c, 1, UINT64_MAX, b, &e));
	expect_bytes(b, "seventhreenine", 14);
	check_code(catalog_head(c, 0, 5, b, &e), E_NOT_FOUND);
	check_code(catalog_head(c, 0, 9, b, &e), E_NOT_FOUND);
	catalog_close(c);
}

static struct catalog_record record_of(uint64_t pos)
{
	return (struct catalog_record){ .pos = pos,
					.batch = pos / 10,
					.slot = pos + 100,
					.status = pos % 2 ? RECORD_QUARANTINED : RECORD_LIVE,
					.card = { pos / 3, pos * 7, 1000 + pos },
					.bytes = { pos / 5, pos * 11, UINT64_MAX - pos } };
}

static bool same_record(const struct catalog_record *a, const struct catalog_record *b)
{
	return a->pos == b->pos && a->batch == b->batch && a->slot == b->slot &&
	       a->status == b->status && same_place(&a->card, &b->card) &&
	       same_place(&a->bytes, &b->bytes);
}

enum { RECORDS = 200 };

/* Each with a path of its own, a subject shared by ten, and a digest that kind 1 and 5 share. */
static void add_records(struct catalog *c)
{
	for (uint64_t pos = 0; pos < RECORDS; pos++) {
		struct catalog_record r = record_of(pos);
		struct catalog_object o = { .kind = OBJECT_OF_RECORD, .owner = pos, .slot = 1 };
		struct tag path = tag_of(1000 + pos), subject = tag_of(pos / 10);

		check_ok(catalog_put_record(c, &r, &e));
		check_ok(catalog_add_tag(c, TAG_PATH, &path, pos, &e));
		check_ok(catalog_add_tag(c, TAG_SUBJECT, &subject, pos, &e));
		check_ok(catalog_add_tag(c, TAG_DIGEST, &path, pos, &e));
		check_ok(catalog_add_tag(c, TAG_PLACE, &path, pos, &e));
		check_ok(catalog_put_object(c, &o, &e));
		o.kind = OBJECT_OF_RECORD - 1; /* belongs to something else of this number */
		check_ok(catalog_put_object(c, &o, &e));
	}
}

static int collect_record(void *ctx, const struct catalog_record *r, struct error *err)
{
	struct catalog_record want = record_of(r->pos);

	check(same_record(r, &want));
	return set_add(ctx, r->pos, err);
}

static int stop_at_five(void *ctx, const struct catalog_record *r, struct error *err)
{
	(void)err;
	*(uint64_t *)ctx += 1;
	return r->pos == 5 ? 55 : 0;
}

TEST(records_come_back_singly_and_by_sets)
{
	static const char *const questions[][2] = {
		{ "", "" }, { "0-199", "0-199" }, { "3-17,20,198-300", "3-17,20,198-199" },
		{ "500,1000-100000000,9223372036854775807", "" }, { "7", "7" } };
	struct catalog *c = writing();
	struct catalog_record r, want;
	uint64_t met = 0;

	add_records(c);
	commit(c);
	for (uint64_t pos = 0; pos < RECORDS; pos++) {
		want = record_of(pos);
		check_ok(catalog_record(c, pos, &r, &e));
		check(same_record(&r, &want));
	}
	check_code(catalog_record(c, RECORDS, &r, &e), E_NOT_FOUND);
	check_code(catalog_record(c, UINT64_MAX, &r, &e), E_NOT_FOUND);
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		scoped(set) *which = set_of(questions[i][0]);
		scoped(set) *found = set_of("");

		check_ok(catalog_each_record(c, which, collect_record, found, &e));
		expect_set(found, questions[i][1]);
	}
	{
		scoped(set) *all = set_of("0-199");
		scoped(set) *beyond = set_of("9223372036854775808");

		check(catalog_each_record(c, all, stop_at_five, &met, &e) == 55 && met == 6);
		met = 0;
		check(catalog_each_record(c, NULL, stop_at_five, &met, &e) == 55 && met == 6);
		check_code(catalog_each_record(c, beyond, stop_at_five, &met, &e), E_RANGE);
	}
	begin(c); /* in place of the older one */
	r.status = RECORD_LIVE;
	r.pos = 3;
	check_ok(catalog_put_record(c, &r, &e));
	check_ok(catalog_record(c, 3, &want, &e));
	check(same_record(&r, &want));
	r.pos = UINT64_MAX;
	check_code(catalog_put_record(c, &r, &e), E_RANGE);
	catalog_close(c);
}

static int collect_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *err)
{
	struct { struct tag last; uint64_t pos, count; } *seen = ctx;
	int order = memcmp(&seen->last, t, sizeof(*t));

	(void)err;
	check(seen->count == 0 || order < 0 || (order == 0 && seen->pos < pos));
	seen->last = *t;
	seen->pos = pos;
	seen->count++;
	return 0;
}

TEST(tags_lead_to_positions_and_are_walked_in_order)
{
	struct { struct tag last; uint64_t pos, count; } seen = { .count = 0 };
	scoped(set) *found = set_of("1000");
	scoped(set) *none = set_of("");
	struct catalog *c = writing();
	struct tag t = tag_of(4), unknown = tag_of(99999);
	bool has;

	add_records(c);
	check_ok(catalog_add_tag(c, TAG_SUBJECT, &t, 41, &e)); /* again */
	check_ok(catalog_tagged(c, TAG_SUBJECT, &t, found, &e));
	expect_set(found, "40-49,1000");
	for (uint64_t pos = 39; pos <= 50; pos++) {
		check_ok(catalog_has_tag(c, TAG_SUBJECT, &t, pos, &has, &e));
		check(has == set_has(found, pos));
	}
	check_ok(catalog_has_tag(c, TAG_PATH, &t, 41, &has, &e));
	check(!has);
	check_code(catalog_has_tag(c, TAG_SUBJECT, &t, UINT64_MAX, &has, &e), E_RANGE);
	check_ok(catalog_tagged(c, TAG_PATH, &t, none, &e));
	check_ok(catalog_tagged(c, TAG_SUBJECT, &unknown, none, &e));
	expect_set(none, "");
	check_ok(catalog_each_tag(c, TAG_SUBJECT, collect_tag, &seen, &e));
	check(seen.count == RECORDS);
	seen.count = 0;
	check_ok(catalog_each_tag(c, TAG_ATTR, collect_tag, &seen, &e));
	check(seen.count == 0);
	check_code(catalog_add_tag(c, TAG_PATH, &t, UINT64_MAX, &e), E_RANGE);
	catalog_close(c);
}

static int count_object(void *ctx, const struct catalog_object *o, struct error *err)
{
	(void)o;
	(void)err;
	++*(uint64_t *)ctx;
	return 0;
}

static uint64_t objects(struct catalog *c, uint8_t kind, uint64_t owner)
{
	uint64_t count = 0;

	check_ok(catalog_each_object(c, kind, owner, count_object, &count, &e));
	return count;
}

static void expect_erased(struct catalog *c, const struct set *gone)
{
	struct place nowhere = { 0, 0, 0 };

	for (uint64_t pos = 0; pos < RECORDS; pos++) {
		scoped(set) *found = set_of("");
		struct catalog_record r, want = record_of(pos);
		struct tag path = tag_of(1000 + pos), subject = tag_of(pos / 10);
		bool erased = set_has(gone, pos);

		check_ok(catalog_record(c, pos, &r, &e));
		check(r.slot == want.slot && r.batch == want.batch);
		check(r.status == (erased ? RECORD_ERASED : want.status));
		check(same_place(&r.card, erased ? &nowhere : &want.card));
		check(same_place(&r.bytes, erased ? &nowhere : &want.bytes));
		check_ok(catalog_tagged(c, TAG_PATH, &path, found, &e));
		check_ok(catalog_tagged(c, TAG_DIGEST, &path, found, &e));
		check_ok(catalog_tagged(c, TAG_PLACE, &path, found, &e));
		check_ok(catalog_tagged(c, TAG_SUBJECT, &subject, found, &e));
		check(set_has(found, pos) == !erased);
		check(objects(c, OBJECT_OF_RECORD, pos) == !erased);
		check(objects(c, OBJECT_OF_RECORD - 1, pos) == 1);
	}
}

TEST(erased_records_lose_places_tags_and_objects_and_their_neighbours_nothing)
{
	scoped(set) *gone = set_of("0-10,13,50-99,199,5000");
	struct catalog *c = writing();

	add_records(c);
	commit(c);
	begin(c);
	check_ok(catalog_erase_records(c, gone, &e));
	expect_erased(c, gone);
	check_ok(catalog_erase_records(c, gone, &e)); /* again */
	commit(c);
	expect_erased(c, gone);
	check_ok(catalog_compact(c, &e));
	expect_erased(c, gone);
	catalog_close(c);
}

TEST(what_was_erased_is_not_in_the_file_s_bytes_after_the_commit)
{
	scoped(set) *gone = set_of("0-199");
	scoped(buf) *file = NULL;
	const char *path = fresh_path();
	struct catalog *c = opened(path);
	char journal[PATH_LEN_MAX + 16];
	struct tag t = tag_of(1050);
	uint64_t size;

	begin(c);
	add_records(c);
	commit(c);
	check_ok(file_read(path, 1 << 24, &file, &e));
	check(memmem(file->data, file->len, t.b, sizeof(t.b)) != NULL);
	begin(c);
	check_ok(catalog_erase_records(c, gone, &e));
	commit(c);
	buf_destroy(file);
	file = NULL;
	check_ok(file_read(path, 1 << 24, &file, &e));
	check(memmem(file->data, file->len, t.b, sizeof(t.b)) == NULL);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	check_ok(file_size(journal, &size, &e));
	check(size == 0);
	catalog_close(c);
}

TEST(objects_are_found_by_kind_owner_and_part)
{
	struct catalog *c = writing();
	struct catalog_object o, again;

	for (uint8_t kind = 1; kind <= 3; kind++)
		for (uint64_t owner = 0; owner < 4; owner++)
			for (uint64_t part = 0; part <= owner; part++) {
				o = (struct catalog_object){ .kind = kind, .owner = owner,
							     .part = part, .slot = part + 5,
							     .at = { 1, kind, owner } };
				check_ok(catalog_put_object(c, &o, &e));
			}
	check_ok(catalog_object(c, 2, 3, 1, &o, &e));
	check(o.kind == 2 && o.owner == 3 && o.part == 1 && o.slot == 6 && o.at.at == 2 &&
	      o.at.pack == 1 && o.at.len_bytes == 3);
	o.slot = UINT64_MAX;
	check_ok(catalog_put_object(c, &o, &e));
	check_ok(catalog_object(c, 2, 3, 1, &again, &e));
	check(again.slot == UINT64_MAX);
	check(objects(c, 2, 3) == 4 && objects(c, 2, UINT64_MAX) == 10);
	check(objects(c, 0, UINT64_MAX) == 30 && objects(c, 9, UINT64_MAX) == 0);
	check_code(catalog_each_object(c, 0, 3, count_object, NULL, &e), E_RANGE);
	check_ok(catalog_drop_object(c, 2, 3, 1, &e));
	check_ok(catalog_drop_object(c, 2, 3, 1, &e));
	check_code(catalog_object(c, 2, 3, 1, &o, &e), E_NOT_FOUND);
	check(objects(c, 0, UINT64_MAX) == 29);
	o.kind = 0;
	check_code(catalog_put_object(c, &o, &e), E_RANGE);
	catalog_close(c);
}
TEST_MAIN("catalog")
