/* The door by which records leave; what it notes, and what an order finds of it. */
#include "flow/share.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/handover.h"
#include "flow/order.h"
#include "flow/rights.h"
#include "flow/share_parts.h"
#include "flow/uses.h"
#include "flow/world.h"
#include "repo/select.h"
#include "wire/dsse.h"

#define TRAIN_USE "train:IdentityVerification"
#define SHARE_USE "share:IdentityVerification"

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

static char agreement[PATH_LEN_MAX];

/* Three records with nobody in them, which may be shared, in a dataset made for training. */
static struct world *some_data(void)
{
	scoped_json *doc = NULL;
	struct world *w = world_open();

	error_clear(&e);
	world_source("s", "none", TRAIN_USE "," SHARE_USE);
	world_file("album/a.jpg", "one");
	world_file("album/b.jpg", "two");
	world_file("c", "three");
	snprintf(agreement, sizeof(agreement), "%s", world_beside("agreed"));
	check_ok(world_ingest("s", NULL));
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &doc, &e));
	return w;
}

/* Below the folder of files; lent until the call after the next. */
static const char *out_path(const char *name)
{
	static char paths[4][PATH_LEN_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_LEN_MAX, "%.3000s-%.200s", world_now()->files, name);
	return path;
}

static bool is_there(const char *folder, const char *name)
{
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	return file_exists(path);
}

static struct buf *content_of(const char *folder, const char *name)
{
	struct buf *b = NULL;
	char path[PATH_LEN_MAX];

	check_ok(path_join(path, folder, name, &e));
	check_ok(file_read(path, 1 << 28, &b, &e));
	return b;
}

static bool has_line(const char *folder, const char *name, const char *part)
{
	scoped(buf) *b = content_of(folder, name);

	return strstr(buf_text(b), part) != NULL;
}

static int share_of(const char *dataset, const char *to, const char *folder, json_t **ret)
{
	const struct share_words w = { .dataset = dataset, .to = to, .use = SHARE_USE,
				       .under = agreement, .folder = folder };

	return flow_share(world_now()->r, &w, ret, &e);
}

static int share(const char *to, const char *folder, json_t **ret)
{
	return share_of("d", to, folder, ret);
}

static int export(const char *format, const char *folder, json_t **ret)
{
	const struct share_words w = { .dataset = "d", .folder = folder, .format = format };

	return flow_dataset_export(world_now()->r, &w, ret, &e);
}

static void shared(const char *to, const char *folder)
{
	scoped_json *doc = NULL;

	check_ok(share(to, folder, &doc));
}

static uint64_t copies(void)
{
	scoped(set) *all = NULL;
	uint64_t n;

	check_ok(set_create(&all, &e));
	check_ok(set_add_range(all, 0, 100000, &e));
	check_ok(copies_of(world_now()->r, all, &n, &e));
	return n;
}

/* --- names --- */

static const char *took(struct names *n, const char *path)
{
	const char *name = NULL;

	check_ok(names_take(n, path, &name, &e));
	return name;
}

