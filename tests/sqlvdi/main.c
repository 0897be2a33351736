/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "abi.h"

#include <stdlib.h>

int
main(void)
{
	Suite *suite = suite_create("sqlvdi");
	SRunner *runner;
	int failed;

	abi_load();
	suite_add_tcase(suite, abi_sets());
	suite_add_tcase(suite, abi_devices());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
