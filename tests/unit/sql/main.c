/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql_tests.h"

int
main(void)
{
	Suite *suite = suite_create("sql");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, statement_tests());
	suite_add_tcase(suite, options_tests());
	suite_add_tcase(suite, rule_tests());
	suite_add_tcase(suite, message_tests());
	suite_add_tcase(suite, engine_tests());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
