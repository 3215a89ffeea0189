/* Cards are read and photos decrypted here, while two children decode those before. */
#include "flow/gather.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "flow/decoder.h"

enum { DECODERS = 2, WINDOW = DECODERS * MEDIA_WINDOW, WINDOW_BYTES = 256 << 20 };

/* A record that was sent, until its answer is taken. */
struct sent {
	uint64_t pos;
	struct buf *bytes, *label; /* owned; label NULL for numbers */
	int32_t number;
};

struct gathering {
	struct repo *r;
	const struct recipe *how;
	int (*each)(void *ctx, const struct example *x, struct error *e);
	void *ctx;
	struct gathered counts;
	struct media *decoder[DECODERS]; /* item i is decoder[i % DECODERS]'s */
	struct sent window[WINDOW];	 /* item i lies at i % WINDOW */
	uint64_t put, taken;
	size_t bytes; /* held */
};

/* --- the target --- */

/* The value that this field of a card says of the target; NULL: it says nothing of it. */
static const char *value_in(const struct recipe *how, const struct field *f)
{
	size_t len = strlen(how->target);
	const char *text = buf_text(f->value);

	if (strcmp(how->target, "subject") == 0)
		return strcmp(f->name, "subject") == 0 ? text : NULL;
	if (strcmp(f->name, "attr") != 0 || strncmp(text, how->target, len) != 0 ||
	    text[len] != '=')
		return NULL;
	return text + len + 1;
}

static bool is_label(const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if ((uint8_t)value[i] < ' ' || value[i] == 127)
			return false;
	return len > 0 && len <= SUMS_LABEL_MAX && utf8_valid(value, len);
}

struct valuing {
	const struct recipe *how;
	struct buf *value; /* the one of the target; owned, NULL until there is one */
	bool several;
};

static int meet_value(void *ctx, const struct field *f, struct error *e)
{
	struct valuing *v = ctx;
	const char *value = value_in(v->how, f);

	if (!value)
		return 0;
	if (!v->value)
		return buf_from(&v->value, value, strlen(value), e);
	v->several = v->several || strcmp(buf_text(v->value), value) != 0;
	return 0;
}

/* The one value of the target on card and copies; NULL where there is none, or are several. */
static int value_of(const struct gathering *g, uint64_t pos, const struct fields *card,
		    struct buf **ret, struct error *e)
{
	struct valuing v = { .how = g->how };
	int code = repo_said(g->r, pos, card, meet_value, &v, e);

	if (code == 0 && v.value && !v.several && is_label(buf_text(v.value)))
		*ret = give(v.value);
	buf_destroy(v.value);
	return code;
}

static bool read_number(const char *value, int32_t *ret)
{
	bool negative = *value == '-';
	const char *digits = value + negative;
	uint64_t n;

	if (number_parse(&n, digits, strlen(digits), NULL) < 0 || n > SUMS_TARGET_MAX)
		return false;
	*ret = negative ? -(int32_t)n : (int32_t)n;
	return true;
}

/* --- photos --- */

static void forget(struct gathering *g, struct sent *s)
{
	g->bytes -= s->bytes ? s->bytes->len : 0;
	buf_destroy(s->bytes);
	buf_destroy(s->label);
	*s = (struct sent){ 0 };
}

/* The oldest answer, given on. */
static int take(struct gathering *g, struct error *e)
{
	struct sent *s = &g->window[g->taken % WINDOW];
	struct example x = { .pos = s->pos, .number = s->number,
			     .label = s->label ? buf_text(s->label) : NULL };
	struct media_info info;
	int code = 0;

	if (media_answer(g->decoder[g->taken % DECODERS], &info, e) < 0)
		return error_wrap(e, "the decoder");
	g->taken++;
	x.x = (const int8_t *)info.made;
	/* What is used must not depend on how busy the machine is. */
	if (info.died)
		code = error_set(e, E_IO, "record %" PRIu64 ": %s", s->pos, info.story);
	else if (info.whole && info.made)
		code = g->each(g->ctx, &x, e);
	if (!info.whole || !info.made)
		g->counts.no_picture++;
	else
		g->counts.used++;
	forget(g, s);
	return code;
}

