/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/use.h"

#include "base/fd.h"
#include "base/num.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#define STATUS_PATH "/proc/self/status"
#define PEAK_NAME "\nVmHWM:"

static int64_t
nanoseconds(const struct timeval *time)
{
	return ((int64_t)time->tv_sec * 1000000000 +
	    (int64_t)time->tv_usec * 1000);
}

/* 0: the system does not tell. */
static uint64_t
read_peak(void)
{
	char text[8192];
	char *found;
	int64_t kib = 0;
	size_t got = 0;
	int fd = open(STATUS_PATH, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return (0);
	IGNORE_RESULT(fd_read_all(fd, text, sizeof(text) - 1, &got,
	    STATUS_PATH, NULL));
	fd_abandon(&fd);
	text[got] = '\0';
	found = strstr(text, PEAK_NAME);
	if (found == NULL)
		return (0);
	found += strlen(PEAK_NAME);
	found += strspn(found, " \t");
	found[strspn(found, "0123456789")] = '\0';
	IGNORE_RESULT(num_parse(found, 0, INT64_MAX / 1024, &kib));
	return ((uint64_t)kib * 1024);
}

void
port_use_look(struct port_use *use)
{
	struct rusage usage;

	*use = (struct port_use){ .peak_bytes = read_peak() };
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	use->cpu_ns = nanoseconds(&usage.ru_utime) +
	    nanoseconds(&usage.ru_stime);
	/* Second choice: where a large process has started this one, its
	 * own peak is what this counts from. */
	if (use->peak_bytes == 0 && usage.ru_maxrss > 0)
		use->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
}
