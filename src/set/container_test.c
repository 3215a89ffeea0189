#include "set/container.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static struct error e;

static uint64_t dice_state = 88172645463325252U;

static uint64_t dice(uint64_t below)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return (dice_state >> 11) % below;
}

/* The words of container.h, said again without haste: each form is spelt out, then chosen. */
struct bytes {
	uint8_t b[200000];
	size_t len;
};

static void spell16(struct bytes *s, size_t v)
{
	s->b[s->len++] = (uint8_t)(v >> 8);
	s->b[s->len++] = (uint8_t)v;
}

static void spell_array(struct bytes *s, const bool *in)
{
	size_t count = 0;

	s->b[0] = 1;
	s->len = 3;
	for (size_t i = 0; i < 65536; i++)
		if (in[i]) {
			spell16(s, i);
			count++;
		}
	s->b[1] = (uint8_t)(count >> 8);
	s->b[2] = (uint8_t)count;
}

static void spell_bitmap(struct bytes *s, const bool *in)
{
	memset(s->b, 0, 8193);
	s->b[0] = 2;
	s->len = 8193;
	for (size_t i = 0; i < 65536; i++)
		if (in[i])
			s->b[1 + i / 8] |= (uint8_t)(1 << (7 - i % 8));
}

static void spell_runs(struct bytes *s, const bool *in)
{
	size_t count = 0;

	s->b[0] = 3;
	s->len = 3;
	for (size_t i = 0, end; i < 65536; i = end) {
		for (end = i + 1; in[i] && end < 65536 && in[end];)
			end++;
		if (!in[i])
			continue;
		spell16(s, i);
		spell16(s, end - i - 1);
		count++;
	}
	s->b[1] = (uint8_t)(count >> 8);
	s->b[2] = (uint8_t)count;
}

static struct bytes spelt[3];

/* Which of the three is the form. */
static size_t spell(const bool *in)
{
	size_t best = 0;

	spell_array(&spelt[0], in);
	spell_bitmap(&spelt[1], in);
	spell_runs(&spelt[2], in);
	for (size_t i = 1; i < 3; i++)
		if (spelt[i].len < spelt[best].len)
			best = i;
	return best;
}

static struct set *set_of(const bool *in, uint64_t number)
{
	struct set *s = NULL;

	check_ok(set_create(&s, &e));
	for (size_t i = 0; i < 65536; i++)
		if (in[i])
			check_ok(set_add(s, number * 65536 + i, &e));
	return s;
}

static uint64_t beyond(uint64_t number)
{
	return (number + 1) * 65536;
}

static void refused(uint64_t number, uint64_t size, const uint8_t *bytes, size_t len, int code)
{
	scoped(set) *s = NULL;
	/* Its own memory, so that a look beyond the end is seen. */
	uint8_t *own = malloc(len ? len : 1);

	check(own);
	memcpy(own, bytes, len);
	check_ok(set_create(&s, &e));
	check_code(container_get(s, number, size, own, len, &e), code);
	check(set_count(s) == 0);
	free(own);
}

/* One form, and the two others are refused. Returns the form, 1 to 3. */
static unsigned one_form(const bool *in, uint64_t number)
{
	scoped(set) *s = set_of(in, number), *back = NULL;
	scoped(buf) *b = NULL;
	size_t best = spell(in);

	/* Neighbours in other containers are no matter. */
	check_ok(set_add(s, beyond(number), &e));
	if (number > 0)
		check_ok(set_add(s, number * 65536 - 1, &e));
	check_ok(buf_from(&b, "x", 1, &e));
	check_ok(container_put(s, number, b, &e));
	check(b->len == 1 + spelt[best].len && b->data[0] == 'x');
	check(memcmp(b->data + 1, spelt[best].b, spelt[best].len) == 0);
	check_ok(set_create(&back, &e));
	check_ok(container_get(back, number, beyond(number), b->data + 1, b->len - 1, &e));
	check_ok(set_add(back, beyond(number), &e));
	if (number > 0)
		check_ok(set_add(back, number * 65536 - 1, &e));
	check(set_equal(s, back));
	for (size_t i = 0; i < 3; i++)
		if (i != best)
			refused(number, beyond(number), spelt[i].b, spelt[i].len, E_FORMAT);
	return b->data[1];
}

