/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a pump answers every command as VDI asks, tells the server of every
 * failure, and ends whatever happens. */
#include <config.h>

#include "pump_tests.h"

int
main(void)
{
	Suite *suite = suite_create("transfer: pump");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, backup_tests());
	suite_add_tcase(suite, ahead_tests());
	suite_add_tcase(suite, drill_tests());
	suite_add_tcase(suite, kill_tests());
	suite_add_tcase(suite, restore_tests());
	suite_add_tcase(suite, fill_tests());
	suite_add_tcase(suite, let_go_tests());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
