/*
 * draw: portraits for trying things out, JPEGs of people who do not exist.
 * usage: draw FOLDER PEOPLE PHOTOS SEED
 * Writes FOLDER/P001-01.jpg and so on: the person, then the photo; some with a reservation inside
 * (segments.h). One more person stands beside others in a few photos, P001+P061-1.jpg, and has none
 * alone. FOLDER/manifest.csv has a line for each person in each photo. The same arguments give the
 * same bytes; another seed gives other people.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "segments.h"

enum { SIDE = 192, PEOPLE_MAX = 9999, PHOTOS_MAX = 99, QUALITY = 88, PATH_LEN = 4096,
       TOGETHER_MAX = 5, SIGNAL_EVERY = 29 };

struct colour {
	uint8_t r, g, b;
};

enum hair { HAIR_NONE, HAIR_SHORT, HAIR_LONG, HAIR_CURLS, HAIR_BUN, HAIR_FRINGE, HAIR_SIDES,
	    HAIRS };
enum beard { BEARD_FULL, BEARD_MOUSTACHE, BEARD_CHIN, BEARD_NONE, BEARDS = 6 };
enum glasses { GLASSES_ROUND, GLASSES_SQUARE, GLASSES_NONE, GLASSES = 5 };
enum shirt { SHIRT_PLAIN, SHIRT_STRIPES, SHIRT_COLLAR, SHIRT_DOTS, SHIRTS };

/* What a person keeps from photo to photo. */
struct person {
	struct colour skin, hair_colour, eyes, shirt_colour;
	int width, height, ears, brow, brow_tilt, eye_gap, eye_size, nose, nose_width, mouth, lips;
	enum hair hair;
	enum beard beard;
	enum glasses glasses;
	enum shirt shirt;
	bool hat, freckles;
};

static const struct colour black = { 20, 20, 20 }, white = { 250, 250, 250 };
static struct colour canvas[SIDE * SIDE]; /* row by row */

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int between(uint64_t *state, int least, int most)
{
	return least + (int)(next(state) % (uint64_t)(most - least + 1));
}

static struct colour colour_between(uint64_t *state, int least, int most)
{
	struct colour c;

	c.r = (uint8_t)between(state, least, most);
	c.g = (uint8_t)between(state, least, most);
	c.b = (uint8_t)between(state, least, most);
	return c;
}

static struct colour shade_of(struct colour c, int percent)
{
	return (struct colour){ (uint8_t)(c.r * percent / 100), (uint8_t)(c.g * percent / 100),
				(uint8_t)(c.b * percent / 100) };
}

/* One at a time: the order of the draws is part of what a seed means. */
static struct person person_of(uint64_t s)
{
	static const struct colour skins[] = { { 255, 224, 196 }, { 241, 194, 150 },
					       { 224, 172, 105 }, { 198, 134, 86 },
					       { 141, 85, 54 },	  { 92, 60, 42 } };
	static const struct colour hairs[] = { { 28, 22, 20 },	  { 70, 44, 28 },  { 122, 78, 44 },
					       { 214, 176, 110 }, { 150, 60, 30 }, { 176, 176, 180 } };
	struct person p = { .skin = skins[next(&s) % 6] };

	p.hair_colour = hairs[next(&s) % 6];
	p.eyes = colour_between(&s, 20, 150);
	p.shirt_colour = colour_between(&s, 40, 240);
	p.width = between(&s, 38, 54);
	p.height = between(&s, 50, 66);
	p.ears = between(&s, 5, 11);
	p.brow = between(&s, 1, 4);
	p.brow_tilt = between(&s, -3, 3);
	p.eye_gap = between(&s, 14, 23);
	p.eye_size = between(&s, 6, 10);
	p.nose = between(&s, 6, 15);
	p.nose_width = between(&s, 3, 8);
	p.mouth = between(&s, 11, 24);
	p.lips = between(&s, 1, 4);
	p.hair = (enum hair)(next(&s) % HAIRS);
	p.beard = (enum beard)(next(&s) % BEARDS);
	p.glasses = (enum glasses)(next(&s) % GLASSES);
	p.shirt = (enum shirt)(next(&s) % SHIRTS);
	p.hat = next(&s) % 6 == 0;
	p.freckles = next(&s) % 5 == 0;
	return p;
}

