#include "repo/testing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/test.h"
#include "base/text.h"
#include "repo/never.h"

struct trial trial;

/* --- open and close --- */

static void tell(void *ctx, const char *line)
{
	(void)ctx;
	ok(buf_printf(trial.told, &trial.e, "%s\n", line));
}

void trial_at(const char *folder)
{
	buf_destroy(trial.told);
	memset(&trial, 0, sizeof(trial));
	snprintf(trial.folder, sizeof(trial.folder), "%s", folder);
	ok(path_join(trial.keys, folder, "keys", &trial.e));
	ok(path_join(trial.mirror, folder, "mirror", &trial.e));
	ok(buf_create(&trial.told, 1024, &trial.e));
}

void trial_init(bool mirrored)
{
	struct repo_new n = { .origin = "example.org/trial", .solo = true };

	trial_close();
	trial_at(test_folder());
	trial_forget_heads();
	n.folder = trial.folder;
	n.keys = trial.keys;
	n.mirror = mirrored ? trial.mirror : NULL;
	ok(repo_init(&n, &trial.e));
	trial_open();
}

int trial_try_open(bool rebuild)
{
	struct repo_options o = { .folder = trial.folder, .at_utc_ms = TIME_NONE, .tell = tell,
				  .rebuild = rebuild };

	trial_close();
	buf_clear(trial.told);
	error_clear(&trial.e);
	return repo_open(&trial.r, &o, &trial.e);
}

void trial_open(void)
{
	ok(trial_try_open(false));
}

void trial_close(void)
{
	repo_close(trial.r);
	trial.r = NULL;
}

bool trial_told(const char *part)
{
	return strstr(buf_text(trial.told), part) != NULL;
}

uint64_t trial_facts(void)
{
	uint64_t n;

	ok(catalog_fact_count(trial.r->catalog, &n, &trial.e));
	return n;
}

/* --- changes --- */

static struct fields *some_fields(void)
{
	struct fields *f;

	ok(fields_create(&f, &trial.e));
	return f;
}

static void text(struct fields *f, const char *name, const char *value)
{
	ok(fields_add_text(f, name, value, &trial.e));
}

static uint64_t say(struct change *c, const char *type, json_t *public_members, struct fields *f)
{
	uint64_t n;

	ok(change_fact(c, type, public_members, f, &n, &trial.e));
	fields_destroy(f);
	return n;
}

static uint64_t source_in(struct change *c, const char *name)
{
	struct fields *f = some_fields(), *terms = some_fields();
	json_t *o = json_object(), *t;
	uint8_t random[8];
	char hex[17];
	uint64_t n;

	random_bytes(random, sizeof(random));
	json_set_text(o, "source", hex_encode(hex, random, 8), &trial.e);
	t = json_deep_copy(o);
	json_set_number(t, "version", 1, &trial.e);
	text(f, "name", name);
	text(f, "kind", "upload");
	text(f, "people", "biometric");
	n = say(c, "source", o, f);
	text(terms, "licence", "CC0-1.0");
	text(terms, "allow", "train:IdentityVerification");
	say(c, "terms", t, terms);
	return n;
}

uint64_t trial_source(const char *name)
{
	scoped(change) *c = NULL;
	uint64_t n;

	ok(change_begin(&c, trial.r, &trial.e));
	n = source_in(c, name);
	ok(change_commit(c, &trial.e));
	return n;
}

static void record_in(struct change *c, uint64_t batch, const char *source, const char *subject,
		      uint64_t *ret_pos)
{
	struct fields *card = some_fields();
	uint64_t pos = change_positions(c);
	char bytes[3000], path[64];
	struct hash h;

	memset(bytes, 'a' + (int)(pos % 26), sizeof(bytes));
	snprintf(bytes, sizeof(bytes), "record %" PRIu64, pos);
	hash_bytes(&h, bytes, sizeof(bytes));
	ok(fields_add(card, "content", h.b, HASH_LEN, &trial.e));
	text(card, "source", source);
	text(card, "decision", pos % 5 == 4 ? "quarantine train:IdentityVerification no-grant" :
					      "allow train:IdentityVerification");
	snprintf(path, sizeof(path), "photos/%" PRIu64 ".jpg", pos);
	text(card, "path", path);
	if (subject)
		text(card, "subject", subject);
	text(card, "attr", "camera=7");
	ok(change_record(c, batch, pos % 5 == 4 ? RECORD_QUARANTINED : RECORD_LIVE, card, bytes,
			 sizeof(bytes), ret_pos, &trial.e));
	fields_destroy(card);
}

