/*
 * rescind-verify: is this certificate true? One static program for whoever doubts it: no
 * repository, no network, no file but the one named.
 */
#include <jansson.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "verify/answer.h"

enum { EXIT_VALID = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_VALID = 4 };

static const char usage[] =
	"usage: rescind-verify FILE [--key VKEY]* [--order HASH] [--json]\n"
	"Checks a certificate of Rescind with nothing but the file itself.\n"
	"  --key VKEY    the log's key that you trust; without one nothing is valid; twice: ML-DSA-44 too\n"
	"  --order HASH  the demand that it should answer\n"
	"  --json        the answer as one line of JSON\n"
	"Exit code 0: every check holds and a key was given. 4: not so. 2: wrong words. 1: failed.\n";

struct words {
	const char *file, *keys[ANSWER_KEYS_MAX], *order;
	bool json, help, version;
};

static int take_value(const char **ret, int *i, int argc, char **argv, struct error *e)
{
	if (*ret || *i + 1 == argc)
		return error_set(e, E_USAGE, "%s: %s", argv[*i], *ret ? "given twice" : "of what?");
	*ret = argv[++*i];
	return 0;
}

static int take_words(struct words *w, int argc, char **argv, struct error *e)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		int code = 0;

		if (strcmp(word, "--key") == 0)
			code = take_value(&w->keys[w->keys[0] ? 1 : 0], &i, argc, argv, e);
		else if (strcmp(word, "--order") == 0)
			code = take_value(&w->order, &i, argc, argv, e);
		else if (strcmp(word, "--json") == 0)
			w->json = true;
		else if (strcmp(word, "--help") == 0)
			w->help = true;
		else if (strcmp(word, "--version") == 0)
			w->version = true;
		else if (word[0] == '-' || w->file)
			code = error_set(e, E_USAGE, "%s: not understood", word);
		else
			w->file = word;
		if (code < 0)
			return code;
	}
	return w->file || w->help || w->version ? 0 : error_set(e, E_USAGE, "no file");
}

/* libcrypto would read openssl.cnf, and Jansson /dev/urandom. */
static int begin_alone(struct error *e)
{
	size_t seed = 0;

	while (seed == 0)
		if (sys->random(&seed, sizeof(seed)) < 0)
			return error_errno(e, "random bytes");
	json_object_seed(seed);
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 ?
		       0 : error_set(e, E_MEMORY, "libcrypto does not begin");
}

static int answer(const struct words *w, json_t **ret, struct error *e)
{
	struct error why = { 0 };
	scoped(buf) *bytes = NULL;

	if (file_read(w->file, CERTIFICATE_BYTES_MAX, &bytes, &why) == 0)
		return answer_make(ret, bytes->data, bytes->len, w->keys, w->order, e);
	return why.code == E_RANGE ? answer_too_large(ret, why.text, e) :
				     error_set(e, why.code, "%s", why.text);
}

static int put(const struct words *w, const json_t *said, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 4096, e) < 0)
		return e->code;
	if (!w->json && answer_page(said, b, e) < 0)
		return e->code;
	if (w->json && (json_put(said, b, e) < 0 || buf_put_u8(b, '\n', e) < 0))
		return e->code;
	return fd_write_all(STDOUT_FILENO, b->data, b->len, e);
}

static int run(const struct words *w, bool *ret_valid, struct error *e)
{
	scoped_json *said = NULL;

	if (begin_alone(e) < 0 || answer(w, &said, e) < 0 || put(w, said, e) < 0)
		return e->code;
	*ret_valid = answer_valid(said);
	return 0;
}

/* What cannot be written is heard by nobody; the exit code says it. */
static int say(int fd, const char *text)
{
	struct error e = { 0 };

	return fd_write_all(fd, text, strlen(text), &e);
}

static int fail(const struct error *e)
{
	(void)(say(STDERR_FILENO, "rescind-verify: ") < 0 || say(STDERR_FILENO, e->text) < 0 ||
	       say(STDERR_FILENO, "\n") < 0 ||
	       (e->code == E_USAGE && say(STDERR_FILENO, usage) < 0));
	return e->code == E_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct words w = { 0 };
	struct error e = { 0 };
	bool valid = false;

	if (take_words(&w, argc, argv, &e) < 0)
		return fail(&e);
	if (w.help || w.version)
		return say(STDOUT_FILENO, w.help ? usage : "rescind-verify " RESCIND_VERSION "\n") < 0 ?
			       EXIT_FAILED : EXIT_VALID;
	if (run(&w, &valid, &e) < 0)
		return fail(&e);
	return valid ? EXIT_VALID : EXIT_NOT_VALID;
}
