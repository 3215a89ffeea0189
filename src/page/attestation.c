/*
 * The page for people: what an attestation says, in the order in which a buyer asks. It is read by
 * the verifier first, so that the page over a file that does not hold says so at its head.
 */
#include <string.h>

#include "base/text.h"
#include "page/page.h"
#include "page/attestation_page.h"

static const char style[] =
	"@page{@bottom-left{content:\"Rescind \\00b7  Attestation of a checkpoint\"}}\n"
	".source{margin-bottom:2.6rem}\n"
	".said{font-size:.85rem}\n"
	".said th,.said td{padding-right:.9rem;overflow-wrap:break-word}\n"
	".said thead th{white-space:nowrap}\n"
	".said .count{width:auto;padding-right:0}\n"
	".said .first{padding-right:1.1rem}\n"
	".said .long{overflow-wrap:anywhere;min-width:7.5rem}\n"
	".said .under td{padding-top:0;color:#4a5559;font-size:.94em}\n"
	".said tr:has(+.under) td,.said tr:has(+.under) th{border-bottom:0;padding-bottom:.2rem}\n"
	".under .digest{margin-right:.6rem;overflow-wrap:anywhere}\n"
	"@media(max-width:46rem){.said{display:block;overflow-x:auto;font-size:.78rem}}\n"
	"@media print{.under{break-before:avoid}.source h3{break-after:avoid}}\n";

/* --- letterhead --- */

/* Of the checkpoint, as the operator says. */
static const char *state_word(const struct attestation_page *x)
{
	const char *state = json_text_or(x->checkpoint, "state", "");

	return strcmp(state, "live") == 0      ? "Live" :
	       strcmp(state, "withdrawn") == 0 ? "Withdrawn" :
	       strcmp(state, "erased") == 0    ? "Erased" :
						  "Attested";
}

static void letterhead(const struct attestation_page *x)
{
	scoped(buf) *name = page_opened_bytes(&x->p, x->model, "name");
	scoped(buf) *version = page_opened_bytes(&x->p, x->model, "version");
	scoped(buf) *label = NULL;

	if (x->p.h->e->code || buf_create(&label, 64, x->p.h->e) < 0 ||
	    buf_printf(label, x->p.h->e, "%s@%s", name ? buf_text(name) : "?",
		       version ? buf_text(version) : "?") < 0)
		return;
	page_letter_begin(&x->p, "Attestation of a checkpoint");
	page_letter_row(&x->p, "Checkpoint", buf_text(label));
	page_letter_row(&x->p, "Issued",
			page_time_long(json_text_or(x->p.predicate, "issued", "")).s);
	page_letter_row(&x->p, "Origin", x->p.origin);
	page_letter_end(&x->p, state_word(x));
}

/* --- in short --- */

static uint64_t facts_of(const struct attestation_page *x, const char *type)
{
	size_t at = 0;
	uint64_t n = 0;

	while (attestation_next(x, type, &at))
		n++;
	return n;
}

static void state(const struct attestation_page *x)
{
	const char *state = json_text_or(x->checkpoint, "state", "not stated");
	uint64_t erased = json_number_or(x->checkpoint, "erased", 0);

	html_put(x->p.h, strcmp(state, "live") == 0 ? " The operator says that it is live." :
						       " <strong>The operator says that it is "
						       "$.</strong>", state);
	if (erased > 0) {
		html_put(x->p.h, " <strong>");
		html_count(x->p.h, erased, "record");
		html_put(x->p.h, " of its set $ erased: it was trained on them and did not unlearn "
				 "them.</strong>", erased == 1 ? "is" : "are");
	}
}

static void lead(const struct attestation_page *x)
{
	const struct attested_fact *made = attestation_find(x, x->model);
	uint64_t orders = facts_of(x, "order");

	html_put(x->p.h, "<p class=\"lead\">The checkpoint ");
	attestation_label(x, x->model);
	html_put(x->p.h, " was recorded on $. It rests on <strong>",
		 page_time_long(json_text_or(made ? made->entry : NULL, "at", "")).s);
	html_count(x->p.h, attestation_number(x, x->model, "count", 0), "record");
	html_put(x->p.h, "</strong> of <strong>");
	html_count(x->p.h, facts_of(x, "source"), "source");
	html_put(x->p.h, "</strong>, all of which section 2 shows");
	if (orders) {
		html_put(x->p.h, "; ");
		html_count(x->p.h, orders, "order");
		html_put(x->p.h, " took records back, and none of these is in it (section 5)");
	}
	html_put(x->p.h, ".");
	state(x);
	html_put(x->p.h, " What is <strong>not known</strong> stands in section 3.</p>\n");
}

