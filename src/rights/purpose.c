#include "rights/use.h"

#include <string.h>

#include "rights/words.h"

/* The only names in the tree that are spelt as DPV spells them. Purpose is 0. */
enum purpose {
#define X(name, ...) name,
#include "rights/purposes.def"
#undef X
	PURPOSE_COUNT
};

static const char *const names[] = {
#define X(name, ...) #name,
#include "rights/purposes.def"
#undef X
};

/* A purpose with one parent has Purpose, which is above all, as the other. */
enum { PARENTS_MAX = 2 };
static const uint16_t parents[][PARENTS_MAX] = {
#define X(name, ...) { __VA_ARGS__ },
#include "rights/purposes.def"
#undef X
};

/*
 * What a non-commercial licence rules out, with all that lies below. DPV has CommercialPurpose
 * (and CommercialResearch below it); it notes that Marketing was its "commercial interest" and
 * what is now below SellProducts a part of that, "in return for compensation".
 */
static const uint16_t commercial[] = { CommercialPurpose, Marketing, SellProducts };

/*
 * What cannot be served without inferring a special category of GDPR article 9(1), with all
 * that lies below: ImproveHealthcare ("personalised treatments"): health; PoliticalCampaign:
 * political opinions. Not here: identity verification and authentication, special only by
 * the biometric data they use, which the decision asks about by itself; criminal background
 * checks, which are article 10.
 */
static const uint16_t special[] = { ImproveHealthcare, PoliticalCampaign };

size_t purpose_count(void)
{
	return PURPOSE_COUNT;
}

const char *purpose_name(uint16_t purpose)
{
	return purpose < PURPOSE_COUNT ? names[purpose] : "unknown";
}

int purpose_find(uint16_t *ret, const char *name, size_t len, struct error *e)
{
	const char *nearest;

	for (uint16_t p = 0; p < PURPOSE_COUNT; p++)
		if (strlen(names[p]) == len && memcmp(names[p], name, len) == 0) {
			*ret = p;
			return 0;
		}
	nearest = words_nearest(names, PURPOSE_COUNT, name, len);
	return error_set(e, E_NOT_FOUND, "no purpose \"%.*s\" in DPV 2.3 (%s%s)",
			 (int)(len < WORD_MAX ? len : WORD_MAX), name,
			 nearest ? "nearest: " : "see https://w3id.org/dpv#Purpose",
			 nearest ? nearest : "");
}

bool purpose_within(uint16_t purpose, uint16_t above)
{
	if (purpose >= PURPOSE_COUNT)
		return false;
	if (purpose == above || above == Purpose)
		return true;
	if (purpose == Purpose)
		return false;
	return purpose_within(parents[purpose][0], above) ||
	       purpose_within(parents[purpose][1], above);
}

/* Purpose itself says nothing of what for: it may be any of them. */
static bool in_table(uint16_t purpose, const uint16_t *table, size_t count)
{
	if (purpose == Purpose || purpose >= PURPOSE_COUNT)
		return true;
	for (size_t i = 0; i < count; i++)
		if (purpose_within(purpose, table[i]))
			return true;
	return false;
}

bool purpose_commercial(uint16_t purpose)
{
	return in_table(purpose, commercial, COUNT_OF(commercial));
}

bool purpose_infers_special(uint16_t purpose)
{
	return in_table(purpose, special, COUNT_OF(special));
}
