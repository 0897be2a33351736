/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The runtime's parts that need no second process: names, the negotiation of
 * a configuration, the layout's arithmetic, the pool of buffers, gates and
 * named shared memory.
 */

#include "base/clock.h"
#include "base/port/gate.h"
#include "base/port/shm.h"
#include "runtime/configure.h"
#include "runtime/layout.h"
#include "runtime/name.h"
#include "runtime/bufpool.h"
#include "runtime/vdi.h"

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(codes_have_names)
{
	ck_assert_str_eq(vdi_status_name(VD_E_ABORT), "VD_E_ABORT");
	ck_assert_str_eq(vdi_status_name(VD_NOERROR), "NOERROR");
	ck_assert_str_eq(vdi_status_name(-1), "unknown status");
	ck_assert_str_eq(vdi_command_name(VDC_Write), "VDC_Write");
	ck_assert_str_eq(vdi_command_name(VDC_Complete), "VDC_Complete");
	ck_assert_str_eq(vdi_command_name(0), "unknown command");
	ck_assert_str_eq(vdi_command_name(20), "unknown command");
	ck_assert_str_eq(vdi_command_name(-5), "unknown command");
	ck_assert_str_eq(vdi_completion_name(112), "ERROR_DISK_FULL");
	ck_assert_str_eq(vdi_completion_name(77), "unknown completion code");
	ck_assert_str_eq(vdi_completion_text(995),
	    "the operation was aborted");
	ck_assert_str_ne(vdi_completion_text(77), "");
}
END_TEST

START_TEST(names_are_bounded)
{
	char name[LAYOUT_NAME + 2];
	size_t i;

	memset(name, 'n', sizeof(name));
	name[VD_MAX_NAME] = '\0';
	ck_assert(name_is_set_name(name));
	name[VD_MAX_NAME] = 'n';
	name[VD_MAX_NAME + 1] = '\0';
	ck_assert(!name_is_set_name(name));
	/* The limit counts characters, not bytes. */
	for (i = 0; i < VD_MAX_NAME; i++)
		memcpy(name + 2 * i, "\xc3\xa4", 2);
	name[2 * VD_MAX_NAME] = '\0';
	ck_assert(name_is_set_name(name));
	ck_assert(!name_is_set_name(""));
	ck_assert(!name_is_set_name(NULL));
	ck_assert(!name_is_set_name("a\\b"));
	ck_assert(name_is_device_name("a\\b"));
}
END_TEST

START_TEST(object_names_are_safe_and_distinct)
{
	char a[NAME_OBJECT_SIZE], b[NAME_OBJECT_SIZE];
	char name[VD_MAX_NAME + 1];

	name_object("my/set 1", a);
	ck_assert_int_eq(strncmp(a, "/vdibackup-my%2Fset%201-", 24), 0);
	ck_assert_ptr_null(strchr(a + 1, '/'));
	name_object("my/set 2", b);
	ck_assert_str_ne(a, b);
	name_object("My/set 1", b);
	ck_assert_str_ne(a, b);
	/* Long names that differ at their ends only. */
	memset(name, '/', VD_MAX_NAME);
	name[VD_MAX_NAME] = '\0';
	name_object(name, a);
	name[VD_MAX_NAME - 1] = 'x';
	name_object(name, b);
	ck_assert_str_ne(a, b);
	ck_assert_uint_lt(strlen(a), 254);
}
END_TEST

START_TEST(wishes_are_checked)
{
	static const uint32_t good[] = { 0, VDF_LikePipe | VDF_Removable,
		VDF_LikeTape, VDF_LikeDisk, VDF_LikeDisk | VDF_Removable,
		VDF_Discard, VDF_SnapshotPrepare | VDF_RequestComplete,
		VDF_LikeTape | VDF_Discard };
	static const uint32_t bad[] = { VDF_Rewind, VDF_FileMarks,
		VDF_LikeTape | VDF_RandomAccess, VDF_LikeTape & ~VDF_Rewind,
		0x4, 0x01000000 };
	struct VDConfig given = { .deviceCount = 1 }, wishes;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		given.features = good[i];
		ck_assert_int_eq(configure_wishes(&given, &wishes),
		    VD_NOERROR);
		ck_assert_uint_eq(wishes.features, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		given.features = bad[i];
		ck_assert_int_eq(configure_wishes(&given, &wishes),
		    VD_E_NOTSUPPORTED);
	}
	given.features = 0;
	given.alignment = 3;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_E_NOTSUPPORTED);
	given.alignment = 131072;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_E_NOTSUPPORTED);
	given.alignment = 65536;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_NOERROR);
	given.softFileMarkBlockSize = 512;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_E_NOTSUPPORTED);
	given.features = VDF_LikeTape;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_NOERROR);
	given.prefixZoneSize = UINT32_MAX;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_E_NOTSUPPORTED);
}
END_TEST

