/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Many devices, many threads, any order, and an abort or a close in the
 * midst of it: every command is called back exactly once, whatever happens.
 */

#include "base/num.h"
#include "rig.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define HELD 8u /* commands that a client thread keeps before completing */

struct traffic;

/* One device's share: a sender's commands, which come back through the
 * agent and are sent again from the callback. */
struct lane {
	struct VDS_Command command; /* first: callbacks get its address */
	struct traffic *traffic;
	struct server_device *device;
	uint32_t stamp;
	_Atomic unsigned sent, answered;
};

struct traffic {
	struct rig rig;
	unsigned per_device; /* lanes */
	unsigned goal;       /* commands per lane */
	struct lane *lanes;
	unsigned lane_count;
	_Atomic unsigned finished; /* lanes that sent all they had */
	_Atomic unsigned stopped;  /* lanes that were refused or aborted */
	_Atomic unsigned wrong;
};

struct worker {
	pthread_t thread;
	struct traffic *traffic;
	struct client_device *device;
	unsigned seed;
	vd_status status;
};

static void
send_lane(struct lane *lane)
{
	uint8_t *buffer = lane->command.buffer;

	lane->stamp++;
	memcpy(buffer, &lane->stamp, sizeof(lane->stamp));
	memcpy(buffer + RIG_BLOCK - sizeof(lane->stamp), &lane->stamp,
	    sizeof(lane->stamp));
	(void)atomic_fetch_add(&lane->sent, 1);
	/* A refusal calls back, too. */
	IGNORE_RESULT(server_send_command(lane->device, &lane->command) !=
	    VD_NOERROR);
}

static void
on_lane(struct VDS_Command *command)
{
	struct lane *lane = (struct lane *)command;
	struct traffic *traffic = lane->traffic;
	uint32_t stamp;

	if (atomic_fetch_add(&lane->answered, 1) + 1 !=
	    atomic_load(&lane->sent))
		(void)atomic_fetch_add(&traffic->wrong, 1);
	if (command->completionCode != 0) {
		(void)atomic_fetch_add(&traffic->stopped, 1);
		return;
	}
	/* The client has answered with the stamp turned over. */
	memcpy(&stamp, command->buffer, sizeof(stamp));
	if (stamp != ~lane->stamp || command->bytesTransferred !=
	    (int32_t)RIG_BLOCK || command->outPosition != lane->stamp)
		(void)atomic_fetch_add(&traffic->wrong, 1);
	if (atomic_load(&lane->sent) < traffic->goal)
		send_lane(lane);
	else
		(void)atomic_fetch_add(&traffic->finished, 1);
}

/* Check a command's data, turn its stamp over, complete it. */
static vd_status
serve(struct worker *worker, struct VDC_Command *command)
{
	uint32_t first, last;

	memcpy(&first, command->buffer, sizeof(first));
	memcpy(&last, command->buffer + RIG_BLOCK - sizeof(last),
	    sizeof(last));
	if (first != last || command->size != (int32_t)RIG_BLOCK)
		(void)atomic_fetch_add(&worker->traffic->wrong, 1);
	last = ~first;
	memcpy(command->buffer, &last, sizeof(last));
	return (client_complete_command(worker->device, command, 0, RIG_BLOCK,
	    first));
}

static void *
run_worker(void *context)
{
	struct worker *worker = context;
	struct VDC_Command *held[HELD];
	unsigned count = 0, pick;
	vd_status status;

	for (;;) {
		/* With something in hand only what is there already. */
		status = client_get_command(worker->device,
		    count == 0 ? -1 : 0, &held[count]);
		if (status == VD_NOERROR)
			count++;
		else if (status != VD_E_TIMEOUT)
			break;
		if (count == 0 || (status == VD_NOERROR && count < HELD))
			continue;
		pick = (unsigned)rand_r(&worker->seed) % count;
		status = serve(worker, held[pick]);
		if (status != VD_NOERROR)
			break;
		held[pick] = held[--count];
	}
	worker->status = status;
	return (NULL);
}

