/* Who the witnesses are. */
#include "flow/witness.h"

#include <stdio.h>

#include "base/text.h"
#include "wire/http_client.h"

#define FILE_NAME "witnesses"
/* A note has room for the log's signature and theirs. */
enum { WITNESSES_MAX = NOTE_SIGNATURES_MAX - 1 };
static const char *const log_names[LOG_COUNT] = { "facts", "records" };

int witness_load(struct repo *r, struct policy **ret, struct error *e)
{
	static const char none[] = "quorum none\n";
	scoped(buf) *b = NULL;

	if (keydir_read(&r->keys, FILE_NAME, POLICY_BYTES_MAX, &b, e) < 0) {
		if (e->code != E_NOT_FOUND)
			return error_wrap(e, "witnesses");
		error_clear(e);
		return policy_parse(ret, none, sizeof(none) - 1, e);
	}
	return policy_parse(ret, b->data, b->len, e) < 0 ? error_wrap(e, "witnesses") : 0;
}

static int put_witness(struct buf *b, const struct policy_witness *w, struct error *e)
{
	if (buf_printf(b, e, "witness %s ", w->name) < 0 || note_key_put(&w->key, b, e) < 0)
		return e->code;
	return buf_printf(b, e, " %s\n", w->url);
}

/* The file without the witness of this name; NULL: with all. */
static int put_all(struct buf *b, const struct policy *p, const char *without, struct error *e)
{
	for (size_t i = 0; i < p->witness_count; i++)
		if ((!without || strcmp(p->witness[i].name, without) != 0) &&
		    put_witness(b, &p->witness[i], e) < 0)
			return e->code;
	return 0;
}

/* What is written can be read again: the words are checked by reading it. */
static int save(struct repo *r, struct buf *b, struct error *e)
{
	scoped(policy) *again = NULL;

	if (buf_printf(b, e, "quorum none\n") < 0)
		return e->code;
	if (policy_parse(&again, b->data, b->len, e) < 0)
		return error_set(e, E_USAGE, "a witness is a NAME (one word), a URL and a VKEY of type 4 "
				 "or 6");
	return keydir_write(&r->keys, FILE_NAME, b->data, b->len, e);
}

static json_t *witness_json(const struct policy_witness *w, struct error *e)
{
	json_t *o = json_object_make(e);
	scoped(buf) *vkey = NULL;

	if (!o || buf_create(&vkey, 256, e) < 0 || note_key_put(&w->key, vkey, e) < 0)
		return o;
	json_set_text(o, "witness", w->name, e);
	json_set_text(o, "url", w->url, e);
	json_set_text(o, "vkey", buf_text(vkey), e);
	return o;
}

static bool is_one_word(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((uint8_t)*p <= 0x20 || *p == 0x7f)
			return false;
	return *text && utf8_valid(text, strlen(text));
}

static int make_witness(struct policy_witness *w, const char *url, const char *vkey,
			const char *name, struct error *e)
{
	size_t len = strlen(url);

	memset(w, 0, sizeof(*w));
	if (note_key_parse(&w->key, vkey, e) < 0)
		return error_set(e, E_USAGE, "no vkey: it is NAME+HEX+BASE64, as the witness gives it");
	if (w->key.type == NOTE_ED25519)
		return error_set(e, E_USAGE, "the vkey of a log, not of a witness (type 4 or 6)");
	while (len > 0 && url[len - 1] == '/')
		len--;
	if (!http_url_valid(url) || !is_one_word(url) || len > POLICY_URL_MAX)
		return error_set(e, E_USAGE, "the URL is one of http or https");
	snprintf(w->url, sizeof(w->url), "%.*s", (int)len, url);
	name = name ? name : w->key.name;
	if (!is_one_word(name) || strlen(name) > POLICY_NAME_MAX || strcmp(name, "none") == 0)
		return error_set(e, E_USAGE, "--name: one word");
	snprintf(w->name, sizeof(w->name), "%s", name);
	return 0;
}

static int check_new(const struct policy *p, const struct policy_witness *w, struct error *e)
{
	if (p->witness_count == WITNESSES_MAX)
		return error_set(e, E_RANGE, "more than %d witnesses", WITNESSES_MAX);
	for (size_t i = 0; i < p->witness_count; i++)
		if (strcmp(p->witness[i].name, w->name) == 0 ||
		    memcmp(p->witness[i].key.public_key, w->key.public_key, NOTE_PUBLIC_MAX) == 0)
			return error_set(e, E_CONFLICT, "witness %s is there already",
					 p->witness[i].name);
	return 0;
}

