/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "warden.h"

#include "runtime/classes.h"
#include "runtime/vdi.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))

struct warden_set;

/* What a client holds of a device. */
struct device {
	struct warden_set *set;
	void *real;
	struct device *next;
	atomic_bool is_closed;
	atomic_uint in_get;
	atomic_uint in_complete;
};

struct warden_set {
	void *real[1]; /* the eight bytes of the object behind */
	atomic_bool is_open;
	atomic_bool is_configured;
	atomic_uint in_abort;
	struct device *devices; /* all that there ever were */
};

/* What a client holds of a set. */
struct object {
	struct warden_set *set;
};

static struct {
	void (*construct)(void *set);
	void (*destroy)(void *set);
	int (*create)(void *set, char *name, struct VDConfig *config);
	int (*get_configuration)(void *set, time_t timeout,
	    struct VDConfig *config);
	int (*open_device)(void *set, char *name, void **device);
	int (*close)(void *set);
	int (*signal_abort)(void *set);
	int (*get_command)(void *device, time_t timeout,
	    struct VDC_Command **command);
	int (*complete_command)(void *device, struct VDC_Command *command,
	    int code, unsigned long bytes, int64_t position);
} behind;

static atomic_uint open_sets;

#define RULE(kept)                                                             \
	do {                                                                   \
		if (!(kept))                                                   \
			complain(__func__, #kept);                             \
	} while (0)

static void
complain(const char *call, const char *rule)
{
	(void)fprintf(stderr, "warden: %s: not kept: %s\n", call, rule);
	abort();
}

static void *
find(void *handle, const char *name)
{
	void *found = dlsym(handle, name);

	if (found == NULL)
		complain("find", name);
	return (found);
}

__attribute__((constructor)) static void
load(void)
{
	const char *path = getenv("WARDEN_LIBRARY");
	void *handle;

	if (path == NULL)
		complain("load", "WARDEN_LIBRARY is set");
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		complain("load", dlerror());
	behind.construct = find(handle, CLASSES_SET_CONSTRUCT);
	behind.destroy = find(handle, CLASSES_SET_DESTROY);
	behind.create = find(handle, CLASSES_SET_CREATE);
	behind.get_configuration =
	    find(handle, CLASSES_SET_GET_CONFIGURATION);
	behind.open_device = find(handle, CLASSES_SET_OPEN_DEVICE);
	behind.close = find(handle, CLASSES_SET_CLOSE);
	behind.signal_abort = find(handle, CLASSES_SET_SIGNAL_ABORT);
	behind.get_command = find(handle, CLASSES_DEVICE_GET_COMMAND);
	behind.complete_command =
	    find(handle, CLASSES_DEVICE_COMPLETE_COMMAND);
}

/* 0: the call is to be handed on. */
static int
told_to_answer(const char *variable)
{
	const char *text = getenv(variable);

	return (text == NULL ? 0 : (int)strtoul(text, NULL, 16));
}

static bool
leaves_group_alone(void)
{
	mode_t mask = umask(S_IRWXO);

	(void)umask(mask);
	return (mask == S_IRWXO);
}

static time_t
behind_timeout(time_t timeout)
{
	RULE(timeout >= 0 && timeout <= WARDEN_UNITS_MAX);
	return (getenv("WARDEN_SECONDS") != NULL ? timeout * 1000 : timeout);
}

EXPORT void set_construct(struct object *object)
    __asm__(CLASSES_SET_CONSTRUCT_BASE);
EXPORT void set_destroy(struct object *object)
    __asm__(CLASSES_SET_DESTROY_BASE);
EXPORT int set_create(struct object *object, char *name,
    struct VDConfig *config) __asm__(CLASSES_SET_CREATE);
EXPORT int set_get_configuration(struct object *object, time_t timeout,
    struct VDConfig *config) __asm__(CLASSES_SET_GET_CONFIGURATION);
EXPORT int set_open_device(struct object *object, char *name,
    struct device **device) __asm__(CLASSES_SET_OPEN_DEVICE);
EXPORT int set_close(struct object *object) __asm__(CLASSES_SET_CLOSE);
EXPORT int set_signal_abort(struct object *object)
    __asm__(CLASSES_SET_SIGNAL_ABORT);
EXPORT int device_get_command(struct device *device, time_t timeout,
    struct VDC_Command **command) __asm__(CLASSES_DEVICE_GET_COMMAND);
EXPORT int device_complete_command(struct device *device,
    struct VDC_Command *command, int code, unsigned long bytes,
    int64_t position) __asm__(CLASSES_DEVICE_COMPLETE_COMMAND);
EXPORT void device_destroy(struct device *device)
    __asm__(CLASSES_DEVICE_DESTROY);

void
set_construct(struct object *object)
{
	RULE(object->set == NULL);
	object->set = calloc(1, sizeof(*object->set));
	RULE(object->set != NULL);
	behind.construct(object->set->real);
}

void
set_destroy(struct object *object)
{
	struct warden_set *set = object->set;

	RULE(set != NULL);
	RULE(!atomic_load(&set->is_open));
	object->set = NULL;
	behind.destroy(set->real);
	while (set->devices != NULL) {
		struct device *device = set->devices;

		set->devices = device->next;
		free(device);
	}
	free(set);
}

int
set_create(struct object *object, char *name, struct VDConfig *config)
{
	struct warden_set *set = object->set;
	int answer = told_to_answer("WARDEN_CREATE");

	RULE(set != NULL);
	RULE(!atomic_load(&set->is_open));
	RULE(leaves_group_alone());
	if (getenv("WARDEN_ONE") != NULL && atomic_load(&open_sets) > 0)
		answer = VD_E_PROTOCOL;
	if (answer == 0)
		answer = behind.create(set->real, name, config);
	if (answer >= 0) {
		atomic_store(&set->is_configured, false);
		atomic_store(&set->is_open, true);
		(void)atomic_fetch_add(&open_sets, 1);
	}
	return (answer);
}

int
set_get_configuration(struct object *object, time_t timeout,
    struct VDConfig *config)
{
	struct warden_set *set = object->set;
	int answer = told_to_answer("WARDEN_CONFIGURE");

	RULE(atomic_load(&set->is_open));
	RULE(leaves_group_alone());
	timeout = behind_timeout(timeout);
	if (answer == 0)
		answer = behind.get_configuration(set->real, timeout, config);
	if (answer >= 0)
		atomic_store(&set->is_configured, true);
	return (answer);
}

int
set_open_device(struct object *object, char *name, struct device **device)
{
	struct warden_set *set = object->set;
	struct device *made = calloc(1, sizeof(*made));
	int answer = told_to_answer("WARDEN_OPEN");

	*device = NULL;
	RULE(made != NULL);
	RULE(atomic_load(&set->is_open));
	RULE(atomic_load(&set->is_configured));
	RULE(leaves_group_alone());
	if (answer == 0)
		answer = behind.open_device(set->real, name, &made->real);
	if (answer < 0) {
		free(made);
		return (answer);
	}
	made->set = set;
	made->next = set->devices;
	set->devices = made;
	*device = made;
	return (answer);
}

int
set_close(struct object *object)
{
	struct warden_set *set = object->set;
	struct device *device;

	RULE(atomic_load(&set->is_open));
	RULE(atomic_load(&set->in_abort) == 0);
	atomic_store(&set->is_open, false);
	for (device = set->devices; device != NULL; device = device->next) {
		RULE(atomic_load(&device->in_get) == 0);
		RULE(atomic_load(&device->in_complete) == 0);
		atomic_store(&device->is_closed, true);
	}
	(void)atomic_fetch_sub(&open_sets, 1);
	return (behind.close(set->real));
}

int
set_signal_abort(struct object *object)
{
	struct warden_set *set = object->set;
	int answer;

	(void)atomic_fetch_add(&set->in_abort, 1);
	RULE(atomic_load(&set->is_open));
	answer = behind.signal_abort(set->real);
	(void)atomic_fetch_sub(&set->in_abort, 1);
	return (answer);
}

int
device_get_command(struct device *device, time_t timeout,
    struct VDC_Command **command)
{
	int answer;

	RULE(!atomic_load(&device->is_closed));
	RULE(atomic_fetch_add(&device->in_get, 1) == 0);
	answer = behind.get_command(device->real, behind_timeout(timeout),
	    command);
	(void)atomic_fetch_sub(&device->in_get, 1);
	return (answer);
}

int
device_complete_command(struct device *device, struct VDC_Command *command,
    int code, unsigned long bytes, int64_t position)
{
	int answer;

	RULE(!atomic_load(&device->is_closed));
	RULE(atomic_fetch_add(&device->in_complete, 1) == 0);
	answer = behind.complete_command(device->real, command, code, bytes,
	    position);
	(void)atomic_fetch_sub(&device->in_complete, 1);
	return (answer);
}

void
device_destroy(struct device *device)
{
	(void)device;
	complain("device_destroy", "nobody deletes a device");
}