TEST(a_name_keeps_inside_the_folder_and_on_one_line)
{
	static const char *const cases[][2] = {
		{ "a/b.jpg", "a/b.jpg" },	 { "../../etc/passwd", "__/__/etc/passwd" },
		{ "/etc/shadow", "etc/shadow" }, { "x//y/./z", "x/y/z" },
		{ "..", "__" },			 { "two\nlines\r", "two_lines_" },
		{ "", "file" },			 { "./", "file" },
		{ "a\\b", "a_b" },		 { "bad\xff\xfeutf", "bad__utf" },
		{ "del\x7f", "del_" },		 { "c1\xc2\x85", "c1_" },
		{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" }, { "...", "..." },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		scoped(names) *n = NULL;

		check_ok(names_create(&n, &e));
		assert_string_equal(took(n, cases[i][0]), cases[i][1]);
	}
}

TEST(two_records_of_one_name_are_two_files)
{
	scoped(names) *n = NULL;

	check_ok(names_create(&n, &e));
	assert_string_equal(took(n, "x/a.jpg"), "x/a.jpg");
	assert_string_equal(took(n, "x/a.jpg"), "x/a-2.jpg");
	assert_string_equal(took(n, "x/a-2.jpg"), "x/a-2-2.jpg");
	assert_string_equal(took(n, "x/a.jpg"), "x/a-3.jpg");
	assert_string_equal(took(n, ".hidden"), ".hidden");
	assert_string_equal(took(n, ".hidden"), ".hidden-2");
	/* A folder where a file is, and a file where a folder is. */
	assert_string_equal(took(n, "x/a.jpg/deep"), "x/a-4.jpg/deep");
	assert_string_equal(took(n, "x/a.jpg/more"), "x/a-4.jpg/more");
	assert_string_equal(took(n, "x"), "x-2");
	/* Ours. */
	assert_string_equal(took(n, "manifest.csv"), "manifest-2.csv");
	assert_string_equal(took(n, "terms/s.json"), "terms-2/s.json");
	assert_string_equal(took(n, "handover.json"), "handover-2.json");
}

TEST(a_long_name_leaves_room_for_its_number)
{
	char path[3 * NAMES_PATH_MAX], part[NAMES_PART_MAX + 1];
	scoped(names) *n = NULL;
	const char *second;

	check_ok(names_create(&n, &e));
	memset(part, 'p', NAMES_PART_MAX);
	part[NAMES_PART_MAX] = 0;
	check(strlen(took(n, part)) == NAMES_PART_MAX);
	second = took(n, part);
	check(strlen(second) == NAMES_PART_MAX && strcmp(second + NAMES_PART_MAX - 2, "-2") == 0);
	memset(path, 0, sizeof(path));
	while (strlen(path) < 2 * NAMES_PATH_MAX)
		strcat(path, "folder/");
	strcat(path, "last.jpg");
	assert_string_equal(took(n, path), "last.jpg");
}

/* Whatever is asked for, in whatever order: no name twice, none that leads out, and no file where
 * another needs a folder. */
TEST(no_two_names_meet)
{
	static const char *const parts[] = { "a", "a-2", "..", ".", "", "a.b", "terms", "\n", "b" };
	enum { TRIES = 3000 };
	static const char *given[TRIES];
	scoped(names) *n = NULL;
	unsigned seed = 1;

	check_ok(names_create(&n, &e));
	for (size_t i = 0; i < TRIES; i++) {
		char path[64] = "";

		for (unsigned k = 0; k < 3; k++) {
			seed = seed * 1103515245u + 12345u;
			strcat(path, parts[(seed >> 16) % COUNT_OF(parts)]);
			if (k < 2 && seed >> 30)
				strcat(path, "/");
		}
		given[i] = took(n, path);
		check(given[i][0] != '/' && !strstr(given[i], "//") && !strchr(given[i], '\n'));
		check(strcmp(given[i], "..") != 0 && strncmp(given[i], "../", 3) != 0 &&
		      !strstr(given[i], "/../"));
	}
	for (size_t i = 0; i < TRIES; i++)
		for (size_t j = 0; j < TRIES; j++) {
			size_t len = strlen(given[i]);

			if (i != j && strncmp(given[i], given[j], len) == 0)
				check(given[j][len] != 0 && given[j][len] != '/');
		}
}

/* --- the door --- */

TEST(what_is_shared_lies_there_with_its_list_and_a_signature)
{
	struct world *w = some_data();
	const char *to = out_path("to");
	scoped_json *doc = NULL;
	uint64_t facts = world_facts();

	check_ok(share("Receiver Ltd", to, &doc));
	assert_string_equal(json_text_or(doc, "transfer", ""), "out1");
	check(json_number_or(doc, "records", 0) == 3);
	assert_string_equal(json_text_or(doc, "to", ""), "Receiver Ltd");
	assert_string_equal(json_text_or(doc, "at", ""), to);
	check(world_facts() == facts + 1 && copies() == 3);
	check(is_there(to, "album/a.jpg") && is_there(to, "album/b.jpg") && is_there(to, "c"));
	check(has_line(to, "manifest.csv", "path,sha256,bytes\n"));
	check(has_line(to, "album/b.jpg", "two") && has_line(to, "manifest.csv", "\nalbum/b.jpg,"));
	check(has_line(to, "terms/s.json", "CC0-1.0"));
	check(!has_line(to, "terms/s.json", "\"records\""));
	/* What is known of records stays here. */
	check(!is_there(to, "attrs.csv") && !is_there(to, "subjects.csv"));
	check(is_there(to, "handover.json") && w->r->lock_fd < 0);
}

static json_t *statement(const char *folder)
{
	scoped(buf) *file = content_of(folder, "handover.json");
	scoped(dsse) *d = NULL;
	json_t *j = NULL;

	check_ok(dsse_parse(&d, file->data, file->len, 1 << 20, true, &e));
	check_ok(dsse_check(d, world_now()->r->log_key[LOG_FACTS].public_key, &e));
	check_ok(json_parse_canonical(&j, d->body->data, d->body->len, 1 << 20, &e));
	return j;
}

TEST(the_statement_says_who_what_for_and_under_what)
{
	scoped(buf) *manifest = NULL, *agreed = NULL;
	scoped_json *j = NULL;
	const json_t *p, *subject;
	struct hash is, listed;

	some_data();
	shared("Receiver Ltd", out_path("to"));
	j = statement(out_path("to"));
	p = json_object_get(j, "predicate");
	subject = json_array_get(json_object_get(j, "subject"), 0);
	assert_string_equal(json_text_or(j, "predicateType", ""), "urn:rescind:handover:1");
	assert_string_equal(json_text_or(p, "to", ""), "Receiver Ltd");
	assert_string_equal(json_text_or(p, "use", ""), SHARE_USE);
	assert_string_equal(json_text_or(p, "id", ""), "out1");
	assert_string_equal(json_text_or(p, "origin", ""), "example.org/world");
	check(json_number_or(p, "count", 0) == 3);
	check(strncmp(json_text_or(p, "head", ""), "example.org/world/facts\n", 24) == 0);
	manifest = content_of(out_path("to"), "manifest.csv");
	hash_bytes(&is, manifest->data, manifest->len);
	check_ok(json_get_hash(p, "manifest", &listed, &e));
	check(hash_equal(&is, &listed));
	check_ok(json_get_hash(json_object_get(subject, "digest"), "sha256", &listed, &e));
	check(hash_equal(&is, &listed));
	hash_bytes(&is, "agreed", 6);
	check_ok(json_get_hash(p, "under", &listed, &e));
	check(hash_equal(&is, &listed));
}

TEST(one_denied_record_refuses_all_and_nothing_is_written)
{
	struct world *w = world_open();
	scoped_json *dataset = NULL, *doc = NULL;
	const char *to = out_path("to");
	uint64_t facts;

	error_clear(&e);
	world_source("open", "none", TRAIN_USE "," SHARE_USE);
	world_source("closed", "none", TRAIN_USE);
	world_file("x/a", "one");
	world_file("y/b", "two");
	snprintf(agreement, sizeof(agreement), "%s", world_beside("agreed"));
	check_ok(world_ingest("open", "x"));
	check_ok(world_ingest("closed", "y"));
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &dataset, &e));
	facts = world_facts();
	refused(share("Receiver Ltd", to, &doc), E_DENIED);
	assert_string_equal(json_text_or(doc, "decision", ""), "deny");
	check(json_is_null(json_object_get(doc, "transfer")));
	check(json_number_or(json_object_get(doc, "counts"), "use-not-allowed", 0) == 1);
	check(json_array_size(json_object_get(doc, "reasons")) == 1);
	check(world_facts() == facts && copies() == 0 && !file_exists(to));
}

