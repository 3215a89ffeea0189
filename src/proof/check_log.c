/* Checks of the envelope, the heads, and the facts as such. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

/* A key has one spelling as a vkey. */
static bool is_key_id(const char *vkey, const struct note_key *key)
{
	struct error e = { 0 };
	struct note_key k;

	return note_key_parse(&k, vkey, &e) == 0 && k.type == key->type &&
	       strcmp(k.name, key->name) == 0 &&
	       memcmp(k.public_key, key->public_key, note_public_len(k.type)) == 0;
}

int check_signature(struct checking *c, struct error *e)
{
	const struct dsse *d = c->s->envelope;

	if (strcmp(d->type, ENVELOPE_TYPE) != 0 || d->count != 1)
		return error_set(e, E_FORMAT, "not an envelope of one signature over a statement");
	if (dsse_check(d, c->s->key, e) < 0)
		return e->code;
	if (!is_key_id(d->signature[0].keyid, &c->facts_key))
		return error_set(e, E_MISMATCH, "the key id is not that of the facts log");
	return found(c, "by the key that it names");
}

/* Either of the two names stands for both: one key signs both, and a policy lists a key once. */
bool log_is_listed(const struct checking *c, const struct policy *p)
{
	for (size_t i = 0; i < p->log_count; i++) {
		const struct note_key *k = &p->log[i].key;

		if (k->type == NOTE_ED25519 &&
		    memcmp(k->public_key, c->s->key, sizeof(c->s->key)) == 0 &&
		    (strcmp(k->name, c->facts_key.name) == 0 ||
		     strcmp(k->name, c->records_key.name) == 0))
			return true;
	}
	return false;
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
		return error_set(e, E_USAGE, "two keys of one kind: a log has one of Ed25519 and one of ML-DSA-44");
	*place = vkey;
	return 0;
}

int check_key(struct checking *c, struct error *e)
{
	const struct policy *p = c->pins->policy;
	struct note_key pin;

	if (!c->pins->vkey && p && log_is_listed(c, p))
		return found(c, "one of the policy's, of %s", c->s->origin);
	if (!c->pins->vkey && p && p->log_count > 0)
		return error_set(e, E_MISMATCH, "the key of no log in the policy");
	if (!c->pins->vkey)
		return error_set(e, E_NOT_FOUND, "no key was pinned: anybody may have made this");
	if (note_key_parse(&pin, c->pins->vkey, e) < 0)
		return error_wrap(e, "the pinned key");
	if (pin.type != NOTE_ED25519 || memcmp(pin.public_key, c->s->key, sizeof(c->s->key)) != 0)
		return error_set(e, E_MISMATCH, "another key than the pinned one");
	if (strcmp(pin.name, c->facts_key.name) != 0 && strcmp(pin.name, c->records_key.name) != 0)
		return error_set(e, E_MISMATCH, "the pinned key, but of other logs");
	return found(c, "the pinned one, of %s", c->s->origin);
}

/* ORIGIN/facts and ORIGIN/records are signed by one key, and either vkey pins it. */
static bool same_logs(const char *a, const char *b)
{
	const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');

	if (strcmp(a, b) == 0)
		return true;
	return slash_a && slash_b && slash_a - a == slash_b - b &&
	       memcmp(a, b, (size_t)(slash_a - a)) == 0 &&
	       (strcmp(slash_a, "/facts") == 0 || strcmp(slash_a, "/records") == 0) &&
	       (strcmp(slash_b, "/facts") == 0 || strcmp(slash_b, "/records") == 0);
}

int head_bears_mldsa(const struct verify_pins *pins, const char *origin, const void *note,
		     size_t note_len, struct error *e)
{
	scoped(note) *n = NULL;
	struct note_key key;

	if (!pins->vkey_mldsa)
		return 0;
	if (note_key_parse(&key, pins->vkey_mldsa, e) < 0)
		return error_wrap(e, "the pinned ML-DSA key");
	if (key.type != NOTE_MLDSA || !same_logs(key.name, origin))
		return error_set(e, E_MISMATCH, "the pinned ML-DSA key is of other logs");
	if (!mldsa_is_there())
		return error_set(e, E_NOT_FOUND,
				 "the pinned ML-DSA key was not looked for: there is no ML-DSA-44 here");
	if (note_key_make(&key, origin, NOTE_MLDSA, key.public_key, e) < 0 ||
	    note_parse(&n, note, note_len, e) < 0 || note_check_by(n, &key, e) < 0)
		return error_wrap(e, "by the pinned ML-DSA key");
	return 0;
}

