/*
 * The whole story of the verbs, from init to compact, each verb with any call or allocation failing
 * and the power going at any moment: fsck --deep finds nothing afterwards, what was told done is
 * done, what was erased opens nowhere, and the same command again ends it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
/* libjpeg's header needs stdio before it. */
#include <jpeglib.h>

#include "base/disk.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/torture.h"
#include "flow/care.h"
#include "flow/decoder.h"
#include "flow/exact.h"
#include "flow/ingest.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/sets.h"
#include "repo/things.h"
#include "base/text.h"

enum { PHOTOS = 6, HEADS_MAX = 64 };
static const char use[] = "train:IdentityVerification";

static struct repo *r;
static struct error e;
static json_t *doc;

static json_t **fresh(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return &doc;
}

static unsigned told;
static unsigned char first_photo[2048];
static size_t first_len;

static void tell(__attribute__((unused)) void *ctx, __attribute__((unused)) const char *line)
{
	told++;
}

/* --- the verbs --- */

static int opened(void)
{
	static struct task task;
	struct repo_options o = { .folder = "/repo", .at_utc_ms = TIME_NONE, .tell = tell, .task = &task };

	told = 0;
	repo_close(r);
	r = NULL;
	error_clear(&e);
	return repo_open(&r, &o, &e);
}

static int act_init(void)
{
	struct repo_new n = { .folder = "/repo", .keys = "/keys", .mirror = "/mirror",
			      .origin = "example.org/torture", .solo = true };

	error_clear(&e);
	return repo_init(&n, &e);
}

static int act_source(void)
{
	struct source_words w = { .name = "s", .controller = "C", .kind = "synthetic", .people = "none",
				  .terms = { .terms = "/in/terms", .licence = "CC0-1.0", .allow = use } };

	return opened() < 0 ? e.code : flow_source_add(r, &w, fresh(), &e);
}

static int act_ingest(void)
{
	static const char *const paths[] = { "/in/photos" };
	struct ingest_words w = { .source = "s", .paths = paths, .path_count = 1, .use = use,
				  .attrs = "/in/attrs.csv", .in_place = true };

	return opened() < 0 ? e.code : flow_ingest(r, &w, fresh(), &e);
}

static int act_dataset(void)
{
	return opened() < 0 ? e.code : flow_dataset_create(r, "d", use, NULL, fresh(), &e);
}

static int act_model(void)
{
	static const char *const datasets[] = { "d" };
	struct model_words w = { .name = "m", .path = "/in/weights", .datasets = datasets, .dataset_count = 1 };

	return opened() < 0 ? e.code : flow_model_add(r, &w, fresh(), &e);
}

static int act_train(void)
{
	struct train_words w = { .model = "x", .dataset = "d", .target = "colour", .features = "pixels" };

	return opened() < 0 ? e.code : flow_train(r, &w, fresh(), &e);
}

static int act_order(void)
{
	const struct order_words w = { .selector = "record:0-1", .authority = "A", .reason = "B" };

	return opened() < 0 ? e.code : flow_order_open(r, &w, fresh(), &e);
}

static int act_plan(void)
{
	return opened() < 0 ? e.code : flow_order_plan(r, "o1", fresh(), &e);
}

static int act_approve(void)
{
	char plan[65];

	if (act_plan() < 0)
		return e.code;
	snprintf(plan, sizeof(plan), "%s", json_text_or(doc, "plan", ""));
	return flow_order_approve(r, "o1", plan, fresh(), &e);
}

static int act_execute(void)
{
	return opened() < 0 ? e.code : flow_order_execute(r, "o1", NULL, fresh(), &e);
}

static int act_compact(void)
{
	return opened() < 0 ? e.code : flow_compact(r, fresh(), &e);
}

static int act_rebuild(void)
{
	struct repo_options o = { .folder = "/repo", .at_utc_ms = TIME_NONE, .tell = tell, .rebuild = true };

	repo_close(r);
	r = NULL;
	error_clear(&e);
	return repo_open(&r, &o, &e);
}

/* --- what must be true --- */

/* What each step makes true. */
struct step {
	const char *name;
	int (*act)(void);
	bool (*is_done)(void);
	int again[3]; /* what the same command may answer when it was done: 0 is 0 */
	unsigned seconds;
};

static uint64_t facts(void)
{
	uint64_t n = 0;

	check_ok(catalog_fact_count(r->catalog, &n, &e));
	return n;
}

static uint64_t records(void)
{
	uint64_t n = 0;

	check_ok(catalog_commitment_count(r->catalog, &n, &e));
	return n;
}

/* A show that finds it. */
static bool is_there(int code)
{
	check(code == 0 || code == E_NOT_FOUND);
	error_clear(&e);
	return code == 0;
}

