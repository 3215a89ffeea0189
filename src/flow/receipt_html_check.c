/* Of a receipt's page: what it does not say, and how to check what it says. */
#include <string.h>

#include "flow/receipt_page.h"
#include "wire/note.h"

const char receipt_style[] =
	"@page{@bottom-left{content:\"Rescind \\00b7  Receipt\"}}\n"
	".short li{margin:0 0 .25rem}\n"
	".limits .command{background:#fff}\n"
	".limits p{max-width:none}\n"
	".commitments .digest{display:block;max-width:24rem;overflow:hidden;text-overflow:ellipsis;"
	"white-space:nowrap}\n"
	"@media print{.commitments .digest{white-space:normal;max-width:none}}\n";

void receipt_page_limits(const struct receipt_page *x)
{
	const json_t *p = x->p.predicate;

	html_put(x->p.h, "<section aria-labelledby=\"s8\">\n<h2 id=\"s8\">8 What this does not "
			 "say</h2>\n<p>It says nothing of:</p>\n");
	page_list(&x->p, json_object_get(p, "not_covered"), "Nothing is named here.");
	if (json_array_size(x->p.v->limits) > 0) {
		html_put(x->p.h, "<p>Whoever checked the file adds:</p>\n");
		page_list(&x->p, x->p.v->limits, "");
	}
	html_put(x->p.h, "<p>For these there is the operator\xe2\x80\x99s word, and no proof:</p>\n");
	page_list(&x->p, json_object_get(p, "asserted"), "Nothing.");
	html_put(x->p.h, "<p>Signed by others than the operator:</p>\n");
	page_list(&x->p, json_object_get(p, "signed_by_others"), "Nothing.");
	html_put(x->p.h, "</section>\n");
}

/* --- how to check --- */

/* One word of a command line as a shell reads it: an origin is from outside, and this is a line
 * that people copy. */
static void shell_word(const struct receipt_page *x, const char *word)
{
	html_put(x->p.h, "<bdi>'");
	for (; *word; word += strcspn(word, "'") ? strcspn(word, "'") : 1)
		if (*word == '\'')
			html_put(x->p.h, "'\\''");
		else
			html_text(x->p.h, word, strcspn(word, "'"));
	html_put(x->p.h, "'</bdi>");
}

static int vkey_of(const struct receipt_page *x, struct buf *ret, struct error *e)
{
	scoped(buf) *name = NULL;
	struct note_key k;
	struct hash key;

	if (json_get_hash(x->p.predicate, "key", &key, e) < 0 || buf_create(&name, 256, e) < 0 ||
	    buf_printf(name, e, "%s/facts", x->p.origin) < 0 ||
	    note_key_make(&k, buf_text(name), NOTE_ED25519, key.b, e) < 0)
		return e->code;
	return note_key_put(&k, ret, e);
}

static void commands(const struct receipt_page *x, const char *vkey)
{
	html_put(x->p.h, "<p>You need the signed file, not this page. On any machine, offline:</p>\n"
			 "<pre class=\"command\">rescind verify <var>FILE</var> --key ");
	shell_word(x, vkey);
	html_put(x->p.h, "</pre>\n<p>Is a photo that you have one of these records? Add it:</p>\n"
			 "<pre class=\"command\">rescind verify <var>FILE</var> --key ");
	shell_word(x, vkey);
	html_put(x->p.h, " --data <var>PHOTO</var></pre>\n<p class=\"note\">Take the key, the text after "
			 "<code>--key</code>, from the operator by another way than this page or the file: "
			 "whoever makes a false file also writes a false key.</p>\n");
}

static void checks(const struct receipt_page *x)
{
	html_put(x->p.h, "<table class=\"checks\">\n<caption>What was found when this page was "
			 "made</caption>\n<thead><tr><th scope=\"col\">Check</th><th "
			 "scope=\"col\">What it found</th><th scope=\"col\">Result</th></tr></thead>\n"
			 "<tbody>\n");
	for (size_t i = 0; i < x->p.v->count; i++) {
		const struct check *c = &x->p.v->check[i];
		bool key = strcmp(c->name, "key") == 0;

		html_put(x->p.h, "<tr><th scope=\"row\">$</th><td>$</td><td class=\"result\">", c->name,
			 key ? "That is for you to say: is it the key that you were given?" : c->detail);
		html_put(x->p.h, key ? "yours" : c->ok ? "held" : "<strong>failed</strong>");
		html_put(x->p.h, "</td></tr>\n");
	}
	html_put(x->p.h, "</tbody>\n</table>\n");
}

static void head(const struct receipt_page *x, const char *title, const char *member)
{
	html_put(x->p.h, "<h3>$</h3>\n<pre><bdi>$</bdi></pre>\n", title,
		 json_text_or(json_object_get(x->p.predicate, "heads"), member, ""));
}

void receipt_page_check(const struct receipt_page *x)
{
	scoped(buf) *vkey = NULL;

	if (x->p.h->e->code || buf_create(&vkey, 256, x->p.h->e) < 0 ||
	    vkey_of(x, vkey, x->p.h->e) < 0)
		return;
	html_put(x->p.h, "<section aria-labelledby=\"s9\">\n<h2 id=\"s9\">9 How to check this</h2>\n");
	commands(x, buf_text(vkey));
	checks(x);
	html_put(x->p.h, "<p>The signed heads of the two logs. Keep them: a log that is later shown with "
			 "another past cannot agree with them.</p>\n");
	head(x, "Head of the facts log", "facts");
	head(x, "Head of the records log", "records");
	html_put(x->p.h, "</section>\n");
}
