/*
 * The page for the person: what is kept of them, how to take it back, on what terms it came, what was
 * made of it; and how somebody who understands such things can check it. It is read by the
 * verifier first, so that the page over a file that does not hold says so at its head.
 */
#include "page/page.h"

#include <string.h>

#include "page/receipt_page.h"

const json_t *receipt_page_list(const struct receipt_page *x, const char *member)
{
	const json_t *list = json_object_get(x->summary, member);

	return json_is_array(list) ? list : NULL;
}

void receipt_page_day(const struct receipt_page *x, const json_t *row, const char *member,
		      const char *otherwise)
{
	const char *at = json_text_or(row, member, NULL);
	struct page_time t;

	if (!at || !*at) {
		html_put(x->p.h, "$", otherwise);
		return;
	}
	t = page_time_long(at);
	t.s[strcspn(t.s, ",")] = 0;
	html_put(x->p.h, "$", t.s);
}

void receipt_page_table(const struct receipt_page *x, const char *const *columns)
{
	html_put(x->p.h, "<table class=\"told\">\n<thead><tr>");
	for (; *columns; columns++)
		html_put(x->p.h, **columns == '#' ? "<th scope=\"col\" class=\"count\">$</th>" :
						    "<th scope=\"col\">$</th>",
			 *columns + (**columns == '#'));
	html_put(x->p.h, "</tr></thead>\n<tbody>\n");
}

void receipt_page_period(const struct receipt_page *x, const json_t *row)
{
	bool from = *json_text_or(row, "from", ""), until = *json_text_or(row, "until", "");

	html_put(x->p.h, from ? "from " : until ? "" : "no dates are set");
	receipt_page_day(x, row, "from", "");
	html_put(x->p.h, until ? from ? " until " : "until " : from ? " on" : "");
	receipt_page_day(x, row, "until", "");
}

/* --- in short --- */

/* Not known to have ended, with a model that is (live) or is not to be used. */
static uint64_t in_use(const struct receipt_page *x, bool live)
{
	const json_t *row, *list = receipt_page_list(x, "runs");
	uint64_t n = 0;
	size_t i;

	json_array_foreach(list, i, row)
		n += !json_is_string(json_object_get(row, "until")) &&
		     (strcmp(json_text_or(row, "checkpoint_state", "live"), "live") == 0) == live;
	return n;
}

static uint64_t made_of(const struct receipt_page *x, const char *what)
{
	const json_t *row, *list = receipt_page_list(x, "made");
	uint64_t n = 0;
	size_t i;

	json_array_foreach(list, i, row)
		n += strcmp(json_text_or(row, "what", ""), what) == 0;
	return n;
}

/* Nothing is said of none. */
static void one_fact(const struct receipt_page *x, uint64_t n, const char *what, const char *one,
		     const char *many)
{
	if (n == 0)
		return;
	html_put(x->p.h, "<li><strong>");
	html_count(x->p.h, n, what);
	html_put(x->p.h, "</strong> $</li>\n", n == 1 ? one : many);
}

void receipt_page_short(const struct receipt_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s1\">\n<h2 id=\"s1\">1 In short</h2>\n<p "
			 "class=\"lead\">This receipt is about <bdi>$</bdi>.</p>\n<ul class=\"short\">\n",
		 json_text_or(x->summary, "what", ""));
	one_fact(x, x->count - x->erased - x->kept, "record", "is kept.", "are kept.");
	one_fact(x, x->kept, "record", "is set aside: kept, and let into nothing.",
		 "are set aside: kept, and let into nothing.");
	one_fact(x, x->erased, "record", "was erased: its key is destroyed, nobody can open it.",
		 "were erased: their keys are destroyed, nobody can open them.");
	one_fact(x, made_of(x, "checkpoint"), "trained model", "was made with them (section 6).",
		 "were made with them (section 6).");
	one_fact(x, in_use(x, true), "product", "runs with such a model (section 6).",
		 "run with such a model (section 6).");
	one_fact(x, in_use(x, false), "product",
		 "is not known to have stopped using a model that was withdrawn (section 6).",
		 "are not known to have stopped using a model that was withdrawn (section 6).");
	one_fact(x, json_array_size(receipt_page_list(x, "given_to")), "other",
		 "was given some of it (section 6).", "were given some of it (section 6).");
	one_fact(x, json_array_size(receipt_page_list(x, "orders")), "order",
		 "to take records back concerns them (section 7).",
		 "to take records back concern them (section 7).");
	html_put(x->p.h, "</ul>\n</section>\n");
}

