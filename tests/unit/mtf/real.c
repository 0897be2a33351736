/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: backups that real servers made are read to the end, and what is found
 * in them is what their list says.  The files are not part of the project:
 * VDIBACKUP_BAK_DIR names a folder that holds them and MANIFEST.tsv (a header
 * line; file name in the first column, a description in the last).
 */
#include <config.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "mtf/page.h"
#include "mtf/reader.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LIMIT (64u << 20)
#define SKIPPED 77

static struct str folder;

struct found {
	struct mtf_label label;
	struct mtf_set set;
	unsigned finals;
	unsigned ends;
	unsigned unknown;
	unsigned checksums;
	unsigned mismatches;
	unsigned good;  /* pages */
	unsigned bad;
	unsigned pages; /* of data files, as the set says it */
	unsigned real;
	uint8_t page[MTF_PAGE_SIZE];
	size_t filled;
	unsigned slot;
};

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct found *found = context;

	(void)error;
	found->label = *label;
	return (0);
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct found *found = context;

	(void)error;
	found->set = *set;
	if (is_final)
		found->finals++;
	return (0);
}

static int
on_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct found *found = context;

	(void)error;
	ck_assert_msg(file->type == 'D' || file->type == 'L', "file type");
	ck_assert_msg(file->logical[0] != '\0', "no logical name");
	ck_assert_msg(file->physical[0] != '\0', "no physical name");
	ck_assert_msg(file->type == 'L' || strcmp(file->group, "PRIMARY") == 0,
	    "file group \"%s\"", file->group);
	ck_assert_msg(file->size % 8192 == 0, "size");
	if (!is_final && file->type == 'D')
		found->pages += file->pages;
	return (0);
}

static void
judge_page(struct found *found)
{
	switch (mtf_page_check(found->page, found->slot)) {
	case MTF_PAGE_IS_GOOD:
		found->good++;
		break;
	case MTF_PAGE_IS_BAD:
		found->bad++;
		break;
	default:
		break;
	}
	if (!mtf_page_is_filler(found->page))
		found->real++;
	found->slot = (found->slot + 1) % MTF_EXTENT_PAGES;
	found->filled = 0;
}

static int
on_data(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct found *found = context;
	const uint8_t *p = data;

	(void)error;
	if (offset == 0)
		found->slot = 0;
	while (size > 0) {
		size_t part = MTF_PAGE_SIZE - found->filled;

		if (part > size)
			part = size;
		memcpy(found->page + found->filled, p, part);
		found->filled += part;
		p += part;
		size -= part;
		if (found->filled == MTF_PAGE_SIZE)
			judge_page(found);
	}
	return (0);
}

static int
on_notice(void *context, const struct mtf_notice *notice, struct error *error)
{
	struct found *found = context;

	(void)error;
	if (!notice->is_known)
		found->unknown++;
	return (0);
}

static int
on_checksum(void *context, const struct mtf_checksum *result,
    struct error *error)
{
	struct found *found = context;

	(void)error;
	found->checksums++;
	if (!result->is_match)
		found->mismatches++;
	return (0);
}

static int
on_set_end(void *context, const struct mtf_set *set, struct error *error)
{
	struct found *found = context;

	(void)set;
	(void)error;
	found->ends++;
	return (0);
}

static const struct mtf_events events = {
	.label = on_label,
	.set = on_set,
	.file = on_file,
	.data = on_data,
	.notice = on_notice,
	.checksum = on_checksum,
	.set_end = on_set_end
};

static int
read_backup(const char *data, size_t size, struct found *found,
    struct error *error)
{
	struct mtf_reader *reader = mtf_reader_new(&events, found, error);
	int result = 0;

	ck_assert_ptr_nonnull(reader);
	while (size > 0 && result == 0) {
		size_t part = size < 100000 ? size : 100000;

		result = mtf_reader_feed(reader, data, part, error);
		data += part;
		size -= part;
	}
	if (result == 0)
		result = mtf_reader_finish(reader, error);
	mtf_reader_free(reader);
	return (result);
}

/* The number behind a word of the description, or `otherwise`. */
static int64_t
number_after(const char *what, const char *word, int64_t otherwise)
{
	const char *at = strstr(what, word);
	char digits[12];
	size_t length;
	int64_t value;

	if (at == NULL)
		return (otherwise);
	at += strlen(word);
	length = strspn(at, "0123456789");
	if (length >= sizeof(digits))
		return (otherwise);
	memcpy(digits, at, length);
	digits[length] = '\0';
	if (num_parse(digits, 0, 1000000, &value) != 0)
		return (otherwise);
	return (value);
}

