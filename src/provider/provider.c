/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "provider/provider.h"

#include "provider/native.h"
#include "provider/sqlvdi.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct provider_ops *const providers[] = {
	&native_ops,
	&sqlvdi_ops,
};

static const struct provider_options no_options = { .library = NULL };

struct provider_device {
	struct provider_set *set;
	void *state;
	unsigned number; /* from 1, for messages */
	atomic_bool closed;
	atomic_bool waiting; /* a thread is inside provider_next */
};

struct provider_set {
	const struct provider_ops *ops;
	void *state;
	atomic_bool created; /* between create and close */
	atomic_bool aborted;  /* known to be in the abort state */
	atomic_bool signalled; /* SignalAbort was called */
	atomic_uint open; /* opened and not PROVIDER_CLOSED */
	unsigned opened;
	struct provider_device devices[VD_MAX_DEVICES];
};

const struct provider_ops *
provider_find(const char *name, const struct provider_options *options,
    struct error *error)
{
	size_t i;

	if (options == NULL)
		options = &no_options;
	if (strcmp(name, "auto") == 0)
		name = options->library != NULL ? sqlvdi_ops.name :
		    native_ops.name;
	for (i = 0; i < ARRAY_COUNT(providers); i++) {
		if (strcmp(providers[i]->name, name) != 0)
			continue;
		if (providers[i]->probe(options, error) == 0)
			return (providers[i]);
		error_context(error, "provider \"%s\"", name);
		return (NULL);
	}
	(void)error_set(error, KIND_PROVIDER, ORIGIN_US, 0,
	    "there is no provider \"%s\" in this program", name);
	error_hint(error, "vdibackup --version tells which there are");
	return (NULL);
}

/* What a status means for the person who has to act on it. */
static const char *
advice(vd_status status)
{
	switch (status) {
	case VD_E_ABORT:
		return ("the set was aborted by the server or a peer died; "
		    "see the server's messages");
	case VD_E_TIMEOUT:
		return ("the server did not come in time; see its messages, "
		    "or raise the time-out");
	case VD_E_SECURITY:
		return ("run this program as the server's user, or as one "
		    "that may use its device sets");
	case VD_E_INSTANCE_NAME:
		return ("give the instance's name without the machine's");
	case VD_E_INVALID:
		return ("the names of the devices differ from those in the "
		    "statement");
	case VD_E_NOTSUPPORTED:
		return ("the provider does not support this configuration; "
		    "try fewer devices or features");
	case VD_E_OPEN:
		return ("devices were still open, so that the server's "
		    "statement fails; see its messages");
	case VD_E_MEMORY:
		return ("use fewer devices, a smaller transfer size or a "
		    "smaller buffer count, or enlarge /dev/shm");
	case VD_E_PROTOCOL:
		return ("a device set of that name may be in use; see whether "
		    "another job is running");
	default:
		return ("the provider's or the system's log may say more");
	}
}

static void
note_status(struct provider_set *set, vd_status status)
{
	if (status == VD_E_ABORT)
		atomic_store(&set->aborted, true);
}

/* The error of one call; device 0: the set's own. */
static int
fail(struct provider_set *set, const char *call, unsigned device,
    vd_status status, struct error *error)
{
	enum error_kind kind = KIND_PROVIDER;
	char where[32] = "";
	char why[128] = "";
	char hint[400] = "";

	note_status(set, status);
	if (atomic_load(&set->aborted))
		kind = KIND_ABORTED;
	else if (status == VD_E_TIMEOUT)
		kind = KIND_TIMEOUT;
	if (device > 0)
		(void)snprintf(where, sizeof(where), " on device %u", device);
	if (set->ops->explain != NULL)
		set->ops->explain(set->state, status, why, sizeof(why));
	(void)error_set(error, kind, ORIGIN_VDI, (long)(uint32_t)status,
	    "%s%s: %s (0x%08X)%s%s", call, where, vdi_status_name(status),
	    (unsigned)status, why[0] != '\0' ? ": " : "", why);
	if (set->ops->advise != NULL)
		set->ops->advise(set->state, status, hint, sizeof(hint));
	error_hint(error, "%s", hint[0] != '\0' ? hint : advice(status));
	return (-1);
}

struct provider_set *
provider_set_new(const struct provider_ops *ops,
    const struct provider_options *options, struct error *error)
{
	struct provider_set *set = calloc(1, sizeof(*set));

	if (set == NULL) {
		(void)error_memory(error);
		return (NULL);
	}
	set->ops = ops;
	set->state = ops->set_new(options != NULL ? options : &no_options,
	    error);
	if (set->state == NULL) {
		free(set);
		return (NULL);
	}
	return (set);
}

void
provider_set_free(struct provider_set *set)
{
	if (set == NULL)
		return;
	set->ops->set_free(set->state);
	free(set);
}

const char *
provider_name(const struct provider_set *set)
{
	return (set->ops->name);
}

