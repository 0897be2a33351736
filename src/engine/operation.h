/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_OPERATION_H
#define ENGINE_OPERATION_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/buffers.h"
#include "engine/device.h"
#include "engine/medium.h"
#include "engine/options.h"
#include "engine/report.h"
#include "engine/stop.h"
#include "engine/tsql.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A statement on its way over a device set: the server's side of VDI, what
 * BACKUP and RESTORE have in common.
 *
 *     operation_init
 *     operation_open          the client's set, by the first device's name
 *     operation_configure     sizes and buffers
 *     operation_open_devices  ours, then wait for the client's
 *     operation_run           a thread for each device
 *     operation_close_devices
 *     operation_seal          from here on it is a success
 *     operation_release       whatever happened
 *
 * The first failure wins: its messages are reported by whoever found it, at
 * once.  A failure either aborts the set, so that both sides let go of
 * everything at once (spec 14), or it lets commands under way end and devices
 * be closed as after a success; what came of the statement, a client of VDI
 * is not told by VDI anyway (spec 1).
 *
 * Each of these returns 0, or -1 when the statement has failed and has been
 * told so.
 */

enum operation_way {
	OPERATION_ABORT, /* signal the abort to the client */
	OPERATION_CLOSE, /* end in good order */
	/* Abort, unless the client has asked for VDC_Discard: that takes
	 * devices that still work. */
	OPERATION_ABANDON
};

struct operation {
	const struct options *options;
	struct fault_plan *faults;
	const struct tsql_statement *statement;
	struct report *report;
	struct stop *stop;
	const char *file; /* the database's, for messages; may be NULL */
	struct server_set *set;
	struct VDConfig wishes;
	const struct medium *medium; /* the family of the set's devices */
	bool is_removable; /* VDC_Load may be sent */
	bool discards;     /* VDC_Discard is due when a backup fails */
	bool has_complete; /* VDF_CompleteEnabled was granted */
	uint32_t block_size;
	uint32_t transfer_size;
	struct buffers buffers;
	struct device devices[VD_MAX_DEVICES];
	unsigned device_count;
	pthread_t agent;
	bool has_agent;
	pthread_mutex_t lock; /* guards what follows */
	unsigned streams; /* of the media set, once known; 0: not yet */
	unsigned claimed; /* of them, that devices have taken upon themselves */
	bool has_failed;
	bool is_sealed;
	bool is_open;
	bool leaves_open;     /* a drill closes the set with devices open */
	uint64_t done_bytes;  /* of total_bytes, for the percentages */
	uint64_t total_bytes;
	unsigned told_percent;
};

void operation_init(struct operation *operation, struct options *options,
    const struct tsql_statement *statement, struct report *report,
    struct stop *stop);
void operation_release(struct operation *operation);

int operation_open(struct operation *operation) MUST_CHECK;
/* features: VDF_WriteMedia or VDF_ReadMedia. */
int operation_configure(struct operation *operation, uint32_t features)
    MUST_CHECK;
int operation_open_devices(struct operation *operation) MUST_CHECK;
/* The buffers of --late-buffers; operation_open_devices calls it. */
int operation_add_buffers(struct operation *operation) MUST_CHECK;
/* work runs once per device on threads of their own; context[i] goes with
 * device i.  Joined when this returns. */
int operation_run(struct operation *operation, void *(*work)(void *context),
    void *contexts, size_t context_size) MUST_CHECK;
/* Also after a failure of the OPERATION_CLOSE kind; a backup that failed is
 * discarded first where the client asked for it. */
void operation_close_devices(struct operation *operation);
int operation_seal(struct operation *operation) MUST_CHECK;

/* The statement has failed.  true: this is the first failure, and the caller
 * reports it. */
bool operation_fail(struct operation *operation, enum operation_way way);
bool operation_has_failed(struct operation *operation);

/* SIGINT, SIGTERM; from any thread.  context is an operation. */
void operation_cancel(void *context);

