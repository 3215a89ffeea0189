/* A log that goes on after one that lost its end says so in every statement. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "proof/checks.h"

/* The key of the log that ended with f: which it is in the row, and where it began. */
static int key_before(const struct statement *s, const struct fact *f, uint64_t number,
		      uint64_t begin, struct note_key *ret, struct error *e)
{
	scoped(buf) *name = NULL;

	if (buf_create(&name, 256, e) < 0 || origin_put(name, s->origin, number, begin, e) < 0 ||
	    buf_printf(name, e, "/facts") < 0)
		return e->code;
	return note_key_make(ret, buf_text(name), NOTE_ED25519, f->key, e);
}

const struct fact *successor_of(const struct statement *s, const struct note_key *key)
{
	uint64_t number = 1, begin = 0;
	struct error ignored = { 0 };
	struct note_key before;

	for (const struct fact *f = NULL; (f = fact_next(s, f, FACT_SUCCESSOR)); begin = f->n, number++)
		if (memcmp(f->key, key->public_key, sizeof(f->key)) == 0 &&
		    key_before(s, f, number, begin, &before, &ignored) == 0 &&
		    same_logs(before.name, key->name))
			return f;
	return NULL;
}

/* From the last one, whose number is in the name, back to the first. */
bool successor_lost(const struct statement *s, const struct fact *batch)
{
	const char *at = strrchr(s->origin, '@');
	const struct fact *f = NULL;
	uint64_t n;

	if (at && number_parse(&n, at + 1, strlen(at + 1), NULL) == 0)
		f = fact_find(s, n);
	for (int i = 1; i < SUCCESSORS_MAX && f && f->type == FACT_SUCCESSOR; i++) {
		if (batch->last >= f->records.size &&
		    batch->first < f->records.size + f->lost_records)
			return true;
		f = fact_find(s, f->model);
	}
	return false;
}

/* By key the next one signs; begun: what the proof says was left. */
static int check_one(struct checking *c, const struct fact *f, uint64_t number, uint64_t begin,
		     const uint8_t *key, const struct hash *begun, struct error *e)
{
	struct succeeded what = { .size = f->n, .root = *begun, .records = f->records.size,
				  .records_root = f->records.root, .lost = f->lost,
				  .lost_root = f->lost_root, .lost_records = f->lost_records,
				  .keys = f->solo };
	scoped(buf) *text = NULL, *vkey = NULL;
	struct note_key before;

	memcpy(what.key, key, sizeof(what.key));
	if (want_of(f, f->model == begin && hash_equal(&f->root, begun) && f->lost > f->n &&
		    f->last >= f->first && memcmp(key, f->key, sizeof(f->key)) != 0, e,
		    "is not of what was before it") < 0 ||
	    buf_create(&text, 512, e) < 0 || buf_create(&vkey, 256, e) < 0 ||
	    successor_text(text, c->s->origin, number + 1, begin, &what, e) < 0 ||
	    sign_check(f->signature, f->key, text->data, text->len, e) < 0 ||
	    key_before(c->s, f, number, begin, &before, e) < 0 || note_key_put(&before, vkey, e) < 0)
		return error_wrap(e, "fact %" PRIu64 ", by the log before", f->n);
	return limit(c, e, "this log follows another from fact %" PRIu64 " on, which had at least %" PRIu64
		     " facts and %" PRIu64 " records more that are lost: its vkey was %s, its last known "
		     "head is of %" PRIu64 " facts with root %s; %s", f->n, f->lost - f->n,
		     f->lost_records, buf_text(vkey), f->lost, hash_hex(&f->lost_root).s, f->solo ?
		     "that what was erased then stays erased is the operator's word" :
		     "its keys were put back too, and what was erased then may be there again");
}

/* So many as the name says, the last of them where it says. */
int check_successors(struct checking *c, const uint64_t *indices, const struct hash *leaves,
		     struct error *e)
{
	const struct fact *f = fact_next(c->s, NULL, FACT_SUCCESSOR), *next;
	uint64_t named, number = 1, begin = 0;
	scoped(buf) *name = NULL;
	struct hash begun;

	for (; f && number < SUCCESSORS_MAX; begin = f->n, f = next, number++) {
		next = fact_next(c->s, f, FACT_SUCCESSOR);
		tree_begin_many(indices, leaves, c->s->fact_count, c->facts.size, c->s->proof,
				c->s->proof_count, f->n, &begun);
		if (check_one(c, f, number, begin, next ? next->key : c->s->key, &begun, e) < 0)
			return e->code;
	}
	origin_base(c->s->origin, &named);
	if (buf_create(&name, 256, e) < 0 || origin_put(name, c->s->origin, number, begin, e) < 0)
		return e->code;
	return want(!f && named == number && strcmp(buf_text(name), c->s->origin) == 0, e,
		    "facts say that %" PRIu64 " logs were before, the last up to fact %" PRIu64
		    ", and the origin does not", number - 1, begin);
}
