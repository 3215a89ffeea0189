#include "cli/verify_archive.h"

#include "base/file.h"
#include "crypto/stamp.h"
#include "flow/verify_data.h"

/* What is read stays with the arena, as buf wants it. */
static int read_roots(const char *path, struct arena *a, struct archive_roots *ret, struct error *e)
{
	struct buf *lent = arena_alloc(a, sizeof(*lent), e);
	scoped(buf) *b = NULL;

	if (!lent || file_read(path, STAMP_CHAIN_MAX, &b, e) < 0)
		return error_wrap(e, "--tsa-ca");
	lent->data = arena_alloc(a, b->len + 1, e);
	ret->name = arena_printf(a, e, "by a root of %s", path);
	if (!lent->data || !ret->name)
		return e->code;
	memcpy(lent->data, b->data, b->len);
	lent->len = b->len;
	ret->pem = lent;
	return 0;
}

int verify_roots_read(const struct call *c, struct arena *a, struct archive_pins *ret,
		      struct error *e)
{
	const struct option_list *files = call_list(c, "tsa-ca");
	struct archive_roots *list = arena_alloc(a, (files->count + 1) * sizeof(*list), e);

	if (!list)
		return e->code;
	if (files->count > ARCHIVE_ROOTS_MAX)
		return error_set(e, E_USAGE, "more than %d --tsa-ca", ARCHIVE_ROOTS_MAX);
	for (size_t i = 0; i < files->count; i++)
		if (read_roots(files->values[i], a, &list[i], e) < 0)
			return e->code;
	ret->roots = list;
	ret->root_count = files->count;
	return 0;
}

int verify_archive(const struct buf *bytes, const struct verify_pins *pins,
		   const struct archive_pins *roots, const struct verify_signoffs *signoffs,
		   const char *const *data, size_t data_count, json_t **ret, struct error *e)
{
	struct archive_pins all = *roots;
	scoped(verdict) *v = NULL;
	scoped_json *doc = NULL;

	all.statement = *pins;
	all.more = signoffs->files;
	all.more_count = signoffs->count;
	all.signers = signoffs->signers;
	all.signer_count = signoffs->signer_count;
	if (archive_verify(&v, bytes->data, bytes->len, &all, e) < 0 ||
	    verdict_json(v, &doc, e) < 0 || verify_answers(v, data, data_count, doc, e) < 0)
		return e->code;
	*ret = give(doc);
	return 0;
}
