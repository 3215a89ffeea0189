/* One batch: decided, sealed and committed under the lock, as one change. */
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "flow/ingest_parts.h"
#include "wire/json.h"

enum { SHOWN_MAX = 700 };

/* A batch on its way into the repository. */
struct entering {
	struct ingest *g;
	struct change *c;
	struct decisions *d;
	struct batch *batches; /* all that were, once they are needed */
	size_t batch_count;
	bool batches_read;
	struct set *same, *ordered; /* ordered: under an open order */
	uint64_t fact;	  /* the batch fact's number, when there will be one */
	uint64_t records, copies; /* written */
	struct buf *text;
};

static bool is_there(const struct entering *x, uint8_t kind, const struct tag *t,
		     struct error *e)
{
	return set_minus(x->same, x->same, e) == 0 &&
	       catalog_tagged(x->g->r->catalog, kind, t, x->same, e) == 0 && set_count(x->same) > 0;
}

/* Is the record at pos of our source, and still there? */
static int is_ours(struct entering *x, uint64_t pos, bool *ret, bool *ret_live, struct error *e)
{
	struct repo *r = x->g->r;
	struct catalog_record rec;
	const struct batch *b;

	if (catalog_record(r->catalog, pos, &rec, e) < 0)
		return e->code;
	*ret = rec.batch == x->fact;
	*ret_live = rec.status == RECORD_LIVE;
	if (*ret || rec.status == RECORD_ERASED)
		return 0;
	if (!x->batches_read &&
	    batches_all(r, x->g->batch_arena, &x->batches, &x->batch_count, e) < 0)
		return e->code;
	x->batches_read = true;
	b = batch_of(x->batches, x->batch_count, pos);
	*ret = b && b->source == x->g->source.id;
	return 0;
}

/* The first record of the same source with the same bytes, a live one before one in quarantine;
 * UINT64_MAX: none. What may come in is no copy of what is in quarantine. */
static int find_same(struct entering *x, const struct item *item, reasons why, uint64_t *ret,
		     struct error *e)
{
	struct tag t;
	bool ours = false, live = false;

	*ret = UINT64_MAX;
	repo_tag(x->g->r, &t, TAG_DIGEST, item->content.b, HASH_LEN);
	if (!is_there(x, TAG_DIGEST, &t, e))
		return e->code;
	for (uint64_t pos = 0; set_next(x->same, &pos); pos++) {
		if (is_ours(x, pos, &ours, &live, e) < 0)
			return e->code;
		if (ours && (live || (why && *ret == UINT64_MAX)))
			*ret = pos;
		if (ours && live)
			return 0;
	}
	return 0;
}

/* --- what is written of a file --- */

static void put_about(const struct entering *x, const struct item *item, json_t *about,
		      struct error *e)
{
	const char *origin = x->g->origin;
	size_t len = strlen(origin);
	char hex[2 * PATH_LEN_MAX];

	json_set_number(about, "bytes", item->bytes->len, e);
	json_set_text(about, "media", item->info.type, e);
	json_set_number(about, "width", item->info.width, e);
	json_set_number(about, "height", item->info.height, e);
	json_set_new(about, "origin", json_text_lossy(origin, len, e), e);
	if (!utf8_valid(origin, len))
		json_set_text(about, "origin_hex", hex_encode(hex, origin, len), e);
	json_set_bool(about, "in_place", x->g->w->in_place, e);
}

static int add_about(const struct entering *x, const struct item *item, struct fields *f,
		     struct error *e)
{
	scoped_json *about = json_object_make(e);

	if (!about)
		return e->code;
	put_about(x, item, about, e);
	buf_clear(x->text);
	if (e->code || json_put(about, x->text, e) < 0)
		return e->code;
	return fields_add(f, "about", x->text->data, x->text->len, e);
}

static int add_list(struct fields *f, const char *name, const struct sidecar_row *row,
		    struct error *e)
{
	for (size_t i = 0; row && i < row->count; i++)
		if (fields_add_text(f, name, row->values[i], e) < 0)
			return e->code;
	return 0;
}

