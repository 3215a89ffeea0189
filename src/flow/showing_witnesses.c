/* What a statement says of the witnesses whose cosignatures its heads bear. */
#include "flow/showing.h"
#include "flow/witness.h"

/* Appends the names of those who cosigned this public head: "a, b". */
static int witnesses_of(struct repo *r, int log, const struct policy *p, struct buf *names,
			struct error *e)
{
	uint64_t times[POLICY_WITNESSES_MAX];
	scoped(note) *n = NULL;
	scoped(buf) *b = NULL;

	if (buf_create(&b, 512, e) < 0 || log_published(r->log_blobs[log], b, e) < 0 ||
	    note_parse(&n, b->data, b->len, e) < 0)
		return e->code;
	if (policy_check(p, n, times, e) < 0) {
		if (e->code != E_MISMATCH)
			return e->code;
		error_clear(e); /* one that does not hold is nobody's */
		return 0;
	}
	for (size_t i = 0; i < p->witness_count; i++)
		if (times[i] != NOTE_UNSIGNED &&
		    buf_printf(names, e, "%s%s", names->len ? ", " : "", p->witness[i].name) < 0)
			return e->code;
	return 0;
}

static int put_sentence(struct buf *b, const struct buf *facts, const struct buf *records,
			struct error *e)
{
	if (facts->len + records->len == 0)
		return buf_printf(b, e, "witnessed by: nobody");
	return buf_printf(b, e,
			  "cosigned by witnesses, which a policy checks (verify --policy): the head of facts by %s; the head of records by %s",
			  facts->len ? buf_text(facts) : "nobody",
			  records->len ? buf_text(records) : "nobody");
}

int showing_witnesses(struct repo *r, json_t *sentences, struct error *e)
{
	scoped(buf) *facts = NULL, *records = NULL, *b = NULL;
	scoped(policy) *p = NULL;

	if (witness_load(r, &p, e) < 0 || buf_create(&facts, 64, e) < 0 ||
	    buf_create(&records, 64, e) < 0 || buf_create(&b, 256, e) < 0 ||
	    witnesses_of(r, LOG_FACTS, p, facts, e) < 0 ||
	    witnesses_of(r, LOG_RECORDS, p, records, e) < 0 ||
	    put_sentence(b, facts, records, e) < 0)
		return e->code;
	json_add_new(sentences, json_stringn(buf_text(b), b->len), e);
	return e->code;
}
