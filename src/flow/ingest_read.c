/* The part of ingest without the lock: files read, hashed, and looked at by the decoder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/sys.h"
#include "flow/ingest_parts.h"

enum { SHOWN_MAX = 700 };

const char *refusal_code(enum refusal r)
{
	static const char *const codes[] = {
#define X(name, text) text,
		REFUSALS(X)
#undef X
	};

	return codes[r];
}

bool ingest_is_told(const struct ingest *g, uint64_t before)
{
	return g->w->tell_each || before < INGEST_TOLD;
}

void ingest_refuse(struct ingest *g, const char *path, enum refusal why, const char *story)
{
	char shown[SHOWN_MAX];

	g->batch.refused++;
	if (!ingest_is_told(g, g->all.why_not_read[why] + g->batch.why_not_read[why]++))
		return;
	repo_tell(g->r, "refused %s: %s%s%s%s", path_escape(shown, sizeof(shown), path),
		  refusal_code(why), *story ? " (" : "", story, *story ? ")" : "");
}

int ingest_forget(struct ingest *g, struct error *e)
{
	for (size_t i = 0; i < g->count; i++)
		buf_destroy(g->items[i].bytes);
	g->count = g->answered = 0;
	g->bytes = 0;
	memset(&g->batch, 0, sizeof(g->batch));
	arena_destroy(g->batch_arena);
	g->batch_arena = NULL;
	return arena_create(&g->batch_arena, e);
}

/* To the end or to one byte more than a file may have. Returns false with errno. */
static bool read_all(int fd, struct buf *b, struct error *e)
{
	ssize_t got;

	for (;;) {
		if (b->len == b->cap && buf_reserve(b, b->cap, e) < 0)
			return false;
		got = sys->read(fd, b->data + b->len, b->cap - b->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		b->len += (size_t)got;
		if (b->len > INGEST_FILE_MAX)
			break;
	}
	b->data[b->len] = 0;
	return got >= 0;
}

/* The walk saw a file here; what is opened may be another thing by now, and is looked at again. */
static int open_file(const char *path, enum refusal *ret_why)
{
	int fd = sys->open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	struct stat st;

	*ret_why = REFUSAL_UNREADABLE;
	if (fd < 0) {
		if (errno == ELOOP)
			*ret_why = REFUSAL_SYMLINK;
		return -1;
	}
	if (sys->fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	sys->close(fd);
	*ret_why = REFUSAL_NOT_A_FILE;
	return -1;
}

/* The bytes of a file, or why not. Errors: E_MEMORY. */
static int read_file(const struct walked *f, struct buf **ret, enum refusal *ret_why,
		     struct error *e)
{
	scoped(buf) *b = NULL;
	bool whole;
	int fd;

	*ret = NULL;
	*ret_why = REFUSAL_TOO_LARGE;
	if (f->len_bytes > INGEST_FILE_MAX)
		return 0;
	fd = open_file(f->path, ret_why);
	if (fd < 0)
		return 0;
	/* One byte more, so that the end is seen without growing. */
	if (buf_create(&b, (size_t)f->len_bytes + 1, e) < 0) {
		sys->close(fd);
		return e->code;
	}
	whole = read_all(fd, b, e);
	sys->close(fd);
	if (!whole) {
		*ret_why = REFUSAL_UNREADABLE;
		return e->code == E_MEMORY ? e->code : 0;
	}
	*ret_why = b->len ? REFUSAL_TOO_LARGE : REFUSAL_EMPTY;
	if (b->len > 0 && b->len <= INGEST_FILE_MAX)
		*ret = give(b);
	return 0;
}

static int take_answer(struct ingest *g, struct error *e)
{
	struct item *item = &g->items[g->answered];

	if (media_answer(g->media[g->answered % DECODERS], &item->info, e) < 0)
		return error_wrap(e, "the decoder");
	g->answered++;
	if (!item->info.whole)
		ingest_refuse(g, item->path, REFUSAL_MALFORMED, item->info.story);
	return 0;
}

/* Takes the bytes. */
static int add_item(struct ingest *g, const struct walked *f, struct buf *bytes, struct error *e)
{
	struct item *item = &g->items[g->count];

	*item = (struct item){ .bytes = bytes };
	g->count++;
	g->bytes += bytes->len;
	item->path = arena_text(g->batch_arena, f->path, strlen(f->path), e);
	if (!item->path)
		return e->code;
	item->relative = item->path + (f->relative - f->path);
	item->subjects = sidecar_find(g->subjects, item->relative);
	item->attrs = sidecar_find(g->attrs, item->relative);
	if (g->count - g->answered > DECODERS * MEDIA_WINDOW && take_answer(g, e) < 0)
		return e->code;
	if (media_send(g->media[(g->count - 1) % DECODERS], bytes->data, bytes->len, e) < 0)
		return error_wrap(e, "the decoder");
	/* While the children decode. */
	hash_bytes(&item->content, bytes->data, bytes->len);
	return 0;
}

int ingest_end_batch(struct ingest *g, struct error *e)
{
	while (g->answered < g->count)
		if (take_answer(g, e) < 0)
			return e->code;
	return ingest_commit(g, e) < 0 ? e->code : ingest_forget(g, e);
}

static int take_file(struct ingest *g, const struct walked *f, struct error *e)
{
	struct buf *bytes;
	enum refusal why;

	if (g->count > 0 && (g->count == INGEST_BATCH || g->bytes + f->len_bytes > INGEST_BYTES) &&
	    ingest_end_batch(g, e) < 0)
		return e->code;
	if (read_file(f, &bytes, &why, e) < 0)
		return e->code;
	if (bytes)
		return add_item(g, f, bytes, e);
	ingest_refuse(g, f->path, why, "");
	return 0;
}

static enum refusal refusal_of(enum walked_kind kind)
{
	return kind == WALKED_SYMLINK ? REFUSAL_SYMLINK :
	       kind == WALKED_OTHER   ? REFUSAL_NOT_A_FILE :
					REFUSAL_UNREADABLE;
}

int ingest_found(void *ctx, const struct walked *f, struct error *e)
{
	struct ingest *g = ctx;

	if (task_step(g->r->task, 1, e) < 0) {
		error_clear(e);
		g->stopped = true;
		return 1;
	}
	/* Found, also when it is not read. */
	sidecar_find(g->subjects, f->relative);
	sidecar_find(g->attrs, f->relative);
	if (f->kind == WALKED_FILE)
		return take_file(g, f, e);
	ingest_refuse(g, f->path, refusal_of(f->kind), "");
	return 0;
}
