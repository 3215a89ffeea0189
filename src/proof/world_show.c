/* Certificates of a world, as they should be and edited. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/test.h"
#include "proof/world.h"
#include "wire/dsse.h"

static struct error e;

static struct note_key log_key(const struct world *w, const char *log)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;
	char name[128];

	snprintf(name, sizeof(name), "%s/%s", w->origin, log);
	check_ok(sign_public(public_key, w->seed, &e));
	check_ok(note_key_make(&k, name, NOTE_ED25519, public_key, &e));
	return k;
}

static struct note_key mldsa_key(const struct world *w, const char *log)
{
	uint8_t public_key[MLDSA_PUBLIC_LEN] = { 0 };
	struct note_key k = log_key(w, log);

	if (mldsa_is_there())
		check_ok(mldsa_public(public_key, w->seed, &e));
	check_ok(note_key_make(&k, k.name, NOTE_MLDSA, public_key, &e));
	return k;
}

void world_vkey_mldsa(const struct world *w, const char *log, struct buf *b)
{
	struct note_key k = mldsa_key(w, log);

	buf_clear(b);
	check_ok(note_key_put(&k, b, &e));
}

void world_vkey(const struct world *w, const char *log, struct buf *b)
{
	struct note_key k = log_key(w, log);

	buf_clear(b);
	check_ok(note_key_put(&k, b, &e));
}

void world_head(const struct world *w, const char *log, const struct hash *leaves, uint64_t count,
		struct buf *b)
{
	struct note_key k = log_key(w, log);
	struct head h = { .size = count };
	scoped(buf) *text = NULL;

	memcpy(h.origin, k.name, sizeof(h.origin));
	if (w->lie == LIE_HEAD_OF_OTHER_LOG && strcmp(log, "records") == 0)
		h.origin[0] = 'z';
	tree_root(&h.root, leaves, count);
	check_ok(buf_create(&text, 0, &e));
	check_ok(head_put(&h, text, &e));
	check_ok(note_sign(b, buf_text(text), text->len, &k, w->seed, &e));
	if (!w->mldsa)
		return;
	k = mldsa_key(w, log);
	check_ok(note_sign_mldsa(b, buf_text(text), text->len, &k, w->seed, &e));
}

static bool is_among(const uint64_t *list, size_t count, uint64_t n)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == n)
			return true;
	return false;
}

static bool is_set(const struct world *w, uint64_t n)
{
	for (size_t i = 0; i < w->set_count; i++)
		if (w->sets[i].n == n)
			return true;
	return false;
}

/* The keys are facts 1 (opener) and 2 (approver), or what a lie put behind them. */
static bool is_key(const struct world *w, uint64_t n)
{
	if (n > 0 && n == w->reproducer_key)
		return true;
	switch (w->lie) {
	case LIE_APPROVED_BY_OPENER:
	case LIE_APPROVED_BY_UNKNOWN:
		return n == 1;
	case LIE_APPROVED_BY_LOG:
		return n == 1 || n == 3;
	case LIE_TWO_KEYS_ALIKE:
		return n >= 1 && n <= 3;
	default:
		return n == 1 || (n == 2 && !w->solo);
	}
}

static bool is_shown(const struct world *w, uint64_t n)
{
	if (n == 0 || is_key(w, n) || n == w->opened || n == w->plan || n == w->approval)
		return true;
	if (n == w->source)
		return (!w->withhold && !w->plain_selector) || w->lie == LIE_SOURCE_BESIDE;
	if (w->lie == LIE_TWO_SOURCES && n == w->source + 1)
		return true;
	if (w->unlearn && (n == w->old[0] || n == w->old[1] || n == w->reproduced))
		return true;
	return strstr(buf_text(w->entries[n]), "\"type\":\"batch\"") ||
	       strstr(buf_text(w->entries[n]), "\"type\":\"successor\"") ||
	       is_among(w->steps, w->step_count, n) || is_set(w, n);
}

static void show_fields(struct world *w, struct certificate_draft *d)
{
	const struct fields *order = w->parts[w->opened];

	check_ok(certificate_open(d, w->opened, order, 0, &e));
	if (w->withhold)
		check_ok(certificate_withhold(d, w->opened, order, 1, &e));
	else
		check_ok(certificate_open(d, w->opened, order, 1, &e));
	check_ok(certificate_open(d, w->opened, order, w->lie == LIE_SECOND_POSITIONS ? 7 : 2, &e));
	check_ok(certificate_open(d, w->opened, order, 3, &e));
	check_ok(certificate_open(d, w->opened, order, 4, &e));
	check_ok(certificate_open(d, w->plan, w->parts[w->plan], 0, &e));
	if (is_shown(w, w->source))
		check_ok(certificate_open(d, w->source, w->parts[w->source], 0, &e));
	if (w->unlearn)
		world_show_models(w, d);
	for (size_t i = 0; i < w->step_count; i++)
		check_ok(certificate_open(d, w->steps[i], w->parts[w->steps[i]], 0, &e));
}

static json_t *sentences(const char *sentence)
{
	json_t *list = json_array();

	json_add_new(list, json_string(sentence), &e);
	return list;
}

