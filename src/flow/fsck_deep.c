/* The deep check: every entry hashed, every living object opened, every pack walked. */
#include <inttypes.h>
#include <stdio.h>

#include "flow/exact.h"
#include "flow/fsck_parts.h"
#include "set/container.h"
#include "set/hidden.h"

/* --- logs --- */

void fsck_tell_log(void *ctx, const char *line)
{
	struct fsck *x = ctx;

	if (strncmp(line, "repaired: ", 10) == 0)
		fsck_repaired(x, "log: %s", line + 10);
	else
		fsck_problem(x, "log: %s", line);
}

static int entry_of(struct fsck *x, int log, uint64_t n, struct buf *out, struct error *e)
{
	struct hash h;

	if (log == LOG_FACTS)
		return catalog_fact(x->r->catalog, n, out, e);
	if (catalog_commitments(x->r->catalog, n, 1, &h, e) < 0)
		return e->code;
	return buf_put(out, h.b, HASH_LEN, e);
}

static int compare_entries(struct fsck *x, int log, struct log *l, struct error *e)
{
	scoped(buf) *a = NULL, *b = NULL;
	char where[32];

	if (buf_create(&a, 1024, e) < 0 || buf_create(&b, 1024, e) < 0)
		return e->code;
	task_phase(x->r->task, "entries compared", log_size(l));
	for (uint64_t n = 0; n < log_size(l); n++) {
		buf_clear(a);
		buf_clear(b);
		snprintf(where, sizeof(where), "%s %" PRIu64, log == LOG_FACTS ? "fact" : "record", n);
		if (log_entry(l, n, a, e) < 0 || entry_of(x, log, n, b, e) < 0) {
			if (fsck_found(x, where, e) < 0)
				return e->code;
			continue;
		}
		if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)
			fsck_problem(x, "%s: catalog and log differ", where);
		if (task_step(x->r->task, 1, e) < 0)
			return e->code;
	}
	return 0;
}

static int check_log(struct fsck *x, int log, struct error *e)
{
	const char *name = x->r->log_key[log].name;
	scoped(buf) *note = NULL;
	uint64_t problems;
	struct head h;

	if (buf_create(&note, 512, e) < 0)
		return e->code;
	if (log_published(x->r->log_blobs[log], note, e) < 0 ||
	    repo_head_open(x->r, log, note->data, note->len, &h, e) < 0)
		return fsck_found(x, name, e);
	task_phase(x->r->task, "entries hashed", h.size);
	if ((x->locked ? repo_log_mend(x->r, log, fsck_tell_log, x, &problems, e) :
			 log_check(x->r->log_blobs[log], h.size, &h.root, false, x->r->task, fsck_tell_log, x,
				   &problems, e)) < 0)
		return e->code;
	return 0;
}

int fsck_logs(struct fsck *x, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++)
		if (check_log(x, i, e) < 0)
			return e->code;
	return 0;
}

int fsck_entries(struct fsck *x, struct error *e)
{
	for (int i = 0; i < LOG_COUNT; i++) {
		scoped(log) *l = NULL;

		if ((repo_log(x->r, i, &l, e) < 0 ? fsck_found(x, x->r->log_key[i].name, e) :
						    compare_entries(x, i, l, e)) < 0)
			return e->code;
	}
	return 0;
}

/* --- objects by their rows --- */

struct digesting {
	struct fsck *x;
	struct hasher *h;
};

static int add_chunk(void *ctx, const void *plain, size_t len_bytes, struct error *e)
{
	struct digesting *d = ctx;

	hasher_add(d->h, plain, len_bytes);
	d->x->bytes += len_bytes;
	return task_step(d->x->r->task, len_bytes, e);
}

static int digest_object(struct fsck *x, const struct place *at, uint8_t kind, uint64_t slot,
			 uint64_t owner, struct hash *ret, struct error *e)
{
	struct digesting d = { .x = x };
	uint8_t key[SEAL_KEY_LEN];
	scoped(hasher) *h = NULL;
	int code;

	if (hasher_create(&h, e) < 0 || keyring_key(x->r->keyring, slot, key, e) < 0)
		return e->code;
	d.h = h;
	code = vault_each_chunk(x->r->vault, at, kind, slot, owner, key, add_chunk, &d, e);
	wipe(key, sizeof(key));
	if (code == 0)
		hasher_end(h, ret);
	return code;
}

