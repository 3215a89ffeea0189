#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "flow/world.h"

#define USE "train:IdentityVerification"

static struct error e;

static uint64_t sum(void)
{
	return world_number("accepted") + world_number("refused") + world_number("quarantined") +
	       world_number("copies");
}

TEST(every_file_found_counts_once)
{
	char outside[PATH_LEN_MAX];

	world_open();
	world_source("s", "none", USE);
	world_photo("a/whole.jpg", 31, 17, 3);
	world_file("a/text.txt", "text");
	world_file("a/copy.txt", "text");
	world_file("empty", NULL);
	world_file("broken.jpg", "\xff\xd8\xff\xe0 no picture");
	world_file(".rescind/format", "another repository");
	world_file("b/.rescind/deep", "another one");
	check(path_join(outside, test_folder(), "outside", &e) == 0);
	check(symlink("a/text.txt", world_path("link")) == 0);
	check(symlink(outside, world_path("b/out")) == 0);
	check(symlink("../a", world_path("b/folder")) == 0);
	check(mkfifo(world_path("fifo"), 0600) == 0);

	check(world_ingest("s", NULL) == E_PARTIAL);
	check(world_number("accepted") == 2 && world_number("copies") == 1);
	check(world_number("refused") == 6 && world_number("quarantined") == 0);
	check(sum() == 9);
	check(world_reason("symlink") == 3 && world_reason("empty") == 1);
	check(world_reason("malformed") == 1 && world_reason("not-a-file") == 1);
	check(world_number("first") == 0 && world_number("last") == 1);
	check(world_told("batch 1 committed\n"));
	check(world_told("/broken.jpg: malformed ("));
	check(world_told("/b/folder: symlink\n"));
	check(!world_told(".rescind"));
}

TEST(a_card_has_the_fields_that_the_formats_say)
{
	static const char *const names[] = { "content", "source", "transfer", "terms", "decision",
					     "path", "about" };
	scoped(fields) *card = NULL;
	struct catalog_record rec;
	struct world *w = world_open();
	scoped_json *about = NULL;
	scoped(buf) *bytes = NULL;
	const struct field *f;
	struct hash h;

	world_source("s", "none", USE);
	world_photo("a/p.jpg", 31, 17, 3);
	check(world_ingest("s", NULL) == 0);
	rec = world_record(0);
	check(rec.status == RECORD_LIVE);
	check_ok(repo_card(w->r, &rec, true, &card, &e));
	check(card->count == FIELDS_STEP);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_string_equal(card->list[i].name, names[i]);
	for (size_t i = COUNT_OF(names); i < card->count; i++)
		assert_string_equal(card->list[i].name, "pad");
	assert_string_equal(fields_text(card, "source"), "s");
	assert_string_equal(fields_text(card, "transfer"), "");
	assert_string_equal(fields_text(card, "terms"), "1");
	assert_string_equal(fields_text(card, "decision"), "allow " USE);
	assert_string_equal(fields_text(card, "path"), "a/p.jpg");
	check_ok(file_read(world_path("a/p.jpg"), 1 << 20, &bytes, &e));
	hash_bytes(&h, bytes->data, bytes->len);
	f = fields_find(card, "content");
	check(f->value->len == HASH_LEN && memcmp(f->value->data, h.b, HASH_LEN) == 0);
	f = fields_find(card, "about");
	check_ok(json_parse_canonical(&about, f->value->data, f->value->len, 1 << 16, &e));
	check(json_number_or(about, "bytes", 0) == bytes->len);
	check(json_number_or(about, "width", 0) == 31 && json_number_or(about, "height", 0) == 17);
	assert_string_equal(json_text_or(about, "media", ""), "image/jpeg");
	assert_string_equal(json_text_or(about, "origin", ""), w->files);
	check(json_is_false(json_object_get(about, "in_place")));
	buf_clear(bytes);
	check_ok(repo_bytes(w->r, &rec, bytes, &e));
	check(world_number("bytes") == bytes->len);
}

