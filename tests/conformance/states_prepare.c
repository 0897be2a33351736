/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/* What the cases of rows prepare; states_cases.c has their texts. */

#include "states_prepare.h"

#include "base/clock.h"

#include <time.h>

/* ---- shapes ---- */

void
prepare_be_absent(struct scene *scene)
{
	scene->is_absent = true;
}

void
prepare_be_unasked(struct scene *scene)
{
	scene->is_unasked = true;
}

void
prepare_announce_one(struct scene *scene)
{
	scene->announced = 1;
	scene->opened = 1;
	scene->has_own = false;
}

void
prepare_open_none(struct scene *scene)
{
	scene->opened = 0;
	if (scene->row->side == SIDE_SERVER)
		scene->announced = 0;
}

void
prepare_open_all_but_one(struct scene *scene)
{
	scene->opened = HALF_DEVICES - 1;
	if (scene->row->side == SIDE_SERVER)
		scene->announced = HALF_DEVICES - 1;
}

void
prepare_open_all(struct scene *scene)
{
	scene->announced = HALF_DEVICES;
	scene->opened = HALF_DEVICES;
}

void
prepare_announce_all(struct scene *scene)
{
	scene->announced = HALF_DEVICES;
	scene->opened = HALF_DEVICES - 1;
}

void
prepare_have_agent(struct scene *scene)
{
	scene->has_agent = true;
}

void
prepare_own_nothing(struct scene *scene)
{
	scene->has_own = false;
}

void
prepare_drop_name(struct scene *scene)
{
	scene->drops_name = true;
}

void
prepare_stay_unconfigured(struct scene *scene)
{
	scene->plan.origin = STATE_CONNECTED;
	scene->is_attached = false;
}

void
prepare_ask_for_prefix(struct scene *scene)
{
	scene->wishes.prefixZoneSize = RIG_BLOCK;
}

void
prepare_ask_for_nothing(struct scene *scene)
{
	scene->wishes.features = 0;
}

void
prepare_leave_primary_at_work(struct scene *scene)
{
	scene->plan.origin = STATE_ACTIVE;
}

/* ---- preparations ---- */

void
prepare_begin(struct scene *scene)
{
	scene_want(scene, &scene->server, ORDER_BEGIN, 0, 0, VD_NOERROR);
}

void
prepare_queue_command(struct scene *scene)
{
	scene_send(scene, scene_device(scene), VDC_Flush);
}

void
prepare_queue_write(struct scene *scene)
{
	scene_send(scene, scene_device(scene), VDC_Write);
}

void
prepare_hold_command(struct scene *scene)
{
	scene_lend(scene, scene_device(scene), VDC_Flush);
}

void
prepare_hold_write(struct scene *scene)
{
	scene_lend(scene, scene_device(scene), VDC_Write);
}

void
prepare_queue_clear(struct scene *scene)
{
	scene_send(scene, scene_device(scene), VDC_ClearError);
}

void
prepare_hold_clear(struct scene *scene)
{
	scene_lend(scene, scene_device(scene), VDC_ClearError);
}

void
prepare_hold_on_another(struct scene *scene)
{
	scene_lend(scene, 1, VDC_Flush);
}

void
prepare_give_back(struct scene *scene)
{
	const struct VDC_Command *command;

	prepare_hold_write(scene);
	command = half_held(scene->subject, scene_device(scene));
	scene->buffer = command->buffer;
	scene_want(scene, scene->subject, ORDER_COMPLETE,
	    scene_device(scene), 0, VD_NOERROR);
}

void
prepare_lend_to_primary(struct scene *scene)
{
	scene_lend(scene, 0, VDC_Write);
	scene->handle = (uint32_t)half_order(&scene->client, ORDER_HANDLE, 0,
	    0);
}

void
prepare_close_one(struct scene *scene)
{
	scene_want(scene, &scene->server, ORDER_CLOSE_DEVICE,
	    scene_device(scene), 0, VD_NOERROR);
}

void
prepare_end_one(struct scene *scene)
{
	prepare_close_one(scene);
	scene_want(scene, scene_owner(scene, scene_device(scene)), ORDER_TAKE,
	    scene_device(scene), 0, VD_E_CLOSE);
}

void
prepare_close_each(struct scene *scene)
{
	unsigned i;

	for (i = 0; i < HALF_DEVICES; i++)
		scene_want(scene, &scene->server, ORDER_CLOSE_DEVICE, i, 0,
		    VD_NOERROR);
}

