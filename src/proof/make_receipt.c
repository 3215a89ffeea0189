#include <stdio.h>
#include <string.h>

#include "proof/making.h"
#include "proof/receipt.h"

static int records_head(const struct making *m, struct head *ret, struct error *e)
{
	const char *note = m->w->records_head;
	char name[STATEMENT_NAME_MAX + 16];
	struct note_key key;

	snprintf(name, sizeof(name), "%s/records", m->w->origin);
	if (note_key_make(&key, name, NOTE_ED25519, m->key.public_key, e) < 0)
		return e->code;
	return head_open(ret, note, strlen(note), &key, e);
}

static int take_hash(void *ctx, const struct hash *h, struct error *e)
{
	return buf_put(ctx, h, sizeof(*h), e);
}

static int prove_records(const struct making *m, tree_reader *read, void *ctx, struct buf *proof,
			 struct error *e)
{
	const struct certificate_draft *d = m->d;
	uint64_t *indices = arena_alloc(d->arena, d->record_count * sizeof(*indices), e);
	struct head head;

	if (!indices || records_head(m, &head, e) < 0)
		return e->code;
	for (size_t i = 0; i < d->record_count; i++)
		indices[i] = d->records[i].pos;
	return tree_prove_many(indices, d->record_count, head.size, read, ctx, take_hash, proof, e);
}

static void add_records(const struct making *m, struct error *e)
{
	const struct certificate_draft *d = m->d;
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < d->record_count && !e->code; i++) {
		json_t *o = json_object_make(e);

		json_set_number(o, "p", d->records[i].pos, e);
		json_set_hash(o, "commitment", &d->records[i].commitment, e);
		json_add_new(list, o, e);
		add_subject(m->subject, "record", &d->records[i].commitment, e);
	}
	json_set_new(m->own, "records", list, e);
}

static int add_members(const struct making *m, tree_reader *read, void *ctx, struct error *e)
{
	const struct certificate_draft *d = m->d;
	scoped(buf) *proof = NULL;

	if (buf_create(&proof, 1024, e) < 0 || prove_records(m, read, ctx, proof, e) < 0)
		return e->code;
	add_records(m, e);
	json_set_bytes64(m->own, "records_proof", proof->data, proof->len, e);
	json_set_new(m->own, "record_openings",
		     openings_json(d->record_openings, d->record_opening_count, "p", e), e);
	return e->code;
}

int receipt_make(struct certificate_draft *d, const struct receipt_words *w,
		 const uint8_t seed[SIGN_SEED_LEN], tree_reader *read_facts, void *facts_ctx,
		 tree_reader *read_records, void *records_ctx, struct buf *out, struct error *e)
{
	const struct making_words words = MAKING_WORDS(w);
	struct making m = { d, RECEIPT_TYPE, &words, read_facts, facts_ctx, .own = NULL };
	struct error own = { 0 };

	if (making_begin(&m, seed, &own) == 0 &&
	    add_members(&m, read_records, records_ctx, &own) == 0)
		(void)!making_end(&m, seed, out, &own);
	making_done(&m);
	return own.code ? error_set(e, own.code, "receipt: %s", own.text) : 0;
}
