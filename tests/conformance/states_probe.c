/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/* What state a half is in, by calls that change nothing. */

#include "states_half.h"

#include <string.h>

/* As the runtime says it. */
static const char *const texts[HALF_CAUSES] = {
	"",
	"the client aborted the device set",
	"the server aborted the device set",
	"the client closed the device set early",
	"the server closed the device set early",
	"the client process died",
	"the server process died",
	"the client completed no command in time",
};

const char *const half_causes[HALF_CAUSES] = {
	"no abort",
	"client aborted",
	"server aborted",
	"client closed",
	"server closed",
	"client died",
	"server died",
	"client too slow",
};

static enum half_state
probe_client(struct half *half)
{
	struct client_device *none;
	unsigned i, open = 0, ended = 0;
	struct VDConfig config;
	vd_status status;

	switch (client_get_configuration(half->client, 0, &config)) {
	case VD_E_PROTOCOL:
		return (half->was_open ? STATE_CLOSED : STATE_NEVER);
	case VD_E_ABORT:
		return (STATE_ABORT);
	case VD_E_TIMEOUT:
		return (STATE_CONFIGURABLE);
	case VD_NOERROR:
		break;
	default:
		return (STATE_NONE);
	}
	status = client_open_device(half->client, "", &none);
	if (status == VD_E_INVALID)
		return (STATE_INITIALIZING);
	if (status != VD_E_OPEN)
		return (STATE_NONE);
	for (i = 0; i < HALF_DEVICES; i++) {
		if (half->devices[i] == NULL)
			continue;
		/* No command at all: the answer tells of the device. */
		status = client_complete_command(half->devices[i], NULL, 0, 0,
		    0);
		if (status == VD_E_INVALID)
			open++;
		else if (status == VD_E_PROTOCOL)
			ended++;
		else
			return (STATE_NONE);
	}
	return (open == 0 && ended > 0 ? STATE_TERMINATED : STATE_ACTIVE);
}

static enum half_state
probe_server(struct half *half)
{
	struct server_device *none;
	struct VDConfig config;
	uint8_t *buffer;
	uint32_t count;
	vd_status status, empty;

	if (server_open(half->server, "a name that no set has") ==
	    VD_E_INVALID)
		return (STATE_NEVER);
	status = server_get_configuration(half->server, &config);
	if (status != VD_NOERROR)
		return (status == VD_E_ABORT ? STATE_ABORT : STATE_CLOSED);
	/* No buffer can be empty: VD_E_INVALID says that one might be had. */
	empty = server_allocate_buffer(half->server, &buffer, 0, 0);
	if (server_query_available_buffers(half->server, HALF_BUFFER, 0,
	    &count) != VD_NOERROR)
		return (empty == VD_E_INVALID ? STATE_TERMINATED :
		    STATE_CONNECTED);
	if (empty != VD_E_INVALID)
		return (STATE_CONFIGURABLE);
	status = server_open_device(half->server, "", &none);
	if (status != VD_E_OPEN)
		return (status == VD_E_INVALID ? STATE_INITIALIZING :
		    STATE_NONE);
	return (atomic_load(&half->agents) > 0 ? STATE_ACTIVE :
	    STATE_INITIALIZING);
}

enum half_state
half_probe(struct half *half)
{
	return (half->kind == HALF_SERVER ? probe_server(half) :
	    probe_client(half));
}

int
half_cause(struct half *half)
{
	const char *text;
	int i;

	text = half->kind == HALF_SERVER ? server_abort_text(half->server) :
	    client_abort_text(half->client);
	for (i = 0; i < HALF_CAUSES; i++)
		if (strcmp(texts[i], text) == 0)
			return (i);
	return (-1);
}
