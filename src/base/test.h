/*
 * test: cmocka behind three words. TEST(name_that_is_a_sentence) { ... } defines a
 * test and registers it; TEST_MAIN(area) at the end of the file runs them in order.
 * check_ok(call) and check_code(call, E_X) print the story when they fail; both
 * expect a `struct error e` in reach.
 */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"

void test_register(const char *name, void (*run)(void **state));
int test_run_all(const char *area);

#define TEST(name)							\
	static void name(void **state);					\
	__attribute__((constructor)) static void register_##name(void)	\
	{								\
		test_register(#name, name);				\
	}								\
	static void name(__attribute__((unused)) void **state)
#define TEST_MAIN(area)							\
	int main(void)							\
	{								\
		return test_run_all(area);				\
	}
#define check(condition)						\
	do {								\
		if (!(condition))					\
			fail_msg("%s:%d: not true: %s", __FILE__, __LINE__, #condition); \
	} while (0)
#define check_ok(call)							\
	do {								\
		int code_ = (call);					\
		if (code_ != 0)						\
			fail_msg("%s:%d: %s: code %d: %s", __FILE__, __LINE__, #call, code_, e.text); \
	} while (0)
#define check_code(call, want)						\
	do {								\
		int code_ = (call);					\
		if (code_ != (want))					\
			fail_msg("%s:%d: %s: code %d instead of %s: %s", __FILE__, __LINE__, #call, \
				 code_, #want, code_ ? e.text : "");	\
	} while (0)

/* A fresh folder for one test, below TMPDIR; removed at exit. Lent. */
const char *test_folder(void);
/* The folder of shared test material: $RESCIND_SHARED, else "../shared" beside the source
 * tree; when it is absent, prints why and skips the running test. Lent. */
const char *test_shared(void);

#endif
