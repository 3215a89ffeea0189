/*
 * The certificate of an order: which facts are shown, which fields opened, which sets proved to
 * be without the positions, and what is said in words. What a verifier makes of it: proof/.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/pool.h"
#include "base/sys.h"
#include "base/text.h"
#include "flow/certify_words.h"
#include "flow/order.h"
#include "proof/certificate.h"
#include "repo/select.h"
#include "set/container.h"
#include "set/hidden.h"

/* A certificate being made. */
struct certifying {
	struct repo *r;
	struct arena *a;
	const struct order *o;
	struct certificate_draft *d;
	struct log *facts;
};

static int show(struct certifying *x, uint64_t n, struct error *e)
{
	scoped(buf) *entry = NULL;

	if (buf_create(&entry, 1024, e) < 0 || catalog_fact(x->r->catalog, n, entry, e) < 0)
		return e->code;
	return certificate_show(x->d, n, entry->data, entry->len, e);
}

/* Open each field of that name; or withhold it. */
static int open_field(struct certifying *x, uint64_t n, const struct fields *f, const char *name,
		      bool withhold, struct error *e)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->list[i].name, name) == 0)
			return withhold ? certificate_withhold(x->d, n, f, i, e) :
					  certificate_open(x->d, n, f, i, e);
	return error_set(e, E_FORMAT, "fact %" PRIu64 " has no field %s", n, name);
}

static int show_open(struct certifying *x, uint64_t n, const char *name, struct error *e)
{
	scoped(fields) *f = NULL;

	if (show(x, n, e) < 0 || repo_private(x->r, n, &f, e) < 0)
		return e->code;
	return open_field(x, n, f, name, false, e);
}

/* --- facts --- */

