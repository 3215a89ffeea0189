#include "proof/head.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "proof/checks.h"
#include "wire/tlog_proof.h"

bool is_note(const struct buf *bytes)
{
	scoped(note) *n = NULL;
	struct error e = { 0 };

	return bytes->len > 0 && bytes->data[0] != '{' &&
	       note_parse(&n, bytes->data, bytes->len, &e) == 0;
}

bool is_tlog_proof(const struct buf *bytes)
{
	static const char first[] = "c2sp.org/tlog-proof@";

	return bytes->len >= sizeof(first) - 1 && memcmp(bytes->data, first, sizeof(first) - 1) == 0;
}

/* ---- witnesses ---- */

static int say_witness(const struct policy_witness *w, uint64_t time_s, const char *what,
		       json_t *sentences, struct error *e)
{
	char at[TIME_TEXT_MAX], text[2 * POLICY_NAME_MAX + 128];
	bool timed = time_s > 0 && time_s < UINT64_C(253402300800); /* year 10000 */
	bool renamed = strcmp(w->name, w->key.name) != 0;

	snprintf(text, sizeof(text), "witnessed by: %s%s%s%s at %s (%s)", w->name,
		 renamed ? " (" : "", renamed ? w->key.name : "", renamed ? ")" : "",
		 time_text(at, timed ? time_s * 1000 : TIME_NONE), what);
	plain_text(text);
	json_add_new(sentences, json_string(text), e);
	return e->code;
}

int head_witnessed(const struct policy *p, const char *note, size_t note_len, const char *what,
		   json_t *sentences, struct error *e)
{
	uint64_t times[POLICY_WITNESSES_MAX];
	struct error own = { 0 };
	scoped(note) *n = NULL;
	int code;

	if (note_parse(&n, note, note_len, e) < 0)
		return e->code;
	code = policy_check(p, n, times, e);
	for (size_t i = 0; i < p->witness_count; i++)
		if (times[i] != NOTE_UNSIGNED &&
		    say_witness(&p->witness[i], times[i], what, sentences, &own) < 0)
			return error_set(e, own.code, "%s", own.text);
	return code;
}

/* ---- one head ---- */

struct looking {
	struct verdict *v;
	const struct verify_pins *pins;
	const char *note;
	size_t note_len;
	struct head head;
	bool opened;
};

static struct check *begin(struct looking *x, const char *name)
{
	struct check *k = &x->v->check[x->v->count++];

	k->name = name;
	k->ok = true;
	return k;
}

/* E_MEMORY, or 0. */
static int end(struct looking *x, struct check *k, struct error *e)
{
	if (e->code == E_MEMORY)
		return e->code;
	if (e->code) {
		k->ok = false;
		x->v->valid = false;
		snprintf(k->detail, sizeof(k->detail), "%.*s", CHECK_DETAIL_MAX - 1, e->text);
	}
	plain_text(k->detail);
	error_clear(e);
	return 0;
}

/* ORIGIN/facts and ORIGIN/records are signed by one key, and either vkey pins it: the name of
 * the other log is the pinned one's with its last word changed. */
static int key_of_log(const struct note_key *pinned, const struct note *n, struct note_key *ret,
		      struct error *e)
{
	static const char *const logs[] = { "/facts", "/records" };
	const char *slash = strrchr(pinned->name, '/');
	size_t origin = slash ? (size_t)(slash - pinned->name) : 0;
	char name[NOTE_NAME_MAX + 16];

	*ret = *pinned;
	for (size_t i = 0; origin > 0 && i < COUNT_OF(logs); i++) {
		int len = snprintf(name, sizeof(name), "%.*s%s", (int)origin, pinned->name,
				   logs[i]);

		if (strcmp(slash, logs[0]) != 0 && strcmp(slash, logs[1]) != 0)
			break;
		if (n->text_len > (size_t)len && n->text[len] == '\n' &&
		    memcmp(n->text, name, (size_t)len) == 0)
			return note_key_make(ret, name, pinned->type, pinned->public_key, e);
	}
	return 0;
}

static int opens(struct looking *x, const struct note *n, const struct note_key *pinned,
		 struct error *e)
{
	struct note_key key;
	struct head h;

	if (key_of_log(pinned, n, &key, e) < 0 || head_open(&h, x->note, x->note_len, &key, e) < 0)
		return e->code;
	x->head = h;
	x->opened = true;
	return 0;
}

/* Any of the policy's logs will do; the story is the last one's. */
static int opens_by_policy(struct looking *x, const struct note *n, struct error *e)
{
	const struct policy *p = x->pins->policy;

	if (!p || p->log_count == 0)
		return error_set(e, E_NOT_FOUND, "no key was pinned (give one with --key)");
	for (size_t i = 0; i < p->log_count; i++) {
		error_clear(e);
		if (opens(x, n, &p->log[i].key, e) == 0)
			return 0;
	}
	return error_wrap(e, "by no log of the policy");
}

