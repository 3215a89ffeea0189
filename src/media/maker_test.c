/* What a child makes of pictures besides. */
#include <signal.h>

#include "base/sys.h"
#include "media/testing.h"

static struct media *open_maker(void)
{
	struct media *m = NULL;

	check_ok(media_open(&m, MEDIA_CHILD, "sums", SUMS_LEN, &e));
	return m;
}

static bool made_is(const struct media_info *info, uint32_t width, uint32_t height,
		    unsigned channels)
{
	return info->whole && info->story[0] == 0 && info->made && info->width == width &&
	       be_get(info->made, 4) == width && be_get(info->made + 4, 4) == height &&
	       be_get(info->made + 8, 4) == channels;
}

static struct media_info ask_maker(struct media *m, const void *bytes, size_t len)
{
	struct media_info info = { 0 };

	check_ok(media_check(m, bytes, len, &info, &e));
	check(!info.made || (info.whole && info.story[0] == 0));
	check(info.made || info.story[0]);
	return info;
}

TEST(a_maker_answers_every_whole_picture_and_no_other)
{
	scoped(media) *m = open_maker();
	scoped(buf) *b = sample_jpeg(64, 48, SAMPLE_RESTARTS, 0);
	struct media_info info = ask_maker(m, b->data, b->len);
	pid_t pid = media_pid(m);

	check(made_is(&info, 64, 48, 1));
	for (size_t len = 2; len < b->len; len += 3)
		check(!ask_maker(m, b->data, len).whole);
	info = ask_maker(m, "GIF89a", 6);
	check(info.whole && !info.made && strstr(info.story, "nothing is made of this type"));
	check(!ask_maker(m, "", 0).whole);
	check(media_pid(m) == pid);
}

TEST(who_only_looks_is_made_nothing)
{
	scoped(media) *m = open_child();
	scoped(buf) *b = sample_jpeg(64, 48, 0, 0);

	check(!ask(m, b->data, b->len).made);
	/* Nor believed that it was. */
	check(!ask_hook(m, "fewer").whole);
	check(ask(m, b->data, b->len).whole);
}

TEST(what_is_made_comes_in_the_order_sent_through_a_whole_window)
{
	scoped(media) *m = open_maker();
	struct buf *b[40];
	struct media_info info;

	for (unsigned i = 0; i < COUNT_OF(b); i++)
		b[i] = sample_jpeg(i + 1, 2 * i + 1, i % 2 ? SAMPLE_PROGRESSIVE : SAMPLE_RGB, 0);
	for (unsigned sent = 0, taken = 0; taken < 5 * COUNT_OF(b); taken++) {
		unsigned i = taken % COUNT_OF(b);

		for (; sent < 5 * COUNT_OF(b) && sent - taken < MEDIA_WINDOW; sent++) {
			const struct buf *next = b[sent % COUNT_OF(b)];

			check_ok(media_send(m, next->data, next->len, &e));
		}
		if (taken == 77)
			kill(media_pid(m), SIGKILL);
		check_ok(media_answer(m, &info, &e));
		check(made_is(&info, i + 1, 2 * i + 1, i % 2 ? 1 : 3));
	}
	for (unsigned i = 0; i < COUNT_OF(b); i++)
		buf_destroy(b[i]);
}

TEST(a_child_that_lies_about_what_it_made_is_not_believed)
{
	static const char *const words[] = { "more", "fewer", "endless", "of-damage", "half",
					     "nonsense", "lie", "exit" };
	scoped(media) *m = open_maker();
	scoped(buf) *good = sample_jpeg(30, 20, 0, 0);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct media_info info = ask_hook(m, words[i]);

		if (info.whole || info.made || !info.died)
			fail_msg("%s was believed", words[i]);
		info = ask_maker(m, good->data, good->len);
		check(made_is(&info, 30, 20, 1) && !info.died);
	}
}