static int open_record(struct fsck *x, const struct catalog_record *rec, struct error *e)
{
	scoped(fields) *card = NULL;
	const struct field *content;
	struct hash digest;

	if (repo_card(x->r, rec, true, &card, e) < 0)
		return e->code;
	x->cards++;
	content = fields_find(card, "content");
	if (digest_object(x, &rec->bytes, OBJECT_BYTES, rec->slot, rec->pos, &digest, e) < 0)
		return e->code;
	if (!content || content->value->len != HASH_LEN ||
	    memcmp(content->value->data, digest.b, HASH_LEN) != 0)
		return error_set(e, E_MISMATCH, "its bytes are not those of its card");
	return 0;
}

static int see_record(void *ctx, const struct catalog_record *rec, struct error *e)
{
	struct fsck *x = ctx;
	char where[40];

	if (rec->status == RECORD_ERASED || set_has(x->dead, rec->slot) ||
	    open_record(x, rec, e) == 0)
		return e->code;
	snprintf(where, sizeof(where), "record %" PRIu64, rec->pos);
	return fsck_found(x, where, e);
}

static int open_fact(struct fsck *x, const struct catalog_object *o, struct error *e)
{
	scoped_json *entry = NULL;
	scoped(fields) *f = NULL;
	struct hash root, committed;

	if (repo_private(x->r, o->owner, &f, e) < 0 || repo_fact(x->r, o->owner, &entry, e) < 0 ||
	    json_get_hash(entry, "private", &committed, e) < 0 || fields_root(&root, f, e) < 0)
		return e->code;
	if (!hash_equal(&root, &committed))
		return error_set(e, E_MISMATCH, "its private part is not the one that was committed to");
	return 0;
}

/* What the model's fact says of this file. The parts of an exact one are looked at together, later. */
static int open_file(struct fsck *x, const struct catalog_object *o, struct error *e)
{
	scoped(fields) *f = NULL;
	scoped_json *files = NULL;
	const struct field *list;
	struct hash digest, said;

	if (digest_object(x, &o->at, OBJECT_FILE, o->slot, o->owner, &digest, e) < 0 ||
	    repo_private(x->r, o->owner, &f, e) < 0)
		return e->code;
	if (fields_find(f, "recipe"))
		return 0;
	list = fields_find(f, "files");
	if (!list || json_parse(&files, list->value->data, list->value->len, FIELD_VALUE_MAX, e) < 0)
		return e->code ? e->code : error_set(e, E_FORMAT, "a checkpoint without its files");
	if (json_get_hash(json_array_get(files, o->part), "sha256", &said, e) < 0)
		return e->code;
	return hash_equal(&said, &digest) ? 0 :
					    error_set(e, E_MISMATCH, "file %" PRIu64 " has other bytes", o->part);
}

static int fields_at(struct fsck *x, const struct catalog_object *o, uint8_t kind,
		     struct fields **ret, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	scoped(buf) *plain = NULL;
	int code;

	if (buf_create(&plain, 1024, e) < 0 || keyring_key(x->r->keyring, o->slot, key, e) < 0)
		return e->code;
	code = vault_get(x->r->vault, &o->at, kind, o->slot, o->owner, key, plain, e);
	wipe(key, sizeof(key));
	x->bytes += plain->len;
	return code < 0 ? code : fields_parse(ret, plain->data, plain->len, e);
}

struct certified {
	uint64_t fact, by; /* of the order; of its end, or 0 */
};

static int note_certified(void *ctx, const struct catalog_thing *t, struct error *e)
{
	struct certified *o = ctx;
	scoped_json *body = NULL;

	if (t->fact != o->fact)
		return 0;
	if (json_parse(&body, t->body, strlen(t->body), CATALOG_BODY_MAX, e) < 0)
		return e->code;
	o->by = json_number_or(body, "certified_fact", 0);
	return 0;
}

