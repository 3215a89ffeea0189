#include "learn/loo.h"

#include <math.h>
#include <stdlib.h>

#include "base/pool.h"
#include "learn/guess.h"
#include "learn/solve.h"

enum { COLS = GUESS_COLS };

struct loo {
	const struct sums *s;
	const struct weights *w;
	struct guess *guess;
	double g_norm, s_norm; /* of all entries of G, of s */
	struct sums *rest;     /* a copy to take records out of, when one has to be */
};

void loo_destroy(struct loo *l)
{
	if (!l)
		return;
	guess_destroy(l->guess);
	sums_destroy(l->rest);
	free(l);
}

static void measure(struct loo *l)
{
	const struct sums *s = l->s;
	double squares = 0;

	for (size_t i = 0; i < s->d; i++)
		for (size_t j = 0; j <= i; j++) {
			double g = (double)s->g[i * (i + 1) / 2 + j];

			squares += j < i ? 2 * g * g : g * g;
		}
	l->g_norm = sqrt(squares);
	for (size_t i = 0; i < s->d; i++)
		l->s_norm = hypot(l->s_norm, (double)s->s[i]);
}

int loo_create(struct loo **ret, const struct sums *s, const struct weights *w, struct error *e)
{
	scoped(loo) *l = NULL;
	scoped(crew) *c = NULL;

	if (s->kind == SUMS_NUMBERS && s->count != 1)
		return error_set(e, E_RANGE, "%zu numbers of one record", s->count);
	if (s->kind != w->kind || s->d != w->d || s->count != w->count || w->lambda < 1)
		return error_set(e, E_MISMATCH, "weights of other sums");
	l = calloc(1, sizeof(*l));
	if (!l)
		return error_set(e, E_MEMORY, "leave-one-out");
	l->s = s;
	l->w = w;
	measure(l);
	if (crew_create(&c, e) < 0 || guess_create(&l->guess, c, s, w->lambda, e) < 0)
		return e->code;
	*ret = give(l);
	return 0;
}

/* --- leverage --- */

/* Room for COLS records at a time, each a column. */
struct room {
	double (*v)[COLS]; /* x - mean */
	double (*z)[COLS]; /* about (scatter + lambda I)^-1 v; guess_rows of them */
	double (*r)[COLS]; /* v - (scatter + lambda I) z */
	int64_t *scores;
	size_t rows;
};

static int room_make(struct room *m, const struct loo *l, struct error *e)
{
	m->rows = guess_rows(l->guess);
	m->v = aligned_alloc(64, m->rows * sizeof(*m->v));
	m->z = aligned_alloc(64, m->rows * sizeof(*m->z));
	m->r = aligned_alloc(64, m->rows * sizeof(*m->r));
	m->scores = malloc(l->s->count * sizeof(*m->scores));
	if (!m->v || !m->z || !m->r || !m->scores)
		return error_set(e, E_MEMORY, "leave-one-out");
	memset(m->v, 0, m->rows * sizeof(*m->v));
	return 0;
}

static void room_done(struct room *m)
{
	if (m->v)
		wipe(m->v, m->rows * sizeof(*m->v));
	if (m->z)
		wipe(m->z, m->rows * sizeof(*m->z));
	if (m->r)
		wipe(m->r, m->rows * sizeof(*m->r));
	free(m->v);
	free(m->z);
	free(m->r);
	free(m->scores);
}

/* r = v - (G - s s'/n + lambda I) z, row i with the triangle both ways. */
static void residuals(const struct loo *l, struct room *m)
{
	const struct sums *s = l->s;
	double mean[COLS] = { 0 };
	size_t i, j, c;

	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++)
			mean[c] += (double)s->s[i] * m->z[i][c];
	for (i = 0; i < s->d; i++)
		for (c = 0; c < COLS; c++)
			m->r[i][c] = m->v[i][c] - (double)l->w->lambda * m->z[i][c] +
				     (double)s->s[i] * (mean[c] / (double)s->n);
	for (i = 0; i < s->d; i++) {
		const int64_t *g = s->g + i * (i + 1) / 2;

		for (j = 0; j < i; j++)
			for (c = 0; c < COLS; c++) {
				m->r[i][c] -= (double)g[j] * m->z[j][c];
				m->r[j][c] -= (double)g[j] * m->z[i][c];
			}
		for (c = 0; c < COLS; c++)
			m->r[i][c] -= (double)g[i] * m->z[i][c];
	}
}

