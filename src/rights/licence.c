#include "rights/licence.h"

#include <stdlib.h>
#include <string.h>

#include "rights/words.h"

/* Sorted by bytes. */
static const char *const ids[] = {
#define X(id) id,
#include "rights/licences.def"
#undef X
};

static const char ref_prefix[] = "LicenseRef-";
enum { REF_PREFIX_LEN = sizeof(ref_prefix) - 1 };

/* What few licences deny, by how their id begins; the first that fits. */
enum denies { COMMERCIAL = 1, SHARE_DERIVED = 2 };
static const struct entry {
	const char *begins;
	unsigned denies;
} entries[] = {
	{ "CC-BY-NC-ND-", COMMERCIAL | SHARE_DERIVED },
	{ "CC-BY-NC-", COMMERCIAL }, /* and CC-BY-NC-SA- */
	{ "CC-BY-ND-", SHARE_DERIVED },
	{ "NCGL-UK-2.0", COMMERCIAL },
	{ "PolyForm-Noncommercial-1.0.0", COMMERCIAL },
};

static int by_bytes(const void *key, const void *id)
{
	return strcmp(key, *(const char *const *)id);
}

static bool in_list(const char *id)
{
	return bsearch(id, ids, COUNT_OF(ids), sizeof(ids[0]), by_bytes) != NULL;
}

static bool is_ref_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-';
}

static bool is_ref(const char *id)
{
	size_t len = strlen(id);

	if (len <= REF_PREFIX_LEN || len > LICENCE_MAX ||
	    memcmp(id, ref_prefix, REF_PREFIX_LEN) != 0)
		return false;
	for (size_t i = REF_PREFIX_LEN; i < len; i++)
		if (!is_ref_letter(id[i]))
			return false;
	return true;
}

int licence_valid(const char *id, struct error *e)
{
	const char *nearest;

	if (in_list(id) || is_ref(id) || strcmp(id, "NOASSERTION") == 0 || strcmp(id, "NONE") == 0)
		return 0;
	nearest = words_nearest(ids, COUNT_OF(ids), id, strlen(id));
	return error_set(e, E_USAGE, "no licence \"%.*s\" in SPDX (%s%s)", (int)LICENCE_MAX, id,
			 nearest ? "nearest: " : "else LicenseRef-NAME or NOASSERTION",
			 nearest ? nearest : "");
}

static unsigned denied_by(const char *id)
{
	for (size_t i = 0; i < COUNT_OF(entries); i++)
		if (strncmp(id, entries[i].begins, strlen(entries[i].begins)) == 0)
			return entries[i].denies;
	return 0;
}

bool licence_denies(const char *id, const struct use *u)
{
	unsigned denies;

	if (!id || (!in_list(id) && !is_ref(id)))
		return true;
	denies = denied_by(id);
	return ((denies & COMMERCIAL) && purpose_commercial(u->purpose)) ||
	       ((denies & SHARE_DERIVED) && u->processing == SHARE);
}
