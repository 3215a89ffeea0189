/* Archives of a world: their form, and whom one asks for. Lies: archive_lies_test.c. */
#include "proof/archive.h"

#include <stdio.h>

#include "base/test.h"
#include "crypto/stamp_world.h"
#include "proof/archive_world.h"
#include "proof/signoff.h"

static struct error e;

TEST(an_archive_of_three_layers_holds)
{
	scoped(pile) *p = story_pile(3);
	scoped(buf) *b = pile_pack(p);
	scoped(verdict) *v = story_verdict(b, NULL);

	assert_string_equal(story_failed(v), "");
	check(story_says(v, "time stamp of layer 1: 2026-03-01T12:00:00Z (authority not pinned)"));
	check(story_says(v, "time stamp of layer 3: 2028-03-01T12:00:00Z"));
	check(story_says(v, ", key not pinned (Ed25519 "));
	check(story_says(
		v, "witnessed by: w (w.example) at 2026-01-01T00:00:00Z (the head of layer 3; not "
		   "pinned: named by the archive)"));
	check(json_array_size(v->limits) > 0);
	pile_seed(b, "three");
}

TEST(an_archive_needs_neither_stamps_nor_sign_offs)
{
	scoped(pile) *p = story_pile(1);
	scoped(buf) *b = NULL;
	scoped(verdict) *v = NULL;

	pile_drop_all(p, ".tsr");
	pile_drop_all(p, "001.pem");
	pile_drop_all(p, "signoffs/");
	b = pile_pack(p);
	v = story_verdict(b, NULL);
	assert_string_equal(story_failed(v), "");
	pile_seed(b, "bare");
}

TEST(what_was_read_is_made_again_as_the_same_bytes)
{
	scoped(pile) *p = story_pile(2);
	scoped(buf) *b = pile_pack(p);
	scoped(archive_draft) *d = NULL;
	scoped(archive) *a = NULL;

	check_ok(archive_read(&a, b->data, b->len, &e));
	check(a->layer_count == 2 && a->layer[0].signoff_count == 1 &&
	      a->layer[1].stamp_count == 1);
	check_ok(archive_draft_create(&d, &e));
	check_ok(archive_put_all(d, a, &e));
	check_ok(ustar_end(d->bytes, &e));
	check(d->bytes->len == b->len && memcmp(d->bytes->data, b->data, b->len) == 0);
}

/* One bit in each file, in its first, middle and last byte, and nothing else mended. */
TEST(no_file_may_change)
{
	scoped(pile) *p = story_pile(2);
	scoped(buf) *b = pile_pack(p);
	scoped(archive) *a = NULL;

	check_ok(archive_read(&a, b->data, b->len, &e));
	for (size_t i = 0; i < a->files->count; i++) {
		const struct ustar_file *f = &a->files->file[i];

		for (size_t k = 0; k < 3; k++) {
			size_t at = k == 0 ? 0 : k == 1 ? f->len / 2 : f->len - 1;
			uint8_t *byte = b->data + (f->data - b->data) + at;
			scoped(verdict) *v = NULL;

			*byte ^= 1;
			v = story_verdict(b, NULL);
			/* The certificates in the newest token and beside it are in no sums, and
			 * signed by nobody here as long as no root is pinned. */
			if (v->valid && !strstr(f->name, "2/001.pem") &&
			    !(strstr(f->name, "2/001.tsr") && k == 1))
				fail_msg("%s may have another byte %zu", f->name, at);
			*byte ^= 1;
		}
	}
	story_holds_but(b, NULL, "", "mended");
}

/* ---- the layout ---- */

static void no_layout(const struct pile *p, const char *what)
{
	scoped(buf) *b = pile_pack(p);
	scoped(archive) *a = NULL;
	scoped(verdict) *v = NULL;

	if (archive_read(&a, b->data, b->len, &e) != E_FORMAT)
		fail_msg("%s: read all the same", what);
	error_clear(&e);
	v = story_verdict(b, NULL);
	check(!v->valid && strstr(story_failed(v), "archive certified signoffs stamps"));
}