static uint64_t records_in(struct change *c, const char *source, unsigned count, const char *subject)
{
	uint64_t batch = change_facts(c), first = change_positions(c), pos = 0;
	struct fields *f = some_fields();
	scoped(arena) *a = NULL;
	json_t *o = json_object();
	struct source s;
	char hex[17];

	for (unsigned i = 0; i < count; i++)
		record_in(c, batch, source, subject, &pos);
	ok(arena_create(&a, &trial.e));
	ok(source_named(trial.r, a, source, &s, &trial.e));
	json_set_number(o, "first", first, &trial.e);
	json_set_number(o, "last", pos, &trial.e);
	json_set_text(o, "source", hex_encode(hex, s.tag, 8), &trial.e);
	json_set_text(o, "transfer", "", &trial.e);
	ok(change_set_records(c, o, &trial.e));
	text(f, "id", "b");
	ok(fields_add_number(f, "terms", 1, &trial.e));
	say(c, "batch", o, f);
	return first;
}

uint64_t trial_records(const char *source, unsigned count, const char *subject)
{
	scoped(change) *c = NULL;
	uint64_t first;

	ok(change_begin(&c, trial.r, &trial.e));
	first = records_in(c, source, count, subject);
	ok(change_commit(c, &trial.e));
	return first;
}

void trial_copy(uint64_t pos, const char *path)
{
	scoped(fields) *card = NULL;
	scoped(change) *c = NULL;
	struct fields *where = some_fields();
	struct catalog_record rec;
	const struct field *content;

	ok(catalog_record(trial.r->catalog, pos, &rec, &trial.e));
	ok(repo_card(trial.r, &rec, true, &card, &trial.e));
	content = fields_find(card, "content");
	ok(fields_add(where, "content", content->value->data, HASH_LEN, &trial.e));
	text(where, "source", fields_text(card, "source"));
	text(where, "path", path);
	ok(change_begin(&c, trial.r, &trial.e));
	ok(change_copy(c, pos, where, &trial.e));
	ok(change_commit(c, &trial.e));
	fields_destroy(where);
}

/* Fields of a set, and its public members. */
static json_t *set_in(struct change *c, struct fields *f, const char *positions)
{
	scoped(buf) *names = NULL, *roots = NULL;
	scoped(set) *s = NULL;
	uint64_t size = change_positions(c);
	json_t *o = json_object();
	struct hash root;

	ok(set_from_text(&s, positions, 100, &trial.e));
	ok(buf_create(&names, 64, &trial.e));
	ok(buf_create(&roots, 64, &trial.e));
	ok(change_set(c, s, size, names, roots, &root, &trial.e));
	json_set_hash(o, "root", &root, &trial.e);
	ok(change_set_records(c, o, &trial.e));
	ok(fields_add_number(f, "size", size, &trial.e));
	ok(fields_add_number(f, "count", set_count(s), &trial.e));
	ok(fields_add(f, "containers", names->data, names->len, &trial.e));
	ok(fields_add(f, "roots", roots->data, roots->len, &trial.e));
	return o;
}

static uint64_t dataset_in(struct change *c, const char *name, const char *positions)
{
	struct fields *f = some_fields();

	text(f, "name", name);
	ok(fields_add_number(f, "version", 1, &trial.e));
	text(f, "use", "train:IdentityVerification");
	return say(c, "dataset", set_in(c, f, positions), f);
}

uint64_t trial_dataset(const char *name, const char *positions)
{
	scoped(change) *c = NULL;
	uint64_t n;

	ok(change_begin(&c, trial.r, &trial.e));
	n = dataset_in(c, name, positions);
	ok(change_commit(c, &trial.e));
	return n;
}

static uint64_t model_in(struct change *c, const char *name, uint64_t dataset, const char *content)
{
	struct fields *f = some_fields();
	json_t *o, *inputs = json_array(), *files = json_array(), *row = json_object();
	char path[PATH_LEN_MAX];
	scoped(buf) *b = NULL;
	struct hash digest;
	uint64_t bytes;

	ok(path_join(path, trial.folder, "weights", &trial.e));
	ok(file_write(path, content, strlen(content), 0600, &trial.e));
	ok(change_file(c, change_facts(c), 0, path, &digest, &bytes, &trial.e));
	json_set_hash(row, "sha256", &digest, &trial.e);
	json_set_bytes64(row, "path", "", 0, &trial.e);
	json_array_append_new(files, row);
	ok(buf_create(&b, 256, &trial.e));
	ok(json_put(files, b, &trial.e));
	json_decref(files);
	json_array_append_new(inputs, json_integer((json_int_t)dataset));
	text(f, "name", name);
	ok(fields_add_number(f, "version", 1, &trial.e));
	text(f, "kind", "train");
	ok(fields_add(f, "files", b->data, b->len, &trial.e));
	ok(fields_add_number(f, "grade", 1, &trial.e));
	o = set_in(c, f, "0-1");
	json_set_new(o, "inputs", inputs, &trial.e);
	return say(c, "model", o, f);
}

