/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/journal.h"

#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

int
journal_open(struct journal *journal, const char *path, struct error *error)
{
	journal->fd = -1;
	journal->path = path;
	if (path == NULL)
		return (0);
	journal->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY, 0640);
	if (journal->fd < 0)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot open the log file \"%s\"", path));
	return (0);
}

static void
add_time(struct str *to)
{
	struct timespec now;
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &tm);
	str_addf(to, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (int)(now.tv_nsec / 1000000));
}

int
journal_write(struct journal *journal, const char *what, const char *text,
    struct error *error)
{
	struct str line;
	int result;

	if (journal->fd < 0)
		return (0);
	str_init(&line);
	add_time(&line);
	str_addf(&line, " %s: %s\n", what, text);
	result = str_check(&line, error);
	if (result == 0)
		result = fd_write_all(journal->fd, line.text, line.length,
		    journal->path, error);
	str_release(&line);
	return (result);
}

int
journal_close(struct journal *journal, struct error *error)
{
	if (journal->fd < 0)
		return (0);
	return (fd_close(&journal->fd, journal->path, error));
}
