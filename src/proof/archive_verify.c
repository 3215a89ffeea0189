#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/stamp.h"
#include "proof/archive.h"
#include "proof/checks.h"
#include "proof/head.h"
#include "proof/signoff.h"
#include "wire/tlog_proof.h"

struct looking {
	struct verify_pins pins; /* first: check_newest finds the rest by it */
	const struct archive_pins *all;
	const struct archive *a; /* NULL: it could not be read */
	struct error unread;	 /* why not */
	struct verdict *v;
	bool *rooted;		 /* of each of the roots: it has stamped */
	const json_t *predicate; /* NULL: no statement could be read */
	char *detail;		 /* of the check that runs */
};

static int say(json_t *list, struct error *e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whatever was quoted in it, it is one line of ASCII. */
static int say(json_t *list, struct error *e, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	plain_text(text);
	json_add_new(list, json_string(text), e);
	return e->code;
}

static int tell(struct looking *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int tell(struct looking *x, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(x->detail, CHECK_DETAIL_MAX, format, args);
	va_end(args);
	return 0;
}

/* ---- archive: the form ---- */

static bool same(const struct ustar_file *f, const struct buf *b)
{
	return f->len == b->len && memcmp(f->data, b->data, b->len) == 0;
}

static int check_key_file(const struct looking *x, struct error *e)
{
	uint8_t key[SIGN_PUBLIC_LEN];
	scoped(buf) *pem = NULL;

	if (!x->predicate)
		return error_set(e, E_FORMAT, "certificate.json is no statement");
	if (hex_decode(key, sizeof(key), json_text_or(x->predicate, "key", ""), e) < 0 ||
	    buf_create(&pem, 256, e) < 0 || archive_key(pem, key, e) < 0)
		return e->code;
	return same(x->a->key, pem) ?
		       0 : error_set(e, E_MISMATCH, "keys/log.pem is not the key of the certificate");
}

static int check_policies(const struct archive *a, struct error *e)
{
	for (size_t i = 0; i < a->layer_count; i++) {
		scoped(policy) *p = NULL;

		if (policy_parse(&p, a->layer[i].policy->data, a->layer[i].policy->len, e) < 0)
			return error_wrap(e, "%zu/policy", i + 1);
	}
	return 0;
}

/* Each SHA512SUMS is what is noted when all is put into an archive once more. */
static int check_sums(const struct archive *a, struct error *e)
{
	scoped(archive_draft) *d = NULL;
	size_t layer = 0;

	if (archive_draft_create(&d, e) < 0)
		return e->code;
	for (size_t i = 0; i < a->files->count; i++) {
		const struct ustar_file *f = &a->files->file[i];

		if (layer < a->layer_count && f == a->layer[layer].sums && !same(f, d->sums))
			return error_set(e, E_MISMATCH, "%zu/SHA512SUMS is not that of the files before "
					 "it", layer + 1);
		layer += layer < a->layer_count && f == a->layer[layer].sums;
		if (archive_put(d, f->name + strlen(ARCHIVE_FOLDER), f->data, f->len, e) < 0)
			return e->code;
	}
	return 0;
}

static int check_archive(struct looking *x, struct error *e)
{
	if (check_sums(x->a, e) < 0 || check_policies(x->a, e) < 0 || check_key_file(x, e) < 0)
		return e->code;
	return tell(x, "%zu files in %zu layer%s, all with their sums", x->a->files->count,
		    x->a->layer_count, x->a->layer_count == 1 ? "" : "s");
}

/* ---- witnesses, in place of the certificate's own check ---- */

static int layer_witnessed(const struct archive *a, size_t i, const struct policy *p,
			   const char *by, json_t *sentences, struct error *e)
{
	scoped(tlog_proof) *proof = NULL;
	char what[80];

	snprintf(what, sizeof(what), "the head of layer %zu%s", i + 1, by);
	if (tlog_proof_parse(&proof, a->layer[i].proof->data, a->layer[i].proof->len, e) < 0)
		return e->code;
	return head_witnessed(p, proof->note, proof->note_len, what, sentences, e);
}

/* The newest head continues the certificate's: who signed it, signed that too. */
static int check_newest(struct checking *c, struct error *e)
{
	const struct looking *x = (const struct looking *)c->pins;
	const struct policy *p = c->pins->policy;

	for (size_t i = 0; i < x->a->layer_count; i++) {
		error_clear(e);
		if (layer_witnessed(x->a, i, p, "", c->witnessed, e) == E_MEMORY)
			return e->code;
	}
	if (e->code)
		return error_wrap(e, "the head of the newest layer");
	if (p->log_count > 0 && !log_is_listed(c, p))
		return error_set(e, E_MISMATCH, "the log is none of the policy's");
	return found(c, "a quorum of the policy cosigned the head of layer %zu, the newest",
		     x->a->layer_count);
}

/* The archive's own policies give names, and nobody is believed for it. */
static int name_witnesses(struct looking *x, struct error *e)
{
	for (size_t i = 0; i < x->a->layer_count && !x->pins.policy; i++) {
		const struct ustar_file *f = x->a->layer[i].policy;
		struct error ignored = { 0 };
		scoped(policy) *p = NULL;

		if (policy_parse(&p, f->data, f->len, &ignored) == 0)
			(void)!layer_witnessed(x->a, i, p, "; not pinned: named by the archive",
					       x->v->witnessed, &ignored);
		if (ignored.code == E_MEMORY)
			return error_set(e, E_MEMORY, "%s", ignored.text);
	}
	return 0;
}

/* ---- certified ---- */

static int read_certified(const struct looking *x, struct archive_certified *c, struct error *e)
{
	const json_t *p = x->predicate, *heads = json_object_get(p, "heads");
	const struct ustar_file *f = x->a->certificate;
	const char *note = json_text_or(heads, "facts", "");
	char name[NOTE_NAME_MAX + 16];
	uint8_t key[SIGN_PUBLIC_LEN];

	snprintf(name, sizeof(name), "%.*s/facts", NOTE_NAME_MAX, json_text_or(p, "origin", ""));
	if (hex_decode(key, sizeof(key), json_text_or(p, "key", ""), e) < 0 ||
	    note_key_make(&c->key, name, NOTE_ED25519, key, e) < 0 ||
	    json_get_number(json_object_get(p, "order"), "opened", &c->order, e) < 0 ||
	    head_open(&c->head, note, strlen(note), &c->key, e) < 0)
		return error_wrap(e, "certificate.json");
	c->pins = &x->pins;
	hash_bytes(&c->sha256, f->data, f->len);
	hash512_bytes(c->sha512, f->data, f->len);
	return 0;
}

static int check_certified(struct looking *x, struct error *e)
{
	struct archive_certified c = { 0 };

	if (read_certified(x, &c, e) < 0)
		return e->code;
	for (size_t i = 0; i < x->a->layer_count; i++)
		if (archive_layer_check(&c, &x->a->layer[i], e) < 0)
			return error_wrap(e, "layer %zu", i + 1);
	return tell(x, "its digests were logged as fact %" PRIu64 "; the newest head has %" PRIu64
		    " entries, root %s", c.n, c.head.size, hash_hex(&c.head.root).s);
}

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
	    buf_create(&b, 512, e) < 0 ||
	    signoff_sentence(b, s, is_pinned(x, g, &s->key), e) < 0)
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

static int check_signoffs(struct looking *x, struct error *e)
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
	return g.count ? tell(x, "%zu, each of this statement", g.count) : tell(x, "there are none");
}

