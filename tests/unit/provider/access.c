/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what keeps two users from sharing memory is seen, and the advice is
 * for the first thing that is wrong; the umask is as it was afterwards. */
#include <config.h>

#include "tests.h"

#include "provider/access.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing is wrong with these. */
static const struct access_facts good = { .free_bytes = UINT64_MAX,
	.has_group = true, .in_group = true };

static void
advice_says(const struct access_facts *facts, const char *part)
{
	char text[400];

	access_advise(facts, text, sizeof(text));
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in: %s",
	    part, text);
	/* Not cut. */
	ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
}

START_TEST(nothing_wrong_no_advice)
{
	struct access_facts facts = good;
	char text[400] = "x";

	access_advise(&facts, text, sizeof(text));
	ck_assert_str_eq(text, "");
	/* As the server's user, in whatever group. */
	facts.in_group = false;
	facts.is_owner = true;
	access_advise(&facts, text, sizeof(text));
	ck_assert_str_eq(text, "");
	/* There is no SQL Server here. */
	facts = (struct access_facts){ .free_bytes = UINT64_MAX };
	access_advise(&facts, text, sizeof(text));
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(the_first_thing_wrong_is_told)
{
	struct access_facts facts = good;

	facts.in_group = false;
	advice_says(&facts, "not in the group mssql");
	advice_says(&facts, "restart the server");
	facts.is_root = true;
	advice_says(&facts, "runuser -u mssql");
	facts.in_group = true;
	advice_says(&facts, "runuser -u mssql");
	facts.free_bytes = 5 << 20;
	advice_says(&facts, "5 MiB are free");
	advice_says(&facts, "--shm-size 1g");
	facts.folder_errno = EACCES;
	advice_says(&facts, "Permission denied");
	advice_says(&facts, "mode 1777");
}
END_TEST

START_TEST(a_folder_is_looked_at)
{
	struct access_facts facts;

	access_look(&facts, "/nonexistent/folder", "nobody at all");
	ck_assert_int_eq(facts.folder_errno, ENOENT);
	ck_assert(!facts.has_group && !facts.in_group && !facts.is_owner);
	access_look(&facts, "/tmp", "nobody at all");
	ck_assert_int_eq(facts.folder_errno, 0);
	ck_assert_uint_lt(facts.free_bytes, UINT64_MAX);
	ck_assert_int_eq(facts.is_root, geteuid() == 0);
}
END_TEST

START_TEST(user_and_group_are_looked_at)
{
	const struct passwd *user = getpwuid(geteuid());
	const struct group *group = getgrgid(getegid());
	struct access_facts facts;

	if (user != NULL) {
		access_look(&facts, "/tmp", user->pw_name);
		ck_assert(facts.is_owner);
	}
	if (group != NULL) {
		access_look(&facts, "/tmp", group->gr_name);
		ck_assert(facts.has_group && facts.in_group);
	}
	group = getgrnam("tty");
	if (group != NULL) {
		bool in_group = group->gr_gid == getegid();
		gid_t groups[1024];
		int count = getgroups(1024, groups);

		ck_assert_int_ge(count, 0);
		while (count-- > 0)
			in_group = groups[count] == group->gr_gid || in_group;
		access_look(&facts, "/tmp", "tty");
		ck_assert(facts.has_group);
		ck_assert_int_eq(facts.in_group, in_group);
	}
}
END_TEST

START_TEST(the_umask_is_put_back_by_the_last)
{
	mode_t mask;

	(void)umask(027);
	access_begin();
	mask = umask(S_IRWXO);
	ck_assert_uint_eq(mask, S_IRWXO);
	access_begin();
	access_end();
	mask = umask(S_IRWXO);
	ck_assert_uint_eq(mask, S_IRWXO);
	access_end();
	mask = umask(0);
	ck_assert_uint_eq(mask, 027);
}
END_TEST

TCase *
tests_access(void)
{
	TCase *tcase = tcase_create("access");

	tcase_add_test(tcase, nothing_wrong_no_advice);
	tcase_add_test(tcase, the_first_thing_wrong_is_told);
	tcase_add_test(tcase, a_folder_is_looked_at);
	tcase_add_test(tcase, user_and_group_are_looked_at);
	tcase_add_test(tcase, the_umask_is_put_back_by_the_last);
	return (tcase);
}
