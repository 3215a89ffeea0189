/*
 * cosigner: a witness of our own, for the logs of others (C2SP tlog-witness). It needs no
 * repository; it remembers one head for each log that it knows and signs only what continues it.
 *
 *   DIR/key          "rescind cosigner 1\n", name, seeds of Ed25519 and ML-DSA-44 in hex; 0600
 *   DIR/logs/HEX     the origin, then vkeys of the log, a line each; HEX is the origin's SHA-256
 *   DIR/heads/HEX    the head signed last, with the log's signatures and ours
 *   DIR/lock         held by who serves
 *
 * Everything is read from disk for each request, and a head is durable there before its
 * cosignature leaves; so a log can be added while it serves, and a kill loses nothing. What cannot
 * be read is never taken for nothing: then no head is signed.
 */
#ifndef FLOW_COSIGNER_H
#define FLOW_COSIGNER_H

#include "base/file.h"
#include "base/task.h"
#include "wire/json.h"
#include "wire/note.h"

enum { COSIGNER_KEYS_MAX = 2, COSIGNER_LOG_KEYS_MAX = 16 };
struct cosigner {
	char folder[PATH_LEN_MAX];
	size_t key_count; /* Ed25519, and ML-DSA-44 where libcrypto has it */
	struct note_key key[COSIGNER_KEYS_MAX];
	uint8_t seed[COSIGNER_KEYS_MAX][SIGN_SEED_LEN];
};
/* A fresh key in a fresh or empty folder. Errors: E_CONFLICT, there is one; E_USAGE, no name. */
must_use int cosigner_make(const char *folder, const char *name, struct error *e);
/* Errors: E_NOT_FOUND, E_FORMAT. */
must_use int cosigner_open(struct cosigner **ret, const char *folder, struct error *e);
void cosigner_close(struct cosigner *c); /* NULL is fine */
SCOPED(cosigner, cosigner_close);
/* {"name","vkeys":[..]} */
must_use int cosigner_json(const struct cosigner *c, json_t **ret, struct error *e);

/* Know a log by its origin and this key, beside keys it is known by. Errors: E_USAGE, no origin or
 * vkey of a log; E_CONFLICT, known already; E_RANGE. */
must_use int cosigner_add_log(struct cosigner *c, const char *origin, const char *vkey,
			      struct error *e);
/* [{"origin","vkeys":[..],"size"}], size null when none was signed. */
must_use int cosigner_logs(struct cosigner *c, json_t **ret, struct error *e);

struct cosigner_answer {
	unsigned status;
	const char *type; /* static */
	struct buf *body; /* owned by who holds it */
};
/* The body of a POST to add-checkpoint. 0 with an answer whatever is wrong with the request, or
 * with the state (500). Errors: E_MEMORY. */
must_use int cosigner_add_checkpoint(struct cosigner *c, const void *body, size_t len_bytes,
				     struct cosigner_answer *ret, struct error *e);
/* GET HEX/checkpoint. */
must_use int cosigner_checkpoint(struct cosigner *c, const char *origin_hex,
				 struct cosigner_answer *ret, struct error *e);

/* cosigner_http.c: answer on ADDR:PORT (numbers; [..] around IPv6; port 0: any) until t stops.
 * ready is told the address that it listens on. Errors: E_CONFLICT, another serves this folder;
 * E_USAGE, no address; E_IO, it cannot be listened on. */
must_use int cosigner_serve(struct cosigner *c, const char *listen, struct task *t,
			    void (*ready)(void *ctx, const char *address), void *ctx,
			    struct error *e);

#endif
