/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The grammar of --inject: each line is one option.  What is taken keeps to
 * its ranges, fires at most once, and says so when it does.
 */

#include "common.h"

#include "base/fault.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
on_fire(void *context, const char *text, const char *where)
{
	unsigned *count = context;

	FUZZ_CHECK(text[0] != '\0' && where[0] != '\0');
	++*count;
}

static void
check_fault(const struct fault *fault, const char *line)
{
	FUZZ_CHECK(strcmp(fault->text, line) == 0);
	FUZZ_CHECK(strncmp(line + strspn(line, ","),
	    fault_kind_name(fault->kind),
	    strlen(fault_kind_name(fault->kind))) == 0);
	FUZZ_CHECK(fault->device <= 64);
	FUZZ_CHECK(fault->command <= INT64_MAX);
	FUZZ_CHECK(fault->after <= INT64_MAX);
	FUZZ_CHECK(fault->stall_ms >= 0);
	FUZZ_CHECK(memchr(fault->phase, '\0', sizeof(fault->phase)) != NULL);
	FUZZ_CHECK(fault->kind == FAULT_FAIL || fault->code == 0);
	FUZZ_CHECK(!fault->fired);
}

/* Every fault fires at its own place, once. */
static void
fire_all(struct fault_plan *plan, unsigned *announced)
{
	unsigned i;

	for (i = 0; i < plan->count; i++) {
		struct fault fault = plan->faults[i];
		struct fault_place place = {
			.device = fault.device != 0 ? fault.device : 1,
			.command = fault.command != 0 ? fault.command : 1,
			.bytes = fault.after,
		};

		if (fault.phase[0] != '\0')
			while (fault_at_phase(plan, FAULT_MASK_ALL,
			    fault.phase) != NULL)
				;
		else
			while (fault_at_command(plan, FAULT_MASK_ALL,
			    &place) != NULL)
				;
		FUZZ_CHECK(plan->faults[i].fired);
		FUZZ_CHECK(fault_fired_of(plan, fault.kind) != NULL);
	}
	FUZZ_CHECK(*announced == plan->count);
	FUZZ_CHECK(fault_fired(plan) == plan->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct fault_plan plan;
	struct error error;
	unsigned announced = 0;
	char *line;

	error_init(&error);
	fault_plan_init(&plan, on_fire, &announced);
	while ((line = fuzz_take_line(&input)) != NULL) {
		unsigned before = plan.count;

		if (fault_plan_add(&plan, line, &error) == 0) {
			FUZZ_CHECK(plan.count == before + 1);
			check_fault(&plan.faults[before], line);
		} else {
			FUZZ_CHECK(plan.count == before);
			fuzz_check_error(&error, 1u << KIND_USAGE);
		}
		free(line);
	}
	fire_all(&plan, &announced);
	fault_plan_release(&plan);
	return (0);
}
