/* Of an attestation's page: how the checkpoint was made, step by step back to the datasets, and
 * what was taken back from it since. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "page/attestation_page.h"

#define DASH "\xe2\x80\x93"

/* --- how it was made --- */

const char *attestation_grade(const struct attestation_page *x, uint64_t n)
{
	static const char *const grades[] = { "unknown", "declared", "observed", "enforced" };
	uint64_t grade = attestation_number(x, n, "grade", 0);

	return grade < COUNT_OF(grades) ? grades[grade] : "unknown";
}

/* Of a dataset or parent: whether it is still in use is the operator's word. */
static const char *state_of(const struct attestation_page *x, uint64_t n)
{
	scoped(buf) *name = page_opened_bytes(&x->p, n, "name");
	scoped(buf) *version = page_opened_bytes(&x->p, n, "version");
	const json_t *row, *list = json_object_get(x->summary, "inputs");
	size_t i;

	json_array_foreach(list, i, row) {
		const char *from = json_text_or(row, "from", "");
		size_t len = name ? name->len : 0;

		if (i == ATTESTATION_ROWS_MAX)
			break;
		if (name && version && strncmp(from, buf_text(name), len) == 0 && from[len] == '@' &&
		    strcmp(from + len + 1, buf_text(version)) == 0)
			return json_text_or(row, "state", "");
	}
	return "";
}

static void input_row(const struct attestation_page *x, const struct attested_fact *made, uint64_t from)
{
	const struct attested_fact *input = attestation_find(x, from);
	bool dataset = input && strcmp(input->type, "dataset") == 0;
	const char *state = dataset ? "" : state_of(x, from);

	html_put(x->p.h, "<tr><td class=\"long\">");
	attestation_label(x, from);
	html_put(x->p.h, " <span class=\"quiet\">($", dataset ? "dataset" : "checkpoint");
	if (*state && strcmp(state, "live") != 0)
		html_put(x->p.h, ", <strong>$</strong>", state);
	html_put(x->p.h, ")</span></td><td class=\"long\">");
	attestation_uses(x, from, "use", DASH);
	html_put(x->p.h, "</td><td class=\"long\">");
	attestation_label(x, made->n);
	html_put(x->p.h, "</td><td>");
	attestation_text(x, made->n, "kind", "?");
	html_put(x->p.h, "</td><td>$</td><td class=\"count\">$</td></tr>\n",
		 attestation_grade(x, made->n),
		 html_number(attestation_number(x, from, "count", 0)).s);
}

static size_t input_rows(const struct attestation_page *x, const struct attested_fact *made)
{
	const json_t *input, *list = json_object_get(made->entry, "inputs");
	size_t i;

	json_array_foreach(list, i, input)
		if (i < ATTESTATION_ROWS_MAX && json_integer_value(input) >= 0)
			input_row(x, made, (uint64_t)json_integer_value(input));
	return json_array_size(list);
}

/* From the checkpoint back to what it began with. */
static size_t steps_back(const struct attestation_page *x)
{
	size_t rows = 0;

	for (size_t i = x->count; i-- > 0 && rows < ATTESTATION_ROWS_MAX;)
		if (strcmp(x->list[i].type, "model") == 0)
			rows += input_rows(x, &x->list[i]);
	return rows;
}

void attestation_made(const struct attestation_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s4\">\n<h2 id=\"s4\">4 How it was made</h2>\n"
			 "<p>From the checkpoint back to what it began with. What each step used was "
			 "logged when it was recorded.</p>\n"
			 "<table class=\"said\">\n<thead><tr><th scope=\"col\">From</th><th "
			 "scope=\"col\">Made for</th><th scope=\"col\">Into</th><th "
			 "scope=\"col\">By</th><th scope=\"col\">Grade</th><th scope=\"col\" "
			 "class=\"count\">Records</th></tr></thead>\n<tbody>\n");
	if (steps_back(x) == 0)
		html_put(x->p.h, "<tr><td colspan=\"6\"><strong>Nobody said what it was made "
				 "of.</strong></td></tr>\n");
	html_put(x->p.h, "</tbody>\n</table>\n<p class=\"note\"><strong>Grades</strong>, from weak to "
			 "strong. <em>Declared</em>: somebody said so. <em>Observed</em>: what the run "
			 "opened was watched. <em>Enforced</em>: the run could open nothing else. Apart "
			 "from these, <em>reproduced</em>: made once more by the key that is named, with "
			 "the same result bit for bit.</p>\n</section>\n");
}

/* --- orders --- */

/* What the operator says beside: a row of the summary with this id. */
static const json_t *row_of(const struct attestation_page *x, const char *id)
{
	const json_t *row, *list = json_object_get(x->summary, "orders");
	size_t i;

	json_array_foreach(list, i, row)
		if (i < ATTESTATION_ROWS_MAX && strcmp(json_text_or(row, "order", ""), id) == 0)
			return row;
	return NULL;
}

