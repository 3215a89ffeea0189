/* The check of the checkpoints that were unlearned: which one took the place of which, and who
 * made it again. What their sums are of, no certificate shows; that is said. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

/* What a certificate opens of an exact checkpoint. */
struct shown_model {
	const char *name, *version_text;
	uint64_t version;
	struct hash digest;
};

struct unlearning {
	struct checking *c;
	struct hash *digests; /* of all old and new ones */
	size_t digest_count, made_count; /* made_count: of new ones */
	struct buf *pairs; /* "fact 12 -> fact 20, ..." */
};

/* ---- pairs ---- */

static int open_model(const struct statement *s, uint64_t n, struct shown_model *ret,
		      struct error *e)
{
	const struct opening *digest = opening_find(s, n, "digest");
	const struct fact *f = NULL;

	if (fact_get(s, n, FACT_MODEL, &f, e) < 0 || opened_text(s, n, "name", &ret->name, e) < 0 ||
	    opened_text(s, n, "version", &ret->version_text, e) < 0 ||
	    want_of(f, digest && !digest->withheld && digest->value_len == HASH_LEN, e,
		    "has no digest that is opened") < 0 ||
	    want_of(f, digest->count == EXACT_FIELDS, e, "is of no exact checkpoint") < 0)
		return e->code;
	memcpy(&ret->digest, digest->value, HASH_LEN);
	return number_parse(&ret->version, ret->version_text, strlen(ret->version_text), e);
}

/* The step's target is NAME@VERSION of the old one. */
static bool is_target(const struct step *step, const struct shown_model *old)
{
	size_t len = strlen(old->name);

	return strncmp(step->target, old->name, len) == 0 && step->target[len] == '@' &&
	       strcmp(step->target + len + 1, old->version_text) == 0;
}

/* What took its place: a later version; or nothing, where nothing was left to make it of. */
static int check_pair(struct unlearning *u, const struct made *m, struct error *e)
{
	const struct statement *s = u->c->s;
	const char *comma = u->pairs->len ? ", " : "";
	uint64_t n = m->step->fact;
	struct shown_model old, new;

	if (open_model(s, n, &old, e) < 0 ||
	    want(!set_is_listed(s, n), e, "fact %" PRIu64 " was unlearned, and is listed as "
		 "retained", n) < 0 ||
	    want(is_target(m->step, &old), e,
		 "fact %" PRIu64 " is not the target of step %" PRIu64, n, m->step->n) < 0)
		return e->code;
	u->digests[u->digest_count++] = old.digest;
	if (m->n == 0)
		return buf_printf(u->pairs, e, "%sfact %" PRIu64 " -> nothing", comma, n);
	if (open_model(s, m->n, &new, e) < 0 ||
	    want(strcmp(old.name, new.name) == 0 && new.version > old.version, e,
		 "fact %" PRIu64 " is no later version of fact %" PRIu64, m->n, n) < 0)
		return e->code;
	u->digests[u->digest_count++] = new.digest;
	u->made_count++;
	return buf_printf(u->pairs, e, "%sfact %" PRIu64 " -> fact %" PRIu64, comma, n, m->n);
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

/* No card is that of two checkpoints, and no checkpoint stands in two steps. */
static int check_pairs(struct unlearning *u, struct error *e)
{
	struct checking *c = u->c;

	u->digests = arena_alloc(c->s->arena, 2 * c->unlearn_count * sizeof(*u->digests), e);
	if (!u->digests)
		return e->code;
	for (size_t i = 0; i < c->made_count; i++)
		if (c->made[i].type == FACT_MODEL && check_pair(u, &c->made[i], e) < 0)
			return e->code;
	qsort(u->digests, u->digest_count, sizeof(*u->digests), by_digest);
	for (size_t i = 1; i < u->digest_count; i++)
		if (by_digest(&u->digests[i], &u->digests[i - 1]) == 0)
			return error_set(e, E_MISMATCH, "one digest stands for two checkpoints");
	return 0;
}

/* ---- reproduced ---- */

/* By whom, and what that is worth. */
static int say_reproduced(struct checking *c, const struct fact *f, const struct fact *key,
			  const struct fact *model, struct error *e)
{
	char hex[2 * KEY_ID_LEN + 1];
	const char *whose = "another key than that which made it; that another person holds it is "
			    "the operator's word";

	if (memcmp(key->key, c->s->key, sizeof(key->key)) == 0)
		whose = "the log's own key";
	else if (memcmp(f->by, model->by, KEY_ID_LEN) == 0)
		whose = "the key that made it";
	return limit(c, e, "the checkpoint of fact %" PRIu64 " was trained again from the records, "
		     "with the same result: so signs key %s in fact %" PRIu64 ", %s", model->n,
		     hex_encode(hex, f->by, KEY_ID_LEN), f->n, whose);
}

int check_again(struct checking *c, const struct fact *f, struct error *e)
{
	const struct fact *key = NULL, *model = NULL;
	scoped(buf) *text = NULL;
	struct hash leaf;

	if (fact_get(c->s, f->model, FACT_MODEL, &model, e) < 0 ||
	    fact_key(c->s, f->by, f->n, &key, e) < 0)
		return e->code;
	fact_leaf(&leaf, model);
	if (buf_create(&text, 256, e) < 0 ||
	    certificate_reproduced_text(text, c->s->origin, &leaf, e) < 0 ||
	    sign_check(f->signature, key->key, text->data, text->len, e) < 0)
		return error_wrap(e, "fact %" PRIu64, f->n);
	return say_reproduced(c, f, key, model, e);
}

static int check_all_reproduced(const struct unlearning *u, struct error *e)
{
	struct checking *c = u->c;
	size_t left = u->made_count;

	for (const struct fact *f = NULL; (f = fact_next(c->s, f, FACT_REPRODUCED));) {
		struct made *m = number_find(c->made, f->model ? c->made_count : 0, sizeof(*m),
					     f->model);

		if (want_of(f, m, e, "is of no checkpoint that a step made") < 0 ||
		    check_again(c, f, e) < 0)
			return e->code;
		left -= !m->again;
		m->again = true;
	}
	if (c->unlearn_count == 0)
		return 0;
	if (left > 0 &&
	    limit(c, e, "that the sums of %zu of %zu checkpoints made by unlearning are those of "
		  "the records retained is the operator's word: nobody is shown to have "
		  "trained them again", left, u->made_count) < 0)
		return e->code;
	return limit(c, e, "the sets of the checkpoints that were unlearned are not opened: that "
		     "they held what was taken back, that the new ones hold no record that they "
		     "did not "
		     "and keep their recipe, and that no other checkpoint was touched, is the "
		     "operator's word");
}

/* ---- the whole ---- */

int check_unlearned(struct checking *c, struct error *e)
{
	struct unlearning u = { .c = c };
	scoped(buf) *pairs = NULL;

	if (want(c->plan, e, "the plan is not known") < 0 ||
	    want(c->unlearn_count == 0 || c->made, e, "what the steps made is not known") < 0 ||
	    buf_create(&pairs, 256, e) < 0)
		return e->code;
	u.pairs = pairs;
	if (check_pairs(&u, e) < 0 || check_all_reproduced(&u, e) < 0)
		return e->code;
	if (c->unlearn_count == 0)
		return found(c, "none: the plan has no step that unlearns");
	return found(c, "%zu checkpoint%s: %s", c->unlearn_count, c->unlearn_count == 1 ? "" : "s",
		     buf_text(pairs));
}
