#include <inttypes.h>
#include <string.h>

#include "base/fault.h"
#include "catalog/backend.h"

static int check_number(uint64_t v, const char *what, struct error *e)
{
	if (v > CATALOG_NUMBER_MAX)
		return error_set(e, E_RANGE, "catalog: %s %" PRIu64 " is too large", what, v);
	return 0;
}

static int check_blob(size_t len, struct error *e)
{
	if (len > CATALOG_BLOB_MAX)
		return error_set(e, E_RANGE, "catalog: %zu bytes in one row are too many", len);
	return 0;
}

static int check_name(const char *name, struct error *e)
{
	size_t len = strnlen(name, CATALOG_NAME_MAX + 1);

	if (len == 0 || len > CATALOG_NAME_MAX)
		return error_set(e, E_RANGE, "catalog: a name of no or too many bytes");
	return 0;
}

/* All of a set can be asked for; only rows that are there are met. Marks are kept. */
static int check_set(const struct set *s, struct error *e)
{
	uint64_t pos = CATALOG_NUMBER_MAX + 1;

	return set_next(s, &pos) ? check_number(pos, "position", e) : 0;
}

static int check_writing(const struct catalog *c, struct error *e)
{
	if (c->state != CATALOG_WRITING)
		return error_set(e, E_USAGE, "catalog: writing outside of a transaction");
	if (c->walks > 0)
		return error_set(e, E_USAGE, "catalog: writing while rows are walked");
	return 0;
}

static int check_idle(const struct catalog *c, struct error *e)
{
	if (c->state != CATALOG_IDLE || c->walks > 0)
		return error_set(e, E_USAGE, "catalog: a transaction is open");
	return 0;
}

int catalog_open(struct catalog **ret, const char *path, bool create, struct error *e)
{
	struct catalog *c = NULL;
	int rc = catalog_sqlite.open(&c, path, create, e);

	if (rc < 0)
		return rc;
	c->calls = &catalog_sqlite;
	c->state = CATALOG_IDLE;
	c->walks = 0;
	*ret = c;
	return 0;
}

bool catalog_damaged(const struct catalog *c)
{
	return c->damaged;
}

void catalog_close(struct catalog *c)
{
	if (c == NULL)
		return;
	catalog_rollback(c);
	c->calls->close(c);
}

int catalog_begin(struct catalog *c, struct error *e)
{
	if (check_idle(c, e) < 0 || c->calls->begin(c, e) < 0)
		return e->code;
	c->state = CATALOG_WRITING;
	return 0;
}

int catalog_begin_read(struct catalog *c, struct error *e)
{
	if (check_idle(c, e) < 0 || c->calls->begin_read(c, e) < 0)
		return e->code;
	c->state = CATALOG_READING;
	return 0;
}

int catalog_commit(struct catalog *c, struct error *e)
{
	if (check_writing(c, e) < 0)
		return e->code;
	FAULT(catalog_before_commit);
	c->state = CATALOG_IDLE;
	if (c->calls->commit(c, e) < 0)
		return e->code;
	FAULT(catalog_committed);
	return 0;
}

int catalog_commit_held(struct catalog *c, struct error *e)
{
	if (check_writing(c, e) < 0)
		return e->code;
	FAULT(catalog_before_commit);
	c->state = CATALOG_IDLE;
	if (c->calls->commit_held(c, e) < 0)
		return e->code;
	FAULT(catalog_committed);
	return 0;
}

int catalog_settle(struct catalog *c, uint64_t device, struct error *e)
{
	return c->calls->settle(c, device, e);
}

int catalog_steady(struct catalog *c, struct error *e)
{
	return c->calls->steady(c, e);
}

void catalog_rollback(struct catalog *c)
{
	if (c->state != CATALOG_IDLE)
		c->calls->rollback(c);
	c->state = CATALOG_IDLE;
}

/* A walk sees one state of the catalog: within the transaction that is open, or its own view. */
struct walk {
	bool own_view;
};

static int walk_begin(struct catalog *c, struct walk *w, struct error *e)
{
	w->own_view = c->state == CATALOG_IDLE;
	if (w->own_view && catalog_begin_read(c, e) < 0)
		return e->code;
	c->walks++;
	return 0;
}

static int walk_end(struct catalog *c, const struct walk *w, int rc)
{
	c->walks--;
	if (w->own_view)
		catalog_rollback(c);
	return rc;
}

int catalog_set_number(struct catalog *c, const char *name, uint64_t v, struct error *e)
{
	if (check_writing(c, e) < 0 || check_name(name, e) < 0)
		return e->code;
	return c->calls->set_number(c, name, v, e);
}

int catalog_number(struct catalog *c, const char *name, uint64_t otherwise, uint64_t *ret,
		   struct error *e)
{
	if (check_name(name, e) < 0)
		return e->code;
	return c->calls->number(c, name, otherwise, ret, e);
}

