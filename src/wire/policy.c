#include "wire/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Names that can be members: witnesses first, groups after them. */
enum { MEMBERS_MAX = POLICY_WITNESSES_MAX + POLICY_GROUPS_MAX, QUORUM_NONE = -1, QUORUM_UNSET = -2,
       WORDS_MAX = MEMBERS_MAX + 3 };

struct policy_group {
	char name[POLICY_NAME_MAX + 1];
	size_t least, count;
	uint8_t member[MEMBERS_MAX]; /* index of a witness, or POLICY_WITNESSES_MAX + of a group */
};

struct word {
	const char *text;
	size_t len;
};
struct line {
	size_t count;
	struct word word[WORDS_MAX];
};
struct reading {
	struct policy *p;
	bool member[MEMBERS_MAX]; /* is one of a group already */
};

void policy_destroy(struct policy *p)
{
	if (!p)
		return;
	free(p->group);
	free(p);
}

/* ---- words ---- */

static bool is(const struct word *w, const char *text)
{
	return w->len == strlen(text) && memcmp(w->text, text, w->len) == 0;
}

static int take(char *ret, size_t max, const struct word *w, const char *what, struct error *e)
{
	if (w->len > max)
		return error_set(e, E_RANGE, "%s longer than %zu bytes", what, max);
	memcpy(ret, w->text, w->len);
	ret[w->len] = 0;
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static int split(struct line *l, const char *text, size_t len, struct error *e)
{
	const char *end = text + len;

	l->count = 0;
	while (text < end) {
		const char *word = text;

		if (is_space(*text)) {
			text++;
			continue;
		}
		if (l->count == 0 && *text == '#')
			return 0;
		while (text < end && !is_space(*text))
			text++;
		if (l->count == WORDS_MAX)
			return error_set(e, E_RANGE, "more than %d words", WORDS_MAX);
		l->word[l->count++] = (struct word){ word, (size_t)(text - word) };
	}
	return 0;
}

/* ---- names ---- */

static bool has_name(const char *name, const struct word *w)
{
	return is(w, name);
}

/* Index of a member; QUORUM_UNSET: nobody has this name. */
static int find(const struct policy *p, const struct word *w)
{
	for (size_t i = 0; i < p->witness_count; i++)
		if (has_name(p->witness[i].name, w))
			return (int)i;
	for (size_t i = 0; i < p->group_count; i++)
		if (has_name(p->group[i].name, w))
			return POLICY_WITNESSES_MAX + (int)i;
	return QUORUM_UNSET;
}

static int take_name(const struct policy *p, char ret[POLICY_NAME_MAX + 1], const struct word *w,
		     struct error *e)
{
	if (is(w, "none") || find(p, w) != QUORUM_UNSET)
		return error_set(e, E_FORMAT, "this name is taken");
	return take(ret, POLICY_NAME_MAX, w, "a name", e);
}

static int take_key(struct note_key *ret, const struct word *w, struct error *e)
{
	char text[NOTE_NAME_MAX + 2 * NOTE_PUBLIC_MAX + 32];

	if (take(text, sizeof(text) - 1, w, "a key", e) < 0)
		return e->code;
	return note_key_parse(ret, text, e);
}

/* The specification's duplicates: whatever their names are. */
static bool same_key(const struct note_key *a, const struct note_key *b)
{
	return note_public_len(a->type) == note_public_len(b->type) &&
	       memcmp(a->public_key, b->public_key, note_public_len(a->type)) == 0;
}

/* ---- lines ---- */

/* log VKEY [URL] */
static int read_log(struct policy *p, const struct line *l, struct error *e)
{
	struct policy_log *log = &p->log[p->log_count];

	if (l->count != 2 && l->count != 3)
		return error_set(e, E_FORMAT, "not: log VKEY [URL]");
	if (p->log_count == POLICY_LOGS_MAX)
		return error_set(e, E_RANGE, "more than %d logs", POLICY_LOGS_MAX);
	if (take_key(&log->key, &l->word[1], e) < 0 ||
	    (l->count == 3 && take(log->url, POLICY_URL_MAX, &l->word[2], "a URL", e) < 0))
		return e->code;
	if (log->key.type == NOTE_COSIGNATURE)
		return error_set(e, E_FORMAT, "the key of a witness, not of a log");
	for (size_t i = 0; i < p->log_count; i++)
		if (same_key(&p->log[i].key, &log->key))
			return error_set(e, E_FORMAT, "a log with this key is listed already");
	p->log_count++;
	return 0;
}

/* witness NAME VKEY [URL] */
static int read_witness(struct policy *p, const struct line *l, struct error *e)
{
	struct policy_witness *w = &p->witness[p->witness_count];

	if (l->count != 3 && l->count != 4)
		return error_set(e, E_FORMAT, "not: witness NAME VKEY [URL]");
	if (p->witness_count == POLICY_WITNESSES_MAX)
		return error_set(e, E_RANGE, "more than %d witnesses", POLICY_WITNESSES_MAX);
	if (take_name(p, w->name, &l->word[1], e) < 0 || take_key(&w->key, &l->word[2], e) < 0 ||
	    (l->count == 4 && take(w->url, POLICY_URL_MAX, &l->word[3], "a URL", e) < 0))
		return e->code;
	if (w->key.type == NOTE_ED25519)
		return error_set(e, E_FORMAT, "the key of a log, not of a witness");
	for (size_t i = 0; i < p->witness_count; i++)
		if (same_key(&p->witness[i].key, &w->key))
			return error_set(e, E_FORMAT, "a witness with this key is listed already");
	p->witness_count++;
	return 0;
}

static int take_member(struct reading *x, struct policy_group *g, const struct word *w,
		       struct error *e)
{
	int i = find(x->p, w);

	if (i < 0)
		return error_set(e, E_FORMAT, "a member that no line before defines");
	if (x->member[i])
		return error_set(e, E_FORMAT, "a member that is one already");
	x->member[i] = true;
	g->member[g->count++] = (uint8_t)i;
	return 0;
}

static int take_least(struct policy_group *g, const struct word *w, struct error *e)
{
	uint64_t least = is(w, "any") ? 1 : g->count;

	if (!is(w, "any") && !is(w, "all") && number_parse(&least, w->text, w->len, e) < 0)
		return error_set(e, E_FORMAT, "not all, any or a number of members");
	if (least < 1 || least > g->count)
		return error_set(e, E_FORMAT, "asks for another number than 1 to %zu members",
				 g->count);
	g->least = (size_t)least;
	return 0;
}

/* group NAME all|any|K MEMBER.. */
static int read_group(struct reading *x, const struct line *l, struct error *e)
{
	struct policy *p = x->p;
	struct policy_group *g = &p->group[p->group_count];

	if (l->count < 4)
		return error_set(e, E_FORMAT, "not: group NAME all|any|NUMBER MEMBER..");
	if (p->group_count == POLICY_GROUPS_MAX)
		return error_set(e, E_RANGE, "more than %d groups", POLICY_GROUPS_MAX);
	g->count = 0;
	if (take_name(p, g->name, &l->word[1], e) < 0)
		return e->code;
	for (size_t i = 3; i < l->count; i++)
		if (take_member(x, g, &l->word[i], e) < 0)
			return e->code;
	if (take_least(g, &l->word[2], e) < 0)
		return e->code;
	p->group_count++;
	return 0;
}

static int read_quorum(struct policy *p, const struct line *l, struct error *e)
{
	int i;

	if (l->count != 2)
		return error_set(e, E_FORMAT, "not: quorum NAME");
	if (p->quorum != QUORUM_UNSET)
		return error_set(e, E_FORMAT, "a second quorum");
	i = is(&l->word[1], "none") ? QUORUM_NONE : find(p, &l->word[1]);
	if (i == QUORUM_UNSET)
		return error_set(e, E_FORMAT, "a quorum that no line before defines");
	p->quorum = i;
	return 0;
}

static int read_line(struct reading *x, const char *text, size_t len, struct error *e)
{
	struct line l;

	if (split(&l, text, len, e) < 0)
		return e->code;
	if (l.count == 0)
		return 0;
	if (is(&l.word[0], "log"))
		return read_log(x->p, &l, e);
	if (is(&l.word[0], "witness"))
		return read_witness(x->p, &l, e);
	if (is(&l.word[0], "group"))
		return read_group(x, &l, e);
	if (is(&l.word[0], "quorum"))
		return read_quorum(x->p, &l, e);
	return error_set(e, E_FORMAT, "not a log, witness, group or quorum");
}

/* ---- the file ---- */

static int check_bytes(const char *text, size_t len, struct error *e)
{
	if (len > POLICY_BYTES_MAX)
		return error_set(e, E_RANGE, "policy: more than %d bytes", POLICY_BYTES_MAX);
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			return error_set(e, E_FORMAT, "policy: a control byte");
	}
	if (len > 0 && text[len - 1] != '\n')
		return error_set(e, E_FORMAT, "policy: the last line has no end");
	return 0;
}

