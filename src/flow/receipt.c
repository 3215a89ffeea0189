/* A receipt: chosen, shown, told, signed, and verified before anybody gets it. */
#include "flow/receipt_parts.h"

#include "base/sys.h"
#include "base/text.h"
#include "log/log.h"

static int sign_it(struct receipting *x, struct buf *out, struct error *e)
{
	struct receipt_words w = {
		.origin = x->show.r->origin, .tool = "rescind " RESCIND_VERSION,
		.issued_utc_ms = sys->now_utc_ms(), .summary = x->summary, .asserted = x->asserted,
		.signed_by_others = x->signed_by_others, .not_covered = x->not_covered,
	};
	scoped(log) *records = NULL;
	struct signing by;
	int code;

	if (repo_log(x->show.r, LOG_RECORDS, &records, e) < 0 ||
	    showing_signing(&x->show, &by, e) < 0)
		return e->code;
	w.facts_head = by.facts_head;
	w.records_head = by.records_head;
	code = receipt_make(x->show.d, &w, by.seed, log_read, x->show.facts, log_read, records, out, e);
	wipe(by.seed, sizeof(by.seed));
	return code != E_RANGE ? code : error_wrap(e, "too much for one receipt (ask record by record)");
}

static int make(struct receipting *x, struct buf *out, struct error *e)
{
	scoped(buf) *made = NULL;

	if (receipting_choose(x, e) < 0 || receipting_cards(x, e) < 0 ||
	    receipting_facts(x, e) < 0 || receipting_words(x, e) < 0 ||
	    buf_create(&made, 65536, e) < 0 || sign_it(x, made, e) < 0 ||
	    showing_check(&x->show, made, NULL, e) < 0)
		return e->code;
	return buf_put(out, made->data, made->len, e);
}

static void done(struct receipting *x)
{
	for (size_t i = 0; i < x->order_count; i++)
		set_destroy(x->orders[i].positions);
	set_destroy(x->all);
	set_destroy(x->erased);
	set_destroy(x->kept);
	set_destroy(x->on_card);
	json_decref(x->summary);
	json_decref(x->asserted);
	json_decref(x->signed_by_others);
	json_decref(x->not_covered);
}

static int check_contact(const char *contact, struct error *e)
{
	if (!contact)
		return 0;
	for (const char *c = contact; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return error_set(e, E_USAGE, "--contact is one line without control characters");
	if (!*contact || strlen(contact) > RECEIPT_CONTACT_MAX || !utf8_valid(contact, strlen(contact)))
		return error_set(e, E_USAGE, "--contact is UTF-8 of 1 to %d bytes", RECEIPT_CONTACT_MAX);
	return 0;
}

int flow_receipt(struct repo *r, const struct receipt_request *w, struct buf *out,
		 struct error *e)
{
	struct receipting x = { .ask = w };
	bool held = r->lock_fd >= 0;
	int code;

	if (check_contact(w->contact, e) < 0)
		return e->code;
	if (r->witness)
		r->witness(r); /* so that the heads in it bear what they say */
	/* Under the lock, so that heads, facts and rows are of one moment. */
	if (repo_lock(r, e) < 0)
		return e->code;
	code = showing_begin(&x.show, r, e);
	if (code == 0)
		code = make(&x, out, e);
	done(&x);
	showing_end(&x.show);
	if (!held)
		repo_unlock(r);
	return code;
}
