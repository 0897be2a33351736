/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "base/attr.h"
#include "base/error.h"

/*
 * The file of --log-file: everything that happened, one line each, with the
 * time in UTC.
 *
 *     journal_open -> journal_write -> journal_close
 *
 * Lines are appended whole, so that jobs may share a file.  No lock: the
 * report has one.
 */

struct journal {
	int fd; /* -1: there is none, and writing does nothing */
	const char *path; /* borrowed */
};

/* path NULL: no journal. */
int journal_open(struct journal *journal, const char *path,
    struct error *error) MUST_CHECK;

/* "2026-11-24T07:30:00.123Z warning: text"; the text holds no newline. */
int journal_write(struct journal *journal, const char *what, const char *text,
    struct error *error) MUST_CHECK;
int journal_close(struct journal *journal, struct error *error) MUST_CHECK;

#endif
