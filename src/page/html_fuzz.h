/*
 * html_fuzz: the fuzzers of pages share this: no bytes may crash a page, and none may get markup of
 * theirs into it. The input is taken as a file, and as the body of an envelope, in its one form
 * where it is JSON at all. PAGE is the call that makes the page.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/dsse.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { BODY_MAX = 1 << 20 };

static void render(const void *bytes, size_t len)
{
	scoped(buf) *page = NULL;
	struct error e = { 0 };
	int code;

	if (buf_create(&page, 0, &e) < 0)
		abort();
	code = PAGE(bytes, len, page, &e);
	if (code < 0 && (code != E_FORMAT || page->len > 0))
		abort();
	if (code == 0 && (!utf8_valid(buf_text(page), page->len) ||
			  strlen(buf_text(page)) != page->len || strstr(buf_text(page), "<script")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint8_t seed[SIGN_SEED_LEN] = { 0x52 };
	scoped(buf) *body = NULL, *file = NULL;
	scoped_json *j = NULL;
	struct error e = { 0 };

	render(bytes, len);
	if (json_parse(&j, bytes, len, BODY_MAX, &e) < 0)
		return 0;
	if (buf_create(&body, len, &e) < 0 || buf_create(&file, len, &e) < 0)
		abort();
	if (json_put(j, body, &e) == 0 &&
	    dsse_sign(file, "application/vnd.in-toto+json", body->data, body->len, "", seed,
		      &e) == 0)
		render(file->data, file->len);
	return 0;
}
