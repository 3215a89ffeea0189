#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "proof/world.h"
#include "set/container.h"
#include "wire/dsse.h"

static struct error e;

static struct verdict *verify(const void *bytes, size_t len, const char *vkey,
			      const struct hash *order)
{
	const struct verify_pins pins = { .vkey = vkey, .order = order };
	struct verdict *v = NULL;

	check_ok(certificate_verify(&v, bytes, len, &pins, &e));
	return v;
}

static bool is_valid(const void *bytes, size_t len, const char *vkey, const struct hash *order)
{
	scoped(verdict) *v = verify(bytes, len, vkey, order);

	return v->valid;
}

static bool holds(const struct verdict *v, const char *name)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->check[i].name, name) == 0)
			return v->check[i].ok;
	fail_msg("no check %s", name);
	return false;
}

/* Does the verifier say this of its own, about what no check covers? */
static bool says(const struct verdict *v, const char *words)
{
	for (size_t i = 0; i < json_array_size(v->limits); i++)
		if (strstr(json_string_value(json_array_get(v->limits, i)), words))
			return true;
	return false;
}

static void check_all_hold(const struct verdict *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			fail_msg("%s: %s", v->check[i].name, v->check[i].detail);
	check(v->valid);
	check(v->count == 15);
}

struct shop {
	struct world w;
	struct buf *certificate, *vkey;
};

static void open_shop(struct shop *s)
{
	world_build(&s->w);
	s->certificate = world_certify(&s->w);
	check_ok(buf_create(&s->vkey, 0, &e));
	world_vkey(&s->w, "facts", s->vkey);
}

static void close_shop(struct shop *s)
{
	world_end(&s->w);
	buf_destroy(s->certificate);
	buf_destroy(s->vkey);
}

static struct verdict *shop_verdict(const struct shop *s, const char *vkey)
{
	return verify(s->certificate->data, s->certificate->len, vkey, NULL);
}

TEST(a_certificate_that_was_made_holds)
{
	struct shop s;
	scoped(verdict) *v = NULL;
	scoped_json *j = NULL;
	struct hash other;

	world_begin(&s.w, NO_LIE, "example.org/log", 10);
	open_shop(&s);
	v = shop_verdict(&s, buf_text(s.vkey));
	check_all_hold(v);
	check_ok(verdict_json(v, &j, &e));
	check(strcmp(json_text_or(j, "type", ""), CERTIFICATE_TYPE) == 0);
	check(json_is_true(json_object_get(j, "valid")));
	check(json_array_size(json_object_get(j, "checks")) == 15);
	check(json_array_size(json_object_get(j, "asserted")) == 1);
	check(json_array_size(json_object_get(j, "signed_by_others")) == 1);
	check(strcmp(json_string_value(json_array_get(json_object_get(j, "signed_by_others"), 0)),
		     "the operator says: the approver") == 0);
	check(json_array_size(json_object_get(j, "not_covered")) == 4);
	check(says(v, "no other source") && says(v, "holds the approver's key"));
	check(says(v, "not reach: the tapes") && !says(v, "no step that destroys"));

	world_vkey(&s.w, "records", s.vkey);
	check(is_valid(s.certificate->data, s.certificate->len, buf_text(s.vkey), &s.w.demand));
	other = s.w.demand;
	other.b[31] ^= 1;
	check(!is_valid(s.certificate->data, s.certificate->len, buf_text(s.vkey), &other));
	close_shop(&s);
}

TEST(without_the_right_key_only_the_key_does_not_hold)
{
	struct world other;
	struct shop s;
	scoped(buf) *vkey = NULL;
	const char *wrong[4] = { NULL, "", "example.org/log/facts+00000000+AA==", NULL };

	world_begin(&s.w, NO_LIE, "example.org/log", 10);
	open_shop(&s);
	check_ok(buf_create(&vkey, 0, &e));
	world_begin(&other, NO_LIE, "example.org/log", 20);
	world_vkey(&other, "facts", vkey);
	world_end(&other);
	wrong[3] = buf_text(vkey);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		scoped(verdict) *v = shop_verdict(&s, wrong[i]);

		check(!v->valid);
		for (size_t k = 0; k < v->count; k++)
			check(v->check[k].ok == (strcmp(v->check[k].name, "key") != 0));
	}
	/* The same key, but of another repository. */
	world_begin(&other, NO_LIE, "example.org/other", 10);
	world_vkey(&other, "facts", vkey);
	world_end(&other);
	check(!is_valid(s.certificate->data, s.certificate->len, buf_text(vkey), NULL));
	close_shop(&s);
}

