/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_DECODE_H
#define MTF_DECODE_H

#include "base/attr.h"
#include "base/error.h"
#include "mtf/model.h"

#include <stddef.h>
#include <stdint.h>

/*
 * From bytes of a stream to the model, for the reader only.  Each takes the
 * whole of one structure and fills the fields that it knows of; nothing
 * outside of it is touched whatever its texts' addresses say.  Fields that a
 * record is too short for (older servers) become zero.
 *
 * Errors are KIND_INTEGRITY; the caller adds where it was.
 */

struct mtf_bytes {
	const uint8_t *at;
	size_t size;
	const char *name; /* for messages: "block TAPE" */
};

int mtf_decode_tape(const struct mtf_bytes *block, struct mtf_label *label,
    struct error *error) MUST_CHECK;
int mtf_decode_raid(const struct mtf_bytes *stream, struct mtf_label *label,
    struct error *error) MUST_CHECK;

/* Also forgets everything that set held before. */
int mtf_decode_set_start(const struct mtf_bytes *block, struct mtf_set *set,
    struct error *error) MUST_CHECK;
int mtf_decode_volume(const struct mtf_bytes *block, struct mtf_set *set,
    struct error *error) MUST_CHECK;

int mtf_decode_set(const struct mtf_bytes *record, struct mtf_set *set,
    struct error *error) MUST_CHECK;

/* group is MTF_NAME_TEXT bytes: the name that the files after it get. */
int mtf_decode_group(const struct mtf_bytes *record, char *group,
    struct error *error) MUST_CHECK;
int mtf_decode_file(const struct mtf_bytes *record, const char *group,
    struct mtf_file *file, struct error *error) MUST_CHECK;

#endif
