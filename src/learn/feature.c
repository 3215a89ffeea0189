#include "learn/feature.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "learn/bands.h"

enum { SIDE_MAX = BANDS_SIDE };

struct rule {
	const char *name, *digest, *description;
	size_t side, d; /* the square that pictures become, and how many features */
	/* image: side * side, grey times 16; ret: d. */
	void (*make)(const struct features *f, const uint16_t *image, int8_t *ret);
};

struct features {
	const struct rule *rule;
	char name[SUMS_FEATURES_MAX + 1];
	int8_t *signs; /* of bands1: BANDS_D rows of BANDS_EDGES */
};

static void make_pixels(const struct features *f, const uint16_t *image, int8_t *ret)
{
	for (size_t i = 0; i < f->rule->d; i++)
		ret[i] = (int8_t)(image[i] / 32);
}

static void make_bands(const struct features *f, const uint16_t *image, int8_t *ret)
{
	uint8_t edges[BANDS_EDGES];

	bands_edges(image, edges);
	bands_project(f->signs, edges, ret);
}

static const struct rule rules[] = {
	{ "bands1", "f084a6e266d1fbb5236da91639fbf350", BANDS_DESCRIPTION, BANDS_SIDE, BANDS_D,
	  make_bands },
	{ "pixels", "2ac1fc944b9302d35b2d708ebd2ef5de",
	  "grey = 77 R + 150 G + 29 B; 32 x 32 means by area times 16, rounded down; by 32", 32,
	  32 * 32, make_pixels },
};

const char *features_default(void)
{
	return rules[0].name;
}

const char *features_rule(size_t i)
{
	return i < COUNT_OF(rules) ? rules[i].name : NULL;
}

const char *features_name(const struct features *f)
{
	return f->name;
}

size_t features_dim(const struct features *f)
{
	return f->rule->d;
}

void features_destroy(struct features *f)
{
	if (!f)
		return;
	free(f->signs);
	free(f);
}

static const struct rule *rule_find(const char *name)
{
	size_t len = strcspn(name, "@");

	for (size_t i = 0; i < COUNT_OF(rules); i++)
		if (strlen(rules[i].name) == len && memcmp(rules[i].name, name, len) == 0 &&
		    (!name[len] || strcmp(name + len + 1, rules[i].digest) == 0))
			return &rules[i];
	return NULL;
}

int features_create(struct features **ret, const char *name, struct error *e)
{
	scoped(features) *f = NULL;
	const struct rule *rule = rule_find(name);

	if (!rule)
		return error_set(e, E_NOT_FOUND, "no features of this name and digest");
	f = calloc(1, sizeof(*f));
	if (!f)
		return error_set(e, E_MEMORY, "features");
	f->rule = rule;
	strcpy(f->name, rule->name);
	strcat(f->name, "@");
	strcat(f->name, rule->digest);
	if (rule->make == make_bands) {
		f->signs = malloc((size_t)BANDS_D * BANDS_EDGES);
		if (!f->signs)
			return error_set(e, E_MEMORY, "features");
		bands_signs(f->signs);
	}
	*ret = give(f);
	return 0;
}

/* A row of the picture in grey, 0 to 255 * 256. */
static void grey_row(const struct picture *p, size_t y, uint16_t *restrict ret)
{
	const uint8_t *restrict row = p->samples + y * p->width * p->channels;
	size_t x;

	if (p->channels == 1)
		for (x = 0; x < p->width; x++)
			ret[x] = (uint16_t)(row[x] << 8);
	else
		for (x = 0; x < p->width; x++, row += 3)
			ret[x] = (uint16_t)(77 * row[0] + 150 * row[1] + 29 * row[2]);
}

/*
 * The mean of a square of the picture cut into side x side equal parts. In units of 1/side of a
 * pixel, part x covers [x width, (x + 1) width), pixel px covers [px side, (px + 1) side); what
 * they share is the pixel's weight.
 */
static uint64_t shared(uint64_t part, uint64_t length, uint64_t pixel, uint64_t side)
{
	uint64_t from = part * length > pixel * side ? part * length : pixel * side;
	uint64_t to = (part + 1) * length < (pixel + 1) * side ? (part + 1) * length
							       : (pixel + 1) * side;

	return to - from;
}

struct shrinking {
	const struct picture *p;
	size_t side;
	uint16_t *row;	     /* of the picture, in grey */
	uint32_t *whole;     /* rows of the picture that lie whole in a row of parts, summed up */
	uint32_t *sum;	     /* all of them by their weights: below 2^16 times the height */
};

static void add_row(struct shrinking *k, size_t y, uint64_t py)
{
	uint32_t by = (uint32_t)shared(y, k->p->height, py, k->side);

	grey_row(k->p, py, k->row);
	for (size_t x = 0; x < k->p->width; x++)
		k->sum[x] += by * k->row[x];
}

