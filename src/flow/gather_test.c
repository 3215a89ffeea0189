#include "flow/gather.h"

#include <stdio.h>
#include <stdlib.h>
/* libjpeg's header needs stdio before it. */
#include <jpeglib.h>

#include "base/file.h"
#include "base/test.h"
#include "flow/decoder.h"
#include "flow/world.h"

#define USE "train:IdentityVerification"

static struct error e;

enum { EXAMPLES_MAX = 200, D = 1024 };

static struct heard {
	size_t count;
	uint64_t pos[EXAMPLES_MAX];
	char label[EXAMPLES_MAX][32];
	int32_t number[EXAMPLES_MAX];
	int8_t x[EXAMPLES_MAX][D];
	size_t fail_at; /* 0: never */
} heard;

static int hear(void *ctx, const struct example *x, struct error *err)
{
	size_t i = heard.count++;

	check(ctx == &heard && i < EXAMPLES_MAX);
	if (heard.fail_at && heard.count == heard.fail_at)
		return error_set(err, E_CONFLICT, "enough");
	heard.pos[i] = x->pos;
	snprintf(heard.label[i], sizeof(heard.label[i]), "%s", x->label ? x->label : "");
	heard.number[i] = x->number;
	memcpy(heard.x[i], x->x, D);
	return 0;
}

static struct set *all_records(void)
{
	struct set *s;

	check_ok(set_create(&s, &e));
	if (world_records() > 0)
		check_ok(set_add_range(s, 0, world_records() - 1, &e));
	return s;
}

static int gather_all(const struct recipe *how, struct gathered *ret)
{
	scoped(set) *s = all_records();

	memset(&heard, 0, sizeof(heard));
	return gather(world_now()->r, how, s, hear, &heard, ret, &e);
}

static struct world *photos(const char *attrs, const char *subjects, unsigned count)
{
	struct world *w = world_open();
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1,
				      .attrs = attrs ? world_beside(attrs) : NULL };
	char name[16], other[PATH_LEN_MAX];

	if (subjects) {
		check_ok(path_join(other, test_folder(), "subjects.csv", &e));
		check_ok(file_write(other, subjects, strlen(subjects), 0600, &e));
		words.subjects = other;
	}
	world_source("s", subjects ? "personal" : "none", USE);
	if (subjects) {
		world_grant("ann", NULL, USE);
		world_grant("bob", NULL, USE);
	}
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%03u.jpg", i);
		world_photo(name, 40 + i % 7, 30 + i % 5, i + 1);
	}
	world_file("note.txt", "no picture");
	words.paths = &w->files;
	check(world_ingest_words(&words) == 0);
	return w;
}

/* The features of a grey JPEG as this process decodes it. */
static void features_here(const char *name, const char *rule, int8_t ret[D])
{
	scoped(features) *f = NULL;
	scoped(buf) *b = NULL;
	struct jpeg_decompress_struct j;
	struct jpeg_error_mgr errors;
	struct picture p;
	uint8_t *samples;

	check_ok(file_read(world_path(name), 1 << 20, &b, &e));
	j.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&j);
	jpeg_mem_src(&j, b->data, b->len);
	jpeg_read_header(&j, TRUE);
	j.out_color_space = JCS_GRAYSCALE;
	jpeg_start_decompress(&j);
	samples = malloc((size_t)j.image_width * j.image_height);
	check(samples != NULL);
	while (j.output_scanline < j.output_height) {
		JSAMPROW row = samples + j.output_scanline * j.image_width;

		jpeg_read_scanlines(&j, &row, 1);
	}
	p = (struct picture){ samples, j.image_width, j.image_height, 1 };
	check_ok(features_create(&f, rule, &e));
	check_ok(features_of(f, &p, ret, &e));
	jpeg_destroy_decompress(&j);
	free(samples);
}

TEST(each_usable_record_is_heard_of_with_its_label_and_features)
{
	static const char *const rules[] = { "bands1", "pixels" };
	struct gathered got;

	photos("path,key,value\n000.jpg,who,ann\n001.jpg,who,bob\n002.jpg,who,ann\n"
	       "002.jpg,whom,eve\nnote.txt,who,ann\n", NULL, 4);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const struct recipe how = { .target = "who", .features = rules[i] };
		int8_t here[D];

		check_ok(gather_all(&how, &got));
		check(got.used == 3 && got.no_target == 1 && got.no_picture == 1);
		check(got.no_number == 0 && heard.count == 3);
		assert_string_equal(heard.label[0], "ann");
		assert_string_equal(heard.label[1], "bob");
		assert_string_equal(heard.label[2], "ann");
		for (size_t k = 0; k < 3; k++) {
			char name[16];

			snprintf(name, sizeof(name), "%03zu.jpg", k);
			features_here(name, rules[i], here);
			check(heard.pos[k] == k && memcmp(heard.x[k], here, D) == 0);
		}
	}
}

