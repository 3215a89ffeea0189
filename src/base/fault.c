#include "base/fault.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *const fault_names[FAULT_COUNT] = {
#define X(name) #name,
	FAULTS(X)
#undef X
};

/* The one wish that the environment may hold. passings_left 0: none. */
struct wish {
	bool read;
	enum fault fault;
	uint64_t passings_left;
};

static struct wish wish_read(const char *text)
{
	struct wish w = { .read = true };
	const char *colon = text ? strchr(text, ':') : NULL;
	uint64_t passings;

	if (!colon || number_parse(&passings, colon + 1, strlen(colon + 1), NULL) < 0)
		return w;
	for (unsigned i = 0; i < FAULT_COUNT; i++) {
		if (strlen(fault_names[i]) != (size_t)(colon - text) ||
		    memcmp(fault_names[i], text, (size_t)(colon - text)) != 0)
			continue;
		w.fault = (enum fault)i;
		w.passings_left = passings;
	}
	return w;
}

/* State of the process, not of a handle: it is the process that is killed. */
void fault_pass(enum fault f)
{
	static struct wish wish;

	if (!wish.read)
		wish = wish_read(getenv("RESCIND_FAULT"));
	if (wish.passings_left == 0 || wish.fault != f)
		return;
	if (--wish.passings_left == 0)
		raise(SIGKILL);
}