static bool order_is(const char *state)
{
	static const char *const names[] = { "open", "planned", "approved", "certified" };
	const char *found;
	size_t i = 0, j = 0;

	if (flow_order_status(r, "o1", fresh(), &e) < 0) {
		check(e.code == E_NOT_FOUND);
		error_clear(&e);
		return false;
	}
	found = json_text_or(doc, "state", "");
	while (i < 3 && strcmp(names[i], state) != 0)
		i++;
	while (j < 3 && strcmp(names[j], found) != 0)
		j++;
	return j >= i;
}

static bool done_init(void) { return facts() == 2; }
static bool done_source(void) { return is_there(flow_source_show(r, "s", fresh(), &e)); }
static bool done_ingest(void) { return records() == PHOTOS + 1; }
static bool done_dataset(void) { return is_there(flow_dataset_show(r, "d", fresh(), &e)); }
static bool done_model(void) { return is_there(flow_model_show(r, "m", fresh(), &e)); }
static bool done_train(void) { return is_there(flow_model_show(r, "x", fresh(), &e)); }
static bool done_order(void) { return order_is("open"); }
static bool done_plan(void) { return order_is("planned"); }
static bool done_approve(void) { return order_is("approved"); }
static bool always(void) { return true; }

/* Certified, and of what it takes back nothing is left. */
static bool done_execute(void)
{
	if (flow_order_status(r, "o1", fresh(), &e) < 0 ||
	    strcmp(json_text_or(doc, "state", ""), "certified") != 0)
		return false;
	for (uint64_t pos = 0; pos < 2; pos++) {
		struct catalog_record rec;
		bool alive = true;

		check_ok(catalog_record(r->catalog, pos, &rec, &e));
		check(rec.status == RECORD_ERASED);
		check_ok(keyring_alive(r->keyring, rec.slot, &alive, &e));
		check(!alive);
	}
	check(!file_exists("/in/photos/p0") && !file_exists("/in/photos/p1"));
	check(file_exists("/in/photos/p2"));
	check(!file_exists("/in/weights"));
	check(!disk_holds("/", first_photo, first_len)); /* nor was it ever anywhere in clear */
	return true;
}

static const struct step *now;
static struct {
	bool known;
	struct hash root;
} heads[LOG_COUNT][HEADS_MAX];
static struct note_key head_keys[LOG_COUNT];
static uint64_t heads_before[LOG_COUNT];

static void note_heads(void)
{
	static const char *const paths[] = { "/repo/.rescind/log/facts/checkpoint",
					     "/repo/.rescind/log/records/checkpoint" };

	for (int log = 0; log < LOG_COUNT; log++) {
		scoped(buf) *note = NULL;
		struct head h;

		error_clear(&e);
		if (!head_keys[log].name[0] || file_read(paths[log], 4096, &note, &e) < 0)
			continue;
		check_ok(head_open(&h, note->data, note->len, &head_keys[log], &e));
		check(h.size < HEADS_MAX && h.size >= heads_before[log]);
		check(!heads[log][h.size].known || hash_equal(&heads[log][h.size].root, &h.root));
		heads[log][h.size].known = true;
		heads[log][h.size].root = h.root;
	}
	error_clear(&e);
}

static void see(void)
{
	r = NULL; /* whoever held it has ended */
	note_heads();
}

static void fsck(bool deep)
{
	int code = flow_fsck(r, deep, fresh(), &e);

	if (code != 0)
		fail_msg("fsck: %s", doc ? json_dumps(json_object_get(doc, "problems"), 0) : e.text);
	for (uint64_t size = facts() + 1; size < HEADS_MAX; size++)
		check(!heads[LOG_FACTS][size].known);
	for (uint64_t size = records() + 1; size < HEADS_MAX; size++)
		check(!heads[LOG_RECORDS][size].known);
}

static bool may_say(int code)
{
	for (size_t i = 0; i < COUNT_OF(now->again); i++)
		if (now->again[i] == code)
			return true;
	return false;
}

static void look(bool done)
{
	bool is;
	int code;

	r = NULL;
	note_heads();
	code = opened();
	if (now->act == act_init && !done && code == E_NOT_FOUND) {
		check_ok(act_init());
		code = opened();
	}
	check_ok(code);
	check(!r->read_only);
	is = now->is_done();
	check(is || !done);
	fsck(false);
	check_ok(opened());
	check(told == 0);
	error_clear(&e);
	if (now->act != act_init) {
		code = now->act();
		if (!(is ? may_say(code) : code == 0))
			fail_msg("again (%s): %d %s", is ? "done" : "not done", code, e.text);
	}
	check_ok(opened());
	check(now->is_done());
	fsck(true);
	note_heads();
}

