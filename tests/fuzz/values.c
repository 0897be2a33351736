/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * One text, given to every parser of a single value: numbers, sizes,
 * durations, times, ids, LSNs, names of folders.  What is taken is in range
 * and, written out, is taken again as the same.
 */

#include "common.h"

#include "base/clock.h"
#include "base/num.h"
#include "store/manifest.h"
#include "store/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
try_number(const char *text)
{
	int64_t value = 4711;
	int64_t again = 4711;
	char written[32];

	if (num_parse(text, INT64_MIN, INT64_MAX, &value) != 0) {
		FUZZ_CHECK(value == 4711);
		return;
	}
	(void)snprintf(written, sizeof(written), "%" PRId64, value);
	FUZZ_CHECK(num_parse(written, value, value, &again) == 0);
	FUZZ_CHECK(again == value);
	FUZZ_CHECK((num_parse(text, -5, 300, &again) == 0) ==
	    (value >= -5 && value <= 300));
}

static void
try_size(const char *text)
{
	uint64_t bytes = 4711;
	uint64_t again;
	char written[32];
	char shown[16];

	if (num_parse_size(text, &bytes) != 0) {
		FUZZ_CHECK(bytes == 4711);
		return;
	}
	FUZZ_CHECK(bytes <= INT64_MAX);
	(void)snprintf(written, sizeof(written), "%" PRIu64 "B", bytes);
	FUZZ_CHECK(num_parse_size(written, &again) == 0 && again == bytes);
	FUZZ_CHECK(num_format_size(bytes, shown, sizeof(shown)) == shown);
	FUZZ_CHECK(strlen(shown) < sizeof(shown));
}

static void
try_duration(const char *text)
{
	int64_t ms = 4711;
	int64_t again;
	char written[32];
	char shown[32];

	if (num_parse_duration(text, &ms) != 0) {
		FUZZ_CHECK(ms == 4711);
		return;
	}
	FUZZ_CHECK(ms >= 0 && !clock_has_passed(clock_deadline(ms + 60000)));
	(void)snprintf(written, sizeof(written), "%" PRId64 "ms", ms);
	FUZZ_CHECK(num_parse_duration(written, &again) == 0 && again == ms);
	FUZZ_CHECK(num_format_duration(ms * 1000000, shown, sizeof(shown)) ==
	    shown);
}

static void
try_times(const char *text)
{
	char written[PATH_TIME_ROOM];
	int64_t seconds = -1;

	if (path_parse_compact(text, &seconds) == 0) {
		path_format_compact(written, seconds);
		FUZZ_CHECK(strcmp(written, text) == 0);
	}
	if (path_parse_time(text, &seconds) == 0) {
		path_format_time(written, seconds);
		FUZZ_CHECK(strcmp(written, text) == 0);
	}
	FUZZ_CHECK(seconds >= -1);
}

static void
try_facts(const char *text)
{
	char id_text[MANIFEST_ID_ROOM];
	char lsn_text[MANIFEST_LSN_ROOM];
	struct manifest_lsn lsn;
	enum manifest_type type;
	uint8_t id[16];

	if (manifest_parse_id(text, id) == 0) {
		manifest_format_id(id_text, id);
		FUZZ_CHECK(strcmp(id_text, text) == 0);
	}
	if (manifest_parse_lsn(text, &lsn) == 0) {
		manifest_format_lsn(lsn_text, lsn);
		FUZZ_CHECK(strcmp(lsn_text, text) == 0);
		FUZZ_CHECK(manifest_compare_lsn(lsn, lsn) == 0);
	}
	if (manifest_parse_type(text, &type) == 0)
		FUZZ_CHECK(strcmp(manifest_type_name(type), text) == 0);
}

static void
try_folder(const char *text)
{
	struct path_folder folder;
	struct str written;

	if (path_parse_folder(text, &folder) != 0)
		return;
	str_init(&written);
	path_add_folder(&written, &folder);
	FUZZ_CHECK(str_check(&written, NULL) == 0);
	FUZZ_CHECK(strcmp(written.text, text) == 0);
	str_release(&written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	try_number(text);
	try_size(text);
	try_duration(text);
	try_times(text);
	try_facts(text);
	try_folder(text);
	free(text);
	return (0);
}
