/* The statement of a hand-over: what holds, and what must not. */
#include <stdio.h>

#include "base/file.h"
#include "base/test.h"
#include "flow/verify_data.h"
#include "wire/dsse.h"

static struct error e;
static const uint8_t seed[SIGN_SEED_LEN] = { 7 }, other_seed[SIGN_SEED_LEN] = { 8 };
static const char manifest[] = "path,sha256,bytes\n";
static json_t *doc;

static struct buf *empty(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	return b;
}

static struct buf *vkey_of(const char *name, const uint8_t *of)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct note_key k;
	struct buf *b = empty();

	check_ok(sign_public(public_key, of, &e));
	check_ok(note_key_make(&k, name, NOTE_ED25519, public_key, &e));
	check_ok(note_key_put(&k, b, &e));
	return b;
}

static json_t *body_of(void)
{
	struct head h = { .origin = "glade/facts", .size = 3 };
	scoped(buf) *text = empty(), *note = empty();
	struct note_key k;
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct hash digest;
	char hex[HASH_HEX_MAX];

	hash_bytes(&digest, manifest, sizeof(manifest) - 1);
	snprintf(hex, sizeof(hex), "%s", hash_hex(&digest).s);
	check_ok(sign_public(public_key, seed, &e));
	check_ok(note_key_make(&k, "glade/facts", NOTE_ED25519, public_key, &e));
	check_ok(head_put(&h, text, &e));
	check_ok(note_sign(note, buf_text(text), text->len, &k, seed, &e));
	return json_pack("{s:s,s:s,s:[{s:s,s:{s:s}}],s:{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s,s:s}}",
			 "_type", "https://in-toto.io/Statement/v1", "predicateType",
			 "urn:rescind:handover:1", "subject", "name", "manifest.csv", "digest",
			 "sha256", hex, "predicate", "format", 1, "id", "out1", "origin", "glade",
			 "from", "glade", "to", "Receiver", "use", "share:IdentityVerification",
			 "under", hex, "date", "2026-01-01T00:00:00Z", "count", 10, "manifest", hex,
			 "head", buf_text(note));
}

/* Takes the body. */
static struct buf *signed_by(json_t *body, const char *name, const uint8_t *of)
{
	scoped(buf) *text = empty(), *vkey = vkey_of(name, of);
	struct buf *b = empty();

	check_ok(json_put(body, text, &e));
	json_decref(body);
	check_ok(dsse_sign(b, "application/vnd.in-toto+json", text->data, text->len, buf_text(vkey), of, &e));
	return b;
}

/* Takes bytes. Names of the checks that fail, each behind a space. */
static const char *fails(struct buf *bytes, const char *pin, const char *data)
{
	struct verify_pins pins = { .vkey = pin };
	static char names[256];
	const json_t *c;
	size_t i;

	names[0] = 0;
	json_decref(doc);
	doc = NULL;
	check(verify_is_handover(bytes));
	check_ok(verify_handover(bytes, &pins, &data, data != NULL, &doc, &e));
	json_array_foreach(json_object_get(doc, "checks"), i, c)
		if (!json_is_true(json_object_get(c, "ok")))
			snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s",
				 json_text_or(c, "name", ""));
	check(json_is_true(json_object_get(doc, "valid")) == (names[0] == 0));
	buf_destroy(bytes);
	return names;
}

static struct buf *changed(const char *member, json_t *to)
{
	json_t *body = body_of();

	json_object_set_new(json_object_get(body, "predicate"), member, to);
	return signed_by(body, "glade/facts", seed);
}

TEST(a_hand_over_holds_with_its_key_and_its_list)
{
	scoped(buf) *key = vkey_of("glade/facts", seed), *records = vkey_of("glade/records", seed);
	char path[PATH_LEN_MAX];

	snprintf(path, sizeof(path), "%s/manifest.csv", test_folder());
	check_ok(file_write(path, manifest, sizeof(manifest) - 1, 0600, &e));
	assert_string_equal(fails(signed_by(body_of(), "glade/facts", seed), buf_text(key), path), "");
	assert_string_equal(fails(signed_by(body_of(), "glade/facts", seed), buf_text(records), NULL), "");
	check(json_array_size(json_object_get(doc, "not_covered")) == 2);
	check_ok(file_write(path, "other", 5, 0600, &e));
	assert_string_equal(fails(signed_by(body_of(), "glade/facts", seed), buf_text(key), path), " manifest");
}

TEST(another_key_does_not_make_it)
{
	scoped(buf) *key = vkey_of("glade/facts", seed), *log = vkey_of("meadow/facts", seed);

	assert_string_equal(fails(signed_by(body_of(), "glade/facts", seed), NULL, NULL), " key");
	assert_string_equal(fails(signed_by(body_of(), "glade/facts", seed), buf_text(log), NULL), " key");
	assert_string_equal(fails(signed_by(body_of(), "glade/facts", other_seed), buf_text(key), NULL), " key head");
	assert_string_equal(fails(signed_by(body_of(), "meadow/facts", seed), buf_text(key), NULL), " signature key head");
}

TEST(what_was_changed_does_not_hold)
{
	scoped(buf) *key = vkey_of("glade/facts", seed);
	scoped(buf) *bytes = signed_by(body_of(), "glade/facts", seed), *again = empty(), *text = empty();
	scoped_json *o = NULL, *body = body_of();

	/* The old signature over another count. */
	json_object_set_new(json_object_get(body, "predicate"), "count", json_integer(11));
	check_ok(json_put(body, text, &e));
	check_ok(json_parse(&o, bytes->data, bytes->len, 1 << 20, &e));
	json_set_bytes64(o, "payload", text->data, text->len, &e);
	check_ok(json_put(o, again, &e));
	check_ok(buf_put_u8(again, '\n', &e));
	assert_string_equal(fails(give(again), buf_text(key), NULL), " signature");
}

TEST(a_statement_of_another_shape_is_told_by_one_line)
{
	scoped(buf) *key = vkey_of("glade/facts", seed);
	json_t *body = body_of();

	assert_string_equal(fails(changed("format", json_integer(2)), buf_text(key), NULL), " encoding");
	assert_string_equal(fails(changed("more", json_integer(2)), buf_text(key), NULL), " encoding");
	assert_string_equal(fails(changed("from", json_string("meadow")), buf_text(key), NULL), " encoding");
	assert_string_equal(fails(changed("count", json_string("10")), buf_text(key), NULL), " encoding");
	assert_string_equal(fails(changed("manifest", json_string("00")), buf_text(key), NULL), " encoding");
	assert_string_equal(fails(changed("head", json_string("none")), buf_text(key), NULL), " head");
	json_object_set_new(body, "subject", json_array());
	assert_string_equal(fails(signed_by(body, "glade/facts", seed), buf_text(key), NULL), " encoding");
	check(json_array_size(json_object_get(doc, "checks")) == 1);
}

/* One byte more than is read is no hand-over at all. */
TEST(what_is_too_long_is_none)
{
	scoped(buf) *b = signed_by(body_of(), "glade/facts", seed);

	check(verify_is_handover(b));
	while (b->len <= 1 << 20)
		check_ok(buf_put_u8(b, '\n', &e));
	check(!verify_is_handover(b));
}

int main(void)
{
	int failed = test_run_all("verify_handover");

	json_decref(doc);
	return failed;
}