static const struct step steps[] = {
	{ "init", act_init, done_init, { E_CONFLICT }, 3 },
	{ "source", act_source, done_source, { E_CONFLICT, E_CONFLICT, E_CONFLICT }, 3 },
	{ "ingest", act_ingest, done_ingest, { 0 }, 8 },
	{ "dataset", act_dataset, done_dataset, { 0 }, 3 },
	{ "model", act_model, done_model, { 0 }, 3 },
	{ "train", act_train, done_train, { 0 }, 8 },
	{ "order", act_order, done_order, { 0, E_DENIED }, 3 },
	{ "plan", act_plan, done_plan, { 0 }, 3 },
	{ "approve", act_approve, done_approve, { 0, E_CONFLICT }, 3 },
	{ "execute", act_execute, done_execute, { 0, E_CONFLICT }, 20 },
	{ "compact", act_compact, always, { 0 }, 5 },
	{ "rebuild", act_rebuild, always, { 0 }, 5 },
};

/* --- files to begin with --- */

static void file(const char *path, const char *text)
{
	check_ok(file_write(path, text, strlen(text), 0600, &e));
}

static void photo(const char *path, unsigned seed)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL, line[32];
	unsigned long len = 0;
	JSAMPROW row = line;

	j.err = jpeg_std_error(&errors);
	jpeg_create_compress(&j);
	jpeg_mem_dest(&j, &bytes, &len);
	j.image_width = j.image_height = sizeof(line);
	j.input_components = 1;
	j.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&j);
	jpeg_start_compress(&j, TRUE);
	while (j.next_scanline < j.image_height) {
		for (unsigned x = 0; x < sizeof(line); x++)
			line[x] = (unsigned char)(x * seed + j.next_scanline * 7 + seed);
		jpeg_write_scanlines(&j, &row, 1);
	}
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	check_ok(file_write(path, bytes, len, 0600, &e));
	check(len <= sizeof(first_photo));
	if (seed == 1)
		memcpy(first_photo, bytes, first_len = len);
	free(bytes);
}

static void make_files(void)
{
	scoped(buf) *csv = NULL;

	check_ok(buf_create(&csv, 256, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\n"));
	check_ok(folder_make("/in/photos", 0700, &e));
	check_ok(folder_make("/repo", 0700, &e));
	for (unsigned i = 0; i < PHOTOS; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/in/photos/p%u", i);
		photo(path, i + 1);
		check_ok(buf_printf(csv, &e, "p%u,colour,%c\n", i, "xyz"[i % 3]));
	}
	file("/in/photos/text", "no picture");
	file("/in/attrs.csv", buf_text(csv));
	file("/in/terms", "terms");
	file("/in/weights", "weights");
}

TEST(every_verb_with_every_fault_is_done_or_can_be_done_again)
{
	memset(heads, 0, sizeof(heads));
	memset(heads_before, 0, sizeof(heads_before));
	memset(head_keys, 0, sizeof(head_keys));
	disk_end();
	disk_begin();
	make_files();
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct torture t = { steps[i].name, steps[i].act, see, opened, look, steps[i].seconds };

		now = &steps[i];
		torture(&t);
		if (now->act() < 0)
			fail_msg("%s: %s", now->name, e.text);
		check_ok(opened());
		check(now->is_done());
		memcpy(head_keys, r->log_key, sizeof(head_keys));
		note_heads();
		heads_before[LOG_FACTS] = facts();
		heads_before[LOG_RECORDS] = records();
		repo_close(r);
		r = NULL;
	}
}

static const struct sys *under;
static unsigned publications;

/* The second head of facts that a command publishes is not: the first may be a repair. */
static int rename_but_once(const char *from, const char *to)
{
	if (strcmp(to, "/repo/.rescind/log/facts/checkpoint") == 0 && ++publications == 2) {
		errno = EIO;
		return -1;
	}
	return under->rename(from, to);
}

TEST(a_step_that_is_done_but_was_not_published_is_not_done_again)
{
	struct sys table;
	unsigned failed = 0;
	int code;

	disk_end();
	disk_begin();
	make_files();
	for (size_t i = 0; steps[i].act != act_execute; i++)
		check_ok(steps[i].act());
	under = sys;
	table = *under;
	table.rename = rename_but_once;
	sys = &table;
	for (; (code = act_execute()) < 0 && failed < 50; failed++)
		publications = 0;
	sys = under;
	check_ok(code);
	check(failed > 4);
	check_ok(opened());
	check(done_execute());
	fsck(true);
	repo_close(r);
	r = NULL;
}

int main(int argc, char **argv)
{
	int failed;

	decoder_main(argc, argv);
	failed = test_run_all("flow-torture");
	json_decref(doc);
	disk_end();
	print_message("%llu faults\n", (unsigned long long)torture_faults());
	return failed;
}
