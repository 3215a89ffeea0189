/* Weights against sums: integers only, and nobody is believed. */
#include <inttypes.h>
#include <stdio.h>

#include "flow/verify_data.h"
#include "flow/verify_files.h"
#include "learn/feature.h"
#include "learn/solve.h"

/* What was found among the files. */
struct weighing {
	struct held weights, sums, proof, card; /* kind HELD_OTHER: none */
	struct weights *w;
	struct sums *s;
	struct verdict v;
	json_t *answers;
	char beside[PATH_LEN_MAX]; /* path of a proof that nobody named */
};

static void weighing_done(struct weighing *x)
{
	weights_destroy(x->w);
	sums_destroy(x->s);
	held_done(&x->weights);
	held_done(&x->sums);
	held_done(&x->proof);
	held_done(&x->card);
	json_decref(x->answers);
	json_decref(x->v.limits);
}

static void say(struct weighing *x, const char *name, bool ok, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void say(struct weighing *x, const char *name, bool ok, const char *format, ...)
{
	struct check *c = &x->v.check[x->v.count++];
	va_list list;

	c->name = name;
	c->ok = ok;
	va_start(list, format);
	vsnprintf(c->detail, sizeof(c->detail), format, list);
	va_end(list);
}

/* Whether it failed for want of memory; else the story is the check's. */
static bool said(struct weighing *x, const char *name, struct error *e)
{
	if (e->code == E_MEMORY)
		return false;
	say(x, name, false, "%.200s", e->text);
	error_clear(e);
	return true;
}

/* --- files --- */

static int keep(struct weighing *x, struct held *h, struct error *e)
{
	static const char *const answers[] = {
		[HELD_OTHER] = "not what it speaks of", [HELD_WEIGHTS] = "not what it speaks of",
		[HELD_PROOF] = "the proof that was looked at", [HELD_SUMS] = "the sums that were looked at",
		[HELD_CARD] = "the card that was looked at",
	};
	struct held *place = h->kind == HELD_SUMS  ? &x->sums :
			     h->kind == HELD_PROOF ? &x->proof :
			     h->kind == HELD_CARD  ? &x->card :
						     NULL;

	if (place && place->kind != HELD_OTHER)
		return error_set(e, E_USAGE, "--data: two files of one kind");
	json_add_new(x->answers, held_row(h, answers[h->kind], e), e);
	if (!place && e->code == 0)
		say(x, "data", false, "a file that is neither sums, nor a proof, nor a card");
	if (place) {
		*place = *h;
		memset(h, 0, sizeof(*h));
	}
	return e->code;
}

static int open_data(struct weighing *x, const char *const *data, size_t count, struct error *e)
{
	/* Each that is no part is a check. */
	if (count > 16)
		return error_set(e, E_USAGE, "--data: weights have no more than three files beside them");
	for (size_t i = 0; i < count; i++) {
		struct held h = { 0 };
		int code = held_open(&h, data[i], e);

		if (code == 0)
			code = keep(x, &h, e);
		held_done(&h);
		if (code < 0)
			return code;
	}
	if (x->proof.kind == HELD_PROOF || !held_beside(&x->weights, "proof.safetensors", x->beside))
		return 0;
	return held_open(&x->proof, x->beside, e);
}

/* --- checks --- */

static int check_encoding(struct weighing *x, struct error *e)
{
	const struct held *h = &x->weights;

	if (h->kind != HELD_WEIGHTS) {
		say(x, "encoding", false, "no weights of an exact model");
		return 0;
	}
	if (weights_parse(&x->w, h->bytes->data, h->bytes->len, e) < 0)
		return said(x, "encoding", e) ? 0 : e->code;
	say(x, "encoding", true, "%zu %s of %zu features", x->w->count,
	    x->w->kind == SUMS_LABELS ? "labels" : "numbers", x->w->d);
	return 0;
}

static int check_features(struct weighing *x, struct error *e)
{
	scoped(features) *f = NULL;

	if (features_create(&f, x->w->features, e) < 0)
		return said(x, "features", e) ? 0 : e->code;
	say(x, "features", features_dim(f) == x->w->d && strchr(x->w->features, '@'), "%s",
	    x->w->features);
	return 0;
}

/* What the card's recipe asks for; without a card, what the weights say. */
static int64_t asked_lambda(const struct weighing *x)
{
	const json_t *recipe = x->card.card ? x->card.card->recipe : NULL;

	return (int64_t)json_number_or(recipe, "lambda", (uint64_t)x->w->lambda);
}

static int check_residual(struct weighing *x, struct error *e)
{
	const struct buf *proof = x->proof.bytes;
	int64_t usual = learn_lambda(x->s);

	if (x->proof.kind != HELD_PROOF) {
		say(x, "residual", false, "no proof was given (--data PROOF)");
		return 0;
	}
	if (weights_parse_proof(x->w, proof->data, proof->len, e) < 0 ||
	    learn_check(x->w, x->s, asked_lambda(x), e) < 0)
		return said(x, "residual", e) ? 0 : e->code;
	say(x, "residual", true, "the weights of these sums to the last unit; lambda %" PRId64 "%s",
	    x->w->lambda, x->w->lambda == usual ? ", that of these sums" : "");
	if (x->w->lambda != usual && !x->card.card)
		json_add_new(x->v.limits,
			     json_string("that another lambda than that of the sums was asked for"), e);
	return e->code;
}

static int check_sums(struct weighing *x, struct error *e)
{
	if (x->sums.kind != HELD_SUMS) {
		say(x, "residual", false, "no sums were given (--data SUMS)");
		return 0;
	}
	if (sums_parse(&x->s, x->sums.bytes->data, x->sums.bytes->len, e) < 0)
		return said(x, "records", e) ? 0 : e->code;
	if (check_residual(x, e) < 0)
		return e->code;
	say(x, "records", x->s->n > 0, "sums of %" PRId64 " records", x->s->n);
	return 0;
}

static void check_card(struct weighing *x)
{
	const struct checkpoint *c = x->card.card;

	if (x->card.kind != HELD_CARD)
		return;
	if (!c)
		say(x, "card", false, "%.200s", x->card.why);
	else if (!card_field_is(&c->weights, &x->weights.sha256))
		say(x, "card", false, "of other weights");
	else if (c->sums.opened && x->sums.kind == HELD_SUMS &&
		 !card_field_is(&c->sums, &x->sums.sha256))
		say(x, "card", false, "of other sums");
	else
		say(x, "card", true, "these weights are what digest %.12s commits to",
		    hash_hex(&c->digest).s);
}

/* --- the answer --- */

static int document(struct weighing *x, json_t **ret, struct error *e)
{
	json_t *asserted = json_array_make(e);
	scoped_json *doc = NULL;

	json_add_new(x->v.limits,
		     json_string("that these are the sums of certain records: only the records show it"), e);
	x->v.valid = true;
	for (size_t i = 0; i < x->v.count; i++)
		x->v.valid = x->v.valid && x->v.check[i].ok;
	json_add_new(asserted, json_string("whose sums these are: nobody signed them"), e);
	if (e->code || verdict_json(&x->v, &doc, e) < 0) {
		json_decref(asserted);
		return e->code;
	}
	json_set_new(doc, "asserted", asserted, e);
	json_set_hash(doc, "weights_sha256", &x->weights.sha256, e);
	json_set_new(doc, "data", json_incref(x->answers), e);
	if (e->code == 0)
		*ret = give(doc);
	return e->code;
}

static int weigh(struct weighing *x, const char *const *data, size_t count, json_t **ret,
		 struct error *e)
{
	x->answers = json_array_make(e);
	x->v.limits = json_array_make(e);
	if (e->code || open_data(x, data, count, e) < 0 || check_encoding(x, e) < 0)
		return e->code;
	if (x->w && (check_features(x, e) < 0 || check_sums(x, e) < 0))
		return e->code;
	check_card(x);
	return document(x, ret, e);
}

int verify_weights(const char *path, const char *const *data, size_t count, json_t **ret,
		   struct error *e)
{
	struct weighing x = { 0 };
	int code = held_open(&x.weights, path, e);

	if (code == 0)
		code = weigh(&x, data, count, ret, e);
	weighing_done(&x);
	return code;
}
