/*
 * shape: what an object of JSON has, said as a table, and one reader of all such tables. Each
 * member is there, of its form and within its limit, and no other is. What was read lies in a
 * struct of the caller: texts are lent from the JSON, bytes and lists from the arena.
 */
#ifndef WIRE_SHAPE_H
#define WIRE_SHAPE_H

#include <stddef.h>

#include "base/arena.h"
#include "wire/json.h"

enum shape_form {
	SHAPE_END,	   /* of a table */
	SHAPE_TEXT,	   /* const char *, of min to max bytes; max 0: of any number */
	SHAPE_NUMBER,	   /* uint64_t, min to max; max 0: to INT64_MAX */
	SHAPE_FLAG,	   /* bool */
	SHAPE_HEX,	   /* max bytes, of lowercase digits */
	SHAPE_HEX_OR_NONE, /* the same, or "", which leaves them 0, and the count too */
	SHAPE_TIME,	   /* uint64_t, UTC in milliseconds, spelled as like says (base/text.h) */
	SHAPE_BYTES,	   /* strict base64: const uint8_t *, then a NUL; whole units, min to max */
	SHAPE_LIST,	   /* min to max items, unit bytes each in a row that at points to */
	SHAPE_OBJECT,	   /* of a table: its members lie in the same struct */
	SHAPE_OPEN,	   /* the same, but other members may stand beside those of the table */
	SHAPE_COUNTS,	   /* the same, if these are numbers from 0 on */
	SHAPE_JSON	   /* const json_t *, of any type; max 0: of any number of members */
};

/* After a value was read. ret: the struct. */
typedef int shape_then(void *ctx, const json_t *value, void *ret, struct error *e);
struct shape {
	const char *key; /* of an item: NULL */
	enum shape_form form;
	size_t at;	 /* in the struct */
	size_t min, max;
	size_t count_at; /* of a size_t: how many units or items, of others 1; 0: nowhere */
	size_t unit;
	const struct shape *of; /* OBJECT, OPEN, COUNTS: the members, up to SHAPE_END; LIST: an item */
	const char *like;
	shape_then *then;	/* NULL is fine */
	bool optional;		/* a member that is missing leaves its place as it was */
};

/* One value. ret is filled with 0 by the caller. Errors: E_FORMAT, E_RANGE (a limit), E_MEMORY,
 * and what `then` says; behind the way to the value. */
must_use int shape_read(struct arena *a, const json_t *j, const struct shape *s, void *ctx,
			void *ret, struct error *e);

#endif
