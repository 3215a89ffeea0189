/*
 * sign: sign a statement with the key of a log, as an operator who lies would: for trying out what
 * a verifier says of it. usage: sign LOG.KEY <BODY >STATEMENT
 * LOG.KEY is the file of that name in a keys directory: PRIVATE+KEY+NAME+ID+BASE64.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "wire/dsse.h"
#include "wire/note.h"

enum { KEY_BYTES_MAX = 1024, CHUNK = 1 << 16 };
static const char head[] = "PRIVATE+KEY+";

static int read_key(const char *path, struct note_key *ret, uint8_t ret_seed[SIGN_SEED_LEN],
		    struct error *e)
{
	scoped(buf) *text = NULL, *raw = NULL;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	char name[NOTE_NAME_MAX + 1], coded[64];

	if (file_read(path, KEY_BYTES_MAX, &text, e) < 0 || buf_create(&raw, 64, e) < 0)
		return e->code;
	if (strncmp(buf_text(text), head, strlen(head)) != 0 ||
	    sscanf(buf_text(text) + strlen(head), "%255[^+]+%*8[0-9a-f]+%63[^\n]", name, coded) != 2 ||
	    base64_get(raw, coded, strlen(coded), e) < 0 || raw->len != 1 + SIGN_SEED_LEN)
		return error_set(e, E_FORMAT, "%s: not the key of a log", path);
	memcpy(ret_seed, raw->data + 1, SIGN_SEED_LEN);
	if (sign_public(public_key, ret_seed, e) < 0)
		return e->code;
	return note_key_make(ret, name, NOTE_ED25519, public_key, e);
}

static int read_stdin(struct buf *b, struct error *e)
{
	char chunk[CHUNK];
	size_t len;

	while ((len = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
		if (buf_put(b, chunk, len, e) < 0)
			return e->code;
	/* jq ends with a newline; a body has none. */
	if (b->len > 0 && b->data[b->len - 1] == '\n')
		b->len--;
	return ferror(stdin) ? error_set(e, E_IO, "stdin cannot be read") : 0;
}

int main(int argc, char **argv)
{
	scoped(buf) *body = NULL, *vkey = NULL, *out = NULL;
	uint8_t seed[SIGN_SEED_LEN];
	struct error e = { 0 };
	struct note_key key;

	if (argc != 2) {
		fprintf(stderr, "usage: sign LOG.KEY <BODY >STATEMENT\n");
		return 2;
	}
	if (buf_create(&body, CHUNK, &e) < 0 || buf_create(&vkey, 256, &e) < 0 ||
	    buf_create(&out, CHUNK, &e) < 0 || read_key(argv[1], &key, seed, &e) < 0 ||
	    note_key_put(&key, vkey, &e) < 0 || read_stdin(body, &e) < 0 ||
	    dsse_sign(out, "application/vnd.in-toto+json", body->data, body->len, buf_text(vkey), seed,
		      &e) < 0) {
		fprintf(stderr, "sign: %s\n", e.text);
		return 1;
	}
	return fwrite(out->data, 1, out->len, stdout) != out->len || fflush(stdout) != 0;
}