int
provider_create(struct provider_set *set, const char *name,
    const struct VDConfig *config, struct error *error)
{
	vd_status status;

	assert(!atomic_load(&set->created));
	atomic_store(&set->aborted, false);
	atomic_store(&set->signalled, false);
	atomic_store(&set->open, 0);
	set->opened = 0;
	status = set->ops->create(set->state, name, config);
	if (status < 0) {
		(void)fail(set, "Create", 0, status, error);
		error_context(error, "device set \"%s\"", name);
		return (-1);
	}
	atomic_store(&set->created, true);
	return (0);
}

enum provider_next
provider_get_configuration(struct provider_set *set, int64_t timeout_ms,
    struct VDConfig *config, struct error *error)
{
	vd_status status;

	assert(atomic_load(&set->created));
	status = set->ops->get_configuration(set->state, timeout_ms, config);
	if (status >= 0)
		return (PROVIDER_COMMAND);
	if (status == VD_E_TIMEOUT)
		return (PROVIDER_IDLE);
	(void)fail(set, "GetConfiguration", 0, status, error);
	return (PROVIDER_FAILED);
}

struct provider_device *
provider_open_device(struct provider_set *set, const char *name,
    struct error *error)
{
	struct provider_device *device;
	vd_status status;
	void *state = NULL;

	assert(atomic_load(&set->created) && set->opened < VD_MAX_DEVICES);
	status = set->ops->open_device(set->state, name, &state);
	if (status < 0) {
		(void)fail(set, "OpenDevice", set->opened + 1, status, error);
		error_context(error, "device \"%s\"", name);
		return (NULL);
	}
	device = &set->devices[set->opened++];
	device->set = set;
	device->state = state;
	device->number = set->opened;
	atomic_store(&device->closed, false);
	atomic_fetch_add(&set->open, 1);
	return (device);
}

enum provider_next
provider_next(struct provider_device *device, int64_t timeout_ms,
    struct VDC_Command **command, struct error *error)
{
	struct provider_set *set = device->set;
	bool twice;
	vd_status status;

	if (!atomic_load(&set->created)) {
		(void)fail(set, "GetCommand", device->number, VD_E_PROTOCOL,
		    error);
		return (PROVIDER_FAILED);
	}
	if (atomic_load(&device->closed))
		return (PROVIDER_CLOSED);
	twice = atomic_exchange(&device->waiting, true);
	assert(!twice);
	status = set->ops->get_command(device->state, timeout_ms, command);
	atomic_store(&device->waiting, false);
	if (status >= 0)
		return (PROVIDER_COMMAND);
	if (status == VD_E_TIMEOUT)
		return (PROVIDER_IDLE);
	if (status == VD_E_CLOSE) {
		atomic_store(&device->closed, true);
		atomic_fetch_sub(&set->open, 1);
		return (PROVIDER_CLOSED);
	}
	(void)fail(set, "GetCommand", device->number, status, error);
	return (PROVIDER_FAILED);
}

int
provider_complete(struct provider_device *device, struct VDC_Command *command,
    uint32_t completion_code, uint32_t bytes_transferred,
    struct error *error)
{
	struct provider_set *set = device->set;
	vd_status status = VD_E_PROTOCOL;

	/* After Close a provider's own device objects may be gone.  Only
	 * positioning devices have a position, and ours are streams. */
	if (atomic_load(&set->created))
		status = set->ops->complete_command(device->state, command,
		    completion_code, bytes_transferred, 0);
	if (status >= 0)
		return (0);
	return (fail(set, "CompleteCommand", device->number, status, error));
}

void
provider_signal_abort(struct provider_set *set)
{
	atomic_store(&set->aborted, true);
	/* Also where a call said that the set is aborted: it costs nothing,
	 * and the server is told for certain. */
	if (atomic_exchange(&set->signalled, true))
		return;
	/* There is nothing to abort where the set is not there any more. */
	IGNORE_RESULT(set->ops->signal_abort(set->state) < 0);
}

bool
provider_is_aborted(const struct provider_set *set)
{
	return (atomic_load(&set->aborted));
}

unsigned
provider_open_devices(const struct provider_set *set)
{
	return (atomic_load(&set->open));
}

int
provider_close(struct provider_set *set, struct error *error)
{
	assert(atomic_load(&set->open) == 0 || atomic_load(&set->aborted));
	return (provider_abandon(set, error));
}

int
provider_abandon(struct provider_set *set, struct error *error)
{
	vd_status status;

	assert(atomic_load(&set->created));
	status = set->ops->close(set->state);
	/* Whatever Close answers, the set is gone. */
	atomic_store(&set->created, false);
	if (status >= 0)
		return (0);
	(void)fail(set, "Close", 0, status, error);
	/* Close with devices open signals the abort itself (spec 5.8). */
	if (status == VD_E_OPEN)
		atomic_store(&set->aborted, true);
	return (-1);
}
