/*
 * rescind-verify: is this certificate true? One static program for whoever doubts it: no
 * repository, no network, no file but the one named. It reads and prints by itself, not through
 * base/sys.h, since all that is linked is to be read by whoever believes it.
 */
#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "verify/answer.h"

enum { EXIT_VALID = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_VALID = 4, CHUNK = 1 << 16 };

static const char usage[] =
	"usage: rescind-verify FILE [--key VKEY]* [--order HASH] [--json]\n"
	"Checks a certificate, attestation or receipt of Rescind with nothing but the file itself.\n"
	"  --key VKEY    the log's key that you trust; without one nothing is valid; twice: ML-DSA-44 too\n"
	"  --order HASH  the demand that it should answer\n"
	"  --json        the answer as one line of JSON\n"
	"Exit code 0: every check holds and a key was given. 4: not so. 2: wrong words. 1: failed.\n";

struct words {
	const char *file, *keys[ANSWER_KEYS_MAX], *order;
	bool json, help, version;
};

static int take_words(struct words *w, int argc, char **argv, struct error *e)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], **value = NULL;

		if (strcmp(word, "--key") == 0)
			value = &w->keys[w->keys[0] ? 1 : 0];
		else if (strcmp(word, "--order") == 0)
			value = &w->order;
		else if (strcmp(word, "--json") == 0)
			w->json = true;
		else if (strcmp(word, "--help") == 0)
			w->help = true;
		else if (strcmp(word, "--version") == 0)
			w->version = true;
		else if (word[0] == '-' || w->file)
			return error_set(e, E_USAGE, "%s: not understood", word);
		else
			w->file = word;
		if (value && (*value || i + 1 == argc))
			return error_set(e, E_USAGE, "%s: %s", word,
					 *value ? "given twice" : "of what?");
		if (value)
			*value = argv[++i];
	}
	return w->file || w->help || w->version ? 0 : error_set(e, E_USAGE, "no file");
}

/* libcrypto would read openssl.cnf, and Jansson /dev/urandom. */
static int begin_alone(struct error *e)
{
	size_t seed = 0;

	while (seed == 0)
		if (getrandom(&seed, sizeof(seed), 0) < 0)
			return error_set(e, E_IO, "random bytes: %s", strerror(errno));
	json_object_seed(seed);
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 ?
		       0 : error_set(e, E_MEMORY, "libcrypto does not begin");
}

/* A byte more than a statement may have is enough to say that it has too many. */
static int read_all(FILE *f, struct buf *b, struct error *e)
{
	uint8_t chunk[CHUNK];
	size_t len = 1;

	while (len > 0 && b->len <= CERTIFICATE_BYTES_MAX) {
		len = fread(chunk, 1, sizeof(chunk), f);
		if (buf_put(b, chunk, len, e) < 0)
			return e->code;
	}
	return ferror(f) ? error_set(e, E_IO, "not read: %s", strerror(errno)) : 0;
}

static int answer(const struct words *w, json_t **ret, struct error *e)
{
	scoped(buf) *b = NULL;
	FILE *f = fopen(w->file, "rb");
	int code = f ? buf_create(&b, CHUNK, e) : error_set(e, E_IO, "%s", strerror(errno));

	if (code == 0)
		code = read_all(f, b, e);
	if (f)
		fclose(f);
	return code < 0 ? error_wrap(e, "%s", w->file) :
			  answer_make(ret, b->data, b->len, w->keys, w->order, e);
}

static int put(const struct words *w, const json_t *said, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 4096, e) < 0 ||
	    (w->json ? json_put(said, b, e) : answer_page(said, b, e)) < 0 ||
	    (w->json && buf_put_u8(b, '\n', e) < 0))
		return e->code;
	return fputs(buf_text(b), stdout) < 0 || fflush(stdout) != 0 ?
		       error_set(e, E_IO, "the answer was not written: %s", strerror(errno)) : 0;
}

static int run(const struct words *w, struct error *e)
{
	scoped_json *said = NULL;

	if (begin_alone(e) < 0 || answer(w, &said, e) < 0 || put(w, said, e) < 0)
		return EXIT_FAILED;
	return answer_valid(said) ? EXIT_VALID : EXIT_NOT_VALID;
}

int main(int argc, char **argv)
{
	struct words w = { 0 };
	struct error e = { 0 };
	int code = EXIT_VALID;

	if (take_words(&w, argc, argv, &e) == 0 && (w.help || w.version))
		fputs(w.help ? usage : "rescind-verify " RESCIND_VERSION "\n", stdout);
	else if (!e.code)
		code = run(&w, &e);
	if (e.code)
		fprintf(stderr, "rescind-verify: %s\n%s", e.text, e.code == E_USAGE ? usage : "");
	return e.code == E_USAGE ? EXIT_USAGE : code;
}
