/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF_H
#define BASE_UTF_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * UTF-8 (inside the program) and UTF-16LE (in backup streams).  Bad input is
 * replaced by U+FFFD, never refused: names in other people's files are to be
 * shown, not judged.
 */

/* Append the UTF-16LE text of `size` bytes as UTF-8; stops at a NUL unit. */
void utf_add_16le(struct str *to, const void *text, size_t size);

/* Append UTF-8 text as UTF-16LE bytes, without a terminator. */
void utf_add_16le_from_8(struct str *to, const char *text);

/* Whether the text is well-formed UTF-8. */
bool utf_is_valid(const char *text);

/* UTF-16 units that the text takes: SQL Server counts names in these. */
size_t utf_length_16(const char *text);

#endif
