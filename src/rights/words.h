/*
 * words: small lists of fixed words, and the nearest of them when somebody misspelt one. For
 * the folder itself.
 */
#ifndef RIGHTS_WORDS_H
#define RIGHTS_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/own.h"

struct words {
	const char *what; /* "basis": how the error calls it */
	const char *const *list;
	size_t count;	  /* at most 255 */
};

/* The index of the word that is exactly text. Errors: E_USAGE, which names all words. */
must_use int words_find(uint8_t *ret, const struct words *w, const char *text, size_t len,
			struct error *e);
/* "unknown" for an index beyond the list. */
const char *words_name(const struct words *w, uint8_t index);

/* The word that differs least (letters put in, left out or changed; upper and lower case are
 * the same here); NULL when every one differs in more than half of text. */
enum { WORD_MAX = 64 };
const char *words_nearest(const char *const *list, size_t count, const char *text, size_t len);

#endif