static int open_head(struct head *ret, const struct checking *c, const char *note,
		     const struct note_key *key, struct error *e)
{
	if (head_open(ret, note, strlen(note), key, e) < 0)
		return e->code;
	return head_bears_mldsa(c->pins, key->name, note, strlen(note), e);
}

int check_heads(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	struct head facts, records;

	if (open_head(&facts, c, s->facts_note, &c->facts_key, e) < 0)
		return error_wrap(e, "facts");
	if (open_head(&records, c, s->records_note, &c->records_key, e) < 0)
		return error_wrap(e, "records");
	c->facts = facts;
	c->records = records;
	return found(c, "%" PRIu64 " facts, %" PRIu64 " records, signed by this key%s", facts.size,
		     records.size, c->pins->vkey_mldsa ? ", and by the pinned one of ML-DSA-44" : "");
}

/* ---- facts ---- */

static bool is_key_of(const struct fact *key, const struct fact *said)
{
	return said && memcmp(said->by, key->id, KEY_ID_LEN) == 0;
}

static bool is_key_of_any(const struct statement *s, const struct fact *key)
{
	bool order = s->kind == CERTIFICATE;

	if (is_key_of(key, fact_find(s, order ? s->opened : s->model)) ||
	    (order && is_key_of(key, fact_find(s, s->approval))))
		return true;
	for (size_t i = 0; i < s->reproduced_count; i++)
		if (is_key_of(key, s->reproduced[i]))
			return true;
	return false;
}

static bool is_of(const struct statement *s, const struct fact *f, enum fact_type type)
{
	const struct fact *of = fact_find(s, f->model);

	return of && (of->type == type || (f->type == FACT_HANDOVER && of->type == FACT_DATASET));
}

/* Whether a statement of this kind shows such a fact: what is shown beside is a distraction. (Which
 * sets are retained is for check_retained, what was reproduced for check_unlearned; what an
 * attestation or a receipt shows of where records came from, for check_sources and check_records.) */
static bool has_place(const struct statement *s, const struct fact *f)
{
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
	case FACT_HANDOVER:
		return is_of(s, f, FACT_MODEL);
	case FACT_UNDEPLOYMENT:
		return is_of(s, f, FACT_DEPLOYMENT);
	default:
		break;
	}
	return true;
}

/* Of a certificate. */
static int check_number(const struct statement *s, struct error *e)
{
	size_t sources = 0, steps = 0;

	for (size_t i = 0; i < s->fact_count; i++) {
		sources += s->facts[i].type == FACT_SOURCE;
		steps += s->facts[i].type == FACT_STEP;
	}
	if (s->kind == CERTIFICATE && (sources > 1 || steps != s->step_count))
		return error_set(e, E_MISMATCH, "%zu sources and %zu steps are shown", sources, steps);
	return 0;
}

static int check_places(const struct statement *s, struct error *e)
{
	if (s->fact_count == 0 || s->facts[0].n != 0 || s->facts[0].type != FACT_INIT)
		return error_set(e, E_MISMATCH, "the first fact of the log is not shown");
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i];

		if (!has_place(s, f))
			return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) has no place here",
					 f->n, fact_type_name(f->type));
		if (i > 0 && f->at_utc_ms < f[-1].at_utc_ms)
			return error_set(e, E_MISMATCH, "fact %" PRIu64
					 " is older than the one before it", f->n);
	}
	if (check_number(s, e) < 0)
		return e->code;
	if (s->issued_utc_ms < s->facts[s->fact_count - 1].at_utc_ms)
		return error_set(e, E_MISMATCH, "issued before its last fact");
	return 0;
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
		tree_leaf(&leaves[i], s->facts[i].text, strlen(s->facts[i].text));
	}
	if (tree_check_many(indices, leaves, s->fact_count, c->facts.size, s->proof,
			    s->proof_count, &c->facts.root, e) < 0 ||
	    check_places(s, e) < 0)
		return e->code;
	return found(c, "%zu facts are in the log of %" PRIu64, s->fact_count, c->facts.size);
}