static int certified_digest(struct fsck *x, uint64_t order_fact, struct hash *ret, bool *ret_there,
			    struct error *e)
{
	struct certified o = { .fact = order_fact };
	const struct field *sha256;
	scoped(fields) *f = NULL;

	*ret_there = false;
	if (catalog_each_thing(x->r->catalog, THING_ORDER, UINT64_MAX, note_certified, &o, e) < 0)
		return e->code;
	if (!o.by)
		return 0;
	if (repo_private(x->r, o.by, &f, e) < 0)
		return e->code;
	sha256 = fields_find(f, "sha256");
	if (!sha256 || sha256->value->len != HASH_LEN)
		return error_set(e, E_FORMAT, "no digest of the statement");
	memcpy(ret->b, sha256->value->data, HASH_LEN);
	*ret_there = true;
	return 0;
}

static int open_statement(struct fsck *x, const struct catalog_object *o, struct error *e)
{
	struct hash digest, said;
	bool there;

	if (digest_object(x, &o->at, OBJECT_STATEMENT, o->slot, o->owner, &digest, e) < 0 ||
	    certified_digest(x, o->owner, &said, &there, e) < 0)
		return e->code;
	if (there && !hash_equal(&digest, &said))
		return error_set(e, E_MISMATCH, "it is not the statement that was issued");
	return 0;
}

static int open_other(struct fsck *x, const struct catalog_object *o, struct error *e)
{
	scoped(fields) *f = NULL;

	switch (o->kind) {
	case OBJECT_FACT: return open_fact(x, o, e);
	case OBJECT_FILE: return open_file(x, o, e);
	case OBJECT_STATEMENT: return open_statement(x, o, e);
	case ROW_COPY: return fields_at(x, o, OBJECT_COPY, &f, e);
	default: return error_set(e, E_FORMAT, "an object of kind %u", o->kind);
	}
}

static int see_object(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct fsck *x = ctx;
	char where[64];

	if (o->at.len_bytes == 0 || set_has(x->dead, o->slot) || open_other(x, o, e) == 0)
		return task_step(x->r->task, 0, e); /* digest_object counts */
	snprintf(where, sizeof(where), "%s %" PRIu64, o->kind == ROW_COPY ? "copy of record" :
		 o->kind == OBJECT_FILE ? "checkpoint of fact" :
		 o->kind == OBJECT_STATEMENT ? "statement of fact" : "fact", o->owner);
	return fsck_found(x, where, e);
}

/* --- containers --- */

int fsck_container(struct fsck *x, uint64_t number, uint64_t slot, const struct place *at,
		   struct buf *plain, struct hash *ret_name, struct error *e)
{
	uint8_t key[SEAL_KEY_LEN];
	int code;

	if (keyring_key(x->r->keyring, slot, key, e) < 0)
		return e->code;
	code = vault_get(x->r->vault, at, OBJECT_CONTAINER, slot, number, key, plain, e);
	wipe(key, sizeof(key));
	if (code < 0)
		return code;
	if (plain->len < CONTAINER_HEAD)
		return error_set(e, E_FORMAT, "too short");
	container_name(ret_name, number, be_get(plain->data + 64, 8), plain->data + CONTAINER_HEAD,
		       plain->len - CONTAINER_HEAD);
	return 0;
}

static int open_container(struct fsck *x, const struct hash *name,
			  const struct catalog_container *k, struct error *e)
{
	scoped(buf) *plain = NULL;
	struct hash found, root;

	if (buf_create(&plain, CONTAINER_HEAD + CONTAINER_BYTES_MAX, e) < 0 ||
	    fsck_container(x, k->number, k->slot, &k->at, plain, &found, e) < 0)
		return e->code;
	x->bytes += plain->len;
	if (!hash_equal(&found, name))
		return error_set(e, E_MISMATCH, "it is not what its name says");
	if (hidden_container_root(&root, plain->data, k->number, be_get(plain->data + 64, 8),
				  plain->data + CONTAINER_HEAD, plain->len - CONTAINER_HEAD, e) < 0)
		return e->code;
	if (!hash_equal(&root, &k->root) || memcmp(root.b, plain->data + 32, HASH_LEN) != 0)
		return error_set(e, E_MISMATCH, "it does not lead to its published root");
	return 0;
}