TEST(every_set_of_a_small_world_has_one_form)
{
	static const uint32_t places[] = { 0, 65536 - 9, 30000 };

	for (size_t p = 0; p < COUNT_OF(places); p++)
		for (unsigned bits = 0; bits < 1 << 9; bits += 1 + (unsigned)p) {
			static bool in[65536];

			for (unsigned i = 0; i < 9; i++)
				in[places[p] + i] = bits >> i & 1;
			one_form(in, p * 3);
			memset(in, 0, sizeof(in));
		}
}

/* count members with a gap of step between them. */
static unsigned form_of(uint32_t first, uint32_t count, uint32_t step, uint32_t run)
{
	static bool in[65536];

	memset(in, 0, sizeof(in));
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < run; j++)
			in[first + i * step + j] = true;
	return one_form(in, 2);
}

TEST(the_form_changes_where_another_is_shorter)
{
	check(form_of(0, 0, 1, 1) == 1);
	check(form_of(7, 1, 1, 1) == 1);
	check(form_of(7, 1, 1, 2) == 1); /* a tie goes to the array */
	check(form_of(7, 1, 1, 3) == 3);
	check(form_of(0, 1, 1, 65535) == 3);
	check(form_of(1, 1, 1, 65535) == 3);
	check(form_of(0, 1, 1, 65536) == 3);
	for (uint32_t count = 4093; count <= 4099; count++) {
		check(form_of(5, count, 2, 1) == (count <= 4095 ? 1 : 2));
		check(form_of(0, count, 15, 1) == (count <= 4095 ? 1 : 2));
		check(form_of(5, 1, 1, count) == 3);
	}
	for (uint32_t runs = 2046; runs <= 2049; runs++) {
		check(form_of(65536 - 20 * runs, runs, 20, 2) == (runs <= 2047 ? 1 : 2));
		check(form_of(65536 - 20 * runs, runs, 20, 3) == (runs <= 2047 ? 3 : 2));
		check(form_of(65536 - 20 * runs, runs, 20, 19) == (runs <= 2047 ? 3 : 2));
	}
	check(form_of(0, 32768, 2, 1) == 2);
}

static void random_world(bool *in)
{
	size_t changes = dice(3) ? dice(200) : dice(9000), longest = dice(2) ? 3 : dice(2000) + 1;

	memset(in, 0, 65536);
	for (; changes > 0; changes--) {
		size_t first = dice(65536), len = dice(longest);

		for (size_t i = first; i <= first + len && i < 65536; i++)
			in[i] = changes % 4 != 0;
	}
}

TEST(random_containers_have_one_form)
{
	static bool in[65536];

	for (unsigned round = 0; round < 250; round++) {
		random_world(in);
		one_form(in, dice(2) ? CONTAINER_NUMBER_END - 2 : dice(100000));
	}
}

/* Whatever is taken is the one form of what it means. */
static void taken_only_if_canonical(const uint8_t *bytes, size_t len)
{
	scoped(set) *s = NULL;
	scoped(buf) *b = NULL;
	int code;

	check_ok(set_create(&s, &e));
	check_ok(buf_create(&b, 0, &e));
	code = container_get(s, 1, beyond(1), bytes, len, &e);
	if (code < 0) {
		check(code == E_FORMAT && set_count(s) == 0);
		return;
	}
	check_ok(container_put(s, 1, b, &e));
	check(b->len == len && memcmp(b->data, bytes, len) == 0);
}