START_TEST(server_fields_are_ignored_in_wishes)
{
	struct VDConfig given, wishes;

	memset(&given, 0xff, sizeof(given));
	given.deviceCount = 2;
	given.features = VDF_WriteMedia | VDF_ReadMedia | VDF_CompleteEnabled;
	given.prefixZoneSize = given.alignment = 0;
	given.softFileMarkBlockSize = 0;
	ck_assert_int_eq(configure_wishes(&given, &wishes), VD_NOERROR);
	ck_assert_uint_eq(wishes.features, 0);
	ck_assert_uint_eq(wishes.blockSize, 0);
	ck_assert_uint_eq(wishes.maxTransferSize, 0);
}
END_TEST

START_TEST(decision_merges_both_sides)
{
	struct VDConfig wishes = { .deviceCount = 64, .alignment = 4096,
		.features = VDF_RequestComplete }, decision;

	ck_assert_int_eq(configure_decide(&wishes, VDF_WriteMedia |
	    VDF_CompleteEnabled | VDF_Rewind, 512, 0, 4194304, &decision),
	    VD_NOERROR);
	ck_assert_uint_eq(decision.features, VDF_RequestComplete |
	    VDF_WriteMedia | VDF_CompleteEnabled);
	ck_assert_uint_eq(decision.alignment, 4096);
	ck_assert_uint_eq(decision.blockSize, 512);
	ck_assert_uint_eq(decision.maxIODepth, 4);
	ck_assert_uint_eq(decision.bufferAreaSize, 1073741824);
	ck_assert(configure_is_decision(&wishes, &decision));
	decision.deviceCount = 63;
	ck_assert(!configure_is_decision(&wishes, &decision));
	wishes.features = 0;
	ck_assert_int_eq(configure_decide(&wishes, VDF_CompleteEnabled, 512,
	    8192, 65536, &decision), VD_NOERROR);
	ck_assert_uint_eq(decision.features, 0);
	ck_assert_uint_eq(decision.alignment, 8192);
}
END_TEST

START_TEST(layout_grows_with_the_devices)
{
	ck_assert_uint_eq(layout_size(1) % LAYOUT_UNIT, 0);
	ck_assert_uint_ge(layout_size(1), sizeof(struct layout_control) +
	    sizeof(struct layout_device));
	ck_assert_uint_ge(layout_size(64), sizeof(struct layout_control) +
	    64 * sizeof(struct layout_device));
	ck_assert_uint_eq(layout_word(5, ENTRY_TAKEN), 22);
}
END_TEST

START_TEST(pool_holds_what_it_promises)
{
	static const uint32_t alignments[] = { 0, 512, 4096, 65536 };
	static const uint32_t prefixes[] = { 0, 1, 512, 5000 };
	uint32_t a, area, count, i, p, size;
	struct bufpool pool;
	uint64_t data;

	for (a = 0; a < 4; a++) {
		for (p = 0; p < 4; p++) {
			bufpool_init(&pool, prefixes[p], 1024);
			size = 10000;
			ck_assert_int_eq(bufpool_add_area(&pool, 0,
			    bufpool_needs(&pool, size, alignments[a], 17)), 0);
			count = bufpool_available(&pool, size, alignments[a]);
			ck_assert_uint_ge(count, 17);
			for (i = 0; i < count; i++) {
				ck_assert_int_eq(bufpool_allocate(&pool, size,
				    alignments[a], &area, &data), 0);
				ck_assert_uint_ge(data, prefixes[p]);
				ck_assert_uint_eq(data % 1024, 0);
				if (alignments[a] != 0)
					ck_assert_uint_eq(data %
					    alignments[a], 0);
			}
			ck_assert_int_eq(bufpool_allocate(&pool, size,
			    alignments[a], &area, &data), -1);
			bufpool_release(&pool);
		}
	}
}
END_TEST

