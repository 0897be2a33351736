/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "media/options.h"

#include "base/attr.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const families[] = {
	[DRIVE_PIPE] = "pipe",
	[DRIVE_DISK] = "disk",
	[DRIVE_TAPE] = "tape",
};

static int
set_family(struct options *options, const char *value)
{
	static const uint32_t features[] = {
		[DRIVE_PIPE] = VDF_LikePipe,
		[DRIVE_DISK] = VDF_LikeDisk,
		[DRIVE_TAPE] = VDF_LikeTape,
	};
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(families); i++)
		if (strcmp(value, families[i]) == 0) {
			options->drive.family = (enum drive_family)i;
			options->wishes.features |= features[i];
			if (i == DRIVE_TAPE)
				options->drive.is_removable = true;
			return (0);
		}
	return (-1);
}

/* Paths with commas between, cut apart where they stand. */
static int
set_list(const char **to, unsigned *count, char *value)
{
	char *rest = NULL;
	char *word;

	for (word = strtok_r(value, ",", &rest); word != NULL;
	    word = strtok_r(NULL, ",", &rest)) {
		if (*count == VD_MAX_DEVICES)
			return (-1);
		to[(*count)++] = word;
	}
	return (0);
}

/* NAME:N or NAME:N=CODE */
static int
set_place(struct options_place *place, char *value)
{
	char *colon = strchr(value, ':');
	char *equals = strchr(value, '=');
	int64_t count;
	int64_t code = 0;

	if (colon == NULL)
		return (-1);
	*colon = '\0';
	if (equals != NULL)
		*equals++ = '\0';
	if (num_parse(colon + 1, 1, UINT32_MAX, &count) != 0 ||
	    (equals != NULL && num_parse(equals, 0, UINT32_MAX, &code) != 0))
		return (-1);
	(void)snprintf(place->name, sizeof(place->name), "%s", value);
	place->count = (unsigned)count;
	place->code = (uint32_t)code;
	return (0);
}

static int
set_hook(struct options *options, char *value)
{
	struct options_hook *hook = &options->hooks[options->hook_count];
	char *equals = strchr(value, '=');

	if (equals == NULL || options->hook_count == OPTIONS_HOOKS_MAX)
		return (-1);
	*equals = '\0';
	(void)snprintf(hook->name, sizeof(hook->name), "%s", value);
	hook->command = equals + 1;
	options->hook_count++;
	return (0);
}

static int
set_number(const char *name, const char *value, struct options *options)
{
	const struct {
		const char *name;
		void *to;
		size_t size;
	} numbers[] = {
		{ "devices", &options->devices, 4 },
		{ "capacity", &options->drive.capacity, 8 },
		{ "warning", &options->drive.warning, 8 },
		{ "soft-mark", &options->drive.soft_mark, 4 },
		{ "block", &options->drive.block_size, 4 },
		{ "prefix", &options->wishes.prefixZoneSize, 4 },
		{ "server-timeout", &options->wishes.serverTimeOut, 4 },
		{ "short-read", &options->drive.short_read, 4 },
		{ "depth", &options->depth, 4 },
	};
	int64_t number;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(numbers); i++) {
		uint32_t small;

		if (strcmp(name, numbers[i].name) != 0)
			continue;
		if (num_parse(value, 0, UINT32_MAX, &number) != 0)
			return (-1);
		small = (uint32_t)number;
		if (numbers[i].size == 8)
			memcpy(numbers[i].to, &number, 8);
		else
			memcpy(numbers[i].to, &small, 4);
		return (0);
	}
	return (-1);
}

static int
set_option(struct options *options, const char *name, char *value)
{
	unsigned media = 0;
	int64_t bits;

	if (strcmp(name, "set") == 0)
		options->set = value;
	else if (strcmp(name, "folder") == 0)
		options->drive.folder = value;
	else if (strcmp(name, "trace") == 0)
		options->trace = value;
	else if (strcmp(name, "family") == 0)
		return (set_family(options, value));
	else if (strcmp(name, "media") == 0)
		return (set_list(options->media, &media, value));
	else if (strcmp(name, "stack") == 0)
		return (set_list(options->stacked, &options->stack.left,
		    value));
	else if (strcmp(name, "answer") == 0)
		return (set_place(&options->answer, value));
	else if (strcmp(name, "hold") == 0)
		return (set_place(&options->hold, value));
	else if (strcmp(name, "abort") == 0)
		return (set_place(&options->abort, value));
	else if (strcmp(name, "when") == 0)
		return (set_hook(options, value));
	else if (strcmp(name, "features") == 0) {
		if (num_parse(value, 0, UINT32_MAX, &bits) != 0)
			return (-1);
		options->wishes.features |= (uint32_t)bits;
	} else
		return (set_number(name, value, options));
	return (0);
}

static int
finish(struct options *options)
{
	if (options->set == NULL || options->program == NULL ||
	    options->program[0] == NULL || options->devices < 1 ||
	    options->devices > VD_MAX_DEVICES || options->depth < 1 ||
	    options->depth > 64) {
		fprintf(stderr, "media-client: --set, a program, or sense is "
		    "missing\n");
		return (-1);
	}
	options->stack.media = options->stacked;
	options->drive.stack = &options->stack;
	options->wishes.deviceCount = options->devices;
	options->wishes.EOMWarningSize = (uint32_t)options->drive.warning;
	options->wishes.softFileMarkBlockSize = options->drive.soft_mark;
	if (options->drive.is_removable)
		options->wishes.features |= VDF_Removable;
	return (0);
}

int
options_parse(struct options *options, int argc, char **argv)
{
	int i;

	memset(options, 0, sizeof(*options));
	options->devices = 1;
	options->depth = 1;
	options->drive.folder = ".";
	options->drive.block_size = VD_MIN_BLOCK_SIZE;
	(void)pthread_mutex_init(&options->stack.lock, NULL);
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			options->program = &argv[i + 1];
			break;
		}
		if (strcmp(argv[i], "--removable") == 0) {
			options->drive.is_removable = true;
			continue;
		}
		if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc ||
		    set_option(options, argv[i] + 2, argv[i + 1]) != 0) {
			fprintf(stderr, "media-client: %s is not understood\n",
			    argv[i]);
			return (-1);
		}
		i++;
	}
	return (finish(options));
}
