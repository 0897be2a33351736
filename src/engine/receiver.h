/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RECEIVER_H
#define ENGINE_RECEIVER_H

#include "base/attr.h"
#include "engine/reading.h"
#include "engine/receipt.h"
#include "mtf/page.h"
#include "mtf/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The stream of one device: parsed, checked, shown or put where it belongs.
 *
 *     receiver_init -> receiver_feed ... -> receiver_end
 *       -> receiver_renew, for another stream -> receiver_release
 *
 * The statement is about one backup set of each stream, the first or the one
 * that FILE names; HEADERONLY about all of them.
 *
 * One thread per receiver.  What is found wrong is reported as receipt.h has
 * it.
 */

struct receiver {
	struct receipt *receipt;
	struct device *device;
	struct mtf_reader *reader;
	bool has_label;
	struct mtf_label label; /* of the stream */
	uint16_t current;       /* number of the set that is coming; 0: none */
	bool is_over;           /* as much as the statement needs has come */
	bool is_written_here;   /* by this engine: pages can be counted */
	uint32_t partial_bytes; /* of a page that came in pieces */
	uint8_t partial[MTF_PAGE_SIZE];
};

int receiver_init(struct receiver *receiver, struct receipt *receipt,
    struct device *device) MUST_CHECK;
void receiver_release(struct receiver *receiver);

/* Ready for the next stream that comes from the device. */
int receiver_renew(struct receiver *receiver) MUST_CHECK;

/* Receivers are what bytes are read into; the context is a receiver. */
extern const struct reading_sink receiver_sink;

/* -1: the statement has failed. */
int receiver_feed(struct receiver *receiver, const void *data, size_t size)
    MUST_CHECK;

/* There is no more; -1: there should be, and the statement has failed. */
int receiver_end(struct receiver *receiver) MUST_CHECK;

#endif