TEST(more_than_a_window_comes_in_the_order_of_positions)
{
	const struct recipe how = { .target = "n", .features = "pixels", .numbers = true };
	scoped(buf) *csv = NULL;
	struct gathered got;
	int8_t here[D];

	check_ok(buf_create(&csv, 4096, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\n"));
	for (int i = 0; i < 150; i++)
		check_ok(buf_printf(csv, &e, "%03d.jpg,n,%d\n", i, i * 7 - 300));
	photos(buf_text(csv), NULL, 150);
	check_ok(gather_all(&how, &got));
	check(got.used == 150 && heard.count == 150);
	for (int i = 0; i < 150; i++)
		check(heard.pos[i] == (uint64_t)i && heard.number[i] == i * 7 - 300);
	features_here("149.jpg", "pixels", here);
	check(memcmp(heard.x[149], here, D) == 0);
}

TEST(a_set_chooses)
{
	const struct recipe how = { .target = "who", .features = "pixels" };
	scoped(set) *s = NULL;
	struct gathered got;

	photos("path,key,value\n000.jpg,who,a\n001.jpg,who,b\n002.jpg,who,c\n", NULL, 3);
	check_ok(set_create(&s, &e));
	memset(&heard, 0, sizeof(heard));
	check_ok(gather(world_now()->r, &how, s, hear, &heard, &got, &e));
	check(got.used == 0 && heard.count == 0);
	check_ok(set_add(s, 1, &e));
	check_ok(gather(world_now()->r, &how, s, hear, &heard, &got, &e));
	check(got.used == 1 && heard.count == 1 && heard.pos[0] == 1);
}

TEST(a_key_ends_at_the_first_equals_sign)
{
	const struct recipe how = { .target = "who", .features = "pixels" };
	struct gathered got;

	photos("path,key,value\n000.jpg,wh,o=ann\n001.jpg,whom,ann\n002.jpg,Who,ann\n"
	       "003.jpg,who,a=b\n", NULL, 4);
	check_ok(gather_all(&how, &got));
	check(got.used == 1 && heard.pos[0] == 3);
	assert_string_equal(heard.label[0], "a=b");
	check(got.no_target == 4);
}

TEST(a_label_of_one_byte_more_is_no_target)
{
	const struct recipe how = { .target = "who", .features = "pixels" };
	char most[SUMS_LABEL_MAX + 1], more[SUMS_LABEL_MAX + 2];
	scoped(buf) *csv = NULL;
	struct gathered got;

	memset(most, 'a', sizeof(most));
	most[SUMS_LABEL_MAX] = 0;
	memset(more, 'a', sizeof(more));
	more[SUMS_LABEL_MAX + 1] = 0;
	check_ok(buf_create(&csv, 4096, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\n000.jpg,who,%s\n001.jpg,who,%s\n", most, more));
	photos(buf_text(csv), NULL, 2);
	check_ok(gather_all(&how, &got));
	check(got.used == 1 && heard.pos[0] == 0);
}

TEST(numbers_are_whole_and_within_their_limit)
{
	const struct recipe how = { .target = "n", .features = "pixels", .numbers = true };
	struct gathered got;

	photos("path,key,value\n000.jpg,n,32767\n001.jpg,n,-32767\n002.jpg,n,32768\n"
	       "003.jpg,n,-32768\n004.jpg,n,1.5\n005.jpg,n,0\n006.jpg,n,-\n007.jpg,n,+1\n"
	       "008.jpg,n,18446744073709551617\n", NULL, 10);
	check_ok(gather_all(&how, &got));
	check(got.used == 3 && got.no_number == 6 && got.no_target == 2 && got.no_picture == 0);
	check(heard.number[0] == 32767 && heard.number[1] == -32767 && heard.number[2] == 0);
}

TEST(the_subject_is_a_target_where_there_is_one)
{
	const struct recipe how = { .target = "subject", .features = "pixels" };
	struct gathered got;

	photos("path,key,value\n002.jpg,subject,attr\n",
	       "path,subject\n000.jpg,ann\n001.jpg,ann\n001.jpg,bob\n002.jpg,bob\n"
	       "note.txt,bob\n", 3);
	check_ok(gather_all(&how, &got));
	check(got.used == 2 && heard.pos[0] == 0 && heard.pos[1] == 2);
	check(got.no_target == 1 && got.no_picture == 1);
	assert_string_equal(heard.label[0], "ann");
	assert_string_equal(heard.label[1], "bob");
}

TEST(the_erased_are_passed_over)
{
	const struct recipe how = { .target = "who", .features = "pixels" };
	struct world *w = photos("path,key,value\n000.jpg,who,a\n001.jpg,who,b\n", NULL, 2);
	scoped(set) *gone = NULL;
	struct gathered got;

	check_ok(set_create(&gone, &e));
	check_ok(set_add(gone, 0, &e));
	check_ok(catalog_begin(w->r->catalog, &e));
	check_ok(catalog_erase_records(w->r->catalog, gone, &e));
	check_ok(catalog_commit(w->r->catalog, &e));
	check_ok(gather_all(&how, &got));
	check(got.used == 1 && heard.pos[0] == 1 && got.no_target == 1);
}

TEST(the_same_photo_from_two_sources_is_two_records)
{
	const struct recipe how = { .target = "who", .features = "pixels" };
	struct world *w = photos("path,key,value\n000.jpg,who,a\n", NULL, 1);
	struct ingest_words words = { .source = "t", .paths = &w->files, .path_count = 1,
				      .attrs = world_beside("path,key,value\n000.jpg,who,b\n") };
	struct gathered got;

	world_source("t", "none", USE);
	check(world_ingest_words(&words) == 0);
	check_ok(gather_all(&how, &got));
	check(got.used == 2 && memcmp(heard.x[0], heard.x[1], D) == 0);
	assert_string_equal(heard.label[0], "a");
	assert_string_equal(heard.label[1], "b");
}

TEST(what_a_copy_says_of_the_target_is_heard_of)
{
	const struct recipe how = { .target = "who", .features = "pixels" };
	struct world *w = photos("path,key,value\n001.jpg,who,b\n", NULL, 2);
	struct ingest_words words = { .source = "s", .paths = &w->files, .path_count = 1 };
	struct gathered got;

	words.attrs = world_beside("path,key,value\n000.jpg,who,a\n001.jpg,who,b\n");
	check(world_ingest_words(&words) == 0);
	check(world_number("accepted") == 0);
	check_ok(gather_all(&how, &got));
	check(got.used == 2 && got.no_target == 1);
	assert_string_equal(heard.label[0], "a");
	assert_string_equal(heard.label[1], "b");
	words.attrs = world_beside("path,key,value\n001.jpg,who,c\n");
	check(world_ingest_words(&words) == 0);
	check_ok(gather_all(&how, &got));
	check(got.used == 1 && got.no_target == 2);
}

TEST(who_hears_may_end_it_and_so_may_a_signal)
{
	const struct recipe how = { .target = "n", .features = "pixels" };
	scoped(set) *s = NULL;
	struct gathered got = { .used = 99 };
	struct world *w;

	w = photos("path,key,value\n000.jpg,n,1\n001.jpg,n,2\n002.jpg,n,3\n", NULL, 3);
	s = all_records();
	memset(&heard, 0, sizeof(heard));
	heard.fail_at = 2;
	check_code(gather(w->r, &how, s, hear, &heard, &got, &e), E_CONFLICT);
	check(heard.count == 2 && got.used == 99);
	w->task.stop = 1;
	check_code(gather(w->r, &how, s, hear, &heard, &got, &e), E_CANCELLED);
	w->task.stop = 0;
}

TEST(features_that_nobody_knows_are_refused)
{
	const struct recipe how = { .target = "n", .features = "bands9" };
	const struct recipe other = { .target = "n", .features = "pixels@00" };
	struct media *m = NULL;
	struct gathered got;

	photos(NULL, NULL, 1);
	check_code(gather_all(&how, &got), E_NOT_FOUND);
	check_code(gather_all(&other, &got), E_NOT_FOUND);
	check_code(decoder_open(&m, "", &e), E_NOT_FOUND);
	check(m == NULL);
}

TEST(the_bytes_of_one_file_become_features_or_a_reason)
{
	scoped(media) *m = NULL;
	scoped(buf) *b = NULL;
	int8_t x[D], here[D];

	world_open();
	world_photo("a.jpg", 99, 70, 3);
	check_ok(decoder_open(&m, "bands1", &e));
	check_ok(file_read(world_path("a.jpg"), 1 << 20, &b, &e));
	check_ok(gather_bytes(m, b->data, b->len, D, x, &e));
	features_here("a.jpg", "bands1", here);
	check(memcmp(x, here, D) == 0);
	check_code(gather_bytes(m, b->data, b->len - 9, D, x, &e), E_FORMAT);
	check_code(gather_bytes(m, "text", 4, D, x, &e), E_FORMAT);
	check_code(gather_bytes(m, "", 0, D, x, &e), E_FORMAT);
	check_ok(gather_bytes(m, b->data, b->len, D, x, &e));
}

WORLD_MAIN("flow-gather")
