/*
 * The page for people: what a certificate says, in the order in which one asks. It is read by the
 * verifier first, so that the page over a file that does not hold says so at its head.
 */
#include <string.h>

#include "base/text.h"
#include "page/certificate_page.h"
#include "page/page.h"

/* --- letterhead --- */

void page_letterhead(const struct page *p)
{
	page_letter_begin(p, "Certificate of erasure");
	page_letter_row(p, "Order", json_text_or(p->order, "id", ""));
	page_letter_row(p, "Issued", page_time_long(json_text_or(p->predicate, "issued", "")).s);
	page_letter_row(p, "Origin", p->origin);
	page_letter_end(p, "Certified");
}

/* --- summary --- */

static void opened_when(const struct page *p)
{
	scoped_json *fact = page_fact(p, p->opened);

	html_put(p->h, "Order <bdi>$</bdi> was opened on $ (fact $)",
		 json_text_or(p->order, "id", ""), page_time_long(json_text_or(fact, "at", "")).s,
		 html_number(p->opened).s);
}

/* What was demanded, by whom and why. */
static void demanded(const struct page *p)
{
	opened_when(p);
	if (p->withheld) {
		html_put(p->h, ". <strong>What it demands, who demanded it and why are withheld "
			       "here</strong>, as they are where a demand names a person. Whoever "
			       "made it has the words, and can compare the salted hash of them "
			       "below. ");
		return;
	}
	if (!p->words) {
		html_put(p->h, ". What it demands is not shown. ");
		return;
	}
	html_put(p->h, " on the demand of <strong><bdi>$</bdi></strong>. The reason given: "
		       "\xe2\x80\x9c<bdi>$</bdi>\xe2\x80\x9d. It takes back every record that "
		       "<code><bdi>$</bdi></code> picks. ",
		 json_text_or(p->words, "authority", ""), json_text_or(p->words, "reason", ""),
		 json_text_or(p->words, "selector", ""));
}

static void how_many(const struct page *p)
{
	html_put(p->h, "<strong>");
	html_count(p->h, p->taken, "record");
	html_put(p->h, p->taken == 1 ? "</strong> was taken back" : "</strong> were taken back");
	if (p->kept == 0) {
		html_put(p->h, ". ");
		return;
	}
	html_put(p->h, "; ");
	html_count(p->h, p->kept, "more record");
	html_put(p->h, " that the demand names stayed: by the operator\xe2\x80\x99s records, every "
		       "person in them has a grant of their own. ");
}

/* The number of the last fact under the head; "?" when that is no head. */
static struct html_number head_end(const struct page *p)
{
	const char *text = json_text_or(json_object_get(p->predicate, "heads"), "facts", "");
	struct error ignored = { 0 };
	scoped(note) *n = NULL;
	struct head h;

	if (note_parse(&n, text, strlen(text), &ignored) < 0 ||
	    head_parse(&h, n->text, n->text_len, &ignored) < 0 || h.size == 0)
		return (struct html_number){ "?" };
	return html_number(h.size - 1);
}

static void as_of(const struct page *p)
{
	scoped_json *fact = page_fact(p, p->last);

	html_put(p->h, "This order\xe2\x80\x99s last step is fact $ ($). All of this is as of the "
		       "head of the operator\xe2\x80\x99s log in section 8, whose last entry is fact "
		       "$; of what came later it says nothing.",
		 html_number(p->last).s, page_time_long(json_text_or(fact, "at", "")).s,
		 head_end(p).s);
}

/* Positions as text, cut at a comma when there are many. */
static void positions(const struct page *p, const char *title, const char *member)
{
	const char *text = json_text_or(p->predicate, member, "");
	size_t len = strlen(text), cut = len;

	if (len > PAGE_POSITIONS_MAX)
		for (cut = PAGE_POSITIONS_MAX; text[cut] != ','; cut--)
			;
	html_put(p->h, "<tr><th scope=\"row\">$</th><td class=\"numbers\">", title);
	for (size_t i = 0; i < cut; i++) {
		html_text(p->h, text + i, 1);
		if (text[i] == ',')
			html_put(p->h, " ");
	}
	if (len == 0)
		html_put(p->h, "none");
	html_put(p->h, "$</td></tr>\n", cut < len ? ", \xe2\x80\xa6 (all of them are in the "
						    "file)" : "");
}

static void people(const struct page *p)
{
	const json_t *people = json_object_get(json_object_get(p->predicate, "summary"), "people");

	if (!json_is_object(people) || json_object_size(people) == 0)
		return;
	html_put(p->h, "<tr><th scope=\"row\">People</th><td>");
	html_put(p->h, "$ known to the operator can be told; in $ records there are people whom "
		       "nobody has named.</td></tr>\n",
		 html_number(json_number_or(people, "contactable", 0)).s,
		 html_number(json_number_or(people, "not", 0)).s);
}

static void details(const struct page *p)
{
	const char *document = json_text_or(p->words, "document", "");
	const char *what = json_text_or(json_object_get(p->predicate, "summary"), "what", "");

	html_put(p->h, "<table class=\"plain\">\n<caption>The demand</caption>\n<tbody>\n");
	if (strcmp(what, json_text_or(p->words, "selector", "")) != 0)
		html_put(p->h, "<tr><th scope=\"row\">In the operator\xe2\x80\x99s "
			       "words</th><td><bdi>$</bdi></td></tr>\n", what);
	if (p->words)
		html_put(p->h, *document ?
			 "<tr><th scope=\"row\">Document that came with it, "
			 "SHA-256</th><td><code>$</code></td></tr>\n" :
			 "<tr><th scope=\"row\">Document that came with "
			 "it</th><td>none</td></tr>\n",
			 document);
	html_put(p->h, "<tr><th scope=\"row\">Demand, salted "
		       "hash</th><td><code>$</code></td></tr>\n",
		 p->demand);
	positions(p, "Positions taken back", "positions");
	positions(p, "Positions kept", "kept");
	people(p);
	html_put(p->h, "</tbody>\n</table>\n");
}

