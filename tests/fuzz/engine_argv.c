/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/* The command line of vdi-engine, one word a line behind the program's name. */

#include "common.h"

#include "engine/device.h"
#include "engine/options.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 200

static void
check_database(const struct database *database)
{
	unsigned i;

	for (i = 0; i < database->path_count; i++)
		FUZZ_CHECK(database->paths[i][0] != '\0');
	if (database->kind == DATABASE_SYNTHETIC) {
		FUZZ_CHECK(database->bytes > 0);
		FUZZ_CHECK(database->ratio >= DATABASE_RATIO_MIN &&
		    database->ratio <= DATABASE_RATIO_MAX);
	} else {
		FUZZ_CHECK(database->path_count > 0);
		FUZZ_CHECK(database->path_count <= DATABASE_PATHS_MAX);
	}
}

static void
check_options(const struct options *options)
{
	size_t i;

	FUZZ_CHECK(options->database_count <= OPTIONS_DATABASES_MAX);
	for (i = 0; i < options->database_count; i++) {
		const struct options_database *database =
		    &options->databases[i];

		FUZZ_CHECK(database->name[0] != '\0');
		check_database(&database->is);
		FUZZ_CHECK(options_find(options, database->name) == database);
	}
	FUZZ_CHECK(options->faults.count <= FAULT_MAX);
	FUZZ_CHECK(options->queue_depth <= DEVICE_DEPTH_MAX);
	FUZZ_CHECK(options->stall_timeout_ms > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char name[] = "vdi-engine";
	char *argv[WORDS_MAX + 1] = { name };
	struct options options;
	struct error error;
	int argc = 1;
	int i;

	while (argc < WORDS_MAX &&
	    (argv[argc] = fuzz_take_line(&input)) != NULL)
		argc++;
	argv[argc] = NULL;
	error_init(&error);
	options_init(&options);
	if (options_parse(&options, argc, argv, &error) == 0)
		check_options(&options);
	else
		fuzz_check_error(&error, 1u << KIND_USAGE);
	options_release(&options);
	for (i = 1; i < argc; i++)
		free(argv[i]);
	return (0);
}