static int take_all(struct gathering *g, struct error *e)
{
	int code = 0;

	while (code == 0 && g->taken < g->put)
		code = take(g, e);
	return code;
}

static bool is_full(const struct gathering *g, size_t more)
{
	return g->put > g->taken &&
	       (g->put - g->taken == WINDOW || g->bytes + more > WINDOW_BYTES);
}

static int send_photo(struct gathering *g, const struct catalog_record *rec, struct sent *s,
		struct error *e)
{
	struct sent *slot = &g->window[g->put % WINDOW];
	int code = 0;

	if (buf_create(&s->bytes, 65536, e) < 0 || repo_bytes(g->r, rec, s->bytes, e) < 0)
		return error_wrap(e, "record %" PRIu64, rec->pos);
	while (code == 0 && is_full(g, s->bytes->len))
		code = take(g, e);
	if (code != 0)
		return code;
	*slot = *s;
	*s = (struct sent){ 0 };
	g->bytes += slot->bytes->len;
	g->put++;
	return media_send(g->decoder[(g->put - 1) % DECODERS], slot->bytes->data, slot->bytes->len,
			  e);
}

/* A record whose value is usable. */
static int send_valued(struct gathering *g, const struct catalog_record *rec, const char *value,
		       struct error *e)
{
	struct sent s = { .pos = rec->pos };
	int code = 0;

	if (g->how->numbers && !read_number(value, &s.number)) {
		g->counts.no_number++;
		return 0;
	}
	if (!g->how->numbers)
		code = buf_from(&s.label, value, strlen(value), e);
	if (code == 0)
		code = send_photo(g, rec, &s, e);
	buf_destroy(s.bytes);
	buf_destroy(s.label);
	return code;
}

/* Looked up one by one: a walk of the catalog would keep everybody else from committing. */
static int gather_record(void *ctx, uint64_t pos, struct error *e)
{
	struct gathering *g = ctx;
	scoped(fields) *card = NULL;
	scoped(buf) *value = NULL;
	struct catalog_record rec;

	if (task_step(g->r->task, 1, e) < 0 || catalog_record(g->r->catalog, pos, &rec, e) < 0)
		return e->code;
	if (rec.status == RECORD_ERASED)
		return 0;
	if (repo_card(g->r, &rec, false, &card, e) < 0 ||
	    value_of(g, pos, card, &value, e) < 0)
		return error_wrap(e, "record %" PRIu64, pos);
	if (value)
		return send_valued(g, &rec, buf_text(value), e);
	g->counts.no_target++;
	return 0;
}

/* --- all of them --- */

static int open_decoders(struct gathering *g, struct error *e)
{
	for (int i = 0; i < DECODERS; i++)
		if (decoder_open(&g->decoder[i], g->how->features, e) < 0)
			return e->code;
	return 0;
}

static void gathering_done(struct gathering *g)
{
	for (int i = 0; i < DECODERS; i++)
		media_close(g->decoder[i]);
	for (; g->taken < g->put; g->taken++)
		forget(g, &g->window[g->taken % WINDOW]);
}

int gather(struct repo *r, const struct recipe *how, const struct set *which,
	   int (*each)(void *ctx, const struct example *x, struct error *e), void *ctx,
	   struct gathered *ret, struct error *e)
{
	struct gathering *g = calloc(1, sizeof(*g));
	int code;

	if (!g)
		return error_set(e, E_MEMORY, "records of a model");
	g->r = r;
	g->how = how;
	g->each = each;
	g->ctx = ctx;
	task_phase(r->task, "records", set_count(which));
	code = open_decoders(g, e);
	if (code == 0)
		code = set_each(which, gather_record, g, e);
	if (code == 0)
		code = take_all(g, e);
	if (code == 0)
		*ret = g->counts;
	gathering_done(g);
	free(g);
	return code;
}

int gather_bytes(struct media *decoder, const void *bytes, size_t len_bytes, size_t d, int8_t *ret,
		 struct error *e)
{
	struct media_info info;

	if (media_check(decoder, bytes, len_bytes, &info, e) < 0)
		return error_wrap(e, "the decoder");
	if (!info.whole || !info.made)
		return error_set(e, E_FORMAT, "%s: %s", info.type, info.story);
	memcpy(ret, info.made, d);
	return 0;
}
