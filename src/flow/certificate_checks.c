/* Of the page of a certificate: how it was done in the terms of NIST, and how to check it. */
#include <string.h>

#include "flow/certificate_page.h"

/* --- sanitization --- */

static const struct {
	const char *member, *title;
} media[] = {
	{ "media", "Media" }, { "source", "Media source" }, { "method", "Sanitization method" },
	{ "technique", "Technique" }, { "items", "Items" }, { "tool", "Tool and version" },
	{ "verification", "Verification" }, { "compacted", "Remaining ciphertext removed" },
	{ "performed", "Performed by" }, { "validated", "Validated by" },
	{ "people", "People" },
};

static const char *title_of(const char *member)
{
	for (size_t i = 0; i < COUNT_OF(media); i++)
		if (strcmp(media[i].member, member) == 0)
			return media[i].title;
	return member;
}

static void value(const struct page *p, const json_t *v)
{
	scoped(buf) *b = NULL;
	struct error ignored = { 0 };

	if (json_is_string(v))
		html_words(p->h, json_string_value(v));
	else if (json_is_integer(v) && json_integer_value(v) >= 0)
		html_put(p->h, "$", html_number((uint64_t)json_integer_value(v)).s);
	else if (buf_create(&b, 64, &ignored) == 0 && json_put(v, b, &ignored) == 0)
		html_words(p->h, buf_text(b));
}

static void row(const struct page *p, const char *member, const json_t *v)
{
	html_put(p->h, "<tr><th scope=\"row\"><bdi>$</bdi></th><td>", title_of(member));
	value(p, v);
	html_put(p->h, "</td></tr>\n");
}

static bool is_known(const char *member)
{
	return title_of(member) != member || strcmp(member, "not_nist") == 0;
}

/* The known fields as NIST orders them, then whatever else there is, by name. */
static void fields_of(const struct page *p, json_t *o)
{
	const char *member;
	json_t *v;

	for (size_t i = 0; i < COUNT_OF(media); i++) {
		v = json_object_get(o, media[i].member);
		if (v && !json_is_object(v))
			row(p, media[i].member, v);
	}
	json_object_foreach(o, member, v) {
		if (!is_known(member))
			row(p, member, v);
	}
}

void page_sanitization(const struct page *p)
{
	json_t *o = json_object_get(p->predicate, "sanitization");
	const char *not_nist = json_text_or(o, "not_nist", "");

	html_put(p->h, "<section aria-labelledby=\"s7\">\n<h2 id=\"s7\">7 Sanitization</h2>\n");
	if (json_object_size(o) == 0) {
		html_put(p->h, "<p>The certificate has no statement in the terms of NIST SP "
			       "800-88.</p>\n");
	} else {
		html_put(p->h, "<table class=\"plain\">\n<caption>In the terms of NIST SP 800-88 "
			       "Rev. 2, section 4.6</caption>\n<tbody>\n");
		fields_of(p, o);
		if (json_is_object(json_object_get(o, "people")))
			fields_of(p, json_object_get(o, "people"));
		html_put(p->h, "</tbody>\n</table>\n");
	}
	html_put(p->h, "<p class=\"note\"><strong>Not a NIST method.</strong> SP 800-88 knows "
		       "clear, purge and destroy, for media. Withdrawing a checkpoint and making a "
		       "dataset anew are none of them, and nothing here claims so.");
	if (*not_nist)
		html_put(p->h, " The operator says: <bdi>$</bdi>.", not_nist);
	html_put(p->h, "</p>\n</section>\n");
}

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
