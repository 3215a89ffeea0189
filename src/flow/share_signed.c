/* What goes with a hand-over to others: on what terms the data came, and our signature. */
#include <stdio.h>

#include "base/text.h"
#include "flow/rights.h"
#include "flow/share_parts.h"
#include "wire/dsse.h"

enum { FORMAT = 1, NAME_ROOM = 160 };

/* --- terms --- */

/* How much we have of it all is nobody's business. */
static int write_terms(struct sharing *x, const char *source, struct error *e)
{
	scoped_json *doc = NULL;
	scoped(buf) *text = NULL;
	char name[NAME_ROOM];

	if (flow_source_show(x->r, source, &doc, e) < 0)
		return e->code;
	json_object_del(doc, "records");
	snprintf(name, sizeof(name), "terms/%.120s.json", source);
	if (buf_create(&text, 512, e) < 0 || json_put(doc, text, e) < 0 ||
	    buf_put_u8(text, '\n', e) < 0)
		return e->code;
	return outbox_write(x->box, name, text->data, text->len, NULL, e);
}

int share_terms(struct sharing *x, struct error *e)
{
	for (size_t i = 0; i < x->source_count; i++)
		if (write_terms(x, x->sources[i], e) < 0)
			return error_wrap(e, "terms of %.100s", x->sources[i]);
	return 0;
}

/* --- the statement --- */

static json_t *subject_of(const struct hash *manifest, struct error *e)
{
	json_t *list = json_array_make(e), *one = json_object_make(e), *digest = json_object_make(e);

	json_add_new(list, one, e);
	if (one && e->code == 0)
		json_set_text(one, "name", "manifest.csv", e);
	json_set_new(one, "digest", digest, e);
	if (digest && e->code == 0)
		json_set_hash(digest, "sha256", manifest, e);
	return list;
}

static json_t *predicate_of(struct sharing *x, uint64_t now_utc_ms, struct error *e)
{
	scoped(buf) *head = NULL;
	json_t *o = json_object_make(e);
	char id[24], use[USE_TEXT_MAX];

	if (!o || buf_create(&head, 512, e) < 0 || handover_next(x->r, id, e) < 0 ||
	    catalog_head(x->r->catalog, LOG_FACTS, UINT64_MAX, head, e) < 0)
		return o;
	json_set_number(o, "format", FORMAT, e);
	json_set_text(o, "id", id, e);
	json_set_text(o, "origin", x->r->origin, e);
	json_set_text(o, "from", x->r->origin, e);
	json_set_text(o, "to", x->w->to, e);
	json_set_text(o, "use", use_text(use, &x->use), e);
	json_set_hash(o, "under", &x->document, e);
	json_set_time(o, "date", now_utc_ms, e);
	json_set_number(o, "count", x->d.set.count, e);
	json_set_hash(o, "manifest", &x->manifest, e);
	json_set_text(o, "head", buf_text(head), e);
	return o;
}

static int make_body(struct sharing *x, uint64_t now_utc_ms, struct buf *out, struct error *e)
{
	scoped_json *body = json_object_make(e);

	if (!body)
		return e->code;
	json_set_text(body, "_type", "https://in-toto.io/Statement/v1", e);
	json_set_new(body, "subject", subject_of(&x->manifest, e), e);
	json_set_text(body, "predicateType", "urn:rescind:handover:1", e);
	json_set_new(body, "predicate", predicate_of(x, now_utc_ms, e), e);
	return e->code ? e->code : json_put(body, out, e);
}

int share_statement(struct sharing *x, struct change *c, struct error *e)
{
	const char *vkey = repo_vkey(x->r, LOG_FACTS, x->a, e);
	scoped(buf) *body = NULL, *signed_body = NULL;
	uint8_t seed[SIGN_SEED_LEN];
	int code;

	if (!vkey || buf_create(&body, 1024, e) < 0 || buf_create(&signed_body, 2048, e) < 0 ||
	    make_body(x, change_now(c), body, e) < 0 || repo_log_seed(x->r, seed, e) < 0)
		return e->code;
	code = dsse_sign(signed_body, "application/vnd.in-toto+json", body->data, body->len, vkey,
			 seed, e);
	wipe(seed, sizeof(seed));
	if (code < 0)
		return code;
	return outbox_write(x->box, "handover.json", signed_body->data, signed_body->len, NULL, e);
}
