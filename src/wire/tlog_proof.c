#include "wire/tlog_proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool take_line(const char **at, const char *end, const char **ret_line, size_t *ret_len)
{
	const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

	if (!newline)
		return false;
	*ret_line = *at;
	*ret_len = (size_t)(newline - *at);
	*at = newline + 1;
	return true;
}

int tlog_number_parse(uint64_t *ret, const char *word, const char **at, const char *end,
		      struct error *e)
{
	size_t len = 0, begin = strlen(word);
	const char *line = NULL;

	if (!take_line(at, end, &line, &len) || len <= begin + 1 ||
	    memcmp(line, word, begin) != 0 || line[begin] != ' ')
		return error_set(e, E_FORMAT, "no line \"%s NUMBER\"", word);
	return number_parse(ret, line + begin + 1, len - begin - 1, e);
}

/* ---- hashes ---- */

int tlog_path_put(struct buf *b, const struct tree_path *path, struct error *e)
{
	for (size_t i = 0; i < path->count; i++)
		if (base64_put(b, path->hash[i].b, HASH_LEN, e) < 0 || buf_put_u8(b, '\n', e) < 0)
			return e->code;
	return 0;
}

static int take_hash(struct tree_path *p, const char *line, size_t len, struct error *e)
{
	scoped(buf) *b = NULL;

	if (p->count == TREE_PATH_MAX)
		return error_set(e, E_RANGE, "more than %d hashes", TREE_PATH_MAX);
	if (buf_create(&b, HASH_LEN, e) < 0)
		return e->code;
	if (len > 2 * HASH_LEN || base64_get(b, line, len, e) < 0 || b->len != HASH_LEN)
		return error_set(e, E_FORMAT, "not a hash");
	memcpy(p->hash[p->count++].b, b->data, HASH_LEN);
	return 0;
}

int tlog_path_parse(struct tree_path *ret, const char **at, const char *end, struct error *e)
{
	const char *line;
	size_t len;

	ret->count = 0;
	while (take_line(at, end, &line, &len)) {
		if (len == 0)
			return 0;
		if (take_hash(ret, line, len, e) < 0)
			return e->code;
	}
	return error_set(e, E_FORMAT, "no empty line before the head");
}

/* ---- the proof ---- */

int tlog_proof_put(struct buf *b, const struct buf *extra, uint64_t index,
		   const struct tree_path *path, const void *note, size_t note_len, struct error *e)
{
	if (extra && extra->len > TLOG_PROOF_EXTRA_MAX)
		return error_set(e, E_RANGE, "proof: extra data of more than %d bytes",
				 TLOG_PROOF_EXTRA_MAX);
	if (buf_printf(b, e, TLOG_PROOF_FIRST) < 0 ||
	    (extra && (buf_printf(b, e, "extra ") < 0 ||
		       base64_put(b, extra->data, extra->len, e) < 0 || buf_put_u8(b, '\n', e) < 0)) ||
	    buf_printf(b, e, "index %" PRIu64 "\n", index) < 0 || tlog_path_put(b, path, e) < 0 ||
	    buf_put_u8(b, '\n', e) < 0)
		return e->code;
	return buf_put(b, note, note_len, e);
}

void tlog_proof_destroy(struct tlog_proof *p)
{
	if (!p)
		return;
	buf_destroy(p->extra);
	free(p);
}

static int take_extra(struct tlog_proof *p, const char **at, const char *end, struct error *e)
{
	static const char word[] = "extra ";
	const size_t begin = sizeof(word) - 1;
	const char *line;
	size_t len;

	if ((size_t)(end - *at) < begin || memcmp(*at, word, begin) != 0)
		return 0;
	if (!take_line(at, end, &line, &len))
		return error_set(e, E_FORMAT, "cut short");
	if ((len - begin) / 4 * 3 > TLOG_PROOF_EXTRA_MAX + 2)
		return error_set(e, E_RANGE, "extra data of more than %d bytes",
				 TLOG_PROOF_EXTRA_MAX);
	if (buf_create(&p->extra, len, e) < 0 ||
	    base64_get(p->extra, line + begin, len - begin, e) < 0)
		return e->code;
	return p->extra->len <= TLOG_PROOF_EXTRA_MAX ?
		       0 : error_set(e, E_RANGE, "extra data of more than %d bytes",
				     TLOG_PROOF_EXTRA_MAX);
}

int tlog_proof_parse(struct tlog_proof **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	static const char first[] = TLOG_PROOF_FIRST;
	const char *at = bytes, *end = at + len_bytes;
	scoped(tlog_proof) *p = NULL;

	if (len_bytes > TLOG_PROOF_BYTES_MAX)
		return error_set(e, E_RANGE, "proof: more than %d bytes", TLOG_PROOF_BYTES_MAX);
	if (len_bytes < sizeof(first) - 1 || memcmp(at, first, sizeof(first) - 1) != 0)
		return error_set(e, E_FORMAT, "proof: not a tlog-proof of version 1");
	p = calloc(1, sizeof(*p));
	if (!p)
		return error_set(e, E_MEMORY, "proof: out of memory");
	at += sizeof(first) - 1;
	if (take_extra(p, &at, end, e) < 0 || tlog_number_parse(&p->index, "index", &at, end, e) < 0 ||
	    tlog_path_parse(&p->path, &at, end, e) < 0)
		return error_wrap(e, "proof");
	p->note = at;
	p->note_len = (size_t)(end - at);
	*ret = give(p);
	return 0;
}
