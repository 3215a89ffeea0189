/* What attestations and receipts of a telling show, as they should. */
#include <string.h>

#include "base/test.h"
#include "proof/telling.h"

static struct error e;

/* Show fact n, and open of it every field of these names (words, apart by one space). */
static void show(const struct telling *t, struct certificate_draft *d, uint64_t n, const char *fields)
{
	const struct fields *f = t->w.parts[n];

	if (n == 0 && !strstr(fields, "origin"))
		return; /* it was not added */
	check_ok(certificate_show(d, n, t->w.entries[n]->data, t->w.entries[n]->len, &e));
	for (size_t i = 0; i < f->count; i++) {
		const char *name = f->list[i].name, *at = strstr(fields, name);
		size_t len = strlen(name);

		for (; at && !((at == fields || at[-1] == ' ') && (at[len] == ' ' || at[len] == 0));)
			at = strstr(at + 1, name);
		if (at)
			check_ok(certificate_open(d, n, f, i, &e));
	}
}

#define OF_SOURCE "name kind people controller"
#define OF_TERMS "document licence allow deny basis from until"
#define OF_TRANSFER "id source from to date uses notified document"

static void show_beside(const struct telling *t, struct certificate_draft *d)
{
	for (size_t i = 0; i < t->beside_count; i++) {
		uint64_t n = t->beside[i].n;

		show(t, d, n, n ? "" : "origin");
		if (t->beside[i].index >= 0)
			check_ok(certificate_open(d, n, t->w.parts[n], (size_t)t->beside[i].index, &e));
	}
}

static void show_origins(const struct telling *t, struct certificate_draft *d, size_t source)
{
	show(t, d, t->source[source], OF_SOURCE);
	show(t, d, t->terms[source], OF_TERMS);
	if (source == 0) {
		show(t, d, t->terms[3], OF_TERMS);
		show(t, d, t->transfer[0], OF_TRANSFER);
		show(t, d, t->transfer[2], OF_TRANSFER);
		show(t, d, t->correction, t->tale == TALE_NOTIFIED_TWICE ? "id" : "id notified document");
		/* The better one of two. */
		if (t->tale == TALE_NOTIFIED_TWICE)
			check_ok(certificate_open(d, t->correction, t->w.parts[t->correction], 2, &e));
	}
	if (source == 2)
		show(t, d, t->transfer[1], OF_TRANSFER);
}

static json_t *sentences(const char *sentence)
{
	json_t *list = json_array();

	json_add_new(list, json_string(sentence), &e);
	return list;
}

struct heads {
	struct buf *facts, *records;
};

static struct heads heads_of(const struct telling *t)
{
	struct heads h = { 0 };

	check_ok(buf_create(&h.facts, 0, &e));
	check_ok(buf_create(&h.records, 0, &e));
	world_head(&t->w, "facts", t->w.leaves, t->w.count, h.facts);
	world_head(&t->w, "records", t->w.records, t->w.record_count, h.records);
	return h;
}

static void show_attested(const struct telling *t, struct certificate_draft *d)
{
	show(t, d, 0, "origin");
	show(t, d, t->keys[0], "role");
	show(t, d, t->keys[1], "role");
	show_origins(t, d, 0);
	show_origins(t, d, 1);
	for (size_t i = 0; i < 5; i++)
		show(t, d, t->batch[i], "id terms use");
	show(t, d, t->dataset[0], "name version use count");
	show(t, d, t->base, "name version kind grade");
	show(t, d, t->model, "name version kind digest grade count reasons");
	show(t, d, t->order[0], "id positions");
	show(t, d, t->certified, "sha256 sha512");
	show(t, d, t->reproduced, "tool");
	show_beside(t, d);
}

struct buf *telling_attest(struct telling *t)
{
	scoped_json *what = json_object(), *list = sentences("somebody says so");
	struct tree_array array = { t->w.leaves, t->w.count };
	struct heads h = heads_of(t);
	scoped(certificate_draft) *d = NULL;
	scoped(set) *absent = NULL;
	struct world_set set = t->set;
	struct buf *out = NULL;
	struct attestation_words words = {
		.origin = t->w.origin, .tool = "rescind 0.1.0", .model = t->model,
		.issued_utc_ms = (t->w.minute + 60) * 60000, .summary = what, .asserted = list,
		.signed_by_others = list, .not_covered = list, .digest = &t->digest,
		.facts_head = buf_text(h.facts), .records_head = buf_text(h.records),
	};

