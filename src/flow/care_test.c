/* The stores looked at: damage is noticed, and mended where another store knows better. */
#include "flow/care_testing.h"

TEST(a_whole_repository_is_well)
{
	make_world();
	is_well(false);
	is_well(true);
	erase_some();
	is_well(false);
	is_well(true);
	check(json_integer_value(json_object_get(json_object_get(doc, "checked"), "erased")) == 4);
	check(json_integer_value(json_object_get(json_object_get(doc, "checked"), "cards_opened")) == 6);
	check(json_integer_value(json_object_get(json_object_get(doc, "checked"), "dead_objects")) == 10);
}

static void flip(const char *path, uint64_t at)
{
	uint8_t b = 0;
	int fd = sys->open(path, 02, 0);

	check(fd >= 0 && sys->pread(fd, &b, 1, (off_t)at) == 1);
	b ^= 0x40;
	check(sys->pwrite(fd, &b, 1, (off_t)at) == 1);
	sys->close(fd);
}

static struct {
	uint64_t pack, len_bytes;
} packs[64];
static size_t pack_count;

static int list_pack(void *ctx, uint64_t pack, uint64_t len_bytes, struct error *why)
{
	(void)ctx;
	(void)why;
	packs[pack_count].pack = pack;
	packs[pack_count++].len_bytes = len_bytes;
	return 0;
}

/* A living pack has no byte that could be another. */
TEST(a_flipped_byte_anywhere_in_a_pack_is_noticed)
{
	char path[PATH_LEN_MAX];

	make_world();
	trial_save("vault");
	pack_count = 0;
	check_ok(vault_each_pack(trial.r->vault, list_pack, NULL, &e));
	for (size_t i = 0; i < pack_count; i++)
		for (uint64_t at = i % 7; at < packs[i].len_bytes; at += packs[i].len_bytes / 5 + 1) {
			trial_close();
			trial_put_back("vault");
			snprintf(path, sizeof(path), "%.3000s/.rescind/vault/pack/%012d", trial.folder,
				 (int)packs[i].pack);
			flip(path, at);
			if (trial_try_open(false) != 0)
				fail_msg("%s", trial.e.text);
			check_code(look(true), E_MISMATCH);
		}
}

static void in_catalog(void (*change)(struct catalog *c))
{
	again();
	check_ok(repo_lock(trial.r, &e));
	check_ok(catalog_begin(trial.r->catalog, &e));
	change(trial.r->catalog);
	check_ok(catalog_commit(trial.r->catalog, &e));
}

static void change_record_row(struct catalog *c, uint64_t pos, int what)
{
	struct catalog_record r;

	check_ok(catalog_record(c, pos, &r, &e));
	if (what == 0)
		r.status = r.status == RECORD_ERASED ? RECORD_LIVE : RECORD_ERASED;
	if (what == 1)
		r.card.pack = 999;
	if (what == 2)
		r.bytes.at += 16;
	if (what == 3)
		r.slot += 1000;
	if (what == 4)
		r.status = RECORD_QUARANTINED;
	check_ok(catalog_put_record(c, &r, &e));
}

static void erased_row_is_live(struct catalog *c) { change_record_row(c, 1, 0); }
static void live_row_is_erased(struct catalog *c) { change_record_row(c, 6, 0); }
static void card_elsewhere(struct catalog *c) { change_record_row(c, 6, 1); }
static void bytes_elsewhere(struct catalog *c) { change_record_row(c, 6, 2); }
static void another_slot(struct catalog *c) { change_record_row(c, 6, 3); }
static void quarantined_row(struct catalog *c) { change_record_row(c, 6, 4); }

static void mark_more(struct catalog *c)
{
	scoped(set) *s = NULL;

	check_ok(set_from_text(&s, "0-3,7", 10, &e));
	check_ok(catalog_mark_put(c, MARK_ERASED, s, &e));
}

static void drop_fact(struct catalog *c)
{
	check_ok(catalog_drop_object(c, OBJECT_FACT, 3, 0, &e));
}

static void drop_copy(struct catalog *c)
{
	check_ok(catalog_drop_object(c, ROW_COPY, 8, 0, &e));
}

static void add_commitment(struct catalog *c)
{
	struct hash h = { { 1 } };

	check_ok(catalog_add_commitments(c, 10, &h, 1, &e));
}

/* The last thing of this kind, otherwise. */
static struct catalog_thing other_thing(struct catalog *c, struct arena *a, uint8_t kind)
{
	struct catalog_thing t;
	uint64_t next;

