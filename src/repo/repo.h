/*
 * repo: the four stores as one. Opening repairs what a kill left, notices what was rolled back,
 * and marks as erased whatever the keyring no longer opens; changing is repo/change.h. One
 * writer at a time holds the lock; readers go on beside it.
 *
 *   FOLDER/.rescind/format          "rescind 1\n", origin, path of the keys directory and mirror
 *   FOLDER/.rescind/lock            locked by the writer; says who (pid)
 *   FOLDER/.rescind/catalog.db      catalog/; catalog.new: another that is being made; catalog.damaged:
 *                                   a command met damage in it, and the next one makes it again
 *   FOLDER/.rescind/log/facts|records/   log/: tiles, heads, vkey, vkey-mldsa
 *   FOLDER/.rescind/vault/          vault/: packs
 *   KEYS/                           keyring/, log.key, roles/NAME.key, tags.key, never.key,
 *                                   never/N, anchor
 */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include "base/task.h"
#include "catalog/catalog.h"
#include "log/log.h"
#include "vault/keyring.h"
#include "vault/vault.h"
#include "wire/fields.h"
#include "wire/json.h"
#include "wire/note.h"

enum { LOG_FACTS = 0, LOG_RECORDS = 1, LOG_COUNT = 2 };
enum { KEY_ID_MAX = 17 };

struct head_state {
	uint64_t size;
	struct hash root;
};

/* What the keys directory remembers of the repository. */
struct anchor {
	struct head_state head[LOG_COUNT];
	uint64_t changes; /* committed in the catalog, also those that left no fact */
	uint64_t epoch;	  /* of the keyring; 0: an older program did not say */
	uint64_t log;	  /* which in the row of logs that follow each other it is of; 1: the first */
};

/* Visible to repo/ and flow/, which are lent its parts. */
struct repo {
	char folder[PATH_LEN_MAX]; /* .../.rescind */
	char origin[NOTE_NAME_MAX + 1];
	struct keydir keys;
	struct keyring *keyring;
	struct catalog *catalog;
	struct blobs *vault_blobs;
	struct vault *vault;
	struct blobs *log_blobs[LOG_COUNT];
	struct note_key log_key[LOG_COUNT];
	struct note_key log_mldsa[LOG_COUNT]; /* type 0: libcrypto has no ML-DSA-44 */
	uint8_t tag_key[32], never_key[32];
	struct anchor anchored;
	uint64_t catalog_file; /* which file the catalog was opened from */
	bool solo;
	bool read_only;	   /* rolled back: see warning */
	bool unsettled;	   /* a change failed on its way: repair before the next one */
	bool successor;	   /* a log that is being made beside the one that lost its end: successor.h */
	int lock_fd;	   /* -1 unless we are the writer */
	char role[101];	   /* --as */
	uint64_t at_utc_ms; /* --at, for decisions and reports; else now at open */
	struct task *task; /* may be NULL */
	/* Stories that are no failure: repaired, rolled back, waiting. May be NULL. */
	void (*tell)(void *ctx, const char *line);
	void *tell_ctx;
	bool heads_moved; /* published anew, and not shown to witnesses yet */
	/* Shows the heads to witnesses (flow/witness.h): when the repository is closed after they
	 * moved, and before a certificate is made of them. NULL: nobody is asked. */
	void (*witness)(struct repo *r);
};

struct repo_options {
	const char *folder;   /* that holds .rescind; NULL: the nearest upwards from "." */
	const char *role;     /* NULL: operator */
	uint64_t at_utc_ms;   /* TIME_NONE: now */
	bool rebuild;	      /* make the catalog again from log and vault first */
	struct task *task;
	void (*tell)(void *ctx, const char *line);
	void *tell_ctx;
};

struct repo_new {
	const char *folder;	/* "." */
	const char *origin;	/* NULL: made up: rescind-<8 hex> */
	const char *keys;	/* NULL: $XDG_DATA_HOME/rescind/ORIGIN (or ~/.local/share) */
	const char *mirror;	/* NULL: none */
	bool solo;
};
/* Errors: E_CONFLICT, one is there already. Also enrols the role "operator". */
must_use int repo_init(const struct repo_new *n, struct error *e);

/* Errors: E_NOT_FOUND, no repository; E_FORMAT, a newer or broken one. */
must_use int repo_open(struct repo **ret, const struct repo_options *o, struct error *e);
void repo_close(struct repo *r); /* NULL is fine */
SCOPED(repo, repo_close);

/* Take the lock (waiting up to 10 s and saying so), then repair: recover the keyring, forget
 * what was not committed, publish what was. E_CONFLICT names the other writer; E_MISMATCH: the
 * repository is older than its anchor, and may not be written. Called by change_begin. */
must_use int repo_lock(struct repo *r, struct error *e);
void repo_unlock(struct repo *r);
/* For who writes the catalog without change.h, under the lock: in its transaction, count one more
 * change; after its commit, and before it takes anything away, let the anchor know. */
must_use int repo_count_change(struct repo *r, struct error *e);
must_use int repo_settle(struct repo *r, struct error *e);