TEST(a_demand_can_be_withheld_or_be_no_source_and_then_the_verifier_says_so)
{
	for (int i = 0; i < 2; i++) {
		struct shop s;
		scoped(verdict) *v = NULL;

		world_begin(&s.w, NO_LIE, "example.org/log", 10);
		s.w.withhold = i == 0;
		s.w.plain_selector = i == 1;
		open_shop(&s);
		v = shop_verdict(&s, buf_text(s.vkey));
		check_all_hold(v);
		check(says(v, i == 0 ? "demanded is withheld" : "answer the selector"));
		check(!says(v, i == 1 ? "demanded is withheld" : "answer the selector"));
		check(!says(v, "no other source"));
		close_shop(&s);
	}
}

TEST(one_person_may_open_and_approve_where_the_log_began_so)
{
	struct shop s;
	scoped(verdict) *v = NULL;

	world_begin(&s.w, NO_LIE, "example.org/log", 10);
	s.w.solo = true;
	open_shop(&s);
	v = shop_verdict(&s, buf_text(s.vkey));
	check_all_hold(v);
	check(says(v, "solo") && !says(v, "holds the approver's key"));
	close_shop(&s);
}

TEST(a_plan_that_destroys_nothing_is_said_to)
{
	struct shop s;
	scoped(verdict) *v = NULL;

	world_begin(&s.w, NO_LIE, "example.org/log", 10);
	s.w.small = true;
	open_shop(&s);
	v = shop_verdict(&s, buf_text(s.vkey));
	check_all_hold(v);
	check(says(v, "no step that destroys"));
	close_shop(&s);
}

/* The envelope has one type and one signature; a key that cosigns is no key of a log. */
TEST(the_envelope_and_the_pinned_key_are_of_their_kinds)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	scoped(buf) *typed = NULL, *two = NULL, *cosigner = NULL;
	scoped_json *j = NULL, *again = NULL;
	scoped(dsse) *d = NULL;
	struct note_key k;
	struct shop s;

	world_begin(&s.w, NO_LIE, "example.org/log", 10);
	open_shop(&s);
	check_ok(dsse_parse(&d, s.certificate->data, s.certificate->len, CERTIFICATE_BYTES_MAX,
			    &e));
	check_ok(buf_create(&typed, 0, &e));
	check_ok(dsse_sign(typed, "application/json", d->body, d->body_len,
			   d->signature[0].keyid, s.w.seed, &e));
	check(!is_valid(typed->data, typed->len, buf_text(s.vkey), NULL));

	check_ok(json_parse(&j, s.certificate->data, s.certificate->len, CERTIFICATE_BYTES_MAX, &e));
	again = json_deep_copy(json_array_get(json_object_get(j, "signatures"), 0));
	json_array_append(json_object_get(j, "signatures"), again);
	check_ok(buf_create(&two, 0, &e));
	check_ok(json_put(j, two, &e));
	check_ok(buf_put_u8(two, '\n', &e));
	check(!is_valid(two->data, two->len, buf_text(s.vkey), NULL));

	check_ok(sign_public(public_key, s.w.seed, &e));
	check_ok(note_key_make(&k, "example.org/log/facts", NOTE_COSIGNATURE, public_key, &e));
	check_ok(buf_create(&cosigner, 0, &e));
	check_ok(note_key_put(&k, cosigner, &e));
	check(!is_valid(s.certificate->data, s.certificate->len, buf_text(cosigner), NULL));
	check(is_valid(s.certificate->data, s.certificate->len, buf_text(s.vkey), NULL));
	close_shop(&s);
}

/* Which checks do not hold, with the log's two keys pinned: nothing is good. */
static const char *against(const struct shop *s, const char *mldsa)
{
	const struct verify_pins pins = { .vkey = buf_text(s->vkey), .vkey_mldsa = mldsa };
	static char said[512];
	scoped(verdict) *v = NULL;

	said[0] = 0;
	check_ok(certificate_verify(&v, s->certificate->data, s->certificate->len, &pins, &e));
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok && strcmp(v->check[i].name, "heads") == 0)
			snprintf(said, sizeof(said), "%s", v->check[i].detail);
	check(v->valid == !said[0]);
	return said;
}

