/* The witnesses are shown the public heads. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/witness.h"
#include "wire/add_checkpoint.h"
#include "wire/http_client.h"

#define FILE_NAME "witnessed"
#define FIRST_LINE "rescind witnessed 1\n"
enum { MEMORY_BYTES_MAX = 1 << 16 };

static const char *const log_names[LOG_COUNT] = { "facts", "records" };

/* What is remembered of a witness. */
struct known {
	uint64_t size[LOG_COUNT]; /* cosigned */
	uint64_t failed_ms;	  /* 0: it answered */
};
struct asking {
	struct repo *r;
	struct http *http;
	struct policy *p;
	struct known known[POLICY_WITNESSES_MAX];
	struct buf *note[LOG_COUNT]; /* public, with what was gathered */
	struct buf *own[LOG_COUNT];  /* with the log's own lines alone: what a witness is sent */
	struct head head[LOG_COUNT];
	struct log *log[LOG_COUNT];
	bool gathered[LOG_COUNT];
	uint64_t until_us; /* 0: no end */
};
/* What one said of one head. */
struct said {
	bool refused; /* the log is not what it signed */
	uint64_t time_s;
	char text[ERROR_TEXT_MAX];
};

static void asking_end(struct asking *x)
{
	if (!x)
		return;
	http_close(x->http);
	policy_destroy(x->p);
	for (int log = 0; log < LOG_COUNT; log++) {
		buf_destroy(x->note[log]);
		buf_destroy(x->own[log]);
		log_close(x->log[log]);
	}
	free(x);
}
SCOPED(asking, asking_end);

/* ---- memory ---- */

static int memory_path(const struct repo *r, char ret[PATH_LEN_MAX], struct error *e)
{
	return path_join(ret, r->folder, FILE_NAME, e);
}

/* "ID FACTS RECORDS FAILED\n" */
static void recall_line(struct asking *x, const char *line)
{
	uint32_t id;
	struct known k;

	if (sscanf(line, "%8" SCNx32 " %20" SCNu64 " %20" SCNu64 " %20" SCNu64, &id, &k.size[0],
		   &k.size[1], &k.failed_ms) != 4)
		return;
	for (size_t i = 0; i < x->p->witness_count; i++)
		if (x->p->witness[i].key.id == id)
			x->known[i] = k;
}

/* It only spares questions: what cannot be read is not known. */
static void recall(struct asking *x)
{
	char path[PATH_LEN_MAX];
	struct error e = { 0 };
	scoped(buf) *b = NULL;
	const char *line;

	if (memory_path(x->r, path, &e) < 0 || file_read(path, MEMORY_BYTES_MAX, &b, &e) < 0 ||
	    strncmp(buf_text(b), FIRST_LINE, sizeof(FIRST_LINE) - 1) != 0)
		return;
	for (line = strchr(buf_text(b), '\n'); line; line = strchr(line + 1, '\n'))
		recall_line(x, line + 1);
}

static void remember(struct asking *x)
{
	char path[PATH_LEN_MAX];
	struct error e = { 0 };
	scoped(buf) *b = NULL;

	if (x->r->read_only || memory_path(x->r, path, &e) < 0 || buf_create(&b, 512, &e) < 0 ||
	    buf_printf(b, &e, FIRST_LINE) < 0)
		return;
	for (size_t i = 0; i < x->p->witness_count; i++)
		if (buf_printf(b, &e, "%08" PRIx32 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			       x->p->witness[i].key.id, x->known[i].size[0], x->known[i].size[1],
			       x->known[i].failed_ms) < 0)
			return;
	(void)!file_write(path, b->data, b->len, 0600, &e);
}

/* ---- one question ---- */

static uint64_t time_left_ms(const struct asking *x)
{
	uint64_t now = sys->monotonic_us(), left;

	if (x->until_us == 0)
		return WITNESS_REQUEST_MS;
	left = x->until_us > now ? (x->until_us - now) / 1000 : 0;
	return left < WITNESS_REQUEST_MS ? left : WITNESS_REQUEST_MS;
}

static int send_head(struct asking *x, const struct policy_witness *w, int log, uint64_t old,
		struct http_answer *ret, struct error *e)
{
	struct tree_path path = { .count = 0 };
	char url[POLICY_URL_MAX + 32];
	scoped(buf) *body = NULL;
	struct http_request q = { .url = url, .type = "text/plain; charset=utf-8",
				  .timeout_ms = time_left_ms(x), .answer_max = ADD_ANSWER_MAX };

	if (q.timeout_ms == 0)
		return error_set(e, E_IO, "no time is left");
	snprintf(url, sizeof(url), "%s/add-checkpoint", w->url);
	if ((old > 0 && old < x->head[log].size &&
	     log_prove_growth(x->log[log], old, x->head[log].size, &path, e) < 0) ||
	    buf_create(&body, 2048, e) < 0 ||
	    add_request_put(body, old, &path, x->own[log]->data, x->own[log]->len, e) < 0)
		return e->code;
	q.body = body->data;
	q.body_len = body->len;
	return http_post(x->http, &q, ret, e);
}