/* --- shapes --- */

static void dot(int x, int y, struct colour c)
{
	if (x < 0 || y < 0 || x >= SIDE || y >= SIDE)
		return;
	canvas[(size_t)y * SIDE + (size_t)x] = c;
}

/* Filled from the ring of this thickness inwards: 0 fills it all. */
static void ellipse(int cx, int cy, int rx, int ry, int ring, struct colour c)
{
	for (int y = -ry; y <= ry; y++)
		for (int x = -rx; x <= rx; x++) {
			int ix = rx - ring, iy = ry - ring;
			bool in = x * x * ry * ry + y * y * rx * rx <= rx * rx * ry * ry;
			bool hole = ring > 0 &&
				    x * x * iy * iy + y * y * ix * ix < ix * ix * iy * iy;

			if (in && !hole)
				dot(cx + x, cy + y, c);
		}
}

static void box(int x0, int y0, int x1, int y1, struct colour c)
{
	for (int y = y0; y <= y1; y++)
		for (int x = x0; x <= x1; x++)
			dot(x, y, c);
}

/* --- a photo --- */

static void draw_background(uint64_t *s)
{
	struct colour a = colour_between(s, 110, 225), b = colour_between(s, 110, 225);

	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++) {
			int n = between(s, -4, 4);

			dot(x, y,
			    (struct colour){ (uint8_t)((a.r * (SIDE - y) + b.r * y) / SIDE + n),
					     (uint8_t)((a.g * (SIDE - y) + b.g * y) / SIDE + n),
					     (uint8_t)((a.b * (SIDE - y) + b.b * y) / SIDE + n) });
		}
}

static void draw_shirt(const struct person *p, int x, int y)
{
	struct colour dark = shade_of(p->shirt_colour, 60);
	int top = y + p->height + 10;

	ellipse(x, top + 60, p->width + 34, 64, 0, p->shirt_colour);
	if (p->shirt == SHIRT_STRIPES)
		for (int row = top + 10; row < SIDE; row += 12)
			box(x - p->width - 10, row, x + p->width + 10, row + 4, dark);
	if (p->shirt == SHIRT_DOTS)
		for (int row = top + 12; row < SIDE; row += 14)
			for (int i = -3; i <= 3; i++)
				ellipse(x + i * 16, row, 3, 3, 0, dark);
	box(x - 13, y + p->height - 12, x + 13, y + p->height + 14, shade_of(p->skin, 80));
	if (p->shirt == SHIRT_COLLAR) {
		ellipse(x - 16, y + p->height + 14, 13, 6, 0, white);
		ellipse(x + 16, y + p->height + 14, 13, 6, 0, white);
	}
}

static void draw_hair_behind(const struct person *p, int x, int y)
{
	struct colour c = p->hair_colour;

	if (p->hair == HAIR_LONG) {
		ellipse(x, y - 8, p->width + 12, p->height + 4, 0, c);
		box(x - p->width - 11, y - 8, x + p->width + 11, y + p->height + 4, c);
	}
	if (p->hair == HAIR_BUN)
		ellipse(x, y - p->height - 12, 20, 16, 0, c);
	if (p->hair == HAIR_CURLS)
		for (int i = -3; i <= 3; i++)
			ellipse(x + i * p->width / 3, y - p->height / 2 + i * i * 3, 18, 18, 0, c);
	if (p->hair == HAIR_SHORT || p->hair == HAIR_BUN || p->hair == HAIR_FRINGE)
		ellipse(x, y - 10, p->width + 6, p->height + 2, 0, c);
	if (p->hair == HAIR_SIDES) {
		ellipse(x - p->width, y - 12, 12, 26, 0, c);
		ellipse(x + p->width, y - 12, 12, 26, 0, c);
	}
}

static void draw_hair_before(const struct person *p, int x, int y)
{
	struct colour c = p->hair_colour;

	if (p->hair == HAIR_FRINGE)
		box(x - p->width + 8, y - p->height + 6, x + p->width - 8, y - p->height / 2 + 4, c);
	else if (p->hair != HAIR_NONE && p->hair != HAIR_SIDES)
		ellipse(x, y - p->height + 10, p->width - 4, 16, 0, c);
}

