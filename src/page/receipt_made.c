/* Of a receipt's page: what was made of the records, where that runs, who holds it; orders. */
#include <string.h>

#include "page/receipt_page.h"

static const char *state_of(const char *word)
{
	static const struct {
		const char *word, *says;
	} states[] = { { "live", "Kept" }, { "withdrawn", "Withdrawn: may not be used" },
		       { "erased", "Erased" }, { "latest", "Latest version" },
		       { "older", "There is a newer version" }, { "kept", "Kept" } };

	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].says;
	return word;
}

static void made_row(const struct receipt_page *x, const json_t *row)
{
	bool model = strcmp(json_text_or(row, "what", ""), "checkpoint") == 0;

	html_put(x->p.h, "<tr><th scope=\"row\"><bdi>$</bdi>, version $</th><td>$ <span class=\"quiet\">(",
		 json_text_or(row, "name", "?"), html_number(json_number_or(row, "version", 0)).s,
		 model ? "Trained model" : "Dataset");
	receipt_page_uses(x, json_text_or(row, "kind", ""));
	html_put(x->p.h, ")</span></td><td>");
	receipt_page_day(x, row, "made", "?");
	html_put(x->p.h, "</td><td class=\"count\">$ of $</td><td><bdi>$</bdi></td></tr>\n",
		 html_number(json_number_or(row, "records", 0)).s,
		 html_number(json_number_or(row, "of", 0)).s, state_of(json_text_or(row, "state", "")));
}

static void made_table(const struct receipt_page *x)
{
	static const char *const columns[] = { "Name", "What", "Made", "#Of these records", "State", NULL };
	const json_t *row, *list = receipt_page_list(x, "made");
	size_t i;

	if (json_array_size(list) == 0) {
		html_put(x->p.h, "<p>Nothing is known to have been made of these records.</p>\n");
		return;
	}
	receipt_page_table(x, columns);
	json_array_foreach(list, i, row)
		made_row(x, row);
	html_put(x->p.h, "</tbody>\n</table>\n");
}

static void run_row(const struct receipt_page *x, const json_t *row)
{
	const char *endpoint = json_text_or(row, "endpoint", "");

	html_put(x->p.h, "<tr><th scope=\"row\"><bdi>$</bdi></th><td><bdi>$</bdi>",
		 json_text_or(row, "product", "?"), json_text_or(row, "recipient", ""));
	html_put(x->p.h, *endpoint ? " <span class=\"quiet\">at <bdi>$</bdi></span>" : "", endpoint);
	html_put(x->p.h, "</td><td><bdi>$</bdi></td><td>", json_text_or(row, "checkpoint", "?"));
	receipt_page_uses(x, json_text_or(row, "use", "?"));
	html_put(x->p.h, "</td><td>");
	receipt_page_day(x, row, "since", "?");
	html_put(x->p.h, "</td><td>");
	receipt_page_day(x, row, "until",
			 strcmp(json_text_or(row, "checkpoint_state", "live"), "live") == 0 ?
				 "in use" : "not known to have stopped");
	html_put(x->p.h, "</td></tr>\n");
}

static void runs(const struct receipt_page *x)
{
	static const char *const columns[] = { "Product", "With whom", "Model", "For", "Since", "Until",
					       NULL };
	const json_t *row, *list = receipt_page_list(x, "runs");
	size_t i;

	html_put(x->p.h, "<h3>Where that runs</h3>\n");
	if (json_array_size(list) == 0) {
		html_put(x->p.h, "<p>No product is known to use it.</p>\n");
		return;
	}
	receipt_page_table(x, columns);
	json_array_foreach(list, i, row)
		run_row(x, row);
	html_put(x->p.h, "</tbody>\n</table>\n");
}

