/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * doc/states.md, row by row, and whether it is whole: every call in every
 * state of either side has a row, every row was executed, and nothing that
 * the rows could say is left unsaid.
 */

#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct states_table table;
/* Executions of each row; shared with the processes that Check forks. */
static _Atomic unsigned *runs;

START_TEST(row_holds)
{
	const struct states_row *row = &table.rows[_i];

	atomic_store(&runs[_i], row->side == SIDE_RACE ? states_race_run(row) :
	    states_row_run(row));
}
END_TEST

static bool
has_row(enum states_side side, const char *call, enum half_state state,
    const char *variant)
{
	const struct states_row *row;
	size_t i;

	for (i = 0; i < table.count; i++) {
		row = &table.rows[i];
		if (row->side == side && strcmp(row->call, call) == 0 &&
		    states_state(side, row->state) == state &&
		    (variant == NULL || strcmp(row->variant, variant) == 0))
			return (true);
	}
	return (false);
}

/* An object that never attached is one that was never created, and one that
 * is Configurable has become a primary. */
static bool
is_said_elsewhere(enum states_side side, const char *call,
    enum half_state state)
{
	if (side != SIDE_SECONDARY)
		return (false);
	return (state == STATE_CONFIGURABLE || (state == STATE_NEVER &&
	    strcmp(call, "OpenInSecondary") != 0));
}

static void
check_call(const struct states_call *call)
{
	enum half_state state;
	unsigned side;

	for (side = SIDE_CLIENT; side < SIDE_COMMAND; side++) {
		if ((call->sides & ON(side)) == 0)
			continue;
		for (state = STATE_NEVER; state <= STATE_ENDED; state++)
			if (strcmp(states_state_name(side, state),
			    "no state") != 0 &&
			    !is_said_elsewhere(side, call->name, state) &&
			    !has_row(side, call->name, state, NULL))
				ck_abort_msg("no row for %s in %s, side %u",
				    call->name,
				    states_state_name(side, state), side);
	}
}

START_TEST(every_call_has_a_row_in_every_state)
{
	size_t i;

	for (i = 0; i < states_client_call_count; i++)
		check_call(&states_client_calls[i]);
	for (i = 0; i < states_server_call_count; i++)
		check_call(&states_server_calls[i]);
}
END_TEST

START_TEST(every_command_has_a_cell_in_every_state)
{
	static const char *const calls[] = { "SendCommand", "GetCommand",
		"CompleteCommand" };
	static const enum half_state states[] = { STATE_ACTIVE,
		STATE_ERRORED, STATE_ENDED, STATE_ABORT, STATE_CLOSED };
	unsigned i, k;
	int32_t code;

	for (i = 0; i < ARRAY_COUNT(calls); i++)
		for (k = 0; k < ARRAY_COUNT(states); k++)
			for (code = VDC_Read; code <= VDC_Complete; code++)
				ck_assert_msg(has_row(SIDE_COMMAND, calls[i],
				    states[k], vdi_command_name(code)),
				    "no cell for %s with %s", calls[i],
				    vdi_command_name(code));
}
END_TEST

static bool
are_the_same(const struct states_row *a, const struct states_row *b)
{
	return (a->side == b->side && strcmp(a->who, b->who) == 0 &&
	    strcmp(a->call, b->call) == 0 &&
	    strcmp(a->state, b->state) == 0 &&
	    strcmp(a->variant, b->variant) == 0);
}

START_TEST(no_row_is_there_twice)
{
	size_t i, k;

	for (i = 0; i < table.count; i++)
		for (k = i + 1; k < table.count; k++)
			if (are_the_same(&table.rows[i], &table.rows[k]))
				ck_abort_msg("states.md:%u says what line %u "
				    "said", table.rows[k].line,
				    table.rows[i].line);
}
END_TEST

/* Is it the row's call, or the first of its calls? */
static bool
is_call_of(const struct states_row *row, const char *call)
{
	size_t length;

	if (call == NULL)
		return (true);
	length = strlen(call);
	return (strncmp(row->call, call, length) == 0 &&
	    (row->call[length] == '\0' || row->call[length] == ','));
}

/* Is it one of the parts of the row's case? */
static bool
mentions(const struct states_row *row, const struct states_case *part)
{
	const char *rest = row->variant;
	size_t length;

	if ((part->sides & ON(row->side)) == 0 || row->side == SIDE_COMMAND)
		return (false);
	while (*rest != '\0') {
		length = strcspn(rest, ",");
		if (length == strlen(part->text) &&
		    memcmp(rest, part->text, length) == 0 &&
		    is_call_of(row, part->call))
			return (true);
		rest += length;
		rest += strspn(rest, ", ");
	}
	return (false);
}

static bool
is_in_some_row(const struct states_case *part)
{
	size_t i;

	for (i = 0; i < table.count; i++)
		if (mentions(&table.rows[i], part))
			return (true);
	return (false);
}

START_TEST(every_case_is_in_some_row)
{
	size_t i;

	for (i = 0; i < states_case_count(); i++)
		ck_assert_msg(is_in_some_row(states_case_at(i)),
		    "no row has the case '%s'", states_case_at(i)->text);
}
END_TEST

/* Rows that Check reached, of those that there are. */
static size_t
report(void)
{
	size_t i, reached = 0;
	unsigned all = 0;

	for (i = 0; i < table.count; i++) {
		if (runs[i] > 0)
			reached++;
		else
			(void)printf("states.md:%u: not reached: %s in %s\n",
			    table.rows[i].line, table.rows[i].call,
			    table.rows[i].state);
		all += runs[i];
	}
	(void)printf("states: %zu rows, %zu reached, %u executions\n",
	    table.count, reached, all);
	return (reached);
}

int
main(void)
{
	Suite *suite = suite_create("states");
	TCase *rows = tcase_create("rows"), *whole = tcase_create("whole");
	const char *top = getenv("top_srcdir");
	SRunner *runner;
	char path[4096];
	size_t reached;
	int failed;

	(void)snprintf(path, sizeof(path), "%s/doc/states.md",
	    top == NULL ? "." : top);
	states_table_read(&table, path);
	runs = mmap(NULL, table.count * sizeof(*runs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (runs == MAP_FAILED)
		return (EXIT_FAILURE);
	tcase_add_test(whole, every_call_has_a_row_in_every_state);
	tcase_add_test(whole, every_command_has_a_cell_in_every_state);
	tcase_add_test(whole, no_row_is_there_twice);
	tcase_add_test(whole, every_case_is_in_some_row);
	tcase_add_loop_test(rows, row_holds, 0, (int)table.count);
	suite_add_tcase(suite, whole);
	suite_add_tcase(suite, rows);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	reached = report();
	if (reached < table.count)
		failed++;
	(void)munmap((void *)runs, table.count * sizeof(*runs));
	states_table_release(&table);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
