/* The stores made small: what is dead goes, nothing else does. */
#include "flow/care_testing.h"

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
	failed = test_run_all("compact");
	care_done();
	return failed;
}
