/* Every record as a file of its own; and that file as a copy of the record. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/share_parts.h"

struct filing {
	struct sharing *x;
	struct names *names;
	size_t count;
	struct share_list *manifest, *attrs, *subjects; /* the last two: NULL to others */
};

static int meet_source(struct sharing *x, const char *name, struct error *e)
{
	for (size_t i = 0; i < x->source_count; i++)
		if (strcmp(x->sources[i], name) == 0)
			return 0;
	x->sources = arena_grow(x->a, x->sources, sizeof(*x->sources), x->source_count,
				&x->source_cap, e);
	if (!x->sources)
		return e->code;
	x->sources[x->source_count] = arena_text(x->a, name, strlen(name), e);
	return x->sources[x->source_count++] ? 0 : e->code;
}

static int list_attr(struct filing *f, const char *name, const struct field *attr, struct error *e)
{
	const char *text = buf_text(attr->value), *equal = strchr(text, '=');
	char key[256];

	if (!equal || (size_t)(equal - text) >= sizeof(key))
		return 0;
	snprintf(key, sizeof(key), "%.*s", (int)(equal - text), text);
	return share_list_row(f->attrs, (const char *const[]){ name, key, equal + 1 }, 3, e);
}

/* What is said of a record; for ourselves alone. */
struct listing {
	struct filing *f;
	const char *name;
};

static int list_field(void *ctx, const struct field *field, struct error *e)
{
	const struct listing *l = ctx;

	if (strcmp(field->name, "attr") == 0)
		return list_attr(l->f, l->name, field, e);
	return share_list_row(l->f->subjects,
			      (const char *const[]){ l->name, buf_text(field->value) }, 2, e);
}

static int write_record(void *ctx, const struct shared_record *rec, struct error *e)
{
	struct filing *f = ctx;
	struct hash_hex hex = hash_hex(&rec->content);
	char bytes[24];
	const char *name;

	if (names_take(f->names, rec->path, &name, e) < 0 ||
	    outbox_write(f->x->box, name, rec->bytes->data, rec->bytes->len, NULL, e) < 0 ||
	    meet_source(f->x, rec->source, e) < 0)
		return e->code;
	f->x->names[f->count] = arena_text(f->x->a, name, strlen(name), e);
	if (!f->x->names[f->count++])
		return e->code;
	snprintf(bytes, sizeof(bytes), "%zu", rec->bytes->len);
	if (share_list_row(f->manifest, (const char *const[]){ name, hex.s, bytes }, 3, e) < 0)
		return e->code;
	return f->attrs ? share_each_said(f->x, rec, list_field, &(struct listing){ f, name }, e) : 0;
}

static int write_all(struct filing *f, struct error *e)
{
	if (share_each_record(f->x, write_record, f, e) < 0 ||
	    share_list_end(give(f->manifest), &f->x->manifest, e) < 0)
		return e->code;
	if (!f->attrs)
		return 0;
	return share_list_end(give(f->attrs), NULL, e) < 0 ?
		       e->code :
		       share_list_end(give(f->subjects), NULL, e);
}

int share_files(struct sharing *x, struct error *e)
{
	scoped(share_list) *manifest = NULL, *attrs = NULL, *subjects = NULL;
	struct filing f = { .x = x };
	scoped(names) *names = NULL;
	int code;

	x->names = arena_alloc(x->a, (size_t)(set_count(x->set) + 1) * sizeof(*x->names), e);
	if (!x->names || names_create(&names, e) < 0 ||
	    share_list_begin(&manifest, x, "manifest.csv", "path,sha256,bytes\n", e) < 0)
		return e->code;
	if (!x->w->to && (share_list_begin(&attrs, x, "attrs.csv", "path,key,value\n", e) < 0 ||
			  share_list_begin(&subjects, x, "subjects.csv", "path,subject\n", e) < 0))
		return e->code;
	f.names = names;
	f.manifest = give(manifest);
	f.attrs = give(attrs);
	f.subjects = give(subjects);
	code = write_all(&f, e);
	share_list_drop(f.manifest);
	share_list_drop(f.attrs);
	share_list_drop(f.subjects);
	return code;
}

/* --- copies --- */

struct copying {
	struct sharing *x;
	struct change *c;
	struct buf *text;
	size_t count;
};

/* As it is on the card, but for the place. */
static int put_about(struct copying *k, const struct field *of, struct error *e)
{
	const char *folder = outbox_folder(k->x->box);
	size_t len = strlen(folder);
	char hex[2 * PATH_LEN_MAX];
	scoped_json *about = NULL;

	if (json_parse(&about, of->value->data, of->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code;
	json_object_del(about, "origin_hex");
	json_set_new(about, "origin", json_text_lossy(folder, len, e), e);
	if (!utf8_valid(folder, len))
		json_set_text(about, "origin_hex", hex_encode(hex, folder, len), e);
	json_set_bool(about, "in_place", true, e);
	buf_clear(k->text);
	return e->code ? e->code : json_put(about, k->text, e);
}

static int note_copy(struct copying *k, const struct catalog_record *rec, struct error *e)
{
	const struct field *content, *about;
	scoped(fields) *card = NULL, *where = NULL;
	const char *source;

	if (repo_card(k->x->r, rec, false, &card, e) < 0)
		return e->code;
	content = fields_find(card, "content");
	about = fields_find(card, "about");
	source = fields_text(card, "source");
	if (!content || !about || !source)
		return error_set(e, E_FORMAT, "a card without content, source or about");
	if (put_about(k, about, e) < 0 || fields_create(&where, e) < 0 ||
	    fields_add(where, "content", content->value->data, content->value->len, e) < 0 ||
	    fields_add_text(where, "source", source, e) < 0 ||
	    fields_add_text(where, "path", k->x->names[k->count++], e) < 0 ||
	    fields_add(where, "about", k->text->data, k->text->len, e) < 0)
		return e->code;
	return change_copy(k->c, rec->pos, where, e);
}

static int copy_pos(void *ctx, uint64_t pos, struct error *e)
{
	struct copying *k = ctx;
	struct catalog_record rec;

	if (catalog_record(k->x->r->catalog, pos, &rec, e) < 0 || note_copy(k, &rec, e) < 0)
		return error_wrap(e, "record %" PRIu64, pos);
	return task_check(k->x->r->task, e);
}

int share_copies(struct sharing *x, struct change *c, struct error *e)
{
	struct copying k = { .x = x, .c = c };
	scoped(buf) *text = NULL;

	if (!x->names)
		return 0;
	if (buf_create(&text, 512, e) < 0)
		return e->code;
	k.text = text;
	return set_each(x->set, copy_pos, &k, e);
}
