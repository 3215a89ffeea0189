#include "cli/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/json.h"

enum { LINE_MAX_CHARS = 76 };

/* --- text --- */

void print_put(struct print *p, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (p->e->code || len <= 0 || buf_reserve(p->text, (size_t)len + 1, p->e) < 0)
		return;
	va_start(args, format);
	vsnprintf((char *)p->text->data + p->text->len, (size_t)len + 1, format, args);
	va_end(args);
	p->text->len += (size_t)len;
}

static void put_bytes(struct print *p, const char *bytes, size_t len)
{
	if (p->e->code == 0)
		(void)(buf_put(p->text, bytes, len, p->e) < 0);
}

/* What a terminal might obey instead of showing: C0, DEL, C1 (U+0080 to U+009F), and the marks
 * that turn the direction of a line. */
static bool is_obeyed(const unsigned char *c, size_t len)
{
	if (len == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (len == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return len == 3 && c[0] == 0xe2 &&
	       ((c[1] == 0x80 &&
		 ((c[2] >= 0xa8 && c[2] <= 0xae) || c[2] == 0x8e || c[2] == 0x8f)) ||
		(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

static void put_escaped(struct print *p, const char *bytes, size_t len)
{
	if (len == 1 && (*bytes == '\n' || *bytes == '\t')) {
		print_put(p, "%s", *bytes == '\n' ? "\\n" : "\\t");
		return;
	}
	for (size_t i = 0; i < len; i++)
		print_put(p, "\\x%02x", (unsigned char)bytes[i]);
}

void print_text(struct print *p, const char *text)
{
	size_t left = text ? strlen(text) : 0, plain = 0;

	for (size_t at = 0; at < left;) {
		size_t len = utf8_char(text + at, left - at);

		if (len > 0 && !is_obeyed((const unsigned char *)text + at, len)) {
			plain += len;
			at += len;
			continue;
		}
		put_bytes(p, text + at - plain, plain);
		plain = 0;
		put_escaped(p, text + at, len ? len : 1);
		at += len ? len : 1;
	}
	if (left > 0)
		put_bytes(p, text + left - plain, plain);
}

void print_paint(struct print *p, enum paint how, const char *text)
{
	static const char *const codes[] = { [PAINT_BOLD] = "1", [PAINT_DIM] = "2",
					     [PAINT_GOOD] = "32", [PAINT_BAD] = "31" };
	bool painted = p->colour && how != PAINT_PLAIN;

	if (painted)
		print_put(p, "\033[%sm", codes[how]);
	print_text(p, text);
	if (painted)
		print_put(p, "\033[0m");
}

void print_title(struct print *p, const char *title)
{
	print_paint(p, PAINT_BOLD, title);
	print_put(p, "\n");
}

static bool is_among(const char *word, const char *const *words)
{
	for (; words && *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

void print_state(struct print *p, const char *state)
{
	static const char *const good[] = { "allow", "live", "certified", "ok", "done", NULL };
	static const char *const bad[] = { "deny", "withdrawn", "failed", "NOT OK", "quarantined",
					   NULL };

	print_paint(p, is_among(state, good) ? PAINT_GOOD :
		      is_among(state, bad) ? PAINT_BAD : PAINT_PLAIN, state);
}

/* --- values --- */

void print_number(struct print *p, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (int i = 0; i < len; i++)
		print_put(p, "%s%c", i > 0 && (len - i) % 3 == 0 ? "," : "", digits[i]);
}

static void put_integer(struct print *p, json_int_t n)
{
	if (n < 0)
		print_put(p, "-");
	print_number(p, n < 0 ? (uint64_t) - (n + 1) + 1 : (uint64_t)n);
}

void print_member(struct print *p, const char *key, const json_t *v)
{
	static const char *const names[] = { "as_of", "batch", "fact", "first", "index", "last", "pos",
					     "size", "version", NULL };

	if (json_is_integer(v) && is_among(key, names))
		print_put(p, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		print_value(p, v);
}

/* Under "no-grant 3, signal 1" and lists with commas. Deeper things come as JSON. */
static void put_inside(struct print *p, const char *key, const json_t *v)
{
	char *text;

	if (!json_is_object(v) && !json_is_array(v)) {
		print_member(p, key, v);
		return;
	}
	text = json_dumps(v, JSON_COMPACT | JSON_REAL_PRECISION(6));
	print_text(p, text);
	free(text);
}

static void put_list(struct print *p, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		print_put(p, "%s", i ? ", " : "");
		put_inside(p, "", json_array_get(list, i));
	}
	if (json_array_size(list) == 0)
		print_put(p, "none");
}

static void put_object(struct print *p, const json_t *object)
{
	const char *key;
	json_t *v;
	bool first = true;

	json_object_foreach((json_t *)object, key, v) {
		print_put(p, "%s", first ? "" : ", ");
		print_text(p, key);
		print_put(p, " ");
		put_inside(p, key, v);
		first = false;
	}
	if (first)
		print_put(p, "none");
}

void print_value(struct print *p, const json_t *v)
{
	if (json_is_string(v))
		print_text(p, json_string_value(v));
	else if (json_is_integer(v))
		put_integer(p, json_integer_value(v));
	else if (json_is_real(v))
		print_put(p, "%.4g", json_real_value(v));
	else if (json_is_boolean(v))
		print_put(p, "%s", json_is_true(v) ? "yes" : "no");
	else if (json_is_array(v))
		put_list(p, v);
	else if (json_is_object(v))
		put_object(p, v);
	else
		print_put(p, "-");
}

/* --- documents --- */

static bool holds_objects(const json_t *list)
{
	return json_is_object(json_array_get(list, 0));
}

/* Sentences have spaces, and read better on lines of their own. */
static bool holds_sentences(const json_t *list)
{
	size_t chars = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text)
			continue;
		chars += strlen(text) + 2;
		if (strchr(text, ' ') || chars > LINE_MAX_CHARS)
			return true;
	}
	return false;
}

static bool is_block(const json_t *v)
{
	return json_is_array(v) && (holds_objects(v) || holds_sentences(v));
}

static void put_key(struct print *p, const char *key)
{
	for (; *key; key++)
		put_bytes(p, *key == '_' ? " " : key, 1);
}

/* Every key that a row has, in the order they are met. */
static size_t columns_of(const json_t *list, struct column *columns, size_t max)
{
	size_t count = 0, known;
	const char *name;
	json_t *v;

	for (size_t r = 0; r < json_array_size(list); r++)
		json_object_foreach(json_array_get(list, r), name, v) {
			for (known = 0; known < count; known++)
				if (strcmp(columns[known].key, name) == 0)
					break;
			if (known == count && count < max)
				columns[count++] = (struct column){ name, name, CELL_VALUE };
		}
	return count;
}

static void put_block(struct print *p, const char *key, const json_t *list)
{
	struct column columns[16];

	print_put(p, "\n");
	if (!holds_objects(list)) {
		print_list(p, key, list, NULL);
		return;
	}
	put_key(p, key);
	print_put(p, "\n");
	print_table(p, list, columns, columns_of(list, columns, COUNT_OF(columns)));
}

void print_members(struct print *p, const json_t *object, const char *const *except)
{
	const char *key;
	size_t width = 0;
	json_t *v;

	json_object_foreach((json_t *)object, key, v)
		if (!is_among(key, except) && !is_block(v) && strlen(key) > width)
			width = strlen(key);
	json_object_foreach((json_t *)object, key, v) {
		if (is_among(key, except) || is_block(v))
			continue;
		put_key(p, key);
		print_put(p, "%*s", (int)(width - strlen(key) + 2), "");
		if (json_is_string(v) && json_string_length(v) == 0)
			print_put(p, "-");
		print_member(p, key, v);
		print_put(p, "\n");
	}
	json_object_foreach((json_t *)object, key, v)
		if (!is_among(key, except) && is_block(v))
			put_block(p, key, v);
}

void print_document(struct print *p, const json_t *object)
{
	print_members(p, object, NULL);
}

void print_list(struct print *p, const char *title, const json_t *list, const char *none)
{
	if (json_array_size(list) == 0 && !none)
		return;
	print_title(p, title);
	for (size_t i = 0; i < json_array_size(list); i++) {
		print_put(p, "  - ");
		print_value(p, json_array_get(list, i));
		print_put(p, "\n");
	}
	if (json_array_size(list) == 0)
		print_put(p, "  %s\n", none);
}

/* --- members --- */

uint64_t member_number(const json_t *o, const char *key)
{
	return json_number_or(o, key, 0);
}

const char *member_text(const json_t *o, const char *key)
{
	return json_text_or(o, key, "");
}

const json_t *member_list(const json_t *o, const char *key)
{
	const json_t *list = json_object_get(o, key);

	return json_is_array(list) ? list : NULL;
}
