/* Of the page: what its claims rest on, in three lists that are never mixed; and how to look. */
#include <string.h>

#include "flow/certificate_page.h"
#include "wire/note.h"

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
	{ "as-of", "The head reaches this order\xe2\x80\x99s last step: what is said here is as of "
		   "that head." },
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
	html_put(p->h, "<section aria-labelledby=\"s41\">\n<h3 id=\"s41\">4.1 Checked by anyone, "
		       "from the file itself</h3>\n<p>These need neither the operator nor the "
		       "data. The last column is what was found when this page was made; section 8 "
		       "says how to find it yourself.</p>\n"
		       "<table class=\"checks\">\n<thead><tr><th scope=\"col\">Check</th><th "
		       "scope=\"col\">What it says if it holds</th><th "
		       "scope=\"col\">Found</th></tr></thead>\n"
		       "<tbody>\n");
	for (size_t i = 0; i < p->v->count; i++)
		check_row(p, &p->v->check[i]);
	html_put(p->h, "</tbody>\n</table>\n<p>What they could not say stands in section 3.</p>\n"
		       "</section>\n");
}

void page_rests_on(const struct page *p)
{
	html_put(p->h, "<section aria-labelledby=\"s4\">\n<h2 id=\"s4\">4 What this rests "
		       "on</h2>\n");
	checked(p);
	html_put(p->h, "<section aria-labelledby=\"s42\">\n<h3 id=\"s42\">4.2 Signed by "
		       "others</h3>\n");
	page_list(p, json_object_get(p->predicate, "signed_by_others"), "Nothing.");
	html_put(p->h, "</section>\n<section aria-labelledby=\"s43\">\n"
		       "<h3 id=\"s43\">4.3 Asserted by the operator</h3>\n"
		       "<p class=\"ask\">For these there is the operator\xe2\x80\x99s word and no "
		       "proof.</p>\n");
	page_list(p, json_object_get(p->predicate, "asserted"), "Nothing.");
	html_put(p->h, "</section>\n</section>\n");
}

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

/* One word of a command line as a shell reads it: an origin is from outside, and this is a line
 * that people copy. */
static void shell_word(const struct page *p, const char *word)
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

static int vkey_of(const struct page *p, struct buf *ret, struct error *e)
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

static void command(const struct page *p, const char *vkey)
{
	html_put(p->h, "<pre class=\"command\">rescind verify <var>FILE</var> \\\n  --key ");
	shell_word(p, vkey);
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

static void head(const struct page *p, const char *title, const char *member)
{
	const json_t *heads = json_object_get(p->predicate, "heads");

	html_put(p->h, "<h3>$</h3>\n<pre><bdi>$</bdi></pre>\n", title,
		 json_text_or(heads, member, ""));
}

void page_how_to_check(const struct page *p)
{
	scoped(buf) *vkey = NULL;

	if (p->h->e->code || buf_create(&vkey, 256, p->h->e) < 0 || vkey_of(p, vkey, p->h->e) < 0)
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
	html_put(p->h, "<p class=\"ask\">The heads of the two logs, signed. Keep them: a log that "
		       "is later shown with another past cannot agree with them.</p>\n");
	head(p, "Head of the facts log", "facts");
	head(p, "Head of the records log", "records");
	html_put(p->h, "</section>\n");
}