TEST(heads_bear_the_mldsa_line_that_is_pinned_or_do_not_hold)
{
	const bool there = mldsa_is_there();
	scoped(buf) *mldsa = NULL;
	struct world other;
	struct shop s;

	check_ok(buf_create(&mldsa, 0, &e));
	for (int with = 0; with <= there; with++) {
		world_begin(&s.w, NO_LIE, "example.org/log", 10);
		s.w.mldsa = with;
		open_shop(&s);
		check(is_valid(s.certificate->data, s.certificate->len, buf_text(s.vkey), NULL));
		world_vkey_mldsa(&s.w, "records", mldsa);
		if (with)
			check(strcmp(against(&s, buf_text(mldsa)), "") == 0);
		else
			check(strstr(against(&s, buf_text(mldsa)),
				     there ? "by the pinned ML-DSA key" : "there is no ML-DSA-44 here"));
		check(strstr(against(&s, buf_text(s.vkey)), "of other logs"));
		other = s.w;
		other.origin = "example.org/other";
		world_vkey_mldsa(&other, "facts", mldsa);
		check(strstr(against(&s, buf_text(mldsa)), "of other logs"));
		other.origin = s.w.origin;
		other.seed[0] ^= 1;
		world_vkey_mldsa(&other, "facts", mldsa);
		check(!there || strstr(against(&s, buf_text(mldsa)), "by the pinned ML-DSA key"));
		close_shop(&s);
	}
}

static void small_shop(struct shop *s)
{
	world_begin(&s->w, NO_LIE, "o", 10);
	s->w.small = true;
	open_shop(s);
	check(is_valid(s->certificate->data, s->certificate->len, buf_text(s->vkey), NULL));
}

TEST(no_byte_of_a_certificate_can_be_changed)
{
	struct shop s;
	struct buf *b;

	small_shop(&s);
	b = s.certificate;
	for (size_t i = 0; i < b->len; i++) {
		uint8_t was = b->data[i];

		b->data[i] = (uint8_t)(was ^ (1 << i % 7));
		check(!is_valid(b->data, b->len, buf_text(s.vkey), NULL));
		b->data[i] = was;
	}
	check(is_valid(b->data, b->len, buf_text(s.vkey), NULL));
	close_shop(&s);
}

TEST(no_byte_of_a_certificate_can_be_left_out)
{
	struct shop s;
	struct buf *b;
	uint8_t *p;

	small_shop(&s);
	b = s.certificate;
	p = malloc(b->len);
	check(p);
	for (size_t i = 0; i < b->len; i++) {
		memcpy(p, b->data, i);
		memcpy(p + i, b->data + i + 1, b->len - i - 1);
		check(!is_valid(p, b->len - 1, buf_text(s.vkey), NULL));
		if (i % 8 == 0) /* and nothing but the front of it is one */
			check(!is_valid(b->data, i, buf_text(s.vkey), NULL));
	}
	free(p);
	close_shop(&s);
}

TEST(no_byte_can_be_added_to_a_certificate)
{
	static const char more[] = "A \n\"0";
	struct shop s;
	struct buf *b;
	uint8_t *p;

	small_shop(&s);
	b = s.certificate;
	p = malloc(b->len + 1);
	check(p);
	for (size_t i = 0; i <= b->len; i++) {
		memcpy(p, b->data, i);
		p[i] = (uint8_t)more[i % 5];
		memcpy(p + i + 1, b->data + i, b->len - i);
		check(!is_valid(p, b->len + 1, buf_text(s.vkey), NULL));
	}
	free(p);
	close_shop(&s);
}

/* Members missing and more, at every level, in a statement that is signed anew. */
static void drop_each(const struct world *w, json_t *root, json_t *o, const char *vkey)
{
	scoped_json *keys = json_deep_copy(o);
	json_t *value;
	const char *key;
	size_t i;

	if (json_is_array(o)) {
		json_array_foreach(o, i, value)
			drop_each(w, root, value, vkey);
		return;
	}
	if (!json_is_object(o))
		return;
	json_object_foreach(keys, key, value) {
		json_t *was = json_incref(json_object_get(o, key));
		scoped(buf) *without = NULL, *other = NULL, *empty = NULL;

		json_object_del(o, key);
		without = world_sign(w, root, false);
		json_object_set_new(o, key, json_is_null(was) ? json_integer(0) : json_null());
		other = world_sign(w, root, false);
		json_object_set_new(o, key, json_is_string(was) ? json_integer(1) : json_string("x"));
		empty = world_sign(w, root, false);
		json_object_set_new(o, key, was);
		check(!is_valid(without->data, without->len, vkey, NULL));
		check(!is_valid(other->data, other->len, vkey, NULL));
		check(!is_valid(empty->data, empty->len, vkey, NULL));
		drop_each(w, root, was, vkey);
	}
	json_object_set_new(o, "unknown", json_integer(1));
	{
		scoped(buf) *more = world_sign(w, root, false);

		check(!is_valid(more->data, more->len, vkey, NULL));
	}
	json_object_del(o, "unknown");
}