static int take(struct asking *x, const struct policy_witness *w, int log,
		const struct http_answer *a, struct said *ret, struct error *e)
{
	scoped(buf) *joined = NULL;
	scoped(note) *n = NULL;

	if (buf_create(&joined, x->note[log]->len + 512, e) < 0 ||
	    add_answer_take(joined, x->note[log]->data, x->note[log]->len, a->body->data,
			    a->body->len, &w->key, e) < 0 ||
	    note_parse(&n, joined->data, joined->len, e) < 0 ||
	    note_look(n, &w->key, 1, NULL, &ret->time_s, e) < 0)
		return error_wrap(e, "its answer");
	buf_destroy(x->note[log]);
	x->note[log] = give(joined);
	x->gathered[log] = true;
	return 0;
}

static int refused(struct said *ret, uint64_t size, const struct head *h, struct error *e)
{
	ret->refused = true;
	if (size > h->size)
		return error_set(e, E_MISMATCH, "it says that it has signed %" PRIu64 " entries of %s, and here "
				 "are %" PRIu64 ": this repository was put back to an older state, or "
				 "the witness lies", size,
				 h->origin, h->size);
	return error_set(e, E_MISMATCH, "%s does not continue the %" PRIu64 " entries that it says it "
			 "has signed: the log was forked, or the witness lies", h->origin, size);
}

static int other_status(long status, const char *origin, struct error *e)
{
	if (status == 404)
		return error_set(e, E_NOT_FOUND, "it does not know %s: its operator adds a log by its "
				 "origin and vkey", origin);
	if (status == 403)
		return error_set(e, E_DENIED, "it knows %s by another key", origin);
	return error_set(e, E_IO, "its answer to %s was %ld", origin, status);
}

/* Ask from `old` on; *ret_size: what it has instead, when that is not it (E_CONFLICT). */
static int ask_from(struct asking *x, const struct policy_witness *w, int log, uint64_t old,
		    uint64_t *ret_size, struct said *ret, struct error *e)
{
	const struct head *h = &x->head[log];
	struct http_answer a = { 0 };
	scoped(buf) *body = NULL;

	if (send_head(x, w, log, old, &a, e) < 0)
		return e->code;
	body = a.body;
	if (a.status == 200)
		return take(x, w, log, &a, ret, e);
	if (a.status == 422)
		return refused(ret, old, h, e);
	if (a.status != 409)
		return other_status(a.status, h->origin, e);
	if (add_size_parse(ret_size, body->data, body->len, e) < 0)
		return error_wrap(e, "its answer 409");
	if (*ret_size > h->size)
		return refused(ret, *ret_size, h, e);
	return error_set(e, E_CONFLICT, "it is asked by others at the same time");
}

static int ask(struct asking *x, size_t i, int log, struct said *ret, struct error *e)
{
	const struct policy_witness *w = &x->p->witness[i];
	uint64_t old = x->known[i].size[log], size = 0;

	if (old > x->head[log].size)
		old = 0; /* of a repository that was put back: the witness knows */
	if (ask_from(x, w, log, old, &size, ret, e) == E_CONFLICT && size != old) {
		error_clear(e);
		(void)ask_from(x, w, log, size, &size, ret, e);
	}
	if (e->code == 0)
		x->known[i].size[log] = x->head[log].size;
	return e->code;
}

/* ---- all of them ---- */

static int begin(struct asking **ret, struct repo *r, struct error *e)
{
	scoped(asking) *x = calloc(1, sizeof(*x));

	if (!x)
		return error_set(e, E_MEMORY, "witness: out of memory");
	x->r = r;
	if (witness_load(r, &x->p, e) < 0)
		return e->code;
	for (int log = 0; log < LOG_COUNT && x->p->witness_count > 0; log++) {
		struct head *h = &x->head[log];
		scoped(note) *n = NULL;

		if (buf_create(&x->note[log], 512, e) < 0 || buf_create(&x->own[log], 512, e) < 0 ||
		    log_published(r->log_blobs[log], x->note[log], e) < 0 ||
		    repo_head_open(r, log, x->note[log]->data, x->note[log]->len, h, e) < 0 ||
		    note_parse(&n, x->note[log]->data, x->note[log]->len, e) < 0 ||
		    head_put_own(x->own[log], n, e) < 0 ||
		    log_open(&x->log[log], r->log_blobs[log], h->size, &h->root, e) < 0)
			return error_wrap(e, "%s", r->log_key[log].name);
	}
	if (x->p->witness_count > 0 && http_open(&x->http, e) < 0)
		return e->code;
	recall(x);
	*ret = give(x);
	return 0;
}

/* Nothing that went wrong keeps what was gathered from being public. */
static int end(struct asking *x, struct error *e)
{
	remember(x);
	for (int log = 0; log < LOG_COUNT; log++)
		if (x->gathered[log] && !x->r->read_only &&
		    repo_publish_cosigned(x->r, log, x->note[log], e) < 0)
			return error_wrap(e, "cosigned head of %s", x->r->log_key[log].name);
	return 0;
}

