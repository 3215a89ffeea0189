/*
 * compare: is the catalog what log and vault say? Another is made of them, as a rebuild does, and every
 * row of each is looked for in the other, table by table, one row at a time. An object may lie in two
 * places, which a killed compact leaves. What follows from no fact is carried over before: tries of an
 * order's steps, an order that was begun or did not prove, and never-again entries whose list is lost.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "repo/inside.h"
#include "repo/things.h"
#include "vault/pack.h"

enum { NEVER_FILE_MAX = 1 << 30, COMMITMENTS_STEP = 256 };

/* --- carried over --- */

struct carry {
	struct repo *r;
	struct catalog *from, *to;
	struct set *lists; /* orders whose never-again list is whole */
};

/* The bodies are the same but for one member, which from may have. */
static int same_but(const char *from, const char *to, const char *member, bool *ret, struct error *e)
{
	scoped_json *body = NULL;
	scoped(buf) *text = NULL;

	*ret = false;
	if (json_parse(&body, from, strlen(from), CATALOG_BODY_MAX, e) < 0) {
		if (e->code != E_FORMAT)
			return e->code;
		error_clear(e);
		return 0;
	}
	json_object_del(body, member);
	if (buf_create(&text, 512, e) < 0 || json_put(body, text, e) < 0)
		return e->code;
	*ret = strcmp(buf_text(text), to) == 0;
	return 0;
}

/* States that a row may have got without a fact. */
static bool is_try(const struct catalog_thing *from, const struct catalog_thing *to)
{
	if (from->state == to->state)
		return true;
	if (from->kind == THING_ORDER)
		return to->state == ORDER_APPROVED && from->state == ORDER_EXECUTING;
	return to->state == STEP_LEFT && (from->state == STEP_INTENT || from->state == STEP_FAILED);
}

