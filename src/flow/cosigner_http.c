/* The witness' HTTP, by libmicrohttpd, which this file alone includes. One thread: what is checked
 * against the last head and what is kept of it are never two requests' at once. */
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "flow/cosigner_inside.h"
#include "wire/add_checkpoint.h"

enum { CONNECTIONS_MAX = 256, CONNECTIONS_OF_ONE = 64, IDLE_S = 10, STEP_MS = 100 };

struct request {
	struct buf *body;
	bool over;
};

static void request_end(struct request *q)
{
	buf_destroy(q->body);
	free(q);
}

/* ---- one request ---- */

static enum MHD_Result send_back(struct MHD_Connection *conn, unsigned status, const char *type,
			    const struct buf *body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		body ? body->len : 0, body ? body->data : NULL, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done;

	if (!r)
		return MHD_NO;
	if (type)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	done = MHD_queue_response(conn, status, r);
	MHD_destroy_response(r);
	return done;
}

/* "/HEX/checkpoint" */
static bool takes_checkpoint(const char *url, char ret[HASH_HEX_MAX])
{
	if (url[0] != '/' || strlen(url) != HASH_HEX_MAX + strlen("/checkpoint") ||
	    strcmp(url + HASH_HEX_MAX, "/checkpoint") != 0)
		return false;
	memcpy(ret, url + 1, HASH_HEX_MAX - 1);
	ret[HASH_HEX_MAX - 1] = 0;
	return strspn(ret, "0123456789abcdef") == HASH_HEX_MAX - 1;
}

static enum MHD_Result respond(struct cosigner *c, struct MHD_Connection *conn, const char *url,
			       bool post, const struct request *q)
{
	struct cosigner_answer a = { 0 };
	char hex[HASH_HEX_MAX];
	struct error e = { 0 };
	enum MHD_Result done;
	int code = 0;

	if (q->over)
		return send_back(conn, 413, NULL, NULL);
	if (post && strcmp(url, "/add-checkpoint") == 0)
		code = cosigner_add_checkpoint(c, q->body->data, q->body->len, &a, &e);
	else if (!post && takes_checkpoint(url, hex))
		code = cosigner_checkpoint(c, hex, &a, &e);
	else
		return send_back(conn, 404, NULL, NULL);
	done = code < 0 ? send_back(conn, 503, NULL, NULL) : send_back(conn, a.status, a.type, a.body);
	buf_destroy(a.body);
	return done;
}

static void take(struct request *q, const char *bytes, size_t len)
{
	struct error e = { 0 };

	if (q->over || len > ADD_REQUEST_MAX - q->body->len ||
	    buf_put(q->body, bytes, len, &e) < 0)
		q->over = true; /* the rest is read and dropped */
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *conn, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	bool post = strcmp(method, "POST") == 0;
	struct request *q = *state;
	struct error e = { 0 };

	(void)version;
	if (!q) {
		q = calloc(1, sizeof(*q));
		if (!q || buf_create(&q->body, 1024, &e) < 0) {
			free(q);
			return MHD_NO;
		}
		*state = q;
		return MHD_YES;
	}
	if (*upload_len > 0) {
		take(q, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	if (!post && strcmp(method, "GET") != 0)
		return send_back(conn, 405, NULL, NULL);
	return respond(ctx, conn, url, post, q);
}

static void completed(void *ctx, struct MHD_Connection *conn, void **state,
		      enum MHD_RequestTerminationCode why)
{
	(void)ctx;
	(void)conn;
	(void)why;
	if (*state)
		request_end(*state);
	*state = NULL;
}

/* ---- the address ---- */

static int split(const char *listen, char host[256], char port[8], struct error *e)
{
	const char *colon = strrchr(listen, ':');
	size_t len = colon ? (size_t)(colon - listen) : 0;
	uint64_t number;

	if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']') {
		listen++;
		len -= 2;
	}
	if (!colon || len == 0 || len > 255 ||
	    number_parse(&number, colon + 1, strlen(colon + 1), e) < 0 || number > 65535)
		return error_set(e, E_USAGE, "listen on ADDRESS:PORT, in numbers");
	memcpy(host, listen, len);
	host[len] = 0;
	snprintf(port, 8, "%u", (unsigned)number);
	return 0;
}

static int resolve(const char *listen, struct addrinfo **ret, struct error *e)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM };
	char host[256], port[8];

	if (split(listen, host, port, e) < 0)
		return e->code;
	return getaddrinfo(host, port, &hints, ret) == 0 ?
		       0 : error_set(e, E_USAGE, "listen on ADDRESS:PORT, in numbers");
}

/* Where it listens, with the port that it got. */
static void say_address(struct MHD_Daemon *d, void (*ready)(void *ctx, const char *address),
			void *ctx)
{
	const union MHD_DaemonInfo *fd = MHD_get_daemon_info(d, MHD_DAEMON_INFO_LISTEN_FD);
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);
	char host[64], port[8], text[96];

	if (!fd || getsockname(fd->listen_fd, (struct sockaddr *)&at, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&at, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(text, sizeof(text), at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	ready(ctx, text);
}

/* ---- serving ---- */

/* The folder is one process' alone. */
static int lock_state(const struct cosigner *c, int *ret_fd, struct error *e)
{
	char path[PATH_LEN_MAX];
	int fd;

	if (path_join(path, c->folder, "lock", e) < 0)
		return e->code;
	fd = file_open(path, O_RDWR | O_CREAT, 0600, NULL, e);
	if (fd < 0)
		return fd;
	if (sys->lock(fd, F_WRLCK, 0, 1) != 0) {
		sys->close(fd);
		return error_set(e, E_CONFLICT, "%s: another process serves this witness", c->folder);
	}
	*ret_fd = fd;
	return 0;
}

static struct MHD_Daemon *start(struct cosigner *c, const struct addrinfo *at)
{
	unsigned flags = at->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0;

	return MHD_start_daemon(flags, 0, NULL, NULL, handle, c,
				MHD_OPTION_SOCK_ADDR, at->ai_addr,
				MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
				MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_OF_ONE,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
				MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
}

/* Until the task stops. */
static int run(struct MHD_Daemon *d, struct task *t, struct error *e)
{
	while (task_check(t, e) == 0)
		if (MHD_run_wait(d, STEP_MS) != MHD_YES)
			return error_set(e, E_IO, "the HTTP server failed");
	if (e->code != E_CANCELLED)
		return e->code;
	error_clear(e);
	return 0;
}

int cosigner_serve(struct cosigner *c, const char *listen, struct task *t,
		   void (*ready)(void *ctx, const char *address), void *ctx, struct error *e)
{
	struct addrinfo *at = NULL;
	struct MHD_Daemon *d;
	int fd = -1;

	if (resolve(listen, &at, e) < 0)
		return e->code;
	if (lock_state(c, &fd, e) < 0) {
		freeaddrinfo(at);
		return e->code;
	}
	d = start(c, at);
	if (!d)
		(void)error_set(e, E_IO, "cannot listen on %s", listen);
	freeaddrinfo(at);
	if (d) {
		say_address(d, ready, ctx);
		(void)run(d, t, e);
		MHD_stop_daemon(d);
	}
	sys->close(fd);
	return e->code;
}