static int decision_text(const struct entering *x, reasons why, struct error *e)
{
	buf_clear(x->text);
	if (why == 0)
		return buf_printf(x->text, e, "allow %s", x->g->use_text);
	if (buf_printf(x->text, e, "quarantine %s ", x->g->use_text) < 0)
		return e->code;
	return reasons_put(why, x->text, e);
}

static const char *transfer_name(const struct ingest *g, char ret[24])
{
	ret[0] = 0;
	if (g->transfer.id)
		snprintf(ret, 24, "t%" PRIu64, g->transfer.id);
	return ret;
}

/* The fields of a card that have their places; what follows is of varying number, and shuffled. */
enum { CARD_PLACES = 7 };

static int make_card(const struct entering *x, const struct item *item, reasons why,
		     struct fields *f, struct error *e)
{
	char transfer[24];

	if (fields_add(f, "content", item->content.b, HASH_LEN, e) < 0 ||
	    fields_add_text(f, "source", x->g->source.name, e) < 0 ||
	    fields_add_text(f, "transfer", transfer_name(x->g, transfer), e) < 0 ||
	    fields_add_number(f, "terms", decisions_terms(x->d), e) < 0 ||
	    decision_text(x, why, e) < 0 ||
	    fields_add(f, "decision", x->text->data, x->text->len, e) < 0 ||
	    fields_add_text(f, "path", item->relative, e) < 0 || add_about(x, item, f, e) < 0 ||
	    add_list(f, "subject", item->subjects, e) < 0)
		return e->code;
	if (add_list(f, "attr", item->attrs, e) < 0)
		return e->code;
	return fields_hide(f, CARD_PLACES, e);
}

static int put_record(struct entering *x, const struct item *item, reasons why, struct error *e)
{
	scoped(fields) *card = NULL;
	uint64_t pos;

	if (fields_create(&card, e) < 0 || make_card(x, item, why, card, e) < 0 ||
	    change_record(x->c, x->fact, why ? RECORD_QUARANTINED : RECORD_LIVE, card,
			  item->bytes->data, item->bytes->len, &pos, e) < 0)
		return e->code;
	x->records++;
	x->g->batch.bytes += item->bytes->len;
	if (why)
		x->g->batch.quarantined++;
	else
		x->g->batch.accepted++;
	return 0;
}

/* Is all that is said of this file said of the record already? */
static int is_said(struct entering *x, uint8_t kind, const struct sidecar_row *row, uint64_t of,
		   bool *ret, struct error *e)
{
	struct tag t;

	for (size_t i = 0; row && i < row->count && *ret; i++) {
		repo_tag(x->g->r, &t, kind, row->values[i], strlen(row->values[i]));
		if (catalog_has_tag(x->g->r->catalog, kind, &t, of, ret, e) < 0)
			return e->code;
	}
	return 0;
}

/* Was it found there before? What was handed over in place is known to who only reads it, and not the
 * other way round: an order does not delete what was only read. */
static int is_placed(struct entering *x, const struct item *item, uint64_t of, bool *ret,
		     struct error *e)
{
	const struct ingest *g = x->g;
	struct tag t;

	repo_place_tag(g->r, &t, &item->content, g->source.name, g->origin, item->relative, true);
	if (catalog_has_tag(g->r->catalog, TAG_PLACE, &t, of, ret, e) < 0 || *ret || g->w->in_place)
		return e->code;
	repo_place_tag(g->r, &t, &item->content, g->source.name, g->origin, item->relative, false);
	return catalog_has_tag(g->r->catalog, TAG_PLACE, &t, of, ret, e);
}

/* The same file again, found where it was found before, with nobody new on it, is nothing new. */
static int is_known(struct entering *x, const struct item *item, uint64_t of, bool *ret,
		    struct error *e)
{
	if (is_placed(x, item, of, ret, e) < 0 ||
	    is_said(x, TAG_SUBJECT, item->subjects, of, ret, e) < 0)
		return e->code;
	return is_said(x, TAG_ATTR, item->attrs, of, ret, e);
}

