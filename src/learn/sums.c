#include "learn/sums.h"

#include <stdlib.h>

#include "base/text.h"
#include "learn/crew.h"
#include "learn/gram.h"
#include "learn/wide.h"

static bool features_name_valid(const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return len > 0 && len <= SUMS_FEATURES_MAX;
}

int sums_create(struct sums **ret, const char *features, size_t d, size_t numbers, struct error *e)
{
	scoped(sums) *s = NULL;

	if (!features_name_valid(features))
		return error_set(e, E_FORMAT, "not the name of an extractor");
	if (d == 0 || d > SUMS_DIM_MAX || numbers > SUMS_OUTPUTS_MAX ||
	    d * numbers > SUMS_CELLS_MAX)
		return error_set(e, E_RANGE, "%zu features for %zu numbers", d, numbers);
	s = calloc(1, sizeof(*s));
	if (!s)
		return error_set(e, E_MEMORY, "sums");
	s->kind = numbers ? SUMS_NUMBERS : SUMS_LABELS;
	strcpy(s->features, features);
	s->d = d;
	s->s = calloc(d, sizeof(*s->s));
	s->g = calloc(sums_triangle(d), sizeof(*s->g));
	s->output = calloc(numbers ? numbers : 1, sizeof(*s->output));
	if (!s->s || !s->g || !s->output)
		return error_set(e, E_MEMORY, "sums of %zu features", d);
	for (s->cap = numbers; s->count < numbers; s->count++) {
		s->output[s->count].x = calloc(d, sizeof(int64_t));
		if (!s->output[s->count].x)
			return error_set(e, E_MEMORY, "sums of %zu numbers", numbers);
	}
	*ret = give(s);
	return 0;
}

static void output_end(struct output *o, size_t d)
{
	if (o->label)
		wipe(o->label, strlen(o->label));
	if (o->x)
		wipe(o->x, d * sizeof(*o->x));
	free(o->label);
	free(o->x);
}

void sums_destroy(struct sums *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		output_end(&s->output[i], s->d);
	if (s->s)
		wipe(s->s, s->d * sizeof(*s->s));
	if (s->g)
		wipe(s->g, sums_triangle(s->d) * sizeof(*s->g));
	free(s->s);
	free(s->g);
	free(s->output);
	free(s);
}

/* The first output whose label is not below this one. */
static size_t output_place(const struct sums *s, const char *label)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (strcmp(s->output[i].label, label) < 0)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

static struct output *output_find(const struct sums *s, const char *label)
{
	size_t i = output_place(s, label);

	return i < s->count && strcmp(s->output[i].label, label) == 0 ? &s->output[i] : NULL;
}

static bool label_valid(const char *label)
{
	size_t len = strlen(label), i;

	for (i = 0; i < len; i++)
		if ((uint8_t)label[i] < ' ' || label[i] == 127)
			return false;
	return len > 0 && len <= SUMS_LABEL_MAX && utf8_valid(label, len);
}

static int output_room(struct sums *s, struct error *e)
{
	size_t cap = 2 * s->cap + 16;
	struct output *more;

	if (s->count >= SUMS_OUTPUTS_MAX || (s->count + 1) * s->d > SUMS_CELLS_MAX)
		return error_set(e, E_RANGE, "more than %zu labels", s->count);
	if (s->count < s->cap)
		return 0;
	more = realloc(s->output, cap * sizeof(*more));
	if (!more)
		return error_set(e, E_MEMORY, "%zu labels", cap);
	s->output = more;
	s->cap = cap;
	return 0;
}

struct output *sums_output(struct sums *s, const char *label, struct error *e)
{
	struct output o = { 0 };
	size_t at;

	if (s->kind != SUMS_LABELS || !label_valid(label)) {
		error_set(e, E_FORMAT, "not a label");
		return NULL;
	}
	at = output_place(s, label);
	if (at < s->count && strcmp(s->output[at].label, label) == 0)
		return &s->output[at];
	if (output_room(s, e) < 0)
		return NULL;
	o.label = strdup(label);
	o.x = calloc(s->d, sizeof(*o.x));
	if (!o.label || !o.x) {
		output_end(&o, s->d);
		error_set(e, E_MEMORY, "label");
		return NULL;
	}
	memmove(&s->output[at + 1], &s->output[at], (s->count - at) * sizeof(o));
	s->output[at] = o;
	s->count++;
	return &s->output[at];
}