TEST(a_batch_fact_says_its_positions_and_keeps_the_rest_private)
{
	struct world *w = world_open();
	scoped(fields) *f = NULL;
	scoped_json *entry = NULL, *counts = NULL, *records = NULL;
	struct head_state now;

	world_source("s", "none", USE);
	world_transfer("s", USE, "yes");
	world_file("x", "1");
	world_file("y", "2");
	world_file("z", NULL);
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = &w->files, .path_count = 1, .transfer = "t1" }) ==
	      E_PARTIAL);
	check_ok(repo_fact(w->r, world_facts() - 1, &entry, &e));
	assert_string_equal(json_text_or(entry, "type", ""), "batch");
	check(json_number_or(entry, "first", 9) == 0 && json_number_or(entry, "last", 9) == 1);
	check(strlen(json_text_or(entry, "source", "")) == 16);
	check(strlen(json_text_or(entry, "transfer", "")) == 16);
	check_ok(json_get_object(entry, "records", &records, &e));
	json_incref(records);
	check_ok(repo_state(w->r, LOG_RECORDS, &now, &e));
	check(json_number_or(records, "size", 0) == 2 && now.size == 2);
	assert_string_equal(json_text_or(records, "root", ""), hash_hex(&now.root).s);
	check(!json_object_get(entry, "id") && !json_object_get(entry, "use"));
	check_ok(repo_private(w->r, world_facts() - 1, &f, &e));
	assert_string_equal(fields_text(f, "id"), "b1");
	assert_string_equal(fields_text(f, "source"), "s");
	assert_string_equal(fields_text(f, "transfer"), "t1");
	assert_string_equal(fields_text(f, "terms"), "1");
	assert_string_equal(fields_text(f, "use"), USE);
	assert_string_equal(fields_text(f, "origin"), w->files);
	check_ok(json_parse(&counts, fields_text(f, "counts"), strlen(fields_text(f, "counts")), 4096,
			    &e));
	check(json_number_or(counts, "accepted", 0) == 2 && json_number_or(counts, "refused", 0) == 1);
	assert_string_equal(world_field(0, "transfer"), "t1");
	assert_string_equal(json_text_or(w->doc, "batch", ""), "b1");
}

/* Words that are wrong change nothing and read nothing. */
static void wrong(const struct ingest_words *w, int code, const char *story)
{
	uint64_t facts = world_facts();
	struct world *x = world_now();

	check(world_ingest_words(w) == code);
	if (!strstr(x->e.text, story))
		fail_msg("\"%s\" does not say \"%s\"", x->e.text, story);
	check(x->doc == NULL);
	error_clear(&x->e);
	check(world_facts() == facts && world_records() == 0);
}

TEST(wrong_words_are_told_before_anything_is_read)
{
	struct world *w = world_open();
	const char *const gone[] = { w->files, "/nowhere/at/all" };
	struct ingest_words words = { .source = "s", .paths = gone, .path_count = 2 };

	world_source("s", "none", USE);
	world_source("other", "none", USE);
	world_transfer("other", USE, "yes");
	world_file("x", "1");
	wrong(&words, E_NOT_FOUND, "/nowhere/at/all is not there");
	words.path_count = 0;
	wrong(&words, E_USAGE, "no PATH");
	words.path_count = 1;
	words.source = "nobody";
	wrong(&words, E_NOT_FOUND, "no source \"nobody\"");
	words.source = "s";
	words.use = "train:Nonsense";
	wrong(&words, E_USAGE, "Nonsense");
	words.use = USE "+below";
	wrong(&words, E_USAGE, "without +below");
	words.use = NULL;
	words.transfer = "t2";
	wrong(&words, E_NOT_FOUND, "no transfer t2");
	words.transfer = "t1";
	wrong(&words, E_USAGE, "of another source");
	words.transfer = "one";
	wrong(&words, E_USAGE, "no transfer's id");
	words.transfer = NULL;
	words.subjects = world_path("missing.csv");
	wrong(&words, E_NOT_FOUND, "missing.csv");
	words.subjects = NULL;
	check(world_ingest_words(&words) == 0);
}

TEST(a_file_alone_is_known_by_its_base_name)
{
	struct world *w = world_open();
	scoped_json *about = NULL;
	const char *path, *text;

	world_source("s", "none", USE);
	world_file("deep/er/x.bin", "bytes");
	path = world_path("deep/er/x.bin");
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = &path, .path_count = 1, .in_place = true }) == 0);
	assert_string_equal(world_field(0, "path"), "x.bin");
	text = world_field(0, "about");
	check_ok(json_parse(&about, text, strlen(text), 4096, &e));
	assert_string_equal(json_text_or(about, "origin", ""), world_path("deep/er"));
	check(json_is_true(json_object_get(about, "in_place")));
	check(w->code == 0);
}