static int add(struct repo *r, const struct policy_witness *w, struct error *e)
{
	scoped(policy) *p = NULL;
	scoped(buf) *b = NULL;

	if (witness_load(r, &p, e) < 0 || check_new(p, w, e) < 0 || buf_create(&b, 1024, e) < 0 ||
	    put_all(b, p, NULL, e) < 0 || put_witness(b, w, e) < 0)
		return e->code;
	return save(r, b, e);
}

int flow_witness_add(struct repo *r, const char *url, const char *vkey, const char *name,
		     json_t **ret, struct error *e)
{
	struct policy_witness w;
	scoped_json *doc = NULL;

	if (make_witness(&w, url, vkey, name, e) < 0 || repo_lock(r, e) < 0)
		return e->code;
	(void)add(r, &w, e);
	repo_unlock(r);
	if (e->code)
		return e->code;
	doc = witness_json(&w, e);
	if (e->code)
		return e->code;
	*ret = give(doc);
	return 0;
}

static int drop(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped(policy) *p = NULL;
	scoped(buf) *b = NULL;

	if (witness_load(r, &p, e) < 0 || buf_create(&b, 1024, e) < 0)
		return e->code;
	for (size_t i = 0; i < p->witness_count; i++)
		if (strcmp(p->witness[i].name, name) == 0) {
			*ret = witness_json(&p->witness[i], e);
			return e->code || put_all(b, p, name, e) < 0 ? e->code : save(r, b, e);
		}
	return error_set(e, E_NOT_FOUND, "no witness %s", name);
}

int flow_witness_rm(struct repo *r, const char *name, json_t **ret, struct error *e)
{
	scoped_json *doc = NULL;
	int code;

	if (repo_lock(r, e) < 0)
		return e->code;
	code = drop(r, name, &doc, e);
	repo_unlock(r);
	if (code == 0)
		*ret = give(doc);
	return code;
}

/* What it has cosigned of the public heads. */
static int add_cosigned(struct repo *r, const struct policy_witness *w, json_t *o, struct error *e)
{
	for (int log = 0; log < LOG_COUNT; log++) {
		scoped(note) *n = NULL;
		scoped(buf) *b = NULL;
		size_t checked = 0;
		struct head h;

		if (buf_create(&b, 512, e) < 0 || log_published(r->log_blobs[log], b, e) < 0 ||
		    note_parse(&n, b->data, b->len, e) < 0 ||
		    head_parse(&h, n->text, n->text_len, e) < 0)
			return e->code;
		if (note_look(n, &w->key, 1, &checked, NULL, e) < 0)
			error_clear(e); /* a line that does not hold is none */
		if (checked)
			json_set_number(o, log_names[log], h.size, e);
		else
			json_set_new(o, log_names[log], json_null(), e);
	}
	return e->code;
}

int flow_witness_ls(struct repo *r, json_t **ret, struct error *e)
{
	scoped_json *list = json_array_make(e);
	scoped(policy) *p = NULL;

	if (!list || witness_load(r, &p, e) < 0)
		return e->code;
	for (size_t i = 0; i < p->witness_count; i++) {
		json_t *o = witness_json(&p->witness[i], e);

		json_add_new(list, o, e);
		if (e->code || add_cosigned(r, &p->witness[i], o, e) < 0)
			return e->code;
	}
	*ret = give(list);
	return 0;
}

int flow_witness_policy(struct repo *r, struct buf *out, struct error *e)
{
	scoped(policy) *p = NULL;

	/* One key signs both logs, and a policy lists a key once: it pins the other log too. */
	if (witness_load(r, &p, e) < 0 || buf_printf(out, e, "log ") < 0 ||
	    note_key_put(&r->log_key[LOG_FACTS], out, e) < 0 || buf_printf(out, e, "\n") < 0 ||
	    put_all(out, p, NULL, e) < 0)
		return e->code;
	if (p->witness_count == 0)
		return buf_printf(out, e, "quorum none\n");
	if (buf_printf(out, e, "group all-of-them all") < 0)
		return e->code;
	for (size_t i = 0; i < p->witness_count; i++)
		if (buf_printf(out, e, " %s", p->witness[i].name) < 0)
			return e->code;
	return buf_printf(out, e, "\nquorum all-of-them\n");
}
