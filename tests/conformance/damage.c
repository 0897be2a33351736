/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Shared memory that somebody writes nonsense into: calls end within bounds,
 * and nothing crashes, hangs or reads beyond its memory.
 */

#include "base/clock.h"
#include "base/port/shm.h"
#include "base/port/shmguard.h"
#include "rig.h"
#include "runtime/layout.h"
#include "runtime/name.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS 20
#define ROUNDS 60
/* No single call below asks to wait for longer. */
#define CALL_MS 20

/* The control area as an intruder sees it. */
struct intruder {
	int fd;
	size_t size;
	struct layout_control *control;
	unsigned seed;
};

static void
intrude(struct intruder *intruder, const struct rig *rig, unsigned seed)
{
	char object[NAME_OBJECT_SIZE];
	void *base;

	name_object(rig->name, object);
	ck_assert_int_eq(port_shm_open(object, &intruder->fd), 0);
	intruder->size = layout_size(rig->wishes.deviceCount);
	ck_assert_int_eq(port_shm_map(intruder->fd, 0, intruder->size, 1,
	    false, &base), 0);
	intruder->control = base;
	intruder->seed = seed;
}

static void
leave(struct intruder *intruder)
{
	port_shm_unmap(intruder->control, intruder->size);
	port_shm_close(&intruder->fd);
}

static uint32_t
dice(struct intruder *intruder)
{
	return ((uint32_t)rand_r(&intruder->seed) << 16 ^
	    (uint32_t)rand_r(&intruder->seed));
}

/* One set whose name outlives the opening of its devices. */
static void
start(struct rig *rig, struct intruder *intruder, unsigned seed)
{
	rig_init(rig, 2);
	client_set_keep_name(rig->client, true);
	rig_connect(rig);
	rig_configure(rig);
	rig_start_agent(rig);
	rig_open_server(rig);
	rig_open_client(rig);
	intrude(intruder, rig, seed);
}

/* Use both halves for a while, whatever they say. */
static void
use(struct rig *rig, struct intruder *intruder,
    void (*damage)(struct intruder *))
{
	static struct rig_command sent[ROUNDS];
	struct deadline deadline = clock_deadline(RIG_PATIENCE_MS);
	struct VDC_Command *command;
	struct VDConfig config;
	uint8_t *buffer, *other;
	unsigned i, d;

	ck_assert_int_eq(server_allocate_buffer(rig->server, &buffer,
	    RIG_BLOCK, 0), VD_NOERROR);
	for (i = 0; i < ROUNDS; i++) {
		d = i % 2;
		rig_prepare(&sent[i], VDC_Write, buffer, RIG_BLOCK);
		IGNORE_RESULT(server_send_command(rig->partners[d],
		    &sent[i].command) != VD_NOERROR);
		damage(intruder);
		if (client_get_command(rig->devices[d], CALL_MS / 10,
		    &command) == VD_NOERROR) {
			/* Whatever it is, it lies in memory of ours. */
			if (command->buffer != NULL && command->size > 0 &&
			    command->commandCode == VDC_Write)
				memset(command->buffer, 'x',
				    (size_t)command->size);
			IGNORE_RESULT(client_complete_command(rig->devices[d],
			    command, 0, 0, 0) != VD_NOERROR);
		}
		damage(intruder);
		if (server_allocate_buffer(rig->server, &other, RIG_BLOCK,
		    0) == VD_NOERROR)
			(void)server_free_buffer(rig->server, other,
			    RIG_BLOCK);
	}
	IGNORE_RESULT(client_get_configuration(rig->client, CALL_MS,
	    &config) != VD_NOERROR);
	IGNORE_RESULT(server_wait_for_client(rig->server, CALL_MS) !=
	    VD_NOERROR);
	for (d = 0; d < 2; d++)
		(void)server_close_device(rig->partners[d]);
	(void)client_close(rig->client);
	(void)server_close(rig->server);
	(void)rig_join_agent(rig);
	/* Nothing is lost: what was sent has been answered once. */
	for (i = 0; i < ROUNDS; i++)
		ck_assert_int_eq(atomic_load(&sent[i].calls), 1);
	ck_assert(!clock_has_passed(deadline));
}

/* Random bytes over everything, once in a while. */
static void
scribble_all(struct intruder *intruder)
{
	uint8_t *at = (uint8_t *)intruder->control;
	size_t i;

	if (dice(intruder) % 16 != 0)
		return;
	for (i = 0; i < intruder->size; i += 4) {
		uint32_t word = dice(intruder);

		memcpy(at + i, &word, sizeof(word));
	}
}

