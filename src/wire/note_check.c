/* Signatures of notes: which hold, and those that witnesses make. */
#include <inttypes.h>
#include <string.h>

#include "wire/note.h"

enum { TIME_LEN = 8 };
#define TIME_MAX_S INT64_MAX

static bool is_by(const struct note_signature *s, const struct note_key *k)
{
	return s->id == k->id && strcmp(s->name, k->name) == 0;
}

static bool is_timed(const struct note_key *k)
{
	return k->type != NOTE_ED25519;
}

/* ---- what is signed ---- */

static int put_counted(struct buf *b, const char *text, struct error *e)
{
	size_t len = strlen(text);

	return buf_put_u8(b, (uint8_t)len, e) < 0 ? e->code : buf_put(b, text, len, e);
}

/* struct cosigned_message: of the head's three lines alone, and of who signs. */
static int put_mldsa_message(struct buf *b, const char *text, size_t text_len,
			     const struct note_key *k, uint64_t time_s, struct error *e)
{
	static const char label[12] = "subtree/v1\n";
	struct head h;

	if (head_parse(&h, text, text_len, e) < 0 || buf_put(b, label, sizeof(label), e) < 0 ||
	    put_counted(b, k->name, e) < 0 || buf_put_be(b, time_s, TIME_LEN, e) < 0 ||
	    put_counted(b, h.origin, e) < 0 || buf_put_be(b, 0, 8, e) < 0 ||
	    buf_put_be(b, h.size, 8, e) < 0)
		return e->code;
	return buf_put(b, h.root.b, HASH_LEN, e);
}

static int put_message(struct buf *b, const char *text, size_t text_len, const struct note_key *k,
		       uint64_t time_s, struct error *e)
{
	if (k->type == NOTE_MLDSA)
		return put_mldsa_message(b, text, text_len, k, time_s, e);
	if (is_timed(k) && buf_printf(b, e, "cosignature/v1\ntime %" PRIu64 "\n", time_s) < 0)
		return e->code;
	return buf_put(b, text, text_len, e);
}

/* ---- making ---- */

static int check_seed(const struct note_key *k, const uint8_t *seed, struct error *e)
{
	uint8_t public_key[NOTE_PUBLIC_MAX];

	if (!is_timed(k))
		return error_set(e, E_USAGE, "note: key type 0x%02x does not cosign", k->type);
	if ((k->type == NOTE_MLDSA ? mldsa_public(public_key, seed, e) :
				     sign_public(public_key, seed, e)) < 0)
		return e->code;
	if (memcmp(public_key, k->public_key, note_public_len(k->type)) != 0)
		return error_set(e, E_MISMATCH, "note: the seed is not that of key %s", k->name);
	return 0;
}

static int put_cosignature(struct buf *b, const char *text, size_t text_len,
			   const struct note_key *k, const uint8_t *seed, uint64_t time_s,
			   struct error *e)
{
	uint8_t signature[TIME_LEN + MLDSA_LEN];
	scoped(buf) *message = NULL;
	struct head h;

	/* A cosignature is a word about a head. */
	if (check_seed(k, seed, e) < 0 || note_text_check(text, text_len, e) < 0 ||
	    head_parse(&h, text, text_len, e) < 0 || buf_create(&message, text_len + 64, e) < 0 ||
	    put_message(message, text, text_len, k, time_s, e) < 0)
		return e->code;
	be_set(signature, time_s, TIME_LEN);
	if ((k->type == NOTE_MLDSA ?
		     mldsa_make(signature + TIME_LEN, seed, message->data, message->len, e) :
		     sign_make(signature + TIME_LEN, seed, message->data, message->len, e)) < 0)
		return e->code;
	return note_put_signature(b, k->name, k->id, signature,
				  TIME_LEN + (k->type == NOTE_MLDSA ? MLDSA_LEN : SIGN_LEN), e);
}

int note_cosign(struct buf *b, const char *text, size_t text_len, const struct note_key *k,
		const uint8_t seed[SIGN_SEED_LEN], uint64_t time_s, struct error *e)
{
	if (time_s == 0 || time_s > TIME_MAX_S)
		return error_set(e, E_RANGE, "note: no time to cosign at");
	return put_cosignature(b, text, text_len, k, seed, time_s, e);
}

int note_sign_mldsa(struct buf *b, const char *text, size_t text_len, const struct note_key *k,
		    const uint8_t seed[MLDSA_SEED_LEN], struct error *e)
{
	if (k->type != NOTE_MLDSA)
		return error_set(e, E_USAGE, "note: key type 0x%02x is not ML-DSA-44", k->type);
	return put_cosignature(b, text, text_len, k, seed, 0, e);
}

/* ---- checking ---- */

