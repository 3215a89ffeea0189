/* What a witness of our own answers: C2SP tlog-witness, in its order. */
#include <inttypes.h>
#include <stdio.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/cosigner_inside.h"
#include "wire/add_checkpoint.h"

/* What was sent, and our lines. */
enum { HEAD_BYTES_MAX = 2 * ADD_REQUEST_MAX };
#define TEXT_TYPE "text/plain; charset=utf-8"

void cosigner_origin_hex(char ret[HASH_HEX_MAX], const char *origin, size_t len_bytes)
{
	struct hash h;

	hash_bytes(&h, origin, len_bytes);
	hex_encode(ret, h.b, HASH_LEN);
}

int cosigner_head(const struct cosigner *c, const char *hex, const char *origin, struct head *ret,
		  struct buf **ret_note, struct error *e)
{
	char path[PATH_LEN_MAX];
	scoped(note) *n = NULL;
	scoped(buf) *b = NULL;
	struct head h;

	if (cosigner_path(c, path, "heads", hex, e) < 0 ||
	    file_read(path, HEAD_BYTES_MAX, &b, e) < 0)
		return e->code;
	if (note_parse(&n, b->data, b->len, e) < 0 || note_check(n, c->key, 1, NULL, NULL, e) < 0 ||
	    head_parse(&h, n->text, n->text_len, e) < 0)
		return error_set(e, E_FORMAT, "%s is damaged", path);
	if (strcmp(h.origin, origin) != 0)
		return error_set(e, E_FORMAT, "%s is of another log", path);
	*ret = h;
	if (ret_note)
		*ret_note = give(b);
	return 0;
}

/* ---- answers ---- */

static int answer(struct cosigner_answer *ret, unsigned status, const char *type, struct error *e,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));
static int answer(struct cosigner_answer *ret, unsigned status, const char *type, struct error *e,
		  const char *format, ...)
{
	char text[ERROR_TEXT_MAX + 64];
	scoped(buf) *b = NULL;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_clear(e);
	if (buf_create(&b, 64, e) < 0 || buf_printf(b, e, "%s\n", text) < 0)
		return e->code;
	ret->status = status;
	ret->type = type;
	ret->body = give(b);
	return 0;
}

static int no(struct cosigner_answer *ret, unsigned status, struct error *e)
{
	char why[ERROR_TEXT_MAX];

	if (e->code == E_MEMORY)
		return e->code;
	snprintf(why, sizeof(why), "%s", e->text);
	return answer(ret, status, TEXT_TYPE, e, "%s", why);
}

static int broken(struct cosigner_answer *ret, struct error *e)
{
	return e->code == E_MEMORY ? e->code :
				     answer(ret, 500, TEXT_TYPE, e, "the witness cannot read or write its "
					    "state: it signs nothing");
}

/* ---- a head ---- */

struct adding {
	struct cosigner *c;
	struct add_request *q;
	struct cosigner_log log;
	char hex[HASH_HEX_MAX];
	struct head head, last; /* last.size 0: none was signed */
};

/* Of size 0, with a root that is not that of the empty tree, and nothing else wrong. */
static bool is_false_empty(const struct note *n)
{
	const char *size = memchr(n->text, '\n', n->text_len);
	size_t begin = size ? (size_t)(size + 1 - n->text) : n->text_len;
	scoped(buf) *b = NULL;
	struct error own = { 0 };
	struct head h;

	if (n->text_len < begin + 2 || memcmp(n->text + begin, "0\n", 2) != 0)
		return false;
	if (buf_from(&b, n->text, n->text_len, &own) < 0)
		return false;
	b->data[begin] = '1';
	return head_parse(&h, buf_text(b), b->len, &own) == 0;
}

static unsigned growth_status(const struct adding *x, struct error *e)
{
	const struct add_request *q = x->q;

	if (q->old > 0 && q->old < x->head.size)
		return tree_check_growth(&q->path, q->old, &x->last.root, x->head.size,
					 &x->head.root, e) < 0 ? 422 : 200;
	if (q->path.count > 0)
		(void)error_set(e, E_MISMATCH, "a proof where there is nothing to prove");
	else if (q->old == x->head.size && !hash_equal(&x->head.root, &x->last.root))
		(void)error_set(e, E_MISMATCH, "another root of the same size");
	return e->code ? 422 : 200;
}

/* One for each key: a line that was repeated would fill the note. */
static int put_signature_of(struct buf *note, const struct note *n, const struct note_key *k,
			    struct error *e)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct note_signature *s = &n->signature[i];

		if (s->id == k->id && strcmp(s->name, k->name) == 0)
			return note_put_signature(note, s->name, s->id, s->bytes, s->len,
						  e);
	}
	return 0;
}

