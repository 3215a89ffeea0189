#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "repo/glob.h"
#include "repo/select_parts.h"
#include "rights/licence.h"

static const char space[] = " \t\n\v\f\r";
/* What ends a word, be it `source`, `and` or one that nobody knows. */
static const char word_ends[] = " \t\n\v\f\r():\"";

struct parser {
	struct arena *a;
	const char *text, *at;
	char *scratch; /* room for the longest value */
	size_t terms, depth;
};

enum { SHOWN_MAX = 44 };

/* A piece of the text for an error: one line, cut between characters. */
static const char *shown(char ret[SHOWN_MAX], const char *text, size_t len)
{
	size_t out = 0, n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_char(text + i, len - i);
		if (n == 0 || out + n >= SHOWN_MAX)
			break;
		memcpy(ret + out, text + i, n);
		if ((uint8_t)text[i] < 0x20 || text[i] == 0x7f)
			ret[out] = '?';
		out += n;
	}
	ret[out] = '\0';
	return ret;
}

/* Puts the place before the story, which is one of a wrong word whatever it was of. */
static int wrong_at(const struct parser *p, const char *at, struct error *e)
{
	error_wrap(e, "selector, byte %zu", (size_t)(at - p->text) + 1);
	if (e && e->code != E_MEMORY)
		e->code = E_USAGE;
	return e ? e->code : E_USAGE;
}

static int wrong(const struct parser *p, const char *at, struct error *e, const char *what)
{
	error_set(e, E_USAGE, "%s", what);
	return wrong_at(p, at, e);
}

/* --- what a value may be --- */

static int check_name(struct node *n, struct error *e)
{
	return name_valid(n->value) ? 0 : error_set(e, E_USAGE, "not a name ([a-z0-9._-])");
}

static int check_version(struct node *n, struct error *e)
{
	const char *version = strchr(n->value, '@');
	char name[128] = "";
	uint64_t v;

	if (!version)
		return check_name(n, e);
	if (version - n->value < (ptrdiff_t)sizeof(name))
		memcpy(name, n->value, (size_t)(version - n->value));
	if (!name_valid(name) ||
	    number_parse(&v, version + 1, strlen(version + 1), NULL) < 0 || v < 1)
		return error_set(e, E_USAGE, "not NAME or NAME@VERSION");
	return 0;
}

static int check_id(struct node *n, char letter, struct error *e)
{
	if (n->value[0] != letter ||
	    number_parse(&n->first, n->value + 1, strlen(n->value + 1), NULL) < 0 || n->first < 1)
		return error_set(e, E_USAGE, "not an id like %c1", letter);
	return 0;
}

/* In ("t1") or out ("out1"). */
static int check_transfer(struct node *n, struct error *e)
{
	if (strncmp(n->value, "out", 3) != 0)
		return check_id(n, 't', e);
	if (number_parse(&n->first, n->value + 3, strlen(n->value + 3), NULL) < 0 || n->first < 1)
		return error_set(e, E_USAGE, "not an id like t1 or out1");
	return 0;
}

static int check_batch(struct node *n, struct error *e)
{
	return check_id(n, 'b', e);
}

static int check_grant(struct node *n, struct error *e)
{
	return check_id(n, 'g', e);
}

static int check_record(struct node *n, struct error *e)
{
	size_t len = strcspn(n->value, "-");
	const char *last = n->value[len] ? n->value + len + 1 : n->value;
	size_t last_len = n->value[len] ? strlen(last) : len;

	if (number_parse(&n->first, n->value, len, NULL) < 0 ||
	    number_parse(&n->last, last, last_len, NULL) < 0)
		return error_set(e, E_USAGE, "not POS or POS-POS");
	return n->first <= n->last ? 0 : error_set(e, E_USAGE, "ends before it begins");
}

static int check_digest(struct node *n, struct error *e)
{
	struct hash h;

	return hex_decode(h.b, HASH_LEN, n->value, NULL) == 0 ?
		       0 :
		       error_set(e, E_USAGE, "not 64 lowercase hex digits");
}

static int check_path(struct node *n, struct error *e)
{
	size_t len = strlen(n->value);
	char path[GLOB_MAX];

	if (len > GLOB_MAX)
		return error_set(e, E_USAGE, "a path of more than %d bytes", (int)GLOB_MAX);
	n->opens_cards = !glob_is_path(n->value, len, path, &len);
	return 0;
}

