/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_FAMILY_H
#define JOB_FAMILY_H

#include "base/error.h"
#include "mtf/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The stream of one stripe (one media family) while it is read: what it says
 * of itself, and whether it holds together.
 *
 *     family_init -> family_feed ... -> family_finish -> family_release
 */

struct mtf_reader;

struct family_set {
	struct mtf_set set;
	struct mtf_file *files;
	size_t file_count;
	bool is_final;
};

struct family {
	struct mtf_reader *reader;
	struct mtf_label label;
	bool has_label;
	struct family_set *sets;
	size_t set_count;
	uint64_t data_bytes;
	unsigned checksums; /* compared, and right */
};

int family_init(struct family *family, struct error *error) MUST_CHECK;
void family_release(struct family *family);

/* For stripe_read_all: context is the family. */
int family_feed(void *context, const void *data, size_t size,
    struct error *error) MUST_CHECK;
int family_finish(struct family *family, struct error *error) MUST_CHECK;

/*
 * Whether these families are one media set, whole: each once, all of one set.
 * names are for the message.
 */
int family_check_set(const struct family *families, char *const *names,
    size_t count, struct error *error) MUST_CHECK;

#endif