/* By its ML-DSA key, alone or beside the other. */
static int opens_by_mldsa(struct looking *x, const struct note *n, struct error *e)
{
	struct head h;

	if (head_parse(&h, n->text, n->text_len, e) < 0 ||
	    head_bears_mldsa(x->pins, h.origin, n, e) < 0)
		return e->code;
	x->head = h;
	x->opened = true;
	return 0;
}

static int check_head(struct looking *x, struct check *k, struct error *e)
{
	const struct verify_pins *p = x->pins;
	scoped(note) *n = NULL;
	struct note_key pinned;

	if (note_parse(&n, x->note, x->note_len, e) < 0)
		return e->code;
	if (p->vkey && note_key_parse(&pinned, p->vkey, e) < 0)
		return error_wrap(e, "the pinned key");
	if ((p->vkey && opens(x, n, &pinned, e) < 0) ||
	    (p->vkey_mldsa && opens_by_mldsa(x, n, e) < 0))
		return e->code;
	/* A policy that lists logs means these, whatever else is pinned. */
	if (((!p->vkey && !p->vkey_mldsa) || (p->policy && p->policy->log_count > 0)) &&
	    opens_by_policy(x, n, e) < 0)
		return e->code;
	snprintf(k->detail, sizeof(k->detail), "%.100s has %" PRIu64 " entries, root %s",
		 x->head.origin, x->head.size, hash_hex(&x->head.root).s);
	return 0;
}

static int look_at_head(struct looking *x, struct error *e)
{
	struct check *k = begin(x, "head");

	(void)check_head(x, k, e);
	if (end(x, k, e) < 0)
		return e->code;
	if (!x->pins->policy) {
		json_add_new(x->v->limits, json_string("signatures of others: no key of theirs was "
						       "pinned (--policy)"), e);
		return e->code;
	}
	k = begin(x, "witnesses");
	if (head_witnessed(x->pins->policy, x->note, x->note_len, "its head", x->v->witnessed, e) == 0)
		snprintf(k->detail, sizeof(k->detail), "a quorum of the policy cosigned");
	return end(x, k, e);
}

/* ---- verdicts ---- */

static int make(struct looking *x, struct verdict **ret, struct error *e)
{
	struct verdict *v = calloc(1, sizeof(*v));

	if (!v || !(v->limits = json_array()) || !(v->witnessed = json_array())) {
		verdict_destroy(v);
		return error_set(e, E_MEMORY, "out of memory");
	}
	v->valid = true;
	x->v = *ret = v;
	return 0;
}

int head_verify(struct verdict **ret, const struct buf *bytes, const struct verify_pins *pins,
		struct error *e)
{
	struct looking x = { .pins = pins, .note = buf_text(bytes), .note_len = bytes->len };
	scoped(verdict) *v = NULL;

	if (make(&x, &v, e) < 0)
		return e->code;
	json_add_new(v->limits, json_string("what is in the log: a head is its size and root"), e);
	if (e->code || look_at_head(&x, e) < 0)
		return e->code;
	*ret = give(v);
	return 0;
}

static int check_entry(struct looking *x, const struct tlog_proof *p, struct check *k,
		       struct error *e)
{
	struct hash leaf;

	if (!x->opened)
		return error_set(e, E_MISMATCH, "its head does not hold");
	if (!p->extra)
		return error_set(e, E_FORMAT, "the file has no entry to look at (extra data)");
	tree_leaf(&leaf, p->extra->data, p->extra->len);
	if (tree_check(&p->path, &leaf, p->index, x->head.size, &x->head.root, e) < 0)
		return e->code;
	snprintf(k->detail, sizeof(k->detail), "entry %" PRIu64 ": %zu bytes, leaf %s", p->index,
		 p->extra->len, hash_hex(&leaf).s);
	return 0;
}

static int look_at_proof(struct looking *x, const struct buf *bytes, struct error *e)
{
	struct check *k = begin(x, "encoding");
	scoped(tlog_proof) *p = NULL;
	int code = tlog_proof_parse(&p, bytes->data, bytes->len, e);

	if (end(x, k, e) < 0 || code < 0)
		return e->code;
	x->note = p->note;
	x->note_len = p->note_len;
	if (look_at_head(x, e) < 0)
		return e->code;
	k = begin(x, "entry");
	(void)check_entry(x, p, k, e);
	return end(x, k, e);
}

int tlog_proof_verify(struct verdict **ret, const struct buf *bytes, const struct verify_pins *pins,
		      struct error *e)
{
	struct looking x = { .pins = pins };
	scoped(verdict) *v = NULL;

	if (make(&x, &v, e) < 0 || look_at_proof(&x, bytes, e) < 0)
		return e->code;
	json_add_new(v->limits, json_string("what the entry speaks of: it is shown to be in the log, "
					    "and no more"), e);
	if (e->code)
		return e->code;
	*ret = give(v);
	return 0;
}
