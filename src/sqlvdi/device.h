/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLVDI_DEVICE_H
#define SQLVDI_DEVICE_H

#include "base/attr.h"
#include "runtime/client.h"
#include "sqlvdi/abi.h"
#include "sqlvdi/door.h"

/*
 * The device objects that OpenDevice gives away.
 *
 *     device_new
 *       device_free                 it was not opened, or
 *       device_begin                it is: the caller gets device->object
 *     device_end_all                Close: all of a set's
 *
 * No document says who deletes a device object (spec 28 #28), so both answers
 * must be safe.  The object is the library's.  After Close it is remembered:
 * a call answers VD_E_PROTOCOL, and a client that deletes it gives it back,
 * whenever that is.  The DEVICE_KEPT objects of the process that were opened
 * last are remembered; older ones are freed, so that a client which runs for
 * years does not grow.
 *
 * `delete` runs the destructor, which forgets the object here, and then frees
 * its eight bytes with the program's operator delete.  So they come from the
 * program's operator new, where the program has one.
 *
 * Any thread may call; a list of all devices has a lock inside.
 */

#define DEVICE_KEPT 1024

struct sqlvdi_device {
	struct door door; /* open from device_begin to device_end_all */
	struct client_device *client;
	struct sqlvdi_device_object *object;
	/* Guarded by the list's lock. */
	const struct sqlvdi_set *set; /* NULL: closed, and remembered */
	struct sqlvdi_device *older, *newer;
};

/* NULL: out of memory. */
struct sqlvdi_device *device_new(void) MUST_CHECK;
void device_free(struct sqlvdi_device *device);

void device_begin(struct sqlvdi_device *device, const struct sqlvdi_set *set,
    struct client_device *client);

/* Nothing in the runtime holds up a call on the set's devices any more: wait
 * until those are over, and end the devices. */
void device_end_all(const struct sqlvdi_set *set);

#endif
