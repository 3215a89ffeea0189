/* Facts about keys, sources, terms, transfers and grants. */
#include "base/text.h"
#include "repo/fold_rows.h"

int fold_init(struct folding *x, struct error *e)
{
	return catalog_set_number(x->r->catalog, "solo",
				  json_is_true(json_object_get(x->entry, "solo")), e);
}

/* The name goes to the latest key of a role; the row of the one before keeps its role in the body,
 * since what it signed is still to be checked. */
static int retire_key(struct folding *x, const char *role, struct error *e)
{
	struct catalog_thing t;

	if (catalog_thing_named(x->r->catalog, x->a, THING_KEY, role, &t, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	t.name = "";
	return catalog_put_thing(x->r->catalog, &t, e);
}

int fold_key(struct folding *x, struct error *e)
{
	const char *role = x->f ? fields_text(x->f, "role") : NULL, *key;
	scoped_json *body = json_object_make(e);

	if (!body || json_get_text(x->entry, "key", &key, e) < 0)
		return e->code;
	json_set_text(body, "key", key, e);
	if (role)
		json_set_text(body, "role", role, e);
	if (e->code || (role && retire_key(x, role, e) < 0))
		return e->code;
	return fold_new(x, THING_KEY, "key", role, NULL, 0, 0, body, e);
}

int fold_source(struct folding *x, struct error *e)
{
	const char *name = x->f ? fields_text(x->f, "name") : NULL;
	scoped_json *body = json_object_make(e);
	struct tag tag;

	if (!body || fold_tag(x, "source", &tag, e) < 0)
		return e->code;
	fold_text(x, body, "kind", e);
	fold_text(x, body, "people", e);
	return e->code ? e->code :
			 fold_new(x, THING_SOURCE, "source", name, &tag, 0, 0, body, e);
}

int fold_terms(struct folding *x, struct error *e)
{
	scoped_json *body = json_object_make(e);
	struct catalog_thing source;
	uint64_t version;

	if (!body || fold_by_tag(x, THING_SOURCE, "source", &source, e) < 0 ||
	    json_get_number(x->entry, "version", &version, e) < 0)
		return e->code;
	json_set_number(body, "version", version, e);
	fold_text(x, body, "licence", e);
	fold_text(x, body, "allow", e);
	fold_text(x, body, "deny", e);
	fold_text(x, body, "basis", e);
	fold_time(x, body, "from", e);
	fold_time(x, body, "until", e);
	return e->code ? e->code :
			 fold_new(x, THING_TERMS, "terms", NULL, NULL, source.id, 0, body, e);
}

int fold_transfer(struct folding *x, struct error *e)
{
	scoped_json *body = json_object_make(e);
	struct catalog_thing source;
	struct tag tag;

	if (!body || fold_by_tag(x, THING_SOURCE, "source", &source, e) < 0 ||
	    fold_tag(x, "transfer", &tag, e) < 0)
		return e->code;
	fold_text(x, body, "uses", e);
	fold_text(x, body, "notified", e);
	fold_time(x, body, "date", e);
	return e->code ? e->code :
			 fold_new(x, THING_TRANSFER, "t", NULL, &tag, source.id, 0, body, e);
}

/* What a correction says replaces what was said; what it does not name stays. */
int fold_correction(struct folding *x, struct error *e)
{
	struct catalog_thing transfer;
	scoped_json *body = NULL;

	if (fold_by_tag(x, THING_TRANSFER, "transfer", &transfer, e) < 0 ||
	    fold_body(&transfer, &body, e) < 0)
		return e->code;
	fold_text(x, body, "uses", e);
	fold_text(x, body, "notified", e);
	return e->code ? e->code : fold_again(x, &transfer, transfer.state, body, e);
}

int fold_grant(struct folding *x, struct error *e)
{
	const char *subject = x->f ? fields_text(x->f, "subject") : NULL;
	const char *source = x->f ? fields_text(x->f, "source") : NULL;
	scoped_json *body = json_object_make(e);
	struct catalog_thing owner = { 0 };
	struct tag tag = { 0 };

	if (!body)
		return e->code;
	if (source && catalog_thing_named(x->r->catalog, x->a, THING_SOURCE, source, &owner, e) < 0)
		return e->code;
	if (subject)
		repo_tag(x->r, &tag, TAG_SUBJECT, subject, strlen(subject));
	fold_text(x, body, "uses", e);
	fold_text(x, body, "basis", e);
	fold_time(x, body, "from", e);
	fold_time(x, body, "until", e);
	json_set_bool(body, "explicit",
		      x->f && fields_text(x->f, "explicit") &&
			      strcmp(fields_text(x->f, "explicit"), "yes") == 0, e);
	return e->code ? e->code : fold_new(x, THING_GRANT, "g", NULL, &tag, owner.id, 0, body, e);
}

/* One field "grant" for each grant that ends. */
int fold_withdrawal(struct folding *x, struct error *e)
{
	for (size_t i = 0; x->f && i < x->f->count; i++) {
		struct catalog_thing grant;
		scoped_json *body = NULL;

		if (strcmp(x->f->list[i].name, "grant") != 0)
			continue;
		if (catalog_thing_named(x->r->catalog, x->a, THING_GRANT,
					buf_text(x->f->list[i].value), &grant, e) < 0 ||
		    fold_body(&grant, &body, e) < 0)
			return e->code;
		json_set_bool(body, "withdrawn", true, e);
		if (e->code || fold_again(x, &grant, grant.state, body, e) < 0)
			return e->code;
	}
	return 0;
}