TEST(sharing_is_for_a_use_that_shares_to_somebody_under_something)
{
	struct world *w = some_data();
	const struct share_words good = { .dataset = "d", .to = "R", .use = SHARE_USE,
					  .under = world_beside("x"), .folder = out_path("to") };
	struct share_words bad = good;
	scoped_json *doc = NULL;
	uint64_t facts = world_facts();

	bad.use = TRAIN_USE;
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	bad.use = "share";
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	bad = good;
	bad.to = "";
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	bad.to = "two\nlines";
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	bad.to = NULL;
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	bad = good;
	bad.under = NULL;
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	bad.under = "/no/such/file";
	refused(flow_share(w->r, &bad, &doc, &e), E_NOT_FOUND);
	bad = good;
	bad.dataset = "nothing";
	refused(flow_share(w->r, &bad, &doc, &e), E_NOT_FOUND);
	bad = good;
	bad.format = "zip";
	refused(flow_share(w->r, &bad, &doc, &e), E_USAGE);
	check(!doc && world_facts() == facts && !file_exists(good.folder));
}

TEST(a_folder_that_is_not_empty_or_ours_stays_as_it_is)
{
	struct world *w = some_data();
	char inside[PATH_LEN_MAX];
	scoped_json *doc = NULL;

	refused(share("R", w->files, &doc), E_CONFLICT);
	check(is_there(w->files, "c"));
	snprintf(inside, sizeof(inside), "%.3000s/out", w->r->folder);
	refused(share("R", inside, &doc), E_USAGE);
	check(!file_exists(inside));
	snprintf(inside, sizeof(inside), "%.3000s/out", w->r->keys.path);
	refused(share("R", inside, &doc), E_USAGE);
	check(!file_exists(inside));
	/* An empty one is fine, and stays when it was there before. */
	check_ok(folder_make(out_path("to"), 0700, &e));
	shared("R", out_path("to"));
}