TEST(names_are_bytes)
{
	world_open();
	world_source("s", "none", USE);
	world_file("line\nbreak", "1");
	world_file("bad\xff utf", "2");
	world_file("e\nmpty", NULL);
	check(world_ingest("s", NULL) == E_PARTIAL);
	check(world_number("accepted") == 2);
	assert_string_equal(world_field(0, "path"), "bad\xff utf");
	assert_string_equal(world_field(1, "path"), "line\nbreak");
	check(world_told("/e\\nmpty: empty\n"));
}

TEST(a_folder_of_any_bytes_is_an_origin)
{
	scoped_json *about = NULL;
	const char *text;

	world_open();
	world_source("s", "none", USE);
	world_file("bad\xff/x", "1");
	check(world_ingest("s", "bad\xff") == 0);
	text = world_field(0, "about");
	check_ok(json_parse_canonical(&about, text, strlen(text), 1 << 16, &e));
	check(strstr(json_text_or(about, "origin", ""), "bad\xef\xbf\xbd") != NULL);
	text = json_text_or(about, "origin_hex", "");
	assert_string_equal(text + strlen(text) - 8, "626164ff");
}

TEST(what_a_decision_denies_is_refused_with_all_its_reasons)
{
	uint64_t facts;

	world_open();
	world_source("s", "personal", "infer:Advertising");
	world_file("x", "1");
	world_file("y", "2");
	world_file("z", NULL);
	facts = world_facts();
	check(world_ingest("s", NULL) == E_DENIED);
	check(world_number("refused") == 3 && sum() == 3);
	check(world_reason("use-not-allowed") == 2 && world_reason("no-grant") == 2);
	check(world_reason("empty") == 1);
	check(world_told("/x: use-not-allowed,"));
	check(world_facts() == facts && world_records() == 0);
	check(!world_told("committed"));
}

TEST(only_files_that_nobody_decided_on_are_partly_done)
{
	world_open();
	world_source("s", "none", USE);
	world_file("z", NULL);
	check(world_ingest("s", NULL) == E_PARTIAL);
	check(world_number("refused") == 1);
}

TEST(nothing_to_do_is_done)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	check(world_ingest("s", NULL) == 0);
	check(sum() == 0);
	check(json_is_null(json_object_get(w->doc, "batch")));
	check(json_array_size(json_object_get(w->doc, "batches")) == 0);
	check(json_is_null(json_object_get(w->doc, "first")));
}

TEST(what_is_quarantined_is_sealed_and_marked)
{
	struct world *w = world_open();
	scoped(set) *marked = NULL;

	world_source("s", "none", "infer:Advertising");
	world_file("x", "1");
	world_file("y", "1");
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = &w->files, .path_count = 1, .quarantine = true }) == 0);
	check(world_number("quarantined") == 1 && world_number("copies") == 1 && sum() == 2);
	check(world_reason("use-not-allowed") == 1);
	check(world_told("quarantined "));
	check(world_record(0).status == RECORD_QUARANTINED);
	assert_string_equal(world_field(0, "decision"), "quarantine " USE " use-not-allowed");
	check_ok(set_create(&marked, &e));
	check_ok(catalog_mark_get(w->r->catalog, MARK_QUARANTINED, marked, &e));
	check(set_count(marked) == 1 && set_has(marked, 0));
}

static int count_copy(void *ctx, const struct catalog_object *o, struct error *err)
{
	(void)err;
	check(o->owner == 0);
	++*(uint64_t *)ctx;
	return 0;
}

static uint64_t copies_written(struct world *w)
{
	uint64_t n = 0;

	check_ok(catalog_each_object(w->r->catalog, ROW_COPY, 0, count_copy, &n, &e));
	return n;
}

TEST(the_same_bytes_of_a_source_are_copies_of_one_record)
{
	struct world *w = world_open();
	uint64_t facts;

	world_source("s", "none", USE);
	world_file("a/x", "same");
	world_file("b/x", "same");
	world_file("c/x", "same");
	check(world_ingest("s", NULL) == 0);
	check(world_number("accepted") == 1 && world_number("copies") == 2);
	check(world_records() == 1);
	check(copies_written(w) == 2);

	/* All of it again is nothing new. */
	facts = world_facts();
	check(world_ingest("s", NULL) == 0);
	check(world_number("copies") == 3 && sum() == 3);
	check(copies_written(w) == 2 && world_facts() == facts);
	check(json_is_null(json_object_get(w->doc, "batch")));

	/* Only a copy at a new path: it is kept, without a fact. */
	world_file("d/x", "same");
	check(world_ingest("s", NULL) == 0);
	check(world_number("copies") == 4 && copies_written(w) == 3 && world_facts() == facts);
	check(world_ingest("s", NULL) == 0);
	check(copies_written(w) == 3);
}