static int check_signature(const struct note *n, const struct note_signature *s,
			   const struct note_key *k, struct error *e)
{
	static const size_t len[] = { [NOTE_ED25519] = SIGN_LEN,
				      [NOTE_COSIGNATURE] = TIME_LEN + SIGN_LEN,
				      [NOTE_MLDSA] = TIME_LEN + MLDSA_LEN };
	uint64_t time_s = is_timed(k) && s->len == len[k->type] ? be_get(s->bytes, TIME_LEN) : 0;
	const uint8_t *signature = s->bytes + (is_timed(k) ? TIME_LEN : 0);
	scoped(buf) *message = NULL;

	if (s->len != len[k->type])
		return error_set(e, E_MISMATCH, "%zu bytes instead of %zu", s->len, len[k->type]);
	if (time_s > TIME_MAX_S)
		return error_set(e, E_MISMATCH, "the time is beyond 2^63");
	if (buf_create(&message, n->text_len + 64, e) < 0)
		return e->code;
	if (put_message(message, n->text, n->text_len, k, time_s, e) < 0)
		return e->code == E_MEMORY ? e->code :
					     error_set(e, E_MISMATCH, "it is of no head");
	return k->type == NOTE_MLDSA ?
		       mldsa_check(signature, k->public_key, message->data, message->len, e) :
		       sign_check(signature, k->public_key, message->data, message->len, e);
}

static bool can_check(const struct note_key *k)
{
	return k->type != NOTE_MLDSA || mldsa_is_there();
}

/* How many there are by k: all hold. */
static int check_all_by(const struct note *n, const struct note_key *k, size_t *ret_count,
			struct error *e)
{
	*ret_count = 0;
	for (size_t i = 0; i < n->count && can_check(k); i++) {
		if (!is_by(&n->signature[i], k))
			continue;
		if (check_signature(n, &n->signature[i], k, e) < 0)
			return error_wrap(e, "signature of %s", k->name);
		++*ret_count;
	}
	return 0;
}

int note_check_by(const struct note *n, const struct note_key *k, struct error *e)
{
	size_t count = 0;

	if (check_all_by(n, k, &count, e) < 0)
		return e->code;
	return count > 0 ? 0 : error_set(e, E_MISMATCH, "note: not signed by a known key");
}

static uint64_t time_in(const struct note_signature *s, const struct note_key *k)
{
	return is_timed(k) && s->len >= TIME_LEN ? be_get(s->bytes, TIME_LEN) : 0;
}

/* The signature by k with the latest time; NULL: none. */
static const struct note_signature *latest(const struct note *n, const struct note_key *k)
{
	const struct note_signature *best = NULL;

	for (size_t i = 0; i < n->count; i++)
		if (is_by(&n->signature[i], k) &&
		    (!best || time_in(&n->signature[i], k) > time_in(best, k)))
			best = &n->signature[i];
	return best;
}

int note_look(const struct note *n, const struct note_key *keys, size_t count,
	      size_t *ret_checked, uint64_t *ret_times, struct error *e)
{
	size_t checked = 0, any;

	for (size_t k = 0; k < count; k++) {
		const struct note_signature *s = NULL;

		if (check_all_by(n, &keys[k], &any, e) < 0)
			return e->code;
		if (any > 0)
			s = latest(n, &keys[k]);
		checked += s != NULL;
		if (ret_times)
			ret_times[k] = s ? time_in(s, &keys[k]) : NOTE_UNSIGNED;
	}
	if (ret_checked)
		*ret_checked = checked;
	return 0;
}

int note_check(const struct note *n, const struct note_key *keys, size_t count,
	       size_t *ret_checked, uint64_t *ret_times, struct error *e)
{
	size_t checked = 0;

	if (note_look(n, keys, count, &checked, ret_times, e) < 0)
		return e->code;
	if (checked == 0)
		return error_set(e, E_MISMATCH, "note: not signed by a known key");
	if (ret_checked)
		*ret_checked = checked;
	return 0;
}

int note_join(struct buf *b, const struct note *have, const struct note *more,
	      const struct note_key *k, struct error *e)
{
	const struct note_signature *s = latest(more, k);
	size_t count = 1;

	if (have->text_len != more->text_len || memcmp(have->text, more->text, have->text_len) != 0)
		return error_set(e, E_MISMATCH, "note: a signature of another text");
	if (!s)
		return error_set(e, E_MISMATCH, "note: not signed by %s", k->name);
	if (buf_put(b, have->text, have->text_len, e) < 0 || buf_put_u8(b, '\n', e) < 0)
		return e->code;
	for (size_t i = 0; i < have->count; i++) {
		const struct note_signature *old = &have->signature[i];

		if (is_by(old, k))
			continue;
		if (++count > NOTE_SIGNATURES_MAX)
			return error_set(e, E_RANGE, "note: more than %d signatures",
					 NOTE_SIGNATURES_MAX);
		if (note_put_signature(b, old->name, old->id, old->bytes, old->len, e) < 0)
			return e->code;
	}
	return note_put_signature(b, s->name, s->id, s->bytes, s->len, e);
}

int head_put_own(struct buf *b, const struct note *n, struct error *e)
{
	struct head h;

	if (head_parse(&h, n->text, n->text_len, e) < 0 || buf_put(b, n->text, n->text_len, e) < 0 ||
	    buf_put_u8(b, '\n', e) < 0)
		return e->code;
	for (size_t i = 0; i < n->count; i++) {
		const struct note_signature *s = &n->signature[i];

		if (strcmp(s->name, h.origin) == 0 &&
		    note_put_signature(b, s->name, s->id, s->bytes, s->len, e) < 0)
			return e->code;
	}
	return 0;
}
