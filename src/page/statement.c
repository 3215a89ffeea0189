/*
 * What the pages of all statements have: a letterhead, a style that its digest lets in, what the
 * claims rest on in three lists that are never mixed, and how to check them.
 */
#include <string.h>

#include "base/text.h"
#include "page/inside.h"
#include "wire/note.h"

/* --- letterhead --- */

/* A set without what lies in another. */
#define MARK								\
	"<svg class=\"mark\" viewBox=\"0 0 40 28\" width=\"40\" height=\"28\" " \
	"aria-hidden=\"true\"><path d=\"M20 4.88A11.5 11.5 0 1 0 20 23.12A11.5 11.5 0 0 1 " \
	"20 4.88Z\" fill=\"#1d3f48\"/><circle cx=\"27\" cy=\"14\" r=\"11.5\" fill=\"none\" " \
	"stroke=\"#1d3f48\" stroke-width=\"1.2\" stroke-dasharray=\"2.4 2.4\"/></svg>"

static void warn_reader(const struct page *p)
{
	html_put(p->h, "<div class=\"alarm\"><p><strong>This file does not hold.</strong> When "
		       "this page was made, these of its checks failed: ");
	for (size_t i = 0, told = 0; i < p->v->count; i++)
		if (!p->v->check[i].ok && strcmp(p->v->check[i].name, "key") != 0)
			html_put(p->h, told++ ? ", $" : "$", p->v->check[i].name);
	html_put(p->h, " (section $.1). Do not rely on anything below.</p></div>\n", p->rests_on);
}

void page_letter_begin(const struct page *p, const char *title)
{
	html_put(p->h, "<header>\n<p class=\"brand\">" MARK "<span>Rescind</span></p>\n"
		       "<h1>$</h1>\n<dl class=\"head\">\n", title);
}

void page_letter_row(const struct page *p, const char *name, const char *value)
{
	html_put(p->h, "<div><dt>$</dt><dd><bdi>$</bdi></dd></div>\n", name, value);
}

void page_letter_end(const struct page *p, const char *state)
{
	bool holds = page_all_hold(p);

	html_put(p->h, "<div><dt>State</dt><dd>$</dd></div>\n</dl>\n",
		 holds ? state : "Does not hold");
	if (!holds)
		warn_reader(p);
	html_put(p->h, "</header>\n<main>\n");
}

/* --- the page around it --- */

/* Nothing is loaded and nothing runs: the one thing allowed is this style, by its digest. */
void page_begin(const struct page *p, const char *const *styles, size_t count,
		const char *const *title)
{
	struct hash_piece parts[PAGE_STYLES_MAX];
	scoped(buf) *digest = NULL;
	struct hash style;

	for (size_t i = 0; i < count; i++)
		parts[i] = (struct hash_piece){ styles[i], strlen(styles[i]) };
	hash_pieces(&style, parts, count);
	if (p->h->e->code || buf_create(&digest, 64, p->h->e) < 0 ||
	    base64_put(digest, style.b, sizeof(style.b), p->h->e) < 0)
		return;
	html_put(p->h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		       "style-src 'sha256-$'; base-uri 'none'; form-action 'none'\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta name=\"color-scheme\" content=\"light\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<title>",
		 buf_text(digest));
	html_fill(p->h, title);
	html_put(p->h, "</title>\n<style>");
	for (size_t i = 0; i < count; i++)
		html_put(p->h, styles[i]);
	html_put(p->h, "</style>\n</head>\n<body>\n<div class=\"sheet\">\n");
}

void page_end(const struct page *p, const char *noun)
{
	html_put(p->h, "</main>\n<footer>\n<p>This page is for reading and proves nothing by "
		       "itself: the $ is the signed file that it was made from (SHA-256 "
		       "<code>$</code>). Made by <bdi>$</bdi>. Times are UTC.</p>\n</footer>\n"
		       "</div>\n</body>\n"
		       "</html>\n",
		 noun, hash_hex(&p->file).s, json_text_or(p->predicate, "tool", ""));
}

/* --- checked by anyone --- */

