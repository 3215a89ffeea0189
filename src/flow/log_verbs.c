/* The logs themselves, as published. */
#include <inttypes.h>

#include "base/text.h"
#include "flow/look.h"
#include "repo/successor.h"
#include "wire/json.h"
#include "wire/tlog_proof.h"

static const char *const log_names[LOG_COUNT] = { "facts", "records" };

static int check_log(int log, struct error *e)
{
	if (log != LOG_FACTS && log != LOG_RECORDS)
		return error_set(e, E_USAGE, "there is no such log (facts, records)");
	return 0;
}

int flow_log_head(struct repo *r, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);

	for (int i = 0; i < LOG_COUNT && o; i++) {
		scoped(buf) *note = NULL;

		if (buf_create(&note, 512, e) < 0 || log_published(r->log_blobs[i], note, e) < 0)
			return error_wrap(e, "head of %s", r->log_key[i].name);
		json_set_text(o, log_names[i], buf_text(note), e);
	}
	if (e->code)
		return e->code;
	*ret = json_incref(o);
	return 0;
}

/* The published note, and the log at its size. */
static int open_published(struct repo *r, int log, struct buf *note, struct log **ret,
			  struct error *e)
{
	struct head h;

	if (check_log(log, e) < 0)
		return e->code;
	if (log_published(r->log_blobs[log], note, e) < 0 ||
	    repo_head_open(r, log, note->data, note->len, &h, e) < 0 ||
	    log_open(ret, r->log_blobs[log], h.size, &h.root, e) < 0)
		return error_wrap(e, "%s", r->log_key[log].name);
	return 0;
}

/* The entry itself is the extra data: so the file needs nothing beside it but the log's key. */
int flow_log_prove(struct repo *r, int log, uint64_t index, struct buf *out, struct error *e)
{
	scoped(buf) *note = NULL, *entry = NULL;
	scoped(log) *l = NULL;
	struct tree_path path;

	if (buf_create(&note, 512, e) < 0 || buf_create(&entry, 512, e) < 0 ||
	    open_published(r, log, note, &l, e) < 0)
		return e->code;
	if (index >= log_size(l))
		return error_set(e, E_NOT_FOUND, "no entry %" PRIu64 " in the log of %" PRIu64, index,
				 log_size(l));
	if (log_prove(l, index, log_size(l), &path, e) < 0 || log_entry(l, index, entry, e) < 0)
		return e->code;
	return tlog_proof_put(out, entry, index, &path, note->data, note->len, e);
}

static json_t *state_at(struct log *l, uint64_t size, struct error *e)
{
	json_t *o = json_object_make(e);
	struct hash root;

	if (!o || tree_range(&root, 0, size, log_read, l, e) < 0)
		return o;
	json_set_number(o, "size", size, e);
	json_set_hash(o, "root", &root, e);
	return o;
}

static json_t *path_list(const struct tree_path *p, struct error *e)
{
	json_t *list = json_array_make(e);

	for (size_t i = 0; i < p->count && list; i++)
		json_add_new(list, json_string(hash_hex(&p->hash[i]).s), e);
	return list;
}

int flow_log_consistency(struct repo *r, int log, uint64_t old_size, uint64_t new_size,
			 json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);
	scoped(buf) *note = NULL;
	scoped(log) *l = NULL;
	struct tree_path path;

	if (!o || buf_create(&note, 512, e) < 0 || open_published(r, log, note, &l, e) < 0)
		return e->code;
	if (old_size == 0 || old_size > new_size || new_size > log_size(l))
		return error_set(e, E_RANGE,
				 "from %" PRIu64 " to %" PRIu64 ": sizes go from 1 to %" PRIu64
				 ", the smaller first",
				 old_size, new_size, log_size(l));
	if (log_prove_growth(l, old_size, new_size, &path, e) < 0)
		return e->code;
	json_set_text(o, "log", log_names[log], e);
	json_set_new(o, "old", state_at(l, old_size, e), e);
	json_set_new(o, "new", state_at(l, new_size, e), e);
	json_set_new(o, "proof", path_list(&path, e), e);
	if (e->code)
		return e->code;
	*ret = json_incref(o);
	return 0;
}