/* ---- stamps ---- */

struct stamping {
	const struct ustar_file *token; /* its certificates come after it */
	uint8_t digest[STAMP_DIGEST_LEN];
	size_t layer, count;
	uint64_t latest, before; /* of all so far; of the layers before this one */
};

static int check_token(const struct stamping *s, const struct buf *roots, struct stamp *ret,
		       struct error *e)
{
	const struct ustar_file *chain = s->token + 1;
	struct stamp_trust t = { .roots = roots ? roots->data : NULL,
				 .roots_len = roots ? roots->len : 0,
				 .chain = chain->data, .chain_len = chain->len };

	return stamp_check(ret, s->token->data, s->token->len, s->digest, &t, e);
}

/* Which of the roots does it lead to, if to any? */
static int find_root(const struct looking *x, struct stamping *s, size_t *ret, struct error *e)
{
	struct stamp again;

	for (size_t i = 0; i < x->all->root_count; i++) {
		if (check_token(s, x->all->roots[i].pem, &again, e) == 0)
			x->rooted[*ret = i] = true;
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
	if (t.at_utc_ms < s->before)
		return error_set(e, E_MISMATCH, "%s is before a time of an older layer",
				 time_text(at, t.at_utc_ms));
	if (t.at_utc_ms > s->latest)
		s->latest = t.at_utc_ms;
	s->count++;
	return say(x->v->witnessed, e, "time stamp of layer %zu: %s (%s): %s", s->layer,
		   time_text(at, t.at_utc_ms),
		   root == SIZE_MAX ? "authority not pinned" : x->all->roots[root].name, t.signer);
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

static int check_stamps(struct looking *x, struct error *e)
{
	struct stamping s = { 0 };
	char at[TIME_TEXT_MAX];

	for (s.layer = 1; s.layer <= x->a->layer_count; s.layer++)
		if (check_layer_stamps(x, &s, e) < 0)
			return e->code;
	for (size_t i = 0; i < x->all->root_count; i++)
		if (!x->rooted[i])
			return error_set(e, E_MISMATCH, "no stamp here is %s",
					 x->all->roots[i].name);
	if (s.count == 0)
		return tell(x, "there are none");
	return tell(x, "%zu, the last of %s%s", s.count, time_text(at, s.latest),
		    x->a->layer[x->a->layer_count - 1].stamp_count ? "" :
									 "; the newest layer has none");
}

/* ---- all of it ---- */

static const struct {
	const char *name;
	int (*run)(struct looking *x, struct error *e);
	bool reads_statement;
} checks[] = {
	{ "archive", check_archive, false }, { "certified", check_certified, true },
	{ "signoffs", check_signoffs, false }, { "stamps", check_stamps, false },
};

/* E_MEMORY, or 0. */
static int run(struct looking *x, size_t i, struct error *e)
{
	struct check *k = &x->v->check[x->v->count++];

	k->name = checks[i].name;
	x->detail = k->detail;
	if (x->unread.code)
		*e = x->unread;
	else if (checks[i].reads_statement && !x->predicate)
		error_set(e, E_FORMAT, "not looked at: certificate.json is no statement");
	else
		(void)!checks[i].run(x, e);
	k->ok = e->code == 0;
	if (!k->ok)
		snprintf(k->detail, sizeof(k->detail), "%.*s", CHECK_DETAIL_MAX - 1, e->text);
	plain_text(k->detail);
	x->v->valid = x->v->valid && k->ok;
	return e->code == E_MEMORY ? e->code : (error_clear(e), 0);
}

static int say_limits(struct looking *x, struct error *e)
{
	size_t stamps = 0;

	for (size_t i = 0; i < x->a->layer_count; i++)
		stamps += x->a->layer[i].stamp_count;
	if (say(x->v->limits, e, "VERIFY.md and certificate.html: whoever made the archive wrote them") < 0 ||
	    say(x->v->limits, e, "that nothing newer was left out of the archive: a layer, a "
		"sign-off, a stamp") < 0)
		return e->code;
	if (stamps == 0)
		return say(x->v->limits, e, "when all this was there: no time stamp says so");
	return x->all->root_count ? 0 :
	       say(x->v->limits, e, "whose the time stamps are: no root was pinned (--tsa-ca)");
}

int archive_verify(struct verdict **ret, const void *bytes, size_t len_bytes,
		   const struct archive_pins *pins, struct error *e)
{
	bool rooted[ARCHIVE_ROOTS_MAX] = { 0 };
	struct looking x = { .pins = pins->statement, .all = pins, .rooted = rooted };
	scoped(archive) *a = NULL;
	scoped(verdict) *v = NULL;

	if (pins->root_count > ARCHIVE_ROOTS_MAX || pins->signer_count > SIGNOFFS_MAX)
		return error_set(e, E_RANGE, "more than %d files of roots, or %d signers",
				 ARCHIVE_ROOTS_MAX, SIGNOFFS_MAX);
	if (archive_read(&a, bytes, len_bytes, &x.unread) == E_MEMORY)
		return error_set(e, E_MEMORY, "%s", x.unread.text);
	x.a = a;
	x.pins.witnesses = x.pins.policy ? check_newest : NULL;
	if (certificate_verify(&v, a ? (const void *)a->certificate->data : "",
			       a ? a->certificate->len : 0, &x.pins, e) < 0)
		return e->code;
	x.v = v;
	x.predicate = json_object_get(v->statement, "predicate");
	for (size_t i = 0; i < COUNT_OF(checks); i++)
		if (run(&x, i, e) < 0)
			return e->code;
	if (a && (name_witnesses(&x, e) < 0 || say_limits(&x, e) < 0))
		return e->code;
	*ret = give(v);
	return 0;
}
