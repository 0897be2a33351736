/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/segment.h"

#include "base/port/shm.h"
#include "base/port/shmguard.h"
#include "runtime/configure.h"

#include <errno.h>
#include <string.h>

#define NS_PER_MS 1000000
/* Four looks a second keep the promise that a death is noticed within one. */
#define SLICE_NS (250 * NS_PER_MS)

void
segment_init(struct segment *segment)
{
	memset(segment, 0, sizeof(*segment));
	segment->fd = -1;
}

static vd_status
status_of(int errnum)
{
	switch (errnum) {
	case EACCES:
	case EPERM:
		return (VD_E_SECURITY);
	case ENOMEM:
	case ENOSPC:
	case EMFILE:
	case ENFILE:
		return (VD_E_MEMORY);
	default:
		return (VD_E_UNEXPECTED);
	}
}

static int
map_control(struct segment *segment)
{
	void *base;
	int code;

	code = port_shm_map(segment->fd, 0, segment->control_size, 1, false,
	    &base);
	if (code == 0)
		segment->control = base;
	return (code);
}

vd_status
segment_create(struct segment *segment, const char *name,
    const struct VDConfig *wishes, int64_t group, int *errnum)
{
	struct layout_control *control;
	int code;

	segment_init(segment);
	segment->role = SEGMENT_CLIENT;
	segment->device_count = wishes->deviceCount;
	segment->control_size = layout_size(wishes->deviceCount);
	name_object(name, segment->object);
	code = port_shm_create(segment->object, NAME_OBJECT_PREFIX, group,
	    &segment->fd);
	if (code == EEXIST) {
		*errnum = code;
		return (VD_E_PROTOCOL);
	}
	if (code == 0)
		code = port_shm_grow(segment->fd, segment->control_size);
	if (code == 0)
		code = map_control(segment);
	if (code != 0) {
		*errnum = code;
		segment_remove_name(segment);
		segment_close(segment);
		return (status_of(code));
	}
	control = segment->control;
	control->version = LAYOUT_VERSION;
	control->device_count = wishes->deviceCount;
	control->name_length = (uint32_t)strlen(name);
	memcpy(control->name, name, strlen(name));
	control->wishes = *wishes;
	control->devices[0].name_length = control->name_length;
	memcpy(control->devices[0].name, name, strlen(name));
	atomic_store(&control->phase, PHASE_CREATED);
	atomic_store(&control->magic, LAYOUT_MAGIC);
	return (VD_NOERROR);
}

/* Is this a set that we understand, of that name? */
static bool
check_control(struct segment *segment, const char *name, uint64_t size)
{
	struct layout_control *control = segment->control;
	struct VDConfig wishes, checked;
	uint32_t count, length = (uint32_t)strlen(name);

	if (atomic_load(&control->magic) != LAYOUT_MAGIC ||
	    control->version != LAYOUT_VERSION)
		return (false);
	count = control->device_count;
	atomic_signal_fence(memory_order_seq_cst);
	if (count < 1 || count > VD_MAX_DEVICES || layout_size(count) > size)
		return (false);
	segment->device_count = count;
	if (control->name_length != length ||
	    memcmp(control->name, name, length) != 0)
		return (false);
	wishes = segment_wishes(segment);
	return (configure_wishes(&wishes, &checked) == VD_NOERROR &&
	    memcmp(&wishes, &checked, sizeof(wishes)) == 0 &&
	    wishes.deviceCount == count);
}

vd_status
segment_open(struct segment *segment, const char *name,
    enum segment_role role, int *errnum)
{
	vd_status status = VD_E_INVALID;
	uint64_t size = 0;
	size_t whole;
	int code;

	segment_init(segment);
	segment->role = role;
	name_object(name, segment->object);
	code = port_shm_open(segment->object, &segment->fd);
	if (code != 0) {
		*errnum = code;
		return (code == ENOENT || code == EACCES ? VD_E_INVALID :
		    status_of(code));
	}
	/* The smallest set first, then as much as this one has. */
	segment->control_size = layout_size(1);
	code = port_shm_size(segment->fd, &size);
	if (code != 0 || size < segment->control_size)
		goto out;
	if (!port_shm_is_claimed(segment->fd, PORT_SHM_CREATOR))
		goto out;
	code = map_control(segment);
	if (code != 0 || !check_control(segment, name, size))
		goto out;
	whole = layout_size(segment->device_count);
	port_shm_unmap(segment->control, segment->control_size);
	segment->control = NULL;
	segment->control_size = whole;
	code = map_control(segment);
	if (code != 0)
		goto out;
	if (role == SEGMENT_SERVER)
		code = port_shm_claim(segment->fd, PORT_SHM_PARTNER);
	if (code == 0)
		status = VD_NOERROR;
out:
	if (status != VD_NOERROR) {
		*errnum = code;
		segment_close(segment);
	}
	return (status);
}

void
segment_remove_name(struct segment *segment)
{
	if (segment->fd != -1)
		(void)port_shm_unlink(segment->fd, segment->object);
}

void
segment_close(struct segment *segment)
{
	port_shm_unmap(segment->control, segment->control_size);
	segment->control = NULL;
	port_shm_close(&segment->fd);
}

struct VDConfig
segment_wishes(const struct segment *segment)
{
	struct VDConfig copy = segment->control->wishes;

	atomic_signal_fence(memory_order_seq_cst);
	return (copy);
}

