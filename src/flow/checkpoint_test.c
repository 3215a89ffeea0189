#include "flow/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static struct error e;

#define refused(call, code)						\
	do {								\
		check_code(call, code);					\
		error_clear(&e);					\
	} while (0)

static struct hash digest_of(const char *what)
{
	struct hash h;

	hash_bytes(&h, what, strlen(what));
	return h;
}

static struct fields *some_card(void)
{
	struct hash weights = digest_of("weights"), sums = digest_of("sums");
	struct fields *card = NULL;

	check_ok(fields_create(&card, &e));
	check_ok(fields_add(card, "weights", weights.b, HASH_LEN, &e));
	check_ok(fields_add(card, "sums", sums.b, HASH_LEN, &e));
	return card;
}

static struct buf *some_file(const struct fields *card, bool sums, const char *model)
{
	scoped_json *recipe = json_pack("{s:s,s:i}", "features", "pixels", "lambda", 0);
	struct checkpoint_words w = { .origin = "example.org/x", .model = model, .fact = 7,
				      .version = 2, .card = card, .recipe = recipe, .sums = sums };
	struct buf *b = NULL;

	check_ok(buf_create(&b, 1024, &e));
	check_ok(checkpoint_put(&w, b, &e));
	return b;
}

TEST(what_is_written_is_read_again)
{
	struct hash weights = digest_of("weights"), sums = digest_of("sums"), digest;
	scoped(checkpoint) *with = NULL, *without = NULL;
	scoped(fields) *card = some_card();
	scoped(buf) *one = some_file(card, true, "faces"), *two = some_file(card, false, "faces");

	check_ok(fields_root(&digest, card, &e));
	check_ok(checkpoint_parse(&with, one->data, one->len, &e));
	check_ok(checkpoint_parse(&without, two->data, two->len, &e));
	check(hash_equal(&with->digest, &digest) && hash_equal(&without->digest, &digest));
	check(card_field_is(&with->weights, &weights) && card_field_is(&without->weights, &weights));
	check(card_field_is(&with->sums, &sums) && !card_field_is(&without->sums, &sums));
	check(!card_field_is(&with->weights, &sums));
	check(with->fact == 7 && with->version == 2);
	assert_string_equal(with->model, "faces");
	/* What is withheld is not in the file. */
	check(!strstr(buf_text(two), hash_hex(&sums).s));
}

TEST(one_byte_more_than_a_checkpoint_is_refused)
{
	scoped(checkpoint) *c = NULL, *none = NULL;
	char name[CHECKPOINT_BYTES_MAX + 2];
	scoped(fields) *card = some_card();
	scoped(buf) *small = some_file(card, true, ""), *full = NULL, *more = NULL;
	size_t room = CHECKPOINT_BYTES_MAX - small->len;

	memset(name, 'x', sizeof(name));
	name[room] = 0;
	full = some_file(card, true, name);
	check(full->len == CHECKPOINT_BYTES_MAX);
	check_ok(checkpoint_parse(&c, full->data, full->len, &e));
	name[room] = 'x';
	name[room + 1] = 0;
	more = some_file(card, true, name);
	refused(checkpoint_parse(&none, more->data, more->len, &e), E_RANGE);
}

/* The file with one text of it replaced by another. */
static int parsed_with(const struct buf *file, const char *from, const char *to)
{
	scoped(checkpoint) *c = NULL;
	scoped(buf) *b = NULL;
	const char *at = strstr(buf_text(file), from);
	int code;

	check(at != NULL);
	check_ok(buf_create(&b, file->len + strlen(to), &e));
	check_ok(buf_put(b, file->data, (size_t)(at - buf_text(file)), &e));
	check_ok(buf_put(b, to, strlen(to), &e));
	check_ok(buf_put(b, at + strlen(from), strlen(at + strlen(from)), &e));
	code = checkpoint_parse(&c, b->data, b->len, &e);
	error_clear(&e);
	return code;
}

TEST(whatever_is_changed_is_noticed)
{
	scoped(fields) *card = some_card();
	scoped(buf) *file = some_file(card, true, "faces");
	scoped(checkpoint) *c = NULL;

	check(parsed_with(file, "\"fact\":7", "\"fact\":8") == 0); /* nothing binds it */
	check(parsed_with(file, "\"format\":1", "\"format\":2") == E_FORMAT);
	check(parsed_with(file, "\"fact\":7", "\"fact\":-7") == E_FORMAT);
	check(parsed_with(file, "\"fact\":7", "\"fact\":7,\"more\":1") == E_FORMAT);
	check(parsed_with(file, "\"fact\":7", "\"fact\": 7") == E_FORMAT);
	check(parsed_with(file, "\"fact\":7,", "") == E_FORMAT);
	check(parsed_with(file, "\"weights\"", "\"sums\"") == E_FORMAT);
	check(parsed_with(file, "}\n", "}") == E_FORMAT);
	check(parsed_with(file, "}\n", "}\n\n") == E_FORMAT);
	check(parsed_with(file, "\"card\":[", "\"card\":[{},") == E_FORMAT);
	check(parsed_with(file, "\"digest\":\"", "\"digest\":\"0") == E_FORMAT);
	refused(checkpoint_parse(&c, "", 0, &e), E_FORMAT);
	refused(checkpoint_parse(&c, "{}\n", 3, &e), E_FORMAT);
	for (size_t i = 0; i < 2; i++) {
		struct field *f = &card->list[i];
		scoped(buf) *other = NULL;
		const char *digest = strstr(buf_text(file), "\"digest\"");
		char kept[80];

		f->salt[3] ^= 1;
		other = some_file(card, true, "faces");
		snprintf(kept, sizeof(kept), "%.75s", strstr(buf_text(other), "\"digest\""));
		/* The other card with the digest of this one. */
		{
			char ours[80];

			snprintf(ours, sizeof(ours), "%.75s", digest);
			check(parsed_with(other, kept, ours) == E_MISMATCH);
		}
		f->salt[3] ^= 1;
	}
}

TEST(only_a_card_is_written)
{
	scoped(fields) *card = NULL;
	scoped_json *recipe = json_object();
	struct checkpoint_words w = { .origin = "o", .model = "m", .recipe = recipe };
	scoped(buf) *b = NULL;

	check_ok(buf_create(&b, 64, &e));
	check_ok(fields_create(&card, &e));
	check_ok(fields_add_text(card, "weights", "short", &e));
	w.card = card;
	refused(checkpoint_put(&w, b, &e), E_FORMAT);
	check(b->len == 0);
}

TEST_MAIN("checkpoint")