int catalog_set_bytes(struct catalog *c, const char *name, const void *p, size_t len,
		      struct error *e)
{
	if (check_writing(c, e) < 0 || check_name(name, e) < 0 || check_blob(len, e) < 0)
		return e->code;
	return c->calls->set_bytes(c, name, p, len, e);
}

int catalog_bytes(struct catalog *c, const char *name, struct buf *out, struct error *e)
{
	if (check_name(name, e) < 0)
		return e->code;
	return c->calls->bytes(c, name, out, e);
}

int catalog_add_fact(struct catalog *c, uint64_t n, const void *entry, size_t len,
		     struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(n, "fact", e) < 0 || check_blob(len, e) < 0)
		return e->code;
	return c->calls->add_fact(c, n, entry, len, e);
}

int catalog_fact(struct catalog *c, uint64_t n, struct buf *out, struct error *e)
{
	return c->calls->fact(c, n, out, e);
}

int catalog_fact_count(struct catalog *c, uint64_t *ret, struct error *e)
{
	return c->calls->fact_count(c, ret, e);
}

int catalog_each_fact(struct catalog *c, uint64_t first, uint64_t end, catalog_fact_fn *each,
		      void *ctx, struct error *e)
{
	struct walk w;

	if (check_number(end, "fact", e) < 0 || walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_fact(c, first, end, each, ctx, e));
}

int catalog_add_commitments(struct catalog *c, uint64_t first, const struct hash *h,
			    uint64_t count, struct error *e)
{
	if (check_writing(c, e) < 0)
		return e->code;
	return c->calls->add_commitments(c, first, h, count, e);
}

int catalog_commitments(struct catalog *c, uint64_t first, uint64_t count, struct hash *ret,
			struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->commitments(c, first, count, ret, e));
}

int catalog_commitment_count(struct catalog *c, uint64_t *ret, struct error *e)
{
	return c->calls->commitment_count(c, ret, e);
}

static int check_log(int log, struct error *e)
{
	return log == 0 || log == 1 ? 0 : error_set(e, E_RANGE, "catalog: no log %d", log);
}

int catalog_add_head(struct catalog *c, int log, uint64_t size, const void *note, size_t len,
		     struct error *e)
{
	if (check_writing(c, e) < 0 || check_log(log, e) < 0 || check_number(size, "size", e) < 0 ||
	    check_blob(len, e) < 0)
		return e->code;
	return c->calls->add_head(c, log, size, note, len, e);
}

int catalog_head(struct catalog *c, int log, uint64_t size, struct buf *out, struct error *e)
{
	if (check_log(log, e) < 0)
		return e->code;
	return c->calls->head(c, log, size, out, e);
}

int catalog_each_head(struct catalog *c, int log, catalog_number_fn *each, void *ctx,
		      struct error *e)
{
	struct walk w;

	if (check_log(log, e) < 0 || walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_head(c, log, each, ctx, e));
}

int catalog_put_record(struct catalog *c, const struct catalog_record *r, struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(r->pos, "position", e) < 0)
		return e->code;
	return c->calls->put_record(c, r, e);
}

int catalog_record(struct catalog *c, uint64_t pos, struct catalog_record *ret, struct error *e)
{
	return c->calls->record(c, pos, ret, e);
}

int catalog_each_record(struct catalog *c, const struct set *which, catalog_record_fn *each,
			void *ctx, struct error *e)
{
	struct walk w;

	if ((which && check_set(which, e) < 0) || walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_record(c, which, each, ctx, e));
}

int catalog_erase_records(struct catalog *c, const struct set *which, struct error *e)
{
	if (check_writing(c, e) < 0 || check_set(which, e) < 0)
		return e->code;
	return c->calls->erase_records(c, which, e);
}

int catalog_add_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos,
		    struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(pos, "position", e) < 0)
		return e->code;
	return c->calls->add_tag(c, kind, t, pos, e);
}

int catalog_has_tag(struct catalog *c, uint8_t kind, const struct tag *t, uint64_t pos, bool *ret,
		    struct error *e)
{
	if (check_number(pos, "position", e) < 0)
		return e->code;
	return c->calls->has_tag(c, kind, t, pos, ret, e);
}

int catalog_tagged(struct catalog *c, uint8_t kind, const struct tag *t, struct set *add_to,
		   struct error *e)
{
	return c->calls->tagged(c, kind, t, add_to, e);
}

int catalog_each_tag(struct catalog *c, uint8_t kind, catalog_tag_fn *each, void *ctx,
		     struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_tag(c, kind, each, ctx, e));
}

int catalog_put_object(struct catalog *c, const struct catalog_object *o, struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(o->owner, "owner", e) < 0 ||
	    check_number(o->part, "part", e) < 0)
		return e->code;
	if (o->kind == 0)
		return error_set(e, E_RANGE, "catalog: an object of no kind");
	return c->calls->put_object(c, o, e);
}

int catalog_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
		   struct catalog_object *ret, struct error *e)
{
	return c->calls->object(c, kind, owner, part, ret, e);
}

