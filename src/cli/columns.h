/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include "mtf/model.h"

#include <jansson.h>

/*
 * What a backup says of itself, under the column names of RESTORE LABELONLY,
 * HEADERONLY and FILELISTONLY.  Log sequence numbers are strings of digits,
 * because a JSON number holds no 25 of them; dates are local to the server,
 * "2026-11-24T07:30:00"; what is not there is null.
 *
 * Each returns an object, or NULL where there is no memory.  Columns that the
 * stream does not tell are left out.
 */

json_t *columns_of_label(const struct mtf_label *label);
json_t *columns_of_set(const struct mtf_set *set);
json_t *columns_of_file(const struct mtf_file *file);

#endif