static int check_licence(struct node *n, struct error *e)
{
	return licence_valid(n->value, e);
}

static int check_attr(struct node *n, struct error *e)
{
	const char *equal = strchr(n->value, '=');

	return equal && equal > n->value ? 0 : error_set(e, E_USAGE, "not KEY=VALUE");
}

/* Like a name, but capitals are kept apart: a signal may be called by a purpose. */
static int check_signal(struct node *n, struct error *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strspn(n->value, letters);

	return n->value[len] == '\0' && len <= SIGNAL_NAME_MAX ?
		       0 :
		       error_set(e, E_USAGE, "not a signal's name ([A-Za-z0-9._-])");
}

static int check_nothing(struct node *n, struct error *e)
{
	(void)n;
	(void)e;
	return 0;
}

static const struct {
	const char *name;
	int (*check)(struct node *n, struct error *e); /* NULL: it takes no value */
	bool personal;
} words[] = {
	[WORD_SOURCE] = { "source", check_name, false },
	[WORD_TRANSFER] = { "transfer", check_transfer, false },
	[WORD_BATCH] = { "batch", check_batch, false },
	[WORD_SUBJECT] = { "subject", check_nothing, true },
	[WORD_GRANT] = { "grant", check_grant, false },
	[WORD_DATASET] = { "dataset", check_version, false },
	[WORD_MODEL] = { "model", check_version, false },
	[WORD_RECORD] = { "record", check_record, true },
	[WORD_SHA256] = { "sha256", check_digest, true },
	[WORD_PATH] = { "path", check_path, true },
	[WORD_LICENCE] = { "licence", check_licence, false },
	[WORD_ATTR] = { "attr", check_attr, true },
	[WORD_SIGNAL] = { "signal", check_signal, false },
	[WORD_ERASED] = { "erased", NULL, false },
	[WORD_EXPIRED] = { "expired", NULL, false },
};
_Static_assert(COUNT_OF(words) == WORD_COUNT, "a row for each word");

const char *select_word_name(enum select_word w)
{
	return words[w].name;
}

/* --- values: read into p->scratch --- */

/* In double quotes; p->at is at the first. */
static int quoted(struct parser *p, struct error *e)
{
	const char *open = p->at++;
	size_t len = 0;

	for (; *p->at && *p->at != '"'; p->at++) {
		if (*p->at == '\\' && *++p->at != '"' && *p->at != '\\')
			return wrong(p, p->at - 1, e, "in quotes \\ stands before \" or \\ alone");
		p->scratch[len++] = *p->at;
	}
	if (!*p->at)
		return wrong(p, open, e, "a quote that nothing closes");
	p->scratch[len] = '\0';
	p->at++;
	if (*p->at && *p->at != ')' && !strchr(space, *p->at))
		return wrong(p, p->at, e, "white space should follow a quoted value");
	return 0;
}

static int bare(struct parser *p, struct error *e)
{
	const char *from = p->at, *quote;

	while (*p->at && *p->at != ')' && !strchr(space, *p->at))
		p->at++;
	quote = memchr(from, '"', (size_t)(p->at - from));
	if (quote)
		return wrong(p, quote, e, "a quote within a value (quote all of it: WORD:\"..\")");
	memcpy(p->scratch, from, (size_t)(p->at - from));
	p->scratch[p->at - from] = '\0';
	return 0;
}

static int value(struct parser *p, struct node *n, struct error *e)
{
	const char *from = p->at;

	if ((*from == '"' ? quoted(p, e) : bare(p, e)) < 0)
		return e->code;
	if (!*p->scratch)
		return wrong(p, from, e, "no value");
	n->value = arena_text(p->a, p->scratch, strlen(p->scratch), e);
	if (!n->value)
		return e->code;
	return words[n->word].check(n, e) < 0 ? wrong_at(p, from, e) : 0;
}

/* --- the grammar --- */

static int node_make(struct parser *p, enum node_kind kind, struct node **ret, struct error *e)
{
	struct node *n = arena_alloc(p->a, sizeof(*n), e);

	if (!n)
		return e->code;
	n->kind = kind;
	n->value = "";
	*ret = n;
	return 0;
}

static void append(struct node *n, struct node *first, struct node *last)
{
	if (n->last_child)
		n->last_child->next = first;
	else
		n->child = first;
	n->last_child = last;
}