uint64_t trial_model(const char *name, uint64_t dataset, const char *content)
{
	scoped(change) *c = NULL;
	uint64_t n;

	ok(change_begin(&c, trial.r, &trial.e));
	n = model_in(c, name, dataset, content);
	ok(change_commit(c, &trial.e));
	return n;
}

void trial_change(void)
{
	scoped(change) *c = NULL;
	uint64_t dataset;
	char name[32];

	ok(change_begin(&c, trial.r, &trial.e));
	snprintf(name, sizeof(name), "s%" PRIu64, change_facts(c));
	source_in(c, name);
	records_in(c, name, 3, "dave");
	dataset = dataset_in(c, name, "0-2");
	model_in(c, name, dataset, name);
	ok(change_commit(c, &trial.e));
}

/* --- orders --- */

static json_t *of_order(uint64_t order)
{
	json_t *o = json_object();

	json_set_number(o, "order", order, &trial.e);
	return o;
}

uint64_t trial_order(const char *positions)
{
	static const char plan[] = "{\"steps\":[{\"do\":\"destroy\",\"n\":1}]}";
	struct fields *f = some_fields(), *p = some_fields(), *a = some_fields();
	json_t *o = json_object();
	scoped(change) *c = NULL;
	uint64_t order;

	ok(change_begin(&c, trial.r, &trial.e));
	text(f, "positions", positions);
	ok(change_set_records(c, o, &trial.e));
	order = say(c, "order", o, f);
	text(p, "plan", plan);
	say(c, "plan", of_order(order), p);
	text(a, "role", "operator");
	say(c, "approval", of_order(order), a);
	ok(change_commit(c, &trial.e));
	return order;
}

static void order_of(uint64_t fact, struct catalog_thing *ret, struct arena *a)
{
	uint64_t next;

	ok(order_next_id(trial.r, &next, &trial.e));
	for (uint64_t id = 1; id < next; id++) {
		ok(catalog_thing(trial.r->catalog, a, THING_ORDER, id, ret, &trial.e));
		if (ret->fact == fact)
			return;
	}
	fail_msg("no order of fact %" PRIu64, fact);
}

static int list_never(void *ctx, const struct catalog_record *rec, struct error *e)
{
	scoped(fields) *card = NULL;

	if (rec->status == RECORD_ERASED)
		return 0;
	if (repo_card(trial.r, rec, true, &card, e) < 0)
		return e->code;
	return never_put(trial.r, rec->pos, card, ctx, e);
}

static int erase_slot(void *ctx, const struct catalog_record *rec, struct error *e)
{
	(void)ctx;
	return keyring_erase(trial.r->keyring, rec->slot, e);
}

void trial_destroy_keys(uint64_t order, uint64_t model)
{
	scoped(buf) *list = NULL;
	scoped(arena) *a = NULL;
	scoped(set) *s = NULL;
	struct catalog_object o;
	struct catalog_thing t;
	char file[64];

	ok(arena_create(&a, &trial.e));
	ok(set_create(&s, &trial.e));
	ok(buf_create(&list, 64, &trial.e));
	ok(repo_lock(trial.r, &trial.e));
	order_of(order, &t, a);
	ok(catalog_mark_get(trial.r->catalog, MARK_ORDER + t.id, s, &trial.e));
	ok(catalog_each_record(trial.r->catalog, s, list_never, list, &trial.e));
	snprintf(file, sizeof(file), "never/o%" PRIu64, t.id);
	if (list->len > 0)
		ok(keydir_write(&trial.r->keys, file, list->data, list->len, &trial.e));
	ok(catalog_each_record(trial.r->catalog, s, erase_slot, NULL, &trial.e));
	if (model) {
		ok(catalog_object(trial.r->catalog, OBJECT_FILE, model, 0, &o, &trial.e));
		ok(keyring_erase(trial.r->keyring, o.slot, &trial.e));
	}
	ok(keyring_commit(trial.r->keyring, &trial.e));
}

