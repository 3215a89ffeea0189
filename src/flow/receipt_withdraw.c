/* Of a receipt in words: whom to ask, what to name, and what the operator then runs. */
#include <inttypes.h>

#include "flow/receipt_parts.h"

/* More ranges than this are not put into a sentence or on a command line: there a person is named
 * instead. */
enum { RANGES_MAX = 16 };

/* A word of a command line as a shell reads it. */
static int put_word(struct buf *b, const char *word, struct error *e)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=._:@,-";

	if (*word && *word != '-' && strspn(word, plain) == strlen(word))
		return buf_put(b, word, strlen(word), e);
	if (buf_put(b, "'", 1, e) < 0)
		return e->code;
	for (; *word; word++)
		if ((*word == '\'' ? buf_put(b, "'\\''", 4, e) : buf_put(b, word, 1, e)) < 0)
			return e->code;
	return buf_put(b, "'", 1, e);
}

/* --- whom to ask --- */

static bool is_controller(const json_t *row, const char *name)
{
	return strcmp(json_text_or(row, "controller", ""), name) == 0;
}

static bool is_named_before(const json_t *terms, size_t i, const char *controller)
{
	for (size_t k = 0; k < i; k++)
		if (is_controller(json_array_get(terms, k), controller))
			return true;
	return false;
}

static int put_controllers(struct receipting *x, struct buf *b, struct error *e)
{
	const json_t *terms = json_object_get(x->summary, "terms");
	size_t told = 0;

	for (size_t i = 0; i < json_array_size(terms); i++) {
		const char *name = json_text_or(json_array_get(terms, i), "controller", "");

		if (!*name || is_named_before(terms, i, name))
			continue;
		if (buf_printf(b, e, "%s%s", told++ ? " or " : "", name) < 0)
			return e->code;
	}
	return told == 0 ? buf_printf(b, e, "the operator of this log") : 0;
}

/* The address is the operator's, who need not be the controller. */
static int put_whom(struct receipting *x, struct buf *b, struct error *e)
{
	if (x->ask->contact && buf_printf(b, e, "%s, or to ", x->ask->contact) < 0)
		return e->code;
	return put_controllers(x, b, e);
}

/* --- what is run --- */

struct ranges {
	struct buf *b; /* NULL: only count */
	uint64_t count;
};

static int put_range(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	struct ranges *r = ctx;

	if (r->count++ > 0 && r->b && buf_printf(r->b, e, " or ") < 0)
		return e->code;
	if (!r->b)
		return 0;
	return first == last ? buf_printf(r->b, e, "record:%" PRIu64, first)
			     : buf_printf(r->b, e, "record:%" PRIu64 "-%" PRIu64, first, last);
}

/* subject:"ID", as selectors have it. */
static int put_subject(struct receipting *x, struct buf *b, struct error *e)
{
	const char *c = x->ask->subject;

	if (buf_printf(b, e, "subject:\"") < 0)
		return e->code;
	for (; *c; c++)
		if (((*c == '"' || *c == '\\') && buf_put(b, "\\", 1, e) < 0) ||
		    buf_put(b, c, 1, e) < 0)
			return e->code;
	return buf_put(b, "\"", 1, e);
}

static int put_order(struct receipting *x, const struct set *here, struct buf *b, struct error *e)
{
	scoped(buf) *selector = NULL;
	struct ranges r = { 0 };

	if (buf_create(&selector, 256, e) < 0)
		return e->code;
	r.b = selector;
	if (set_each_run(here, put_range, &r, e) < 0)
		return e->code;
	if (r.count > RANGES_MAX && x->ask->subject) {
		buf_clear(selector);
		if (put_subject(x, selector, e) < 0)
			return e->code;
	}
	if (buf_printf(b, e, "rescind order open ") < 0 || put_word(b, buf_text(selector), e) < 0)
		return e->code;
	return buf_printf(b, e, " --authority 'the person' --reason 'taken back'");
}

static bool has_grant(const struct receipting *x)
{
	for (size_t i = 0; i < x->grant_count; i++)
		if (!x->grants[i].grant.withdrawn)
			return true;
	return false;
}

/* There is a grant to end, or a record to take back. */
static int put_commands(struct receipting *x, const struct set *here, struct buf *b,
			struct error *e)
{
	bool granted = has_grant(x);
	const char *then = granted ? "Or, for these records whatever you granted" :
				     "The operator of the log then opens an order for them";

	if (granted &&
	    (buf_printf(
		     b, e,
		     "\nThe operator of the log then ends what you granted, which opens an order "
		     "for what rests on it:\n`rescind grant withdraw --subject ") < 0 ||
	     put_word(b, x->ask->subject, e) < 0 || buf_printf(b, e, "`") < 0))
		return e->code;
	if (set_count(here) == 0)
		return 0;
	if (buf_printf(b, e, "\n%s:\n`", then) < 0 || put_order(x, here, b, e) < 0)
		return e->code;
	return buf_printf(
		b, e,
		"`\nFrom that moment every use of them is denied. They are erased when the "
		"order is carried out, and you can ask for its certificate.");
}

/* --- all of it --- */

/* "4, 170, 337": without the spaces it would read as one number. */
static int put_list(const struct set *here, struct buf *b, struct error *e)
{
	scoped(buf) *text = NULL;

	if (buf_create(&text, 64, e) < 0 || set_put_text(here, text, e) < 0)
		return e->code;
	for (const char *p = buf_text(text); *p; p++)
		if (buf_put(b, p, 1, e) < 0 || (*p == ',' && buf_put(b, " ", 1, e) < 0))
			return e->code;
	return 0;
}

static int put_positions(const struct set *here, struct buf *b, struct error *e)
{
	struct ranges r = { 0 };

	if (set_each_run(here, put_range, &r, e) < 0)
		return e->code;
	if (r.count > RANGES_MAX)
		return buf_printf(b, e, " and the positions in this receipt");
	if (buf_printf(b, e, " and %s ", set_count(here) == 1 ? "position" : "positions") < 0)
		return e->code;
	return put_list(here, b, e);
}

static int put_ask(struct receipting *x, const struct set *here, struct buf *b, struct error *e)
{
	if (buf_printf(b, e, "To take this back, write to ") < 0 || put_whom(x, b, e) < 0 ||
	    buf_printf(b, e, " and name the log %s", x->show.r->origin) < 0 ||
	    (set_count(here) > 0 && put_positions(here, b, e) < 0) || buf_printf(b, e, ".") < 0)
		return e->code;
	return put_commands(x, here, b, e);
}

static int put_nothing_left(struct receipting *x, struct buf *b, struct error *e)
{
	if (buf_printf(b, e,
		       "Nothing of these records is left here to take back: they were erased. "
		       "Questions go to ") < 0 ||
	    put_whom(x, b, e) < 0)
		return e->code;
	return buf_printf(b, e, "; name the log %s.", x->show.r->origin);
}

int receipting_withdraw(struct receipting *x, struct error *e)
{
	scoped(set) *here = NULL;
	scoped(buf) *b = NULL;

	if (set_copy(&here, x->all, e) < 0 || set_minus(here, x->erased, e) < 0 ||
	    buf_create(&b, 512, e) < 0)
		return e->code;
	if (set_count(here) == 0 && !has_grant(x)) {
		if (put_nothing_left(x, b, e) < 0)
			return e->code;
	} else if (put_ask(x, here, b, e) < 0) {
		return e->code;
	}
	json_set_text(x->summary, "withdraw", buf_text(b), e);
	return e->code;
}