static void drop_empty(struct sums *s)
{
	size_t i, kept = 0;

	if (s->kind != SUMS_LABELS)
		return;
	for (i = 0; i < s->count; i++)
		if (s->output[i].sum == 0)
			output_end(&s->output[i], s->d);
		else
			s->output[kept++] = s->output[i];
	s->count = kept;
}

static int output_possible(const struct sums *s, const struct output *o, struct error *e)
{
	int64_t most = s->kind == SUMS_LABELS ? o->sum : s->n * SUMS_TARGET_MAX;

	if (s->kind == SUMS_LABELS && (o->sum < 0 || o->sum > s->n))
		return error_set(e, E_MISMATCH, "a label of %lld records", (long long)o->sum);
	if (s->kind == SUMS_NUMBERS &&
	    (o->sum > most || o->sum < -most || o->t2 < 0 ||
	     (int128)s->n * o->t2 < (int128)o->sum * o->sum))
		return error_set(e, E_MISMATCH, "a sum of numbers that cannot be");
	for (size_t i = 0; i < s->d; i++)
		if (o->x[i] > 128 * most || o->x[i] < -128 * most)
			return error_set(e, E_MISMATCH, "a label or number with features that "
					 "%lld records cannot have", (long long)most);
	return 0;
}

/* Is no product beyond the greatest that n records have? Bits settle it nearly always. */
static bool products_possible(const struct sums *s)
{
	const int64_t most = 16384 * s->n;
	size_t len = sums_triangle(s->d), i;
	uint64_t bits = 0;

	for (i = 0; i < len; i++)
		bits |= (uint64_t)(s->g[i] ^ s->g[i] >> 63);
	if (bits < (uint64_t)most)
		return true;
	for (i = 0; i < len; i++)
		if (s->g[i] > most || s->g[i] < -most)
			return false;
	return true;
}

/* Only what records without any relation to each other must fulfil, too. */
int sums_possible(const struct sums *s, struct error *e)
{
	int64_t labelled = 0;
	size_t i;

	if (s->n < 0 || s->n > SUMS_RECORDS_MAX)
		return error_set(e, E_MISMATCH, "sums of %lld records", (long long)s->n);
	if (!products_possible(s))
		return error_set(e, E_MISMATCH, "products beyond %lld records", (long long)s->n);
	for (i = 0; i < s->d; i++)
		if ((int128)s->n * s->g[i * (i + 1) / 2 + i] < (int128)s->s[i] * s->s[i])
			return error_set(e, E_MISMATCH, "feature %zu has a square below 0", i);
	for (i = 0; i < s->count; i++) {
		if (output_possible(s, &s->output[i], e) < 0)
			return e->code;
		labelled += s->output[i].sum;
	}
	if (s->kind == SUMS_LABELS && labelled != s->n)
		return error_set(e, E_MISMATCH, "%lld records, %lld of them with a label",
				 (long long)s->n, (long long)labelled);
	return 0;
}

/* Of the records, the sums by output: a job for each stretch of features. */
enum { STRETCH = 256 };
struct by_output {
	const struct sums *s;
	const struct records *r;
	const uint32_t *index; /* of the label of each */
	int sign;
};

static void add_row(int64_t *restrict x, const int8_t *restrict row, size_t count, int64_t by)
{
	for (size_t i = 0; i < count; i++)
		x[i] += by * row[i];
}

static int add_stretch(void *ctx, size_t job, struct error *e)
{
	const struct by_output *p = ctx;
	const struct sums *s = p->s;
	size_t from = job * STRETCH, count = s->d - from < STRETCH ? s->d - from : STRETCH;

	(void)e;
	for (size_t i = 0; i < p->r->count; i++) {
		const int8_t *row = p->r->features + i * s->d + from;

		if (p->index)
			add_row(s->output[p->index[i]].x + from, row, count, p->sign);
		else
			for (size_t k = 0; k < s->count; k++)
				add_row(s->output[k].x + from, row, count,
					p->sign * p->r->numbers[i * s->count + k]);
	}
	return 0;
}

