/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "provider/sqlvdi.h"

#include "base/clock.h"
#include "provider/access.h"
#include "provider/library.h"
#include "provider/patience.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HRESULT_FROM_WIN32: failures that are not VDI's own (spec 5.1). */
#define FACILITY_MASK 0xFFFF0000u
#define FACILITY_WIN32 0x80070000u
#define WIN32_ACCESS_DENIED 5u

/* The calls that can find that the two sides may not share memory. */
enum call { CALL_CREATE, CALL_CONFIGURE, CALL_OPEN };

struct sqlvdi_device {
	struct sqlvdi_set *set;
	void *object;          /* the library's; NULL after Close */
	struct patience patience; /* of the thread in GetCommand */
	pthread_mutex_t lock;  /* one CompleteCommand at a time */
};

struct sqlvdi_set {
	struct library library;
	void *object;          /* ClientVirtualDeviceSet */
	pthread_mutex_t lock;  /* guards open; held over SignalAbort */
	bool open;             /* from Create until Close begins */
	atomic_bool is_working; /* the server has sent a command */
	_Atomic enum call call; /* the last */
	struct patience patience; /* of GetConfiguration */
	unsigned opened;
	struct sqlvdi_device devices[VD_MAX_DEVICES];
};

/* Sets of this process that are between Create and Close. */
static atomic_uint open_sets;

static int
sqlvdi_probe(const struct provider_options *options, struct error *error)
{
	struct library library;

	return (library_load(&library, options->library, error));
}

static void
destroy_set(struct sqlvdi_set *set)
{
	unsigned i;

	for (i = 0; i < VD_MAX_DEVICES; i++)
		(void)pthread_mutex_destroy(&set->devices[i].lock);
	(void)pthread_mutex_destroy(&set->lock);
	free(set->object);
	free(set);
}

static void *
sqlvdi_set_new(const struct provider_options *options, struct error *error)
{
	struct sqlvdi_set *set = calloc(1, sizeof(*set));
	unsigned i;

	if (set == NULL) {
		(void)error_memory(error);
		return (NULL);
	}
	(void)pthread_mutex_init(&set->lock, NULL);
	for (i = 0; i < VD_MAX_DEVICES; i++) {
		set->devices[i].set = set;
		(void)pthread_mutex_init(&set->devices[i].lock, NULL);
	}
	set->object = calloc(1, LIBRARY_OBJECT_SIZE);
	if (set->object == NULL) {
		(void)error_memory(error);
		goto fail;
	}
	if (library_load(&set->library, options->library, error) != 0)
		goto fail;
	set->library.set_construct(set->object);
	return (set);
fail:
	destroy_set(set);
	return (NULL);
}

static vd_status
sqlvdi_create(void *state, const char *name, const struct VDConfig *config)
{
	struct sqlvdi_set *set = state;
	/* Neither is const in the vendor's header. */
	struct VDConfig wishes = *config;
	char *own_name = strdup(name);
	vd_status status;

	if (own_name == NULL)
		return (VD_E_MEMORY);
	patience_init(&set->patience);
	atomic_store(&set->is_working, false);
	set->opened = 0;
	atomic_store(&set->call, CALL_CREATE);
	access_begin();
	status = set->library.create(set->object, own_name, &wishes);
	access_end();
	free(own_name);
	if (status >= 0) {
		(void)atomic_fetch_add(&open_sets, 1);
		(void)pthread_mutex_lock(&set->lock);
		set->open = true;
		(void)pthread_mutex_unlock(&set->lock);
	}
	return (status);
}

static vd_status
sqlvdi_get_configuration(void *state, int64_t timeout_ms,
    struct VDConfig *config)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	struct sqlvdi_set *set = state;

	atomic_store(&set->call, CALL_CONFIGURE);
	for (;;) {
		time_t ask = patience_ask(&set->patience,
		    clock_left_ms(deadline));
		int64_t began_ns = clock_now_ns();
		vd_status status;

		access_begin();
		status = set->library.get_configuration(set->object, ask,
		    config);
		access_end();
		if (status != VD_E_TIMEOUT)
			return (status);
		patience_learn(&set->patience, ask,
		    clock_now_ns() - began_ns);
		if (clock_has_passed(deadline))
			return (status);
	}
}

static vd_status
sqlvdi_open_device(void *state, const char *name, void **device)
{
	struct sqlvdi_set *set = state;
	struct sqlvdi_device *one;
	void *object = NULL;
	char *own_name;
	vd_status status;

	*device = NULL;
	if (set->opened == VD_MAX_DEVICES)
		return (VD_E_OPEN);
	own_name = strdup(name);
	if (own_name == NULL)
		return (VD_E_MEMORY);
	atomic_store(&set->call, CALL_OPEN);
	access_begin();
	status = set->library.open_device(set->object, own_name, &object);
	access_end();
	free(own_name);
	if (status < 0)
		return (status);
	if (object == NULL)
		return (VD_E_UNEXPECTED);
	one = &set->devices[set->opened++];
	one->object = object;
	patience_init(&one->patience);
	*device = one;
	return (status);
}

static vd_status
sqlvdi_get_command(void *state, int64_t timeout_ms,
    struct VDC_Command **command)
{
	struct deadline deadline = clock_deadline(timeout_ms);
	struct sqlvdi_device *device = state;