/* --- failures --- */

static struct sys failing;
static unsigned writes_left;

static ssize_t write_until(int fd, const void *p, size_t len)
{
	if (writes_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	writes_left--;
	return sys_real.write(fd, p, len);
}

static ssize_t pwrite_until(int fd, const void *p, size_t len, off_t at)
{
	if (writes_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	writes_left--;
	return sys_real.pwrite(fd, p, len, at);
}

TEST(a_full_disk_leaves_nothing_and_names_the_file)
{
	const struct sys *before = sys;
	const char *to = out_path("to");
	struct world *w = some_data();
	bool named = false;
	unsigned n;

	to = out_path("to");
	failing = *sys;
	failing.write = write_until;
	failing.pwrite = pwrite_until;
	for (n = 0; n < 200; n++) {
		scoped_json *doc = NULL;
		uint64_t facts = world_facts();
		int code;

		writes_left = n;
		sys = &failing;
		code = share("R", to, &doc);
		sys = before;
		named = named || strstr(e.text, "album/b.jpg");
		if (code == 0)
			break;
		error_clear(&e);
		check(!file_exists(to));
		/* After the commit point it is done, whatever was not published. */
		if (world_facts() > facts)
			break;
		check(copies() == 0);
	}
	check(named && n > 5 && n < 200 && w->r);
}

/* While files are written the repository is free, and somebody takes a record back. */
static void take_back(void *ctx, const struct task *t)
{
	struct repo_options o = { .at_utc_ms = TIME_NONE };
	const struct order_words words = { .selector = "record:2", .authority = "A", .reason = "B" };
	scoped_json *doc = NULL;
	scoped(repo) *other = NULL;
	struct error mine = { 0 };
	char folder[PATH_LEN_MAX];
	bool *done = ctx;

	(void)t;
	if (*done)
		return;
	*done = true;
	snprintf(folder, sizeof(folder), "%.*s", (int)(strlen(world_now()->r->folder) - 9),
		 world_now()->r->folder);
	o.folder = folder;
	if (repo_open(&other, &o, &mine) < 0 || flow_order_open(other, &words, &doc, &mine) < 0)
		fail_msg("%s", mine.text);
}

TEST(what_is_denied_while_it_is_written_does_not_leave)
{
	struct world *w = some_data();
	const char *to = out_path("to");
	scoped_json *doc = NULL;
	bool done = false;

	w->task.show = take_back;
	w->task.show_ctx = &done;
	w->task.shown_us = 0;
	refused(share("R", to, &doc), E_DENIED);
	w->task.show = NULL;
	check(done && !file_exists(to) && copies() == 0);
	check(json_number_or(json_object_get(doc, "counts"), "order-open", 0) == 1);
}

TEST(who_is_asked_to_stop_leaves_nothing)
{
	struct world *w = some_data();
	const char *to = out_path("to");
	scoped_json *doc = NULL;

	w->task.stop = 1;
	refused(share("R", to, &doc), E_CANCELLED);
	w->task.stop = 0;
	check(!file_exists(to) && copies() == 0);
	shared("R", to);
}

/* --- what an order finds --- */

static void taken_back(const char *selector)
{
	const struct order_words words = { .selector = selector, .authority = "A", .reason = "B" };
	scoped_json *opened = NULL, *plan = NULL, *approved = NULL, *done = NULL;
	struct repo *r = world_now()->r;
	const char *id;

	r->solo = true;
	check_ok(flow_order_open(r, &words, &opened, &e));
	id = json_text_or(opened, "order", "");
	check_ok(flow_order_plan(r, id, &plan, &e));
	check_ok(flow_order_approve(r, id, json_text_or(plan, "plan", ""), &approved, &e));
	check_ok(flow_order_execute(r, id, NULL, &done, &e));
}

TEST(an_order_deletes_what_was_shared)
{
	scoped_json *again = NULL;
	const char *to;

	some_data();
	to = out_path("to");
	shared("R", to);
	taken_back("record:0");
	check(!is_there(to, "album/a.jpg") && is_there(to, "album/b.jpg") && is_there(to, "c"));
	/* The version that held it is denied whole; the next one leaves without it. */
	refused(share_of("d@1", "R", out_path("again"), &again), E_DENIED);
	check(json_number_or(json_object_get(again, "counts"), "erased", 0) == 1);
	shared("R", out_path("again"));
	check(!is_there(out_path("again"), "album/a.jpg") && is_there(out_path("again"), "c"));
}

TEST(an_order_leaves_a_file_that_is_another_by_now)
{
	const char *to;
	char path[PATH_LEN_MAX];

	some_data();
	to = out_path("to");
	shared("R", to);
	check_ok(path_join(path, to, "album/a.jpg", &e));
	check_ok(file_write(path, "else", 4, 0600, &e));
	taken_back("record:0");
	check(is_there(to, "album/a.jpg"));
}

static struct part_due *due(struct arena *a, const char *positions, size_t *ret_count)
{
	struct part_due *list = NULL;
	scoped(set) *s = NULL;
	struct touched t;

	check_ok(set_from_text(&s, positions, 1000, &e));
	check_ok(touched_by(world_now()->r, a, s, &t, &e));
	check_ok(parts_due(world_now()->r, a, s, &t, &list, ret_count, &e));
	return list;
}

TEST(lists_that_name_a_record_are_due_with_it)
{
	scoped(arena) *a = NULL;
	scoped_json *doc = NULL;
	bool gone, other;
	struct part_due *list;
	char path[PATH_LEN_MAX];
	size_t count;

	some_data();
	shared("R", out_path("to"));
	check_ok(export(NULL, out_path("own"), &doc));
	check_ok(arena_create(&a, &e));
	list = due(a, "1", &count);
	check(count == 4);
	assert_string_equal(list[0].label, "out1");
	assert_string_equal(list[0].name, "manifest.csv");
	check(list[0].records == 1);
	assert_string_equal(list[1].label, "out2");
	for (size_t i = 0; i < count; i++) {
		check_ok(path_join(path, list[i].folder, list[i].name, &e));
		check(file_exists(path));
	}
	check_ok(part_remove(world_now()->r, &list[0], &gone, &other, &e));
	check(gone && !other && !is_there(out_path("to"), "manifest.csv"));
	check_ok(part_remove(world_now()->r, &list[0], &gone, &other, &e));
	check(gone && !other);
	/* Of the same length, and not ours. */
	check_ok(path_join(path, list[1].folder, list[1].name, &e));
	{
		scoped(buf) *b = content_of(list[1].folder, list[1].name);

		b->data[0] ^= 1;
		check_ok(file_write(path, b->data, b->len, 0600, &e));
	}
	check_ok(part_remove(world_now()->r, &list[1], &gone, &other, &e));
	check(!gone && other && file_exists(path));
}

/* --- recipients --- */

static const json_t *recipient(const json_t *impact, const char *name, size_t nth)
{
	const json_t *list = json_object_get(impact, "recipients"), *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, one)
		if (strcmp(json_text_or(one, "recipient", ""), name) == 0 && nth-- == 0)
			return one;
	return NULL;
}

static void deployed(const char *product, const char *recipient_name, const char *from)
{
	const struct deploy_words w = { .model = "m", .product = product,
					.use = "infer:IdentityVerification",
					.recipient = recipient_name, .from = from };
	scoped_json *doc = NULL;

	check_ok(flow_deploy(world_now()->r, &w, &doc, &e));
}

TEST(impact_names_who_holds_some_of_it_each_once)
{
	const char *d[] = { "d" };
	struct model_words m = { .name = "m", .datasets = d, .dataset_count = 1 };
	scoped_json *model = NULL, *impact = NULL, *own = NULL;
	struct world *w = some_data();

	m.path = world_beside("weights");
	check_ok(flow_model_add(w->r, &m, &model, &e));
	shared("Receiver Ltd", out_path("to"));
	shared("Receiver Ltd", out_path("again"));
	check_ok(export(NULL, out_path("own"), &own));
	deployed("DoorCam", "Door Ltd", "2014-06-01");
	deployed("GateCam", "Door Ltd", "2013-06-01");
	deployed("Ours", NULL, NULL);
	check_ok(flow_impact(w->r, "record:1-2", &impact, &e));
	check(json_array_size(json_object_get(impact, "recipients")) == 3);
	assert_string_equal(json_text_or(recipient(impact, "Receiver Ltd", 0), "transfer", ""), "out1");
	assert_string_equal(json_text_or(recipient(impact, "Receiver Ltd", 1), "transfer", ""), "out2");
	check(json_number_or(recipient(impact, "Receiver Ltd", 0), "records", 0) == 2);
	assert_string_equal(json_text_or(recipient(impact, "Door Ltd", 0), "deployment", ""), "d1");
	assert_string_equal(json_text_or(recipient(impact, "Door Ltd", 0), "since", ""),
			    "2013-06-01T00:00:00Z");
	check(json_number_or(impact, "copies", 0) == 6);
}

/* --- to ourselves --- */

TEST(an_export_can_be_ingested_again)
{
	struct world *w = world_open();
	scoped_json *dataset = NULL, *doc = NULL;
	struct ingest_words words = { .source = "s", .path_count = 1 };
	const char *paths[1] = { w->files };
	const char *own;

	error_clear(&e);
	words.paths = paths;
	world_source("s", "personal", TRAIN_USE);
	world_grant("kim", NULL, TRAIN_USE);
	world_file("a.jpg", "one");
	words.subjects = world_beside("path,subject\na.jpg,kim\n");
	check_ok(world_ingest_words(&words));
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &dataset, &e));
	own = out_path("own");
	check_ok(export("files", own, &doc));
	check(json_is_null(json_object_get(doc, "to")) && !is_there(own, "handover.json"));
	check(has_line(own, "subjects.csv", "path,subject\na.jpg,kim\n"));
	check(has_line(own, "attrs.csv", "path,key,value\n") && copies() == 1);
}