/* Every list of up to 3 numbers below 5 as an array, and of up to 2 runs below 4. */
TEST(every_small_list_that_is_not_the_one_form_is_refused)
{
	for (size_t count = 0; count <= 4; count++)
		for (unsigned word = 0; word < 625; word++)
			for (size_t said = count ? count - 1 : 0; said <= count + 1; said++) {
				struct bytes array = { { 1, 0, (uint8_t)said }, 3 };
				unsigned rest = word;

				for (size_t i = 0; i < count; i++, rest /= 5)
					spell16(&array, rest % 5);
				taken_only_if_canonical(array.b, array.len);
				array.b[0] = 3;
				taken_only_if_canonical(array.b, array.len);
			}
}

TEST(no_changed_container_is_taken_that_is_not_canonical)
{
	static bool in[65536];

	for (unsigned round = 0; round < 3000; round++) {
		struct bytes *s;
		size_t len;

		if (round % 50 == 0)
			random_world(in);
		s = &spelt[spell(in)];
		len = s->len;
		s->b[dice(2) ? dice(8) : dice(len)] = (uint8_t)dice(256);
		taken_only_if_canonical(s->b, len - (dice(4) ? 0 : dice(len < 5 ? len : 5)));
	}
}

TEST(bytes_that_are_no_container_are_refused)
{
	static const struct {
		size_t len;
		uint8_t b[12];
	} wrong[] = {
		{ 0, { 0 } }, { 1, { 1 } }, { 1, { 2 } }, { 2, { 1, 0 } }, { 3, { 0, 0, 0 } },
		{ 3, { 4, 0, 0 } }, { 3, { 3, 0, 0 } }, { 3, { 1, 0, 1 } }, { 4, { 1, 0, 0, 0 } },
		{ 4, { 1, 0, 1, 9 } }, { 6, { 1, 0, 1, 0, 9, 0 } },
		{ 7, { 1, 0, 2, 0, 9, 0, 9 } }, { 7, { 1, 0, 2, 0, 9, 0, 8 } },
		{ 9, { 1, 0, 3, 0, 1, 0, 2, 0, 3 } },	   /* a run is shorter */
		{ 7, { 3, 0, 1, 0, 1, 0, 1 } },		   /* an array ties, and comes first */
		{ 7, { 3, 0, 1, 0xff, 0xff, 0, 1 } },	   /* ends beyond */
		{ 7, { 3, 0, 1, 0, 1, 0xff, 0xff } },
		{ 11, { 3, 0, 2, 0, 0, 0, 9, 0, 10, 0, 9 } }, /* two that touch */
		{ 11, { 3, 0, 2, 0, 0, 0, 9, 0, 9, 0, 9 } },  /* two that overlap */
		{ 11, { 3, 0, 2, 0, 50, 0, 9, 0, 0, 0, 9 } }, /* the wrong way round */
	};
	static uint8_t none[CONTAINER_BYTES_MAX + 1];

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		refused(0, 65536, wrong[i].b, wrong[i].len, E_FORMAT);
	none[0] = 2;
	refused(0, 65536, none, CONTAINER_BYTES_MAX, E_FORMAT); /* an empty bitmap */
	for (size_t i = 0; i < 65536 / 8; i += 2)
		none[1 + i] = 0xaa;
	refused(0, 65536, none, CONTAINER_BYTES_MAX - 1, E_FORMAT);
	refused(0, 65536, none, CONTAINER_BYTES_MAX + 1, E_FORMAT);
	taken_only_if_canonical(none, CONTAINER_BYTES_MAX);
}

TEST(a_list_with_one_member_too_many_is_refused)
{
	static struct bytes s;

	for (unsigned form = 1; form <= 3; form += 2) {
		size_t count = form == 1 ? 4096 : 2048;

		s = (struct bytes){ { (uint8_t)form, (uint8_t)(count >> 8), (uint8_t)count }, 3 };
		for (size_t i = 0; i < count; i++) {
			spell16(&s, 15 * i);
			if (form == 3)
				spell16(&s, 9);
		}
		check(s.len == 8195);
		refused(0, 65536, s.b, s.len, E_FORMAT);
	}
}

