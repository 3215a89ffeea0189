/*
 * testing: a whole small repository for tests: changes of every kind without the verbs, stores
 * saved and put back, everything that the catalog knows as text. Calls fail the running test.
 */
#ifndef REPO_TESTING_H
#define REPO_TESTING_H

#include "repo/change.h"
#include "repo/things.h"

struct trial {
	char folder[PATH_LEN_MAX], keys[PATH_LEN_MAX], mirror[PATH_LEN_MAX];
	struct repo *r;
	struct buf *told;
	struct error e;
};
extern struct trial trial;

void trial_init(bool mirrored); /* in a fresh test_folder(), and opened */
void trial_at(const char *folder); /* one that is there; not opened */
void trial_open(void);
int trial_try_open(bool rebuild); /* its code; trial.e has the story */
void trial_close(void);
bool trial_told(const char *part);

/* Each is one change. */
uint64_t trial_source(const char *name);
uint64_t trial_records(const char *source, unsigned count, const char *subject); /* first */
void trial_copy(uint64_t pos, const char *path);
uint64_t trial_dataset(const char *name, const char *positions); /* its fact */
uint64_t trial_model(const char *name, uint64_t dataset, const char *content);
uint64_t trial_order(const char *positions); /* its fact; opened, planned, approved */
void trial_destroy_keys(uint64_t order, uint64_t model); /* never list, keyring; model 0: none */
void trial_note(uint64_t order, uint64_t model); /* the step fact, places cleared, certified */
void trial_change(void); /* a bit of each, in one change */

/* "catalog", "log", "vault", "all" (.rescind), "keys", "anchor", "keyring", "mirror"; a copy beside. */
void trial_save(const char *what);
void trial_put_back(const char *what);
void trial_remove(const char *what);
void trial_aside(const char *what); /* moved away, and in place of what is there again */
void trial_from_aside(const char *what);

/* Everything of the catalog but heads, and without where objects lie. Lent until two calls on. */
const char *trial_dump(void);
/* What must hold of any open repository; and no size of a log has ever had two roots. */
void trial_check_whole(void);
void trial_note_heads(void); /* also while it is closed */
void trial_note_public(void); /* those that are public alone */
void trial_forget_heads(void);
const void *trial_noted(size_t *ret_len); /* the heads; lent */
uint64_t trial_facts(void);

/* Runs this program again with RESCIND_FAULT=fault:n and these words; true when it was killed. */
bool trial_killed(const char *fault, unsigned n, const char *action, const char *folder);

#define ok(call)							\
	do {								\
		trial.e.code = 0;					\
		if ((call) != 0 || trial.e.code != 0)			\
			fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, #call, trial.e.text); \
	} while (0)

#endif
