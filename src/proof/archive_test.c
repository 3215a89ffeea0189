/* Archives of a world, and what somebody could make of them. */
#include "proof/archive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/test.h"
#include "base/text.h"
#include "crypto/stamp_world.h"
#include "proof/archive_world.h"
#include "proof/signoff.h"

static struct error e;

/* The checks that do not hold: "archive certified". */
static const char *failed_of(const struct verdict *v)
{
	static char failed[512];

	failed[0] = 0;
	for (size_t i = 0; i < v->count; i++)
		if (!v->check[i].ok)
			snprintf(failed + strlen(failed), sizeof(failed) - strlen(failed), "%s%s",
				 *failed ? " " : "", v->check[i].name);
	check(v->valid == !*failed);
	return failed;
}

static struct verdict *verdict_of(const struct buf *b, const struct archive_pins *more)
{
	struct archive_pins pins = more ? *more : (struct archive_pins){ 0 };
	scoped(buf) *vkey = NULL;
	struct verdict *v = NULL;

	check_ok(buf_create(&vkey, 0, &e));
	world_vkey(&story.w, "facts", vkey);
	pins.statement.vkey = buf_text(vkey);
	check_ok(archive_verify(&v, b->data, b->len, &pins, &e));
	return v;
}

static void holds_but(const struct buf *b, const struct archive_pins *more, const char *failed,
		      const char *what)
{
	scoped(verdict) *v = verdict_of(b, more);

	if (strcmp(failed_of(v), failed) != 0) {
		for (size_t i = 0; i < v->count; i++)
			if (!v->check[i].ok)
				print_message("    %s: %s\n", v->check[i].name, v->check[i].detail);
		fail_msg("%s: refused by [%s], not [%s]", what, failed_of(v), failed);
	}
}

static bool says(const struct verdict *v, const char *words)
{
	const json_t *one;
	size_t i;

	json_array_foreach(v->witnessed, i, one)
		if (strstr(json_string_value(one), words))
			return true;
	return false;
}

TEST(an_archive_of_three_layers_holds)
{
	scoped(pile) *p = story_pile(3);
	scoped(buf) *b = pile_pack(p);
	scoped(verdict) *v = verdict_of(b, NULL);

	assert_string_equal(failed_of(v), "");
	check(says(v, "time stamp of layer 1: 2026-03-01T12:00:00Z (authority not pinned)"));
	check(says(v, "time stamp of layer 3: 2028-03-01T12:00:00Z"));
	check(says(v, ", key not pinned (Ed25519 "));
	check(says(v, "witnessed by: w (w.example) at 2026-01-01T00:00:00Z (the head of layer 3; not "
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
	v = verdict_of(b, NULL);
	assert_string_equal(failed_of(v), "");
	pile_seed(b, "bare");
}

TEST(what_was_read_is_made_again_as_the_same_bytes)
{
	scoped(pile) *p = story_pile(2);
	scoped(buf) *b = pile_pack(p);
	scoped(archive_draft) *d = NULL;
	scoped(archive) *a = NULL;

	check_ok(archive_read(&a, b->data, b->len, &e));
	check(a->layer_count == 2 && a->layer[0].signoff_count == 1 && a->layer[1].stamp_count == 1);
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
			v = verdict_of(b, NULL);
			/* The certificates in the newest token and beside it are in no sums, and signed
			 * by nobody here as long as no root is pinned. */
			if (v->valid && !strstr(f->name, "2/001.pem") &&
			    !(strstr(f->name, "2/001.tsr") && k == 1))
				fail_msg("%s may have another byte %zu", f->name, at);
			*byte ^= 1;
		}
	}
	holds_but(b, NULL, "", "mended");
}

/* ---- what somebody does who counts the sums again and has an authority of their own ---- */

static void drop_signoff(struct pile *p) { pile_drop(p, "1/signoffs/001.json"); }
static void drop_newest(struct pile *p) { pile_drop_all(p, "3/"); }
static void drop_stamp(struct pile *p) { pile_drop_all(p, "2/001."); }
static void other_words(struct pile *p) { pile_text(p, "VERIFY.md", "all is well\n"); }
static void other_page(struct pile *p) { pile_text(p, "certificate.html", "<p>all is well\n"); }
static void other_witnesses(struct pile *p) { pile_text(p, "2/policy", "quorum none\n"); }

