/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RECEIPT_H
#define ENGINE_RECEIPT_H

#include "base/attr.h"
#include "engine/operation.h"
#include "engine/target.h"
#include "engine/wrap.h"
#include "mtf/model.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the streams of a media set have in common, and whether they belong
 * together: one for a statement, shared by the receivers of its devices.
 *
 *     receipt_init -> receipt_add_label, _set, _file from any thread
 *                  -> receipt_check -> receipt_release
 *
 * Streams come in any order of families.  What is found wrong is reported at
 * once, with the message that belongs to it, and the statement fails in good
 * order: the client has done nothing wrong.  These functions then return -1.
 */

/* Of the statement; the lock guards what streams have in common. */
struct receipt {
	struct operation *operation;
	struct target *target; /* NULL: nothing is written */
	uint16_t file_number;  /* of the set on the media, from 1 */
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

void receipt_init(struct receipt *receipt, struct operation *operation);
void receipt_release(struct receipt *receipt);

/* device: the name of the one that the value came from. */
int receipt_add_label(struct receipt *receipt, const char *device,
    const struct mtf_label *label) MUST_CHECK;
int receipt_add_set(struct receipt *receipt, const char *device,
    const struct mtf_set *set, bool is_final) MUST_CHECK;
/* Of our own backups: they have one file. */
int receipt_add_file(struct receipt *receipt, const char *device,
    const struct mtf_file *file) MUST_CHECK;

/* A checksum is wrong.  0: it is passed over; -1: the caller reports it if
 * operation_fail says that it is the first failure. */
int receipt_add_damage(struct receipt *receipt) MUST_CHECK;

/* After all streams: is everything there? */
int receipt_check(struct receipt *receipt) MUST_CHECK;

#endif