	check_ok(catalog_next_id(c, kind, &next, &e));
	check_ok(catalog_thing(c, a, kind, next - 1, &t, &e));
	return t;
}

static void thing_of(struct catalog *c, uint8_t kind, int what)
{
	scoped(arena) *a = NULL;
	struct catalog_thing t;

	check_ok(arena_create(&a, &e));
	t = other_thing(c, a, kind);
	if (what == 0)
		t.name = "another";
	if (what == 1)
		t.tag.b[3] ^= 1;
	if (what == 2)
		t.owner++;
	if (what == 3)
		t.fact++;
	if (what == 4)
		t.state ^= 1;
	if (what == 5)
		t.body = "{\"count\":1}";
	check_ok(catalog_put_thing(c, &t, &e));
}

static void source_renamed(struct catalog *c) { thing_of(c, THING_SOURCE, 0); }
static void source_tag(struct catalog *c) { thing_of(c, THING_SOURCE, 1); }
static void batch_of_another(struct catalog *c) { thing_of(c, THING_BATCH, 2); }
static void model_fact(struct catalog *c) { thing_of(c, THING_MODEL, 3); }
static void model_state(struct catalog *c) { thing_of(c, THING_MODEL, 4); }
static void dataset_body(struct catalog *c) { thing_of(c, THING_DATASET, 5); }
static void order_state(struct catalog *c) { thing_of(c, THING_ORDER, 4); }
static void step_state(struct catalog *c)
{
	scoped(arena) *a = NULL;
	struct catalog_thing t;

	check_ok(arena_create(&a, &e));
	check_ok(catalog_thing(c, a, THING_STEP, ORDER_STEPS_MAX + 1, &t, &e));
	t.state = STEP_FAILED; /* it was done */
	check_ok(catalog_put_thing(c, &t, &e));
}

static void thing_of_no_fact(struct catalog *c)
{
	struct catalog_thing t = { .kind = 77, .id = 5, .name = "x", .body = "{}" };

	check_ok(catalog_put_thing(c, &t, &e));
}

static void one_tag_more(struct catalog *c)
{
	struct tag t = { { 4, 5 } };

	check_ok(catalog_add_tag(c, TAG_SUBJECT, &t, 7, &e));
}

static void all_tags_fewer(struct catalog *c)
{
	scoped(set) *s = NULL;
	struct catalog_record r;

	check_ok(set_from_text(&s, "9", 10, &e));
	check_ok(catalog_record(c, 9, &r, &e));
	check_ok(catalog_erase_records(c, s, &e));
	check_ok(catalog_put_record(c, &r, &e));
}

static void never_more(struct catalog *c)
{
	struct tag t = { { 4, 5 } };

	check_ok(catalog_add_never(c, &t, 1, &e));
}

static void head_of_nobody(struct catalog *c)
{
	check_ok(catalog_add_head(c, LOG_FACTS, 3, "three", 5, &e) == E_CONFLICT ? 0 : e.code);
}

static void fewer_in_the_order(struct catalog *c)
{
	scoped(set) *s = NULL;

	check_ok(set_from_text(&s, "0-2", 10, &e));
	check_ok(catalog_mark_put(c, MARK_ORDER + 1, s, &e));
}

static void copy_of_another_slot(struct catalog *c)
{
	struct catalog_object o;

	check_ok(catalog_object(c, ROW_COPY, 8, 0, &o, &e));
	o.slot++;
	check_ok(catalog_put_object(c, &o, &e));
}

static void nobody_alone(struct catalog *c)
{
	uint64_t solo;

	check_ok(catalog_number(c, "solo", 0, &solo, &e));
	check_ok(catalog_set_number(c, "solo", !solo, &e));
}

