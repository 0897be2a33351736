/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SQLVDI_ABI_H
#define TESTS_SQLVDI_ABI_H

#include "rig.h"

#include <check.h>
#include <time.h>

/*
 * The library as a C program gets at it: loaded at run time, every function
 * found by its mangled name.  The server is that of the conformance rig, in
 * the same process.
 */

/* Eight bytes between others that nobody may touch. */
struct object {
	uint8_t before[32];
	void *inside;
	uint8_t after[32];
};

struct abi {
	void (*set_construct)(void *set);
	void (*set_destroy)(void *set);
	int (*create)(void *set, const char *name, struct VDConfig *config);
	int (*get_configuration)(void *set, time_t timeout_ms,
	    struct VDConfig *config);
	int (*open_device)(void *set, const char *name, void **device);
	int (*close)(void *set);
	int (*signal_abort)(void *set);
	int (*open_in_secondary)(void *set, const char *name);
	int (*get_buffer_handle)(void *set, uint8_t *buffer,
	    unsigned int *handle);
	int (*map_buffer_handle)(void *set, int handle, uint8_t **buffer);
	void (*register_device_closed)(void *set);
	void (*device_construct)(void *device);
	void (*device_destroy)(void *device);
	int (*get_command)(void *device, time_t timeout_ms,
	    struct VDC_Command **command);
	int (*complete_command)(void *device, struct VDC_Command *command,
	    int code, unsigned long bytes, int64_t position);
};

/* Loaded before any test. */
extern struct abi abi;
void abi_load(void);
/* Unload it; the functions are gone. */
void abi_unload(void);
/* A function that must be there. */
void *abi_symbol(const char *name);

/* Fill an object, and see that only its inside has changed. */
void abi_prepare(struct object *object);
void abi_check(const struct object *object);

/* The library's set against the rig's server. */
struct session {
	struct rig rig;
	struct object set;
	void *devices[VD_MAX_DEVICES];
};

/* Created, opened by the server, configured. */
void session_configure(struct session *session, unsigned devices);
/* And every device open on both sides, the agent running. */
void session_start(struct session *session, unsigned devices);
/* The server closes every device, and each reports it. */
void session_end_devices(struct session *session);
/* Destroy and free whatever is there. */
void session_release(struct session *session);

TCase *abi_sets(void);
TCase *abi_devices(void);

#endif
