#include "cli/call.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "flow/witness.h"

enum { OUT_HELD_BYTES = 1 << 16 };

/* --- stories --- */

static void put_line(struct call *c, const char *line)
{
	struct error e = { 0 };
	scoped(buf) *b = NULL;
	struct print p = { .e = &e };

	progress_clear(&c->progress);
	if (buf_create(&b, 256, &e) < 0)
		return;
	p.text = b;
	print_text(&p, line);
	fprintf(stderr, "%s\n", buf_text(b));
}

void call_tell(struct call *c, const char *format, ...)
{
	char line[1024];
	va_list args;

	if (c->quiet)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put_line(c, line);
}

static void tell(void *ctx, const char *line)
{
	call_tell(ctx, "%s", line);
}

/* --- the repository --- */

const char *call_folder(const struct call *c)
{
	const char *folder = call_text(c, "repo"), *wish = getenv("RESCIND_REPO");

	return folder ? folder : wish && wish[0] ? wish : NULL;
}

static int open_repo(struct call *c, bool rebuild, struct repo **ret, struct error *e)
{
	struct repo_options o = {
		.folder = call_folder(c), .role = call_text(c, "as"), .at_utc_ms = c->at_utc_ms,
		.rebuild = rebuild, .task = &c->task, .tell = tell, .tell_ctx = c,
	};

	if (o.role && !name_valid(o.role))
		return error_set(e, E_USAGE, "--as: a role is a name (a-z, 0-9, ., _ and -)");
	if (!c->quiet)
		progress_begin(&c->progress, &c->task);
	task_stop_on_signals(&c->task);
	if (repo_open(ret, &o, e) < 0)
		return e->code;
	(*ret)->witness = flow_witness_gather;
	return 0;
}

int call_repo(struct call *c, struct repo **ret, struct error *e)
{
	return open_repo(c, false, ret, e);
}

int call_repo_rebuilt(struct call *c, struct repo **ret, struct error *e)
{
	return open_repo(c, true, ret, e);
}

/* --- answers --- */

int call_flush(struct call *c, struct error *e)
{
	int code;

	if (!c->out || c->out->len == 0)
		return 0;
	progress_clear(&c->progress);
	code = fd_write_all(STDOUT_FILENO, c->out->data, c->out->len, e);
	buf_clear(c->out);
	return code < 0 ? error_wrap(e, "stdout") : 0;
}

int call_bytes(struct call *c, const void *bytes, size_t len_bytes, struct error *e)
{
	if ((!c->out && buf_create(&c->out, OUT_HELD_BYTES, e) < 0) ||
	    buf_put(c->out, bytes, len_bytes, e) < 0)
		return e->code;
	return c->out->len < OUT_HELD_BYTES ? 0 : call_flush(c, e);
}

static int write_into(const char *path, const struct buf *b, struct error *e)
{
	char shown[256];
	int fd = sys->open(path, O_WRONLY, 0), code;

	if (fd < 0)
		return error_errno(e, "%s", path_escape(shown, sizeof(shown), path));
	code = fd_write_all(fd, b->data, b->len, e);
	sys->close(fd);
	return code;
}

bool call_is_stdout(const char *path)
{
	return strcmp(path, "-") == 0;
}

int call_save(struct call *c, const char *path, const struct buf *b, unsigned mode,
	      struct error *e)
{
	char real[PATH_LEN_MAX];
	struct stat st;

	if (!path || call_is_stdout(path))
		return call_bytes(c, b->data, b->len, e);
	if (sys->lstat(path, &st) != 0)
		return file_write(path, b->data, b->len, mode, e);
	if (S_ISLNK(st.st_mode)) {
		if (path_real(real, path, e) < 0)
			return e->code;
		path = real;
		if (sys->lstat(path, &st) != 0)
			return error_errno(e, "%s", path);
	}
	return S_ISREG(st.st_mode) ? file_write(path, b->data, b->len, mode, e) :
				     write_into(path, b, e);
}

static int put_json(struct call *c, const json_t *j, struct error *e)
{
	/* 15 digits: what is written as 0.1 is read as the same real. */
	char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	int code;

	if (!text)
		return error_set(e, E_MEMORY, "out of memory");
	code = call_bytes(c, text, strlen(text), e);
	if (code == 0)
		code = call_bytes(c, "\n", 1, e);
	free(text);
	return code;
}

static int put_page(struct call *c, const json_t *j, print_maker *make, struct error *e)
{
	scoped(buf) *text = NULL;
	struct print p = { .colour = c->colour, .e = e };

	if (buf_create(&text, 1024, e) < 0)
		return e->code;
	p.text = text;
	(make ? make : print_document)(&p, j);
	return e->code ? e->code : call_bytes(c, text->data, text->len, e);
}

int call_answer_row(struct call *c, const json_t *row, print_maker *page, struct error *e)
{
	return c->json ? put_json(c, row, e) : put_page(c, row, page, e);
}

static int put_answer(struct call *c, const json_t *document, print_maker *page, struct error *e)
{
	if (!c->json || !json_is_array(document))
		return call_answer_row(c, document, page, e);
	for (size_t i = 0; i < json_array_size(document); i++)
		if (put_json(c, json_array_get(document, i), e) < 0)
			return e->code;
	return 0;
}

/* Codes that say something about what was asked, not that asking failed. */
static bool is_answer(const struct call *c, int code)
{
	return code == 0 || code == E_DENIED || code == E_PARTIAL ||
	       (code == E_MISMATCH && c->verb->verifies);
}

int call_answer(struct call *c, int code, json_t *const *document, print_maker *page,
		struct error *e)
{
	struct error own = { 0 };

	if (!*document || !is_answer(c, code))
		return code;
	if (put_answer(c, *document, page, &own) < 0) {
		*e = own;
		return own.code;
	}
	c->answered = true;
	return code;
}

int call_look(struct call *c,
	      int (*look)(struct repo *r, const char *name, json_t **ret, struct error *e),
	      print_maker *page_all, struct error *e)
{
	const char *name = call_operand(c, 0);
	scoped(repo) *r = NULL;
	scoped_json *doc = NULL;

	if (call_repo(c, &r, e) < 0)
		return e->code;
	return call_answer(c, look(r, name, &doc, e), &doc, name ? NULL : page_all, e);
}