static int put_copy(struct entering *x, const struct item *item, uint64_t of, struct error *e)
{
	struct ingest *g = x->g;
	scoped(fields) *where = NULL;
	bool known;
	int code;

	g->batch.copies++;
	if (is_known(x, item, of, &known, e) < 0 || known)
		return e->code;
	if (fields_create(&where, e) < 0 ||
	    fields_add(where, "content", item->content.b, HASH_LEN, e) < 0 ||
	    fields_add_text(where, "source", g->source.name, e) < 0 ||
	    fields_add_text(where, "path", item->relative, e) < 0 ||
	    add_about(x, item, where, e) < 0 ||
	    add_list(where, "subject", item->subjects, e) < 0 ||
	    add_list(where, "attr", item->attrs, e) < 0)
		return e->code;
	code = change_copy(x->c, of, where, e);
	if (code == E_RANGE) {
		g->batch.copies--;
		ingest_refuse(g, item->path, REFUSAL_TOO_MANY_COPIES, e->text);
		error_clear(e);
		return 0;
	}
	x->copies += code == 0;
	return code;
}

/* --- one after the other --- */

static int deny(struct entering *x, const struct item *item, reasons why, bool refuse,
		struct error *e)
{
	struct ingest *g = x->g;
	char shown[SHOWN_MAX];
	bool told = false;

	for (int i = 0; i < REASON_COUNT; i++)
		if (why >> i & 1)
			told |= ingest_is_told(g, g->all.why[i] + g->batch.why[i]++);
	if (refuse) {
		g->batch.refused++;
		g->batch.denied++;
	}
	if (!told)
		return 0;
	buf_clear(x->text);
	if (reasons_put(why, x->text, e) < 0)
		return e->code;
	repo_tell(g->r, "%s %s: %s", refuse ? "refused" : "quarantined",
		  path_escape(shown, sizeof(shown), item->path), buf_text(x->text));
	return 0;
}

/* A place that is new to a record which an order takes back would escape that order. */
static int put_same(struct entering *x, const struct item *item, uint64_t of, struct error *e)
{
	bool known;

	if (!set_has(x->ordered, of))
		return put_copy(x, item, of, e);
	if (is_known(x, item, of, &known, e) < 0)
		return e->code;
	return known ? put_copy(x, item, of, e) :
		       deny(x, item, (reasons)1 << REASON_ORDER_OPEN, true, e);
}

static int enter(struct entering *x, const struct item *item, struct error *e)
{
	const reasons never = (reasons)1 << REASON_NEVER_AGAIN;
	uint64_t same;
	reasons why;
	bool refuse;

	if (!item->info.whole)
		return 0; /* counted when it was looked at */
	if (decide_item(x->d, item, &why, e) < 0)
		return e->code;
	/* What an order took back is not kept again, quarantined neither. */
	refuse = why && (!x->g->w->quarantine || (why & never));
	if (refuse)
		return deny(x, item, why, true, e);
	if (find_same(x, item, why, &same, e) < 0)
		return e->code;
	if (same != UINT64_MAX)
		return put_same(x, item, same, e);
	if (why && deny(x, item, why, false, e) < 0)
		return e->code;
	return put_record(x, item, why, e);
}

/* --- the batch fact --- */

static json_t *counts_of(const struct tally *t, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_number(o, "accepted", t->accepted, e);
	json_set_number(o, "refused", t->refused, e);
	json_set_number(o, "quarantined", t->quarantined, e);
	json_set_number(o, "copies", t->copies, e);
	json_set_new(o, "reasons", tally_reasons(t, e), e);
	return o;
}