/* Flip bytes in the devices' queues. */
static void
scribble_queues(struct intruder *intruder)
{
	uint8_t *at = (uint8_t *)intruder->control->devices;
	size_t size = 2 * sizeof(struct layout_device);
	unsigned i;

	for (i = 0; i < 64; i++)
		at[dice(intruder) % size] = (uint8_t)dice(intruder);
}

/* Leave the words that say an entry is valid, and lie in the rest. */
static void
lie_in_commands(struct intruder *intruder)
{
	struct layout_command *entry;
	unsigned d, i;

	for (d = 0; d < 2; d++) {
		for (i = 0; i < LAYOUT_QUEUE; i++) {
			entry = &intruder->control->devices[d].commands[i];
			switch (dice(intruder) % 6) {
			case 0:
				entry->slot = dice(intruder);
				break;
			case 1:
				entry->size = (int32_t)dice(intruder);
				break;
			case 2:
				entry->offset = (uint64_t)dice(intruder) << 24;
				break;
			case 3:
				entry->area = dice(intruder) % 4;
				break;
			case 4:
				entry->code = (int32_t)dice(intruder) % 24;
				break;
			default:
				break;
			}
		}
	}
}

/* Completions that nobody has written, in the right order. */
static void
forge_completions(struct intruder *intruder)
{
	struct layout_completion *entry;
	unsigned d, i;

	for (d = 0; d < 2; d++) {
		for (i = 0; i < LAYOUT_QUEUE; i++) {
			entry = &intruder->control->devices[d].completions[i];
			entry->slot = dice(intruder) % 130;
			entry->ticket = dice(intruder) % 8;
			entry->bytes = dice(intruder) % 1024;
			entry->code = dice(intruder) % 2;
			atomic_store(&entry->word, i + 1);
		}
	}
}

/* A queue that never ends: every entry claims to be the next one. */
static void
forge_queue(struct intruder *intruder)
{
	struct layout_command *entry;
	uint32_t state = dice(intruder) % 4;
	unsigned i;

	for (i = 0; i < LAYOUT_QUEUE; i++) {
		entry = &intruder->control->devices[dice(intruder) % 2]
		    .commands[i];
		atomic_store(&entry->word, layout_word(i +
		    dice(intruder) % 2 * LAYOUT_QUEUE,
		    (enum layout_entry)state));
	}
}

/* Areas that reach beyond the object, or overlap the control area. */
static void
lie_about_areas(struct intruder *intruder)
{
	struct layout_area *area;
	unsigned i;

	atomic_store(&intruder->control->area_count, dice(intruder));
	for (i = 1; i < LAYOUT_AREAS; i++) {
		area = &intruder->control->areas[i];
		area->offset = (uint64_t)(dice(intruder) % 64) * LAYOUT_UNIT;
		area->length = (uint64_t)(dice(intruder) % 64) * LAYOUT_UNIT;
	}
	for (i = 0; i < LAYOUT_QUEUE; i++)
		intruder->control->devices[0].commands[i].area =
		    dice(intruder) % 2000;
}

static void
zero_all(struct intruder *intruder)
{
	if (dice(intruder) % 32 == 0)
		memset(intruder->control, 0, intruder->size);
}

/* Make the object shorter than what is mapped of it. */
static void
cut_short(struct intruder *intruder)
{
	if (dice(intruder) % 32 == 0)
		ck_assert_int_eq(ftruncate(intruder->fd,
		    (off_t)(dice(intruder) % (4 * intruder->size))), 0);
}

static void
run_seeds(void (*damage)(struct intruder *), int seed)
{
	struct intruder intruder;
	struct rig rig;

	start(&rig, &intruder, (unsigned)seed * 7919 + 1);
	use(&rig, &intruder, damage);
	leave(&intruder);
	rig_release(&rig);
}

START_TEST(random_bytes_everywhere)
{
	run_seeds(scribble_all, _i);
}
END_TEST

START_TEST(random_bytes_in_the_queues)
{
	run_seeds(scribble_queues, _i);
}
END_TEST

START_TEST(lies_about_commands)
{
	run_seeds(lie_in_commands, _i);
}
END_TEST

START_TEST(forged_completions)
{
	run_seeds(forge_completions, _i);
}
END_TEST

START_TEST(forged_queues)
{
	run_seeds(forge_queue, _i);
}
END_TEST

START_TEST(lies_about_areas)
{
	run_seeds(lie_about_areas, _i);
}
END_TEST

START_TEST(everything_zeroed)
{
	run_seeds(zero_all, _i);
}
END_TEST

START_TEST(cut_short_at_any_time)
{
	ck_assert_int_eq(port_shmguard_install(), 0);
	run_seeds(cut_short, _i);
}
END_TEST

