#include "media/sample.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "base/buf.h"

enum { SCANS_MAX = 127 };

/* DC, each of the 63 others but for its last bit, then these bits one by one. */
static void many_scans(struct jpeg_compress_struct *j, jpeg_scan_info scan[SCANS_MAX], int count)
{
	for (int i = 0; i < SCANS_MAX; i++) {
		int k = i == 0 ? 0 : (i - 1) % 63 + 1, last = i > 63;

		scan[i] = (jpeg_scan_info){ .comps_in_scan = 1, .Ss = k, .Se = k,
					    .Ah = last, .Al = i > 0 && !last };
	}
	j->scan_info = scan;
	j->num_scans = count;
}

static void set_flags(struct jpeg_compress_struct *j, unsigned flags)
{
	static const jpeg_scan_info apart[3] = {
		{ 1, { 0 }, 0, 63, 0, 0 }, { 1, { 1 }, 0, 63, 0, 0 }, { 1, { 2 }, 0, 63, 0, 0 } };

	if (flags & SAMPLE_PROGRESSIVE)
		jpeg_simple_progression(j);
	if (flags & SAMPLE_RESTARTS)
		j->restart_interval = 3;
	if (flags & SAMPLE_ARITHMETIC)
		j->arith_code = TRUE;
	if (flags & SAMPLE_APART) {
		j->scan_info = apart;
		j->num_scans = 3;
	}
}

static void write_rows(struct jpeg_compress_struct *j)
{
	size_t len = (size_t)j->image_width * (size_t)j->input_components;
	uint8_t *row = malloc(len);
	uint32_t noise = 1;

	if (!row)
		abort();
	while (j->next_scanline < j->image_height) {
		for (size_t i = 0; i < len; i++) {
			noise = noise * 1664525u + 1013904223u;
			row[i] = (uint8_t)(i / 2 + j->next_scanline + (noise >> 27));
		}
		jpeg_write_scanlines(j, &row, 1);
	}
	free(row);
}

struct buf *sample_jpeg(unsigned width, unsigned height, unsigned flags, unsigned scans)
{
	int components = flags & SAMPLE_CMYK ? 4 : flags & SAMPLE_GREY ? 1 : 3;
	J_COLOR_SPACE space = flags & SAMPLE_CMYK ? JCS_CMYK :
			      flags & SAMPLE_GREY ? JCS_GRAYSCALE : JCS_RGB;
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	jpeg_scan_info scan[SCANS_MAX];
	struct buf *b = NULL;
	uint8_t *bytes = NULL;
	unsigned long len = 0;

	j.err = jpeg_std_error(&errors); /* ends the process */
	jpeg_create_compress(&j);
	jpeg_mem_dest(&j, &bytes, &len);
	j.image_width = width;
	j.image_height = height;
	j.input_components = components;
	j.in_color_space = space;
	jpeg_set_defaults(&j);
	if (flags & SAMPLE_RGB)
		jpeg_set_colorspace(&j, JCS_RGB);
	set_flags(&j, flags);
	if (scans)
		many_scans(&j, scan, (int)scans);
	jpeg_start_compress(&j, TRUE);
	write_rows(&j);
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	if (buf_from(&b, bytes, len, NULL) < 0)
		abort();
	free(bytes);
	return b;
}

void sample_sums(const uint8_t *samples, uint32_t width, uint32_t height, unsigned channels,
		 uint8_t ret[SUMS_LEN])
{
	size_t count = (size_t)width * height * channels;
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += samples[i];
	be_set(ret, width, 4);
	be_set(ret + 4, height, 4);
	be_set(ret + 8, channels, 4);
	be_set(ret + 12, sum, 8);
	ret[20] = samples[0];
	ret[21] = samples[count - 1];
}
