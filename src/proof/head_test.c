/* Heads and proofs alone, held against keys and policies. */
#include "proof/head.h"

#include <stdio.h>

#include "base/test.h"
#include "wire/tlog_proof.h"

enum { LEAVES = 9 };
static struct error e;
static const uint8_t log_seed[SIGN_SEED_LEN] = { 1 }, seeds[2][SIGN_SEED_LEN] = { { 2 }, { 3 } };

static struct note_key key_of(const char *name, uint8_t type, const uint8_t *seed)
{
	uint8_t public_key[NOTE_PUBLIC_MAX] = { 0 };
	struct note_key k;

	if (type == NOTE_MLDSA && mldsa_is_there())
		check_ok(mldsa_public(public_key, seed, &e));
	if (type != NOTE_MLDSA)
		check_ok(sign_public(public_key, seed, &e));
	check_ok(note_key_make(&k, name, type, public_key, &e));
	return k;
}

static void put_key(struct buf *b, const char *before, const struct note_key *k)
{
	check_ok(buf_printf(b, &e, "%s", before));
	check_ok(note_key_put(k, b, &e));
	check_ok(buf_printf(b, &e, "\n"));
}

/* Witnesses a and b; these lines, and this log if it has a name. */
static struct policy *policy_of(const char *log, const char *lines)
{
	struct note_key a = key_of("w.example/a", NOTE_COSIGNATURE, seeds[0]),
			b = key_of("w.example/b", NOTE_COSIGNATURE, seeds[1]), l;
	struct policy *p = NULL;
	scoped(buf) *text = NULL;

	check_ok(buf_create(&text, 512, &e));
	put_key(text, "witness a ", &a);
	put_key(text, "witness b ", &b);
	if (log) {
		l = key_of(log, NOTE_ED25519, log_seed);
		put_key(text, "log ", &l);
	}
	check_ok(buf_printf(text, &e, "%s", lines));
	check_ok(policy_parse(&p, text->data, text->len, &e));
	return p;
}

/* A head of o.example/records over entries "0", "1", .. that this many witnesses cosigned. */
static struct buf *head_of(size_t witnesses)
{
	struct note_key log = key_of("o.example/records", NOTE_ED25519, log_seed);
	struct head h = { .origin = "o.example/records", .size = LEAVES };
	struct hash leaves[LEAVES];
	scoped(buf) *text = NULL;
	struct buf *b = NULL;

	for (int i = 0; i < LEAVES; i++)
		tree_leaf(&leaves[i], &(char){ (char)('0' + i) }, 1);
	tree_root(&h.root, leaves, LEAVES);
	check_ok(buf_create(&text, 256, &e));
	check_ok(buf_create(&b, 512, &e));
	check_ok(head_put(&h, text, &e));
	check_ok(note_sign(b, buf_text(text), text->len, &log, log_seed, &e));
	for (size_t i = 0; i < witnesses; i++) {
		struct note_key k = key_of(i ? "w.example/b" : "w.example/a", NOTE_COSIGNATURE, seeds[i]);

		check_ok(note_cosign(b, buf_text(text), text->len, &k, seeds[i], 1700000000, &e));
	}
	return b;
}

static struct buf *proof_of(uint64_t index, char entry)
{
	struct hash leaves[LEAVES];
	struct tree_array a = { leaves, LEAVES };
	scoped(buf) *head = head_of(2), *extra = NULL;
	struct tree_path path;
	struct buf *b = NULL;

	for (int i = 0; i < LEAVES; i++)
		tree_leaf(&leaves[i], &(char){ (char)('0' + i) }, 1);
	check_ok(tree_prove(&path, index, LEAVES, tree_array_read, &a, &e));
	check_ok(buf_from(&extra, &entry, 1, &e));
	check_ok(buf_create(&b, 1024, &e));
	check_ok(tlog_proof_put(b, extra, index, &path, head->data, head->len, &e));
	return b;
}

