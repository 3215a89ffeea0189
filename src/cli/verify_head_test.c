#include "cli/verify_head.h"

#include "base/test.h"

static struct error e;
static const uint8_t seed[SIGN_SEED_LEN] = { 1 }, other_seed[SIGN_SEED_LEN] = { 2 };

static struct note_key key_of(const char *name, const uint8_t *from)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;

	check_ok(sign_public(public_key, from, &e));
	check_ok(note_key_make(&k, name, NOTE_ED25519, public_key, &e));
	return k;
}

static struct buf *head_of(const char *origin, const uint8_t *from)
{
	struct note_key k = key_of(origin, from);
	struct head h = { .size = 3, .root.b = { 7 } };
	struct buf *text = NULL, *note = NULL;

	strcpy(h.origin, origin);
	check_ok(buf_create(&text, 256, &e));
	check_ok(buf_create(&note, 256, &e));
	check_ok(head_put(&h, text, &e));
	check_ok(note_sign(note, buf_text(text), text->len, &k, from, &e));
	buf_destroy(text);
	return note;
}

static json_t *looked_at(const struct buf *note, const struct note_key *k)
{
	struct verify_pins pins = { .vkey = NULL };
	scoped(buf) *vkey = NULL;
	json_t *doc = NULL;

	check_ok(buf_create(&vkey, 256, &e));
	if (k)
		check_ok(note_key_put(k, vkey, &e));
	pins.vkey = k ? buf_text(vkey) : NULL;
	check_ok(verify_head(note, &pins, &doc, &e));
	return doc;
}

/* Is the head of this origin, by this key, valid with that pin? */
static bool holds(const char *origin, const uint8_t *by, const char *pin, const uint8_t *pin_by)
{
	struct note_key k = key_of(pin, pin_by);
	scoped(buf) *note = head_of(origin, by);
	scoped_json *doc = NULL;
	const json_t *row;
	bool valid;

	check(is_note(note));
	doc = looked_at(note, &k);
	valid = json_is_true(json_object_get(doc, "valid"));
	row = json_array_get(json_object_get(doc, "checks"), 0);
	check(strcmp(json_text_or(row, "name", ""), "head") == 0);
	check(json_is_true(json_object_get(row, "ok")) == valid);
	check(json_is_array(json_object_get(doc, "asserted")));
	return valid;
}

TEST(either_vkey_of_a_repository_pins_both_of_its_heads)
{
	static const char *const logs[] = { "o.example/facts", "o.example/records" };

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++) {
			check(holds(logs[i], seed, logs[k], seed));
			check(!holds(logs[i], seed, logs[k], other_seed));
		}
	check(holds("plain", seed, "plain", seed));
}

TEST(a_head_of_another_origin_does_not_hold)
{
	check(!holds("p.example/facts", seed, "o.example/facts", seed));
	check(!holds("o.example/other", seed, "o.example/facts", seed));
	check(!holds("o.example/facts", seed, "o.example/other", seed));
	check(!holds("o.example/factsx", seed, "o.example/facts", seed));
	check(!holds("o.example/records/facts", seed, "o.example/facts", seed));
}

TEST(without_a_key_or_with_one_byte_changed_nothing_holds)
{
	scoped(buf) *note = head_of("o.example/facts", seed);
	struct note_key k = key_of("o.example/facts", seed);
	scoped_json *unpinned = NULL;

	unpinned = looked_at(note, NULL);
	check(json_is_false(json_object_get(unpinned, "valid")));
	for (size_t i = 0; i < note->len; i++) {
		scoped_json *doc = NULL;

		note->data[i] ^= 1;
		if (is_note(note)) {
			doc = looked_at(note, &k);
			check(json_is_false(json_object_get(doc, "valid")));
		}
		note->data[i] ^= 1;
	}
}

TEST(a_statement_is_no_note)
{
	scoped(buf) *b = NULL, *none = NULL;

	check_ok(buf_from(&b, "{\"payload\":\"\"}\n", 15, &e));
	check(!is_note(b));
	check_ok(buf_create(&none, 1, &e));
	check(!is_note(none));
}

TEST_MAIN("verify-head")