static void add_rows(struct shrinking *k, size_t y)
{
	uint64_t first = y * k->p->height / k->side;
	uint64_t last = ((y + 1) * k->p->height - 1) / k->side;
	size_t width = k->p->width, x;

	memset(k->whole, 0, width * sizeof(*k->whole));
	for (uint64_t py = first + 1; py < last; py++) {
		grey_row(k->p, py, k->row);
		for (x = 0; x < width; x++)
			k->whole[x] += k->row[x];
	}
	for (x = 0; x < width; x++)
		k->sum[x] = k->whole[x] * (uint32_t)k->side;
	add_row(k, y, first);
	if (last > first)
		add_row(k, y, last);
}

static uint64_t add_part(const struct shrinking *k, uint64_t x)
{
	uint64_t width = k->p->width, side = k->side, sum = 0;
	uint64_t first = x * width / side, last = ((x + 1) * width - 1) / side;

	for (uint64_t px = first + 1; px < last; px++)
		sum += k->sum[px];
	sum = sum * side + shared(x, width, first, side) * k->sum[first];
	return last > first ? sum + shared(x, width, last, side) * k->sum[last] : sum;
}

/* image becomes grey times 16. */
static int shrink(const struct picture *p, size_t side, uint16_t *image, struct error *e)
{
	uint64_t area = (uint64_t)p->width * p->height;
	size_t len = p->width * (2 * sizeof(uint32_t) + sizeof(uint16_t));
	uint32_t *room = malloc(len);
	struct shrinking k = { p, side, NULL, room, room + p->width };

	if (!room)
		return error_set(e, E_MEMORY, "features of a picture");
	k.row = (uint16_t *)(room + 2 * p->width);
	for (size_t y = 0; y < side; y++) {
		add_rows(&k, y);
		for (size_t x = 0; x < side; x++)
			image[y * side + x] = (uint16_t)(add_part(&k, x) / (16 * area));
	}
	wipe(room, len);
	free(room);
	return 0;
}

int features_of(const struct features *f, const struct picture *p, int8_t *ret, struct error *e)
{
	uint16_t image[SIDE_MAX * SIDE_MAX];

	if (p->width == 0 || p->height == 0 || p->width > PICTURE_SIDE_MAX ||
	    p->height > PICTURE_SIDE_MAX || p->width * p->height > PICTURE_PIXELS_MAX ||
	    (p->channels != 1 && p->channels != 3))
		return error_set(e, E_RANGE, "a picture of %zu x %zu pixels, %zu channels",
				 p->width, p->height, p->channels);
	if (shrink(p, f->rule->side, image, e) < 0)
		return e->code;
	f->rule->make(f, image, ret);
	wipe(image, sizeof(image));
	return 0;
}

/* Pictures of noise over slopes, of some shapes, from SHA-256 of a counter. */
static int probe(const struct features *f, size_t width, size_t height, size_t channels,
		 struct hasher *h, struct error *e)
{
	size_t count = width * height * channels;
	uint8_t *samples = malloc(count + HASH_LEN);
	int8_t *x = malloc(f->rule->d);
	struct picture p = { samples, width, height, channels };
	int code = samples && x ? 0 : error_set(e, E_MEMORY, "probe");

	for (size_t i = 0; code == 0 && i < count; i += HASH_LEN) {
		char text[64];

		snprintf(text, sizeof(text), "rescind/probe/%zux%zux%zu/%zu", width, height,
			 channels, i);
		hash_bytes((struct hash *)(void *)(samples + i), text, strlen(text));
	}
	for (size_t i = 0; code == 0 && i < count; i++)
		samples[i] = (uint8_t)(samples[i] / 4 + i * 191 / count);
	if (code == 0)
		code = features_of(f, &p, x, e);
	if (code == 0)
		hasher_add(h, x, f->rule->d);
	free(samples);
	free(x);
	return code;
}

int features_digest_check(const struct features *f, struct error *e)
{
	scoped(hasher) *h = NULL;
	char hex[FEATURES_DIGEST_HEX + 1];
	struct hash digest;

	if (hasher_create(&h, e) < 0)
		return e->code;
	hasher_add(h, f->rule->name, strlen(f->rule->name) + 1);
	hasher_add(h, f->rule->description, strlen(f->rule->description) + 1);
	if (probe(f, 100, 75, 3, h, e) < 0 || probe(f, 7, 311, 1, h, e) < 0 ||
	    probe(f, 1, 1, 3, h, e) < 0 || probe(f, 640, 480, 1, h, e) < 0)
		return e->code;
	hasher_end(h, &digest);
	hex_encode(hex, digest.b, FEATURES_DIGEST_HEX / 2);
	if (strcmp(hex, f->rule->digest) != 0)
		return error_set(e, E_MISMATCH, "%s makes %s", f->name, hex);
	return 0;
}
