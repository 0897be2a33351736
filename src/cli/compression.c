/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/compression.h"

#include "cli/common.h"
#include "transfer/codec.h"
#include "transfer/stripe.h"

/* zstd's own: above it a level needs --ultra. */
#define LEVEL_WITHOUT_ULTRA 19
/* zstd's own: 128 MiB, the largest that a reader takes unasked. */
#define LONG_DEFAULT 27

int
compression_check_level(const struct arguments *arguments, int level,
    struct error *error)
{
	if (level <= LEVEL_WITHOUT_ULTRA ||
	    arguments_has(arguments, OPTION_ULTRA))
		return (0);
	return (common_usage(arguments, error,
	    "'--level %s' goes without '--ultra' up to %d only: the levels "
	    "above take much memory",
	    arguments_text(arguments, OPTION_LEVEL), LEVEL_WITHOUT_ULTRA));
}

static int
fill_level(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	int64_t range[2] = { codec_min_level(), codec_max_level() };
	int64_t level = job->codec.level;

	if (arguments_number(arguments, OPTION_LEVEL, range, &level,
	        error) != 0 ||
	    compression_check_level(arguments, (int)level, error) != 0)
		return (-1);
	job->codec.level = (int)level;
	return (0);
}

/* No match reaches out of its frame, so a window is worth no more than that:
 * unless told otherwise, the frames become as large as the window. */
static int
fill_long(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	int64_t range[2] = { codec_min_window(), codec_max_window() };
	int64_t window_log = LONG_DEFAULT;
	uint64_t window;

	if (!arguments_has(arguments, OPTION_LONG))
		return (0);
	if (arguments_text(arguments, OPTION_LONG) != NULL &&
	    arguments_number(arguments, OPTION_LONG, range, &window_log,
	        error) != 0)
		return (-1);
	job->codec.long_distance = true;
	job->codec.window_log = (int)window_log;
	window = UINT64_C(1) << window_log;
	if (window > STRIPE_MAX_FRAME_SIZE)
		window = STRIPE_MAX_FRAME_SIZE;
	if (!arguments_has(arguments, OPTION_FRAME_SIZE) &&
	    window > job->frame_size)
		job->frame_size = window;
	return (0);
}

int
compression_fill(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	static const uint64_t frames[2] = { STRIPE_MIN_FRAME_SIZE,
		STRIPE_MAX_FRAME_SIZE };

	if (fill_level(job, arguments, error) != 0 ||
	    arguments_size(arguments, OPTION_FRAME_SIZE, frames,
	        &job->frame_size, error) != 0)
		return (-1);
	return (fill_long(job, arguments, error));
}