static int show_batches(struct certifying *x, struct error *e)
{
	struct batch *batches;
	size_t count;

	if (batches_all(x->r, x->a, &batches, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (show(x, batches[i].fact, e) < 0)
			return e->code;
	return 0;
}

/* What names people stays with who demanded it: they have the salt, and the hash is pinned. */
static bool demand_is_personal(const json_t *demand)
{
	scoped(selector) *s = NULL;
	struct error ignored = { 0 };

	return selector_parse(&s, json_text_or(demand, "selector", ""), &ignored) < 0 ||
	       selector_is_personal(s);
}

static int show_source(struct certifying *x, const char *selector, struct error *e)
{
	scoped(selector) *s = NULL;
	struct source src;
	const char *name;

	if (selector_parse(&s, selector, e) < 0)
		return e->code;
	name = selector_only(s, "source");
	if (!name)
		return 0;
	if (source_named(x->r, x->a, name, &src, e) < 0)
		return e->code;
	return show_open(x, src.fact, "name", e);
}

static int show_order(struct certifying *x, struct certify_words *w, struct error *e)
{
	const struct field *field;
	scoped(fields) *f = NULL;

	if (show(x, x->o->fact, e) < 0 || repo_private(x->r, x->o->fact, &f, e) < 0)
		return e->code;
	field = fields_find(f, "demand");
	if (!field || json_parse(&w->demand, field->value->data, field->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "an order without a demand");
	w->withheld = demand_is_personal(w->demand);
	w->opener_login = fields_number(f, "login", UINT64_MAX);
	if (set_from_text(&w->kept, fields_text(f, "kept") ? fields_text(f, "kept") : "",
			  CERTIFICATE_RUNS_MAX, e) < 0 ||
	    open_field(x, x->o->fact, f, "id", false, e) < 0 ||
	    open_field(x, x->o->fact, f, "demand", w->withheld, e) < 0 ||
	    open_field(x, x->o->fact, f, "positions", false, e) < 0 ||
	    open_field(x, x->o->fact, f, "kept", false, e) < 0 ||
	    open_field(x, x->o->fact, f, "count", false, e) < 0)
		return e->code;
	return w->withheld ? 0 : show_source(x, json_text_or(w->demand, "selector", ""), e);
}

/* The fact that enrolled the key which said fact n. */
struct key_finding {
	const char *id;
	uint64_t fact;
	bool found;
};

static int match_key(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct key_finding *k = ctx;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped_json *body = NULL;
	char id[KEY_ID_MAX];

	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0 ||
	    hex_decode(public_key, sizeof(public_key), json_text_or(body, "key", ""), e) < 0)
		return e->code;
	repo_key_id(id, public_key);
	if (strcmp(id, k->id) == 0) {
		k->fact = t->fact;
		k->found = true;
	}
	return 0;
}

static int show_key_of(struct certifying *x, uint64_t n, struct error *e)
{
	scoped_json *entry = NULL;
	struct key_finding k = { 0 };

	if (repo_fact(x->r, n, &entry, e) < 0)
		return e->code;
	k.id = json_text_or(entry, "by", "");
	if (catalog_each_thing(x->r->catalog, THING_KEY, UINT64_MAX, match_key, &k, e) < 0)
		return e->code;
	if (!k.found)
		return error_set(e, E_NOT_FOUND, "the key %s that said fact %" PRIu64 " is not enrolled",
				 k.id, n);
	return show_open(x, k.fact, "role", e);
}

static int show_steps(struct certifying *x, struct certify_words *w, struct error *e)
{
	for (size_t i = 0; i < x->o->step_fact_count; i++) {
		uint64_t n = x->o->step_facts[i];
		scoped(fields) *f = NULL;
		const struct field *done;
		json_t *words;

		if (show(x, n, e) < 0 || repo_private(x->r, n, &f, e) < 0)
			return e->code;
		done = fields_find(f, "done");
		if (!done || json_parse(&words, done->value->data, done->value->len, FIELD_VALUE_MAX, e) < 0)
			return e->code ? e->code : error_set(e, E_FORMAT, "a step without words");
		/* Of a subset, which set it made is part of the proof. */
		if (json_object_get(words, "made") && open_field(x, n, f, "done", false, e) < 0) {
			json_decref(words);
			return e->code;
		}
		json_add_new(w->done, words, e);
	}
	return e->code;
}

static int same_signer(struct certifying *x, bool *ret, struct error *e)
{
	scoped_json *opened = NULL, *approved = NULL;

	if (repo_fact(x->r, x->o->fact, &opened, e) < 0 ||
	    repo_fact(x->r, x->o->approval_fact, &approved, e) < 0)
		return e->code;
	*ret = strcmp(json_text_or(opened, "by", ""), json_text_or(approved, "by", "")) == 0;
	return 0;
}

static int show_facts(struct certifying *x, struct certify_words *w, struct error *e)
{
	const struct order *o = x->o;
	scoped(fields) *approval = NULL;

	if (show(x, 0, e) < 0 || show_batches(x, e) < 0 || show_order(x, w, e) < 0 ||
	    show_open(x, o->plan_fact, "plan", e) < 0 || show(x, o->approval_fact, e) < 0 ||
	    repo_private(x->r, o->approval_fact, &approval, e) < 0 ||
	    show_key_of(x, o->fact, e) < 0 || show_key_of(x, o->approval_fact, e) < 0)
		return e->code;
	if (same_signer(x, &w->same_key, e) < 0)
		return e->code;
	w->approver_login = fields_number(approval, "login", UINT64_MAX);
	if (fields_text(approval, "role"))
		snprintf(w->approver, sizeof(w->approver), "%s", fields_text(approval, "role"));
	return show_steps(x, w, e);
}

/* --- retained sets --- */

static int container_key(struct certifying *x, uint64_t number, const struct catalog_container *k,
			 uint8_t ret_key[32], struct error *e)
{
	uint8_t slot_key[SEAL_KEY_LEN];
	scoped(buf) *plain = NULL;
	int code;

	if (buf_create(&plain, CONTAINER_BYTES_MAX + 128, e) < 0 ||
	    keyring_key(x->r->keyring, k->slot, slot_key, e) < 0)
		return e->code;
	code = vault_get(x->r->vault, &k->at, OBJECT_CONTAINER, k->slot, number, slot_key, plain, e);
	wipe(slot_key, sizeof(slot_key));
	if (code == 0 && plain->len < 32)
		code = error_set(e, E_FORMAT, "a container's object is too short");
	if (code == 0)
		memcpy(ret_key, plain->data, 32);
	return code;
}

/* The ordered positions below the set's size that lie in this container. */
static int positions_in(struct certifying *x, uint64_t number, uint64_t size, struct set **ret,
			struct error *e)
{
	uint64_t first = number * CONTAINER_POSITIONS, end = container_end(number, size);
	scoped(set) *s = NULL;

	if (set_create(&s, e) < 0 || set_add_range(s, first, end - 1, e) < 0 ||
	    set_and(s, x->o->positions, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

/* One container in which ordered positions lie, to be opened. */
struct opening {
	struct hash name, root;
	uint64_t number, size;
	uint8_t key[32];
	struct buf *bytes, *out; /* owned */
	struct set *which;	 /* owned */
};

/* What is retained: sets by their facts, and each container of them to open, once. */
struct retaining {
	struct certifying *x;
	struct {
		uint64_t fact;
		struct stored_set set;
	} *sets;
	size_t set_count, set_cap;
	struct opening *list;
	size_t count, cap;
};

static struct opening *find_opening(const struct retaining *t, const struct hash *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (hash_equal(&t->list[i].name, name))
			return &t->list[i];
	return NULL;
}

static void retaining_done(struct retaining *t)
{
	for (size_t i = 0; i < t->count; i++) {
		wipe(t->list[i].key, sizeof(t->list[i].key));
		buf_destroy(t->list[i].bytes);
		buf_destroy(t->list[i].out);
		set_destroy(t->list[i].which);
	}
}

static int want_container(struct retaining *t, uint64_t number, uint64_t size,
			  const struct hash *name, struct error *e)
{
	struct certifying *x = t->x;
	struct catalog_container k;
	struct opening *o;

	if (find_opening(t, name))
		return 0;
	t->list = arena_grow(x->a, t->list, sizeof(*t->list), t->count, &t->cap, e);
	if (!t->list)
		return e->code;
	o = &t->list[t->count++];
	memset(o, 0, sizeof(*o));
	o->name = *name;
	o->number = number;
	o->size = size;
	if (buf_create(&o->bytes, 64, e) < 0 || buf_create(&o->out, 64, e) < 0 ||
	    catalog_container(x->r->catalog, name, &k, o->bytes, e) < 0 ||
	    positions_in(x, number, size, &o->which, e) < 0)
		return e->code;
	o->root = k.root;
	return set_count(o->which) ? container_key(x, number, &k, o->key, e) : 0;
}

static int open_one(void *ctx, size_t i, struct error *e)
{
	struct opening *o = (struct opening *)ctx + i;

	return set_count(o->which) == 0 ?
		       0 :
		       hidden_open(o->out, o->key, o->number, o->size, o->bytes->data, o->bytes->len,
				   o->which, e);
}

static int want_set(struct retaining *t, uint64_t fact, const struct stored_set *s,
		    struct error *e)
{
	t->sets = arena_grow(t->x->a, t->sets, sizeof(*t->sets), t->set_count, &t->set_cap, e);
	if (!t->sets)
		return e->code;
	t->sets[t->set_count].fact = fact;
	t->sets[t->set_count++].set = *s;
	for (uint64_t i = 0; i < container_count(s->size); i++)
		if (want_container(t, i, s->size, &s->containers[i], e) < 0)
			return error_wrap(e, "retained set of fact %" PRIu64, fact);
	return 0;
}

/* Did a step of this order make it? It is shown also when there is a later version by now. */
static bool was_made(const struct certify_words *w, uint64_t fact)
{
	const json_t *words, *made;
	size_t i, k;

	json_array_foreach(w->done, i, words)
		json_array_foreach(json_object_get(words, "made"), k, made)
			if ((uint64_t)json_integer_value(made) == fact)
				return true;
	return false;
}

/* Every dataset's latest version, what the order made, and every checkpoint that is live. */
static int want_all(struct retaining *t, struct certify_words *w, struct error *e)
{
	struct certifying *x = t->x;
	struct dataset *datasets, latest;
	struct model *models;
	size_t dn, mn;

	if (datasets_all(x->r, x->a, &datasets, &dn, e) < 0 ||
	    models_all(x->r, x->a, &models, &mn, e) < 0)
		return e->code;
	for (size_t i = 0; i < dn; i++) {
		if (dataset_named(x->r, x->a, datasets[i].name, &latest, e) < 0)
			return e->code;
		if (latest.fact != datasets[i].fact && !was_made(w, datasets[i].fact))
			continue;
		if (want_set(t, datasets[i].fact, &datasets[i].set, e) < 0)
			return e->code;
	}
	for (size_t i = 0; i < mn; i++) {
		if (models[i].state != MODEL_LIVE)
			continue;
		if (want_set(t, models[i].fact, &models[i].set, e) < 0)
			return e->code;
	}
	return 0;
}

static int put_set(struct retaining *t, size_t i, struct error *e)
{
	const struct stored_set *s = &t->sets[i].set;
	struct certificate_draft *d = t->x->d;

	if (show(t->x, t->sets[i].fact, e) < 0 || certificate_set(d, t->sets[i].fact, e) < 0)
		return e->code;
	for (uint64_t k = 0; k < container_count(s->size); k++) {
		const struct opening *o = find_opening(t, &s->containers[k]);

		if (certificate_set_container(d, k, s->size, &o->root, o->out->data, o->out->len, e) < 0)
			return e->code;
	}
	return 0;
}

static int retain_all(struct certifying *x, struct certify_words *w, struct error *e)
{
	struct retaining t = { .x = x };
	int code = want_all(&t, w, e);

	if (code == 0)
		code = pool_run(t.count, open_one, t.list, e);
	for (size_t i = 0; i < t.set_count && code == 0; i++)
		code = put_set(&t, i, e);
	retaining_done(&t);
	return code;
}

/* --- all of it --- */

static int read_note(struct repo *r, int log, const char **ret, struct arena *a, struct error *e)
{
	scoped(buf) *note = NULL;

	if (buf_create(&note, 512, e) < 0 || log_published(r->log_blobs[log], note, e) < 0)
		return e->code;
	*ret = arena_text(a, buf_text(note), note->len, e);
	return *ret ? 0 : e->code;
}

static int sign_it(struct certifying *x, struct certify_words *w, struct buf *out, struct error *e)
{
	const struct order *o = x->o;
	struct certificate_words c = {
		.origin = x->r->origin, .tool = "rescind " RESCIND_VERSION, .order_id = o->name,
		.issued_utc_ms = sys->now_utc_ms(), .opened = o->fact, .plan = o->plan_fact,
		.approval = o->approval_fact, .steps = o->step_facts,
		.step_count = o->step_fact_count, .positions = o->positions, .kept = w->kept,
		.summary = w->summary, .asserted = w->asserted,
		.signed_by_others = w->signed_by_others, .not_covered = w->not_covered,
		.sanitization = w->sanitization, .demand = &o->demand
	};
	uint8_t seed[SIGN_SEED_LEN];
	int code;

	if (read_note(x->r, LOG_FACTS, &c.facts_head, x->a, e) < 0 ||
	    read_note(x->r, LOG_RECORDS, &c.records_head, x->a, e) < 0 ||
	    repo_log_seed(x->r, seed, e) < 0)
		return e->code;
	code = certificate_make(x->d, &c, seed, log_read, x->facts, out, e);
	wipe(seed, sizeof(seed));
	return code;
}

static int make(struct certifying *x, struct certify_words *w, struct buf *out, struct error *e)
{
	scoped_json *plan = NULL, *places = NULL;

	if (show_facts(x, w, e) < 0 || retain_all(x, w, e) < 0 ||
	    order_plan_json(x->r, x->o, &plan, &places, e) < 0)
		return e->code;
	w->plan = plan;
	if (certify_words_fill(w, x->r, x->o, e) < 0)
		return e->code;
	return sign_it(x, w, out, e);
}

int order_certify(struct repo *r, const struct order *o, struct buf *out, struct error *e)
{
	scoped(certificate_draft) *d = NULL;
	struct certifying x = { .r = r, .o = o };
	struct certify_words w = { 0 };
	scoped(arena) *a = NULL;
	scoped(log) *facts = NULL;
	int code;

	if (arena_create(&a, e) < 0 || certificate_draft_create(&d, e) < 0 ||
	    repo_log(r, LOG_FACTS, &facts, e) < 0)
		return e->code;
	x.a = a;
	x.d = d;
	x.facts = facts;
	w.done = json_array_make(e);
	code = w.done ? make(&x, &w, out, e) : e->code;
	certify_words_done(&w);
	return code;
}
