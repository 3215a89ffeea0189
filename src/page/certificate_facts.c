/* Of the page: what the facts in a certificate say, in time; and the sets that were retained. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "page/certificate_page.h"

enum { FACT_BYTES_MAX = 65535, FIELDS_OF_FACT_MAX = 16 };

/* --- looking up --- */

size_t page_first_of(const json_t *list, uint64_t n)
{
	size_t low = 0, high = json_array_size(list);

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (json_number_or(json_array_get(list, i), "n", 0) < n)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

static json_t *parsed(const char *text, size_t len)
{
	struct error ignored = { 0 };
	json_t *j = NULL;

	return json_parse(&j, text, len, CERTIFICATE_BYTES_MAX, &ignored) < 0 ? NULL : j;
}

json_t *page_fact(const struct page *p, uint64_t n)
{
	const json_t *list = json_object_get(p->predicate, "facts");
	const json_t *item = json_array_get(list, page_first_of(list, n));
	const char *entry = json_text_or(item, "entry", "");

	if (json_number_or(item, "n", n + 1) != n || strlen(entry) > FACT_BYTES_MAX)
		return NULL;
	return parsed(entry, strlen(entry));
}

static const json_t *opening(const struct page *p, uint64_t n, const char *field)
{
	const json_t *list = json_object_get(p->predicate, "openings");
	size_t from = page_first_of(list, n);

	for (size_t i = from; i < from + FIELDS_OF_FACT_MAX; i++) {
		const json_t *item = json_array_get(list, i);

		if (json_number_or(item, "n", n + 1) != n)
			return NULL;
		if (strcmp(json_text_or(item, "field", ""), field) == 0)
			return item;
	}
	return NULL;
}

bool page_withheld(const struct page *p, uint64_t n, const char *field)
{
	return json_object_get(opening(p, n, field), "commitment") != NULL;
}

struct buf *page_opened_bytes(const struct page *p, uint64_t n, const char *field)
{
	const json_t *item = opening(p, n, field);
	struct error ignored = { 0 };
	struct buf *b = NULL;

	return !item || json_get_bytes64(item, "value", &b, &ignored) < 0 ? NULL : b;
}

json_t *page_opened(const struct page *p, uint64_t n, const char *field)
{
	scoped(buf) *b = page_opened_bytes(p, n, field);

	return b ? parsed(buf_text(b), b->len) : NULL;
}

static void key_id_of(char ret[PAGE_KEY_ID_MAX], const json_t *fact)
{
	struct error ignored = { 0 };
	uint8_t key[SIGN_PUBLIC_LEN];
	struct hash h;

	ret[0] = 0;
	if (hex_decode(key, sizeof(key), json_text_or(fact, "key", ""), &ignored) < 0)
		return;
	hash_bytes(&h, key, sizeof(key));
	hex_encode(ret, h.b, 8);
}

static void read_key(struct page *p, uint64_t n)
{
	scoped(buf) *role = page_opened_bytes(p, n, "role");
	struct page_key *k = &p->keys[p->key_count];
	scoped_json *fact = page_fact(p, n);

	key_id_of(k->id, fact);
	if (!role || !*k->id)
		return;
	snprintf(k->role, sizeof(k->role), "%s", buf_text(role));
	p->key_count++;
}

void page_keys_read(struct page *p)
{
	const json_t *item, *list = json_object_get(p->predicate, "facts");
	size_t i;

	json_array_foreach(list, i, item)
		if (p->key_count < PAGE_KEYS_MAX &&
		    strstr(json_text_or(item, "entry", ""), "\"type\":\"key\""))
			read_key(p, json_number_or(item, "n", 0));
}

/* --- times --- */

struct page_time page_time_short(const char *at)
{
	struct error ignored = { 0 };
	struct page_time ret = { "?" };
	char text[TIME_TEXT_MAX];
	uint64_t utc_ms;

	if (time_parse(&utc_ms, at, &ignored) < 0)
		return ret;
	time_text_minute(text, utc_ms);
	snprintf(ret.s, sizeof(ret.s), "%.10s %.5s", text, text + 11);
	return ret;
}

struct page_time page_time_long(const char *at)
{
	static const char *const months[] = {
		"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December",
	};
	struct page_time t = page_time_short(at), ret = t;
	int month;

	if (strlen(t.s) != 16)
		return ret;
	month = (t.s[5] - '0') * 10 + t.s[6] - '0';
	snprintf(ret.s, sizeof(ret.s), "%s%c %s %.4s, %.5s UTC", t.s[8] == '0' ? "" :
		 (const char[]){ t.s[8], 0 }, t.s[9], months[(month + 11) % 12], t.s, t.s + 11);
	return ret;
}

/* --- timeline --- */

static void said_by(const struct page *p, const json_t *fact)
{
	const char *id = json_text_or(fact, "by", "");
	const char *role = NULL;

	for (size_t i = 0; i < p->key_count && !role; i++)
		if (strcmp(p->keys[i].id, id) == 0)
			role = p->keys[i].role;
	html_put(p->h, role ? "<td><bdi>$</bdi> <code>$</code></td>" : "<td>$<code>$</code></td>",
		 role ? role : "", id);
}

static void begin_row(const struct page *p, uint64_t n, const json_t *fact)
{
	html_put(p->h, "<tr><td class=\"count\">$</td><td class=\"when\">$</td><td>",
		 html_number(n).s, page_time_short(json_text_or(fact, "at", "")).s);
}

static void end_row(const struct page *p, const json_t *fact)
{
	html_put(p->h, "</td>");
	said_by(p, fact);
	html_put(p->h, "</tr>\n");
}

static void opened_row(const struct page *p)
{
	scoped_json *fact = page_fact(p, p->opened);

	begin_row(p, p->opened, fact);
	html_put(p->h, "<strong>Opened.</strong> From here on the records are denied to every "
		       "use.");
	end_row(p, fact);
}

static void planned_row(const struct page *p)
{
	scoped_json *fact = page_fact(p, p->plan_fact);
	size_t steps = json_array_size(json_object_get(p->plan, "steps"));

	begin_row(p, p->plan_fact, fact);
	html_put(p->h, "<strong>Planned</strong>");
	if (p->plan) {
		html_put(p->h, " in ");
		html_count(p->h, steps, "step");
		html_put(p->h, ", as of fact $",
			 html_number(json_number_or(p->plan, "as_of", 0)).s);
	}
	html_put(p->h, ".");
	end_row(p, fact);
}

static void approved_row(const struct page *p)
{
	scoped_json *fact = page_fact(p, p->approval), *init = page_fact(p, 0);

	begin_row(p, p->approval, fact);
	html_put(p->h, "<strong>Approved</strong>: this plan of this order, signed by the key at "
		       "the right.");
	if (json_is_true(json_object_get(init, "solo")))
		html_put(p->h, " In this repository opener and approver may be the same.");
	end_row(p, fact);
}

static const char *deed(const char *word)
{
	static const struct {
		const char *word, *done;
	} deeds[] = { { "stop", "Product stopped" },
		      { "erase", "Kept output erased" },
		      { "withdraw", "Checkpoint withdrawn" },
		      { "subset", "Dataset made anew without the records" },
		      { "unlearn", "Checkpoint made anew without the records" },
		      { "delete", "Files deleted" },
		      { "destroy", "Keys destroyed" },
		      { "search", "Searched for what should be gone" } };

	for (size_t i = 0; i < COUNT_OF(deeds); i++)
		if (strcmp(deeds[i].word, word) == 0)
			return deeds[i].done;
	return word;
}

static void plan_step(const struct page *p, const json_t *step)
{
	html_put(p->h, "<p><strong>Step $. $:</strong> <bdi>$</bdi> <span "
		       "class=\"quiet\">(<bdi>$</bdi>)</span>",
		 html_number(json_number_or(step, "n", 0)).s, deed(json_text_or(step, "do", "")),
		 json_text_or(step, "target", ""), json_text_or(step, "method", ""));
}

static uint64_t number_at(const json_t *list, size_t i)
{
	json_int_t n = json_integer_value(json_array_get(list, i));

	return n < 0 ? 0 : (uint64_t)n;
}

/* Steps first to last, and what those among them made that make something. */
static void plan_steps(const struct page *p, uint64_t first, uint64_t last, const json_t *made)
{
	const json_t *steps = json_object_get(p->plan, "steps");
	size_t next = 0;

	for (uint64_t i = first; i <= last; i++) {
		const json_t *step = json_array_get(steps, (size_t)i - 1);

		plan_step(p, step);
		if (strcmp(json_text_or(step, "do", ""), "subset") == 0 ||
		    strcmp(json_text_or(step, "do", ""), "unlearn") == 0)
			html_put(p->h, " <span class=\"quiet\">The new version is fact $.</span>",
				 html_number(number_at(made, next++)).s);
		html_put(p->h, "</p>");
	}
}

static void step_row(const struct page *p, uint64_t n)
{
	scoped_json *fact = page_fact(p, n), *done = page_opened(p, n, "done");
	const json_t *range = json_object_get(fact, "steps");
	uint64_t first = number_at(range, 0), last = number_at(range, 1);

	begin_row(p, n, fact);
	/* Only then is each step of the plan in one fact: else a few facts could fill a page. */
	if (page_holds(p, "steps"))
		plan_steps(p, first, last, json_object_get(done, "made"));
	else
		html_put(p->h, "Steps $ to $ of the plan.", html_number(first).s,
			 html_number(last).s);
	end_row(p, fact);
}

void page_timeline(const struct page *p)
{
	const json_t *steps = json_object_get(p->order, "steps");

	html_put(p->h, "<section aria-labelledby=\"s5\">\n<h2 id=\"s5\">5 Timeline</h2>\n"
		       "<table class=\"timeline\">\n<thead><tr><th scope=\"col\" "
		       "class=\"count\">Fact</th><th scope=\"col\">Minute, UTC</th><th "
		       "scope=\"col\">What happened</th><th scope=\"col\">Said by role and "
		       "key</th></tr></thead>\n<tbody>\n");
	opened_row(p);
	planned_row(p);
	approved_row(p);
	for (size_t i = 0; i < json_array_size(steps); i++)
		step_row(p, number_at(steps, i));
	html_put(p->h, "</tbody>\n</table>\n</section>\n");
}

/* --- retained --- */

static const char *kind_of(const json_t *fact)
{
	const char *type = json_text_or(fact, "type", "");

	if (strcmp(type, "dataset") == 0)
		return "Dataset";
	return strcmp(type, "model") == 0 ? "Checkpoint" : "Not shown";
}

static void retained_row(const struct page *p, uint64_t n)
{
	scoped_json *fact = page_fact(p, n);

	html_put(p->h, "<tr><td class=\"count\">$</td><td class=\"when\">$</td><td "
		       "class=\"kind\">$</td><td class=\"count\">$</td><td>",
		 html_number(n).s, page_time_short(json_text_or(fact, "at", "")).s, kind_of(fact),
		 html_number(json_number_or(json_object_get(fact, "records"), "size", 0)).s);
	html_digest(p->h, json_text_or(fact, "root", ""));
	html_put(p->h, "</td></tr>\n");
}

static void retained_table(const struct page *p, const json_t *sets)
{
	html_put(p->h, "<table class=\"retained\">\n<thead><tr><th scope=\"col\" "
		       "class=\"count\">Fact</th><th scope=\"col\">Minute, UTC</th><th "
		       "scope=\"col\">What</th><th scope=\"col\" class=\"count\">Records "
		       "then</th><th scope=\"col\">Published root</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < json_array_size(sets); i++)
		retained_row(p, json_number_or(json_array_get(sets, i), "n", 0));
	html_put(p->h, "</tbody>\n</table>\n");
}

static void retained_count(const struct page *p, const json_t *sets)
{
	uint64_t datasets = 0, models = 0;

	for (size_t i = 0; i < json_array_size(sets); i++) {
		scoped_json *fact = page_fact(p, json_number_or(json_array_get(sets, i), "n", 0));
		const char *type = json_text_or(fact, "type", "");

		datasets += strcmp(type, "dataset") == 0;
		models += strcmp(type, "model") == 0;
	}
	html_put(p->h, "<p><strong>");
	html_count(p->h, datasets, "dataset");
	html_put(p->h, "</strong> and <strong>");
	html_count(p->h, models, "checkpoint");
	html_put(p->h, page_holds(p, "retained") ?
		 "</strong> are listed as still in use. Each is proved to be without every "
		 "position taken back: its root was published in the log when it was made, and "
		 "opens to 0 there. " :
		 "</strong> are listed as still in use. <strong>That they are without the "
		 "positions is not proved by this file.</strong> ");
	html_put(p->h, "A 0 proves that the operator committed to a set without that position, not "
		       "what a program read. Names are shown only where the plan has them.</p>\n");
}

void page_retained(const struct page *p)
{
	const json_t *sets = json_object_get(p->predicate, "sets");

	html_put(p->h, "<section aria-labelledby=\"s6\">\n<h2 id=\"s6\">6 Retained</h2>\n");
	if (json_array_size(sets) == 0) {
		html_put(p->h, "<p>No dataset and no checkpoint is named as retained.</p>\n"
			       "</section>\n");
		return;
	}
	retained_count(p, sets);
	retained_table(p, sets);
	page_models(p);
	html_put(p->h, "</section>\n");
}
