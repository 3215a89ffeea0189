/* Reading and writing the values of small/jansson.h: RFC 8259 in UTF-8, and nothing more. */
#include "verify/small_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { DEPTH_MAX = 2048, DIGITS_MAX = 20, NUMBER_TEXT = 24 };

struct reader {
	const char *at, *end, *begin;
	json_error_t *error; /* text is empty until something failed */
	unsigned depth;
};

static json_t *value(struct reader *r);

/* The first failure is kept. Returns NULL. */
static void *fail(struct reader *r, enum json_error_code code, const char *text)
{
	if (r->error->text[0])
		return NULL;
	r->error->code = code;
	r->error->line = 1;
	for (const char *c = r->begin; c < r->at && c < r->end; c++)
		r->error->line += *c == '\n';
	snprintf(r->error->text, sizeof(r->error->text), "%s", text);
	return NULL;
}

static void *bad(struct reader *r, const char *text)
{
	return fail(r, json_error_invalid_syntax, text);
}

static void *no_memory(struct reader *r)
{
	return fail(r, json_error_out_of_memory, "out of memory");
}

/* The byte after spaces; 0 at the end, and no byte of the text is 0: json_loadb looked. */
static char peek(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
	return r->at < r->end ? *r->at : 0;
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

/* ---- strings ---- */

static int hex4(struct reader *r, unsigned *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *digit = r->at < r->end ? strchr(digits, *r->at) : NULL;

		if (!digit)
			return -1;
		*ret = *ret << 4 | (unsigned)((digit - digits) % 16);
	}
	return 0;
}

/* What follows \u: one code point, maybe of two halves. */
static int escaped_point(struct reader *r, unsigned *ret)
{
	unsigned low;

	if (hex4(r, ret) < 0 || *ret == 0 || (*ret >= 0xdc00 && *ret < 0xe000))
		return -1;
	if (*ret < 0xd800 || *ret >= 0xe000)
		return 0;
	if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
		return -1;
	r->at += 2;
	if (hex4(r, &low) < 0 || low < 0xdc00 || low >= 0xe000)
		return -1;
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return 0;
}

static size_t put_point(char *to, unsigned point)
{
	unsigned tail = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	static const unsigned char heads[] = { 0, 0xc0, 0xe0, 0xf0 };

	to[0] = (char)(heads[tail] | point >> (6 * tail));
	for (unsigned i = 1; i <= tail; i++)
		to[i] = (char)(0x80 | (point >> (6 * (tail - i)) & 0x3f));
	return tail + 1;
}

/* After a backslash. Appends at most as many bytes as it reads. */
static int escape(struct reader *r, char *to, size_t *len)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = r->at < r->end ? strchr(letters, *r->at) : NULL;
	unsigned point;

	if (letter) {
		to[(*len)++] = meant[letter - letters];
		r->at++;
		return 0;
	}
	if (r->at == r->end || *r->at++ != 'u' || escaped_point(r, &point) < 0)
		return -1;
	*len += put_point(to + *len, point);
	return 0;
}

/* The bytes up to the closing quote, which fit since no spelling is shorter than its meaning. */
static char *text(struct reader *r, size_t *ret_len)
{
	const char *quote = r->at;
	char *to;
	size_t len = 0;

	while (quote < r->end && *quote != '"')
		quote += *quote == '\\' ? 2 : 1;
	if (quote >= r->end)
		return bad(r, "premature end of input");
	to = malloc((size_t)(quote - r->at) + 1);
	if (!to)
		return no_memory(r);
	while (r->at < quote) {
		unsigned char c = (unsigned char)*r->at++;

		if (c < 0x20 || (c == '\\' && escape(r, to, &len) < 0)) {
			free(to);
			return bad(r, c == '\\' ? "invalid escape" : "control character");
		}
		if (c != '\\')
			to[len++] = (char)c;
	}
	r->at = quote + 1;
	to[len] = 0;
	*ret_len = len;
	if (utf8_valid(to, len))
		return to;
	free(to);
	return bad(r, "unable to decode byte");
}

