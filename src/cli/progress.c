/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/progress.h"

#include "base/clock.h"
#include "base/num.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_INTERVAL_NS (INT64_C(100) * 1000 * 1000)
#define LINE_INTERVAL_NS (INT64_C(5) * 1000 * 1000 * 1000)
/* Before this much time a rate is noise. */
#define RATE_AFTER_NS (INT64_C(200) * 1000 * 1000)

void
progress_init(struct progress *progress, FILE *to, enum progress_when when)
{
	memset(progress, 0, sizeof(*progress));
	progress->to = to;
	progress->is_terminal = isatty(fileno(to)) == 1;
	progress->is_on = when == PROGRESS_ALWAYS ||
	    (when == PROGRESS_AUTO && progress->is_terminal);
}

void
progress_clear(struct progress *progress)
{
	if (progress->shown == 0)
		return;
	fprintf(progress->to, "\r%*s\r", (int)progress->shown, "");
	(void)fflush(progress->to);
	progress->shown = 0;
}

void
progress_add_text(struct str *to, const struct job_event *event)
{
	char buffer[32];

	if (event->percent >= 0)
		str_addf(to, "%d%%, ", event->percent);
	str_add(to, num_format_size(event->raw_bytes, buffer, sizeof(buffer)));
	if (event->stored_bytes > 0)
		str_addf(to, ", %s stored", num_format_size(
		    event->stored_bytes, buffer, sizeof(buffer)));
	if (event->elapsed_ns < RATE_AFTER_NS)
		return;
	str_addf(to, ", %s/s", num_format_size((uint64_t)(
	    (double)event->raw_bytes * 1e9 / (double)event->elapsed_ns),
	    buffer, sizeof(buffer)));
	if (event->percent > 0 && event->percent < 100)
		str_addf(to, ", %s left", num_format_duration(
		    event->elapsed_ns / event->percent *
		    (100 - event->percent), buffer, sizeof(buffer)));
}

/* Columns that a line may take without wrapping. */
static size_t
line_width(const struct progress *progress)
{
	struct winsize size;

	if (ioctl(fileno(progress->to), TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 1)
		return ((size_t)size.ws_col - 1);
	return (79);
}

static void
rewrite_line(struct progress *progress, const char *text)
{
	size_t width = line_width(progress);
	size_t length = strlen(text);

	if (length > width)
		length = width;
	fprintf(progress->to, "\r%.*s", (int)length, text);
	if (progress->shown > length)
		fprintf(progress->to, "%*s",
		    (int)(progress->shown - length), "");
	progress->shown = length;
}

void
progress_update(struct progress *progress, const struct job_event *event)
{
	struct str text;
	int64_t now = clock_now_ns();

	if (!progress->is_on || now < progress->next_ns)
		return;
	progress->next_ns = now + (progress->is_terminal ?
	    TERMINAL_INTERVAL_NS : LINE_INTERVAL_NS);
	str_init(&text);
	progress_add_text(&text, event);
	if (progress->is_terminal)
		rewrite_line(progress, text.text);
	else
		fprintf(progress->to, "vdibackup: %s\n", text.text);
	(void)fflush(progress->to);
	str_release(&text);
}
