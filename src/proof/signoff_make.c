#include "base/text.h"
#include "proof/signoff.h"
#include "proof/statement.h"

static void put_subject(json_t *o, const void *statement, size_t len_bytes, struct error *e)
{
	json_t *list = json_array_make(e), *one = json_object_make(e), *digest = json_object_make(e);
	uint8_t sha512[SIGNOFF_HASH512_LEN];
	char hex[2 * SIGNOFF_HASH512_LEN + 1];
	struct hash sha256;

	hash_bytes(&sha256, statement, len_bytes);
	hash512_bytes(sha512, statement, len_bytes);
	json_set_hash(digest, "sha256", &sha256, e);
	json_set_text(digest, "sha512", hex_encode(hex, sha512, sizeof(sha512)), e);
	json_set_text(one, "name", "statement", e);
	json_set_new(one, "digest", digest, e);
	json_add_new(list, one, e);
	json_set_new(o, "subject", list, e);
}

static void put_predicate(json_t *o, const struct signoff *s, struct error *e)
{
	json_t *p = json_object_make(e);

	json_set_number(p, "format", 1, e);
	json_set_text(p, "capacity", signoff_capacity_name(s->capacity), e);
	json_set_text(p, "name", s->name, e);
	json_set_text(p, "title", s->title, e);
	json_set_text(p, "organisation", s->organisation, e);
	json_set_text(p, "location", s->location, e);
	json_set_text(p, "contact", s->contact, e);
	json_set_text(p, "words", s->words, e);
	json_set_time(p, "date", s->date_utc_ms, e);
	json_set_bytes64(p, "key", s->key.der, s->key.len, e);
	json_set_new(o, "predicate", p, e);
}

int signoff_body(struct buf *b, const struct signoff *s, const void *statement, size_t len_bytes,
		 struct error *e)
{
	scoped_json *o = NULL;

	if (signoff_texts_check(s, e) < 0)
		return e->code;
	o = json_object_make(e);
	json_set_text(o, "_type", STATEMENT_TYPE, e);
	json_set_text(o, "predicateType", SIGNOFF_TYPE, e);
	put_subject(o, statement, len_bytes, e);
	put_predicate(o, s, e);
	return e->code ? e->code : json_put(o, b, e);
}

int signoff_make(struct buf *out, const struct buf *body, const struct pubkey *key,
		 const void *signature, size_t signature_len, struct error *e)
{
	struct hash id = pubkey_id(key);
	scoped(buf) *message = NULL;

	if (buf_create(&message, body->len + 64, e) < 0 || signoff_message(message, body, e) < 0 ||
	    pubkey_check(key, signature, signature_len, message->data, message->len, e) < 0)
		return e->code;
	return dsse_put(out, ENVELOPE_TYPE, body->data, body->len, hash_hex(&id).s, signature,
			signature_len, e);
}

/* ---- signed elsewhere ---- */

/* What stands behind the head of a message; its length is checked by making the head again. */
static int body_of(struct buf **ret, const uint8_t *message, size_t len, struct error *e)
{
	scoped(buf) *again = NULL, *body = NULL;
	const uint8_t *at = memchr(message, '{', len);

	if (!at)
		return error_set(e, E_FORMAT, "no message of a sign-off");
	if (buf_from(&body, at, len - (size_t)(at - message), e) < 0 ||
	    buf_create(&again, len, e) < 0 || signoff_message(again, body, e) < 0)
		return e->code;
	if (again->len != len || memcmp(again->data, message, len) != 0)
		return error_set(e, E_FORMAT, "no message of a sign-off");
	*ret = give(body);
	return 0;
}

static int key_of(struct pubkey *ret, const struct buf *body, struct error *e)
{
	scoped_json *o = NULL;
	scoped(buf) *der = NULL;
	json_t *p = NULL;

	if (json_parse_canonical(&o, body->data, body->len, SIGNOFF_BYTES_MAX, e) < 0 ||
	    json_get_object(o, "predicate", &p, e) < 0 || json_get_bytes64(p, "key", &der, e) < 0)
		return e->code;
	return pubkey_parse(ret, der->data, der->len, e);
}

int signoff_assemble(struct buf *out, const void *message, size_t len_bytes,
		     const void *signature, size_t signature_len, struct error *e)
{
	scoped(buf) *body = NULL, *file = NULL;
	scoped(signoff) *s = NULL;
	struct pubkey key;

	if (len_bytes > SIGNOFF_BYTES_MAX)
		return error_set(e, E_RANGE, "a message of more than %d bytes", SIGNOFF_BYTES_MAX);
	if (body_of(&body, message, len_bytes, e) < 0 || key_of(&key, body, e) < 0 ||
	    buf_create(&file, 2 * len_bytes + 512, e) < 0 ||
	    signoff_make(file, body, &key, signature, signature_len, e) < 0 ||
	    signoff_read(&s, file->data, file->len, e) < 0)
		return e->code;
	return buf_put(out, file->data, file->len, e);
}
