#include "flow/torture_files.h"

#include <stdio.h>
#include <stdlib.h>
/* libjpeg's header needs stdio before it. */
#include <jpeglib.h>

#include "base/file.h"
#include "base/test.h"
#include "flow/torture_decoder.h"
#include "flow/uses.h"

unsigned char torture_photo[2048];
size_t torture_photo_len;

static void put_file(const char *path, const char *text)
{
	struct error e = { 0 };

	check_ok(file_write(path, text, strlen(text), 0600, &e));
}

static void photo(const char *path, unsigned seed)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL, line[32];
	unsigned long len = 0;
	struct error e = { 0 };
	JSAMPROW row = line;

	j.err = jpeg_std_error(&errors);
	jpeg_create_compress(&j);
	jpeg_mem_dest(&j, &bytes, &len);
	j.image_width = j.image_height = sizeof(line);
	j.input_components = 1;
	j.in_color_space = JCS_GRAYSCALE;
	jpeg_set_defaults(&j);
	jpeg_start_compress(&j, TRUE);
	while (j.next_scanline < j.image_height) {
		for (unsigned x = 0; x < sizeof(line); x++)
			line[x] = (unsigned char)(x * seed + j.next_scanline * 7 + seed);
		jpeg_write_scanlines(&j, &row, 1);
	}
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	check_ok(file_write(path, bytes, len, 0600, &e));
	check(len <= sizeof(torture_photo));
	if (seed == 1)
		memcpy(torture_photo, bytes, torture_photo_len = len);
	free(bytes);
}

/* Of two chunks in the vault. */
static void put_weights(const char *path)
{
	static const uint8_t bytes[OBJECT_CHUNK + 1];
	struct error e = { 0 };

	check_ok(file_write(path, bytes, sizeof(bytes), 0600, &e));
}

void torture_files(void)
{
	scoped(buf) *csv = NULL;
	struct error e = { 0 };

	check_ok(buf_create(&csv, 256, &e));
	check_ok(buf_printf(csv, &e, "path,key,value\n"));
	check_ok(folder_make("/in/photos", 0700, &e));
	check_ok(folder_make("/repo", 0700, &e));
	for (unsigned i = 0; i < TORTURE_PHOTOS; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/in/photos/p%u", i);
		photo(path, i + 1);
		check_ok(buf_printf(csv, &e, "p%u,colour,%c\n", i, "xyz"[i % 3]));
	}
	put_file("/in/photos/text", "no picture");
	put_file("/in/attrs.csv", buf_text(csv));
	put_file("/in/terms", "terms");
	put_weights("/in/weights");
	put_file("/in/subjects.csv", "path,subject\np4,alice\n");
	torture_decoder_ask("/in/photos", NULL);
	torture_decoder_ask("/in/photos", "pixels");
}

int torture_deploy(struct repo *r, json_t **ret, struct error *e)
{
	struct deploy_words w = { .model = "x", .product = "P", .use = "infer:IdentityVerification" };

	return flow_deploy(r, &w, ret, e);
}

int torture_undeploy(struct repo *r, json_t **ret, struct error *e)
{
	return flow_undeploy(r, "d1", ret, e);
}

static void copy(const char *from, const char *to)
{
	struct error e = { 0 };
	scoped(buf) *b = NULL;

	check_ok(file_read(from, 1 << 24, &b, &e));
	check_ok(file_write(to, b->data, b->len, 0600, &e));
}

void torture_keep(void)
{
	copy("/repo/.rescind/catalog.db", "/kept");
}

void torture_lose(void)
{
	struct error e = { 0 };

	check_ok(folder_remove("/repo/.rescind/log", &e));
	copy("/kept", "/repo/.rescind/catalog.db");
}
