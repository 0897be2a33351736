/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "provider/library.h"

#include "runtime/classes.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(int) == sizeof(vd_status), "statuses are int");

#define OTHER_FILE                                                             \
	"SQL Server for Linux installs the library as " LIBRARY_VENDOR_FILE

/* What is needed of the library, and where it goes. */
static const struct {
	const char *name;
	const char *other; /* does the same, or NULL */
	const char *method; /* as the vendor's header has it */
	size_t offset;
} functions[] = {
	{ CLASSES_SET_CONSTRUCT, CLASSES_SET_CONSTRUCT_BASE,
	    "ClientVirtualDeviceSet()",
	    offsetof(struct library, set_construct) },
	{ CLASSES_SET_DESTROY, CLASSES_SET_DESTROY_BASE,
	    "~ClientVirtualDeviceSet()",
	    offsetof(struct library, set_destroy) },
	{ CLASSES_SET_CREATE, NULL, "ClientVirtualDeviceSet::Create",
	    offsetof(struct library, create) },
	{ CLASSES_SET_GET_CONFIGURATION, NULL,
	    "ClientVirtualDeviceSet::GetConfiguration",
	    offsetof(struct library, get_configuration) },
	{ CLASSES_SET_OPEN_DEVICE, NULL, "ClientVirtualDeviceSet::OpenDevice",
	    offsetof(struct library, open_device) },
	{ CLASSES_SET_CLOSE, NULL, "ClientVirtualDeviceSet::Close",
	    offsetof(struct library, close) },
	{ CLASSES_SET_SIGNAL_ABORT, NULL,
	    "ClientVirtualDeviceSet::SignalAbort",
	    offsetof(struct library, signal_abort) },
	{ CLASSES_DEVICE_GET_COMMAND, NULL, "ClientVirtualDevice::GetCommand",
	    offsetof(struct library, get_command) },
	{ CLASSES_DEVICE_COMPLETE_COMMAND, NULL,
	    "ClientVirtualDevice::CompleteCommand",
	    offsetof(struct library, complete_command) },
};

/* This program's own header, where the linker put it. */
extern const ElfW(Ehdr) own_header __asm__("__ehdr_start")
    __attribute__((visibility("hidden")));

/* "x86-64": e_machine in words. */
static const char *
machine_name(unsigned machine, char *buffer, size_t size)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
		{ EM_X86_64, "x86-64" },
		{ EM_AARCH64, "64-bit ARM" },
		{ EM_386, "32-bit x86" },
		{ EM_ARM, "32-bit ARM" },
		{ EM_PPC64, "64-bit POWER" },
		{ EM_S390, "IBM Z" },
		{ EM_RISCV, "RISC-V" },
	};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(names); i++)
		if (names[i].machine == machine)
			return (names[i].name);
	(void)snprintf(buffer, size, "ELF machine %u", machine);
	return (buffer);
}

/* Whether a file that begins like this can be loaded into this program. */
static int
check_header(const char *path, const ElfW(Ehdr) *header, size_t size,
    struct error *error)
{
	const unsigned char *ident = header->e_ident;
	char one[32];
	char two[32];

	if (size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) != 0) {
		(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "\"%s\" is no shared library: it does not begin as an ELF "
		    "file does", path);
		error_hint(error, OTHER_FILE);
		return (-1);
	}
	/* Up to e_machine both classes have the same layout. */
	if (size >= offsetof(ElfW(Ehdr), e_version) &&
	    (ident[EI_CLASS] != own_header.e_ident[EI_CLASS] ||
	    ident[EI_DATA] != own_header.e_ident[EI_DATA] ||
	    header->e_machine != own_header.e_machine)) {
		(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "\"%s\" is for another processor: %s, and this program "
		    "for %s", path,
		    ident[EI_DATA] != own_header.e_ident[EI_DATA] ?
		    "of the other byte order" :
		    machine_name(header->e_machine, one, sizeof(one)),
		    machine_name(own_header.e_machine, two, sizeof(two)));
		error_hint(error, "use a vdibackup and a library that were "
		    "built for the same processor; SQL Server's is for "
		    "x86-64");
		return (-1);
	}
	if (size < sizeof(*header) || header->e_type != ET_DYN) {
		(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "\"%s\" is no shared library, but %s", path,
		    size < sizeof(*header) ? "the beginning of one" :
		    "another kind of ELF file");
		error_hint(error, OTHER_FILE);
		return (-1);
	}
	return (0);
}

static int
cannot_open(const char *path, int errnum, struct error *error)
{
	(void)error_system(error, KIND_PROVIDER, errnum, "cannot open the "
	    "library \"%s\"", path);
	if (errnum == EACCES || errnum == EPERM)
		error_hint(error, "run this program as the server's user, "
		    "mssql, or let this user read the file and enter the "
		    "folders above it");
	else
		error_hint(error, "--sqlvdi-library takes the path of the "
		    "file itself; " OTHER_FILE);
	return (-1);
}

/*
 * A file that ends before what its header promises ends the process that loads
 * it, once something touches the pages that are not there.
 */
static int
check_length(const char *path, int fd, const ElfW(Ehdr) *header,
    uint64_t size, struct error *error)
{
	uint64_t least = header->e_phoff +
	    (uint64_t)header->e_phnum * sizeof(ElfW(Phdr));
	unsigned i;

	for (i = 0; i < header->e_phnum && least <= size; i++) {
		ElfW(Phdr) part;
		off_t at = (off_t)(header->e_phoff + i * sizeof(part));

		if (pread(fd, &part, sizeof(part), at) != sizeof(part))
			least = UINT64_MAX;
		else if (part.p_type == PT_LOAD &&
		    part.p_filesz > UINT64_MAX - part.p_offset)
			least = UINT64_MAX;
		else if (part.p_type == PT_LOAD &&
		    part.p_offset + part.p_filesz > least)
			least = part.p_offset + part.p_filesz;
	}
	if (least <= size)
		return (0);
	(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
	    "\"%s\" is cut off: it has %llu bytes of at least %llu", path,
	    (unsigned long long)size, (unsigned long long)least);
	error_hint(error, "copy it once more from where it comes from; "
	    OTHER_FILE);
	return (-1);
}