TEST(every_member_is_needed_and_no_other_is_taken)
{
	struct shop s;
	scoped_json *j = NULL;
	json_t *p;

	small_shop(&s);
	j = statement_of(s.certificate);
	p = predicate_of(j);
	/* These two are for people, and may hold what they like. */
	check(json_object_get(p, "sanitization"));
	json_object_del(p, "sanitization");
	{
		scoped(buf) *b = world_sign(&s.w, j, false);

		check(!is_valid(b->data, b->len, buf_text(s.vkey), NULL));
	}
	json_object_set_new(p, "sanitization", json_object());
	drop_each(&s.w, json_object_get(p, "heads") ? j : NULL, json_object_get(p, "heads"),
		  buf_text(s.vkey));
	drop_each(&s.w, j, json_object_get(p, "facts"), buf_text(s.vkey));
	drop_each(&s.w, j, json_object_get(p, "openings"), buf_text(s.vkey));
	drop_each(&s.w, j, json_object_get(p, "order"), buf_text(s.vkey));
	drop_each(&s.w, j, json_object_get(j, "subject"), buf_text(s.vkey));
	for (const char *const *key = (const char *const[]){ "format", "origin", "key", "issued",
	     "tool", "heads", "facts", "facts_proof", "openings", "order", "positions", "kept",
	     "sets", "containers", "summary", "asserted", "signed_by_others", "not_covered", NULL };
	     *key; key++) {
		json_t *was = json_incref(json_object_get(p, *key));
		scoped(buf) *b = NULL;

		json_object_del(p, *key);
		b = world_sign(&s.w, j, false);
		check(!is_valid(b->data, b->len, buf_text(s.vkey), NULL));
		json_object_set_new(p, *key, was);
	}
	json_object_set_new(p, "unknown", json_integer(1));
	{
		scoped(buf) *b = world_sign(&s.w, j, false);

		check(!is_valid(b->data, b->len, buf_text(s.vkey), NULL));
	}
	close_shop(&s);
}

TEST(what_is_no_certificate_is_a_verdict)
{
	static const char *const files[] = { "", "\n", "{}", "[]\n", "x", "{\"payload\":\"\"}" };

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		scoped(verdict) *v = verify(files[i], strlen(files[i]), NULL, NULL);
		scoped_json *j = NULL;

		check(!v->valid && !v->statement && !holds(v, "encoding") && !holds(v, "as-of"));
		check(v->count == 15);
		check_ok(verdict_json(v, &j, &e));
		check(!json_object_get(j, "type"));
	}
}

/* A body of one value too many is refused before it is parsed. */
TEST(a_file_of_too_many_values_or_bytes_is_refused)
{
	enum { MARKS = 8 << 20 };
	struct shop s;
	uint8_t *p = malloc((size_t)CERTIFICATE_BYTES_MAX + 1);

	check(p);
	memset(p, ' ', (size_t)CERTIFICATE_BYTES_MAX + 1);
	for (int more = 0; more < 2; more++) {
		scoped(verdict) *v = NULL;

		memset(p, '[', MARKS);
		p[MARKS] = more ? '[' : 'x';
		v = verify(p, MARKS + 1, NULL, NULL);
		check(!holds(v, "encoding"));
		check((strstr(v->check[0].detail, "values") != NULL) == (more == 1));
	}
	small_shop(&s);
	memset(p, ' ', (size_t)CERTIFICATE_BYTES_MAX + 1);
	memcpy(p, s.certificate->data, s.certificate->len);
	for (size_t more = 0; more < 2; more++) {
		scoped(verdict) *v = verify(p, CERTIFICATE_BYTES_MAX + more, NULL, NULL);

		check(!holds(v, "encoding"));
		check((strstr(v->check[0].detail, "bytes") != NULL) == (more == 1));
	}
	free(p);
	close_shop(&s);
}