/* Who trained it again, or that nobody did. */
static void again(const struct attestation_page *x)
{
	const struct attested_fact *f;
	size_t at = 0, told = 0;

	while ((f = attestation_next(x, "reproduced", &at)) != NULL)
		if (told < ATTESTATION_SOURCES_MAX)
			html_put(x->p.h, told++ ? ", <code>$</code>" :
						  "With the same result, bit for bit, by the key "
						  "<code>$</code>",
				 json_text_or(f->entry, "by", "?"));
	html_put(x->p.h, told ? "" : "No, or nobody said so");
}

static void kind(const struct attestation_page *x)
{
	static const struct {
		const char *word, *says;
	} words[] = {
		{ "train", "Trained" }, { "finetune", "Fine-tuned from another checkpoint" },
		{ "distil", "Distilled from another checkpoint" },
		{ "merge", "Merged from other checkpoints" },
		{ "quantise", "Quantised from another checkpoint" },
		{ "embed", "Made by embedding" },
	};
	const char *says = NULL;

	for (size_t i = 0; i < COUNT_OF(words) && !says; i++)
		if (attestation_is(x, x->model, "kind", words[i].word))
			says = words[i].says;
	if (says)
		html_put(x->p.h, "$", says);
	else
		attestation_text(x, x->model, "kind", "not stated");
	html_put(x->p.h, attestation_exact(x) ?
		 ", by the operator\xe2\x80\x99s Rescind (section 4)</td></tr>\n" :
		 ", elsewhere (section 4)</td></tr>\n");
}

static void grade(const struct attestation_page *x)
{
	static const struct {
		const char *word, *says;
	} words[] = {
		{ "unknown", "Unknown: nobody said what it, or something that it rests on, was made of" },
		{ "declared", "Declared: somebody said so, and nothing watched it" },
		{ "observed", "Observed: what the runs opened was watched" },
		{ "enforced", "Enforced: the runs could open nothing else" },
	};
	const char *word = json_text_or(x->checkpoint, "grade", "not stated"), *says = word;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strcmp(words[i].word, word) == 0)
			says = words[i].says;
	html_put(x->p.h, "<bdi>$</bdi></td></tr>\n", says);
}

static void details(const struct attestation_page *x)
{
	html_put(x->p.h, "<table class=\"plain\">\n<caption>The checkpoint</caption>\n<tbody>\n");
	attestation_row(x, "How it came to be");
	kind(x);
	attestation_row(x, "Grade of its lineage");
	grade(x);
	attestation_row(x, "Made again");
	again(x);
	html_put(x->p.h, "</td></tr>\n");
	attestation_row(x, "Fact in the log");
	html_put(x->p.h, "$</td></tr>\n", html_number(x->model).s);
	attestation_row(x, "Digest");
	html_digest(x->p.h, x->digest);
	html_put(x->p.h, attestation_exact(x) ?
		 "<br><span class=\"quiet\">A salted commitment to its weights and sums, as the log has "
		 "it.</span></td></tr>\n" :
		 "<br><span class=\"quiet\">SHA-256 of its file, or of the digests of its files: compare it "
		 "with what you were given.</span></td></tr>\n");
	html_put(x->p.h, "</tbody>\n</table>\n");
}

void attestation_short(const struct attestation_page *x)
{
	html_put(x->p.h, "<section aria-labelledby=\"s1\">\n<h2 id=\"s1\">1 In short</h2>\n");
	lead(x);
	details(x);
	if (x->cut)
		html_put(x->p.h, "<p class=\"note\"><strong>This page shows a part:</strong> the file has "
				 "more facts.</p>\n");
	html_put(x->p.h, "</section>\n");
}

/* --- not known --- */