static int check_order_of(const struct opening *list, size_t i, struct error *e)
{
	const struct opening *o = &list[i];

	if (i > 0 && (o->n < o[-1].n || (o->n == o[-1].n && o->index <= o[-1].index)))
		return error_set(e, E_MISMATCH, "openings are not in order");
	return 0;
}

int check_openings(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;

	for (size_t i = 0; i < s->opening_count; i++) {
		const struct opening *o = &s->openings[i];
		const struct fact *f = fact_find(s, o->n);

		if (check_order_of(s->openings, i, e) < 0)
			return e->code;
		if (!f)
			return error_set(e, E_NOT_FOUND, "fact %" PRIu64 " is not shown", o->n);
		if (opening_place(s, i, f, e) < 0 || opening_check(o, &f->private_part, e) < 0)
			return e->code;
	}
	for (size_t i = 0; i < s->record_opening_count; i++)
		if (check_order_of(s->record_openings, i, e) < 0 || check_card(c, i, e) < 0)
			return e->code;
	if (s->kind == RECEIPT && check_one_person(c, e) < 0)
		return e->code;
	return found(c, "%zu fields lead to what the facts committed to",
		     s->opening_count + s->record_opening_count);
}

/* ---- batches ---- */

static bool records_equal(const struct records *a, const struct records *b)
{
	return a->size == b->size && hash_equal(&a->root, &b->root);
}

static int check_batch(const struct fact *f, struct records *now, struct error *e)
{
	if (f->first != now->size)
		return error_set(e, E_MISMATCH, "the batch of fact %" PRIu64 " begins at %" PRIu64
				 ", not at %" PRIu64 ": one is left out", f->n, f->first, now->size);
	if (f->last < f->first || f->records.size == 0 || f->records.size - 1 != f->last)
		return error_set(e, E_MISMATCH, "the batch of fact %" PRIu64
				 " does not end where its records end", f->n);
	*now = f->records;
	return 0;
}

int check_batches(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const struct records head = { c->records.size, c->records.root };
	struct records now = { .size = 0 };
	size_t count = 0;

	hash_bytes(&now.root, "", 0);
	for (size_t i = 0; i < s->fact_count; i++) {
		const struct fact *f = &s->facts[i];

		if (f->type == FACT_BATCH) {
			if (check_batch(f, &now, e) < 0)
				return e->code;
			count++;
		} else if (f->has_records && !records_equal(&f->records, &now)) {
			return error_set(e, E_MISMATCH, "fact %" PRIu64 " (%s) saw other records "
					 "than the batches before it made", f->n,
					 fact_type_name(f->type));
		}
	}
	if (!records_equal(&head, &now))
		return error_set(e, E_MISMATCH, "the batches end at %" PRIu64
				 " records, and not in the head of %" PRIu64, now.size, head.size);
	return found(c, "%zu batches are all %" PRIu64 " records, each in one", count, head.size);
}

int check_as_of(struct checking *c, struct error *e)
{
	const struct statement *s = c->s;
	const char *what = s->kind == CERTIFICATE ? "the order's last" : "the last shown";
	uint64_t end = s->step_count ? s->steps[s->step_count - 1] : s->approval;

	if (s->kind != CERTIFICATE)
		end = s->fact_count ? s->facts[s->fact_count - 1].n : 0;
	if (!fact_find(s, end) || c->facts.size <= end)
		return error_set(e, E_MISMATCH, "the head of %" PRIu64 " facts does not reach %s fact, %"
				 PRIu64, c->facts.size, what, end);
	return found(c, "as of fact %" PRIu64 "; %s is %" PRIu64, c->facts.size - 1, what, end);
}
