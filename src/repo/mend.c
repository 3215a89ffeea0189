/*
 * mend: tiles and bundles of a log that rotted or are gone, made again from the catalog's entries.
 */
#include "repo/inside.h"

struct mending {
	struct repo *r;
	int log;
	void (*tell)(void *ctx, const char *line);
	void *ctx;
};

static int committed_entry(void *ctx, uint64_t n, struct buf *out, struct error *e)
{
	struct mending *m = ctx;
	struct hash h;

	if (m->log == LOG_FACTS)
		return catalog_fact(m->r->catalog, n, out, e);
	if (catalog_commitments(m->r->catalog, n, 1, &h, e) < 0)
		return e->code;
	return buf_put(out, h.b, HASH_LEN, e);
}

static void pass_on(void *ctx, const char *line)
{
	struct mending *m = ctx;

	m->tell(m->ctx, line);
}

/* Tiles that are gone with the entries beside them: from the catalog, where its entries lead to the
 * public head. What is there stays. */
static int write_again(struct repo *r, int log, const struct head_state *at, struct error *e)
{
	scoped(log) *l = NULL;
	struct hash root;

	tree_root(&root, NULL, 0);
	if (log_open(&l, r->log_blobs[log], 0, &root, e) < 0 || repo_log_grow(r, log, l, at->size, e) < 0)
		return e->code;
	log_root(l, &root);
	if (!hash_equal(&root, &at->root))
		return error_set(e, E_MISMATCH, "the catalog has other entries");
	return log_write(l, e);
}

/* The public head leads nowhere: its tiles are written again, or it is as it was. */
static int mend_lost(struct mending *m, const struct head_state *at, struct error *e)
{
	struct error why = { 0 };
	scoped(log) *l = NULL;
	int code = log_open(&l, m->r->log_blobs[m->log], at->size, &at->root, &why);

	if (code == 0)
		return 0;
	error_clear(&why);
	if (code != E_NOT_FOUND && code != E_MEMORY)
		return 0;
	code = code == E_MEMORY ? code : write_again(m->r, m->log, at, &why);
	if (code == E_MEMORY)
		return error_set(e, E_MEMORY, "out of memory");
	if (code == 0)
		m->tell(m->ctx, "repaired: tiles and entries that were gone, from the catalog");
	return 0;
}

int repo_log_mend(struct repo *r, int log, void (*tell)(void *ctx, const char *line), void *ctx,
		  uint64_t *ret_problems, struct error *e)
{
	struct mending m = { r, log, tell, ctx };
	struct head_state at;

	if (published_head(r, log, &at, e) < 0 || mend_lost(&m, &at, e) < 0 ||
	    log_mend(r->log_blobs[log], at.size, &at.root, committed_entry, pass_on, &m, r->task,
		     e) < 0)
		return e->code;
	return log_check(r->log_blobs[log], at.size, &at.root, true, r->task, pass_on, &m, ret_problems,
			 e);
}
