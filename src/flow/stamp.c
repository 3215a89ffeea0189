#include "flow/stamp.h"

#include <strings.h>

#include "crypto/hash.h"
#include "wire/http_client.h"

/* Is it this type? What may follow after a semicolon says nothing here. */
static bool is_type(const char *said, const char *type)
{
	size_t len = strlen(type);

	return strncasecmp(said, type, len) == 0 && strchr("; ", said[len]) != NULL;
}

static int ask(const char *url, const struct buf *question, struct buf **ret, struct error *e)
{
	struct http_request q = { .url = url, .type = "application/timestamp-query",
				  .body = question->data, .body_len = question->len,
				  .timeout_ms = FLOW_STAMP_MS, .answer_max = STAMP_ANSWER_MAX };
	struct http_answer a = { 0 };
	scoped(http) *h = NULL;
	scoped(buf) *body = NULL;

	if (http_open(&h, e) < 0 || http_post(h, &q, &a, e) < 0)
		return e->code;
	body = a.body;
	if (a.status != 200)
		return error_set(e, E_IO, "it answered with status %ld", a.status);
	if (!is_type(a.type, "application/timestamp-reply"))
		return error_set(e, E_FORMAT, "its answer is not of the type of time stamps");
	*ret = give(body);
	return 0;
}

static int stamp_from(const char *url, const uint8_t digest[STAMP_DIGEST_LEN], struct buf *token,
		      struct buf *chain, struct stamp *ret, struct error *e)
{
	const struct stamp_trust nobody = { 0 };
	scoped(buf) *question = NULL, *answer = NULL;
	uint64_t nonce = 0;

	if (buf_create(&question, 128, e) < 0 || stamp_request(question, digest, &nonce, e) < 0 ||
	    ask(url, question, &answer, e) < 0 ||
	    stamp_take(token, answer->data, answer->len, digest, nonce, e) < 0 ||
	    stamp_check(ret, token->data, token->len, digest, &nobody, e) < 0)
		return e->code;
	return stamp_chain(chain, token->data, token->len, e);
}

int flow_stamp(const char *url, const void *data, size_t len_bytes, struct buf *token,
	       struct buf *chain, struct stamp *ret, struct error *e)
{
	scoped(buf) *fresh = NULL, *beside = NULL;
	uint8_t digest[STAMP_DIGEST_LEN];
	struct stamp said;

	hash512_bytes(digest, data, len_bytes);
	if (buf_create(&fresh, 4096, e) < 0 || buf_create(&beside, 4096, e) < 0 ||
	    stamp_from(url, digest, fresh, beside, &said, e) < 0)
		return error_wrap(e, "time stamp of %s", url);
	if (buf_put(token, fresh->data, fresh->len, e) < 0 ||
	    buf_put(chain, beside->data, beside->len, e) < 0)
		return e->code;
	*ret = said;
	return 0;
}
