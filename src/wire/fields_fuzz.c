/* Whatever is read is written as the same bytes, and its fields can be proved. */
#include <stdlib.h>
#include <string.h>

#include "wire/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_proof(const struct fields *f, size_t index)
{
	struct hash root, commitment, leaf, led, list;
	struct tree_path path;
	struct error e = { 0 };

	field_commitment(&commitment, &f->list[index]);
	tree_leaf(&leaf, commitment.b, HASH_LEN);
	if (fields_root(&root, f, &e) < 0 || fields_prove(f, index, &path, &e) < 0 ||
	    tree_climb(&path, &leaf, index, f->count, &led, &e) < 0 ||
	    (commit_list(&list, f->count, &led), !hash_equal(&list, &root)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	scoped(fields) *f = NULL;
	scoped(buf) *b = NULL;
	struct error e = { 0 };

	if (fields_parse(&f, bytes, len, &e) < 0)
		return 0;
	if (buf_create(&b, 0, &e) < 0 || fields_put(f, b, &e) < 0)
		abort();
	if (b->len != len || memcmp(b->data, bytes, len) != 0)
		abort();
	if (f->count)
		check_proof(f, len % f->count);
	return 0;
}