TEST(only_the_files_of_the_layout_in_their_order)
{
	static const struct {
		const char *what, *begin, *by;
	} renamed[] = {
		{ "a gap", "3/", "4/" },
		{ "a gap of stamps", "3/001", "3/002" },
		{ "a gap of sign-offs", "1/signoffs/001", "1/signoffs/002" },
		{ "zeros before", "1/", "01/" },
		{ "another name", "certificate.html", "certificate.htm" },
	};
	static const char *const dropped[] = { "VERIFY.md", "certificate.json", "keys/",
					       "1/policy",  "2/SHA512SUMS",	"3/001.pem",
					       "/" };

	for (size_t i = 0; i < COUNT_OF(renamed); i++) {
		scoped(pile) *p = story_pile(3);

		pile_rename_all(p, renamed[i].begin, renamed[i].by);
		no_layout(p, renamed[i].what);
	}
	for (size_t i = 0; i < COUNT_OF(dropped); i++) {
		scoped(pile) *p = story_pile(3);

		pile_drop_all(p, dropped[i]);
		no_layout(p, dropped[i]);
	}
}

TEST(no_other_files_and_in_no_other_order)
{
	scoped(pile) *swapped = story_pile(2), *between_them = story_pile(2),
		     *behind = story_pile(2);

	pile_swap(swapped, "certificate.html", "certificate.json");
	no_layout(swapped, "another order");
	pile_insert(between_them, "1/policy", "1/note.txt", story.of[0].certificate);
	no_layout(between_them, "a stranger");
	pile_insert(behind, NULL, "README", story.of[0].certificate);
	no_layout(behind, "one behind");
}

TEST(files_have_limits)
{
	static const struct {
		const char *name;
		size_t max;
	} limits[] = {
		{ "keys/log.pem", ARCHIVE_KEY_MAX }, { "1/certified.json", ARCHIVE_CERTIFIED_MAX },
		{ "1/policy", POLICY_BYTES_MAX },    { "1/certified.tlog-proof", 1 << 21 },
		{ "1/signoffs/001.json", 32768 },    { "1/001.tsr", 64 << 10 },
		{ "1/001.pem", 256 << 10 },
	};

	for (size_t i = 0; i < COUNT_OF(limits); i++)
		for (size_t more = 0; more < 2; more++) {
			scoped(pile) *p = story_pile(1);
			scoped(buf) *b = NULL;
			scoped(archive) *a = NULL;

			pile_fill(p, limits[i].name, limits[i].max + more);
			b = pile_pack(p);
			check_code(archive_read(&a, b->data, b->len, &e), more ? E_RANGE : 0);
			error_clear(&e);
		}
}

TEST(what_is_no_archive_is_a_verdict_too)
{
	static const char *const bad[] = { "", "certificate/", "{}\n" };

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		scoped(buf) *b = NULL;
		scoped(verdict) *v = NULL;

		check_ok(buf_from(&b, bad[i], strlen(bad[i]), &e));
		check(!is_archive(b->data, b->len));
		v = story_verdict(b, NULL);
		check(!v->valid && v->count > 4);
	}
}

/* ---- pins ---- */

TEST(without_a_key_nothing_is_valid)
{
	scoped(pile) *p = story_pile(1);
	scoped(buf) *b = pile_pack(p);
	scoped(verdict) *v = NULL;

	check_ok(archive_verify(&v, b->data, b->len, &(struct archive_pins){ 0 }, &e));
	assert_string_equal(story_failed(v), "key");
}

TEST(a_pinned_root_must_have_stamped)
{
	struct party other = party_made(&(struct wish){ .name = "other" }, NULL);
	const struct party *known = &root, *unknown = &other;
	scoped(pile) *p = story_pile(2);
	scoped(buf) *b = pile_pack(p), *good = pem_of(&known, 1), *bad = pem_of(&unknown, 1);
	struct archive_roots roots[] = { { "by the known one", good },
					 { "by the other one", bad } };
	scoped(verdict) *v =
		story_verdict(b, &(struct archive_pins){ .roots = roots, .root_count = 1 });

	assert_string_equal(story_failed(v), "");
	check(story_says(v, "time stamp of layer 2: ") && story_says(v, "(by the known one)"));
	check(!story_says(v, "authority not pinned"));
	story_holds_but(b, &(struct archive_pins){ .roots = roots, .root_count = 2 }, "stamps",
			"another root");
	story_holds_but(b, &(struct archive_pins){ .roots = roots + 1, .root_count = 1 }, "stamps",
			"only it");
	party_end(&other);
}

