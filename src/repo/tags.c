/* The keyed tags of a record, from its card. */
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

int card_tags(struct repo *r, const struct fields *card, uint64_t pos, struct error *e)
{
	const struct field *content = fields_find(card, "content");

	if (add_place_tags(r, content, fields_text(card, "source"), fields_text(card, "path"), pos,
			   e) < 0 ||
	    add_tag(r, TAG_DIGEST, content->value->data, HASH_LEN, pos, e) < 0)
		return e->code;
	for (size_t i = 0; i < card->count; i++) {
		const struct field *f = &card->list[i];
		uint8_t kind = strcmp(f->name, "subject") == 0 ? TAG_SUBJECT :
			       strcmp(f->name, "attr") == 0    ? TAG_ATTR :
								 0;

		if (kind && add_tag(r, kind, f->value->data, f->value->len, pos, e) < 0)
			return e->code;
	}
	return 0;
}


int copy_tags(struct repo *r, const struct fields *where, uint64_t pos, struct error *e)
{
	return add_place_tags(r, fields_find(where, "content"), fields_text(where, "source"),
			      fields_text(where, "path"), pos, e);
}
