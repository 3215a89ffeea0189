/* The stores looked at and made small: damage is noticed, what is dead goes, nothing else does. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/test.h"
#include "flow/care.h"
#include "repo/testing.h"

static struct error e;
static json_t *doc;

static int look(bool deep)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return flow_fsck(trial.r, deep, &doc, &e);
}

static bool says(const char *list, const char *part)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(doc, list), i, line)
		if (strstr(json_string_value(line), part))
			return true;
	return false;
}

static void is_well(bool deep)
{
	int code = look(deep);

	if (code != 0)
		fail_msg("%s", doc ? json_dumps(doc, JSON_INDENT(1)) : e.text);
	check(json_is_true(json_object_get(doc, "ok")));
	check(json_array_size(json_object_get(doc, "problems")) == 0);
}

static void is_wrong(bool deep, const char *part)
{
	check_code(look(deep), E_MISMATCH);
	check(json_is_false(json_object_get(doc, "ok")));
	if (!says("problems", part))
		fail_msg("not said: %s in %s", part, json_dumps(doc, JSON_INDENT(1)));
}

static uint64_t model;

static void make_world(void)
{
	uint64_t faces;

	trial_init(false);
	trial_source("uploads");
	trial_records("uploads", 6, "alice");
	trial_records("uploads", 4, "bob");
	faces = trial_dataset("faces", "0-9");
	model = trial_model("net", faces, "weights");
	trial_copy(8, "other/8.jpg");
	trial_copy(2, "other/2.jpg");
}

static void erase_some(void)
{
	uint64_t order = trial_order("0-3");

	trial_destroy_keys(order, model);
	trial_note(order, model);
}

static void save_world(void)
{
	make_world();
	erase_some();
	trial_save("all");
	trial_save("keys");
}

static void again(void)
{
	trial_close();
	trial_put_back("all");
	trial_put_back("keys");
	trial_open();
}

/* --- fsck --- */

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

TEST(rows_that_lie_are_noticed)
{
	static const struct {
		void (*change)(struct catalog *c);
		bool deep;
		const char *part;
	} lies[] = {
		{ erased_row_is_live, false, "differ" },
		{ live_row_is_erased, false, "its key is there" },
		{ card_elsewhere, false, "pack 999 is missing" },
		{ bytes_elsewhere, true, "record 6" },
		{ another_slot, false, "no slot" },
		{ quarantined_row, false, "quarantined" },
		{ mark_more, false, "record 7" },
		{ drop_fact, false, "fact 3" },
		{ drop_copy, true, "nothing refers to" },
		{ add_commitment, false, "record 10 has no row" },
	};

	save_world();
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		in_catalog(lies[i].change);
		is_wrong(lies[i].deep, lies[i].part);
	}
}

