#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/statement.h"
#include "set/container.h"

void statement_destroy(struct statement *s)
{
	if (!s)
		return;
	set_destroy(s->positions);
	set_destroy(s->kept);
	json_decref(s->json);
	dsse_destroy(s->envelope);
	arena_destroy(s->arena);
	free(s);
}

/* ---- pieces ---- */

/* Base64 under key, decoded into the arena and followed by a NUL byte. */
static int read_bytes(struct statement *s, const json_t *o, const char *key, const uint8_t **ret,
		      size_t *ret_len, struct error *e)
{
	scoped(buf) *b = NULL;
	char *bytes;

	if (json_get_bytes64(o, key, &b, e) < 0)
		return e->code;
	bytes = arena_alloc(s->arena, b->len + 1, e);
	if (!bytes)
		return e->code;
	if (b->len)
		memcpy(bytes, b->data, b->len);
	*ret = (const uint8_t *)bytes;
	*ret_len = b->len;
	return 0;
}

static int read_hashes(struct statement *s, const json_t *o, const char *key, size_t max,
		       struct hash **ret, size_t *ret_count, struct error *e)
{
	const uint8_t *bytes = NULL;
	size_t len = 0;

	if (read_bytes(s, o, key, &bytes, &len, e) < 0)
		return e->code;
	if (len % HASH_LEN != 0)
		return error_set(e, E_FORMAT, "\"%s\" is not a list of hashes", key);
	if (len / HASH_LEN > max)
		return error_set(e, E_RANGE, "\"%s\" has more than %zu hashes", key, max);
	*ret = arena_alloc(s->arena, len, e);
	if (!*ret)
		return e->code;
	memcpy(*ret, bytes, len);
	*ret_count = len / HASH_LEN;
	return 0;
}

typedef int read_item(struct statement *s, const json_t *j, void *ret, struct error *e);

/* The list under key, each item read into item_bytes of the arena. */
static int read_list(struct statement *s, const json_t *o, const char *key, size_t max,
		     size_t item_bytes, read_item *read, void *ret_items, size_t *ret_count,
		     struct error *e)
{
	json_t *list = NULL;
	size_t count;
	char *items;

	if (json_get_array(o, key, &list, e) < 0)
		return e->code;
	count = json_array_size(list);
	if (count > max)
		return error_set(e, E_RANGE, "\"%s\" has more than %zu members", key, max);
	items = arena_alloc(s->arena, count * item_bytes, e);
	if (!items)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (read(s, json_array_get(list, i), items + i * item_bytes, e) < 0)
			return error_wrap(e, "%s[%zu]", key, i);
	memcpy(ret_items, &items, sizeof(items));
	*ret_count = count;
	return 0;
}

static int read_number(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	uint64_t n = (uint64_t)json_integer_value(j);

	(void)s;
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return error_set(e, E_FORMAT, "not a number");
	memcpy(ret, &n, sizeof(n));
	return 0;
}

static int read_sentence(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	(void)s;
	(void)ret;
	return json_is_string(j) ? 0 : error_set(e, E_FORMAT, "not a sentence");
}

#define ONLY(j, ...) json_only(j, (const char *const[]){ __VA_ARGS__, NULL }, e)

/* ---- items ---- */

static int read_fact(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct fact *f = ret;

	(void)s;
	if (ONLY(j, "n", "entry") < 0 || json_get_number(j, "n", &f->n, e) < 0)
		return e->code;
	return json_get_text(j, "entry", &f->text, e);
}

static int read_value(struct statement *s, const json_t *j, struct opening *o, struct error *e)
{
	const uint8_t *salt = NULL;
	size_t len = 0;

	if (ONLY(j, "n", "field", "index", "count", "salt", "value", "path") < 0 ||
	    read_bytes(s, j, "salt", &salt, &len, e) < 0)
		return e->code;
	if (len != SALT_LEN)
		return error_set(e, E_FORMAT, "a salt of %zu bytes", len);
	memcpy(o->salt, salt, SALT_LEN);
	return read_bytes(s, j, "value", &o->value, &o->value_len, e);
}

