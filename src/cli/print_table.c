/* Tables: every row is written twice, once to be measured. */
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"

enum { BAR_CHARS = 10, COLUMNS_MAX = 16 };

struct table {
	struct print *p;
	const json_t *list;
	const struct column *columns;
	const char *depth; /* NULL: no tree */
	size_t count;
	size_t width[COLUMNS_MAX]; /* 0: left out */
	bool right[COLUMNS_MAX];
	struct buf *scratch;
};

static size_t chars(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void put_share(struct print *p, double share)
{
	int full;

	if (!(share >= 0 && share <= 1))
		return;
	/* What is not all must not look like all, and what is something not like nothing. */
	full = share <= 0 ? 0 : share >= 1 ? BAR_CHARS : (int)(share * (double)BAR_CHARS + 0.5);
	full = share > 0 && full < 1 ? 1 : share < 1 && full > BAR_CHARS - 1 ? BAR_CHARS - 1 : full;
	for (int i = 0; i < BAR_CHARS; i++)
		print_put(p, "%s", i < full ? "#" : ".");
	if (share < 1 && share >= 0.9995)
		print_put(p, " >99.9 %%");
	else if (share > 0 && share < 0.0005)
		print_put(p, " < 0.1 %%");
	else
		print_put(p, " %5.1f %%", share * 100);
}

static void put_cell(struct print *p, const struct column *c, const json_t *v)
{
	if (!v)
		return;
	if (c->cell == CELL_SHARE && json_is_number(v))
		put_share(p, json_number_value(v));
	else if (c->cell == CELL_STATE && json_is_string(v))
		print_state(p, json_string_value(v));
	else
		print_member(p, c->key, v);
}

static size_t indent(const struct table *t, const json_t *row)
{
	uint64_t depth = t->depth ? member_number(row, t->depth) : 1;

	return depth > 40 ? 80 : depth > 1 ? 2 * (size_t)(depth - 1) : 0;
}

/* The cell's text into scratch, without colour; its width. */
static size_t measure(struct table *t, size_t i, const json_t *row)
{
	struct print plain = { .text = t->scratch, .e = t->p->e };

	buf_clear(t->scratch);
	put_cell(&plain, &t->columns[i], json_object_get(row, t->columns[i].key));
	return chars(buf_text(t->scratch), t->scratch->len) + (i == 0 ? indent(t, row) : 0);
}

static void measure_all(struct table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		bool number = false;

		t->right[i] = true;
		for (size_t r = 0; r < json_array_size(t->list); r++) {
			const json_t *row = json_array_get(t->list, r);
			const json_t *v = json_object_get(row, t->columns[i].key);
			size_t width = v ? measure(t, i, row) : 0;

			number |= json_is_number(v);
			t->right[i] &= !v || json_is_number(v) || json_is_null(v);
			t->width[i] = width > t->width[i] ? width : t->width[i];
		}
		t->right[i] &= number;
		if (t->width[i] > 0 && strlen(t->columns[i].title) > t->width[i])
			t->width[i] = strlen(t->columns[i].title);
	}
}

static bool is_last(const struct table *t, size_t i)
{
	for (i++; i < t->count; i++)
		if (t->width[i] > 0)
			return false;
	return true;
}

static void put_titles(struct table *t)
{
	bool any = false;

	for (size_t i = 0; i < t->count; i++)
		any |= t->width[i] > 0 && t->columns[i].title[0];
	if (!any)
		return;
	for (size_t i = 0; i < t->count; i++) {
		int pad = (int)(t->width[i] - strlen(t->columns[i].title));
		char title[64] = "";

		if (t->width[i] == 0)
			continue;
		strncpy(title, t->columns[i].title, sizeof(title) - 1);
		for (char *c = title; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		print_put(t->p, "  %*s", t->right[i] ? pad : 0, "");
		print_paint(t->p, PAINT_DIM, title);
		if (!is_last(t, i) && !t->right[i])
			print_put(t->p, "%*s", pad, "");
	}
	print_put(t->p, "\n");
}

/* Cells at the end may be empty. */
static void end_line(struct table *t)
{
	struct buf *b = t->p->text;

	while (b->len > 0 && b->data[b->len - 1] == ' ')
		b->len--;
	print_put(t->p, "\n");
}

static void put_row(struct table *t, const json_t *row)
{
	for (size_t i = 0; i < t->count; i++) {
		size_t pad = t->width[i];

		if (t->width[i] == 0)
			continue;
		pad -= measure(t, i, row);
		print_put(t->p, "  %*s",
			  (int)((i == 0 ? indent(t, row) : 0) + (t->right[i] ? pad : 0)), "");
		put_cell(t->p, &t->columns[i], json_object_get(row, t->columns[i].key));
		if (!is_last(t, i) && !t->right[i])
			print_put(t->p, "%*s", (int)pad, "");
	}
	end_line(t);
}

void print_tree(struct print *p, const json_t *list, const char *depth,
	       const struct column *columns, size_t count)
{
	scoped(buf) *scratch = NULL;
	struct table t = { .p = p, .list = list, .columns = columns, .depth = depth,
			   .count = count < COLUMNS_MAX ? count : COLUMNS_MAX };

	if (p->e->code || json_array_size(list) == 0 || buf_create(&scratch, 256, p->e) < 0)
		return;
	t.scratch = scratch;
	measure_all(&t);
	put_titles(&t);
	for (size_t r = 0; r < json_array_size(list); r++)
		put_row(&t, json_array_get(list, r));
}

void print_table(struct print *p, const json_t *list, const struct column *columns, size_t count)
{
	print_tree(p, list, NULL, columns, count);
}
