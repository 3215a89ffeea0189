/* Of a receipt's page: the records, on what terms they came, and what the person granted. */
#include <string.h>

#include "base/text.h"
#include "page/receipt_page.h"

enum { COMMITMENTS_SHOWN = 24 };

/* --- records --- */

/* Positions as text, cut at a comma when there are many. */
static void positions(const struct receipt_page *x, const char *text)
{
	size_t len = strlen(text), cut = len;

	if (len > PAGE_POSITIONS_MAX)
		for (cut = PAGE_POSITIONS_MAX; cut > 0 && text[cut] != ','; cut--)
			;
	for (size_t i = 0; i < cut; i++) {
		html_text(x->p.h, text + i, 1);
		if (text[i] == ',')
			html_put(x->p.h, " ");
	}
	html_put(x->p.h, cut < len ? ", \xe2\x80\xa6" : "");
}

static void state(const struct receipt_page *x, const json_t *row)
{
	const char *word = json_text_or(row, "state", "");
	const char *order = json_text_or(row, "order", "");

	if (strcmp(word, "erased") == 0)
		html_put(x->p.h, *order ? "<strong>Erased</strong> by order <bdi>$</bdi>" :
					  "<strong>Erased</strong>", order);
	else if (strcmp(word, "quarantined") == 0)
		html_put(x->p.h, "Set aside: kept, and let into nothing");
	else
		html_put(x->p.h, "<bdi>$</bdi>", strcmp(word, "live") == 0 ? "Kept" : word);
	if (strcmp(json_text_or(row, "named_by", ""), "copy") == 0)
		html_put(x->p.h, " <span class=\"quiet\">(a copy of it names you)</span>");
}

static void record_rows(const struct receipt_page *x)
{
	static const char *const columns[] = { "Position", "#Records", "Logged", "State", NULL };
	const json_t *row, *list = receipt_page_list(x, "records");
	size_t i;

	receipt_page_table(x, columns);
	json_array_foreach(list, i, row) {
		html_put(x->p.h, "<tr><td class=\"numbers\">");
		positions(x, json_text_or(row, "positions", ""));
		html_put(x->p.h, "</td><td class=\"count\">$</td><td>$</td><td>",
			 html_number(json_number_or(row, "count", 0)).s,
			 page_time_long(json_text_or(row, "logged", "")).s);
		state(x, row);
		html_put(x->p.h, "</td></tr>\n");
	}
	html_put(x->p.h, "</tbody>\n</table>\n");
}

static void commitments(const struct receipt_page *x)
{
	const json_t *record;
	size_t i;

	html_put(x->p.h, "<table class=\"commitments\">\n<caption>What the log has of each</caption>\n"
			 "<thead><tr><th scope=\"col\" class=\"count\">Position</th><th "
			 "scope=\"col\">Commitment</th></tr></thead>\n<tbody>\n");
	json_array_foreach(x->records, i, record) {
		if (i == COMMITMENTS_SHOWN)
			break;
		html_put(x->p.h, "<tr><td class=\"count\">$</td><td>",
			 html_number(json_number_or(record, "p", 0)).s);
		html_digest(x->p.h, json_text_or(record, "commitment", ""));
		html_put(x->p.h, "</td></tr>\n");
	}
	html_put(x->p.h, "</tbody>\n</table>\n");
	if (x->count > COMMITMENTS_SHOWN)
		html_put(x->p.h, "<p class=\"note\">The other $ are in the file.</p>\n",
			 html_number(x->count - COMMITMENTS_SHOWN).s);
}

void receipt_page_records(const struct receipt_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s3\">\n<h2 id=\"s3\">3 The records</h2>\n"
			 "<p>A record is one photo or file. Its position is its number in a log that "
			 "only grows: an entry once made cannot be changed or left out unnoticed.</p>\n");
	record_rows(x);
	html_put(x->p.h, "<p class=\"note\">A commitment is a number that was computed from the record "
			 "when it came, with a secret. It shows that the record was there, and nothing "
			 "of what is in it.</p>\n");
	commitments(x);
	html_put(x->p.h, "</section>\n");
}

/* --- uses --- */

static const char *doing(const char *processing, size_t len)
{
	static const struct {
		const char *word, *says;
	} words[] = { { "train", "training a model" }, { "finetune", "training a model further" },
		      { "evaluate", "testing a model" }, { "embed", "making embeddings" },
		      { "infer", "using a model" }, { "share", "handing it on" } };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i].word) == len && strncmp(words[i].word, processing, len) == 0)
			return words[i].says;
	return NULL;
}

/* "IdentityVerification" as "Identity Verification". */
static void purpose(const struct receipt_page *x, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && text[i] >= 'A' && text[i] <= 'Z' && text[i - 1] >= 'a' && text[i - 1] <= 'z')
			html_put(x->p.h, " ");
		html_text(x->p.h, text + i, 1);
	}
}

static void one_use(const struct receipt_page *x, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	const char *does = colon ? doing(text, (size_t)(colon - text)) : NULL;
	size_t rest = does ? len - (size_t)(colon + 1 - text) : 0;
	bool below = rest > 6 && strncmp(text + len - 6, "+below", 6) == 0;

	if (!does || !utf8_valid(text, len)) {
		html_text(x->p.h, text, len);
		return;
	}
	html_put(x->p.h, "$, for ", does);
	purpose(x, colon + 1, below ? rest - 6 : rest);
	html_put(x->p.h, below ? " and what is part of it" : "");
}

void receipt_page_uses(const struct receipt_page *x, const char *text)
{
	html_put(x->p.h, "<bdi>");
	for (size_t len; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		one_use(x, text, len);
		html_put(x->p.h, text[len] ? "; " : "");
	}
	html_put(x->p.h, "</bdi>");
}

