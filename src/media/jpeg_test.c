#include "media/jpeg.h"

#include <stdio.h>
#include <stdlib.h>
/* libjpeg's header needs stdio before it. */
#include <jpeglib.h>

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

/* Makes sums, and keeps the samples of small pictures. */
struct kept {
	uint8_t samples[3 * 4096];
	unsigned channels, calls;
};

static bool keep(void *ctx, const uint8_t *samples, uint32_t width, uint32_t height,
		 unsigned channels, uint8_t *made)
{
	struct kept *k = ctx;
	size_t count = (size_t)width * height * channels;

	if (count <= sizeof(k->samples))
		memcpy(k->samples, samples, count);
	k->channels = channels;
	k->calls++;
	sample_sums(samples, width, height, channels, made);
	return true;
}

static struct media_info look(const struct buf *b, struct kept *k)
{
	const struct media_maker maker = { SUMS_LEN, keep, k };
	struct media_info info = { .whole = true, .story = "old" };
	uint8_t made[SUMS_LEN] = { 0 };

	k->calls = 0;
	jpeg_look(b->data, b->len, &maker, made, &info);
	check(info.made == NULL || info.made == made);
	check(k->calls == (info.made != NULL));
	check(info.whole || !info.made);
	check((info.story[0] == 0) == (info.made != NULL));
	return info;
}

static void same_verdict(const struct buf *b, struct kept *k)
{
	struct media_info looked = check_buf(b), made = look(b, k);

	/* The samples need memory too, so one of the two may be told that there is too little. */
	if (looked.whole != made.whole || looked.width != made.width ||
	    (!looked.whole && strcmp(looked.story, made.story) != 0))
		fail_msg("\"%s\" to look, \"%s\" to make", looked.story, made.story);
}

TEST(making_finds_the_damage_that_looking_finds)
{
	struct kept k;

	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		scoped(buf) *b = sample_jpeg(17, 9, makes[i], 0);

		same_verdict(b, &k);
		for (size_t at = 0; at < b->len; at++)
			for (unsigned change = 1; change < 256; change = change * 6 + 1) {
				b->data[at] ^= (uint8_t)change;
				same_verdict(b, &k);
				b->data[at] ^= (uint8_t)change;
			}
		for (; b->len > 0; b->len--)
			same_verdict(b, &k);
	}
}

TEST(grey_and_ycc_pictures_are_made_of_grey_and_others_of_colours)
{
	struct kept k;

	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		scoped(buf) *b = sample_jpeg(33, 20, makes[i], 0);

		check(look(b, &k).made != NULL);
		check(k.channels == (makes[i] & SAMPLE_CMYK ? 3 : 1));
	}
	{
		scoped(buf) *b = sample_jpeg(33, 20, SAMPLE_RGB, 0);

		check(look(b, &k).made && k.channels == 3);
	}
}

/* A row of flat fields of 16 pixels, written without loss but for the steps of quantisation. */
static struct buf *flat(J_COLOR_SPACE in, J_COLOR_SPACE stored, int components, bool adobe,
			const uint8_t *fields, unsigned count)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	struct buf *b = NULL;
	uint8_t *bytes = NULL, row[16 * 4 * 8], *at = row;
	unsigned long len = 0;

	j.err = jpeg_std_error(&errors);
	jpeg_create_compress(&j);
	jpeg_mem_dest(&j, &bytes, &len);
	j.image_width = 16 * count;
	j.image_height = 16;
	j.input_components = components;
	j.in_color_space = in;
	jpeg_set_defaults(&j);
	jpeg_set_colorspace(&j, stored);
	jpeg_set_quality(&j, 100, TRUE);
	j.write_Adobe_marker = adobe;
	jpeg_start_compress(&j, TRUE);
	for (unsigned i = 0; i < 16 * count; i++, at += components)
		memcpy(at, fields + i / 16 * (unsigned)components, (size_t)components);
	at = row;
	while (j.next_scanline < j.image_height)
		jpeg_write_scanlines(&j, &at, 1);
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	check(buf_from(&b, bytes, len, NULL) == 0);
	free(bytes);
	return b;
}

static bool near(uint8_t a, int b)
{
	return abs(a - b) <= 2;
}

/* red, green, blue of the middle of each field. */
static void check_fields(const struct kept *k, const int *want, unsigned count)
{
	for (unsigned i = 0; i < count * k->channels; i++) {
		unsigned x = i / k->channels * 16 + 8;
		uint8_t got = k->samples[(8 * 16 * count + x) * k->channels + i % k->channels];

		if (!near(got, want[i]))
			fail_msg("sample %u is %d, not %d", i, got, want[i]);
	}
}