static uint64_t certified_of(const struct attestation_page *x, uint64_t order)
{
	const struct attested_fact *f;
	size_t at = 0;

	while ((f = attestation_next(x, "certified", &at)) != NULL)
		if (json_number_or(f->entry, "order", UINT64_MAX) == order)
			return f->n;
	return UINT64_MAX;
}

static void made_cell(const struct attestation_page *x, const json_t *row)
{
	const json_t *made, *list = json_object_get(row, "made");
	size_t i;

	html_put(x->p.h, "<td class=\"long\">");
	json_array_foreach(list, i, made)
		if (i < ATTESTATION_ROWS_MAX && json_is_string(made))
			html_put(x->p.h, i ? ", <bdi>$</bdi>" : "<bdi>$</bdi>", json_string_value(made));
	html_put(x->p.h, json_array_size(list) ? "</td>" : DASH "</td>");
}

static void order_cells(const struct attestation_page *x, const char *id, const char *opened,
			const json_t *row, const char *ended)
{
	const char *what = json_text_or(row, "what", "");

	html_put(x->p.h, "<tr><th scope=\"row\"><bdi>$</bdi></th><td class=\"when\">$</td><td class=\"long\">", id,
		 page_time_short(opened).s);
	if (*what)
		html_put(x->p.h, "<code><bdi>$</bdi></code>", what);
	else
		html_put(x->p.h, "not told: it may name a person");
	html_put(x->p.h, "</td><td class=\"count\">$</td>",
		 row ? html_number(json_number_or(row, "records", 0)).s : "?");
	made_cell(x, row);
	html_put(x->p.h, "<td>$</td></tr>\n", ended);
}

static void shown_order(const struct attestation_page *x, const struct attested_fact *f)
{
	uint64_t certified = certified_of(x, f->n);
	scoped(buf) *id = page_opened_bytes(&x->p, f->n, "id");
	const struct attested_fact *c = attestation_find(x, certified);
	struct page_time when = page_time_short(json_text_or(c ? c->entry : NULL, "at", ""));

	order_cells(x, id ? buf_text(id) : "?", json_text_or(f->entry, "at", ""),
		    row_of(x, id ? buf_text(id) : ""), "certified");
	html_put(x->p.h, "<tr class=\"under\"><td></td><td colspan=\"5\">Certified $; certificate, SHA-256 ",
		 when.s);
	attestation_digests(x, certified, "sha256", "not shown");
	html_put(x->p.h, "</td></tr>\n");
}

static bool is_shown(const struct attestation_page *x, const char *id)
{
	const struct attested_fact *f;
	size_t at = 0;

	while ((f = attestation_next(x, "order", &at)) != NULL)
		if (attestation_is(x, f->n, "id", id))
			return true;
	return false;
}

/* What the facts do not show: carried out otherwise than by taking records out of it, or not yet. */
static size_t other_orders(const struct attestation_page *x)
{
	const json_t *row, *list = json_object_get(x->summary, "orders");
	size_t i, told = 0;

	json_array_foreach(list, i, row) {
		const char *id = json_text_or(row, "order", "?");
		uint64_t holds = json_number_or(row, "holds", 0);

		if (i == ATTESTATION_ROWS_MAX)
			break;
		if (is_shown(x, id))
			continue;
		order_cells(x, id, json_text_or(row, "opened", ""), row, json_text_or(row, "state", "?"));
		html_put(x->p.h, "<tr class=\"under\"><td></td><td colspan=\"5\"><strong>$ of these "
				 "records are in the checkpoint\xe2\x80\x99s set</strong>, the operator "
				 "says.</td></tr>\n", html_number(holds).s);
		told++;
	}
	return told;
}

static size_t all_orders(const struct attestation_page *x)
{
	const struct attested_fact *f;
	size_t at = 0, told = 0;

	while ((f = attestation_next(x, "order", &at)) != NULL)
		if (told++ < ATTESTATION_SOURCES_MAX)
			shown_order(x, f);
	return told + other_orders(x);
}

void attestation_orders(const struct attestation_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s5\">\n<h2 id=\"s5\">5 What was taken back</h2>\n"
			 "<p>Orders that took records out of this checkpoint, or out of what it was made "
			 "of. Of an order that is certified here, the checkpoint\xe2\x80\x99s set is "
			 "proved to hold none of the records (section 6.1, <em>orders</em>).</p>\n"
			 "<table class=\"said\">\n<thead><tr><th scope=\"col\">Order</th><th "
			 "scope=\"col\">Opened, UTC</th><th scope=\"col\">Against</th><th scope=\"col\" "
			 "class=\"count\">Records</th><th scope=\"col\">Made anew</th><th "
			 "scope=\"col\">State</th></tr></thead>\n<tbody>\n");
	if (all_orders(x) == 0)
		html_put(x->p.h, "<tr><td colspan=\"6\">No order has to do with it.</td></tr>\n");
	html_put(x->p.h, "</tbody>\n</table>\n</section>\n");
}
