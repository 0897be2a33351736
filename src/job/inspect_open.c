/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/inspect_open.h"

#include <string.h>

static bool
must_stop(void *context)
{
	const atomic_int *stop = context;

	return (atomic_load(stop) != 0);
}

int
inspect_check_stop(const struct inspect_options *options, struct error *error)
{
	int signal_number = options->stop != NULL ?
	    atomic_load(options->stop) : 0;

	if (signal_number == 0)
		return (0);
	return (error_set(error, KIND_ABORTED, ORIGIN_US, signal_number,
	    "interrupted by signal %d (%s)", signal_number,
	    strsignal(signal_number)));
}

void
inspect_name_stop(const struct inspect_options *options, struct error *error)
{
	struct error named;

	error_init(&named);
	if (error->kind == KIND_ABORTED &&
	    inspect_check_stop(options, &named) != 0)
		*error = named;
}

int
inspect_open(struct input *input, size_t index, struct pool *pool,
    const struct inspect_options *options, struct error *error)
{
	int rc;

	if (options->stop != NULL) {
		input->must_stop = must_stop;
		/* The flag is read, through the pointer, and never written. */
		input->context = (void *)(uintptr_t)options->stop;
	}
	rc = index == SIZE_MAX ? input_open(input, pool, error) :
	    input_open_one(input, index, pool, error);
	if (rc != 0)
		inspect_name_stop(options, error);
	return (rc);
}
