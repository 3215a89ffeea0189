/*
 * care_testing: for care_test.c and compact_test.c: a small world, looked at.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/sys.h"
#include "base/test.h"
#include "flow/care.h"
#include "repo/testing.h"

static struct error e;
static json_t *doc;

static inline int look(bool deep)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return flow_fsck(trial.r, deep, &doc, &e);
}

static inline bool says(const char *list, const char *part)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_object_get(doc, list), i, line)
		if (strstr(json_string_value(line), part))
			return true;
	return false;
}

static inline void is_well(bool deep)
{
	int code = look(deep);

	if (code != 0)
		fail_msg("%s", doc ? json_dumps(doc, JSON_INDENT(1)) : e.text);
	check(json_is_true(json_object_get(doc, "ok")));
	check(json_array_size(json_object_get(doc, "problems")) == 0);
}

static inline void is_wrong(bool deep, const char *part)
{
	check_code(look(deep), E_MISMATCH);
	check(json_is_false(json_object_get(doc, "ok")));
	if (!says("problems", part))
		fail_msg("not said: %s in %s", part, json_dumps(doc, JSON_INDENT(1)));
}

static uint64_t model;

static inline void make_world(void)
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

static inline void erase_some(void)
{
	uint64_t order = trial_order("0-3");

	trial_destroy_keys(order, model);
	trial_note(order, model);
}

static inline void save_world(void)
{
	make_world();
	erase_some();
	trial_save("all");
	trial_save("keys");
}

static inline void again(void)
{
	trial_close();
	trial_put_back("all");
	trial_put_back("keys");
	trial_open();
}

static inline void care_done(void)
{
	trial_close();
	buf_destroy(trial.told);
	json_decref(doc);
}