int flow_log_tail(struct repo *r, uint64_t count,
		  int (*each)(void *ctx, json_t *fact, struct error *e), void *ctx, struct error *e)
{
	uint64_t facts;

	if (catalog_fact_count(r->catalog, &facts, e) < 0)
		return e->code;
	for (uint64_t n = facts > count ? facts - count : 0; n < facts; n++) {
		scoped_json *entry = NULL;
		int code;

		if (repo_fact(r, n, &entry, e) < 0)
			return e->code;
		json_set_number(entry, "n", n, e);
		code = e->code ? e->code : each(ctx, entry, e);
		if (code != 0)
			return code;
	}
	return 0;
}

/* --- after a loss --- */

static json_t *lost_json(const struct successor *s, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_number(o, "facts", s->lost[LOG_FACTS].size - s->left[LOG_FACTS].size, e);
	json_set_number(o, "records", s->lost[LOG_RECORDS].size - s->left[LOG_RECORDS].size, e);
	return o;
}

/* What opened under the keys that were destroyed. */
static json_t *dropped_json(const struct successor *s, struct error *e)
{
	json_t *o = json_object_make(e);

	json_set_number(o, "records", s->dropped.records, e);
	json_set_number(o, "files", s->dropped.files, e);
	json_set_number(o, "certificates", s->dropped.statements, e);
	json_set_number(o, "sets", s->dropped.sets, e);
	return o;
}

int flow_log_successor(struct repo *r, const struct successor_words *w, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);
	scoped(arena) *a = NULL;
	struct successor s;
	const char *vkey, *before;

	if (!o || arena_create(&a, e) < 0 || !(before = repo_vkey(r, LOG_FACTS, a, e)) ||
	    repo_succeed(r, w, &s, e) < 0 || !(vkey = repo_vkey(r, LOG_FACTS, a, e)))
		return e->code;
	json_set_text(o, "origin", r->origin, e);
	json_set_text(o, "vkey", vkey, e);
	json_set_text(o, "follows", s.before, e);
	json_set_text(o, "follows_vkey", before, e);
	json_set_number(o, "fact", s.fact, e);
	json_set_bool(o, "keys", s.keys, e);
	json_set_new(o, "lost", lost_json(&s, e), e);
	json_set_new(o, "dropped", dropped_json(&s, e), e);
	if (e->code)
		return e->code;
	repo_tell(r, "back up repository and keys directory now, together: backups of before are of %s, which ended",
		  s.before);
	*ret = json_incref(o);
	return 0;
}

int log_followed(struct repo *r, json_t **ret, struct error *e)
{
	scoped_json *list = json_array_make(e);
	scoped(arena) *a = NULL;
	uint64_t *facts = NULL;
	size_t count = 0;

	if (!list || arena_create(&a, e) < 0 || successors_of(r, a, &facts, &count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++) {
		json_t *o = json_object_make(e);
		const char *vkey = NULL;
		scoped_json *entry = NULL;
		scoped(fields) *f = NULL;

		json_add_new(list, o, e);
		if (e->code || repo_fact(r, facts[i], &entry, e) < 0 ||
		    successors_vkey(r, facts[i] - 1, a, &vkey, e) < 0)
			return e->code;
		if (repo_private(r, facts[i], &f, e) == E_MEMORY)
			return e->code;
		error_clear(e); /* where the vault was put back the reason is gone, and not the fact */
		json_set_text(o, "vkey", vkey, e);
		json_set_number(o, "fact", facts[i], e);
		json_set_text(o, "at", json_text_or(entry, "at", ""), e);
		json_set_number(o, "lost_facts", json_number_or(entry, "lost", 0) - facts[i], e);
		json_set_number(o, "lost_records", json_number_or(entry, "lost_records", 0), e);
		json_set_bool(o, "keys", json_is_true(json_object_get(entry, "keys")), e);
		json_set_text(o, "reason", f && fields_text(f, "reason") ? fields_text(f, "reason") : "", e);
	}
	if (e->code)
		return e->code;
	*ret = json_incref(list);
	return 0;
}
