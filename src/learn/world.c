#include "learn/world.h"

uint32_t world_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

void world_make(struct world *w, size_t d, uint64_t seed, int non_negative)
{
	static const char *const names[WORLD_LABELS] = { "b", "a", "\xc3\xa9", "Z", "a b" };

	for (size_t i = 0; i < WORLD_RECORDS; i++) {
		size_t label = world_random(&seed) % WORLD_LABELS;

		w->labels[i] = names[label];
		w->numbers[2 * i] = (int32_t)(world_random(&seed) % 65535) - 32767;
		w->numbers[2 * i + 1] = (int32_t)(label * 7) - 3;
		for (size_t j = 0; j < d; j++) {
			int x = (int)(world_random(&seed) % 256) - 128;

			if (j % WORLD_LABELS == label)
				x = x / 2 + 63;
			w->features[i * d + j] = (int8_t)(non_negative && x < 0 ? -(x + 1) : x);
		}
	}
}

struct records world_labelled(const struct world *w, size_t d, size_t from, size_t count)
{
	return (struct records){ .count = count, .features = w->features + from * d,
				 .labels = w->labels + from };
}

struct records world_numbered(const struct world *w, size_t d, size_t from, size_t count)
{
	return (struct records){ .count = count, .features = w->features + from * d,
				 .numbers = w->numbers + 2 * from };
}
