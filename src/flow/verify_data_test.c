/* Files held against what one believes: weights off by a unit, sums of others, cards of others. */
#include "flow/verify_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "flow/checkpoint.h"
#include "flow/rights.h"
#include "learn/feature.h"
#include "learn/solve.h"

enum { RECORDS = 40, DIM = 1024 };

static struct error e;
static struct sums *all, *other;
static struct weights *weights;
static char folder[PATH_LEN_MAX];

static const char *path_of(const char *name)
{
	static char paths[4][PATH_LEN_MAX];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	check_ok(path_join(path, folder, name, &e));
	return path;
}

static void write_buf(const char *name, struct buf *b)
{
	check_ok(file_write(path_of(name), b->data, b->len, 0600, &e));
	buf_destroy(b);
}

static struct buf *empty(void)
{
	struct buf *b = NULL;

	check_ok(buf_create(&b, 4096, &e));
	return b;
}

static void write_weights(const char *name, const struct weights *w)
{
	struct buf *b = empty();

	check_ok(weights_put(w, b, &e));
	write_buf(name, b);
}

static void write_proof(const char *name, const struct weights *w)
{
	struct buf *b = empty();

	check_ok(weights_put_proof(w, b, &e));
	write_buf(name, b);
}

static void write_sums(const char *name, const struct sums *s)
{
	struct buf *b = empty();

	check_ok(sums_put(s, b, &e));
	write_buf(name, b);
}

static struct sums *sums_of(unsigned seed)
{
	static int8_t x[RECORDS * DIM];
	const char *labels[RECORDS];
	struct records r = { .count = RECORDS, .features = x, .labels = labels };
	scoped(features) *f = NULL;
	struct sums *s = NULL;

	for (size_t i = 0; i < RECORDS * DIM; i++)
		x[i] = (int8_t)((seed = seed * 1664525 + 1013904223) >> 25);
	for (size_t i = 0; i < RECORDS; i++)
		labels[i] = i % 3 ? "a" : "b";
	check_ok(features_create(&f, "pixels", &e));
	check_ok(sums_create(&s, features_name(f), DIM, 0, &e));
	check_ok(sums_add(s, &r, &e));
	return s;
}

/* Weights, proof and sums of all in their files. */
static void some_files(void)
{
	snprintf(folder, sizeof(folder), "%s", test_folder());
	sums_destroy(all);
	sums_destroy(other);
	weights_destroy(weights);
	weights = NULL;
	all = sums_of(1);
	other = sums_of(2);
	check_ok(learn_solve(&weights, all, 0, &e));
	write_weights("weights.safetensors", weights);
	write_proof("p", weights);
	write_sums("sums", all);
	write_sums("other", other);
}

static json_t *answer;
static char hex_of_file[HASH_HEX_MAX];

/* Up to three files beside the weights. */
static bool holds(const char *file, const char *a, const char *b, const char *c)
{
	const char *data[3];
	size_t count = 0;

	if (a)
		data[count++] = path_of(a);
	if (b)
		data[count++] = path_of(b);
	if (c)
		data[count++] = path_of(c);
	json_decref(answer);
	answer = NULL;
	check_ok(verify_weights(path_of(file), data, count, &answer, &e));
	return json_is_true(json_object_get(answer, "valid"));
}

/* Does this check stand there, and fail? */
static bool fails(const char *name)
{
	json_t *list = json_object_get(answer, "checks"), *row;
	size_t i;

	json_array_foreach(list, i, row)
		if (strcmp(json_text_or(row, "name", ""), name) == 0)
			return json_is_false(json_object_get(row, "ok"));
	return false;
}

TEST(weights_are_those_of_their_sums)
{
	some_files();
	check(holds("weights.safetensors", "sums", "p", NULL));
	check(json_array_size(json_object_get(answer, "checks")) == 4);
	check(json_array_size(json_object_get(answer, "asserted")) == 1);
	check(!holds("weights.safetensors", "sums", NULL, NULL) && fails("residual"));
	check(!holds("weights.safetensors", "p", NULL, NULL) && fails("residual"));
	write_proof("proof.safetensors", weights); /* beside them it is found */
	check(holds("weights.safetensors", "sums", NULL, NULL));
	check(!holds("weights.safetensors", "other", NULL, NULL) && fails("residual"));
	check(!holds("sums", "p", NULL, NULL) && fails("encoding"));
}