static int carry_thing(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct carry *c = ctx;
	struct catalog_thing to;
	scoped(arena) *a = NULL;
	bool same = false;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (catalog_thing(c->to, a, t->kind, t->id, &to, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_clear(e);
		return e->code;
	}
	if (t->owner != to.owner || t->fact != to.fact || strcmp(t->name, to.name) != 0 ||
	    memcmp(t->tag.b, to.tag.b, sizeof(to.tag.b)) != 0 || !is_try(t, &to))
		return 0;
	if (same_but(t->body, to.body, t->kind == THING_ORDER ? "unproved" : "error", &same, e) < 0 ||
	    !same)
		return e->code;
	return catalog_put_thing(c->to, t, e);
}

static int carry_never(void *ctx, const struct tag *t, uint64_t order, struct error *e)
{
	struct carry *c = ctx;

	if (set_has(c->lists, order) || order == 0)
		return 0;
	return catalog_add_never(c->to, t, order, e);
}

static int whole_lists(struct carry *c, struct error *e)
{
	scoped(arena) *a = NULL;
	char **names, file[64];
	uint64_t order;
	size_t count;

	if (arena_create(&a, e) < 0 || keydir_list(&c->r->keys, a, "never", &names, &count, e) < 0) {
		if (e->code == E_NOT_FOUND)
			error_clear(e);
		return e->code;
	}
	for (size_t i = 0; i < count; i++) {
		scoped(buf) *list = NULL;

		if (names[i][0] == 'o' &&
		    number_parse(&order, names[i] + 1, strlen(names[i] + 1), e) == 0) {
			snprintf(file, sizeof(file), "never/o%" PRIu64, order);
			if (keydir_read(&c->r->keys, file, NEVER_FILE_MAX, &list, e) == 0 &&
			    set_add(c->lists, order, e) < 0)
				return e->code;
		}
		if (e->code == E_MEMORY)
			return e->code;
		error_clear(e); /* not one of ours, or lost */
	}
	return 0;
}

int compare_carry(struct repo *r, struct catalog *from, struct catalog *to, struct error *e)
{
	struct carry c = { .r = r, .from = from, .to = to };
	scoped(set) *lists = NULL;

	if (set_create(&lists, e) < 0)
		return e->code;
	c.lists = lists;
	if (whole_lists(&c, e) < 0 || catalog_begin(to, e) < 0)
		return e->code;
	if (catalog_each_thing(from, THING_STEP, UINT64_MAX, carry_thing, &c, e) < 0 ||
	    catalog_each_thing(from, THING_ORDER, UINT64_MAX, carry_thing, &c, e) < 0 ||
	    catalog_each_never(from, carry_never, &c, e) < 0) {
		catalog_rollback(to);
		return e->code;
	}
	return catalog_commit(to, e);
}

/* --- compared --- */

struct compare {
	struct repo *r;
	struct catalog *a, *b; /* each row of a is looked for in b */
	bool back;	       /* a is the one that was made; what is in both was compared before */
	uint8_t kind;	       /* of the tags at hand */
	int log;	       /* of the heads at hand */
	void (*tell)(void *ctx, const char *line);
	void *ctx;
	uint64_t count;
};

__attribute__((format(printf, 2, 3))) static int differs(struct compare *x, const char *format, ...)
{
	char line[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	x->count++;
	x->tell(x->ctx, line);
	return 0;
}

/* What a look for a row of b gave: *ret, is it there? A row that no catalog has is not. */
static int looked(int code, bool *ret, struct error *e)
{
	*ret = code == 0;
	if (code == 0 || (code != E_NOT_FOUND && code != E_FORMAT && code != E_RANGE))
		return code;
	error_clear(e);
	return 0;
}

static const char *missing(const struct compare *x)
{
	return x->back ? "is not there" : "is not what log and vault say";
}

static bool head_at(struct repo *r, const struct place *at, struct buf *out)
{
	char name[PACK_NAME_LEN + 1];
	struct error why = { 0 };

	if (at->pack == 0 || at->pack > PACK_NUMBER_MAX)
		return false;
	pack_name(name, at->pack);
	return r->vault_blobs->calls->get(r->vault_blobs, name, at->at, OBJECT_HEAD_LEN, out, &why) == 0;
}

/* The same sealed object has the same head, random prefix and all. */
static int same_object(struct repo *r, const struct place *p, const struct place *q, bool *ret,
		       struct error *e)
{
	scoped(buf) *one = NULL, *two = NULL;

	*ret = p->pack == q->pack && p->at == q->at && p->len_bytes == q->len_bytes;
	if (*ret || p->len_bytes != q->len_bytes || p->len_bytes == 0)
		return 0;
	if (buf_create(&one, OBJECT_HEAD_LEN, e) < 0 || buf_create(&two, OBJECT_HEAD_LEN, e) < 0)
		return e->code;
	*ret = head_at(r, p, one) && head_at(r, q, two) && one->len == two->len &&
	       memcmp(one->data, two->data, one->len) == 0;
	return 0;
}

static int see_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct compare *x = ctx;
	struct catalog_record other;
	bool there = false, card = true, bytes = true, alive = false;

	if (looked(catalog_record(x->b, rec->pos, &other, e), &there, e) < 0)
		return e->code;
	if (!there)
		return differs(x, "the row of record %" PRIu64 " %s", rec->pos, missing(x));
	if (x->back)
		return task_step(x->r->task, 1, e);
	if (same_object(x->r, &rec->card, &other.card, &card, e) < 0 ||
	    same_object(x->r, &rec->bytes, &other.bytes, &bytes, e) < 0)
		return e->code;
	/* Some erased slot stands for one whose object is gone. */
	if (rec->slot != other.slot && other.status == RECORD_ERASED && rec->slot < keyring_slots(x->r->keyring) &&
	    keyring_alive(x->r->keyring, rec->slot, &alive, e) == 0 && !alive)
		other.slot = rec->slot;
	if (e->code)
		return e->code;
	if (!card || !bytes || rec->slot != other.slot || rec->batch != other.batch ||
	    rec->status != other.status)
		return differs(x, "the row of record %" PRIu64 " %s", rec->pos, missing(x));
	return task_step(x->r->task, 1, e);
}

static int see_tag(void *ctx, const struct tag *t, uint64_t pos, struct error *e)
{
	static const char *const kinds[] = { "", "digest", "path", "subject", "attribute", "place" };
	struct compare *x = ctx;
	bool there = false;

	if (catalog_has_tag(x->b, x->kind, t, pos, &there, e) < 0)
		return e->code;
	return there ? task_step(x->r->task, 1, e) :
		       differs(x, "a tag of record %" PRIu64 " (%s) %s", pos, kinds[x->kind], missing(x));
}

/* Copies have numbers in the order they were met. */
struct finding {
	struct compare *x;
	const struct catalog_object *o;
	bool found;
};

static int is_it(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct finding *f = ctx;

	if (f->found || o->slot != f->o->slot)
		return 0;
	return same_object(f->x->r, &o->at, &f->o->at, &f->found, e);
}

static int find_object(struct compare *x, const struct catalog_object *o, bool *ret, struct error *e)
{
	struct finding f = { x, o, false };
	struct catalog_object other;
	bool there = false;
	int code;

	if (o->kind == ROW_COPY) {
		code = catalog_each_object(x->b, o->kind, o->owner, is_it, &f, e);
	} else {
		if (looked(catalog_object(x->b, o->kind, o->owner, o->part, &other, e), &there, e) < 0)
			return e->code;
		code = there ? is_it(&f, &other, e) : 0;
	}
	*ret = f.found;
	return code;
}

static int see_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct compare *x = ctx;
	bool there = false;

	if (o->at.len_bytes == 0) /* erased: its object may be compacted away, and then its row is not made */
		return 0;
	if (find_object(x, o, &there, e) < 0)
		return e->code;
	return there ? task_step(x->r->task, 1, e) :
		       differs(x, "the row of object %" PRIu64 " of %s %" PRIu64 " %s", o->part,
			       o->kind >= OBJECT_OF_RECORD ? "record" : "fact", o->owner, missing(x));
}

