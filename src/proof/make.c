#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "proof/making.h"

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

static json_t *opening_json(const struct opening *o, const char *of, struct error *e)
{
	json_t *j = json_object_make(e);

	json_set_number(j, of, o->n, e);
	json_set_text(j, "field", o->field, e);
	json_set_number(j, "index", o->index, e);
	json_set_number(j, "count", o->count, e);
	json_set_bytes64(j, "path", o->path, o->path_count * sizeof(*o->path), e);
	if (o->withheld) {
		json_set_hash(j, "commitment", &o->commitment, e);
		return j;
	}
	json_set_bytes64(j, "salt", o->salt, SALT_LEN, e);
	json_set_bytes64(j, "value", o->value, o->value_len, e);
	return j;
}

json_t *openings_json(const struct opening *list, size_t count, const char *of, struct error *e)
{
	json_t *j = json_array_make(e);

	for (size_t i = 0; i < count && !e->code; i++)
		json_add_new(j, opening_json(&list[i], of, e), e);
	return j;
}

static json_t *numbers_json(const uint64_t *numbers, size_t count, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < count && !e->code; i++)
		json_add_new(list, json_integer((json_int_t)numbers[i]), e);
	return list;
}

json_t *sets_json(const struct certificate_draft *d, struct error *e)
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

json_t *containers_json(const struct certificate_draft *d, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < d->container_count && !e->code; i++) {
		const struct shown_container *c = &d->containers[i];
		json_t *o = json_object_make(e);

		json_set_number(o, "number", c->number, e);
		json_set_number(o, "size", c->size, e);
		if (c->opening_len)
			json_set_bytes64(o, "opening", c->opening, c->opening_len, e);
		else
			json_set_hash(o, "root", &c->root, e);
		json_add_new(list, o, e);
	}
	return list;
}

static json_t *heads_json(const struct making_words *w, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_text(o, "facts", w->facts_head, e);
	json_set_text(o, "records", w->records_head, e);
	return o;
}

void set_positions(json_t *o, const char *key, const struct set *s, struct error *e)
{
	scoped(buf) *text = NULL;

	if (e->code || buf_create(&text, 64, e) < 0 || (s && set_put_text(s, text, e) < 0))
		return;
	json_set_text(o, key, buf_text(text), e);
}

/* ---- the proof of the facts ---- */

static int take_hash(void *ctx, const struct hash *h, struct error *e)
{
	return buf_put(ctx, h, sizeof(*h), e);
}

static int prove_facts(const struct making *m, struct buf *proof, struct error *e)
{
	const struct certificate_draft *d = m->d;
	uint64_t *indices = arena_alloc(d->arena, d->fact_count * sizeof(*indices), e);

	if (!indices)
		return e->code;
	for (size_t i = 0; i < d->fact_count; i++)
		indices[i] = d->facts[i].n;
	return tree_prove_many(indices, d->fact_count, m->facts.size, m->read, m->ctx, take_hash,
			       proof, e);
}

/* ---- the whole ---- */

static json_t *predicate_json(const struct making *m, const struct buf *proof, struct error *e)
{
	const struct making_words *w = m->w;
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
	json_set_bytes64(o, "facts_proof", proof->data, proof->len, e);
	json_set_new(o, "openings", openings_json(m->d->openings, m->d->opening_count, "n", e), e);
	json_set_new(o, "summary", json_deep_copy(w->summary), e);
	json_set_new(o, "asserted", json_deep_copy(w->asserted), e);
	json_set_new(o, "signed_by_others", json_deep_copy(w->signed_by_others), e);
	json_set_new(o, "not_covered", json_deep_copy(w->not_covered), e);
	if (e->code == 0 && json_object_update(o, m->own) < 0)
		error_set(e, E_MEMORY, "out of memory");
	return o;
}

void add_subject(json_t *list, const char *name, const struct hash *digest, struct error *e)
{
	json_t *o = json_object_make(e), *digests = json_object_make(e);

	json_set_hash(digests, "sha256", digest, e);
	json_set_text(o, "name", name, e);
	json_set_new(o, "digest", digests, e);
	json_add_new(list, o, e);
}

static json_t *statement_json(const struct making *m, const struct buf *proof, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_text(o, "_type", STATEMENT_TYPE, e);
	json_set_text(o, "predicateType", m->type, e);
	json_set_new(o, "subject", json_incref(m->subject), e);
	json_set_new(o, "predicate", predicate_json(m, proof, e), e);
	return o;
}

int making_begin(struct making *m, const uint8_t seed[SIGN_SEED_LEN], struct error *e)
{
	const struct making_words *w = m->w;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char name[STATEMENT_NAME_MAX + 16];

	if (strlen(w->origin) > STATEMENT_NAME_MAX)
		return error_set(e, E_RANGE, "an origin longer than %d", STATEMENT_NAME_MAX);
	snprintf(name, sizeof(name), "%s/facts", w->origin);
	if (draft_sort(m->d, e) < 0 || sign_public(public_key, seed, e) < 0 ||
	    note_key_make(&m->key, name, NOTE_ED25519, public_key, e) < 0 ||
	    head_open(&m->facts, w->facts_head, strlen(w->facts_head), &m->key, e) < 0)
		return e->code;
	m->own = json_object_make(e);
	m->subject = json_array_make(e);
	return e->code;
}

int making_end(struct making *m, const uint8_t seed[SIGN_SEED_LEN], struct buf *out,
	       struct error *e)
{
	scoped(buf) *body = NULL, *vkey = NULL, *proof = NULL;
	scoped_json *j = NULL;

	if (e->code || buf_create(&proof, 1024, e) < 0 || prove_facts(m, proof, e) < 0)
		return e->code;
	j = statement_json(m, proof, e);
	if (e->code || buf_create(&body, 65536, e) < 0 || json_put(j, body, e) < 0 ||
	    buf_create(&vkey, 256, e) < 0 || note_key_put(&m->key, vkey, e) < 0)
		return e->code;
	if (body->len > CERTIFICATE_BYTES_MAX / 4 * 3 - 1024)
		return error_set(e, E_RANGE, "a statement of more than %d bytes",
				 CERTIFICATE_BYTES_MAX);
	return dsse_sign(out, ENVELOPE_TYPE, body->data, body->len, buf_text(vkey), seed, e);
}

void making_done(struct making *m)
{
	json_decref(m->own);
	json_decref(m->subject);
}

/* ---- a certificate ---- */

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

static void certificate_members(json_t *o, const struct making *m,
				const struct certificate_words *w, struct error *e)
{
	json_set_new(o, "order", order_json(w, e), e);
	set_positions(o, "positions", w->positions, e);
	set_positions(o, "kept", w->kept, e);
	json_set_new(o, "sets", sets_json(m->d, e), e);
	json_set_new(o, "containers", containers_json(m->d, e), e);
	json_set_new(o, "sanitization", json_deep_copy(w->sanitization), e);
}

int certificate_make(struct certificate_draft *d, const struct certificate_words *w,
		     const uint8_t seed[SIGN_SEED_LEN], tree_reader *read, void *ctx,
		     struct buf *out, struct error *e)
{
	const struct making_words words = MAKING_WORDS(w);
	struct making m = { d, CERTIFICATE_TYPE, &words, read, ctx, .own = NULL };
	struct error own = { 0 };

	if (making_begin(&m, seed, &own) == 0) {
		add_subject(m.subject, "order", w->demand, &own);
		certificate_members(m.own, &m, w, &own);
		(void)!making_end(&m, seed, out, &own);
	}
	making_done(&m);
	return own.code ? error_set(e, own.code, "certificate: %s", own.text) : 0;
}
