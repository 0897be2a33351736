/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEASURE_PLAN_H
#define MEASURE_PLAN_H

#include "base/attr.h"
#include "base/error.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is measured: the product of some lists, as rows of which each is one
 * stage with one setting.
 *
 *     plan_make -> rows -> plan_release
 *
 * A stage that does not depend on a part of the setting has one row for all of
 * them: the source knows nothing of threads and levels, verify nothing of
 * transfers.  The rows stand in the order of one round: a setting's stages one
 * after another, so that write comes before what reads its backup.
 */

enum plan_stage {
	PLAN_SOURCE,   /* the server sends, nothing is looked at */
	PLAN_COMPRESS, /* compressed and thrown away */
	PLAN_WRITE,    /* compressed and stored */
	PLAN_RESTORE,  /* from there through the devices to the server */
	PLAN_VERIFY,   /* read and checked, without a server */
	PLAN_STAGES
};

/* Which parts of a setting a stage depends on. */
#define PLAN_HAS_THREADS 1u
#define PLAN_HAS_LEVEL 2u
#define PLAN_HAS_TRANSFER 4u

struct plan_setting {
	unsigned devices;
	unsigned threads;
	int level;
	uint32_t transfer_size;
};

struct plan_row {
	enum plan_stage stage;
	size_t setting;
};

struct plan {
	struct plan_setting *settings;
	size_t setting_count;
	struct plan_row *rows;
	size_t row_count;
};

struct plan_wish {
	struct list devices;
	struct list threads;
	struct list levels;
	struct list transfer_sizes;
	bool stages[PLAN_STAGES];
};

#define PLAN_MAX_SETTINGS 4096u

/* KIND_USAGE: more settings than that. */
int plan_make(struct plan *plan, const struct plan_wish *wish,
    struct error *error) MUST_CHECK;
void plan_release(struct plan *plan);

/* "source"; the stage of a name, or PLAN_STAGES. */
const char *plan_stage_name(enum plan_stage stage);
enum plan_stage plan_stage_find(const char *name, size_t length);

/* PLAN_HAS_*; every stage depends on the devices. */
unsigned plan_stage_parts(enum plan_stage stage);

/* The row of that stage which stands for the setting, or row_count. */
size_t plan_row_of(const struct plan *plan, enum plan_stage stage,
    size_t setting);

#endif
