/* Steps of an order on checkpoints that end, and on files where they lie: withdrawn, and deleted if
 * their bytes are still those. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/order_places.h"
#include "flow/order_run.h"

/* --- withdraw --- */

int run_model_of_fact(struct run *x, uint64_t fact, struct model *ret, struct error *e)
{
	if (!x->models && models_all(x->r, x->a, &x->models, &x->model_count, e) < 0)
		return e->code;
	for (size_t m = 0; m < x->model_count; m++)
		if (x->models[m].fact == fact) {
			*ret = x->models[m];
			return 0;
		}
	return error_set(e, E_NOT_FOUND, "the checkpoint of fact %llu is not there",
			 (unsigned long long)fact);
}

int run_model_of_step(struct run *x, size_t i, struct model *ret, struct error *e)
{
	uint64_t fact = json_number_or(json_array_get(x->steps, i), "fact", 0);

	return run_model_of_fact(x, fact, ret, e);
}

int run_remove_files(struct run *x, const struct model *m, struct error *e)
{
	scoped(fields) *f = NULL;
	scoped_json *files = NULL;
	const struct field *list;
	const char *at;
	json_t *file;
	size_t i;

	if (repo_private(x->r, m->fact, &f, e) < 0)
		return e->code;
	at = fields_text(f, "at");
	list = fields_find(f, "files");
	if (!at || !list || json_parse(&files, list->value->data, list->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "a checkpoint without its files");
	json_array_foreach(files, i, file) {
		scoped(buf) *name = NULL;
		char path[PATH_LEN_MAX];
		struct hash digest;
		enum removed how;

		if (json_get_bytes64(file, "path", &name, e) < 0 ||
		    json_get_hash(file, "sha256", &digest, e) < 0)
			return e->code;
		if (name->len > 0 ? path_join(path, at, buf_text(name), e) < 0 :
				    snprintf(path, sizeof(path), "%s", at) >= (int)sizeof(path))
			return error_set(e, E_RANGE, "a path that is too long");
		if (remove_file(path, &digest, &how, e) < 0)
			return e->code;
		x->files[how]++;
	}
	return 0;
}

void run_files_done(const struct run *x, json_t *done, struct error *e)
{
	json_set_number(done, "files_gone", x->files[REMOVED], e);
	json_set_number(done, "files_absent", x->files[REMOVED_ABSENT], e);
	json_set_number(done, "other_files_left", x->files[REMOVED_OTHER], e);
}

static json_t *files_done(const struct run *x, struct error *e)
{
	json_t *done = json_object_make(e);

	if (done)
		run_files_done(x, done, e);
	return done;
}

int run_withdrawals(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped(change) *c = NULL;
	struct model m;

	if (run_intend(x, first, last, e) < 0)
		return e->code;
	x->models = NULL; /* their states may have changed since they were read */
	memset(x->files, 0, sizeof(x->files));
	for (size_t i = first; i <= last; i++)
		if (run_model_of_step(x, i, &m, e) < 0 || run_remove_files(x, &m, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	FAULT(order_step_effect);
	if (change_begin(&c, x->r, e) < 0)
		return e->code;
	for (size_t i = first; i <= last; i++) {
		if (run_model_of_step(x, i, &m, e) < 0)
			return e->code;
		if (m.state == MODEL_LIVE &&
		    model_set_state(c, &m, MODEL_WITHDRAWN, "order", x->o->name, e) < 0)
			return e->code;
	}
	if (run_note(x, c, first, last, files_done(x, e), e) < 0 || change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}

/* --- delete: files in place --- */

struct deleting {
	struct run *x;
	const char *folder; /* escaped, as in the plan's places */
	char path[PATH_LEN_MAX], shown[PATH_LEN_MAX];
};

static int delete_place(void *ctx, const struct found_at *f, struct error *e)
{
	struct deleting *d = ctx;
	enum removed how;

	if (!f->in_place || strcmp(path_escape(d->shown, sizeof(d->shown), f->origin), d->folder) != 0)
		return 0;
	if (path_join(d->path, f->origin, f->path, e) < 0 ||
	    remove_file(d->path, &f->content, &how, e) < 0)
		return e->code;
	d->x->files[how]++;
	return 0;
}

/* Of shards, lists and exported weights, those in this folder. */
static int delete_parts(struct deleting *d, struct error *e)
{
	struct run *x = d->x;
	struct part_due *due;
	struct touched t;
	enum removed how;
	size_t count;

	if (touched_by(x->r, x->a, x->o->positions, &t, e) < 0 ||
	    parts_due(x->r, x->a, x->o->positions, &t, &due, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(path_escape(d->shown, sizeof(d->shown), due[i].folder), d->folder) != 0)
			continue;
		if (part_remove(x->r, &due[i], &how, e) < 0)
			return e->code;
		x->files[how]++;
	}
	return 0;
}

/* The name of the folder that the step's target ends with: "12 files in folder 2". */
static const char *folder_of(const struct run *x, size_t i)
{
	const char *target = json_text_or(json_array_get(x->steps, i), "target", "");
	const char *number = strrchr(target, ' ');
	size_t n = number ? strtoull(number + 1, NULL, 10) : 0;
	const char *name = n ? json_string_value(json_array_get(x->places, n - 1)) : NULL;

	return name ? name : "";
}

int run_deletes(struct run *x, size_t first, size_t last, struct error *e)
{
	scoped(change) *c = NULL;

	if (run_intend(x, first, last, e) < 0)
		return e->code;
	memset(x->files, 0, sizeof(x->files));
	for (size_t i = first; i <= last; i++) {
		struct deleting d = { .x = x };

		d.folder = folder_of(x, i);
		if (each_place(x->r, x->o->positions, delete_place, &d, NULL, e) < 0 ||
		    delete_parts(&d, e) < 0)
			return error_wrap(e, "step %zu", i + 1);
	}
	FAULT(order_step_effect);
	if (change_begin(&c, x->r, e) < 0 ||
	    run_note(x, c, first, last, files_done(x, e), e) < 0 || change_commit(c, e) < 0)
		return e->code;
	FAULT(order_step_noted);
	return 0;
}
