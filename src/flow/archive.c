#include "flow/archive.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/look.h"
#include "flow/order.h"
#include "flow/stamp.h"
#include "flow/witness.h"
#include "page/page.h"
#include "wire/tlog_proof.h"

struct archiving {
	struct repo *r;
	const struct archive_words *w;
	const struct order *o;
	struct archive_draft *d;
	size_t layer;
	uint64_t before, entries; /* sizes of the head before, and of this layer's */
	json_t *stamps;		  /* what the authorities said; owned */
};

static int put(struct archiving *x, const struct buf *b, struct error *e, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int put(struct archiving *x, const struct buf *b, struct error *e, const char *format, ...)
{
	char name[USTAR_NAME_MAX + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	return archive_put(x->d, name, b->data, b->len, e);
}

/* ---- what is there before the layers ---- */

static int put_words(struct archiving *x, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 16384, e) < 0)
		return e->code;
	for (size_t i = 0; i < ARCHIVE_VERIFY_PARTS; i++)
		if (buf_put(b, archive_verify_md[i], strlen(archive_verify_md[i]), e) < 0)
			return e->code;
	return put(x, b, e, "VERIFY.md");
}

static int put_certificate(struct archiving *x, const struct buf *certificate, struct error *e)
{
	scoped(buf) *page = NULL, *key = NULL;

	if (buf_create(&page, certificate->len + 4096, e) < 0 || buf_create(&key, 256, e) < 0 ||
	    certificate_html(certificate->data, certificate->len, page, e) < 0 ||
	    archive_key(key, x->r->log_key[LOG_FACTS].public_key, e) < 0)
		return e->code;
	if (put_words(x, e) < 0 || put(x, page, e, "certificate.html") < 0 ||
	    put(x, certificate, e, "certificate.json") < 0)
		return e->code;
	return put(x, key, e, "keys/log.pem");
}

/* ---- a layer ---- */

/* The proof under the head of now; and from the head before to it. */
static int prove(struct archiving *x, struct buf *proof, struct tree_path *growth, struct error *e)
{
	scoped(tlog_proof) *p = NULL;
	scoped(log) *l = NULL;
	struct head h;

	if (flow_log_prove(x->r, LOG_FACTS, x->o->certified_fact, proof, e) < 0 ||
	    tlog_proof_parse(&p, proof->data, proof->len, e) < 0 ||
	    head_open(&h, p->note, p->note_len, &x->r->log_key[LOG_FACTS], e) < 0 ||
	    repo_log(x->r, LOG_FACTS, &l, e) < 0)
		return e->code;
	if (x->before > h.size)
		return error_set(e, E_MISMATCH,
				 "its head has %" PRIu64 " entries, and this log %" PRIu64
				 ": was the repository put back to an older state?",
				 x->before, h.size);
	x->entries = h.size;
	return log_prove_growth(l, x->before, h.size, growth, e);
}

static int put_proofs(struct archiving *x, struct error *e)
{
	scoped(buf) *proof = NULL, *opened = NULL, *policy = NULL;
	struct tree_path growth = { 0 };
	scoped(fields) *f = NULL;

	if (buf_create(&proof, 4096, e) < 0 || buf_create(&opened, 4096, e) < 0 ||
	    buf_create(&policy, 4096, e) < 0 || prove(x, proof, &growth, e) < 0 ||
	    repo_private(x->r, x->o->certified_fact, &f, e) < 0 ||
	    archive_certified(opened, x->o->fact, x->o->certified_fact, f, &growth, e) < 0 ||
	    flow_witness_policy(x->r, policy, e) < 0)
		return e->code;
	if (put(x, proof, e, "%zu/certified.tlog-proof", x->layer) < 0 ||
	    put(x, opened, e, "%zu/certified.json", x->layer) < 0)
		return e->code;
	return put(x, policy, e, "%zu/policy", x->layer);
}

static int put_signoffs(struct archiving *x, struct error *e)
{
	char name[USTAR_NAME_MAX + 1];

	for (size_t i = 0; i < x->w->signoff_count; i++) {
		snprintf(name, sizeof(name), "%zu/signoffs/%03zu.json", x->layer, i + 1);
		if (archive_put(x->d, name, x->w->signoffs[i].bytes, x->w->signoffs[i].len, e) < 0)
			return e->code;
	}
	return 0;
}

