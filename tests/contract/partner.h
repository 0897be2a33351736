/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONTRACT_PARTNER_H
#define TESTS_CONTRACT_PARTNER_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The database server's side of a device set, in a process of its own, for
 * tests of what a provider does on the client's side.
 */

#define PARTNER_BLOCK 512u
#define PARTNER_TRANSFER 65536u
/* Writes or reads for each device. */
#define PARTNER_COMMANDS 5u

enum partner_script {
	PARTNER_BACKUP,  /* writes, Flush, Complete, close */
	PARTNER_RESTORE, /* reads, close */
	PARTNER_ABORT,   /* one write, then SignalAbort */
	PARTNER_DIE,     /* one write, then SIGKILL of itself */
	PARTNER_WAIT     /* no command; waits for the client's abort */
};

/* The byte that every place of the Nth transfer of a device holds. */
uint8_t partner_byte(unsigned device, unsigned command);

/* Start it; it looks for the client's set for a bounded time. */
pid_t partner_start(const char *set_name, enum partner_script script);

/*
 * Wait for it, and give its exit status: 0 when all commands were completed
 * without error and every call answered as it should; the completion code of
 * the first command that was not; PARTNER_BROKEN otherwise.
 */
#define PARTNER_BROKEN 200
int partner_join(pid_t pid);

#endif