/* --- how to take it back --- */

/* Line by line; one that stands between ` and ` is a command. */
static void withdraw_words(const struct receipt_page *x, const char *text)
{
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		bool command;

		len = strcspn(text, "\n");
		command = len > 1 && text[0] == '`' && text[len - 1] == '`';
		html_put(x->p.h, command ? "<pre class=\"command\"><bdi>" : "<p><bdi>");
		html_text(x->p.h, text + command, len - 2 * command);
		html_put(x->p.h, command ? "</bdi></pre>\n" : "</bdi></p>\n");
	}
}

void receipt_page_withdraw(const struct receipt_page *x)
{
	html_put(x->p.h, "<section class=\"limits\" aria-labelledby=\"s2\">\n"
			 "<h2 id=\"s2\">2 How to take it back</h2>\n");
	withdraw_words(x, json_text_or(x->summary, "withdraw", ""));
	html_put(x->p.h, "</section>\n");
}

/* --- the page --- */

static void letterhead(const struct page *p, const struct receipt_page *x)
{
	page_letter_begin(p, x->person ? "What is kept about you" : "What became of a record");
	page_letter_row(p, "Log", p->origin);
	page_letter_row(p, "Issued", page_time_long(json_text_or(p->predicate, "issued", "")).s);
	page_letter_row(p, "Records", html_number(x->count).s);
	page_letter_end(p, "Receipt, signed");
}

static void sections(const struct receipt_page *x)
{
	const char *const styles[] = { page_style[0], page_style[1], receipt_style };

	page_begin(&x->p, styles, COUNT_OF(styles),
		   (const char *const[]){ "Receipt, $", x->p.origin, NULL });
	letterhead(&x->p, x);
	receipt_page_short(x);
	receipt_page_withdraw(x);
	receipt_page_records(x);
	receipt_page_terms(x);
	receipt_page_grants(x);
	receipt_page_made(x);
	receipt_page_orders(x);
	receipt_page_limits(x);
	page_rests_on(&x->p);
	receipt_page_check(x);
	page_end(&x->p, "receipt");
}

/* --- reading --- */

/* Never more than there are: what rows count is the operator's word. */
static uint64_t at_most(uint64_t n, uint64_t left)
{
	return n < left ? n : left;
}

static void read_page(struct receipt_page *x)
{
	const json_t *row, *list;
	size_t i;

	x->summary = json_object_get(x->p.predicate, "summary");
	x->records = json_object_get(x->p.predicate, "records");
	x->count = json_array_size(x->records);
	list = receipt_page_list(x, "records");
	json_array_foreach(list, i, row) {
		const char *state = json_text_or(row, "state", "");
		uint64_t n = at_most(json_number_or(row, "count", 0), x->count - x->erased - x->kept);

		x->erased += strcmp(state, "erased") == 0 ? n : 0;
		x->kept += strcmp(state, "quarantined") == 0 ? n : 0;
		x->person = x->person || json_is_string(json_object_get(row, "named_by"));
	}
}

static void write_page(const struct page *p, __attribute__((unused)) const json_t *statement)
{
	struct receipt_page x = { .p = *p };

	read_page(&x);
	sections(&x);
}

int receipt_html(const void *bytes, size_t len_bytes, struct buf *out, struct error *e)
{
	static const struct page_kind kind = { RECEIPT_TYPE, "a receipt", .rests_on = "9",
					       .limits = "8", .how = "10", .write = write_page };

	return page_make(&kind, bytes, len_bytes, out, e);
}