TEST(a_shard_holds_a_thousand_records_and_is_due_for_its_own)
{
	struct world *w = world_open();
	scoped_json *dataset = NULL, *doc = NULL;
	scoped(arena) *a = NULL;
	struct part_due *list;
	char name[24];
	size_t count;

	error_clear(&e);
	world_source("s", "none", TRAIN_USE);
	for (int i = 0; i < SHARD_RECORDS + 1; i++) {
		snprintf(name, sizeof(name), "%04d", i);
		world_file(name, name);
	}
	check_ok(world_ingest("s", NULL));
	check_ok(flow_dataset_create(w->r, "d", TRAIN_USE, NULL, &dataset, &e));
	check_ok(export("webdataset", out_path("own"), &doc));
	check(json_number_or(doc, "shards", 0) == 2 && copies() == 0);
	check(is_there(out_path("own"), "shard-000000.tar"));
	check(is_there(out_path("own"), "shard-000001.tar"));
	check_ok(arena_create(&a, &e));
	list = due(a, "1000", &count);
	check(count == 2);
	assert_string_equal(list[0].name, "shard-000001.tar");
	assert_string_equal(list[1].name, "manifest.csv");
	list = due(a, "999", &count);
	check(count == 2);
	assert_string_equal(list[0].name, "shard-000000.tar");
}