TEST(what_can_be_mended_is)
{
	char path[PATH_LEN_MAX];

	save_world();
	again();
	snprintf(path, sizeof(path), "%.3000s/.rescind/log/records/tile/0/000.p/10", trial.folder);
	flip(path, 40);
	snprintf(path, sizeof(path), "%.3000s/.rescind/vault/pack/.tmp-77", trial.folder);
	check_ok(file_write_new(path, "x", 1, 0600, &e));
	look(true);
	if (!says("repaired", "tile/0/000.p/10") || !says("repaired", ".tmp-77"))
		fail_msg("%s", json_dumps(doc, JSON_INDENT(1)));
	check(!file_exists(path));
	is_well(true);
	check(json_array_size(json_object_get(doc, "repaired")) == 0);
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

/* --- compact --- */

static uint64_t compact(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	check_ok(flow_compact(trial.r, &doc, &e));
	return (uint64_t)json_integer_value(json_object_get(doc, "packs"));
}

/* The dump without what a rebuild cannot know any more: slots of what was compacted away. */
static char *without_dead(const char *dump)
{
	char *text = malloc(strlen(dump) + 1), *out = text;
	const char *next;

	check(text != NULL);
	for (const char *at = dump; *at; at = next) {
		const char *end = strchr(at, '\n');
		unsigned long long pos, batch;
		char line[80] = "";

		next = end + 1;
		memcpy(line, at, (size_t)(next - at) < 79 ? (size_t)(next - at) : 79);
		if (strstr(line, "object 6 ") == line)
			continue;
		if (sscanf(line, "record %llu batch %llu", &pos, &batch) == 2 && strstr(line, "status 2")) {
			out += sprintf(out, "record %llu erased\n", pos);
			continue;
		}
		memcpy(out, at, (size_t)(next - at));
		out += next - at;
	}
	*out = 0;
	return text;
}

static void same_but_dead(const char *a, const char *b)
{
	char *x = without_dead(a), *y = without_dead(b);

	assert_string_equal(x, y);
	free(x);
	free(y);
}

TEST(compact_removes_what_is_dead_and_nothing_else)
{
	const char *before;
	char *kept;

	save_world();
	again();
	kept = strdup(trial_dump());
	check(compact() > 0);
	check(json_integer_value(json_object_get(doc, "after")) <
	      json_integer_value(json_object_get(doc, "before")));
	is_well(true);
	check(json_integer_value(json_object_get(json_object_get(doc, "checked"), "dead_objects")) == 0);
	trial_check_whole();
	check(compact() == 0);
	before = trial_dump();
	/* All but the number of changes. */
	check(strncmp(before, kept, strlen(before) - 20) == 0);
	free(kept);
	trial_open();
	check(trial.told->len == 0);
	trial_source("later");
	is_well(true);
}

TEST(after_compact_the_catalog_can_be_made_again)
{
	char *before;

	save_world();
	again();
	compact();
	before = strdup(trial_dump());
	trial_close();
	trial_remove("catalog");
	trial_open();
	same_but_dead(trial_dump(), before);
	free(before);
	is_well(true);
	trial_source("later");
	is_well(true);
}

/* Its places are those of packs that are gone, and to it the new packs look like left over. */
TEST(an_older_catalog_after_compact_loses_nothing)
{
	char *before;

	save_world();
	again();
	trial_save("catalog");
	compact();
	before = strdup(trial_dump());
	trial_close();
	trial_put_back("catalog");
	trial_open();
	check(trial_told("catalog is older"));
	same_but_dead(trial_dump(), before);
	free(before);
	is_well(true);
}

TEST(an_older_vault_and_catalog_after_compact_lose_nothing)
{
	char *before;

	save_world();
	again();
	trial_save("all");
	compact();
	before = strdup(trial_dump());
	trial_close();
	trial_put_back("all");
	trial_open();
	check(!trial.r->read_only);
	same_but_dead(trial_dump(), before);
	free(before);
	is_well(true);
}

static int child(const char *folder)
{
	trial_at(folder);
	trial_open();
	compact();
	trial_close();
	return 0;
}

TEST(compact_killed_anywhere_loses_nothing)
{
	unsigned kills = 0;
	char *before;

	save_world();
	again();
	before = strdup(trial_dump());
	before[strlen(before) - 12] = 0;
	for (int f = 0; f < FAULT_COUNT; f++) {
		again();
		trial_close();
		if (!trial_killed(fault_names[f], 1, "compact", trial.folder))
			continue;
		kills++;
		/* The catalog lost at this moment too. */
		for (int lost = 0; lost < 2; lost++) {
			if (lost)
				trial_remove("catalog");
			trial_open();
			check(!trial.r->read_only);
			if (!lost)
				check(strncmp(trial_dump(), before, strlen(before)) == 0);
			is_well(true);
			trial_close();
		}
		trial_open();
		compact();
		is_well(true);
		check(json_integer_value(json_object_get(json_object_get(doc, "checked"),
							 "dead_objects")) == 0);
	}
	free(before);
	check(kills >= 5);
}

int main(int argc, char **argv)
{
	int failed;

	if (argc == 3 && strcmp(argv[0], "child") == 0)
		return child(argv[2]);
	failed = test_run_all("care");
	trial_close();
	buf_destroy(trial.told);
	json_decref(doc);
	return failed;
}
