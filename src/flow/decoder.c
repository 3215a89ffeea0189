#include "flow/decoder.h"

#include <string.h>
#include <unistd.h>

#include "learn/feature.h"

_Static_assert((int)MEDIA_MADE_MAX >= (int)SUMS_DIM_MAX, "all features fit an answer");
_Static_assert((int)MEDIA_MAKE_MAX >= (int)SUMS_FEATURES_MAX, "their names fit an argument");

static bool make(void *ctx, const uint8_t *samples, uint32_t width, uint32_t height,
		 unsigned channels, uint8_t *made)
{
	const struct picture p = { samples, width, height, channels };

	return features_of(ctx, &p, (int8_t *)made, NULL) == 0;
}

/* Made here, before the child is confined: its tables take memory, and a wrong name ends it. */
static _Noreturn void serve(const char *name)
{
	struct media_maker maker = { .make = make };
	struct features *f = NULL;

	if (!name)
		media_child(NULL);
	if (features_create(&f, name, NULL) < 0)
		_exit(1);
	maker.len_bytes = features_dim(f);
	maker.ctx = f;
	media_child(&maker);
}

void decoder_main(int argc, char **argv)
{
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "media-child") == 0)
		serve(argv[2]);
}

int decoder_open(struct media **ret, const char *features, struct error *e)
{
	static const char self[] = "/proc/self/exe";
	scoped(features) *f = NULL;

	if (!features)
		return media_open(ret, self, NULL, 0, e);
	if (features_create(&f, features, e) < 0)
		return e->code;
	return media_open(ret, self, features_name(f), features_dim(f), e);
}