TEST(so_many_sign_offs_and_no_more)
{
	scoped(buf) *mine = story_signoff(0), *b = NULL;
	struct signoff_file more[SIGNOFFS_MAX + 1];
	scoped(pile) *p = story_pile(1);

	for (size_t i = 0; i < COUNT_OF(more); i++)
		more[i] = (struct signoff_file){ "mine", mine->data, mine->len };
	pile_drop_all(p, "signoffs/");
	b = pile_pack(p);
	story_holds_but(b, &(struct archive_pins){ .more = more, .more_count = SIGNOFFS_MAX }, "",
			"64");
	story_holds_but(b, &(struct archive_pins){ .more = more, .more_count = SIGNOFFS_MAX + 1 },
			"signoffs", "65");
}

static struct pubkey key_of(const uint8_t *seed)
{
	uint8_t public_key[SIGN_PUBLIC_LEN];
	struct pubkey k;

	check_ok(sign_public(public_key, seed, &e));
	pubkey_ed25519(&k, public_key);
	return k;
}

TEST(a_pinned_signer_must_have_signed)
{
	static const uint8_t nobody[SIGN_SEED_LEN] = { 99 };
	struct pubkey signers[] = { key_of(story_person), key_of(nobody) };
	scoped(pile) *p = story_pile(2);
	scoped(buf) *b = pile_pack(p);
	scoped(verdict) *v = NULL;

	v = story_verdict(b, &(struct archive_pins){ .signers = signers, .signer_count = 1 });
	assert_string_equal(story_failed(v), "");
	check(story_says(v, ", by a pinned key (Ed25519 ") && !story_says(v, "key not pinned"));
	story_holds_but(b, &(struct archive_pins){ .signers = signers, .signer_count = 2 },
			"signoffs", "nobody");
}

TEST(sign_offs_beside_an_archive_are_held_against_it_too)
{
	struct pubkey signer = key_of(story_person);
	scoped(buf) *mine = story_signoff(0), *of_other = story_signoff(1), *b = NULL;
	struct signoff_file more[] = { { "mine", mine->data, mine->len },
					  { "of another", of_other->data, of_other->len } };
	struct archive_pins pins = {
		.more = more, .more_count = 1, .signers = &signer, .signer_count = 1
	};
	scoped(pile) *p = story_pile(1);

	pile_drop_all(p, "signoffs/");
	b = pile_pack(p);
	story_holds_but(b, &pins, "", "one beside it");
	pins.more_count = 2;
	story_holds_but(b, &pins, "signoffs", "one of another");
	pins.more_count = 0;
	story_holds_but(b, &pins, "signoffs", "none");
}

TEST(a_policy_asks_the_newest_head)
{
	scoped(policy) *mine = story_policy(true);

	for (int layers = 1; layers <= 3; layers++)
		for (int cosigned = 0; cosigned <= layers; cosigned++) {
			struct archive_pins pins = { .statement.policy = mine };
			scoped(pile) *p = story_pile((size_t)layers);
			scoped(buf) *b = NULL;

			/* Of the layers, only this one is cosigned; 0: none. */
			for (int i = 1; i <= layers; i++)
				pile_cosigned(p, (size_t)i, i == cosigned);
			b = pile_pack(p);
			story_holds_but(b, &pins, cosigned == layers ? "" : "witnesses",
					"a policy");
		}
}

TEST(a_policy_that_lists_another_log_is_of_another_log)
{
	struct archive_pins pins = { .statement.policy = NULL };
	scoped(policy) *mine = story_policy(true);
	scoped(pile) *p = story_pile(1);
	scoped(buf) *b = pile_pack(p);

	pins.statement.policy = mine;
	story_holds_but(b, &pins, "", "its own");
	check_ok(note_key_make(&mine->log[0].key, "other.example/facts", NOTE_ED25519,
			       mine->log[0].key.public_key, &e));
	story_holds_but(b, &pins, "witnesses", "another's");
}

TEST(another_demand_is_not_its_own)
{
	scoped(pile) *p = story_pile(1);
	scoped(buf) *b = pile_pack(p);

	story_holds_but(b, &(struct archive_pins){ .statement.order = &story.of[1].demand },
			"demand positions", "another demand");
	story_holds_but(b, &(struct archive_pins){ .statement.order = &story.of[0].demand }, "",
			"its own");
}

int main(void)
{
	return story_main("archive");
}
