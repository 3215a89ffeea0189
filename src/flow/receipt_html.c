/*
 * The page for the person: what is kept of them, how to take it back, on what terms it came, what was
 * made of it; and how somebody who understands such things can check it. It is read by the
 * verifier first, so that the page over a file that does not hold says so at its head.
 */
#include "flow/receipt.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "flow/receipt_page.h"

/* A set, and a part of it that is yours. */
#define MARK								\
	"<svg class=\"mark\" viewBox=\"0 0 40 28\" width=\"40\" height=\"28\" " \
	"aria-hidden=\"true\"><path d=\"M20 4.88A11.5 11.5 0 1 0 20 23.12A11.5 11.5 0 0 1 " \
	"20 4.88Z\" fill=\"#1d3f48\"/><circle cx=\"27\" cy=\"14\" r=\"11.5\" fill=\"none\" " \
	"stroke=\"#1d3f48\" stroke-width=\"1.2\" stroke-dasharray=\"2.4 2.4\"/></svg>"

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

/* --- head --- */

static void letterhead(const struct receipt_page *x)
{
	bool holds = page_all_hold(&x->p);
	struct html *h = x->p.h;

	html_put(h, "<header>\n<p class=\"brand\">" MARK "<span>Rescind</span></p>\n<h1>$</h1>\n"
		    "<dl class=\"head\">\n<div><dt>Log</dt><dd><bdi>$</bdi></dd></div>\n"
		    "<div><dt>Issued</dt><dd>$</dd></div>\n<div><dt>State</dt><dd>$</dd></div>\n</dl>\n",
		 x->person ? "What is kept about you" : "What became of a record", x->p.origin,
		 page_time_long(json_text_or(x->p.predicate, "issued", "")).s,
		 holds ? "Receipt" : "Does not hold");
	if (!holds)
		html_put(h, "<div class=\"alarm\"><p><strong>This file does not hold.</strong> When this "
			    "page was made, one of its checks failed (see the end). Do not rely on "
			    "anything below.</p></div>\n");
	html_put(h, "</header>\n<main>\n");
}

/* --- in short --- */