TEST(the_y_component_is_taken_as_it_is)
{
	static const uint8_t ycc[] = { 10, 128, 128, 200, 90, 30, 255, 255, 255, 0, 0, 0 };
	static const int grey[] = { 10, 200, 255, 0 };
	scoped(buf) *b = flat(JCS_YCbCr, JCS_YCbCr, 3, false, ycc, 4);
	struct kept k;

	check(look(b, &k).made && k.channels == 1);
	check_fields(&k, grey, 4);
}

/* All samples of a grey or YCbCr picture by this transform. */
static size_t decode_grey(const struct buf *b, J_DCT_METHOD method, uint8_t *ret)
{
	struct jpeg_decompress_struct j;
	struct jpeg_error_mgr errors;
	size_t len;

	j.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&j);
	jpeg_mem_src(&j, b->data, b->len);
	jpeg_read_header(&j, TRUE);
	j.out_color_space = JCS_GRAYSCALE;
	j.dct_method = method;
	jpeg_start_decompress(&j);
	while (j.output_scanline < j.output_height) {
		JSAMPROW row = ret + j.output_scanline * j.output_width;

		jpeg_read_scanlines(&j, &row, 1);
	}
	len = (size_t)j.output_width * j.output_height;
	jpeg_destroy_decompress(&j);
	return len;
}

TEST(samples_are_those_of_the_slow_transform_at_full_size)
{
	static uint8_t slow[4096], fast[4096];

	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		scoped(buf) *b = sample_jpeg(61, 50, makes[i], 0);
		struct kept k;
		size_t len;

		if (makes[i] & SAMPLE_CMYK)
			continue;
		check(look(b, &k).made && k.channels == 1);
		len = decode_grey(b, JDCT_ISLOW, slow);
		check(len == 61 * 50 && decode_grey(b, JDCT_IFAST, fast) == len);
		check(memcmp(k.samples, slow, len) == 0 && memcmp(slow, fast, len) != 0);
	}
}

TEST(red_green_and_blue_come_as_they_were_stored)
{
	static const uint8_t rgb[] = { 250, 3, 100, 0, 0, 0, 255, 255, 255 };
	static const int want[] = { 250, 3, 100, 0, 0, 0, 255, 255, 255 };
	scoped(buf) *b = flat(JCS_RGB, JCS_RGB, 3, true, rgb, 3);
	struct kept k;

	check(look(b, &k).made && k.channels == 3);
	check_fields(&k, want, 3);
}

TEST(inks_become_colours_and_those_of_adobe_are_upside_down)
{
	/* none, cyan, magenta and yellow, all black, half black over cyan */
	static const uint8_t inks[] = { 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 0,
					0, 0, 0, 255, 255, 0, 0, 128 };
	static const int want[] = { 255, 255, 255, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 127, 127 };
	uint8_t upside_down[COUNT_OF(inks)];
	struct kept k;

	for (size_t i = 0; i < COUNT_OF(inks); i++)
		upside_down[i] = (uint8_t)(255 - inks[i]);
	for (int way = 0; way < 3; way++) {
		scoped(buf) *b = flat(JCS_CMYK, way == 2 ? JCS_YCCK : JCS_CMYK, 4, way > 0,
				      way > 0 ? upside_down : inks, 5);

		check(look(b, &k).made && k.channels == 3);
		check_fields(&k, want, 5);
	}
}

TEST(of_more_samples_than_the_limit_nothing_is_made)
{
	scoped(buf) *most = sample_jpeg(8192, 8192, SAMPLE_GREY, 0);
	scoped(buf) *more = sample_jpeg(8193, 8192, SAMPLE_GREY, 0);
	struct media_info info;
	struct kept k;

	check(look(most, &k).made != NULL);
	info = look(more, &k);
	check(info.whole && !info.made && info.width == 8193);
	check(strcmp(info.story, "more than 67108864 samples") == 0);
	more->len -= 40;
	check(!look(more, &k).whole);
}

TEST(colours_that_nobody_knows_are_made_nothing_of)
{
	static const uint8_t two[] = { 1, 2, 200, 100 };
	scoped(buf) *b = flat(JCS_UNKNOWN, JCS_UNKNOWN, 2, false, two, 2);
	struct media_info info;
	struct kept k;

	info = look(b, &k);
	check(info.whole && !info.made && strcmp(info.story, "unknown colours") == 0);
	check(check_buf(b).whole);
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