static void
start_traffic(struct traffic *traffic, unsigned devices, unsigned per_device,
    unsigned goal)
{
	struct rig *rig = &traffic->rig;
	struct lane *lane;
	unsigned i;

	memset(traffic, 0, sizeof(*traffic));
	rig_init(rig, devices);
	rig_connect(rig);
	ck_assert_int_eq(server_begin_configuration(rig->server,
	    VDF_ReadMedia, RIG_BLOCK, 0, RIG_TRANSFER, 0), VD_NOERROR);
	ck_assert_int_eq(server_request_buffers(rig->server, RIG_BLOCK, 0,
	    devices * per_device), VD_NOERROR);
	ck_assert_int_eq(server_end_configuration(rig->server), VD_NOERROR);
	rig_start_agent(rig);
	rig_open_server(rig);
	rig_open_client(rig);
	traffic->per_device = per_device;
	traffic->goal = goal;
	traffic->lane_count = devices * per_device;
	traffic->lanes = calloc(traffic->lane_count, sizeof(*lane));
	ck_assert_ptr_nonnull(traffic->lanes);
	for (i = 0; i < traffic->lane_count; i++) {
		lane = &traffic->lanes[i];
		lane->traffic = traffic;
		lane->device = rig->partners[i % devices];
		lane->stamp = i << 16;
		lane->command.commandCode = VDC_Read;
		lane->command.size = (int32_t)RIG_BLOCK;
		lane->command.completionRoutine = on_lane;
		ck_assert_int_eq(server_allocate_buffer(rig->server,
		    &lane->command.buffer, RIG_BLOCK, 0), VD_NOERROR);
	}
}

static void
start_workers(struct traffic *traffic, struct worker *workers)
{
	unsigned i;

	for (i = 0; i < traffic->rig.wishes.deviceCount; i++) {
		workers[i].traffic = traffic;
		workers[i].device = traffic->rig.devices[i];
		workers[i].seed = i + 1;
		ck_assert_int_eq(pthread_create(&workers[i].thread, NULL,
		    run_worker, &workers[i]), 0);
	}
}

static void
join_workers(struct traffic *traffic, struct worker *workers,
    vd_status status)
{
	unsigned i;

	for (i = 0; i < traffic->rig.wishes.deviceCount; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		ck_assert_int_eq(workers[i].status, status);
	}
}

static bool
all_finished(void *context)
{
	struct traffic *traffic = context;

	return (atomic_load(&traffic->finished) == traffic->lane_count);
}

static bool
some_done(void *context)
{
	struct traffic *traffic = context;

	return (atomic_load(&traffic->lanes[0].answered) > 20);
}

static void
end_traffic(struct traffic *traffic)
{
	ck_assert_uint_eq(atomic_load(&traffic->wrong), 0);
	rig_release(&traffic->rig);
	free(traffic->lanes);
}

START_TEST(many_devices_complete_in_any_order)
{
	static const unsigned devices[] = { 1, 4, VD_MAX_DEVICES };
	static struct worker workers[VD_MAX_DEVICES];
	struct traffic traffic;
	unsigned i;

	start_traffic(&traffic, devices[_i], 12, 600 / devices[_i] + 10);
	start_workers(&traffic, workers);
	for (i = 0; i < traffic.lane_count; i++)
		send_lane(&traffic.lanes[i]);
	ck_assert(rig_until(all_finished, &traffic));
	for (i = 0; i < devices[_i]; i++)
		ck_assert_int_eq(server_close_device(traffic.rig.partners[i]),
		    VD_NOERROR);
	join_workers(&traffic, workers, VD_E_CLOSE);
	ck_assert_int_eq(client_close(traffic.rig.client), VD_NOERROR);
	ck_assert_int_eq(rig_join_agent(&traffic.rig), VD_NOERROR);
	ck_assert_int_eq(server_close(traffic.rig.server), VD_NOERROR);
	for (i = 0; i < traffic.lane_count; i++)
		ck_assert_uint_eq(traffic.lanes[i].answered, traffic.goal);
	end_traffic(&traffic);
}
END_TEST

/* Four ways to pull the plug while commands fly. */
START_TEST(abort_in_the_midst_calls_everything_back_once)
{
	static struct worker workers[8];
	struct traffic traffic;
	struct rig *rig = &traffic.rig;
	unsigned i;

	start_traffic(&traffic, 8, 6, UINT32_MAX);
	start_workers(&traffic, workers);
	for (i = 0; i < traffic.lane_count; i++)
		send_lane(&traffic.lanes[i]);
	ck_assert(rig_until(some_done, &traffic));
	switch (_i % 4) {
	case 0:
		ck_assert_int_eq(client_signal_abort(rig->client), VD_NOERROR);
		join_workers(&traffic, workers, VD_E_ABORT);
		ck_assert_int_eq(client_close(rig->client), VD_NOERROR);
		break;
	case 1:
		ck_assert_int_eq(server_signal_abort(rig->server), VD_NOERROR);
		join_workers(&traffic, workers, VD_E_ABORT);
		break;
	case 2:
		ck_assert_int_eq(server_close(rig->server), VD_E_PROTOCOL);
		join_workers(&traffic, workers, VD_E_ABORT);
		break;
	default:
		/* Close is to find no work on buffers, so the workers end
		 * first; the server's threads go on. */
		ck_assert_int_eq(server_signal_abort(rig->server), VD_NOERROR);
		join_workers(&traffic, workers, VD_E_ABORT);
		ck_assert_int_eq(client_close(rig->client), VD_NOERROR);
		ck_assert_int_eq(server_close(rig->server), VD_NOERROR);
		break;
	}
	(void)rig_join_agent(rig);
	/* A lane stops once: with the callback that was not a success. */
	ck_assert_uint_eq(atomic_load(&traffic.stopped), traffic.lane_count);
	for (i = 0; i < traffic.lane_count; i++)
		ck_assert_uint_eq(traffic.lanes[i].answered,
		    traffic.lanes[i].sent);
	end_traffic(&traffic);
}
END_TEST