static int read_commitment(const json_t *j, struct opening *o, struct error *e)
{
	if (ONLY(j, "n", "field", "index", "count", "commitment", "path") < 0)
		return e->code;
	return json_get_hash(j, "commitment", &o->commitment, e);
}

static int read_opening(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct opening *o = ret;
	struct hash *path = NULL;

	o->withheld = json_object_get(j, "commitment") != NULL;
	if ((o->withheld ? read_commitment(j, o, e) : read_value(s, j, o, e)) < 0)
		return e->code;
	if (json_get_number(j, "n", &o->n, e) < 0 || json_get_number(j, "index", &o->index, e) < 0 ||
	    json_get_number(j, "count", &o->count, e) < 0 ||
	    json_get_text(j, "field", &o->field, e) < 0 ||
	    read_hashes(s, j, "path", TREE_PATH_MAX, &path, &o->path_count, e) < 0)
		return e->code;
	o->path = path;
	if (strlen(o->field) > FIELD_NAME_MAX || o->index >= o->count || o->count > FIELDS_MAX)
		return error_set(e, E_RANGE, "no such field");
	return 0;
}

static int read_set(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct retained *r = ret;
	uint64_t *list = NULL;

	if (ONLY(j, "n", "containers") < 0 || json_get_number(j, "n", &r->n, e) < 0 ||
	    read_list(s, j, "containers", CERTIFICATE_CONTAINERS_MAX, sizeof(*list), read_number,
		      &list, &r->count, e) < 0)
		return e->code;
	r->containers = list;
	return 0;
}

static int read_container(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct shown_container *c = ret;
	int code;

	c->opened = json_object_get(j, "opening") != NULL;
	if (c->opened)
		code = ONLY(j, "number", "size", "opening");
	else
		code = ONLY(j, "number", "size", "root");
	if (code < 0 || json_get_number(j, "number", &c->number, e) < 0 ||
	    json_get_number(j, "size", &c->size, e) < 0)
		return e->code;
	if (c->number >= CONTAINER_NUMBER_END ||
	    c->size <= c->number * CONTAINER_POSITIONS ||
	    c->size != container_end(c->number, c->size))
		return error_set(e, E_RANGE, "container %" PRIu64 " does not end at %" PRIu64,
				 c->number, c->size);
	return c->opened ? read_bytes(s, j, "opening", &c->opening, &c->opening_len, e) :
			   json_get_hash(j, "root", &c->root, e);
}

/* ---- parts ---- */

/* Texts that are shown to people have a length that fits them. */
static int read_name(const json_t *o, const char *key, const char **ret, struct error *e)
{
	if (json_get_text(o, key, ret, e) < 0)
		return e->code;
	if (**ret == 0 || strlen(*ret) > STATEMENT_NAME_MAX)
		return error_set(e, E_RANGE, "\"%s\" is empty or too long", key);
	return 0;
}

static int read_subject(struct statement *s, struct error *e)
{
	json_t *list = NULL, *digest = NULL;
	const json_t *j;
	const char *name = "";

	if (json_get_array(s->json, "subject", &list, e) < 0)
		return e->code;
	j = json_array_get(list, 0);
	if (json_array_size(list) != 1)
		return error_set(e, E_FORMAT, "not one subject");
	if (ONLY(j, "name", "digest") < 0 || json_get_text(j, "name", &name, e) < 0 ||
	    json_get_object(j, "digest", &digest, e) < 0 || ONLY(digest, "sha256") < 0)
		return e->code;
	if (strcmp(name, "order") != 0)
		return error_set(e, E_FORMAT, "its subject is not an order");
	return json_get_hash(digest, "sha256", &s->demand, e);
}

