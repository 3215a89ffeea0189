#include "set/container.h"

#include <inttypes.h>
#include <string.h>

enum { FORM_ARRAY = 1, FORM_BITMAP = 2, FORM_RUNS = 3 };

uint64_t container_count(uint64_t size)
{
	return size / CONTAINER_POSITIONS + (size % CONTAINER_POSITIONS != 0);
}

uint64_t container_end(uint64_t number, uint64_t size)
{
	return number < size / CONTAINER_POSITIONS ? (number + 1) * CONTAINER_POSITIONS : size;
}

/* The first position from `from` on that has this bit, or 65,536. */
static uint32_t bits_find(const uint8_t *bits, uint32_t from, unsigned bit)
{
	uint8_t none = bit ? 0x00 : 0xff;

	while (from < CONTAINER_POSITIONS) {
		if (from % 8 == 0 && bits[from / 8] == none) {
			from += 8;
			continue;
		}
		if (((unsigned)bits[from / 8] >> (7 - from % 8) & 1) == bit)
			break;
		from++;
	}
	return from;
}

/* Where the next run from *last on begins and (exclusive) ends; false when there is none. */
static bool bits_run(const uint8_t *bits, uint32_t *first, uint32_t *last)
{
	*first = bits_find(bits, *last, 1);
	*last = bits_find(bits, *first, 0);
	return *first < CONTAINER_POSITIONS;
}

static void bits_set(uint8_t *bits, uint32_t first, uint32_t last)
{
	for (; first <= last; first++) {
		if (first % 8 == 0 && last - first >= 7) {
			bits[first / 8] = 0xff;
			first += 7;
			continue;
		}
		bits[first / 8] = (uint8_t)(bits[first / 8] | 0x80 >> first % 8);
	}
}

static size_t put_array(uint8_t *ret, const uint8_t *bits, uint32_t count)
{
	size_t len = 3;

	ret[0] = FORM_ARRAY;
	be_set(ret + 1, count, 2);
	for (uint32_t first, last = 0; bits_run(bits, &first, &last);)
		for (; first < last; first++, len += 2)
			be_set(ret + len, first, 2);
	return len;
}

static size_t put_bitmap(uint8_t *ret, const uint8_t *bits)
{
	ret[0] = FORM_BITMAP;
	memcpy(ret + 1, bits, CONTAINER_BITS_LEN);
	return CONTAINER_BYTES_MAX;
}

static size_t put_runs(uint8_t *ret, const uint8_t *bits, uint32_t count)
{
	size_t len = 3;

	ret[0] = FORM_RUNS;
	be_set(ret + 1, count, 2);
	for (uint32_t first, last = 0; bits_run(bits, &first, &last); len += 4) {
		be_set(ret + len, first, 2);
		be_set(ret + len + 2, last - first - 1, 2);
	}
	return len;
}

static unsigned ones(uint64_t word)
{
	/* Sums of 2, of 4, of 8 bits, each in its place; then all of these added up on top. */
	word -= word >> 1 & 0x5555555555555555U;
	word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fU;
	return (unsigned)(word * 0x0101010101010101U >> 56);
}

/* A run begins at a bit that has none before it. */
static void bits_count(const uint8_t *bits, uint32_t *ret_members, uint32_t *ret_runs)
{
	uint64_t before = 0;

	*ret_members = *ret_runs = 0;
	for (size_t i = 0; i < CONTAINER_BITS_LEN; i += 8) {
		uint64_t word = be_get(bits + i, 8);

		*ret_members += ones(word);
		*ret_runs += ones(word & ~(word >> 1 | before << 63));
		before = word & 1;
	}
}

/* The canonical bytes; returns how many. */
static size_t encode(uint8_t ret[CONTAINER_BYTES_MAX], const uint8_t *bits)
{
	uint32_t members, runs;
	size_t array_len, runs_len;

	bits_count(bits, &members, &runs);
	array_len = 3 + 2 * (size_t)members;
	runs_len = 3 + 4 * (size_t)runs;
	if (array_len <= runs_len && array_len <= CONTAINER_BYTES_MAX)
		return put_array(ret, bits, members);
	if (runs_len < CONTAINER_BYTES_MAX)
		return put_runs(ret, bits, runs);
	return put_bitmap(ret, bits);
}