static void count_outputs(struct sums *s, const struct records *r, const uint32_t *index, int sign)
{
	for (size_t i = 0; i < r->count; i++) {
		if (index) {
			s->output[index[i]].sum += sign;
			continue;
		}
		for (size_t k = 0; k < s->count; k++) {
			int64_t t = r->numbers[i * s->count + k];

			s->output[k].sum += sign * t;
			s->output[k].t2 += sign * t * t;
		}
	}
	s->n += sign * (int64_t)r->count;
}

/* Below this many products of features, other threads are not worth their beginning. */
#define WORTH_A_CREW ((size_t)1 << 25)

static int apply(struct sums *s, const struct records *r, const uint32_t *index, int sign,
		 struct error *e)
{
	struct by_output p = { s, r, index, sign };
	scoped(crew) *c = NULL;

	if (r->count * s->d * s->d >= WORTH_A_CREW && crew_create(&c, e) < 0)
		return e->code;
	/* The only two that can fail do so before anything is changed. */
	if (gram_add(gram_best(), c, s->g, s->s, r->features, r->count, s->d, sign, e) < 0 ||
	    crew_run(c, (s->d + STRETCH - 1) / STRETCH, add_stretch, &p, e) < 0)
		return e->code;
	count_outputs(s, r, index, sign);
	return 0;
}

static int check_records(const struct sums *s, const struct records *r, struct error *e)
{
	if (r->count > SUMS_RECORDS_MAX / 2 || (s->kind == SUMS_LABELS) != (r->labels != NULL) ||
	    (s->kind == SUMS_NUMBERS) != (r->numbers != NULL))
		return error_set(e, E_RANGE, "%zu records of another kind", r->count);
	for (size_t i = 0; r->numbers && i < r->count * s->count; i++)
		if (r->numbers[i] > SUMS_TARGET_MAX || r->numbers[i] < -SUMS_TARGET_MAX)
			return error_set(e, E_RANGE, "number %d is beyond %d",
					 (int)r->numbers[i], SUMS_TARGET_MAX);
	return 0;
}

/* The output of each record; NULL for numbers. make: labels that are not there are made. */
static int index_labels(struct sums *s, const struct records *r, bool make, uint32_t **ret,
			struct error *e)
{
	uint32_t *index;
	size_t i;

	*ret = NULL;
	if (s->kind == SUMS_NUMBERS)
		return 0;
	for (i = 0; i < r->count; i++)
		if (make ? !sums_output(s, r->labels[i], e) : !output_find(s, r->labels[i]))
			return make ? e->code
				    : error_set(e, E_MISMATCH, "nothing has the label to subtract");
	index = malloc((r->count + 1) * sizeof(*index));
	if (!index)
		return error_set(e, E_MEMORY, "%zu labels", r->count);
	for (i = 0; i < r->count; i++)
		index[i] = (uint32_t)(output_find(s, r->labels[i]) - s->output);
	*ret = index;
	return 0;
}

int sums_add(struct sums *s, const struct records *r, struct error *e)
{
	uint32_t *index = NULL;
	int code = check_records(s, r, e);

	if (code == 0 && s->n + (int64_t)r->count > SUMS_RECORDS_MAX)
		code = error_set(e, E_RANGE, "more than %lld records", (long long)SUMS_RECORDS_MAX);
	if (code == 0)
		code = index_labels(s, r, true, &index, e);
	if (code == 0)
		code = apply(s, r, index, 1, e);
	free(index);
	drop_empty(s);
	return code;
}

/* Nothing of a label may be left when its last record is gone. */
static int check_left(const struct sums *s, struct error *e)
{
	for (size_t k = 0; k < s->count; k++)
		for (size_t i = 0; s->kind == SUMS_LABELS && i < s->d; i++)
			if (s->output[k].sum == 0 && s->output[k].x[i] != 0)
				return error_set(e, E_MISMATCH, "a label without records, but not "
						 "without features");
	return sums_possible(s, e);
}

