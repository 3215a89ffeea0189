#include "flow/rights_said.h"

#include <fcntl.h>

#include "base/sys.h"
#include "base/text.h"

enum { DIGEST_STEP = 1 << 16 };

/* --- files --- */

static int digest_open_file(int fd, struct hash *ret, struct error *e)
{
	scoped(hasher) *h = NULL;
	scoped(buf) *part = NULL;
	struct stat st;
	ssize_t got;

	if (sys->fstat(fd, &st) != 0)
		return error_errno(e, "stat");
	if (!S_ISREG(st.st_mode))
		return error_set(e, E_USAGE, "not a file");
	if (hasher_create(&h, e) < 0 || buf_create(&part, DIGEST_STEP, e) < 0)
		return e->code;
	while ((got = sys->read(fd, part->data, DIGEST_STEP)) > 0)
		hasher_add(h, part->data, (size_t)got);
	if (got < 0)
		return error_errno(e, "read");
	hasher_end(h, ret);
	return 0;
}

static int digest_file(const char *path, struct hash *ret, struct error *e)
{
	char shown[256];
	int fd, code;

	/* Opening a pipe would wait for its writer. */
	fd = sys->open(path, O_RDONLY | O_NONBLOCK, 0);
	code = fd < 0 ? error_errno(e, "open") : digest_open_file(fd, ret, e);
	if (fd >= 0)
		sys->close(fd);
	return code < 0 ? error_wrap(e, "%s", path_escape(shown, sizeof(shown), path)) : 0;
}

int flow_digest_file(const char *path, char ret_hex[HASH_HEX_MAX], struct error *e)
{
	struct hash h;

	if (digest_file(path, &h, e) < 0)
		return e->code;
	hex_encode(ret_hex, h.b, HASH_LEN);
	return 0;
}

int said_document(struct fields *f, const char *field, const char *path, struct error *e)
{
	struct hash h;

	if (!path || !*path)
		return error_set(e, E_USAGE, "%s: a file is needed", field);
	if (digest_file(path, &h, e) < 0)
		return error_wrap(e, "%s", field);
	return fields_add(f, field, h.b, HASH_LEN, e);
}

int said_documents(struct fields *f, const char *const *paths, size_t count, struct error *e)
{
	if (count > SAID_DOCUMENTS_MAX)
		return error_set(e, E_RANGE, "more than %d documents", (int)SAID_DOCUMENTS_MAX);
	for (size_t i = 0; i < count; i++)
		if (said_document(f, "document", paths[i], e) < 0)
			return e->code;
	return 0;
}