static int add_private(struct entering *x, const char *id, struct fields *f, struct error *e)
{
	const struct ingest *g = x->g;
	scoped_json *counts = counts_of(&g->batch, e);
	char transfer[24];

	buf_clear(x->text);
	if (e->code || json_put(counts, x->text, e) < 0 || fields_add_text(f, "id", id, e) < 0 ||
	    fields_add_text(f, "source", g->source.name, e) < 0 ||
	    fields_add_text(f, "transfer", transfer_name(g, transfer), e) < 0 ||
	    fields_add_number(f, "terms", decisions_terms(x->d), e) < 0 ||
	    fields_add_text(f, "use", g->use_text, e) < 0 ||
	    fields_add_text(f, "origin", g->origin, e) < 0)
		return e->code;
	return fields_add(f, "counts", x->text->data, x->text->len, e);
}

static json_t *public_members(struct entering *x, struct error *e)
{
	uint64_t next = change_positions(x->c);
	json_t *o = json_object_make(e);
	char tag[2 * 8 + 1];

	if (!o)
		return NULL;
	json_set_number(o, "first", next - x->records, e);
	json_set_number(o, "last", next - 1, e);
	json_set_text(o, "source", hex_encode(tag, x->g->source.tag, 8), e);
	json_set_text(o, "transfer",
		      x->g->transfer.id ? hex_encode(tag, x->g->transfer.tag, 8) : "", e);
	if (e->code == 0 && change_set_records(x->c, o, e) == 0)
		return o;
	json_decref(o);
	return NULL;
}

static int put_fact(struct entering *x, uint64_t *ret_id, struct error *e)
{
	scoped(fields) *f = NULL;
	json_t *members;
	char id[24];
	uint64_t n;

	if (fields_create(&f, e) < 0 ||
	    catalog_next_id(x->g->r->catalog, THING_BATCH, ret_id, e) < 0)
		return e->code;
	snprintf(id, sizeof(id), "b%" PRIu64, *ret_id);
	if (add_private(x, id, f, e) < 0 || !(members = public_members(x, e)))
		return e->code;
	return change_fact(x->c, "batch", members, f, &n, e);
}

static int note_batch(struct entering *x, uint64_t id, struct error *e)
{
	struct ingest *g = x->g;
	char name[24];
	uint64_t next = change_positions(x->c);

	snprintf(name, sizeof(name), "b%" PRIu64, id);
	json_add_new(g->ids, json_string(name), e);
	if (g->first == UINT64_MAX)
		g->first = next - x->records;
	g->last = next - 1;
	repo_tell(g->r, "batch %" PRIu64 " committed", id);
	return e->code;
}

static int enter_all(struct entering *x, struct error *e)
{
	struct ingest *g = x->g;
	uint64_t id = 0;

	x->fact = change_facts(x->c);
	for (size_t i = 0; i < g->count; i++)
		if (enter(x, &g->items[i], e) < 0) {
			char shown[256];

			return error_wrap(e, "%s", path_escape(shown, sizeof(shown), g->items[i].path));
		}
	if (x->records == 0 && x->copies == 0)
		return 0;
	if (x->records > 0 && put_fact(x, &id, e) < 0)
		return e->code;
	if (change_commit(x->c, e) < 0)
		return e->code;
	return id ? note_batch(x, id, e) : 0;
}

static bool any_whole(const struct ingest *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->items[i].info.whole)
			return true;
	return false;
}

static int commit(struct ingest *g, struct error *e)
{
	struct entering x = { .g = g };
	scoped(change) *c = NULL;
	scoped(decisions) *d = NULL;
	scoped(set) *same = NULL, *ordered = NULL;
	scoped(buf) *text = NULL;

	if (change_begin(&c, g->r, e) < 0 || decisions_open(&d, g, change_now(c), e) < 0 ||
	    set_create(&same, e) < 0 || set_create(&ordered, e) < 0 ||
	    catalog_mark_get(g->r->catalog, MARK_ORDERED, ordered, e) < 0 || buf_create(&text, 512, e) < 0)
		return e->code;
	x.c = c;
	x.d = d;
	x.same = same;
	x.ordered = ordered;
	x.text = text;
	return enter_all(&x, e);
}

int ingest_commit(struct ingest *g, struct error *e)
{
	if (any_whole(g) && commit(g, e) < 0)
		return e->code;
	tally_add(&g->all, &g->batch);
	return 0;
}