bool
segment_device_name(const struct segment *segment, uint32_t index,
    char name[LAYOUT_NAME + 1])
{
	struct layout_device *device = &segment->control->devices[index];
	uint32_t length = device->name_length;

	atomic_signal_fence(memory_order_seq_cst);
	if (length < 1 || length > LAYOUT_NAME)
		return (false);
	memcpy(name, device->name, length);
	name[length] = '\0';
	return (strlen(name) == length);
}

static void
wake_all(struct segment *segment)
{
	struct layout_control *control = segment->control;
	uint32_t i;

	port_gate_bump(&control->set_gate);
	port_gate_bump(&control->agent_gate);
	for (i = 0; i < segment->device_count; i++)
		port_gate_bump(&control->devices[i].commands_gate);
}

void
segment_abort(struct segment *segment, enum layout_abort reason)
{
	uint32_t none = ABORT_NONE;

	if (!atomic_compare_exchange_strong(&segment->control->abort, &none,
	    (uint32_t)reason))
		reason = (enum layout_abort)none;
	none = ABORT_NONE;
	(void)atomic_compare_exchange_strong(&segment->aborted, &none,
	    (uint32_t)reason);
	wake_all(segment);
}

bool
segment_is_aborted(struct segment *segment)
{
	uint32_t reason, none = ABORT_NONE;

	if (atomic_load_explicit(&segment->aborted, memory_order_acquire) !=
	    ABORT_NONE)
		return (true);
	reason = atomic_load_explicit(&segment->control->abort,
	    memory_order_acquire);
	/* Zeros then stand where the peer's words were. */
	if (port_shmguard_is_cut(segment->fd))
		reason = ABORT_CUT_SHORT;
	if (reason == ABORT_NONE)
		return (false);
	(void)atomic_compare_exchange_strong(&segment->aborted, &none, reason);
	return (true);
}

const char *
segment_abort_text(struct segment *segment)
{
	switch (atomic_load(&segment->aborted)) {
	case ABORT_NONE:
		return ("");
	case ABORT_BY_CLIENT:
		return ("the client aborted the device set");
	case ABORT_BY_SERVER:
		return ("the server aborted the device set");
	case ABORT_CLIENT_CLOSED:
		return ("the client closed the device set early");
	case ABORT_SERVER_CLOSED:
		return ("the server closed the device set early");
	case ABORT_CLIENT_DIED:
		return ("the client process died");
	case ABORT_SERVER_DIED:
		return ("the server process died");
	case ABORT_TIMED_OUT:
		return ("the client completed no command in time");
	case ABORT_NO_MEMORY:
		return ("shared memory could not be mapped");
	case ABORT_CUT_SHORT:
		return ("another process cut the shared memory short");
	default:
		return ("the shared control area is damaged");
	}
}

bool
segment_is_ended(const struct segment *segment)
{
	uint32_t i;

	for (i = 0; i < segment->device_count; i++)
		if (atomic_load(&segment->control->devices[i].server_state) !=
		    DEVICE_CLOSED)
			return (false);
	return (true);
}

bool
segment_is_opened(const struct segment *segment)
{
	uint32_t i;

	for (i = 0; i < segment->device_count; i++)
		if (atomic_load(&segment->control->devices[i].client_state) ==
		    DEVICE_UNKNOWN)
			return (false);
	return (true);
}

bool
segment_has_client_left(const struct segment *segment)
{
	return (atomic_load(&segment->control->client_left) != 0 &&
	    !port_shm_is_claimed(segment->fd, PORT_SHM_CREATOR));
}

void
segment_test_peers(struct segment *segment)
{
	int64_t now = clock_now_ns();
	int64_t last = atomic_load(&segment->tested_ns);

	if (now - last < SLICE_NS ||
	    !atomic_compare_exchange_strong(&segment->tested_ns, &last, now) ||
	    segment_is_aborted(segment))
		return;
	if (segment->role != SEGMENT_CLIENT &&
	    !port_shm_is_claimed(segment->fd, PORT_SHM_CREATOR) &&
	    atomic_load(&segment->control->client_left) == 0 &&
	    !atomic_load(&segment->finished)) {
		segment_abort(segment, ABORT_CLIENT_DIED);
		/* Its memory would stay until somebody reuses the name. */
		segment_remove_name(segment);
	}
	/* A server that has not come yet is not a dead one, and one that has
	 * closed every device may go. */
	if (segment->role != SEGMENT_SERVER &&
	    atomic_load(&segment->control->phase) != PHASE_CREATED &&
	    !port_shm_is_claimed(segment->fd, PORT_SHM_PARTNER) &&
	    !segment_is_ended(segment))
		segment_abort(segment, ABORT_SERVER_DIED);
}

bool
segment_is_aborted_now(struct segment *segment)
{
	if (!segment_is_aborted(segment))
		segment_test_peers(segment);
	return (segment_is_aborted(segment));
}

void
segment_wait(struct segment *segment, struct port_gate *gate, uint32_t seen,
    struct deadline deadline)
{
	int64_t slice = SLICE_NS;

	if (deadline.at_ns != INT64_MAX) {
		int64_t left = deadline.at_ns - clock_now_ns();

		if (left < slice)
			slice = left;
	}
	port_gate_wait(gate, seen, slice);
	segment_test_peers(segment);
}