static void
expect(const char *name, const char *what, const struct found *found)
{
	const char *database = strstr(what, "db=");
	char type = 'D';
	size_t length;

	if (strstr(what, " differential ") != NULL)
		type = 'I';
	else if (strstr(what, " log ") != NULL)
		type = 'L';
	ck_assert_msg(found->set.type == type, "%s: type %c", name,
	    found->set.type);
	ck_assert_ptr_nonnull(database);
	database += 3;
	length = strcspn(database, ";");
	ck_assert_msg(strlen(found->set.database) == length &&
	    strncmp(found->set.database, database, length) == 0,
	    "%s: database \"%s\"", name, found->set.database);
	ck_assert_msg(found->ends == number_after(what, "MTF; ", 0),
	    "%s: %u sets", name, found->ends);
	ck_assert_msg(found->finals == found->ends, "%s: MSLS", name);
	ck_assert_msg(found->unknown == 0, "%s: unknown parts", name);
	ck_assert_msg(found->label.block_size ==
	    number_after(what, "block ", 0), "%s: block size", name);
	ck_assert_msg(found->label.family_sequence ==
	    number_after(what, "stripe ", 1), "%s: family", name);
	ck_assert_msg(found->label.family_count ==
	    (strstr(what, "stripe ") != NULL ? 2 : 1), "%s: families", name);
	ck_assert_msg(strcmp(found->label.software, "Microsoft SQL Server") ==
	    0, "%s: software \"%s\"", name, found->label.software);
	ck_assert_msg(found->label.has_password ==
	    (strstr(what, "password") != NULL), "%s: password", name);
	/* A set made WITH CHECKSUM may have nothing to sum. */
	ck_assert_msg((found->checksums > 0) ==
	    (strstr(what, "checksums") != NULL), "%s: checksums", name);
	ck_assert_msg(mtf_set_has_checksum(&found->set) ||
	    found->checksums == 0, "%s: checksum flag", name);
	ck_assert_msg(found->mismatches == 0, "%s: checksum", name);
	ck_assert_msg(found->bad == 0, "%s: %u bad pages", name, found->bad);
	ck_assert_msg(mtf_date_is_valid(found->set.finish), "%s: finish",
	    name);
	ck_assert_msg(found->set.server[0] != '\0', "%s: server", name);
	ck_assert_msg(found->set.machine[0] != '\0', "%s: machine", name);
	ck_assert_msg(mtf_lsn_compare(found->set.first_lsn,
	    found->set.last_lsn) <= 0, "%s: LSNs", name);
	/* A later server reads some extents again, and stripes share. */
	ck_assert_msg(found->set.software_major >= 15 ||
	    found->label.family_count > 1 || found->real == found->pages,
	    "%s: %u pages of %u", name, found->real, found->pages);
}

static void
check_backup(const char *name, const char *what)
{
	struct found *found = calloc(1, sizeof(*found));
	struct error error;
	struct str path;
	char *data = NULL;
	size_t size;
	int result;

	ck_assert_ptr_nonnull(found);
	error_init(&error);
	str_init(&path);
	str_addf(&path, "%s/%s", folder.text, name);
	ck_assert_msg(fd_read_file(path.text, FILE_LIMIT, &data, &size,
	    &error) == 0, "%s", error.text);
	result = read_backup(data, size, found, &error);
	if (strstr(what, "MSSQLBAK") != NULL) {
		ck_assert_msg(result == -1, "%s: accepted", name);
		ck_assert_int_eq(error.kind, KIND_INTEGRITY);
		ck_assert_msg(strstr(error.text,
		    "compressed SQL Server backup") != NULL, "%s", error.text);
	} else {
		ck_assert_msg(result == 0, "%s: %s", name, error.text);
		expect(name, what, found);
	}
	free(data);
	free(found);
	str_release(&path);
}

START_TEST(every_listed_backup_is_as_described)
{
	struct error error;
	struct str path;
	char *list = NULL;
	char *line;
	char *rest;
	size_t size;
	unsigned count = 0;

	error_init(&error);
	str_init(&path);
	str_addf(&path, "%s/MANIFEST.tsv", folder.text);
	ck_assert_msg(fd_read_file(path.text, FILE_LIMIT, &list, &size,
	    &error) == 0, "%s", error.text);
	rest = strchr(list, '\n');
	while (rest != NULL && (line = strtok_r(NULL, "\n", &rest)) != NULL) {
		char *what = strrchr(line, '\t');

		ck_assert_ptr_nonnull(what);
		line[strcspn(line, "\t")] = '\0';
		check_backup(line, what + 1);
		count++;
	}
	ck_assert_uint_gt(count, 0);
	free(list);
	str_release(&path);
}
END_TEST

/* Where the files are, or nothing. */
static void
find_folder(void)
{
	const char *named = getenv("VDIBACKUP_BAK_DIR");
	const char *source = getenv("srcdir");
	struct stat status;

	str_init(&folder);
	if (named != NULL)
		str_add(&folder, named);
	else
		str_addf(&folder, "%s/../shared/data/bak",
		    source != NULL ? source : ".");
	if (stat(folder.text, &status) != 0)
		str_clear(&folder);
}

int
main(void)
{
	Suite *suite;
	TCase *tcase;
	SRunner *runner;
	int failed;

	find_folder();
	if (folder.length == 0) {
		printf("no folder of real backups: VDIBACKUP_BAK_DIR\n");
		return (SKIPPED);
	}
	suite = suite_create("mtf-real");
	tcase = tcase_create("mtf-real");
	runner = srunner_create(suite);
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, every_listed_backup_is_as_described);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	str_release(&folder);
	return (failed == 0 ? 0 : 1);
}
