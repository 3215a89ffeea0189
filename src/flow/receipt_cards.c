/* Of a receipt: every record by its commitment; and of each that is here those fields of its card
 * that say nothing of anybody else. */
#include <inttypes.h>

#include "flow/receipt_parts.h"

/* Fields that are about the record alone: never its path, what is told of it, or its attributes. */
static const char *const opened[] = { "content", "source", "transfer", "terms", "decision" };

static bool is_opened(const struct receipting *x, const struct field *f)
{
	for (size_t i = 0; i < COUNT_OF(opened); i++)
		if (strcmp(f->name, opened[i]) == 0)
			return true;
	return x->ask->subject && strcmp(f->name, "subject") == 0 &&
	       strcmp(buf_text(f->value), x->ask->subject) == 0 &&
	       f->value->len == strlen(x->ask->subject);
}

static int open_card(struct receipting *x, uint64_t pos, const struct fields *card,
		     struct error *e)
{
	for (size_t i = 0; i < card->count; i++) {
		const struct field *f = &card->list[i];

		if (!is_opened(x, f))
			continue;
		if (receipt_open(x->show.d, pos, card, i, e) < 0 ||
		    (strcmp(f->name, "subject") == 0 && set_add(x->on_card, pos, e) < 0))
			return e->code;
	}
	return 0;
}

/* The keyring is the truth of what is erased. */
static int is_gone(struct receipting *x, const struct catalog_record *rec, bool *ret,
		   struct error *e)
{
	bool alive = true;

	*ret = rec->status == RECORD_ERASED;
	if (*ret || keyring_alive(x->show.r->keyring, rec->slot, &alive, e) < 0)
		return e->code;
	*ret = !alive;
	return 0;
}

static int put_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct receipting *x = ctx;
	scoped(fields) *card = NULL;
	struct hash commitment;
	bool gone = false;

	if (task_check(x->show.r->task, e) < 0 || is_gone(x, rec, &gone, e) < 0 ||
	    catalog_commitments(x->show.r->catalog, rec->pos, 1, &commitment, e) < 0 ||
	    receipt_record(x->show.d, rec->pos, &commitment, e) < 0)
		return e->code;
	if (gone)
		return set_add(x->erased, rec->pos, e);
	/* Whether it leads to the commitment is looked at when all of it is verified. */
	if (repo_card(x->show.r, rec, false, &card, e) < 0 || open_card(x, rec->pos, card, e) < 0)
		return error_wrap(e, "record %" PRIu64, rec->pos);
	return 0;
}

int receipting_cards(struct receipting *x, struct error *e)
{
	return catalog_each_record(x->show.r->catalog, x->all, put_record, x, e);
}
