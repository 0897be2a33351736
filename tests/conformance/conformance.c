/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "checks.h"

#include <check.h>
#include <stdlib.h>

int
main(void)
{
	Suite *suite = suite_create("conformance");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, checks_client());
	suite_add_tcase(suite, checks_commands());
	suite_add_tcase(suite, checks_server());
	suite_add_tcase(suite, checks_processes());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
