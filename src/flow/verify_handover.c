/* The statement of a hand-over, checked from bytes alone: docs/formats.md section 4. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "flow/verify_data.h"
#include "flow/verify_files.h"
#include "wire/dsse.h"

enum { HANDOVER_BYTES_MAX = 1 << 20, BODY_MAX = 1 << 19, MANIFEST_MAX = 1 << 30 };

#define HANDOVER_TYPE "urn:rescind:handover:1"

struct reading {
	struct verdict v;
	struct dsse *envelope; /* owned, as is the body */
	json_t *body;
	const json_t *predicate;
	struct note_key key; /* that it names */
	struct hash manifest;
};

static void reading_done(struct reading *x)
{
	dsse_destroy(x->envelope);
	json_decref(x->body);
	json_decref(x->v.limits);
}

static bool is_type(const struct dsse *d, json_t **ret)
{
	struct error ignored = { 0 };

	return json_parse(ret, d->body, d->body_len, BODY_MAX, &ignored) == 0 &&
	       strcmp(json_text_or(*ret, "predicateType", ""), HANDOVER_TYPE) == 0;
}

bool verify_is_handover(const struct buf *bytes)
{
	struct error ignored = { 0 };
	scoped_json *body = NULL;
	scoped(dsse) *d = NULL;

	return dsse_parse_foreign(&d, bytes->data, bytes->len, HANDOVER_BYTES_MAX, &ignored) == 0 &&
	       is_type(d, &body);
}

