/*
 * anchor: the file "anchor" of the keys directory: size and root of both heads, so that going
 * back is noticed. Four lines of text:
 *   rescind anchor 1\n facts SIZE HEX\n records SIZE HEX\n
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "repo/inside.h"

enum { ANCHOR_BYTES_MAX = 512 };
static const char *const log_names[LOG_COUNT] = { "facts", "records" };

static int put(const struct head_state now[LOG_COUNT], struct buf *b, struct error *e)
{
	if (buf_printf(b, e, "rescind anchor 1\n") < 0)
		return e->code;
	for (int i = 0; i < LOG_COUNT; i++)
		if (buf_printf(b, e, "%s %" PRIu64 " %s\n", log_names[i], now[i].size,
			       hash_hex(&now[i].root).s) < 0)
			return e->code;
	return 0;
}

static int read_line(const char **at, const char *name, struct head_state *ret, struct error *e)
{
	size_t len = strlen(name);
	char hex[HASH_HEX_MAX];
	const char *space;

	if (strncmp(*at, name, len) != 0 || (*at)[len] != ' ')
		return error_set(e, E_FORMAT, "line \"%s\" is missing", name);
	*at += len + 1;
	space = strchr(*at, ' ');
	if (!space || number_parse(&ret->size, *at, (size_t)(space - *at), e) < 0 ||
	    strlen(space + 1) < HASH_HEX_MAX || space[HASH_HEX_MAX] != '\n')
		return error_set(e, E_FORMAT, "line \"%s\" is damaged", name);
	memcpy(hex, space + 1, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = 0;
	*at = space + 1 + sizeof(hex);
	return hash_from_hex(&ret->root, hex, e);
}

static int parse(const char *text, struct head_state ret[LOG_COUNT], struct error *e)
{
	static const char first[] = "rescind anchor 1\n";

	if (strncmp(text, first, sizeof(first) - 1) != 0)
		return error_set(e, E_FORMAT, "not an anchor that this program knows");
	text += sizeof(first) - 1;
	for (int i = 0; i < LOG_COUNT; i++)
		if (read_line(&text, log_names[i], &ret[i], e) < 0)
			return e->code;
	return *text ? error_set(e, E_FORMAT, "bytes after its end") : 0;
}

static int load(struct repo *r, struct head_state ret[LOG_COUNT], struct error *e)
{
	scoped(buf) *b = NULL;

	if (keydir_read(&r->keys, "anchor", ANCHOR_BYTES_MAX, &b, e) < 0)
		return error_wrap(e, "anchor");
	return parse(buf_text(b), ret, e) < 0 ? error_wrap(e, "%s/anchor", r->keys.path) : 0;
}

int anchor_load(struct repo *r, struct error *e)
{
	return load(r, r->anchored, e);
}

int anchor_init(struct repo *r, const struct head_state now[LOG_COUNT], struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, ANCHOR_BYTES_MAX, e) < 0 || put(now, b, e) < 0 ||
	    keydir_write(&r->keys, "anchor", b->data, b->len, e) < 0)
		return e->code;
	memcpy(r->anchored, now, sizeof(r->anchored));
	return 0;
}

static bool same(const struct head_state a[LOG_COUNT], const struct head_state b[LOG_COUNT])
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (a[i].size != b[i].size || !hash_equal(&a[i].root, &b[i].root))
			return false;
	return true;
}

int anchor_set(struct repo *r, const struct head_state now[LOG_COUNT], struct error *e)
{
	struct head_state there[LOG_COUNT];

	/* A repository copied elsewhere with the same keys directory would fork here. */
	if (load(r, there, e) < 0)
		return e->code;
	if (!same(there, r->anchored))
		return error_set(e, E_MISMATCH,
				 "the anchor was moved by another copy of this repository");
	for (int i = 0; i < LOG_COUNT; i++)
		if (now[i].size < there[i].size)
			return error_set(e, E_MISMATCH, "log %s would go back", log_names[i]);
	return anchor_init(r, now, e);
}