struct crew {
	struct client_device *device;
	pthread_mutex_t lock; /* guards the rest */
	struct VDC_Command *held[64];
	unsigned count, done, goal, seed;
	bool failed;
};

/* Take any command in hand and complete it. */
static void *
run_completer(void *context)
{
	struct crew *crew = context;
	struct VDC_Command *command;
	bool more = true;
	unsigned pick;

	while (more) {
		command = NULL;
		(void)pthread_mutex_lock(&crew->lock);
		if (crew->count > 0) {
			pick = (unsigned)rand_r(&crew->seed) % crew->count;
			command = crew->held[pick];
			crew->held[pick] = crew->held[--crew->count];
			crew->done++;
		}
		more = crew->done < crew->goal && !crew->failed;
		(void)pthread_mutex_unlock(&crew->lock);
		if (command == NULL)
			(void)sched_yield();
		else if (client_complete_command(crew->device, command, 0,
		    (uint32_t)command->size, command->position) != VD_NOERROR)
			crew->failed = true;
	}
	return (NULL);
}

START_TEST(several_threads_complete_one_device)
{
	enum { THREADS = 4, COMMANDS = 2000, BATCH = 50 };
	static struct rig_command sent[COMMANDS];
	struct crew crew = { .goal = COMMANDS, .seed = 5 };
	pthread_t threads[THREADS];
	struct VDC_Command *command;
	struct rig rig;
	unsigned i, k;

	rig_start(&rig, 1);
	crew.device = rig.devices[0];
	(void)pthread_mutex_init(&crew.lock, NULL);
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
		    run_completer, &crew), 0);
	for (i = 0; i < COMMANDS; i += BATCH) {
		for (k = i; k < i + BATCH; k++) {
			rig_prepare(&sent[k], VDC_SetPosition, NULL, 0);
			sent[k].command.inPosition = k;
			ck_assert_int_eq(server_send_command(rig.partners[0],
			    &sent[k].command), VD_NOERROR);
		}
		for (k = i; k < i + BATCH; k++) {
			command = rig_next(rig.devices[0]);
			ck_assert_int_eq(command->position, k);
			(void)pthread_mutex_lock(&crew.lock);
			crew.held[crew.count++] = command;
			(void)pthread_mutex_unlock(&crew.lock);
		}
		for (k = i; k < i + BATCH; k++) {
			ck_assert_uint_eq(rig_answer(&sent[k]), 0);
			ck_assert_int_eq(sent[k].command.outPosition, k);
		}
	}
	for (i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	ck_assert(!crew.failed);
	(void)pthread_mutex_destroy(&crew.lock);
	rig_release(&rig);
}
END_TEST

static void *
sit_in_get_command(void *device)
{
	struct VDC_Command *command;
	vd_status status;

	status = client_get_command(device, -1, &command);
	return (status == VD_E_ABORT || status == VD_E_PROTOCOL ? NULL :
	    device);
}

START_TEST(close_under_a_waiting_thread_is_survived)
{
	pthread_t threads[3];
	void *failed;
	struct rig rig;
	unsigned i;

	rig_start(&rig, 3);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
		    sit_in_get_command, rig.devices[i]), 0);
	ck_assert_int_eq(client_close(rig.client), VD_E_OPEN);
	for (i = 0; i < 3; i++) {
		(void)pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	rig_release(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stress");
	TCase *tests = tcase_create("stress");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, many_devices_complete_in_any_order, 0, 3);
	tcase_add_loop_test(tests,
	    abort_in_the_midst_calls_everything_back_once, 0, 16);
	tcase_add_test(tests, several_threads_complete_one_device);
	tcase_add_loop_test(tests, close_under_a_waiting_thread_is_survived,
	    0, 5);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
