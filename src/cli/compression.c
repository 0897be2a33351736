/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/compression.h"

#include "base/num.h"
#include "cli/common.h"
#include "transfer/adapt_model.h"
#include "transfer/codec.h"
#include "transfer/stripe.h"

#include <string.h>

/* zstd's own: above it a level needs --ultra. */
#define LEVEL_WITHOUT_ULTRA 19
/* zstd's own: 128 MiB, the largest that a reader takes unasked. */
#define LONG_DEFAULT 27
#define AUTO "auto"
/* Below 1 a stream grows fast; above 9 it hardly gets smaller, but a thread's
 * memory grows from 13 MB to 50. */
#define AUTO_MIN 1
#define AUTO_MAX 9

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

/* "MIN..MAX" */
static int
parse_bounds(const char *text, struct adapt_bounds *bounds)
{
	const char *dots = strstr(text, "..");
	int highest = codec_max_level();
	char min_text[16];
	int64_t min;
	int64_t max;

	if (highest > ADAPT_MODEL_MAX)
		highest = ADAPT_MODEL_MAX;
	if (dots == NULL || (size_t)(dots - text) >= sizeof(min_text))
		return (-1);
	memcpy(min_text, text, (size_t)(dots - text));
	min_text[dots - text] = '\0';
	if (num_parse(min_text, ADAPT_MODEL_MIN, highest, &min) != 0 ||
	    num_parse(dots + 2, min, highest, &max) != 0 || min == 0 ||
	    max == 0)
		return (-1);
	bounds->min = (int)min;
	bounds->max = (int)max;
	return (0);
}

static int
fill_auto(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	const char *text = arguments_text(arguments, OPTION_LEVEL) +
	    strlen(AUTO);

	job->auto_level = true;
	job->level_bounds = (struct adapt_bounds){ AUTO_MIN, AUTO_MAX };
	if (text[0] == '\0')
		return (0);
	if (text[0] != ':' || parse_bounds(text + 1, &job->level_bounds) != 0)
		return (common_usage(arguments, error,
		    "'--level' cannot be \"%s\": it takes a number, auto, or "
		    "auto:MIN..MAX with levels from %d to %d, but not 0",
		    arguments_text(arguments, OPTION_LEVEL), ADAPT_MODEL_MIN,
		    ADAPT_MODEL_MAX));
	return (compression_check_level(arguments, job->level_bounds.max,
	    error));
}

static int
fill_level(struct job_backup *job, const struct arguments *arguments,
    struct error *error)
{
	const char *text = arguments_text(arguments, OPTION_LEVEL);
	int64_t range[2] = { codec_min_level(), codec_max_level() };
	int64_t level = job->codec.level;

	if (text != NULL && strncmp(text, AUTO, strlen(AUTO)) == 0)
		return (fill_auto(job, arguments, error));
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