static uint64_t in_use_now(const struct receipt_page *x)
{
	const json_t *row, *list = receipt_page_list(x, "runs");
	uint64_t n = 0;
	size_t i;

	json_array_foreach(list, i, row)
		n += !json_is_string(json_object_get(row, "until"));
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

static void one_fact(const struct receipt_page *x, uint64_t n, const char *what, const char *rest)
{
	if (n == 0)
		return;
	html_put(x->p.h, "<li><strong>");
	html_count(x->p.h, n, what);
	html_put(x->p.h, "</strong> $</li>\n", rest);
}

void receipt_page_short(const struct receipt_page *x)
{
	struct html *h = x->p.h;
	uint64_t here = x->count - x->erased - x->kept;

	html_put(h, "<section aria-labelledby=\"s1\">\n<h2 id=\"s1\">1 In short</h2>\n<p class=\"lead\">"
		    "This receipt is about <bdi>$</bdi>.</p>\n<ul class=\"short\">\n",
		 json_text_or(x->summary, "what", ""));
	one_fact(x, here, "record", here == 1 ? "is kept." : "are kept.");
	one_fact(x, x->kept, "record", "set aside: kept, and let into nothing.");
	one_fact(x, x->erased, "record", "erased: the key was destroyed, nobody can open it any more.");
	one_fact(x, made_of(x, "checkpoint"), "trained model", "made with them (section 6).");
	one_fact(x, in_use_now(x), "product", "in use with such a model (section 6).");
	one_fact(x, json_array_size(receipt_page_list(x, "given_to")), "hand-over",
		 "to others (section 6).");
	one_fact(x, json_array_size(receipt_page_list(x, "orders")), "order",
		 "to take records back (section 7).");
	html_put(h, "</ul>\n</section>\n");
}

/* --- how to take it back --- */

/* What stands between ` and ` is a command, in a paragraph of its own. */
static void withdraw_words(const struct receipt_page *x, const char *text)
{
	for (bool command = false;; command = !command) {
		size_t len = strcspn(text, "`");

		html_put(x->p.h, command ? "</p>\n<pre class=\"command\"><bdi>" : "<p><bdi>");
		html_text(x->p.h, text, len);
		html_put(x->p.h, command ? "</bdi></pre>\n" : "</bdi>");
		if (text[len] == 0) {
			html_put(x->p.h, command ? "" : "</p>\n");
			return;
		}
		text += len + 1;
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

/* Nothing is loaded and nothing runs: the one thing allowed is this style, by its digest. */
static void begin(const struct receipt_page *x)
{
	const char *const styles[] = { certificate_style[0], certificate_style[1], receipt_style };
	struct hash_piece parts[COUNT_OF(styles)];
	scoped(buf) *digest = NULL;
	struct hash style;

	for (size_t i = 0; i < COUNT_OF(parts); i++)
		parts[i] = (struct hash_piece){ styles[i], strlen(styles[i]) };
	hash_pieces(&style, parts, COUNT_OF(parts));
	if (x->p.h->e->code || buf_create(&digest, 64, x->p.h->e) < 0 ||
	    base64_put(digest, style.b, sizeof(style.b), x->p.h->e) < 0)
		return;
	html_put(x->p.h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
			 "style-src 'sha256-$'; base-uri 'none'; form-action 'none'\">\n"
			 "<meta name=\"referrer\" content=\"no-referrer\">\n"
			 "<meta name=\"color-scheme\" content=\"light\">\n"
			 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			 "<title>Receipt, $</title>\n<style>",
		 buf_text(digest), x->p.origin);
	for (size_t i = 0; i < COUNT_OF(styles); i++)
		html_put(x->p.h, styles[i]);
	html_put(x->p.h, "</style>\n</head>\n<body>\n<div class=\"sheet\">\n");
}

static void end(const struct receipt_page *x)
{
	html_put(x->p.h, "</main>\n<footer>\n<p>This page is for reading and proves nothing by itself: "
			 "the receipt is the signed file that it was made from (SHA-256 "
			 "<code>$</code>). Keep that file. Made by <bdi>$</bdi>. Times are UTC.</p>\n"
			 "</footer>\n</div>\n</body>\n</html>\n",
		 hash_hex(&x->p.file).s, json_text_or(x->p.predicate, "tool", ""));
}

static void sections(const struct receipt_page *x)
{
	begin(x);
	letterhead(x);
	receipt_page_short(x);
	receipt_page_withdraw(x);
	receipt_page_records(x);
	receipt_page_terms(x);
	receipt_page_grants(x);
	receipt_page_made(x);
	receipt_page_orders(x);
	receipt_page_limits(x);
	receipt_page_check(x);
	end(x);
}

/* --- reading --- */

/* Never more than there are: what rows count is the operator's word. */
static uint64_t at_most(uint64_t n, uint64_t left)
{
	return n < left ? n : left;
}

static void read_page(struct receipt_page *x, const json_t *statement)
{
	const json_t *row, *list;
	size_t i;

	x->p.predicate = json_object_get(statement, "predicate");
	x->p.origin = json_text_or(x->p.predicate, "origin", "");
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

static bool is_receipt(const json_t *statement)
{
	return strcmp(json_text_or(statement, "predicateType", ""), RECEIPT_TYPE) == 0;
}

int receipt_html(const void *bytes, size_t len_bytes, struct buf *out, struct error *e)
{
	const struct verify_pins nothing_pinned = { 0 };
	struct error own = { 0 };
	struct html h = { out, &own };
	struct receipt_page x = { .p = { .h = &h } };
	scoped(verdict) *v = NULL;
	size_t was = out->len;

	if (certificate_verify(&v, bytes, len_bytes, &nothing_pinned, &own) < 0)
		return error_set(e, own.code, "%s", own.text);
	if (!v->statement || !is_receipt(v->statement))
		return error_set(e, E_FORMAT, "not a receipt: %s",
				 v->statement ? "another kind of statement" : v->check[0].detail);
	x.p.v = v;
	hash_bytes(&x.p.file, bytes, len_bytes);
	read_page(&x, v->statement);
	sections(&x);
	if (own.code == 0)
		return 0;
	out->len = was;
	if (out->data)
		out->data[was] = 0;
	return error_set(e, own.code, "%s", own.text);
}
