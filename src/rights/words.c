#include "rights/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && memcmp(word, text, len) == 0;
}

static int unknown_word(const struct words *w, const char *text, size_t len, struct error *e)
{
	char all[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < w->count && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "",
					 w->list[i]);
	return error_set(e, E_USAGE, "no %s \"%.*s\": use one of %s", w->what,
			 (int)(len < WORD_MAX ? len : WORD_MAX), text, all);
}

int words_find(uint8_t *ret, const struct words *w, const char *text, size_t len, struct error *e)
{
	for (size_t i = 0; i < w->count; i++)
		if (is_word(w->list[i], text, len)) {
			*ret = (uint8_t)i;
			return 0;
		}
	return unknown_word(w, text, len, e);
}

const char *words_name(const struct words *w, uint8_t index)
{
	return index < w->count ? w->list[index] : "unknown";
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * Levenshtein's distance, one row at a time. cost[j] is that from the letters of text read so
 * far to the first j of word:
 *
 *	corner  above		cost of the row before, at j-1 and j
 *	left    cost[j]
 */
static size_t distance(const char *text, size_t len, const char *word)
{
	size_t cost[WORD_MAX + 1], word_len = strlen(word);

	for (size_t j = 0; j <= word_len; j++)
		cost[j] = j;
	for (size_t i = 0; i < len; i++) {
		size_t corner = cost[0];

		cost[0] = i + 1;
		for (size_t j = 1; j <= word_len; j++) {
			size_t above = cost[j];

			cost[j] = least(above + 1, cost[j - 1] + 1,
					corner + (lower(text[i]) != lower(word[j - 1])));
			corner = above;
		}
	}
	return cost[word_len];
}

const char *words_nearest(const char *const *list, size_t count, const char *text, size_t len)
{
	const char *nearest = NULL;
	size_t best = len / 2 + 1;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d = strlen(list[i]) > WORD_MAX ? best : distance(text, len, list[i]);

		if (d < best) {
			best = d;
			nearest = list[i];
		}
	}
	return nearest;
}
