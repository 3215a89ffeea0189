/* The heads must carry the quorum of the policy. */
#include "proof/checks.h"
#include "proof/head.h"

int check_witnesses(struct checking *c, struct error *e)
{
	const struct policy *p = c->pins->policy;
	const struct statement *s = c->s;
	struct error records = { 0 };

	/* Both are looked at, so that whoever signed is told. */
	(void)!head_witnessed(p, s->facts_note, strlen(s->facts_note), "the head of facts", c->witnessed,
			     e);
	(void)!head_witnessed(p, s->records_note, strlen(s->records_note), "the head of records",
			     c->witnessed, &records);
	if (e->code)
		return error_wrap(e, "facts");
	if (records.code)
		return error_set(e, records.code, "records: %.400s", records.text);
	if (p->log_count > 0 && !log_is_listed(c, p))
		return error_set(e, E_MISMATCH, "the log is none of the policy's");
	return found(c, "a quorum of the policy cosigned both heads");
}