int policy_parse(struct policy **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	const char *at = bytes, *end = at + len_bytes, *newline;
	scoped(policy) *p = NULL;
	struct reading x = { 0 };

	if (check_bytes(bytes, len_bytes, e) < 0)
		return e->code;
	p = calloc(1, sizeof(*p));
	if (!p || !(p->group = calloc(POLICY_GROUPS_MAX, sizeof(*p->group))))
		return error_set(e, E_MEMORY, "policy: out of memory");
	p->quorum = QUORUM_UNSET;
	x.p = p;
	for (size_t n = 1; at < end; n++, at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (read_line(&x, at, (size_t)(newline - at), e) < 0)
			return error_wrap(e, "policy, line %zu", n);
	}
	if (p->quorum == QUORUM_UNSET)
		return error_set(e, E_FORMAT, "policy: no quorum");
	*ret = give(p);
	return 0;
}

/* ---- asking it ---- */

const struct note_key *policy_log_of(const struct policy *p, const char *origin,
				     const struct note *n)
{
	const struct note_key *first = NULL;
	struct error e = { 0 };

	for (size_t i = 0; i < p->log_count; i++) {
		const struct note_key *k = &p->log[i].key;

		if (strcmp(k->name, origin) != 0)
			continue;
		if (n && note_check(n, k, 1, NULL, NULL, &e) == 0)
			return k;
		if (!first)
			first = k;
	}
	return first;
}

