#include "wire/add_checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/tlog_proof.h"

/* No time that anybody lives in. */
#define YEAR_10000_S UINT64_C(253402300800)

int add_request_put(struct buf *b, uint64_t old, const struct tree_path *path, const void *note,
		    size_t note_len, struct error *e)
{
	if (path->count > ADD_HASHES_MAX)
		return error_set(e, E_RANGE, "a proof of more than %d hashes", ADD_HASHES_MAX);
	if (buf_printf(b, e, "old %" PRIu64 "\n", old) < 0 || tlog_path_put(b, path, e) < 0 ||
	    buf_put_u8(b, '\n', e) < 0)
		return e->code;
	return buf_put(b, note, note_len, e);
}

void add_request_destroy(struct add_request *r)
{
	if (!r)
		return;
	note_destroy(r->note);
	free(r);
}

int add_request_parse(struct add_request **ret, const void *bytes, size_t len_bytes,
		      struct error *e)
{
	const char *at = bytes, *end = at + len_bytes;
	scoped(add_request) *r = NULL;

	if (len_bytes > ADD_REQUEST_MAX)
		return error_set(e, E_RANGE, "more than %d bytes", ADD_REQUEST_MAX);
	r = calloc(1, sizeof(*r));
	if (!r)
		return error_set(e, E_MEMORY, "out of memory");
	if (tlog_number_parse(&r->old, "old", &at, end, e) < 0 ||
	    tlog_path_parse(&r->path, &at, end, e) < 0)
		return e->code;
	if (r->path.count > ADD_HASHES_MAX)
		return error_set(e, E_RANGE, "more than %d hashes", ADD_HASHES_MAX);
	if (note_parse(&r->note, at, (size_t)(end - at), e) < 0)
		return e->code;
	*ret = give(r);
	return 0;
}

/* The head's text with the answer's lines in place of its signatures. */
static int answered_note(struct buf *b, const struct note *have, const void *answer,
			 size_t answer_len, struct error *e)
{
	if (answer_len > ADD_ANSWER_MAX)
		return error_set(e, E_RANGE, "an answer of more than %d bytes", ADD_ANSWER_MAX);
	if (buf_put(b, have->text, have->text_len, e) < 0 || buf_put_u8(b, '\n', e) < 0)
		return e->code;
	return buf_put(b, answer, answer_len, e);
}

int add_answer_take(struct buf *out, const void *note, size_t note_len, const void *answer,
		    size_t answer_len, const struct note_key *k, struct error *e)
{
	scoped(note) *have = NULL, *more = NULL;
	scoped(buf) *bytes = NULL;
	uint64_t time_s = 0;

	if (note_parse(&have, note, note_len, e) < 0 ||
	    buf_create(&bytes, note_len + answer_len, e) < 0 ||
	    answered_note(bytes, have, answer, answer_len, e) < 0 ||
	    note_parse(&more, bytes->data, bytes->len, e) < 0)
		return e->code;
	/* Lines of another text, with a blank line of their own, would have moved its end. */
	if (more->text_len != have->text_len)
		return error_set(e, E_FORMAT, "not signature lines");
	if (note_check(more, k, 1, NULL, &time_s, e) < 0)
		return e->code;
	if (time_s == 0 || time_s >= YEAR_10000_S)
		return error_set(e, E_MISMATCH, "a cosignature without a time");
	return note_join(out, have, more, k, e);
}

int add_size_parse(uint64_t *ret, const void *answer, size_t answer_len, struct error *e)
{
	const char *text = answer;

	if (answer_len == 0 || answer_len > 32 || text[answer_len - 1] != '\n')
		return error_set(e, E_FORMAT, "not a size");
	return number_parse(ret, text, answer_len - 1, e);
}
