/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "measure/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned parts;
} stages[PLAN_STAGES] = {
	[PLAN_SOURCE] = { "source", PLAN_HAS_TRANSFER },
	[PLAN_COMPRESS] = { "compress",
	    PLAN_HAS_THREADS | PLAN_HAS_LEVEL | PLAN_HAS_TRANSFER },
	[PLAN_WRITE] = { "write",
	    PLAN_HAS_THREADS | PLAN_HAS_LEVEL | PLAN_HAS_TRANSFER },
	[PLAN_RESTORE] = { "restore",
	    PLAN_HAS_THREADS | PLAN_HAS_LEVEL | PLAN_HAS_TRANSFER },
	[PLAN_VERIFY] = { "verify", PLAN_HAS_THREADS | PLAN_HAS_LEVEL },
};

const char *
plan_stage_name(enum plan_stage stage)
{
	return (stages[stage].name);
}

enum plan_stage
plan_stage_find(const char *name, size_t length)
{
	int stage = 0;

	while (stage < PLAN_STAGES &&
	    (strlen(stages[stage].name) != length ||
	        strncmp(stages[stage].name, name, length) != 0))
		stage++;
	return ((enum plan_stage)stage);
}

unsigned
plan_stage_parts(enum plan_stage stage)
{
	return (stages[stage].parts);
}

/* Whether two settings are the same to a stage. */
static bool
is_same(enum plan_stage stage, const struct plan_setting *a,
    const struct plan_setting *b)
{
	unsigned parts = stages[stage].parts;

	return (a->devices == b->devices &&
	    ((parts & PLAN_HAS_THREADS) == 0 || a->threads == b->threads) &&
	    ((parts & PLAN_HAS_LEVEL) == 0 || a->level == b->level) &&
	    ((parts & PLAN_HAS_TRANSFER) == 0 ||
	        a->transfer_size == b->transfer_size));
}

size_t
plan_row_of(const struct plan *plan, enum plan_stage stage, size_t setting)
{
	size_t i = 0;

	while (i < plan->row_count && (plan->rows[i].stage != stage ||
	    !is_same(stage, &plan->settings[plan->rows[i].setting],
	        &plan->settings[setting])))
		i++;
	return (i);
}

/* The next value of a list, by a running number that is divided by its count;
 * the first list changes the fastest. */
static int64_t
pick(const struct list *list, size_t *number)
{
	int64_t value = list->values[*number % list->count];

	*number /= list->count;
	return (value);
}

static void
make_settings(struct plan *plan, const struct plan_wish *wish, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct plan_setting *setting = &plan->settings[i];
		size_t number = i;

		setting->level = (int)pick(&wish->levels, &number);
		setting->threads = (unsigned)pick(&wish->threads, &number);
		setting->transfer_size = (uint32_t)pick(&wish->transfer_sizes,
		    &number);
		setting->devices = (unsigned)pick(&wish->devices, &number);
	}
	plan->setting_count = count;
}

static void
make_rows(struct plan *plan, const struct plan_wish *wish)
{
	size_t i;
	int stage;

	for (i = 0; i < plan->setting_count; i++)
		for (stage = 0; stage < PLAN_STAGES; stage++)
			if (wish->stages[stage] && plan_row_of(plan,
			        (enum plan_stage)stage, i) == plan->row_count)
				plan->rows[plan->row_count++] =
				    (struct plan_row){ (enum plan_stage)stage,
					i };
}

int
plan_make(struct plan *plan, const struct plan_wish *wish,
    struct error *error)
{
	size_t count = wish->devices.count * wish->threads.count *
	    wish->levels.count * wish->transfer_sizes.count;

	*plan = (struct plan){ .row_count = 0 };
	if (count > PLAN_MAX_SETTINGS)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "%zu settings are too many to measure; at most %u", count,
		    PLAN_MAX_SETTINGS));
	plan->settings = calloc(count + 1, sizeof(*plan->settings));
	plan->rows = calloc(count * PLAN_STAGES + 1, sizeof(*plan->rows));
	if (plan->settings == NULL || plan->rows == NULL)
		return (error_memory(error));
	make_settings(plan, wish, count);
	make_rows(plan, wish);
	return (0);
}

void
plan_release(struct plan *plan)
{
	free(plan->settings);
	free(plan->rows);
	*plan = (struct plan){ .row_count = 0 };
}
