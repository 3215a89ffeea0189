/* Of a receipt's page: what it does not say, and how to check what it says. */
#include "page/receipt_page.h"

const char receipt_style[] =
	"@page{@bottom-left{content:\"Rescind \\00b7  Receipt\"}}\n"
	".told td,.told th{overflow-wrap:break-word}\n"
	".short li{margin:0 0 .25rem}\n"
	".limits .command{background:#fff}\n"
	".limits p{max-width:none}\n"
	".commitments .digest{overflow-wrap:anywhere;white-space:normal}\n";

void receipt_page_limits(const struct receipt_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s8\">\n<h2 id=\"s8\">8 What this does not "
			 "say</h2>\n<p class=\"ask\">The operator says that it says nothing of:</p>\n");
	page_list(&x->p, json_object_get(x->p.predicate, "not_covered"), "Nothing is named here.");
	/* These are ours: the file did not say them. */
	if (json_array_size(x->p.v->limits) > 0) {
		html_put(x->p.h, "<p class=\"ask\">The checks of section 9.1 add:</p>\n");
		page_list(&x->p, x->p.v->limits, "");
	}
	html_put(x->p.h, "</section>\n");
}

static void command(const struct receipt_page *x, const char *vkey, bool with_photo)
{
	html_put(x->p.h, "<pre class=\"command\">rescind verify <var>FILE</var> \\\n  --key ");
	page_shell_word(&x->p, vkey);
	html_put(x->p.h, with_photo ? " \\\n  --data <var>PHOTO</var></pre>\n" : "</pre>\n");
}

void receipt_page_check(const struct receipt_page *x)
{
	scoped(buf) *vkey = NULL;

	if (x->p.h->e->code || buf_create(&vkey, 256, x->p.h->e) < 0 ||
	    page_vkey(&x->p, vkey, x->p.h->e) < 0)
		return;
	html_put(x->p.h, "<section aria-labelledby=\"s10\">\n<h2 id=\"s10\">10 How to check this "
			 "yourself</h2>\n<p class=\"ask\">You need the signed file, not this page. On any "
			 "machine, offline, with that as <var>FILE</var>:</p>\n");
	command(x, buf_text(vkey), false);
	html_put(x->p.h, "<p class=\"ask\">Is a photo that you have one of these records?</p>\n");
	command(x, buf_text(vkey), true);
	html_put(x->p.h, "<p class=\"note\">Take the text after <code>--key</code> from the operator by "
			 "another way than this page or the file: whoever makes a false file also writes a "
			 "false key.</p>\n");
	page_heads(&x->p);
	html_put(x->p.h, "</section>\n");
}