void repo_tell(struct repo *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The note, which has more signatures of the very text that is public, in its place. Nothing is
 * done when another head is public by now, or another writer is at work. */
must_use int repo_publish_cosigned(struct repo *r, int log, const struct buf *note,
				   struct error *e);
/* The vkey text of a log, and of its ML-DSA-44 key ("" where libcrypto has none). Lent by the arena. */
const char *repo_vkey(struct repo *r, int log, struct arena *a, struct error *e);
const char *repo_vkey_mldsa(struct repo *r, int log, struct arena *a, struct error *e);

/* Keyed tags: HMAC-SHA-256 over kind and value, cut to 16 bytes. */
void repo_tag(const struct repo *r, struct tag *ret, uint8_t kind, const void *value, size_t len);
/* For TAG_PLACE: where path of the folder origin lies, whatever folder it was looked for from. One that
 * was handed over in place is another than the same one only read. */
void repo_place_tag(const struct repo *r, struct tag *ret, const struct hash *content,
		    const char *source, const char *origin, const char *path, bool in_place);

/* Of a card, or of a copy: the absolute folder that the file was found in ("" where none is said), and
 * whether it was handed over there. */
must_use int card_folder(const struct fields *where, char ret[PATH_LEN_MAX], bool *ret_in_place,
			 struct error *e);

/* The fact's entry, parsed; and its private part (E_NOT_FOUND: "key was destroyed"). */
must_use int repo_fact(struct repo *r, uint64_t n, json_t **ret_entry, struct error *e);
must_use int repo_private(struct repo *r, uint64_t n, struct fields **ret, struct error *e);
/* A record's card, of a record that is not erased; checked against its commitment in the log
 * when `check` is set. */
must_use int repo_card(struct repo *r, const struct catalog_record *rec, bool check,
		       struct fields **ret, struct error *e);
/* Each field `subject` and `attr` of a record: of its card, then of its copies. What several say comes
 * as often. f is lent for the call. */
must_use int repo_said(struct repo *r, uint64_t pos, const struct fields *card,
		       int (*each)(void *ctx, const struct field *f, struct error *e), void *ctx,
		       struct error *e);
must_use int repo_bytes(struct repo *r, const struct catalog_record *rec, struct buf *out,
			struct error *e);
/* A head of ours: signed by the log's key, and a second line that does not hold refuses it. Errors: as of
 * head_open. */
must_use int repo_head_open(struct repo *r, int log, const void *note, size_t note_len,
			    struct head *ret, struct error *e);
/* A handle on a log at its published size. */
must_use int repo_log(struct repo *r, int log, struct log **ret, struct error *e);
/* Tiles of the public head that are missing or wrong, written anew from its entries, and bundles from
 * the catalog's. "repaired: ..." for each; anything else that is wrong is a line too, and counted.
 * Needs the lock. Errors: the public head is none; what keeps it from looking. */
must_use int repo_log_mend(struct repo *r, int log, void (*tell)(void *ctx, const char *line),
			   void *ctx, uint64_t *ret_problems, struct error *e);
/* Is the catalog what log and vault say? Another is made of them beside it, and each row that is not the
 * same in both is a line. If there is any, the one that was made takes its place. Not where log or vault
 * cannot be read in full: then nothing is compared. Needs the lock, and no walk under way. */
enum catalog_is { CATALOG_SAME, CATALOG_MADE_AGAIN, CATALOG_UNKNOWN };
must_use int repo_catalog_compare(struct repo *r, void (*tell)(void *ctx, const char *line), void *ctx,
				  enum catalog_is *ret, struct error *e);
/* Made again whatever rows it has, for one that is damaged: CATALOG_MADE_AGAIN or CATALOG_UNKNOWN. */
must_use int repo_catalog_again(struct repo *r, enum catalog_is *ret, struct error *e);
/* Size and root of a log as committed in the catalog (published or about to be). */
must_use int repo_state(struct repo *r, int log, struct head_state *ret, struct error *e);

/* The role's key. E_NOT_FOUND: not enrolled, or its key file is not in the keys directory. */
must_use int repo_role_seed(struct repo *r, const char *role, uint8_t ret_seed[SIGN_SEED_LEN],
			    char ret_id[KEY_ID_MAX], struct error *e);
/* A fresh key for a role, in the keys directory; a fact enrols it. E_CONFLICT when there is one;
 * E_USAGE, no name for a role. */
must_use int repo_role_make(struct repo *r, const char *role, uint8_t ret_public[SIGN_PUBLIC_LEN],
			    struct error *e);
/* The key that signs both heads and statements; and that of their second line, which is made of it. Wipe
 * them. */
must_use int repo_log_seed(struct repo *r, uint8_t ret_seed[SIGN_SEED_LEN], struct error *e);
must_use int repo_mldsa_seed(struct repo *r, uint8_t ret_seed[MLDSA_SEED_LEN], struct error *e);
/* Another key in place of a role's; the old one is gone from the keys directory. */
must_use int repo_role_replace(struct repo *r, const char *role,
			       const uint8_t seed[SIGN_SEED_LEN], struct error *e);
void repo_key_id(char ret_id[KEY_ID_MAX], const uint8_t public_key[SIGN_PUBLIC_LEN]);

#endif