static json_t *said_json(const struct asking *x, size_t i, int log, int code,
			 const struct said *s, struct error *e)
{
	json_t *o = json_object_make(e);

	if (!o)
		return NULL;
	json_set_text(o, "witness", x->p->witness[i].name, e);
	json_set_text(o, "log", log_names[log], e);
	json_set_number(o, "size", x->head[log].size, e);
	json_set_bool(o, "cosigned", code == 0, e);
	json_set_time(o, "at", code == 0 ? s->time_s * 1000 : TIME_NONE, e);
	json_set_new(o, "said", json_text_lossy(s->text, strlen(s->text), e), e);
	return o;
}

/* One witness about both logs; those it could not be asked about, for the same reason. */
static int ask_both(struct asking *x, size_t i, json_t *list, int *answer, struct error *e)
{
	struct error why = { 0 };

	for (int log = 0; log < LOG_COUNT; log++) {
		struct said s = { .time_s = 0 };

		if (why.code != E_IO) {
			error_clear(&why);
			(void)ask(x, i, log, &s, &why);
		}
		if (why.code == E_MEMORY)
			return error_set(e, why.code, "%s", why.text);
		snprintf(s.text, sizeof(s.text), "%s", why.text);
		x->known[i].failed_ms = why.code == E_IO ? sys->now_utc_ms() : 0;
		if (s.refused)
			*answer = E_MISMATCH;
		else if (why.code && *answer == 0)
			*answer = E_PARTIAL;
		json_add_new(list, said_json(x, i, log, why.code, &s, e), e);
		if (e->code)
			return e->code;
	}
	return 0;
}

static const char *first_story(const json_t *list)
{
	const json_t *o;
	size_t i;

	json_array_foreach((json_t *)list, i, o)
		if (!json_is_true(json_object_get(o, "cosigned")))
			return json_text_or(o, "said", "");
	return "";
}

int flow_witness_ask(struct repo *r, json_t **ret, struct error *e)
{
	scoped_json *doc = json_object_make(e);
	scoped(asking) *x = NULL;
	json_t *list = json_array_make(e);
	int answer = 0;

	json_set_new(doc, "witnesses", list, e);
	if (e->code || begin(&x, r, e) < 0)
		return e->code;
	if (x->p->witness_count == 0)
		return error_set(e, E_NOT_FOUND, "no witnesses (rescind log witness add URL VKEY)");
	for (size_t i = 0; i < x->p->witness_count; i++)
		if (ask_both(x, i, list, &answer, e) < 0)
			return e->code;
	r->heads_moved = false;
	if (end(x, e) < 0)
		return e->code;
	*ret = give(doc);
	return answer == 0 ? 0 : error_set(e, answer, "%s", first_story(*ret));
}

/* ---- at each published head ---- */

static bool has_cosigned(const struct asking *x, size_t i, int log)
{
	struct error e = { 0 };
	scoped(note) *n = NULL;
	size_t checked = 0;

	return note_parse(&n, x->note[log]->data, x->note[log]->len, &e) == 0 &&
	       note_look(n, &x->p->witness[i].key, 1, &checked, NULL, &e) == 0 && checked > 0;
}

static void gather_from(struct asking *x, size_t i)
{
	const char *name = x->p->witness[i].name;

	for (int log = 0; log < LOG_COUNT; log++) {
		struct said s = { .time_s = 0 };
		struct error why = { 0 };

		if (has_cosigned(x, i, log))
			continue;
		if (ask(x, i, log, &s, &why) == 0) {
			x->known[i].failed_ms = 0;
			continue;
		}
		repo_tell(x->r, "%switness %s: %s", s.refused ? "WARNING: " : "", name, why.text);
		if (s.refused)
			continue; /* said again each time */
		x->known[i].failed_ms = sys->now_utc_ms();
		return;
	}
}

/* Who did not answer is left alone for a while. */
static bool is_resting(const struct known *k, uint64_t now_ms)
{
	return k->failed_ms > 0 && now_ms >= k->failed_ms && now_ms - k->failed_ms < WITNESS_REST_MS;
}

void flow_witness_gather(struct repo *r)
{
	scoped(asking) *x = NULL;
	struct error e = { 0 };

	r->heads_moved = false;
	if (task_check(r->task, &e) < 0)
		return;
	if (begin(&x, r, &e) < 0) {
		repo_tell(r, "witnesses were not asked: %s", e.text);
		return;
	}
	if (x->p->witness_count == 0)
		return;
	x->until_us = sys->monotonic_us() + WITNESS_GATHER_MS * UINT64_C(1000);
	for (size_t i = 0; i < x->p->witness_count; i++)
		if (!is_resting(&x->known[i], sys->now_utc_ms()))
			gather_from(x, i);
	if (end(x, &e) < 0)
		repo_tell(r, "%s", e.text);
}
