/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "seams_tests.h"

int
main(void)
{
	Suite *suite = suite_create("seams");
	SRunner *runner = srunner_create(suite);
	int failed;

	sweep_add(suite);
	talk_add(suite);
	steps_add(suite);
	waits_add(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
