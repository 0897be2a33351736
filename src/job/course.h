/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_COURSE_H
#define JOB_COURSE_H

#include "base/error.h"
#include "job/control.h"
#include "job/lanes.h"
#include "runtime/vdi.h"

/*
 * The course that a backup and a restore have in common, once their stripes
 * are at hand: the server is told, the devices are opened, commands flow, the
 * devices are closed, the server gives its verdict.
 *
 *     course_start -> course_transfer -> course_finish
 *
 * The job's thread calls; each enters its phases and ends at the first
 * failure.
 */

struct course {
	const char *statement;
	int expected;       /* the message that proves success */
	uint32_t features;  /* VDF_* bits that the set is created with */
	uint32_t direction; /* VDF_WriteMedia or VDF_ReadMedia */
};

/* Connect to opening every device; *config is what the server decided. */
int course_start(struct lanes *lanes, const struct course *course,
    struct VDConfig *config, struct error *error) MUST_CHECK;

/* Until every lane has ended. */
int course_transfer(struct lanes *lanes, struct error *error) MUST_CHECK;

/* Two of the witnesses: every device closed, and the server's own word. */
int course_finish(struct lanes *lanes, struct error *error) MUST_CHECK;

#endif
