#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "proof/draft.h"

/* Below, e->code is 0 at first and the first failure is kept in it: see wire/json.h. */

static json_t *facts_json(const struct certificate_draft *d, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < d->fact_count && !e->code; i++) {
		json_t *o = json_object_make(e);

		json_set_number(o, "n", d->facts[i].n, e);
		json_set_text(o, "entry", d->facts[i].text, e);
		json_add_new(list, o, e);
	}
	return list;
}

static json_t *opening_json(const struct opening *o, struct error *e)
{
	json_t *j = json_object_make(e);

	json_set_number(j, "n", o->n, e);
	json_set_text(j, "field", o->field, e);
	json_set_number(j, "index", o->index, e);
	json_set_number(j, "count", o->count, e);
	json_set_bytes64(j, "path", o->path, o->path_count * sizeof(*o->path), e);
	if (o->withheld) {
		json_set_hash(j, "commitment", &o->commitment, e);
		return j;
	}
	json_set_bytes64(j, "salt", o->salt, sizeof(o->salt), e);
	json_set_bytes64(j, "value", o->value, o->value_len, e);
	return j;
}

static json_t *openings_json(const struct certificate_draft *d, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < d->opening_count && !e->code; i++)
		json_add_new(list, opening_json(&d->openings[i], e), e);
	return list;
}

static json_t *numbers_json(const uint64_t *numbers, size_t count, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < count && !e->code; i++)
		json_add_new(list, json_integer((json_int_t)numbers[i]), e);
	return list;
}

static json_t *sets_json(const struct certificate_draft *d, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < d->set_count && !e->code; i++) {
		const struct retained *r = &d->sets[i];
		json_t *o = json_object_make(e);

		json_set_number(o, "n", r->n, e);
		json_set_new(o, "containers", numbers_json(r->containers, r->count, e), e);
		json_add_new(list, o, e);
	}
	return list;
}

static json_t *containers_json(const struct certificate_draft *d, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < d->container_count && !e->code; i++) {
		const struct shown_container *c = &d->containers[i];
		json_t *o = json_object_make(e);

		json_set_number(o, "number", c->number, e);
		json_set_number(o, "size", c->size, e);
		if (c->opened)
			json_set_bytes64(o, "opening", c->opening, c->opening_len, e);
		else
			json_set_hash(o, "root", &c->root, e);
		json_add_new(list, o, e);
	}
	return list;
}

static json_t *order_json(const struct certificate_words *w, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_text(o, "id", w->order_id, e);
	json_set_number(o, "opened", w->opened, e);
	json_set_number(o, "plan", w->plan, e);
	json_set_number(o, "approval", w->approval, e);
	json_set_new(o, "steps", numbers_json(w->steps, w->step_count, e), e);
	return o;
}

static json_t *heads_json(const struct certificate_words *w, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_text(o, "facts", w->facts_head, e);
	json_set_text(o, "records", w->records_head, e);
	return o;
}

static void set_positions(json_t *o, const char *key, const struct set *s, struct error *e)
{
	scoped(buf) *text = NULL;

	if (e->code || buf_create(&text, 64, e) < 0 || (s && set_put_text(s, text, e) < 0))
		return;
	json_set_text(o, key, buf_text(text), e);
}

static void set_words(json_t *o, const struct certificate_words *w, struct error *e)
{
	json_set_new(o, "summary", json_deep_copy(w->summary), e);
	json_set_new(o, "asserted", json_deep_copy(w->asserted), e);
	json_set_new(o, "signed_by_others", json_deep_copy(w->signed_by_others), e);
	json_set_new(o, "not_covered", json_deep_copy(w->not_covered), e);
	json_set_new(o, "sanitization", json_deep_copy(w->sanitization), e);
}

/* ---- the proof of the facts ---- */

static int take_hash(void *ctx, const struct hash *h, struct error *e)
{
	return buf_put(ctx, h, sizeof(*h), e);
}

static int prove_facts(const struct certificate_draft *d, uint64_t size, tree_reader *read,
		       void *ctx, struct buf *proof, struct error *e)
{
	uint64_t *indices = arena_alloc(d->arena, d->fact_count * sizeof(*indices), e);

	if (!indices)
		return e->code;
	for (size_t i = 0; i < d->fact_count; i++)
		indices[i] = d->facts[i].n;
	return tree_prove_many(indices, d->fact_count, size, read, ctx, take_hash, proof, e);
}

