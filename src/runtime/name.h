/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_NAME_H
#define RUNTIME_NAME_H

#include <stdbool.h>

/*
 * Names of sets and devices, and the names of the shared memory objects that
 * stand for sets.  Comparison is by bytes: names are case-sensitive (spec
 * 5.4, 5.9).
 */

#define NAME_OBJECT_PREFIX "vdibackup-"
#define NAME_OBJECT_SIZE 256

/* 1 to VD_MAX_NAME characters; sets may not hold a backslash (spec 5.1). */
bool name_is_set_name(const char *name);
bool name_is_device_name(const char *name);

/*
 * The object's name: readable as far as it fits, escaped, and made unique by
 * a digest of the whole name (whose owner the control area tells in full).
 */
void name_object(const char *name, char object[NAME_OBJECT_SIZE]);

#endif
