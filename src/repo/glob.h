/*
 * glob: does a path match a pattern? As fnmatch without FNM_PATHNAME: * is any number of bytes,
 * "/" too (so ** is the same), ? one character, [a-z] one of these, [!a-z] or [^a-z] one other;
 * \ takes the next one as it is. A character is one of UTF-8, or one byte where the path is no
 * UTF-8. A [ that nothing closes is itself. Pure.
 */
#ifndef REPO_GLOB_H
#define REPO_GLOB_H

#include <stdbool.h>
#include <stddef.h>

enum { GLOB_MAX = 4096 }; /* bytes of a pattern; the caller refuses longer ones */

bool glob_match(const char *glob, size_t glob_len, const char *path, size_t path_len);
/* A pattern without wildcards is one path: true, and it is in ret (room for len bytes). If the
 * pattern is UTF-8, it matches that path alone. */
bool glob_is_path(const char *glob, size_t len, char *ret, size_t *ret_len);

#endif
