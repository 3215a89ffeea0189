/*
 * print: JSON documents as pages for people: aligned lines of keys and values, small tables.
 * Whatever stands in a document, a value takes one line: control bytes come out as \n or \x1b.
 * Pages are written into a buf; the first failure is kept in e, and later calls do nothing.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct print {
	struct buf *text; /* lent */
	bool colour;
	struct error *e; /* lent; code 0 at first */
};

/* As it is: for what we say ourselves. */
void print_put(struct print *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum paint { PAINT_PLAIN, PAINT_BOLD, PAINT_DIM, PAINT_GOOD, PAINT_BAD };
void print_paint(struct print *p, enum paint how, const char *text);
/* Text of others; NULL is nothing. */
void print_text(struct print *p, const char *text);

/* A value on one line: texts escaped, 1,234,567, yes or no, "-" for null, a list with commas, an
 * object as "no-grant 3, signal 1". */
void print_value(struct print *p, const json_t *v);
void print_number(struct print *p, uint64_t n);
/* The value of a member (v may be NULL: then it is "-"). A number that names a thing and is no count, such as
 * `pos`, has no commas: what is printed can be typed. */
void print_member(struct print *p, const char *key, const json_t *v);

/* "key  value" for every member, keys aligned; lists of objects follow as tables under their
 * name, lists of sentences as lines. Members in except (NULL-ended, may be NULL) are left out. */
void print_document(struct print *p, const json_t *object);
void print_members(struct print *p, const json_t *object, const char *const *except);

enum cell { CELL_VALUE, CELL_SHARE /* of 1, as 97.3 % and a bar */, CELL_STATE /* coloured */ };
struct column {
	const char *key;
	const char *title; /* "" for none */
	enum cell cell;
};
/* A line for each object of the list, indented by two spaces. Columns that no row has are left
 * out; numbers stand to the right. */
void print_table(struct print *p, const json_t *list, const struct column *columns, size_t count);
/* The same, each row further in by two spaces for every step of its number in `depth` beyond 1. */
void print_tree(struct print *p, const json_t *list, const char *depth,
	       const struct column *columns, size_t count);
/* A title, then the sentences of a list, one a line; where there are none, `none`; if that is
 * NULL, nothing at all. */
void print_list(struct print *p, const char *title, const json_t *list, const char *none);

/* For the colours of things: a title, a state or decision by what it means. */
void print_title(struct print *p, const char *title);
void print_state(struct print *p, const char *state);

/* Members of a document that may have another shape: 0, "" or NULL then. */
uint64_t member_number(const json_t *o, const char *key);
const char *member_text(const json_t *o, const char *key);
const json_t *member_list(const json_t *o, const char *key);

#endif
