/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQL_WHEN_H
#define SQL_WHEN_H

#include "base/attr.h"
#include "base/error.h"

/*
 * Moments as people write them, into the one form that a server reads alike
 * whatever its language and its DATEFORMAT are: 2026-11-24T07:30:00.  (With a
 * space in place of the T, the month and the day may change places.)
 *
 * Taken are YYYY-MM-DD, alone or followed by a space or a T and hh:mm, hh:mm:ss
 * or hh:mm:ss.fff.  All of them are the server's local time, as T-SQL has it.
 */

#define WHEN_ROOM 24

/* 0, or -1 with KIND_USAGE. */
int when_write(char to[WHEN_ROOM], const char *text, struct error *error)
    MUST_CHECK;

#endif