/* --- the catalog --- */

static int put_thing(void *ctx, const struct catalog_thing *t, struct error *err)
{
	return buf_printf(ctx, err, "%s %llu %llu %u %s\n", t->name, (unsigned long long)t->owner,
			  (unsigned long long)t->fact, t->state, t->body);
}

static int put_object(void *ctx, const struct catalog_object *o, struct error *err)
{
	return buf_printf(ctx, err, "%u %llu %llu %llu\n", o->kind, (unsigned long long)o->owner,
			  (unsigned long long)o->part, (unsigned long long)o->slot);
}

static int put_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *err)
{
	char hex[33];

	return buf_printf(ctx, err, "%s %llu\n", hex_encode(hex, t->b, 16), (unsigned long long)pos);
}

static struct buf *rows(void)
{
	struct catalog *c = world_now()->r->catalog;
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	check_ok(catalog_each_thing(c, THING_HANDOVER, UINT64_MAX, put_thing, b, &e));
	check_ok(catalog_each_object(c, 0, UINT64_MAX, put_object, b, &e));
	check_ok(catalog_each_tag(c, TAG_PLACE, put_tag, b, &e));
	return b;
}

TEST(a_rebuild_makes_the_same_rows)
{
	struct repo_options o = { .at_utc_ms = TIME_NONE, .rebuild = true };
	scoped(buf) *before = NULL, *after = NULL;
	struct world *w = some_data();
	char folder[PATH_LEN_MAX];
	scoped_json *doc = NULL;

	shared("R", out_path("to"));
	shared("R", out_path("again"));
	check_ok(export("webdataset", out_path("own"), &doc));
	before = rows();
	snprintf(folder, sizeof(folder), "%.*s", (int)(strlen(w->r->folder) - 9), w->r->folder);
	o.folder = folder;
	repo_close(w->r);
	w->r = NULL;
	check_ok(repo_open(&w->r, &o, &e));
	after = rows();
	check(strstr(buf_text(before), "out3") != NULL && copies() == 6);
	assert_string_equal(buf_text(after), buf_text(before));
}