static json_t *string(struct reader *r)
{
	size_t len = 0;
	char *bytes = text(r, &len);
	json_t *j = bytes ? small_value(JSON_STRING) : NULL;

	if (!j) {
		free(bytes);
		return bytes ? no_memory(r) : NULL;
	}
	j->bytes = bytes;
	j->count = len;
	return j;
}

/* ---- numbers and words ---- */

static size_t digits(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - from);
}

/* The fraction and exponent, where there are some. -1: begun and not ended. */
static int real_part(struct reader *r, bool *ret_any)
{
	const char *from = r->at;

	if (r->at < r->end && *r->at == '.') {
		r->at++;
		if (digits(r) == 0)
			return -1;
	}
	if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
		r->at++;
		if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
			r->at++;
		if (digits(r) == 0)
			return -1;
	}
	*ret_any = r->at > from;
	return 0;
}

static json_t *number(struct reader *r)
{
	const char *from = r->at, *first;
	char copy[NUMBER_TEXT] = { 0 };
	bool real = false;
	size_t count;
	json_t *j;

	r->at += *r->at == '-';
	first = r->at;
	count = digits(r);
	if (count == 0 || (count > 1 && *first == '0') || real_part(r, &real) < 0)
		return bad(r, "invalid token");
	if (!real && count >= DIGITS_MAX)
		return fail(r, json_error_numeric_overflow, "too big integer");
	j = small_value(real ? JSON_REAL : JSON_INTEGER);
	if (!j)
		return no_memory(r);
	if (real)
		return j;
	memcpy(copy, from, (size_t)(r->at - from));
	errno = 0;
	j->integer = strtoll(copy, NULL, 10);
	if (errno == 0)
		return j;
	json_decref(j);
	return fail(r, json_error_numeric_overflow, "too big integer");
}

static json_t *word(struct reader *r, const char *text_of, json_t *meant)
{
	size_t len = strlen(text_of);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, text_of, len) != 0)
		return bad(r, "invalid token");
	r->at += len;
	return meant;
}

/* ---- arrays and objects ---- */