void
prepare_end_the_others(struct scene *scene)
{
	unsigned i;

	for (i = 1; i < HALF_DEVICES; i++) {
		scene_want(scene, &scene->server, ORDER_CLOSE_DEVICE, i, 0,
		    VD_NOERROR);
		scene_want(scene, &scene->client, ORDER_TAKE, i, 0,
		    VD_E_CLOSE);
	}
}

void
prepare_close_the_last(struct scene *scene)
{
	prepare_end_the_others(scene);
	prepare_close_one(scene);
}

void
prepare_fail_device(struct scene *scene)
{
	scene_lend(scene, 0, VDC_Flush);
	scene_want(scene, &scene->client, ORDER_FAIL, 0, 0, VD_NOERROR);
	scene_want(scene, &scene->server, ORDER_ANSWER, 0, 0,
	    VD_ERROR_DISK_FULL);
}

void
prepare_recover_device(struct scene *scene)
{
	prepare_fail_device(scene);
	scene_lend(scene, 0, VDC_ClearError);
	scene_want(scene, &scene->client, ORDER_COMPLETE, 0, 0, VD_NOERROR);
	scene_want(scene, &scene->server, ORDER_ANSWER, 0, 0, 0);
}

void
prepare_fill_queue(struct scene *scene)
{
	int status;

	do
		status = half_order(&scene->server, ORDER_SEND, 0, VDC_Flush);
	while (status == VD_NOERROR);
	if (status != VD_E_QUEUE_FULL)
		scene_fail(scene, "the queue does not fill");
}

void
prepare_fill_client(struct scene *scene)
{
	int status = VD_NOERROR;

	prepare_fill_queue(scene);
	while (status == VD_NOERROR)
		status = half_order(&scene->client, ORDER_POLL, 0, 0);
	if (status != VD_E_TIMEOUT)
		scene_fail(scene, "the client does not take the queue");
}

void
prepare_close_other(struct scene *scene)
{
	scene_want(scene, scene->other, ORDER_CLOSE, 0, 0, VD_NOERROR);
}

void
prepare_kill_other(struct scene *scene)
{
	half_kill(scene->other);
}

/* Nor is it noticed later, where it means nothing: longer than a look at the
 * peer takes to come round. */
void
prepare_outlive_other(struct scene *scene)
{
	const struct timespec pause = { 0, 10000000 };
	struct deadline deadline = clock_deadline(300);

	half_kill(scene->other);
	while (!clock_has_passed(deadline)) {
		scene_want(scene, scene->subject, ORDER_PROBE, 0, 0,
		    (int)scene->state);
		(void)nanosleep(&pause, NULL);
	}
}

void
prepare_abort_client(struct scene *scene)
{
	scene_want(scene, &scene->client, ORDER_ABORT, 0, 0, VD_NOERROR);
}

void
prepare_close_client(struct scene *scene)
{
	scene_want(scene, &scene->client, ORDER_CLOSE, 0, 0, VD_NOERROR);
}

void
prepare_kill_client(struct scene *scene)
{
	half_kill(&scene->client);
}

void
prepare_make_spare(struct scene *scene)
{
	const struct VDConfig wishes = { .deviceCount = 1 };

	rig_name(scene->created);
	scene->spare = client_set_new();
	ck_assert_ptr_nonnull(scene->spare);
	ck_assert_int_eq(client_create(scene->spare, scene->created,
	    &wishes), VD_NOERROR);
}

void
prepare_make_rival(struct scene *scene)
{
	scene->rival = server_set_new();
	ck_assert_ptr_nonnull(scene->rival);
	ck_assert_int_eq(server_open(scene->rival, scene->client.name),
	    VD_NOERROR);
}

void
prepare_request_buffers(struct scene *scene)
{
	ck_assert_int_eq(server_request_buffers(scene->server.server,
	    RIG_TRANSFER, 0, 3), VD_NOERROR);
}

void
prepare_request_too_much(struct scene *scene)
{
	ck_assert_int_eq(server_request_buffers(scene->server.server,
	    VD_MAX_TRANSFER_SIZE, 0, UINT32_MAX), VD_NOERROR);
}

void
prepare_ask_again(struct scene *scene)
{
	prepare_request_too_much(scene);
	ck_assert_int_eq(server_end_configuration(scene->server.server),
	    VD_E_MEMORY);
	prepare_request_buffers(scene);
}