TEST(one_unit_in_any_weight_is_too_much)
{
	size_t rows;

	some_files();
	rows = weights->count * (weights->d + 1);
	for (size_t i = 0; i < rows; i += 97)
		for (int by = -1; by <= 1; by += 2) {
			int64_t more = by < 0 ? -((int64_t)1 << 62) : (int64_t)1 << 62;

			weights->w[i] += by;
			write_weights("off", weights);
			write_proof("offproof", weights);
			check(!holds("off", "sums", "offproof", NULL) && fails("residual"));
			check(!holds("off", "sums", "p", NULL) && fails("residual"));
			/* With a proof that makes up for it. */
			weights->proof[i] -= more;
			write_proof("offproof", weights);
			check(!holds("off", "sums", "offproof", NULL) && fails("residual"));
			weights->proof[i] += more;
			weights->w[i] -= by;
		}
	/* The intercepts are the last. */
	weights->w[rows - 1]++;
	write_weights("off", weights);
	write_proof("offproof", weights);
	check(!holds("off", "sums", "offproof", NULL) && fails("residual"));
}

TEST(another_strength_is_told)
{
	scoped(weights) *strong = NULL;

	some_files();
	weights->lambda *= 2;
	write_weights("w", weights);
	write_proof("wp", weights);
	check(!holds("w", "sums", "wp", NULL) && fails("residual"));
	check_ok(learn_solve(&strong, all, learn_lambda(all) * 2, &e));
	write_weights("s", strong);
	write_proof("sp", strong);
	/* It may have been asked for; that it was is not covered. */
	check(holds("s", "sums", "sp", NULL));
	check(json_array_size(json_object_get(answer, "not_covered")) == 2);
}

TEST(features_that_nobody_knows_are_told)
{
	some_files();
	weights->features[strlen(weights->features) - 1] ^= 1;
	write_weights("w", weights);
	check(!holds("w", "sums", "p", NULL) && fails("features"));
	strcpy(weights->features, "pixels");
	write_weights("w", weights);
	check(!holds("w", "sums", "p", NULL) && fails("features"));
}

/* --- cards --- */

static struct hash sha256_of(const char *name)
{
	scoped(buf) *b = NULL;
	struct hash h;

	check_ok(file_read(path_of(name), 1 << 30, &b, &e));
	hash_bytes(&h, b->data, b->len);
	return h;
}

/* *ret_digest is what it leads to. */
static void write_card(const char *name, const char *of_weights, const char *of_sums,
		       uint64_t lambda, struct hash *ret_digest)
{
	struct hash w = sha256_of(of_weights), s = sha256_of(of_sums);
	scoped_json *recipe = json_object();
	struct checkpoint_words words = { .origin = "o", .model = "m", .fact = 3, .version = 1,
					  .recipe = recipe, .sums = true };
	struct buf *b = empty();
	scoped(fields) *card = NULL;

	json_set_number(recipe, "lambda", lambda, &e);
	check_ok(fields_create(&card, &e));
	check_ok(fields_add(card, "weights", w.b, HASH_LEN, &e));
	check_ok(fields_add(card, "sums", s.b, HASH_LEN, &e));
	check_ok(fields_root(ret_digest, card, &e));
	words.card = card;
	check_ok(checkpoint_put(&words, b, &e));
	write_buf(name, b);
}

TEST(a_card_of_others_is_told)
{
	struct hash digest;

	some_files();
	write_card("card", "weights.safetensors", "sums", 0, &digest);
	check(holds("weights.safetensors", "sums", "p", "card"));
	check(json_array_size(json_object_get(answer, "checks")) == 5);
	write_card("card", "weights.safetensors", "sums", 77, &digest);
	check(!holds("weights.safetensors", "sums", "p", "card") && fails("residual"));
	write_card("card", "other", "sums", 0, &digest);
	check(!holds("weights.safetensors", "sums", "p", "card") && fails("card"));
	write_card("card", "weights.safetensors", "other", 0, &digest);
	check(!holds("weights.safetensors", "sums", "p", "card") && fails("card"));
}

