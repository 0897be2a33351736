/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: nothing that a fault can do is left out of a rehearsal, and what is
 * asked for is what is played. */
#include <config.h>

#include "rehearse/matrix.h"

#include <check.h>
#include <string.h>

static struct matrix matrix;
static struct error error;

static void
make(const char *const *only, const char *direction, bool is_quick,
    unsigned devices)
{
	struct matrix_wish wish = { .only = only, .direction = direction,
		.is_quick = is_quick, .devices = devices };

	error_init(&error);
	ck_assert_msg(matrix_make(&matrix, &wish, &error) == 0, "%s",
	    error.text);
}

static bool
has_row(const struct fault_use *use, const char *place)
{
	size_t i;

	for (i = 0; i < matrix.count; i++) {
		const struct matrix_row *row = &matrix.rows[i];

		if (row->count == 1 && row->direction == use->direction &&
		    row->faults[0].side == use->side &&
		    row->faults[0].kind == use->kind &&
		    strcmp(row->faults[0].place, place) == 0)
			return (true);
	}
	return (false);
}

START_TEST(every_fault_has_its_turn_at_every_place)
{
	const struct fault_use *use;
	char place[24];
	size_t i;
	size_t j;

	make(NULL, NULL, false, 2);
	for (i = 0; (use = fault_use_at(i)) != NULL; i++)
		for (j = 0; fault_use_place(use, j, place, sizeof(place));
		    j++)
			ck_assert_msg(has_row(use, place), "%s at %s",
			    fault_kind_name(use->kind), place);
	matrix_release(&matrix);
}
END_TEST

/* Each text is one that the programs take. */
START_TEST(every_row_can_be_played)
{
	size_t i;
	size_t j;

	make(NULL, NULL, _i == 1, 2);
	for (i = 0; i < matrix.count; i++)
		for (j = 0; j < matrix.rows[i].count; j++) {
			const struct matrix_fault *fault =
			    &matrix.rows[i].faults[j];
			struct fault_plan plan;

			fault_plan_init(&plan, NULL, NULL);
			ck_assert_msg(fault_plan_add(&plan, fault->text,
			    &error) == 0 && fault_plan_check(&plan,
			    fault->side, matrix.rows[i].direction, &error) ==
			    0, "%s: %s", fault->text, error.text);
			ck_assert_int_eq(plan.faults[0].kind, fault->kind);
			fault_plan_release(&plan);
		}
	matrix_release(&matrix);
}
END_TEST

START_TEST(a_quick_rehearsal_has_each_fault)
{
	const struct fault_use *use;
	char place[24];
	size_t i;

	make(NULL, NULL, true, 2);
	for (i = 0; (use = fault_use_at(i)) != NULL; i++) {
		ck_assert(fault_use_place(use, 0, place, sizeof(place)));
		ck_assert(has_row(use, place));
	}
	ck_assert_uint_lt(matrix.count, 90);
	matrix_release(&matrix);
}
END_TEST

START_TEST(what_is_asked_for_is_played)
{
	static const char *const only[] = { "drop", "corrupt", NULL };
	bool has_drop = false;
	size_t i;

	make(only, "restore", false, 1);
	ck_assert_uint_gt(matrix.count, 10);
	for (i = 0; i < matrix.count; i++) {
		const struct matrix_row *row = &matrix.rows[i];

		ck_assert_int_eq(row->direction, FAULT_DIRECTION_RESTORE);
		ck_assert(row->faults[0].kind == FAULT_DROP ||
		    row->faults[0].kind == FAULT_CORRUPT || row->count == 2);
		ck_assert_ptr_null(strstr(row->faults[0].text, "device=2"));
		has_drop = has_drop || row->faults[0].kind == FAULT_DROP;
	}
	ck_assert(has_drop);
	matrix_release(&matrix);
}
END_TEST

START_TEST(what_there_is_not_is_a_usage_error)
{
	static const char *const nothing[] = { "stall=1", NULL };
	static const char *const wishes[] = { "sink-full", NULL };
	struct matrix_wish wish = { .devices = 2 };

	error_init(&error);
	wish.only = nothing;
	ck_assert_int_ne(matrix_make(&matrix, &wish, &error), 0);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	ck_assert_int_ne(error.hint[0], '\0');
	matrix_release(&matrix);

	error_init(&error);
	wish.only = wishes;
	wish.direction = "sideways";
	ck_assert_int_ne(matrix_make(&matrix, &wish, &error), 0);
	ck_assert_int_eq(error.kind, KIND_USAGE);
	matrix_release(&matrix);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rehearse: matrix");
	TCase *tests = tcase_create("matrix");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, every_fault_has_its_turn_at_every_place);
	tcase_add_loop_test(tests, every_row_can_be_played, 0, 2);
	tcase_add_test(tests, a_quick_rehearsal_has_each_fault);
	tcase_add_test(tests, what_is_asked_for_is_played);
	tcase_add_test(tests, what_there_is_not_is_a_usage_error);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