static void draw_beard(const struct person *p, int x, int y)
{
	int chin = y + p->height;

	if (p->beard == BEARD_FULL) {
		ellipse(x, chin - 18, p->width - 7, 22, 0, p->hair_colour);
		ellipse(x, chin - 30, p->width - 10, 16, 0, p->skin);
	}
	if (p->beard == BEARD_MOUSTACHE)
		ellipse(x, chin - 32, p->mouth, 4, 0, p->hair_colour);
	if (p->beard == BEARD_CHIN)
		ellipse(x, chin - 6, 10, 10, 0, p->hair_colour);
}

static void draw_eye(const struct person *p, int x, int y, int side, int look)
{
	int size = p->eye_size;

	ellipse(x, y, size + 2, size - 2, 0, white);
	ellipse(x + look, y, size / 2, size / 2, 0, p->eyes);
	ellipse(x + look, y, size / 4, size / 4, 0, black);
	for (int i = -10; i <= 10; i++) {
		int lift = y - size - 5 + side * i * p->brow_tilt / 8;

		box(x + i, lift - p->brow, x + i, lift, shade_of(p->hair_colour, 80));
	}
	if (p->glasses == GLASSES_ROUND)
		ellipse(x, y, 14, 13, 2, black);
	if (p->glasses == GLASSES_SQUARE)
		for (int i = 0; i < 2; i++) {
			box(x - 14, y - 11 + 20 * i, x + 14, y - 9 + 20 * i, black);
			box(x - 14 + 26 * i, y - 11, x - 12 + 26 * i, y + 11, black);
		}
}

static void draw_mouth(const struct person *p, int x, int y, int smile)
{
	static const struct colour lips = { 170, 50, 60 };

	for (int i = -p->mouth; i <= p->mouth; i++) {
		int bend = smile - smile * i * i / (p->mouth * p->mouth);

		box(x + i, y + bend, x + i, y + bend + p->lips, lips);
	}
}

static void draw_hat(const struct person *p, int x, int y)
{
	int brim = y - p->height + 8;

	box(x - p->width, brim - 34, x + p->width, brim, p->shirt_colour);
	box(x - p->width - 16, brim - 4, x + p->width + 16, brim + 4, shade_of(p->shirt_colour, 70));
}

static void draw_person(const struct person *p, int x, int y, uint64_t *s)
{
	struct colour shade = shade_of(p->skin, 80);
	int look = between(s, -3, 3), smile = between(s, -3, 8);

	draw_shirt(p, x, y);
	draw_hair_behind(p, x, y);
	for (int side = -1; side <= 1; side += 2)
		ellipse(x + side * p->width, y, p->ears, p->ears + 4, 0, shade);
	ellipse(x, y, p->width, p->height, 0, p->skin);
	draw_hair_before(p, x, y);
	draw_beard(p, x, y);
	for (int i = 0; p->freckles && i < 12; i++)
		ellipse(x - 27 + 5 * i, y + 12 + i * 7 % 9, 1, 1, 0, shade_of(p->skin, 60));
	draw_eye(p, x - p->eye_gap, y - 6, 1, look);
	draw_eye(p, x + p->eye_gap, y - 6, -1, look);
	if (p->glasses < GLASSES_NONE)
		box(x - p->eye_gap + 13, y - 7, x + p->eye_gap - 13, y - 5, black);
	ellipse(x, y + p->nose, p->nose_width, p->nose, 0, shade);
	draw_mouth(p, x, y + p->height - 23, smile);
	if (p->hat)
		draw_hat(p, x, y);
}

/* --- files --- */

static void write_jpeg(FILE *f, const char *artist, unsigned minute, enum signal signal)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr complain;

	c.err = jpeg_std_error(&complain); /* exits with a line on stderr: fine here */
	jpeg_create_compress(&c);
	jpeg_stdio_dest(&c, f);
	c.image_width = c.image_height = SIDE;
	c.input_components = 3;
	c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, QUALITY, TRUE);
	jpeg_start_compress(&c, TRUE);
	segments_write(&c, artist, minute, signal);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = &canvas[c.next_scanline * SIDE].r;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
}

