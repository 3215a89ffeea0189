/* What a policy asks: the log is one of its, and the heads carry its quorum. */
#include "proof/checks.h"
#include "proof/head.h"

bool log_is_listed(const struct checking *c, const struct policy *p)
{
	for (size_t i = 0; i < p->log_count; i++)
		if (is_of_log(c, &p->log[i].key))
			return true;
	return false;
}

int check_listed(struct checking *c, struct error *e)
{
	const struct policy *p = c->pins->policy;

	if (log_is_listed(c, p))
		return found(c, "one of the policy's, of %s", c->s->origin);
	return error_set(e, E_MISMATCH, p->log_count ? "the key of no log in the policy" :
			 "no key was pinned: anybody may have made this");
}

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