/*
 * A command that is sent by itself, with nothing else under way on its device.
 * An error is cleared at once (spec 9.4), so that the next may follow.
 */
struct operation_order {
	int32_t code;
	int32_t size;
	uint8_t *buffer;  /* the device's scratch, for Read and Write */
	int64_t position; /* in, where the command has one; out likewise */
	uint32_t result;  /* completion code */
	uint32_t bytes;
};

/* -1: no answer can come any more; the statement has failed and was told so. */
int operation_order(struct operation *operation, struct device *device,
    struct operation_order *order) MUST_CHECK;

/* VDC_Complete to every device, where the client asked for it. */
int operation_complete(struct operation *operation) MUST_CHECK;

/* The command of --send, if one was asked for; whatever the answer is. */
int operation_send_odd(struct operation *operation, struct device *device)
    MUST_CHECK;

/* The same, with VDC_ClearError where an error is left, and nothing else. */
int operation_clear(struct operation *operation, struct device *device)
    MUST_CHECK;

/* A stream that no device has taken yet: true, and the caller takes it. */
bool operation_claim_stream(struct operation *operation);

/* The failure of a command: its code in the messages that belong to it. */
void operation_fail_command(struct operation *operation,
    const struct device *device, int32_t vdc_code, uint32_t code);

/* The same for one that the client may well refuse: all ends in good order. */
void operation_fail_refused(struct operation *operation,
    const struct device *device, int32_t vdc_code, uint32_t code);

/* The set's failures, which end it: "18210 ROUTINE: VERB failure on backup
 * device ...", with a reason in words, a Win32 code and its text, or a status
 * of VDI.  All return -1. */
int operation_fail_reason(struct operation *operation, const char *routine,
    const char *verb, const char *reason);
int operation_fail_set(struct operation *operation, const char *routine,
    const char *verb, uint32_t code, const char *text);
int operation_fail_status(struct operation *operation, const char *routine,
    const char *verb, vd_status status);

/* An error of snapshot.h or target.h about the database's file, or about
 * another one. */
void operation_fail_file(struct operation *operation,
    const struct error *error, enum operation_way way);
void operation_fail_path(struct operation *operation, const char *path,
    const struct error *error, enum operation_way way);
/* Its messages alone, after the seal. */
void operation_report_path(struct operation *operation, const char *path,
    const struct error *error);
void operation_report_file(struct operation *operation,
    const struct error *error);

/*
 * Play what --inject asks for here (drill.c); -1: the statement has failed.
 * Before a command to a device; name is "flush", "complete", or NULL for one
 * with data.  Phases: open, configure, devices, transfer, close.
 */
int operation_drill_command(struct operation *operation,
    const struct device *device, const char *name) MUST_CHECK;
int operation_drill_phase(struct operation *operation, const char *phase)
    MUST_CHECK;

/* The drill "corrupt": perhaps flip a bit of pages on their way. */
void operation_drill_data(struct operation *operation,
    const struct device *device, void *data, size_t size);
/* No checksum has told of such a bit: -1, and the statement fails on it. */
int operation_drill_damage(struct operation *operation) MUST_CHECK;

/* So many more bytes are done: the percentages that STATS asked for
 * (progress.c). */
void operation_progress(struct operation *operation, uint64_t bytes);

/* A command without data that has to succeed. */
int operation_command(struct operation *operation, struct device *device,
    enum vdc_code code) MUST_CHECK;

/* Wait for the oldest command; NULL: the client has stalled, and the
 * statement has failed. */
struct device_command *operation_wait(struct operation *operation,
    struct device *device) MUST_CHECK;

/* Wait for all that is under way, whatever became of it. */
void operation_drain(struct operation *operation, struct device *device);

/* 3014 and its like: pages of 8192 bytes, in so much time. */
void operation_report_processed(struct operation *operation, uint64_t pages,
    int64_t elapsed_ns);

#endif
