/* For tests/stamp.sh: flow_stamp and stamp_check from the command line.
 * usage: stamp-ask URL FILE TOKEN CHAIN          ask, and write what came
 *        stamp-ask -c TOKEN FILE [ROOTS [CHAIN]] check
 * Prints the time, serial, policy and signer; or why not, and exits with the code, 6 for E_FORMAT. */
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "flow/stamp.h"

enum { MAX = 1 << 20 };

static int ask(char **word, struct stamp *s, struct error *e)
{
	scoped(buf) *data = NULL, *token = NULL, *chain = NULL;

	if (file_read(word[1], MAX, &data, e) < 0 || buf_create(&token, 0, e) < 0 ||
	    buf_create(&chain, 0, e) < 0 ||
	    flow_stamp(word[0], data->data, data->len, token, chain, s, e) < 0 ||
	    file_write(word[2], token->data, token->len, 0644, e) < 0)
		return e->code;
	return file_write(word[3], chain->data, chain->len, 0644, e);
}

static int judge(int count, char **word, struct stamp *s, struct error *e)
{
	scoped(buf) *token = NULL, *data = NULL, *roots = NULL, *chain = NULL;
	struct stamp_trust t = { 0 };
	uint8_t digest[STAMP_DIGEST_LEN];

	if (file_read(word[0], MAX, &token, e) < 0 || file_read(word[1], MAX, &data, e) < 0 ||
	    (count > 2 && file_read(word[2], MAX, &roots, e) < 0) ||
	    (count > 3 && file_read(word[3], MAX, &chain, e) < 0))
		return e->code;
	hash512_bytes(digest, data->data, data->len);
	if (roots) {
		t.roots = roots->data;
		t.roots_len = roots->len;
	}
	if (chain) {
		t.chain = chain->data;
		t.chain_len = chain->len;
	}
	return stamp_check(s, token->data, token->len, digest, &t, e);
}

int main(int argc, char **argv)
{
	struct error e = { 0 };
	struct stamp s = { 0 };
	char at[TIME_TEXT_MAX];

	if (argc < 4 || argc > 6)
		return 2;
	if (strcmp(argv[1], "-c") == 0)
		(void)!judge(argc - 2, argv + 2, &s, &e);
	else if (argc == 5)
		(void)!ask(argv + 1, &s, &e);
	if (e.code) {
		fprintf(stderr, "%s\n", e.text);
		return -e.code;
	}
	printf("%s %s %s %s\n", time_text(at, s.at_utc_ms), s.serial, s.policy, s.signer);
	return 0;
}