void page_summary(const struct page *p)
{
	html_put(p->h, "<section aria-labelledby=\"s1\">\n<h2 id=\"s1\">1 Summary</h2>\n"
		       "<p class=\"lead\">");
	demanded(p);
	how_many(p);
	as_of(p);
	html_put(p->h, "</p>\n");
	details(p);
	html_put(p->h, "</section>\n");
}

/* --- reached, and not --- */

static void reached_row(const struct page *p, const json_t *row)
{
	html_put(p->h, "<tr><th scope=\"row\"><bdi>$</bdi></th><td "
		       "class=\"count\">$</td><td><bdi>$</bdi></td><td><bdi>$</bdi></td></tr>\n",
		 json_text_or(row, "kind", ""), html_number(json_number_or(row, "count", 0)).s,
		 json_text_or(row, "how", ""), json_text_or(row, "grade", ""));
}

void page_reached(const struct page *p)
{
	const json_t *list = json_object_get(json_object_get(p->predicate, "summary"), "reached");
	const json_t *row;
	size_t i;

	html_put(p->h, "<section aria-labelledby=\"s2\">\n<h2 id=\"s2\">2 What was reached</h2>\n"
		       "<table class=\"reached\">\n<thead><tr><th scope=\"col\">What</th><th "
		       "scope=\"col\" class=\"count\">Count</th><th scope=\"col\">How</th><th "
		       "scope=\"col\">Grade</th></tr></thead>\n<tbody>\n");
	json_array_foreach(list, i, row)
		reached_row(p, row);
	html_put(p->h, "</tbody>\n</table>\n<p class=\"note\"><strong>Grades</strong>, from weak "
		       "to strong. <em>Declared</em>: somebody said so. <em>Observed</em>: the "
		       "program looked, and this is what it saw. <em>Enforced</em>: the program "
		       "left no other way, within the limits of section 3. Apart from these, "
		       "<em>reproduced</em>: done once more by the key that is named, with the same "
		       "result bit for bit.</p>\n</section>\n");
}

void page_not_reached(const struct page *p)
{
	html_put(p->h, "<section class=\"limits\" aria-labelledby=\"s3\">\n"
		       "<h2 id=\"s3\">3 What was not reached</h2>\n"
		       "<p>The operator says that this certificate does not cover:</p>\n");
	page_list(p, json_object_get(p->predicate, "not_covered"), "Nothing is named here.");
	/* These are ours: the file did not say them. */
	if (json_array_size(p->v->limits) > 0) {
		html_put(p->h, "<p class=\"ask\">The checks of section 4.1 add:</p>\n");
		page_list(p, p->v->limits, "");
	}
	html_put(p->h, "</section>\n");
}

/* --- the page --- */

static void sections(const struct page *p)
{
	page_begin(p, page_style, PAGE_STYLE_PARTS,
		   (const char *const[]){ "Certificate of erasure, order $, $",
					  json_text_or(p->order, "id", ""), p->origin, NULL });
	page_letterhead(p);
	page_summary(p);
	page_reached(p);
	page_not_reached(p);
	page_rests_on(p);
	page_timeline(p);
	page_retained(p);
	page_sanitization(p);
	page_how_to_check(p);
	page_end(p, "certificate");
}

/* --- reading --- */

static int count_positions(const struct page *p, const char *member, uint64_t *ret,
			   struct error *e)
{
	scoped(set) *s = NULL;

	if (set_from_text(&s, json_text_or(p->predicate, member, ""), CERTIFICATE_RUNS_MAX, e) < 0)
		return e->code;
	*ret = set_count(s);
	return 0;
}

static int read_page(struct page *p, const json_t *statement, struct error *e)
{
	const json_t *subject = json_array_get(json_object_get(statement, "subject"), 0), *steps;

	p->order = json_object_get(p->predicate, "order");
	p->demand = json_text_or(json_object_get(subject, "digest"), "sha256", "");
	p->opened = json_number_or(p->order, "opened", 0);
	p->plan_fact = json_number_or(p->order, "plan", 0);
	p->approval = json_number_or(p->order, "approval", 0);
	steps = json_object_get(p->order, "steps");
	p->last = p->approval;
	if (json_array_size(steps) > 0)
		p->last = (uint64_t)json_integer_value(
			json_array_get(steps, json_array_size(steps) - 1));
	p->withheld = page_withheld(p, p->opened, "demand");
	p->words = page_opened(p, p->opened, "demand");
	p->plan = page_opened(p, p->plan_fact, "plan");
	if (count_positions(p, "positions", &p->taken, e) < 0 ||
	    count_positions(p, "kept", &p->kept, e) < 0)
		return e->code;
	page_keys_read(p);
	return 0;
}

static void write_page(const struct page *given, const json_t *statement)
{
	struct page p = *given;

	if (read_page(&p, statement, p.h->e) == 0)
		sections(&p);
	json_decref(p.words);
	json_decref(p.plan);
}

int certificate_html(const void *bytes, size_t len_bytes, struct buf *out, struct error *e)
{
	static const struct page_kind kind = { CERTIFICATE_TYPE, "a certificate", .rests_on = "4",
					       .limits = "3", .how = "8", .write = write_page };

	return page_make(&kind, bytes, len_bytes, out, e);
}
