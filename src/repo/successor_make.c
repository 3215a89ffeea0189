/* What is left of a log that lost its end, copied and signed anew beside it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "proof/certificate.h"
#include "repo/change_parts.h"
#include "repo/successor_parts.h"
#include "repo/things.h"

enum { WRITE_STEP = 1 << 16 };

/* --- the log --- */

static int copy_log(struct succeeding *x, int log, struct error *e)
{
	scoped(log) *l = NULL;
	scoped(buf) *entry = NULL;
	struct hash root;

	tree_root(&root, NULL, 0);
	if (buf_create(&entry, 1024, e) < 0 || log_open(&l, x->s.log_blobs[log], 0, &root, e) < 0)
		return e->code;
	for (uint64_t n = 0; n < x->left[log]; n++) {
		buf_clear(entry);
		if (successor_entry(x, log, n, entry, e) < 0 ||
		    log_add(l, entry->data, entry->len, e) < 0 ||
		    ((n + 1) % WRITE_STEP == 0 && log_write(l, e) < 0) ||
		    task_step(x->r->task, 1, e) < 0)
			return e->code;
	}
	if (log_write(l, e) < 0)
		return e->code;
	x->ret->left[log].size = log_size(l);
	log_root(l, &x->ret->left[log].root);
	return 0;
}

/* Are the first of what is left those of a log of this root? */
static int check_root(struct succeeding *x, int log, const struct log *fresh, uint64_t size,
		      const struct hash *root, struct error *e)
{
	struct hash is;

	if (tree_range(&is, 0, size, log_read, (void *)fresh, e) < 0)
		return e->code;
	return hash_equal(root, &is)
		       ? 0
		       : error_set(e, E_MISMATCH,
				   "the first %" PRIu64
				   " entries that are left are not those of %s: it was "
				   "forked, or the catalog is of another",
				   size, x->r->log_key[log].name);
}

