/*
 * torture_files: what the story of the torture test begins with, on the disk in memory: photos and what is
 * said of them. For flow/torture_test.c.
 */
#ifndef FLOW_TORTURE_FILES_H
#define FLOW_TORTURE_FILES_H

#include "repo/repo.h"

enum { TORTURE_PHOTOS = 6 };
/* The bytes of the first. */
extern unsigned char torture_photo[2048];
extern size_t torture_photo_len;

void torture_files(void);
/* The catalog as it is, kept; then that and no log: what came since is lost. */
void torture_keep(void);
void torture_lose(void);
/* Of checkpoint x; here, since flow/uses.h and flow/exact.h cannot be read by one file. */
must_use int torture_deploy(struct repo *r, json_t **ret, struct error *e);
must_use int torture_undeploy(struct repo *r, json_t **ret, struct error *e);

#endif
