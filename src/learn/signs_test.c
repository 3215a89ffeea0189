/*
 * A model of real photos: digits shown by the hands of 166 people (test material, see the SOURCE
 * beside it), a fifth of the people held out, in turn. The decoder is the test's alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/file.h"
#include "base/test.h"
#include "learn/feature.h"
#include "learn/solve.h"

enum { PHOTOS_MAX = 2000, D_MAX = 1024, FOLDS = 5, TAR_BLOCK = 512 };

static struct error e;
static int8_t x[PHOTOS_MAX * D_MAX];
static char label[PHOTOS_MAX][2];
static const char *labels[PHOTOS_MAX];
static int person[PHOTOS_MAX];
static size_t count;

static void decode(const uint8_t *bytes, size_t len, const struct features *f, int8_t *ret)
{
	struct jpeg_decompress_struct j;
	struct jpeg_error_mgr errors;
	struct picture p = { .channels = 3 };
	uint8_t *samples;

	j.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&j);
	jpeg_mem_src(&j, bytes, len);
	jpeg_read_header(&j, TRUE);
	j.out_color_space = JCS_RGB;
	jpeg_start_decompress(&j);
	p.width = j.output_width;
	p.height = j.output_height;
	samples = malloc(p.width * p.height * 3);
	check(samples != NULL);
	while (j.output_scanline < j.output_height) {
		uint8_t *row = samples + j.output_scanline * p.width * 3;

		jpeg_read_scanlines(&j, &row, 1);
	}
	p.samples = samples;
	check_ok(features_of(f, &p, ret, &e));
	free(samples);
	jpeg_destroy_decompress(&j);
}

/* The number of the participant, by the manifest. */
static int person_of(const char *manifest, const char *name)
{
	const char *line = strstr(manifest, name), *who = line ? strstr(line, ",P") : NULL;

	check(who != NULL);
	return atoi(who + 2);
}

static void load(const struct features *f)
{
	scoped(buf) *tar = NULL, *manifest = NULL;
	char path[PATH_LEN_MAX];
	size_t len;

	snprintf(path, sizeof(path), "%s/data/sign-digits/photos.tar", test_shared());
	check_ok(file_read(path, 1 << 25, &tar, &e));
	snprintf(path, sizeof(path), "%s/data/sign-digits/manifest.csv", test_shared());
	check_ok(file_read(path, 1 << 20, &manifest, &e));
	count = 0;
	for (size_t at = 0; at + TAR_BLOCK <= tar->len && tar->data[at];
	     at += (len + 2 * TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK) {
		const char *name = (const char *)tar->data + at;

		len = strtoul(name + 124, NULL, 8);
		if (len == 0 || strncmp(name, "Dataset/", 8) != 0)
			continue;
		check(count < PHOTOS_MAX && at + TAR_BLOCK + len <= tar->len);
		decode(tar->data + at + TAR_BLOCK, len, f, x + count * features_dim(f));
		label[count][0] = name[8];
		labels[count] = label[count];
		person[count] = person_of(buf_text(manifest), name);
		count++;
	}
	check(count == 1659);
}

/* How many of the held out are recognised. */
static size_t hold_out(const struct features *f, int fold)
{
	scoped(sums) *s = NULL;
	scoped(weights) *w = NULL;
	static int8_t kept[PHOTOS_MAX * D_MAX];
	static const char *kept_labels[PHOTOS_MAX];
	struct records r = { 0, kept, kept_labels, NULL };
	size_t d = features_dim(f), right = 0;
	int64_t score[10];

	check_ok(sums_create(&s, features_name(f), d, 0, &e));
	for (size_t i = 0; i < count; i++) {
		if (person[i] % FOLDS == fold)
			continue;
		memcpy(kept + r.count * d, x + i * d, d);
		kept_labels[r.count++] = labels[i];
	}
	check_ok(sums_add(s, &r, &e));
	check_ok(learn_solve(&w, s, 0, &e));
	check_ok(learn_check(w, s, 0, &e));
	for (size_t i = 0; i < count; i++) {
		if (person[i] % FOLDS != fold)
			continue;
		weights_scores(w, x + i * d, score);
		right += strcmp(w->label[weights_best(score, w->count)], labels[i]) == 0;
	}
	return right;
}

static double accuracy(const char *rule)
{
	scoped(features) *f = NULL;
	size_t right = 0;

	test_shared(); /* leaves the test when it is not there: nothing is held yet */
	check_ok(features_create(&f, rule, &e));
	load(f);
	for (int fold = 0; fold < FOLDS; fold++)
		right += hold_out(f, fold);
	printf("%s: %.2f %% of photos of people never seen\n", features_name(f),
	       100.0 * (double)right / (double)count);
	return (double)right / (double)count;
}

TEST(nine_in_ten_digits_of_people_never_seen_are_recognised)
{
	check(accuracy("bands1") > 0.90);
}

TEST(pixels_alone_recognise_two_in_three)
{
	check(accuracy("pixels") > 0.60);
}

TEST_MAIN("learn signs")
