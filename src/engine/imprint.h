/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_IMPRINT_H
#define ENGINE_IMPRINT_H

#include "base/attr.h"

#include <stdint.h>

/*
 * What a file's content amounts to, in one number: the same again if, and as
 * good as only if, the bytes are the same.  Not for those who mean harm:
 * FNV-1a over words of eight bytes.
 *
 * Reads the whole file; *bytes is its size.  0, or -1 with errno.
 */
int imprint_take(int fd, uint64_t *bytes, uint64_t *imprint) MUST_CHECK;

#endif
