/* Sums, weights and proofs as safetensors: sums.h and weights.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "learn/solve.h"
#include "wire/safetensors.h"

/* Labels are one text of the metadata: a JSON array. */
static void set_labels(json_t *metadata, const char *(*label)(const void *of, size_t i),
		       const void *of, size_t count, struct error *e)
{
	scoped_json *labels = json_array_make(e);
	scoped(buf) *b = NULL;

	for (size_t i = 0; i < count; i++)
		json_add_new(labels, json_string(label(of, i)), e);
	if (e->code == 0 && buf_create(&b, 0, e) == 0 && json_put(labels, b, e) == 0)
		json_set_text(metadata, "labels", buf_text(b), e);
}

static json_t *metadata_make(const char *format, enum sums_kind kind, const char *features,
			     struct error *e)
{
	json_t *m;

	error_clear(e); /* what is kept in it from here on is of this file */
	m = json_object_make(e);
	json_set_text(m, "features", features, e);
	json_set_text(m, "format", format, e);
	json_set_text(m, "kind", kind == SUMS_LABELS ? "labels" : "numbers", e);
	return m;
}

/* What metadata_make wrote. */
static int metadata_check(const struct safetensors *f, const char *format, enum sums_kind *ret_kind,
			  struct error *e)
{
	const char *is = safetensors_text(f, "format"), *kind = safetensors_text(f, "kind");

	if (!is || !kind || strcmp(is, format) != 0 || !safetensors_text(f, "features"))
		return error_set(e, E_FORMAT, "not a file of %s", format);
	if (strcmp(kind, "labels") != 0 && strcmp(kind, "numbers") != 0)
		return error_set(e, E_FORMAT, "%s of an unknown kind", format);
	*ret_kind = strcmp(kind, "labels") == 0 ? SUMS_LABELS : SUMS_NUMBERS;
	return 0;
}

/* The labels of the metadata, count of them; NULL with e set. */
static json_t *read_labels(const struct safetensors *f, size_t count, struct error *e)
{
	const char *text = safetensors_text(f, "labels");
	json_t *labels = NULL;
	size_t i;

	if (!text) {
		error_set(e, E_FORMAT, "no labels");
		return NULL;
	}
	if (json_parse(&labels, text, strlen(text), SAFETENSORS_HEADER_MAX, e) < 0)
		return NULL;
	for (i = 0; i < count && json_is_string(json_array_get(labels, i)); i++)
		if (i > 0 && strcmp(json_string_value(json_array_get(labels, i - 1)),
				    json_string_value(json_array_get(labels, i))) >= 0)
			break;
	if (json_array_size(labels) == count && i == count && json_is_array(labels))
		return labels;
	json_decref(labels);
	error_set(e, E_FORMAT, "labels are not %zu texts in order", count);
	return NULL;
}

/* The tensor of I64 of this name and rank. */
static const struct tensor *read_tensor(const struct safetensors *f, const char *name, size_t rank,
					struct error *e)
{
	const struct tensor *t = safetensors_find(f, name);

	if (!t || strcmp(t->dtype, "I64") != 0 || t->rank != rank) {
		error_set(e, E_FORMAT, "no tensor \"%s\" of %zu dimensions", name, rank);
		return NULL;
	}
	return t;
}

static void copy(int64_t *to, const struct tensor *from, uint64_t first, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = safetensors_i64(from, first + i);
}

static const char *label_of_sums(const void *of, size_t i)
{
	return ((const struct sums *)of)->output[i].label;
}

static const char *label_of_weights(const void *of, size_t i)
{
	return ((const struct weights *)of)->label[i];
}

/* x, sum and t2 lie with the outputs: gathered here for the file. */
static int gather(const struct sums *s, int64_t **ret, struct error *e)
{
	int64_t *all = malloc((s->count * (s->d + 2) + 1) * sizeof(*all));

	if (!all)
		return error_set(e, E_MEMORY, "%zu outputs", s->count);
	for (size_t k = 0; k < s->count; k++) {
		memcpy(all + k * s->d, s->output[k].x, s->d * sizeof(*all));
		all[s->count * s->d + k] = s->output[k].sum;
		all[s->count * (s->d + 1) + k] = s->output[k].t2;
	}
	*ret = all;
	return 0;
}

int sums_put(const struct sums *s, struct buf *b, struct error *e)
{
	scoped_json *m = metadata_make("rescind-sums/1", s->kind, s->features, e);
	int64_t *all = NULL;
	int code;

	if (s->kind == SUMS_LABELS)
		set_labels(m, label_of_sums, s, s->count, e);
	if (e->code < 0 || gather(s, &all, e) < 0)
		return e->code;
	struct tensor t[] = {
		{ .name = "G", .rank = 1, .shape = { sums_triangle(s->d) }, .bytes = s->g },
		{ .name = "X", .rank = 2, .shape = { s->count, s->d }, .bytes = all },
		{ .name = "n", .rank = 1, .shape = { 1 }, .bytes = &s->n },
		{ .name = "s", .rank = 1, .shape = { s->d }, .bytes = s->s },
		{ .name = "sum", .rank = 1, .shape = { s->count }, .bytes = all + s->count * s->d },
		{ .name = "t2", .rank = 1, .shape = { s->count },
		  .bytes = all + s->count * (s->d + 1) },
	};

	code = safetensors_put(t, s->kind == SUMS_LABELS ? COUNT_OF(t) - 1 : COUNT_OF(t), m, b, e);
	wipe(all, s->count * (s->d + 2) * sizeof(*all));
	free(all);
	return code;
}

