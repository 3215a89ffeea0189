#include "flow/world.h"

#include <stdio.h>
#include <stdlib.h>
/* libjpeg's header needs stdio before it. */
#include <jpeglib.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "flow/decoder.h"
#include "flow/order.h"
#include "wire/dsse.h"

static struct world world;
static struct fields *shown_card;

static void tell(void *ctx, const char *line)
{
	(void)ctx;
	if (buf_printf(world.told, &world.e, "%s\n", line) < 0)
		fail_msg("%s", world.e.text);
}

/* What succeeds leaves no story behind. */
static void ok(int code)
{
	if (code != 0 || world.e.code != 0)
		fail_msg("code %d: %s", code, world.e.text);
}

struct world *world_open(void)
{
	struct repo_options o = { .folder = test_folder(), .at_utc_ms = TIME_NONE, .tell = tell,
				  .task = &world.task };
	struct repo_new n = { .folder = o.folder, .origin = "example.org/world", .solo = true };
	char keys[PATH_LEN_MAX];

	world_close();
	ok(path_join(keys, test_folder(), "keys", &world.e));
	n.keys = keys;
	world.files = test_folder();
	ok(buf_create(&world.told, 1024, &world.e));
	ok(repo_init(&n, &world.e));
	ok(repo_open(&world.r, &o, &world.e));
	return &world;
}

struct world *world_now(void)
{
	return &world;
}

void world_close(void)
{
	fields_destroy(shown_card);
	shown_card = NULL;
	repo_close(world.r);
	buf_destroy(world.told);
	json_decref(world.doc);
	memset(&world, 0, sizeof(world));
}

/* --- facts --- */

static void text_field(struct fields *f, const char *name, const char *value)
{
	ok(fields_add_text(f, name, value, &world.e));
}

/* A fact in a change of its own; public_members and f are taken. */
static uint64_t say(const char *type, json_t *public_members, struct fields *f)
{
	scoped(change) *c = NULL;
	uint64_t n;

	ok(change_begin(&c, world.r, &world.e));
	ok(change_fact(c, type, public_members, f, &n, &world.e));
	ok(change_commit(c, &world.e));
	fields_destroy(f);
	return n;
}

static struct fields *some_fields(void)
{
	struct fields *f;

	ok(fields_create(&f, &world.e));
	return f;
}

static const char *random_tag(char ret[17])
{
	uint8_t random[8];

	random_bytes(random, sizeof(random));
	return hex_encode(ret, random, sizeof(random));
}

void world_source(const char *name, const char *people, const char *allow)
{
	struct fields *f = some_fields(), *terms = some_fields();
	json_t *o = json_object(), *t;
	char tag[17];

	json_set_text(o, "source", random_tag(tag), &world.e);
	t = json_deep_copy(o);
	json_set_number(t, "version", 1, &world.e);
	text_field(f, "name", name);
	text_field(f, "kind", "upload");
	text_field(f, "people", people);
	text_field(f, "controller", "Example Ltd");
	say("source", o, f);
	text_field(terms, "licence", "CC0-1.0");
	text_field(terms, "allow", allow);
	text_field(terms, "basis", "consent");
	say("terms", t, terms);
}

uint64_t world_grant(const char *subject, const char *source, const char *uses)
{
	struct fields *f = some_fields();

	if (subject)
		text_field(f, "subject", subject);
	if (source)
		text_field(f, "source", source);
	text_field(f, "uses", uses);
	text_field(f, "basis", "consent");
	text_field(f, "explicit", "yes");
	return say("grant", json_object(), f);
}

uint64_t world_transfer(const char *source, const char *uses, const char *notified)
{
	struct fields *f = some_fields();
	scoped(arena) *a = NULL;
	json_t *o = json_object();
	struct source s;
	char tag[17];

	ok(arena_create(&a, &world.e));
	ok(source_named(world.r, a, source, &s, &world.e));
	json_set_text(o, "source", hex_encode(tag, s.tag, 8), &world.e);
	json_set_text(o, "transfer", random_tag(tag), &world.e);
	text_field(f, "uses", uses);
	text_field(f, "notified", notified);
	text_field(f, "date", "2014-03-01");
	return say("transfer", o, f);
}

/* --- files --- */

const char *world_path(const char *name)
{
	static char paths[2][PATH_LEN_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 2];

	ok(path_join(path, world.files, name, &world.e));
	return path;
}

/* Not durable: a test may make thousands. */
void world_bytes(const char *name, const void *bytes, size_t len_bytes)
{
	char path[PATH_LEN_MAX], *slash;
	FILE *f;

	snprintf(path, sizeof(path), "%s", world_path(name));
	slash = strrchr(path, '/');
	*slash = 0;
	if (!file_exists(path))
		ok(folder_make(path, 0700, &world.e));
	*slash = '/';
	f = fopen(path, "wb");
	if (!f || fwrite(bytes, 1, len_bytes, f) != len_bytes || fclose(f) != 0)
		fail_msg("cannot write %s", path);
}

