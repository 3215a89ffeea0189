/*
 * scan: is anything left of files that should be gone? Reads every byte of every file in some
 * places, and their names, and looks for pieces of the lost files wherever they stand.
 * usage: scan LOST TEXTS KEPT.. -- PLACE..
 * LOST: a folder; each 16 bytes of each file in it are a piece, at every offset that 16 divides: of
 * what survived in 31 bytes or more a whole piece is found. TEXTS: a file with a text of 8 bytes or
 * more on each line, digests in hex are looked for as bytes too. KEPT: folders whose files may have
 * pieces in common with the lost ones (headers, tables), which do not count. Prints one JSON
 * document; exit 1: something was found.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY = 8, PIECE = 16, DISTINCT = 8, PATH_LEN = 8192, FILTER_BITS = 24, DIGEST = 32,
       PLACES_TOLD = 5 };
#define PATTERNS_MAX ((size_t)1 << 26)

/* Found by its first KEY bytes; a slot of the table without a pattern has len 0. */
struct pattern {
	const uint8_t *at;
	size_t len;
	bool kept; /* is in KEPT too: not looked for any more */
};

struct scan {
	struct pattern *slot; /* open addressing, cap is a power of two */
	size_t cap, pieces, texts;
	uint8_t *filter; /* a bit for each key that may be there */
	bool drop;	 /* what is met is taken out: KEPT is being read */
	uint64_t files, bytes, found, told;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "scan: %s: %s\n", what, why);
	exit(2);
}

static void *room(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		die("memory", strerror(ENOMEM));
	return p;
}

/* --- patterns --- */

static uint64_t key_of(const uint8_t *at)
{
	uint64_t k;

	memcpy(&k, at, KEY);
	return k * UINT64_C(0x9e3779b97f4a7c15);
}

/* False: it is there already. */
static bool put_slot(struct scan *s, struct pattern p)
{
	size_t i = (size_t)(key_of(p.at) >> 20) & (s->cap - 1);

	for (; s->slot[i].len; i = (i + 1) & (s->cap - 1))
		if (s->slot[i].len == p.len && memcmp(s->slot[i].at, p.at, p.len) == 0)
			return false;
	s->slot[i] = p;
	return true;
}

static void grow(struct scan *s)
{
	struct pattern *old = s->slot;
	size_t cap = s->cap;

	if (cap >= PATTERNS_MAX)
		die("patterns", "too many");
	s->cap = cap ? 2 * cap : 1 << 16;
	s->slot = room(s->cap, sizeof(*s->slot));
	for (size_t i = 0; i < cap; i++)
		if (old[i].len)
			(void)put_slot(s, old[i]);
	free(old);
}

/* 1, or 0 where it is looked for already. */
static size_t look_for(struct scan *s, const uint8_t *at, size_t len)
{
	uint64_t bit = key_of(at) >> (64 - FILTER_BITS);

	if (2 * (s->pieces + s->texts) >= s->cap)
		grow(s);
	s->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
	return put_slot(s, (struct pattern){ at, len, false });
}

/* Runs such as zeros are found anywhere, and say nothing; nor may many pieces begin with them. */
static bool says_something(const uint8_t *at)
{
	bool seen[256] = { false };
	int distinct = 0;

	for (int i = 0; i < PIECE; i++) {
		distinct += !seen[at[i]];
		seen[at[i]] = true;
		if (i == KEY - 1 && distinct <= DISTINCT / 2)
			return false;
	}
	return distinct > DISTINCT;
}

/* How many patterns begin here. While KEPT is read they end here too. */
static uint64_t patterns_at(struct scan *s, const uint8_t *at, size_t left)
{
	uint64_t key = key_of(at), bit = key >> (64 - FILTER_BITS), count = 0;
	size_t mask = s->cap - 1;

	if (!(s->filter[bit / 8] & 1u << bit % 8))
		return 0;
	for (size_t i = (size_t)(key >> 20) & mask; s->slot[i].len; i = (i + 1) & mask) {
		struct pattern *p = &s->slot[i];

		if (p->kept || p->len > left || memcmp(p->at, at, p->len) != 0)
			continue;
		count++;
		p->kept = s->drop;
		s->pieces -= s->drop;
	}
	return count;
}

