/*
 * log-make: logs for foreign readers. usage: log-make FOLDER ORIGIN SIZE..
 * Grows a log in FOLDER to each SIZE in turn (ascending; 0 is the empty log), and leaves each head
 * as FOLDER/heads/SIZE; the last one is public. Entries are of 0 to 60 bytes, two of 65,535.
 * Prints the vkey. The key is that of a test: 32 bytes of 7.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "log/log.h"
#include "wire/note.h"

enum { LONG_EVERY = 40000, NAME_ROOM = 64 };

static const uint8_t seed[SIGN_SEED_LEN] = { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
					     7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7 };

static int grow(struct log *l, uint64_t size, struct error *e)
{
	static char text[LOG_ENTRY_MAX];

	for (uint64_t i = log_size(l); i < size; i++) {
		size_t len = i % LONG_EVERY == 1 ? LOG_ENTRY_MAX : (size_t)(i * 2654435761 % 61);

		memset(text, (int)('a' + i % 26), len);
		if (len >= 8)
			memcpy(text, &i, sizeof(i));
		if (log_add(l, text, len, e) < 0)
			return e->code;
	}
	return log_write(l, e);
}

static int publish(struct log *l, struct blobs *b, const char *folder, const struct note_key *key,
		   struct error *e)
{
	scoped(buf) *text = NULL, *note = NULL;
	struct head h = { .size = log_size(l) };
	char path[PATH_LEN_MAX], name[NAME_ROOM];

	snprintf(h.origin, sizeof(h.origin), "%s", key->name);
	snprintf(name, sizeof(name), "heads/%" PRIu64, h.size);
	log_root(l, &h.root);
	if (buf_create(&text, 256, e) < 0 || buf_create(&note, 256, e) < 0 ||
	    head_put(&h, text, e) < 0 ||
	    note_sign(note, buf_text(text), text->len, key, seed, e) < 0 ||
	    path_join(path, folder, name, e) < 0 ||
	    file_write(path, note->data, note->len, 0644, e) < 0)
		return e->code;
	return log_publish(b, note->data, note->len, e);
}

static int make(char **argv, int count, struct error *e)
{
	scoped(blobs) *b = NULL;
	scoped(log) *l = NULL;
	scoped(buf) *vkey = NULL;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char path[PATH_LEN_MAX];
	struct note_key key;
	struct hash root;

	tree_root(&root, NULL, 0);
	if (path_join(path, argv[0], "heads", e) < 0)
		return e->code;
	mkdir(argv[0], 0755);
	mkdir(path, 0755);
	if (buf_create(&vkey, 256, e) < 0 || sign_public(public_key, seed, e) < 0 ||
	    note_key_make(&key, argv[1], NOTE_ED25519, public_key, e) < 0 ||
	    note_key_put(&key, vkey, e) < 0 || blobs_open_folder(&b, argv[0], 0755, e) < 0 ||
	    log_open(&l, b, 0, &root, e) < 0)
		return e->code;
	for (int i = 2; i < count; i++)
		if (grow(l, strtoull(argv[i], NULL, 10), e) < 0 || publish(l, b, argv[0], &key, e) < 0)
			return e->code;
	printf("%s\n", buf_text(vkey));
	return 0;
}

int main(int argc, char **argv)
{
	struct error e = { 0 };

	if (argc < 4) {
		fprintf(stderr, "usage: log-make FOLDER ORIGIN SIZE..\n");
		return 2;
	}
	if (make(argv + 1, argc - 1, &e) == 0)
		return 0;
	fprintf(stderr, "log-make: %s\n", e.text);
	return 1;
}
