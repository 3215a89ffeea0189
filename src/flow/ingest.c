#include "flow/ingest_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "flow/decoder.h"
#include "wire/json.h"

enum { SHOWN_MAX = 256 };

void tally_add(struct tally *sum, const struct tally *more)
{
	sum->accepted += more->accepted;
	sum->refused += more->refused;
	sum->quarantined += more->quarantined;
	sum->copies += more->copies;
	sum->denied += more->denied;
	sum->bytes += more->bytes;
	for (int i = 0; i < REASON_COUNT; i++)
		sum->why[i] += more->why[i];
	for (int i = 0; i < REFUSAL_COUNT; i++)
		sum->why_not_read[i] += more->why_not_read[i];
}

json_t *tally_reasons(const struct tally *t, struct error *e)
{
	json_t *o = json_object_make(e);

	for (int i = 0; o && i < REASON_COUNT; i++)
		if (t->why[i])
			json_set_number(o, reason_code((enum reason)i), t->why[i], e);
	for (int i = 0; o && i < REFUSAL_COUNT; i++)
		if (t->why_not_read[i])
			json_set_number(o, refusal_code((enum refusal)i), t->why_not_read[i], e);
	return o;
}

/* --- the words of the command --- */

static int find_transfer(struct ingest *g, const char *id, struct error *e)
{
	uint64_t number;

	if (!id)
		return 0;
	if (id[0] != 't' || number_parse(&number, id + 1, strlen(id + 1), e) < 0)
		return error_set(e, E_USAGE, "\"%.100s\" is no transfer's id (t1, t2, ..)", id);
	if (transfer_by_id(g->r, g->a, number, &g->transfer, e) < 0)
		return e->code;
	if (g->transfer.source != g->source.id)
		return error_set(e, E_USAGE, "transfer %s is of another source than %s", id,
				 g->source.name);
	return 0;
}

static int find_use(struct ingest *g, struct error *e)
{
	if (use_parse(&g->use, g->w->use, strlen(g->w->use), e) < 0)
		return e->code;
	if (g->use.below)
		return error_set(e, E_USAGE, "\"%.100s\": one use, without +below", g->w->use);
	use_text(g->use_text, &g->use);
	return 0;
}

/* All of them, before anything is read. */
static int check_paths(const struct ingest_words *w, struct error *e)
{
	char shown[SHOWN_MAX];
	struct stat st;

	if (w->path_count == 0)
		return error_set(e, E_USAGE, "no PATH to read from");
	for (size_t i = 0; i < w->path_count; i++)
		if (strlen(w->paths[i]) >= PATH_LEN_MAX || sys->lstat(w->paths[i], &st) != 0)
			return error_set(e, E_NOT_FOUND, "%s is not there",
					 path_escape(shown, sizeof(shown), w->paths[i]));
	return 0;
}

static int understand(struct ingest *g, struct error *e)
{
	const struct ingest_words *w = g->w;

	if (find_use(g, e) < 0 || check_paths(w, e) < 0 ||
	    source_named(g->r, g->a, w->source, &g->source, e) < 0 ||
	    find_transfer(g, w->transfer, e) < 0)
		return e->code;
	if (w->subjects && sidecar_open(&g->subjects, w->subjects, SIDECAR_SUBJECTS, e) < 0)
		return e->code;
	if (w->attrs && sidecar_open(&g->attrs, w->attrs, SIDECAR_ATTRS, e) < 0)
		return e->code;
	return 0;
}

/* --- reading --- */

