/* A layer of an archive: is the certificate logged, under a head that continues the one before? */
#include <inttypes.h>
#include <string.h>

#include "proof/archive.h"
#include "proof/statement.h"
#include "wire/tlog_proof.h"

/* The entry is that of a `certified` fact of this order. */
static int check_entry(const struct archive_certified *c, const struct buf *entry,
		       struct hash *ret_private, struct error *e)
{
	static const char *const members[] = { "v", "type", "at", "by", "private", "order", NULL };
	scoped_json *o = NULL;
	uint64_t v, order, at;
	const char *by = NULL;

	if (json_parse_canonical(&o, entry->data, entry->len, FACT_ENTRY_MAX, e) < 0 ||
	    json_only(o, members, e) < 0 || json_get_number(o, "v", &v, e) < 0 ||
	    json_get_time(o, "at", &at, e) < 0 || json_get_text(o, "by", &by, e) < 0 ||
	    json_get_number(o, "order", &order, e) < 0 ||
	    json_get_hash(o, "private", ret_private, e) < 0)
		return error_wrap(e, "its entry");
	if (v != 1 || strcmp(json_text_or(o, "type", ""), "certified") != 0)
		return error_set(e, E_MISMATCH, "its entry is no certified fact");
	if (order != c->order)
		return error_set(e, E_MISMATCH,
				 "it certifies the order of fact %" PRIu64 ", not of %" PRIu64,
				 order, c->order);
	return 0;
}

/* Field index of two is `name`, opens as this value, and leads to the private part. */
static int check_opening(const json_t *o, size_t index, const char *name, const void *value,
			 size_t len_bytes, const struct fact *f, struct error *e)
{
	static const char *const members[] = { "count", "field", "index", "path",
					       "salt",	"value", NULL };
	struct opening x = { .n = f->n,
			     .index = index,
			     .count = 2,
			     .field = name,
			     .value = value,
			     .value_len = len_bytes,
			     .path_count = 1 };
	scoped(buf) *salt = NULL, *said = NULL, *path = NULL;
	uint64_t i, count;

	if (json_only(o, members, e) < 0 || json_get_number(o, "count", &count, e) < 0 ||
	    json_get_number(o, "index", &i, e) < 0 || json_get_bytes64(o, "salt", &salt, e) < 0 ||
	    json_get_bytes64(o, "value", &said, e) < 0 || json_get_bytes64(o, "path", &path, e) < 0)
		return e->code;
	if (i != index || count != 2 || strcmp(json_text_or(o, "field", ""), name) != 0 ||
	    salt->len != SALT_LEN || path->len != HASH_LEN)
		return error_set(e, E_FORMAT, "no opening of %s at its place", name);
	if (said->len != len_bytes || memcmp(said->data, value, len_bytes) != 0)
		return error_set(e, E_MISMATCH,
				 "the %s that was logged is not that of "
				 "certificate.json",
				 name);
	x.salt = salt->data;
	x.path = (const struct hash *)path->data;
	return opening_check(&x, &f->private_part, e);
}

static int take_growth(const json_t *o, struct tree_path *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (json_get_bytes64(o, "growth", &b, e) < 0)
		return e->code;
	if (b->len % HASH_LEN != 0 || b->len / HASH_LEN > TREE_PATH_MAX)
		return error_set(e, E_FORMAT, "growth is no list of up to %d hashes",
				 TREE_PATH_MAX);
	ret->count = b->len / HASH_LEN;
	memcpy(ret->hash, b->data, b->len);
	return 0;
}

static int check_certified(const struct archive_certified *c, const struct ustar_file *file,
			   const struct fact *f, struct tree_path *ret_growth, struct error *e)
{
	static const char *const members[] = { "growth", "n", "openings", "order", NULL };
	uint64_t n = 0, order = 0;
	scoped_json *o = NULL;
	json_t *list = NULL;

	if (file->len == 0 || file->data[file->len - 1] != '\n')
		return error_set(e, E_FORMAT, "it does not end with a newline");
	if (json_parse_canonical(&o, file->data, file->len - 1, ARCHIVE_CERTIFIED_MAX, e) < 0 ||
	    json_only(o, members, e) < 0 || json_get_number(o, "n", &n, e) < 0 ||
	    json_get_number(o, "order", &order, e) < 0 ||
	    json_get_array(o, "openings", &list, e) < 0 || take_growth(o, ret_growth, e) < 0)
		return e->code;
	if (n != f->n || order != c->order)
		return error_set(e, E_MISMATCH, "it is of another fact or order");
	if (json_array_size(list) != 2)
		return error_set(e, E_FORMAT, "there are not two openings");
	if (check_opening(json_array_get(list, 0), 0, "sha256", c->sha256.b, HASH_LEN, f, e) < 0)
		return e->code;
	return check_opening(json_array_get(list, 1), 1, "sha512", c->sha512, sizeof(c->sha512), f,
			     e);
}

/* The fact is in the log, where it was before. */
static int check_place(const struct archive_certified *c, const struct tlog_proof *p,
		       const struct head *h, struct error *e)
{
	struct hash leaf;

	if (c->known && p->index != c->n)
		return error_set(e, E_MISMATCH,
				 "it is fact %" PRIu64 ", and was %" PRIu64 " in the layer before",
				 p->index, c->n);
	tree_leaf(&leaf, p->extra->data, p->extra->len);
	return tree_check(&p->path, &leaf, p->index, h->size, &h->root, e);
}

int archive_layer_check(struct archive_certified *c, const struct archive_layer *l, struct error *e)
{
	scoped(tlog_proof) *p = NULL;
	struct tree_path growth = { 0 };
	struct fact f = { 0 };
	scoped(note) *n = NULL;
	struct head h;

	if (tlog_proof_parse(&p, l->proof->data, l->proof->len, e) < 0)
		return e->code;
	if (!p->extra)
		return error_set(e, E_FORMAT, "the proof has no entry (extra data)");
	f.n = p->index;
	if (head_open(&h, p->note, p->note_len, &c->key, e) < 0 ||
	    note_parse(&n, p->note, p->note_len, e) < 0 ||
	    head_bears_mldsa(c->pins, c->key.name, n, e) < 0)
		return error_wrap(e, "its head");
	if (check_entry(c, p->extra, &f.private_part, e) < 0 || check_place(c, p, &h, e) < 0)
		return e->code;
	if (check_certified(c, l->certified, &f, &growth, e) < 0)
		return error_wrap(e, "certified.json");
	if (tree_check_growth(&growth, c->head.size, &c->head.root, h.size, &h.root, e) < 0)
		return error_wrap(e, "its head of %" PRIu64 " does not continue that of %" PRIu64,
				  h.size, c->head.size);
	c->head = h;
	c->n = p->index;
	c->known = true;
	return 0;
}
