/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_MEDIA_OPTIONS_H
#define TEST_MEDIA_OPTIONS_H

#include "media/drive.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The command line of media-client:
 *
 *     media-client OPTION... -- PROGRAM ARGUMENT...
 *
 * --set NAME            of the set; devices are NAME, NAME1, ...
 * --devices N           1 unless told otherwise
 * --family pipe|disk|tape
 * --removable           VDF_Removable; a tape always is
 * --folder PATH         where the media are, dDEVICE-vVOLUME
 * --media PATH,...      the first media of the drives, one for each
 * --stack PATH,...      media that come after that, for whoever asks
 * --capacity BYTES      of a medium
 * --warning BYTES       EOMWarningSize, and the zone that it tells of
 * --soft-mark BYTES     softFileMarkBlockSize
 * --block BYTES         of the tape's cells (512)
 * --prefix BYTES        prefixZoneSize
 * --features BITS       further ones (VDF_Discard, ...)
 * --server-timeout MS   serverTimeOut
 * --short-read BYTES    no read brings more
 * --depth N             commands taken before the first is answered
 * --answer NAME:N=CODE  the Nth command of that name, of device 1, is
 *                       answered with CODE and not carried out
 * --hold NAME:N         the same, but it is never answered
 * --abort NAME:N        SignalAbort at that command
 * --when NAME=COMMAND   a shell command that has to succeed before a command
 *                       of that name is carried out
 * --trace PATH          what each device was sent, one line for each
 *
 * Ends with the program's status, or 9 where the server did what it may not.
 */

struct options_place {
	char name[32];  /* "Write"; empty: nowhere */
	unsigned count; /* the Nth of that name, from 1 */
	uint32_t code;
};

#define OPTIONS_HOOKS_MAX 4

struct options_hook {
	char name[32];
	const char *command;
};

struct options {
	const char *set;
	unsigned devices;
	struct drive_config drive; /* what all have in common */
	const char *media[VD_MAX_DEVICES + 1]; /* NULL: by number */
	const char *stacked[VD_MAX_DEVICES];
	struct drive_stack stack;
	struct VDConfig wishes;
	unsigned depth;
	struct options_place answer;
	struct options_place hold;
	struct options_place abort;
	struct options_hook hooks[OPTIONS_HOOKS_MAX];
	unsigned hook_count;
	const char *trace;
	char **program;
};

/* -1: told on standard error. */
int options_parse(struct options *options, int argc, char **argv);

#endif
