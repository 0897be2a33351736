/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MESSAGE_H
#define ENGINE_MESSAGE_H

#include "base/attr.h"
#include "base/str.h"

#include <stddef.h>

/*
 * The engine's messages: numbers, levels and places for values as SQL
 * Server's (spec 16.6), in words of our own.  Level 0 is information, 11 and
 * above is an error.  Pure; any thread.
 */

enum {
	MESSAGE_NOTE = 0,            /* text; as PRINT sends it */
	MESSAGE_SYNTAX = 102,        /* near what */
	MESSAGE_OPEN_QUOTE = 105,    /* the text after it */
	MESSAGE_OPEN_COMMENT = 113,
	MESSAGE_BAD_VALUE = 153,     /* option, what is wrong */
	MESSAGE_NO_OPTION = 155,     /* word, statement */
	MESSAGE_NO_MEMORY = 701,
	MESSAGE_NO_DATABASE = 911,   /* name */
	MESSAGE_LOCK_TIMEOUT = 1222, /* database, file */
	MESSAGE_NO_COMPRESSION = 1844, /* what */
	MESSAGE_TERMINATING = 3013,  /* operation */
	MESSAGE_PROCESSED = 3014,    /* operation, pages, seconds, MB/sec */
	MESSAGE_CONFLICT = 3031,     /* option, option */
	MESSAGE_NO_DIFFERENTIAL = 3035, /* database */
	MESSAGE_EMPTY_DEVICE = 3044,
	MESSAGE_IN_USE = 3101,       /* database */
	MESSAGE_FAMILIES = 3132,     /* families, given */
	MESSAGE_EXISTS = 3159,       /* database, file */
	MESSAGE_OTHER_SERVER = 3169, /* software */
	MESSAGE_BAD_PAGE = 3183,     /* file, page, database */
	MESSAGE_DAMAGE_PASSED = 3184,
	MESSAGE_NO_CHECKSUM = 3187,
	MESSAGE_DAMAGE = 3189,       /* what */
	MESSAGE_WRITE_FAILED = 3202, /* device, reason */
	MESSAGE_READ_FAILED = 3203,  /* device or file, reason */
	MESSAGE_CANCELLED = 3204,
	MESSAGE_TOO_MANY_DEVICES = 3205, /* allowed */
	MESSAGE_PERCENT = 3211,      /* percent */
	MESSAGE_FAMILY_TWICE = 3227, /* device, family, device */
	MESSAGE_FAMILIES_EXPECTED = 3231, /* device, families, given */
	MESSAGE_NO_FILE = 3234,      /* logical name, database */
	MESSAGE_BAD_FAMILY = 3241,   /* device, reason */
	MESSAGE_NO_FORMAT = 3242,    /* device, reason */
	MESSAGE_SEQUENCE = 3247,     /* device, found, wanted */
	MESSAGE_NEXT_STREAM = 3251,  /* device */
	MESSAGE_OTHER_MEDIA = 3258,  /* device */
	MESSAGE_VALID = 3262,        /* file */
	MESSAGE_BAD_END = 3266,      /* device, reason */
	MESSAGE_SECTOR_SIZE = 3268,  /* device, found, given */
	MESSAGE_IO_ERROR = 3271,     /* file, reason */
	MESSAGE_NO_SNAPSHOT = 3276,
	MESSAGE_SNAPSHOT_DEVICES = 3277,
	MESSAGE_NEXT_MEDIUM = 4028,  /* device, number of the next */
	MESSAGE_FILE_PROCESSED = 4035, /* pages, database, file, position */
	MESSAGE_OTHER_NAME = 4037,   /* given, found, device */
	MESSAGE_NO_SET = 4038,       /* number, device */
	MESSAGE_NO_LOG = 4208,       /* statement */
	MESSAGE_CANNOT_OPEN_FILE = 5120, /* file, reason */
	MESSAGE_CANNOT_CREATE_FILE = 5123, /* operation, reason, file */
	MESSAGE_BAD_DATABASE = 5172, /* file, reason */
	MESSAGE_DEVICE_FAILED = 18210, /* routine, verb, device, reason */
	MESSAGE_NO_STATEMENT = 40510, /* statement */
	MESSAGE_NOT_DONE_HERE = 40517 /* option */
};

#define MESSAGE_ARGS 4

/*
 * Append the text of a message, its places filled from args; places beyond
 * count stay empty.  A number that is not in the table is our mistake.
 */
void message_format(struct str *to, int number, const char *const *args,
    size_t count);

/* 0, or 16 and the like; -1: no such number. */
int message_level(int number);

/* Windows' way of telling a code: "112(There is not enough space ...)". */
void message_code(struct str *to, unsigned code, const char *text);

#endif
