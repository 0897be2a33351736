/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_PAGES_H
#define ENGINE_PAGES_H

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Page data as it comes from one stream: put together where it comes in
 * pieces, checked, counted, and written to the target straight from where it
 * lies.  offset counts from the start of the page data.
 *
 * -1: the statement has failed, and it was reported.
 */

struct receiver;

int pages_take(struct receiver *receiver, const void *data, size_t size,
    uint64_t offset) MUST_CHECK;

#endif
