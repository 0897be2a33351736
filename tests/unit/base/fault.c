/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a fault fires once, at the place that its text names, and only where
 * the table allows it. */
#include <config.h>

#include "base/fault_use.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct fault_plan plan;
static char announced[96];
static char announced_where[96];

static void
on_announce(void *context, const char *text, const char *where)
{
	(void)context;
	(void)snprintf(announced, sizeof(announced), "%s", text);
	(void)snprintf(announced_where, sizeof(announced_where), "%s", where);
}

static void
begin(void)
{
	announced[0] = announced_where[0] = '\0';
	fault_plan_init(&plan, on_announce, NULL);
}

static void
end(void)
{
	fault_plan_release(&plan);
}

static void
add(const char *text)
{
	struct error error;

	error_init(&error);
	ck_assert_msg(fault_plan_add(&plan, text, &error) == 0, "%s",
	    error.text);
}

START_TEST(texts_are_read)
{
	add("fail,code=crc,device=3");
	add("stall=90s,at=manifest");
	add("corrupt,after=1MiB");
	ck_assert_int_eq(plan.faults[0].kind, FAULT_FAIL);
	ck_assert_uint_eq(plan.faults[0].code, 23);
	ck_assert_uint_eq(plan.faults[0].device, 3);
	ck_assert_int_eq(plan.faults[1].stall_ms, 90000);
	ck_assert_str_eq(plan.faults[1].phase, "manifest");
	ck_assert_uint_eq(plan.faults[2].after, 1 << 20);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	static const char *const wrong[] = { "", "abor", "stall", "abort=1",
		"fail,code=", "fail,code=none", "abort,code=crc",
		"kill,device=0", "kill,device=65", "kill,command=-1",
		"kill,after=much", "kill,at=", "kill,when=now", "kill,kill" };
	size_t i;

	for (i = 0; i < ARRAY_COUNT(wrong); i++) {
		struct error error;

		error_init(&error);
		ck_assert_msg(fault_plan_add(&plan, wrong[i], &error) != 0,
		    "%s", wrong[i]);
		ck_assert_int_eq(error.kind, KIND_USAGE);
		ck_assert_int_ne(error.hint[0], '\0');
	}
}
END_TEST

START_TEST(commands_are_hit_once_and_where_they_are_told)
{
	static const struct {
		const char *text;
		struct fault_place before;
		struct fault_place at;
		const char *where;
	} cases[] = {
		{ "abort,device=2,command=3", { 2, 2, 0, NULL },
		    { 2, 3, 0, NULL }, "device 2, command 3" },
		{ "abort,device=2", { 1, 1, 0, NULL }, { 2, 7, 0, NULL },
		    "device 2, command 7" },
		{ "abort,after=100", { 1, 4, 99, NULL }, { 1, 5, 100, NULL },
		    "device 1, command 5" },
		{ "abort,at=flush", { 1, 4, 0, NULL }, { 1, 5, 0, "flush" },
		    "device 1, command 5, a flush" },
		{ "abort,at=complete,device=2", { 1, 4, 0, "complete" },
		    { 2, 9, 0, "complete" },
		    "device 2, command 9, a complete" },
		{ "abort,command=5", { 1, 4, 0, NULL }, { 1, 5, 0, "flush" },
		    "device 1, command 5, a flush" },
		{ "corrupt,command=3", { 1, 2, 0, NULL }, { 1, 6, 0, NULL },
		    "device 1, command 6" },
	};
	const struct fault *fault;

	add(cases[_i].text);
	ck_assert_ptr_null(fault_at_command(&plan, FAULT_MASK_ALL,
	    &cases[_i].before));
	ck_assert_ptr_null(fault_at_command(&plan, FAULT_MASK(FAULT_STALL),
	    &cases[_i].at));
	fault = fault_at_command(&plan, FAULT_MASK_ALL, &cases[_i].at);
	ck_assert_ptr_nonnull(fault);
	ck_assert_str_eq(announced, cases[_i].text);
	ck_assert_str_eq(announced_where, cases[_i].where);
	ck_assert_ptr_null(fault_at_command(&plan, FAULT_MASK_ALL,
	    &cases[_i].at));
	ck_assert_uint_eq(fault_fired(&plan), 1);
}
END_TEST

