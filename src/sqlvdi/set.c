/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "runtime/client.h"
#include "sqlvdi/abi.h"
#include "sqlvdi/device.h"
#include "sqlvdi/door.h"
#include "sqlvdi/permission.h"
#include "sqlvdi/timeout.h"

#include <stdlib.h>

struct sqlvdi_set {
	struct door door;     /* open from Create to Close */
	pthread_mutex_t lock; /* one Create, or the end of one Close */
	/* Behind the door; changes under lock, while the door is shut. */
	struct client_set *client;
};

void
sqlvdi_set_construct(struct sqlvdi_set_object *object)
{
	struct sqlvdi_set *set;

	set = calloc(1, sizeof(*set));
	if (set != NULL) {
		door_init(&set->door);
		(void)pthread_mutex_init(&set->lock, NULL);
	}
	object->set = set;
}

void
sqlvdi_set_destroy(struct sqlvdi_set_object *object)
{
	struct sqlvdi_set *set;

	if (object == NULL || object->set == NULL ||
	    !door_is_ours(&object->set->door))
		return;
	(void)sqlvdi_set_close(object);
	set = object->set;
	object->set = NULL;
	(void)pthread_mutex_destroy(&set->lock);
	door_release(&set->door);
	free(set);
}

/* A class without virtual bases: both variants are one function. */
void sqlvdi_set_construct_base(struct sqlvdi_set_object *object)
    __attribute__((alias(CLASSES_SET_CONSTRUCT)));
void sqlvdi_set_destroy_base(struct sqlvdi_set_object *object)
    __attribute__((alias(CLASSES_SET_DESTROY)));

/* How a set comes to be behind the door: create, or attach to one. */
static vd_status
open_set(struct sqlvdi_set_object *object, const char *name,
    const struct VDConfig *config)
{
	struct sqlvdi_set *set;
	struct client_set *client = NULL;
	vd_status status = VD_E_PROTOCOL;

	if (object == NULL || name == NULL)
		return (VD_E_INVALID);
	set = object->set;
	if (set == NULL)
		return (VD_E_MEMORY);
	if (!door_is_ours(&set->door))
		return (VD_E_PROTOCOL);
	(void)pthread_mutex_lock(&set->lock);
	if (set->client != NULL)
		goto out;
	client = client_set_new();
	if (client == NULL) {
		status = VD_E_MEMORY;
		goto out;
	}
	/* Helpers may attach when every device has long been open. */
	client_set_keep_name(client, true);
	client_set_group(client, permission_group());
	if (config != NULL)
		status = client_create(client, name, config);
	else
		status = client_open_in_secondary(client, name);
	if (status == VD_NOERROR) {
		set->client = client;
		client = NULL;
		door_open(&set->door);
	}
out:
	client_set_free(client);
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

vd_status
sqlvdi_set_create(struct sqlvdi_set_object *object, char *name,
    struct VDConfig *config)
{
	if (config == NULL)
		return (VD_E_INVALID);
	return (open_set(object, name, config));
}

vd_status
sqlvdi_set_open_in_secondary(struct sqlvdi_set_object *object, char *name)
{
	return (open_set(object, name, NULL));
}

vd_status
sqlvdi_set_close(struct sqlvdi_set_object *object)
{
	struct sqlvdi_set *set;
	vd_status status;

	if (object == NULL)
		return (VD_E_INVALID);
	set = object->set;
	if (set == NULL)
		return (VD_E_MEMORY);
	if (!door_shut(&set->door))
		return (VD_E_PROTOCOL);
	/* This sends home whoever is in a call on the set or a device. */
	status = client_close(set->client);
	door_drain(&set->door);
	device_end_all(set);
	(void)pthread_mutex_lock(&set->lock);
	client_set_free(set->client);
	set->client = NULL;
	(void)pthread_mutex_unlock(&set->lock);
	return (status);
}

/* VD_NOERROR: inside, and the caller must leave. */
static vd_status
enter(struct sqlvdi_set_object *object)
{
	if (object == NULL)
		return (VD_E_INVALID);
	if (object->set == NULL)
		return (VD_E_MEMORY);
	return (door_enter(&object->set->door) ? VD_NOERROR : VD_E_PROTOCOL);
}

vd_status
sqlvdi_set_get_configuration(struct sqlvdi_set_object *object,
    time_t timeout_ms, struct VDConfig *config)
{
	vd_status status;

	if (config == NULL)
		return (VD_E_INVALID);
	status = enter(object);
	if (status != VD_NOERROR)
		return (status);
	status = client_get_configuration(object->set->client,
	    timeout_of(timeout_ms), config);
	door_leave(&object->set->door);
	return (status);
}

vd_status
sqlvdi_set_open_device(struct sqlvdi_set_object *object, char *name,
    struct sqlvdi_device_object **device)
{
	struct sqlvdi_device *made;
	struct client_device *opened;
	vd_status status;

	if (device == NULL)
		return (VD_E_INVALID);
	*device = NULL;
	status = enter(object);
	if (status != VD_NOERROR)
		return (status);
	/* First, since an open device cannot be given back. */
	made = device_new();
	if (made == NULL)
		status = VD_E_MEMORY;
	else
		status = client_open_device(object->set->client, name,
		    &opened);
	if (status == VD_NOERROR) {
		device_begin(made, object->set, opened);
		*device = made->object;
	} else if (made != NULL) {
		device_free(made);
	}
	door_leave(&object->set->door);
	return (status);
}

vd_status
sqlvdi_set_signal_abort(struct sqlvdi_set_object *object)
{
	vd_status status;

	status = enter(object);
	if (status != VD_NOERROR)
		return (status);
	status = client_signal_abort(object->set->client);
	door_leave(&object->set->door);
	return (status);
}

vd_status
sqlvdi_set_get_buffer_handle(struct sqlvdi_set_object *object,
    uint8_t *buffer, unsigned int *handle)
{
	uint32_t found;
	vd_status status;

	if (handle == NULL)
		return (VD_E_INVALID);
	*handle = 0;
	status = enter(object);
	if (status != VD_NOERROR)
		return (status);
	status = client_get_buffer_handle(object->set->client, buffer, &found);
	*handle = found;
	door_leave(&object->set->door);
	return (status);
}

vd_status
sqlvdi_set_map_buffer_handle(struct sqlvdi_set_object *object, int handle,
    uint8_t **buffer)
{
	vd_status status;

	if (buffer == NULL)
		return (VD_E_INVALID);
	*buffer = NULL;
	status = enter(object);
	if (status != VD_NOERROR)
		return (status);
	status = client_map_buffer_handle(object->set->client,
	    (uint32_t)handle, buffer);
	door_leave(&object->set->door);
	return (status);
}

void
sqlvdi_set_register_device_closed(struct sqlvdi_set_object *object)
{
	(void)object;
}
