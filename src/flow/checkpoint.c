#include "flow/checkpoint.h"

#include <stdlib.h>

static const char *const card_names[] = { "weights", "sums" };

/* --- writing --- */

static json_t *field_json(const struct field *f, bool opened, struct error *e)
{
	json_t *o = json_object_make(e);
	struct hash commitment;

	if (!o)
		return NULL;
	json_set_text(o, "field", f->name, e);
	if (opened) {
		json_set_bytes64(o, "salt", f->salt, SALT_LEN, e);
		json_set_bytes64(o, "value", f->value->data, f->value->len, e);
		return o;
	}
	field_commitment(&commitment, f);
	json_set_hash(o, "commitment", &commitment, e);
	return o;
}

static json_t *card_json(const struct checkpoint_words *w, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; list && i < COUNT_OF(card_names); i++) {
		const struct field *f = i < w->card->count ? &w->card->list[i] : NULL;

		if (!f || strcmp(f->name, card_names[i]) != 0 || f->value->len != HASH_LEN) {
			error_set(e, E_FORMAT, "not the card of a checkpoint");
			break;
		}
		json_add_new(list, field_json(f, i == 0 || w->sums, e), e);
	}
	return list;
}

int checkpoint_put(const struct checkpoint_words *w, struct buf *out, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	struct hash digest;

	if (!doc || fields_root(&digest, w->card, e) < 0)
		return e->code;
	json_set_number(doc, "format", 1, e);
	json_set_text(doc, "origin", w->origin, e);
	json_set_number(doc, "fact", w->fact, e);
	json_set_text(doc, "model", w->model, e);
	json_set_number(doc, "version", w->version, e);
	json_set_hash(doc, "digest", &digest, e);
	json_set_new(doc, "card", card_json(w, e), e);
	json_set_new(doc, "recipe", json_deep_copy(w->recipe), e);
	return e->code || json_put(doc, out, e) < 0 ? e->code : buf_put(out, "\n", 1, e);
}

/* --- reading --- */

static int read_bytes(const json_t *o, const char *key, void *ret, size_t len_bytes,
		      struct error *e)
{
	scoped(buf) *b = NULL;

	if (json_get_bytes64(o, key, &b, e) < 0)
		return e->code;
	if (b->len != len_bytes)
		return error_set(e, E_FORMAT, "\"%s\" is not of %zu bytes", key, len_bytes);
	memcpy(ret, b->data, len_bytes);
	return 0;
}

static int read_field(const json_t *o, const char *name, struct card_field *ret, struct error *e)
{
	static const char *const open[] = { "field", "salt", "value", NULL };
	static const char *const shut[] = { "field", "commitment", NULL };
	const char *is;

	if (json_get_text(o, "field", &is, e) < 0)
		return e->code;
	if (strcmp(is, name) != 0)
		return error_set(e, E_FORMAT, "the card has no field \"%s\" there", name);
	ret->opened = !json_object_get(o, "commitment");
	if (json_only(o, ret->opened ? open : shut, e) < 0)
		return e->code;
	if (!ret->opened)
		return json_get_hash(o, "commitment", &ret->commitment, e);
	if (read_bytes(o, "salt", ret->salt, SALT_LEN, e) < 0 ||
	    read_bytes(o, "value", ret->value.b, HASH_LEN, e) < 0)
		return e->code;
	commit_make(&ret->commitment, name, ret->salt, ret->value.b, HASH_LEN);
	return 0;
}

static void card_digest(const struct checkpoint *c, struct hash *ret)
{
	const struct card_field *fields[] = { &c->weights, &c->sums };
	struct tree_edge edge;
	struct hash leaf, root;

	tree_edge_init(&edge);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		tree_leaf(&leaf, fields[i]->commitment.b, HASH_LEN);
		tree_edge_add(&edge, &leaf);
	}
	tree_edge_root(&edge, &root);
	commit_list(ret, COUNT_OF(fields), &root);
}

static int read_card(struct checkpoint *c, struct error *e)
{
	struct hash digest;
	json_t *card;

	if (json_get_array(c->json, "card", &card, e) < 0)
		return e->code;
	if (json_array_size(card) != COUNT_OF(card_names))
		return error_set(e, E_FORMAT, "a card has %zu fields", COUNT_OF(card_names));
	if (read_field(json_array_get(card, 0), card_names[0], &c->weights, e) < 0 ||
	    read_field(json_array_get(card, 1), card_names[1], &c->sums, e) < 0)
		return e->code;
	card_digest(c, &digest);
	return hash_equal(&digest, &c->digest) ?
		       0 :
		       error_set(e, E_MISMATCH, "its card does not lead to its digest");
}

static int read_all(struct checkpoint *c, struct error *e)
{
	static const char *const keys[] = { "card", "digest", "fact", "format", "model", "origin",
					    "recipe", "version", NULL };
	json_t *recipe;
	uint64_t format;

	if (json_only(c->json, keys, e) < 0 || json_get_number(c->json, "format", &format, e) < 0)
		return e->code;
	if (format != 1)
		return error_set(e, E_FORMAT, "of another format");
	if (json_get_text(c->json, "origin", &c->origin, e) < 0 ||
	    json_get_text(c->json, "model", &c->model, e) < 0 ||
	    json_get_number(c->json, "fact", &c->fact, e) < 0 ||
	    json_get_number(c->json, "version", &c->version, e) < 0 ||
	    json_get_hash(c->json, "digest", &c->digest, e) < 0 ||
	    json_get_object(c->json, "recipe", &recipe, e) < 0)
		return e->code;
	c->recipe = recipe;
	return read_card(c, e);
}

int checkpoint_parse(struct checkpoint **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(checkpoint) *c = calloc(1, sizeof(*c));
	const char *text = bytes;

	if (!c)
		return error_set(e, E_MEMORY, "checkpoint.json");
	if (len_bytes > CHECKPOINT_BYTES_MAX)
		return error_set(e, E_RANGE, "checkpoint.json: more than %d bytes", CHECKPOINT_BYTES_MAX);
	if (len_bytes < 2 || text[len_bytes - 1] != '\n')
		return error_set(e, E_FORMAT, "checkpoint.json: no line");
	if (json_parse_canonical(&c->json, bytes, len_bytes - 1, CHECKPOINT_BYTES_MAX, e) < 0 ||
	    read_all(c, e) < 0)
		return error_wrap(e, "checkpoint.json");
	*ret = give(c);
	return 0;
}

void checkpoint_destroy(struct checkpoint *c)
{
	if (!c)
		return;
	json_decref(c->json);
	wipe(c, sizeof(*c));
	free(c);
}

bool card_field_is(const struct card_field *f, const struct hash *sha256)
{
	return f->opened && hash_equal(&f->value, sha256);
}
