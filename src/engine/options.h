/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_OPTIONS_H
#define ENGINE_OPTIONS_H

#include "base/attr.h"
#include "base/database.h"
#include "base/error.h"
#include "base/fault.h"
#include "engine/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The command line of vdi-engine, from one table: parser and --help.
 *
 * options_init, options_parse, ..., options_release.  Texts of the command
 * line are borrowed; the statement is owned.
 */

#define OPTIONS_DATABASES_MAX 64

struct options_database {
	char *name;
	struct database is; /* what stands for it */
};

enum options_action {
	OPTIONS_RUN,
	OPTIONS_SAMPLE, /* make a sample database, and no more */
	OPTIONS_HELP,
	OPTIONS_VERSION
};

struct options {
	enum options_action action;
	const char *statement; /* NULL: on standard input */
	char *sample;          /* the file to make, owned */
	uint64_t sample_bytes;
	struct options_database databases[OPTIONS_DATABASES_MAX];
	size_t database_count;
	struct fault_plan faults;
	unsigned queue_depth;     /* 0: as many as the buffers allow */
	bool complete_in_turn;    /* VDC_Complete to one device after another */
	bool no_complete;         /* a server that does not know it */
	uint32_t late_buffers;    /* asked for when commands may flow */
	uint64_t flush_every;     /* bytes of a device; 0: at the end only */
	int32_t odd_command;      /* sent once to each device; 0: none */
	enum report_form form;
	int64_t stall_timeout_ms; /* what a client may take for a command */
};

void options_init(struct options *options);
void options_release(struct options *options);

/* KIND_USAGE: which option is wrong, and why. */
int options_parse(struct options *options, int argc, char **argv,
    struct error *error) MUST_CHECK;

/* What stands for a database, its name in any case of letters; or NULL. */
const struct options_database *options_find(const struct options *options,
    const char *name);

void options_help(FILE *stream);

#endif
