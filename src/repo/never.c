#include "repo/never.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

enum { NEVER_FILE_MAX = 1 << 30 };

/* what: "" for the content itself, "n" and a count, or "s" and a subject. */
static void tag_of(struct repo *r, const struct hash *content, const char *what, const char *value,
		   struct tag *ret)
{
	const struct hash_piece pieces[] = { { content->b, HASH_LEN },
					     { what, strlen(what) + 1 },
					     { value, strlen(value) } };
	struct hash message, mac;

	hash_pieces(&message, pieces, COUNT_OF(pieces));
	hmac_bytes(&mac, r->never_key, sizeof(r->never_key), message.b, HASH_LEN);
	memcpy(ret->b, mac.b, sizeof(ret->b));
}

static void count_tag(struct repo *r, const struct hash *content, size_t count, struct tag *ret)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", count);
	tag_of(r, content, "n", text, ret);
}

struct putting {
	struct repo *r;
	struct hash content;
	struct buf *list;
	size_t begin; /* of the subjects of this record, in the list */
};

/* Each subject once, however many copies name it. */
static int put_subject(void *ctx, const struct field *f, struct error *e)
{
	struct putting *p = ctx;
	struct tag t;

	if (strcmp(f->name, "subject") != 0)
		return 0;
	tag_of(p->r, &p->content, "s", buf_text(f->value), &t);
	for (size_t at = p->begin; at < p->list->len; at += sizeof(t.b))
		if (memcmp(p->list->data + at, t.b, sizeof(t.b)) == 0)
			return 0;
	return buf_put(p->list, t.b, sizeof(t.b), e);
}

int never_put(struct repo *r, uint64_t pos, const struct fields *card, struct buf *list,
	      struct error *e)
{
	const struct field *f = fields_find(card, "content");
	struct putting p = { .r = r, .list = list };
	struct tag t;

	if (!f || f->value->len != HASH_LEN)
		return error_set(e, E_FORMAT, "a card without content");
	memcpy(p.content.b, f->value->data, HASH_LEN);
	tag_of(r, &p.content, "", "", &t);
	if (buf_put(list, t.b, sizeof(t.b), e) < 0)
		return e->code;
	p.begin = list->len;
	if (repo_said(r, pos, card, put_subject, &p, e) < 0)
		return e->code;
	count_tag(r, &p.content, (list->len - p.begin) / sizeof(t.b), &t);
	return buf_put(list, t.b, sizeof(t.b), e);
}

int never_fold(struct repo *r, uint64_t order, const struct buf *list, struct error *e)
{
	struct tag t;

	for (size_t at = 0; at + sizeof(t.b) <= list->len; at += sizeof(t.b)) {
		memcpy(t.b, list->data + at, sizeof(t.b));
		if (catalog_add_never(r->catalog, &t, order, e) < 0)
			return e->code;
	}
	return 0;
}

/* Of one that is damaged in every place, what is left still keeps things out. */
static int read_list(struct repo *r, const char *file, struct buf **ret, struct error *e)
{
	if (keydir_read(&r->keys, file, NEVER_FILE_MAX, ret, e) == 0 || e->code != E_MISMATCH)
		return e->code;
	repo_tell(r, "%s: what it held may come in again (put it back from a backup)", e->text);
	error_clear(e);
	return keydir_get_at(&r->keys, KEYDIR_HERE, file, NEVER_FILE_MAX, ret, e);
}

int never_load(struct repo *r, struct error *e)
{
	scoped(arena) *a = NULL;
	char **names, file[64];
	uint64_t order;
	size_t count;

	if (arena_create(&a, e) < 0)
		return e->code;
	if (keydir_list(&r->keys, a, "never", &names, &count, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return e->code;
		error_clear(e);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		scoped(buf) *list = NULL;

		if (names[i][0] != 'o' ||
		    number_parse(&order, names[i] + 1, strlen(names[i] + 1), e) < 0) {
			error_clear(e); /* not one of ours */
			continue;
		}
		snprintf(file, sizeof(file), "never/o%" PRIu64, order);
		if (read_list(r, file, &list, e) < 0 || never_fold(r, order, list, e) < 0)
			return error_wrap(e, "never-again list %s", names[i]);
	}
	return 0;
}

static int listed(struct repo *r, const struct tag *t, bool *ret, struct error *e)
{
	uint64_t order;

	if (catalog_never(r->catalog, t, &order, e) < 0)
		return e->code;
	*ret = order != 0;
	return 0;
}

int never_check(struct repo *r, const struct hash *content, const char *const *subjects,
		size_t count, uint64_t *ret_order, bool *ret_same, struct error *e)
{
	bool same = false;
	struct tag t;

	*ret_same = false;
	tag_of(r, content, "", "", &t);
	if (catalog_never(r->catalog, &t, ret_order, e) < 0)
		return e->code;
	if (*ret_order == 0 || count == 0)
		return 0;
	count_tag(r, content, 0, &t);
	if (listed(r, &t, ret_same, e) < 0 || *ret_same)
		return e->code;
	count_tag(r, content, count, &t);
	if (listed(r, &t, &same, e) < 0)
		return e->code;
	for (size_t i = 0; i < count && same; i++) {
		tag_of(r, content, "s", subjects[i], &t);
		if (listed(r, &t, &same, e) < 0)
			return e->code;
	}
	*ret_same = same;
	return 0;
}
