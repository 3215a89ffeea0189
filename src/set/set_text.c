#include "set/set.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

struct text_out {
	struct buf *b;
	const char *comma;
};

static int text_put_run(void *ctx, uint64_t first, uint64_t last, struct error *e)
{
	struct text_out *out = ctx;
	const char *comma = out->comma;

	out->comma = ",";
	if (first == last)
		return buf_printf(out->b, e, "%s%" PRIu64, comma, first);
	return buf_printf(out->b, e, "%s%" PRIu64 "-%" PRIu64, comma, first, last);
}

int set_put_text(const struct set *s, struct buf *b, struct error *e)
{
	struct text_out out = { b, "" };

	return set_each_run(s, text_put_run, &out, e);
}

static int text_number(const char **at, uint64_t *ret, struct error *e)
{
	size_t len = strspn(*at, "0123456789");
	int code = number_parse(ret, *at, len, e);

	*at += len;
	return code;
}

/* "3-17" or "20" */
static int text_run(const char **at, uint64_t *ret_first, uint64_t *ret_last, struct error *e)
{
	int code = text_number(at, ret_first, e);

	*ret_last = *ret_first;
	if (code < 0 || **at != '-')
		return code;
	++*at;
	code = text_number(at, ret_last, e);
	return code < 0 || *ret_last > *ret_first ? code :
	       error_set(e, E_FORMAT, "a run that does not ascend");
}

int set_from_text(struct set **ret_set, const char *text, size_t max_runs, struct error *e)
{
	scoped(set) *s = NULL;
	uint64_t first, last, room = SET_RANGE_MAX;
	const char *at = text;

	if (set_create(&s, e) < 0)
		return E_MEMORY;
	for (size_t runs = 0; *at; runs++) {
		int code;

		if (runs > 0 && *at++ != ',')
			return error_set(e, E_FORMAT, "positions: not a list of runs");
		if (runs == max_runs)
			return error_set(e, E_RANGE, "positions: more than %zu runs", max_runs);
		code = text_run(&at, &first, &last, e);
		if (code == 0 && last - first >= room)
			return error_set(e, E_RANGE, "positions: more than %" PRIu64,
					 SET_RANGE_MAX);
		if (code == 0)
			code = set_append(s, first, last, e);
		if (code < 0) {
			error_wrap(e, "positions");
			return code;
		}
		room -= last - first + 1;
	}
	*ret_set = give(s);
	return 0;
}
