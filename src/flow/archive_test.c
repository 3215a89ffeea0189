/* Archives made from a repository and renewed as its log grows. What a file can lie about:
 * proof/archive_test.c; openssl and authorities: tests/archive.sh. */
#include "flow/archive.h"

#include <stdio.h>

#include "base/test.h"
#include "flow/order.h"
#include "flow/world.h"

static struct error e;
static const struct archive_words nothing;
static json_t *doc; /* of the last call */

static json_t **fresh(void)
{
	json_decref(doc);
	doc = NULL;
	error_clear(&e);
	return &doc;
}

static struct buf *bytes(void)
{
	struct buf *b = NULL;

	error_clear(&e);
	check_ok(buf_create(&b, 4096, &e));
	return b;
}

/* Two sources, an order against the first. */
static struct world *with_an_order(void)
{
	struct world *w = world_open();

	w->r->solo = true;
	world_source("s", "none", "train:Purpose");
	world_source("t", "none", "train:Purpose");
	world_file("a", "one");
	check(world_ingest("s", NULL) == 0);
	world_file("a", "two");
	check(world_ingest("t", NULL) == 0);
	world_taken_back("source:s");
	return w;
}

static void grow(void)
{
	static unsigned count;
	char name[16];

	snprintf(name, sizeof(name), "more%u", ++count);
	world_source(name, "none", "train:Purpose");
}

static struct buf *made(struct world *w, const char *order)
{
	struct buf *b = bytes();

	check_ok(flow_archive(w->r, order, &nothing, b, fresh(), &e));
	return b;
}

static struct buf *renewed(struct world *w, const struct buf *file)
{
	struct buf *b = bytes();

	check_ok(flow_archive_renew(w->r, file, &nothing, b, fresh(), &e));
	return b;
}

/* Nothing is given when it fails. */
static void not_renewed(struct world *w, const struct buf *file, const struct archive_words *words,
			int code)
{
	scoped(buf) *b = bytes();

	check_code(flow_archive_renew(w->r, file, words, b, fresh(), &e), code);
	check(b->len == 0 && doc == NULL);
	error_clear(&e);
}

TEST(an_archive_grows_by_layers_as_the_log_grows)
{
	struct world *w = with_an_order();
	scoped(buf) *one = made(w, "o1"), *again = made(w, "o1"), *two = NULL, *three = NULL;

	check(one->len == again->len && memcmp(one->data, again->data, one->len) == 0);
	check(world_facts() == json_number_or(doc, "entries", 0));
	two = renewed(w, one); /* the same head: a place for a stamp */
	grow();
	three = renewed(w, two);
	check(json_number_or(doc, "layer", 0) == 3);
	check(json_number_or(doc, "entries", 0) == world_facts());
	/* All but the end stays as it was. */
	check(memcmp(one->data, two->data, one->len - 1024) == 0);
	check(memcmp(two->data, three->data, two->len - 1024) == 0);
}

TEST(a_certificate_is_renewed_as_an_archive)
{
	struct world *w = with_an_order();
	scoped(buf) *file = bytes(), *one = NULL, *same = NULL;

	check_ok(flow_certificate(w->r, "o1", file, &e));
	one = renewed(w, file);
	same = made(w, "o1");
	check(one->len == same->len && memcmp(one->data, same->data, one->len) == 0);
}

TEST(an_order_that_is_not_certified_has_no_archive)
{
	struct world *w = with_an_order();
	const struct order_words words = { .selector = "source:t",
					   .authority = "A",
					   .reason = "B" };
	scoped(buf) *b = bytes();

	check_ok(flow_order_open(w->r, &words, fresh(), &e));
	check_code(flow_archive(w->r, "o2", &nothing, b, fresh(), &e), E_NOT_FOUND);
	check(b->len == 0);
	error_clear(&e);
}

TEST(what_does_not_hold_is_not_renewed)
{
	struct world *w = with_an_order();
	scoped(buf) *one = made(w, "o1"), *none = bytes(), *words = NULL;

	check_ok(buf_from(&words, "{}\n", 3, &e));
	not_renewed(w, none, &nothing, E_MISMATCH);
	not_renewed(w, words, &nothing, E_MISMATCH);
	for (size_t at = 0; at < one->len; at += 97) {
		uint8_t was = one->data[at];

		one->data[at] ^= 1;
		not_renewed(w, one, &nothing, E_MISMATCH);
		one->data[at] = was;
	}
}

TEST(an_archive_of_another_repository_is_not_renewed)
{
	struct world *w = with_an_order();
	scoped(buf) *one = made(w, "o1");

	w = with_an_order();
	not_renewed(w, one, &nothing, E_MISMATCH);
}

TEST(what_is_put_into_a_layer_must_hold)
{
	const char *const nobody = "http://127.0.0.1:9/", *const no_url = "ftp://example.org/";
	struct signoff_file none = { "x.json", "{}\n", 3 };
	struct archive_words words = { .signoffs = &none, .signoff_count = 1 };
	struct world *w = with_an_order();
	scoped(buf) *one = made(w, "o1");

	not_renewed(w, one, &words, E_MISMATCH);
	words = (struct archive_words){ .tsa = &nobody, .tsa_count = 1 };
	not_renewed(w, one, &words, E_IO);
	words.tsa = &no_url;
	not_renewed(w, one, &words, E_USAGE);
}

int main(int argc, char **argv)
{
	int failed = world_main("archive", argc, argv);

	json_decref(doc);
	return failed;
}
