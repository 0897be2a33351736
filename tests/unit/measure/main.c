/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what is measured is planned, summed up, drawn and advised as the
 * headers say. */
#include <config.h>

#include "measure_tests.h"

int
main(void)
{
	Suite *suite = suite_create("measure");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests_advice());
	suite_add_tcase(suite, tests_numbers());
	suite_add_tcase(suite, tests_plot());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