static int see_thing(void *ctx, const struct catalog_thing *t, struct error *e)
{
	static const char *const kinds[] = { "thing", "key", "source", "terms", "transfer", "grant", "batch",
		"dataset", "checkpoint", "order", "step", "hold", "deployment", "output", "hand-over" };
	const char *kind = kinds[t->kind < COUNT_OF(kinds) ? t->kind : 0];
	struct compare *x = ctx;
	struct catalog_thing o;
	scoped(arena) *a = NULL;
	bool there = false;

	if (arena_create(&a, e) < 0 ||
	    looked(catalog_thing(x->b, a, t->kind, t->id, &o, e), &there, e) < 0)
		return e->code;
	if (there && (x->back || (strcmp(t->name, o.name) == 0 && strcmp(t->body, o.body) == 0 &&
				  memcmp(t->tag.b, o.tag.b, sizeof(o.tag.b)) == 0 && t->owner == o.owner &&
				  t->fact == o.fact && t->state == o.state)))
		return task_step(x->r->task, 1, e);
	return differs(x, "the row of %s %" PRIu64 " (fact %" PRIu64 ") %s", kind, t->id, t->fact, missing(x));
}

static int see_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			 struct error *e)
{
	scoped(buf) *one = NULL, *two = NULL;
	struct catalog_container o, again;
	struct compare *x = ctx;
	bool there = false, same = false;

	if (buf_create(&one, 1024, e) < 0 || buf_create(&two, 1024, e) < 0 ||
	    looked(catalog_container(x->b, name, &o, two, e), &there, e) < 0 ||
	    (there && (catalog_container(x->a, name, &again, one, e) < 0 ||
		       same_object(x->r, &k->at, &o.at, &same, e) < 0)))
		return e->code;
	if (there && (x->back || (same && k->number == o.number && k->slot == o.slot &&
				  hash_equal(&k->root, &o.root) && one->len == two->len &&
				  memcmp(one->data, two->data, one->len) == 0)))
		return task_step(x->r->task, 1, e);
	return differs(x, "the row of container %.12s %s", hash_hex(name).s, missing(x));
}

