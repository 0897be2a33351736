/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/machine.h"

#include "base/fd.h"
#include "base/port/cpu.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CPU_PATH "/proc/cpuinfo"
#define CPU_NAME "\nmodel name"

/* The first processor's; the others are taken to be like it. */
static void
read_cpu(char *name, size_t size)
{
	char text[8192];
	const char *found;
	size_t got = 0;
	int fd = open(CPU_PATH, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	IGNORE_RESULT(fd_read_all(fd, text, sizeof(text) - 1, &got, CPU_PATH,
	    NULL));
	fd_abandon(&fd);
	text[got] = '\0';
	found = strstr(text, CPU_NAME);
	if (found == NULL)
		return;
	found += strlen(CPU_NAME);
	found += strspn(found, " \t:");
	(void)snprintf(name, size, "%.*s", (int)strcspn(found, "\n"), found);
}

void
port_machine_look(struct port_machine *machine)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long page_size = sysconf(_SC_PAGESIZE);
	struct utsname name;

	*machine = (struct port_machine){ .processors = port_cpu_count() };
	if (pages > 0 && page_size > 0)
		machine->memory = (uint64_t)pages * (uint64_t)page_size;
	if (uname(&name) == 0) {
		(void)snprintf(machine->kernel, sizeof(machine->kernel),
		    "%s %s", name.sysname, name.release);
		(void)snprintf(machine->cpu, sizeof(machine->cpu), "%s",
		    name.machine);
	}
	read_cpu(machine->cpu, sizeof(machine->cpu));
}
