/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>

/*
 * Growable text.  str_init, any number of appends, str_release.  An append
 * that finds no memory marks the object; the mark is looked at once, at the
 * end, with str_check, so that building a text needs no ladder of ifs.
 */

struct str {
	char *text; /* NUL-terminated; never NULL after str_init */
	size_t length;
	size_t room;
	int failed;
};

void str_init(struct str *str);
void str_release(struct str *str);
void str_clear(struct str *str);

void str_add(struct str *str, const char *text);
void str_add_bytes(struct str *str, const void *bytes, size_t count);
void str_addf(struct str *str, const char *format, ...) PRINTF_LIKE(2, 3);

/* 0 if every append succeeded; otherwise -1 and out of memory. */
int str_check(const struct str *str, struct error *error) MUST_CHECK;

/* The text, owned by the caller (free), or NULL; the object is empty then. */
char *str_detach(struct str *str, struct error *error) MUST_CHECK;

#endif
