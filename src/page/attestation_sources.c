/* Of an attestation's page: where the data comes from, source by source, as it was said when it came
 * and opened from the log. How many records of each are in the checkpoint is the operator's word. */
#include <string.h>

#include "base/text.h"
#include "page/attestation_page.h"

#define DASH "\xe2\x80\x93"

/* A source, and what it is called: rows of the summary are told by that. */
struct telling {
	const struct attestation_page *x;
	const struct attested_fact *source;
	const char *name;
};

/* --- how many --- */

static bool is_of(const struct telling *t, const json_t *row)
{
	return strcmp(json_text_or(row, "source", ""), t->name) == 0;
}

/* by NULL: however they came; version 0: on whatever terms. */
static uint64_t count(const struct telling *t, const char *by, uint64_t version, const char *member)
{
	const json_t *row;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(t->x->sources, i, row) {
		const json_t *terms = json_object_get(row, "terms");
		const json_t *transfer = json_object_get(row, "transfer");
		uint64_t n = json_number_or(row, member, 0);

		if (i == ATTESTATION_ROWS_MAX)
			break;
		if (is_of(t, row) && sum + n >= sum &&
		    (!by || strcmp(json_text_or(transfer, "transfer", ""), by) == 0) &&
		    (!version || json_number_or(terms, "version", 0) == version))
			sum += n;
	}
	return sum;
}

static void count_cell(const struct telling *t, const char *by, uint64_t version)
{
	html_put(t->x->p.h, "<td class=\"count\">$</td>",
		 html_number(count(t, by, version, "records")).s);
}

/* --- words --- */

static const char *word_of(const struct attestation_page *x, uint64_t n, const char *field,
			   const char *const words[][2], size_t words_count)
{
	for (size_t i = 0; i < words_count; i++)
		if (attestation_is(x, n, field, words[i][0]))
			return words[i][1];
	return NULL;
}

static void in_words(const struct attestation_page *x, uint64_t n, const char *field,
		     const char *const words[][2], size_t words_count)
{
	const char *word = word_of(x, n, field, words, words_count);

	if (word)
		html_put(x->p.h, "$", word);
	else
		attestation_text(x, n, field, "not stated");
}

static void kind(const struct attestation_page *x, uint64_t n)
{
	static const char *const words[][2] = {
		{ "partner", "Handed over by a partner" },
		{ "upload", "Uploaded by the people themselves" },
		{ "scrape", "Collected from the web" },
		{ "licensed", "Licensed" },
		{ "public", "Public" },
		{ "synthetic", "Synthetic" },
	};

	in_words(x, n, "kind", words, COUNT_OF(words));
}

static void people(const struct attestation_page *x, uint64_t n)
{
	static const char *const words[][2] = {
		{ "none", "None, the operator says" },
		{ "personal", "Personal data of people" },
		{ "biometric", "Biometric data of people; this is also what is taken where nobody said" },
	};

	in_words(x, n, "people", words, COUNT_OF(words));
}

static const char *told(const struct attestation_page *x, uint64_t n)
{
	static const char *const words[][2] = {
		{ "yes", "Yes" }, { "no", "No" }, { "unknown", "Not known" },
	};
	const char *word = word_of(x, n, "notified", words, COUNT_OF(words));

	return word ? word : "Not stated";
}

/* --- terms --- */

static void valid(const struct attestation_page *x, uint64_t n)
{
	bool from = attestation_has(x, n, "from"), until = attestation_has(x, n, "until");

	if (!from && !until) {
		html_put(x->p.h, "no dates stated");
		return;
	}
	html_put(x->p.h, from && until ? "" : from ? "from " : "until ");
	if (from)
		attestation_day(x, n, "from", "");
	html_put(x->p.h, from && until ? " to " : from ? ", no end stated" : "");
	if (until)
		attestation_day(x, n, "until", "");
}

