/*
 * disk_node: the files and folders of the disk in memory (disk.h), as they are read now and as
 * they would be found after a power cut. For disk.c alone; nodes are freed with the disk.
 */
#ifndef BASE_DISK_NODE_H
#define BASE_DISK_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/disk.h"

struct node;
struct entry {
	char *name;
	struct node *node;
};

/* Something done to a node that is not durable yet. */
struct pending {
	/* of a file: bytes at; bytes NULL: its length becomes at */
	uint8_t *bytes;
	size_t at, len;
	bool spoiled; /* never to be durable */
	/* of a folder: the name `gone` goes and `come` is the node's; either may be NULL */
	char *gone, *come;
	struct node *node;
};

struct node {
	uint64_t number;
	unsigned device, links, opened;
	mode_t mode;
	struct node *parent; /* of a folder; and the last one of a file */
	char *called;	     /* there */
	uint8_t *bytes, *safe;
	size_t len, cap, safe_len, safe_cap;
	struct entry *entries, *safe_entries;
	size_t entry_count, safe_entry_count;
	struct pending *pending;
	size_t pending_count, pending_cap;
	bool apart;   /* what is read may be other than what is durable */
	bool spoiled; /* and stays so, whatever is synced */
	bool marked;  /* mark is that of the bytes */
	uint64_t mark[2], paths[2];
};

void node_begin(void);
void node_end(void);

/* NULL with errno when there is none. */
struct node *node_at(const char *path);
/* The folder that the path's last name lies in, and that name. */
struct node *node_parent(const char *path, char ret_last[256]);
struct node *node_in(const struct node *folder, const char *name);
const char *node_path(const struct node *n); /* lent until the next call */

struct node *node_make(struct node *folder, const char *name, mode_t mode);
/* In folder `from` the name gone goes (NULL: none does), in folder `to` the name come is n's. In one
 * folder both happen or neither; in two, each by itself. */
void node_name(struct node *from, const char *gone, struct node *to, const char *come,
	       struct node *n);
size_t node_read(const struct node *n, void *p, size_t len, size_t at);
void node_write(struct node *n, const void *p, size_t len, size_t at);
void node_truncate(struct node *n, size_t len);

void node_sync(struct node *n);
void node_sync_device(unsigned device);
void node_spoil(struct node *n); /* a sync failed: what a file's writes left is lost */
void node_spoil_device(unsigned device);
void node_settle(void);
void node_cut(enum disk_loss how, uint64_t luck);

/* --- disk_luck.c: for the table of calls --- */
void luck_begin(void);
int luck_random(void *p, size_t len);
uint64_t luck_now_utc_ms(void);
uint64_t luck_monotonic_us(void);
void luck_sleep_us(uint64_t us);

#endif
