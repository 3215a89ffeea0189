#include "flow/verify_files.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/sys.h"
#include "flow/verify_data.h"
#include "wire/safetensors.h"

enum { HEAD_LEN = 9 };

/* The first bytes; zeros where there are fewer, or it is no file. */
static void read_head(const char *path, uint8_t ret[HEAD_LEN])
{
	struct stat st;
	int fd;

	memset(ret, 0, HEAD_LEN);
	fd = sys->open(path, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (sys->fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    sys->pread(fd, ret, HEAD_LEN, 0) != HEAD_LEN)
		memset(ret, 0, HEAD_LEN);
	sys->close(fd);
}

/* Of what the path leads to; 0: nothing that opens. */
static mode_t mode_of(const char *path)
{
	struct stat st;
	int fd;

	if (sys->lstat(path, &st) != 0)
		return 0;
	if (!S_ISLNK(st.st_mode))
		return st.st_mode;
	fd = sys->open(path, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return 0;
	if (sys->fstat(fd, &st) != 0)
		st.st_mode = 0;
	sys->close(fd);
	return st.st_mode;
}

struct path_list {
	struct arena *a;
	const char **list;
	size_t count, cap;
};

static int add_path(struct path_list *p, const char *path, struct error *e)
{
	p->list = arena_grow(p->a, p->list, sizeof(*p->list), p->count, &p->cap, e);
	if (!p->list)
		return e->code;
	p->list[p->count] = arena_text(p->a, path, strlen(path), e);
	return p->list[p->count++] ? 0 : e->code;
}

static int add_folder(struct path_list *p, const char *folder, bool with_weights, struct error *e)
{
	static const char *const names[] = { "checkpoint.json", "weights.safetensors",
					     "proof.safetensors", "sums.safetensors" };
	char path[PATH_LEN_MAX], shown[PATH_LEN_MAX];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (path_join(path, folder, names[i], e) < 0)
			return e->code;
		if (i == 0 && !file_exists(path))
			return error_set(e, E_FORMAT,
					 "--data %.300s is a folder, and not one of `model export`: it has no checkpoint.json (name its files)",
					 path_escape(shown, sizeof(shown), folder));
		if (file_exists(path) && (i != 1 || with_weights) && add_path(p, path, e) < 0)
			return e->code;
	}
	return 0;
}

int verify_data_paths(struct arena *a, const char *const *paths, size_t count, bool with_weights,
		      const char *const **ret, size_t *ret_count, struct error *e)
{
	struct path_list p = { .a = a };
	char shown[PATH_LEN_MAX];

	for (size_t i = 0; i < count; i++) {
		mode_t mode = mode_of(paths[i]);

		if (mode != 0 && !S_ISDIR(mode) && !S_ISREG(mode))
			return error_set(e, E_FORMAT, "--data %.300s is no file: a pipe, a device or a socket",
					 path_escape(shown, sizeof(shown), paths[i]));
		if ((S_ISDIR(mode) ? add_folder(&p, paths[i], with_weights, e) :
				     add_path(&p, paths[i], e)) < 0)
			return e->code;
	}
	*ret = p.list;
	*ret_count = p.count;
	return 0;
}

/* A length that can be, and the brace of a header behind it. */
static bool is_tensors(const uint8_t head[HEAD_LEN])
{
	uint64_t len = 0;

	for (unsigned i = 0; i < 8; i++)
		len |= (uint64_t)head[i] << (8 * i);
	return len > 0 && len <= SAFETENSORS_HEADER_MAX && head[8] == '{';
}

bool verify_is_tensors(const char *path)
{
	uint8_t head[HEAD_LEN];

	read_head(path, head);
	return is_tensors(head);
}

static enum held_kind kind_of_tensors(const struct buf *b)
{
	static const struct { const char *format; enum held_kind kind; } formats[] = {
		{ "rescind-weights/1", HELD_WEIGHTS }, { "rescind-proof/1", HELD_PROOF },
		{ "rescind-sums/1", HELD_SUMS },
	};
	scoped(safetensors) *f = NULL;
	struct error ignored = { 0 };
	const char *is;

	if (safetensors_parse(&f, b->data, b->len, &ignored) < 0)
		return HELD_OTHER;
	is = safetensors_text(f, "format");
	for (size_t i = 0; is && i < COUNT_OF(formats); i++)
		if (strcmp(is, formats[i].format) == 0)
			return formats[i].kind;
	return HELD_OTHER;
}

/* A file of ours that was changed is still a card: one that does not hold. */
static void read_card(struct held *h)
{
	struct error why = { 0 };

	if (checkpoint_parse(&h->card, h->bytes->data, h->bytes->len, &why) == 0) {
		h->kind = HELD_CARD;
		return;
	}
	if (!strstr(buf_text(h->bytes), "\"card\""))
		return;
	h->kind = HELD_CARD;
	snprintf(h->why, sizeof(h->why), "%s", why.text);
}

int held_open(struct held *ret, const char *path, struct error *e)
{
	struct held h = { .path = path };
	uint8_t head[HEAD_LEN];
	char shown[PATH_LEN_MAX];
	uint64_t bytes = 0;
	struct stat st;

	if (sys->lstat(path, &st) != 0)
		return error_errno(e, "--data %.300s", path_escape(shown, sizeof(shown), path));
	read_head(path, head);
	if (is_tensors(head)) {
		if (file_read(path, VERIFY_FILE_MAX, &h.bytes, e) < 0)
			return e->code;
		h.kind = kind_of_tensors(h.bytes);
	} else if (head[0] == '{' && file_size(path, &bytes, e) == 0 &&
		   bytes <= CHECKPOINT_BYTES_MAX) {
		if (file_read(path, CHECKPOINT_BYTES_MAX, &h.bytes, e) < 0)
			return e->code;
		read_card(&h);
	}
	if (e->code)
		return e->code;
	if (h.bytes)
		hash_bytes(&h.sha256, h.bytes->data, h.bytes->len);
	*ret = h;
	return 0;
}

void held_done(struct held *h)
{
	buf_destroy(h->bytes);
	checkpoint_destroy(h->card);
	memset(h, 0, sizeof(*h));
}

bool held_beside(const struct held *h, const char *name, char ret[PATH_LEN_MAX])
{
	const char *slash = strrchr(h->path, '/');
	int len = snprintf(ret, PATH_LEN_MAX, "%.*s%s", slash ? (int)(slash + 1 - h->path) : 0,
			   h->path, name);

	return len > 0 && len < PATH_LEN_MAX && file_exists(ret);
}

json_t *held_row(const struct held *h, const char *answer, struct error *e)
{
	char shown[PATH_LEN_MAX];
	json_t *row = json_object_make(e);

	if (!row)
		return NULL;
	json_set_text(row, "path", path_escape(shown, sizeof(shown), h->path), e);
	json_set_text(row, "answer", answer, e);
	return row;
}