static int see_mark(void *ctx, uint64_t mark, struct error *e)
{
	scoped(set) *one = NULL, *two = NULL;
	struct compare *x = ctx;
	bool there = false;

	if (set_create(&one, e) < 0 || set_create(&two, e) < 0 ||
	    looked(catalog_mark_get(x->a, mark, one, e), &there, e) < 0 ||
	    (there && looked(catalog_mark_get(x->b, mark, two, e), &there, e) < 0))
		return e->code;
	if (there && (x->back ? set_count(two) > 0 : set_equal(one, two)))
		return 0;
	return differs(x, "the set %" PRIu64 " %s", mark, missing(x));
}

static int see_never(void *ctx, const struct tag *t, uint64_t order, struct error *e)
{
	struct compare *x = ctx;
	uint64_t other;

	if (catalog_never(x->b, t, &other, e) < 0)
		return e->code;
	if (x->back ? other != 0 : other == order)
		return 0;
	return differs(x, "a never-again entry of o%" PRIu64 " %s", order, missing(x));
}

/* Signed, each by the key of its log: there is no need to make them. */
static int see_head(void *ctx, uint64_t size, struct error *e)
{
	struct compare *x = ctx;
	scoped(buf) *note = NULL;
	struct head h;
	bool there = false;

	if (buf_create(&note, 512, e) < 0 ||
	    looked(catalog_head(x->back ? x->b : x->a, x->log, size, note, e), &there, e) < 0)
		return e->code;
	if (there && head_open(&h, note->data, note->len, &x->r->log_key[x->log], e) < 0) {
		if (e->code == E_MEMORY)
			return e->code;
		error_clear(e);
		there = x->back; /* told before */
	} else if (there) {
		there = h.size == size;
	}
	return there ? 0 : differs(x, "the head of size %" PRIu64 " of %s %s", size,
				   x->r->log_key[x->log].name, missing(x));
}

/* --- what is numbered from 0 --- */

static int compare_facts(struct compare *x, struct error *e)
{
	scoped(buf) *one = NULL, *two = NULL;
	uint64_t count, other;
	bool there = false;

	if (catalog_fact_count(x->a, &count, e) < 0 || catalog_fact_count(x->b, &other, e) < 0 ||
	    buf_create(&one, 1024, e) < 0 || buf_create(&two, 1024, e) < 0)
		return e->code;
	if (count != other)
		return differs(x, "%" PRIu64 " facts, and not %" PRIu64, count, other);
	for (uint64_t n = 0; n < count; n++) {
		buf_clear(one);
		buf_clear(two);
		if (looked(catalog_fact(x->a, n, one, e), &there, e) < 0 ||
		    catalog_fact(x->b, n, two, e) < 0)
			return e->code;
		if (!there || one->len != two->len || memcmp(one->data, two->data, one->len) != 0)
			differs(x, "fact %" PRIu64 " %s", n, missing(x));
		if (task_step(x->r->task, 1, e) < 0)
			return e->code;
	}
	return 0;
}

static int compare_commitments(struct compare *x, struct error *e)
{
	struct hash one[COMMITMENTS_STEP], two[COMMITMENTS_STEP];
	uint64_t size, other, count;
	bool there = false;

	if (catalog_commitment_count(x->a, &size, e) < 0 || catalog_commitment_count(x->b, &other, e) < 0)
		return e->code;
	if (size != other)
		return differs(x, "%" PRIu64 " commitments, and not %" PRIu64, size, other);
	for (uint64_t p = 0; p < size; p += count) {
		count = size - p < COMMITMENTS_STEP ? size - p : COMMITMENTS_STEP;
		if (looked(catalog_commitments(x->a, p, count, one, e), &there, e) < 0 ||
		    catalog_commitments(x->b, p, count, two, e) < 0 || task_step(x->r->task, count, e) < 0)
			return e->code;
		if (!there || memcmp(one, two, (size_t)count * sizeof(*one)) != 0)
			differs(x, "the commitments from record %" PRIu64 " on %s", p, missing(x));
	}
	return 0;
}

static int compare_numbers(struct compare *x, struct error *e)
{
	static const char *const names[] = { "solo", "packs", "slots", "epoch", "changes" };
	uint64_t one, two;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (catalog_number(x->a, names[i], 0, &one, e) < 0 ||
		    catalog_number(x->b, names[i], 0, &two, e) < 0)
			return e->code;
		if (one != two)
			differs(x, "the number %s is %" PRIu64 ", and not %" PRIu64, names[i], one, two);
	}
	return 0;
}

