/* In the place of others, by the linker: see meson.build. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/test.h"
#include "base/torture_inside.h"

struct role_now role_now = { .next_pid = 2 };

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
char *__real_strdup(const char *text);
void *__real_aligned_alloc(size_t to, size_t len);
_Noreturn void __real__fail(const char *file, int line);
int __real_pthread_create(pthread_t *ret, const pthread_attr_t *how, void *(*work)(void *), void *arg);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);
char *__wrap_strdup(const char *text);
void *__wrap_aligned_alloc(size_t to, size_t len);
_Noreturn void __wrap__exit(int code);
_Noreturn void __wrap__fail(const char *file, int line);
void __wrap_print_error(const char *format, ...);
pid_t __wrap_getpid(void);
int __wrap_pthread_create(pthread_t *ret, const pthread_attr_t *how, void *(*work)(void *), void *arg);

static bool no_room(void)
{
	if (role_now.role == TEST_ITSELF || !role_now.acting || disk_busy())
		return false;
	if (role_now.role == SCOUT)
		role_now.no_room_soon();
	role_now.allocations++;
	if (role_now.fails_at == 0 || role_now.allocations < role_now.fails_at ||
	    (role_now.allocations > role_now.fails_at && !role_now.fails_for_ever))
		return false;
	role_now.memory_met = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t len)
{
	return no_room() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
	return no_room() ? NULL : __real_calloc(count, len);
}

void *__wrap_realloc(void *p, size_t len)
{
	return no_room() ? NULL : __real_realloc(p, len);
}

char *__wrap_strdup(const char *text)
{
	return no_room() ? NULL : __real_strdup(text);
}

void *__wrap_aligned_alloc(size_t to, size_t len)
{
	return no_room() ? NULL : __real_aligned_alloc(to, len);
}

int __wrap_pthread_create(pthread_t *ret, const pthread_attr_t *how, void *(*work)(void *), void *arg)
{
	return role_now.role == TEST_ITSELF ? __real_pthread_create(ret, how, work, arg) : EAGAIN;
}

/* In a file it would make every state another. */
pid_t __wrap_getpid(void)
{
	return role_now.role == TEST_ITSELF ? __real_getpid() : role_now.next_pid;
}

static _Noreturn void end_act(void)
{
	longjmp(role_now.end_of_act, 1);
}

/* The end of the process is the end of the act. */
void __wrap__exit(int code)
{
	if (role_now.me != __real_getpid())
		__real__exit(code);
	if (role_now.acting)
		end_act();
	__real__exit(RUN_WRONG);
}

void __wrap__fail(const char *file, int line)
{
	if (role_now.me != __real_getpid())
		__real__fail(file, line);
	if (role_now.acting)
		end_act();
	__real__exit(RUN_WRONG);
}

void __wrap_print_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (role_now.me == __real_getpid())
		vsnprintf(role_now.story, STORY_MAX, format, args);
	else
		vfprintf(stderr, format, args);
	va_end(args);
}
