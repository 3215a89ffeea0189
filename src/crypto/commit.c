#include "crypto/commit.h"

#include "base/buf.h"

void commit_make(struct hash *ret, const char *name, const uint8_t salt[SALT_LEN],
		 const void *value, size_t len_bytes)
{
	static const char domain[] = "rescind/commit/v1"; /* hashed with its NUL */
	size_t name_len = strlen(name);
	uint8_t lens[3][8];

	be_set(lens[0], name_len, 8);
	be_set(lens[1], SALT_LEN, 8);
	be_set(lens[2], len_bytes, 8);

	const struct hash_piece pieces[] = {
		{ domain, sizeof(domain) }, { lens[0], 8 }, { name, name_len },
		{ lens[1], 8 }, { salt, SALT_LEN }, { lens[2], 8 }, { value, len_bytes },
	};

	hash_pieces(ret, pieces, COUNT_OF(pieces));
}

void commit_list(struct hash *ret, uint64_t count, const struct hash *tree_root)
{
	commit_tree(ret, "rescind/fields/v1", count, tree_root);
}

void commit_tree(struct hash *ret, const char *domain, uint64_t size, const struct hash *root)
{
	uint8_t number[8];
	const struct hash_piece pieces[] = { { domain, strlen(domain) + 1 },
					     { number, sizeof(number) }, { root->b, HASH_LEN } };

	be_set(number, size, sizeof(number));
	hash_pieces(ret, pieces, COUNT_OF(pieces));
}
