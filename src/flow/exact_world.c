#include "flow/exact_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "flow/care.h"

#define TRAIN_USE "train:IdentityVerification"

static struct error e;

struct world *exact_world(bool backwards)
{
	scoped(buf) *csv = NULL;
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	scoped_json *dataset = NULL;
	char name[16];

	world_source("s", "none", "train:Purpose,evaluate:Purpose");
	check_ok(buf_create(&csv, 1024, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\nnone,colour,red\n"));
	for (unsigned i = 0; i < PHOTOS; i++) {
		snprintf(name, sizeof(name), "p%02u", backwards ? 50 - i : i);
		world_photo(name, 40, 30, i + 1);
		check_ok(buf_printf(csv, &e, "%s,colour,%c\n%s,size,%d\n%s,all,yes\n", name,
				    "xyz"[i % 3], name, (int)i * 3 - 10, name));
	}
	world_file("none", "no picture");
	words.attrs = world_beside(buf_text(csv));
	check(world_ingest_words(&words) == 0);
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &dataset, &e));
	return w;
}

json_t *exact_trained(struct world *w, const char *model, const char *target, bool numbers)
{
	struct train_words words = { .model = model, .dataset = "d", .target = target,
				     .features = "pixels", .numbers = numbers };
	json_t *doc = NULL;

	check_ok(flow_train(w->r, &words, &doc, &e));
	return doc;
}

static struct arena *lent; /* what the last model_of is made of */

struct model exact_model(struct world *w, const char *name)
{
	struct model m;

	arena_destroy(lent);
	lent = NULL;
	check_ok(arena_create(&lent, &e));
	check_ok(model_named(w->r, lent, name, &m, &e));
	return m;
}

void exact_fsck_says(struct world *w, const char *part)
{
	scoped_json *doc = NULL;
	char *text;

	check_code(flow_fsck(w->r, true, &doc, &e), part ? E_MISMATCH : 0);
	error_clear(&e);
	text = json_dumps(json_object_get(doc, "problems"), 0);
	if (part && !strstr(text, part))
		fail_msg("not said: %s in %s", part, text);
	free(text);
}

int exact_main(const char *area, int argc, char **argv)
{
	int failed = world_main(area, argc, argv);

	arena_destroy(lent);
	return failed;
}
