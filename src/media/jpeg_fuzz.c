#include "media/jpeg.h"

#include <stdlib.h>

#include "media/sample.h"

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

static bool make(void *ctx, const uint8_t *samples, uint32_t width, uint32_t height,
		 unsigned channels, uint8_t *made)
{
	(void)ctx;
	if (channels != 1 && channels != 3)
		abort();
	sample_sums(samples, width, height, channels, made);
	return width != 13;
}

static void check_limits(const struct media_info *info)
{
	if (info->width > MEDIA_DIMENSION_MAX || info->height > MEDIA_DIMENSION_MAX ||
	    (uint64_t)info->width * info->height > MEDIA_PIXELS_MAX)
		abort();
	if (memchr(info->story, 0, sizeof(info->story)) == NULL)
		abort();
	if (info->whole && (info->width == 0 || info->height == 0))
		abort();
}

/* Whatever the bytes are: an answer within the limits, a story for what is not whole or not made,
 * and as strict where something is made. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct media_maker maker = { SUMS_LEN, make, NULL };
	struct media_info info = { 0 }, made_info = { 0 };
	uint8_t made[SUMS_LEN];

	jpeg_check(data, size, &info);
	check_limits(&info);
	if (info.whole != (info.story[0] == 0) || info.made)
		abort();
	tell(&info);
	jpeg_look(data, size, &maker, made, &made_info);
	check_limits(&made_info);
	if ((made_info.made != NULL) != (made_info.story[0] == 0) ||
	    (made_info.made && !made_info.whole))
		abort();
	/* Samples need memory of libjpeg that a look does not. */
	if (made_info.whole != info.whole && !strstr(made_info.story, "bytes of memory"))
		abort();
	return 0;
}
