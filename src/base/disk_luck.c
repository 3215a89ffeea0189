/* Luck and time of the disk in memory: the same in every run. */
#include <stdatomic.h>
#include <string.h>

#include "base/disk_node.h"

static _Atomic uint64_t clock_us, luck;

void luck_begin(void)
{
	clock_us = luck = 0;
}

static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

void disk_another_day(void)
{
	static const uint64_t hour_us = UINT64_C(3600000000);

	clock_us = (clock_us / hour_us + 1) * hour_us;
	luck = mixed(clock_us);
}

int luck_random(void *p, size_t len)
{
	uint8_t *to = p;

	for (size_t i = 0; i < len; i += 8) {
		uint64_t x = mixed(atomic_fetch_add(&luck, UINT64_C(0x9e3779b97f4a7c15)));

		memcpy(to + i, &x, len - i < 8 ? len - i : 8);
	}
	return 0;
}

uint64_t luck_now_utc_ms(void)
{
	return UINT64_C(1750000000000) + atomic_fetch_add(&clock_us, 10) / 1000;
}

uint64_t luck_monotonic_us(void)
{
	return atomic_fetch_add(&clock_us, 10);
}

void luck_sleep_us(uint64_t us)
{
	atomic_fetch_add(&clock_us, us);
}