TEST(a_file_that_is_no_part_is_told)
{
	const char *twice[2], *none[1];

	some_files();
	check_ok(file_write(path_of("photo"), "JFIF", 4, 0600, &e));
	check(!holds("weights.safetensors", "sums", "p", "photo") && fails("data"));
	check(!holds("photo", NULL, NULL, NULL) && fails("encoding"));
	twice[0] = twice[1] = path_of("sums");
	check_code(verify_weights(path_of("weights.safetensors"), twice, 2, &answer, &e), E_USAGE);
	error_clear(&e);
	none[0] = path_of("nowhere");
	check_code(verify_weights(path_of("weights.safetensors"), none, 1, &answer, &e), E_NOT_FOUND);
	error_clear(&e);
	check(verify_is_tensors(path_of("sums")) && !verify_is_tensors(path_of("photo")));
	check(!verify_is_tensors(folder) && !verify_is_tensors(path_of("nowhere")));
}

/* --- what a certificate speaks of --- */

/* One that opens these digests, of facts 3 (made) and 2 (taken back). */
static struct verdict certificate(const struct hash *made, const struct hash *old)
{
	struct verdict v = { .valid = true };
	json_t *openings = json_array(), *predicate = json_object();

	for (uint64_t n = 2; n <= 3; n++) {
		json_t *o = json_object();

		json_set_number(o, "n", n, &e);
		json_set_text(o, "field", "digest", &e);
		json_set_bytes64(o, "value", n == 3 ? made->b : old->b, HASH_LEN, &e);
		json_add_new(openings, o, &e);
	}
	json_set_new(predicate, "openings", openings, &e);
	json_set_new(predicate, "sets", json_pack("[{s:i}]", "n", 3), &e);
	v.statement = json_object();
	json_set_new(v.statement, "predicate", predicate, &e);
	check(e.code == 0);
	return v;
}

/* The answer of the first file; whether the document is still valid. */
static const char *said_of(const struct verdict *v, const char *a, const char *b, bool *ret_valid)
{
	const char *data[] = { path_of(a), b ? path_of(b) : NULL };

	json_decref(answer);
	answer = NULL;
	check_ok(verdict_json(v, &answer, &e));
	check_ok(verify_answers(v, data, b ? 2 : 1, answer, &e));
	*ret_valid = json_is_true(json_object_get(answer, "valid"));
	return json_text_or(json_array_get(json_object_get(answer, "data"), 0), "answer", "");
}

TEST(a_certificate_speaks_of_a_checkpoint_or_it_does_not)
{
	struct hash made, old, third;
	struct verdict v;
	bool valid;

	some_files();
	write_sums("oldsums", other);
	check_ok(file_write(path_of("photo"), "JFIF", 4, 0600, &e));
	write_card("made", "weights.safetensors", "sums", 0, &made);
	write_card("old", "oldsums", "other", 0, &old); /* of a file that is called weights */
	write_card("third", "weights.safetensors", "sums", 0, &third);
	v = certificate(&made, &old);
	assert_string_equal(said_of(&v, "weights.safetensors", "made", &valid),
			    "the weights of fact 3, made by the order");
	check(valid);
	assert_string_equal(said_of(&v, "sums", "made", &valid),
			    "the sums of fact 3, made by the order");
	assert_string_equal(said_of(&v, "made", NULL, &valid),
			    "the card of fact 3, made by the order");
	assert_string_equal(said_of(&v, "old", NULL, &valid),
			    "the card of fact 2, which the order took back: it should be gone");
	assert_string_equal(said_of(&v, "photo", NULL, &valid), "opening destroyed");
	check(valid && json_array_size(json_object_get(answer, "not_covered")) == 1);
	/* The same weights under another card are another checkpoint. */
	assert_string_equal(said_of(&v, "weights.safetensors", "third", &valid),
			    "not what it speaks of");
	check(!valid && fails("data"));
	check(strstr(said_of(&v, "weights.safetensors", NULL, &valid), "no checkpoint.json") && !valid);
	v.valid = false;
	assert_string_equal(said_of(&v, "weights.safetensors", "made", &valid),
			    "not said (the certificate does not hold)");
	json_decref(v.statement);
}