/* What is quoted from a file may hold anything. */
static void add(struct reading *x, const char *name, bool ok, const char *detail)
{
	struct check *c = &x->v.check[x->v.count++];

	c->name = name;
	c->ok = ok;
	snprintf(c->detail, sizeof(c->detail), "%.*s", CHECK_DETAIL_MAX - 1, detail);
	for (char *at = c->detail; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			*at = '?';
}

/* The check of what was just tried; E_MEMORY, or 0. */
static int tried(struct reading *x, const char *name, int code, const char *holds, struct error *e)
{
	if (code == E_MEMORY)
		return code;
	add(x, name, code == 0, code == 0 ? holds : e->text);
	error_clear(e);
	return 0;
}

#define ONLY(j, ...) json_only(j, (const char *const[]){ __VA_ARGS__, NULL }, e)

static int read_subject(struct reading *x, struct error *e)
{
	json_t *list, *one, *digest;
	const char *type, *name;
	struct hash said;

	if (ONLY(x->body, "_type", "subject", "predicateType", "predicate") < 0 ||
	    json_get_text(x->body, "_type", &type, e) < 0 ||
	    json_get_array(x->body, "subject", &list, e) < 0)
		return e->code;
	one = json_array_get(list, 0);
	if (strcmp(type, "https://in-toto.io/Statement/v1") != 0 || json_array_size(list) != 1)
		return error_set(e, E_FORMAT, "not a statement about one file");
	if (ONLY(one, "name", "digest") < 0 || json_get_text(one, "name", &name, e) < 0 ||
	    json_get_object(one, "digest", &digest, e) < 0 || ONLY(digest, "sha256") < 0 ||
	    json_get_hash(digest, "sha256", &said, e) < 0 ||
	    json_get_hash(x->predicate, "manifest", &x->manifest, e) < 0)
		return e->code;
	if (strcmp(name, "manifest.csv") != 0 || !hash_equal(&said, &x->manifest))
		return error_set(e, E_FORMAT, "its subject is not its manifest");
	return 0;
}

static int read_predicate(struct reading *x, struct error *e)
{
	static const char *const texts[] = { "id", "origin", "from", "to", "use", "date", "head" };
	json_t *p = NULL;
	const char *text;
	uint64_t n;
	struct hash under;

	if (json_get_object(x->body, "predicate", &p, e) < 0)
		return e->code;
	x->predicate = p;
	if (ONLY(p, "format", "id", "origin", "from", "to", "use", "under", "date", "count",
		 "manifest", "head") < 0 ||
	    json_get_number(p, "format", &n, e) < 0)
		return e->code;
	if (n != 1)
		return error_set(e, E_FORMAT, "format %" PRIu64 ", and this program knows 1", n);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (json_get_text(p, texts[i], &text, e) < 0)
			return e->code;
	if (json_get_number(p, "count", &n, e) < 0 || json_get_hash(p, "under", &under, e) < 0)
		return e->code;
	if (strcmp(json_text_or(p, "origin", ""), json_text_or(p, "from", "")) != 0)
		return error_set(e, E_FORMAT, "it is from another than its origin");
	return 0;
}

static int read_all(struct reading *x, const struct buf *bytes, struct error *e)
{
	const struct dsse *d;

	if (dsse_parse(&x->envelope, bytes->data, bytes->len, HANDOVER_BYTES_MAX, e) < 0)
		return e->code;
	d = x->envelope;
	if (strcmp(d->type, "application/vnd.in-toto+json") != 0 || d->count != 1)
		return error_set(e, E_FORMAT, "not an envelope of one signature over a statement");
	if (json_parse_canonical(&x->body, d->body, d->body_len, BODY_MAX, e) < 0 ||
	    read_predicate(x, e) < 0)
		return e->code;
	return read_subject(x, e);
}

/* The key that the envelope names is that of the origin's facts log, and signed it. */
static int check_signature(struct reading *x, struct error *e)
{
	const char *origin = json_text_or(x->predicate, "origin", "");
	size_t len = strlen(origin);

	if (note_key_parse(&x->key, x->envelope->signature[0].keyid, e) < 0)
		return e->code;
	if (x->key.type != NOTE_ED25519 || strncmp(x->key.name, origin, len) != 0 ||
	    strcmp(x->key.name + len, "/facts") != 0)
		return error_set(e, E_MISMATCH, "the key id is not that of the origin's facts log");
	return dsse_check(x->envelope, x->key.public_key, e);
}

static int check_key(const struct reading *x, const char *vkey, struct error *e)
{
	size_t len = strlen(json_text_or(x->predicate, "origin", ""));
	struct note_key pin;

	if (!vkey)
		return error_set(e, E_NOT_FOUND, "no key was pinned: anybody may have made this");
	if (note_key_parse(&pin, vkey, e) < 0)
		return error_wrap(e, "the pinned key");
	if (pin.type != NOTE_ED25519 ||
	    memcmp(pin.public_key, x->key.public_key, sizeof(pin.public_key)) != 0)
		return error_set(e, E_MISMATCH, "another key than the pinned one");
	if (strncmp(pin.name, x->key.name, len) != 0 ||
	    (strcmp(pin.name + len, "/facts") != 0 && strcmp(pin.name + len, "/records") != 0))
		return error_set(e, E_MISMATCH, "the pinned key, but of other logs");
	return 0;
}

static int check_head(const struct reading *x, const struct verify_pins *pins, struct error *e)
{
	const char *note = json_text_or(x->predicate, "head", "");
	scoped(note) *n = NULL;
	struct head h;

	if (head_open(&h, note, strlen(note), &x->key, e) < 0 ||
	    note_parse(&n, note, strlen(note), e) < 0)
		return e->code;
	return head_bears_mldsa(pins, x->key.name, n, e);
}

static int check_manifest(const struct reading *x, const char *path, struct error *e)
{
	scoped(buf) *bytes = NULL;
	struct hash is;

	if (file_read(path, MANIFEST_MAX, &bytes, e) < 0)
		return e->code;
	hash_bytes(&is, bytes->data, bytes->len);
	return hash_equal(&is, &x->manifest) ? 0 :
					       error_set(e, E_MISMATCH, "another file than the manifest that was signed");
}

static int check_all(struct reading *x, const struct verify_pins *pins, const char *const *data,
		     size_t count, struct error *e)
{
	char what[CHECK_DETAIL_MAX];

	snprintf(what, sizeof(what), "%" PRIu64 " records to %.60s for %.60s under %.12s",
		 json_number_or(x->predicate, "count", 0), json_text_or(x->predicate, "to", ""),
		 json_text_or(x->predicate, "use", ""), json_text_or(x->predicate, "under", ""));
	add(x, "encoding", true, what);
	if (tried(x, "signature", check_signature(x, e), "by the key that it names", e) < 0 ||
	    tried(x, "key", check_key(x, pins->vkey, e), "the pinned one", e) < 0 ||
	    tried(x, "head", check_head(x, pins, e), "signed by this key", e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		int code = check_manifest(x, data[i], e);

		if (code < 0 && code != E_MISMATCH)
			return error_wrap(e, "--data");
		if (tried(x, "manifest", code, "the file given is the one that was signed", e) < 0)
			return e->code;
	}
	return 0;
}

static void add_limits(struct reading *x, size_t count, struct error *e)
{
	if (count == 0)
		json_add_new(x->v.limits,
			     json_string("which files were handed over: their list was not given (--data manifest.csv)"), e);
	json_add_new(x->v.limits,
		     json_string("the files themselves: sha256sum says whether they are those of manifest.csv"), e);
}

int verify_handover(const struct buf *bytes, const struct verify_pins *pins,
		    const char *const *data, size_t count, json_t **ret, struct error *e)
{
	struct reading x = { .v = { .valid = true, .limits = json_array_make(e) } };
	int code = e->code ? e->code : read_all(&x, bytes, e);

	if (code < 0 && x.v.limits)
		code = tried(&x, "encoding", code, "", e);
	else if (code == 0 && count > CHECKS_MAX / 2)
		code = error_set(e, E_USAGE, "--data: a hand-over has one manifest.csv");
	else if (code == 0)
		code = check_all(&x, pins, data, count, e);
	for (size_t i = 0; i < x.v.count; i++)
		x.v.valid = x.v.valid && x.v.check[i].ok;
	if (code == 0) {
		x.v.statement = x.body;
		add_limits(&x, count, e);
		code = e->code ? e->code : verdict_json(&x.v, ret, e);
	}
	reading_done(&x);
	return code;
}
