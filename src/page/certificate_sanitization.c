/* The section of the page in the terms of NIST SP 800-88. A verifier asks only that it be an object, so
 * anything may stand in it. */
#include "page/certificate_page.h"

enum { DEEP_MAX = 3 };

/* Of members at any depth. */
static const struct {
	const char *member, *title;
} titles[] = {
	{ "purgeHoldsIf", "Purge holds if" }, { "media", "Media" }, { "source", "Media source" },
	{ "confidentiality", "Confidentiality categorization" },
	{ "cryptographicErase", "Cryptographic erase (section 3.2.5)" },
	{ "tool", "Tool and version" }, { "verification", "Verification" },
	{ "validation", "Validation" }, { "people", "People" }, { "backups", "Data backed up" },
	{ "destination", "Media destination" }, { "notAddressed", "Not addressed" },
	/* inside of these */
	{ "holds", "Holds" }, { "vendor", "Manufacturer" }, { "model", "Model" },
	{ "serial", "Serial number" }, { "assetId", "Property number" }, { "type", "Media type" },
	{ "pre", "Before" }, { "post", "After" }, { "product", "Make, model, version" },
	{ "keyGeneration", "Key generation" }, { "encryption", "Encryption" },
	{ "keyLevel", "Key level and wrapping" }, { "areas", "Data areas" },
	{ "keyLifeCycle", "Key life cycle" }, { "keySanitization", "Key sanitization" },
	{ "keyCopies", "Key escrow and copies" }, { "errors", "Error conditions" },
	{ "interface", "Interface" }, { "performed", "Performed by" },
	{ "verified", "Verified by" }, { "validated", "Validated by" }, { "name", "Name" },
	{ "version", "Version" }, { "title", "Position" }, { "organisation", "Organization" },
	{ "location", "Location" }, { "contact", "Contact" }, { "role", "Role of the key" },
	{ "date", "Date" }, { "method", "Method" }, { "looked", "Traces looked for" },
	{ "found", "Traces found" }, { "result", "Result" }, { "decision", "Decision" },
	{ "until", "Kept until" }, { "covered", "Covered by the destroyed keys" },
};

static const char *title_of(const char *member)
{
	for (size_t i = 0; i < COUNT_OF(titles); i++)
		if (strcmp(titles[i].member, member) == 0)
			return titles[i].title;
	return member;
}

static void as_json(const struct page *p, const json_t *v)
{
	scoped(buf) *b = NULL;
	struct error ignored = { 0 };

	if (buf_create(&b, 64, &ignored) == 0 && json_put(v, b, &ignored) == 0)
		html_words(p->h, buf_text(b));
}

static void value(const struct page *p, json_t *v, unsigned depth);

static void member(const struct page *p, const char *name, json_t *v, unsigned depth)
{
	const char *const row = "<tr><th scope=\"row\"><bdi>$</bdi></th><td>";

	html_put(p->h, depth == 0 ? row : "<li><bdi>$</bdi>: ", title_of(name));
	value(p, v, depth);
	html_put(p->h, depth == 0 ? "</td></tr>\n" : "</li>\n");
}

/* Above the others, in a table of their own and in its caption. */
static bool is_above(const char *name, unsigned depth)
{
	return depth == 0 && (strcmp(name, "items") == 0 || strcmp(name, "standard") == 0);
}

/* The known ones in the order of NIST's, then whatever else there is, by name. */
static void members(const struct page *p, json_t *o, unsigned depth)
{
	const char *name;
	json_t *v;

	for (size_t i = 0; i < COUNT_OF(titles); i++)
		if ((v = json_object_get(o, titles[i].member)) != NULL)
			member(p, titles[i].member, v, depth);
	json_object_foreach(o, name, v) {
		if (!is_above(name, depth) && title_of(name) == name)
			member(p, name, v, depth);
	}
}

static void value(const struct page *p, json_t *v, unsigned depth)
{
	json_t *one;
	size_t i;

	if (json_is_string(v)) {
		html_words(p->h, json_string_value(v));
	} else if (json_is_integer(v) && json_integer_value(v) >= 0) {
		html_put(p->h, "$", html_number((uint64_t)json_integer_value(v)).s);
	} else if (json_is_object(v) && depth < DEEP_MAX) {
		html_put(p->h, "<ul>\n");
		members(p, v, depth + 1);
		html_put(p->h, "</ul>\n");
	} else if (json_array_size(v) == 0 || depth >= DEEP_MAX) {
		as_json(p, v);
	} else {
		json_array_foreach(v, i, one) {
			html_put(p->h, "<div>");
			value(p, one, depth + 1);
			html_put(p->h, "</div>\n");
		}
	}
}

static void items(const struct page *p, const json_t *list)
{
	const json_t *one;
	size_t i;

	html_put(p->h, "<table>\n<caption>What was done, kind by kind</caption>\n<thead><tr>"
		       "<th scope=\"col\">Kind</th><th scope=\"col\" class=\"count\">Count</th>"
		       "<th scope=\"col\">Method</th><th scope=\"col\">Technique</th></tr></thead>\n"
		       "<tbody>\n");
	json_array_foreach(list, i, one)
		html_put(p->h, "<tr><td><bdi>$</bdi></td><td class=\"count\">$</td><td><bdi>$</bdi>"
			       "</td><td><bdi>$</bdi></td></tr>\n",
			 json_text_or(one, "kind", ""),
			 html_number(json_number_or(one, "count", 0)).s,
			 json_text_or(one, "method", ""), json_text_or(one, "technique", ""));
	html_put(p->h, "</tbody>\n</table>\n");
}

void page_sanitization(const struct page *p)
{
	json_t *o = json_object_get(p->predicate, "sanitization");

	html_put(p->h, "<section aria-labelledby=\"s7\">\n<h2 id=\"s7\">7 Sanitization</h2>\n");
	if (json_object_size(o) == 0) {
		html_put(p->h, "<p>The certificate has no statement in the terms of NIST SP "
			       "800-88.</p>\n");
	} else {
		if (json_array_size(json_object_get(o, "items")) > 0)
			items(p, json_object_get(o, "items"));
		html_put(p->h, "<table class=\"plain\">\n<caption>In the terms of NIST SP 800-88 "
			       "Rev. 2, section 4.6</caption>\n<tbody>\n");
		members(p, o, 0);
		html_put(p->h, "</tbody>\n</table>\n");
	}
	html_put(p->h, "<p class=\"note\"><strong>Not a NIST method.</strong> SP 800-88 knows "
		       "clear, purge and destroy, for media. Withdrawing a checkpoint, making it or a "
		       "dataset anew (unlearning) and deleting a file are none of them, and nothing "
		       "here claims so. Whoever performed, verified and validated signs in a file "
		       "beside this one.</p>\n</section>\n");
}
