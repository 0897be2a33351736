/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sqlvdi/device.h"

#include "sqlvdi/timeout.h"

#include <stdlib.h>

/*
 * operator new(size_t, std::nothrow_t const &) and operator delete(void *) of
 * the program that has this library loaded; absent from one that is not C++.
 * The second argument only chooses the function.
 */
extern void *operator_new(size_t size, const char *nothrow)
    __asm__("_ZnwmRKSt9nothrow_t") __attribute__((weak));
extern void operator_delete(void *memory)
    __asm__("_ZdlPv") __attribute__((weak));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
/* All devices that were begun, guarded by lock. */
static struct sqlvdi_device *oldest, *newest;
static unsigned kept;

static void *
new_object(void)
{
	static const char nothrow;

	if (operator_new != NULL && operator_delete != NULL)
		return (operator_new(sizeof(struct sqlvdi_device_object),
		    &nothrow));
	return (malloc(sizeof(struct sqlvdi_device_object)));
}

static void
delete_object(void *object)
{
	if (operator_new != NULL && operator_delete != NULL)
		operator_delete(object);
	else
		free(object);
}

/* A child of fork may open devices of its own. */
static void
take_lock(void)
{
	(void)pthread_mutex_lock(&lock);
}

static void
give_lock(void)
{
	(void)pthread_mutex_unlock(&lock);
}

static void
watch_forks(void)
{
	(void)pthread_atfork(take_lock, give_lock, give_lock);
}

struct sqlvdi_device *
device_new(void)
{
	struct sqlvdi_device *device;

	(void)pthread_once(&once, watch_forks);
	device = calloc(1, sizeof(*device));
	if (device == NULL)
		return (NULL);
	device->object = new_object();
	if (device->object == NULL) {
		free(device);
		return (NULL);
	}
	device->object->device = device;
	door_init(&device->door);
	return (device);
}

void
device_free(struct sqlvdi_device *device)
{
	door_release(&device->door);
	delete_object(device->object);
	free(device);
}

/* Lock held. */
static void
unlink_device(struct sqlvdi_device *device)
{
	if (device->older != NULL)
		device->older->newer = device->newer;
	else
		oldest = device->newer;
	if (device->newer != NULL)
		device->newer->older = device->older;
	else
		newest = device->older;
	if (device->set == NULL)
		kept--;
}

void
device_begin(struct sqlvdi_device *device, const struct sqlvdi_set *set,
    struct client_device *client)
{
	device->client = client;
	(void)pthread_mutex_lock(&lock);
	device->set = set;
	device->older = newest;
	if (newest != NULL)
		newest->newer = device;
	else
		oldest = device;
	newest = device;
	(void)pthread_mutex_unlock(&lock);
	door_open(&device->door);
}

/* Forget the oldest, so that no more than limit are remembered.  Lock held. */
static void
trim(unsigned limit)
{
	struct sqlvdi_device *device, *next;

	for (device = oldest; device != NULL && kept > limit; device = next) {
		next = device->newer;
		if (device->set != NULL)
			continue;
		unlink_device(device);
		device_free(device);
	}
}

void
device_end_all(const struct sqlvdi_set *set)
{
	struct sqlvdi_device *device;

	(void)pthread_mutex_lock(&lock);
	for (device = oldest; device != NULL; device = device->newer) {
		if (device->set != set)
			continue;
		(void)door_shut(&device->door);
		door_drain(&device->door);
		device->client = NULL;
		device->set = NULL;
		kept++;
	}
	trim(DEVICE_KEPT);
	(void)pthread_mutex_unlock(&lock);
}

/* The library is unloaded, or the program ends: nobody calls any more. */
__attribute__((destructor)) static void
forget_all(void)
{
	(void)pthread_mutex_lock(&lock);
	trim(0);
	(void)pthread_mutex_unlock(&lock);
}

void
sqlvdi_device_construct(struct sqlvdi_device_object *object)
{
	object->device = NULL;
}

void
sqlvdi_device_destroy(struct sqlvdi_device_object *object)
{
	struct sqlvdi_device *device;

	if (object == NULL || object->device == NULL ||
	    !door_is_ours(&object->device->door))
		return;
	device = object->device;
	object->device = NULL;
	(void)pthread_mutex_lock(&lock);
	unlink_device(device);
	(void)pthread_mutex_unlock(&lock);
	(void)door_shut(&device->door);
	door_drain(&device->door);
	door_release(&device->door);
	free(device);
}

void sqlvdi_device_construct_base(struct sqlvdi_device_object *object)
    __attribute__((alias(CLASSES_DEVICE_CONSTRUCT)));
void sqlvdi_device_destroy_base(struct sqlvdi_device_object *object)
    __attribute__((alias(CLASSES_DEVICE_DESTROY)));

vd_status
sqlvdi_device_get_command(struct sqlvdi_device_object *object,
    time_t timeout_ms, struct VDC_Command **command)
{
	vd_status status;

	if (object == NULL || command == NULL)
		return (VD_E_INVALID);
	*command = NULL;
	if (object->device == NULL || !door_enter(&object->device->door))
		return (VD_E_PROTOCOL);
	status = client_get_command(object->device->client,
	    timeout_of(timeout_ms), command);
	door_leave(&object->device->door);
	return (status);
}

vd_status
sqlvdi_device_complete_command(struct sqlvdi_device_object *object,
    struct VDC_Command *command, int completion_code,
    unsigned long bytes_transferred, int64_t position)
{
	vd_status status = VD_E_INVALID;

	if (object == NULL)
		return (VD_E_INVALID);
	if (object->device == NULL || !door_enter(&object->device->door))
		return (VD_E_PROTOCOL);
	if (command != NULL && bytes_transferred <= UINT32_MAX)
		status = client_complete_command(object->device->client,
		    command, (uint32_t)completion_code,
		    (uint32_t)bytes_transferred, position);
	door_leave(&object->device->door);
	return (status);
}
