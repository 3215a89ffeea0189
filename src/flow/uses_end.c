/* Deployments and kept outputs that were ended by hand: noted, and no command is run. */
#include "flow/uses.h"

#include "base/text.h"

static const char by_hand[] = "by hand";

int flow_undeploy_done(struct repo *r, const char *id, json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	struct deployment *list = NULL;
	size_t count = 0, i = 0;

	if (arena_create(&a, e) < 0 || change_begin(&c, r, e) < 0 ||
	    deployments_all(r, a, &list, &count, e) < 0)
		return e->code;
	while (i < count && strcmp(list[i].label, id) != 0)
		i++;
	if (i == count)
		return error_set(e, E_NOT_FOUND, "no deployment \"%.40s\" (rescind deploy ls)", id);
	if (list[i].until_utc_ms != TIME_NONE)
		return error_set(e, E_CONFLICT, "%s is not in use any more", id);
	if (undeploy_in(c, list[i].fact, by_hand, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return flow_deployments(r, id, ret, e);
}

int flow_output_gone(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped(change) *c = NULL;
	scoped(arena) *a = NULL;
	struct output *list = NULL;
	size_t count = 0, i = 0;

	if (arena_create(&a, e) < 0 || change_begin(&c, r, e) < 0 ||
	    outputs_all(r, a, &list, &count, e) < 0)
		return e->code;
	while (i < count && strcmp(list[i].name, name) != 0)
		i++;
	if (i == count)
		return error_set(e, E_NOT_FOUND, "no output \"%.100s\" (rescind output ls)", name);
	if (list[i].gone)
		return error_set(e, E_CONFLICT, "%s is gone already", name);
	if (output_gone_in(c, list[i].fact, by_hand, e) < 0 || change_commit(c, e) < 0)
		return e->code;
	return flow_outputs(r, name, ret, e);
}