TEST(details_are_plain_text_whatever_the_file_holds)
{
	struct shop s;
	scoped_json *j = NULL;
	scoped(buf) *b = NULL;
	scoped(verdict) *v = NULL;

	small_shop(&s);
	j = statement_of(s.certificate);
	json_object_set_new(predicate_of(j), "\x1b[2J\xe2\x80\xae", json_integer(1));
	b = world_sign(&s.w, j, false);
	v = verify(b->data, b->len, NULL, NULL);
	check(!holds(v, "encoding") && strstr(v->check[0].detail, "?[2J???"));
	close_shop(&s);
}

/* ---- making ---- */

TEST(a_draft_refuses_what_cannot_be)
{
	scoped(certificate_draft) *d = NULL;
	struct hash root = { { 1 } }, other = { { 2 } };
	scoped(fields) *f = NULL;

	check_ok(certificate_draft_create(&d, &e));
	check_code(certificate_set_container(d, 0, 10, &root, NULL, 0, &e), E_RANGE);
	check_ok(certificate_set(d, 7, &e));
	check_code(certificate_set(d, 7, &e), E_CONFLICT);
	check_code(certificate_set_container(d, 1, 70000, &root, NULL, 0, &e), E_RANGE);
	check(!certificate_has_container(d, 0, &root));
	check_ok(certificate_set_container(d, 0, 70000, &root, NULL, 0, &e));
	check(certificate_has_container(d, 0, &root));
	check(!certificate_has_container(d, 1, &root) && !certificate_has_container(d, 0, &other));
	for (uint64_t i = 1; i < 1000; i++) {
		other.b[1] = (uint8_t)i;
		other.b[2] = (uint8_t)(i / 256);
		check_ok(certificate_set_container(d, i, UINT64_C(1) << 40, &other, "x", 1, &e));
		check(certificate_has_container(d, i, &other) && certificate_has_container(d, 0, &root));
	}
	check_ok(fields_create(&f, &e));
	check_ok(fields_add_text(f, "name", "value", &e));
	check_ok(certificate_open(d, 1, f, 0, &e));
	check_code(certificate_open(d, 1, f, 1, &e), E_RANGE);
}

/* ---- speed ---- */

/* SETS retained sets of their own containers, and 10,000 positions in a row. */
TEST(what_goes_with_a_statement_is_told_from_it)
{
	static const char *const files[][2] = { { "certificate/VERIFY.md", "give certificate/certificate.json" },
						{ "<!DOCTYPE html>", "a page" },
						{ "certificate", "envelope" },
						{ "", "envelope" } };

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct verify_pins pins = { 0 };
		scoped(verdict) *v = NULL;

		check_ok(certificate_verify(&v, files[i][0], strlen(files[i][0]), &pins, &e));
		check(!v->valid && strcmp(v->check[0].name, "encoding") == 0);
		check(strstr(v->check[0].detail, files[i][1]) != NULL);
	}
}

TEST(many_large_sets_are_verified_soon)
{
	struct shop s;
	uint64_t before;
	scoped(verdict) *v = NULL;

	world_begin(&s.w, NO_LIE, "example.org/log", 10);
	s.w.large = getenv("RESCIND_SETS") ? (unsigned)atoi(getenv("RESCIND_SETS")) : 2;
	open_shop(&s);
	before = sys->monotonic_us();
	v = shop_verdict(&s, buf_text(s.vkey));
	print_message("%u sets of 100000, 10000 positions: %zu bytes, verified in %.1f ms\n",
		      s.w.large, s.certificate->len, (double)(sys->monotonic_us() - before) / 1000);
	check_all_hold(v);
	close_shop(&s);
}

/* With RESCIND_SEEDS=DIR the seeds of certificate_fuzz.c are written there. */
TEST(the_seeds_of_the_fuzzer_are_certificates)
{
	for (int i = 0; i < 2; i++) {
		struct shop s;

		world_begin(&s.w, NO_LIE, "example.org/log", 10);
		s.w.small = i == 0;
		open_shop(&s);
		check(is_valid(s.certificate->data, s.certificate->len, buf_text(s.vkey), NULL));
		world_seeds(s.certificate, i ? "" : "small");
		close_shop(&s);
	}
}

TEST_MAIN("certificate")