TEST(what_can_be_left_out_or_written_anew_is_what_the_document_says)
{
	static const struct { const char *what; void (*edit)(struct pile *p); } lies[] = {
		{ "a sign-off dropped", drop_signoff }, { "the newest layer dropped", drop_newest },
		{ "a stamp dropped", drop_stamp },	{ "other words", other_words },
		{ "another page", other_page },		{ "other witnesses", other_witnesses },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		lies[i].edit(p);
		b = pile_pack(p);
		holds_but(b, NULL, "", lies[i].what);
	}
}

static void key_other(struct pile *p) { pile_put_key(p, 1); }
static void key_spelling(struct pile *p) { pile_add_byte(p, "keys/log.pem", '\n'); }

static void certificate_other(struct pile *p)
{
	pile_bytes(p, "certificate.json", story.of[1].certificate);
	pile_drop_all(p, "signoffs/");
}
static void certificate_other_signed(struct pile *p)
{
	pile_bytes(p, "certificate.json", story.of[1].certificate);
}
static void layer_of_other(struct pile *p) { pile_layer_again(p, 2, 1, story.size[2], story.size[1]); }
static void layer_of_other_json(struct pile *p)
{
	scoped(buf) *b = story_certified(1, story.size[1], story.size[2]);

	pile_bytes(p, "2/certified.json", b);
}
static void fact_other(struct pile *p)
{
	scoped(buf) *b = story_proof(3, story.size[2], story.w.leaves, "facts");

	pile_bytes(p, "2/certified.tlog-proof", b);
}
static void layers_swapped(struct pile *p)
{
	pile_layer_again(p, 1, 0, story.size[2], story.of[0].first_size);
	pile_layer_again(p, 2, 0, story.size[1], story.size[2]);
}
static void head_back(struct pile *p) { pile_layer_again(p, 3, 0, story.size[2], story.size[2]); }
static void head_of_certificate(struct pile *p)
{
	pile_layer_again(p, 1, 0, story.of[0].first_size, story.of[0].first_size);
}
static void growth_from_elsewhere(struct pile *p)
{
	pile_layer_again(p, 3, 0, story.size[3], story.size[1]);
}
static void growth_none(struct pile *p) { pile_layer_again(p, 2, 0, story.size[2], story.size[2]); }
static void head_forked(struct pile *p)
{
	struct hash was = story.w.leaves[story.size[2] - 1];

	memset(&story.w.leaves[story.size[2] - 1], 7, sizeof(was));
	pile_layer_again(p, 3, 0, story.size[3], story.size[2]);
	story.w.leaves[story.size[2] - 1] = was;
}
static void head_by_other(struct pile *p)
{
	story.w.seed[0] ^= 1;
	pile_layer_again(p, 2, 0, story.size[2], story.size[1]);
	story.w.seed[0] ^= 1;
}
static void head_of_records(struct pile *p)
{
	scoped(buf) *b = story_proof(story.of[0].fact, story.size[2], story.w.leaves, "records");

	pile_bytes(p, "2/certified.tlog-proof", b);
}
static void first_removed(struct pile *p)
{
	pile_drop_all(p, "1/");
	pile_rename_all(p, "2/", "1/");
	pile_rename_all(p, "3/", "2/");
}
static void middle_removed(struct pile *p)
{
	pile_drop_all(p, "2/");
	pile_rename_all(p, "3/", "2/");
}
static void layer_back(struct pile *p)
{
	pile_layer_again(p, 3, 0, story.size[1], story.size[1]);
}

static void signoff_of_other(struct pile *p)
{
	scoped(buf) *b = story_signoff(1);

	pile_bytes(p, "1/signoffs/001.json", b);
}
static void signoff_twice(struct pile *p)
{
	scoped(buf) *b = story_signoff(0);

	pile_insert(p, "2/SHA512SUMS", "2/signoffs/001.json", b);
}

static void stamp_back(struct pile *p) { pile_stamp_at(p, "2/001.tsr", "20260301115959Z"); }
static void stamp_of_other_layer(struct pile *p) { pile_freeze_as(p, "2/001.tsr", "1/001.tsr"); }

