/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/attr.h"
#include "base/error.h"
#include "job/inspect.h"

#include <stdio.h>

/*
 * What is in a backup, for people: the label, each set, its files.
 */

/* Write errors stay with the stream; -1 only without memory. */
int table_print(FILE *to, const struct inspect_show *show,
    struct error *error) MUST_CHECK;

#endif
