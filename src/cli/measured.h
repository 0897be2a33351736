/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_MEASURED_H
#define CLI_MEASURED_H

#include "base/attr.h"
#include "base/error.h"
#include "base/port/machine.h"
#include "cli/report.h"
#include "measure/measure.h"

#include <jansson.h>

/*
 * What was measured: as a table for people, as lines of JSON, and as a curve.
 */

struct measured {
	const struct measure_result *result;
	struct port_machine machine;
	const char *engine; /* what was measured */
	unsigned repeat;
};

/* The table, the machine and the advice, or the JSON event "measurement" of
 * each row, as the report has it. */
void measured_tell(struct report *report, const struct measured *measured);

/* What it adds to the verdict. */
json_t *measured_object(const struct measured *measured);

/*
 * Rate against ratio, into a file that must not be there.  It has a line for
 * each number of devices and of threads, and each transfer size where there
 * are several.  KIND_NOTHING: there is nothing to draw.
 */
int measured_plot(const struct measured *measured, const char *path,
    struct error *error) MUST_CHECK;

#endif
