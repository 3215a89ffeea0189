#include <inttypes.h>
#include <string.h>

#include "proof/reading.h"
#include "set/container.h"

/* ---- pieces ---- */

int read_bytes(struct statement *s, const json_t *o, const char *key, const uint8_t **ret,
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

int read_hashes(struct statement *s, const json_t *o, const char *key, size_t max,
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

int read_list(struct statement *s, const json_t *o, const char *key, size_t max,
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

int read_number(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	uint64_t n = (uint64_t)json_integer_value(j);

	(void)s;
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return error_set(e, E_FORMAT, "not a number");
	memcpy(ret, &n, sizeof(n));
	return 0;
}

int read_name(const json_t *o, const char *key, const char **ret, struct error *e)
{
	if (json_get_text(o, key, ret, e) < 0)
		return e->code;
	if (**ret == 0 || strlen(*ret) > STATEMENT_NAME_MAX)
		return error_set(e, E_RANGE, "\"%s\" is empty or too long", key);
	return 0;
}

/* ---- items ---- */

static int read_fact(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct fact *f = ret;

	(void)s;
	if (ONLY(j, "n", "entry") < 0 || json_get_number(j, "n", &f->n, e) < 0)
		return e->code;
	return json_get_text(j, "entry", &f->text, e);
}

static int read_value(struct statement *s, const json_t *j, const char *of, struct opening *o,
		      struct error *e)
{
	const uint8_t *salt = NULL;
	size_t len = 0;

	if (ONLY(j, of, "field", "index", "count", "salt", "value", "path") < 0 ||
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

static int read_opening_of(struct statement *s, const json_t *j, const char *of,
			   struct opening *o, struct error *e)
{
	struct hash *path = NULL;

	if ((o->withheld ? read_commitment(j, o, e) : read_value(s, j, of, o, e)) < 0)
		return e->code;
	if (json_get_number(j, of, &o->n, e) < 0 || json_get_number(j, "index", &o->index, e) < 0 ||
	    json_get_number(j, "count", &o->count, e) < 0 ||
	    json_get_text(j, "field", &o->field, e) < 0 ||
	    read_hashes(s, j, "path", TREE_PATH_MAX, &path, &o->path_count, e) < 0)
		return e->code;
	o->path = path;
	if (strlen(o->field) > FIELD_NAME_MAX || o->index >= o->count || o->count > FIELDS_MAX)
		return error_set(e, E_RANGE, "no such field");
	return 0;
}

/* Only a certificate withholds. */
static int read_opening(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	struct opening *o = ret;

	o->withheld = s->kind == CERTIFICATE && json_object_get(j, "commitment") != NULL;
	return read_opening_of(s, j, "n", o, e);
}

static int read_record_opening(struct statement *s, const json_t *j, void *ret, struct error *e)
{
	return read_opening_of(s, j, "p", ret, e);
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

/* ---- lists ---- */

int read_facts(struct statement *s, const json_t *p, struct error *e)
{
	if (read_list(s, p, "facts", CERTIFICATE_FACTS_MAX, sizeof(*s->facts), read_fact,
		      &s->facts, &s->fact_count, e) < 0)
		return e->code;
	return read_hashes(s, p, "facts_proof", (size_t)CERTIFICATE_FACTS_MAX, &s->proof,
			   &s->proof_count, e);
}

int read_openings(struct statement *s, const json_t *p, struct error *e)
{
	return read_list(s, p, "openings", CERTIFICATE_FACTS_MAX, sizeof(*s->openings),
			 read_opening, &s->openings, &s->opening_count, e);
}

int read_record_openings(struct statement *s, const json_t *p, struct error *e)
{
	return read_list(s, p, "record_openings", CERTIFICATE_FACTS_MAX,
			 sizeof(*s->record_openings), read_record_opening, &s->record_openings,
			 &s->record_opening_count, e);
}

int read_sets(struct statement *s, const json_t *p, struct error *e)
{
	if (read_list(s, p, "sets", CERTIFICATE_FACTS_MAX, sizeof(*s->sets), read_set, &s->sets,
		      &s->set_count, e) < 0)
		return e->code;
	return read_list(s, p, "containers", CERTIFICATE_CONTAINERS_MAX, sizeof(*s->containers),
			 read_container, &s->containers, &s->container_count, e);
}
