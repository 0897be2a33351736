/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: one job per target, between processes, and no lock outlives its
 * holder. */
#include <config.h>

#include "store_tests.h"

#include "store/lock.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct lock_request
a_request(void)
{
	struct lock_request request = { .root = fixture_root,
		.server = "host", .database = "Sales",
		.what = "backup of \"Sales\"" };

	return (request);
}

/* A process that holds the lock until the pipe to it is closed or it is
 * killed. */
struct holder {
	pid_t pid;
	int hold;
};

static struct holder
start_holder(void)
{
	struct lock_request request = a_request();
	struct holder holder;
	int hold[2];
	int ready[2];
	char byte;

	ck_assert_int_eq(pipe(hold), 0);
	ck_assert_int_eq(pipe(ready), 0);
	holder.pid = fork();
	ck_assert_int_ge(holder.pid, 0);
	if (holder.pid == 0) {
		struct lock *lock = lock_acquire(&request, NULL);

		(void)close(hold[1]);
		if (lock == NULL || write(ready[1], "x", 1) != 1)
			_exit(1);
		if (read(hold[0], &byte, 1) != 0)
			_exit(2);
		lock_release(lock);
		_exit(0);
	}
	(void)close(hold[0]);
	(void)close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	holder.hold = hold[1];
	return (holder);
}

static void
join(struct holder holder)
{
	int status;

	ck_assert_int_eq(waitpid(holder.pid, &status, 0), holder.pid);
}

START_TEST(another_process_is_refused_and_told_who_holds_it)
{
	struct holder holder = start_holder();
	struct lock_request request = a_request();
	struct error error;
	char pid[32];

	error_init(&error);
	(void)snprintf(pid, sizeof(pid), "process %ld since 20",
	    (long)holder.pid);
	ck_assert_ptr_null(lock_acquire(&request, &error));
	ck_assert_int_eq(error.kind, KIND_LOCKED);
	ck_assert_msg(strstr(error.text, pid) != NULL, "%s", error.text);
	ck_assert_ptr_nonnull(strstr(error.text, "backup of \"Sales\""));
	(void)close(holder.hold);
	join(holder);
}
END_TEST

START_TEST(the_lock_goes_with_its_holder)
{
	struct holder holder = start_holder();
	struct lock_request request = a_request();
	struct error error;
	struct lock *lock;

	error_init(&error);
	ck_assert_int_eq(kill(holder.pid, SIGKILL), 0);
	join(holder);
	lock = lock_acquire(&request, &error);
	ck_assert_msg(lock != NULL, "%s", error.text);
	lock_release(lock);
	(void)close(holder.hold);
}
END_TEST

START_TEST(waiting_ends_with_the_lock)
{
	struct holder holder = start_holder();
	struct lock_request request = a_request();
	struct error error;
	struct lock *lock;

	error_init(&error);
	request.wait_ms = 20000;
	(void)close(holder.hold);
	lock = lock_acquire(&request, &error);
	ck_assert_msg(lock != NULL, "%s", error.text);
	join(holder);
	lock_release(lock);
}
END_TEST

START_TEST(waiting_ends_with_the_deadline)
{
	struct holder holder = start_holder();
	struct lock_request request = a_request();
	struct error error;
	int64_t began = clock_now_ns();

	error_init(&error);
	request.wait_ms = 120;
	ck_assert_ptr_null(lock_acquire(&request, &error));
	ck_assert_int_eq(error.kind, KIND_LOCKED);
	ck_assert_int_ge(clock_now_ns() - began, 120 * 1000000);
	(void)close(holder.hold);
	join(holder);
}
END_TEST

static bool
third_time(void *context)
{
	unsigned *asked = context;

	return (++*asked == 3);
}

START_TEST(waiting_ends_when_told_to_stop)
{
	struct holder holder = start_holder();
	struct lock_request request = a_request();
	struct error error;
	unsigned asked = 0;

	error_init(&error);
	request.wait_ms = -1;
	request.stop = third_time;
	request.context = &asked;
	ck_assert_ptr_null(lock_acquire(&request, &error));
	ck_assert_int_eq(error.kind, KIND_ABORTED);
	ck_assert_uint_eq(asked, 3);
	(void)close(holder.hold);
	join(holder);
}
END_TEST

START_TEST(other_targets_are_free_and_nothing_is_left)
{
	struct lock_request request = a_request();
	struct lock_request file = { .file = fixture_path("x.bak.zst"),
		.what = "backup" };
	struct error error;
	struct lock *one;
	struct lock *two;
	struct lock *three;

	error_init(&error);
	one = lock_acquire(&request, &error);
	request.database = "Stock";
	two = lock_acquire(&request, &error);
	three = lock_acquire(&file, &error);
	ck_assert(one != NULL && two != NULL && three != NULL);
	ck_assert_ptr_null(lock_acquire(&file, &error));
	lock_release(three);
	lock_release(two);
	lock_release(one);
	lock_release(NULL);
	ck_assert_int_eq(access(fixture_path("host/Sales/.lock"), F_OK), -1);
	ck_assert_int_eq(access(fixture_path("x.bak.zst.lock"), F_OK), -1);
}
END_TEST

/* Many at once: the file is removed and made again under each other's hands,
 * and still only one is inside. */
static void *
contend(void *context)
{
	struct lock_request request = a_request();
	static int inside;
	unsigned i;

	(void)context;
	request.wait_ms = 30000;
	for (i = 0; i < 10; i++) {
		struct lock *lock = lock_acquire(&request, NULL);

		if (lock == NULL)
			return ((void *)"no lock");
		if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) != 1)
			return ((void *)"not alone");
		(void)__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		lock_release(lock);
	}
	return (NULL);
}

START_TEST(only_one_is_inside_at_any_time)
{
	pthread_t threads[4];
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, contend,
		    NULL), 0);
	for (i = 0; i < ARRAY_COUNT(threads); i++) {
		void *why = NULL;

		ck_assert_int_eq(pthread_join(threads[i], &why), 0);
		ck_assert_msg(why == NULL, "%s", (const char *)why);
	}
}
END_TEST

TCase *
lock_tests(void)
{
	TCase *tcase = tcase_create("lock");

	tcase_add_checked_fixture(tcase, fixture_begin, fixture_end);
	tcase_add_test(tcase, another_process_is_refused_and_told_who_holds_it);
	tcase_add_test(tcase, the_lock_goes_with_its_holder);
	tcase_add_test(tcase, waiting_ends_with_the_lock);
	tcase_add_test(tcase, waiting_ends_with_the_deadline);
	tcase_add_test(tcase, waiting_ends_when_told_to_stop);
	tcase_add_test(tcase, other_targets_are_free_and_nothing_is_left);
	tcase_add_test(tcase, only_one_is_inside_at_any_time);
	return (tcase);
}