static int read_outputs(struct sums *s, const struct safetensors *f, size_t count, struct error *e)
{
	const struct tensor *x = read_tensor(f, "X", 2, e), *sum = read_tensor(f, "sum", 1, e);
	const struct tensor *t2 = s->kind == SUMS_NUMBERS ? read_tensor(f, "t2", 1, e) : NULL;
	scoped_json *labels = NULL;

	if (!x || !sum || (s->kind == SUMS_NUMBERS && !t2))
		return e->code;
	if (x->shape[1] != s->d || sum->count != count || (t2 && t2->count != count))
		return error_set(e, E_FORMAT, "outputs of different shapes");
	if (s->kind == SUMS_LABELS)
		labels = read_labels(f, count, e);
	if (s->kind == SUMS_LABELS && !labels)
		return e->code;
	for (size_t k = 0; k < count; k++) {
		struct output *o = s->kind == SUMS_NUMBERS ? &s->output[k] : sums_output(
			s, json_string_value(json_array_get(labels, k)), e);

		if (!o)
			return e->code;
		copy(o->x, x, k * s->d, s->d);
		o->sum = safetensors_i64(sum, k);
		o->t2 = t2 ? safetensors_i64(t2, k) : 0;
		if (s->kind == SUMS_LABELS && o->sum == 0)
			return error_set(e, E_FORMAT, "a label without records");
	}
	return 0;
}

static int read_sums(struct sums **ret, const struct safetensors *f, enum sums_kind kind,
		     struct error *e)
{
	const struct tensor *g = read_tensor(f, "G", 1, e), *s = read_tensor(f, "s", 1, e);
	const struct tensor *x = read_tensor(f, "X", 2, e), *n = read_tensor(f, "n", 1, e);
	scoped(sums) *to = NULL;
	size_t count;

	if (!g || !s || !x || !n)
		return e->code;
	count = x->shape[0];
	if (f->count != (kind == SUMS_LABELS ? 5 : 6) || n->count != 1 ||
	    s->count > SUMS_DIM_MAX || x->shape[1] != s->count ||
	    g->count != sums_triangle(s->count) ||
	    (kind == SUMS_NUMBERS && count == 0))
		return error_set(e, E_FORMAT, "tensors that are no sums");
	if (sums_create(&to, safetensors_text(f, "features"), s->count,
			kind == SUMS_NUMBERS ? count : 0, e) < 0)
		return e->code;
	to->n = safetensors_i64(n, 0);
	copy(to->s, s, 0, to->d);
	copy(to->g, g, 0, g->count);
	if (read_outputs(to, f, count, e) < 0)
		return e->code;
	if (sums_possible(to, e) < 0)
		return error_set(e, E_FORMAT, "numbers that are no sums of records");
	*ret = give(to);
	return 0;
}

int sums_parse(struct sums **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(safetensors) *f = NULL;
	enum sums_kind kind;

	if (safetensors_parse(&f, bytes, len_bytes, e) < 0 ||
	    metadata_check(f, "rescind-sums/1", &kind, e) < 0 || read_sums(ret, f, kind, e) < 0)
		return error_wrap(e, "sums");
	return 0;
}

/* Rows of d + 1 as two tensors. */
static int put_rows(const struct weights *w, const int64_t *rows, const json_t *m, struct buf *b,
		    struct error *e)
{
	int64_t *all = malloc((w->count * (w->d + 1) + 1) * sizeof(*all));
	struct tensor t[] = {
		{ .name = "b", .rank = 1, .shape = { w->count }, .bytes = all },
		{ .name = "w", .rank = 2, .shape = { w->count, w->d } },
	};
	int code;

	if (!all)
		return error_set(e, E_MEMORY, "%zu rows", w->count);
	t[1].bytes = all + w->count;
	for (size_t k = 0; k < w->count; k++) {
		all[k] = rows[k * (w->d + 1) + w->d];
		memcpy(all + w->count + k * w->d, rows + k * (w->d + 1), w->d * sizeof(*all));
	}
	code = safetensors_put(t, 2, m, b, e);
	wipe(all, w->count * (w->d + 1) * sizeof(*all));
	free(all);
	return code;
}

static int read_rows(int64_t *rows, const struct safetensors *f, size_t count, size_t d,
		     struct error *e)
{
	const struct tensor *b = read_tensor(f, "b", 1, e), *w = read_tensor(f, "w", 2, e);

