/* The keyed tags of a record, from its card and its copies. */
#include "repo/inside.h"

static int add_tag(struct repo *r, uint8_t kind, const void *value, size_t len, uint64_t pos,
		   struct error *e)
{
	struct tag t;

	repo_tag(r, &t, kind, value, len);
	return catalog_add_tag(r->catalog, kind, &t, pos, e);
}

/* Path, and place (digest, source and path): what tells the same file again. */
static int add_place_tags(struct repo *r, const struct field *content, const char *source,
			  const char *path, uint64_t pos, struct error *e)
{
	struct hash h;
	struct tag t;

	if (!content || content->value->len != HASH_LEN || !source || !path)
		return error_set(e, E_FORMAT, "a card without content, source or path");
	memcpy(h.b, content->value->data, HASH_LEN);
	repo_place_tag(r, &t, &h, source, path);
	if (catalog_add_tag(r->catalog, TAG_PLACE, &t, pos, e) < 0)
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
	const struct field *content = fields_find(card, "content");

	if (add_place_tags(r, content, fields_text(card, "source"), fields_text(card, "path"), pos,
			   e) < 0 ||
	    add_tag(r, TAG_DIGEST, content->value->data, HASH_LEN, pos, e) < 0)
		return e->code;
	return add_said_tags(r, card, pos, e);
}

/* --- copies --- */

/* The folder that a copy was found in, as it is written of it; "" when nothing is. */
static int put_origin(const struct fields *where, struct buf *out, struct error *e)
{
	const struct field *about = fields_find(where, "about");
	scoped_json *j = NULL;
	const char *origin;

	if (!about)
		return 0;
	if (json_parse(&j, about->value->data, about->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	origin = json_text_or(j, "origin_hex", json_text_or(j, "origin", ""));
	return buf_put(out, origin, strlen(origin), e);
}

/* Unlike the place of a file that comes in, with its folder. */
static int copy_place(struct repo *r, const struct fields *where, struct tag *ret,
		      struct error *e)
{
	const struct field *content = fields_find(where, "content");
	const char *source = fields_text(where, "source"), *path = fields_text(where, "path");
	scoped(buf) *origin = NULL;
	struct hash h;

	if (!content || !source || !path)
		return error_set(e, E_FORMAT, "a copy without content, source or path");
	if (buf_create(&origin, 256, e) < 0 || put_origin(where, origin, e) < 0)
		return e->code;
	hash_pieces(&h, (const struct hash_piece[]){ { content->value->data, content->value->len },
						     { source, strlen(source) + 1 },
						     { buf_text(origin), origin->len + 1 },
						     { path, strlen(path) } }, 4);
	repo_tag(r, ret, TAG_PLACE, h.b, HASH_LEN);
	return 0;
}

int copy_tags(struct repo *r, const struct fields *where, uint64_t pos, struct error *e)
{
	struct tag t;

	if (copy_place(r, where, &t, e) < 0 ||
	    catalog_add_tag(r->catalog, TAG_PLACE, &t, pos, e) < 0 ||
	    add_place_tags(r, fields_find(where, "content"), fields_text(where, "source"),
			   fields_text(where, "path"), pos, e) < 0)
		return e->code;
	return add_said_tags(r, where, pos, e);
}

int copy_noted(struct repo *r, const struct fields *where, uint64_t pos, bool *ret,
	       struct error *e)
{
	struct tag t;

	if (copy_place(r, where, &t, e) < 0 ||
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