int catalog_each_object(struct catalog *c, uint8_t kind, uint64_t owner, catalog_object_fn *each,
			void *ctx, struct error *e)
{
	struct walk w;

	if (kind == 0 && owner != UINT64_MAX)
		return error_set(e, E_RANGE, "catalog: an owner without a kind");
	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_object(c, kind, owner, each, ctx, e));
}

int catalog_drop_object(struct catalog *c, uint8_t kind, uint64_t owner, uint64_t part,
			struct error *e)
{
	if (check_writing(c, e) < 0)
		return e->code;
	return c->calls->drop_object(c, kind, owner, part, e);
}

int catalog_put_thing(struct catalog *c, const struct catalog_thing *t, struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(t->id, "id", e) < 0 ||
	    check_number(t->owner, "owner", e) < 0 || check_blob(strlen(t->body), e) < 0 ||
	    (*t->name && check_name(t->name, e) < 0))
		return e->code;
	if (t->id == 0)
		return error_set(e, E_RANGE, "catalog: ids begin with 1");
	return c->calls->put_thing(c, t, e);
}

int catalog_thing(struct catalog *c, struct arena *a, uint8_t kind, uint64_t id,
		  struct catalog_thing *ret, struct error *e)
{
	return c->calls->thing(c, a, kind, id, ret, e);
}

int catalog_thing_named(struct catalog *c, struct arena *a, uint8_t kind, const char *name,
			struct catalog_thing *ret, struct error *e)
{
	return c->calls->thing_named(c, a, kind, name, ret, e);
}

int catalog_each_thing(struct catalog *c, uint8_t kind, uint64_t owner, catalog_thing_fn *each,
		       void *ctx, struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_thing(c, kind, owner, each, ctx, e));
}

int catalog_each_thing_tagged(struct catalog *c, uint8_t kind, const struct tag *t,
			      catalog_thing_fn *each, void *ctx, struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_thing_tagged(c, kind, t, each, ctx, e));
}

int catalog_next_id(struct catalog *c, uint8_t kind, uint64_t *ret, struct error *e)
{
	return c->calls->next_id(c, kind, ret, e);
}

int catalog_put_container(struct catalog *c, const struct hash *name, uint64_t number,
			  const void *bytes, size_t len, const struct hash *root, uint64_t slot,
			  const struct place *at, struct error *e)
{
	struct catalog_container k = { .number = number, .slot = slot, .root = *root, .at = *at };

	if (check_writing(c, e) < 0 || check_blob(len, e) < 0)
		return e->code;
	return c->calls->put_container(c, name, &k, bytes, len, e);
}

int catalog_container(struct catalog *c, const struct hash *name, struct catalog_container *ret,
		      struct buf *out, struct error *e)
{
	return c->calls->container(c, name, ret, out, e);
}

int catalog_each_container(struct catalog *c, catalog_container_fn *each, void *ctx,
			   struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_container(c, each, ctx, e));
}

int catalog_move_container(struct catalog *c, const struct hash *name, const struct place *at,
			   struct error *e)
{
	if (check_writing(c, e) < 0)
		return e->code;
	return c->calls->move_container(c, name, at, e);
}

int catalog_mark_put(struct catalog *c, uint64_t mark, const struct set *s, struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(mark, "mark", e) < 0 || check_set(s, e) < 0)
		return e->code;
	return c->calls->mark_put(c, mark, s, e);
}

int catalog_mark_get(struct catalog *c, uint64_t mark, struct set *s, struct error *e)
{
	return c->calls->mark_get(c, mark, s, e);
}

int catalog_each_mark(struct catalog *c, catalog_number_fn *each, void *ctx, struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_mark(c, each, ctx, e));
}

int catalog_add_never(struct catalog *c, const struct tag *t, uint64_t order, struct error *e)
{
	if (check_writing(c, e) < 0 || check_number(order, "order", e) < 0)
		return e->code;
	if (order == 0)
		return error_set(e, E_RANGE, "catalog: ids begin with 1");
	return c->calls->add_never(c, t, order, e);
}

int catalog_never(struct catalog *c, const struct tag *t, uint64_t *ret_order, struct error *e)
{
	return c->calls->never(c, t, ret_order, e);
}

int catalog_drop_never(struct catalog *c, const struct tag *t, struct error *e)
{
	if (check_writing(c, e) < 0)
		return e->code;
	return c->calls->drop_never(c, t, e);
}

int catalog_each_never(struct catalog *c, catalog_never_fn *each, void *ctx, struct error *e)
{
	struct walk w;

	if (walk_begin(c, &w, e) < 0)
		return e->code;
	return walk_end(c, &w, c->calls->each_never(c, each, ctx, e));
}

int catalog_compact(struct catalog *c, struct error *e)
{
	if (check_idle(c, e) < 0)
		return e->code;
	return c->calls->compact(c, e);
}

int catalog_check(struct catalog *c, void (*tell)(void *ctx, const char *line), void *ctx,
		  uint64_t *ret_problems, struct error *e)
{
	return c->calls->check(c, tell, ctx, ret_problems, e);
}
