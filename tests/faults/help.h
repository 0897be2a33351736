/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULTS_HELP_H
#define FAULTS_HELP_H

#include <stddef.h>

/* What the replayer's files share: it has all the memory that it needs, and
 * a log that makes sense, or it ends. */

/* Ends the program with a message. */
_Noreturn void help_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* Room for one more in a list of so many. */
void *help_more(void *list, size_t count, size_t size);
/* With a NUL after it. */
char *help_copy(const void *data, size_t size);

#endif