void trial_note(uint64_t order, uint64_t model)
{
	struct fields *f = some_fields(), *g = some_fields();
	scoped(buf) *list = NULL;
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	json_t *o = of_order(order), *range = json_array();
	struct catalog_object file;
	struct catalog_thing t;
	struct hash digest;
	char name[64];

	ok(arena_create(&a, &trial.e));
	ok(change_begin(&c, trial.r, &trial.e));
	order_of(order, &t, a);
	snprintf(name, sizeof(name), "never/o%" PRIu64, t.id);
	ok(keydir_read(&trial.r->keys, name, 1 << 20, &list, &trial.e));
	ok(never_fold(trial.r, t.id, list, &trial.e));
	if (model) {
		struct fields *state = some_fields();
		json_t *m = json_object();

		ok(catalog_object(trial.r->catalog, OBJECT_FILE, model, 0, &file, &trial.e));
		memset(&file.at, 0, sizeof(file.at));
		ok(catalog_put_object(trial.r->catalog, &file, &trial.e));
		json_set_number(m, "model", model, &trial.e);
		text(state, "state", "erased");
		say(c, "model-state", m, state);
	}
	json_array_append_new(range, json_integer(1));
	json_array_append_new(range, json_integer(1));
	json_set_new(o, "steps", range, &trial.e);
	text(f, "done", "{}");
	say(c, "step", o, f);
	ok(change_object(c, OBJECT_STATEMENT, order, 0, "statement", 9, &trial.e));
	hash_bytes(&digest, "statement", 9);
	ok(fields_add(g, "sha256", digest.b, HASH_LEN, &trial.e));
	say(c, "certified", of_order(order), g);
	ok(change_commit(c, &trial.e));
	repo_unlock(trial.r);
}

/* --- stores put back --- */

static void run(const char *format, const char *a, const char *b)
{
	char line[3 * PATH_LEN_MAX];

	snprintf(line, sizeof(line), format, a, b);
	check(system(line) == 0);
}

static void paths(const char *what, char live[PATH_LEN_MAX], char saved[PATH_LEN_MAX])
{
	const char *at = strcmp(what, "catalog") == 0 ? ".rescind/catalog.db" :
			 strcmp(what, "log") == 0     ? ".rescind/log" :
			 strcmp(what, "vault") == 0   ? ".rescind/vault" :
			 strcmp(what, "all") == 0     ? ".rescind" :
			 strcmp(what, "anchor") == 0  ? "keys/anchor" :
			 strcmp(what, "keyring") == 0 ? "keys/keyring" :
							what;
	char name[64];

	snprintf(name, sizeof(name), "saved-%s", what);
	ok(path_join(live, trial.folder, at, &trial.e));
	ok(path_join(saved, trial.folder, name, &trial.e));
}

void trial_save(const char *what)
{
	char live[PATH_LEN_MAX], saved[PATH_LEN_MAX];

	paths(what, live, saved);
	run("rm -rf '%s'", saved, "");
	run("cp -a '%s' '%s'", live, saved);
}

void trial_put_back(const char *what)
{
	char live[PATH_LEN_MAX], saved[PATH_LEN_MAX];

	paths(what, live, saved);
	run("rm -rf '%s'", live, "");
	run("cp -a '%s' '%s'", saved, live);
}

void trial_aside(const char *what)
{
	char live[PATH_LEN_MAX], saved[PATH_LEN_MAX];

	paths(what, live, saved);
	run("mv '%s' '%s.aside'", live, live);
}

void trial_from_aside(const char *what)
{
	char live[PATH_LEN_MAX], saved[PATH_LEN_MAX];

	paths(what, live, saved);
	run("rm -rf '%s'", live, "");
	run("mv '%s.aside' '%s'", live, live);
}

void trial_remove(const char *what)
{
	char live[PATH_LEN_MAX], saved[PATH_LEN_MAX];

	paths(what, live, saved);
	run("rm -rf '%s'", live, "");
}

/* --- kills --- */

bool trial_killed(const char *fault, unsigned n, const char *action, const char *folder)
{
	char wish[64];
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		snprintf(wish, sizeof(wish), "RESCIND_FAULT=%s:%u", fault, n);
		putenv(wish);
		execl("/proc/self/exe", "child", action, folder, (char *)NULL);
		_exit(9);
	}
	check(child > 0 && waitpid(child, &status, 0) == child);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s:%u %s: status %x", fault, n, action, (unsigned)status);
	return false;
}
