/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_SELF_H
#define RUN_SELF_H

#include <stddef.h>

/*
 * The path of this very program, as others will see it: what is started from
 * there is the same program.
 */
void self_find(char *path, size_t size);

#endif
