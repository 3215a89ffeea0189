/* The door by which records leave. */
#include "flow/share_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/order.h"
#include "wire/dsse.h"

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

	check_ok(dsse_parse(&d, file->data, file->len, 1 << 20, &e));
	check_ok(dsse_check(d, world_now()->r->log_key[LOG_FACTS].public_key, &e));
	check_ok(json_parse_canonical(&j, d->body, d->body_len, 1 << 20, &e));
	return j;
}

TEST(the_statement_says_who_what_for_and_under_what)
{
	scoped(buf) *manifest = NULL;
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
	agreed();
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

WORLD_MAIN("flow/share")
