#include "flow/signoffs.h"

#include <stdio.h>

#include "base/sys.h"
#include "base/text.h"
#include "wire/dsse.h"

/* ---- signing ---- */

static int check_unpinned(const struct verdict *v, struct error *e)
{
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok && strcmp(v->check[i].name, "key") != 0)
			return error_set(e, E_MISMATCH, "the statement does not hold: %s: %s",
					 v->check[i].name, v->check[i].detail);
	return v->statement ? 0 : error_set(e, E_MISMATCH, "no statement that can be read");
}

int signoff_look(const struct buf *statement, json_t **ret, struct error *e)
{
	const struct verify_pins pins = { .vkey = NULL };
	char hex[2 * SIGNOFF_HASH512_LEN + 1];
	uint8_t sha512[SIGNOFF_HASH512_LEN];
	scoped_json *about = NULL;
	scoped(verdict) *v = NULL;
	struct hash sha256;
	const json_t *p;

	if (certificate_verify(&v, statement->data, statement->len, &pins, e) < 0 ||
	    check_unpinned(v, e) < 0)
		return e->code;
	p = json_object_get(v->statement, "predicate");
	hash_bytes(&sha256, statement->data, statement->len);
	hash512_bytes(sha512, statement->data, statement->len);
	about = json_object_make(e);
	json_set_text(about, "type", json_text_or(v->statement, "predicateType", ""), e);
	json_set_text(about, "origin", json_text_or(p, "origin", ""), e);
	json_set_text(about, "issued", json_text_or(p, "issued", ""), e);
	json_set_text(about, "what", json_text_or(json_object_get(p, "summary"), "what", ""), e);
	json_set_hash(about, "sha256", &sha256, e);
	json_set_text(about, "sha512", hex_encode(hex, sha512, sizeof(sha512)), e);
	if (e->code)
		return e->code;
	*ret = give(about);
	return 0;
}

int signoff_prepare(struct signoff *s, const struct buf *statement, const json_t *about,
		    struct buf *message, struct error *e)
{
	scoped(buf) *body = NULL;
	uint64_t issued = 0;

	s->date_utc_ms = sys->now_utc_ms() / 1000 * 1000;
	if (json_get_time(about, "issued", &issued, e) < 0)
		return e->code;
	if (s->date_utc_ms < issued / 1000 * 1000)
		return error_set(e, E_CONFLICT, "this clock is behind the statement: it was issued at %s",
				 json_text_or(about, "issued", ""));
	if (buf_create(&body, 2048, e) < 0 ||
	    signoff_body(body, s, statement->data, statement->len, e) < 0)
		return e->code;
	return signoff_message(message, body, e);
}

int signoff_finish(struct signoff **ret, const struct buf *message, const void *signature,
		   size_t signature_len, const struct buf *statement, const json_t *about,
		   struct buf *out, struct error *e)
{
	scoped(signoff) *s = NULL;
	scoped(buf) *file = NULL;
	uint64_t issued = 0;

	if (buf_create(&file, 4096, e) < 0 || json_get_time(about, "issued", &issued, e) < 0 ||
	    signoff_assemble(file, message->data, message->len, signature, signature_len, e) < 0 ||
	    signoff_read(&s, file->data, file->len, e) < 0 ||
	    signoff_check(s, statement->data, statement->len, issued, e) < 0 ||
	    buf_put(out, file->data, file->len, e) < 0)
		return e->code;
	*ret = give(s);
	return 0;
}

/* ---- checking ---- */

bool is_signoff(const struct buf *bytes)
{
	struct error ignored = { 0 };
	scoped_json *body = NULL;
	scoped(dsse) *d = NULL;

	return dsse_parse_any(&d, bytes->data, bytes->len, SIGNOFF_BYTES_MAX, &ignored) == 0 &&
	       json_parse(&body, d->body, d->body_len, SIGNOFF_BYTES_MAX, &ignored) == 0 &&
	       strcmp(json_text_or(body, "predicateType", ""), SIGNOFF_TYPE) == 0;
}

struct holding {
	json_t *others; /* lent */
	const struct buf *statement;
	uint64_t issued_utc_ms;
	const struct pubkey *signers;
	size_t signer_count, unpinned;
	bool signed_by[SIGNOFFS_MAX]; /* each of the signers */
};

static bool is_pinned(struct holding *h, const struct pubkey *key)
{
	bool pinned = false;

	for (size_t i = 0; i < h->signer_count; i++)
		if (pubkey_equal(key, &h->signers[i]))
			pinned = h->signed_by[i] = true;
	return pinned;
}

/* What holds is told; what does not is E_MISMATCH, E_FORMAT or E_RANGE. */
static int hold(struct holding *h, const struct signoff_file *f, struct error *e)
{
	scoped(signoff) *s = NULL;
	scoped(buf) *b = NULL;
	bool pinned;

	if (signoff_read(&s, f->bytes, f->len, e) < 0 ||
	    signoff_check(s, h->statement->data, h->statement->len, h->issued_utc_ms, e) < 0)
		return e->code;
	pinned = is_pinned(h, &s->key);
	h->unpinned += !pinned;
	if (buf_create(&b, 512, e) < 0 || signoff_sentence(b, s, pinned, e) < 0)
		return e->code;
	json_add_new(h->others, json_stringn(buf_text(b), b->len), e);
	return e->code;
}

static int hold_all(struct holding *h, const struct signoff_file *files, size_t count,
		    struct error *e)
{
	if (count > SIGNOFFS_MAX || h->signer_count > SIGNOFFS_MAX)
		return error_set(e, E_RANGE, "more than %d sign-offs or signers", SIGNOFFS_MAX);
	for (size_t i = 0; i < count; i++)
		if (hold(h, &files[i], e) < 0)
			return error_wrap(e, "%s", files[i].name);
	for (size_t i = 0; i < h->signer_count; i++) {
		struct hash id = pubkey_id(&h->signers[i]);

		if (!h->signed_by[i])
			return error_set(e, E_MISMATCH, "nothing is signed by the pinned key %s",
					 hash_hex(&id).s);
	}
	return 0;
}

static void say(json_t *doc, bool ok, const char *detail, struct error *e)
{
	json_t *row = json_object_make(e);

	json_set_text(row, "name", "signoffs", e);
	json_set_bool(row, "ok", ok, e);
	json_set_new(row, "detail", json_text_lossy(detail, strlen(detail), e), e);
	json_add_new(json_object_get(doc, "checks"), row, e);
	if (!ok)
		json_set_bool(doc, "valid", false, e);
}

int signoffs_verify(json_t *doc, const struct buf *statement, uint64_t issued_utc_ms,
		    const struct signoff_file *files, size_t count, const struct pubkey *signers,
		    size_t signer_count, struct error *e)
{
	struct holding h = { .others = json_object_get(doc, "signed_by_others"),
			     .statement = statement, .issued_utc_ms = issued_utc_ms,
			     .signers = signers, .signer_count = signer_count };
	char detail[CHECK_DETAIL_MAX];
	struct error why = { 0 };
	int code = hold_all(&h, files, count, &why);

	if (code == E_MEMORY)
		return error_set(e, code, "%s", why.text);
	snprintf(detail, sizeof(detail), "%zu of this statement, %zu of them by keys that nobody pinned",
		 count, h.unpinned);
	if (h.unpinned == 0)
		snprintf(detail, sizeof(detail), "%zu of this statement, by pinned keys", count);
	say(doc, code == 0, code == 0 ? detail : why.text, e);
	return e->code;
}
