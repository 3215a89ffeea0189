#include "base/disk_node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, NODES_MAX = 20000, NAME_LEN_MAX = 255, PATH_SHOWN = 4096 };

static struct {
	struct node *all[NODES_MAX]; /* the first one is "/" */
	size_t count;
	unsigned devices;
	uint64_t luck;
} nodes;

static void *grown(void *p, size_t bytes)
{
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		abort();
	return p;
}

static char *copied(const char *text)
{
	size_t len = strlen(text) + 1;

	return memcpy(grown(NULL, len), text, len);
}

static struct node *fresh(mode_t mode)
{
	struct node *n = grown(NULL, sizeof(*n));

	if (nodes.count == NODES_MAX)
		abort();
	memset(n, 0, sizeof(*n));
	n->number = nodes.count + 1;
	n->mode = mode;
	nodes.all[nodes.count++] = n;
	return n;
}

static void forget_pending(struct node *n)
{
	for (size_t i = 0; i < n->pending_count; i++) {
		free(n->pending[i].bytes);
		free(n->pending[i].gone);
		free(n->pending[i].come);
	}
	n->pending_count = 0;
}

static void forget_entries(struct entry *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].name);
	free(list);
}

void node_begin(void)
{
	memset(&nodes, 0, sizeof(nodes));
	fresh(S_IFDIR | 0755)->links = 2;
}

void node_end(void)
{
	for (size_t i = 0; i < nodes.count; i++) {
		struct node *n = nodes.all[i];

		forget_pending(n);
		forget_entries(n->entries, n->entry_count);
		forget_entries(n->safe_entries, n->safe_entry_count);
		free(n->pending);
		free(n->called);
		free(n->bytes);
		free(n->safe);
		free(n);
	}
	nodes.count = 0;
}

/* --- names --- */