/* The folder that a path's files are relative to: itself, or the one that a file lies in. */
static int find_origin(struct ingest *g, const char *path, struct error *e)
{
	char folder[PATH_LEN_MAX], real[PATH_LEN_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;

	snprintf(folder, sizeof(folder), "%s", path);
	if (sys->lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		snprintf(folder, sizeof(folder), "%.*s",
			 slash ? (int)(slash - path + (slash == path)) : 1, slash ? path : ".");
	if (path_real(real, folder, e) < 0)
		return e->code;
	if (g->origin && strcmp(g->origin, real) == 0)
		return 0;
	/* A batch has one origin. */
	if (ingest_end_batch(g, e) < 0)
		return e->code;
	g->origin = arena_text(g->a, real, strlen(real), e);
	return g->origin ? 0 : e->code;
}

static int read_all_paths(struct ingest *g, struct error *e)
{
	for (size_t i = 0; i < g->w->path_count && !g->stopped; i++) {
		const char *path = g->w->paths[i];

		if (find_origin(g, path, e) < 0 || walk(path, ingest_found, g, e) < 0)
			return e->code;
	}
	return ingest_end_batch(g, e);
}

static void tell_unfound(struct ingest *g, const struct sidecar *s, const char *file)
{
	char shown_file[SHOWN_MAX], shown[SHOWN_MAX];
	const char *first = NULL;
	uint64_t count = s ? sidecar_unfound(s, &first) : 0;

	if (count == 0 || g->stopped)
		return;
	g->unmatched += count;
	repo_tell(g->r, "%s: %" PRIu64 " of its paths %s no file that was found (the first: %s)",
		  path_escape(shown_file, sizeof(shown_file), file), count,
		  count == 1 ? "is" : "are", path_escape(shown, sizeof(shown), first));
}

static void tell_more(const struct ingest *g, const char *code, uint64_t count)
{
	if (!ingest_is_told(g, count > 0 ? count - 1 : 0))
		repo_tell(g->r, "%s: %" PRIu64 " files in all (--json names each)", code, count);
}

static void tell_counts(const struct ingest *g)
{
	for (int i = 0; i < REASON_COUNT; i++)
		tell_more(g, reason_code((enum reason)i), g->all.why[i]);
	for (int i = 0; i < REFUSAL_COUNT; i++)
		tell_more(g, refusal_code((enum refusal)i), g->all.why_not_read[i]);
}

/* --- the document --- */

static void put_positions(const struct ingest *g, json_t *o, struct error *e)
{
	size_t count = json_array_size(g->ids);
	bool any = g->first != UINT64_MAX;

	json_set_new(o, "batch", any ? json_incref(json_array_get(g->ids, count - 1)) : json_null(),
		     e);
	json_set_new(o, "batches", json_incref(g->ids), e);
	json_set_new(o, "first", any ? json_integer((json_int_t)g->first) : json_null(), e);
	json_set_new(o, "last", any ? json_integer((json_int_t)g->last) : json_null(), e);
}

static int document(const struct ingest *g, uint64_t took_us, json_t **ret, struct error *e)
{
	scoped_json *o = json_object_make(e);

	if (!o)
		return e->code;
	put_positions(g, o, e);
	json_set_number(o, "accepted", g->all.accepted, e);
	json_set_number(o, "refused", g->all.refused, e);
	json_set_number(o, "quarantined", g->all.quarantined, e);
	json_set_number(o, "copies", g->all.copies, e);
	json_set_number(o, "bytes", g->all.bytes, e);
	json_set_new(o, "reasons", tally_reasons(&g->all, e), e);
	json_set_new(o, "seconds", json_real((double)took_us / 1e6), e);
	json_set_number(o, "milliseconds", took_us / 1000, e);
	json_set_number(o, "unmatched", g->unmatched, e);
	if (g->stopped)
		json_set_bool(o, "stopped", true, e);
	if (e->code)
		return e->code;
	*ret = json_incref(o);
	return 0;
}

static int verdict(const struct ingest *g, struct error *e)
{
	const struct tally *t = &g->all;

	if (g->stopped)
		return error_set(e, E_PARTIAL, "stopped when asked to; what was not read is left");
	if (t->refused == 0)
		return 0;
	if (t->denied > 0 && t->accepted + t->quarantined + t->copies == 0)
		return error_set(e, E_DENIED, "all %" PRIu64 " files were refused (rescind help reasons)", t->refused);
	return error_set(e, E_PARTIAL, "%" PRIu64 " files were refused", t->refused);
}

static int run(struct ingest *g, json_t **ret, struct error *e)
{
	uint64_t began_us = sys->monotonic_us();

	g->items = calloc(INGEST_BATCH, sizeof(*g->items));
	g->ids = json_array_make(e);
	if (!g->items || !g->ids)
		return error_set(e, E_MEMORY, "out of memory");
	task_phase(g->r->task, "files", 0);
	if (ingest_forget(g, e) < 0 || understand(g, e) < 0)
		return e->code;
	for (int i = 0; i < DECODERS; i++)
		if (decoder_open(&g->media[i], NULL, e) < 0)
			return e->code;
	if (read_all_paths(g, e) < 0)
		return e->code;
	tell_unfound(g, g->subjects, g->w->subjects);
	tell_unfound(g, g->attrs, g->w->attrs);
	tell_counts(g);
	return document(g, sys->monotonic_us() - began_us, ret, e) < 0 ? e->code : verdict(g, e);
}

int flow_ingest(struct repo *r, const struct ingest_words *w, json_t **ret, struct error *e)
{
	struct ingest g = { .r = r, .w = w, .first = UINT64_MAX };
	struct error ignored;
	int code;

	if (arena_create(&g.a, e) < 0)
		return e->code;
	code = run(&g, ret, e);
	if (ingest_forget(&g, &ignored) < 0)
		g.batch_arena = NULL;
	arena_destroy(g.batch_arena);
	for (int i = 0; i < DECODERS; i++)
		media_close(g.media[i]);
	sidecar_close(g.subjects);
	sidecar_close(g.attrs);
	json_decref(g.ids);
	free(g.items);
	arena_destroy(g.a);
	return code;
}