/* Valid? *ret_said: how many witnesses are told. */
static bool holds(const struct buf *bytes, const struct note_key *pin, const struct policy *p,
		  size_t *ret_said)
{
	struct verify_pins pins = { .policy = p, .witnesses = p ? check_witnesses : NULL,
				    .listed = p ? check_listed : NULL };
	scoped(verdict) *v = NULL;
	scoped(buf) *vkey = NULL;

	check_ok(buf_create(&vkey, 256, &e));
	if (pin)
		check_ok(note_key_put(pin, vkey, &e));
	pins.vkey = pin ? buf_text(vkey) : NULL;
	check_ok((is_tlog_proof(bytes) ? tlog_proof_verify : head_verify)(&v, bytes, &pins, &e));
	if (ret_said)
		*ret_said = json_array_size(v->witnessed);
	return v->valid;
}

TEST(a_head_holds_only_with_the_quorum_and_tells_who_signed)
{
	struct note_key pin = key_of("o.example/facts", NOTE_ED25519, log_seed);
	static const char *const quorum[] = { "quorum none\n", "quorum a\n", "quorum b\n",
					      "group g any a b\nquorum g\n", "group g all a b\nquorum g\n" };
	static const size_t needs[] = { 0, 1, 2, 1, 2 };

	for (size_t q = 0; q < COUNT_OF(quorum); q++)
		for (size_t count = 0; count <= 2; count++) {
			scoped(policy) *p = policy_of(NULL, quorum[q]), *with = policy_of("o.example/facts", quorum[q]);
			scoped(buf) *b = head_of(count);
			size_t said = 9;

			check(holds(b, &pin, p, &said) == (count >= needs[q]));
			check(said == count);
			check(holds(b, NULL, with, NULL) == (count >= needs[q]));
			check(!holds(b, NULL, p, NULL)); /* nothing pins the log */
			check(holds(b, &pin, NULL, NULL));
		}
}

TEST(a_log_that_the_policy_does_not_list_does_not_hold)
{
	struct note_key pin = key_of("o.example/records", NOTE_ED25519, log_seed),
			wrong = key_of("o.example/records", NOTE_ED25519, seeds[0]);
	scoped(policy) *other = policy_of("p.example/facts", "quorum a\n"),
		       *same = policy_of("o.example/records", "quorum a\n");
	scoped(buf) *b = head_of(1);

	check(holds(b, &pin, same, NULL) && holds(b, NULL, same, NULL));
	check(!holds(b, &pin, other, NULL) && !holds(b, NULL, other, NULL));
	check(!holds(b, &wrong, same, NULL));
}

/* The head's verdict by these pins; *ret_why: what its first check says. */
static bool holds_by(const struct buf *bytes, const struct note_key *pin, const struct note_key *second,
		     char ret_why[CHECK_DETAIL_MAX])
{
	scoped(buf) *vkey = NULL, *mldsa = NULL;
	struct verify_pins pins = { 0 };
	scoped(verdict) *v = NULL;

	check_ok(buf_create(&vkey, 256, &e));
	check_ok(buf_create(&mldsa, 256, &e));
	if (pin) {
		check_ok(note_key_put(pin, vkey, &e));
		check_ok(pins_take(&pins, buf_text(vkey), &e));
	}
	check_ok(note_key_put(second, mldsa, &e));
	check_ok(pins_take(&pins, buf_text(mldsa), &e));
	check_ok(head_verify(&v, bytes, &pins, &e));
	memcpy(ret_why, v->check[0].detail, CHECK_DETAIL_MAX);
	return v->valid;
}