static void given(const struct receipt_page *x)
{
	const json_t *row, *list = receipt_page_list(x, "given_to");
	size_t i;

	html_put(x->p.h, "<h3>Who was given it</h3>\n");
	if (json_array_size(list) == 0)
		html_put(x->p.h, "<p>Nobody else is known to have been given the records, or what was "
				 "made of them.</p>\n");
	else
		html_put(x->p.h, "<ul>\n");
	json_array_foreach(list, i, row) {
		html_put(x->p.h, "<li><strong><bdi>$</bdi></strong>, since ",
			 json_text_or(row, "to", "somebody who is not known any more"));
		receipt_page_day(x, row, "since", "?");
		html_put(x->p.h, strcmp(json_text_or(row, "how", ""), "deployment") == 0 ?
					 ": a model made with " : ": a copy of ");
		html_count(x->p.h, json_number_or(row, "records", 0), "of these record");
		html_put(x->p.h, " <span class=\"quiet\">(<bdi>$</bdi>)</span></li>\n",
			 json_text_or(row, "by", ""));
	}
	html_put(x->p.h, json_array_size(list) ? "</ul>\n" : "");
}

static void outputs(const struct receipt_page *x)
{
	const json_t *row, *list = receipt_page_list(x, "kept_outputs");
	size_t i;

	html_put(x->p.h, "<h3>What was kept of what a model said</h3>\n");
	html_put(x->p.h, json_array_size(list) ? "<ul>\n" : "<p>Nothing is known to have been "
								"kept.</p>\n");
	json_array_foreach(list, i, row)
		html_put(x->p.h, "<li><bdi>$</bdi> of <bdi>$</bdi>: $</li>\n",
			 json_text_or(row, "kind", "?"), json_text_or(row, "checkpoint", "?"),
			 strcmp(json_text_or(row, "state", ""), "kept") == 0 ? "kept" : "erased");
	html_put(x->p.h, json_array_size(list) ? "</ul>\n" : "");
}

void receipt_page_made(const struct receipt_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s6\">\n<h2 id=\"s6\">6 What was made of "
			 "them</h2>\n");
	made_table(x);
	runs(x);
	given(x);
	outputs(x);
	html_put(x->p.h, "</section>\n");
}

/* --- orders and duties --- */

static const char *order_state(const char *word)
{
	static const struct {
		const char *word, *says;
	} states[] = { { "open", "Opened: every use is denied from then on" },
		       { "planned", "Planned: every use is denied" },
		       { "approved", "Approved: every use is denied" },
		       { "executing", "Being carried out" },
		       { "certified", "Carried out, and certified" },
		       { "refused", "Refused" }, { "held", "Suspended by a duty to keep" } };

	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].says;
	return word;
}

static void order_rows(const struct receipt_page *x, const json_t *list)
{
	static const char *const columns[] = { "Order", "Opened", "#Of these records", "#Erased", "State",
					       NULL };
	const json_t *row;
	size_t i;

	receipt_page_table(x, columns);
	json_array_foreach(list, i, row)
		html_put(x->p.h, "<tr><th scope=\"row\"><bdi>$</bdi></th><td>$</td><td "
				 "class=\"count\">$</td><td class=\"count\">$</td><td><bdi>$</bdi></td>"
				 "</tr>\n",
			 json_text_or(row, "order", "?"),
			 page_time_long(json_text_or(row, "opened", "")).s,
			 html_number(json_number_or(row, "records", 0)).s,
			 html_number(json_number_or(row, "erased", 0)).s,
			 order_state(json_text_or(row, "state", "")));
	html_put(x->p.h, "</tbody>\n</table>\n");
}

void receipt_page_orders(const struct receipt_page *x)
{
	const json_t *orders = receipt_page_list(x, "orders"), *holds = receipt_page_list(x, "holds");

	html_put(x->p.h, "<section aria-labelledby=\"s7\">\n<h2 id=\"s7\">7 Orders to take them back, and "
			 "duties to keep them</h2>\n");
	if (json_array_size(orders) > 0)
		order_rows(x, orders);
	else
		html_put(x->p.h, "<p>No order takes any of them back.</p>\n");
	if (json_array_size(holds) > 0)
		page_list(&x->p, holds, "");
	else
		html_put(x->p.h, "<p>No duty to keep them is known.</p>\n");
	html_put(x->p.h, "</section>\n");
}
