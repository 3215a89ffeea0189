/* The positions that a hand-over names: those of its dataset or checkpoint. */
#include <inttypes.h>

#include "repo/select_parts.h"
#include "repo/things.h"
#include "wire/json.h"

int select_handed_over(struct repo *r, struct arena *a, uint64_t id, struct set *s,
		       struct error *e)
{
	struct catalog_thing t, of;
	scoped_json *body = NULL;
	struct dataset d;
	struct model m;
	bool model;

	if (catalog_thing(r->catalog, a, THING_HANDOVER, id, &t, e) < 0)
		return e->code == E_NOT_FOUND ?
			       error_set(e, E_NOT_FOUND, "no hand-over out%" PRIu64, id) :
			       e->code;
	if (json_parse(&body, t.body, strlen(t.body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	model = json_is_true(json_object_get(body, "model"));
	if (catalog_thing(r->catalog, a, model ? THING_MODEL : THING_DATASET, t.owner, &of, e) < 0)
		return e->code;
	if (model)
		return model_named(r, a, of.name, &m, e) < 0 ? e->code :
							       stored_set_load(r, &m.set, s, e);
	return dataset_named(r, a, of.name, &d, e) < 0 ? e->code : stored_set_load(r, &d.set, s, e);
}