TEST(a_head_bears_the_mldsa_line_that_is_pinned_or_does_not_hold)
{
	struct note_key pin = key_of("o.example/facts", NOTE_ED25519, log_seed),
			mldsa = key_of("o.example/facts", NOTE_MLDSA, log_seed),
			own = key_of("o.example/records", NOTE_MLDSA, log_seed),
			other = key_of("o.example/facts", NOTE_MLDSA, seeds[0]),
			elsewhere = key_of("p.example/facts", NOTE_MLDSA, log_seed);
	scoped(buf) *without = head_of(0), *with = head_of(0);
	char why[CHECK_DETAIL_MAX];
	scoped(note) *n = NULL;

	check(!holds_by(without, &pin, &mldsa, why) && !holds_by(without, NULL, &mldsa, why));
	if (!mldsa_is_there()) {
		check(strstr(why, "there is no ML-DSA-44 here"));
		return;
	}
	check(strstr(why, "by the pinned ML-DSA key"));
	check_ok(note_parse(&n, without->data, without->len, &e));
	check_ok(note_sign_mldsa(with, n->text, n->text_len, &own, log_seed, &e));
	check(holds_by(with, &pin, &mldsa, why) && holds_by(with, NULL, &mldsa, why));
	check(holds_by(with, &pin, &own, why));
	check(!holds_by(with, &pin, &other, why) && !holds_by(with, NULL, &other, why));
	check(!holds_by(with, &pin, &elsewhere, why));
}

TEST(keys_are_taken_by_their_kind_and_one_of_each)
{
	struct note_key keys[] = { key_of("o.example/facts", NOTE_ED25519, log_seed),
				   key_of("o.example/facts", NOTE_MLDSA, log_seed),
				   key_of("w.example", NOTE_COSIGNATURE, log_seed) };
	scoped(buf) *text = NULL, *mldsa = NULL, *cosigner = NULL;
	struct verify_pins pins = { 0 };

	check_ok(buf_create(&text, 256, &e));
	check_ok(buf_create(&mldsa, 256, &e));
	check_ok(buf_create(&cosigner, 256, &e));
	check_ok(note_key_put(&keys[0], text, &e));
	check_ok(note_key_put(&keys[1], mldsa, &e));
	check_ok(note_key_put(&keys[2], cosigner, &e));
	check_ok(pins_take(&pins, buf_text(mldsa), &e));
	check_ok(pins_take(&pins, buf_text(text), &e));
	check(pins.vkey == buf_text(text) && pins.vkey_mldsa == buf_text(mldsa));
	check_code(pins_take(&pins, buf_text(mldsa), &e), E_USAGE);
	check_code(pins_take(&pins, buf_text(text), &e), E_USAGE);
	pins = (struct verify_pins){ 0 };
	check_code(pins_take(&pins, buf_text(cosigner), &e), E_USAGE);
	check_code(pins_take(&pins, "nonsense", &e), E_USAGE);
	error_clear(&e);
	check(!pins.vkey && !pins.vkey_mldsa);
}

TEST(every_changed_byte_of_a_cosigned_head_is_noticed_or_costs_the_quorum)
{
	scoped(policy) *p = policy_of("o.example/facts", "group g all a b\nquorum g\n");
	scoped(buf) *b = head_of(2);

	for (size_t i = 0; i < b->len; i++) {
		b->data[i] ^= 1;
		check(!holds(b, NULL, p, NULL));
		b->data[i] ^= 1;
	}
	check(holds(b, NULL, p, NULL));
}

TEST(a_proof_holds_for_its_entry_at_its_place_alone)
{
	scoped(policy) *p = policy_of("o.example/facts", "group g all a b\nquorum g\n");

	for (uint64_t index = 0; index < LEAVES; index++)
		for (char entry = '0'; entry < '0' + LEAVES; entry++) {
			scoped(buf) *b = proof_of(index, entry);

			check(is_tlog_proof(b));
			check(holds(b, NULL, p, NULL) == (entry == (char)('0' + index)));
		}
}

TEST(every_changed_byte_of_a_proof_is_noticed)
{
	scoped(policy) *p = policy_of("o.example/facts", "group g all a b\nquorum g\n");
	scoped(buf) *b = proof_of(5, '5');

	for (size_t i = 0; i < b->len; i++) {
		b->data[i] ^= 1;
		if (is_tlog_proof(b))
			check(!holds(b, NULL, p, NULL));
		b->data[i] ^= 1;
	}
	check(holds(b, NULL, p, NULL));
}

TEST_MAIN("head")