/* What the bytes mean at all; that they are the canonical ones is seen by encoding again. */
static bool decode(uint8_t bits[CONTAINER_BITS_LEN], const uint8_t *bytes, size_t len_bytes)
{
	size_t each = bytes[0] == FORM_ARRAY ? 2 : 4;
	uint32_t floor = 0; /* where the next may begin, so that no position is met twice */

	memset(bits, 0, CONTAINER_BITS_LEN);
	if (bytes[0] == FORM_BITMAP && len_bytes == CONTAINER_BYTES_MAX) {
		memcpy(bits, bytes + 1, CONTAINER_BITS_LEN);
		return true;
	}
	if ((bytes[0] != FORM_ARRAY && bytes[0] != FORM_RUNS) || len_bytes < 3 ||
	    len_bytes != 3 + each * be_get(bytes + 1, 2))
		return false;
	for (const uint8_t *p = bytes + 3; p < bytes + len_bytes; p += each) {
		uint32_t first = (uint32_t)be_get(p, 2);
		uint32_t last = first + (each == 4 ? (uint32_t)be_get(p + 2, 2) : 0);

		if (first < floor || last >= CONTAINER_POSITIONS)
			return false;
		bits_set(bits, first, last);
		floor = last + 1;
	}
	return true;
}

int container_bits(uint8_t ret_bits[CONTAINER_BITS_LEN], uint64_t number, uint64_t size,
		   const uint8_t *bytes, size_t len_bytes, struct error *e)
{
	uint8_t bits[CONTAINER_BITS_LEN], again[CONTAINER_BYTES_MAX];
	uint64_t here;

	if (len_bytes == 0 || len_bytes > CONTAINER_BYTES_MAX || !decode(bits, bytes, len_bytes) ||
	    encode(again, bits) != len_bytes || memcmp(again, bytes, len_bytes) != 0)
		return error_set(e, E_FORMAT, "container %" PRIu64 ": not in its one form", number);
	if (number >= container_count(size))
		return error_set(e, E_RANGE, "no container %" PRIu64 " in a set of size %" PRIu64,
				 number, size);
	here = container_end(number, size) - number * CONTAINER_POSITIONS;
	if (bits_find(bits, (uint32_t)here, 1) < CONTAINER_POSITIONS)
		return error_set(e, E_RANGE,
				 "container %" PRIu64 ": a position beyond size %" PRIu64, number,
				 size);
	memcpy(ret_bits, bits, CONTAINER_BITS_LEN);
	return 0;
}

static int set_here(void *ctx, uint64_t first, uint64_t last,
		    __attribute__((unused)) struct error *e)
{
	bits_set(ctx, first % CONTAINER_POSITIONS, last % CONTAINER_POSITIONS);
	return 0;
}

void container_bits_of(uint8_t ret_bits[CONTAINER_BITS_LEN], const struct set *s, uint64_t number)
{
	uint64_t first = number * CONTAINER_POSITIONS;

	memset(ret_bits, 0, CONTAINER_BITS_LEN);
	set_each_run_in(s, first, first + (CONTAINER_POSITIONS - 1), set_here, ret_bits, NULL);
}

int container_put(const struct set *s, uint64_t number, struct buf *b, struct error *e)
{
	uint8_t bits[CONTAINER_BITS_LEN], bytes[CONTAINER_BYTES_MAX];

	if (number >= CONTAINER_NUMBER_END)
		return error_set(e, E_RANGE, "no container %" PRIu64, number);
	container_bits_of(bits, s, number);
	return buf_put(b, bytes, encode(bytes, bits), e);
}

int container_get(struct set *s, uint64_t number, uint64_t size, const uint8_t *bytes,
		  size_t len_bytes, struct error *e)
{
	uint64_t base = number * CONTAINER_POSITIONS;
	uint8_t bits[CONTAINER_BITS_LEN];
	int code = container_bits(bits, number, size, bytes, len_bytes, e);

	for (uint32_t first, last = 0; code == 0 && bits_run(bits, &first, &last);)
		code = last - first == 1 ? set_add(s, base + first, e) :
					   set_add_range(s, base + first, base + last - 1, e);
	return code;
}

void container_name(struct hash *ret, uint64_t number, uint64_t size, const uint8_t *bytes,
		    size_t len_bytes)
{
	static const char domain[] = "rescind/container/v1"; /* with its NUL */
	uint8_t numbers[16];

	be_set(numbers, number, 8);
	be_set(numbers + 8, container_end(number, size), 8);
	hash_pieces(ret,
		    (struct hash_piece[]){ { domain, sizeof(domain) },
					   { numbers, sizeof(numbers) },
					   { bytes, len_bytes } },
		    3);
}
