#include "media/jpeg.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"
#include "media/sample.h"

static struct media_info check_buf(const struct buf *b)
{
	struct media_info info = { .story = "old", .whole = true, .width = 7 };

	jpeg_check(b->data, b->len, &info);
	check(info.whole == (info.story[0] == 0));
	return info;
}

static struct media_info check_cut(const struct buf *b, size_t len)
{
	uint8_t *exact = malloc(len + 1);
	struct media_info info = { 0 };

	check(exact != NULL);
	memcpy(exact, b->data, len);
	jpeg_check(exact, len, &info);
	free(exact);
	return info;
}

/* The place after the n-th FF marker, from 1; 0 when there are fewer. */
static size_t after_marker(const struct buf *b, uint8_t marker, unsigned n)
{
	for (size_t i = 1; i < b->len; i++)
		if (b->data[i - 1] == 0xff && b->data[i] == marker && --n == 0)
			return i + 1;
	return 0;
}

static const unsigned makes[] = { 0, SAMPLE_PROGRESSIVE, SAMPLE_RESTARTS, SAMPLE_GREY,
				  SAMPLE_GREY | SAMPLE_PROGRESSIVE, SAMPLE_ARITHMETIC,
				  SAMPLE_ARITHMETIC | SAMPLE_PROGRESSIVE, SAMPLE_CMYK,
				  SAMPLE_APART, SAMPLE_PROGRESSIVE | SAMPLE_RESTARTS };

TEST(what_was_made_whole_is_whole)
{
	for (size_t i = 0; i < COUNT_OF(makes); i++)
		for (unsigned side = 1; side <= 40; side += 3) {
			scoped(buf) *b = sample_jpeg(side, 41 - side, makes[i], 0);
			struct media_info info = check_buf(b);

			check(info.whole && info.width == side && info.height == 41 - side);
		}
}

TEST(a_jpeg_cut_anywhere_is_not_whole)
{
	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		scoped(buf) *b = sample_jpeg(40, 30, makes[i], 0);

		for (size_t len = 0; len < b->len; len++)
			check(!check_cut(b, len).whole);
		check(check_cut(b, b->len).whole);
	}
}

TEST(bytes_after_the_end_do_no_harm)
{
	scoped(buf) *b = sample_jpeg(20, 20, 0, 0);

	check(buf_put(b, "maker's notes", 13, NULL) == 0);
	check(check_buf(b).whole);
}

TEST(bytes_before_the_end_marker_do_no_harm)
{
	scoped(buf) *b = sample_jpeg(20, 20, 0, 0);

	b->len -= 2;
	check(buf_put(b, "padding of a webcam\xff\xd9", 21, NULL) == 0);
	check(check_buf(b).whole);
}

TEST(what_is_no_jpeg_is_not_whole)
{
	static const char *const others[] = { "", "\xff", "\xff\xd8", "\xff\xd8\xff\xd9", "GIF89a",
					      "\xff\xd8\xff\xff\xff\xff", "plain" };

	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct media_info info = { .whole = true };

		jpeg_check(others[i], strlen(others[i]), &info);
		check(!info.whole && info.story[0] && info.width == 0);
	}
}

TEST(an_end_in_the_middle_of_a_scan_is_damage)
{
	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		scoped(buf) *b = sample_jpeg(60, 60, makes[i], 0);
		size_t from = after_marker(b, 0xda, 1) + 20;

		/* Before the last bytes: they may hold less than a block's worth. */
		for (size_t at = from; at + 20 < b->len; at += 7) {
			scoped(buf) *cut = NULL;

			check(buf_from(&cut, b->data, at, NULL) == 0);
			check(buf_put(cut, "\xff\xd9", 2, NULL) == 0);
			/* Arithmetic code goes on for ever with zeros behind a marker, and a
			 * progressive picture may end between two scans. */
			if (!(makes[i] & (SAMPLE_ARITHMETIC | SAMPLE_PROGRESSIVE)))
				check(!check_buf(cut).whole);
		}
	}
}

TEST(a_code_that_the_table_does_not_have_is_damage)
{
	static const unsigned coded[] = { 0, SAMPLE_PROGRESSIVE, SAMPLE_GREY, SAMPLE_APART };

	for (size_t i = 0; i < COUNT_OF(coded); i++) {
		scoped(buf) *b = sample_jpeg(60, 60, coded[i], 0);
		size_t at = after_marker(b, 0xda, 1) + 20;

		/* Ones only are no code of any table. */
		for (size_t n = 0; n < 40; n++)
			b->data[at + n] = n % 2 ? 0 : 0xff;
		if (strcmp(check_buf(b).story, "Corrupt JPEG data: bad Huffman code") != 0)
			fail_msg("make %zu: %s", i, check_buf(b).story);
	}
}

