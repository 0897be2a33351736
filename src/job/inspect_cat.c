/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/inspect.h"

#include "base/fd.h"
#include "job/input.h"
#include "job/inspect_open.h"
#include "transfer/pool.h"
#include "transfer/stripe_read.h"

struct out {
	const struct inspect_options *options;
	int fd;
};

static int
write_out(void *context, const void *data, size_t size, struct error *error)
{
	struct out *out = context;

	if (inspect_check_stop(out->options, error) != 0)
		return (-1);
	return (fd_write_all(out->fd, data, size, "standard output", error));
}

int
inspect_cat(const char *const *paths, size_t count, int fd,
    const struct inspect_options *options, struct error *error)
{
	struct out out = { options, fd };
	struct stripe_result result;
	struct pool *pool;
	size_t i;
	int rc = 0;

	pool = pool_new(options->threads != 0 ? options->threads :
	    pool_processors(), error);
	if (pool == NULL)
		return (-1);
	for (i = 0; i < count && rc == 0; i++) {
		struct input_wish wish = { .paths = &paths[i], .count = 1 };
		struct input input;
		enum input_kind kind = input_kind(paths[i], error);

		rc = -1;
		if (kind == INPUT_UNKNOWN)
			break;
		if (kind != INPUT_FILE) {
			IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US,
			    0, "\"%s\" is a folder", paths[i]));
			error_hint(error, "cat takes one stripe file at a "
			    "time: each is a stream of its own");
			break;
		}
		if (input_resolve(&input, &wish, error) == 0 &&
		    inspect_open(&input, SIZE_MAX, pool, options, error) == 0)
			rc = stripe_read_all(input.stripes[0], write_out, &out,
			    &result, error);
		if (rc != 0) {
			inspect_name_stop(options, error);
			error_context(error, "\"%s\"", paths[i]);
		}
		input_release(&input);
	}
	pool_free(pool);
	return (rc);
}
