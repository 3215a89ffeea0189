/* What somebody makes of an archive who counts its sums again and has an authority of their own;
 * and an operator who logs what is not so. */
#include <inttypes.h>
#include <stdio.h>

#include "base/test.h"
#include "proof/archive_world.h"

TEST(what_can_be_left_out_is_what_the_document_says)
{
	static const char *const parts[] = { "signoffs/", "3/", "3/001.", "2/001." };

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		pile_drop_all(p, parts[i]);
		b = pile_pack(p);
		story_holds_but(b, NULL, "", parts[i]);
	}
}

TEST(what_can_be_written_anew_is_what_the_document_says)
{
	static const struct {
		const char *file, *text;
	} lies[] = {
		{ "VERIFY.md", "all is well\n" },
		{ "certificate.html", "<p>all is well\n" },
		{ "2/policy", "quorum none\n" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		pile_text(p, lies[i].file, lies[i].text);
		b = pile_pack(p);
		story_holds_but(b, NULL, "", lies[i].file);
	}
}

static void key_other(struct pile *p)
{
	pile_put_key(p, 1);
}
static void key_spelling(struct pile *p)
{
	pile_add_byte(p, "keys/log.pem", '\n');
}

static void certificate_other(struct pile *p)
{
	pile_bytes(p, "certificate.json", story.of[1].certificate);
	pile_drop_all(p, "signoffs/");
}
static void certificate_other_signed(struct pile *p)
{
	pile_bytes(p, "certificate.json", story.of[1].certificate);
}
static void layer_of_other(struct pile *p)
{
	pile_layer_again(p, 2, 1, story.size[2], story.size[1]);
}
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
static void head_back(struct pile *p)
{
	pile_layer_again(p, 3, 0, story.size[2], story.size[2]);
}
static void head_of_certificate(struct pile *p)
{
	pile_layer_again(p, 1, 0, story.of[0].first_size, story.of[0].first_size);
}
static void growth_from_elsewhere(struct pile *p)
{
	pile_layer_again(p, 3, 0, story.size[3], story.size[1]);
}
static void growth_none(struct pile *p)
{
	pile_layer_again(p, 2, 0, story.size[2], story.size[2]);
}
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

static void stamp_back(struct pile *p)
{
	pile_stamp_at(p, "2/001.tsr", "20260301115959Z");
}
/* The certificate was issued at 11:56; a clock may be ten minutes off. */
static void stamp_early(struct pile *p)
{
	pile_stamp_at(p, "1/001.tsr", "20260301114559Z");
}
static void stamp_of_other_layer(struct pile *p)
{
	pile_freeze_as(p, "2/001.tsr", "1/001.tsr");
}

TEST(what_says_more_than_is_true_is_refused)
{
	static const struct {
		const char *what;
		void (*edit)(struct pile *p);
		const char *failed;
	} lies[] = {
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
		{ "a time from before the certificate", stamp_early, "stamps" },
		{ "a stamp of another layer", stamp_of_other_layer, "stamps" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		lies[i].edit(p);
		b = pile_pack(p);
		story_holds_but(b, NULL, lies[i].failed, lies[i].what);
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
			/* The last of them holds, but where a layer before has another. */
			story_holds_but(b, NULL, i == 2 && layers == 1 ? "" : "certified",
					"logged again");
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
		story_holds_but(b, NULL, "certified", "another path");
	}
}

/* Text after `from` by other text; by NULL: the letter after it is another. */
TEST(no_word_of_a_part_may_be_another)
{
	static const char json[] = "1/certified.json", proof[] = "1/certified.tlog-proof";
	static const struct {
		const char *file, *from, *by, *failed;
	} lies[] = {
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
		story_holds_but(b, NULL, lies[i].failed, lies[i].from);
	}
}

TEST(parts_that_are_none_are_refused)
{
	static const struct {
		const char *file, *failed;
	} lies[] = {
		{ "1/certified.json", "certified" },
		{ "2/certified.tlog-proof", "certified" },
		{ "1/signoffs/001.json", "signoffs" },
		{ "3/001.tsr", "stamps" },
		{ "3/policy", "archive" },
		{ "keys/log.pem", "archive" },
	};

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		scoped(pile) *p = story_pile(3);
		scoped(buf) *b = NULL;

		pile_text(p, lies[i].file, "");
		b = pile_pack(p);
		story_holds_but(b, NULL, lies[i].failed, lies[i].file);
	}
}

/* A second look at the same head is a layer too: for another stamp. */
TEST(a_layer_may_have_the_head_of_the_one_before)
{
	scoped(pile) *p = story_pile(3);
	scoped(buf) *b = NULL;

	head_back(p);
	b = pile_pack(p);
	story_holds_but(b, NULL, "", "the same head");
}

int main(void)
{
	return story_main("archive-lies");
}
