/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/attr.h"
#include "base/error.h"

/*
 * Standard output, where results go.  A result that nobody could read is an
 * error, not a success.
 */

/* Keep the reason of a write that failed, for output_flush. */
void output_failed(int errnum);

/* Write out what is buffered; KIND_STORAGE if anything of it was lost. */
int output_flush(struct error *error) MUST_CHECK;

#endif