static uint64_t copies_of(struct world *w, const char *name, bool in_place)
{
	const char *path = world_path(name);

	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = &path, .path_count = 1, .in_place = in_place }) == 0);
	return copies_written(w);
}

static uint64_t copies_after(struct world *w, const char *name)
{
	return copies_of(w, name, true);
}

/* An order deletes each place: one that is missed would stay, one too many would be missed. */
TEST(a_file_in_another_folder_is_a_copy_and_the_same_file_from_another_folder_is_none)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	world_file("a/x", "same");
	world_file("b/x", "same");
	world_file("b\xff/c/x", "same");
	check(copies_after(w, "a") == 0 && world_number("accepted") == 1);
	check(copies_after(w, "b") == 1 && world_number("copies") == 1);
	check(copies_after(w, "b\xff/c") == 2 && world_number("copies") == 1);
	check(copies_after(w, "b\xff") == 2 && world_number("copies") == 1);
	check(copies_after(w, "b/x") == 2 && copies_after(w, "a/x") == 2);
	check(copies_after(w, "a") == 2);
	check(copies_after(w, ".") == 2 && world_number("copies") == 3);
	check(world_records() == 1);
}

TEST(a_file_that_was_read_and_is_now_in_place_is_noted_once)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	world_file("a/x", "same");
	check(copies_of(w, "a", false) == 0 && copies_of(w, "a", false) == 0);
	check(copies_of(w, "a", true) == 1 && copies_of(w, "a", true) == 1);
	check(copies_of(w, "a", false) == 1 && world_number("copies") == 1 && world_records() == 1);
}

TEST(no_more_copies_are_noted_than_a_slot_may_seal)
{
	struct world *w = world_open();
	char name[24];

	world_source("s", "none", USE);
	for (int i = 0; i < COPIES_MAX + 2; i++) {
		snprintf(name, sizeof(name), "%d", i);
		world_file(name, "same");
	}
	check(world_ingest("s", NULL) == E_PARTIAL);
	check(world_number("accepted") == 1 && world_number("copies") == COPIES_MAX);
	check(world_number("refused") == 1 && world_reason("too-many-copies") == 1);
	check(copies_written(w) == COPIES_MAX);
}

TEST(the_same_bytes_of_another_source_are_another_record)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	world_source("other", "none", USE);
	world_file("x", "same");
	check(world_ingest("s", NULL) == 0);
	check(world_ingest("other", NULL) == 0);
	check(world_number("accepted") == 1 && world_records() == 2);
	check(world_ingest("other", NULL) == 0);
	check(world_number("copies") == 1 && world_records() == 2);
	check(copies_written(w) == 0);
}

TEST(a_copy_is_decided_too)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	world_file("x", "same");
	check(world_ingest("s", NULL) == 0);
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = &w->files, .path_count = 1,
		      .use = "infer:Advertising" }) == E_DENIED);
	check(world_number("refused") == 1 && world_number("copies") == 0);
}

/* A file of its own name that nobody waits to be durable. */
static void many_file(const struct world *w, unsigned i)
{
	char path[PATH_LEN_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%u", w->files, i % 7);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%u/%u", w->files, i % 7, i);
	f = fopen(path, "w");
	check(f && fprintf(f, "%u", i) > 0 && fclose(f) == 0);
}

TEST(batches_partition_the_positions)
{
	struct batch *list = NULL;
	scoped(arena) *a = NULL;
	struct world *w = world_open();
	size_t count = 0;

	world_source("s", "none", USE);
	for (unsigned i = 0; i < INGEST_BATCH + 10; i++)
		many_file(w, i);
	check(world_ingest("s", NULL) == 0);
	check(world_number("accepted") == INGEST_BATCH + 10);
	check(json_array_size(json_object_get(w->doc, "batches")) == 2);
	assert_string_equal(json_text_or(w->doc, "batch", ""), "b2");
	world_file("more", "more");
	check(world_ingest("s", NULL) == 0);
	check(world_number("first") == INGEST_BATCH + 10 && world_number("accepted") == 1);
	check_ok(arena_create(&a, &e));
	check_ok(batches_all(w->r, a, &list, &count, &e));
	check(count == 3 && list[0].first == 0);
	for (size_t i = 0; i < count; i++) {
		check(list[i].last >= list[i].first);
		check(i == 0 || list[i].first == list[i - 1].last + 1);
		check(world_record(list[i].last).batch == list[i].fact);
		check(world_record(list[i].first).batch == list[i].fact);
	}
	check(list[2].last + 1 == world_records());
}

