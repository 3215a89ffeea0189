#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proof/archive.h"

int archive_draft_create(struct archive_draft **ret, struct error *e)
{
	scoped(archive_draft) *d = calloc(1, sizeof(*d));

	if (!d)
		return error_set(e, E_MEMORY, "archive: out of memory");
	if (buf_create(&d->bytes, 65536, e) < 0 || buf_create(&d->sums, 1024, e) < 0)
		return e->code;
	*ret = give(d);
	return 0;
}

void archive_draft_destroy(struct archive_draft *d)
{
	if (!d)
		return;
	buf_destroy(d->bytes);
	buf_destroy(d->sums);
	free(d);
}

int archive_sum(struct buf *sums, const char *name, const void *bytes, size_t len_bytes,
		struct error *e)
{
	uint8_t digest[64];
	char hex[129];

	hash512_bytes(digest, bytes, len_bytes);
	return buf_printf(sums, e, "%s  %s\n", hex_encode(hex, digest, sizeof(digest)), name);
}

int archive_put(struct archive_draft *d, const char *name, const void *bytes, size_t len_bytes,
		struct error *e)
{
	char path[USTAR_NAME_MAX + 2]; /* room for one that is too long to be told */

	snprintf(path, sizeof(path), ARCHIVE_FOLDER "%s", name);
	if (ustar_put(d->bytes, path, bytes, len_bytes, e) < 0)
		return e->code;
	return archive_sum(d->sums, name, bytes, len_bytes, e);
}

int archive_put_all(struct archive_draft *d, const struct archive *a, struct error *e)
{
	for (size_t i = 0; i < a->files->count; i++) {
		const struct ustar_file *f = &a->files->file[i];

		if (archive_put(d, f->name + strlen(ARCHIVE_FOLDER), f->data, f->len, e) < 0)
			return e->code;
	}
	return 0;
}

int archive_key(struct buf *b, const uint8_t key[SIGN_PUBLIC_LEN], struct error *e)
{
	/* SubjectPublicKeyInfo of Ed25519 (RFC 8410), up to the key. */
	static const uint8_t begin[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
					 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	uint8_t der[sizeof(begin) + SIGN_PUBLIC_LEN];

	memcpy(der, begin, sizeof(begin));
	memcpy(der + sizeof(begin), key, SIGN_PUBLIC_LEN);
	if (buf_printf(b, e, "-----BEGIN PUBLIC KEY-----\n") < 0 ||
	    base64_put(b, der, sizeof(der), e) < 0)
		return e->code;
	return buf_printf(b, e, "\n-----END PUBLIC KEY-----\n");
}

static json_t *opening(const struct fields *f, size_t i, struct error *e)
{
	json_t *o = json_object_make(e);
	struct tree_path path;

	if (!o || fields_prove(f, i, &path, e) < 0)
		return o;
	json_set_number(o, "count", f->count, e);
	json_set_text(o, "field", f->list[i].name, e);
	json_set_number(o, "index", i, e);
	json_set_bytes64(o, "path", path.hash, path.count * sizeof(*path.hash), e);
	json_set_bytes64(o, "salt", f->list[i].salt, SALT_LEN, e);
	json_set_bytes64(o, "value", f->list[i].value->data, f->list[i].value->len, e);
	return o;
}

int archive_certified(struct buf *b, uint64_t order, uint64_t n, const struct fields *private_part,
		      const struct tree_path *growth, struct error *e)
{
	scoped_json *o = json_object_make(e);
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < private_part->count; i++)
		json_add_new(list, opening(private_part, i, e), e);
	json_set_bytes64(o, "growth", growth->hash, growth->count * sizeof(*growth->hash), e);
	json_set_number(o, "n", n, e);
	json_set_new(o, "openings", list, e);
	json_set_number(o, "order", order, e);
	if (e->code || json_put(o, b, e) < 0)
		return e->code;
	return buf_put_u8(b, '\n', e);
}