int sums_subtract(struct sums *s, const struct records *r, struct error *e)
{
	uint32_t *index = NULL;
	int code = check_records(s, r, e);

	if (code == 0 && s->n < (int64_t)r->count)
		code = error_set(e, E_MISMATCH, "%zu records of %lld", r->count, (long long)s->n);
	if (code == 0)
		code = index_labels(s, r, false, &index, e);
	if (code == 0)
		code = apply(s, r, index, -1, e);
	if (code == 0 && check_left(s, e) < 0) {
		struct error again = { 0 };

		code = e->code;
		if (apply(s, r, index, 1, &again) < 0)
			code = error_set(e, again.code, "sums are of no use any more");
	}
	free(index);
	drop_empty(s);
	return code;
}

/* All outputs of other exist in s. */
static void add_all(struct sums *s, const struct sums *other, int64_t sign)
{
	size_t i, k;

	for (i = 0; i < sums_triangle(s->d); i++)
		s->g[i] += sign * other->g[i];
	for (i = 0; i < s->d; i++)
		s->s[i] += sign * other->s[i];
	for (k = 0; k < other->count; k++) {
		const struct output *from = &other->output[k];
		struct output *to = from->label ? output_find(s, from->label) : &s->output[k];

		to->sum += sign * from->sum;
		to->t2 += sign * from->t2;
		for (i = 0; i < s->d; i++)
			to->x[i] += sign * from->x[i];
	}
	s->n += sign * other->n;
}

static int check_alike(const struct sums *s, const struct sums *other, struct error *e)
{
	if (s->kind != other->kind || s->d != other->d ||
	    strcmp(s->features, other->features) != 0 ||
	    (s->kind == SUMS_NUMBERS && s->count != other->count))
		return error_set(e, E_MISMATCH, "sums of other features");
	return 0;
}

int sums_merge(struct sums *s, const struct sums *other, struct error *e)
{
	int code = 0;

	if (check_alike(s, other, e) < 0)
		return e->code;
	if (s->n + other->n > SUMS_RECORDS_MAX)
		return error_set(e, E_RANGE, "more than %lld records", (long long)SUMS_RECORDS_MAX);
	for (size_t k = 0; code == 0 && k < other->count; k++)
		if (other->output[k].label && !sums_output(s, other->output[k].label, e))
			code = e->code;
	if (code == 0)
		add_all(s, other, 1);
	drop_empty(s);
	return code;
}

int sums_unmerge(struct sums *s, const struct sums *other, struct error *e)
{
	if (check_alike(s, other, e) < 0)
		return e->code;
	for (size_t k = 0; k < other->count; k++)
		if (other->output[k].label && !output_find(s, other->output[k].label))
			return error_set(e, E_MISMATCH, "nothing has the label to subtract");
	add_all(s, other, -1);
	if (check_left(s, e) < 0) {
		add_all(s, other, 1);
		return e->code;
	}
	drop_empty(s);
	return 0;
}

bool sums_equal(const struct sums *a, const struct sums *b)
{
	size_t k;

	if (a->kind != b->kind || strcmp(a->features, b->features) != 0 || a->d != b->d ||
	    a->count != b->count || a->n != b->n ||
	    memcmp(a->s, b->s, a->d * sizeof(*a->s)) != 0 ||
	    memcmp(a->g, b->g, sums_triangle(a->d) * sizeof(*a->g)) != 0)
		return false;
	for (k = 0; k < a->count; k++) {
		const struct output *x = &a->output[k], *y = &b->output[k];

		if (x->sum != y->sum || x->t2 != y->t2 ||
		    (x->label && strcmp(x->label, y->label) != 0) ||
		    memcmp(x->x, y->x, a->d * sizeof(*x->x)) != 0)
			return false;
	}
	return true;
}

int sums_copy(struct sums **ret, const struct sums *s, struct error *e)
{
	scoped(sums) *copy = NULL;
	size_t numbers = s->kind == SUMS_NUMBERS ? s->count : 0;

	if (sums_create(&copy, s->features, s->d, numbers, e) < 0 ||
	    sums_merge(copy, s, e) < 0)
		return e->code;
	*ret = give(copy);
	return 0;
}