START_TEST(phases_are_hit_by_their_name)
{
	static const struct fault_place place = { 1, 1, 0, NULL };

	add("kill,at=manifest");
	ck_assert_ptr_null(fault_at_phase(&plan, FAULT_MASK_ALL, "durable"));
	ck_assert_ptr_null(fault_at_command(&plan, FAULT_MASK_ALL, &place));
	ck_assert_ptr_nonnull(fault_at_phase(&plan, FAULT_MASK_ALL,
	    "manifest"));
	ck_assert_str_eq(announced_where, "phase manifest");
	ck_assert_ptr_null(fault_at_phase(&plan, FAULT_MASK_ALL, "manifest"));
}
END_TEST

START_TEST(what_somebody_else_played_is_noted)
{
	add("abort");
	add("corrupt,device=2");
	ck_assert(!fault_has_fired(&plan, "kill"));
	ck_assert(fault_has_fired(&plan, "corrupt,device=2"));
	ck_assert(!fault_has_fired(&plan, "corrupt,device=2"));
	ck_assert_ptr_eq(fault_fired_of(&plan, FAULT_CORRUPT),
	    &plan.faults[1]);
	ck_assert_ptr_null(fault_fired_of(&plan, FAULT_ABORT));
	ck_assert_str_eq(announced, "");
}
END_TEST

/* Every line of the table can be written down, and is accepted. */
START_TEST(the_table_allows_what_it_says)
{
	const struct fault_use *use;
	unsigned places = 0;
	char place[24];
	char text[96];
	size_t i;
	size_t j;

	for (i = 0; (use = fault_use_at(i)) != NULL; i++)
		for (j = 0; fault_use_place(use, j, place, sizeof(place));
		    j++) {
			struct error error;

			error_init(&error);
			plan.count = 0;
			(void)snprintf(text, sizeof(text), "%s%s%s%s",
			    fault_kind_name(use->kind),
			    use->kind == FAULT_STALL ? "=1" : "",
			    strcmp(place, "command") == 0 ? "" : ",at=",
			    strcmp(place, "command") == 0 ? "" : place);
			add(text);
			ck_assert_msg(fault_plan_check(&plan, use->side,
			    use->direction, &error) == 0, "%s", error.text);
			places++;
		}
	ck_assert_uint_gt(places, 200);
	plan.count = 0;
}
END_TEST

START_TEST(what_makes_no_sense_is_refused_with_a_sentence)
{
	static const struct {
		enum fault_side side;
		enum fault_direction direction;
		const char *text;
		const char *hint; /* a part of it */
	} cases[] = {
		{ FAULT_SIDE_CLIENT, FAULT_DIRECTION_RESTORE, "sink-full",
		    "vdi-engine in a restore" },
		{ FAULT_SIDE_ENGINE, FAULT_DIRECTION_BACKUP, "sink-full",
		    "vdibackup in a backup" },
		{ FAULT_SIDE_CLIENT, FAULT_DIRECTION_BACKUP,
		    "corrupt,at=plan", "at: a command (device=N" },
		{ FAULT_SIDE_CLIENT, FAULT_DIRECTION_BACKUP, "abort,at=foo",
		    "at=manifest" },
		{ FAULT_SIDE_CLIENT, FAULT_DIRECTION_RESTORE,
		    "abort,at=flush", "at=result" },
		{ FAULT_SIDE_CLIENT, FAULT_DIRECTION_BACKUP,
		    "sql-cancel,at=plan", "at=configure" },
		{ FAULT_SIDE_CLIENT, FAULT_DIRECTION_BACKUP,
		    "abort,at=plan,device=1", "stand alone" },
		{ FAULT_SIDE_ENGINE, FAULT_DIRECTION_BACKUP,
		    "abort,at=flush,command=3", "device=N" },
	};
	struct error error;

	error_init(&error);
	add(cases[_i].text);
	ck_assert_int_ne(fault_plan_check(&plan, cases[_i].side,
	    cases[_i].direction, &error), 0);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_ptr_nonnull(strstr(error.text, cases[_i].text));
	ck_assert_msg(strstr(error.hint, cases[_i].hint) != NULL, "%s",
	    error.hint);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base: faults");
	TCase *tests = tcase_create("faults");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, texts_are_read);
	tcase_add_test(tests, nonsense_is_refused);
	tcase_add_loop_test(tests,
	    commands_are_hit_once_and_where_they_are_told, 0, 7);
	tcase_add_test(tests, phases_are_hit_by_their_name);
	tcase_add_test(tests, what_somebody_else_played_is_noted);
	tcase_add_test(tests, the_table_allows_what_it_says);
	tcase_add_loop_test(tests,
	    what_makes_no_sense_is_refused_with_a_sentence, 0, 8);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
