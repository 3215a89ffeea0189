/*
 * What a certificate says in the terms of NIST SP 800-88 Rev. 2, section 4.6 (docs/sanitization.md): what
 * was done to which kind of item, to which media, by whom, and how it was verified. What this
 * program does not know is "not stated" or "unknown"; what is no method of NIST's says so.
 */
#include <inttypes.h>
#include <stdio.h>

#include "flow/certify_words.h"
#include "flow/sanitization_form.h"
#include "vault/keyring.h"

#define NO_METHOD "none: not a method of SP 800-88"

struct form {
	const struct certify_words *w;
	struct repo *r;
	const struct order *o;
	const json_t *said; /* KEYS/sanitization.json; lent */
	json_t *s;	    /* what is made; lent */
};

/* ---- items ---- */

static void item(json_t *list, const char *kind, uint64_t count, const char *method,
		 const char *technique, struct error *e)
{
	json_t *row;

	if (count == 0)
		return;
	row = json_object_make(e);
	json_set_text(row, "kind", kind, e);
	json_set_number(row, "count", count, e);
	json_set_text(row, "method", method, e);
	json_set_text(row, "technique", technique, e);
	json_add_new(list, row, e);
}

/* A key that is destroyed purges what was never written but under it; nothing else here does. */
static void put_items(const struct form *f, struct error *e)
{
	const json_t *plan = f->w->plan, *done = f->w->done;
	bool destroyed = certify_steps(plan, "destroy") > 0;
	uint64_t withdrawn = certify_steps(plan, "withdraw"), unlearn = certify_steps(plan, "unlearn");
	json_t *list = json_array_make(e);

	item(list, "records, as sealed here", destroyed ? f->o->count : 0, "purge",
	     "cryptographic erase", e);
	item(list, "weights, sums and cards of checkpoints that ended, as sealed here",
	     destroyed ? withdrawn + unlearn : 0, "purge", "cryptographic erase", e);
	item(list, "checkpoints withdrawn", withdrawn, NO_METHOD, "withdrawal from use", e);
	item(list, "checkpoints made anew", json_array_size(f->w->models), NO_METHOD,
	     "unlearning: weights solved anew from sums without these records", e);
	item(list, "datasets made anew", certify_steps(plan, "subset"), NO_METHOD,
	     "a next version without these records", e);
	item(list, "files outside", certify_sum(done, "files_gone"), NO_METHOD,
	     "file deletion: not overwritten, so less than clear", e);
	item(list, "outputs outside", certify_sum(done, "erased"), "not known",
	     "a command of the operator's", e);
	json_set_new(f->s, "items", list, e);
	if (destroyed)
		json_set_text(f->s, "purgeHoldsIf",
			      "no copy of the keys is kept elsewhere and the storage below gives no older block back: the operator's word", e);
}

/* ---- cryptographic erase: section 3.2.5 ---- */

static void put_erase(const struct form *f, struct error *e)
{
	bool mirror = f->r->keys.mirror[0];
	json_t *o = json_object_make(e);
	char level[240];

	snprintf(level, sizeof(level),
		 "slot keys, wrapped by page keys, wrapped by one epoch key; destroyed were these slot keys, the page keys and epoch keys over them; in use now: epoch %" PRIu64,
		 keyring_epoch(f->r->keyring));
	json_set_text(o, "product",
		      "rescind " RESCIND_VERSION ", software over OpenSSL libcrypto; validation to FIPS 140: not stated", e);
	json_set_text(o, "keyGeneration", "32 bytes of getrandom(2) for each object", e);
	json_set_text(o, "encryption",
		      "AES-256-GCM by this program, before anything is written; strength 256 bits", e);
	json_set_text(o, "keyLevel", level, e);
	json_set_text(o, "areas",
		      "all of each object as sealed; not encrypted, so not addressed: files outside, and the log's salted commitments", e);
	json_set_text(o, "keyLifeCycle",
		      "pages and table of earlier generations are removed with each change, an earlier epoch key with each erasure", e);
	json_set_text(o, "keySanitization",
		      mirror ? "epoch keys overwritten with zeros in place, synced, removed, in the keys directory and its mirror; whether the storage below keeps older blocks is not known" :
			       "epoch keys overwritten with zeros in place, synced, removed, in the keys directory; whether the storage below keeps older blocks is not known", e);
	json_set_text(o, "keyCopies",
		      mirror ? "the mirror, treated alike; others: see backups" : "none made by this program; others: see backups", e);
	json_set_text(o, "errors",
		      "new pages are read back before an old key goes; a change that is cut short is finished or undone by the next; a failed sync ends the program", e);
	json_set_text(o, "interface", "rescind order plan, approve, execute; docs/formats-vault.md", e);
	json_set_new(f->s, "cryptographicErase", o, e);
}

