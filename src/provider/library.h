/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVIDER_LIBRARY_H
#define PROVIDER_LIBRARY_H

#include "base/attr.h"
#include "base/error.h"
#include "runtime/vdi.h"

#include <time.h>

/*
 * SQL Server's client library on Linux, loaded while the program runs: which
 * file it is, and its two C++ classes as C functions whose first argument is
 * the object (spec 23; the names are those of runtime/classes.h).
 *
 * Where it is looked for: the file that the caller names, and nowhere else; or
 * LIBRARY_VENDOR_FILE, and, where there is no such file, whatever the loader
 * finds under LIBRARY_NAME (LD_LIBRARY_PATH, its cache, the system's folders).
 * A file that is there and cannot be used is an error, not a reason to look
 * further: another library than that of the server may not fit the server.
 *
 * What cannot be loaded is looked at, so that the error says what is wrong with
 * it and what to do: not there, not to be read, no ELF file, one for another
 * processor, one without a function (which), one that lacks a library itself.
 *
 * A library that was loaded stays loaded for good, since it may have threads
 * and destructors of threads.  Loading it again costs little.
 * C++ exceptions that leave a method end the process: C cannot catch them.
 * Any thread.  Errors: KIND_PROVIDER.
 */

#define LIBRARY_NAME "libsqlvdi.so"
#define LIBRARY_VENDOR_FILE "/opt/mssql/lib/" LIBRARY_NAME

struct library {
	char path[1024]; /* for messages; cut where it is longer */
	/* ClientVirtualDeviceSet; the object has LIBRARY_OBJECT_SIZE bytes. */
	void (*set_construct)(void *set);
	void (*set_destroy)(void *set);
	int (*create)(void *set, char *name, struct VDConfig *config);
	int (*get_configuration)(void *set, time_t timeout,
	    struct VDConfig *config);
	int (*open_device)(void *set, char *name, void **device);
	int (*close)(void *set);
	int (*signal_abort)(void *set);
	/* ClientVirtualDevice; objects are the library's. */
	int (*get_command)(void *device, time_t timeout,
	    struct VDC_Command **command);
	int (*complete_command)(void *device, struct VDC_Command *command,
	    int completion_code, unsigned long bytes_transferred,
	    int64_t position);
};

/* The vendor's header has eight bytes (spec 23.2); who constructs the object
 * where a compiler has not seen that header leaves room for more. */
#define LIBRARY_OBJECT_SIZE 4096

/* path NULL: where it usually is. */
int library_load(struct library *library, const char *path,
    struct error *error) MUST_CHECK;

#endif
