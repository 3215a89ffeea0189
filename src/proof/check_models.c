/* The check of the checkpoints that were unlearned: which one took the place of which, and who
 * made it again. What their sums are of, no certificate shows; that is said. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

/* What a certificate opens of an exact checkpoint. */
struct shown_model {
	const char *name, *version_text;
	uint64_t version;
	const struct opening *digest;
};

struct unlearning {
	struct checking *c;
	const uint8_t **digests; /* of all old and new ones */
	size_t digest_count, made_count; /* made_count: of new ones */
	struct buf *pairs; /* "fact 12 -> fact 20, ..." */
};

/* ---- pairs ---- */

static int open_one(const struct statement *s, uint64_t n, const char *field,
		    const struct opening **ret, struct error *e)
{
	const struct opening *o = opening_find(s, n, field);

	if (!o || o->withheld)
		return error_set(e, E_NOT_FOUND, "%s of fact %" PRIu64 " is not opened", field, n);
	if (o->count != EXACT_FIELDS)
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " is of no exact checkpoint", n);
	*ret = o;
	return 0;
}

static int open_model(const struct statement *s, uint64_t n, struct shown_model *ret,
		      struct error *e)
{
	const struct opening *name = NULL, *version = NULL;
	const struct fact *f = NULL;

	if (fact_get(s, n, FACT_MODEL, &f, e) < 0 || open_one(s, n, "name", &name, e) < 0 ||
	    open_one(s, n, "version", &version, e) < 0 ||
	    open_one(s, n, "digest", &ret->digest, e) < 0 ||
	    opened_text(s, n, "name", &ret->name, e) < 0 ||
	    opened_text(s, n, "version", &ret->version_text, e) < 0)
		return e->code;
	if (number_parse(&ret->version, ret->version_text, version->value_len, e) < 0)
		return error_wrap(e, "version of fact %" PRIu64, n);
	return ret->digest->value_len == HASH_LEN ? 0 :
		       error_set(e, E_FORMAT, "digest of fact %" PRIu64 " is no hash", n);
}

/* The step's target is NAME@VERSION of the old one. */
static bool is_target(const json_t *step, const struct shown_model *old)
{
	const char *target = json_text_or(step, "target", "");
	size_t len = strlen(old->name);

	return strncmp(target, old->name, len) == 0 && target[len] == '@' &&
	       strcmp(target + len + 1, old->version_text) == 0;
}

/* What took its place: a later version; or nothing, where nothing was left to make it of. */
static int check_new(struct unlearning *u, const struct made *m, uint64_t n,
		     const struct shown_model *old, struct error *e)
{
	const char *comma = u->pairs->len ? ", " : "";
	struct shown_model new;

	if (m->n == 0)
		return buf_printf(u->pairs, e, "%sfact %" PRIu64 " -> nothing", comma, n);
	if (open_model(u->c->s, m->n, &new, e) < 0)
		return e->code;
	if (strcmp(old->name, new.name) != 0 || new.version <= old->version)
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " is no later version of fact %"
				 PRIu64, m->n, n);
	u->digests[u->digest_count++] = new.digest->value;
	u->made_count++;
	return buf_printf(u->pairs, e, "%sfact %" PRIu64 " -> fact %" PRIu64, comma, n, m->n);
}

static int check_pair(struct unlearning *u, const struct made *m, struct error *e)
{
	const struct statement *s = u->c->s;
	const json_t *step = json_array_get(json_object_get(u->c->plan, "steps"),
					    (size_t)m->step - 1);
	uint64_t n = json_number_or(step, "fact", 0);
	struct shown_model old;

	if (open_model(s, n, &old, e) < 0)
		return e->code;
	if (set_is_listed(s, n))
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " was unlearned, and is listed as "
				 "retained", n);
	if (!is_target(step, &old))
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " is not the target of step %" PRIu64,
				 n, m->step);
	u->digests[u->digest_count++] = old.digest->value;
	return check_new(u, m, n, &old, e);
}

static int by_digest(const void *a, const void *b)
{
	const uint8_t *const *x = a, *const *y = b;

	return memcmp(*x, *y, HASH_LEN);
}

/* No card is that of two checkpoints, and no checkpoint stands in two steps. */
static int check_distinct(const struct unlearning *u, struct error *e)
{
	qsort(u->digests, u->digest_count, sizeof(*u->digests), by_digest);
	for (size_t i = 1; i < u->digest_count; i++)
		if (memcmp(u->digests[i], u->digests[i - 1], HASH_LEN) == 0)
			return error_set(e, E_MISMATCH, "one digest stands for two checkpoints");
	return 0;
}

/* ---- reproduced ---- */

