/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/inspect.h"

#include "job/family.h"
#include "job/input.h"
#include "job/inspect_open.h"
#include "transfer/pool.h"
#include "transfer/stripe_read.h"

#include <stdlib.h>
#include <string.h>

struct look {
	const struct inspect_options *options;
	struct family *family;
};

static int
pass(void *context, const void *data, size_t size, struct error *error)
{
	struct look *look = context;

	if (inspect_check_stop(look->options, error) != 0)
		return (-1);
	return (family_feed(look->family, data, size, error));
}

/* The family's sets become the caller's. */
static int
hand_over(struct family *family, struct inspect_show *show,
    struct error *error)
{
	size_t i;

	show->label = family->label;
	show->sets = calloc(family->set_count + 1, sizeof(*show->sets));
	if (show->sets == NULL)
		return (error_memory(error));
	for (i = 0; i < family->set_count; i++) {
		struct family_set *set = &family->sets[i];

		show->sets[i].set = set->set;
		show->sets[i].files = set->files;
		show->sets[i].file_count = set->file_count;
		show->sets[i].is_final = set->is_final;
		set->files = NULL;
	}
	show->set_count = family->set_count;
	return (0);
}

int
inspect_show(const char *const *paths, size_t count,
    const struct inspect_options *options, struct inspect_show *show,
    struct error *error)
{
	struct input_wish wish = { .paths = paths, .count = count };
	struct input input = { 0 };
	struct family family = { 0 };
	struct look look = { options, &family };
	struct stripe_result result;
	struct pool *pool;
	int rc = -1;

	memset(show, 0, sizeof(*show));
	pool = pool_new(options->threads != 0 ? options->threads :
	    pool_processors(), error);
	if (pool == NULL || input_resolve(&input, &wish, error) != 0 ||
	    inspect_open(&input, 0, pool, options, error) != 0 ||
	    family_init(&family, error) != 0)
		goto out;
	if (stripe_read_all(input.stripes[0], pass, &look, &result,
	        error) != 0 || family_finish(&family, error) != 0) {
		inspect_name_stop(options, error);
		error_context(error, "\"%s\"", input.paths[0]);
		goto out;
	}
	show->families_given = (unsigned)input.count;
	rc = hand_over(&family, show, error);
out:
	family_release(&family);
	input_release(&input);
	pool_free(pool);
	return (rc);
}

void
inspect_show_release(struct inspect_show *show)
{
	size_t i;

	for (i = 0; i < show->set_count; i++)
		free(show->sets[i].files);
	free(show->sets);
	memset(show, 0, sizeof(*show));
}