static const struct {
	const char *name, *says;
} sentences[] = {
	{ "encoding", "The file is in the one form that it can have: written again, it gives the "
		      "same bytes." },
	{ "signature", "The statement is signed by the log\xe2\x80\x99s key, and no byte of it has "
		       "changed since." },
	{ "key", "That key is the one which you were given by other means than this file." },
	{ "heads", "The heads of both logs, which fix all that is in them, are signed by that key "
		   "for this origin." },
	{ "facts", "Every fact shown is an entry of the facts log under its head." },
	{ "openings", "Every sealed value that is shown is the one to which its fact was "
		      "committed." },
	{ "batches", "The batches shown are all records of the repository, each in one batch: none "
		     "is left out." },
	{ "demand", "The demand is the one that was logged when the order was opened, and this "
		    "certificate is about it." },
	{ "positions", "The records taken back are those fixed when the order was opened; where it "
		       "is against a whole source, they and what was kept are exactly that "
		       "source\xe2\x80\x99s batches." },
	{ "plan", "The plan was logged after the order, and is a plan for this demand." },
	{ "approval", "This plan for this demand was signed, by another key than the one that "
		      "opened the order unless the repository allows one for both." },
	{ "steps", "Every step of the plan was done once, after the approval." },
	{ "retained", "Every dataset and checkpoint listed in section 6 was committed to as a set "
		      "with a 0 at each position taken back." },
	{ "unlearned", "Every checkpoint that the plan made anew has taken the place of the one it "
		       "names: a later version of that name with another digest, listed in section "
		       "6. Whoever is shown to have trained it again said so in the log." },
	{ "checkpoint", "The checkpoint is the one whose digest this statement is about, as it was "
			"logged when it was made." },
	{ "lineage", "Every dataset and parent that the checkpoint was logged as made of is shown, "
		     "and so on back to the first." },
	{ "sources", "Every batch of a source that is shown came on the terms, and by the transfer, "
		     "that are shown." },
	{ "absent", "The checkpoint\xe2\x80\x99s set was committed to with a 0 at every record of any "
		    "other source, and at every record that the orders shown took back." },
	{ "orders", "The orders shown are those of the log, and each was certified." },
	{ "reproduced", "Whoever is shown to have made the checkpoint again said so in the log." },
	{ "records", "Every record is in the records log at its position, and came from the source, and "
		     "by the transfer, that are shown." },
	{ "as-of", "The head reaches the last fact that is shown: what is said here is as of that "
		   "head." },
};

bool page_holds(const struct page *p, const char *check)
{
	for (size_t i = 0; i < p->v->count; i++)
		if (strcmp(p->v->check[i].name, check) == 0)
			return p->v->check[i].ok;
	return false;
}

bool page_all_hold(const struct page *p)
{
	for (size_t i = 0; i < p->v->count; i++)
		if (!p->v->check[i].ok && strcmp(p->v->check[i].name, "key") != 0)
			return false;
	return true;
}

static const char *sentence_of(const char *check)
{
	for (size_t i = 0; i < COUNT_OF(sentences); i++)
		if (strcmp(sentences[i].name, check) == 0)
			return sentences[i].says;
	return "";
}

static void check_row(const struct page *p, const struct check *c)
{
	bool key = strcmp(c->name, "key") == 0;

	html_put(p->h, "<tr><th scope=\"row\">$</th><td>$", c->name, sentence_of(c->name));
	if (*c->detail && !key)
		html_put(p->h, " <span class=\"quiet\">(<bdi>$</bdi>)</span>", c->detail);
	if (key)
		html_put(p->h, "</td><td class=\"result\">yours</td></tr>\n");
	else
		html_put(p->h, c->ok ? "</td><td class=\"result\">held</td></tr>\n" :
				       "</td><td "
				       "class=\"result\"><strong>failed</strong></td></tr>\n");
}

void page_list(const struct page *p, const json_t *lines, const char *none)
{
	const json_t *line;
	size_t i;

	html_put(p->h, "<ul>\n");
	json_array_foreach(lines, i, line)
		html_put(p->h, "<li><bdi>$</bdi></li>\n", json_string_value(line));
	if (json_array_size(lines) == 0)
		html_put(p->h, "<li>$</li>\n", none);
	html_put(p->h, "</ul>\n");
}

static void checked(const struct page *p)
{
	html_put(p->h, "<section aria-labelledby=\"s$1\">\n<h3 id=\"s$1\">$.1 Checked by anyone, "
		       "from the file itself</h3>\n<p>These need neither the operator nor the "
		       "data. The last column is what was found when this page was made; section $ "
		       "says how to find it yourself.</p>\n"
		       "<table class=\"checks\">\n<thead><tr><th scope=\"col\">Check</th><th "
		       "scope=\"col\">What it says if it holds</th><th "
		       "scope=\"col\">Found</th></tr></thead>\n"
		       "<tbody>\n",
		 p->rests_on, p->rests_on, p->rests_on, p->how);
	for (size_t i = 0; i < p->v->count; i++)
		check_row(p, &p->v->check[i]);
	html_put(p->h, "</tbody>\n</table>\n<p>What they could not say stands in section $.</p>\n"
		       "</section>\n", p->limits);
}

