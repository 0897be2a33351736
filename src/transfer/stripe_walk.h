/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_WALK_H
#define TRANSFER_STRIPE_WALK_H

#include "base/attr.h"
#include "base/error.h"
#include "transfer/stripe.h"
#include "transfer/stripe_input.h"
#include "transfer/stripe_read.h"
#include "transfer/stripe_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The reading thread's way through a source: tells the form, finds the
 * frames, and proves the end.  For stripe_read.c only.
 *
 *     stripe_walk_init -> stripe_walk_begin -> stripe_walk_rest
 *       -> stripe_walk_release
 *
 * Frames go to the stripe through the functions of struct stripe_walk_to.
 */

struct slot;
struct codec;

struct stripe_walk_to {
	/* More raw bytes follow: what was handed over last may be given. */
	void (*more)(void *context);
	/* A slot; NULL when the stripe is being stopped. */
	struct slot *(*take)(void *context, struct error *error);
	/* Give a slot back that was not handed over. */
	void (*drop)(void *context, struct slot *slot);
	/* Hand over a frame that is to be decompressed (stored_size,
	 * raw_size are set), or raw bytes that are there. */
	void (*frame)(void *context, struct slot *slot);
	void (*raw)(void *context, struct slot *slot);
};

struct stripe_walk {
	struct source *source; /* borrowed */
	struct stripe_input input;
	const struct stripe_walk_to *to;
	void *context;
	struct codec *codec; /* for frames that are read in pieces */

	enum stripe_form form;
	struct stripe_identity identity;
	struct stripe_table table; /* of a stripe file */
	uint64_t frames;

	bool closed; /* the closing frame was met */
	struct stripe_closing closing;
	uint8_t sha256[STRIPE_SHA256_SIZE]; /* of all, at the end */
};

int stripe_walk_init(struct stripe_walk *walk, struct source *source,
    const struct stripe_walk_to *to, void *context, struct error *error)
    MUST_CHECK;
void stripe_walk_release(struct stripe_walk *walk);

/* The form, the header, and that the end is there where that can be seen. */
int stripe_walk_begin(struct stripe_walk *walk, struct error *error)
    MUST_CHECK;
/* Everything else, to the proven end. */
int stripe_walk_rest(struct stripe_walk *walk, struct error *error)
    MUST_CHECK;

#endif