static int read_about(struct statement *s, const json_t *p, struct error *e)
{
	const char *tool, *issued = NULL;
	char again[TIME_TEXT_MAX];
	uint64_t format = 0;
	struct hash key;

	if (json_get_number(p, "format", &format, e) < 0)
		return e->code;
	if (format != 1)
		return error_set(e, E_FORMAT, "format %" PRIu64 " is not known", format);
	if (read_name(p, "origin", &s->origin, e) < 0 || read_name(p, "tool", &tool, e) < 0 ||
	    json_get_hash(p, "key", &key, e) < 0 || json_get_text(p, "issued", &issued, e) < 0 ||
	    time_parse(&s->issued_utc_ms, issued, e) < 0)
		return e->code;
	if (strcmp(issued, time_text(again, s->issued_utc_ms)) != 0)
		return error_set(e, E_FORMAT, "\"issued\" is not a time to the second");
	memcpy(s->key, key.b, sizeof(s->key));
	return 0;
}

static int read_heads(struct statement *s, const json_t *p, struct error *e)
{
	json_t *heads = NULL;

	if (json_get_object(p, "heads", &heads, e) < 0 || ONLY(heads, "facts", "records") < 0 ||
	    json_get_text(heads, "facts", &s->facts_note, e) < 0)
		return e->code;
	return json_get_text(heads, "records", &s->records_note, e);
}

static int read_order(struct statement *s, const json_t *p, struct error *e)
{
	json_t *o = NULL;

	if (json_get_object(p, "order", &o, e) < 0 ||
	    ONLY(o, "id", "opened", "plan", "approval", "steps") < 0 ||
	    read_name(o, "id", &s->order_id, e) < 0 ||
	    json_get_number(o, "opened", &s->opened, e) < 0 ||
	    json_get_number(o, "plan", &s->plan, e) < 0 ||
	    json_get_number(o, "approval", &s->approval, e) < 0)
		return e->code;
	return read_list(s, o, "steps", CERTIFICATE_FACTS_MAX, sizeof(*s->steps), read_number,
			 &s->steps, &s->step_count, e);
}

