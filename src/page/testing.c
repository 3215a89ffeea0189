#include "page/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "page/page.h"

static struct error e;

struct buf *page_of(const struct buf *certificate)
{
	struct buf *out = NULL;

	check_ok(buf_create(&out, 0, &e));
	check_ok(certificate_html(certificate->data, certificate->len, out, &e));
	check(utf8_valid(buf_text(out), out->len) && strlen(buf_text(out)) == out->len);
	return out;
}

bool says(const struct buf *page, const char *part)
{
	return strstr(buf_text(page), part) != NULL;
}

size_t times(const struct buf *page, const char *part)
{
	size_t count = 0;

	for (const char *p = buf_text(page); (p = strstr(p, part)); p++)
		count++;
	return count;
}

void leave(const struct buf *page, const char *name)
{
	const char *folder = getenv("RESCIND_PAGES");
	char path[PATH_LEN_MAX];

	if (!folder)
		return;
	check_ok(path_join(path, folder, name, &e));
	check_ok(file_write(path, page->data, page->len, 0644, &e));
}

void add(json_t *list, const char *sentence)
{
	json_add_new(list, json_string(sentence), &e);
}

void reach(json_t *list, const char *kind, uint64_t count, const char *how,
		  const char *grade)
{
	json_t *row = json_object_make(&e);

	json_set_text(row, "kind", kind, &e);
	json_set_number(row, "count", count, &e);
	json_set_text(row, "how", how, &e);
	json_set_text(row, "grade", grade, &e);
	json_add_new(list, row, &e);
}

static void sanitize(json_t *s, const char *kind, int count, const char *method, const char *how)
{
	if (!json_object_get(s, "items"))
		json_set_new(s, "items", json_array_make(&e), &e);
	json_add_new(json_object_get(s, "items"),
		     json_pack("{s:s,s:i,s:s,s:s}", "kind", kind, "count", count, "method", method,
			       "technique", how), &e);
}

/* The words that flow/certify_words.c says, over the facts of proof's world. */
static void say_more(json_t *p)
{
	json_t *summary = json_object_get(p, "summary"), *s = json_object_get(p, "sanitization");
	json_t *people = json_object_get(summary, "people");
	json_t *reached = json_object_get(summary, "reached");
	json_t *who = json_object_make(&e);

	json_array_clear(reached);
	reach(reached, "records", 1490, "their keys were destroyed; bytes, cards and the salts of "
					"their commitments open nowhere any more", "enforced");
	reach(reached, "checkpoints", 1, "withdrawn, the sealed copy's key destroyed, the file "
					 "deleted where it was added from", "declared");
	reach(reached, "datasets", 1, "a next version without these records; the older ones are "
				      "denied", "enforced");
	reach(reached, "files", 1490, "deleted where they lay, and looked for again", "observed");
	json_set_number(people, "contactable", 212, &e);
	json_set_number(people, "not", 1034, &e);
	add(json_object_get(p, "not_covered"), "copies that others made, or that lie outside of "
					       "what was declared to this repository");
	add(json_object_get(p, "asserted"), "the retained sets listed are all that are in use");
	add(json_object_get(p, "signed_by_others"), "witnessed by: nobody");
	sanitize(s, "records, as sealed here", 1490, "purge", "cryptographic erase");
	sanitize(s, "checkpoints withdrawn", 1, "none: not a method of SP 800-88", "withdrawal from use");
	json_set_new(s, "media", json_pack("[{s:s,s:s}]", "holds", "repository, keys", "serial",
					   "S4EWNX0M1"), &e);
	json_set_new(s, "tool", json_pack("{s:s,s:s}", "name", "rescind", "version", "0.1.0"), &e);
	json_set_text(s, "tomorrow", "a field of tomorrow", &e);
	json_set_new(who, "performed", json_pack("{s:s,s:s}", "name", "Inés Łęcka", "role", "operator"),
		     &e);
	json_set_new(s, "people", who, &e);
	check_ok(e.code);
}

/* The role of a key, opened: the one field of its fact. */
static void open_role(const struct world *w, json_t *p, size_t n)
{
	const struct field *f = &w->parts[n]->list[0];
	json_t *o = json_object_make(&e);

	json_set_number(o, "n", n, &e);
	json_set_text(o, "field", f->name, &e);
	json_set_number(o, "index", 0, &e);
	json_set_number(o, "count", 1, &e);
	json_set_bytes64(o, "salt", f->salt, sizeof(f->salt), &e);
	json_set_bytes64(o, "value", f->value->data, f->value->len, &e);
	json_set_text(o, "path", "", &e);
	check(e.code == 0 && json_array_insert_new(json_object_get(p, "openings"), n - 1, o) == 0);
}

struct buf *full(struct world *w)
{
	scoped(buf) *plain = world_certify(w);
	scoped_json *statement = statement_of(plain);

	say_more(predicate_of(statement));
	open_role(w, predicate_of(statement), 1);
	open_role(w, predicate_of(statement), 2);
	return world_sign(w, statement, false);
}

/* --- checkpoints made anew --- */

static json_t *record_row(const char *source, int terms, const char *licence, const char *basis,
			  const char *transfer, int count)
{
	return json_pack("{s:s,s:i,s:s,s:s?,s:s?,s:i}", "source", source, "terms", terms, "licence",
			 licence, "basis", basis, "transfer", transfer, "count", count);
}

json_t *model_row(const char *old, const char *new, uint64_t fact, const char *key)
{
	json_t *row = json_pack("{s:s,s:s,s:i,s:i,s:s,s:[]}", "old", old, "new", new, "fact",
				(int)fact, "records", 350, "grade", key ? "reproduced" : "enforced",
				"reproduced_by");

	if (key)
		add(json_object_get(row, "reproduced_by"), key);
	json_set_new(row, "record", json_pack("[o,o]",
		record_row("volunteers", 1, "LicenseRef-volunteers", "consent", NULL, 200),
		record_row("museum", 3, "CC-BY-4.0", NULL, "t1", 150)), &e);
	return row;
}

struct buf *unlearned(struct world *w, json_t *models)
{
	scoped(buf) *plain = full(w);
	scoped_json *statement = statement_of(plain);
	json_t *summary = json_object_get(predicate_of(statement), "summary");

	reach(json_object_get(summary, "reached"), "unlearned checkpoints", 1,
	      "weights computed anew without these records, bit for bit those of training without "
	      "them; old weights, sums and card destroyed", "reproduced by 0011223344556677");
	json_set_new(summary, "models", models, &e);
	return world_sign(w, statement, false);
}
