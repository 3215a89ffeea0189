/* Checks of the envelope, the heads, and the facts as such. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

int check_signature(struct checking *c, struct error *e)
{
	const struct dsse *d = &c->s->envelope;
	struct note_key key;

	if (want(strcmp(d->type, ENVELOPE_TYPE) == 0 && d->count == 1, e,
		 "not an envelope of one signature over a statement") < 0 ||
	    dsse_check(d, c->s->key, e) < 0 ||
	    want(note_key_parse(&key, d->signature[0].keyid, e) == 0 &&
		 note_key_equal(&key, &c->facts_key), e,
		 "the key id is not that of the facts log") < 0)
		return e->code;
	return found(c, "by the key that it names");
}

/* Either of the two names stands for both: one key signs both, and a policy lists a key once. */
bool is_of_log(const struct checking *c, const struct note_key *k)
{
	return note_key_equal(k, &c->facts_key) || note_key_equal(k, &c->records_key);
}

int pins_take(struct verify_pins *pins, const char *vkey, struct error *e)
{
	const char **place = &pins->vkey;
	struct note_key key;

	if (note_key_parse(&key, vkey, e) < 0 || key.type == NOTE_COSIGNATURE)
		return error_set(e, E_USAGE, "the key is no vkey of a log: it is NAME+HEX+BASE64");
	if (key.type == NOTE_MLDSA)
		place = &pins->vkey_mldsa;
	if (*place)
		return error_set(e, E_USAGE, "two keys of one kind: a log has one of Ed25519 and "
				 "one of ML-DSA-44");
	*place = vkey;
	return 0;
}

int check_key(struct checking *c, struct error *e)
{
	const struct fact *before;
	struct note_key pin;

	if (!c->pins->vkey && c->pins->listed)
		return c->pins->listed(c, e);
	if (want(c->pins->vkey, e, "no key was pinned: anybody may have made this") < 0 ||
	    note_key_parse(&pin, c->pins->vkey, e) < 0)
		return e->code;
	if ((before = successor_of(c->s, &pin)))
		return found(c, "the pinned one is of the log before: fact %" PRIu64 ", signed by it, names "
			     "the key of the next", before->n);
	if (want(memcmp(pin.public_key, c->s->key, sizeof(c->s->key)) == 0, e,
		 "another key than the pinned one") < 0 ||
	    want(is_of_log(c, &pin), e, "the pinned key, but of other logs") < 0)
		return e->code;
	return found(c, "the pinned one, of %s", c->s->origin);
}

/* ORIGIN/facts and ORIGIN/records are signed by one key, and either vkey pins it. */
bool same_logs(const char *a, const char *b)
{
	const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');

	if (strcmp(a, b) == 0)
		return true;
	return slash_a && slash_b && slash_a - a == slash_b - b &&
	       memcmp(a, b, (size_t)(slash_a - a)) == 0 &&
	       (strcmp(slash_a, "/facts") == 0 || strcmp(slash_a, "/records") == 0) &&
	       (strcmp(slash_b, "/facts") == 0 || strcmp(slash_b, "/records") == 0);
}

int head_bears_mldsa(const struct verify_pins *pins, const char *origin, const struct note *n,
		     struct error *e)
{
	struct note_key key;

	if (!pins->vkey_mldsa)
		return 0;
	if (note_key_parse(&key, pins->vkey_mldsa, e) < 0 ||
	    want(key.type == NOTE_MLDSA && same_logs(key.name, origin), e,
		 "it is of other logs") < 0 ||
	    note_key_make(&key, origin, NOTE_MLDSA, key.public_key, e) < 0)
		return error_wrap(e, "the pinned ML-DSA key");
	if (!mldsa_is_there())
		return error_set(e, E_NOT_FOUND, "the pinned ML-DSA key was not looked for: "
				 "there is no ML-DSA-44 here");
	return note_check_by(n, &key, e) < 0 ? error_wrap(e, "by the pinned ML-DSA key") : 0;
}

/* *ret_others: how many signatures are on it beside one by its log. */
static int open_head(struct head *ret, const struct checking *c, const char *note,
		     const struct note_key *key, size_t *ret_others, struct error *e)
{
	struct note *n = arena_alloc(c->s->arena, sizeof(*n), e);

	if (!n)
		return e->code;
	n->arena = c->s->arena;
	if (note_read(n, note, strlen(note), e) < 0 || note_check_by(n, key, e) < 0 ||
	    head_parse(ret, n->text, n->text_len, e) < 0 ||
	    want(strcmp(ret->origin, key->name) == 0, e, "the head of another log") < 0 ||
	    head_bears_mldsa(c->pins, key->name, n, e) < 0)
		return error_wrap(e, "%s", key->name);
	*ret_others += n->count - 1;
	return 0;
}

