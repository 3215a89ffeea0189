#include "cli/verify_head.h"

#include <inttypes.h>
#include <stdio.h>

bool is_note(const struct buf *bytes)
{
	scoped(note) *n = NULL;
	struct error e = { 0 };

	return bytes->len > 0 && bytes->data[0] != '{' &&
	       note_parse(&n, bytes->data, bytes->len, &e) == 0;
}

int verdict_of_one(const char *check, bool ok, const char *detail, json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	json_t *row = json_object_make(e), *checks = json_array_make(e);

	if (doc && row && checks) {
		json_set_text(row, "name", check, e);
		json_set_bool(row, "ok", ok, e);
		json_set_new(row, "detail", json_text_lossy(detail, strlen(detail), e), e);
		json_set_bool(doc, "valid", ok, e);
	}
	json_add_new(checks, row, e);
	json_set_new(doc, "checks", checks, e);
	json_set_new(doc, "signed_by_others", json_array_make(e), e);
	json_set_new(doc, "asserted", json_array_make(e), e);
	json_set_new(doc, "not_covered", json_array_make(e), e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}

/* ORIGIN/facts and ORIGIN/records are signed by one key, and either vkey pins it: the name of
 * the other log is the pinned one's with its last word changed. */
static int key_for(const struct note_key *pinned, const struct note *n, struct note_key *ret,
		   struct error *e)
{
	static const char *const logs[] = { "/facts", "/records" };
	const char *slash = strrchr(pinned->name, '/');
	size_t origin = slash ? (size_t)(slash - pinned->name) : 0;
	char name[NOTE_NAME_MAX + 16];

	*ret = *pinned;
	for (size_t i = 0; origin > 0 && i < COUNT_OF(logs); i++) {
		int len = snprintf(name, sizeof(name), "%.*s%s", (int)origin, pinned->name,
				   logs[i]);

		if (strcmp(slash, logs[0]) != 0 && strcmp(slash, logs[1]) != 0)
			break;
		if (n->text_len > (size_t)len && n->text[len] == '\n' &&
		    memcmp(n->text, name, (size_t)len) == 0)
			return note_key_make(ret, name, pinned->type, pinned->public_key, e);
	}
	return 0;
}

/* A check that holds, and how little it is. */
static int say_limits(json_t *doc, struct error *e)
{
	json_t *list = json_object_get(doc, "not_covered");

	json_add_new(list, json_string("what is in the log: a head is its size and root"), e);
	json_add_new(list, json_string("signatures of others: no key of theirs was pinned"), e);
	return e->code;
}

int verify_head(const struct buf *bytes, const struct note_key *pinned, json_t **ret,
		struct error *e)
{
	char detail[NOTE_NAME_MAX + 200];
	struct error why = { 0 };
	scoped(note) *n = NULL;
	struct note_key key;
	struct head h;

	if (note_parse(&n, bytes->data, bytes->len, e) < 0)
		return e->code;
	if (!pinned)
		return verdict_of_one("head", false, "no key was pinned (give one with --key)", ret,
				      e);
	if (key_for(pinned, n, &key, &why) < 0 ||
	    head_open(&h, bytes->data, bytes->len, &key, &why) < 0)
		return why.code == E_MEMORY ? error_set(e, why.code, "%s", why.text) :
					      verdict_of_one("head", false, why.text, ret, e);
	snprintf(detail, sizeof(detail), "%s has %" PRIu64 " entries, root %s", h.origin, h.size,
		 hash_hex(&h.root).s);
	if (verdict_of_one("head", true, detail, ret, e) < 0)
		return e->code;
	return say_limits(*ret, e);
}