	json_set_text(what, "what", "A checkpoint", &e);
	check_ok(buf_create(&out, 0, &e));
	check_ok(set_from_text(&absent, t->absent, 100, &e));
	words.absent = absent;
	memset(t->digest.b, 22, HASH_LEN);
	check_ok(certificate_draft_create(&d, &e));
	show_attested(t, d);
	set.n = t->model;
	world_show_set(d, &set, absent);
	check_ok(attestation_make(d, &words, t->w.seed, tree_array_read, &array, out, &e));
	buf_destroy(h.facts);
	buf_destroy(h.records);
	return out;
}

/* ---- a receipt ---- */

static void show_card(const struct telling *t, struct certificate_draft *d, uint64_t pos)
{
	const struct fields *f = t->cards[pos];

	check_ok(receipt_record(d, pos, &t->commitments[pos], &e));
	if (pos == 0 && t->closed)
		return;
	for (size_t i = 0; i < f->count; i++) {
		const char *name = f->list[i].name;
		bool person = strcmp(name, "subject") == 0 && t->subject &&
			      strcmp(buf_text(f->list[i].value), t->subject) == 0;

		if (i < 5 || person)
			check_ok(receipt_open(d, pos, f, i, &e));
	}
}

static void show_received(const struct telling *t, struct certificate_draft *d)
{
	bool anna = t->subject && strcmp(t->subject, "anna") == 0;

	show(t, d, 0, "origin");
	for (size_t i = 0; i < 3; i++)
		show_origins(t, d, i);
	for (size_t i = 0; i < 4; i++)
		show(t, d, t->batch[i], "");
	if (anna) {
		show(t, d, t->grant[0], "id subject uses basis explicit evidence from until");
		show(t, d, t->withdrawal[0], "grant subject uses order");
	}
	show(t, d, t->grant[1], "id source uses basis explicit evidence from until");
	show(t, d, t->withdrawal[2], "grant order");
	show(t, d, t->dataset[0], "name version use");
	show(t, d, t->model, "name version kind");
	show(t, d, t->deployment, t->tale == TALE_ENDPOINT_TWICE ? "id product use" :
	     "id product use recipient endpoint from");
	if (t->tale == TALE_ENDPOINT_TWICE)
		check_ok(certificate_open(d, t->deployment, t->w.parts[t->deployment], 4, &e));
	show(t, d, t->undeployment, "reason");
	show(t, d, t->output, "name kind");
	show(t, d, t->handover, "id to use format count document");
	show(t, d, t->order[0], "id");
	show_beside(t, d);
}

struct buf *telling_receipt(struct telling *t)
{
	scoped_json *what = json_object(), *list = sentences("somebody says so");
	struct tree_array facts = { t->w.leaves, t->w.count };
	struct tree_array records = { t->w.records, t->w.record_count };
	struct heads h = heads_of(t);
	scoped(certificate_draft) *d = NULL;
	struct buf *out = NULL;
	const struct receipt_words words = {
		.origin = t->w.origin, .tool = "rescind 0.1.0",
		.issued_utc_ms = (t->w.minute + 60) * 60000, .summary = what, .asserted = list,
		.signed_by_others = list, .not_covered = list, .facts_head = buf_text(h.facts),
		.records_head = buf_text(h.records),
	};

	json_set_text(what, "what", "Records", &e);
	json_set_text(what, "withdraw", "Write to us", &e);
	check_ok(buf_create(&out, 0, &e));
	check_ok(certificate_draft_create(&d, &e));
	show_received(t, d);
	for (uint64_t pos = 30;; pos -= 10) {
		show_card(t, d, pos);
		if (pos == 0)
			break;
	}
	if (t->beside_index >= 0)
		check_ok(receipt_open(d, t->beside_pos, t->cards[t->beside_pos],
				      (size_t)t->beside_index, &e));
	check_ok(receipt_make(d, &words, t->w.seed, tree_array_read, &facts, tree_array_read, &records,
			      out, &e));
	buf_destroy(h.facts);
	buf_destroy(h.records);
	return out;
}
