/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ROWS_H
#define ENGINE_ROWS_H

#include "engine/report.h"
#include "mtf/model.h"

/*
 * The result sets of RESTORE LABELONLY, HEADERONLY and FILELISTONLY, with
 * SQL Server's columns (mtf spec 4).  What a stream does not tell is NULL.
 *
 * columns, any number of rows, then report_rows_end.
 */

void rows_label_columns(struct report *report);
void rows_label(struct report *report, const struct mtf_label *label);

void rows_header_columns(struct report *report);
void rows_header(struct report *report, const struct mtf_set *set);

void rows_file_columns(struct report *report);
void rows_file(struct report *report, const struct mtf_file *file);

#endif
