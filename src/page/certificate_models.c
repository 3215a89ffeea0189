/* Of the page: what the checkpoints that were made anew rest on. The operator's words, which no
 * check looks at: they may have any shape. */
#include <string.h>

#include "page/certificate_page.h"

/* A text or a number; what is neither is not stated. */
static void cell(const struct page *p, const json_t *row, const char *member)
{
	const json_t *v = json_object_get(row, member);
	json_int_t n = json_integer_value(v);

	if (json_is_integer(v) && n >= 0)
		html_put(p->h, "<td>$</td>", html_number((uint64_t)n).s);
	else
		html_put(p->h, "<td><bdi>$</bdi></td>",
			 json_is_string(v) ? json_string_value(v) : "\xe2\x80\x93");
}

static void record_row(const struct page *p, const json_t *row)
{
	static const char *const members[] = { "terms", "licence", "basis", "transfer" };

	html_put(p->h, "<tr><th scope=\"row\"><bdi>$</bdi></th>", json_text_or(row, "source", ""));
	for (size_t i = 0; i < COUNT_OF(members); i++)
		cell(p, row, members[i]);
	html_put(p->h, "<td class=\"count\">$</td></tr>\n",
		 html_number(json_number_or(row, "count", 0)).s);
}

/* Who trained it again, or that nobody did. */
static void by_whom(const struct page *p, const json_t *model)
{
	const json_t *key, *keys = json_object_get(model, "reproduced_by");
	size_t i;

	if (json_array_size(keys) == 0) {
		html_put(p->h, "Grade: <bdi>$</bdi>; it was not trained again.",
			 json_text_or(model, "grade", ""));
		return;
	}
	html_put(p->h, "Grade: <bdi>$</bdi>; trained again, with the same result bit for bit, by ",
		 json_text_or(model, "grade", ""));
	json_array_foreach(keys, i, key) {
		const char *is = json_is_string(key) ? json_string_value(key) : "?";

		html_put(p->h, i ? ", " : "");
		if (strcmp(is, json_text_or(model, "made_by", "")) == 0)
			html_put(p->h, "the operator\xe2\x80\x99s own key, which made it the first time, ");
		html_put(p->h, "<code><bdi>$</bdi></code>", is);
	}
	html_put(p->h, ".");
}

static void one_model(const struct page *p, const json_t *model)
{
	const json_t *row, *rows = json_object_get(model, "record");
	uint64_t fact = json_number_or(model, "fact", 0);
	size_t i;

	html_put(p->h, "<p><strong><bdi>$</bdi></strong>", json_text_or(model, "new", ""));
	if (fact)
		html_put(p->h, " (fact $)", html_number(fact).s);
	html_put(p->h, " has taken the place of <strong><bdi>$</bdi></strong>. It rests on ",
		 json_text_or(model, "old", ""));
	html_count(p->h, json_number_or(model, "records", 0), "record");
	html_put(p->h, ". ");
	by_whom(p, model);
	html_put(p->h, "</p>\n<table class=\"record\">\n<thead><tr><th scope=\"col\">Source</th><th "
		       "scope=\"col\">Terms</th><th scope=\"col\">Licence</th><th "
		       "scope=\"col\">Basis</th><th scope=\"col\">Transfer</th><th scope=\"col\" "
		       "class=\"count\">Records</th></tr></thead>\n<tbody>\n");
	json_array_foreach(rows, i, row)
		record_row(p, row);
	html_put(p->h, "</tbody>\n</table>\n");
}

void page_models(const struct page *p)
{
	const json_t *model;
	const json_t *list = json_object_get(json_object_get(p->predicate, "summary"), "models");
	size_t i;

	if (json_array_size(list) == 0)
		return;
	html_put(p->h, "<section aria-labelledby=\"s61\">\n<h3 id=\"s61\">6.1 What the new "
		       "checkpoints rest on</h3>\n<p class=\"ask\">This is the operator\xe2\x80\x99s "
		       "word: no check compares it with anything. The numbers of terms are the "
		       "versions that each source\xe2\x80\x99s records came under.</p>\n");
	json_array_foreach(list, i, model)
		one_model(p, model);
	html_put(p->h, "</section>\n");
}
