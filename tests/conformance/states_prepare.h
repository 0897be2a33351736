/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_STATES_PREPARE_H
#define TESTS_CONFORMANCE_STATES_PREPARE_H

#include "states.h"

/*
 * What the cases of doc/states.md prepare.  Where no device is named, it is
 * the first that the subject of the scene drives.
 */

/* How far the halves are to get, before they are built. */
void prepare_be_absent(struct scene *scene);
void prepare_be_unasked(struct scene *scene);
void prepare_announce_one(struct scene *scene);
void prepare_open_none(struct scene *scene);
void prepare_open_all_but_one(struct scene *scene);
void prepare_open_all(struct scene *scene);
void prepare_announce_all(struct scene *scene);
void prepare_have_agent(struct scene *scene);
void prepare_own_nothing(struct scene *scene);
void prepare_drop_name(struct scene *scene);
void prepare_stay_unconfigured(struct scene *scene);
void prepare_ask_for_prefix(struct scene *scene);
void prepare_ask_for_nothing(struct scene *scene);
void prepare_leave_primary_at_work(struct scene *scene);

/* Calls of either half, once they are. */
void prepare_begin(struct scene *scene);
void prepare_queue_command(struct scene *scene);
void prepare_queue_write(struct scene *scene);
void prepare_hold_command(struct scene *scene);
void prepare_hold_write(struct scene *scene);
void prepare_queue_clear(struct scene *scene);
void prepare_hold_clear(struct scene *scene);
void prepare_hold_on_another(struct scene *scene);
void prepare_give_back(struct scene *scene);
void prepare_lend_to_primary(struct scene *scene);
void prepare_close_one(struct scene *scene);
void prepare_end_one(struct scene *scene);
void prepare_close_each(struct scene *scene);
void prepare_end_the_others(struct scene *scene);
void prepare_close_the_last(struct scene *scene);
void prepare_fail_device(struct scene *scene);
void prepare_recover_device(struct scene *scene);
void prepare_fill_queue(struct scene *scene);
void prepare_fill_client(struct scene *scene);
void prepare_close_other(struct scene *scene);
void prepare_kill_other(struct scene *scene);
void prepare_outlive_other(struct scene *scene);
void prepare_abort_client(struct scene *scene);
void prepare_close_client(struct scene *scene);
void prepare_kill_client(struct scene *scene);
void prepare_make_spare(struct scene *scene);
void prepare_make_rival(struct scene *scene);
void prepare_request_buffers(struct scene *scene);
void prepare_request_too_much(struct scene *scene);
void prepare_ask_again(struct scene *scene);

#endif