static void terms_row(const struct telling *of, const struct attested_fact *t)
{
	const struct attestation_page *x = of->x;
	uint64_t version = json_number_or(t->entry, "version", 0);

	html_put(x->p.h, "<tr><td class=\"first\">$</td><td>", html_number(version).s);
	valid(x, t->n);
	html_put(x->p.h, "</td><td class=\"long\">");
	attestation_text(x, t->n, "licence", "not stated");
	html_put(x->p.h, "</td><td>");
	attestation_text(x, t->n, "basis", "not stated");
	html_put(x->p.h, "</td><td class=\"long\">");
	attestation_uses(x, t->n, "allow", "nothing");
	html_put(x->p.h, "</td><td>");
	attestation_uses(x, t->n, "deny", DASH);
	html_put(x->p.h, "</td>");
	count_cell(of, NULL, version);
	html_put(x->p.h, "</tr>\n<tr class=\"under\"><td></td><td colspan=\"6\">Document, SHA-256 ");
	attestation_digests(x, t->n, "document", "not stated");
	html_put(x->p.h, "</td></tr>\n");
}

static void terms(const struct telling *of)
{
	const struct attestation_page *x = of->x;
	const struct attested_fact *t;
	size_t at = 0, shown = 0;

	html_put(x->p.h, "<table class=\"said\">\n<caption>Terms, and how many records came on "
			 "them</caption>\n<thead><tr><th scope=\"col\">Version</th><th "
			 "scope=\"col\">Valid</th><th scope=\"col\">Licence</th><th "
			 "scope=\"col\">Basis</th><th scope=\"col\">Allows</th><th "
			 "scope=\"col\">Denies</th><th scope=\"col\" "
			 "class=\"count\">Records</th></tr></thead>\n<tbody>\n");
	while ((t = attestation_next(x, "terms", &at)) != NULL)
		if (attestation_same(of->source, t, "source") && shown++ < ATTESTATION_ROWS_MAX)
			terms_row(of, t);
	html_put(x->p.h, "</tbody>\n</table>\n");
}

/* --- transfers --- */

/* What was said of it later, which counts from then on. */
static void corrections(const struct attestation_page *x, const struct attested_fact *transfer)
{
	const struct attested_fact *c;
	size_t at = 0;

	while ((c = attestation_next(x, "correction", &at)) != NULL) {
		scoped(buf) *uses = NULL, *notified = NULL;

		if (!attestation_same(transfer, c, "transfer"))
			continue;
		uses = page_opened_bytes(&x->p, c->n, "uses");
		notified = page_opened_bytes(&x->p, c->n, "notified");
		html_put(x->p.h, "<tr class=\"under\"><td></td><td colspan=\"6\"><strong>Corrected</strong> $:",
			 page_time_long(json_text_or(c->entry, "at", "")).s);
		if (notified)
			html_put(x->p.h, " people told: <strong>$</strong>.", told(x, c->n));
		if (uses) {
			html_put(x->p.h, " Agreed for: ");
			attestation_uses(x, c->n, "uses", "nothing");
			html_put(x->p.h, ".");
		}
		html_put(x->p.h, " Document, SHA-256 ");
		attestation_digests(x, c->n, "document", "none");
		html_put(x->p.h, "</td></tr>\n");
	}
}

static bool is_corrected(const struct attestation_page *x, const struct attested_fact *transfer,
			 const char *field, uint64_t *ret)
{
	const struct attested_fact *c;
	bool found = false;
	size_t at = 0;

	while ((c = attestation_next(x, "correction", &at)) != NULL) {
		scoped(buf) *b = NULL;

		if (!attestation_same(transfer, c, "transfer"))
			continue;
		b = page_opened_bytes(&x->p, c->n, field);
		if (b) {
			*ret = c->n;
			found = true;
		}
	}
	return found;
}

static void told_cell(const struct attestation_page *x, const struct attested_fact *t)
{
	uint64_t n = t->n;
	bool corrected = is_corrected(x, t, "notified", &n);

	html_put(x->p.h, "<td><strong>$</strong>", told(x, n));
	if (corrected)
		html_put(x->p.h, " <span class=\"quiet\">(at first: $)</span>", told(x, t->n));
	html_put(x->p.h, "</td>");
}

static void transfer_row(const struct telling *of, const struct attested_fact *t)
{
	const struct attestation_page *x = of->x;
	scoped(buf) *id = page_opened_bytes(&x->p, t->n, "id");
	uint64_t uses = t->n;

	(void)!is_corrected(x, t, "uses", &uses);
	html_put(x->p.h, "<tr><td class=\"first\">");
	attestation_text(x, t->n, "id", "?");
	html_put(x->p.h, "</td><td>");
	attestation_text(x, t->n, "from", "?");
	html_put(x->p.h, "</td><td>");
	attestation_text(x, t->n, "to", "?");
	html_put(x->p.h, "</td><td>");
	attestation_day(x, t->n, "date", "not stated");
	html_put(x->p.h, "</td><td class=\"long\">");
	attestation_uses(x, uses, "uses", "nothing");
	html_put(x->p.h, "</td>");
	told_cell(x, t);
	count_cell(of, id ? buf_text(id) : "", 0);
	html_put(x->p.h, "</tr>\n<tr class=\"under\"><td></td><td colspan=\"6\">Documents, SHA-256 ");
	attestation_digests(x, t->n, "document", "none is named");
	html_put(x->p.h, "</td></tr>\n");
	corrections(x, t);
}

