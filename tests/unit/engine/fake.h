/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_ENGINE_FAKE_H
#define TEST_ENGINE_FAKE_H

#include "engine/options.h"
#include "runtime/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A client of the device set, in memory, and the statement that runs against
 * it: the engine on a thread of its own, the client with a thread for each
 * device, all in one process.
 *
 *     fake_init -> set what is wanted -> fake_run ... -> fake_release
 *
 * A backup keeps each device's bytes; a restore plays them.
 */

enum fake_end {
	FAKE_END_EOF,     /* what is left, with ERROR_HANDLE_EOF */
	FAKE_END_SHORT,   /* what is left, with success, then 0 bytes */
	FAKE_END_NO_DATA  /* ERROR_NO_DATA_DETECTED with 0 bytes */
};

struct fake_stripe {
	uint8_t *bytes;
	size_t size;
	size_t room;
	size_t at;       /* read position */
	unsigned reads;
	unsigned writes;
	unsigned flushes;
	unsigned completes;
	unsigned clears;
	bool was_full;   /* so many, as hold says, came at once */
	vd_status last;  /* what GetCommand said in the end */
	bool is_closed;  /* VD_E_CLOSE */
	bool is_aborted; /* VD_E_ABORT */
	uint32_t size_or; /* all sizes, or'ed: their common factor */
	uint32_t size_max;
};

struct fake {
	/* What is wanted. */
	const char *name;      /* of the set; devices are NAME, NAME1, ... */
	unsigned devices;
	uint32_t features;
	unsigned order[VD_MAX_DEVICES]; /* which stripe a device plays */
	enum fake_end end;
	size_t short_reads;    /* no read brings more than this; 0: no limit */
	unsigned fail_device;  /* from 1; 0: none */
	int32_t fail_code;     /* the first command of this code ... */
	uint32_t fail_with;    /* ... is completed with that */
	unsigned abort_device; /* SignalAbort at its third command */
	unsigned drop_device;  /* never completes its second command */
	unsigned signal_device; /* SIGTERM to us at its third command, and
	                        * keeps it */
	int64_t stall_ms;      /* the engine's --stall-timeout; 0: default */
	bool in_reverse;       /* completions in reverse, two at a time */
	const char *option;    /* --sqlite and the like */
	const char *sqlite;    /* NAME=PATH, or what the option takes */
	unsigned depth;        /* the engine's --queue-depth; 0: default */
	unsigned hold;         /* nothing is completed on a device until so
	                        * many reads, or writes, are there at once */
	const char *inject;    /* NULL: nothing */
	const char *touch;     /* a file to be made when the last command of
	                        * the second device is served; NULL: none */
	bool complete_in_turn;
	bool no_complete;
	enum report_form form;

	/* What came of it. */
	struct fake_stripe stripes[VD_MAX_DEVICES];
	struct VDConfig config;
	vd_status configured;
	vd_status closed;
	int status;            /* of the statement */
	char *output;          /* what it said */
};

void fake_init(struct fake *fake, const char *name, unsigned devices,
    const char *sqlite);
void fake_release(struct fake *fake);

/* Run a statement; DEVICES in the text stands for the list of devices. */
void fake_run(struct fake *fake, const char *statement);

/* The same without a client. */
void fake_run_alone(struct fake *fake, const char *statement);

/* Forget counts and results, keep the bytes. */
void fake_rewind(struct fake *fake);

/* Whether the output has a message of that number. */
bool fake_has_message(const struct fake *fake, int number);

#endif