void world_file(const char *name, const char *content)
{
	world_bytes(name, content ? content : "", content ? strlen(content) : 0);
}

const char *world_beside(const char *content)
{
	static char path[PATH_LEN_MAX];

	ok(path_join(path, test_folder(), "beside.csv", &world.e));
	ok(file_write(path, content, strlen(content), 0600, &world.e));
	return path;
}

void world_photo(const char *name, unsigned width, unsigned height, unsigned seed)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long len = 0;
	JSAMPLE *line = malloc(width);

	check(line != NULL);
	j.err = jpeg_std_error(&errors);
	jpeg_create_compress(&j);
	jpeg_mem_dest(&j, &bytes, &len);
	j.image_width = width;
	j.image_height = height;
	j.input_components = 1;
	j.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&j);
	jpeg_start_compress(&j, TRUE);
	while (j.next_scanline < height) {
		for (unsigned x = 0; x < width; x++)
			line[x] = (JSAMPLE)((x * seed + j.next_scanline * 7 + seed) & 0xff);
		jpeg_write_scanlines(&j, &line, 1);
	}
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	world_bytes(name, bytes, len);
	free(bytes);
	free(line);
}

/* --- ingest --- */

int world_ingest_words(const struct ingest_words *w)
{
	struct ingest_words with = *w;

	json_decref(world.doc);
	world.doc = NULL;
	error_clear(&world.e);
	buf_clear(world.told);
	if (!with.use)
		with.use = "train:IdentityVerification";
	world.code = flow_ingest(world.r, &with, &world.doc, &world.e);
	if (world.code == 0 || world.doc)
		error_clear(&world.e);
	return world.code;
}

int world_ingest(const char *source, const char *path)
{
	const char *const paths[] = { path ? world_path(path) : world.files };
	struct ingest_words w = { .source = source, .paths = paths, .path_count = 1 };

	return world_ingest_words(&w);
}

uint64_t world_number(const char *member)
{
	return json_number_or(world.doc, member, UINT64_MAX);
}

uint64_t world_reason(const char *code)
{
	return json_number_or(json_object_get(world.doc, "reasons"), code, 0);
}

bool world_told(const char *part)
{
	return strstr(buf_text(world.told), part) != NULL;
}

uint64_t world_facts(void)
{
	uint64_t n;

	ok(catalog_fact_count(world.r->catalog, &n, &world.e));
	return n;
}

uint64_t world_records(void)
{
	uint64_t n;

	ok(catalog_commitment_count(world.r->catalog, &n, &world.e));
	return n;
}

struct catalog_record world_record(uint64_t pos)
{
	struct catalog_record rec;

	ok(catalog_record(world.r->catalog, pos, &rec, &world.e));
	return rec;
}

const char *world_field(uint64_t pos, const char *name)
{
	struct catalog_record rec = world_record(pos);

	fields_destroy(shown_card);
	shown_card = NULL;
	ok(repo_card(world.r, &rec, true, &shown_card, &world.e));
	return fields_text(shown_card, name);
}

const char *world_order(const char *selector)
{
	const struct order_words words = { .selector = selector, .authority = "A", .reason = "B" };
	scoped_json *opened = NULL, *plan = NULL, *approved = NULL;
	static char ids[4][24];
	static unsigned n;
	char *id = ids[n++ % COUNT_OF(ids)];

	world.r->solo = true;
	ok(flow_order_open(world.r, &words, &opened, &world.e));
	snprintf(id, sizeof(*ids), "%s", json_text_or(opened, "order", ""));
	ok(flow_order_plan(world.r, id, &plan, &world.e));
	ok(flow_order_approve(world.r, id, json_text_or(plan, "plan", ""), &approved, &world.e));
	return id;
}

const char *world_taken_back(const char *selector)
{
	const char *id = world_order(selector);
	scoped_json *done = NULL;

	ok(flow_order_execute(world.r, id, NULL, &done, &world.e));
	check(strcmp(json_text_or(done, "state", ""), "certified") == 0);
	return id;
}

struct buf *world_signed(const json_t *statement)
{
	uint8_t seed[SIGN_SEED_LEN];
	scoped(buf) *body = NULL;
	scoped(arena) *a = NULL;
	struct buf *ret = NULL;

	ok(arena_create(&a, &world.e));
	ok(buf_create(&body, 4096, &world.e));
	ok(buf_create(&ret, 4096, &world.e));
	ok(json_put(statement, body, &world.e));
	ok(repo_log_seed(world.r, seed, &world.e));
	ok(dsse_sign(ret, "application/vnd.in-toto+json", body->data, body->len,
		     repo_vkey(world.r, LOG_FACTS, a, &world.e), seed, &world.e));
	return ret;
}

int world_main(const char *area, int argc, char **argv)
{
	int failed;

	decoder_main(argc, argv);
	failed = test_run_all(area);
	world_close();
	return failed;
}