TEST(a_picture_that_kills_the_maker_is_the_only_one_that_is_not_whole)
{
	scoped(media) *m = open_maker();
	scoped(buf) *good = sample_jpeg(30, 20, 0, 0);
	scoped(buf) *bad = sample_jpeg(101, 9, 0, 0), *none = sample_jpeg(103, 9, 0, 0);
	struct media_info info;

	check_ok(media_send(m, good->data, good->len, &e));
	check_ok(media_send(m, bad->data, bad->len, &e));
	check_ok(media_send(m, none->data, none->len, &e));
	check_ok(media_send(m, good->data, good->len, &e));
	check_ok(media_answer(m, &info, &e));
	check(made_is(&info, 30, 20, 1));
	check_ok(media_answer(m, &info, &e));
	check(!info.whole && info.died && !info.made && strstr(info.story, "died of it"));
	check_ok(media_answer(m, &info, &e));
	check(info.whole && !info.made && !info.died);
	check(strcmp(info.story, "nothing can be made of it") == 0);
	check_ok(media_answer(m, &info, &e));
	check(made_is(&info, 30, 20, 1));
}

TEST(a_maker_that_takes_for_ever_is_ended_and_so_is_one_that_stops_in_the_middle)
{
	scoped(media) *m = open_maker(), *other = open_maker();
	scoped(buf) *good = sample_jpeg(30, 20, 0, 0), *slow = sample_jpeg(102, 9, 0, 0);
	scoped(buf) *half = hook("half-and-wait");
	uint64_t begin_us = sys->monotonic_us();
	struct media_info info;

	check_ok(media_send(m, slow->data, slow->len, &e));
	check_ok(media_send(m, good->data, good->len, &e));
	check_ok(media_send(other, half->data, half->len, &e));
	check_ok(media_answer(m, &info, &e));
	check(!info.whole && info.died && !info.made);
	check(strcmp(info.story, "decoding took longer than 5 s") == 0);
	check_ok(media_answer(m, &info, &e));
	check(made_is(&info, 30, 20, 1));
	check_ok(media_answer(other, &info, &e));
	check(!info.whole && info.died && !info.made);
	check(sys->monotonic_us() - begin_us < 60000000);
}

TEST(parent_and_child_agree_on_how_much_is_made_or_do_not_begin)
{
	char name[MEDIA_MAKE_MAX + 2];
	struct media *m = NULL;

	check_code(media_open(&m, MEDIA_CHILD, "more", SUMS_LEN, &e), E_IO);
	check_code(media_open(&m, MEDIA_CHILD, "sums", SUMS_LEN - 1, &e), E_IO);
	check_code(media_open(&m, MEDIA_CHILD, "unheard-of", SUMS_LEN, &e), E_IO);
	check_code(media_open(&m, MEDIA_CHILD, "sums", 0, &e), E_RANGE);
	check_code(media_open(&m, MEDIA_CHILD, NULL, 1, &e), E_RANGE);
	check_code(media_open(&m, MEDIA_CHILD, "sums", MEDIA_MADE_MAX + 1, &e), E_RANGE);
	memset(name, 'x', MEDIA_MAKE_MAX + 1);
	name[MEDIA_MAKE_MAX + 1] = 0;
	check_code(media_open(&m, MEDIA_CHILD, name, SUMS_LEN, &e), E_RANGE);
	check(m == NULL);
}

TEST(large_photos_are_made_within_the_childs_memory)
{
	scoped(media) *m = open_maker();
	scoped(buf) *b = sample_jpeg(3024, 3024, SAMPLE_PROGRESSIVE, 0);
	scoped(buf) *inks = sample_jpeg(3024, 3024, SAMPLE_PROGRESSIVE | SAMPLE_CMYK, 0);
	struct media_info info = ask_maker(m, b->data, b->len);

	check(made_is(&info, 3024, 3024, 1));
	info = ask_maker(m, inks->data, inks->len);
	check(made_is(&info, 3024, 3024, 3));
}

TEST_MAIN("media-maker")
