#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

#ifndef SOURCE_ROOT
#define SOURCE_ROOT "."
#endif

enum { TESTS_MAX = 512, FOLDERS_MAX = 1024 };

static struct CMUnitTest tests[TESTS_MAX];
static size_t test_count;
static char *folders[FOLDERS_MAX];
static size_t folder_count;
static pid_t folder_owner;

void test_register(const char *name, void (*run)(void **state))
{
	if (test_count == TESTS_MAX) {
		fprintf(stderr, "more than %d tests in one file\n", TESTS_MAX);
		abort();
	}
	tests[test_count++] = (struct CMUnitTest){ .name = name, .test_func = run };
}

int test_run_all(const char *area)
{
	return _cmocka_run_group_tests(area, tests, test_count, NULL, NULL);
}

/* A test's child that exits must not take the folders with it. */
static void remove_folders(void)
{
	sys = &sys_real;
	for (size_t i = 0; i < folder_count; i++) {
		struct error e = { 0 };

		if (getpid() == folder_owner && folder_remove(folders[i], &e) < 0)
			fprintf(stderr, "test_folder: %s\n", e.text);
		free(folders[i]);
	}
}

const char *test_folder(void)
{
	const char *base = getenv("TMPDIR");
	char *path = NULL;

	if (folder_count == FOLDERS_MAX ||
	    asprintf(&path, "%s/rescind-test-XXXXXX", base && *base ? base : "/tmp") < 0 ||
	    !mkdtemp(path)) {
		free(path);
		fail_msg("test_folder: cannot make a folder");
		abort();
	}
	if (folder_count == 0) {
		folder_owner = getpid();
		atexit(remove_folders);
	}
	folders[folder_count++] = path;
	return path;
}

const char *test_shared(void)
{
	const char *path = getenv("RESCIND_SHARED");

	if (!path || !*path)
		path = SOURCE_ROOT "/../shared";
	if (access(path, R_OK | X_OK) == 0)
		return path;
	print_message("skipped: no shared test material at %s (set RESCIND_SHARED)\n", path);
	skip();
	return NULL;
}
