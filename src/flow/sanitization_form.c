#include "flow/sanitization_form.h"

#include "base/file.h"
#include "flow/media_found.h"
#include "proof/signoff.h"

/* ---- reading ---- */

/* An object with none but these members, each a text that is shown as it is. keys: NULL-ended. */
static int read_texts(const json_t *o, const char *const *keys, struct error *e)
{
	const char *text = "";

	if (!json_is_object(o))
		return error_set(e, E_FORMAT, "not an object");
	if (json_only(o, keys, e) < 0)
		return e->code;
	for (; *keys; keys++)
		if (json_object_get(o, *keys) &&
		    (json_get_text(o, *keys, &text, e) < 0 ||
		     signoff_text_check(*keys, text, SIGNOFF_TEXT_MAX, e) < 0))
			return e->code;
	return 0;
}

static int read_rows(const json_t *o, const char *key, const char *const *keys, struct error *e)
{
	const json_t *list = json_object_get(o, key);
	size_t count = json_array_size(list);

	if (list && !json_is_array(list))
		return error_set(e, E_FORMAT, "%s: not a list", key);
	if (count > SANITIZATION_ROWS_MAX)
		return error_set(e, E_RANGE, "%s: more than %d", key, SANITIZATION_ROWS_MAX);
	for (size_t i = 0; i < count; i++)
		if (read_texts(json_array_get(list, i), keys, e) < 0)
			return error_wrap(e, "%s[%zu]", key, i);
	return 0;
}

static int read_people(const json_t *o, struct error *e)
{
	static const char *const who[] = { "performed", "verified", "validated", NULL };
	static const char *const keys[] = { "name", "title", "organisation", "location", "contact",
					    NULL };
	const json_t *people = json_object_get(o, "people");

	if (!people)
		return 0;
	if (!json_is_object(people))
		return error_set(e, E_FORMAT, "people: not an object");
	if (json_only(people, who, e) < 0)
		return error_wrap(e, "people");
	for (size_t i = 0; who[i]; i++) {
		const json_t *one = json_object_get(people, who[i]);

		if (one && read_texts(one, keys, e) < 0)
			return error_wrap(e, "people: %s", who[i]);
	}
	return 0;
}

static int read_form(const json_t *o, struct error *e)
{
	static const char *const all[] = { "media", "confidentiality", "destination", "backups",
					   "people", NULL };
	static const char *const media[] = { "holds", "vendor", "model", "serial", "assetId",
					     "type", "source", NULL };
	static const char *const backups[] = { "location", "until", "covered", NULL };
	const json_t *confidentiality = json_object_get(o, "confidentiality");
	const char *text = "";

	if (!json_is_object(o))
		return error_set(e, E_FORMAT, "not an object");
	if (json_only(o, all, e) < 0 || read_rows(o, "media", media, e) < 0 ||
	    read_rows(o, "backups", backups, e) < 0 || read_people(o, e) < 0)
		return e->code;
	if (confidentiality &&
	    read_texts(confidentiality, (const char *const[]){ "pre", "post", NULL }, e) < 0)
		return error_wrap(e, "confidentiality");
	if (!json_object_get(o, "destination"))
		return 0;
	if (json_get_text(o, "destination", &text, e) < 0)
		return e->code;
	return signoff_text_check("destination", text, SIGNOFF_TEXT_MAX, e);
}

int sanitization_form_parse(json_t **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped_json *o = NULL;

	if (json_parse(&o, bytes, len_bytes, SANITIZATION_FORM_MAX, e) < 0 || read_form(o, e) < 0)
		return e->code;
	*ret = give(o);
	return 0;
}

/* ---- of a repository ---- */

int sanitization_form_load(struct repo *r, json_t **ret, struct error *e)
{
	scoped(buf) *b = NULL;
	json_t *none;

	if (keydir_read(&r->keys, SANITIZATION_FORM, SANITIZATION_FORM_MAX, &b, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		none = json_object_make(e);
		if (none)
			*ret = none;
		return e->code;
	}
	if (sanitization_form_parse(ret, b->data, b->len, e) < 0)
		return error_wrap(e, "%s in the keys directory", SANITIZATION_FORM);
	return 0;
}

int sanitization_media(struct repo *r, const json_t *form, json_t **ret, struct error *e)
{
	const struct media_folder folders[] = { { r->folder, "repository" }, { r->keys.path, "keys" },
						{ r->keys.mirror, "mirror of the keys" } };
	const json_t *stated = json_object_get(form, "media");

	if (!stated)
		return media_found(folders, r->keys.mirror[0] ? 3 : 2, "/sys", ret, e);
	*ret = json_deep_copy(stated);
	return *ret ? 0 : error_set(e, E_MEMORY, "out of memory");
}

static int keep(struct repo *r, const char *path, struct error *e)
{
	scoped_json *form = NULL;
	scoped(buf) *b = NULL;

	if (file_read(path, SANITIZATION_FORM_MAX, &b, e) < 0)
		return e->code;
	if (sanitization_form_parse(&form, b->data, b->len, e) < 0)
		return error_wrap(e, "%s", path);
	if (repo_lock(r, e) < 0)
		return e->code;
	return keydir_write(&r->keys, SANITIZATION_FORM, b->data, b->len, e);
}

int flow_sanitization(struct repo *r, const char *path, json_t **ret, struct error *e)
{
	scoped_json *form = NULL, *doc = NULL;
	json_t *media = NULL;

	if ((path && keep(r, path, e) < 0) || sanitization_form_load(r, &form, e) < 0 ||
	    sanitization_media(r, form, &media, e) < 0)
		return e->code;
	doc = json_object_make(e);
	json_set_new(doc, "media", media, e);
	json_set_new(doc, "form", json_incref(form), e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}