static int items(struct reader *r, json_t *list)
{
	if (take(r, ']'))
		return 0;
	do {
		json_t *item = value(r);

		if (!item)
			return -1;
		if (json_array_append_new(list, item) < 0) {
			no_memory(r);
			return -1;
		}
	} while (take(r, ','));
	if (take(r, ']'))
		return 0;
	bad(r, "']' expected");
	return -1;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

/* As the other calls expect them: ascending, each key once. */
static int members_sort(struct reader *r, json_t *object)
{
	bool sorted = true;

	for (size_t i = 1; i < object->count && sorted; i++)
		sorted = by_key(&object->members[i - 1], &object->members[i]) < 0;
	if (sorted)
		return 0;
	qsort(object->members, object->count, sizeof(object->members[0]), by_key);
	for (size_t i = 1; i < object->count; i++)
		if (by_key(&object->members[i - 1], &object->members[i]) == 0) {
			bad(r, "duplicate object key");
			return -1;
		}
	return 0;
}

static int member(struct reader *r, json_t *object)
{
	size_t len = 0;
	char *key = NULL;
	json_t *of_key = NULL;

	if (!take(r, '"'))
		bad(r, "string or '}' expected");
	else
		key = text(r, &len);
	if (key && !take(r, ':'))
		bad(r, "':' expected");
	else if (key)
		of_key = value(r);
	if (!of_key) {
		free(key);
		return -1;
	}
	if (small_member_append(object, key, of_key) == 0)
		return 0;
	no_memory(r);
	return -1;
}

static int members(struct reader *r, json_t *object)
{
	if (take(r, '}'))
		return 0;
	do
		if (member(r, object) < 0)
			return -1;
	while (take(r, ','));
	if (take(r, '}'))
		return members_sort(r, object);
	bad(r, "'}' expected");
	return -1;
}

static json_t *many(struct reader *r, json_type type, int (*read)(struct reader *, json_t *))
{
	json_t *j = small_value(type);

	if (!j)
		return no_memory(r);
	r->at++;
	if (read(r, j) == 0)
		return j;
	json_decref(j);
	return NULL;
}

static json_t *value_of_any_type(struct reader *r)
{
	switch (peek(r)) {
	case '{': return many(r, JSON_OBJECT, members);
	case '[': return many(r, JSON_ARRAY, items);
	case '"': r->at++; return string(r);
	case 't': return word(r, "true", json_boolean(true));
	case 'f': return word(r, "false", json_boolean(false));
	case 'n': return word(r, "null", json_null());
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9': return number(r);
	default: return bad(r, "invalid token");
	}
}

static json_t *value(struct reader *r)
{
	json_t *j;

	if (r->depth == DEPTH_MAX)
		return fail(r, json_error_stack_overflow, "maximum parsing depth reached");
	r->depth++;
	j = value_of_any_type(r);
	r->depth--;
	return j;
}

json_t *json_loadb(const char *bytes, size_t len, size_t flags, json_error_t *ret_error)
{
	struct reader r = { bytes, bytes + len, bytes, ret_error, 0 };
	json_t *j;

	(void)flags;
	memset(ret_error, 0, sizeof(*ret_error));
	if (memchr(bytes, 0, len))
		return bad(&r, "a NUL byte");
	j = value(&r);
	if (j && peek(&r)) {
		bad(&r, "end of file expected");
		json_decref(j);
		return NULL;
	}
	return j;
}

/* ---- writing ---- */

struct writer {
	json_dump_callback_t put;
	void *ctx;
};

static int put_text(const struct writer *w, const char *t)
{
	return w->put(t, strlen(t), w->ctx);
}

static int put_string(const struct writer *w, const char *bytes, size_t len)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	size_t from = 0, i;
	int code = put_text(w, "\"");

	for (i = 0; i < len && code == 0; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *found = c ? strchr(plain, c) : NULL;
		char spelt[8];

		if (c >= 0x20 && !found)
			continue;
		if (found)
			snprintf(spelt, sizeof(spelt), "\\%c", letters[found - plain]);
		else
			snprintf(spelt, sizeof(spelt), "\\u%04X", c);
		code = w->put(bytes + from, i - from, w->ctx);
		if (code == 0)
			code = put_text(w, spelt);
		from = i + 1;
	}
	if (code == 0)
		code = w->put(bytes + from, len - from, w->ctx);
	return code ? code : put_text(w, "\"");
}

static int put_value(const struct writer *w, const json_t *j);

static int put_many(const struct writer *w, const json_t *j)
{
	int code = put_text(w, j->type == JSON_OBJECT ? "{" : "[");

	for (size_t i = 0; i < j->count && code == 0; i++) {
		const struct member *m = j->type == JSON_OBJECT ? &j->members[i] : NULL;

		if (i > 0)
			code = put_text(w, ",");
		if (code == 0 && m)
			code = put_string(w, m->key, strlen(m->key));
		if (code == 0 && m)
			code = put_text(w, ":");
		if (code == 0)
			code = put_value(w, m ? m->value : j->items[i]);
	}
	return code ? code : put_text(w, j->type == JSON_OBJECT ? "}" : "]");
}

static int put_value(const struct writer *w, const json_t *j)
{
	char digits_of[NUMBER_TEXT];

	switch (j->type) {
	case JSON_TRUE: return put_text(w, "true");
	case JSON_FALSE: return put_text(w, "false");
	case JSON_NULL: return put_text(w, "null");
	case JSON_STRING: return put_string(w, j->bytes, j->count);
	case JSON_INTEGER:
		snprintf(digits_of, sizeof(digits_of), "%lld", j->integer);
		return put_text(w, digits_of);
	case JSON_REAL: return -1;
	default: return put_many(w, j);
	}
}

int json_dump_callback(const json_t *j, json_dump_callback_t put, void *ctx, size_t flags)
{
	const struct writer w = { put, ctx };

	(void)flags;
	return j ? put_value(&w, j) : -1;
}
