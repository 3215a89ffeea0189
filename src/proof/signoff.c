#include "proof/signoff.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "proof/statement.h"

static const char *const capacities[SIGNOFF_CAPACITIES] = {
	[SIGNOFF_ISSUED] = "issued",
	[SIGNOFF_PERFORMED] = "performed",
	[SIGNOFF_VERIFIED] = "verified",
	[SIGNOFF_VALIDATED] = "validated",
};

const char *signoff_capacity_name(enum signoff_capacity c)
{
	return capacities[c];
}

int signoff_capacity_find(const char *text)
{
	for (int i = 0; i < SIGNOFF_CAPACITIES; i++)
		if (strcmp(capacities[i], text) == 0)
			return i;
	return -1;
}

void signoff_destroy(struct signoff *s)
{
	if (!s)
		return;
	dsse_destroy(s->envelope);
	json_decref(s->json);
	free(s);
}

/* ---- texts ---- */

/* A character that moves a terminal, turns the text around it, or is not seen. */
static bool is_hidden(const uint8_t *c, size_t len)
{
	switch (len) {
	case 1:
		return c[0] < 0x20 || c[0] == 0x7f;
	case 2: /* C1; the Arabic letter mark */
		return (c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xd8 && c[1] == 0x9c);
	case 3: /* zero width space, marks, separators, embeddings, isolates; joiners are in names */
		return (c[0] == 0xe2 && c[1] == 0x80 &&
			(c[2] == 0x8b || c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
		       (c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa0 && c[2] <= 0xaf) ||
		       (c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf) ||
		       (c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xb9 && c[2] <= 0xbb);
	default: /* tags */
		return c[0] == 0xf3 && c[1] == 0xa0 && c[2] <= 0x81;
	}
}

int signoff_text_check(const char *what, const char *text, size_t max, struct error *e)
{
	size_t len = strlen(text), char_len;

	if (len > max)
		return error_set(e, E_RANGE, "%s: more than %zu bytes", what, max);
	if (len > 0 && (text[0] == ' ' || text[len - 1] == ' '))
		return error_set(e, E_FORMAT, "%s: a space at an end of it", what);
	for (size_t at = 0; at < len; at += char_len) {
		char_len = utf8_char(text + at, len - at);
		if (char_len == 0)
			return error_set(e, E_FORMAT, "%s: not UTF-8", what);
		if (is_hidden((const uint8_t *)text + at, char_len))
			return error_set(e, E_FORMAT, "%s: a character that is not seen", what);
	}
	return 0;
}

int signoff_texts_check(const struct signoff *s, struct error *e)
{
	if (!*s->name)
		return error_set(e, E_FORMAT, "name: nobody's");
	if (signoff_text_check("name", s->name, SIGNOFF_TEXT_MAX, e) < 0 ||
	    signoff_text_check("title", s->title, SIGNOFF_TEXT_MAX, e) < 0 ||
	    signoff_text_check("organisation", s->organisation, SIGNOFF_TEXT_MAX, e) < 0 ||
	    signoff_text_check("location", s->location, SIGNOFF_TEXT_MAX, e) < 0 ||
	    signoff_text_check("contact", s->contact, SIGNOFF_TEXT_MAX, e) < 0)
		return e->code;
	return signoff_text_check("words", s->words, SIGNOFF_WORDS_MAX, e);
}

/* ---- reading ---- */

#define ONLY(j, ...) json_only(j, (const char *const[]){ __VA_ARGS__, NULL }, e)

static int read_subject(struct signoff *s, struct error *e)
{
	json_t *list = NULL, *one, *digest = NULL;
	const char *name = "", *hex = "";

	if (json_get_array(s->json, "subject", &list, e) < 0)
		return e->code;
	one = json_array_get(list, 0);
	if (json_array_size(list) != 1)
		return error_set(e, E_FORMAT, "subject: not one statement");
	if (ONLY(one, "name", "digest") < 0 || json_get_text(one, "name", &name, e) < 0 ||
	    json_get_object(one, "digest", &digest, e) < 0 || ONLY(digest, "sha256", "sha512") < 0 ||
	    json_get_hash(digest, "sha256", &s->sha256, e) < 0 ||
	    json_get_text(digest, "sha512", &hex, e) < 0 ||
	    hex_decode(s->sha512, sizeof(s->sha512), hex, e) < 0)
		return error_wrap(e, "subject");
	return strcmp(name, "statement") == 0 ? 0 :
						error_set(e, E_FORMAT, "subject: no statement");
}

static int read_date(struct signoff *s, const json_t *p, struct error *e)
{
	char spelled[TIME_TEXT_MAX];

	if (json_get_time(p, "date", &s->date_utc_ms, e) < 0)
		return e->code;
	if (s->date_utc_ms == TIME_NONE ||
	    strcmp(time_text(spelled, s->date_utc_ms), json_text_or(p, "date", "")) != 0)
		return error_set(e, E_FORMAT, "\"date\" is no time in UTC to the second");
	return 0;
}

static int read_key(struct signoff *s, const json_t *p, struct error *e)
{
	scoped(buf) *der = NULL;
	struct hash id;

	if (json_get_bytes64(p, "key", &der, e) < 0 ||
	    pubkey_parse(&s->key, der->data, der->len, e) < 0)
		return error_wrap(e, "key");
	id = pubkey_id(&s->key);
	return strcmp(s->envelope->signature[0].keyid, hash_hex(&id).s) == 0 ?
		       0 :
		       error_set(e, E_FORMAT, "its keyid is not that of the key it names");
}

static int read_predicate(struct signoff *s, const json_t *p, struct error *e)
{
	const char *capacity = "";
	uint64_t format = 0;
	int found;

	if (ONLY(p, "format", "capacity", "name", "title", "organisation", "location", "contact",
		 "date", "words", "key") < 0 ||
	    json_get_number(p, "format", &format, e) < 0)
		return e->code;
	if (format != 1)
		return error_set(e, E_FORMAT, "format %" PRIu64 ", and this program knows 1", format);
	if (json_get_text(p, "capacity", &capacity, e) < 0 ||
	    json_get_text(p, "name", &s->name, e) < 0 || json_get_text(p, "title", &s->title, e) < 0 ||
	    json_get_text(p, "organisation", &s->organisation, e) < 0 ||
	    json_get_text(p, "location", &s->location, e) < 0 ||
	    json_get_text(p, "contact", &s->contact, e) < 0 ||
	    json_get_text(p, "words", &s->words, e) < 0 || signoff_texts_check(s, e) < 0 ||
	    read_date(s, p, e) < 0 || read_key(s, p, e) < 0)
		return e->code;
	found = signoff_capacity_find(capacity);
	if (found < 0)
		return error_set(e, E_FORMAT, "\"capacity\" is none of issued, performed, verified, validated");
	s->capacity = (enum signoff_capacity)found;
	return 0;
}

static int read_statement(struct signoff *s, struct error *e)
{
	const char *type = "", *what = "";
	json_t *p = NULL;

	if (ONLY(s->json, "_type", "subject", "predicateType", "predicate") < 0 ||
	    json_get_text(s->json, "_type", &type, e) < 0 ||
	    json_get_text(s->json, "predicateType", &what, e) < 0)
		return e->code;
	if (strcmp(type, STATEMENT_TYPE) != 0 || strcmp(what, SIGNOFF_TYPE) != 0)
		return error_set(e, E_FORMAT, "a statement, but not a sign-off");
	if (read_subject(s, e) < 0 || json_get_object(s->json, "predicate", &p, e) < 0)
		return e->code;
	return read_predicate(s, p, e);
}

int signoff_read(struct signoff **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(signoff) *s = calloc(1, sizeof(*s));

	if (!s)
		return error_set(e, E_MEMORY, "sign-off: out of memory");
	if (dsse_parse_any(&s->envelope, bytes, len_bytes, SIGNOFF_BYTES_MAX, e) < 0)
		return e->code;
	if (strcmp(s->envelope->type, ENVELOPE_TYPE) != 0 || s->envelope->count != 1)
		return error_set(e, E_FORMAT, "not an envelope of one signature over a statement");
	if (json_parse_canonical(&s->json, s->envelope->body, s->envelope->body_len,
				 SIGNOFF_BYTES_MAX, e) < 0 ||
	    read_statement(s, e) < 0)
		return error_wrap(e, "sign-off");
	*ret = give(s);
	return 0;
}

/* ---- checking ---- */

int signoff_message(struct buf *b, const struct buf *body, struct error *e)
{
	return dsse_pae(b, ENVELOPE_TYPE, body->data, body->len, e);
}

static int check_signature(const struct signoff *s, struct error *e)
{
	const struct dsse_signature *by = &s->envelope->signature[0];
	scoped(buf) *message = NULL;

	if (buf_create(&message, s->envelope->body_len + 64, e) < 0 ||
	    dsse_pae(message, ENVELOPE_TYPE, s->envelope->body, s->envelope->body_len, e) < 0)
		return e->code;
	if (pubkey_check(&s->key, by->signature, by->len, message->data, message->len, e) < 0)
		return e->code == E_MISMATCH ?
			       error_set(e, E_MISMATCH, "not signed by the key that it names") :
			       e->code;
	return 0;
}

int signoff_check(const struct signoff *s, const void *statement, size_t len_bytes,
		  uint64_t issued_utc_ms, struct error *e)
{
	uint8_t sha512[SIGNOFF_HASH512_LEN];
	struct hash sha256;

	hash_bytes(&sha256, statement, len_bytes);
	hash512_bytes(sha512, statement, len_bytes);
	if (check_signature(s, e) < 0)
		return e->code;
	if (!hash_equal(&sha256, &s->sha256) || memcmp(sha512, s->sha512, sizeof(sha512)) != 0)
		return error_set(e, E_MISMATCH, "it is about another statement");
	if (issued_utc_ms != TIME_NONE && s->date_utc_ms < issued_utc_ms / 1000 * 1000)
		return error_set(e, E_MISMATCH, "dated before the statement was issued");
	return 0;
}

int signoff_sentence(struct buf *b, const struct signoff *s, bool pinned, struct error *e)
{
	const char *const more[] = { s->title, s->organisation, s->location, s->contact };
	struct hash id = pubkey_id(&s->key);
	char date[TIME_TEXT_MAX];

	if (buf_printf(b, e, "%s, on %s, %s (%s %s): %s", signoff_capacity_name(s->capacity),
		       time_text(date, s->date_utc_ms),
		       pinned ? "by a pinned key" : "key not pinned",
		       pubkey_algorithm(&s->key), hash_hex(&id).s, s->name) < 0)
		return e->code;
	for (size_t i = 0; i < COUNT_OF(more); i++)
		if (*more[i] && buf_printf(b, e, ", %s", more[i]) < 0)
			return e->code;
	return *s->words ? buf_printf(b, e, ": \"%s\"", s->words) : 0;
}
