/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: backups become complete in one step, and are found again. */
#include <config.h>

#include "store_tests.h"

#include "store/path.h"

#include "base/fd.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char fixture_root[64];

void
fixture_begin(void)
{
	strcpy(fixture_root, "/tmp/vdibackup-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fixture_root));
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return (remove(path));
}

void
fixture_end(void)
{
	ck_assert_int_eq(nftw(fixture_root, remove_one, 16,
	    FTW_DEPTH | FTW_PHYS), 0);
}

const char *
fixture_path(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", fixture_root, name);
	return (path);
}

void
fixture_write(const char *path, const char *text)
{
	struct error error;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	error_init(&error);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fd_write_all(fd, text, strlen(text), path, &error),
	    0);
	ck_assert_int_eq(close(fd), 0);
}

static void
fill_stream(struct manifest_stream *s)
{
	struct error error;
	unsigned i;

	error_init(&error);
	s->first = (struct manifest_lsn){ 34, 128, 1 };
	s->last = (struct manifest_lsn){ 34, 4000000000u, 65535 };
	s->checkpoint = (struct manifest_lsn){ 34, 128, 1 };
	s->database_backup = (struct manifest_lsn){ 30, 5, 2 };
	for (i = 0; i < 16; i++) {
		s->backup_set[i] = (uint8_t)i;
		s->recovery_fork[i] = (uint8_t)(255 - i);
	}
	s->started = 1795505400;
	s->finished = 1795505500;
	s->block_checksums = true;
	ck_assert_int_eq(manifest_text(&s->server, "HOST\\SQL", 100, &error),
	    0);
	ck_assert_int_eq(manifest_text(&s->database, "Verk\xC3\xA4ufe", 100,
	    &error), 0);
	ck_assert_int_eq(manifest_text(&s->software, "17.0.1000", 100, &error),
	    0);
}

static void
fill_stripes(struct manifest *m, unsigned stripes)
{
	struct error error;
	unsigned i;

	error_init(&error);
	for (i = 1; i <= stripes; i++) {
		struct manifest_stripe stripe = { .raw_bytes = 4096 * i,
			.stored_bytes = 3, .frames = i };
		char name[PATH_STRIPE_ROOM];

		path_stripe_name(name, i, stripes);
		stripe.file = name;
		/* SHA-256 of "abc", which is what the stripes hold here. */
		memcpy(stripe.sha256, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41"
		    "\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a"
		    "\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad", 32);
		memset(stripe.xxh128, (int)i, sizeof(stripe.xxh128));
		ck_assert_int_eq(manifest_add_stripe(m, &stripe, &error), 0);
	}
}

void
fixture_manifest(struct manifest *m, unsigned stripes)
{
	struct error error;

	error_init(&error);
	manifest_init(m);
	ck_assert_int_eq(manifest_new_id(m->id, &error), 0);
	ck_assert_int_eq(manifest_text(&m->tool, "vdibackup 0.1.0", 100,
	    &error), 0);
	ck_assert_int_eq(manifest_text(&m->server, "host", 100, &error), 0);
	ck_assert_int_eq(manifest_text(&m->database, "Sales", 100, &error), 0);
	ck_assert_int_eq(manifest_text(&m->statement,
	    "BACKUP DATABASE [Sales] \"\n\x01\xE2\x82\xAC", 1000, &error), 0);
	ck_assert_int_eq(manifest_text(&m->set.provider, "native", 100,
	    &error), 0);
	m->type = MANIFEST_FULL;
	m->copy_only = true;
	m->started = 1795505400;
	m->finished = 1795505401;
	m->has_stream = true;
	fill_stream(&m->stream);
	m->set.devices = stripes;
	m->set.features = 0x52000;
	m->set.block_size = 512;
	m->set.transfer_size = 4u << 20;
	m->set.buffer_count = 12;
	m->level = -5;
	m->frame_size = 4u << 20;
	m->window_log = 27;
	m->has_levels = true;
	m->levels = (struct manifest_levels){ .min = -7, .max = 9,
		.lowest = -6, .highest = 3, .last = -5 };
	ck_assert_int_eq(manifest_add_message(m, 3014, "done.", &error), 0);
	ck_assert_int_eq(manifest_add_fault(m, "corrupt,device=1", &error), 0);
	fill_stripes(m, stripes);
}

int
main(void)
{
	Suite *suite = suite_create("store");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, path_tests());
	suite_add_tcase(suite, manifest_tests());
	suite_add_tcase(suite, target_tests());
	suite_add_tcase(suite, read_tests());
	suite_add_tcase(suite, lock_tests());
	suite_add_tcase(suite, refuse_tests());
	suite_add_tcase(suite, bounds_tests());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? 0 : 1);
}
