#include "media/jpeg.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The decoder is the system's, and counts no branches for the fuzzer: each new story is news. */
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t told[4096];

static void tell(const struct media_info *info)
{
	uint32_t h = 2166136261u;

	for (const char *at = info->story; *at; at++)
		h = (h ^ (uint8_t)*at) * 16777619u;
	told[h % sizeof(told)] = 1;
}

/* Whatever the bytes are: an answer within the limits, and a story for what is not whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media_info info = { 0 };

	jpeg_check(data, size, &info);
	if (info.width > MEDIA_DIMENSION_MAX || info.height > MEDIA_DIMENSION_MAX ||
	    (uint64_t)info.width * info.height > MEDIA_PIXELS_MAX)
		abort();
	if (memchr(info.story, 0, sizeof(info.story)) == NULL || info.whole != (info.story[0] == 0))
		abort();
	if (info.whole && (info.width == 0 || info.height == 0))
		abort();
	tell(&info);
	return 0;
}
