/*
 * world: a repository in a test's folder, for the tests of this folder alone. Sources, terms and
 * grants are said as facts, without the verbs. Everything fails the running test.
 */
#ifndef FLOW_WORLD_H
#define FLOW_WORLD_H

#include "flow/ingest.h"
#include "repo/things.h"

struct world {
	struct repo *r;
	const char *files; /* a folder for what is ingested */
	struct task task;
	struct buf *told;  /* each line ended by '\n' */
	struct error e;
	json_t *doc; /* of the last ingest; owned */
	int code;
};

/* One world at a time. */
struct world *world_open(void);
struct world *world_now(void);
void world_close(void);

/* kind "upload", people, uses allowed; CC0-1.0; valid always. */
void world_source(const char *name, const char *people, const char *allow);
/* Number of the fact. */
uint64_t world_grant(const char *subject, const char *source, const char *uses);
uint64_t world_transfer(const char *source, const char *uses, const char *notified);
/* Content NULL: no bytes. */
void world_file(const char *name, const char *content);
void world_bytes(const char *name, const void *bytes, size_t len_bytes);
/* A whole JPEG; seed makes its pixels. */
void world_photo(const char *name, unsigned width, unsigned height, unsigned seed);
/* A file elsewhere, for a CSV; its path is lent until the next call. */
const char *world_beside(const char *content);
/* Absolute; lent until the next two calls. */
const char *world_path(const char *name);

/* Ingest the folder of files (or path, below it) from this source; code and doc are kept. */
int world_ingest(const char *source, const char *path);
int world_ingest_words(const struct ingest_words *w);
uint64_t world_number(const char *member); /* of doc */
uint64_t world_reason(const char *code);   /* count in doc's reasons, 0 */
bool world_told(const char *part);
uint64_t world_facts(void);
uint64_t world_records(void);
struct catalog_record world_record(uint64_t pos);
/* An order against what selector chooses, planned and approved; its id, lent until the fourth one after. taken_back:
 * and certified. */
const char *world_order(const char *selector);
const char *world_taken_back(const char *selector);
/* As an operator may: a statement signed again by this log's key. The caller's. */
struct buf *world_signed(const json_t *statement);
/* The card's field as text; NULL: none. Lent until the next call. */
const char *world_field(uint64_t pos, const char *name);

/* main of a test program whose repository starts itself as decoder. */
int world_main(const char *area, int argc, char **argv);
#define WORLD_MAIN(area)						\
	int main(int argc, char **argv)					\
	{								\
		return world_main(area, argc, argv);			\
	}

#endif