	if (!b || !w)
		return e->code;
	if (f->count != 2 || b->count != count || w->shape[0] != count || w->shape[1] != d)
		return error_set(e, E_FORMAT, "rows of different shapes");
	for (size_t k = 0; k < count; k++) {
		copy(rows + k * (d + 1), w, k * d, d);
		rows[k * (d + 1) + d] = safetensors_i64(b, k);
	}
	return 0;
}

int weights_put(const struct weights *w, struct buf *b, struct error *e)
{
	scoped_json *m = metadata_make("rescind-weights/1", w->kind, w->features, e);
	char lambda[24];

	snprintf(lambda, sizeof(lambda), "%" PRId64, w->lambda);
	json_set_text(m, "lambda", lambda, e);
	json_set_text(m, "unit", "2^-30", e);
	if (w->kind == SUMS_LABELS)
		set_labels(m, label_of_weights, w, w->count, e);
	return e->code < 0 ? e->code : put_rows(w, w->w, m, b, e);
}

int weights_digest(const struct weights *w, struct hash *ret, struct error *e)
{
	scoped(buf) *b = NULL;

	if (buf_create(&b, 0, e) < 0 || weights_put(w, b, e) < 0)
		return e->code;
	hash_bytes(ret, b->data, b->len);
	return 0;
}

static int read_weights(struct weights **ret, const struct safetensors *f, enum sums_kind kind,
			struct error *e)
{
	const struct tensor *w = read_tensor(f, "w", 2, e);
	const char *lambda = safetensors_text(f, "lambda");
	scoped(sums) *shape = NULL;
	scoped(weights) *to = NULL;
	scoped_json *labels = NULL;
	uint64_t strength;

	if (!w)
		return e->code;
	if (!lambda || number_parse(&strength, lambda, strlen(lambda), e) < 0 || strength < 1 ||
	    strength > LEARN_LAMBDA_MAX || w->shape[0] < 1 || w->shape[0] > SUMS_OUTPUTS_MAX ||
	    w->shape[1] < 1 || w->shape[1] > SUMS_DIM_MAX)
		return error_set(e, E_FORMAT, "tensors that are no weights");
	if (kind == SUMS_LABELS)
		labels = read_labels(f, w->shape[0], e);
	/* The limits of what weights are of are those of sums. */
	if ((kind == SUMS_LABELS && !labels) ||
	    sums_create(&shape, safetensors_text(f, "features"), w->shape[1],
			kind == SUMS_NUMBERS ? w->shape[0] : 0, e) < 0)
		return e->code;
	for (size_t i = 0; i < json_array_size(labels); i++)
		if (!sums_output(shape, json_string_value(json_array_get(labels, i)), e))
			return e->code;
	if (weights_create(&to, shape, (int64_t)strength, e) < 0 ||
	    read_rows(to->w, f, to->count, to->d, e) < 0)
		return e->code;
	if (!weights_fit(to))
		return error_set(e, E_RANGE, "weights beyond their limit");
	*ret = give(to);
	return 0;
}

int weights_parse(struct weights **ret, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(safetensors) *f = NULL;
	enum sums_kind kind;

	if (safetensors_parse(&f, bytes, len_bytes, e) < 0 ||
	    metadata_check(f, "rescind-weights/1", &kind, e) < 0 ||
	    read_weights(ret, f, kind, e) < 0)
		return error_wrap(e, "weights");
	return 0;
}

int weights_put_proof(const struct weights *w, struct buf *b, struct error *e)
{
	scoped_json *m = metadata_make("rescind-proof/1", w->kind, w->features, e);
	struct hash digest;

	if (!w->proof)
		return error_set(e, E_NOT_FOUND, "the weights have no proof");
	if (weights_digest(w, &digest, e) < 0)
		return e->code;
	json_set_text(m, "unit", "2^-92", e);
	json_set_text(m, "weights_sha256", hash_hex(&digest).s, e);
	return e->code < 0 ? e->code : put_rows(w, w->proof, m, b, e);
}

/* The proof of other weights is refused by the digest it names. */
static int read_proof(struct weights *w, const struct safetensors *f, struct error *e)
{
	const char *of = safetensors_text(f, "weights_sha256");
	struct hash digest;
	int64_t *rows;

	if (weights_digest(w, &digest, e) < 0)
		return e->code;
	if (!of || strcmp(of, hash_hex(&digest).s) != 0)
		return error_set(e, E_MISMATCH, "of other weights");
	rows = calloc(w->count, (w->d + 1) * sizeof(*rows));
	if (!rows)
		return error_set(e, E_MEMORY, "%zu rows", w->count);
	if (read_rows(rows, f, w->count, w->d, e) < 0) {
		free(rows);
		return e->code;
	}
	free(w->proof);
	w->proof = rows;
	return 0;
}

int weights_parse_proof(struct weights *w, const void *bytes, size_t len_bytes, struct error *e)
{
	scoped(safetensors) *f = NULL;
	enum sums_kind kind;

	if (safetensors_parse(&f, bytes, len_bytes, e) < 0 ||
	    metadata_check(f, "rescind-proof/1", &kind, e) < 0 || read_proof(w, f, e) < 0)
		return error_wrap(e, "proof");
	return 0;
}