static void transfers(const struct telling *of)
{
	const struct attestation_page *x = of->x;
	const struct attested_fact *t;
	size_t at = 0, shown = 0;

	while ((t = attestation_next(x, "transfer", &at)) != NULL) {
		if (!attestation_same(of->source, t, "source") || shown == ATTESTATION_ROWS_MAX)
			continue;
		if (shown++ == 0)
			html_put(x->p.h, "<table class=\"said\">\n<caption>Hand-overs</caption>\n"
					 "<thead><tr><th scope=\"col\"></th><th "
					 "scope=\"col\">From</th><th scope=\"col\">To</th><th "
					 "scope=\"col\">Date</th><th scope=\"col\">Agreed "
					 "for</th><th scope=\"col\">People told</th><th "
					 "scope=\"col\" class=\"count\">Records</th></tr></thead>\n"
					 "<tbody>\n");
		transfer_row(of, t);
	}
	html_put(x->p.h, shown ? "</tbody>\n</table>\n" :
				 "<p class=\"note\">No hand-over is named.</p>\n");
}

/* --- grants: the operator's words --- */

static void grant(const struct attestation_page *x, const json_t *g)
{
	html_put(x->p.h, "<li><bdi>$</bdi>: <bdi>$</bdi>, basis <bdi>$</bdi>$$. Evidence, SHA-256 ",
		 json_text_or(g, "grant", "?"), json_text_or(g, "uses", "?"),
		 json_text_or(g, "basis", "?"),
		 json_is_true(json_object_get(g, "explicit")) ? ", explicit" : "",
		 json_is_true(json_object_get(g, "withdrawn")) ? ", WITHDRAWN" : "");
	html_digest(x->p.h, json_text_or(g, "evidence", "?"));
	html_put(x->p.h, "</li>\n");
}

/* They are the same in each row of a source. */
static void grants(const struct telling *of)
{
	const struct attestation_page *x = of->x;
	const json_t *row, *g, *list = NULL;
	size_t i;

	json_array_foreach(x->sources, i, row)
		if (i < ATTESTATION_ROWS_MAX && is_of(of, row))
			list = json_object_get(row, "grants");
	if (json_array_size(list) == 0)
		return;
	html_put(x->p.h, "<p class=\"ask\">What the controller granted for all people in it, as the operator "
			 "says (asserted: the people themselves were not asked):</p>\n<ul>\n");
	json_array_foreach(list, i, g)
		if (i < ATTESTATION_ROWS_MAX)
			grant(x, g);
	html_put(x->p.h, "</ul>\n");
}

/* --- a source --- */

static void how_many(const struct telling *of)
{
	const struct attestation_page *x = of->x;
	uint64_t erased = count(of, NULL, 0, "erased"), named = count(of, NULL, 0, "named");

	html_put(x->p.h, "$", html_number(count(of, NULL, 0, "records")).s);
	if (named)
		html_put(x->p.h, "; in $ of them somebody is named, to whose own grants the operator "
				 "points", html_number(named).s);
	if (erased)
		html_put(x->p.h, "; <strong>$ of them are erased by now</strong>", html_number(erased).s);
}

static void one_source(const struct attestation_page *x, const struct attested_fact *s,
		       uint64_t number)
{
	scoped(buf) *name = page_opened_bytes(&x->p, s->n, "name");
	const struct telling of = { x, s, name ? buf_text(name) : "" };

	html_put(x->p.h, "<section class=\"source\" aria-labelledby=\"s2$\">\n<h3 id=\"s2$\">2.$ ",
		 html_number(number).s, html_number(number).s, html_number(number).s);
	attestation_text(x, s->n, "name", "?");
	html_put(x->p.h, "</h3>\n<table class=\"plain\">\n<tbody>\n");
	attestation_row(x, "Controller");
	attestation_text(x, s->n, "controller", "not stated");
	html_put(x->p.h, "</td></tr>\n");
	attestation_row(x, "How it came");
	kind(x, s->n);
	html_put(x->p.h, "</td></tr>\n");
	attestation_row(x, "People in it");
	people(x, s->n);
	html_put(x->p.h, "</td></tr>\n");
	attestation_row(x, "Records in the checkpoint");
	how_many(&of);
	html_put(x->p.h, "</td></tr>\n</tbody>\n</table>\n");
	terms(&of);
	transfers(&of);
	grants(&of);
	html_put(x->p.h, "</section>\n");
}

