/* SPDX-License-Identifier: Apache-2.0 */
/* A library of another interface: of the vendor's two classes it has what its
 * devices need, and of the set's methods all but one. */
#include <config.h>

#include "runtime/classes.h"
#include "runtime/vdi.h"

#define METHOD(function, name)                                                 \
	int function(void) __asm__(name);                                      \
	int function(void)                                                     \
	{                                                                      \
		return (VD_E_UNEXPECTED);                                      \
	}

METHOD(set_construct, CLASSES_SET_CONSTRUCT)
METHOD(set_destroy, CLASSES_SET_DESTROY)
METHOD(set_create, CLASSES_SET_CREATE)
METHOD(set_get_configuration, CLASSES_SET_GET_CONFIGURATION)
METHOD(set_open_device, CLASSES_SET_OPEN_DEVICE)
METHOD(set_close, CLASSES_SET_CLOSE)
METHOD(device_get_command, CLASSES_DEVICE_GET_COMMAND)
METHOD(device_complete_command, CLASSES_DEVICE_COMPLETE_COMMAND)
