/* The keyed tags of a record, from its card and its copies. */
#include "base/text.h"
#include "repo/inside.h"

static int add_tag(struct repo *r, uint8_t kind, const void *value, size_t len, uint64_t pos,
		   struct error *e)
{
	struct tag t;

	repo_tag(r, &t, kind, value, len);
	return catalog_add_tag(r->catalog, kind, &t, pos, e);
}

int card_folder(const struct fields *where, char ret[PATH_LEN_MAX], bool *ret_in_place,
		struct error *e)
{
	const struct field *about = fields_find(where, "about");
	const char *origin, *hex;
	scoped_json *j = NULL;
	size_t len;

	ret[0] = '\0';
	*ret_in_place = false;
	if (!about)
		return 0;
	if (json_parse(&j, about->value->data, about->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	*ret_in_place = json_is_true(json_object_get(j, "in_place"));
	origin = json_text_or(j, "origin", "");
	hex = json_text_or(j, "origin_hex", "");
	len = *hex ? strlen(hex) / 2 : strlen(origin);
	if (len >= PATH_LEN_MAX)
		return error_set(e, E_FORMAT, "a folder with a name that is too long");
	ret[len] = '\0';
	if (*hex)
		return hex_decode(ret, len, hex, e);
	memcpy(ret, origin, len);
	return 0;
}

/* Place (digest, source, folder and path, in place or not): what tells the same file again. */
static int place_tag(struct repo *r, const struct fields *where, struct tag *ret, struct error *e)
{
	const struct field *content = fields_find(where, "content");
	const char *source = fields_text(where, "source"), *path = fields_text(where, "path");
	char origin[PATH_LEN_MAX];
	bool in_place;
	struct hash h;

	if (!content || content->value->len != HASH_LEN || !source || !path)
		return error_set(e, E_FORMAT, "a card without content, source or path");
	if (card_folder(where, origin, &in_place, e) < 0)
		return e->code;
	memcpy(h.b, content->value->data, HASH_LEN);
	repo_place_tag(r, ret, &h, source, origin, path, in_place);
	return 0;
}

static int add_place_tags(struct repo *r, const struct fields *where, uint64_t pos, struct error *e)
{
	const char *path = fields_text(where, "path");
	struct tag t;

	if (place_tag(r, where, &t, e) < 0 ||
	    catalog_add_tag(r->catalog, TAG_PLACE, &t, pos, e) < 0)
		return e->code;
	return add_tag(r, TAG_PATH, path, strlen(path), pos, e);
}

/* The kind of tag that a field is; 0: none. */
static uint8_t kind_of(const struct field *f)
{
	return strcmp(f->name, "subject") == 0 ? TAG_SUBJECT :
	       strcmp(f->name, "attr") == 0    ? TAG_ATTR :
						 0;
}

/* Who is on it, and what is known of it. */
static int add_said_tags(struct repo *r, const struct fields *said, uint64_t pos, struct error *e)
{
	for (size_t i = 0; i < said->count; i++) {
		const struct field *f = &said->list[i];
		uint8_t kind = kind_of(f);

		if (kind && add_tag(r, kind, f->value->data, f->value->len, pos, e) < 0)
			return e->code;
	}
	return 0;
}

int card_tags(struct repo *r, const struct fields *card, uint64_t pos, struct error *e)
{
	if (add_place_tags(r, card, pos, e) < 0 ||
	    add_tag(r, TAG_DIGEST, fields_find(card, "content")->value->data, HASH_LEN, pos, e) < 0)
		return e->code;
	return add_said_tags(r, card, pos, e);
}

/* --- copies --- */

int copy_tags(struct repo *r, const struct fields *where, uint64_t pos, struct error *e)
{
	return add_place_tags(r, where, pos, e) < 0 ? e->code : add_said_tags(r, where, pos, e);
}

int copy_noted(struct repo *r, const struct fields *where, uint64_t pos, bool *ret,
	       struct error *e)
{
	struct tag t;

	if (place_tag(r, where, &t, e) < 0 ||
	    catalog_has_tag(r->catalog, TAG_PLACE, &t, pos, ret, e) < 0)
		return e->code;
	for (size_t i = 0; i < where->count && *ret; i++) {
		const struct field *f = &where->list[i];
		uint8_t kind = kind_of(f);

		if (!kind)
			continue;
		repo_tag(r, &t, kind, f->value->data, f->value->len);
		if (catalog_has_tag(r->catalog, kind, &t, pos, ret, e) < 0)
			return e->code;
	}
	return 0;
}