/* ---- the whole ---- */

struct making {
	const struct certificate_draft *d;
	const struct certificate_words *w;
	struct note_key key; /* of the facts log */
	struct head facts;
	const struct buf *proof; /* lent */
};

static json_t *predicate_json(const struct making *m, struct error *e)
{
	const struct certificate_words *w = m->w;
	json_t *o = json_object_make(e);
	struct hash key;

	memcpy(key.b, m->key.public_key, sizeof(key.b));
	json_set_number(o, "format", 1, e);
	json_set_text(o, "origin", w->origin, e);
	json_set_hash(o, "key", &key, e);
	json_set_time(o, "issued", w->issued_utc_ms, e);
	json_set_text(o, "tool", w->tool, e);
	json_set_new(o, "heads", heads_json(w, e), e);
	json_set_new(o, "facts", facts_json(m->d, e), e);
	json_set_bytes64(o, "facts_proof", m->proof->data, m->proof->len, e);
	json_set_new(o, "openings", openings_json(m->d, e), e);
	json_set_new(o, "order", order_json(w, e), e);
	set_positions(o, "positions", w->positions, e);
	set_positions(o, "kept", w->kept, e);
	json_set_new(o, "sets", sets_json(m->d, e), e);
	json_set_new(o, "containers", containers_json(m->d, e), e);
	set_words(o, w, e);
	return o;
}

static json_t *subject_json(const struct hash *demand, struct error *e)
{
	json_t *list = json_array_make(e), *o = json_object_make(e), *digest = json_object_make(e);

	json_set_hash(digest, "sha256", demand, e);
	json_set_text(o, "name", "order", e);
	json_set_new(o, "digest", digest, e);
	json_add_new(list, o, e);
	return list;
}

static json_t *statement_json(const struct making *m, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_text(o, "_type", STATEMENT_TYPE, e);
	json_set_text(o, "predicateType", CERTIFICATE_TYPE, e);
	json_set_new(o, "subject", subject_json(m->w->demand, e), e);
	json_set_new(o, "predicate", predicate_json(m, e), e);
	return o;
}

/* The key that signs, and the facts head by it. */
static int open_head(struct making *m, const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	const struct certificate_words *w = m->w;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char name[STATEMENT_NAME_MAX + 16];

	if (strlen(w->origin) > STATEMENT_NAME_MAX)
		return error_set(e, E_RANGE, "an origin longer than %d", STATEMENT_NAME_MAX);
	snprintf(name, sizeof(name), "%s/facts", w->origin);
	if (sign_public(public_key, seed, e) < 0 ||
	    note_key_make(&m->key, name, NOTE_ED25519, public_key, e) < 0)
		return e->code;
	return head_open(&m->facts, w->facts_head, strlen(w->facts_head), &m->key, e);
}

static int sign(const struct making *m, const uint8_t seed[SIGN_SEED_LEN], struct buf *out,
		struct error *e)
{
	scoped_json *j = statement_json(m, e);
	scoped(buf) *body = NULL, *vkey = NULL;

	if (e->code || buf_create(&body, 65536, e) < 0 || json_put(j, body, e) < 0 ||
	    buf_create(&vkey, 256, e) < 0 || note_key_put(&m->key, vkey, e) < 0)
		return e->code;
	if (body->len > CERTIFICATE_BYTES_MAX / 4 * 3 - 1024)
		return error_set(e, E_RANGE, "a certificate of more than %d bytes",
				 CERTIFICATE_BYTES_MAX);
	return dsse_sign(out, ENVELOPE_TYPE, body->data, body->len, buf_text(vkey), seed, e);
}

int certificate_make(struct certificate_draft *d, const struct certificate_words *w,
		     const uint8_t seed[SIGN_SEED_LEN], tree_reader *read, void *ctx,
		     struct buf *out, struct error *e)
{
	struct making m = { .d = d, .w = w };
	scoped(buf) *proof = NULL;
	struct error own = { 0 };

	if (draft_sort(d, &own) < 0 || open_head(&m, seed, &own) < 0 ||
	    buf_create(&proof, 1024, &own) < 0 ||
	    prove_facts(d, m.facts.size, read, ctx, proof, &own) < 0)
		return error_set(e, own.code, "certificate: %s", own.text);
	m.proof = proof;
	if (sign(&m, seed, out, &own) < 0)
		return error_set(e, own.code, "certificate: %s", own.text);
	return 0;
}
