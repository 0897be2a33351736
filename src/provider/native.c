/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "provider/native.h"

#include "runtime/client.h"

#include <stdio.h>

static int
native_probe(const struct provider_options *options, struct error *error)
{
	(void)options;
	(void)error;
	return (0);
}

static void *
native_set_new(const struct provider_options *options, struct error *error)
{
	struct client_set *set = client_set_new();

	(void)options;
	if (set == NULL)
		(void)error_memory(error);
	return (set);
}

static void
native_set_free(void *set)
{
	client_set_free(set);
}

static vd_status
native_create(void *set, const char *name, const struct VDConfig *config)
{
	return (client_create(set, name, config));
}

static vd_status
native_get_configuration(void *set, int64_t timeout_ms,
    struct VDConfig *config)
{
	return (client_get_configuration(set, timeout_ms, config));
}

static vd_status
native_open_device(void *set, const char *name, void **device)
{
	struct client_device *opened = NULL;
	vd_status status = client_open_device(set, name, &opened);

	*device = opened;
	return (status);
}

static vd_status
native_get_command(void *device, int64_t timeout_ms,
    struct VDC_Command **command)
{
	return (client_get_command(device, timeout_ms, command));
}

static vd_status
native_complete_command(void *device, struct VDC_Command *command,
    uint32_t completion_code, uint32_t bytes_transferred, int64_t position)
{
	return (client_complete_command(device, command, completion_code,
	    bytes_transferred, position));
}

static vd_status
native_signal_abort(void *set)
{
	return (client_signal_abort(set));
}

static vd_status
native_close(void *set)
{
	return (client_close(set));
}

static void
native_explain(void *set, vd_status status, char *buffer, size_t size)
{
	int errnum = client_last_errno(set);
	char reason[128];

	if (status == VD_E_ABORT)
		(void)snprintf(buffer, size, "%s", client_abort_text(set));
	else
		(void)snprintf(buffer, size, "%s", errnum != 0 ?
		    error_reason(errnum, reason, sizeof(reason)) : "");
}

const struct provider_ops native_ops = {
	.name = "native",
	.probe = native_probe,
	.set_new = native_set_new,
	.set_free = native_set_free,
	.create = native_create,
	.get_configuration = native_get_configuration,
	.open_device = native_open_device,
	.get_command = native_get_command,
	.complete_command = native_complete_command,
	.signal_abort = native_signal_abort,
	.close = native_close,
	.explain = native_explain,
};
