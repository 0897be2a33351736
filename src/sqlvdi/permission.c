/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sqlvdi/permission.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UMASK_LINE "\nUmask:\t"

/*
 * umask() tells the mask only by setting another one, which another thread's
 * new files would get.  The system tells it in a file as well; where it does
 * not, the answer is the mask that gives nothing away.
 */
static unsigned
read_umask(void)
{
	char text[1024] = { 0 };
	const char *at;
	unsigned mask = 0;
	ssize_t got;
	int fd;

	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return (S_IRWXG | S_IRWXO);
	got = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	at = got > 0 ? strstr(text, UMASK_LINE) : NULL;
	if (at == NULL)
		return (S_IRWXG | S_IRWXO);
	for (at += strlen(UMASK_LINE); *at >= '0' && *at <= '7'; at++)
		mask = mask << 3 | (unsigned)(*at - '0');
	return (mask);
}

int64_t
permission_group(void)
{
	if ((read_umask() & (S_IRGRP | S_IWGRP)) != 0)
		return (-1);
	return ((int64_t)getegid());
}