static int read_positions(struct statement *s, const json_t *p, struct error *e)
{
	if (json_get_text(p, "positions", &s->positions_text, e) < 0 ||
	    json_get_text(p, "kept", &s->kept_text, e) < 0)
		return e->code;
	if (set_from_text(&s->positions, s->positions_text, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "positions");
	if (set_from_text(&s->kept, s->kept_text, CERTIFICATE_RUNS_MAX, e) < 0)
		return error_wrap(e, "kept");
	return 0;
}

static int read_proofs(struct statement *s, const json_t *p, struct error *e)
{
	if (read_list(s, p, "facts", CERTIFICATE_FACTS_MAX, sizeof(*s->facts), read_fact,
		      &s->facts, &s->fact_count, e) < 0 ||
	    read_hashes(s, p, "facts_proof", (size_t)CERTIFICATE_FACTS_MAX, &s->proof,
			&s->proof_count, e) < 0 ||
	    read_list(s, p, "openings", CERTIFICATE_FACTS_MAX, sizeof(*s->openings), read_opening,
		      &s->openings, &s->opening_count, e) < 0 ||
	    read_list(s, p, "sets", CERTIFICATE_FACTS_MAX, sizeof(*s->sets), read_set, &s->sets,
		      &s->set_count, e) < 0)
		return e->code;
	return read_list(s, p, "containers", CERTIFICATE_CONTAINERS_MAX, sizeof(*s->containers),
			 read_container, &s->containers, &s->container_count, e);
}

static int read_reached(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	const char *text;
	uint64_t count;

	(void)s;
	(void)ret;
	if (ONLY(j, "kind", "count", "how", "grade") < 0 || json_get_text(j, "kind", &text, e) < 0 ||
	    json_get_number(j, "count", &count, e) < 0 || json_get_text(j, "how", &text, e) < 0)
		return e->code;
	return json_get_text(j, "grade", &text, e);
}

/* What is for people is only looked at for its shape. */
static int read_words(struct statement *s, const json_t *p, struct error *e)
{
	static const char *const lists[] = { "asserted", "signed_by_others", "not_covered" };
	json_t *summary = NULL, *sanitization;
	const json_t *models;
	const char *what;
	size_t count;
	void *items;

	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (read_list(s, p, lists[i], CERTIFICATE_WORDS_MAX, 0, read_sentence, &items,
			      &count, e) < 0)
			return e->code;
	if (json_get_object(p, "sanitization", &sanitization, e) < 0 ||
	    json_get_object(p, "summary", &summary, e) < 0 ||
	    ONLY(summary, "what", "reached", "people", "models") < 0 ||
	    json_get_text(summary, "what", &what, e) < 0 ||
	    read_list(s, summary, "reached", CERTIFICATE_WORDS_MAX, 0, read_reached, &items, &count,
		      e) < 0)
		return error_wrap(e, "words");
	if (!json_object_get(summary, "people"))
		return error_set(e, E_FORMAT, "summary: \"people\" is missing");
	models = json_object_get(summary, "models");
	if (json_array_size(models) > CERTIFICATE_WORDS_MAX ||
	    json_object_size(models) > CERTIFICATE_WORDS_MAX)
		return error_set(e, E_RANGE, "summary: more than %d models", CERTIFICATE_WORDS_MAX);
	return 0;
}

static int read_predicate(struct statement *s, const json_t *p, struct error *e)
{
	if (ONLY(p, "format", "origin", "key", "issued", "tool", "heads", "facts", "facts_proof",
		 "openings", "order", "positions", "kept", "sets", "containers", "summary",
		 "asserted", "signed_by_others", "not_covered", "sanitization") < 0 ||
	    read_about(s, p, e) < 0 || read_heads(s, p, e) < 0 || read_order(s, p, e) < 0 ||
	    read_positions(s, p, e) < 0 || read_proofs(s, p, e) < 0)
		return e->code;
	return read_words(s, p, e);
}

static int read_statement(struct statement *s, struct error *e)
{
	const char *type = "", *what = "";
	json_t *p = NULL;

	if (ONLY(s->json, "_type", "subject", "predicateType", "predicate") < 0 ||
	    json_get_text(s->json, "_type", &type, e) < 0 ||
	    json_get_text(s->json, "predicateType", &what, e) < 0)
		return e->code;
	if (strcmp(type, STATEMENT_TYPE) != 0 || strcmp(what, CERTIFICATE_TYPE) != 0)
		return error_set(e, E_FORMAT, "a statement, but not a certificate");
	s->kind = CERTIFICATE;
	if (read_subject(s, e) < 0 || json_get_object(s->json, "predicate", &p, e) < 0)
		return e->code;
	s->predicate = p;
	return read_predicate(s, p, e);
}

/* ---- the file ---- */

int marks_check(const void *bytes, size_t len_bytes, struct error *e)
{
	const uint8_t *p = bytes;
	size_t count = 0;

	for (size_t i = 0; i < len_bytes; i++)
		count += p[i] == ',' || p[i] == '[' || p[i] == '{' || p[i] == ':';
	if (count > STATEMENT_MARKS_MAX)
		return error_set(e, E_RANGE, "more than %d values", STATEMENT_MARKS_MAX);
	return 0;
}

int statement_read(struct statement **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(statement) *s = calloc(1, sizeof(*s));

	if (!s)
		return error_set(e, E_MEMORY, "certificate: out of memory");
	if (arena_create(&s->arena, e) < 0)
		return e->code;
	if (len_bytes > CERTIFICATE_BYTES_MAX)
		return error_set(e, E_RANGE, "more than %d bytes", CERTIFICATE_BYTES_MAX);
	if (marks_check(bytes, len_bytes, e) < 0 ||
	    dsse_parse(&s->envelope, bytes, len_bytes, CERTIFICATE_BYTES_MAX, true, e) < 0)
		return error_wrap(e, "envelope");
	if (marks_check(s->envelope->body->data, s->envelope->body->len, e) < 0 ||
	    json_parse_canonical(&s->json, s->envelope->body->data, s->envelope->body->len,
				 CERTIFICATE_BYTES_MAX, e) < 0 ||
	    read_statement(s, e) < 0)
		return error_wrap(e, "statement");
	*ret = give(s);
	return 0;
}
