/* Which of the files that came with a certificate or an attestation does it speak of? */
#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/text.h"
#include "flow/rights.h"
#include "flow/verify_data.h"
#include "flow/verify_files.h"
#include "proof/attestation.h"

enum { ANSWER_MAX = 160 };

/* All of them, since the card that opens a digest is a file of its own. */
struct answering {
	const struct verdict *v;
	const json_t *predicate;
	bool attests; /* it is an attestation, of one checkpoint */
	struct held *held;
	size_t count;
	struct held beside; /* a checkpoint.json that nobody named */
};

/* The checkpoint's fact whose digest is opened as this one. */
static bool find_digest(const struct answering *x, const struct hash *digest, uint64_t *ret_fact)
{
	const json_t *list = json_object_get(x->predicate, "openings"), *item;
	size_t i;

	json_array_foreach(list, i, item) {
		struct error ignored = { 0 };
		scoped(buf) *value = NULL;

		if (strcmp(json_text_or(item, "field", ""), "digest") != 0 ||
		    json_get_bytes64(item, "value", &value, &ignored) < 0 || value->len != HASH_LEN)
			continue;
		*ret_fact = json_number_or(item, "n", 0);
		if (memcmp(value->data, digest->b, HASH_LEN) == 0)
			return true;
	}
	return false;
}

/* What an order made is a retained set; what it took back is not. */
static bool was_made(const struct answering *x, uint64_t fact)
{
	const json_t *list = json_object_get(x->predicate, "sets"), *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (json_number_or(item, "n", fact + 1) == fact)
			return true;
	return false;
}

static bool card_is_of(const struct checkpoint *c, const struct held *h)
{
	return h->kind == HELD_WEIGHTS ? card_field_is(&c->weights, &h->sha256) :
	       h->kind == HELD_SUMS    ? card_field_is(&c->sums, &h->sha256) :
					 h->card == c;
}

static const struct checkpoint *card_of(struct answering *x, const struct held *h)
{
	struct error ignored = { 0 };
	static const char name[] = "checkpoint.json";
	char path[PATH_LEN_MAX];

	for (size_t i = 0; i < x->count; i++)
		if (x->held[i].card && card_is_of(x->held[i].card, h))
			return x->held[i].card;
	if (h->kind == HELD_CARD || !held_beside(h, name, path))
		return NULL;
	held_done(&x->beside);
	if (held_open(&x->beside, path, &ignored) < 0)
		return NULL;
	x->beside.path = name;
	return x->beside.card && card_is_of(x->beside.card, h) ? x->beside.card : NULL;
}

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_UNKNOWN };

static const char *which(const struct answering *x, uint64_t fact)
{
	if (x->attests)
		return "which this is about";
	return was_made(x, fact) ? "made by the order" :
				   "which the order took back: it should be gone";
}

/* A checkpoint made elsewhere is told by its file alone, whatever that holds. */
static enum answer answer_of_file(const struct answering *x, const struct held *h,
				  char ret[ANSWER_MAX])
{
	uint64_t fact;

	if (find_digest(x, &h->sha256, &fact)) {
		snprintf(ret, ANSWER_MAX, "the checkpoint of fact %" PRIu64 ", which this is about", fact);
		return ANSWER_YES;
	}
	snprintf(ret, ANSWER_MAX, "not what it speaks of (no file of the checkpoint; an attestation opens "
		 "no record)");
	return ANSWER_NO;
}

static enum answer answer_of(struct answering *x, const struct held *h, char ret[ANSWER_MAX])
{
	static const char *const names[] = { [HELD_OTHER] = "", [HELD_WEIGHTS] = "weights",
					     [HELD_PROOF] = "proof", [HELD_SUMS] = "sums",
					     [HELD_CARD] = "card" };
	const struct checkpoint *c;
	uint64_t fact;

