/* Of the page of a certificate: how it was done in the terms of NIST, and how to check it. */
#include <string.h>

#include "page/certificate_page.h"

/* --- how to check --- */

static void command(const struct page *p, const char *vkey)
{
	html_put(p->h, "<pre class=\"command\">rescind verify <var>FILE</var> \\\n  --key ");
	page_shell_word(p, vkey);
	html_put(p->h, " \\\n  --order $</pre>\n", p->demand);
}

static void pins(const struct page *p, const char *vkey)
{
	html_put(p->h, "<table class=\"plain\">\n<caption>What to compare it with</caption>\n"
		       "<tbody>\n"
		       "<tr><th scope=\"row\">Verifier "
		       "key</th><td><code><bdi>$</bdi></code><br><span class=\"quiet\">Take it "
		       "from the operator by another way than this page or the file: whoever makes "
		       "a false file also writes a false key.</span></td></tr>\n"
		       "<tr><th scope=\"row\">Demand</th><td><code>$</code><br><span "
		       "class=\"quiet\">You were given it when the order was "
		       "opened.</span></td></tr>\n"
		       "<tr><th scope=\"row\">SHA-256 of the file</th><td><code>$</code><br><span "
		       "class=\"quiet\">As <code>sha256sum</code> <var>FILE</var> prints it. The "
		       "operator\xe2\x80\x99s log commits to it in the fact "
		       "\xe2\x80\x9c" "certified\xe2\x80\x9d that comes after fact $; it cannot stand "
		       "in the file itself.</span></td></tr>\n"
		       "</tbody>\n</table>\n",
		 vkey, p->demand, hash_hex(&p->file).s, html_number(p->last).s);
}

void page_how_to_check(const struct page *p)
{
	scoped(buf) *vkey = NULL;

	if (p->h->e->code || buf_create(&vkey, 256, p->h->e) < 0 || page_vkey(p, vkey, p->h->e) < 0)
		return;
	html_put(p->h, "<section aria-labelledby=\"s8\">\n<h2 id=\"s8\">8 How to check this "
		       "yourself</h2>\n"
		       "<p class=\"ask\">On any machine, offline, with the certificate as "
		       "<var>FILE</var>:</p>\n");
	command(p, buf_text(vkey));
	html_put(p->h, "<p>It ends with exit code 0 only if every check of section 4.1 holds, that "
		       "of the key included. The format is described in "
		       "<code>docs/formats.md</code>, section 3, so that others can write a "
		       "verifier of their own.</p>\n");
	pins(p, buf_text(vkey));
	page_heads(p);
	html_put(p->h, "</section>\n");
}
