/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "base/attr.h"
#include "base/error.h"
#include "cli/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A command line, cut into options and operands, and its values by type.
 *
 *     arguments_init -> arguments_parse -> arguments_* -> arguments_release
 *
 * Every error is KIND_USAGE and names the option and, where it has one, the
 * value.  Values are borrowed from argv.
 */

struct command;

struct arguments {
	const struct command *command; /* borrowed */
	unsigned counts[OPTION_COUNT]; /* how often it was given */
	const char *values[OPTION_COUNT]; /* the last one */
	const char **lists[OPTION_COUNT]; /* of MANY options, NULL-ended */
	const char *const *operands;
	size_t operand_count;
};

void arguments_init(struct arguments *arguments);
void arguments_release(struct arguments *arguments);

/* argv[0] is the command's name; argv is permuted. */
int arguments_parse(struct arguments *arguments, const struct command *command,
    int argc, char **argv, struct error *error) MUST_CHECK;

bool arguments_has(const struct arguments *arguments, enum option_id id);

/* The value, or NULL where the option was not given, or without one. */
const char *arguments_text(const struct arguments *arguments,
    enum option_id id);

/* The next four leave *value alone where the option was not given. */

/* A number from min to max. */
int arguments_number(const struct arguments *arguments, enum option_id id,
    const int64_t range[2], int64_t *value, struct error *error) MUST_CHECK;

/* Bytes, with KiB, MiB or GiB, from range[0] to range[1]. */
int arguments_size(const struct arguments *arguments, enum option_id id,
    const uint64_t range[2], uint64_t *value, struct error *error) MUST_CHECK;

/* Milliseconds: "90s", "5m". */
int arguments_duration(const struct arguments *arguments, enum option_id id,
    int64_t *value, struct error *error) MUST_CHECK;

/* The index of one of some words; the list is NULL-ended. */
int arguments_choice(const struct arguments *arguments, enum option_id id,
    const char *const *words, int *value, struct error *error) MUST_CHECK;

/* An error if both were given; reason follows "because" and may be NULL. */
int arguments_exclude(const struct arguments *arguments, enum option_id a,
    enum option_id b, const char *reason, struct error *error) MUST_CHECK;

#endif
