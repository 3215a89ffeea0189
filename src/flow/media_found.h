/*
 * media_found: on which devices folders lie, as the kernel's /sys tells of them: for the media of a
 * certificate. What it does not tell is "unknown"; nothing is guessed. A device is told by what it says
 * of itself: a disk that a hypervisor or a cloud makes may say anything.
 */
#ifndef FLOW_MEDIA_FOUND_H
#define FLOW_MEDIA_FOUND_H

#include <stdint.h>

#include "wire/json.h"

enum { MEDIA_FOUND_MAX = 8, MEDIA_TEXT_MAX = 64 };

struct media_folder {
	const char *path;
	const char *holds; /* "repository" */
};
/* [{"holds","vendor","model","serial","type"}]: a row for each device, once; for a device mapper or a
 * RAID those below it; for a file system that names no device a row that says so. sysfs: "/sys". What
 * lies beyond MEDIA_FOUND_MAX is a row that says that there are more. Errors: E_MEMORY alone. */
must_use int media_found(const struct media_folder *folders, size_t count, const char *sysfs,
			 json_t **ret, struct error *e);

#endif