	for (;;) {
		time_t ask = patience_ask(&device->patience,
		    clock_left_ms(deadline));
		int64_t began_ns = clock_now_ns();
		vd_status status;

		*command = NULL;
		if (device->object == NULL)
			return (VD_E_PROTOCOL);
		status = device->set->library.get_command(device->object, ask,
		    command);
		if (status >= 0 && *command == NULL)
			return (VD_E_UNEXPECTED);
		if (status >= 0)
			atomic_store_explicit(&device->set->is_working, true,
			    memory_order_relaxed);
		if (status != VD_E_TIMEOUT)
			return (status);
		patience_learn(&device->patience, ask,
		    clock_now_ns() - began_ns);
		if (clock_has_passed(deadline))
			return (status);
	}
}

static vd_status
sqlvdi_complete_command(void *state, struct VDC_Command *command,
    uint32_t completion_code, uint32_t bytes_transferred, int64_t position)
{
	struct sqlvdi_device *device = state;
	vd_status status;

	if (device->object == NULL)
		return (VD_E_PROTOCOL);
	(void)pthread_mutex_lock(&device->lock);
	status = device->set->library.complete_command(device->object, command,
	    (int)completion_code, bytes_transferred, position);
	(void)pthread_mutex_unlock(&device->lock);
	return (status);
}

static vd_status
sqlvdi_signal_abort(void *state)
{
	struct sqlvdi_set *set = state;
	vd_status status = VD_E_PROTOCOL;

	(void)pthread_mutex_lock(&set->lock);
	if (set->open)
		status = set->library.signal_abort(set->object);
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

static vd_status
sqlvdi_close(void *state)
{
	struct sqlvdi_set *set = state;
	vd_status status;
	unsigned i;
	bool open;

	(void)pthread_mutex_lock(&set->lock);
	open = set->open;
	set->open = false;
	(void)pthread_mutex_unlock(&set->lock);
	if (!open)
		return (VD_E_PROTOCOL);
	status = set->library.close(set->object);
	for (i = 0; i < set->opened; i++)
		set->devices[i].object = NULL;
	(void)atomic_fetch_sub(&open_sets, 1);
	return (status);
}

static void
sqlvdi_set_free(void *state)
{
	struct sqlvdi_set *set = state;

	/* What a set that is still open answers is the caller's loss. */
	IGNORE_RESULT(sqlvdi_close(set) < 0);
	set->library.set_destroy(set->object);
	destroy_set(set);
}

static bool
is_win32(vd_status status)
{
	return (((uint32_t)status & FACILITY_MASK) == FACILITY_WIN32);
}

static void
sqlvdi_explain(void *state, vd_status status, char *buffer, size_t size)
{
	struct sqlvdi_set *set = state;
	unsigned others = atomic_load(&open_sets);

	buffer[0] = '\0';
	if (is_win32(status))
		(void)snprintf(buffer, size, "system error %u%s",
		    (uint32_t)status & ~FACILITY_MASK,
		    ((uint32_t)status & ~FACILITY_MASK) ==
		    WIN32_ACCESS_DENIED ? ", access denied" : "");
	else if (status == VD_E_PROTOCOL &&
	    atomic_load(&set->call) == CALL_CREATE)
		(void)snprintf(buffer, size, others > 0 ?
		    "there is such a set already; this process has %u open" :
		    "there is such a set already", others);
}

/* Only until the first command: then the two can use each other's memory. */
static void
sqlvdi_advise(void *state, vd_status status, char *buffer, size_t size)
{
	struct sqlvdi_set *set = state;
	struct access_facts facts;

	buffer[0] = '\0';
	if (atomic_load(&set->is_working))
		return;
	if (status == VD_E_NOTSUPPORTED || status == VD_E_INVALID ||
	    status == VD_E_OPEN)
		return;
	if (status == VD_E_PROTOCOL &&
	    atomic_load(&set->call) == CALL_CREATE) {
		if (atomic_load(&open_sets) > 0)
			(void)snprintf(buffer, size, "this library may take "
			    "one set for each process: run the other job in "
			    "a process of its own");
		return;
	}
	access_look(&facts, ACCESS_FOLDER, ACCESS_OWNER);
	access_advise(&facts, buffer, size);
	if (buffer[0] == '\0' && status == VD_E_ABORT &&
	    atomic_load(&set->call) == CALL_OPEN)
		(void)snprintf(buffer, size, "see the server's messages; in a "
		    "container SQL Server shares memory with other processes "
		    "from 2017 CU28 and 2019 CU15 on, with "
		    "memory.enablecontainersharedmemory = true in mssql.conf");
}

const struct provider_ops sqlvdi_ops = {
	.name = "sqlvdi",
	.probe = sqlvdi_probe,
	.set_new = sqlvdi_set_new,
	.set_free = sqlvdi_set_free,
	.create = sqlvdi_create,
	.get_configuration = sqlvdi_get_configuration,
	.open_device = sqlvdi_open_device,
	.get_command = sqlvdi_get_command,
	.complete_command = sqlvdi_complete_command,
	.signal_abort = sqlvdi_signal_abort,
	.close = sqlvdi_close,
	.explain = sqlvdi_explain,
	.advise = sqlvdi_advise,
};
