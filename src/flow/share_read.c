/* What a hand-over reads of the records, and the lists that it writes beside them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "flow/share_parts.h"

/* --- records --- */

struct reading {
	struct sharing *x;
	struct buf *bytes;
	int (*each)(void *ctx, const struct shared_record *rec, struct error *e);
	void *ctx;
};

static int check_content(const struct shared_record *s, const struct field *content,
			 struct error *e)
{
	struct hash is;

	hash_bytes(&is, s->bytes->data, s->bytes->len);
	if (content->value->len == HASH_LEN && memcmp(content->value->data, is.b, HASH_LEN) == 0)
		return 0;
	return error_set(e, E_MISMATCH, "its bytes are not those of its card (rescind fsck --deep)");
}

static int read_record(struct reading *g, const struct catalog_record *rec, struct error *e)
{
	struct shared_record s = { .pos = rec->pos, .bytes = g->bytes };
	const struct field *content, *about;
	scoped(fields) *card = NULL;
	scoped_json *j = NULL;

	buf_clear(g->bytes);
	if (repo_card(g->x->r, rec, true, &card, e) < 0 ||
	    repo_bytes(g->x->r, rec, g->bytes, e) < 0)
		return e->code;
	content = fields_find(card, "content");
	about = fields_find(card, "about");
	s.source = fields_text(card, "source");
	s.path = fields_text(card, "path");
	if (!content || !about || !s.source || !s.path)
		return error_set(e, E_FORMAT, "a card without content, source, path or about");
	if (json_parse(&j, about->value->data, about->value->len, FIELD_VALUE_MAX, e) < 0 ||
	    check_content(&s, content, e) < 0)
		return e->code;
	s.card = card;
	s.media = json_text_or(j, "media", "");
	memcpy(s.content.b, content->value->data, HASH_LEN);
	return g->each(g->ctx, &s, e);
}

static int read_pos(void *ctx, uint64_t pos, struct error *e)
{
	struct reading *g = ctx;
	struct catalog_record rec;

	if (catalog_record(g->x->r->catalog, pos, &rec, e) < 0)
		return e->code;
	if (rec.status == RECORD_ERASED)
		return error_set(e, E_CONFLICT, "record %" PRIu64 " was erased just now: nothing is handed over",
				 pos);
	if (read_record(g, &rec, e) < 0)
		return error_wrap(e, "record %" PRIu64, pos);
	return task_step(g->x->r->task, 1, e);
}

/* One after the other, by position: a walk of the catalog would keep everybody else from
 * committing until the last file is written. */
int share_each_record(struct sharing *x,
		      int (*each)(void *ctx, const struct shared_record *rec, struct error *e),
		      void *ctx, struct error *e)
{
	struct reading g = { .x = x, .each = each, .ctx = ctx };
	scoped(buf) *bytes = NULL;

	if (buf_create(&bytes, 1 << 16, e) < 0)
		return e->code;
	g.bytes = bytes;
	task_phase(x->r->task, "records", set_count(x->set));
	return set_each(x->set, read_pos, &g, e);
}

/* --- parts --- */

int share_add_part(struct sharing *x, const char *name, const struct hash *sha256, uint64_t bytes,
		   uint64_t first, uint64_t last, struct error *e)
{
	struct handed_part *p;

	x->parts = arena_grow(x->a, x->parts, sizeof(*x->parts), x->part_count, &x->part_cap, e);
	if (!x->parts)
		return e->code;
	p = &x->parts[x->part_count++];
	*p = (struct handed_part){ .bytes = bytes, .first = first, .last = last };
	handover_digest(x->r, &p->digest, sha256);
	p->name = arena_text(x->a, name, strlen(name), e);
	return p->name ? 0 : e->code;
}

/* --- lists --- */

struct share_list {
	struct sharing *x;
	const char *name;
	struct outfile *file;
	struct buf *row;
};

int share_list_begin(struct share_list **ret, struct sharing *x, const char *name,
		     const char *header, struct error *e)
{
	scoped(share_list) *l = calloc(1, sizeof(*l));

	if (!l)
		return error_set(e, E_MEMORY, "out of memory");
	l->x = x;
	l->name = name;
	if (buf_create(&l->row, 256, e) < 0 || outbox_begin(x->box, name, &l->file, e) < 0 ||
	    outfile_add(l->file, header, strlen(header), e) < 0)
		return e->code;
	*ret = give(l);
	return 0;
}

static int put_cell(struct buf *b, const char *text, struct error *e)
{
	if (!strpbrk(text, ",\"\r\n"))
		return buf_put(b, text, strlen(text), e);
	if (buf_put_u8(b, '"', e) < 0)
		return e->code;
	for (; *text; text++)
		if ((*text == '"' && buf_put_u8(b, '"', e) < 0) || buf_put(b, text, 1, e) < 0)
			return e->code;
	return buf_put_u8(b, '"', e);
}

int share_list_row(struct share_list *l, const char *const *cells, size_t count, struct error *e)
{
	buf_clear(l->row);
	for (size_t i = 0; i < count; i++)
		if (put_cell(l->row, cells[i], e) < 0 ||
		    buf_put_u8(l->row, i + 1 < count ? ',' : '\n', e) < 0)
			return e->code;
	return outfile_add(l->file, l->row->data, l->row->len, e);
}

int share_list_end(struct share_list *l, struct hash *ret, struct error *e)
{
	struct hash sha256 = { 0 };
	uint64_t bytes = 0;
	int code = outfile_end(give(l->file), &sha256, &bytes, e);

	if (code == 0)
		code = share_add_part(l->x, l->name, &sha256, bytes, l->x->first, l->x->last, e);
	if (code == 0 && ret)
		*ret = sha256;
	share_list_drop(l);
	return code;
}

void share_list_drop(struct share_list *l)
{
	if (!l)
		return;
	outfile_drop(l->file);
	buf_destroy(l->row);
	free(l);
}

struct saying {
	struct arena *a;
	json_t *seen; /* by "NAME VALUE" */
	int (*each)(void *ctx, const struct field *f, struct error *e);
	void *ctx;
};

static int say_once(void *ctx, const struct field *f, struct error *e)
{
	struct saying *s = ctx;
	const char *what = arena_printf(s->a, e, "%s %s", f->name, buf_text(f->value));

	if (!what)
		return e->code;
	if (json_object_get(s->seen, what))
		return 0;
	json_set_bool(s->seen, what, true, e);
	return e->code ? e->code : s->each(s->ctx, f, e);
}

int share_each_said(struct sharing *x, const struct shared_record *rec,
		    int (*each)(void *ctx, const struct field *f, struct error *e), void *ctx,
		    struct error *e)
{
	scoped_json *seen = json_object_make(e);
	scoped(arena) *a = NULL;
	struct saying s = { .seen = seen, .each = each, .ctx = ctx };

	if (!seen || arena_create(&a, e) < 0)
		return e->code;
	s.a = a;
	return repo_said(x->r, rec->pos, rec->card, say_once, &s, e);
}
