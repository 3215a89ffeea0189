/* Exact models asked: by a file at a time, and by a dataset. */
#include "flow/predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/world.h"
#include "learn/loo.h"

#define USE "train:IdentityVerification"
#define ALLOW "train:Purpose,evaluate:Purpose"

enum { PHOTOS = 14, D = 1024, ROWS_MAX = 16 };

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

/* Photos of three colours, one colour that a single photo has, and a file that is no picture. */
static struct world *photos(const char *allow)
{
	scoped(buf) *csv = NULL;
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	scoped_json *dataset = NULL;
	char name[16];

	world_source("s", "none", allow);
	check_ok(buf_create(&csv, 1024, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\nnote.txt,colour,x\nnote.txt,size,1\n"));
	for (unsigned i = 0; i < PHOTOS; i++) {
		snprintf(name, sizeof(name), "p%02u.jpg", i);
		world_photo(name, 40 + i % 3 * 9, 30, i % 3 * 20 + i);
		check_ok(buf_printf(csv, &e, "%s,colour,%c\n", name, i == 7 ? 'l' : (int)"xyz"[i % 3]));
		if (i != 3)
			check_ok(buf_printf(csv, &e, "%s,size,%d\n", name, (int)i * 30 - 10));
	}
	world_file("note.txt", "no picture");
	words.attrs = world_beside(buf_text(csv));
	check(world_ingest_words(&words) == 0);
	check_ok(flow_dataset_create(w->r, "d", USE, NULL, &dataset, &e));
	return w;
}

static void train_of(struct world *w, const char *model, const char *dataset, const char *target,
		     bool numbers)
{
	struct train_words words = { .model = model, .dataset = dataset, .target = target,
				     .features = "pixels", .lambda = "65536", .numbers = numbers };
	scoped_json *doc = NULL;

	check_ok(flow_train(w->r, &words, &doc, &e));
}

static void dataset_of(struct world *w, const char *name, const char *use, const char *where)
{
	scoped_json *doc = NULL;

	check_ok(flow_dataset_create(w->r, name, use, where, &doc, &e));
}

/* --- rows --- */

static struct rows {
	json_t *row[ROWS_MAX];
	size_t count, fail_at; /* fail_at 0: never */
} rows;

static int keep_row(void *ctx, const json_t *row, struct error *err)
{
	check(ctx == &rows && rows.count < ROWS_MAX);
	if (rows.fail_at && rows.count + 1 == rows.fail_at)
		return error_set(err, E_IO, "no paper");
	rows.row[rows.count++] = json_deep_copy(row);
	return 0;
}

static void forget_rows(void)
{
	for (size_t i = 0; i < rows.count; i++)
		json_decref(rows.row[i]);
	memset(&rows, 0, sizeof(rows));
}

static int predict(struct world *w, const char *model, const char *const *files, size_t count,
		   json_t **ret)
{
	forget_rows();
	return flow_predict(w->r, model, files, count, keep_row, &rows, ret, &e);
}

/* --- what it should have said --- */

static struct known {
	size_t count;
	uint64_t pos[PHOTOS];
	char label[PHOTOS][8];
	const char *labels[PHOTOS];
	int32_t number[PHOTOS];
	int8_t x[PHOTOS * D];
} known;

static int keep_example(void *ctx, const struct example *x, struct error *err)
{
	size_t i = known.count++;

	(void)ctx, (void)err;
	check(i < PHOTOS);
	known.pos[i] = x->pos;
	snprintf(known.label[i], sizeof(known.label[i]), "%s", x->label ? x->label : "");
	known.labels[i] = known.label[i];
	known.number[i] = x->number;
	memcpy(known.x + i * D, x->x, D);
	return 0;
}

/* The records of a dataset as the model sees them, and the model. */
static struct oracle *known_by(struct world *w, struct arena *a, const char *model,
			       const char *dataset)
{
	scoped(set) *all = NULL;
	struct oracle *o = NULL;
	json_t *denied = NULL;
	struct gathered got;
	struct dataset d;

	memset(&known, 0, sizeof(known));
	check_ok(oracle_open(&o, w->r, a, model, &denied, &e));
	check_ok(set_create(&all, &e));
	check_ok(dataset_named(w->r, a, dataset, &d, &e));
	check_ok(stored_set_load(w->r, &d.set, all, &e));
	check_ok(gather(w->r, &o->how, all, keep_example, NULL, &got, &e));
	return o;
}

static struct records example(size_t i, bool numbers)
{
	return (struct records){ 1, known.x + i * D, numbers ? NULL : known.labels + i,
				 numbers ? known.number + i : NULL };
}

TEST(a_file_is_answered_as_the_weights_say)
{
	struct world *w = photos(ALLOW);
	scoped(arena) *a = NULL;
	scoped(oracle) *o = NULL;
	char path[PHOTOS][PATH_LEN_MAX], name[16];
	const char *files[PHOTOS];
	int64_t scores[PHOTOS];
	json_t *denied = NULL;

	check_ok(arena_create(&a, &e));
	train_of(w, "m", "d", "colour", false);
	o = known_by(w, a, "m", "d");
	check(known.count == PHOTOS && o->w->count == 4);
	for (unsigned i = 0; i < PHOTOS; i++) {
		snprintf(name, sizeof(name), "p%02u.jpg", i);
		check_ok(path_join(path[i], w->files, name, &e));
		files[i] = path[i];
	}
	check_ok(predict(w, "m", files, PHOTOS, &denied));
	check(rows.count == PHOTOS && !denied);
	for (size_t i = 0; i < PHOTOS; i++) {
		size_t best, at = (size_t)(known.pos[i] - known.pos[0]);

		weights_scores(o->w, known.x + i * D, scores);
		best = weights_best(scores, o->w->count);
		assert_string_equal(json_text_or(rows.row[at], "label", ""), o->w->label[best]);
		assert_string_equal(json_text_or(rows.row[at], "file", ""), files[at]);
		check(json_integer_value(json_object_get(rows.row[at], "score_units")) ==
		      scores[best]);
		check(json_real_value(json_object_get(rows.row[at], "score")) ==
		      ldexp((double)scores[best], -30));
		check(!json_object_get(rows.row[at], "error"));
	}
	forget_rows();
}

TEST(a_model_of_numbers_answers_numbers)
{
	struct world *w = photos(ALLOW);
	const char *file;
	json_t *denied = NULL;
	const json_t *numbers;

	train_of(w, "m", "d", "size", true);
	file = world_path("p05.jpg");
	check_ok(predict(w, "m", &file, 1, &denied));
	numbers = json_object_get(rows.row[0], "numbers");
	check(json_array_size(numbers) == 1 && !json_object_get(rows.row[0], "label"));
	check(json_integer_value(json_array_get(numbers, 0)) ==
	      score_number(json_integer_value(json_object_get(rows.row[0], "score_units"))));
	forget_rows();
}

TEST(what_is_no_picture_gets_a_reason_and_the_others_their_answers)
{
	struct world *w = photos(ALLOW);
	char none[PATH_LEN_MAX], note[PATH_LEN_MAX], photo[PATH_LEN_MAX], cut[PATH_LEN_MAX];
	const char *files[4];
	scoped(buf) *b = NULL;
	json_t *denied = NULL;

	train_of(w, "m", "d", "colour", false);
	check_ok(path_join(none, w->files, "nowhere\n", &e));
	check_ok(path_join(note, w->files, "note.txt", &e));
	check_ok(path_join(photo, w->files, "p01.jpg", &e));
	check_ok(path_join(cut, w->files, "cut.jpg", &e));
	check_ok(file_read(photo, 1 << 20, &b, &e));
	world_bytes("cut.jpg", b->data, b->len - 20);
	files[0] = none, files[1] = cut, files[2] = photo, files[3] = note;
	refused(predict(w, "m", files, 4, &denied), E_PARTIAL);
	check(rows.count == 4 && !denied);
	for (size_t i = 0; i < 4; i++)
		check((json_object_get(rows.row[i], "error") != NULL) == (i != 2) &&
		      (json_object_get(rows.row[i], "label") != NULL) == (i == 2));
	check(strstr(json_text_or(rows.row[0], "file", ""), "nowhere\\n"));
	check(strstr(json_text_or(rows.row[3], "error", ""), "text/plain"));
	refused(predict(w, "m", files, 2, &denied), E_FORMAT);
	check(rows.count == 2);
	/* Whoever prints may fail. */
	forget_rows();
	rows.fail_at = 2;
	refused(flow_predict(w->r, "m", files, 4, keep_row, &rows, &denied, &e), E_IO);
	check(rows.count == 1);
	forget_rows();
}

static void is_denied(struct world *w, const char *model, const char *reason)
{
	scoped_json *denied = NULL, *evaluated = NULL;
	const char *file = world_path("p01.jpg");

	refused(predict(w, model, &file, 1, &denied), E_DENIED);
	check(rows.count == 0);
	assert_string_equal(json_text_or(denied, "decision", ""), "deny");
	check(json_array_size(json_object_get(denied, "reasons")) > 0);
	if (reason)
		check(json_number_or(json_object_get(denied, "counts"), reason, 0) > 0);
	refused(flow_evaluate(w->r, model, "d", false, &evaluated, &e), E_DENIED);
	assert_string_equal(json_text_or(evaluated, "decision", ""), "deny");
}

TEST(a_withdrawn_checkpoint_and_one_under_an_order_are_silent)
{
	struct order_words order = { .selector = "record:3", .authority = "DPA", .reason = "r" };
	scoped_json *withdrawn = NULL, *opened = NULL;
	struct world *w = photos(ALLOW);

	train_of(w, "m", "d", "colour", false);
	train_of(w, "n", "d", "colour", false);
	check_ok(flow_model_withdraw(w->r, "m", "tired", &withdrawn, &e));
	is_denied(w, "m@1", NULL);
	check_ok(flow_order_open(w->r, &order, &opened, &e));
	is_denied(w, "n@1", "order-open");
}

/* It answers as of --at; what is written out is asked for now. */
TEST(a_checkpoint_answers_as_of_the_time_that_is_asked_of)
{
	struct terms_words terms = { .from = "2015-01-01", .allow = "train:Marketing" };
	scoped_json *said = NULL, *then = NULL, *out = NULL;
	const char *file;
	struct world *w = photos(ALLOW);
	json_t *denied = NULL;
	char folder[PATH_LEN_MAX];

	train_of(w, "m", "d", "colour", false);
	terms.terms = world_beside("narrower");
	check_ok(flow_source_terms(w->r, "s", &terms, &said, &e));
	is_denied(w, "m", "use-not-allowed");
	check_ok(time_parse(&w->r->at_utc_ms, "2014-12-31", &e));
	file = world_path("p01.jpg");
	check_ok(predict(w, "m", &file, 1, &denied));
	check(rows.count == 1 && !denied);
	forget_rows();
	check_ok(flow_evaluate(w->r, "m", "d", false, &then, &e));
	check_ok(path_join(folder, test_folder(), "out", &e));
	refused(flow_model_export(w->r, "m", folder, false, &out, &e), E_DENIED);
	assert_string_equal(json_text_or(out, "decision", ""), "deny");
	check(json_number_or(json_object_get(out, "counts"), "use-not-allowed", 0) == PHOTOS);
	check(!file_exists(folder));
}

TEST(only_what_train_made_can_be_asked)
{
	struct world *w = photos(ALLOW);
	const char *datasets[] = { "d" }, *file = world_path("p01.jpg");
	char path[PATH_LEN_MAX];
	struct model_words words = { .name = "m", .path = path, .datasets = datasets,
				     .dataset_count = 1 };
	scoped_json *doc = NULL;
	json_t *ret = NULL;

	check_ok(path_join(path, test_folder(), "weights.bin", &e));
	check_ok(file_write(path, "weights", 7, 0600, &e));
	check_ok(flow_model_add(w->r, &words, &doc, &e));
	refused(predict(w, "m", &file, 1, &ret), E_USAGE);
	refused(flow_evaluate(w->r, "m", "d", true, &ret, &e), E_USAGE);
	refused(predict(w, "nobody", &file, 1, &ret), E_NOT_FOUND);
	check(!ret && rows.count == 0);
}

/* --- evaluate --- */

static json_t *evaluated(struct world *w, const char *model, const char *dataset, bool loo)
{
	json_t *doc = NULL;

	check_ok(flow_evaluate(w->r, model, dataset, loo, &doc, &e));
	return doc;
}

static double real_of(const json_t *doc, const char *member)
{
	check(json_is_real(json_object_get(doc, member)));
	return json_real_value(json_object_get(doc, member));
}

TEST(accuracy_is_the_share_of_right_answers)
{
	struct world *w = photos(ALLOW);
	scoped(arena) *a = NULL;
	scoped(oracle) *o = NULL;
	scoped_json *doc = NULL;
	int64_t scores[PHOTOS];
	size_t right = 0;

	check_ok(arena_create(&a, &e));
	dataset_of(w, "part", "train:IdentityVerification", "record:0-5 or record:8");
	dataset_of(w, "seen", "evaluate:Marketing", NULL);
	train_of(w, "m", "part", "colour", false);
	o = known_by(w, a, "m", "seen");
	for (size_t i = 0; i < known.count; i++) {
		weights_scores(o->w, known.x + i * D, scores);
		right += strcmp(o->w->label[weights_best(scores, o->w->count)], known.label[i]) == 0;
	}
	doc = evaluated(w, "m", "seen", false);
	check(json_number_or(doc, "n", 0) == PHOTOS && right < PHOTOS);
	check(real_of(doc, "accuracy") == (double)right / (double)PHOTOS);
	check(json_number_or(json_object_get(doc, "unused"), "no-picture", 0) == 1);
	assert_string_equal(json_text_or(doc, "model", ""), "m@1");
	assert_string_equal(json_text_or(doc, "dataset", ""), "seen@1");
	check(!json_object_get(doc, "loo") && !json_object_get(doc, "rmse"));
	check(json_number_or(doc, "trained_on", 0) == 6);
}

static double end_of(const json_t *doc, size_t i)
{
	return json_real_value(json_array_get(json_object_get(doc, "interval"), i));
}

TEST(an_accuracy_says_how_sure_it_is_and_of_which_labels)
{
	struct world *w = photos(ALLOW);
	scoped_json *doc = NULL, *loo = NULL, *other = NULL;
	uint64_t n = 0, hit = 0;
	const json_t *row;
	double share;
	size_t i;

	dataset_of(w, "part", "train:IdentityVerification", "record:0-5 or record:8");
	dataset_of(w, "rest", "evaluate:Marketing", "not (record:0-5 or record:8)");
	train_of(w, "m", "part", "colour", false);
	doc = evaluated(w, "m", "d", false);
	share = real_of(doc, "accuracy");
	check(0 <= end_of(doc, 0) && end_of(doc, 0) <= share && share <= end_of(doc, 1));
	check(end_of(doc, 1) <= 1 && end_of(doc, 1) - end_of(doc, 0) > 0.1);
	json_array_foreach(json_object_get(doc, "per_label"), i, row) {
		check(json_number_or(row, "hit", 99) <= json_number_or(row, "n", 0));
		n += json_number_or(row, "n", 0);
		hit += json_number_or(row, "hit", 0);
	}
	check(i == 4 && n == PHOTOS && share == (double)hit / (double)PHOTOS);
	/* What was left out for its own answer is one that it rests on all the same. */
	loo = evaluated(w, "m", "d", true);
	check(json_number_or(doc, "trained_on", 0) == 6 && json_number_or(loo, "trained_on", 0) == 6);
	other = evaluated(w, "m", "rest", false);
	check(json_number_or(other, "trained_on", 9) == 0 && json_number_or(other, "n", 0) == PHOTOS - 6);
}

/* The model without example i, of the given sums; subtracted and put back. */
static struct weights *without(struct sums *s, const struct oracle *o, size_t i, bool numbers)
{
	struct records one = example(i, numbers);
	struct weights *rest = NULL;

	check_ok(sums_subtract(s, &one, &e));
	check_ok(learn_solve(&rest, s, o->w->lambda, &e));
	check_ok(sums_add(s, &one, &e));
	return rest;
}

TEST(with_exact_loo_what_was_learned_is_answered_without_itself)
{
	struct world *w = photos(ALLOW);
	scoped(arena) *a = NULL;
	scoped(oracle) *o = NULL;
	scoped(sums) *s = NULL;
	scoped_json *doc = NULL;
	int64_t scores[PHOTOS];
	size_t right = 0, inside = 0;

	check_ok(arena_create(&a, &e));
	dataset_of(w, "part", "train:IdentityVerification", "record:0-8");
	train_of(w, "m", "part", "colour", false);
	o = known_by(w, a, "m", "d");
	check_ok(exact_sums(w->r, o->m.fact, &s, &e));
	for (size_t i = 0; i < known.count; i++) {
		bool in = known.pos[i] <= 8;
		scoped(weights) *rest = in ? without(s, o, i, false) : NULL;
		const struct weights *by = in ? rest : o->w;

		weights_scores(by, known.x + i * D, scores);
		right += strcmp(by->label[weights_best(scores, by->count)], known.label[i]) == 0;
		inside += in;
	}
	doc = evaluated(w, "m", "d", true);
	check(json_number_or(doc, "n", 0) == PHOTOS);
	check(json_number_or(doc, "loo", 0) == inside && inside < PHOTOS);
	check(real_of(doc, "accuracy") == (double)right / (double)PHOTOS);
}

TEST(numbers_are_evaluated_by_their_distance)
{
	struct world *w = photos(ALLOW);
	scoped(arena) *a = NULL;
	scoped(oracle) *o = NULL;
	scoped(sums) *s = NULL;
	scoped_json *plain = NULL, *loo = NULL;
	double squares[2] = { 0 };
	size_t right[2] = { 0 };

	check_ok(arena_create(&a, &e));
	train_of(w, "m", "d", "size", true);
	o = known_by(w, a, "m", "d");
	check(known.count == PHOTOS - 1);
	check_ok(exact_sums(w->r, o->m.fact, &s, &e));
	for (size_t i = 0; i < known.count; i++) {
		scoped(weights) *rest = without(s, o, i, true);
		const struct weights *by[] = { o->w, rest };

		for (int k = 0; k < 2; k++) {
			int64_t score;
			double off;

			weights_scores(by[k], known.x + i * D, &score);
			off = ldexp((double)score, -30) - known.number[i];
			squares[k] += off * off;
			right[k] += score_number(score) == known.number[i];
		}
	}
	plain = evaluated(w, "m", "d", false);
	loo = evaluated(w, "m", "d", true);
	check(fabs(real_of(plain, "rmse") - sqrt(squares[0] / (PHOTOS - 1))) < 1e-6);
	check(fabs(real_of(loo, "rmse") - sqrt(squares[1] / (PHOTOS - 1))) < 1e-3);
	check(real_of(plain, "accuracy") == (double)right[0] / (PHOTOS - 1));
	check(real_of(loo, "accuracy") == (double)right[1] / (PHOTOS - 1));
	check(json_number_or(json_object_get(loo, "unused"), "no-target", 0) == 1);
}

TEST(of_a_single_record_nothing_is_left_to_answer_by)
{
	struct world *w = photos(ALLOW);
	scoped_json *doc = NULL;
	json_t *none = NULL;

	dataset_of(w, "one", "train:IdentityVerification", "record:1");
	dataset_of(w, "two", "train:IdentityVerification", "record:1-2");
	train_of(w, "m", "one", "colour", false);
	refused(flow_evaluate(w->r, "m", "one", true, &none, &e), E_RANGE);
	check(!none);
	doc = evaluated(w, "m", "two", true);
	check(json_number_or(doc, "n", 0) == 1 && json_number_or(doc, "loo", 9) == 0);
	check(json_number_or(json_object_get(doc, "unused"), "no-others", 0) == 1);
}

TEST(a_dataset_made_for_something_else_is_not_evaluated)
{
	struct world *w = photos(ALLOW ",embed:Purpose");
	scoped_json *doc = NULL;
	json_t *none = NULL;

	train_of(w, "m", "d", "colour", false);
	dataset_of(w, "x", "embed:IdentityVerification", NULL);
	refused(flow_evaluate(w->r, "m", "x", false, &doc, &e), E_DENIED);
	check(json_number_or(json_object_get(doc, "counts"), "use-not-allowed", 0) == PHOTOS + 1);
	assert_string_equal(json_text_or(doc, "dataset", ""), "x@1");
	refused(flow_evaluate(w->r, "m", "y", false, &none, &e), E_NOT_FOUND);
	check(!none);
}

TEST(one_denied_record_shuts_the_door_of_evaluation)
{
	struct order_words order = { .selector = "record:12", .authority = "DPA", .reason = "r" };
	scoped_json *opened = NULL, *doc = NULL, *fine = NULL;
	struct world *w = photos(ALLOW);

	dataset_of(w, "part", "train:IdentityVerification", "record:0-8");
	train_of(w, "m", "part", "colour", false);
	check_ok(flow_order_open(w->r, &order, &opened, &e));
	/* The model does not rest on it, but the dataset holds it. */
	refused(flow_evaluate(w->r, "m", "d", false, &doc, &e), E_DENIED);
	check(json_number_or(json_object_get(doc, "counts"), "order-open", 0) == 1);
	fine = evaluated(w, "m", "part", false);
	check(json_number_or(fine, "n", 0) > 0);
}

WORLD_MAIN("flow-predict")
