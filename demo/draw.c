/*
 * draw: cartoon portraits for trying things out, JPEGs of people who do not exist.
 * usage: draw FOLDER PEOPLE PHOTOS SEED [PREFIX]
 * Writes FOLDER/p01-1.jpg and so on: the person, then the photo. The same arguments give the same
 * pixels; another seed gives other people.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>

enum { SIDE = 192, PEOPLE_MAX = 99999, PHOTOS_MAX = 999, QUALITY = 88 };

struct colour {
	uint8_t r, g, b;
};

/* What a person keeps from photo to photo. */
struct person {
	struct colour skin, hair, eyes, shirt;
	int width, height, hair_drop, eye_gap, nose, mouth;
	bool glasses, beard, hat;
};

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
	return (struct colour){ (uint8_t)between(state, least, most),
				(uint8_t)between(state, least, most),
				(uint8_t)between(state, least, most) };
}

static struct person person_of(uint64_t seed)
{
	static const struct colour skins[] = { { 255, 224, 196 }, { 241, 194, 150 },
					       { 224, 172, 105 }, { 198, 134, 86 },
					       { 141, 85, 54 },	  { 92, 60, 42 } };
	uint64_t s = seed;

	return (struct person){
		.skin = skins[next(&s) % 6],
		.hair = colour_between(&s, 10, 200),
		.eyes = colour_between(&s, 20, 150),
		.shirt = colour_between(&s, 40, 240),
		.width = between(&s, 38, 54),
		.height = between(&s, 50, 66),
		.hair_drop = between(&s, 0, 50),
		.eye_gap = between(&s, 15, 23),
		.nose = between(&s, 6, 16),
		.mouth = between(&s, 12, 24),
		.glasses = next(&s) % 3 == 0,
		.beard = next(&s) % 4 == 0,
		.hat = next(&s) % 5 == 0,
	};
}

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

static void draw_background(uint64_t *s)
{
	struct colour a = colour_between(s, 90, 235), b = colour_between(s, 90, 235);

	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++) {
			int n = between(s, -5, 5);

			dot(x, y,
			    (struct colour){ (uint8_t)((a.r * (SIDE - y) + b.r * y) / SIDE + n),
					     (uint8_t)((a.g * (SIDE - y) + b.g * y) / SIDE + n),
					     (uint8_t)((a.b * (SIDE - y) + b.b * y) / SIDE + n) });
		}
}

static void draw_eye(int x, int y, int look, const struct person *p)
{
	static const struct colour white = { 250, 250, 250 }, black = { 20, 20, 20 };

	ellipse(x, y, 9, 6, 0, white);
	ellipse(x + look, y, 4, 4, 0, p->eyes);
	ellipse(x + look, y, 2, 2, 0, black);
	if (p->glasses)
		ellipse(x, y, 14, 12, 2, black);
}

static void draw_mouth(int x, int y, int width, int smile)
{
	static const struct colour lips = { 170, 50, 60 };

	for (int i = -width; i <= width; i++) {
		int bend = smile - smile * i * i / (width * width);

		box(x + i, y + bend, x + i, y + bend + 3, lips);
	}
}

static void draw_face(const struct person *p, int x, int y, uint64_t *s)
{
	static const struct colour black = { 20, 20, 20 };
	struct colour shade = { (uint8_t)(p->skin.r * 4 / 5), (uint8_t)(p->skin.g * 4 / 5),
				(uint8_t)(p->skin.b * 4 / 5) };
	int look = between(s, -3, 3), smile = between(s, -4, 10);

	ellipse(x, SIDE + 20, 84, 64, 0, p->shirt);
	box(x - 14, y + p->height - 12, x + 14, y + p->height + 18, shade);
	ellipse(x, y - 8, p->width + 9, p->height + 4, 0, p->hair);
	box(x - p->width - 8, y - 8, x + p->width + 8, y - 8 + p->hair_drop, p->hair);
	ellipse(x, y, p->width, p->height, 0, p->skin);
	ellipse(x, y - p->height + 10, p->width - 4, 16, 0, p->hair);
	if (p->beard) {
		ellipse(x, y + p->height - 16, p->width - 8, 18, 0, p->hair);
		ellipse(x, y + p->height - 26, p->width - 10, 14, 0, p->skin);
	}
	draw_eye(x - p->eye_gap, y - 6, look, p);
	draw_eye(x + p->eye_gap, y - 6, look, p);
	if (p->glasses)
		box(x - p->eye_gap + 13, y - 7, x + p->eye_gap - 13, y - 5, black);
	ellipse(x, y + p->nose, 5, p->nose, 0, shade);
	draw_mouth(x, y + p->height - 24, p->mouth, smile);
	if (p->hat) {
		box(x - p->width, y - p->height - 26, x + p->width, y - p->height + 8, p->shirt);
		box(x - p->width - 16, y - p->height + 4, x + p->width + 16, y - p->height + 12,
		    p->shirt);
	}
}

static void write_jpeg(FILE *f)
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
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = &canvas[c.next_scanline * SIDE].r;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
}

static int save(const char *path)
{
	FILE *f = fopen(path, "wb");
	bool good;

	if (!f) {
		fprintf(stderr, "draw: %s: %s\n", path, strerror(errno));
		return -1;
	}
	write_jpeg(f);
	good = !ferror(f);
	if (fclose(f) == 0 && good)
		return 0;
	fprintf(stderr, "draw: %s: could not be written\n", path);
	return -1;
}

static int draw(const char *folder, const char *prefix, int number, int photo, uint64_t seed)
{
	uint64_t own = seed * 1000003 + (uint64_t)number, s;
	struct person p = person_of(next(&own));
	char path[4096];
	int len;

	s = own + (uint64_t)photo * 7919;
	draw_background(&s);
	draw_face(&p, SIDE / 2 + between(&s, -12, 12), SIDE / 2 - 6 + between(&s, -8, 8), &s);
	len = snprintf(path, sizeof(path), "%s/%s%02d-%d.jpg", folder, prefix, number, photo);
	if (len < 0 || (size_t)len >= sizeof(path)) {
		fprintf(stderr, "draw: the folder's name is too long\n");
		return -1;
	}
	return save(path);
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

	if (argc < 5 || argc > 6 || people < 1 || photos < 1 || seed < 0) {
		fprintf(stderr, "usage: draw FOLDER PEOPLE PHOTOS SEED [PREFIX]\n");
		return 2;
	}
	for (long n = 1; n <= people; n++)
		for (long i = 1; i <= photos; i++)
			if (draw(argv[1], argc > 5 ? argv[5] : "p", (int)n, (int)i,
				 (uint64_t)seed) < 0)
				return 1;
	return 0;
}