/* --- all of it --- */

/* A table that cannot be walked to its end differs, if it is not the one that was just made. */
static int walked(struct compare *x, const char *what, int code, struct error *e)
{
	if (code == 0 || x->back || (code != E_FORMAT && code != E_RANGE))
		return code;
	differs(x, "%s: %s", what, e->text);
	error_clear(e);
	return 0;
}

static int compare_rows(struct compare *x, struct error *e)
{
	if (walked(x, "records", catalog_each_record(x->a, NULL, see_record, x, e), e) < 0 ||
	    walked(x, "objects", catalog_each_object(x->a, 0, UINT64_MAX, see_object, x, e), e) < 0 ||
	    walked(x, "things", catalog_each_thing(x->a, 0, UINT64_MAX, see_thing, x, e), e) < 0 ||
	    walked(x, "containers", catalog_each_container(x->a, see_container, x, e), e) < 0 ||
	    walked(x, "sets", catalog_each_mark(x->a, see_mark, x, e), e) < 0 ||
	    walked(x, "never-again list", catalog_each_never(x->a, see_never, x, e), e) < 0)
		return e->code;
	for (x->kind = 1; x->kind <= TAG_PLACE; x->kind++)
		if (walked(x, "tags", catalog_each_tag(x->a, x->kind, see_tag, x, e), e) < 0)
			return e->code;
	for (x->log = 0; x->log < LOG_COUNT; x->log++)
		if (walked(x, "heads", catalog_each_head(x->a, x->log, see_head, x, e), e) < 0)
			return e->code;
	return 0;
}

static int compare_both_ways(struct compare *x, struct catalog *made, struct error *e)
{
	x->b = made;
	task_phase(x->r->task, "rows compared", 0);
	if (walked(x, "facts", compare_facts(x, e), e) < 0 ||
	    walked(x, "commitments", compare_commitments(x, e), e) < 0 || compare_numbers(x, e) < 0 ||
	    compare_rows(x, e) < 0)
		return e->code;
	x->b = x->a;
	x->a = made;
	x->back = true;
	return compare_rows(x, e);
}

/* One view of each: a question of its own would lock and unlock the file. */
static int compare_all(struct compare *x, struct catalog *made, struct error *e)
{
	struct catalog *now = x->a;
	int code;

	if (catalog_begin_read(now, e) < 0)
		return e->code;
	code = catalog_begin_read(made, e);
	if (code == 0)
		code = compare_both_ways(x, made, e);
	catalog_rollback(made);
	catalog_rollback(now);
	return code;
}

/* x NULL: nothing is compared. */
static int make_and_compare(struct repo *r, struct compare *x, enum catalog_is *ret, struct error *e)
{
	scoped(catalog) *made = NULL;
	bool whole = false;
	int code;

	if (rebuild_beside(r, &made, &whole, e) < 0)
		return e->code;
	code = whole && x ? compare_all(x, made, e) : 0;
	if (code < 0)
		return code;
	*ret = !whole ? CATALOG_UNKNOWN : !x || x->count > 0 ? CATALOG_MADE_AGAIN : CATALOG_SAME;
	return *ret == CATALOG_MADE_AGAIN ? rebuild_replace(r, give(made), e) : 0;
}

int repo_catalog_compare(struct repo *r, void (*tell)(void *ctx, const char *line), void *ctx,
			 enum catalog_is *ret, struct error *e)
{
	struct compare x = { .r = r, .a = r->catalog, .tell = tell, .ctx = ctx };

	if (make_and_compare(r, &x, ret, e) < 0)
		return e->code;
	return *ret == CATALOG_MADE_AGAIN ? 0 : rebuild_drop(r, e);
}

int repo_catalog_again(struct repo *r, enum catalog_is *ret, struct error *e)
{
	if (make_and_compare(r, NULL, ret, e) < 0)
		return e->code;
	return *ret == CATALOG_MADE_AGAIN ? 0 : rebuild_drop(r, e);
}
