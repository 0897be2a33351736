/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include <stdio.h>

/* `vdibackup --version`: the version, and what is built in. */
void version_print(FILE *to);

#endif