static int tell_stamp(struct archiving *x, const char *url, const struct stamp *s, struct error *e)
{
	json_t *row = json_object_make(e);

	json_set_text(row, "tsa", url, e);
	json_set_time(row, "at", s->at_utc_ms, e);
	json_set_text(row, "signer", s->signer, e);
	json_add_new(x->stamps, row, e);
	return e->code;
}

static int put_stamps(struct archiving *x, const struct buf *sums, struct error *e)
{
	for (size_t i = 0; i < x->w->tsa_count; i++) {
		scoped(buf) *token = NULL, *chain = NULL;
		struct stamp s;

		if (buf_create(&token, 8192, e) < 0 || buf_create(&chain, 8192, e) < 0 ||
		    flow_stamp(x->w->tsa[i], sums->data, sums->len, token, chain, &s, e) < 0)
			return e->code;
		if (put(x, token, e, "%zu/%03zu.tsr", x->layer, i + 1) < 0 ||
		    put(x, chain, e, "%zu/%03zu.pem", x->layer, i + 1) < 0 ||
		    tell_stamp(x, x->w->tsa[i], &s, e) < 0)
			return e->code;
	}
	return 0;
}

static int put_layer(struct archiving *x, struct error *e)
{
	scoped(buf) *sums = NULL;

	if (x->r->witness)
		x->r->witness(x->r); /* so that the head bears what they say */
	if (put_proofs(x, e) < 0 || put_signoffs(x, e) < 0 ||
	    buf_from(&sums, x->d->sums->data, x->d->sums->len, e) < 0 ||
	    put(x, sums, e, "%zu/SHA512SUMS", x->layer) < 0 || put_stamps(x, sums, e) < 0)
		return e->code;
	return ustar_end(x->d->bytes, e);
}

/* ---- all of it ---- */

/* What a log before certified has its proof there: nobody signs for that one any more. */
static int check_ours(const struct repo *r, const struct verdict *v, struct error *e)
{
	const char *origin = json_text_or(json_object_get(v->statement, "predicate"), "origin", "");
	uint64_t number;
	size_t base = origin_base(origin, &number);

	if (strcmp(origin, r->origin) == 0 || origin_base(r->origin, &number) != base ||
	    strncmp(origin, r->origin, base) != 0)
		return 0;
	return error_set(e, E_CONFLICT, "it is of %s, a log before this one, for which nobody signs any more: it stays "
			 "as it is, and is verified with that one's key (rescind status lists it)", origin);
}

static int verify(struct repo *r, const struct buf *b, bool archive, struct verdict **ret,
		  struct error *e)
{
	scoped(arena) *a = NULL;
	scoped(verdict) *v = NULL;
	struct archive_pins pins = { 0 };

	if (arena_create(&a, e) < 0 || !(pins.statement.vkey = repo_vkey(r, LOG_FACTS, a, e)) ||
	    (archive ? archive_verify(&v, b->data, b->len, &pins, e)
		     : certificate_verify(&v, b->data, b->len, &pins.statement, e)) < 0)
		return e->code;
	if (check_ours(r, v, e) < 0)
		return e->code;
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			return error_set(e, E_MISMATCH, "%s: %s", v->check[i].name,
					 v->check[i].detail);
	*ret = give(v);
	return 0;
}

static int say(const struct archiving *x, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);

	json_set_text(o, "order", x->o->name, e);
	json_set_number(o, "layer", x->layer, e);
	json_set_number(o, "fact", x->o->certified_fact, e);
	json_set_number(o, "entries", x->entries, e);
	json_set_number(o, "signoffs", x->w->signoff_count, e);
	json_set_new(o, "stamps", json_incref(x->stamps), e);
	if (e->code)
		return e->code;
	*ret = give(o);
	return 0;
}

/* The new layer, and is all of it true? */
static int finish(struct archiving *x, struct buf *out, json_t **ret, struct error *e)
{
	scoped(verdict) *v = NULL;

	if (put_layer(x, e) < 0)
		return e->code;
	if (verify(x->r, x->d->bytes, true, &v, e) < 0)
		return error_wrap(e, "the archive would not verify");
	if (buf_put(out, x->d->bytes->data, x->d->bytes->len, e) < 0)
		return e->code;
	return say(x, ret, e);
}

