#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "proof/archive_looking.h"
#include "proof/checks.h"
#include "proof/head.h"
#include "proof/signoff.h"
#include "wire/tlog_proof.h"

int archive_say(json_t *list, struct error *e, const char *format, ...)
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

int archive_tell(struct looking *x, const char *format, ...)
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
	return same(x->a->key, pem)
		       ? 0
		       : error_set(e, E_MISMATCH, "keys/log.pem is not the key of the certificate");
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

/* Each SHA512SUMS is what is noted of the files before it. */
static int check_sums(const struct archive *a, struct error *e)
{
	scoped(buf) *sums = NULL;
	size_t layer = 0;

	if (buf_create(&sums, 4096, e) < 0)
		return e->code;
	for (size_t i = 0; i < a->files->count; i++) {
		const struct ustar_file *f = &a->files->file[i];
		bool is_list = layer < a->layer_count && f == a->layer[layer].sums;

		layer += is_list;
		if (is_list && !same(f, sums))
			return error_set(e, E_MISMATCH,
					 "%zu/SHA512SUMS is not that of the files before "
					 "it",
					 layer);
		if (archive_sum(sums, f->name + strlen(ARCHIVE_FOLDER), f->data, f->len, e) < 0)
			return e->code;
	}
	return 0;
}

static int check_archive(struct looking *x, struct error *e)
{
	if (check_sums(x->a, e) < 0 || check_policies(x->a, e) < 0 || check_key_file(x, e) < 0)
		return e->code;
	return archive_tell(x, "%zu files in %zu layer%s, all with their sums", x->a->files->count,
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
	return archive_tell(x,
			    "its digests were logged as fact %" PRIu64
			    "; the newest head has %" PRIu64 " entries, root %s",
			    c.n, c.head.size, hash_hex(&c.head.root).s);
}

/* ---- all of it ---- */

static const struct {
	const char *name;
	int (*run)(struct looking *x, struct error *e);
	bool reads_statement;
} checks[] = {
	{ "archive", check_archive, false },
	{ "certified", check_certified, true },
	{ "signoffs", archive_check_signoffs, false },
	{ "stamps", archive_check_stamps, false },
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
	if (archive_say(x->v->limits, e,
			"VERIFY.md and certificate.html: whoever made the archive wrote them") <
		    0 ||
	    archive_say(x->v->limits, e,
			"that nothing newer was left out of the archive: a layer, a "
			"sign-off, a stamp") < 0)
		return e->code;
	if (!archive_words_known(x->a) && archive_say(x->v->limits, e, ARCHIVE_WORDS_UNKNOWN) < 0)
		return e->code;
	if (stamps == 0)
		return archive_say(x->v->limits, e,
				   "when all this was there: no time stamp says so");
	return x->all->root_count
		       ? 0
		       : archive_say(x->v->limits, e,
				     "whose the time stamps are: no root was pinned (--tsa-ca)");
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
	x.pins.listed = x.pins.policy ? check_listed : NULL;
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