/* Random use, with every byte of every buffer (prefix included) owned once. */
START_TEST(pool_never_gives_a_byte_twice)
{
	enum { AREA = 262144, BUFFERS = 64, ROUNDS = 4000, PREFIX = 100 };
	static uint8_t owner[2][AREA];
	struct { uint32_t area, size; uint64_t data; } held[BUFFERS] = { 0 };
	uint32_t area, i, k, size;
	unsigned seed = 3, wrong = 0;
	struct bufpool pool;
	uint64_t at, data;

	bufpool_init(&pool, PREFIX, 512);
	ck_assert_int_eq(bufpool_add_area(&pool, 0, AREA), 0);
	ck_assert_int_eq(bufpool_add_area(&pool, 1, AREA), 0);
	for (i = 0; i < ROUNDS; i++) {
		k = (uint32_t)rand_r(&seed) % BUFFERS;
		if (held[k].size != 0) {
			for (at = held[k].data - PREFIX;
			    at < held[k].data + held[k].size; at++) {
				wrong += owner[held[k].area][at] != k + 1;
				owner[held[k].area][at] = 0;
			}
			ck_assert(bufpool_free(&pool, held[k].area,
			    held[k].data, held[k].size));
			ck_assert(!bufpool_free(&pool, held[k].area,
			    held[k].data, held[k].size));
			held[k].size = 0;
			continue;
		}
		size = (uint32_t)rand_r(&seed) % 20000 + 1;
		if (bufpool_allocate(&pool, size, 1u << rand_r(&seed) % 17,
		    &area, &data) != 0)
			continue;
		ck_assert_uint_le(data + size, AREA);
		for (at = data - PREFIX; at < data + size; at++) {
			wrong += owner[area][at] != 0;
			owner[area][at] = (uint8_t)(k + 1);
		}
		held[k].area = area;
		held[k].data = data;
		held[k].size = size;
	}
	for (k = 0; k < BUFFERS; k++)
		if (held[k].size != 0)
			ck_assert(bufpool_free(&pool, held[k].area,
			    held[k].data, held[k].size));
	ck_assert_uint_eq(wrong, 0);
	/* All of it has grown together again. */
	ck_assert_uint_eq(pool.count, 2);
	bufpool_release(&pool);
}
END_TEST

START_TEST(pool_refuses_nonsense)
{
	struct bufpool pool;
	uint64_t data;
	uint32_t area;

	bufpool_init(&pool, 0, 512);
	ck_assert_int_eq(bufpool_add_area(&pool, 0, 65536), 0);
	ck_assert_uint_eq(bufpool_needs(&pool, 512, 3, 1), 0);
	ck_assert_uint_eq(bufpool_needs(&pool, 0, 0, 1), 0);
	ck_assert_uint_eq(bufpool_needs(&pool, 512, 131072, 1), 0);
	ck_assert_uint_eq(bufpool_needs(&pool, UINT32_MAX, 0, UINT32_MAX),
	    UINT64_MAX);
	ck_assert_int_eq(bufpool_allocate(&pool, 65537, 0, &area, &data), -1);
	ck_assert_int_eq(bufpool_allocate(&pool, UINT32_MAX, 0, &area, &data),
	    -1);
	ck_assert_int_eq(bufpool_allocate(&pool, 512, 1000, &area, &data), -1);
	ck_assert(!bufpool_free(&pool, 0, 0, 512));
	bufpool_release(&pool);
}
END_TEST

struct ball {
	struct port_gate ping, pong;
	unsigned rounds;
};

static void
await(struct port_gate *gate, uint32_t seen)
{
	while (port_gate_read(gate) == seen)
		port_gate_wait(gate, seen, INT64_C(10000000000));
}

static void *
play(void *context)
{
	struct ball *ball = context;
	uint32_t i;

	for (i = 0; i < ball->rounds; i++) {
		await(&ball->ping, i);
		port_gate_bump(&ball->pong);
	}
	return (NULL);
}

START_TEST(gate_misses_no_bump)
{
	struct ball ball = { .rounds = 5000 };
	int64_t start = clock_now_ns();
	pthread_t thread;
	uint32_t i;

	ck_assert_int_eq(pthread_create(&thread, NULL, play, &ball), 0);
	for (i = 0; i < ball.rounds; i++) {
		port_gate_bump(&ball.ping);
		await(&ball.pong, i);
	}
	(void)pthread_join(thread, NULL);
	/* One missed bump would have cost a whole time-out. */
	ck_assert_int_lt(clock_now_ns() - start, INT64_C(10000000000));
	ck_assert_uint_eq(atomic_load(&ball.ping.sleepers), 0);
}
END_TEST

START_TEST(gate_wait_ends_in_time)
{
	struct port_gate gate = { 0 };
	int64_t start = clock_now_ns();

	port_gate_wait(&gate, 0, 20 * 1000000);
	ck_assert_int_ge(clock_now_ns() - start, 15 * 1000000);
	ck_assert(!port_gate_spin(&gate, 0));
	/* It has moved on: no sleep. */
	port_gate_wait(&gate, 7, INT64_C(3600000000000));
}
END_TEST

static void
own_name(char name[64], const char *tail)
{
	(void)snprintf(name, 64, "/vdiunit-%ld-%s", (long)getpid(), tail);
}