static int see_container(void *ctx, const struct hash *name, const struct catalog_container *k,
			 struct error *e)
{
	struct fsck *x = ctx;
	char where[40];

	if (set_has(x->dead, k->slot) || open_container(x, name, k, e) == 0)
		return task_step(x->r->task, k->at.len_bytes, e);
	snprintf(where, sizeof(where), "container %.12s", hash_hex(name).s);
	return fsck_found(x, where, e);
}

/* What a set published must follow from its containers. */
static int check_set_root(struct fsck *x, const char *label, uint64_t fact,
			  const struct stored_set *s, struct error *e)
{
	scoped_json *entry = NULL;
	scoped(buf) *roots = NULL;
	struct hash root, said;

	if (repo_fact(x->r, fact, &entry, e) < 0 || json_get_hash(entry, "root", &said, e) < 0 ||
	    buf_create(&roots, 1024, e) < 0)
		return fsck_found(x, label, e);
	for (uint64_t i = 0; i < container_count(s->size); i++) {
		struct catalog_container k;

		if (catalog_container(x->r->catalog, &s->containers[i], &k, NULL, e) < 0)
			return fsck_found(x, label, e);
		if (buf_put(roots, k.root.b, HASH_LEN, e) < 0)
			return e->code;
	}
	hidden_set_root(&root, s->size, (const struct hash *)(const void *)roots->data,
			container_count(s->size));
	if (!hash_equal(&root, &said))
		fsck_problem(x, "%s: its containers do not lead to the root that was published", label);
	return 0;
}

struct keys {
	struct fsck *x;
	unsigned dead;
};

static int count_dead(void *ctx, const struct catalog_object *o, struct error *e)
{
	struct keys *k = ctx;

	(void)e;
	k->dead += set_has(k->x->dead, o->slot) || o->at.len_bytes == 0;
	return 0;
}

/* The keys of all parts go at once, a moment before the fact that says so. */
static int check_exact(struct fsck *x, const struct model *m, struct error *e)
{
	struct keys k = { .x = x };

	if (!m->exact || m->state == MODEL_ERASED)
		return 0;
	if (catalog_each_object(x->r->catalog, OBJECT_FILE, m->fact, count_dead, &k, e) < 0)
		return e->code;
	if (k.dead == EXACT_PARTS)
		return 0;
	return exact_check(x->r, m, e) < 0 ? fsck_found(x, m->label, e) : 0;
}

static int check_sets(struct fsck *x, struct error *e)
{
	scoped(arena) *a = NULL;
	struct dataset *datasets;
	struct model *models;
	size_t count, model_count;

	if (arena_create(&a, e) < 0 || datasets_all(x->r, a, &datasets, &count, e) < 0 ||
	    models_all(x->r, a, &models, &model_count, e) < 0)
		return e->code;
	for (size_t i = 0; i < count; i++)
		if (check_set_root(x, datasets[i].label, datasets[i].fact, &datasets[i].set, e) < 0)
			return e->code;
	for (size_t i = 0; i < model_count; i++)
		if (check_set_root(x, models[i].label, models[i].fact, &models[i].set, e) < 0 ||
		    check_exact(x, &models[i], e) < 0)
			return e->code;
	return 0;
}

int fsck_objects(struct fsck *x, struct error *e)
{
	struct catalog *c = x->r->catalog;

	task_phase(x->r->task, "bytes opened", 0);
	if (catalog_each_record(c, NULL, see_record, x, e) < 0 ||
	    catalog_each_object(c, 0, UINT64_MAX, see_object, x, e) < 0 ||
	    catalog_each_container(c, see_container, x, e) < 0)
		return e->code;
	return check_sets(x, e);
}