/*
 * The loader says little of a file that it cannot use, so it is looked at
 * first.  0, or -1; *errnum is then why it cannot be opened, or 0.
 */
static int
check_file(const char *path, int *errnum, struct error *error)
{
	ElfW(Ehdr) header;
	struct stat st;
	ssize_t got;
	int rc = -1;
	int fd;

	memset(&header, 0, sizeof(header));
	/* A FIFO would wait for somebody who writes. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	*errnum = fd == -1 ? errno : 0;
	if (fd == -1)
		return (cannot_open(path, *errnum, error));
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "\"%s\" is no shared library, but %s", path,
		    S_ISDIR(st.st_mode) ? "a folder" : "no file at all");
		error_hint(error, "--sqlvdi-library takes the path of the "
		    "file itself");
		return (-1);
	}
	got = read(fd, &header, sizeof(header));
	*errnum = got == -1 ? errno : 0;
	if (got == -1)
		(void)cannot_open(path, *errnum, error);
	else if (check_header(path, &header, (size_t)got, error) == 0)
		rc = check_length(path, fd, &header, (uint64_t)st.st_size,
		    error);
	(void)close(fd);
	return (rc);
}

/* The loader's words for what went wrong last; they say which file. */
static const char *
loader_reason(void)
{
	const char *reason = dlerror();

	return (reason != NULL ? reason : "the loader does not say why");
}

/* NULL: *error tells. */
static void *
load_file(const char *path, struct error *error)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const char *reason;

	if (handle != NULL)
		return (handle);
	reason = loader_reason();
	(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
	    "cannot load \"%s\": %s", path, reason);
	/* It begins with the name of the file that is at fault. */
	if (strncmp(reason, path, strlen(path)) == 0)
		error_hint(error, OTHER_FILE);
	else
		error_hint(error, "it needs another library, which has to be "
		    "installed; 'ldd %s' shows all that it needs", path);
	return (NULL);
}

/* Where nobody said which; the vendor's place comes first. */
static void *
load_usual(struct library *library, struct error *error)
{
	struct error vendor;
	struct link_map *map = NULL;
	void *handle;
	int errnum;

	error_init(&vendor);
	(void)snprintf(library->path, sizeof(library->path), "%s",
	    LIBRARY_VENDOR_FILE);
	if (check_file(LIBRARY_VENDOR_FILE, &errnum, &vendor) == 0)
		return (load_file(LIBRARY_VENDOR_FILE, error));
	if (errnum != ENOENT && errnum != ENOTDIR) {
		*error = vendor;
		return (NULL);
	}
	handle = dlopen(LIBRARY_NAME, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "SQL Server's client library was not found: there is no "
		    "\"" LIBRARY_VENDOR_FILE "\", and the loader says: %s",
		    loader_reason());
		error_hint(error, "install SQL Server for Linux (the package "
		    "mssql-server), or give the library's path with "
		    "--sqlvdi-library");
		return (NULL);
	}
	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0)
		(void)snprintf(library->path, sizeof(library->path), "%s",
		    map->l_name);
	return (handle);
}

/* The file that the caller named, as a path: the loader would look for a name
 * without a slash elsewhere. */
static void *
load_named(struct library *library, const char *path, struct error *error)
{
	int errnum;
	int length;

	length = snprintf(library->path, sizeof(library->path), "%s%s",
	    strchr(path, '/') == NULL ? "./" : "", path);
	if (length < 0 || (size_t)length >= sizeof(library->path)) {
		(void)cannot_open(path, ENAMETOOLONG, error);
		return (NULL);
	}
	if (check_file(library->path, &errnum, error) != 0)
		return (NULL);
	return (load_file(library->path, error));
}

static int
find_functions(struct library *library, void *handle, struct error *error)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(functions); i++) {
		void *found = dlsym(handle, functions[i].name);

		if (found == NULL && functions[i].other != NULL)
			found = dlsym(handle, functions[i].other);
		if (found == NULL) {
			(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
			    "\"%s\" is not the library of this interface: it "
			    "has no %s (%s)", library->path,
			    functions[i].method, functions[i].name);
			error_hint(error, "the library of SQL Server 2017 for "
			    "Linux and of every later version has it: "
			    LIBRARY_VENDOR_FILE);
			return (-1);
		}
		/* POSIX has a pointer to a function fit into void *. */
		memcpy((char *)library + functions[i].offset, &found,
		    sizeof(found));
	}
	return (0);
}

int
library_load(struct library *library, const char *path, struct error *error)
{
	void *handle;

	memset(library, 0, sizeof(*library));
	/* The names say long for time_t and int64_t. */
	if (sizeof(long) != 8 || sizeof(time_t) != 8 ||
	    sizeof(void *) != 8) {
		(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
		    "SQL Server's client library is for 64-bit Linux, which "
		    "this program was not built for");
		error_hint(error, "use a vdibackup that was built for x86-64");
		return (-1);
	}
	handle = path != NULL ? load_named(library, path, error) :
	    load_usual(library, error);
	if (handle == NULL)
		return (-1);
	if (find_functions(library, handle, error) != 0) {
		(void)dlclose(handle);
		return (-1);
	}
	return (0);
}
