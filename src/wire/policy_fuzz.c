/* A policy: whatever is read can be asked, and a quorum that is met without any cosignature is none. */
#include <stdlib.h>

#include "wire/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char head[] = "o.example\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
			   "\xe2\x80\x94 o.example AAAAAAA=\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint64_t times[POLICY_WITNESSES_MAX];
	scoped(policy) *p = NULL;
	scoped(note) *n = NULL;
	struct error e = { 0 };

	if (policy_parse(&p, bytes, len, &e) < 0)
		return 0;
	if (p->log_count > POLICY_LOGS_MAX || p->witness_count > POLICY_WITNESSES_MAX ||
	    note_parse(&n, head, sizeof(head) - 1, &e) < 0)
		abort();
	(void)policy_log_of(p, "o.example", n);
	if (policy_check(p, n, times, &e) == 0 && p->quorum != -1)
		abort();
	return 0;
}
