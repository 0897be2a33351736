/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/shmguard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GUARD_MAX 2048
/* base of an entry that is being filled in; no mapping starts there. */
#define BUSY ((uintptr_t)1)

struct guard {
	_Atomic uintptr_t base; /* 0: free; published last */
	_Atomic uintptr_t end;
	_Atomic int fd;
	_Atomic bool cut;
};

static struct guard guards[GUARD_MAX];
static _Atomic unsigned used; /* entries that were ever in use */
static _Atomic unsigned cuts; /* ever; 0 answers most questions */
static uintptr_t page_size;
static struct sigaction former;

static struct guard *
find(uintptr_t address)
{
	unsigned count = atomic_load(&used);
	unsigned i;

	for (i = 0; i < count; i++) {
		uintptr_t base = atomic_load(&guards[i].base);

		if (base > BUSY && address >= base &&
		    address < atomic_load(&guards[i].end))
			return (&guards[i]);
	}
	return (NULL);
}

/* An object ends at one place, so all that follows is missing as well. */
static bool
replace(struct guard *guard, uintptr_t address)
{
	uintptr_t from = address / page_size * page_size;
	uintptr_t end = atomic_load(&guard->end);
	size_t length = (end - from + page_size - 1) / page_size * page_size;

	atomic_store(&guard->cut, true);
	(void)atomic_fetch_add(&cuts, 1);
	/* The kernel's own call: mmap is not among those that a signal handler
	 * may make, and ThreadSanitizer takes it for writing the pages. */
	return (syscall(SYS_mmap, from, length, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) !=
	    -1);
}

static void
handler(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	struct guard *guard = NULL;

	(void)context;
	if (info->si_code == BUS_ADRERR)
		guard = find((uintptr_t)info->si_addr);
	/* Not ours: whoever was there before gets it when the instruction is
	 * tried again. */
	if (guard == NULL || !replace(guard, (uintptr_t)info->si_addr)) {
		(void)sigaction(number, &former, NULL);
		if (info->si_code <= 0)
			(void)raise(number);
	}
	errno = saved;
}

int
port_shmguard_install(void)
{
	static _Atomic bool is_installed;
	struct sigaction action;

	/* A second time we would be what was there before. */
	if (atomic_exchange(&is_installed, true))
		return (0);
	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO | SA_RESTART;
	(void)sigemptyset(&action.sa_mask);
	return (sigaction(SIGBUS, &action, &former) == 0 ? 0 : errno);
}

int
port_shmguard_add(int fd, void *base, size_t length)
{
	unsigned i;

	for (i = 0; i < GUARD_MAX; i++) {
		struct guard *guard = &guards[i];
		uintptr_t expected = 0;
		unsigned count = atomic_load(&used);

		if (!atomic_compare_exchange_strong(&guard->base, &expected,
		    BUSY))
			continue;
		atomic_store(&guard->end, (uintptr_t)base + length);
		atomic_store(&guard->fd, fd);
		atomic_store(&guard->cut, false);
		atomic_store(&guard->base, (uintptr_t)base);
		while (count <= i &&
		    !atomic_compare_exchange_weak(&used, &count, i + 1))
			;
		return (0);
	}
	return (ENOMEM);
}

void
port_shmguard_remove(const void *base)
{
	struct guard *guard;

	if (base != NULL && (guard = find((uintptr_t)base)) != NULL)
		atomic_store(&guard->base, 0);
}

bool
port_shmguard_is_cut(int fd)
{
	unsigned count = atomic_load(&used);
	unsigned i;

	if (atomic_load_explicit(&cuts, memory_order_acquire) == 0)
		return (false);
	for (i = 0; i < count; i++)
		if (atomic_load(&guards[i].base) > BUSY &&
		    atomic_load(&guards[i].fd) == fd &&
		    atomic_load(&guards[i].cut))
			return (true);
	return (false);
}