START_TEST(claims_belong_to_descriptors)
{
	char name[64];
	int ours, theirs;

	own_name(name, "claims");
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &ours), 0);
	ck_assert_int_eq(port_shm_open(name, &theirs), 0);
	ck_assert(port_shm_is_claimed(theirs, PORT_SHM_CREATOR));
	ck_assert(!port_shm_is_claimed(ours, PORT_SHM_CREATOR));
	ck_assert(!port_shm_is_claimed(ours, PORT_SHM_PARTNER));
	ck_assert_int_eq(port_shm_claim(theirs, PORT_SHM_PARTNER), 0);
	ck_assert_int_eq(port_shm_claim(ours, PORT_SHM_PARTNER), EAGAIN);
	ck_assert(port_shm_is_claimed(ours, PORT_SHM_PARTNER));
	port_shm_close(&theirs);
	ck_assert(!port_shm_is_claimed(ours, PORT_SHM_PARTNER));
	ck_assert_int_eq(port_shm_unlink(ours, name), 0);
	port_shm_close(&ours);
}
END_TEST

START_TEST(name_is_taken_from_nobody)
{
	char name[64];
	int first, second, third;

	own_name(name, "names");
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &first), 0);
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &second),
	    EEXIST);
	ck_assert_int_eq(port_shm_unlink(first, name), 0);
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &second), 0);
	/* The first owner's name is the second's by now. */
	ck_assert_int_eq(port_shm_unlink(first, name), 0);
	ck_assert_int_eq(port_shm_open(name, &third), 0);
	port_shm_close(&third);
	ck_assert_int_eq(port_shm_unlink(second, name), 0);
	ck_assert_int_eq(port_shm_open(name, &third), ENOENT);
	port_shm_close(&first);
	port_shm_close(&second);
}
END_TEST

START_TEST(the_last_descriptor_suffices)
{
	struct rlimit former, limit;
	char name[64];
	int fd = dup(STDIN_FILENO);

	own_name(name, "last");
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &former), 0);
	limit = former;
	limit.rlim_cur = (rlim_t)fd + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	(void)close(fd);
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &fd), 0);
	ck_assert_int_eq(port_shm_unlink(fd, name), 0);
	/* And with none left, that is what is said. */
	ck_assert_int_eq(dup(STDIN_FILENO), -1);
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &fd), EMFILE);
	ck_assert_int_eq(fd, -1);
	/* A leak checker needs some. */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &former), 0);
}
END_TEST

START_TEST(object_of_the_open_world_is_refused)
{
	char name[64];
	int fd, other;

	own_name(name, "mode");
	ck_assert_int_eq(port_shm_create(name, "vdiunit-",
	    (int64_t)getegid(), &fd), 0);
	ck_assert_int_eq(port_shm_open(name, &other), 0);
	port_shm_close(&other);
	ck_assert_int_eq(fchmod(fd, 0666), 0);
	ck_assert_int_eq(port_shm_open(name, &other), EACCES);
	ck_assert_int_eq(port_shm_unlink(fd, name), 0);
	port_shm_close(&fd);
}
END_TEST

START_TEST(growth_beyond_all_memory_changes_nothing)
{
	uint64_t size = 0;
	char name[64];
	void *base;
	int fd;

	own_name(name, "growth");
	ck_assert_int_eq(port_shm_create(name, "vdiunit-", -1, &fd), 0);
	ck_assert_int_eq(port_shm_grow(fd, 131072), 0);
	ck_assert_int_eq(port_shm_grow(fd, UINT64_C(1) << 60), ENOSPC);
	ck_assert_int_eq(port_shm_size(fd, &size), 0);
	ck_assert_uint_eq(size, 131072);
	ck_assert_int_eq(port_shm_map(fd, 65536, 65536, 65536, true, &base),
	    0);
	ck_assert_uint_eq((uintptr_t)base % 65536, 0);
	memset(base, 1, 65536);
	port_shm_unmap(base, 65536);
	ck_assert_int_eq(port_shm_unlink(fd, name), 0);
	port_shm_close(&fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("runtime");
	TCase *tests = tcase_create("runtime");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, codes_have_names);
	tcase_add_test(tests, names_are_bounded);
	tcase_add_test(tests, object_names_are_safe_and_distinct);
	tcase_add_test(tests, wishes_are_checked);
	tcase_add_test(tests, server_fields_are_ignored_in_wishes);
	tcase_add_test(tests, decision_merges_both_sides);
	tcase_add_test(tests, layout_grows_with_the_devices);
	tcase_add_test(tests, pool_holds_what_it_promises);
	tcase_add_test(tests, pool_never_gives_a_byte_twice);
	tcase_add_test(tests, pool_refuses_nonsense);
	tcase_add_test(tests, gate_misses_no_bump);
	tcase_add_test(tests, gate_wait_ends_in_time);
	tcase_add_test(tests, claims_belong_to_descriptors);
	tcase_add_test(tests, name_is_taken_from_nobody);
	tcase_add_test(tests, the_last_descriptor_suffices);
	tcase_add_test(tests, object_of_the_open_world_is_refused);
	tcase_add_test(tests, growth_beyond_all_memory_changes_nothing);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
