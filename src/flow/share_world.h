/*
 * share_world: a world of three records that may be shared, for the tests of flow/share*.c.
 */
#ifndef FLOW_SHARE_WORLD_H
#define FLOW_SHARE_WORLD_H

#include "base/file.h"
#include "flow/share.h"
#include "flow/world.h"

#define TRAIN_USE "train:IdentityVerification"
#define SHARE_USE "share:IdentityVerification"

extern struct error e; /* of the test that runs */
#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

/* album/a.jpg, album/b.jpg and c, with nobody in them, in a dataset "d" made for training. */
struct world *some_data(void);
/* A file to share under. */
const char *agreed(void);
/* Beside the folder of files; lent until the fourth call from here. */
const char *out_path(const char *name);
bool is_there(const char *folder, const char *name);
struct buf *content_of(const char *folder, const char *name);
bool has_line(const char *folder, const char *name, const char *part);

/* For SHARE_USE; of "d" unless said. */
int share_of(const char *dataset, const char *to, const char *folder, json_t **ret);
int share(const char *to, const char *folder, json_t **ret);
void shared(const char *to, const char *folder);
int export(const char *format, const char *folder, json_t **ret);
uint64_t copies(void); /* that are noted */

#endif