/* Light: what is said without --deep, or NULL. Then it is made again, as it was. */
TEST(rows_that_lie_are_noticed_and_made_again)
{
	static const struct {
		void (*change)(struct catalog *c);
		const char *light, *deep;
	} lies[] = {
		{ erased_row_is_live, "differ", "record 1" },
		{ live_row_is_erased, "its key is there", "record 6" },
		{ card_elsewhere, "pack 999 is missing", "record 6" },
		{ bytes_elsewhere, NULL, "record 6" },
		{ another_slot, "no slot", "record 6" },
		{ quarantined_row, "quarantined", "record 6" },
		{ mark_more, "record 7", "set 1" },
		{ drop_fact, "fact 3", "fact 3" },
		{ drop_copy, NULL, "record 8" },
		{ source_renamed, NULL, "source 1" },
		{ source_tag, NULL, "source 1" },
		{ batch_of_another, NULL, "batch 2" },
		{ model_fact, NULL, "checkpoint 1" },
		{ model_state, NULL, "checkpoint 1" },
		{ dataset_body, NULL, "dataset 1" },
		{ order_state, NULL, "order 1" },
		{ step_state, NULL, "step 1000001" },
		{ thing_of_no_fact, NULL, "thing 5" },
		{ one_tag_more, NULL, "record 7 (subject)" },
		{ all_tags_fewer, NULL, "record 9 (path)" },
		{ never_more, NULL, "o1" },
		{ fewer_in_the_order, NULL, "set 1001" },
		{ copy_of_another_slot, NULL, "record 8" },
		{ nobody_alone, NULL, "solo" },
	};
	char *whole;

	save_world();
	whole = strdup(trial_dump());
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		in_catalog(lies[i].change);
		if (lies[i].light)
			is_wrong(false, lies[i].light);
		else
			is_well(false);
		is_well(true);
		if (!says("repaired", lies[i].deep) || !says("repaired", "made again"))
			fail_msg("not said: %s in %s", lies[i].deep, json_dumps(doc, JSON_INDENT(1)));
		assert_string_equal(trial_dump(), whole);
		is_well(true);
		check(json_array_size(json_object_get(doc, "repaired")) == 0);
	}
	free(whole);
	in_catalog(add_commitment);
	is_wrong(false, "record 10 has no row");
	in_catalog(head_of_nobody);
	is_well(true);
}

/* Of a try that failed, and of what is on no list any more, no fact tells. */
TEST(what_follows_from_no_fact_is_kept)
{
	scoped(arena) *a = NULL;
	struct catalog_thing t;
	struct tag never = { { 9 } };
	uint64_t order;

	make_world();
	trial_order("0-3");
	check_ok(repo_lock(trial.r, &e));
	check_ok(arena_create(&a, &e));
	check_ok(catalog_begin(trial.r->catalog, &e));
	check_ok(catalog_thing(trial.r->catalog, a, THING_STEP, ORDER_STEPS_MAX + 1, &t, &e));
	t.state = STEP_FAILED;
	t.body = arena_printf(a, &e, "%.*s,\"error\":\"why\"}", (int)strlen(t.body) - 1, t.body);
	check_ok(catalog_put_thing(trial.r->catalog, &t, &e));
	t = other_thing(trial.r->catalog, a, THING_ORDER);
	t.state = ORDER_EXECUTING;
	t.body = arena_printf(a, &e, "%.*s,\"unproved\":true}", (int)strlen(t.body) - 1, t.body);
	check_ok(catalog_put_thing(trial.r->catalog, &t, &e));
	check_ok(catalog_add_never(trial.r->catalog, &never, 7, &e));
	check_ok(catalog_commit(trial.r->catalog, &e));
	is_well(true);
	check(json_array_size(json_object_get(doc, "repaired")) == 0);
	check(trial_try_open(true) == 0);
	check_ok(catalog_thing(trial.r->catalog, a, THING_STEP, ORDER_STEPS_MAX + 1, &t, &e));
	check(t.state == STEP_FAILED && strstr(t.body, "why"));
	t = other_thing(trial.r->catalog, a, THING_ORDER);
	check(t.state == ORDER_EXECUTING && strstr(t.body, "unproved"));
	check_ok(catalog_never(trial.r->catalog, &never, &order, &e));
	check(order == 7);
}

static void at_page(uint64_t page, const char *bytes)
{
	char path[PATH_LEN_MAX];
	int fd;

	snprintf(path, sizeof(path), "%.3000s/.rescind/catalog.db", trial.folder);
	fd = sys->open(path, 02, 0);
	check(fd >= 0 && sys->pwrite(fd, bytes, strlen(bytes), (off_t)(8192 * page)) > 0);
	sys->close(fd);
}

