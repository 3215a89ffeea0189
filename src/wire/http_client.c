#include "wire/http_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

enum { URL_MAX = 2300 };

struct http {
	CURL *curl;
};

SCOPED(curl_slist, curl_slist_free_all);

struct taking {
	struct buf *body;
	size_t max;
	bool over;
};

int http_open(struct http **ret, struct error *e)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h || !(h->curl = curl_easy_init())) {
		free(h);
		return error_set(e, E_MEMORY, "http: out of memory");
	}
	*ret = h;
	return 0;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->curl);
	free(h);
}

bool http_url_valid(const char *url)
{
	const char *host = strncmp(url, "http://", 7) == 0  ? url + 7 :
			   strncmp(url, "https://", 8) == 0 ? url + 8 :
							      "";

	for (const char *p = url; *p; p++)
		if (*p <= 0x20 || *p == 0x7f)
			return false;
	return *host && *host != '/' && strlen(url) <= URL_MAX;
}

static size_t take(char *bytes, size_t size, size_t count, void *ctx)
{
	struct taking *t = ctx;
	struct error e = { 0 };
	size_t len = size * count;

	t->over = len > t->max - t->body->len;
	return !t->over && buf_put(t->body, bytes, len, &e) == 0 ? len : 0;
}

static void set_up(CURL *c, const struct http_request *q, struct taking *t,
		   struct curl_slist *headers)
{
	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_URL, q->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "rescind/" RESCIND_VERSION);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)q->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(q->timeout_ms + 1) / 2);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
}

static int headers_of(const struct http_request *q, struct curl_slist **ret, struct error *e)
{
	char type[HTTP_TYPE_MAX + 16];
	struct curl_slist *more;

	snprintf(type, sizeof(type), "Content-Type: %.*s", HTTP_TYPE_MAX, q->type);
	more = curl_slist_append(NULL, type);
	/* Else a larger body would wait for a word of the server's. */
	*ret = more ? curl_slist_append(more, "Expect:") : NULL;
	if (!*ret)
		curl_slist_free_all(more);
	return *ret ? 0 : error_set(e, E_MEMORY, "http: out of memory");
}

int http_post(struct http *h, const struct http_request *q, struct http_answer *ret,
	      struct error *e)
{
	scoped(curl_slist) *headers = NULL;
	struct taking t = { .max = q->answer_max };
	scoped(buf) *body = NULL;
	const char *type = NULL;
	CURLcode code;

	if (!http_url_valid(q->url))
		return error_set(e, E_USAGE, "not an http or https URL");
	if (headers_of(q, &headers, e) < 0 || buf_create(&body, 4096, e) < 0)
		return e->code;
	t.body = body;
	set_up(h->curl, q, &t, headers);
	code = curl_easy_perform(h->curl);
	if (t.over)
		return error_set(e, E_RANGE, "an answer of more than %zu bytes", q->answer_max);
	if (code != CURLE_OK)
		return error_set(e, code == CURLE_OUT_OF_MEMORY ? E_MEMORY : E_IO, "%s",
				 curl_easy_strerror(code));
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_easy_getinfo(h->curl, CURLINFO_CONTENT_TYPE, &type);
	snprintf(ret->type, sizeof(ret->type), "%s", type && strlen(type) < HTTP_TYPE_MAX ? type : "");
	ret->body = give(body);
	return 0;
}