int check_heads(struct checking *c, struct error *e)
{
	struct head facts, records;
	size_t others = 0;

	if (open_head(&facts, c, c->s->facts_note, &c->facts_key, &others, e) < 0 ||
	    open_head(&records, c, c->s->records_note, &c->records_key, &others, e) < 0 ||
	    (others > 0 && !c->pins->witnesses &&
	     limit(c, e, "signatures of others on the heads: nothing said whose they are "
		   "(--policy)") < 0))
		return e->code;
	c->facts = facts;
	c->records = records;
	return found(c, "%" PRIu64 " facts, %" PRIu64 " records, signed by this key%s", facts.size,
		     records.size,
		     c->pins->vkey_mldsa ? ", and by the pinned one of ML-DSA-44" : "");
}

/* ---- facts ---- */

static bool said_by(const struct fact *f, const struct fact *key)
{
	return f && memcmp(f->by, key->id, KEY_ID_LEN) == 0;
}

static bool is_key_of_any(const struct statement *s, const struct fact *key)
{
	bool order = s->kind == CERTIFICATE;

	if (said_by(fact_find(s, order ? s->opened : s->model), key) ||
	    (order && said_by(fact_find(s, s->approval), key)))
		return true;
	for (size_t i = 0; i < s->reproduced_count; i++)
		if (said_by(s->reproduced[i], key))
			return true;
	return false;
}

/* Whether a statement of this kind shows such a fact: what is shown beside is a distraction. (Which
 * sets are retained is for check_retained, what was reproduced for check_unlearned; what an
 * attestation or a receipt shows of where records came from, for check_sources and check_records.)
 * */
static bool has_place(const struct statement *s, const struct fact *f)
{
	const struct fact *of = fact_find(s, f->model);

	switch (f->type) {
	case FACT_INIT:
		return f->n == 0;
	case FACT_KEY:
		return is_key_of_any(s, f);
	case FACT_ORDER:
		return s->kind != CERTIFICATE || f->n == s->opened;
	case FACT_PLAN:
		return f->n == s->plan;
	case FACT_APPROVAL:
		return f->n == s->approval;
	case FACT_DEPLOYMENT:
	case FACT_OUTPUT:
		return of && of->type == FACT_MODEL;
	case FACT_HANDOVER:
		return of && fact_is_set(of);
	case FACT_UNDEPLOYMENT:
		return of && of->type == FACT_DEPLOYMENT;
	default:
		return true;
	}
}

/* A certificate shows as many steps as it says, and one source at most. */
static int check_number(const struct statement *s, struct error *e)
{
	size_t count[FACT_TYPES] = { 0 };

	for (size_t i = 0; i < s->fact_count; i++)
		count[s->facts[i].type]++;
	return want(s->kind != CERTIFICATE ||
		    (count[FACT_SOURCE] <= 1 && count[FACT_STEP] == s->step_count), e,
		    "%zu sources and %zu steps are shown", count[FACT_SOURCE], count[FACT_STEP]);
}

static int check_places(const struct statement *s, struct error *e)
{
	const struct fact *f = s->facts, *end = f + s->fact_count;

	if (want(f < end && f->n == 0 && f->type == FACT_INIT, e,
		 "the first fact of the log is not shown") < 0)
		return e->code;
	for (; f < end; f++)
		if (want_of(f, has_place(s, f), e, "has no place here") < 0 ||
		    want_of(f, f == s->facts || f->at_utc_ms >= f[-1].at_utc_ms, e,
			    "is older than the one before it") < 0)
			return e->code;
	if (want(s->issued_utc_ms >= end[-1].at_utc_ms, e, "issued before its last fact") < 0)
		return e->code;
	return check_number(s, e);
}

int check_facts(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	uint64_t *indices = arena_alloc(s->arena, s->fact_count * sizeof(*indices), e);
	struct hash *leaves = arena_alloc(s->arena, s->fact_count * sizeof(*leaves), e);

	if (!indices || !leaves)
		return e->code;
	for (size_t i = 0; i < s->fact_count; i++) {
		indices[i] = s->facts[i].n;
		fact_leaf(&leaves[i], &s->facts[i]);
	}
	if (tree_check_many(indices, leaves, s->fact_count, c->facts.size, s->proof,
			    s->proof_count, &c->facts.root, e) < 0 ||
	    check_places(s, e) < 0 || check_successors(c, indices, leaves, e) < 0)
		return e->code;
	return found(c, "%zu facts are in the log of %" PRIu64, s->fact_count, c->facts.size);
}