static struct entry *entry_of(struct entry *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

struct node *node_in(const struct node *folder, const char *name)
{
	struct entry *x = entry_of(folder->entries, folder->entry_count, name);

	return x ? x->node : NULL;
}

/* One name further: NULL with errno. */
static struct node *step(struct node *n, const char *name)
{
	struct node *next;

	if (!S_ISDIR(n->mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	if (strcmp(name, ".") == 0)
		return n;
	if (strcmp(name, "..") == 0)
		return n->parent ? n->parent : n;
	next = node_in(n, name);
	if (!next)
		errno = ENOENT;
	return next;
}

/* The next name of a path in ret; where to go on, or NULL at the end. */
static const char *next_name(const char *path, char ret[NAME_LEN_MAX + 1])
{
	size_t len;

	while (*path == '/')
		path++;
	len = strcspn(path, "/");
	if (len == 0 || len > NAME_LEN_MAX)
		return NULL;
	memcpy(ret, path, len);
	ret[len] = 0;
	return path + len;
}

struct node *node_at(const char *path)
{
	struct node *n = nodes.all[0];
	char name[NAME_LEN_MAX + 1];

	while (n && (path = next_name(path, name)) != NULL)
		n = step(n, name);
	return n;
}

struct node *node_parent(const char *path, char ret_last[256])
{
	struct node *n = nodes.all[0];
	char name[NAME_LEN_MAX + 1], more[NAME_LEN_MAX + 1];

	path = next_name(path, name);
	if (!path) {
		errno = EINVAL;
		return NULL;
	}
	while (n && next_name(path, more)) {
		n = step(n, name);
		path = next_name(path, name);
	}
	memcpy(ret_last, name, sizeof(name));
	if (n && !S_ISDIR(n->mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	return n;
}

const char *node_path(const struct node *n)
{
	static char text[2][PATH_SHOWN];
	static unsigned turn;
	size_t at = PATH_SHOWN - 1;
	char *out = text[turn++ % 2];

	out[at] = 0;
	for (; n->parent && strlen(n->called) + 1 < at; n = n->parent) {
		at -= strlen(n->called);
		memcpy(out + at, n->called, strlen(n->called));
		out[--at] = '/';
	}
	if (!out[at])
		out[--at] = '/';
	return out + at;
}

static void put_entry(struct entry **list, size_t *count, const char *name, struct node *n)
{
	struct entry *x = entry_of(*list, *count, name);

	if (!x) {
		*list = grown(*list, (*count + 1) * sizeof(**list));
		x = &(*list)[(*count)++];
		x->name = copied(name);
	}
	x->node = n;
}

static void drop_entry(struct entry *list, size_t *count, const char *name)
{
	struct entry *x = entry_of(list, *count, name);

	if (!x)
		return;
	free(x->name);
	*x = list[--*count];
}

static struct pending *pend(struct node *n)
{
	if (n->pending_count == n->pending_cap) {
		n->pending_cap = n->pending_cap * 2 + 8;
		n->pending = grown(n->pending, n->pending_cap * sizeof(*n->pending));
	}
	memset(&n->pending[n->pending_count], 0, sizeof(*n->pending));
	n->apart = true;
	n->marked = false;
	return &n->pending[n->pending_count++];
}

static void pend_name(struct node *folder, const char *gone, const char *come, struct node *n)
{
	struct pending *p = pend(folder);

	p->gone = gone ? copied(gone) : NULL;
	p->come = come ? copied(come) : NULL;
	p->node = n;
}

void node_name(struct node *from, const char *gone, struct node *to, const char *come,
	       struct node *n)
{
	struct node *there = come ? node_in(to, come) : NULL, *leaves = gone ? node_in(from, gone) : NULL;

	if (there == n && n)
		return; /* a rename onto another name of the same file does nothing */
	if (there)
		there->links--;
	if (leaves)
		leaves->links--;
	if (gone)
		drop_entry(from->entries, &from->entry_count, gone);
	if (come) {
		put_entry(&to->entries, &to->entry_count, come, n);
		n->links++;
		n->parent = to;
		free(n->called);
		n->called = copied(come);
	}
	if (from == to) {
		pend_name(from, gone, come, n);
		return;
	}
	if (gone)
		pend_name(from, gone, NULL, NULL);
	if (come)
		pend_name(to, NULL, come, n);
}

struct node *node_make(struct node *folder, const char *name, mode_t mode)
{
	struct node *n = fresh(mode);

	n->device = folder->parent ? folder->device : S_ISDIR(mode) ? ++nodes.devices : 0;
	node_name(folder, NULL, folder, name, n);
	return n;
}

/* --- bytes --- */

static void set_len(uint8_t **bytes, size_t *len, size_t *cap, size_t to)
{
	if (to > *cap) {
		*cap = to + to / 2 + SECTOR;
		*bytes = grown(*bytes, *cap);
	}
	if (to > *len)
		memset(*bytes + *len, 0, to - *len);
	*len = to;
}

size_t node_read(const struct node *n, void *p, size_t len, size_t at)
{
	if (at >= n->len)
		return 0;
	len = len < n->len - at ? len : n->len - at;
	memcpy(p, n->bytes + at, len);
	return len;
}

void node_write(struct node *n, const void *p, size_t len, size_t at)
{
	struct pending *w;

	if (len == 0)
		return;
	if (at + len > n->len)
		set_len(&n->bytes, &n->len, &n->cap, at + len);
	memcpy(n->bytes + at, p, len);
	w = pend(n);
	w->bytes = memcpy(grown(NULL, len), p, len);
	w->at = at;
	w->len = len;
}

void node_truncate(struct node *n, size_t len)
{
	set_len(&n->bytes, &n->len, &n->cap, len);
	pend(n)->at = len;
}

/* --- what is durable --- */

static bool coin(void)
{
	nodes.luck = nodes.luck * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return nodes.luck >> 63;
}

static void keep_write(struct node *n, const struct pending *w, bool torn)
{
	for (size_t at = 0; at < w->len; at += SECTOR) {
		size_t len = w->len - at < SECTOR ? w->len - at : SECTOR, end = w->at + at + len;

		if (torn && coin())
			continue;
		if (end > n->safe_len)
			set_len(&n->safe, &n->safe_len, &n->safe_cap, end);
		memcpy(n->safe + w->at + at, w->bytes + at, len);
	}
}

static void keep(struct node *n, const struct pending *p, bool torn)
{
	if (p->spoiled)
		return;
	if (S_ISDIR(n->mode)) {
		if (p->gone)
			drop_entry(n->safe_entries, &n->safe_entry_count, p->gone);
		if (p->come)
			put_entry(&n->safe_entries, &n->safe_entry_count, p->come, p->node);
	} else if (p->bytes) {
		keep_write(n, p, torn);
	} else {
		set_len(&n->safe, &n->safe_len, &n->safe_cap, p->at);
	}
}

void node_sync(struct node *n)
{
	for (size_t i = 0; i < n->pending_count; i++)
		keep(n, &n->pending[i], false);
	forget_pending(n);
	n->apart = n->spoiled;
}

void node_sync_device(unsigned device)
{
	for (size_t i = 1; i < nodes.count; i++)
		if (nodes.all[i]->device == device)
			node_sync(nodes.all[i]);
}

/* Names are the journal's: a file system whose journal fails takes nothing more at all. */
void node_spoil(struct node *n)
{
	for (size_t i = 0; i < n->pending_count && !S_ISDIR(n->mode); i++)
		n->pending[i].spoiled = n->spoiled = true;
}

void node_spoil_device(unsigned device)
{
	for (size_t i = 1; i < nodes.count; i++)
		if (nodes.all[i]->device == device)
			node_spoil(nodes.all[i]);
}

void node_settle(void)
{
	for (size_t i = 0; i < nodes.count; i++)
		node_sync(nodes.all[i]);
}

/* What is found is what is durable. */
static void come_up(struct node *n)
{
	n->opened = n->links = 0;
	if (!n->apart)
		return;
	forget_pending(n);
	n->apart = n->spoiled = n->marked = false;
	n->len = 0;
	set_len(&n->bytes, &n->len, &n->cap, n->safe_len);
	if (n->safe_len)
		memcpy(n->bytes, n->safe, n->safe_len);
	forget_entries(n->entries, n->entry_count);
	n->entries = NULL;
	n->entry_count = 0;
	for (size_t i = 0; i < n->safe_entry_count; i++)
		put_entry(&n->entries, &n->entry_count, n->safe_entries[i].name,
			  n->safe_entries[i].node);
}

static void count_links(struct node *n)
{
	for (size_t i = 0; i < n->entry_count; i++) {
		struct node *below = n->entries[i].node;

		below->links++;
		below->parent = n;
		if (below->called && strcmp(below->called, n->entries[i].name) == 0)
			continue;
		free(below->called);
		below->called = copied(n->entries[i].name);
	}
}

void node_cut(enum disk_loss how, uint64_t luck)
{
	nodes.luck = luck * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (size_t i = 0; i < nodes.count; i++) {
		struct node *n = nodes.all[i];

		for (size_t j = 0; j < n->pending_count; j++)
			if (how == LOSE_NONE || (how == LOSE_SOME && coin()))
				keep(n, &n->pending[j], how == LOSE_SOME);
	}
	for (size_t i = 0; i < nodes.count; i++)
		come_up(nodes.all[i]);
	for (size_t i = 0; i < nodes.count; i++)
		count_links(nodes.all[i]);
}

bool disk_spoiled(void)
{
	for (size_t i = 0; i < nodes.count; i++)
		if (nodes.all[i]->spoiled)
			return true;
	return false;
}

/* --- the mark of a state --- */

/* Two words that each step takes one to one, so that states that differ in one word of a file
 * never have the same. */
static void mix(uint64_t mark[2], uint64_t word)
{
	mark[0] = (mark[0] ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	mark[0] ^= mark[0] >> 32;
	mark[1] = (mark[1] + word) * UINT64_C(0xc2b2ae3d27d4eb4f);
	mark[1] ^= mark[1] >> 29;
}

static void mix_bytes(uint64_t mark[2], const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t word;

	mix(mark, len);
	for (size_t at = 0; at < len; at += sizeof(word)) {
		word = 0;
		memcpy(&word, p + at, len - at < sizeof(word) ? len - at : sizeof(word));
		mix(mark, word);
	}
}

/* Every path of a node is added to it, in any order. */
static void mark_paths(struct node *folder, const uint64_t above[2])
{
	for (size_t i = 0; i < folder->entry_count; i++) {
		struct entry *x = &folder->entries[i];
		uint64_t path[2] = { above[0], above[1] };

		mix_bytes(path, x->name, strlen(x->name));
		x->node->paths[0] += path[0];
		x->node->paths[1] += path[1];
		if (S_ISDIR(x->node->mode))
			mark_paths(x->node, path);
	}
}

static void mark_node(uint64_t mark[2], struct node *n)
{
	uint64_t own[2] = { n->mode, n->links };

	if (!n->marked && !S_ISDIR(n->mode)) {
		n->mark[0] = n->mark[1] = 0;
		mix_bytes(n->mark, n->bytes, n->len);
		n->marked = true;
	}
	for (int i = 0; i < 2; i++) {
		mix(own, n->paths[i]);
		mix(own, n->mark[i]);
	}
	mark[0] += own[0];
	mark[1] += own[1];
}

void disk_mark(uint64_t ret_mark[2], const void *more, size_t len_bytes)
{
	static const uint64_t root[2] = { 1, 2 };
	uint64_t all[2] = { 0, 0 };

	for (size_t i = 0; i < nodes.count; i++)
		nodes.all[i]->paths[0] = nodes.all[i]->paths[1] = 0;
	mark_paths(nodes.all[0], root);
	for (size_t i = 0; i < nodes.count; i++)
		if (nodes.all[i]->paths[0] || nodes.all[i]->paths[1])
			mark_node(all, nodes.all[i]);
	mix(ret_mark, all[0]);
	mix(ret_mark, all[1]);
	mix_bytes(ret_mark, more, len_bytes);
}

static bool is_below(const struct node *n, const struct node *folder)
{
	for (; n; n = n->parent)
		if (n == folder)
			return true;
	return false;
}

bool disk_holds(const char *folder, const void *bytes, size_t len_bytes)
{
	const struct node *top = node_at(folder);

	for (size_t i = 0; i < nodes.count && top; i++) {
		const struct node *n = nodes.all[i];

		if (n->links == 0 || !is_below(n, top))
			continue;
		if ((n->len && memmem(n->bytes, n->len, bytes, len_bytes)) ||
		    (n->apart && n->safe_len && memmem(n->safe, n->safe_len, bytes, len_bytes)))
			return true;
	}
	return false;
}