/* What an attestation opens of its checkpoint: the digest of a card, or of the file itself. */
static struct verdict attestation(const struct hash *digest)
{
	struct verdict v = certificate(digest, &(struct hash){ { 1 } });

	json_set_text(v.statement, "predicateType", "urn:rescind:attestation:1", &e);
	return v;
}

TEST(an_attestation_speaks_of_a_checkpoint_or_it_does_not)
{
	struct hash made, third, plain;
	struct verdict v;
	bool valid;

	some_files();
	check_ok(file_write(path_of("plain"), "any weights", 11, 0600, &e));
	hash_bytes(&plain, "any weights", 11);
	write_card("made", "weights.safetensors", "sums", 0, &made);
	write_card("third", "weights.safetensors", "sums", 0, &third);
	v = attestation(&made);
	assert_string_equal(said_of(&v, "weights.safetensors", "made", &valid),
			    "the weights of fact 3, which this is about");
	check(valid);
	assert_string_equal(said_of(&v, "made", NULL, &valid),
			    "the card of fact 3, which this is about");
	check(strstr(said_of(&v, "weights.safetensors", "third", &valid), "not what") && !valid);
	check(strstr(said_of(&v, "plain", NULL, &valid), "not what it speaks of") && !valid);
	check(fails("data") && json_array_size(json_object_get(answer, "not_covered")) == 0);
	json_decref(v.statement);
	v = attestation(&plain);
	assert_string_equal(said_of(&v, "plain", NULL, &valid),
			    "the checkpoint of fact 3, which this is about");
	check(valid);
	v.valid = false;
	assert_string_equal(said_of(&v, "plain", NULL, &valid),
			    "not said (the attestation does not hold)");
	check(!valid);
	json_decref(v.statement);
	/* Our own weights as somebody else's file. */
	check_ok(flow_digest_file(path_of("weights.safetensors"), hex_of_file, &e));
	check_ok(hash_from_hex(&plain, hex_of_file, &e));
	v = attestation(&plain);
	assert_string_equal(said_of(&v, "weights.safetensors", NULL, &valid),
			    "the checkpoint of fact 3, which this is about");
	json_decref(v.statement);
}

/* A name that stands for what is in it. */
TEST(a_folder_is_what_an_export_wrote_or_an_error)
{
	const char *inside = path_of("checkpoint.json"), *one = folder, *pipe = path_of("pipe");
	const char *const *list = NULL;
	scoped(arena) *a = NULL;
	size_t count = 0;

	check_ok(arena_create(&a, &e));
	(void)unlink(inside);
	check_code(verify_data_paths(a, &one, 1, true, &list, &count, &e), E_FORMAT);
	check(strstr(e.text, "model export") != NULL);
	error_clear(&e);
	check(mkfifo(pipe, 0600) == 0);
	check_code(verify_data_paths(a, &pipe, 1, true, &list, &count, &e), E_FORMAT);
	error_clear(&e);
	check_ok(file_write(inside, "{}", 2, 0600, &e));
	check_ok(file_write(path_of("weights.safetensors"), "x", 1, 0600, &e));
	check_ok(verify_data_paths(a, &one, 1, true, &list, &count, &e));
	check(count >= 2 && strcmp(list[0], inside) == 0);
	check(strcmp(list[1], path_of("weights.safetensors")) == 0);
	check_ok(verify_data_paths(a, &inside, 1, true, &list, &count, &e));
	check(count == 1 && strcmp(list[0], inside) == 0);
	check_ok(verify_data_paths(a, &one, 1, false, &list, &count, &e));
	for (size_t i = 0; i < count; i++)
		check(!strstr(list[i], "weights.safetensors"));
	(void)unlink(inside);
	(void)unlink(pipe);
}

int main(void)
{
	int failed = test_run_all("verify_data");

	json_decref(answer);
	sums_destroy(all);
	sums_destroy(other);
	weights_destroy(weights);
	return failed;
}
