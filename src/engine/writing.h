/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_WRITING_H
#define ENGINE_WRITING_H

#include "base/attr.h"
#include "base/str.h"
#include "engine/operation.h"
#include "mtf/writer.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The stream of one device on its way to the client, with several writes
 * under way.
 *
 *     writing_init -> writing_bytes, or writing_next and writing_send, in the
 *     order of the stream -> writing_mark -> writing_flush
 *
 * Where a removable medium is full (spec 12), what was sent meanwhile is
 * waited for; the error is cleared, what is stored is made durable, the next
 * medium is loaded and gets a label that says where it goes on
 * (mtf_write_continuation), and what did not fit is sent again, in order.
 *
 * One thread.  Functions that return int: -1, or NULL: the statement has
 * failed, and was told so.
 */

/* Something that is to be sent again. */
struct writing_piece {
	uint8_t *buffer; /* of the pool */
	uint32_t from;
	uint32_t size;
};

struct writing {
	struct operation *operation;
	struct device *device;
	const struct mtf_spec *spec; /* for labels; borrowed */
	uint64_t stored;      /* bytes of the stream that media hold */
	uint64_t medium_from; /* of them, those on media before this one */
	uint64_t unflushed;   /* bytes since the last VDC_Flush */
	bool is_full;         /* the medium: load before the next write */
	struct writing_piece pieces[DEVICE_DEPTH_MAX];
	unsigned piece_count;
};

/* at: offset in the stream where this begins. */
void writing_init(struct writing *writing, struct operation *operation,
    struct device *device, const struct mtf_spec *spec, uint64_t at);

/* A command with a buffer of the largest transfer, to be filled and sent. */
struct device_command *writing_next(struct writing *writing) MUST_CHECK;
void writing_send(struct writing *writing, struct device_command *command,
    uint32_t size);

/* Bytes, whole blocks; where cuts are not NULL, with filemarks in between. */
int writing_bytes(struct writing *writing, const struct str *bytes,
    const struct mtf_cuts *cuts) MUST_CHECK;

/* Everything is with the client, and was answered. */
int writing_drain(struct writing *writing) MUST_CHECK;

/* What was sent is on stable storage. */
int writing_flush(struct writing *writing) MUST_CHECK;

#endif
