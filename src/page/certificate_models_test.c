/* The page of a certificate: what it says of checkpoints made anew. */
#include <string.h>

#include "base/test.h"
#include "page/testing.h"
#include "wire/json.h"

static struct error e;

TEST(a_page_says_what_new_checkpoints_rest_on_and_whose_word_that_is)
{
	static const char *const parts[] = {
		"This order\xe2\x80\x99s last step is fact ", "whose last entry is fact ",
		"2 What was reached", "unlearned checkpoints", "reproduced by 0011223344556677",
		"4.1 Checked by anyone", ">unlearned<", "another digest", "5 Timeline",
		"Checkpoint made anew without the records:", "<bdi>faces@1</bdi>",
		"The new version is fact", "6 Retained", "6.1 What the new checkpoints rest on",
		"operator\xe2\x80\x99s word", "<bdi>faces@2</bdi>", "<bdi>faces@1</bdi>",
		"350 records", "trained again, with the same result bit for bit, by <code><bdi>0011",
		"volunteers", "LicenseRef-volunteers", "consent", "\xe2\x80\x93", ">200<", "museum",
		"CC-BY-4.0", "t1", ">150<", "<bdi>other@5</bdi>", "was not trained again",
		"7 Sanitization",
	};
	scoped(buf) *certificate = NULL, *page = NULL;
	const char *at;
	struct world w;

	world_begin(&w, NO_LIE, "example.org/log", 10);
	w.unlearn = true;
	world_build(&w);
	certificate = unlearned(&w, json_pack("[o,o]",
		model_row("faces@1", "faces@2", w.made[0], "0011223344556677"),
		model_row("other@4", "other@5", w.made[1], NULL)));
	page = page_of(certificate);
	leave(page, "unlearned.html");
	leave(certificate, "unlearned.json");
	at = buf_text(page);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!strstr(at, parts[i]))
			fail_msg("not there, or not in its order: %s", parts[i]);
		at = strstr(at, parts[i]);
	}
	check(!says(page, "does not hold"));
	world_end(&w);
}

/* No check reads this part: a page has gaps where it has another shape. */
TEST(what_is_said_of_checkpoints_may_have_any_shape)
{
	static const char *const shapes[] = {
		"5", "\"faces\"", "{}", "[]", "[null,5,[],\"x\",{}]", "[{\"record\":5}]",
		"[{\"record\":[5,null,{},{\"source\":{},\"terms\":-1,\"count\":\"x\"}]}]",
		"[{\"old\":5,\"new\":[],\"fact\":-1,\"records\":\"x\",\"reproduced_by\":[5,{},null]}]",
		"[{\"reproduced_by\":{\"a\":1}}]",
	};

	for (size_t i = 0; i < COUNT_OF(shapes); i++) {
		scoped(buf) *certificate = NULL, *page = NULL;
		json_t *models = NULL;
		struct world w;

		world_begin(&w, NO_LIE, "example.org/log", 10);
		w.small = true;
		world_build(&w);
		check_ok(json_parse(&models, shapes[i], strlen(shapes[i]), 1000, &e));
		certificate = unlearned(&w, models);
		page = page_of(certificate);
		check(says(page, "</html>") && !says(page, "does not hold"));
		world_end(&w);
	}
}

TEST_MAIN("page-certificate_models")
