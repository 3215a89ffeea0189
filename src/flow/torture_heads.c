#include "flow/torture_heads.h"

#include <string.h>

#include "base/file.h"
#include "base/test.h"

enum { HEADS_MAX = 128, LOGS = 2 /* the first, and the one that follows it */ };
static struct {
	bool known;
	struct hash root;
} heads[LOGS][LOG_COUNT][HEADS_MAX];
static struct note_key keys[LOGS][LOG_COUNT];
static uint64_t before[LOGS][LOG_COUNT];

void torture_heads_forget(void)
{
	memset(heads, 0, sizeof(heads));
	memset(keys, 0, sizeof(keys));
	memset(before, 0, sizeof(before));
}

static int which(const char *origin)
{
	return strchr(origin, '~') != NULL;
}

void torture_heads_settle(const struct repo *r, uint64_t facts, uint64_t records)
{
	int i = which(r->origin);

	memcpy(keys[i], r->log_key, sizeof(keys[i]));
	torture_heads_note();
	before[i][LOG_FACTS] = facts;
	before[i][LOG_RECORDS] = records;
}

static void note_one(int log, const struct buf *bytes)
{
	struct error e = { 0 };
	scoped(note) *n = NULL;
	struct head h;
	int i;

	check_ok(note_parse(&n, bytes->data, bytes->len, &e));
	check_ok(head_parse(&h, n->text, n->text_len, &e));
	i = which(h.origin);
	if (!keys[i][log].name[0] && i == 0)
		return; /* init, and nobody knows it yet */
	if (keys[i][log].name[0])
		check_ok(head_open(&h, bytes->data, bytes->len, &keys[i][log], &e));
	check(h.size < HEADS_MAX && h.size >= before[i][log]);
	check(!heads[i][log][h.size].known || hash_equal(&heads[i][log][h.size].root, &h.root));
	heads[i][log][h.size].known = true;
	heads[i][log][h.size].root = h.root;
}

void torture_heads_note(void)
{
	static const char *const paths[] = { "/repo/.rescind/log/facts/checkpoint",
					     "/repo/.rescind/log/records/checkpoint" };

	for (int log = 0; log < LOG_COUNT; log++) {
		struct error e = { 0 };
		scoped(buf) *note = NULL;

		if (file_read(paths[log], 4096, &note, &e) == 0)
			note_one(log, note);
	}
}

bool torture_heads_within(const struct repo *r, uint64_t facts, uint64_t records)
{
	int i = which(r->origin);

	for (uint64_t size = facts + 1; size < HEADS_MAX; size++)
		if (heads[i][LOG_FACTS][size].known)
			return false;
	for (uint64_t size = records + 1; size < HEADS_MAX; size++)
		if (heads[i][LOG_RECORDS][size].known)
			return false;
	return true;
}

const void *torture_heads_noted(size_t *ret_len)
{
	*ret_len = sizeof(heads);
	return heads;
}