static json_t *summary(void)
{
	json_t *o = json_object(), *reached = json_array(), *row = json_object();

	json_set_text(row, "kind", "records", &e);
	json_set_number(row, "count", 1490, &e);
	json_set_text(row, "how", "keys destroyed", &e);
	json_set_text(row, "grade", "enforced", &e);
	json_add_new(reached, row, &e);
	json_set_text(o, "what", "Everything of the source partner", &e);
	json_set_new(o, "reached", reached, &e);
	json_set_new(o, "people", json_object(), &e);
	return o;
}

struct buf *world_certify(struct world *w)
{
	scoped_json *what = summary(), *asserted = sentences("no copy is elsewhere");
	scoped_json *others = sentences("the approver"), *rest = sentences("old backups");
	scoped_json *sanitization = json_object();
	scoped(buf) *facts = NULL, *records = NULL;
	scoped(certificate_draft) *d = NULL;
	struct tree_array array = { w->leaves, w->count };
	struct buf *out = NULL;
	const struct certificate_words words = {
		.origin = w->origin, .tool = "rescind 0.1.0", .order_id = w->id,
		.issued_utc_ms = (w->minute + 60) * 60000, .opened = w->opened, .plan = w->plan,
		.approval = w->approval, .steps = w->steps, .step_count = w->step_count,
		.positions = w->positions, .kept = w->kept, .summary = what, .asserted = asserted,
		.signed_by_others = others, .not_covered = rest, .sanitization = sanitization,
		.demand = &w->demand,
	};
	struct certificate_words full = words;

	check_ok(buf_create(&facts, 0, &e));
	check_ok(buf_create(&records, 0, &e));
	check_ok(buf_create(&out, 0, &e));
	world_head(w, "facts", w->leaves, w->count, facts);
	world_head(w, "records", w->records, w->record_count, records);
	full.facts_head = buf_text(facts);
	full.records_head = buf_text(records);
	check_ok(certificate_draft_create(&d, &e));
	for (uint64_t n = w->count; n-- > 0;)
		if (is_shown(w, n))
			check_ok(certificate_show(d, n, w->entries[n]->data, w->entries[n]->len, &e));
	show_fields(w, d);
	for (size_t i = w->set_count; i-- > 0;)
		world_show_set(d, &w->sets[i], w->positions);
	check_ok(certificate_make(d, &full, w->seed, tree_array_read, &array, out, &e));
	return out;
}

/* ---- editing ---- */

json_t *statement_of(const struct buf *certificate)
{
	scoped(dsse) *d = NULL;
	json_t *j = NULL;

	check_ok(dsse_parse(&d, certificate->data, certificate->len, CERTIFICATE_BYTES_MAX, &e));
	check_ok(json_parse(&j, d->body, d->body_len, CERTIFICATE_BYTES_MAX, &e));
	return j;
}

json_t *predicate_of(json_t *statement)
{
	return json_object_get(statement, "predicate");
}

void world_drop(json_t *predicate, const char *list, uint64_t n, const char *field)
{
	json_t *l = json_object_get(predicate, list);

	for (size_t i = json_array_size(l); i-- > 0;) {
		const json_t *o = json_array_get(l, i);

		if (json_number_or(o, "n", n + 1) == n &&
		    (!field || strcmp(json_text_or(o, "field", ""), field) == 0))
			json_array_remove(l, i);
	}
}

static void write_seed(const struct buf *b, const char *kind, const char *what)
{
	char name[64], path[PATH_LEN_MAX];

	snprintf(name, sizeof(name), "%s%s%s", kind, *kind ? "-" : "", what);
	check_ok(path_join(path, getenv("RESCIND_SEEDS"), name, &e));
	check_ok(file_write(path, b->data, b->len, 0644, &e));
}

void world_seeds(const struct buf *certificate, const char *kind)
{
	scoped_json *j = statement_of(certificate);
	scoped(buf) *body = NULL;

	if (!getenv("RESCIND_SEEDS"))
		return;
	check_ok(buf_create(&body, 0, &e));
	check_ok(json_put(j, body, &e));
	write_seed(body, kind, "body");
	write_seed(certificate, kind, "file");
}

static int take(void *ctx, const struct hash *h, struct error *err)
{
	return buf_put(ctx, h, sizeof(*h), err);
}

static void prove_again(const struct world *w, json_t *predicate)
{
	const json_t *list = json_object_get(predicate, "facts"), *fact;
	struct tree_array array = { w->leaves, w->count };
	uint64_t indices[WORLD_FACTS];
	scoped(buf) *proof = NULL;
	size_t i, count = 0;

	json_array_foreach(list, i, fact)
		indices[count++] = json_number_or(fact, "n", 0);
	check_ok(buf_create(&proof, 0, &e));
	check_ok(tree_prove_many(indices, count, w->count, tree_array_read, &array, take, proof, &e));
	json_set_bytes64(predicate, "facts_proof", proof->data, proof->len, &e);
}

struct buf *world_sign(const struct world *w, json_t *statement, bool prove)
{
	scoped(buf) *body = NULL, *vkey = NULL;
	struct buf *out = NULL;

	if (prove)
		prove_again(w, json_object_get(statement, "predicate"));
	check_ok(buf_create(&body, 0, &e));
	check_ok(buf_create(&vkey, 0, &e));
	check_ok(buf_create(&out, 0, &e));
	check_ok(json_put(statement, body, &e));
	world_vkey(w, "facts", vkey);
	check_ok(dsse_sign(out, "application/vnd.in-toto+json", body->data, body->len,
			   buf_text(vkey), w->seed, &e));
	return out;
}
