#include "media/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

/* libjpeg-turbo takes a bad code for a zero, without a word, while it has 512 bytes or more before
 * it for each block of an MCU. So it never gets that many; measured, this costs it 5 %. */
enum { PORTION_BYTES = 511 };

struct source {
	struct jpeg_source_mgr manager;
	const uint8_t *rest; /* behind what libjpeg has */
	size_t rest_len;
};

struct decoder {
	struct jpeg_decompress_struct jpeg;
	struct source source;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf end;
	struct media_info *ret;
	uint8_t *samples; /* of all pixels, where they are wanted; else NULL */
};

static _Noreturn void give_up(struct decoder *d)
{
	d->ret->whole = false;
	longjmp(d->end, 1);
}

static void on_error(j_common_ptr jpeg)
{
	struct decoder *d = jpeg->client_data;
	char story[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, story);
	if (jpeg->err->msg_code == JERR_NO_BACKING_STORE)
		snprintf(story, sizeof(story), "needs more than %d bytes of memory",
			 JPEG_MEMORY_MAX);
	snprintf(d->ret->story, MEDIA_STORY_MAX, "%.*s", MEDIA_STORY_MAX - 1, story);
	give_up(d);
}

/* Warnings that leave every pixel as it was meant. Webcams and scanners write bytes that nobody
 * reads before a marker; that a torn file may have them too is the price. */
static bool is_harmless(int warning)
{
	return warning == JWRN_EXTRANEOUS_DATA || warning == JWRN_JFIF_MAJOR ||
	       warning == JWRN_ADOBE_XFORM || warning == JWRN_NOT_SEQUENTIAL;
}

/* The first damage ends it: libjpeg would go on and make up the rest of the picture. */
static void on_message(j_common_ptr jpeg, int level)
{
	if (level < 0 && !is_harmless(jpeg->err->msg_code))
		on_error(jpeg);
}

static void on_progress(j_common_ptr jpeg)
{
	struct decoder *d = jpeg->client_data;

	if (d->jpeg.input_scan_number <= JPEG_SCANS_MAX)
		return;
	snprintf(d->ret->story, MEDIA_STORY_MAX, "more than %d scans", JPEG_SCANS_MAX);
	give_up(d);
}