START_TEST(cut_short_aborts_the_set)
{
	struct rig_command sent;
	struct VDC_Command *command;
	struct intruder intruder;
	struct rig rig;
	uint8_t *buffer;

	ck_assert_int_eq(port_shmguard_install(), 0);
	start(&rig, &intruder, 1);
	buffer = rig_buffer(&rig);
	rig_send(rig.partners[0], &sent, VDC_Write, buffer, RIG_BLOCK);
	command = rig_next(rig.devices[0]);
	ck_assert_int_eq(ftruncate(intruder.fd, (off_t)intruder.size), 0);
	/* Neither half vouches for bytes that it found to be gone. */
	ck_assert_int_eq(command->buffer[0], 0);
	ck_assert_int_eq(client_complete_command(rig.devices[0], command, 0,
	    RIG_BLOCK, 0), VD_E_ABORT);
	ck_assert_str_eq(client_abort_text(rig.client),
	    "another process cut the shared memory short");
	buffer[0] = 'x';
	ck_assert_int_eq(server_close_device(rig.partners[0]), VD_E_ABORT);
	ck_assert_str_eq(server_abort_text(rig.server),
	    "another process cut the shared memory short");
	ck_assert_int_eq(rig_answer(&sent), VD_ERROR_OPERATION_ABORTED);
	(void)rig_join_agent(&rig);
	leave(&intruder);
	rig_release(&rig);
}
END_TEST

/* A file's mapping, which is nothing of ours, is touched behind its end. */
static void
touch_beyond_end(void)
{
	FILE *file = tmpfile();
	volatile char *base;

	if (file == NULL)
		_exit(0);
	base = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(file), 0);
	_exit(base == MAP_FAILED || base[0] == 0 ? 0 : 1);
}

START_TEST(another_bus_error_still_ends_the_process)
{
	int status = 0;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		(void)alarm(RIG_PATIENCE_MS / 1000);
		if (port_shmguard_install() == 0 &&
		    port_shmguard_install() == 0)
			touch_beyond_end();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
	ck_assert(!WIFSIGNALED(status) || WTERMSIG(status) != SIGALRM);
}
END_TEST

START_TEST(abort_cannot_be_taken_back)
{
	struct VDC_Command *command;
	struct intruder intruder;
	struct rig rig;

	start(&rig, &intruder, 1);
	ck_assert_int_eq(server_signal_abort(rig.server), VD_NOERROR);
	ck_assert_int_eq(client_get_command(rig.devices[0], 0, &command),
	    VD_E_ABORT);
	atomic_store(&intruder.control->abort, 0);
	ck_assert_int_eq(client_get_command(rig.devices[0], 0, &command),
	    VD_E_ABORT);
	(void)rig_join_agent(&rig);
	leave(&intruder);
	rig_release(&rig);
}
END_TEST

START_TEST(damaged_set_is_not_opened)
{
	struct intruder intruder;
	struct rig rig;
	unsigned i;

	rig_init(&rig, 2);
	ck_assert_int_eq(client_create(rig.client, rig.name, &rig.wishes),
	    VD_NOERROR);
	intrude(&intruder, &rig, 11);
	for (i = 0; i < 4; i++) {
		struct layout_control *control = intruder.control;
		uint32_t *words[] = { &control->version,
			&control->device_count, &control->name_length,
			&control->wishes.deviceCount };
		uint32_t good = *words[i];

		*words[i] = dice(&intruder) | 0x80000000u;
		ck_assert_int_eq(server_open(rig.server, rig.name),
		    VD_E_INVALID);
		*words[i] = good;
	}
	ck_assert_int_eq(server_open(rig.server, rig.name), VD_NOERROR);
	leave(&intruder);
	rig_release(&rig);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("damage");
	TCase *tests = tcase_create("damage");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, random_bytes_everywhere, 0, SEEDS);
	tcase_add_loop_test(tests, random_bytes_in_the_queues, 0, SEEDS);
	tcase_add_loop_test(tests, lies_about_commands, 0, SEEDS);
	tcase_add_loop_test(tests, forged_completions, 0, SEEDS);
	tcase_add_loop_test(tests, forged_queues, 0, SEEDS);
	tcase_add_loop_test(tests, lies_about_areas, 0, SEEDS);
	tcase_add_loop_test(tests, everything_zeroed, 0, SEEDS);
	tcase_add_loop_test(tests, cut_short_at_any_time, 0, SEEDS);
	tcase_add_test(tests, cut_short_aborts_the_set);
	tcase_add_test(tests, another_bus_error_still_ends_the_process);
	tcase_add_test(tests, abort_cannot_be_taken_back);
	tcase_add_test(tests, damaged_set_is_not_opened);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