/* ---- verification, validation, people ---- */

static void put_verification(const struct form *f, struct error *e)
{
	bool searched = certify_steps(f->w->plan, "search") > 0;
	json_t *v = json_object_make(e), *validation = json_object_make(e);

	json_set_text(v, "method",
		      searched ? "full: every key, row and tag of what was ordered looked for again, by this program" :
				 "none: the plan has no second look", e);
	if (searched) {
		json_set_number(v, "looked", certify_sum(f->w->done, "looked"), e);
		json_set_number(v, "found", certify_sum(f->w->done, "found"), e);
	}
	json_set_text(v, "result", searched ? "nothing of it was found" : "not verified", e);
	json_set_text(validation, "decision", "not in this file: whoever validates signs off beside it", e);
	json_set_new(f->s, "verification", v, e);
	json_set_new(f->s, "validation", validation, e);
}

static void put_person(const struct form *f, json_t *people, const char *as, const char *role,
		       const char *date, struct error *e)
{
	const json_t *said = json_object_get(json_object_get(f->said, "people"), as);
	json_t *o = said ? json_deep_copy(said) : json_object_make(e);

	if (o && !json_object_get(o, "name"))
		json_set_text(o, "name", "not stated", e);
	if (o && role)
		json_set_text(o, "role", role, e);
	if (o && date)
		json_set_text(o, "date", date, e);
	json_set_new(people, as, o, e);
}

/* Performed and looked at again when the last step was noted; validated by whoever signs off. */
static int put_people(const struct form *f, struct error *e)
{
	json_t *people = json_object_make(e);
	scoped_json *last = NULL;
	const char *date = NULL;

	json_set_new(f->s, "people", people, e);
	if (e->code || (f->o->step_fact_count > 0 &&
			repo_fact(f->r, f->o->step_facts[f->o->step_fact_count - 1], &last, e) < 0))
		return e->code;
	if (last)
		date = json_text_or(last, "at", "");
	put_person(f, people, "performed", f->r->role, date, e);
	put_person(f, people, "verified", NULL, date, e);
	put_person(f, people, "validated", NULL, NULL, e);
	return e->code;
}

/* ---- all of it ---- */

static void put_tool(const struct form *f, struct error *e)
{
	json_t *tool = json_object_make(e);

	json_set_text(tool, "name", "rescind", e);
	json_set_text(tool, "version", RESCIND_VERSION, e);
	json_set_new(f->s, "tool", tool, e);
}

/* A member of the form as it is, or this text. */
static void put_said(const struct form *f, const char *key, const char *otherwise, struct error *e)
{
	const json_t *said = json_object_get(f->said, key);

	if (said)
		json_set_new(f->s, key, json_deep_copy(said), e);
	else
		json_set_text(f->s, key, otherwise, e);
}

static void put_confidentiality(const struct form *f, struct error *e)
{
	const json_t *said = json_object_get(f->said, "confidentiality");
	json_t *o = json_object_make(e);

	json_set_text(o, "pre", json_text_or(said, "pre", "not stated"), e);
	json_set_text(o, "post", json_text_or(said, "post", "not stated"), e);
	json_set_new(f->s, "confidentiality", o, e);
}

static void put_not_addressed(const struct form *f, struct error *e)
{
	json_t *list = json_array_make(e);

	json_add_new(list, json_string("what not_covered lists"), e);
	json_add_new(list, json_string("the dead ciphertext, until `rescind compact` removes it"), e);
	json_add_new(list, json_string("the media themselves: they stay in use"), e);
	json_set_new(f->s, "notAddressed", list, e);
}

static int fill(const struct form *f, struct error *e)
{
	json_t *media = NULL;

	json_set_text(f->s, "standard", "NIST SP 800-88 Rev. 2, section 4.6", e);
	if (e->code || sanitization_media(f->r, f->said, &media, e) < 0)
		return e->code;
	json_set_new(f->s, "media", media, e);
	json_set_text(f->s, "source", "system: this repository and its keys directory", e);
	put_confidentiality(f, e);
	put_items(f, e);
	put_tool(f, e);
	put_erase(f, e);
	put_verification(f, e);
	put_said(f, "backups", "not stated", e);
	put_said(f, "destination", "none: the media stay in use", e);
	put_not_addressed(f, e);
	return e->code ? e->code : put_people(f, e);
}

int certify_sanitization(struct certify_words *w, struct repo *r, const struct order *o,
			 struct error *e)
{
	scoped_json *said = NULL;
	struct form f = { .w = w, .r = r, .o = o };

	if (sanitization_form_load(r, &said, e) < 0)
		return e->code;
	f.said = said;
	f.s = w->sanitization = json_object_make(e);
	return w->sanitization ? fill(&f, e) : e->code;
}
