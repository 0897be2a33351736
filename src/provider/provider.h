/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "base/attr.h"
#include "base/error.h"
#include "runtime/vdi.h"

#include <stdbool.h>

/*
 * A provider is an implementation of VDI's client side that this program can
 * drive: our own runtime (native), the vendor's library on Linux (sqlvdi), the
 * vendor's COM object on Windows (com).  Everything above this header sees
 * only these functions.
 *
 *     provider_find -> provider_set_new -> provider_create
 *       -> provider_get_configuration (repeat after PROVIDER_IDLE)
 *       -> provider_open_device for each name
 *       -> provider_next / provider_complete per device
 *       -> provider_close -> provider_set_free
 *
 * Which one.  The server decides: the embedded one speaks the protocol of
 * native, and sqlvdi drives it through the stand-in of the vendor's library;
 * SQL Server speaks that of the library that it comes with, and nothing else.
 * "auto" is for the embedded server and gives native, or sqlvdi where the
 * options name a library.  Whoever has a connection to a real SQL Server asks
 * for sqlvdi (on Windows, com) by name: native would make a set that this
 * server never sees, and wait for it in vain.
 *
 * "Closed" is a normal answer of provider_next, not an error: a device is
 * finished when it said PROVIDER_CLOSED, and provider_close may be called
 * only when every opened device has said it, or after the set is in the abort
 * state.  provider_close asserts this; provider_abandon is the way out for
 * a drill that wants to break the rule.  No other call on the set or its
 * devices is under way then, except provider_signal_abort.
 *
 * Ownership: devices belong to the set; a command and its buffer are borrowed
 * from PROVIDER_COMMAND until provider_complete.  Threads: next from one
 * thread per device; complete and signal_abort from any thread; the rest from
 * one thread.  Time-outs in milliseconds, -1 for ever; a
 * provider may be a second or two late.
 * Errors: KIND_ABORTED when the set is in the abort state, KIND_TIMEOUT where a
 * call that waits for nobody says VD_E_TIMEOUT, KIND_PROVIDER for the rest;
 * ORIGIN_VDI with the VD_E_* status as code.
 */

enum provider_next {
	PROVIDER_COMMAND, /* *command is set (or: configuration is there) */
	PROVIDER_CLOSED,  /* the server closed this device; nothing follows */
	PROVIDER_IDLE,    /* nothing within the time-out; ask again */
	PROVIDER_FAILED   /* *error tells; nothing but close helps */
};

struct provider;
struct provider_set;
struct provider_device;

/* What the caller wishes; NULL where one is expected: nothing. */
struct provider_options {
	const char *library; /* sqlvdi: this file; NULL: the usual places */
};

/* What an implementation fills in; the last two may be NULL.
 * Statuses are VDI's own; the wrappers below turn them into the answers
 * above. */
struct provider_ops {
	const char *name; /* native, sqlvdi, com */
	/* 0, or -1 and why this provider cannot be used here. */
	int (*probe)(const struct provider_options *options,
	    struct error *error);
	void *(*set_new)(const struct provider_options *options,
	    struct error *error);
	void (*set_free)(void *set);
	vd_status (*create)(void *set, const char *name,
	    const struct VDConfig *config);
	vd_status (*get_configuration)(void *set, int64_t timeout_ms,
	    struct VDConfig *config);
	vd_status (*open_device)(void *set, const char *name, void **device);
	vd_status (*get_command)(void *device, int64_t timeout_ms,
	    struct VDC_Command **command);
	vd_status (*complete_command)(void *device,
	    struct VDC_Command *command, uint32_t completion_code,
	    uint32_t bytes_transferred, int64_t position);
	vd_status (*signal_abort)(void *set);
	vd_status (*close)(void *set);
	/* Why the call that has just said status did, in words, or "". */
	void (*explain)(void *set, vd_status status, char *buffer,
	    size_t size);
	/* What to do about it, where this provider knows better than what is
	 * said of the status in general; otherwise "". */
	void (*advise)(void *set, vd_status status, char *buffer,
	    size_t size);
};

/* The provider of that name, if it can be used here. */
const struct provider_ops *provider_find(const char *name,
    const struct provider_options *options, struct error *error) MUST_CHECK;

struct provider_set *provider_set_new(const struct provider_ops *ops,
    const struct provider_options *options, struct error *error) MUST_CHECK;
void provider_set_free(struct provider_set *set);

int provider_create(struct provider_set *set, const char *name,
    const struct VDConfig *config, struct error *error) MUST_CHECK;
/* PROVIDER_COMMAND: *config is final.  PROVIDER_IDLE: not yet. */
enum provider_next provider_get_configuration(struct provider_set *set,
    int64_t timeout_ms, struct VDConfig *config, struct error *error)
    MUST_CHECK;
struct provider_device *provider_open_device(struct provider_set *set,
    const char *name, struct error *error) MUST_CHECK;
enum provider_next provider_next(struct provider_device *device,
    int64_t timeout_ms, struct VDC_Command **command, struct error *error)
    MUST_CHECK;
int provider_complete(struct provider_device *device,
    struct VDC_Command *command, uint32_t completion_code,
    uint32_t bytes_transferred, struct error *error) MUST_CHECK;
/* Idempotent; every waiting call returns.  Safe from any thread. */
void provider_signal_abort(struct provider_set *set);
/* The implementation's name. */
const char *provider_name(const struct provider_set *set);
bool provider_is_aborted(const struct provider_set *set);
/* Devices that were opened and have not said PROVIDER_CLOSED. */
unsigned provider_open_devices(const struct provider_set *set);
int provider_close(struct provider_set *set, struct error *error) MUST_CHECK;
/* Close whatever is open: the fault drill "close-early". */
int provider_abandon(struct provider_set *set, struct error *error);

#endif