static void do_nothing(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

static boolean next_portion(j_decompress_ptr jpeg)
{
	struct decoder *d = jpeg->client_data;
	struct source *s = &d->source;
	size_t len = s->rest_len < PORTION_BYTES ? s->rest_len : PORTION_BYTES;

	if (len == 0)
		ERREXIT(jpeg, JERR_INPUT_EOF);
	s->manager.next_input_byte = s->rest;
	s->manager.bytes_in_buffer = len;
	s->rest += len;
	s->rest_len -= len;
	return TRUE;
}

static void skip(j_decompress_ptr jpeg, long count)
{
	struct jpeg_source_mgr *m = jpeg->src;

	while (count > 0) {
		size_t here = m->bytes_in_buffer;

		if (here > (size_t)count)
			here = (size_t)count;
		m->next_input_byte += here;
		m->bytes_in_buffer -= here;
		count -= (long)here;
		if (count > 0)
			next_portion(jpeg);
	}
}

static void set_source(struct decoder *d, const void *bytes, size_t len_bytes)
{
	d->source = (struct source){
		.manager = { .init_source = do_nothing, .fill_input_buffer = next_portion,
			     .skip_input_data = skip, .term_source = do_nothing,
			     .resync_to_restart = jpeg_resync_to_restart },
		.rest = bytes, .rest_len = len_bytes };
	d->jpeg.src = &d->source.manager;
}

static void begin(struct decoder *d, const void *bytes, size_t len_bytes)
{
	d->jpeg.err = jpeg_std_error(&d->errors);
	d->errors.error_exit = on_error;
	d->errors.emit_message = on_message;
	d->jpeg.client_data = d;
	jpeg_create_decompress(&d->jpeg);
	d->progress.progress_monitor = on_progress;
	d->jpeg.progress = &d->progress;
	d->jpeg.mem->max_memory_to_use = JPEG_MEMORY_MAX;
	set_source(d, bytes, len_bytes);
}

static void read_header(struct decoder *d)
{
	uint32_t width, height;

	jpeg_read_header(&d->jpeg, TRUE);
	width = d->jpeg.image_width;
	height = d->jpeg.image_height;
	if (width > MEDIA_DIMENSION_MAX || height > MEDIA_DIMENSION_MAX ||
	    (uint64_t)width * height > MEDIA_PIXELS_MAX) {
		snprintf(d->ret->story, MEDIA_STORY_MAX, "%u x %u pixels are more than %d", width,
			 height, MEDIA_PIXELS_MAX);
		give_up(d);
	}
	d->ret->width = width;
	d->ret->height = height;
}

/* Measured: an eighth of the size reads the same bits as jpeg_read_coefficients in three quarters
 * of its time, since nothing but the mean of each block is kept. */
static void read_means(struct decoder *d)
{
	struct jpeg_decompress_struct *j = &d->jpeg;
	JSAMPARRAY rows;

	j->scale_num = 1;
	j->scale_denom = 8;
	j->dct_method = JDCT_IFAST;
	j->out_color_space = j->jpeg_color_space == JCS_YCbCr ? JCS_GRAYSCALE : j->jpeg_color_space;
	jpeg_start_decompress(j);
	rows = j->mem->alloc_sarray((j_common_ptr)j, JPOOL_IMAGE,
				    j->output_width * (JDIMENSION)j->output_components,
				    (JDIMENSION)j->rec_outbuf_height);
	while (j->output_scanline < j->output_height)
		jpeg_read_scanlines(j, rows, (JDIMENSION)j->rec_outbuf_height);
}

/* The samples that each pixel takes while it is read; 0: nobody knows these colours. */
static unsigned channels_of(const struct decoder *d)
{
	switch (d->jpeg.jpeg_color_space) {
	case JCS_GRAYSCALE:
	case JCS_YCbCr:
		return 1;
	case JCS_RGB:
		return 3;
	case JCS_CMYK:
	case JCS_YCCK:
		return 4;
	default:
		return 0;
	}
}

/* The slow transform is the same integers in every build and processor. */
static void read_samples(struct decoder *d)
{
	struct jpeg_decompress_struct *j = &d->jpeg;
	unsigned channels = channels_of(d);
	size_t line = (size_t)j->image_width * channels;

	j->dct_method = JDCT_ISLOW;
	j->out_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
	jpeg_start_decompress(j);
	while (j->output_scanline < j->output_height) {
		JSAMPROW row = d->samples + j->output_scanline * line;

		jpeg_read_scanlines(j, &row, 1);
	}
}

/* Room for the samples, or a story of why nothing is made. */
static void find_room(struct decoder *d)
{
	uint64_t count = (uint64_t)d->jpeg.image_width * d->jpeg.image_height * channels_of(d);

	if (count == 0) {
		strcpy(d->ret->story, "unknown colours");
		return;
	}
	if (count > MEDIA_SAMPLES_MAX) {
		snprintf(d->ret->story, MEDIA_STORY_MAX, "more than %d samples", MEDIA_SAMPLES_MAX);
		return;
	}
	d->samples = malloc((size_t)count);
	if (!d->samples)
		strcpy(d->ret->story, "no memory for so many samples");
}

static uint8_t times(unsigned a, unsigned b)
{
	return (uint8_t)((a * b + 127) / 255);
}

/* Red, green and blue in the place of inks. Adobe's programs write how much ink is not there. */
static void leave_inks(struct decoder *d)
{
	size_t count = (size_t)d->jpeg.image_width * d->jpeg.image_height;
	unsigned flip = d->jpeg.saw_Adobe_marker ? 0 : 255;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *ink = d->samples + 4 * i;
		unsigned black = ink[3] ^ flip;
		uint8_t red = times(ink[0] ^ flip, black), green = times(ink[1] ^ flip, black);
		uint8_t blue = times(ink[2] ^ flip, black);

		d->samples[3 * i] = red;
		d->samples[3 * i + 1] = green;
		d->samples[3 * i + 2] = blue;
	}
}

/* A file cut between two scans and closed again says nothing of the colours it lost. A component
 * gets its table with its first scan. */
static void check_components(struct decoder *d)
{
	for (int i = 0; i < d->jpeg.num_components; i++) {
		if (d->jpeg.comp_info[i].quant_table)
			continue;
		snprintf(d->ret->story, MEDIA_STORY_MAX, "component %d has no scan", i);
		give_up(d);
	}
}

/* Apart from its caller, whose d must not be changed between setjmp and longjmp. */
static void decode(struct decoder *d, const void *bytes, size_t len_bytes, bool make)
{
	if (setjmp(d->end))
		return;
	begin(d, bytes, len_bytes);
	read_header(d);
	d->jpeg.do_fancy_upsampling = FALSE;
	d->jpeg.do_block_smoothing = FALSE;
	if (make)
		find_room(d);
	if (d->samples)
		read_samples(d);
	else
		read_means(d);
	check_components(d);
	jpeg_finish_decompress(&d->jpeg); /* reads on to the end marker */
	d->ret->whole = true;
}

static void make(struct decoder *d, const struct media_maker *maker, uint8_t *made)
{
	unsigned channels = channels_of(d);

	if (channels == 4) {
		leave_inks(d);
		channels = 3;
	}
	if (maker->make(maker->ctx, d->samples, d->ret->width, d->ret->height, channels, made))
		d->ret->made = made;
	else
		strcpy(d->ret->story, "nothing can be made of it");
}

void jpeg_look(const void *bytes, size_t len_bytes, const struct media_maker *maker, uint8_t *made,
	       struct media_info *ret)
{
	struct decoder d = { .ret = ret };

	ret->whole = false;
	ret->width = ret->height = 0;
	ret->story[0] = 0;
	ret->made = NULL;
	decode(&d, bytes, len_bytes, maker != NULL);
	if (ret->whole && d.samples)
		make(&d, maker, made);
	jpeg_destroy_decompress(&d.jpeg);
	free(d.samples);
}

void jpeg_check(const void *bytes, size_t len_bytes, struct media_info *ret)
{
	jpeg_look(bytes, len_bytes, NULL, NULL, ret);
}
