/*
 * http_client: requests to other machines, by libcurl, which this file alone includes. http and
 * https (certificates checked), no redirects, nothing kept between handles. A handle belongs to
 * one thread and keeps its connection for the next request.
 */
#ifndef WIRE_HTTP_CLIENT_H
#define WIRE_HTTP_CLIENT_H

#include <stdbool.h>

#include "base/buf.h"

struct http;
must_use int http_open(struct http **ret, struct error *e);
void http_close(struct http *h); /* NULL is fine */
SCOPED(http, http_close);

enum { HTTP_TYPE_MAX = 128 };
struct http_request {
	const char *url;
	const char *type; /* Content-Type of the body */
	const void *body;
	size_t body_len;
	uint64_t timeout_ms; /* for all of it; a connection gets half */
	size_t answer_max;
};
struct http_answer {
	long status;
	char type[HTTP_TYPE_MAX]; /* "" when it says none, or a longer one */
	struct buf *body;	  /* owned by who holds the answer */
};
/* POST. 0 whatever the status. Errors: E_IO, nobody answered (in time); E_RANGE, more than
 * answer_max bytes; E_USAGE, not an http or https URL. */
must_use int http_post(struct http *h, const struct http_request *q, struct http_answer *ret,
		       struct error *e);

/* Is it one, and no longer than a request takes? */
bool http_url_valid(const char *url);

#endif