/* The folder was thrown away, and is filled again: its files are noted where they are, once. */
TEST(the_same_place_again_is_no_other_copy)
{
	const char *to;

	some_data();
	to = out_path("to");
	shared("R", to);
	check_ok(folder_remove(to, &e));
	shared("R", to);
	check(copies() == 3);
	shared("R", out_path("again"));
	check(copies() == 6);
}

TEST(a_hand_over_is_picked_and_listed)
{
	scoped_json *list = NULL, *one = NULL, *none = NULL;
	scoped(selector) *s = NULL;
	scoped(set) *got = NULL;
	struct world *w = some_data();

	shared("Receiver Ltd", out_path("to"));
	check_ok(selector_parse(&s, "transfer:out1", &e));
	check_ok(selector_run(w->r, s, &got, &e));
	check(set_count(got) == 3);
	check_ok(flow_transfer_show(w->r, NULL, &list, &e));
	check(json_array_size(list) == 1);
	assert_string_equal(json_text_or(json_array_get(list, 0), "direction", ""), "out");
	check_ok(flow_transfer_show(w->r, "out1", &one, &e));
	assert_string_equal(json_text_or(one, "to", ""), "Receiver Ltd");
	assert_string_equal(json_text_or(one, "dataset", ""), "d@1");
	check(json_array_size(json_object_get(one, "documents")) == 1);
	refused(flow_transfer_show(w->r, "out2", &none, &e), E_NOT_FOUND);
	refused(flow_transfer_show(w->r, "outer", &none, &e), E_USAGE);
}

WORLD_MAIN("flow/share")