/* --- terms --- */

static void text_row(const struct receipt_page *x, const char *title, const json_t *row,
		     const char *member, const char *otherwise)
{
	const char *text = json_text_or(row, member, "");

	html_put(x->p.h, "<tr><th scope=\"row\">$</th><td><bdi>$</bdi></td></tr>\n", title,
		 *text ? text : otherwise);
}

static void uses_row(const struct receipt_page *x, const char *title, const json_t *row,
		     const char *member)
{
	const char *text = json_text_or(row, member, "");

	html_put(x->p.h, "<tr><th scope=\"row\">$</th><td>$", title, *text ? "" : "nothing");
	receipt_page_uses(x, text);
	html_put(x->p.h, "</td></tr>\n");
}

static void period_row(const struct receipt_page *x, const json_t *row)
{
	html_put(x->p.h, "<tr><th scope=\"row\">Valid</th><td>");
	receipt_page_period(x, row);
	html_put(x->p.h, "</td></tr>\n");
}

static void digest_row(const struct receipt_page *x, const char *title, const char *hex)
{
	html_put(x->p.h, "<tr><th scope=\"row\">$</th><td>", title);
	if (hex && *hex)
		html_digest(x->p.h, hex);
	else
		html_put(x->p.h, "not known");
	html_put(x->p.h, "</td></tr>\n");
}

static const char *told(const char *notified)
{
	if (strcmp(notified, "yes") == 0)
		return "The people in it were told, the parties say.";
	return strcmp(notified, "no") == 0 ? "The people in it were not told." :
					     "Whether the people in it were told is not known.";
}

static void transfer_row(const struct receipt_page *x, const json_t *t)
{
	if (!json_is_object(t))
		return;
	html_put(x->p.h, "<tr><th scope=\"row\">Handed over</th><td>by <bdi>$</bdi> to <bdi>$</bdi> on ",
		 json_text_or(t, "from", "?"), json_text_or(t, "to", "?"));
	receipt_page_day(x, t, "date", "a day that is not known");
	html_put(x->p.h, " for: ");
	receipt_page_uses(x, json_text_or(t, "uses", "?"));
	html_put(x->p.h, ". <strong>$</strong>", told(json_text_or(t, "notified", "")));
	if (json_array_size(json_object_get(t, "corrections")) > 0)
		html_put(x->p.h, " <span class=\"quiet\">(As corrected later.)</span>");
	html_put(x->p.h, "</td></tr>\n");
}

static void terms_table(const struct receipt_page *x, const json_t *row)
{
	html_put(x->p.h, "<table class=\"plain\">\n<caption>");
	html_count(x->p.h, json_number_or(row, "count", 0), "record");
	html_put(x->p.h, " from <bdi>$</bdi>, version $ of its terms</caption>\n<tbody>\n",
		 json_text_or(row, "source", "?"),
		 html_number(json_number_or(row, "version", 0)).s);
	text_row(x, "Who answers for it", row, "controller", "not known");
	text_row(x, "How it came", row, "kind", "not known");
	transfer_row(x, json_object_get(row, "transfer"));
	uses_row(x, "May be used for", row, "allow");
	if (*json_text_or(row, "deny", ""))
		uses_row(x, "Never for", row, "deny");
	text_row(x, "Legal basis", row, "basis", "none is named");
	text_row(x, "Licence", row, "licence", "not known");
	period_row(x, row);
	digest_row(x, "The terms, SHA-256", json_text_or(row, "document", ""));
	html_put(x->p.h, "</tbody>\n</table>\n");
}

void receipt_page_terms(const struct receipt_page *x)
{
	const json_t *row, *list = receipt_page_list(x, "terms");
	size_t i;

	html_put(x->p.h, "<section aria-labelledby=\"s4\">\n<h2 id=\"s4\">4 On what terms they "
			 "came</h2>\n");
	json_array_foreach(list, i, row)
		terms_table(x, row);
	html_put(x->p.h, "</section>\n");
}

/* --- grants --- */

static void grant_row(const struct receipt_page *x, const json_t *g)
{
	html_put(x->p.h, "<tr><td class=\"when\"><bdi>$</bdi></td><td>", json_text_or(g, "grant", ""));
	receipt_page_uses(x, json_text_or(g, "uses", ""));
	html_put(x->p.h, "</td><td><bdi>$</bdi>$</td><td>", json_text_or(g, "basis", ""),
		 json_is_true(json_object_get(g, "explicit")) ? ", explicit" : "");
	receipt_page_period(x, g);
	html_put(x->p.h, json_is_true(json_object_get(g, "withdrawn")) ?
				 "</td><td><strong>You withdrew it</strong></td></tr>\n" :
				 "</td><td>Not withdrawn</td></tr>\n");
}

void receipt_page_grants(const struct receipt_page *x)
{
	static const char *const columns[] = { "Grant", "For", "Basis", "Valid", "State", NULL };
	const json_t *row, *list = receipt_page_list(x, "grants");
	size_t i;

	html_put(x->p.h, "<section aria-labelledby=\"s5\">\n<h2 id=\"s5\">5 What you agreed to</h2>\n");
	if (!x->person || json_array_size(list) == 0) {
		html_put(x->p.h, x->person ? "<p>No permission of your own is recorded here.</p>\n" :
					     "<p>This receipt was asked for by position, so it names no "
					     "person, and no permission of one.</p>\n");
	} else {
		receipt_page_table(x, columns);
		json_array_foreach(list, i, row)
			grant_row(x, row);
		html_put(x->p.h, "</tbody>\n</table>\n");
	}
	html_put(x->p.h, "</section>\n");
}
