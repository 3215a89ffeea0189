/* Who signed off, and who stamped: held against the archive, and told. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/stamp.h"
#include "proof/archive_looking.h"
#include "proof/signoff.h"

/* ---- signoffs ---- */

static bool is_twice(const struct archive *a, const struct ustar_file *f)
{
	for (size_t i = 0; i < a->layer_count; i++)
		for (size_t k = 0; k < a->layer[i].signoff_count; k++) {
			const struct ustar_file *other = &a->layer[i].signoffs[k];

			if (other == f)
				return false;
			if (other->len == f->len && memcmp(other->data, f->data, f->len) == 0)
				return true;
		}
	return false;
}

struct signing {
	uint64_t issued_utc_ms;
	size_t count;
	bool by[SIGNOFFS_MAX]; /* each of the pinned */
};

static bool is_pinned(const struct looking *x, struct signing *g, const struct pubkey *key)
{
	bool pinned = false;

	for (size_t i = 0; i < x->all->signer_count; i++)
		if (pubkey_equal(key, &x->all->signers[i]))
			pinned = g->by[i] = true;
	return pinned;
}

static int check_signoff(struct looking *x, struct signing *g, const void *bytes, size_t len,
			 struct error *e)
{
	const struct ustar_file *statement = x->a->certificate;
	scoped(signoff) *s = NULL;
	scoped(buf) *b = NULL;

	if (g->count++ == SIGNOFFS_MAX)
		return error_set(e, E_RANGE, "more than %d sign-offs", SIGNOFFS_MAX);
	if (signoff_read(&s, bytes, len, e) < 0 ||
	    signoff_check(s, statement->data, statement->len, g->issued_utc_ms, e) < 0 ||
	    buf_create(&b, 512, e) < 0 || signoff_sentence(b, s, is_pinned(x, g, &s->key), e) < 0)
		return e->code;
	json_add_new(x->v->witnessed, json_stringn(buf_text(b), b->len), e);
	return e->code;
}

static int check_those_within(struct looking *x, struct signing *g, struct error *e)
{
	for (size_t i = 0; i < x->a->layer_count; i++)
		for (size_t k = 0; k < x->a->layer[i].signoff_count; k++) {
			const struct ustar_file *f = &x->a->layer[i].signoffs[k];

			if (is_twice(x->a, f))
				error_set(e, E_FORMAT, "it is there twice");
			if (e->code || check_signoff(x, g, f->data, f->len, e) < 0)
				return error_wrap(e, "%s", f->name + strlen(ARCHIVE_FOLDER));
		}
	return 0;
}

int archive_check_signoffs(struct looking *x, struct error *e)
{
	struct signing g = { .issued_utc_ms = TIME_NONE };

	if (x->predicate && json_get_time(x->predicate, "issued", &g.issued_utc_ms, e) < 0)
		return e->code;
	if (check_those_within(x, &g, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->all->more_count; i++)
		if (check_signoff(x, &g, x->all->more[i].bytes, x->all->more[i].len, e) < 0)
			return error_wrap(e, "%s", x->all->more[i].name);
	for (size_t i = 0; i < x->all->signer_count; i++) {
		struct hash id = pubkey_id(&x->all->signers[i]);

		if (!g.by[i])
			return error_set(e, E_MISMATCH, "nothing is signed by the pinned key %s",
					 hash_hex(&id).s);
	}
	return g.count ? archive_tell(x, "%zu, each of this statement", g.count)
		       : archive_tell(x, "there are none");
}

/* ---- stamps ---- */

/* The operator's clock may be fast, the authority's slow. */
enum { STAMP_EARLY_MS = 10 * 60 * 1000 };

struct stamping {
	const struct ustar_file *token; /* its certificates come after it */
	uint8_t digest[STAMP_DIGEST_LEN];
	size_t layer, count;
	uint64_t latest, before; /* of all so far; of the layers before this one */
	uint64_t issued_utc_ms;	 /* by the operator's clock */
};

static int check_token(const struct stamping *s, const struct buf *roots, struct stamp *ret,
		       struct error *e)
{
	const struct ustar_file *chain = s->token + 1;
	struct stamp_trust t = { .roots = roots ? roots->data : NULL,
				 .roots_len = roots ? roots->len : 0,
				 .chain = chain->data,
				 .chain_len = chain->len };

	return stamp_check(ret, s->token->data, s->token->len, s->digest, &t, e);
}

/* Which of the roots does it lead to, if to any? */
static int find_root(const struct looking *x, struct stamping *s, size_t *ret, struct error *e)
{
	struct stamp again;

	for (size_t i = 0; i < x->all->root_count; i++) {
		if (check_token(s, x->all->roots[i].pem, &again, e) == 0)
			x->rooted[ *ret = i] = true;
		else if (e->code != E_MISMATCH)
			return error_wrap(e, "%s", x->all->roots[i].name);
		error_clear(e);
	}
	return 0;
}

static int look_at_stamp(struct looking *x, struct stamping *s, struct error *e)
{
	size_t root = SIZE_MAX;
	char at[TIME_TEXT_MAX];
	struct stamp t;

	if (check_token(s, NULL, &t, e) < 0 || find_root(x, s, &root, e) < 0)
		return e->code;
	if (t.at_utc_ms + STAMP_EARLY_MS < s->issued_utc_ms)
		return error_set(e, E_MISMATCH, "%s is before the certificate was issued",
				 time_text(at, t.at_utc_ms));
	if (t.at_utc_ms < s->before)
		return error_set(e, E_MISMATCH, "%s is before a time of an older layer",
				 time_text(at, t.at_utc_ms));
	if (t.at_utc_ms > s->latest)
		s->latest = t.at_utc_ms;
	s->count++;
	return archive_say(x->v->witnessed, e, "time stamp of layer %zu: %s (%s): %s", s->layer,
			   time_text(at, t.at_utc_ms),
			   root == SIZE_MAX ? "authority not pinned" : x->all->roots[root].name,
			   t.signer);
}

static int check_layer_stamps(struct looking *x, struct stamping *s, struct error *e)
{
	const struct archive_layer *l = &x->a->layer[s->layer - 1];

	s->before = s->latest;
	hash512_bytes(s->digest, l->sums->data, l->sums->len);
	for (size_t k = 0; k < l->stamp_count; k++) {
		s->token = &l->stamps[2 * k];
		if (look_at_stamp(x, s, e) < 0)
			return error_wrap(e, "%s", s->token->name + strlen(ARCHIVE_FOLDER));
	}
	return 0;
}

int archive_check_stamps(struct looking *x, struct error *e)
{
	struct stamping s = { 0 };
	char at[TIME_TEXT_MAX];

	if (x->predicate && json_get_time(x->predicate, "issued", &s.issued_utc_ms, e) < 0)
		return e->code;
	for (s.layer = 1; s.layer <= x->a->layer_count; s.layer++)
		if (check_layer_stamps(x, &s, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->all->root_count; i++)
		if (!x->rooted[i])
			return error_set(e, E_MISMATCH, "no stamp here is %s",
					 x->all->roots[i].name);
	if (s.count == 0)
		return archive_tell(x, "there are none");
	return archive_tell(x, "%zu, the last of %s%s", s.count, time_text(at, s.latest),
			    x->a->layer[x->a->layer_count - 1].stamp_count
				    ? ""
				    : "; the newest layer has none");
}
