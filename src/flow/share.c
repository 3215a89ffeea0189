/* The door by which records leave: decided when it opens, and once more when it closes. */
#include "flow/share.h"

#include <inttypes.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/parts.h"
#include "flow/rights.h"
#include "flow/share_parts.h"

enum { ORG_MAX = 256 };

/* --- what was asked for --- */

static int check_org(const char *to, struct error *e)
{
	size_t len = to ? strlen(to) : 0;
	bool control = false;

	for (size_t i = 0; i < len; i++)
		control = control || (unsigned char)to[i] < 0x20 || to[i] == 0x7f;
	if (len == 0 || len > ORG_MAX || control || !utf8_valid(to, len))
		return error_set(e, E_USAGE, "--to is one line of UTF-8, 1 to %d bytes", ORG_MAX);
	return 0;
}

static int read_share_words(struct sharing *x, struct error *e)
{
	char hex[HASH_HEX_MAX];

	if (check_org(x->w->to, e) < 0)
		return e->code;
	if (!x->w->use || use_parse(&x->use, x->w->use, strlen(x->w->use), e) < 0)
		return e->code ? e->code : error_set(e, E_USAGE, "shared for what? (--use share:PURPOSE)");
	if (x->use.processing != SHARE)
		return error_set(e, E_USAGE, "%.128s is not a use for which data is handed over (share:PURPOSE)",
				 x->w->use);
	if (!x->w->under)
		return error_set(e, E_USAGE, "under what? (--under FILE)");
	if (flow_digest_file(x->w->under, hex, e) < 0)
		return e->code;
	return hash_from_hex(&x->document, hex, e);
}

static bool in_shards(const struct sharing *x)
{
	return x->w->format && strcmp(x->w->format, "webdataset") == 0;
}

static int read_words(struct sharing *x, struct error *e)
{
	if (x->w->format && strcmp(x->w->format, "files") != 0 && !in_shards(x))
		return error_set(e, E_USAGE, "--format is files or webdataset");
	if (x->w->to && read_share_words(x, e) < 0)
		return e->code;
	if (dataset_named(x->r, x->a, x->w->dataset, &x->d, e) < 0 || set_create(&x->set, e) < 0 ||
	    stored_set_load(x->r, &x->d.set, x->set, e) < 0)
		return e->code;
	if (!x->w->to)
		x->use = x->d.use;
	if (!set_next(x->set, &x->first))
		return error_set(e, E_NOT_FOUND, "%s has no records", x->d.label);
	for (uint64_t pos = x->first; set_next(x->set, &pos); pos++)
		x->last = pos;
	return 0;
}

/* --- the decision --- */

static int deny(const struct sharing *x, const struct set_decision *d, json_t **ret,
		struct error *e)
{
	json_t *doc = json_object_make(e);
	char use[USE_TEXT_MAX];
	reasons why = 0;

	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (d->why[i] > 0)
			why |= (reasons)1 << i;
	json_set_text(doc, "transfer", NULL, e);
	json_set_text(doc, "dataset", x->d.label, e);
	json_set_text(doc, "decision", "deny", e);
	json_set_new(doc, "reasons", parts_reason_list(why, e), e);
	json_set_new(doc, "counts", parts_reasons(d->why, e), e);
	json_set_number(doc, "denied", d->denied, e);
	json_set_number(doc, "records", x->d.set.count, e);
	*ret = doc;
	return e->code ? e->code :
			 error_set(e, E_DENIED,
				   "%" PRIu64 " of %" PRIu64 " records are denied for %s: nothing is handed over",
				   d->denied, x->d.set.count, use_text(use, &x->use));
}

static int decide_all(struct sharing *x, json_t **ret, struct error *e)
{
	struct set_decision d = { 0 };
	scoped(ask) *ask = NULL;
	int code;

	if (ask_open(&ask, x->r, sys->now_utc_ms(), e) < 0 ||
	    ask_set(ask, x->set, &x->use, &d, e) < 0)
		return e->code;
	code = d.denied > 0 ? deny(x, &d, ret, e) : 0;
	set_decision_done(&d);
	return code;
}

/* --- handing over --- */

static int write_all(struct sharing *x, struct error *e)
{
	if ((in_shards(x) ? share_shards(x, e) : share_files(x, e)) < 0 ||
	    (x->w->to && share_terms(x, e) < 0))
		return e->code;
	return outbox_sync(x->box, e);
}

static int answer(const struct sharing *x, const char *id, json_t **ret, struct error *e)
{
	const char *folder = outbox_folder(x->box);
	json_t *doc = *ret = json_object_make(e);
	char use[USE_TEXT_MAX];

	json_set_text(doc, "transfer", id, e);
	json_set_text(doc, "dataset", x->d.label, e);
	json_set_number(doc, "records", x->d.set.count, e);
	json_set_text(doc, "to", x->w->to, e);
	json_set_text(doc, "use", use_text(use, &x->use), e);
	json_set_text(doc, "format", in_shards(x) ? "webdataset" : "files", e);
	json_set_new(doc, "at", json_text_lossy(folder, strlen(folder), e), e);
	if (in_shards(x))
		json_set_number(doc, "shards", x->part_count - 1, e);
	return e->code;
}

/* Written without the lock, which may take long; so everything is decided again under it. */
static int note(struct sharing *x, json_t **ret, struct error *e)
{
	char use[USE_TEXT_MAX], id[24];
	struct handover_new n = { .of = x->d.fact, .count = x->d.set.count, .to = x->w->to,
				  .use = use_text(use, &x->use), .at = outbox_folder(x->box),
				  .format = in_shards(x) ? "webdataset" : "files",
				  .document = x->w->to ? &x->document : NULL,
				  .parts = x->parts, .part_count = x->part_count };
	scoped(change) *c = NULL;

	if (change_begin(&c, x->r, e) < 0 || decide_all(x, ret, e) < 0 ||
	    handover_next(x->r, id, e) < 0 || (x->w->to && share_statement(x, c, e) < 0) ||
	    outbox_sync(x->box, e) < 0 || share_copies(x, c, e) < 0 ||
	    handover_in(c, x->r, &n, NULL, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	outbox_keep(x->box);
	return answer(x, id, ret, e);
}

static int hand_over(struct sharing *x, json_t **ret, struct error *e)
{
	if (arena_create(&x->a, e) < 0 || read_words(x, e) < 0 || decide_all(x, ret, e) < 0 ||
	    outbox_open(&x->box, x->r, x->w->folder, e) < 0 || write_all(x, e) < 0)
		return e->code;
	return note(x, ret, e);
}

static int run(struct repo *r, const struct share_words *w, json_t **ret, struct error *e)
{
	struct sharing x = { .r = r, .w = w };
	int code = hand_over(&x, ret, e);

	outbox_close(x.box);
	set_destroy(x.set);
	arena_destroy(x.a);
	return code;
}

int flow_share(struct repo *r, const struct share_words *w, json_t **ret, struct error *e)
{
	if (!w->to)
		return error_set(e, E_USAGE, "handed over to whom? (--to ORG)");
	return run(r, w, ret, e);
}

int flow_dataset_export(struct repo *r, const struct share_words *w, json_t **ret,
			struct error *e)
{
	struct share_words ours = *w;

	ours.to = NULL;
	return run(r, &ours, ret, e);
}
