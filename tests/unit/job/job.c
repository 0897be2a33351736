/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: the commit point and the latch do what their headers say. */
#include <config.h>

#include "base/clock.h"
#include "job/hold.h"
#include "job/latch.h"
#include "job/phase.h"
#include "runtime/vdi.h"

#include <check.h>
#include <stdatomic.h>
#include <string.h>

struct scene {
	struct hold hold;
	atomic_int prepared;
	uint32_t prepare_code;
	_Atomic int64_t idle_ns;
	atomic_uint answered;
};

static uint32_t
prepare(void *context)
{
	struct scene *scene = context;

	/* Nobody may have been answered before everything is durable. */
	if (atomic_load(&scene->answered) != 0)
		return (VD_ERROR_OPERATION_ABORTED);
	atomic_fetch_add(&scene->prepared, 1);
	return (scene->prepare_code);
}

static int64_t
idle(void *context, uint64_t arrived)
{
	struct scene *scene = context;

	(void)arrived;
	return (atomic_load(&scene->idle_ns));
}

static void
begin(struct scene *scene, unsigned devices)
{
	struct error error;

	error_init(&error);
	memset(scene, 0, sizeof(*scene));
	ck_assert_int_eq(hold_init(&scene->hold, devices, &error), 0);
	scene->hold.prepare = prepare;
	scene->hold.idle_ns = idle;
	scene->hold.context = scene;
}

struct arrival {
	struct scene *scene;
	unsigned device;
	uint32_t code;
};

static void *
arrive(void *context)
{
	struct arrival *arrival = context;

	arrival->code = hold_arrive(&arrival->scene->hold, arrival->device);
	atomic_fetch_add(&arrival->scene->answered, 1);
	return (NULL);
}

/* All devices come, each on a thread of its own; the code of each. */
static void
arrive_all(struct scene *scene, struct arrival *arrivals, unsigned count)
{
	pthread_t threads[8];
	unsigned i;

	for (i = 0; i < count; i++) {
		arrivals[i] = (struct arrival){ scene, i + 1, 7 };
		ck_assert_int_eq(pthread_create(&threads[i], NULL, arrive,
		    &arrivals[i]), 0);
	}
	for (i = 0; i < count; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

START_TEST(nobody_is_answered_before_all_have_come)
{
	struct scene scene;
	struct arrival arrivals[4];
	unsigned i;

	begin(&scene, 4);
	arrive_all(&scene, arrivals, 4);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(arrivals[i].code, VD_ERROR_SUCCESS);
	ck_assert_int_eq(scene.prepared, 1);
	ck_assert(hold_was_set_wide(&scene.hold));
	hold_release(&scene.hold);
}
END_TEST

START_TEST(a_manifest_that_fails_fails_every_device)
{
	struct scene scene;
	struct arrival arrivals[3];
	unsigned i;

	begin(&scene, 3);
	scene.prepare_code = VD_ERROR_WRITE_FAULT;
	arrive_all(&scene, arrivals, 3);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(arrivals[i].code, VD_ERROR_WRITE_FAULT);
	ck_assert(!hold_was_set_wide(&scene.hold));
	hold_release(&scene.hold);
}
END_TEST

START_TEST(a_server_that_waits_in_turn_is_answered_in_turn)
{
	struct scene scene;

	begin(&scene, 3);
	atomic_store(&scene.idle_ns, (int64_t)HOLD_GRACE_MS * 1000000 + 1);
	ck_assert_uint_eq(hold_arrive(&scene.hold, 1), VD_ERROR_SUCCESS);
	ck_assert_int_eq(scene.prepared, 0);
	ck_assert_uint_eq(hold_arrive(&scene.hold, 2), VD_ERROR_SUCCESS);
	ck_assert_int_eq(scene.prepared, 0);
	ck_assert_uint_eq(hold_arrive(&scene.hold, 3), VD_ERROR_SUCCESS);
	ck_assert_int_eq(scene.prepared, 1);
	ck_assert(!hold_was_set_wide(&scene.hold));
	hold_release(&scene.hold);
}
END_TEST

START_TEST(waiting_before_the_last_command_does_not_count)
{
	struct scene scene;
	int64_t began_ns = clock_now_ns();

	begin(&scene, 2);
	/* Idle for long before the first device comes. */
	atomic_store(&scene.idle_ns, INT64_MAX);
	ck_assert_uint_eq(hold_arrive(&scene.hold, 1), VD_ERROR_SUCCESS);
	ck_assert_int_ge(clock_now_ns() - began_ns,
	    (int64_t)HOLD_GRACE_MS * 1000000);
	hold_release(&scene.hold);
}
END_TEST

START_TEST(who_waits_when_the_job_fails_answers_with_an_error)
{
	struct scene scene;
	struct arrival arrival = { &scene, 1, 0 };
	pthread_t thread;

	begin(&scene, 2);
	ck_assert_int_eq(pthread_create(&thread, NULL, arrive, &arrival), 0);
	hold_stop(&scene.hold);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_eq(arrival.code, VD_ERROR_OPERATION_ABORTED);
	ck_assert_uint_eq(hold_arrive(&scene.hold, 2),
	    VD_ERROR_OPERATION_ABORTED);
	ck_assert_int_eq(scene.prepared, 0);
	hold_release(&scene.hold);
}
END_TEST

static void
count_trip(void *context)
{
	++*(int *)context;
}

START_TEST(the_first_failure_trips_the_latch_once)
{
	struct latch latch;
	struct error error;
	struct error first;
	int trips = 0;

	error_init(&error);
	ck_assert_int_eq(latch_init(&latch, count_trip, &trips, &error), 0);
	ck_assert(!latch_is_tripped(&latch));
	ck_assert_int_eq(error_set(&error, KIND_STORAGE, ORIGIN_US, 0,
	    "first"), -1);
	latch_trip(&latch, &error);
	error_init(&error);
	ck_assert_int_eq(error_set(&error, KIND_TIMEOUT, ORIGIN_US, 0,
	    "second"), -1);
	latch_trip(&latch, &error);
	ck_assert(latch_is_tripped(&latch));
	ck_assert_int_eq(trips, 1);
	latch_get(&latch, &first);
	ck_assert_str_eq(first.text, "first");
	latch_release(&latch);
}
END_TEST

START_TEST(every_phase_is_found_by_its_name)
{
	char list[200];
	int i;

	phase_list(list, sizeof(list));
	for (i = 0; i < PHASE_COUNT; i++) {
		ck_assert_int_eq(phase_find(phase_name((enum phase)i)), i);
		if (i != PHASE_DONE)
			ck_assert_ptr_nonnull(strstr(list,
			    phase_name((enum phase)i)));
	}
	ck_assert_ptr_null(strstr(list, phase_name(PHASE_DONE)));
	ck_assert_int_eq(phase_find("nowhere"), -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("job");
	TCase *tcase = tcase_create("job");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, nobody_is_answered_before_all_have_come);
	tcase_add_test(tcase, a_manifest_that_fails_fails_every_device);
	tcase_add_test(tcase, a_server_that_waits_in_turn_is_answered_in_turn);
	tcase_add_test(tcase, waiting_before_the_last_command_does_not_count);
	tcase_add_test(tcase,
	    who_waits_when_the_job_fails_answers_with_an_error);
	tcase_add_test(tcase, the_first_failure_trips_the_latch_once);
	tcase_add_test(tcase, every_phase_is_found_by_its_name);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