/* Of a certificate that holds: its order here, and the size of its head. */
static int find_order(struct repo *r, const struct verdict *v, struct order **ret,
		      uint64_t *ret_size, struct error *e)
{
	const json_t *p = json_object_get(v->statement, "predicate");
	const json_t *said = json_object_get(p, "order");
	const char *note = json_text_or(json_object_get(p, "heads"), "facts", "");
	scoped(order) *o = NULL;
	struct head h;

	if (!said)
		return error_set(e, E_FORMAT, "it is no certificate of an order");
	if (order_load(r, json_text_or(said, "id", ""), &o, e) < 0 ||
	    head_open(&h, note, strlen(note), &r->log_key[LOG_FACTS], e) < 0)
		return e->code;
	if (o->fact != json_number_or(said, "opened", 0) || o->certified_fact == 0)
		return error_set(e, E_MISMATCH, "%s is another order here", o->name);
	*ret_size = h.size;
	*ret = give(o);
	return 0;
}

static int begin(struct archiving *x, struct archive_draft **d, struct error *e)
{
	x->stamps = json_array_make(e);
	if (!x->stamps || archive_draft_create(d, e) < 0)
		return e->code;
	x->d = *d;
	return 0;
}

static int from_certificate(struct repo *r, const struct buf *certificate,
			    const struct archive_words *w, struct buf *out, json_t **ret,
			    struct error *e)
{
	struct archiving x = { .r = r, .w = w, .layer = 1 };
	scoped(archive_draft) *d = NULL;
	scoped(verdict) *v = NULL;
	scoped(order) *o = NULL;

	if (verify(r, certificate, false, &v, e) < 0 || find_order(r, v, &o, &x.before, e) < 0)
		return error_wrap(e, "the certificate does not hold");
	x.o = o;
	if (begin(&x, &d, e) == 0 && put_certificate(&x, certificate, e) == 0)
		(void)!finish(&x, out, ret, e);
	json_decref(x.stamps);
	return e->code;
}

int flow_archive(struct repo *r, const char *order, const struct archive_words *w, struct buf *out,
		 json_t **ret, struct error *e)
{
	scoped(buf) *certificate = NULL;

	if (buf_create(&certificate, 65536, e) < 0 ||
	    flow_certificate(r, order, certificate, e) < 0)
		return e->code;
	return from_certificate(r, certificate, w, out, ret, e);
}

/* The newest head of an archive that holds. */
static int newest_size(struct repo *r, const struct archive *a, uint64_t *ret, struct error *e)
{
	const struct ustar_file *f = a->layer[a->layer_count - 1].proof;
	scoped(tlog_proof) *p = NULL;
	struct head h;

	if (tlog_proof_parse(&p, f->data, f->len, e) < 0 ||
	    head_open(&h, p->note, p->note_len, &r->log_key[LOG_FACTS], e) < 0)
		return e->code;
	*ret = h.size;
	return 0;
}

int flow_archive_renew(struct repo *r, const struct buf *file, const struct archive_words *w,
		       struct buf *out, json_t **ret, struct error *e)
{
	struct archiving x = { .r = r, .w = w };
	scoped(archive_draft) *d = NULL;
	scoped(archive) *a = NULL;
	scoped(verdict) *v = NULL;
	scoped(order) *o = NULL;

	if (!is_archive(file->data, file->len))
		return from_certificate(r, file, w, out, ret, e);
	if (verify(r, file, true, &v, e) < 0 || find_order(r, v, &o, &x.before, e) < 0 ||
	    archive_read(&a, file->data, file->len, e) < 0 || newest_size(r, a, &x.before, e) < 0)
		return error_wrap(e, "the archive does not hold");
	if (!archive_words_known(a))
		repo_tell(r, "%s", ARCHIVE_WORDS_UNKNOWN);
	x.o = o;
	x.layer = a->layer_count + 1;
	if (begin(&x, &d, e) == 0 && archive_put_all(d, a, e) == 0)
		(void)!finish(&x, out, ret, e);
	json_decref(x.stamps);
	return e->code;
}
