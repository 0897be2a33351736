/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "base/attr.h"
#include "base/error.h"
#include "cli/arguments.h"
#include "cli/report.h"

/*
 * What the commands do: check the rest of the command line, work, give the
 * report a verdict.  0, or -1 with the error that decides the exit status;
 * what has had no verdict is reported by the caller.
 */

int command_backup(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_restore(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_verify(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_show(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_cat(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_list(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_adopt(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;
int command_rehearse(const struct arguments *arguments,
    struct report *report, struct error *error) MUST_CHECK;
int command_bench(const struct arguments *arguments, struct report *report,
    struct error *error) MUST_CHECK;

#endif