/* --- files --- */

static uint8_t *read_all(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *bytes;

	if (!f || fstat(fileno(f), &st) < 0)
		die(path, strerror(errno));
	bytes = room((size_t)st.st_size + 1, 1);
	*ret_len = fread(bytes, 1, (size_t)st.st_size, f);
	if (ferror(f))
		die(path, strerror(errno));
	fclose(f);
	return bytes;
}

static void each_file(struct scan *s, const char *path, void (*each)(struct scan *, const char *))
{
	char inner[PATH_LEN];
	struct dirent *d;
	struct stat st;
	DIR *dir;

	if (lstat(path, &st) < 0)
		die(path, strerror(errno));
	if (S_ISREG(st.st_mode))
		each(s, path);
	if (!S_ISDIR(st.st_mode))
		return;
	dir = opendir(path);
	if (!dir)
		die(path, strerror(errno));
	while ((d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (snprintf(inner, sizeof(inner), "%s/%s", path, d->d_name) >= (int)sizeof(inner))
			die(path, "name too long");
		each_file(s, inner, each);
	}
	closedir(dir);
}

/* Its bytes stay in memory where patterns point into them. */
static void add_lost(struct scan *s, const char *path)
{
	size_t len, before = s->pieces;
	uint8_t *bytes = read_all(path, &len);

	for (size_t i = 0; i + PIECE <= len; i += PIECE)
		if (says_something(bytes + i))
			s->pieces += look_for(s, bytes + i, PIECE);
	if (s->pieces == before)
		free(bytes);
}

static bool is_digest(const char *text, size_t len)
{
	return len == 2 * DIGEST && strspn(text, "0123456789abcdef") == len;
}

static void add_digest(struct scan *s, const char *hex)
{
	uint8_t *raw = room(DIGEST, 1);
	size_t new;

	for (int i = 0; i < DIGEST; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		raw[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	new = look_for(s, raw, DIGEST);
	s->texts += new;
	if (!new)
		free(raw);
}

static void add_texts(struct scan *s, const char *path)
{
	size_t len, before = s->texts;
	char *all = (char *)read_all(path, &len), *end = all + len;

	for (char *line = all, *next; line < end; line = next + 1) {
		size_t size = strcspn(line, "\n");

		next = line + size;
		if (size < KEY)
			continue;
		s->texts += look_for(s, (const uint8_t *)line, size);
		if (is_digest(line, size))
			add_digest(s, line);
	}
	if (s->texts == before)
		free(all);
}

static uint64_t count_in(struct scan *s, const uint8_t *bytes, size_t len)
{
	uint64_t found = 0;

	for (size_t i = 0; i + KEY <= len; i++)
		found += patterns_at(s, bytes + i, len - i);
	return found;
}

static void look_into(struct scan *s, const char *path)
{
	size_t len;
	uint8_t *bytes = read_all(path, &len);
	uint64_t found = count_in(s, bytes, len) + count_in(s, (const uint8_t *)path, strlen(path));

	free(bytes);
	if (s->drop)
		return;
	s->files++;
	s->bytes += len;
	if (found > 0 && s->told++ < PLACES_TOLD)
		fprintf(stderr, "scan: something is in %s\n", path);
	s->found += found;
}

int main(int argc, char **argv)
{
	static struct scan s; /* in use until the end */
	int i = 3;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: scan LOST TEXTS KEPT.. -- PLACE..\n");
		return 2;
	}
	s.filter = room((size_t)1 << FILTER_BITS >> 3, 1);
	grow(&s);
	each_file(&s, argv[1], add_lost);
	s.drop = true;
	for (int kept = 3; kept < i; kept++)
		each_file(&s, argv[kept], look_into);
	s.drop = false;
	add_texts(&s, argv[2]);
	while (++i < argc)
		each_file(&s, argv[i], look_into);
	printf("{\"pieces\":%zu,\"texts\":%zu,\"files\":%llu,\"bytes\":%llu,\"found\":%llu}\n", s.pieces,
	       s.texts, (unsigned long long)s.files, (unsigned long long)s.bytes,
	       (unsigned long long)s.found);
	return s.found > 0;
}
