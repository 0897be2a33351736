/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "base/error.h"

/*
 * The one table of exit statuses, status.def.
 */

/* The exit status of a kind of error; 0 for KIND_NONE. */
int status_of(enum error_kind kind);

/* The kind's word in JSON: "storage". */
const char *status_name(enum error_kind kind);

/* What the status means, as in the manual. */
const char *status_meaning(enum error_kind kind);

/* Whose code it is, in JSON: "us", "system", "server", "vdi", "codec". */
const char *status_origin_name(enum error_origin origin);

/* "ENOSPC", or NULL where this system or its library has no name for it. */
const char *status_errno_name(long errnum);

#endif
