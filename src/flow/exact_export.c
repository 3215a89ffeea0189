/* An exact checkpoint written out for ourselves: a hand-over that orders know of. */
#include "base/sys.h"
#include "flow/checkpoint.h"
#include "flow/exact.h"
#include "flow/handover.h"
#include "flow/predict.h"

enum { EXPORT_FILES_MAX = 4, RECIPE_BYTES_MAX = 65536 };

struct exporting {
	struct repo *r;
	struct change *c;
	struct model m;
	struct outbox *box;
	struct handed_part parts[EXPORT_FILES_MAX];
	size_t count;
};

/* It says something of every record that the checkpoint rests on. */
static int write_file(struct exporting *x, const char *name, const struct buf *b, struct error *e)
{
	struct handed_part *p = &x->parts[x->count++];
	struct hash sha256;

	if (outbox_write(x->box, name, b->data, b->len, &sha256, e) < 0)
		return e->code;
	p->name = name;
	p->bytes = b->len;
	p->first = 0;
	p->last = x->m.set.size - 1;
	handover_digest(x->r, &p->digest, &sha256);
	return 0;
}

static int write_part(struct exporting *x, enum exact_part part, const char *name,
		      struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 4096, e) < 0 || exact_bytes(x->r, x->m.fact, part, b, e) < 0)
		return e->code;
	return write_file(x, name, b, e);
}

static int write_card(struct exporting *x, bool sums, struct error *e)
{
	struct checkpoint_words w = { .origin = x->r->origin, .model = x->m.name, .fact = x->m.fact,
				      .version = x->m.version, .sums = sums };
	scoped(buf) *sealed = NULL, *out = NULL;
	scoped(fields) *card = NULL, *f = NULL;
	scoped_json *recipe = NULL;
	const struct field *how;

	if (buf_create(&sealed, 512, e) < 0 || buf_create(&out, 2048, e) < 0 ||
	    exact_bytes(x->r, x->m.fact, EXACT_CARD, sealed, e) < 0 ||
	    fields_parse(&card, sealed->data, sealed->len, e) < 0 ||
	    repo_private(x->r, x->m.fact, &f, e) < 0)
		return e->code;
	how = fields_find(f, "recipe");
	if (!how || json_parse(&recipe, how->value->data, how->value->len, RECIPE_BYTES_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "no recipe");
	w.card = card;
	w.recipe = recipe;
	return checkpoint_put(&w, out, e) < 0 ? e->code : write_file(x, "checkpoint.json", out, e);
}

static int document(const struct exporting *x, const char *label, json_t **ret, struct error *e)
{
	json_t *doc = *ret = json_object_make(e), *files = json_array_make(e);

	for (size_t i = 0; files && i < x->count; i++)
		json_add_new(files, json_string(x->parts[i].name), e);
	json_set_text(doc, "model", x->m.label, e);
	json_set_text(doc, "handover", label, e);
	json_set_new(doc, "folder", json_text_lossy(outbox_folder(x->box),
						    strlen(outbox_folder(x->box)), e), e);
	json_set_new(doc, "files", files, e);
	return e->code;
}

static int write_all(struct exporting *x, bool sums, json_t **ret, struct error *e)
{
	struct handover_new n = { .of = x->m.fact, .count = x->m.set.count, .use = "",
				  .at = outbox_folder(x->box), .format = "safetensors",
				  .parts = x->parts };
	char label[24];

	if (write_part(x, EXACT_WEIGHTS, "weights.safetensors", e) < 0 ||
	    write_part(x, EXACT_PROOF, "proof.safetensors", e) < 0 ||
	    write_card(x, sums, e) < 0 ||
	    (sums && write_part(x, EXACT_SUMS, "sums.safetensors", e) < 0) ||
	    handover_next(x->r, label, e) < 0 || outbox_sync(x->box, e) < 0)
		return e->code;
	n.part_count = x->count;
	if (handover_in(x->c, x->r, &n, NULL, e) < 0 || change_commit(x->c, e) < 0)
		return e->code;
	outbox_keep(x->box);
	return document(x, label, ret, e);
}

int flow_model_export(struct repo *r, const char *model, const char *folder, bool sums,
		      json_t **ret, struct error *e)
{
	struct exporting x = { .r = r };
	struct model_decision d = { 0 };
	scoped(change) *c = NULL;
	scoped(outbox) *box = NULL;
	scoped(arena) *a = NULL;

	if (arena_create(&a, e) < 0 || change_begin(&c, r, e) < 0 ||
	    model_named(r, a, model, &x.m, e) < 0)
		return e->code;
	if (!x.m.exact)
		return error_set(e, E_USAGE, "%s was made elsewhere: its files lie there", x.m.label);
	/* It goes out now, whatever --at says. */
	if (oracle_ask(r, a, &x.m, sys->now_utc_ms(), &d, e) < 0)
		return e->code;
	if (d.why)
		return oracle_refuse(&x.m, &d, ret, e);
	if (x.m.state != MODEL_LIVE)
		return error_set(e, E_DENIED, "%s is %s", x.m.label, model_state_name(x.m.state));
	if (outbox_open(&box, r, folder, e) < 0)
		return e->code;
	x.c = c;
	x.box = box;
	return write_all(&x, sums, ret, e);
}
