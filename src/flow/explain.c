/* A decision, reason by reason. */
#include <inttypes.h>

#include "base/text.h"
#include "flow/look.h"
#include "flow/parts.h"
#include "wire/json.h"

struct explanation {
	reasons why;
	uint64_t records[REASON_COUNT]; /* that each reason concerns */
};

/* Each with its sentence, for people. */
static json_t *detail_list(const struct explanation *x, struct error *e)
{
	json_t *list = json_array_make(e);

	for (int i = 0; list && i < REASON_COUNT; i++) {
		json_t *one;

		if (!(x->why >> i & 1))
			continue;
		one = json_object_make(e);
		if (!one)
			break;
		json_set_text(one, "code", reason_code((enum reason)i), e);
		json_set_text(one, "sentence", reason_sentence((enum reason)i), e);
		json_set_number(one, "records", x->records[i], e);
		json_add_new(list, one, e);
	}
	return list;
}

/* "12" is the record at 12; everything else is a model. */
static int ask(struct repo *r, struct ask *a, struct arena *arena, const char *thing,
	       const struct use *u, struct explanation *x, struct error *e)
{
	struct catalog_record rec;
	struct model m;
	uint64_t pos;

	if (thing[strspn(thing, "0123456789")] != 0)
		return model_named(r, arena, thing, &m, e) < 0 ?
			       e->code :
			       ask_model(a, &m, u, &x->why, x->records, e);
	if (number_parse(&pos, thing, strlen(thing), e) < 0 || pos > INT64_MAX ||
	    catalog_record(r->catalog, pos, &rec, e) < 0)
		return error_set(e, E_NOT_FOUND, "no record \"%.40s\"", thing);
	if (ask_record(a, pos, u, &x->why, e) < 0)
		return e->code;
	for (int i = 0; i < REASON_COUNT; i++)
		x->records[i] = x->why >> i & 1;
	return 0;
}

static int document(struct repo *r, const char *thing, const struct use *u,
		    const struct explanation *x, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);
	char text[USE_TEXT_MAX];
	uint64_t facts;

	if (!o || catalog_fact_count(r->catalog, &facts, e) < 0)
		return e->code;
	json_set_text(o, "thing", thing, e);
	json_set_text(o, "use", use_text(text, u), e);
	json_set_text(o, "decision", x->why ? "deny" : "allow", e);
	json_set_new(o, "reasons", parts_reason_list(x->why, e), e);
	json_set_new(o, "counts", parts_reasons(x->records, e), e);
	json_set_new(o, "details", detail_list(x, e), e);
	json_set_number(o, "as_of", facts ? facts - 1 : 0, e);
	json_set_time(o, "at", r->at_utc_ms, e);
	if (e->code)
		return e->code;
	*ret = json_incref(o);
	return 0;
}

int flow_explain(struct repo *r, const char *thing, const char *use, json_t **ret, struct error *e)
{
	struct explanation x = { 0 };
	scoped(arena) *arena = NULL;
	scoped(ask) *a = NULL;
	struct use u;

	if (use_parse(&u, use, strlen(use), e) < 0)
		return e->code;
	if (u.below)
		return error_set(e, E_USAGE, "\"%.100s\": one use, without +below", use);
	if (arena_create(&arena, e) < 0 || ask_open(&a, r, r->at_utc_ms, e) < 0 ||
	    ask(r, a, arena, thing, &u, &x, e) < 0 || document(r, thing, &u, &x, ret, e) < 0)
		return e->code;
	return x.why ? error_set(e, E_DENIED, "%.100s may not be used for %.128s", thing, use) : 0;
}