/* --- words --- */

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((uint8_t)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

int said_name(struct fields *f, const char *field, const char *text, struct error *e)
{
	size_t len = text ? strlen(text) : 0;

	if (len == 0)
		return error_set(e, E_USAGE, "%s: a name is needed", field);
	if (len > SAID_NAME_MAX || !utf8_valid(text, len) || has_control(text))
		return error_set(e, E_USAGE,
				 "%s: not UTF-8 of at most %d bytes without control characters",
				 field, (int)SAID_NAME_MAX);
	return fields_add_text(f, field, text, e);
}

int said_uses(struct fields *f, const char *field, const char *text, struct error *e)
{
	scoped(buf) *b = NULL;
	struct uses uses;

	if (!text || !*text)
		return error_set(e, E_USAGE,
				 "%s: a use is needed, as in train:IdentityVerification", field);
	if (uses_parse(&uses, text, e) < 0)
		return error_wrap(e, "%s", field);
	if (buf_create(&b, 128, e) < 0 || uses_put(&uses, b, e) < 0)
		return e->code;
	return fields_add_text(f, field, buf_text(b), e);
}

int said_no_uses(struct fields *f, const char *field, const char *text, struct error *e)
{
	return text && *text ? said_uses(f, field, text, e) : fields_add_text(f, field, "", e);
}

int said_basis(struct fields *f, const char *text, bool needed, struct error *e)
{
	uint8_t basis;

	if (!text || !*text)
		return needed ? error_set(e, E_USAGE, "basis: one is needed, as in consent") :
				fields_add_text(f, "basis", "", e);
	if (basis_parse(&basis, text, e) < 0)
		return e->code;
	return fields_add_text(f, "basis", basis_name(basis), e);
}

/* --- times --- */

static int read_time(const char *field, const char *text, uint64_t *ret, struct error *e)
{
	*ret = TIME_NONE;
	if (!text || !*text)
		return 0;
	if (time_parse(ret, text, e) < 0)
		return error_set(e, E_USAGE,
				 "%s: \"%.40s\" is no time (2014-03-01, or 2014-03-01T12:00Z)",
				 field, text);
	return 0;
}

static int put_time(struct fields *f, const char *field, uint64_t at, struct error *e)
{
	char text[TIME_TEXT_MAX];

	return fields_add_text(f, field, at == TIME_NONE ? "" : time_text(text, at), e);
}

int said_time(struct fields *f, const char *field, const char *text, struct error *e)
{
	uint64_t at;

	if (read_time(field, text, &at, e) < 0)
		return e->code;
	if (at == TIME_NONE)
		return error_set(e, E_USAGE, "%s: a time is needed, as in 2014-03-01", field);
	return put_time(f, field, at, e);
}

int said_period(struct fields *f, const char *from, const char *until, struct error *e)
{
	struct period p;

	if (read_time("from", from, &p.from, e) < 0 || read_time("until", until, &p.until, e) < 0)
		return e->code;
	/* Whether it holds at its own beginning: both are compared in whole minutes. */
	if (p.from != TIME_NONE && !period_holds(&p, p.from))
		return error_set(e, E_USAGE, "until: it ends before it begins");
	return put_time(f, "from", p.from, e) < 0 ? e->code : put_time(f, "until", p.until, e);
}

/* --- names that we give --- */

const char *said_new_tag(char ret[17])
{
	uint8_t random[8];

	random_bytes(random, sizeof(random));
	return hex_encode(ret, random, sizeof(random));
}

int said_id(const char *what, const char *id, uint64_t *ret, struct error *e)
{
	if (!id || id[0] != what[0] || number_parse(ret, id + 1, strlen(id + 1), NULL) < 0)
		return error_set(e, E_NOT_FOUND, "no %s \"%.40s\" (they are called %c1, %c2, ..)",
				 what, id ? id : "", what[0], what[0]);
	return 0;
}

/* --- shown again --- */

int said_of(struct repo *r, uint64_t fact, struct fields **ret, struct error *e)
{
	*ret = NULL;
	if (repo_private(r, fact, ret, e) == 0 || e->code != E_NOT_FOUND)
		return e->code;
	error_clear(e);
	return 0;
}

void show_text(json_t *doc, const char *key, const struct fields *f, const char *field,
	       struct error *e)
{
	const char *text = f ? fields_text(f, field) : NULL;

	json_set_text(doc, key, text && *text ? text : NULL, e);
}

void show_digest(json_t *doc, const char *key, const struct fields *f, const char *field,
		 struct error *e)
{
	const struct field *found = f ? fields_find(f, field) : NULL;
	char hex[HASH_HEX_MAX];

	if (found && found->value->len == HASH_LEN)
		json_set_text(doc, key, hex_encode(hex, found->value->data, HASH_LEN), e);
	else
		json_set_text(doc, key, NULL, e);
}

void show_digests(json_t *doc, const char *key, const struct fields *f, const char *field,
		  struct error *e)
{
	json_t *list = json_array_make(e);
	char hex[HASH_HEX_MAX];

	for (size_t i = 0; list && f && i < f->count; i++) {
		const struct buf *value = f->list[i].value;

		if (strcmp(f->list[i].name, field) == 0 && value->len == HASH_LEN)
			json_add_new(list, json_string(hex_encode(hex, value->data, HASH_LEN)), e);
	}
	json_set_new(doc, key, list, e);
}

void show_uses(json_t *doc, const char *key, const struct uses *u, struct error *e)
{
	scoped(buf) *b = NULL;

	if (u && e->code == 0 && (buf_create(&b, 128, e) < 0 || uses_put(u, b, e) < 0))
		return;
	json_set_text(doc, key, u ? buf_text(b) : NULL, e);
}

void show_period(json_t *doc, const struct period *p, struct error *e)
{
	json_set_time(doc, "from", p->from, e);
	json_set_time(doc, "until", p->until, e);
}