/* `a and (b and c)` is `a and b and c`. */
static void adopt(struct node *n, struct node *child)
{
	n->opens_cards |= child->opens_cards;
	if (n->kind == child->kind && n->kind != NODE_NOT)
		append(n, child->child, child->last_child);
	else
		append(n, child, child);
}

static void skip_space(struct parser *p)
{
	p->at += strspn(p->at, space);
}

static bool take_keyword(struct parser *p, const char *word)
{
	size_t len;

	skip_space(p);
	len = strcspn(p->at, word_ends);
	if (len != strlen(word) || memcmp(p->at, word, len) != 0 || p->at[len] == ':')
		return false;
	p->at += len;
	return true;
}

static int find_word(const struct parser *p, size_t len, enum select_word *ret, struct error *e)
{
	char text[SHOWN_MAX];

	for (size_t w = 0; w < COUNT_OF(words); w++)
		if (strlen(words[w].name) == len && memcmp(words[w].name, p->at, len) == 0) {
			*ret = (enum select_word)w;
			return 0;
		}
	error_set(e, E_USAGE, "no selector word \"%s\" (rescind help selectors)",
		  shown(text, p->at, len));
	return wrong_at(p, p->at, e);
}

static int word(struct parser *p, struct node **ret, struct error *e)
{
	size_t len = strcspn(p->at, word_ends);
	const char *from = p->at;
	struct node *n = NULL;

	if (len == 0)
		return wrong(p, p->at, e, *p->at ? "not the beginning of a selector" :
						   "something to select is missing");
	if (++p->terms > SELECTOR_TERMS_MAX)
		return wrong(p, p->at, e, "more than 4096 terms");
	if (node_make(p, NODE_WORD, &n, e) < 0 || find_word(p, len, &n->word, e) < 0)
		return e->code;
	p->at += len;
	*ret = n;
	if ((*p->at == ':') != (words[n->word].check != NULL))
		return wrong(p, from, e, *p->at == ':' ? "this word takes no value" :
							 "this word takes a value (WORD:VALUE)");
	if (*p->at != ':')
		return 0;
	p->at++;
	return value(p, n, e);
}

static int expression(struct parser *p, struct node **ret, struct error *e);

static int deeper(struct parser *p, struct error *e)
{
	if (++p->depth > SELECTOR_DEPTH_MAX)
		return wrong(p, p->at, e, "nested deeper than 64");
	return 0;
}

static int in_parentheses(struct parser *p, struct node **ret, struct error *e)
{
	const char *open = p->at;

	if (deeper(p, e) < 0)
		return e->code;
	p->at++;
	if (expression(p, ret, e) < 0)
		return e->code;
	if (*p->at != ')')
		return wrong(p, *p->at ? p->at : open, e,
			     *p->at ? "\"and\", \"or\" or \")\" should stand here" :
				      "a parenthesis that nothing closes");
	p->at++;
	p->depth--;
	return 0;
}

static int factor(struct parser *p, struct node **ret, struct error *e)
{
	struct node *n = NULL, *child = NULL;

	skip_space(p);
	if (*p->at == '(')
		return in_parentheses(p, ret, e);
	if (!take_keyword(p, "not"))
		return word(p, ret, e);
	if (deeper(p, e) < 0 || node_make(p, NODE_NOT, &n, e) < 0 || factor(p, &child, e) < 0)
		return e->code;
	p->depth--;
	adopt(n, child);
	*ret = n;
	return 0;
}

/* part { keyword part } */
static int joined(struct parser *p, enum node_kind kind, const char *keyword,
		  int (*part)(struct parser *p, struct node **ret, struct error *e),
		  struct node **ret, struct error *e)
{
	struct node *n = NULL, *next = NULL;

	if (part(p, &next, e) < 0)
		return e->code;
	if (!take_keyword(p, keyword)) {
		*ret = next;
		return 0;
	}
	if (node_make(p, kind, &n, e) < 0)
		return e->code;
	adopt(n, next);
	do {
		if (part(p, &next, e) < 0)
			return e->code;
		adopt(n, next);
	} while (take_keyword(p, keyword));
	*ret = n;
	return 0;
}

static int term(struct parser *p, struct node **ret, struct error *e)
{
	return joined(p, NODE_AND, "and", factor, ret, e);
}

static int expression(struct parser *p, struct node **ret, struct error *e)
{
	return joined(p, NODE_OR, "or", term, ret, e);
}

/* --- canonical text --- */