void page_rests_on(const struct page *p)
{
	const char *n = p->rests_on;

	html_put(p->h, "<section aria-labelledby=\"s$\">\n<h2 id=\"s$\">$ What this rests "
		       "on</h2>\n", n, n, n);
	checked(p);
	html_put(p->h, "<section aria-labelledby=\"s$2\">\n<h3 id=\"s$2\">$.2 Signed by "
		       "others</h3>\n", n, n, n);
	page_list(p, json_object_get(p->predicate, "signed_by_others"), "Nothing.");
	html_put(p->h, "</section>\n<section aria-labelledby=\"s$3\">\n"
		       "<h3 id=\"s$3\">$.3 Asserted by the operator</h3>\n"
		       "<p class=\"ask\">For these there is the operator\xe2\x80\x99s word and no "
		       "proof.</p>\n", n, n, n);
	page_list(p, json_object_get(p->predicate, "asserted"), "Nothing.");
	html_put(p->h, "</section>\n</section>\n");
}

/* --- how to check --- */

/* One word of a command line as a shell reads it: an origin is from outside, and this is a line
 * that people copy. */
void page_shell_word(const struct page *p, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=._:@,-";

	if (*word && strspn(word, plain) == strlen(word)) {
		html_words(p->h, word);
		return;
	}
	html_put(p->h, "<bdi>'");
	for (; *word; word += strcspn(word, "'") ? strcspn(word, "'") : 1)
		if (*word == '\'')
			html_put(p->h, "'\\''");
		else
			html_text(p->h, word, strcspn(word, "'"));
	html_put(p->h, "'</bdi>");
}

int page_vkey(const struct page *p, struct buf *ret, struct error *e)
{
	char name[NOTE_NAME_MAX + 1];
	struct note_key k;
	struct hash key;

	if (json_get_hash(p->predicate, "key", &key, e) < 0)
		return e->code;
	if (strlen(p->origin) + sizeof("/facts") > sizeof(name))
		return error_set(e, E_RANGE, "the origin is too long");
	memcpy(name, p->origin, strlen(p->origin));
	memcpy(name + strlen(p->origin), "/facts", sizeof("/facts"));
	if (note_key_make(&k, name, NOTE_ED25519, key.b, e) < 0)
		return e->code;
	return note_key_put(&k, ret, e);
}

static void head(const struct page *p, const char *title, const char *member)
{
	const json_t *heads = json_object_get(p->predicate, "heads");

	html_put(p->h, "<h3>$</h3>\n<pre><bdi>$</bdi></pre>\n", title,
		 json_text_or(heads, member, ""));
}

void page_heads(const struct page *p)
{
	html_put(p->h, "<p class=\"ask\">The heads of the two logs, signed. Keep them: a log that "
		       "is later shown with another past cannot agree with them.</p>\n");
	head(p, "Head of the facts log", "facts");
	head(p, "Head of the records log", "records");
}

/* --- from bytes --- */

static void make(const struct page_kind *k, const struct verdict *v, const struct hash *file,
		 struct html *h)
{
	struct page p = {
		.h = h, .v = v, .file = *file, .rests_on = k->rests_on, .limits = k->limits, .how = k->how,
		.predicate = json_object_get(v->statement, "predicate"),
	};

	p.origin = json_text_or(p.predicate, "origin", "");
	k->write(&p, v->statement);
}

int page_make(const struct page_kind *k, const void *bytes, size_t len_bytes, struct buf *out,
	      struct error *e)
{
	const struct verify_pins nothing_pinned = { 0 };
	scoped(verdict) *v = NULL;
	struct error own = { 0 };
	struct html h = { out, &own };
	size_t was = out->len;
	struct hash file;

	if (certificate_verify(&v, bytes, len_bytes, &nothing_pinned, &own) < 0)
		return error_set(e, own.code, "%s", own.text);
	if (!v->statement)
		return error_set(e, E_FORMAT, "not %s: %s", k->noun, v->check[0].detail);
	if (strcmp(json_text_or(v->statement, "predicateType", ""), k->type) != 0)
		return error_set(e, E_FORMAT, "not %s: another kind of statement", k->noun);
	hash_bytes(&file, bytes, len_bytes);
	make(k, v, &file, &h);
	if (own.code == 0)
		return 0;
	out->len = was;
	if (out->data)
		out->data[was] = 0;
	return error_set(e, own.code, "%s", own.text);
}