/* What is left is a beginning of what the old log was, and every head that is known leads there. */
static int check_begun(struct succeeding *x, int log, struct error *e)
{
	struct head_state *left = &x->ret->left[log];
	scoped(log) *fresh = NULL;
	struct hash was;
	uint64_t size = x->old[log] ? log_size(x->old[log]) : 0;

	if (log_open(&fresh, x->s.log_blobs[log], left->size, &left->root, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->known[log].count; i++) {
		const struct head_state *k = &x->known[log].at[i];

		if (k->size > 0 && k->size <= left->size &&
		    check_root(x, log, fresh, k->size, &k->root, e) < 0)
			return e->code;
	}
	size = size < left->size ? size : left->size;
	if (size == 0)
		return 0;
	return tree_range(&was, 0, size, log_read, x->old[log], e) < 0
		       ? e->code
		       : check_root(x, log, fresh, size, &was, e);
}

static int make_folder(struct succeeding *x, struct error *e)
{
	static const char *const names[LOG_COUNT] = { "log.new/facts", "log.new/records" };
	char path[PATH_LEN_MAX], old[32];

	snprintf(old, sizeof(old), "log~%" PRIu64, x->number - 1);
	if (path_join(path, x->r->folder, old, e) < 0)
		return e->code;
	if (file_exists(path))
		return error_set(e, E_CONFLICT, "%s is in the way: the old log is to lie there",
				 path);
	for (int i = 0; i < LOG_COUNT; i++)
		if (path_join(path, x->r->folder, names[i], e) < 0 ||
		    blobs_open_folder(&x->s.log_blobs[i], path, 0755, e) < 0)
			return e->code;
	return 0;
}

static int make_logs(struct succeeding *x, struct error *e)
{
	struct repo *s = &x->s;
	scoped(buf) *name = NULL;

	origin_base(x->r->origin, &x->number);
	if (++x->number > SUCCESSORS_MAX)
		return error_set(e, E_RANGE, "a log that lost its end %d times",
				 SUCCESSORS_MAX - 1);
	snprintf(x->ret->before, sizeof(x->ret->before), "%s", x->r->origin);
	if (buf_create(&name, 256, e) < 0 ||
	    origin_put(name, x->r->origin, x->number, x->left[LOG_FACTS], e) < 0)
		return e->code;
	if (name->len > NOTE_NAME_MAX - 10)
		return error_set(e, E_RANGE, "the origin is too long");
	memcpy(s->origin, buf_text(name), name->len + 1);
	if (switch_clear(x->r, e) < 0 || make_folder(x, e) < 0 || secrets_succeed(s, e) < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (copy_log(x, i, e) < 0 || check_begun(x, i, e) < 0)
			return e->code;
	s->anchored = (struct anchor){ .epoch = keyring_epoch(s->keyring) };
	memcpy(s->anchored.head, x->ret->left, sizeof(s->anchored.head));
	return anchor_init(s, &s->anchored, e) < 0 || repo_write_vkeys(s, e) < 0
		       ? e->code
		       : publish_first(s, x->ret->left, e);
}

/* --- the catalog --- */

/* No order can reach what is lost, so its keys go with it. */
static int ask_drop(const struct succeeding *x, const struct tail *tail, struct error *e)
{
	const struct successor_open *o = &tail->open;

	if (x->w->drop)
		return 0;
	if (!tail->known)
		return error_set(
			e, E_CONFLICT,
			"not all of the vault can be read, nor does the catalog know all that "
			"is left: which keys are of the lost part is not sure; find the packs, or "
			"say --drop "
			"to destroy the keys of all that is not known");
	if (o->records + o->files + o->statements + o->sets == 0)
		return 0;
	return error_set(e, E_CONFLICT,
			 "of the lost part %" PRIu64 " records, %" PRIu64
			 " files of checkpoints, %" PRIu64 " certificates and %" PRIu64
			 " pieces of sets still open; no order can reach them, so their "
			 "keys are destroyed: say --drop (files may come in again)",
			 o->records, o->files, o->statements, o->sets);
}

static int make_catalog(struct succeeding *x, struct error *e)
{
	struct tail tail = { .first = 0 };

	if (rebuild_successor(&x->s, x->r->catalog, &tail, e) < 0)
		return e->code;
	x->first = tail.first;
	x->last = tail.last;
	x->ret->dropped = tail.open;
	x->to.number = x->number;
	x->to.lost = x->ret->lost[LOG_FACTS].size;
	snprintf(x->to.origin, sizeof(x->to.origin), "%s", x->s.origin);
	return ask_drop(x, &tail, e);
}

/* --- its first facts --- */

/* Of a log that follows another; else 0. */
static uint64_t origin_begin(const char *origin)
{
	const char *at = strrchr(origin, '@');
	uint64_t begin = 0, number;

	origin_base(origin, &number);
	if (number > 1 && number_parse(&begin, at + 1, strlen(at + 1), NULL) < 0)
		return 0;
	return begin;
}

static int sign_fact(struct succeeding *x, json_t *o, struct error *e)
{
	const struct successor *t = x->ret;
	struct succeeded what = { .size = t->left[LOG_FACTS].size,
				  .root = t->left[LOG_FACTS].root,
				  .records = t->left[LOG_RECORDS].size,
				  .records_root = t->left[LOG_RECORDS].root,
				  .lost = t->lost[LOG_FACTS].size,
				  .lost_root = t->lost[LOG_FACTS].root,
				  .lost_records =
					  t->lost[LOG_RECORDS].size - t->left[LOG_RECORDS].size,
				  .keys = t->keys };
	uint8_t seed[SIGN_SEED_LEN], signature[SIGN_LEN];
	char hex[2 * SIGN_LEN + 1];
	scoped(buf) *text = NULL;
	int code;

	memcpy(what.key, x->s.log_key[LOG_FACTS].public_key, sizeof(what.key));
	if (buf_create(&text, 512, e) < 0 ||
	    successor_text(text, x->r->origin, x->number, origin_begin(x->r->origin), &what, e) <
		    0 ||
	    repo_log_seed(x->r, seed, e) < 0)
		return e->code;
	code = sign_make(signature, seed, text->data, text->len, e);
	wipe(seed, sizeof(seed));
	if (code == 0)
		json_set_text(o, "signature", hex_encode(hex, signature, SIGN_LEN), e);
	return e->code;
}

static json_t *public_members(struct succeeding *x, struct change *c, struct error *e)
{
	const struct successor *t = x->ret;
	char key[2 * SIGN_PUBLIC_LEN + 1];
	json_t *o = json_object_make(e), *slots = json_array_make(e);

	json_add_new(slots, json_integer((json_int_t)x->first), e);
	json_add_new(slots, json_integer((json_int_t)x->last), e);
	json_set_new(o, "slots", slots, e);
	json_set_text(o, "key",
		      hex_encode(key, x->r->log_key[LOG_FACTS].public_key, SIGN_PUBLIC_LEN), e);
	json_set_hash(o, "root", &t->left[LOG_FACTS].root, e);
	json_set_number(o, "lost", t->lost[LOG_FACTS].size, e);
	json_set_hash(o, "lost_root", &t->lost[LOG_FACTS].root, e);
	json_set_number(o, "lost_records", t->lost[LOG_RECORDS].size - t->left[LOG_RECORDS].size,
			e);
	json_set_number(o, "before", origin_begin(x->r->origin), e);
	json_set_bool(o, "keys", t->keys, e);
	if (e->code == 0 && change_set_records(c, o, e) == 0 && sign_fact(x, o, e) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* What is known to be erased, since facts that said so may be lost. */
static int add_erased(struct change *c, struct fields *f, struct error *e)
{
	scoped(set) *erased = NULL;
	scoped(buf) *text = NULL;

	if (set_create(&erased, e) < 0 ||
	    catalog_mark_get(c->r->catalog, MARK_ERASED, erased, e) < 0 ||
	    buf_create(&text, 256, e) < 0 || set_put_text(erased, text, e) < 0)
		return e->code;
	return fields_add(f, "erased", text->data, text->len, e);
}

struct dead {
	struct set *slots, *models;
};

static int see_file(void *ctx, const struct catalog_object *o, struct error *e)
{
	const struct dead *d = ctx;

	return set_has(d->slots, o->slot) ? set_add(d->models, o->owner, e) : 0;
}

/* Checkpoints too. Compact may have taken away what showed it. */
static int add_models(struct succeeding *x, struct fields *f, struct error *e)
{
	scoped(set) *slots = NULL, *models = NULL;
	scoped(buf) *text = NULL;
	struct dead d;

	if (set_create(&slots, e) < 0 || set_create(&models, e) < 0 ||
	    buf_create(&text, 256, e) < 0 || keyring_erased_set(x->s.keyring, slots, e) < 0)
		return e->code;
	d = (struct dead){ slots, models };
	if (catalog_each_object(x->r->catalog, OBJECT_FILE, UINT64_MAX, see_file, &d, e) < 0 ||
	    catalog_each_object(x->s.catalog, OBJECT_FILE, UINT64_MAX, see_file, &d, e) < 0 ||
	    set_put_text(models, text, e) < 0)
		return e->code;
	return fields_add(f, "models", text->data, text->len, e);
}

/* Never-again lists go by the numbers of orders: those of the lost part are not given again. */
static int add_orders(struct succeeding *x, struct fields *f, struct error *e)
{
	uint64_t last;

	return switch_last_list(x->r, &last, e) < 0 ? e->code
						    : fields_add_number(f, "orders", last, e);
}

static int add_successor(struct succeeding *x, struct change *c, struct error *e)
{
	scoped(fields) *f = NULL;
	json_t *public = NULL;

	if (fields_create(&f, e) < 0 || fields_add_text(f, "reason", x->w->reason, e) < 0 ||
	    add_erased(c, f, e) < 0 ||
	    add_models(x, f, e) < 0 || add_orders(x, f, e) < 0 ||
	    !(public = public_members(x, c, e)))
		return e->code;
	return change_fact(c, "successor", public, f, &x->ret->fact, e);
}

/* A commitment that anybody knows, and nobody opens. */
static void filler(struct hash *ret, uint64_t pos)
{
	static const char domain[] = "rescind/lost/v1"; /* with its 0 */
	uint8_t number[8];

	be_set(number, pos, 8);
	hash_pieces(ret, (const struct hash_piece[]){ { domain, sizeof(domain) }, { number, 8 } },
		    2);
}

static int fill(struct succeeding *x, struct change *c, struct error *e)
{
	for (uint64_t pos = x->ret->left[LOG_RECORDS].size; pos < x->ret->lost[LOG_RECORDS].size;
	     pos++) {
		struct hash h;

		filler(&h, pos);
		if (buf_put(c->commitments, h.b, HASH_LEN, e) < 0 ||
		    log_add(c->records, h.b, HASH_LEN, e) < 0)
			return e->code;
		c->positions++;
	}
	return 0;
}

/* A source of its own, about which nothing is allowed: "lost-2", or what is free. */
static int add_source(struct succeeding *x, struct change *c, char tag[2 * 8 + 1], char name[40],
		      struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	scoped(arena) *a = NULL;
	struct catalog_thing t;
	uint8_t random[8];
	uint64_t n;

	if (!public || arena_create(&a, e) < 0 || fields_create(&f, e) < 0)
		return e->code;
	random_bytes(random, sizeof(random));
	hex_encode(tag, random, sizeof(random));
	snprintf(name, 40, "lost-%" PRIu64, x->number);
	if (catalog_thing_named(c->r->catalog, a, THING_SOURCE, name, &t, e) == 0)
		snprintf(name, 40, "lost-%" PRIu64 "-%s", x->number, tag);
	else if (e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	json_set_text(public, "source", tag, e);
	if (e->code || fields_add_text(f, "name", name, e) < 0 ||
	    fields_add_text(f, "kind", "public", e) < 0 ||
	    fields_add_text(f, "people", "biometric", e) < 0 ||
	    fields_add_text(f, "controller", "nobody knows: the log lost them", e) < 0)
		return e->code;
	return change_fact(c, "source", give(public), f, &n, e);
}

static int add_batch(struct succeeding *x, struct change *c, const char *tag, const char *source,
		     struct error *e)
{
	scoped_json *public = json_object_make(e);
	scoped(fields) *f = NULL;
	uint64_t id, n;
	char name[24];

	if (!public || fields_create(&f, e) < 0 ||
	    catalog_next_id(c->r->catalog, THING_BATCH, &id, e) < 0)
		return e->code;
	snprintf(name, sizeof(name), "b%" PRIu64, id);
	json_set_number(public, "first", x->ret->left[LOG_RECORDS].size, e);
	json_set_number(public, "last", x->ret->lost[LOG_RECORDS].size - 1, e);
	json_set_text(public, "source", tag, e);
	json_set_text(public, "transfer", "", e);
	if (e->code || change_set_records(c, public, e) < 0 ||
	    fields_add_text(f, "id", name, e) < 0 || fields_add_text(f, "source", source, e) < 0 ||
	    fields_add_text(f, "transfer", "", e) < 0 || fields_add_number(f, "terms", 0, e) < 0 ||
	    fields_add_text(f, "use", "", e) < 0 || fields_add_text(f, "origin", "", e) < 0 ||
	    fields_add_text(f, "counts", "{}", e) < 0)
		return e->code;
	return change_fact(c, "batch", give(public), f, &n, e);
}

static int make_facts(struct succeeding *x, struct error *e)
{
	char tag[2 * 8 + 1], name[40];
	uint64_t slots = keyring_slots(x->s.keyring), first;
	scoped(change) *c = NULL;

	/* At least one, and all numbers that something bears: so none of these is given out
	 * again. */
	if (change_begin(&c, &x->s, e) < 0 ||
	    keyring_add(x->s.keyring, x->last - slots + 1, &first, e) < 0)
		return e->code;
	if (add_successor(x, c, e) < 0)
		return e->code;
	if (x->ret->lost[LOG_RECORDS].size > x->ret->left[LOG_RECORDS].size &&
	    (fill(x, c, e) < 0 || add_source(x, c, tag, name, e) < 0 ||
	     add_batch(x, c, tag, name, e) < 0))
		return e->code;
	return change_commit(c, e);
}

/* --- all of it --- */

int successor_make(struct succeeding *x, struct error *e)
{
	if (make_logs(x, e) < 0 || make_catalog(x, e) < 0 || make_facts(x, e) < 0 ||
	    publish_lasts(&x->s, e) < 0)
		return error_wrap(e, "the successor, beside the log");
	return 0;
}
