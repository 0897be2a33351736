/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what the vendor's library refuses is explained, and it is treated as
 * its documents ask for, where no server is needed to see it.  The library is
 * the warden, which ends the process of whoever breaks a rule. */
#include <config.h>

#include "provider/provider.h"

#include "base/clock.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As good as never, in a test. */
#define LONG_MS 60000

static char warden[4096];
static const struct provider_options options = { .library = warden };
static struct error error;
static char name[64];

static struct provider_set *
set_new(void)
{
	const struct provider_ops *ops = provider_find("sqlvdi", &options,
	    &error);
	struct provider_set *set;

	ck_assert_msg(ops != NULL, "%s", error.text);
	set = provider_set_new(ops, &options, &error);
	ck_assert_msg(set != NULL, "%s", error.text);
	return (set);
}

static int
create(struct provider_set *set)
{
	const struct VDConfig config = { .deviceCount = 1 };
	static unsigned serial;

	(void)snprintf(name, sizeof(name), "vendor-%ld-%u", (long)getpid(),
	    ++serial);
	return (provider_create(set, name, &config, &error));
}

static void
set_up(void)
{
	error_init(&error);
}

START_TEST(a_refused_set_is_explained)
{
	static const struct {
		const char *status;
		const char *text;
		const char *hint; /* "": it depends on the machine */
	} cases[] = {
		{ "80770009", "Create: VD_E_NOTSUPPORTED (0x80770009)",
		    "fewer devices or features" },
		{ "8077000C", "Create: VD_E_PROTOCOL (0x8077000C): there is "
		    "such a set already", "another job is running" },
		{ "80770006", "Create: VD_E_INVALID (0x80770006)",
		    "names of the devices" },
		{ "80770005", "Create: VD_E_SECURITY (0x80770005)", "" },
		{ "8077000A", "Create: VD_E_MEMORY (0x8077000A)", "" },
		{ "8077000B", "Create: VD_E_UNEXPECTED (0x8077000B)", "" },
		{ "80770007", "Create: VD_E_INSTANCE_NAME (0x80770007)", "" },
		{ "80070005", "(0x80070005): system error 5, access denied",
		    "" },
		{ "8007000E", "(0x8007000E): system error 14", "" },
		{ "80004005", "(0x80004005)", "" },
	};
	struct provider_set *set = set_new();

	ck_assert_int_eq(setenv("WARDEN_CREATE", cases[_i].status, 1), 0);
	ck_assert_int_eq(create(set), -1);
	ck_assert_int_eq(error.kind, KIND_PROVIDER);
	ck_assert_int_eq(error.code,
	    (long)strtoul(cases[_i].status, NULL, 16));
	ck_assert_ptr_nonnull(strstr(error.text, name));
	ck_assert_msg(strstr(error.text, cases[_i].text) != NULL, "%s",
	    error.text);
	ck_assert_str_ne(error.hint, "");
	ck_assert_msg(strstr(error.hint, cases[_i].hint) != NULL, "%s",
	    error.hint);
	/* The object is as good as new. */
	ck_assert_int_eq(unsetenv("WARDEN_CREATE"), 0);
	error_init(&error);
	ck_assert_msg(create(set) == 0, "%s", error.text);
	ck_assert_int_eq(provider_close(set, &error), 0);
	provider_set_free(set);
}
END_TEST

START_TEST(a_second_set_in_the_process_is_explained)
{
	struct provider_set *first = set_new();
	struct provider_set *second = set_new();

	ck_assert_int_eq(setenv("WARDEN_ONE", "1", 1), 0);
	ck_assert_int_eq(create(first), 0);
	ck_assert_int_eq(create(second), -1);
	ck_assert_msg(strstr(error.text, "this process has 1 open") != NULL,
	    "%s", error.text);
	ck_assert_msg(strstr(error.hint, "a process of its own") != NULL,
	    "%s", error.hint);
	error_init(&error);
	ck_assert_int_eq(provider_close(first, &error), 0);
	ck_assert_msg(create(second) == 0, "%s", error.text);
	ck_assert_int_eq(provider_close(second, &error), 0);
	provider_set_free(first);
	provider_set_free(second);
}
END_TEST

START_TEST(nothing_reaches_a_closed_set)
{
	struct provider_set *set = set_new();

	ck_assert_int_eq(create(set), 0);
	ck_assert_int_eq(provider_close(set, &error), 0);
	provider_signal_abort(set);
	provider_set_free(set);
}
END_TEST

START_TEST(a_set_that_is_open_is_closed_before_it_is_destroyed)
{
	struct provider_set *set = set_new();

	ck_assert_int_eq(create(set), 0);
	provider_set_free(set);
}
END_TEST

/* A tenth of a second, and 90 s for whoever takes it for seconds. */
START_TEST(a_short_wait_is_short_in_either_unit)
{
	struct deadline deadline = clock_deadline(LONG_MS);
	struct provider_set *set = set_new();
	struct VDConfig config;

	if (_i == 1)
		ck_assert_int_eq(setenv("WARDEN_SECONDS", "1", 1), 0);
	ck_assert_int_eq(create(set), 0);
	ck_assert_int_eq(provider_get_configuration(set, 90, &config, &error),
	    PROVIDER_IDLE);
	ck_assert_int_eq(provider_get_configuration(set, 0, &config, &error),
	    PROVIDER_IDLE);
	ck_assert(!clock_has_passed(deadline));
	ck_assert_int_eq(provider_close(set, &error), 0);
	provider_set_free(set);
}
END_TEST

START_TEST(the_umask_is_left_as_it_was)
{
	struct provider_set *set = set_new();
	mode_t mask;

	(void)umask(077);
	ck_assert_int_eq(create(set), 0);
	mask = umask(022);
	ck_assert_uint_eq(mask, 077);
	ck_assert_int_eq(provider_close(set, &error), 0);
	provider_set_free(set);
}
END_TEST

int
main(void)
{
	const char *build = getenv("top_builddir");
	static char stand_in[4096];
	Suite *suite = suite_create("vendor");
	TCase *tcase = tcase_create("vendor");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (build == NULL)
		build = ".";
	(void)snprintf(warden, sizeof(warden), "%s/tests/vendor/.libs/"
	    "warden.so", build);
	(void)snprintf(stand_in, sizeof(stand_in), "%s/.libs/libsqlvdi.so",
	    build);
	if (setenv("WARDEN_LIBRARY", stand_in, 1) != 0)
		return (1);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_loop_test(tcase, a_refused_set_is_explained, 0, 10);
	tcase_add_test(tcase, a_second_set_in_the_process_is_explained);
	tcase_add_test(tcase, nothing_reaches_a_closed_set);
	tcase_add_test(tcase,
	    a_set_that_is_open_is_closed_before_it_is_destroyed);
	tcase_add_loop_test(tcase, a_short_wait_is_short_in_either_unit, 0,
	    2);
	tcase_add_test(tcase, the_umask_is_left_as_it_was);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