static int put_value(const char *v, struct buf *b, struct error *e)
{
	if (!strpbrk(v, " \t\n\v\f\r)\""))
		return buf_put(b, v, strlen(v), e);
	if (buf_put_u8(b, '"', e) < 0)
		return e->code;
	for (; *v; v++)
		if (((*v == '"' || *v == '\\') && buf_put_u8(b, '\\', e) < 0) ||
		    buf_put_u8(b, (uint8_t)*v, e) < 0)
			return e->code;
	return buf_put_u8(b, '"', e);
}

static int put_node(const struct node *n, struct buf *b, struct error *e);

/* In parentheses if it binds less than what is around it. */
static int put_child(const struct node *n, enum node_kind around, struct buf *b, struct error *e)
{
	bool wrapped = n->kind > around;

	if ((wrapped && buf_put_u8(b, '(', e) < 0) || put_node(n, b, e) < 0)
		return e->code;
	return wrapped ? buf_put_u8(b, ')', e) : 0;
}

static int put_node(const struct node *n, struct buf *b, struct error *e)
{
	if (n->kind == NODE_WORD) {
		if (buf_printf(b, e, "%s%s", words[n->word].name,
			       words[n->word].check ? ":" : "") < 0)
			return e->code;
		return put_value(n->value, b, e);
	}
	if (n->kind == NODE_NOT)
		return buf_put(b, "not ", 4, e) < 0 ? e->code : put_child(n->child, n->kind, b, e);
	for (const struct node *c = n->child; c; c = c->next)
		if ((c != n->child &&
		     buf_printf(b, e, n->kind == NODE_AND ? " and " : " or ") < 0) ||
		    put_child(c, n->kind, b, e) < 0)
			return e->code;
	return 0;
}

static int keep_text(struct parser *p, struct selector *s, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 256, e) < 0 || put_node(s->root, b, e) < 0)
		return e->code;
	/* The spaces of its one form may be more than were written. */
	if (b->len > SELECTOR_BYTES_MAX)
		return wrong(p, p->at, e, "more than 65536 bytes");
	s->text = arena_text(s->a, buf_text(b), b->len, e);
	s->text_len = b->len;
	return s->text ? 0 : e->code;
}

/* --- calls --- */

static int check_text(const struct parser *p, struct error *e)
{
	size_t len = strnlen(p->text, SELECTOR_BYTES_MAX + 1), n;

	if (len > SELECTOR_BYTES_MAX)
		return wrong(p, p->text + SELECTOR_BYTES_MAX, e, "more than 65536 bytes");
	/* Orders keep it as JSON. */
	for (size_t i = 0; i < len; i += n) {
		n = utf8_char(p->text + i, len - i);
		if (n == 0)
			return wrong(p, p->text + i, e, "not UTF-8 (in a path ? is one such byte)");
	}
	return 0;
}

int selector_parse(struct selector **ret, const char *text, struct error *e)
{
	struct parser p = { .text = text, .at = text };
	scoped(selector) *s = calloc(1, sizeof(*s));

	if (!s)
		return error_set(e, E_MEMORY, "out of memory");
	if (check_text(&p, e) < 0 || arena_create(&s->a, e) < 0)
		return e->code;
	p.a = s->a;
	p.scratch = arena_alloc(p.a, strlen(text) + 1, e);
	if (!p.scratch)
		return e->code;
	if (expression(&p, &s->root, e) < 0)
		return e->code;
	if (*p.at)
		return wrong(&p, p.at, e, *p.at == ')' ? "a parenthesis that nothing opens" :
							 "\"and\" or \"or\" should stand here");
	if (keep_text(&p, s, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

void selector_destroy(struct selector *s)
{
	if (!s)
		return;
	arena_destroy(s->a);
	free(s);
}

int selector_put(const struct selector *s, struct buf *b, struct error *e)
{
	return buf_put(b, s->text, s->text_len, e);
}

const char *selector_only(const struct selector *s, const char *word_name)
{
	if (s->root->kind != NODE_WORD || strcmp(words[s->root->word].name, word_name) != 0)
		return NULL;
	return s->root->value;
}

static bool is_personal(const struct node *n)
{
	if (n->kind == NODE_WORD)
		return words[n->word].personal;
	for (const struct node *c = n->child; c; c = c->next)
		if (is_personal(c))
			return true;
	return false;
}

bool selector_is_personal(const struct selector *s)
{
	return is_personal(s->root);
}