/* Groups name only what came before them, so one pass upwards settles each. */
static bool is_quorum(const struct policy *p, const uint64_t *times)
{
	bool witnessed[MEMBERS_MAX] = { false };

	if (p->quorum == QUORUM_NONE)
		return true;
	for (size_t i = 0; i < p->witness_count; i++)
		witnessed[i] = times[i] != NOTE_UNSIGNED;
	for (size_t i = 0; i < p->group_count; i++) {
		const struct policy_group *g = &p->group[i];
		size_t count = 0;

		for (size_t k = 0; k < g->count; k++)
			count += witnessed[g->member[k]];
		witnessed[POLICY_WITNESSES_MAX + i] = count >= g->least;
	}
	return witnessed[p->quorum];
}

int policy_check(const struct policy *p, const struct note *n,
		 uint64_t ret_times[POLICY_WITNESSES_MAX], struct error *e)
{
	size_t count = 0, checked;

	for (size_t i = 0; i < POLICY_WITNESSES_MAX; i++)
		ret_times[i] = NOTE_UNSIGNED;
	for (size_t i = 0; i < p->witness_count; i++) {
		if (note_look(n, &p->witness[i].key, 1, &checked, &ret_times[i], e) < 0)
			return e->code;
		count += checked;
	}
	if (!is_quorum(p, ret_times))
		return error_set(e, E_MISMATCH, "%zu of the policy's %zu witnesses cosigned: no quorum",
				 count, p->witness_count);
	return 0;
}
