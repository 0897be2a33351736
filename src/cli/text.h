/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "base/str.h"

#include <stdio.h>

/*
 * Text on its way to a person or to JSON.  Names and messages are other
 * people's bytes: whatever is in them, it cannot move the cursor, end a line
 * or break the output.
 */

/* Once, at the start: the character set of the user's locale, and no more of
 * the locale than that: numbers keep their point. */
void text_init(void);

/*
 * Append UTF-8 text for a terminal or a log: control characters as \n, \t or
 * \x1b, bad bytes as \xff, what the locale cannot show as \u00e4.
 */
void text_add_shown(struct str *to, const char *text);

/* Append text as well-formed UTF-8; bad bytes become U+FFFD. */
void text_add_utf8(struct str *to, const char *text);

/*
 * A line "vdibackup: WHAT: TEXT" where there is no memory for any of this:
 * whatever is not printable ASCII is a question mark.
 */
void text_print_plain(FILE *to, const char *what, const char *text);

#endif
