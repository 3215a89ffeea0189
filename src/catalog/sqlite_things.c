#include <inttypes.h>
#include <string.h>

#include "catalog/sqlite.h"

static const struct tag no_tag;

/* The columns of every question below; text is lent until the next step. */
#define THING "SELECT kind, id, name, tag, owner, fact, state, body FROM thing "

static int thing_of(struct query *q, struct catalog_thing *ret, struct error *e)
{
	struct catalog_thing t = {
		.kind = (uint8_t)column_number(q, 0),
		.id = column_number(q, 1),
		.name = column_text(q, 2),
		.owner = column_number(q, 4),
		.fact = column_number(q, 5),
		.state = (uint8_t)column_number(q, 6),
		.body = column_text(q, 7),
	};

	if (sqlite3_column_type(q->stmt, 3) != SQLITE_NULL &&
	    column_bytes(q, 3, t.tag.b, sizeof(t.tag.b), e) < 0)
		return e->code;
	*ret = t;
	return 0;
}

/* The row that the query is to find, with its texts in the arena. */
static int one_thing(struct query *q, struct arena *a, struct catalog_thing *ret,
		     struct error *e, const char *name)
{
	struct catalog_thing t;
	int rc = query_step(q, e);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return error_set(e, E_NOT_FOUND, "catalog: nothing is called %s", name);
	if (thing_of(q, &t, e) < 0)
		return e->code;
	t.name = arena_text(a, t.name, strlen(t.name), e);
	if (t.name == NULL)
		return e->code;
	t.body = arena_text(a, t.body, strlen(t.body), e);
	if (t.body == NULL)
		return e->code;
	*ret = t;
	return 0;
}

static int every_thing(struct query *q, catalog_thing_fn *each, void *ctx, struct error *e)
{
	int rc;

	while ((rc = query_step(q, e)) > 0) {
		struct catalog_thing t;

		if (thing_of(q, &t, e) < 0)
			return e->code;
		rc = each(ctx, &t, e);
		if (rc != 0)
			return rc;
	}
	return rc;
}

int sqlite_put_thing(struct catalog *c, const struct catalog_thing *t, struct error *e)
{
	scoped(query) *q = NULL;

	/* A name that is another's is a conflict; "or replace" would take that one away. */
	if (query_open(&q, c, "INSERT INTO thing(kind, id, name, tag, owner, fact, state, body) "
			      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
			      "ON CONFLICT(kind, id) DO UPDATE SET name = excluded.name, "
			      "tag = excluded.tag, owner = excluded.owner, fact = excluded.fact, "
			      "state = excluded.state, body = excluded.body", e) < 0)
		return e->code;
	query_number(q, 1, t->kind);
	query_number(q, 2, t->id);
	query_text(q, 3, t->name);
	if (memcmp(&t->tag, &no_tag, sizeof(no_tag)) != 0)
		query_bytes(q, 4, t->tag.b, sizeof(t->tag.b));
	else
		query_text(q, 4, "");
	query_number(q, 5, t->owner);
	query_number(q, 6, t->fact);
	query_number(q, 7, t->state);
	query_text(q, 8, t->body);
	if (query_run(q, e) < 0)
		return e->code == E_CONFLICT && *t->name ?
			       error_set(e, E_CONFLICT, "there is a %s already", t->name) :
			       e->code;
	return 0;
}

int sqlite_thing(struct catalog *c, struct arena *a, uint8_t kind, uint64_t id,
		 struct catalog_thing *ret, struct error *e)
{
	scoped(query) *q = NULL;
	char number[24];

	if (query_open(&q, c, THING "WHERE kind = ?1 AND id = ?2", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_number(q, 2, id);
	sqlite3_snprintf(sizeof(number), number, "%llu", (unsigned long long)id);
	return one_thing(q, a, ret, e, number);
}

int sqlite_thing_named(struct catalog *c, struct arena *a, uint8_t kind, const char *name,
		       struct catalog_thing *ret, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, THING "WHERE kind = ?1 AND name = ?2", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_text(q, 2, name);
	return one_thing(q, a, ret, e, name);
}

int sqlite_each_thing(struct catalog *c, uint8_t kind, uint64_t owner, catalog_thing_fn *each,
		      void *ctx, struct error *e)
{
	scoped(query) *q = NULL;
	const char *sql = kind == 0 ? THING "WHERE kind > ?1 ORDER BY kind, id" :
			  owner == UINT64_MAX ?
				  THING "WHERE kind = ?1 ORDER BY id" :
				  THING "WHERE kind = ?1 AND owner = ?2 ORDER BY id";

	if (query_open(&q, c, sql, e) < 0)
		return e->code;
	query_number(q, 1, kind);
	if (owner != UINT64_MAX)
		query_number(q, 2, owner);
	return every_thing(q, each, ctx, e);
}

int sqlite_each_thing_tagged(struct catalog *c, uint8_t kind, const struct tag *t,
			     catalog_thing_fn *each, void *ctx, struct error *e)
{
	scoped(query) *q = NULL;

	if (query_open(&q, c, THING "WHERE kind = ?1 AND tag = ?2 ORDER BY id", e) < 0)
		return e->code;
	query_number(q, 1, kind);
	query_bytes(q, 2, t->b, sizeof(t->b));
	return every_thing(q, each, ctx, e);
}

int sqlite_next_id(struct catalog *c, uint8_t kind, uint64_t *ret, struct error *e)
{
	scoped(query) *q = NULL;
	int rc;

	if (query_open(&q, c, "SELECT id FROM thing WHERE kind = ?1 ORDER BY id DESC LIMIT 1",
		       e) < 0)
		return e->code;
	query_number(q, 1, kind);
	rc = query_step(q, e);
	if (rc < 0)
		return rc;
	*ret = rc == 0 ? 1 : column_number(q, 0) + 1;
	return 0;
}
