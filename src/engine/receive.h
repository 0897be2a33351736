/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RECEIVE_H
#define ENGINE_RECEIVE_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/operation.h"
#include "engine/target.h"
#include "engine/wrap.h"
#include "mtf/model.h"
#include "mtf/reader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the streams of a media set contain, checked and put where it belongs.
 *
 * One struct receipt for the statement, one struct receiver for each stream:
 *
 *     receipt_init -> receiver_init each
 *       receiver_feed ... receiver_end      a thread for each stream
 *     receiver_release each -> receipt_check -> receipt_release
 *
 * Streams come in any order of families.  What is found wrong is reported at
 * once, with the message that belongs to it, and the statement fails in good
 * order: the client has done nothing wrong.
 */

/* Of the statement; the lock guards what streams have in common. */
struct receipt {
	struct operation *operation;
	struct target *target; /* NULL: nothing is written */
	bool is_whole;         /* all families and all pages are needed */
	bool is_checked;       /* checksums count */
	pthread_mutex_t lock;
	bool has_label;
	struct mtf_label label; /* the first that came */
	bool has_set;
	struct mtf_set set;     /* the first that came; final once it was */
	const char *families[VD_MAX_DEVICES]; /* device of each, or NULL */
	bool has_file;
	struct mtf_file file;
	atomic_uint_fast64_t *seen; /* bit per page; made with has_file */
	bool has_meta;
	struct wrap_meta meta;
	unsigned damages;       /* passed over by CONTINUE_AFTER_ERROR */
};

struct receiver {
	struct receipt *receipt;
	struct device *device;
	struct mtf_reader *reader;
	bool is_over;           /* as much as the statement needs has come */
	bool is_written_here;   /* by this engine: pages can be counted */
	uint32_t partial_bytes; /* of a page that came in pieces */
	uint8_t partial[MTF_PAGE_SIZE];
};

void receipt_init(struct receipt *receipt, struct operation *operation);
void receipt_release(struct receipt *receipt);

/* After all streams: is everything there?  -1: no, and the statement has
 * failed. */
int receipt_check(struct receipt *receipt) MUST_CHECK;

int receiver_init(struct receiver *receiver, struct receipt *receipt,
    struct device *device) MUST_CHECK;
void receiver_release(struct receiver *receiver);

/* -1: the statement has failed. */
int receiver_feed(struct receiver *receiver, const void *data, size_t size)
    MUST_CHECK;

/* There is no more; -1: there should be, and the statement has failed. */
int receiver_end(struct receiver *receiver) MUST_CHECK;

#endif
