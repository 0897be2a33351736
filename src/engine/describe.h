/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DESCRIBE_H
#define ENGINE_DESCRIBE_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/snapshot.h"
#include "engine/tsql.h"
#include "engine/wrap.h"
#include "mtf/model.h"
#include "mtf/writer.h"

#include <stdint.h>

/*
 * What a backup says of itself: media label, backup set and file, in the
 * values that SQL Server's own backups have.  LSNs are made from the time, so
 * that a later backup has higher ones.
 */

struct description {
	struct mtf_label label; /* family_sequence and family_id per device */
	struct mtf_set set;
	struct mtf_file file;
};

/* All texts and numbers that are known before the data. */
int describe_start(struct description *description,
    const struct tsql_statement *statement, const char *path,
    const struct snapshot_info *info, const struct wrap_plan *plan,
    struct error *error) MUST_CHECK;

/* What is known at the end. */
void describe_finish(const struct description *description,
    const struct wrap_plan *plan, struct mtf_final *final);

#endif