/* By whoever comes next, and by fsck. */
TEST(a_damaged_catalog_is_made_again)
{
	/* The header; every table; the never-again list; the records. */
	static const uint64_t first[] = { 0, 1, 14, 5 }, last[] = { 0, 12, 14, 5 };
	struct catalog_record rec;
	char *whole;

	save_world();
	whole = strdup(trial_dump());
	for (int how = 0; how < 4; how++) {
		again();
		trial_close();
		for (uint64_t page = first[how]; page <= last[how]; page++)
			at_page(page, "what is this");
		if (trial_try_open(false) != 0)
			fail_msg("%s", trial.e.text);
		if (how == 3) {
			check_code(catalog_record(trial.r->catalog, 6, &rec, &e), E_FORMAT);
			error_clear(&e);
			trial_open(); /* the one after */
		}
		if (how == 2) {
			is_well(false);
			check(says("repaired", "damaged") && says("repaired", "made again"));
		} else {
			check(trial_told("made again from log and vault") || trial_told("making it again"));
		}
		assert_string_equal(trial_dump(), whole);
		is_well(true);
		check(json_array_size(json_object_get(doc, "repaired")) == 0);
		trial_check_whole();
	}
	free(whole);
}

/* A newer program's is not given up by this one. */
TEST(a_catalog_of_a_newer_format_stays)
{
	char path[PATH_LEN_MAX];
	/* user_version and application_id, which go together (catalog/sqlite.c) */
	static const uint8_t format[4] = { 0, 0, 0, 9 }, id[4] = { 'R', 's', 'c', 'd' + 8 };
	int fd;

	save_world();
	trial_close();
	snprintf(path, sizeof(path), "%.3000s/.rescind/catalog.db", trial.folder);
	fd = sys->open(path, 02, 0);
	check(fd >= 0 && sys->pwrite(fd, format, 4, 60) == 4 && sys->pwrite(fd, id, 4, 68) == 4);
	sys->close(fd);
	check_code(trial_try_open(false), E_RANGE);
}

/* What is made of a vault that lost a pack would know less than the one that is there. */
TEST(a_catalog_is_not_made_again_of_a_vault_that_is_not_whole)
{
	char path[PATH_LEN_MAX];
	struct catalog_record rec;

	make_world();
	check_ok(catalog_record(trial.r->catalog, 6, &rec, &e));
	snprintf(path, sizeof(path), "%.3000s/.rescind/vault/pack/%012d", trial.folder, (int)rec.card.pack);
	check(sys->unlink(path) == 0);
	trial_open();
	check_ok(repo_lock(trial.r, &e));
	check_ok(catalog_begin(trial.r->catalog, &e));
	one_tag_more(trial.r->catalog);
	check_ok(catalog_commit(trial.r->catalog, &e));
	is_wrong(true, "not compared");
	check_ok(catalog_record(trial.r->catalog, 6, &rec, &e));
	check(rec.status == RECORD_LIVE);
}

TEST(what_can_be_mended_is)
{
	char path[PATH_LEN_MAX], other[PATH_LEN_MAX];

	save_world();
	again();
	snprintf(path, sizeof(path), "%.3000s/.rescind/log/records/tile/0/000.p/10", trial.folder);
	flip(path, 40);
	snprintf(other, sizeof(other), "%.3000s/.rescind/witnesses.89abcdef.tmp", trial.folder);
	check_ok(file_write_new(other, "x", 1, 0600, &e));
	snprintf(path, sizeof(path), "%.3000s/.rescind/vault/pack/.tmp-77", trial.folder);
	check_ok(file_write_new(path, "x", 1, 0600, &e));
	look(true);
	if (!says("repaired", "tile/0/000.p/10") || !says("repaired", ".tmp-77"))
		fail_msg("%s", json_dumps(doc, JSON_INDENT(1)));
	check(!file_exists(path) && !file_exists(other));
	is_well(true);
	check(json_array_size(json_object_get(doc, "repaired")) == 0);
}

TEST(tiles_and_entries_that_are_gone_are_written_again)
{
	char path[PATH_LEN_MAX];

	save_world();
	for (int deep = 0; deep < 2; deep++)
		for (int log = 0; log < LOG_COUNT; log++) {
			again();
			snprintf(path, sizeof(path), "%.3000s/.rescind/log/%s/tile", trial.folder,
				 log == LOG_FACTS ? "facts" : "records");
			check_ok(folder_remove(path, &e));
			check_ok(look(deep));
			check(says("repaired", "from the catalog"));
			is_well(true);
			check(json_array_size(json_object_get(doc, "repaired")) == 0);
		}
}

TEST(an_older_repository_is_looked_at_and_called_so)
{
	make_world();
	trial_save("all");
	erase_some();
	trial_close();
	trial_put_back("all");
	trial_open();
	is_wrong(true, "put back");
}

int main(void)
{
	int failed = test_run_all("care");

	care_done();
	return failed;
}
