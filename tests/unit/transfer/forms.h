/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_TRANSFER_FORMS_H
#define TESTS_UNIT_TRANSFER_FORMS_H

#include "support.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The same stream in every form that a stripe can be read from.
 */

enum form {
	FORM_OURS,
	FORM_FOREIGN, /* zstd frames, one after the other */
	FORM_HOLLOW,  /* the same, with frames of no bytes around them */
	FORM_PIPED,   /* one frame, which does not say its size */
	FORM_PLAIN,   /* a backup as it is; begins with "TAPE" */
	FORMS
};

/* Into memory, in place of what is there, in frames of frame_size where the
 * form has such; the stream, for the caller to free. */
uint8_t *forms_store(enum form form, size_t size, size_t frame_size,
    unsigned seed, struct memory_sink *memory);

#endif