	if ((h->kind == HELD_OTHER && !x->attests) || h->kind == HELD_PROOF) {
		snprintf(ret, ANSWER_MAX, "%s", h->kind == HELD_OTHER ?
			 "opening destroyed" : "not said (a proof is checked with weights and sums)");
		return ANSWER_UNKNOWN;
	}
	if (!x->v->valid) {
		snprintf(ret, ANSWER_MAX, "not said (the %s does not hold)",
			 x->attests ? "attestation" : "certificate");
		return ANSWER_UNKNOWN;
	}
	if (x->attests && (h->kind == HELD_OTHER || find_digest(x, &h->sha256, &fact)))
		return answer_of_file(x, h, ret);
	c = card_of(x, h);
	if (!c || !find_digest(x, &c->digest, &fact)) {
		snprintf(ret, ANSWER_MAX, "not what it speaks of%s",
			 c || h->kind == HELD_CARD ? "" : " (no checkpoint.json that opens it was given)");
		return ANSWER_NO;
	}
	snprintf(ret, ANSWER_MAX, "the %s of fact %" PRIu64 ", %s", names[h->kind], fact,
		 which(x, fact));
	return ANSWER_YES;
}

/* --- into the document --- */

static void not_covered(json_t *doc, const char *path, struct error *e)
{
	char shown[PATH_LEN_MAX], line[PATH_LEN_MAX + 128];

	snprintf(line, sizeof(line),
		 "whether %s is a record that this speaks of: opening destroyed (a certificate "
		 "opens no record)",
		 path_escape(shown, sizeof(shown), path));
	json_add_new(json_object_get(doc, "not_covered"), json_string(line), e);
}

void answer_fails(json_t *doc, const char *path, struct error *e)
{
	char shown[CHECK_DETAIL_MAX / 2], line[CHECK_DETAIL_MAX];
	json_t *row = json_object_make(e);

	if (!row)
		return;
	snprintf(line, sizeof(line), "%s: not what it speaks of",
		 path_escape(shown, sizeof(shown), path));
	json_set_text(row, "name", "data", e);
	json_set_bool(row, "ok", false, e);
	json_set_text(row, "detail", line, e);
	json_add_new(json_object_get(doc, "checks"), row, e);
	json_set_bool(doc, "valid", false, e);
}

static int put_answers(struct answering *x, json_t *doc, struct error *e)
{
	json_t *answers = json_array_make(e);

	json_set_new(doc, "data", answers, e);
	for (size_t i = 0; e->code == 0 && i < x->count; i++) {
		const struct held *h = &x->held[i];
		char answer[ANSWER_MAX];

		if (answer_of(x, h, answer) == ANSWER_NO)
			answer_fails(doc, h->path, e);
		if (h->kind == HELD_OTHER && !x->attests)
			not_covered(doc, h->path, e);
		json_add_new(answers, held_row(h, answer, e), e);
	}
	return e->code;
}

/* Its digest is enough. The file of a checkpoint made elsewhere may be larger than what is read. */
static int open_one(const struct answering *x, const char *path, struct held *h, struct error *e)
{
	char hex[HASH_HEX_MAX];
	int code = held_open(h, path, e);

	if (x->attests && code == E_RANGE) {
		error_clear(e);
		*h = (struct held){ .path = path };
		code = 0;
	}
	if (code < 0)
		return code;
	if (x->attests && !h->bytes &&
	    (flow_digest_file(path, hex, e) < 0 || hash_from_hex(&h->sha256, hex, e) < 0))
		return error_wrap(e, "--data");
	buf_destroy(h->bytes);
	h->bytes = NULL;
	return 0;
}

int verify_answers(const struct verdict *v, const char *const *data, size_t count, json_t *doc,
		   struct error *e)
{
	struct answering x = { .v = v,
			       .predicate = json_object_get(v->statement, "predicate"),
			       .attests = strcmp(json_text_or(v->statement, "predicateType", ""),
						 ATTESTATION_TYPE) == 0 };
	scoped(arena) *a = NULL;
	int code = 0;

	if (count == 0)
		return 0;
	if (verify_is_receipt(v))
		return verify_receipt_answers(v, data, count, doc, e);
	if (arena_create(&a, e) < 0)
		return e->code;
	x.held = arena_alloc(a, count * sizeof(*x.held), e);
	if (!x.held)
		return e->code;
	while (code == 0 && x.count < count) {
		code = open_one(&x, data[x.count], &x.held[x.count], e);
		x.count += code == 0;
	}
	if (code == 0)
		code = put_answers(&x, doc, e);
	for (size_t i = 0; i < x.count; i++)
		held_done(&x.held[i]);
	held_done(&x.beside);
	return code;
}