static double length_of(double (*x)[COLS], size_t d, size_t c)
{
	double squares = 0;

	for (size_t i = 0; i < d; i++)
		squares += x[i][c] * x[i][c];
	return sqrt(squares);
}

/*
 * 1 - h of one column, and how far it may be off. The inverse is at most 1 / lambda long, so what the
 * residual leaves of v'z is at most |v| |r| / lambda. What rounding loses in sums of d products is
 * below `lost` of the lengths of their factors; means are off by less than that of 128.
 */
static void leverage(const struct loo *l, const struct room *m, size_t c, double *ret,
		     double *ret_error)
{
	const struct sums *s = l->s;
	double v = length_of(m->v, s->d, c), z = length_of(m->z, s->d, c);
	double r = length_of(m->r, s->d, c), lost = (double)(s->d + 16) * 0x1p-50;
	double n = (double)s->n, lambda = (double)l->w->lambda, h = 1 / n;

	for (size_t i = 0; i < s->d; i++)
		h += m->v[i][c] * m->z[i][c];
	r += lost * (v + (l->g_norm + l->s_norm * l->s_norm / n + lambda) * z);
	*ret = 1 - h;
	*ret_error = v * r / lambda * (1 + lost) + lost * (v * z + (v + 128) * v / lambda + 1);
}

/* --- one answer --- */

/* A score without the record, in units of 1, and how far off it may be. */
struct guessed {
	double score, error;
};

/* weights: how far a score may be from that of unrounded weights. */
static struct guessed without(double t, double score, double left, double error, double weights)
{
	double e = t - score, least = left - error;

	return (struct guessed){
		.score = t - e / left,
		.error = weights / least + fabs(e) * error / (left * least) + weights +
			 (fabs(t) + fabs(e / left) + fabs(score)) * 0x1p-48,
	};
}

/* What half a unit in each weight and the intercept makes. */
static double rounding_of(const int8_t *x, size_t d)
{
	int64_t sum = 1;

	for (size_t i = 0; i < d; i++)
		sum += abs(x[i]);
	return (double)sum * 0x1p-31;
}

/* True when the answer is certain. Comparisons are so made that no number at all is not. */
static bool answer_label(const struct loo *l, const struct guessed *of, size_t own,
			 struct loo_answer *ret)
{
	size_t best = SIZE_MAX;

	for (size_t c = 0; c < l->s->count; c++)
		if ((c != own || l->s->output[c].sum > 1) &&
		    (best == SIZE_MAX || of[c].score > of[best].score))
			best = c;
	for (size_t c = 0; c < l->s->count; c++)
		if (c != best && (c != own || l->s->output[c].sum > 1) &&
		    !(of[best].score - of[c].score > of[best].error + of[c].error))
			return false;
	if (!(of[best].error < INFINITY))
		return false;
	ret->label = l->w->label[best];
	ret->score = of[best].score;
	return true;
}

static bool answer_number(const struct guessed *of, struct loo_answer *ret)
{
	double up = floor(of->score + 0.5);

	if (!(fabs(of->score) < 0x1p40 && of->score + 0.5 - up > of->error &&
	      up + 1 - (of->score + 0.5) > of->error))
		return false;
	ret->number = (int64_t)up;
	ret->score = of->score;
	return true;
}

static size_t place_of(const struct weights *w, const char *label)
{
	size_t c = 0;

	while (c < w->count && strcmp(w->label[c], label) != 0)
		c++;
	return c;
}

/* The i-th record, as column c. True when the answer is certain. */
static bool answer(const struct loo *l, const struct room *m, const struct records *r, size_t i,
		   size_t c, struct guessed *of, struct loo_answer *ret)
{
	const int8_t *x = r->features + i * l->s->d;
	double left, error, weights = rounding_of(x, l->s->d);
	bool labels = l->s->kind == SUMS_LABELS;
	size_t own = labels ? place_of(l->w, r->labels[i]) : 0;

	leverage(l, m, c, &left, &error);
	/* Nearly all of the answer is this record's own: let integers say. */
	if (!(left > 2 * error && left > 0x1p-20))
		return false;
	weights_scores(l->w, x, m->scores);
	for (size_t k = 0; k < l->s->count; k++) {
		double t = labels ? (k == own ? 1 : -1) : r->numbers[i];

		of[k] = without(t, (double)m->scores[k] * 0x1p-30, left, error, weights);
	}
	return labels ? answer_label(l, of, own, ret) : answer_number(of, ret);
}

