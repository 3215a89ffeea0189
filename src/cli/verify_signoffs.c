#include "cli/verify_signoffs.h"

#include "base/file.h"
#include "base/text.h"

/* A file of one byte too many is none of ours: what is read of it says so. */
int signoff_file_read(const char *path, struct arena *a, struct signoff_file *ret, struct error *e)
{
	scoped(buf) *b = NULL;
	void *bytes;

	if (file_read(path, CERTIFICATE_BYTES_MAX, &b, e) < 0)
		return error_wrap(e, "--signoff");
	bytes = arena_alloc(a, b->len + 1, e);
	if (!bytes)
		return e->code;
	memcpy(bytes, b->data, b->len);
	*ret = (struct signoff_file){ .name = path, .bytes = bytes, .len = b->len };
	return 0;
}

static int read_signer(const char *path, struct pubkey *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (file_read(path, PUBKEY_PEM_MAX, &b, e) < 0)
		return error_wrap(e, "--signer");
	if (pubkey_parse_pem(ret, b->data, b->len, e) < 0 && e->code != E_MEMORY)
		e->code = E_USAGE; /* the story says why */
	return e->code ? error_wrap(e, "--signer %s", path) : 0;
}

int verify_signoffs_read(const struct call *c, struct arena *a, struct verify_signoffs *ret,
			 struct error *e)
{
	const struct option_list *files = call_list(c, "signoff"), *keys = call_list(c, "signer");

	if (files->count > SIGNOFFS_MAX || keys->count > SIGNOFFS_MAX)
		return error_set(e, E_USAGE, "more than %d --signoff or --signer", SIGNOFFS_MAX);
	ret->files = arena_alloc(a, (files->count + 1) * sizeof(*ret->files), e);
	ret->signers = arena_alloc(a, (keys->count + 1) * sizeof(*ret->signers), e);
	if (e->code)
		return e->code;
	for (; ret->count < files->count; ret->count++)
		if (signoff_file_read(files->values[ret->count], a, &ret->files[ret->count], e) < 0)
			return e->code;
	for (; ret->signer_count < keys->count; ret->signer_count++)
		if (read_signer(keys->values[ret->signer_count], &ret->signers[ret->signer_count],
				e) < 0)
			return e->code;
	return 0;
}

bool verify_signoffs_given(const struct verify_signoffs *s)
{
	return s->count + s->signer_count > 0;
}

int verify_signoffs_hold(const struct verify_signoffs *s, const struct buf *bytes,
			 const json_t *statement, json_t *doc, struct error *e)
{
	uint64_t issued = TIME_NONE;

	if (!verify_signoffs_given(s))
		return 0;
	if (statement &&
	    json_get_time(json_object_get(statement, "predicate"), "issued", &issued, e) < 0)
		return e->code;
	return signoffs_verify(doc, bytes, issued, s->files, s->count, s->signers, s->signer_count,
			       e);
}