/* --- all of them --- */

/* The worst that holds of any hand-over of it. */
static const char *all_told(const struct attestation_page *x, const struct attested_fact *source)
{
	static const char *const from_best[] = { "Yes", "Not stated", "Not known", "No" };
	const struct attested_fact *t;
	size_t at = 0, worst = 0;
	bool any = false;

	while ((t = attestation_next(x, "transfer", &at)) != NULL) {
		uint64_t n = t->n;

		if (!attestation_same(source, t, "source"))
			continue;
		(void)!is_corrected(x, t, "notified", &n);
		any = true;
		for (size_t i = worst; i < COUNT_OF(from_best); i++)
			if (strcmp(from_best[i], told(x, n)) == 0)
				worst = i;
	}
	return any ? from_best[worst] : DASH;
}

static void overview_row(const struct attestation_page *x, const struct attested_fact *s,
			 uint64_t number)
{
	scoped(buf) *name = page_opened_bytes(&x->p, s->n, "name");
	const struct telling of = { x, s, name ? buf_text(name) : "" };

	html_put(x->p.h, "<tr><th scope=\"row\">2.$ ", html_number(number).s);
	attestation_text(x, s->n, "name", "?");
	html_put(x->p.h, "</th><td class=\"long\">");
	attestation_text(x, s->n, "controller", "not stated");
	html_put(x->p.h, "</td><td>");
	kind(x, s->n);
	html_put(x->p.h, "</td><td>");
	attestation_text(x, s->n, "people", "not stated");
	html_put(x->p.h, "</td><td>$</td>", all_told(x, s));
	count_cell(&of, NULL, 0);
	html_put(x->p.h, "</tr>\n");
}

static void overview(const struct attestation_page *x)
{
	const struct attested_fact *s;
	uint64_t number = 0;
	size_t at = 0;

	html_put(x->p.h, "<table class=\"said\">\n<thead><tr><th scope=\"col\">Source</th><th "
			 "scope=\"col\">Controller</th><th scope=\"col\">How it came</th><th "
			 "scope=\"col\">People</th><th scope=\"col\">Told</th><th scope=\"col\" "
			 "class=\"count\">Records</th></tr></thead>\n<tbody>\n");
	while ((s = attestation_next(x, "source", &at)) != NULL)
		if (++number <= ATTESTATION_SOURCES_MAX)
			overview_row(x, s, number);
	html_put(x->p.h, "</tbody>\n</table>\n<p class=\"note\"><em>Told</em>: whether the people in it were "
			 "told of the hand-over, as the parties said and corrected it.</p>\n");
}

void attestation_sources(const struct attestation_page *x)
{
	const struct attested_fact *s;
	size_t at = 0;
	uint64_t number = 0;

	html_put(x->p.h, "<section aria-labelledby=\"s2\">\n<h2 id=\"s2\">2 Where the data comes "
			 "from</h2>\n<p>What was said of each source, its terms and its hand-overs when "
			 "they came: it was committed to in the log then, and is opened here. The "
			 "numbers of records are the operator\xe2\x80\x99s word.</p>\n");
	if (attestation_next(x, "source", &at))
		overview(x);
	at = 0;
	while ((s = attestation_next(x, "source", &at)) != NULL)
		if (++number <= ATTESTATION_SOURCES_MAX)
			one_source(x, s, number);
	if (number == 0)
		html_put(x->p.h, "<p><strong>No source is shown.</strong> Nobody said what it rests "
				 "on.</p>\n");
	if (number > ATTESTATION_SOURCES_MAX)
		html_put(x->p.h, "<p>$ more sources are in the file.</p>\n",
			 html_number(number - ATTESTATION_SOURCES_MAX).s);
	html_put(x->p.h, "</section>\n");
}