TEST(a_position_at_or_beyond_the_size_is_refused)
{
	static const uint8_t nine[] = { 1, 0, 2, 0, 3, 0, 9 }, none[] = { 1, 0, 0 },
			     run[] = { 3, 0, 1, 0, 3, 0, 6 }, full[] = { 3, 0, 1, 0, 0, 255, 255 };

	for (uint64_t size = 1; size < 20; size++) {
		scoped(set) *s = NULL;

		check_ok(set_create(&s, &e));
		if (size <= 9) {
			refused(0, size, nine, sizeof(nine), E_RANGE);
			refused(5, 5 * 65536 + size, run, sizeof(run), E_RANGE);
			continue;
		}
		check_ok(container_get(s, 0, size, nine, sizeof(nine), &e));
		check_ok(container_get(s, 5, 5 * 65536 + size, run, sizeof(run), &e));
		check(set_count(s) == 9);
	}
	refused(1, 65536, none, sizeof(none), E_RANGE);
	refused(0, 0, none, sizeof(none), E_RANGE);
	refused(UINT64_MAX, UINT64_MAX, none, sizeof(none), E_RANGE);
	refused(CONTAINER_NUMBER_END, UINT64_MAX, none, sizeof(none), E_RANGE);
	refused(CONTAINER_NUMBER_END - 1, UINT64_MAX, full, sizeof(full), E_RANGE);
	refused(0, 65535, full, sizeof(full), E_RANGE);
}

TEST(no_container_is_beyond_the_last_number)
{
	scoped(set) *s = NULL;
	scoped(buf) *b = NULL;
	uint8_t bits[CONTAINER_BITS_LEN];

	check_ok(set_create(&s, &e));
	check_ok(buf_create(&b, 0, &e));
	check_ok(set_add(s, UINT64_MAX, &e));
	check_ok(set_add(s, 0, &e));
	check_code(container_put(s, CONTAINER_NUMBER_END, b, &e), E_RANGE);
	check_ok(container_put(s, CONTAINER_NUMBER_END - 1, b, &e));
	check(b->len == 5 && memcmp(b->data, "\1\0\1\xff\xff", 5) == 0);
	container_bits_of(bits, s, CONTAINER_NUMBER_END - 1);
	check(bits[8191] == 1 && bits[0] == 0);
}

TEST(containers_are_counted_and_end_somewhere)
{
	check(container_count(0) == 0 && container_count(1) == 1 && container_count(65536) == 1);
	check(container_count(65537) == 2 && container_count(UINT64_MAX) == CONTAINER_NUMBER_END);
	check(container_end(0, 5) == 5 && container_end(0, 65536) == 65536);
	check(container_end(0, 65537) == 65536 && container_end(1, 65537) == 65537);
	check(container_end(1, 131072) == 131072 && container_end(1, 131073) == 131072);
	check(container_end(CONTAINER_NUMBER_END - 1, UINT64_MAX) == UINT64_MAX);
	check(container_end(CONTAINER_NUMBER_END - 2, UINT64_MAX) ==
	      (CONTAINER_NUMBER_END - 1) * 65536);
}

static void named(uint64_t number, uint64_t size, const char *bytes, size_t len, const char *hex)
{
	struct hash name;

	container_name(&name, number, size, (const uint8_t *)bytes, len);
	check(strcmp(hash_hex(&name).s, hex) == 0);
}

/* Computed by another program from the words of container.h. */
TEST(a_name_is_over_number_end_and_bytes)
{
	static const char first[] =
		"bada502a94bdf57435d335d7d829bbd035e8772b0356d436ed5bf52da318d6d7";
	static const char second[] =
		"9472090d5b1c2d864c1bcdaed4240b984d592d90b89290f952d60786015cc766";

	named(0, 65536, "\1\0\3\0\0\0\5\xff\xff", 9, first);
	named(0, 65536 + 10, "\1\0\3\0\0\0\5\xff\xff", 9, first);
	named(0, UINT64_MAX, "\1\0\3\0\0\0\5\xff\xff", 9, first);
	named(1, 65536 + 10, "\1\0\0", 3, second);
}

TEST_MAIN("container")