TEST(what_says_more_than_is_true_is_refused)
{
	static const struct { const char *what; void (*edit)(struct pile *p); const char *failed; } lies[] = {
		{ "another key", key_other, "archive" },
		{ "a key with a line more", key_spelling, "archive" },
		{ "the certificate of another order", certificate_other, "certified" },
		{ "and who signed the first", certificate_other_signed, "certified signoffs" },
		{ "a layer of another order", layer_of_other, "certified" },
		{ "openings of another order", layer_of_other_json, "certified" },
		{ "another fact", fact_other, "certified" },
		{ "layers in another order", layers_swapped, "certified" },
		{ "the head of the certificate", head_of_certificate, "certified" },
		{ "growth from the head before the last", growth_from_elsewhere, "certified" },
		{ "no growth", growth_none, "certified" },
		{ "a head of a fork", head_forked, "certified" },
		{ "a head by another key", head_by_other, "certified" },
		{ "a head of the other log", head_of_records, "certified" },
		{ "the first layer removed", first_removed, "certified" },
		{ "the middle layer removed", middle_removed, "certified" },
		{ "a head that goes back", layer_back, "certified" },
		{ "a sign-off of another statement", signoff_of_other, "signoffs" },
		{ "a sign-off twice", signoff_twice, "signoffs" },
		{ "a time that goes back", stamp_back, "stamps" },
		{ "a stamp of another layer", stamp_of_other_layer, "stamps" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		lies[i].edit(p);
		b = pile_pack(p);
		holds_but(b, NULL, lies[i].failed, lies[i].what);
	}
}

TEST(an_operator_who_logs_it_once_more_is_noticed)
{
	for (size_t i = 0; i < STORY_LIES; i++)
		for (size_t layers = 1; layers <= 3; layers += 2) {
			scoped(pile) *p = story_pile(layers);
			uint64_t before = layers == 1 ? story.of[0].first_size : story.size[2];
			scoped(buf) *b = NULL;

			pile_layer_of(p, layers, story.lie[i], story.size[3], before);
			b = pile_pack(p);
			/* The last of them is a certificate of its own, but for one that began with another. */
			holds_but(b, NULL, i == 2 && layers == 1 ? "" : "certified", "logged again");
		}
}

TEST(the_path_of_a_proof_leads_to_the_root_of_its_head)
{
	char before_path[32];

	snprintf(before_path, sizeof(before_path), "index %" PRIu64 "\n", story.of[0].fact);
	for (int longer = 0; longer < 2; longer++) {
		scoped(pile) *p = story_pile(2);
		scoped(buf) *b = NULL;

		if (longer)
			pile_replace(p, "2/certified.tlog-proof", "\n\n",
				     "\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n");
		else
			pile_flip_after(p, "2/certified.tlog-proof", before_path);
		b = pile_pack(p);
		holds_but(b, NULL, "certified", "another path");
	}
}

/* Text after `from` by other text; by NULL: the letter after it is another. */
TEST(no_word_of_a_part_may_be_another)
{
	static const char json[] = "1/certified.json", proof[] = "1/certified.tlog-proof";
	static const struct { const char *file, *from, *by, *failed; } lies[] = {
		{ json, ":", ": ", "certified" },
		{ json, "}\n", "}", "certified" },
		{ json, "}\n", ",\"p\":1}\n", "certified" },
		{ json, "\"count\":2", "\"count\":3", "certified" },
		{ json, "\"index\":1", "\"index\":0", "certified" },
		{ json, "\"field\":\"sha256", "\"field\":\"sha265", "certified" },
		{ json, "\"n\":", "\"n\":1", "certified" },
		{ json, "\"order\":", "\"order\":1", "certified" },
		{ json, "\"salt\":\"", NULL, "certified" },
		{ json, "\"value\":\"", NULL, "certified" },
		{ json, "\"path\":\"", NULL, "certified" },
		{ json, "\"growth\":\"", NULL, "certified" },
		{ json, "\"growth\":\"", "\"growth\":\"AAAA", "certified" },
		{ json, "\"openings\":[", "\"openings\":[{},", "certified" },
		{ json, "],\"order\"", ",{}],\"order\"", "certified" },
		{ json, "}\n", "} ", "certified" },
		{ proof, "index ", "index 1", "certified" },
		{ proof, "extra ey", NULL, "certified" },
		{ proof, "extra ", "extra AA==\nextra ", "certified" },
		{ proof, "c2sp", "C2SP", "certified" },
		{ proof, " ", "", "certified" },
		{ "1/signoffs/001.json", "\"sig\":\"", NULL, "signoffs" },
		{ "1/signoffs/001.json", "{", "{ ", "signoffs" },
		{ "1/policy", "log", "lag", "archive" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		if (lies[i].by)
			pile_replace(p, lies[i].file, lies[i].from, lies[i].by);
		else
			pile_flip_after(p, lies[i].file, lies[i].from);
		b = pile_pack(p);
		holds_but(b, NULL, lies[i].failed, lies[i].from);
	}
}

TEST(parts_that_are_none_are_refused)
{
	static const struct { const char *file, *failed; } lies[] = {
		{ "1/certified.json", "certified" },  { "2/certified.tlog-proof", "certified" },
		{ "1/signoffs/001.json", "signoffs" }, { "3/001.tsr", "stamps" },
		{ "3/policy", "archive" },
		{ "keys/log.pem", "archive" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		pile_text(p, lies[i].file, "");
		b = pile_pack(p);
		holds_but(b, NULL, lies[i].failed, lies[i].file);
	}
}

/* A second look at the same head is a layer too: for another stamp. */
TEST(a_layer_may_have_the_head_of_the_one_before)
{
	scoped(pile) *p = story_pile(3);
	scoped(buf) *b = NULL;

	head_back(p);
	b = pile_pack(p);
	holds_but(b, NULL, "", "the same head");
}

/* ---- the layout ---- */

static void order_of_files(struct pile *p) { pile_swap(p, "certificate.html", "certificate.json"); }
static void no_words(struct pile *p) { pile_drop(p, "VERIFY.md"); }
static void no_policy(struct pile *p) { pile_drop(p, "1/policy"); }
static void no_sums(struct pile *p) { pile_drop(p, "2/SHA512SUMS"); }
static void no_chain(struct pile *p) { pile_drop(p, "1/001.pem"); }
static void no_layers(struct pile *p) { pile_drop_all(p, "1/"), pile_drop_all(p, "2/"), pile_drop_all(p, "3/"); }
static void a_gap(struct pile *p) { pile_rename_all(p, "3/", "4/"); }
static void a_gap_of_stamps(struct pile *p) { pile_rename_all(p, "3/001", "3/002"); }
static void a_gap_of_signoffs(struct pile *p) { pile_rename_all(p, "1/signoffs/001", "1/signoffs/002"); }
static void a_stranger(struct pile *p) { pile_insert(p, "1/policy", "1/note.txt", story.of[0].certificate); }
static void one_behind(struct pile *p) { pile_insert(p, NULL, "README", story.of[0].certificate); }
static void zeros_before(struct pile *p) { pile_rename_all(p, "1/", "01/"); }

TEST(only_the_files_of_the_layout_in_their_order)
{
	static const struct { const char *what; void (*edit)(struct pile *p); } lies[] = {
		{ "files in another order", order_of_files }, { "no VERIFY.md", no_words },
		{ "no policy", no_policy },		      { "no sums", no_sums },
		{ "no certificates", no_chain },	      { "no layers", no_layers },
		{ "a gap", a_gap },			      { "a gap of stamps", a_gap_of_stamps },
		{ "a gap of sign-offs", a_gap_of_signoffs },  { "a stranger", a_stranger },
		{ "one behind", one_behind },		      { "zeros before", zeros_before },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;
		scoped(archive) *a = NULL;
		scoped(verdict) *v = NULL;

		lies[i].edit(p);
		b = pile_pack(p);
		if (archive_read(&a, b->data, b->len, &e) != E_FORMAT)
			fail_msg("%s: read all the same", lies[i].what);
		error_clear(&e);
		v = verdict_of(b, NULL);
		check(!v->valid && strstr(failed_of(v), "archive certified signoffs stamps"));
	}
}

TEST(files_have_limits)
{
	static const struct { const char *name; size_t max; } limits[] = {
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
		v = verdict_of(b, NULL);
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
	assert_string_equal(failed_of(v), "key");
}

TEST(a_pinned_root_must_have_stamped)
{
	struct party other = party_made(&(struct wish){ .name = "other" }, NULL);
	const struct party *known = &root, *unknown = &other;
	scoped(pile) *p = story_pile(2);
	scoped(buf) *b = pile_pack(p), *good = pem_of(&known, 1), *bad = pem_of(&unknown, 1);
	struct archive_roots roots[] = { { "by the known one", good }, { "by the other one", bad } };
	scoped(verdict) *v = verdict_of(b, &(struct archive_pins){ .roots = roots, .root_count = 1 });

	assert_string_equal(failed_of(v), "");
	check(says(v, "time stamp of layer 2: ") && says(v, "(by the known one)"));
	check(!says(v, "authority not pinned"));
	holds_but(b, &(struct archive_pins){ .roots = roots, .root_count = 2 }, "stamps", "another root");
	holds_but(b, &(struct archive_pins){ .roots = roots + 1, .root_count = 1 }, "stamps", "only it");
	party_end(&other);
}

TEST(so_many_sign_offs_and_no_more)
{
	scoped(buf) *mine = story_signoff(0), *b = NULL;
	struct archive_signoff more[SIGNOFFS_MAX + 1];
	scoped(pile) *p = story_pile(1);

	for (size_t i = 0; i < COUNT_OF(more); i++)
		more[i] = (struct archive_signoff){ "mine", mine->data, mine->len };
	pile_drop_all(p, "signoffs/");
	b = pile_pack(p);
	holds_but(b, &(struct archive_pins){ .more = more, .more_count = SIGNOFFS_MAX }, "", "64");
	holds_but(b, &(struct archive_pins){ .more = more, .more_count = SIGNOFFS_MAX + 1 },
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

	v = verdict_of(b, &(struct archive_pins){ .signers = signers, .signer_count = 1 });
	assert_string_equal(failed_of(v), "");
	check(says(v, ", by a pinned key (Ed25519 ") && !says(v, "key not pinned"));
	holds_but(b, &(struct archive_pins){ .signers = signers, .signer_count = 2 }, "signoffs",
		  "nobody");
}

TEST(sign_offs_beside_an_archive_are_held_against_it_too)
{
	struct pubkey signer = key_of(story_person);
	scoped(buf) *mine = story_signoff(0), *of_other = story_signoff(1), *b = NULL;
	struct archive_signoff more[] = { { "mine", mine->data, mine->len },
					  { "of another", of_other->data, of_other->len } };
	struct archive_pins pins = { .more = more, .more_count = 1, .signers = &signer,
				     .signer_count = 1 };
	scoped(pile) *p = story_pile(1);

	pile_drop_all(p, "signoffs/");
	b = pile_pack(p);
	holds_but(b, &pins, "", "one beside it");
	pins.more_count = 2;
	holds_but(b, &pins, "signoffs", "one of another");
	pins.more_count = 0;
	holds_but(b, &pins, "signoffs", "none");
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
			holds_but(b, &pins, cosigned == layers ? "" : "witnesses", "a policy");
		}
}

TEST(a_policy_that_lists_another_log_is_of_another_log)
{
	struct archive_pins pins = { .statement.policy = NULL };
	scoped(policy) *mine = story_policy(true);
	scoped(pile) *p = story_pile(1);
	scoped(buf) *b = pile_pack(p);

	pins.statement.policy = mine;
	holds_but(b, &pins, "", "its own");
	check_ok(note_key_make(&mine->log[0].key, "other.example/facts", NOTE_ED25519,
			       mine->log[0].key.public_key, &e));
	holds_but(b, &pins, "witnesses", "another's");
}

TEST(another_demand_is_not_its_own)
{
	scoped(pile) *p = story_pile(1);
	scoped(buf) *b = pile_pack(p);

	holds_but(b, &(struct archive_pins){ .statement.order = &story.of[1].demand },
		  "demand positions", "another demand");
	holds_but(b, &(struct archive_pins){ .statement.order = &story.of[0].demand }, "", "its own");
}

int main(void)
{
	int failed;

	stamp_world_begin();
	story_begin();
	failed = test_run_all("archive");
	story_end();
	stamp_world_end();
	return failed;
}