void attestation_unknown(const struct attestation_page *x)
{
	const json_t *unknown = json_object_get(x->summary, "unknown");

	html_put(x->p.h, "<section class=\"limits\" aria-labelledby=\"s3\">\n"
			 "<h2 id=\"s3\">3 What is not known</h2>\n"
			 "<p>The operator does not know:</p>\n");
	page_list(&x->p, json_is_array(unknown) ? unknown : NULL, "Nothing is named here.");
	html_put(x->p.h, "<p>This attestation does not cover:</p>\n");
	page_list(&x->p, json_object_get(x->p.predicate, "not_covered"), "Nothing is named here.");
	/* These are ours: the file did not say them. */
	if (json_array_size(x->p.v->limits) > 0) {
		html_put(x->p.h, "<p class=\"ask\">The checks of section 6.1 add:</p>\n");
		page_list(&x->p, x->p.v->limits, "");
	}
	html_put(x->p.h, "</section>\n");
}

/* --- how to check --- */

static void pins(const struct attestation_page *x, const char *vkey)
{
	html_put(x->p.h, "<table class=\"plain\">\n<caption>What to compare it with</caption>\n<tbody>\n"
			 "<tr><th scope=\"row\">Verifier key</th><td><code><bdi>$</bdi></code><br><span "
			 "class=\"quiet\">Take it from the operator by another way than this page or the "
			 "file: whoever makes a false file also writes a false key.</span></td></tr>\n"
			 "<tr><th scope=\"row\">SHA-256 of the file</th><td><code>$</code><br><span "
			 "class=\"quiet\">As <code>sha256sum</code> <var>FILE</var> prints "
			 "it.</span></td></tr>\n</tbody>\n</table>\n",
		 vkey, hash_hex(&x->p.file).s);
}

void attestation_check(const struct attestation_page *x)
{
	scoped(buf) *vkey = NULL;

	if (x->p.h->e->code || buf_create(&vkey, 256, x->p.h->e) < 0 ||
	    page_vkey(&x->p, vkey, x->p.h->e) < 0)
		return;
	html_put(x->p.h, "<section aria-labelledby=\"s7\">\n<h2 id=\"s7\">7 How to check this "
			 "yourself</h2>\n<p class=\"ask\">On any machine, offline, with the attestation as "
			 "<var>FILE</var>:</p>\n<pre class=\"command\">rescind verify <var>FILE</var> \\\n"
			 "  --key ");
	page_shell_word(&x->p, buf_text(vkey));
	html_put(x->p.h, " \\\n  --data <var>CHECKPOINT</var></pre>\n<p>It ends with exit code 0 only if every "
			 "check of section 6.1 holds, that of the key included, and "
			 "<var>CHECKPOINT</var>, the file or folder that you were given, is what this is "
			 "about. "
			 "The format is described in "
			 "<code>docs/formats-statements.md</code>, so that others can write a verifier "
			 "of their own.</p>\n");
	pins(x, buf_text(vkey));
	page_heads(&x->p);
	html_put(x->p.h, "</section>\n");
}

/* --- the page --- */

static void sections(const struct attestation_page *x)
{
	page_begin(&x->p, (const char *const[]){ page_style[0], page_style[1], style }, 3,
		   (const char *const[]){ "Attestation of a checkpoint, $", x->p.origin, NULL });
	letterhead(x);
	attestation_short(x);
	attestation_sources(x);
	attestation_unknown(x);
	attestation_made(x);
	attestation_orders(x);
	page_rests_on(&x->p);
	attestation_check(x);
	page_end(&x->p, "attestation");
}

static void read_page(struct attestation_page *x, const json_t *statement)
{
	const json_t *subject = json_array_get(json_object_get(statement, "subject"), 0), *sources;

	x->digest = json_text_or(json_object_get(subject, "digest"), "sha256", "");
	x->model = json_number_or(x->p.predicate, "model", 0);
	x->summary = json_object_get(x->p.predicate, "summary");
	x->checkpoint = json_object_get(x->summary, "checkpoint");
	sources = json_object_get(x->summary, "sources");
	x->sources = json_is_array(sources) ? sources : NULL;
}

static void write_page(const struct page *p, const json_t *statement)
{
	struct attestation_page x = { .p = *p };

	read_page(&x, statement);
	if (attestation_facts_read(&x, x.p.h->e) == 0)
		sections(&x);
	attestation_facts_done(&x);
}

int attestation_html(const void *bytes, size_t len_bytes, struct buf *out, struct error *e)
{
	static const struct page_kind kind = { ATTESTATION_TYPE, "an attestation", .rests_on = "6",
					       .limits = "3", .how = "7", .write = write_page };

	return page_make(&kind, bytes, len_bytes, out, e);
}
