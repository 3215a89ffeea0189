#include "segments.h"

#include <stdint.h>
#include <string.h>

enum { ROOM = 2048, APP_EXIF = JPEG_APP0 + 1, APP_C2PA = JPEG_APP0 + 11 };

struct bytes {
	uint8_t at[ROOM];
	unsigned len;
};

/* Everything here is short and known: what does not fit is a mistake of ours, and is left out. */
static void put(struct bytes *b, const void *from, size_t len)
{
	if (len > ROOM - b->len)
		return;
	memcpy(b->at + b->len, from, len);
	b->len += (unsigned)len;
}

static void put_text(struct bytes *b, const char *text)
{
	put(b, text, strlen(text));
}

static void put_number(struct bytes *b, unsigned value, int count, int big_end_first)
{
	for (int i = 0; i < count; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (big_end_first ? count - 1 - i : i));

		put(b, &byte, 1);
	}
}

/* --- EXIF: a small TIFF --- */

enum { TEXT = 2, LONG = 4, TIFF_HEAD = 8 };

struct entry {
	unsigned tag;
	const char *text;
};

/* A folder of texts, then the texts; with a pointer to a second folder behind it, if more. */
static void put_folder(struct bytes *b, unsigned start, const struct entry *e, unsigned count,
		       int more)
{
	unsigned entries = count + (more != 0), at = start + 2 + 12 * entries + 4;

	put_number(b, entries, 2, 0);
	for (unsigned i = 0; i < count; i++) {
		unsigned len = (unsigned)strlen(e[i].text) + 1;

		put_number(b, e[i].tag, 2, 0);
		put_number(b, TEXT, 2, 0);
		put_number(b, len, 4, 0);
		put_number(b, at, 4, 0);
		at += len;
	}
	if (more) {
		put_number(b, 0x8769, 2, 0);
		put_number(b, LONG, 2, 0);
		put_number(b, 1, 4, 0);
		put_number(b, at, 4, 0);
	}
	put_number(b, 0, 4, 0);
	for (unsigned i = 0; i < count; i++)
		put(b, e[i].text, strlen(e[i].text) + 1);
}

/* EXIF has texts of up to 4 bytes inside of the entry: all of ours are longer. */
static void write_exif(j_compress_ptr c, const char *artist, unsigned minute)
{
	char when[64];
	struct entry first[] = { { 0x010f, "Rescind" }, { 0x0110, "Drawn by demo/draw" },
				 { 0x0132, when },	{ 0x013b, artist },
				 { 0x8298, "(c) who drew it" } };
	struct entry second[] = { { 0x9003, when } };
	struct bytes b = { .len = 0 };

	snprintf(when, sizeof(when), "2013:%02u:%02u %02u:%02u:00", 5 + minute / 60 / 24 / 28 % 7,
		 1 + minute / 60 / 24 % 28, minute / 60 % 24, minute % 60);
	put(&b, "Exif\0", 6);
	put(&b, "II*\0\10\0\0", TIFF_HEAD);
	put_folder(&b, TIFF_HEAD, first, 5, 1);
	put_folder(&b, b.len - 6, second, 1, 0);
	jpeg_write_marker(c, APP_EXIF, b.at, b.len);
}

/* --- XMP --- */

static void write_xmp(j_compress_ptr c, const char *words)
{
	struct bytes b = { .len = 0 };

	put(&b, "http://ns.adobe.com/xap/1.0/", 29);
	put_text(&b, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
		     "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
		     "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
		     "<rdf:Description rdf:about=\"\" ");
	put_text(&b, words);
	put_text(&b, "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>");
	jpeg_write_marker(c, APP_EXIF, b.at, b.len);
}

/* --- C2PA: boxes in boxes (JUMBF), and in the innermost a map in CBOR --- */

static const uint8_t uuid_tail[] = { 0x00, 0x11, 0x00, 0x10, 0x80, 0x00,
				     0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71 };

/* The box begins at ret_start; close_box writes its length when that is known. */
static unsigned open_box(struct bytes *b, const char *type)
{
	unsigned start = b->len;

	put_number(b, 0, 4, 1);
	put(b, type, 4);
	return start;
}

static void close_box(struct bytes *b, unsigned start)
{
	struct bytes len = { .len = 0 };

	put_number(&len, b->len - start, 4, 1);
	memcpy(b->at + start, len.at, 4);
}

static unsigned open_labelled(struct bytes *b, const char *uuid, const char *label)
{
	unsigned start = open_box(b, "jumb"), described = open_box(b, "jumd");

	put(b, uuid, 4);
	put(b, uuid_tail, sizeof(uuid_tail));
	put_number(b, 3, 1, 1);
	put(b, label, strlen(label) + 1);
	close_box(b, described);
	return start;
}

static void put_cbor_text(struct bytes *b, const char *text)
{
	unsigned len = (unsigned)strlen(text);

	if (len < 24)
		put_number(b, 0x60 + len, 1, 1);
	else
		put_number(b, 0x7800 + len, 2, 1);
	put_text(b, text);
}

/* Unsigned, as nobody vouches for a drawing: a reservation counts all the same. */
static void write_cawg(j_compress_ptr c)
{
	struct bytes b = { .len = 0 };
	unsigned store, manifest, list, assertion, map;

	put(&b, "JP\0\1\0\0\0\1", 8);
	store = open_labelled(&b, "c2pa", "c2pa");
	manifest = open_labelled(&b, "c2ma", "urn:uuid:00000000-0000-4000-8000-000000002014");
	list = open_labelled(&b, "c2as", "c2pa.assertions");
	assertion = open_labelled(&b, "cbor", "cawg.training-mining");
	map = open_box(&b, "cbor");
	put_number(&b, 0xa1, 1, 1);
	put_cbor_text(&b, "entries");
	put_number(&b, 0xa1, 1, 1);
	put_cbor_text(&b, "cawg.ai_training");
	put_number(&b, 0xa1, 1, 1);
	put_cbor_text(&b, "use");
	put_cbor_text(&b, "notAllowed");
	close_box(&b, map);
	close_box(&b, assertion);
	close_box(&b, list);
	close_box(&b, manifest);
	close_box(&b, store);
	jpeg_write_marker(c, APP_C2PA, b.at, b.len);
}

void segments_write(j_compress_ptr c, const char *artist, unsigned minute, enum signal signal)
{
	write_exif(c, artist, minute);
	switch (signal) {
	case SIGNAL_PLUS_NO:
		write_xmp(c, "xmlns:plus=\"http://ns.useplus.org/ldf/xmp/1.0/\"><plus:DataMining>"
			     "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
			     "</plus:DataMining>");
		break;
	case SIGNAL_PLUS_YES:
		write_xmp(c, "xmlns:plus=\"http://ns.useplus.org/ldf/xmp/1.0/\"><plus:DataMining "
			     "rdf:resource=\"http://ns.useplus.org/ldf/vocab/DMI-ALLOWED\"/>");
		break;
	case SIGNAL_TDM:
		write_xmp(c, "xmlns:tdm=\"http://www.w3.org/ns/tdmrep/\" tdm:reservation=\"1\">");
		break;
	case SIGNAL_CAWG:
		write_cawg(c);
		break;
	case SIGNAL_NONE:
	default:
		break;
	}
}