/* The log's signatures that we know, and ours; lines is ours alone. */
static int sign(struct adding *x, struct buf *note, struct buf *lines, struct error *e)
{
	const struct note *n = x->q->note;
	uint64_t now_s = sys->now_utc_ms() / 1000;

	if (buf_put(note, n->text, n->text_len, e) < 0 || buf_put_u8(note, '\n', e) < 0)
		return e->code;
	for (size_t k = 0; k < x->log.count; k++)
		if (put_signature_of(note, n, &x->log.key[k], e) < 0)
			return e->code;
	for (size_t k = 0; k < x->c->key_count; k++)
		if (note_cosign(lines, n->text, n->text_len, &x->c->key[k], x->c->seed[k], now_s, e) < 0)
			return e->code;
	return buf_put(note, lines->data, lines->len, e);
}

static int keep(struct adding *x, const struct buf *note, struct error *e)
{
	char folder[PATH_LEN_MAX], path[PATH_LEN_MAX];

	if (path_join(folder, x->c->folder, "heads", e) < 0 || folder_make(folder, 0700, e) < 0 ||
	    path_join(path, folder, x->hex, e) < 0)
		return e->code;
	return file_write(path, note->data, note->len, 0600, e);
}

static int cosign(struct adding *x, struct cosigner_answer *ret, struct error *e)
{
	scoped(buf) *note = NULL, *lines = NULL;

	if (buf_create(&note, 4096, e) < 0 || buf_create(&lines, 4096, e) < 0)
		return e->code;
	if (sign(x, note, lines, e) < 0 || keep(x, note, e) < 0)
		return broken(ret, e);
	ret->status = 200;
	ret->type = TEXT_TYPE;
	ret->body = give(lines);
	return 0;
}

static int grow(struct adding *x, struct cosigner_answer *ret, struct error *e)
{
	const struct note *n = x->q->note;
	unsigned status;

	if (head_parse(&x->head, n->text, n->text_len, e) < 0)
		return no(ret, is_false_empty(n) ? 422 : 400, e);
	if (x->q->old > x->head.size)
		return answer(ret, 400, TEXT_TYPE, e, "the old size is larger than the new one");
	if (cosigner_head(x->c, x->hex, x->log.origin, &x->last, NULL, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return broken(ret, e);
		error_clear(e);
		tree_root(&x->last.root, NULL, 0);
	}
	if (x->q->old != x->last.size)
		return answer(ret, 409, ADD_SIZE_TYPE, e, "%" PRIu64, x->last.size);
	status = growth_status(x, e);
	return status == 200 ? cosign(x, ret, e) : no(ret, status, e);
}

static int find_log(struct adding *x, struct cosigner_answer *ret, struct error *e)
{
	const struct note *n = x->q->note;
	const char *end = memchr(n->text, '\n', n->text_len);

	cosigner_origin_hex(x->hex, n->text, end ? (size_t)(end - n->text) : n->text_len);
	if (cosigner_log_read(x->c, x->hex, &x->log, e) < 0)
		return e->code == E_NOT_FOUND ? answer(ret, 404, TEXT_TYPE, e, "an unknown log") :
						broken(ret, e);
	if (note_check(n, x->log.key, x->log.count, NULL, NULL, e) < 0)
		return no(ret, 403, e);
	return grow(x, ret, e);
}

int cosigner_add_checkpoint(struct cosigner *c, const void *body, size_t len_bytes,
			    struct cosigner_answer *ret, struct error *e)
{
	struct adding *x = calloc(1, sizeof(*x));
	int code;

	if (!x)
		return error_set(e, E_MEMORY, "witness: out of memory");
	x->c = c;
	if (add_request_parse(&x->q, body, len_bytes, e) < 0)
		code = no(ret, 400, e);
	else
		code = find_log(x, ret, e);
	add_request_destroy(x->q);
	free(x);
	return code;
}

int cosigner_checkpoint(struct cosigner *c, const char *origin_hex, struct cosigner_answer *ret,
			struct error *e)
{
	scoped(cosigner_log) *l = calloc(1, sizeof(*l));
	scoped(buf) *note = NULL;
	struct head h;

	if (!l)
		return error_set(e, E_MEMORY, "witness: out of memory");
	if (cosigner_log_read(c, origin_hex, l, e) < 0 ||
	    cosigner_head(c, origin_hex, l->origin, &h, &note, e) < 0)
		return e->code == E_NOT_FOUND ? answer(ret, 404, TEXT_TYPE, e, "no head of such a log") :
						broken(ret, e);
	ret->status = 200;
	ret->type = TEXT_TYPE;
	ret->body = give(note);
	return 0;
}
