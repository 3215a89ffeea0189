#include "wire/tlog_proof.h"

#include <string.h>

#include "base/test.h"

#define HEAD "o.example\n4\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\xe2\x80\x94 o.example AAAAAAA=\n"
#define HASH_LINE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static struct error e;

static int parse(const char *text)
{
	scoped(tlog_proof) *p = NULL;

	return tlog_proof_parse(&p, text, strlen(text), &e);
}

TEST(a_proof_is_read_as_it_was_written)
{
	struct tree_path path = { .count = 3 };
	scoped(buf) *extra = NULL;

	check_ok(buf_from(&extra, "an entry", 8, &e));
	for (int with = 0; with < 2; with++)
		for (path.count = 0; path.count <= TREE_PATH_MAX; path.count++) {
			scoped(tlog_proof) *p = NULL;
			scoped(buf) *b = NULL;

			memset(path.hash, (int)path.count, sizeof(path.hash));
			check_ok(buf_create(&b, 512, &e));
			check_ok(tlog_proof_put(b, with ? extra : NULL, 73894, &path, HEAD,
						strlen(HEAD), &e));
			check_ok(tlog_proof_parse(&p, b->data, b->len, &e));
			check(p->index == 73894 && p->path.count == path.count);
			check(memcmp(p->path.hash, path.hash, path.count * HASH_LEN) == 0);
			check(p->note_len == strlen(HEAD) && memcmp(p->note, HEAD, p->note_len) == 0);
			check(!p->extra == !with);
			check(!with || (p->extra->len == 8 && memcmp(p->extra->data, "an entry", 8) == 0));
		}
}

TEST(what_is_no_proof_is_refused)
{
	static const char *const bad[] = {
		"", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2\nindex 0\n\n",
		TLOG_PROOF_FIRST, TLOG_PROOF_FIRST "index 0\n", TLOG_PROOF_FIRST "index 0",
		TLOG_PROOF_FIRST "index 00\n\n", TLOG_PROOF_FIRST "index 01\n\n",
		TLOG_PROOF_FIRST "index -1\n\n", TLOG_PROOF_FIRST "index\n\n",
		TLOG_PROOF_FIRST "index \n\n", TLOG_PROOF_FIRST "index  1\n\n",
		TLOG_PROOF_FIRST "Index 1\n\n", TLOG_PROOF_FIRST "index 1 \n\n",
		TLOG_PROOF_FIRST "index 1\nCsUY\n\n", TLOG_PROOF_FIRST "index 1\n" HASH_LINE,
		TLOG_PROOF_FIRST "index 1\n " HASH_LINE "\n",
		TLOG_PROOF_FIRST "extra ?\nindex 1\n\n", TLOG_PROOF_FIRST "extra AA=\nindex 1\n\n",
		TLOG_PROOF_FIRST "extra AA==", TLOG_PROOF_FIRST "index 1\nextra AA==\n\n",
		TLOG_PROOF_FIRST "extra AA==\nextra AA==\nindex 1\n\n",
		"\n" TLOG_PROOF_FIRST "index 1\n\n",
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		check_code(parse(bad[i]), E_FORMAT);
		error_clear(&e);
	}
	check_ok(parse(TLOG_PROOF_FIRST "index 0\n\n")); /* the head is for whoever opens it */
	check_code(parse(TLOG_PROOF_FIRST "index 18446744073709551616\n\n"), E_RANGE);
	error_clear(&e);
}

TEST(one_more_than_each_limit_is_refused)
{
	scoped(buf) *b = NULL, *extra = NULL, *large = NULL;
	struct tree_path none = { .count = 0 };
	scoped(tlog_proof) *p = NULL;

	check_ok(buf_create(&b, 512, &e));
	check_ok(buf_printf(b, &e, TLOG_PROOF_FIRST "index 1\n"));
	for (int i = 0; i <= TREE_PATH_MAX; i++)
		check_ok(buf_printf(b, &e, HASH_LINE));
	check_ok(buf_printf(b, &e, "\n"));
	check_code(parse(buf_text(b)), E_RANGE);
	error_clear(&e);
	check_ok(buf_create(&extra, TLOG_PROOF_EXTRA_MAX + 1, &e));
	extra->len = TLOG_PROOF_EXTRA_MAX;
	memset(extra->data, 7, extra->len + 1);
	buf_clear(b);
	check_ok(tlog_proof_put(b, extra, 1, &none, HEAD, strlen(HEAD), &e));
	check_ok(tlog_proof_parse(&p, b->data, b->len, &e));
	extra->len++;
	check_code(tlog_proof_put(b, extra, 1, &none, HEAD, strlen(HEAD), &e), E_RANGE);
	error_clear(&e);
	buf_clear(b);
	check_ok(buf_printf(b, &e, TLOG_PROOF_FIRST "extra "));
	for (int i = 0; i < (TLOG_PROOF_EXTRA_MAX + 3) / 3; i++)
		check_ok(buf_printf(b, &e, "AAAA"));
	check_ok(buf_printf(b, &e, "\nindex 1\n\n"));
	check_code(parse(buf_text(b)), E_RANGE);
	error_clear(&e);
	check_ok(buf_create(&large, TLOG_PROOF_BYTES_MAX + 1, &e));
	memset(large->data, 'x', TLOG_PROOF_BYTES_MAX + 1);
	check_code(tlog_proof_parse(&p, large->data, TLOG_PROOF_BYTES_MAX + 1, &e), E_RANGE);
	error_clear(&e);
}

TEST_MAIN("tlog-proof")
