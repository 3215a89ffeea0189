/*
 * own: ownership that is visible. `scoped(buf) *b = NULL;` ends b with its
 * scope on every path; `give(b)` is how it leaves alive.
 */
#ifndef BASE_OWN_H
#define BASE_OWN_H

#include <string.h>

#define must_use __attribute__((warn_unused_result))

#define SCOPED(type, destroy)						\
	static inline void type##_scope_end(struct type **p)		\
	{								\
		destroy(*p);						\
	}								\
	struct type
#define scoped(type) __attribute__((cleanup(type##_scope_end))) struct type

static inline void *give_(void *pointer_to_owner)
{
	void *p, *none = NULL;

	memcpy(&p, pointer_to_owner, sizeof(p));
	memcpy(pointer_to_owner, &none, sizeof(none));
	return p;
}
#define give(owner) give_(&(owner))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