static FILE *open_in(const char *folder, const char *name)
{
	char path[PATH_LEN];
	int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = len > 0 && (size_t)len < sizeof(path) ? fopen(path, "wb") : NULL;

	if (!f)
		fprintf(stderr, "draw: %s: %s\n", path, strerror(errno));
	return f;
}

static int shut(FILE *f, const char *name)
{
	bool good = !ferror(f);

	if (fclose(f) == 0 && good)
		return 0;
	fprintf(stderr, "draw: %s: could not be written\n", name);
	return -1;
}

static enum signal signal_of(unsigned count)
{
	switch (count % SIGNAL_EVERY) {
	case 3:
		return SIGNAL_PLUS_NO;
	case 11:
		return SIGNAL_TDM;
	case 17:
		return SIGNAL_CAWG;
	case 20:
		return SIGNAL_PLUS_YES;
	default:
		return SIGNAL_NONE;
	}
}

struct album {
	const char *folder;
	FILE *manifest;
	uint64_t seed;
	unsigned count;
};

static int save(struct album *a, const char *name, const char *artist)
{
	FILE *f = open_in(a->folder, name);

	if (!f)
		return -1;
	write_jpeg(f, artist, 7 * a->count, signal_of(a->count));
	a->count++;
	return shut(f, name);
}

static uint64_t seed_of(const struct album *a, long person)
{
	uint64_t own = a->seed * 1000003 + (uint64_t)person;

	return next(&own);
}

static int draw_alone(struct album *a, long person, long photo)
{
	struct person p = person_of(seed_of(a, person));
	uint64_t s = seed_of(a, person) + (uint64_t)photo * 7919;
	char name[64], who[32];
	int x, y;

	snprintf(who, sizeof(who), "P%03ld", person);
	snprintf(name, sizeof(name), "%s-%02ld.jpg", who, photo);
	draw_background(&s);
	x = SIDE / 2 + between(&s, -8, 8);
	y = SIDE / 2 - 6 + between(&s, -6, 6);
	draw_person(&p, x, y, &s);
	fprintf(a->manifest, "%s,%s\n", name, who);
	return save(a, name, who);
}

static int draw_together(struct album *a, long left, long right, long photo)
{
	struct person p = person_of(seed_of(a, left)), q = person_of(seed_of(a, right));
	uint64_t s = seed_of(a, right) + (uint64_t)photo * 7919;
	char name[64];

	snprintf(name, sizeof(name), "P%03ld+P%03ld-%ld.jpg", left, right, photo);
	draw_background(&s);
	draw_person(&p, SIDE / 4, SIDE / 2 - 6, &s);
	draw_person(&q, SIDE * 3 / 4, SIDE / 2, &s);
	fprintf(a->manifest, "%s,P%03ld\n%s,P%03ld\n", name, left, name, right);
	return save(a, name, "two people");
}

static int draw_all(struct album *a, long people, long photos)
{
	long together = people < 12 ? 1 : TOGETHER_MAX;

	for (long n = 1; n <= people; n++)
		for (long i = 1; i <= photos; i++)
			if (draw_alone(a, n, i) < 0)
				return -1;
	for (long i = 1; i <= together; i++)
		if (draw_together(a, 1 + (i - 1) % people, people + 1, i) < 0)
			return -1;
	return 0;
}

static long number_of(const char *text, long most)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text && !*end && n >= 0 && n <= most ? n : -1;
}

int main(int argc, char **argv)
{
	long people = argc > 2 ? number_of(argv[2], PEOPLE_MAX) : -1;
	long photos = argc > 3 ? number_of(argv[3], PHOTOS_MAX) : -1;
	long seed = argc > 4 ? number_of(argv[4], 1000000000) : -1;
	struct album a = { 0 };
	int code;

	if (argc != 5 || people < 1 || photos < 1 || seed < 0) {
		fprintf(stderr, "usage: draw FOLDER PEOPLE PHOTOS SEED\n");
		return 2;
	}
	a = (struct album){ .folder = argv[1], .seed = (uint64_t)seed };
	a.manifest = open_in(argv[1], "manifest.csv");
	if (!a.manifest)
		return 1;
	fputs("file,person\n", a.manifest);
	code = draw_all(&a, people, photos);
	return shut(a.manifest, "manifest.csv") < 0 || code < 0;
}
