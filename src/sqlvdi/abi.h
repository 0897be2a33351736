/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLVDI_ABI_H
#define SQLVDI_ABI_H

#include "runtime/classes.h"
#include "runtime/vdi.h"

#include <time.h>

/*
 * libsqlvdi.so: the class ABI of the vendor's library on Linux, as C functions
 * under the names that a C++ compiler gives to the methods (spec 23.2, 23.3;
 * runtime/classes.h).  The first argument is the object; exports.map lists the
 * names.
 *
 *     ClientVirtualDeviceSet        ClientVirtualDevice
 *       Create | OpenInSecondary      GetCommand
 *       GetConfiguration              CompleteCommand
 *       OpenDevice
 *       SignalAbort
 *       Close
 *
 * The answers are those of runtime/client.h, which does the work; what stands
 * here is only what differs from it, or what the vendor leaves open.
 *
 * Objects: the caller's compiler allocates a set's eight bytes.  Device
 * objects are made by OpenDevice and are the library's: valid until Close,
 * after which every call on one answers VD_E_PROTOCOL for as long as the
 * library remembers it (device.h says how long).  Nobody needs to delete one,
 * and whoever does, does no harm.  Destruction of a set closes it.
 * Threads: any thread may call on a set, and on a device while another is in
 * GetCommand.  Close waits until the calls of other threads have returned.
 * fork: in a child, objects of the parent answer VD_E_PROTOCOL, and their
 * destructors do nothing.  A child makes a set of its own.
 * Arguments: NULL where there must be something is VD_E_INVALID.  A set whose
 * constructor found no memory answers VD_E_MEMORY.
 * Time-outs: milliseconds (spec 26 #16); 0 polls; a negative value and
 * 0xFFFFFFFF, the INFINITE of Windows, wait for ever.
 * Names: bytes, UTF-8 by custom.
 * Nothing here prints, throws or ends the process.
 */

#define SQLVDI_EXPORT __attribute__((visibility("default")))

/* What the caller sees of an object: eight bytes. */
struct sqlvdi_set_object {
	struct sqlvdi_set *set; /* NULL: no memory */
};
struct sqlvdi_device_object {
	struct sqlvdi_device *device; /* NULL: never opened, or deleted */
};
_Static_assert(sizeof(struct sqlvdi_set_object) == 8 &&
    sizeof(struct sqlvdi_device_object) == 8, "the classes have 8 bytes");
_Static_assert(sizeof(time_t) == sizeof(long) && sizeof(long) == 8 &&
    sizeof(int64_t) == sizeof(long), "the names say long for these");

/* Constructors and destructors; the base variants are the same functions. */
SQLVDI_EXPORT void sqlvdi_set_construct(struct sqlvdi_set_object *object)
    __asm__(CLASSES_SET_CONSTRUCT);
SQLVDI_EXPORT void sqlvdi_set_construct_base(struct sqlvdi_set_object *object)
    __asm__(CLASSES_SET_CONSTRUCT_BASE);
SQLVDI_EXPORT void sqlvdi_set_destroy(struct sqlvdi_set_object *object)
    __asm__(CLASSES_SET_DESTROY);
SQLVDI_EXPORT void sqlvdi_set_destroy_base(struct sqlvdi_set_object *object)
    __asm__(CLASSES_SET_DESTROY_BASE);

/*
 * The configuration is read only; nothing is copied back.  The set's shared
 * memory is open to the effective group where the umask lets a group read and
 * write (permission.h), otherwise to this user alone.  Its name lasts until
 * Close, so that secondaries may come at any time.
 */
SQLVDI_EXPORT vd_status sqlvdi_set_create(struct sqlvdi_set_object *object,
    char *name, struct VDConfig *config)
    __asm__(CLASSES_SET_CREATE);
SQLVDI_EXPORT vd_status sqlvdi_set_get_configuration(
    struct sqlvdi_set_object *object, time_t timeout_ms,
    struct VDConfig *config)
    __asm__(CLASSES_SET_GET_CONFIGURATION);
SQLVDI_EXPORT vd_status sqlvdi_set_open_device(
    struct sqlvdi_set_object *object, char *name,
    struct sqlvdi_device_object **device)
    __asm__(CLASSES_SET_OPEN_DEVICE);
SQLVDI_EXPORT vd_status sqlvdi_set_close(struct sqlvdi_set_object *object)
    __asm__(CLASSES_SET_CLOSE);
SQLVDI_EXPORT vd_status sqlvdi_set_signal_abort(
    struct sqlvdi_set_object *object) __asm__(CLASSES_SET_SIGNAL_ABORT);
SQLVDI_EXPORT vd_status sqlvdi_set_open_in_secondary(
    struct sqlvdi_set_object *object, char *name)
    __asm__(CLASSES_SET_OPEN_IN_SECONDARY);
SQLVDI_EXPORT vd_status sqlvdi_set_get_buffer_handle(
    struct sqlvdi_set_object *object, uint8_t *buffer, unsigned int *handle)
    __asm__(CLASSES_SET_GET_BUFFER_HANDLE);
/* The handle is what GetBufferHandle gave, as a signed number. */
SQLVDI_EXPORT vd_status sqlvdi_set_map_buffer_handle(
    struct sqlvdi_set_object *object, int handle, uint8_t **buffer)
    __asm__(CLASSES_SET_MAP_BUFFER_HANDLE);
/* Public in the class, in no document.  Which devices have reported their end
 * is known here without it, so a call changes nothing. */
SQLVDI_EXPORT void sqlvdi_set_register_device_closed(
    struct sqlvdi_set_object *object)
    __asm__(CLASSES_SET_REGISTER_DEVICE_CLOSED);

/* A device that a caller constructs itself is not open. */
SQLVDI_EXPORT void sqlvdi_device_construct(
    struct sqlvdi_device_object *object) __asm__(CLASSES_DEVICE_CONSTRUCT);
SQLVDI_EXPORT void sqlvdi_device_construct_base(
    struct sqlvdi_device_object *object) __asm__(CLASSES_DEVICE_CONSTRUCT_BASE);
SQLVDI_EXPORT void sqlvdi_device_destroy(struct sqlvdi_device_object *object)
    __asm__(CLASSES_DEVICE_DESTROY);
SQLVDI_EXPORT void sqlvdi_device_destroy_base(
    struct sqlvdi_device_object *object) __asm__(CLASSES_DEVICE_DESTROY_BASE);

SQLVDI_EXPORT vd_status sqlvdi_device_get_command(
    struct sqlvdi_device_object *object, time_t timeout_ms,
    struct VDC_Command **command)
    __asm__(CLASSES_DEVICE_GET_COMMAND);
/* A count that 32 bits do not hold is VD_E_INVALID: no command moves that
 * much. */
SQLVDI_EXPORT vd_status sqlvdi_device_complete_command(
    struct sqlvdi_device_object *object, struct VDC_Command *command,
    int completion_code, unsigned long bytes_transferred, int64_t position)
    __asm__(CLASSES_DEVICE_COMPLETE_COMMAND);

#endif