/* Of facts, or of cards: ascending, each at its place, each leads to what was committed to. */
static int check_list(const struct statement *s, const struct opening *list, size_t count,
		      bool cards, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		const struct opening *o = &list[i];
		const struct fact *f = cards ? NULL : fact_find(s, o->n);
		const struct shown_record *r = !cards ? NULL :
			number_find(s->records, s->record_count, sizeof(*r), o->n);

		if (want(i == 0 || o->n > o[-1].n || (o->n == o[-1].n && o->index > o[-1].index), e,
			 "openings are not in order") < 0 ||
		    want(f || r, e, "%s %" PRIu64 " is not shown", cards ? "record" : "fact",
			 o->n) < 0 ||
		    opening_place(s, list, count, i, f, e) < 0 ||
		    opening_check(o, f ? &f->private_part : &r->commitment, e) < 0)
			return e->code;
	}
	return 0;
}

int check_openings(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	if (check_list(s, s->openings, s->opening_count, false, e) < 0 ||
	    check_list(s, s->record_openings, s->record_opening_count, true, e) < 0 ||
	    check_one_person(c, e) < 0)
		return e->code;
	return found(c, "%zu fields lead to what the facts committed to",
		     s->opening_count + s->record_opening_count);
}

/* ---- batches ---- */

static bool records_equal(const struct records *a, const struct records *b)
{
	return a->size == b->size && hash_equal(&a->root, &b->root);
}

/* lost: the records that a log before lost come now, in a batch of their own, and no order takes back
 * what nobody knows; else NULL. */
static int check_batch(const struct statement *s, const struct fact *f, const struct fact *lost,
		       struct records *now, struct error *e)
{
	if (want_of(f, !lost || (f->n == lost->n + 2 && f->last - f->first == lost->lost_records - 1 &&
				 (s->kind != CERTIFICATE || !set_count_in(s->positions, f->first, f->last))), e,
		    "is not of the records that were lost before it, or they are taken back") < 0 ||
	    want(f->first == now->size, e, "the batch of fact %" PRIu64 " begins at %" PRIu64 ", "
		 "not at %" PRIu64 ": one is left out", f->n, f->first, now->size) < 0 ||
	    want_of(f, f->last >= f->first && f->records.size > 0 &&
		    f->records.size - 1 == f->last, e, "does not end where its records end") < 0)
		return e->code;
	*now = f->records;
	return 0;
}

int check_batches(struct checking *c, struct error *e)
{
	const struct records head = { c->records.size, c->records.root };
	const struct statement *s = c->s;
	struct records now = { .size = 0 };
	const struct fact *lost = NULL;
	size_t count = 0;

	hash_bytes(&now.root, "", 0);
	for (const struct fact *f = s->facts; f < s->facts + s->fact_count; f++) {
		count += f->type == FACT_BATCH;
		if ((f->type == FACT_BATCH && check_batch(s, f, lost, &now, e) < 0) ||
		    want_of(f, !f->has_records || records_equal(&f->records, &now), e,
			    "saw other records than the batches before it made") < 0)
			return e->code;
		if (f->type == FACT_BATCH || f->type == FACT_SUCCESSOR)
			lost = f->lost_records > 0 ? f : NULL;
	}
	if (want(!lost, e, "records were lost, and no batch takes their places") < 0 ||
	    want(records_equal(&head, &now), e, "the batches end at %" PRIu64
		 " records, and not in the head of %" PRIu64, now.size, head.size) < 0)
		return e->code;
	return found(c, "%zu batches are all %" PRIu64 " records, each in one", count, head.size);
}

int check_as_of(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const char *what = s->kind == CERTIFICATE ? "the order's last" : "the last shown";
	uint64_t end = s->step_count ? s->steps[s->step_count - 1] : s->approval;

	if (s->kind != CERTIFICATE)
		end = s->fact_count ? s->facts[s->fact_count - 1].n : 0;
	if (want(fact_find(s, end) && c->facts.size > end, e, "the head of %" PRIu64
		 " facts does not reach %s fact, %" PRIu64, c->facts.size, what, end) < 0)
		return e->code;
	return found(c, "as of fact %" PRIu64 "; %s is %" PRIu64, c->facts.size - 1, what, end);
}