static int check_signed(const struct statement *s, const struct fact *f, const struct fact *key,
		      const struct fact *model, struct error *e)
{
	scoped(buf) *text = NULL;
	struct hash leaf;

	tree_leaf(&leaf, model->text, strlen(model->text));
	if (buf_create(&text, 256, e) < 0 ||
	    certificate_reproduced_text(text, s->origin, &leaf, e) < 0 ||
	    sign_check(f->signature, key->key, text->data, text->len, e) < 0)
		return error_wrap(e, "fact %" PRIu64, f->n);
	return 0;
}

/* By whom, and what that is worth. */
static int say_reproduced(struct checking *c, const struct fact *f, const struct fact *key,
			  const struct fact *model, struct error *e)
{
	char hex[2 * KEY_ID_LEN + 1], text[400];
	const char *whose = "another key than that which made it; that another person holds it is "
			    "the operator's word";

	if (memcmp(key->key, c->s->key, sizeof(key->key)) == 0)
		whose = "the log's own key";
	else if (memcmp(f->by, model->by, KEY_ID_LEN) == 0)
		whose = "the key that made it";
	snprintf(text, sizeof(text), "the checkpoint of fact %" PRIu64 " was trained again from the "
		 "records, with the same result: so signs key %s in fact %" PRIu64 ", %s",
		 model->n, hex_encode(hex, f->by, KEY_ID_LEN), f->n, whose);
	return limit(c, text, e);
}

int check_again(struct checking *c, const struct fact *f, struct error *e)
{
	const struct fact *key = NULL, *model = NULL;

	if (fact_get(c->s, f->model, FACT_MODEL, &model, e) < 0 ||
	    fact_key(c->s, f->by, f->n, &key, e) < 0 || check_signed(c->s, f, key, model, e) < 0)
		return e->code;
	return say_reproduced(c, f, key, model, e);
}

static int check_made_again(struct checking *c, const struct fact *f, bool *again, struct error *e)
{
	const struct made *m = number_find(c->made, f->model ? c->made_count : 0, sizeof(*m), f->model);

	if (!m)
		return error_set(e, E_MISMATCH, "fact %" PRIu64 " (reproduced) is of no checkpoint "
				 "that a step made", f->n);
	again[m - c->made] = true;
	return check_again(c, f, e);
}

static int say_rest(const struct unlearning *u, const bool *again, struct error *e)
{
	struct checking *c = u->c;
	char text[200];
	size_t left = u->made_count;

	for (size_t i = 0; i < c->made_count; i++)
		left -= again[i];
	snprintf(text, sizeof(text), "that the sums of %zu of %zu checkpoints made by unlearning are "
		 "those of the records retained is the operator's word: nobody is shown to have "
		 "trained them again", left, u->made_count);
	if (left > 0 && limit(c, text, e) < 0)
		return e->code;
	return limit(c, "the sets of the checkpoints that were unlearned are not opened: that they "
		     "held what was taken back, that the new ones hold no record that they did not "
		     "and keep their recipe, and that no other checkpoint was touched, is the "
		     "operator's word", e);
}

static int check_all_reproduced(const struct unlearning *u, struct error *e)
{
	struct checking *c = u->c;
	bool *again = arena_alloc(c->s->arena, (c->made_count + 1) * sizeof(*again), e);

	if (!again)
		return e->code;
	memset(again, 0, (c->made_count + 1) * sizeof(*again));
	for (size_t i = 0; i < c->s->reproduced_count; i++)
		if (check_made_again(c, c->s->reproduced[i], again, e) < 0)
			return e->code;
	return c->old_count > 0 ? say_rest(u, again, e) : 0;
}

/* ---- the whole ---- */

static int check_pairs(struct unlearning *u, struct error *e)
{
	struct checking *c = u->c;

	u->digests = arena_alloc(c->s->arena, 2 * c->old_count * sizeof(*u->digests), e);
	if (!u->digests)
		return e->code;
	for (size_t i = 0; i < c->made_count; i++)
		if (c->made[i].type == FACT_MODEL && check_pair(u, &c->made[i], e) < 0)
			return e->code;
	return check_distinct(u, e);
}

int check_unlearned(struct checking *c, struct error *e)
{
	struct unlearning u = { .c = c };
	scoped(buf) *pairs = NULL;

	if (!c->plan)
		return error_set(e, E_NOT_FOUND, "the plan is not known");
	if (c->old_count > 0 && !c->made)
		return error_set(e, E_NOT_FOUND, "what the steps made is not known");
	if (buf_create(&pairs, 256, e) < 0)
		return e->code;
	u.pairs = pairs;
	if ((c->old_count > 0 && check_pairs(&u, e) < 0) || check_all_reproduced(&u, e) < 0)
		return e->code;
	if (c->old_count == 0)
		return found(c, "none: the plan has no step that unlearns");
	return found(c, "%zu checkpoint%s: %s", c->old_count, c->old_count == 1 ? "" : "s",
		     buf_text(pairs));
}