TEST(each_path_is_a_batch_of_its_own_origin)
{
	struct world *w = world_open();
	char a[PATH_LEN_MAX], b[PATH_LEN_MAX];
	const char *const paths[] = { a, b, a };

	world_source("s", "none", USE);
	world_file("a/x", "1");
	world_file("b/x", "2");
	snprintf(a, sizeof(a), "%s", world_path("a"));
	snprintf(b, sizeof(b), "%s", world_path("b"));
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = paths, .path_count = 3 }) == 0);
	check(world_number("accepted") == 2 && world_number("copies") == 1);
	check(json_array_size(json_object_get(w->doc, "batches")) == 2);
}

TEST(files_of_one_folder_are_one_batch)
{
	char a[PATH_LEN_MAX], b[PATH_LEN_MAX];
	struct world *w = world_open();
	const char *const paths[] = { a, b };

	world_source("s", "none", USE);
	world_file("a", "1");
	world_file("b", "2");
	snprintf(a, sizeof(a), "%s", world_path("a"));
	snprintf(b, sizeof(b), "%s", world_path("b"));
	check(world_ingest_words(&(struct ingest_words){
		      .source = "s", .paths = paths, .path_count = 2 }) == 0);
	check(world_number("accepted") == 2);
	check(json_array_size(json_object_get(w->doc, "batches")) == 1);
}

/* --- files that resist, and being stopped --- */

static struct sys strange;

static int refuse_open(const char *path, int flags, mode_t mode)
{
	if (strstr(path, "/secret")) {
		errno = EACCES;
		return -1;
	}
	return sys_real.open(path, flags, mode);
}

TEST(what_cannot_be_read_is_refused)
{
	int fd;

	world_open();
	world_source("s", "none", USE);
	world_file("secret", "1");
	world_file("open", "2");
	world_file("huge", "3");
	fd = open(world_path("huge"), O_WRONLY);
	check(fd >= 0 && ftruncate(fd, (off_t)INGEST_FILE_MAX + 1) == 0);
	close(fd);
	strange = sys_real;
	strange.open = refuse_open;
	sys = &strange;
	world_ingest("s", NULL);
	sys = &sys_real;
	check(world_reason("unreadable") == 1 && world_reason("too-large") == 1);
	check(world_number("accepted") == 1 && sum() == 3);
}

/* What was a file when the folder was walked, and is a link when it is opened. */
static int lstat_too_early(const char *path, struct stat *st)
{
	return strstr(path, "/swapped") ? stat(path, st) : sys_real.lstat(path, st);
}

TEST(what_becomes_a_link_in_between_is_not_followed)
{
	world_open();
	world_source("s", "none", USE);
	world_file("open", "2");
	check(symlink("/etc/passwd", world_path("swapped")) == 0);
	strange = sys_real;
	strange.lstat = lstat_too_early;
	sys = &strange;
	world_ingest("s", NULL);
	sys = &sys_real;
	check(world_reason("symlink") == 1 && world_number("accepted") == 1 && sum() == 2);
}

static int stop_after;

static void stop_soon(void *ctx, const struct task *t)
{
	struct world *w = ctx;

	if (t->done >= (uint64_t)stop_after)
		w->task.stop = 1;
}

static uint64_t every_second(void)
{
	static uint64_t now;

	return now += 1000000;
}

TEST(asked_to_stop_it_commits_what_was_read)
{
	struct world *w = world_open();

	world_source("s", "none", USE);
	for (char name[] = "a"; name[0] <= 'j'; name[0]++)
		world_file(name, name);
	strange = sys_real;
	strange.monotonic_us = every_second;
	sys = &strange;
	stop_after = 4;
	w->task.show = stop_soon;
	w->task.show_ctx = w;
	check(world_ingest("s", NULL) == E_PARTIAL);
	sys = &sys_real;
	check(json_is_true(json_object_get(w->doc, "stopped")));
	check(world_number("accepted") >= 1 && world_number("accepted") < 10);
	check(world_told("batch 1 committed"));
	check(world_records() == world_number("accepted"));
	w->task.show = NULL;
	w->task.stop = 0;
	check(world_ingest("s", NULL) == 0);
	check(sum() == 10 && world_records() == 10);
}

WORLD_MAIN("flow-ingest")
