/*
 * Made-up records, let in as `ingest` does but without files: for measuring with millions of them.
 * usage: fill REPO SOURCE COUNT PER-BATCH [PERSON]   each batch is one change; every record has
 * the attribute n=NUMBER and, for one in COUNT/10, PERSON as its subject. SOURCE is there, has one version of
 * terms, and no transfer. Built by `ninja src/flow/fill`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "repo/change.h"
#include "repo/things.h"

static struct error e;

static void must(int code)
{
	if (code < 0 || e.code != 0) {
		fprintf(stderr, "fill: %s\n", e.text);
		exit(1);
	}
}

struct filling {
	struct repo *r;
	struct source source;
	uint64_t total, done;
	const char *person;
};

static struct fields *card_of(const struct filling *f, const char *bytes, size_t len)
{
	struct fields *card = NULL;
	struct hash content;
	char about[200], attr[40];

	hash_bytes(&content, bytes, len);
	snprintf(about, sizeof(about), "{\"bytes\":%zu,\"height\":0,\"in_place\":false,\"media\":\"application/octet-stream\",\"origin\":\"/filled\",\"width\":0}", len);
	snprintf(attr, sizeof(attr), "n=%" PRIu64, f->done);
	must(fields_create(&card, &e));
	must(fields_add(card, "content", content.b, HASH_LEN, &e));
	must(fields_add_text(card, "source", f->source.name, &e));
	must(fields_add_text(card, "transfer", "", &e));
	must(fields_add_text(card, "terms", "1", &e));
	must(fields_add_text(card, "decision", "allow train:Purpose", &e));
	must(fields_add_text(card, "path", attr + 2, &e));
	must(fields_add_text(card, "about", about, &e));
	if (f->person && f->done % (f->total / 10) == f->total / 20)
		must(fields_add_text(card, "subject", f->person, &e));
	must(fields_add_text(card, "attr", attr, &e));
	must(fields_hide(card, 7, &e));
	return card;
}

static void add_record(struct filling *f, struct change *c, uint64_t fact)
{
	char bytes[80];
	size_t len = (size_t)snprintf(bytes, sizeof(bytes), "%s %" PRIu64, f->source.name, f->done);
	struct fields *card = card_of(f, bytes, len);
	uint64_t pos;

	must(change_record(c, fact, RECORD_LIVE, card, bytes, len, &pos, &e));
	fields_destroy(card);
	f->done++;
}

static void add_fact(const struct filling *f, struct change *c, uint64_t count)
{
	uint64_t next = change_positions(c), id, n;
	json_t *o = json_object_make(&e);
	struct fields *part = NULL;
	char tag[17], name[24];

	json_set_number(o, "first", next - count, &e);
	json_set_number(o, "last", next - 1, &e);
	json_set_text(o, "source", hex_encode(tag, f->source.tag, 8), &e);
	json_set_text(o, "transfer", "", &e);
	must(change_set_records(c, o, &e));
	must(catalog_next_id(f->r->catalog, THING_BATCH, &id, &e));
	snprintf(name, sizeof(name), "b%" PRIu64, id);
	must(fields_create(&part, &e));
	must(fields_add_text(part, "id", name, &e));
	must(fields_add_text(part, "source", f->source.name, &e));
	must(fields_add_text(part, "transfer", "", &e));
	must(fields_add_text(part, "terms", "1", &e));
	must(fields_add_text(part, "use", "train:Purpose", &e));
	must(fields_add_text(part, "origin", "/filled", &e));
	must(fields_add_text(part, "counts", "{\"accepted\":0,\"copies\":0,\"quarantined\":0,\"reasons\":{},\"refused\":0}", &e));
	must(change_fact(c, "batch", o, part, &n, &e));
	fields_destroy(part);
}

static void add_batch(struct filling *f, uint64_t count)
{
	scoped(change) *c = NULL;
	uint64_t fact;

	must(change_begin(&c, f->r, &e));
	fact = change_facts(c);
	for (uint64_t i = 0; i < count; i++)
		add_record(f, c, fact);
	add_fact(f, c, count);
	must(change_commit(c, &e));
}

int main(int argc, char **argv)
{
	struct repo_options o = { .folder = argc > 1 ? argv[1] : NULL, .at_utc_ms = TIME_NONE };
	scoped(arena) *a = NULL;
	scoped(repo) *r = NULL;
	struct filling f = { 0 };
	uint64_t each;

	if (argc < 5 || number_parse(&f.total, argv[3], strlen(argv[3]), &e) < 0 ||
	    number_parse(&each, argv[4], strlen(argv[4]), &e) < 0 || each == 0) {
		fprintf(stderr, "usage: fill REPO SOURCE COUNT PER-BATCH [PERSON]\n");
		return 2;
	}
	must(arena_create(&a, &e));
	must(repo_open(&r, &o, &e));
	must(source_named(r, a, argv[2], &f.source, &e));
	f.r = r;
	f.person = argc > 5 ? argv[5] : NULL;
	while (f.done < f.total)
		add_batch(&f, f.total - f.done < each ? f.total - f.done : each);
	return 0;
}