/* --- many --- */

struct batch {
	const struct loo *l;
	const struct records *r;
	struct loo_answer *ret;
};

static int answer_columns(void *ctx, size_t job, struct error *e)
{
	const struct batch *b = ctx;
	const struct sums *s = b->l->s;
	size_t first = job * COLS, count = b->r->count - first < COLS ? b->r->count - first : COLS;
	struct guessed *of = malloc(s->count * sizeof(*of));
	struct room m = { 0 };
	int code = of ? room_make(&m, b->l, e) : error_set(e, E_MEMORY, "leave-one-out");

	if (code == 0) {
		for (size_t c = 0; c < count; c++)
			for (size_t i = 0; i < s->d; i++)
				m.v[i][c] = b->r->features[(first + c) * s->d + i] -
					    (double)s->s[i] / (double)s->n;
		memcpy(m.z, m.v, m.rows * sizeof(*m.z));
		guess_solve(b->l->guess, m.z[0], 1);
		residuals(b->l, &m);
		for (size_t c = 0; c < count; c++)
			b->ret[first + c].solved = !answer(b->l, &m, b->r, first + c, c, of,
							   &b->ret[first + c]);
	}
	room_done(&m);
	free(of);
	return code;
}

/* --- those that are not certain --- */

static int read_answer(const struct loo *l, const struct weights *rest, const int8_t *x,
		       struct loo_answer *ret, struct error *e)
{
	int64_t *scores = calloc(rest->count, sizeof(*scores));
	size_t best;

	if (!scores)
		return error_set(e, E_MEMORY, "leave-one-out");
	weights_scores(rest, x, scores);
	best = weights_best(scores, rest->count);
	ret->score = (double)scores[best] * 0x1p-30;
	if (rest->kind == SUMS_NUMBERS)
		ret->number = score_number(scores[0]);
	else
		ret->label = l->w->label[place_of(l->w, rest->label[best])];
	free(scores);
	return 0;
}

static int really_leave_out(struct loo *l, const struct records *r, size_t i,
			    struct loo_answer *ret, struct error *e)
{
	const struct records one = { 1, r->features + i * l->s->d, r->labels ? r->labels + i : NULL,
				     r->numbers ? r->numbers + i : NULL };
	scoped(weights) *rest = NULL;
	int code;

	if (!l->rest && sums_copy(&l->rest, l->s, e) < 0)
		return e->code;
	if (sums_subtract(l->rest, &one, e) < 0)
		return e->code;
	code = learn_solve(&rest, l->rest, l->w->lambda, e);
	if (code == 0)
		code = read_answer(l, rest, one.features, ret, e);
	if (sums_add(l->rest, &one, code == 0 ? e : NULL) < 0) {
		sums_destroy(l->rest);
		l->rest = NULL;
	}
	return code == 0 && !l->rest ? e->code : code;
}

static int check_inside(const struct loo *l, const struct records *r, struct error *e)
{
	if (r->count < 1 || r->count > LOO_BATCH)
		return error_set(e, E_RANGE, "%zu records", r->count);
	if (l->s->n < 1 || (l->s->kind == SUMS_LABELS ? !r->labels : !r->numbers))
		return error_set(e, E_MISMATCH, "records of other sums");
	for (size_t i = 0; r->labels && i < r->count; i++)
		if (place_of(l->w, r->labels[i]) == l->w->count)
			return error_set(e, E_MISMATCH, "a label that is not there");
	return 0;
}

int loo_answers(struct loo *l, const struct records *r, struct loo_answer *ret, struct error *e)
{
	struct batch b = { l, r, ret };

	if (check_inside(l, r, e) < 0)
		return e->code;
	memset(ret, 0, r->count * sizeof(*ret));
	if (l->s->n == 1) {
		for (size_t i = 0; i < r->count; i++)
			ret[i].none = true;
		return 0;
	}
	if (pool_run((r->count + COLS - 1) / COLS, answer_columns, &b, e) < 0)
		return e->code;
	for (size_t i = 0; i < r->count; i++)
		if (ret[i].solved && really_leave_out(l, r, i, &ret[i], e) < 0)
			return e->code;
	return 0;
}
