#include "flow/media_found.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/test.h"

static struct error e;
static char root[PATH_LEN_MAX]; /* a /sys that says that test_folder() lies on DEVICE */

static const char *at(const char *name)
{
	static char path[PATH_LEN_MAX];

	check_ok(path_join(path, root, name, &e));
	return path;
}

static void says(const char *file, const char *text)
{
	char path[PATH_LEN_MAX];

	snprintf(path, sizeof(path), "%s", at(file));
	*strrchr(path, '/') = '\0';
	check_ok(folder_make(path, 0700, &e));
	check_ok(file_write(at(file), text, strlen(text), 0600, &e));
}

static void links(const char *name, const char *to)
{
	char from[PATH_LEN_MAX];

	says(name, "");
	check(unlink(at(name)) == 0);
	check_ok(path_join(from, root, to, &e));
	check_ok(folder_make(from, 0700, &e));
	check(symlink(from, at(name)) == 0);
}

/* A new /sys in which the folder of the test is on this device. */
static void begin(const char *device)
{
	static unsigned count;
	char name[64], dev[64];
	struct stat st;

	snprintf(name, sizeof(name), "sys-%u", ++count);
	check_ok(path_join(root, test_folder(), name, &e));
	check(stat(test_folder(), &st) == 0);
	snprintf(dev, sizeof(dev), "dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	if (device)
		links(dev, device);
}

static json_t *found(size_t folders)
{
	const struct media_folder list[] = { { test_folder(), "repository" }, { test_folder(), "keys" },
					     { "/nonexistent", "mirror" } };
	json_t *ret = NULL;

	check_ok(media_found(list, folders, root, &ret, &e));
	return ret;
}

static void is(const json_t *list, size_t i, const char *key, const char *text)
{
	assert_string_equal(json_text_or(json_array_get(list, i), key, "-"), text);
}

TEST(a_partition_is_told_as_its_disk)
{
	scoped_json *list = NULL;

	begin("devices/pci0/ata1/block/sda/sda1");
	says("devices/pci0/ata1/block/sda/sda1/partition", "1\n");
	says("devices/pci0/ata1/block/sda/device/vendor", "ATA     \n");
	says("devices/pci0/ata1/block/sda/device/model", "WDC WD40EFRX-68N 32\n");
	says("devices/pci0/ata1/block/sda/device/vpd_pg80", "\1\200\1\24     WD-WCC7K0AB1234");
	says("devices/pci0/ata1/block/sda/device/wwid", "naa.50014ee2b1234567\n");
	says("devices/pci0/ata1/block/sda/queue/rotational", "1\n");
	says("devices/pci0/ata1/block/sda/removable", "0\n");
	list = found(2);
	check(json_array_size(list) == 1);
	is(list, 0, "holds", "repository, keys");
	is(list, 0, "vendor", "ATA");
	is(list, 0, "model", "WDC WD40EFRX-68N 32");
	is(list, 0, "serial", "WD-WCC7K0AB1234");
	is(list, 0, "type", "magnetic disk");
}

TEST(what_is_not_said_is_unknown)
{
	scoped_json *list = NULL;

	begin("devices/pci0/nvme/nvme0/nvme0n1");
	says("devices/pci0/nvme/nvme0/nvme0n1/device/model", "  \n");
	says("devices/pci0/nvme/nvme0/nvme0n1/device/serial", "S5\x1b[31mX\n");
	says("devices/pci0/nvme/nvme0/nvme0n1/queue/rotational", "0\n");
	list = found(1);
	is(list, 0, "vendor", "unknown");
	is(list, 0, "model", "unknown");
	is(list, 0, "serial", "S5 [31mX");
	is(list, 0, "type", "solid state");
}

TEST(a_device_of_devices_is_told_as_those_below)
{
	scoped_json *list = NULL;

	begin("devices/virtual/block/dm-0");
	links("devices/virtual/block/dm-0/slaves/md0", "devices/virtual/block/md0");
	links("devices/virtual/block/md0/slaves/sda2", "devices/pci0/block/sda/sda2");
	links("devices/virtual/block/md0/slaves/sdb2", "devices/pci0/block/sdb/sdb2");
	says("devices/pci0/block/sda/sda2/partition", "2\n");
	says("devices/pci0/block/sdb/sdb2/partition", "2\n");
	says("devices/pci0/block/sda/device/serial", "A\n");
	says("devices/pci0/block/sdb/device/serial", "B\n");
	says("devices/pci0/block/sdb/queue/rotational", "0\n");
	says("devices/pci0/block/sdb/removable", "1\n");
	list = found(2);
	check(json_array_size(list) == 2);
	is(list, 0, "serial", "A");
	is(list, 0, "type", "unknown");
	is(list, 1, "serial", "B");
	is(list, 1, "type", "solid state, removable");
	is(list, 1, "holds", "repository, keys");
}

TEST(what_a_hypervisor_makes_is_no_medium)
{
	static const char *const made[] = { "devices/pci0/0000:00:02.0/virtio1/block/vda",
					    "devices/virtual/block/loop0", "devices/vbd-51712/block/xvda" };

	for (size_t i = 0; i < COUNT_OF(made); i++) {
		scoped_json *list = NULL;

		begin(made[i]);
		list = found(1);
		is(list, 0, "type", "virtual");
		is(list, 0, "serial", "not applicable");
	}
}

TEST(a_file_system_without_a_device_says_so)
{
	scoped_json *list = NULL;

	begin(NULL);
	list = found(3);
	check(json_array_size(list) == 1);
	is(list, 0, "holds", "repository, keys, mirror");
	is(list, 0, "type", "unknown: its file system names no device");
	is(list, 0, "vendor", "unknown");
}

TEST(of_many_devices_the_first_are_told)
{
	scoped_json *list = NULL;
	char from[64], to[64];

	begin("devices/virtual/block/md0");
	for (unsigned i = 0; i <= MEDIA_FOUND_MAX; i++) {
		snprintf(from, sizeof(from), "devices/virtual/block/md0/slaves/sd%c", 'a' + (int)i);
		snprintf(to, sizeof(to), "devices/pci0/block/sd%c", 'a' + (int)i);
		links(from, to);
	}
	list = found(1);
	check(json_array_size(list) == MEDIA_FOUND_MAX + 1);
	is(list, MEDIA_FOUND_MAX, "holds", "more devices than are listed");
}

TEST(devices_that_rest_on_themselves_end)
{
	scoped_json *list = NULL;

	begin("devices/virtual/block/dm-0");
	links("devices/virtual/block/dm-0/slaves/dm-0", "devices/virtual/block/dm-0");
	list = found(1);
	check(json_array_size(list) == 1);
}

static ssize_t no_read(int fd, void *p, size_t len)
{
	(void)fd;
	(void)p;
	(void)len;
	return -1;
}

TEST(what_cannot_be_read_is_unknown)
{
	const struct sys *before = sys;
	struct sys bad = *sys;
	scoped_json *list = NULL;

	begin("devices/pci0/block/sda");
	says("devices/pci0/block/sda/device/serial", "A\n");
	bad.read = no_read;
	sys = &bad;
	list = found(1);
	sys = before;
	is(list, 0, "serial", "unknown");
}

TEST_MAIN("media_found")
