#include "repo/glob.h"

#include <stdint.h>

#include "base/text.h"

struct piece {
	const char *at, *end;
};

/* The next character; what is no UTF-8 is no character of UTF-8 either. */
static uint32_t take_char(struct piece *p)
{
	size_t len = utf8_char(p->at, (size_t)(p->end - p->at));
	uint32_t c = 0;

	if (len == 0)
		return UINT32_C(0xff000000) | (uint8_t)*p->at++;
	while (len-- > 0)
		c = c << 8 | (uint8_t)*p->at++;
	return c;
}

/* One character of a pattern that may be written \c. A last \ is itself. */
static uint32_t take_literal(struct piece *p)
{
	if (*p->at == '\\' && p->at + 1 < p->end)
		p->at++;
	return take_char(p);
}

/* The ] that closes the class of which p is behind the [; NULL when there is none. */
static const char *class_end(struct piece p)
{
	bool first = true;

	if (p.at < p.end && (*p.at == '!' || *p.at == '^'))
		p.at++;
	for (; p.at < p.end; first = false) {
		if (*p.at == ']' && !first)
			return p.at;
		take_literal(&p);
	}
	return NULL;
}

/* p is behind the [ of a class that is closed at end; it is left behind the ]. */
static bool class_has(struct piece *p, const char *end, uint32_t c)
{
	struct piece in = { p->at, end };
	bool other = *in.at == '!' || *in.at == '^', found = false;

	p->at = end + 1;
	if (other)
		in.at++;
	while (in.at < in.end) {
		uint32_t low = take_literal(&in), high = low;

		if (in.at + 1 < in.end && *in.at == '-') {
			in.at++;
			high = take_literal(&in);
		}
		found |= low <= c && c <= high;
	}
	return found != other;
}

/* One step of the pattern, no star, against one character of the path. Both are not at their
 * ends, and are left behind what was taken. */
static bool step(struct piece *glob, struct piece *path)
{
	uint32_t c = take_char(path);
	const char *end;

	if (*glob->at == '?') {
		glob->at++;
		return true;
	}
	if (*glob->at == '[') {
		end = class_end((struct piece){ glob->at + 1, glob->end });
		if (end) {
			glob->at++;
			return class_has(glob, end, c);
		}
	}
	return take_literal(glob) == c;
}

bool glob_match(const char *glob, size_t glob_len, const char *path, size_t path_len)
{
	struct piece g = { glob, glob + glob_len }, p = { path, path + path_len };
	struct piece star_g = { NULL, NULL }, star_p = p;

	for (;;) {
		if (g.at < g.end && *g.at == '*') {
			g.at++;
			star_g = g;
			star_p = p;
			continue;
		}
		if (p.at == p.end && g.at == g.end)
			return true;
		if (p.at < p.end && g.at < g.end && step(&g, &p))
			continue;
		/* Only the last star need take more: what is before it has matched. */
		if (!star_g.at || star_p.at == star_p.end)
			return false;
		take_char(&star_p);
		g = star_g;
		p = star_p;
	}
}

bool glob_is_path(const char *glob, size_t len, char *ret, size_t *ret_len)
{
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		if (glob[i] == '*' || glob[i] == '?' || glob[i] == '[')
			return false;
		if (glob[i] == '\\' && i + 1 < len)
			i++;
		ret[out++] = glob[i];
	}
	*ret_len = out;
	return true;
}
