/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PATH_H
#define STORE_PATH_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "store/manifest.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Names in a store; pure functions.
 *
 *     STORE/<server>/<database>/<20261124T073000Z>-<type>[-N]/
 *         stripe-1of4.bak.zst
 *
 * Server and database names are percent-encoded where a file system of Linux
 * or Windows could object: / \ : * ? " < > | % and control characters, bytes
 * that are not UTF-8, a dot in front, a dot or space at the end, and device
 * names (CON, LPT1, ...).  The encoding is reversible, except for names that
 * would exceed a component's length: those are cut and closed with "%~" and
 * 16 hex digits of the whole name's SHA-256; the manifest has the full name.
 *
 * Backup folders carry their start in UTC.  A second backup that starts in
 * the same second gets "-2", and so on.  While a folder is being written its
 * name ends in ".partial"; while it is being removed, in ".expired".
 */

#define PATH_PARTIAL ".partial"
#define PATH_EXPIRED ".expired"

enum path_stage {
	PATH_FINAL,    /* no suffix */
	PATH_WRITING,  /* .partial */
	PATH_REMOVING  /* .expired */
};

struct path_folder {
	int64_t started; /* seconds since 1970, UTC */
	enum manifest_type type;
	unsigned number; /* 1, or N of "-N" */
	enum path_stage stage;
};

/* Append the component that stands for name; KIND_USAGE if name is empty. */
int path_encode(struct str *to, const char *name, struct error *error)
    MUST_CHECK;

/* Append the name that a component stands for; -1 if it was cut or is not
 * something that path_encode makes.  *to is unspecified then. */
int path_decode(struct str *to, const char *component) MUST_CHECK;

/* Append the folder's name; nothing is fallible but memory (str_check). */
void path_add_folder(struct str *to, const struct path_folder *folder);

/* 0 if name is a backup folder's name, exactly; -1 otherwise. */
int path_parse_folder(const char *name, struct path_folder *folder)
    MUST_CHECK;

/* "stripe-1of4.bak.zst"; index counts from 1. */
#define PATH_STRIPE_ROOM 32
void path_stripe_name(char name[PATH_STRIPE_ROOM], unsigned index,
    unsigned count);

/* Seconds since 1970 as 20261124T073000Z or 2026-11-24T07:30:00Z. */
#define PATH_TIME_ROOM 24
void path_format_compact(char text[PATH_TIME_ROOM], int64_t seconds);
void path_format_time(char text[PATH_TIME_ROOM], int64_t seconds);

/* The reverse, exact: years 1970 to 9999, no leap second; 0 or -1. */
int path_parse_compact(const char *text, int64_t *seconds) MUST_CHECK;
int path_parse_time(const char *text, int64_t *seconds) MUST_CHECK;

#endif