TEST(a_picture_that_is_all_there_but_not_ended_is_not_whole)
{
	scoped(buf) *b = sample_jpeg(20, 20, 0, 0);

	b->len -= 2;
	check(buf_put(b, "bytes that nobody has to read for a pixel", 41, NULL) == 0);
	check(strcmp(check_buf(b).story, "Premature end of input file") == 0);
}

TEST(a_lost_restart_marker_is_damage)
{
	scoped(buf) *b = sample_jpeg(100, 100, SAMPLE_RESTARTS, 0);
	size_t at = after_marker(b, 0xd2, 1);

	check(at > 0);
	b->data[at - 1] = 0xd5;
	check(!check_buf(b).whole);
}

TEST(a_picture_whose_last_component_never_came_is_not_whole)
{
	scoped(buf) *b = sample_jpeg(64, 64, SAMPLE_APART, 0);
	size_t third = after_marker(b, 0xda, 3), before = third;

	/* Its tables may lie between the second scan and it. */
	check(third > 0);
	b->data[before - 1] = 0xd9;
	b->len = before;
	check(!check_buf(b).whole);
	check(strcmp(check_buf(b).story, "component 2 has no scan") == 0);
}

TEST(one_scan_more_than_the_limit_is_refused)
{
	scoped(buf) *most = sample_jpeg(64, 64, SAMPLE_GREY, JPEG_SCANS_MAX);
	scoped(buf) *more = sample_jpeg(64, 64, SAMPLE_GREY, JPEG_SCANS_MAX + 1);

	check(check_buf(most).whole);
	check(strcmp(check_buf(more).story, "more than 100 scans") == 0);
}

/* A header says what it likes. */
static struct media_info check_size(uint16_t width, uint16_t height)
{
	scoped(buf) *b = sample_jpeg(8, 8, 0, 0);
	size_t at = after_marker(b, 0xc0, 1);

	check(at > 0);
	be_set(b->data + at + 3, height, 2);
	be_set(b->data + at + 5, width, 2);
	return check_buf(b);
}

TEST(more_pixels_than_the_limit_are_refused_before_decoding)
{
	struct media_info most = check_size(16384, 16384), more = check_size(16385, 16384);

	check(most.width == 16384 && most.height == 16384 && !strstr(most.story, "pixels"));
	check(more.width == 0 && strstr(more.story, "pixels are more than 268435456"));
	check(check_size(65500, 4098).width == 65500);
	check(check_size(65500, 4099).width == 0);
	check(check_size(65501, 1).width == 0 && check_size(1, 65501).width == 0);
	check(check_size(0, 8).width == 0 && check_size(8, 0).width == 0);
}

TEST(memory_beyond_the_limit_is_refused_not_taken)
{
	scoped(buf) *b = sample_jpeg(64, 64, SAMPLE_PROGRESSIVE, 0);
	size_t at = after_marker(b, 0xc2, 1);

	check(at > 0);
	be_set(b->data + at + 3, 16384, 2);
	be_set(b->data + at + 5, 16384, 2);
	check(!check_buf(b).whole);
	check(strstr(check_buf(b).story, "bytes of memory") != NULL);
}

/* Every byte changed in turn: never a crash, and what it says fits. */
TEST(no_changed_byte_confuses_it)
{
	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		scoped(buf) *b = sample_jpeg(17, 9, makes[i], 0);

		for (size_t at = 0; at < b->len; at++)
			for (unsigned change = 1; change < 256; change = change * 4 + 1) {
				b->data[at] ^= (uint8_t)change;
				(void)check_buf(b);
				b->data[at] ^= (uint8_t)change;
			}
	}
}

static int check_photo(void *ctx, const char *name)
{
	scoped(buf) *b = NULL;
	struct error e = { 0 };
	char path[4096];

	if (!strstr(name, ".jpg"))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", (const char *)ctx, name);
	check_ok(file_read(path, 64 << 20, &b, &e));
	if (!check_buf(b).whole)
		fail_msg("%s: %s", name, check_buf(b).story);
	return 0;
}

TEST(photos_of_real_cameras_are_whole)
{
	static const char *const folders[] = { "exif-photos", "london-faces" };
	const char *shared = test_shared();
	char path[2048];

	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		snprintf(path, sizeof(path), "%s/data/%s", shared, folders[i]);
		check(sys->list(path, check_photo, path) == 0);
	}
}

TEST_MAIN("media/jpeg")
