/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_FORMAT_H
#define MTF_FORMAT_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * The bytes of a SQL Server backup stream: every offset and constant that the
 * reader and the writer share, and the codings of its small values.
 *
 * A stream is a row of descriptor blocks (DBLKs):
 *
 *     TAPE SFMB { SSET VOLB MSCI [MSDA..] MSTL.. MSLS SFMB ESET ESET SFMB }..
 *
 * A DBLK is a 52-byte common header, its own fields, and streams (a 22-byte
 * header on a 4-byte boundary, then data), of which SPAD is the last.  SFMB, a
 * filemark, is one physical block and has no streams.  All numbers are
 * little-endian, except dates.  "TA" is u16 size, u16 offset from the start of
 * the structure that holds it.
 *
 * Sources: the MTF 1.00a document for the frame; real backups for the rest.
 * Everything here is pure and may be used from any thread.
 */

/* --- DBLK types, and the records of a MQCI stream ----------------------- */

#define MTF_TAG(a, b, c, d)                                                    \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |            \
	    (uint32_t)(d) << 24)

#define MTF_TAPE MTF_TAG('T', 'A', 'P', 'E') /* media header */
#define MTF_SFMB MTF_TAG('S', 'F', 'M', 'B') /* filemark */
#define MTF_SSET MTF_TAG('S', 'S', 'E', 'T') /* start of set */
#define MTF_VOLB MTF_TAG('V', 'O', 'L', 'B') /* volume */
#define MTF_MSCI MTF_TAG('M', 'S', 'C', 'I') /* configuration, early values */
#define MTF_MSDA MTF_TAG('M', 'S', 'D', 'A') /* page data */
#define MTF_MSTL MTF_TAG('M', 'S', 'T', 'L') /* one virtual log file */
#define MTF_MSLS MTF_TAG('M', 'S', 'L', 'S') /* configuration, final values */
#define MTF_ESET MTF_TAG('E', 'S', 'E', 'T') /* end of set; two of them */
#define MTF_EOTM MTF_TAG('E', 'O', 'T', 'M') /* end of medium */

#define MTF_RAID MTF_TAG('R', 'A', 'I', 'D') /* media set, in TAPE */
#define MTF_MQCI MTF_TAG('M', 'Q', 'C', 'I') /* configuration records */
#define MTF_APAD MTF_TAG('A', 'P', 'A', 'D') /* alignment before data */
#define MTF_MQDA MTF_TAG('M', 'Q', 'D', 'A') /* page data */
#define MTF_MQTL MTF_TAG('M', 'Q', 'T', 'L') /* log data */
#define MTF_CSUM MTF_TAG('C', 'S', 'U', 'M') /* sum of the stream before it */
#define MTF_OTCP MTF_TAG('O', 'T', 'C', 'P') /* alignment before TSMP */
#define MTF_TSMP MTF_TAG('T', 'S', 'M', 'P') /* map of the sets so far */
#define MTF_SPAD MTF_TAG('S', 'P', 'A', 'D') /* the last stream of a DBLK */
/* Ours: in the TAPE of a medium on which a stream goes on, the number of the
 * stream's bytes on the media before it, u64. */
#define MTF_VCON MTF_TAG('V', 'C', 'O', 'N')
#define MTF_VCON_SIZE 8

#define MTF_SCIN MTF_TAG('S', 'C', 'I', 'N') /* the set */
#define MTF_SFGI MTF_TAG('S', 'F', 'G', 'I') /* a file group */
#define MTF_SFIN MTF_TAG('S', 'F', 'I', 'N') /* a file of the group before */

/* "TAPE" of a tag; what cannot be printed becomes '?'.  Returns text. */
#define MTF_TAG_TEXT 5
const char *mtf_tag_text(uint32_t tag, char text[MTF_TAG_TEXT]);

/* --- the common DBLK header --------------------------------------------- */

enum {
	MTF_DBLK_HEADER = 52,
	MTF_DBLK_TYPE = 0,
	MTF_DBLK_ATTRIBUTES = 4,
	MTF_DBLK_FIRST_EVENT = 8,    /* u16: the first stream, from the DBLK */
	MTF_DBLK_OS_ID = 10,
	MTF_DBLK_OS_VERSION = 11,
	MTF_DBLK_FLA = 20,           /* u64: blocks of 1024 since the SSET */
	MTF_DBLK_CONTROL_ID = 36,    /* u32: DBLKs since the SSET */
	MTF_DBLK_OS_DATA = 44,       /* TA */
	MTF_DBLK_STRING_TYPE = 48,   /* 0 none, 1 ANSI, 2 UTF-16 */
	MTF_DBLK_XOR = 50            /* u16: XOR of the 25 words before it */
};

#define MTF_DBLK_IS_CONTINUED 0x00000001u /* begins on another medium */
#define MTF_TAPE_ATTRIBUTES 0x00030000u
#define MTF_SFMB_HAS_64BIT 0x80000000u
#define MTF_OS_WINDOWS 14
#define MTF_STRING_UTF16 2

/* --- a stream header ---------------------------------------------------- */

enum {
	MTF_STREAM_HEADER = 22,
	MTF_STREAM_ALIGNMENT = 4,
	MTF_STREAM_ID = 0,
	MTF_STREAM_MEDIA_BITS = 6,   /* u16 */
	MTF_STREAM_LENGTH = 8,       /* u64 */
	MTF_STREAM_XOR = 20          /* u16: XOR of the 10 words before it */
};

#define MTF_MEDIA_VARIABLE 0x0002u  /* closed by a header of length 0 */
#define MTF_MEDIA_LAST 0x0004u      /* the header that closes it */
#define MTF_MEDIA_ALIGNMENT 0x0080u /* on every APAD */
#define MTF_MEDIA_CHECKSUM 0x0100u  /* a CSUM stream follows */

#define MTF_DATA_PAD 2 /* bytes of MQDA and MQTL before what they carry */

/* --- the DBLKs' own fields ---------------------------------------------- */

enum {
	MTF_TAPE_FAMILY_ID = 52,     /* u32 */
	MTF_TAPE_FLAGS = 56,         /* u32: 5 in all */
	MTF_TAPE_SEQUENCE = 60,      /* u16: media sequence */
	MTF_TAPE_PASSWORD_KIND = 62, /* u16: 0 none */
	MTF_TAPE_BLOCK_SIZE = 64,    /* u16: physical block size / 512 */
	MTF_TAPE_CATALOG = 66,       /* u16: 3 */
	MTF_TAPE_NAME = 68,          /* TA */
	MTF_TAPE_DESCRIPTION = 72,   /* TA */
	MTF_TAPE_PASSWORD = 76,      /* TA */
	MTF_TAPE_SOFTWARE = 80,      /* TA */
	MTF_TAPE_FORMAT_BLOCK = 84,  /* u16: 1024, the unit of FLAs */
	MTF_TAPE_VENDOR = 86,        /* u16 */
	MTF_TAPE_DATE = 88,          /* date */
	MTF_TAPE_VERSION = 93,       /* u8: 1 */
	MTF_TAPE_FIXED = 94,

	MTF_RAID_SET_ID = 0,         /* GUID */
	MTF_RAID_MARK = 16,          /* u32: 0xF00000AD */
	MTF_RAID_FAMILIES = 20,      /* u16 */
	MTF_RAID_MIRRORS = 22,       /* u16 */
	MTF_RAID_FAMILY = 24,        /* u16: from 1 */
	MTF_RAID_UNKNOWN = 28,       /* u32: 0x00010000 */
	MTF_RAID_SIZE = 32,

	MTF_SSET_FLAGS = 52,         /* u32: 4, or 8 for a differential */
	MTF_SSET_PASSWORD_KIND = 56, /* u16 */
	MTF_SSET_COMPRESSION = 58,   /* u16 */
	MTF_SSET_VENDOR = 60,        /* u16 */
	MTF_SSET_NUMBER = 62,        /* u16: position on the medium, from 1 */
	MTF_SSET_NAME = 64,          /* TA */
	MTF_SSET_DESCRIPTION = 68,   /* TA */
	MTF_SSET_PASSWORD = 72,      /* TA */
	MTF_SSET_USER = 76,          /* TA */
	MTF_SSET_PBA = 80,           /* u64: its own byte offset */
	MTF_SSET_DATE = 88,          /* date */
	MTF_SSET_MAJOR = 93,         /* u8 */
	MTF_SSET_MINOR = 94,         /* u8 */
	MTF_SSET_TIME_ZONE = 95,     /* i8: quarters of an hour; 127 unknown */
	MTF_SSET_MTF_MINOR = 96,     /* u8 */
	MTF_SSET_CATALOG = 97,       /* u8: 2 */
	MTF_SSET_FIXED = 98,
	MTF_SSET_OS_AT = 100,        /* where the OS data stands */
	MTF_SSET_OS_SIZE = 21,       /* set GUID, then the expiry date */

	MTF_VOLB_FLAGS = 52,         /* u32: 2 */
	MTF_VOLB_DEVICE = 56,        /* TA */
	MTF_VOLB_VOLUME = 60,        /* TA */
	MTF_VOLB_MACHINE = 64,       /* TA */
	MTF_VOLB_DATE = 68,          /* date */
	MTF_VOLB_FIXED = 73,

	MTF_MSCI_FIXED = 56,         /* u32 0; MSLS is the same */

	MTF_MSDA_ONE = 58,           /* u16: 1 */
	MTF_MSDA_FIXED = 60,

	MTF_MSTL_ONE = 58,           /* u16: 1 */
	MTF_MSTL_FIRST = 60,         /* u64: byte of the log file */
	MTF_MSTL_END = 68,           /* u64 */
	MTF_MSTL_FILE_ID = 76,       /* u32 */
	MTF_MSTL_VLF = 80,           /* TA */
	MTF_MSTL_VLF_AT = 92,
	MTF_MSTL_VLF_SIZE = 504,

	MTF_VLF_SEQUENCE = 0,        /* u32: 0 when not in the set */
	MTF_VLF_SIZE = 4,            /* u64 */
	MTF_VLF_POSITION = 12,       /* u64 */
	MTF_VLF_FILE_ID = 20,        /* u16 */
	MTF_VLF_PARITY = 22,         /* u16: 64 or 128 */

	MTF_ESET_FLAGS = 52,         /* u32: the SSET's */
	MTF_ESET_FIRST = 60,         /* u64: offset of the set's first ESET */
	MTF_ESET_NUMBER = 78,        /* u16: the SSET's */
	MTF_ESET_DATE = 80,          /* date: the SSET's */
	MTF_ESET_FIXED = 88,

	MTF_SFMB_CAPACITY = 52,      /* u32 */
	MTF_SFMB_USED = 56,          /* u32 */
	MTF_SFMB_TABLE_AT = 60,      /* u32: 72 */
	MTF_SFMB_TABLE = 72          /* u64[]: filemarks before, newest first */
};

#define MTF_RAID_MARK_VALUE 0xF00000ADu
#define MTF_RAID_UNKNOWN_VALUE 0x00010000u
#define MTF_FORMAT_BLOCK 1024u
#define MTF_TAPE_FLAGS_VALUE 5u
#define MTF_TAPE_FLAGS_HARD 4u /* filemarks are the device's own */
#define MTF_TAPE_HAS_SOFT_MARKS 1u
#define MTF_TAPE_CATALOG_VALUE 3
#define MTF_SSET_FLAGS_FULL 4u
#define MTF_SSET_FLAGS_DIFFERENTIAL 8u

/* --- the set map (TSMP) ------------------------------------------------- */

enum {
	MTF_MAP_FAMILY_ID = 0,       /* u32 */
	MTF_MAP_COUNT = 4,           /* u16 */
	MTF_MAP_HEADER = 8,

	MTF_MAP_SET_LENGTH = 0,      /* u16, of one entry, texts included */
	MTF_MAP_SET_SEQUENCE = 2,    /* u16 */
	MTF_MAP_SET_FLAGS = 8,       /* u32 */
	MTF_MAP_SET_PBA = 12,        /* u64 */
	MTF_MAP_SET_NUMBER = 30,     /* u16 */
	MTF_MAP_SET_SIZE = 52,       /* u64 */
	MTF_MAP_SET_VOLUMES = 60,    /* u16 */
	MTF_MAP_SET_NAME = 64,       /* TA */
	MTF_MAP_SET_DESCRIPTION = 72,/* TA */
	MTF_MAP_SET_USER = 76,       /* TA */
	MTF_MAP_SET_DATE = 80,       /* date */
	MTF_MAP_SET_TIME_ZONE = 85,
	MTF_MAP_SET_OS_ID = 86,
	MTF_MAP_SET_OS_VERSION = 87,
	MTF_MAP_SET_STRING_TYPE = 88,
	MTF_MAP_SET_CATALOG = 90,
	MTF_MAP_SET_FIXED = 92,

	MTF_MAP_VOLUME_LENGTH = 0,   /* u16, of one entry, texts included */
	MTF_MAP_VOLUME_TYPE = 2,     /* "VOLB" */
	MTF_MAP_VOLUME_SEQUENCE = 6, /* u16: of the medium */
	MTF_MAP_VOLUME_FLA = 12,     /* u64: of the VOLB */
	MTF_MAP_VOLUME_OS_ID = 32,
	MTF_MAP_VOLUME_OS_VERSION = 33,
	MTF_MAP_VOLUME_STRING_TYPE = 34,
	MTF_MAP_VOLUME_FLAGS = 36,   /* u32: 2 */
	MTF_MAP_VOLUME_DEVICE = 40,  /* TA */
	MTF_MAP_VOLUME_NAME = 44,    /* TA */
	MTF_MAP_VOLUME_MACHINE = 48, /* TA */
	MTF_MAP_VOLUME_DATE = 56,    /* date */
	MTF_MAP_VOLUME_FIXED = 62
};

/* --- the records of MQCI: u32 tag, u32 length (with these 8 bytes) ------ */

enum {
	MTF_RECORD_HEADER = 8,

	MTF_SCIN_FLAGS = 8,            /* u32 */
	MTF_SCIN_DATA_FILES = 12,      /* u32 */
	MTF_SCIN_LOG_FILES = 16,       /* u32 */
	MTF_SCIN_BUILD = 24,           /* u16 */
	MTF_SCIN_MINOR = 26,           /* u8 */
	MTF_SCIN_MAJOR = 27,           /* u8 */
	MTF_SCIN_NINE = 28,            /* u32: 9 since 2008 */
	MTF_SCIN_FIRST_LSN = 32,
	MTF_SCIN_LAST_LSN = 42,
	MTF_SCIN_CHECKPOINT_LSN = 52,
	MTF_SCIN_DATABASE_LSN = 62,    /* DatabaseBackupLSN */
	MTF_SCIN_CREATED = 72,         /* date */
	MTF_SCIN_START = 77,           /* date */
	MTF_SCIN_FINISH = 82,          /* date, in MSLS only */
	MTF_SCIN_TYPE = 87,            /* 'D', 'I', 'L' */
	MTF_SCIN_SORT_ORDER = 88,      /* u8 */
	MTF_SCIN_ONE = 89,             /* u8: 1 */
	MTF_SCIN_COMPATIBILITY = 91,   /* u8 */
	MTF_SCIN_DATABASE_ID = 92,     /* u16 */
	MTF_SCIN_DATABASE_VERSION = 94,/* u16 */
	MTF_SCIN_SIZE = 96,            /* u64: BackupSize */
	MTF_SCIN_DATABASE = 104,       /* TA */
	MTF_SCIN_SERVER = 108,         /* TA */
	MTF_SCIN_LOCALE = 116,         /* u32 */
	MTF_SCIN_COMPARISON = 120,     /* u32 */
	MTF_SCIN_BINDING_ID = 124,     /* GUID */
	MTF_SCIN_LAST_LSN_AGAIN = 144,
	MTF_SCIN_FORK_ID = 156,        /* GUID: RecoveryForkID */
	MTF_SCIN_FORK_LSN = 172,
	MTF_SCIN_PREVIOUS_FORK = 184,  /* GUID */
	MTF_SCIN_FULL_SET_ID = 200,    /* GUID: what DatabaseBackupLSN means */
	MTF_SCIN_COLLATION = 216,      /* u32 */
	MTF_SCIN_SORT_ID = 220,        /* u32 */
	MTF_SCIN_FAMILY_GUID = 224,    /* GUID */
	MTF_SCIN_TRANSFER_SIZE = 240,  /* u32 */
	MTF_SCIN_STATUS = 244,         /* u32 */
	MTF_SCIN_CHAIN_LSN = 248,
	MTF_SCIN_BASE_LSN = 260,       /* DifferentialBaseLSN */
	MTF_SCIN_BASE_ID = 272,        /* GUID: DifferentialBaseGUID */
	MTF_SCIN_FORK_LSN_AGAIN = 304,
	MTF_SCIN_FIRST_FORK = 316,     /* GUID */
	MTF_SCIN_COMPRESSED_SIZE = 344,/* u64, since 2008 */
	MTF_SCIN_FIXED_2005 = 344,
	MTF_SCIN_FIXED = 400,          /* where texts begin since 2012 */

	MTF_SFGI_FLAGS = 8,            /* u32: 0x10 */
	MTF_SFGI_ID = 12,              /* u32 */
	MTF_SFGI_NAME = 16,            /* TA */
	MTF_SFGI_ONE = 20,             /* u32: 1 */
	MTF_SFGI_FIXED = 224,

	MTF_SFIN_FLAGS = 8,            /* u32 */
	MTF_SFIN_PAGE_SIZE = 16,       /* u32: 8192 */
	MTF_SFIN_ID = 20,              /* u32 */
	MTF_SFIN_PAGES = 24,           /* u32: in this set, over all stripes */
	MTF_SFIN_TYPE = 28,            /* u32: 1 data, 2 log */
	MTF_SFIN_BLOCK_SIZE = 32,      /* u32: SourceBlockSize */
	MTF_SFIN_GROUP = 36,           /* u32; 0 for a log file */
	MTF_SFIN_SIZE = 40,            /* u64 */
	MTF_SFIN_LOGICAL = 48,         /* TA */
	MTF_SFIN_PHYSICAL = 52,        /* TA */
	MTF_SFIN_MAX_SIZE = 86,        /* u64 */
	MTF_SFIN_GROWTH = 94,          /* u64 */
	MTF_SFIN_MIN_SIZE = 114,       /* u64 */
	MTF_SFIN_LIMIT = 122,          /* u64: 35184372080640 */
	MTF_SFIN_SIZE_AGAIN = 130,     /* u64 */
	MTF_SFIN_CREATE_LSN = 138,
	MTF_SFIN_BASE_LSN = 158,
	MTF_SFIN_BASE_ID = 170,        /* GUID */
	MTF_SFIN_UNIQUE_ID = 186,      /* GUID */
	MTF_SFIN_FIRST_LSN = 202,
	MTF_SFIN_LAST_LSN = 218,
	MTF_SFIN_CHECKPOINT_LSN = 234,
	MTF_SFIN_BACKUP_SIZE = 250,    /* u64 */
	MTF_SFIN_CREATED = 262,        /* u64 FILETIME, UTC */
	MTF_SFIN_FIXED = 1028
};

/* SCIN flags; the low 11 bits are HEADERONLY's Flags. */
#define MTF_SCIN_HAS_BULK 0x001u
#define MTF_SCIN_IS_SNAPSHOT 0x002u
#define MTF_SCIN_IS_READ_ONLY 0x004u
#define MTF_SCIN_IS_SINGLE_USER 0x008u
#define MTF_SCIN_HAS_CHECKSUM 0x010u
#define MTF_SCIN_IS_DAMAGED 0x020u
#define MTF_SCIN_IS_TAIL 0x040u
#define MTF_SCIN_IS_INCOMPLETE 0x080u
#define MTF_SCIN_IS_NORECOVERY 0x100u
#define MTF_SCIN_ALWAYS 0x200u
#define MTF_SCIN_IS_COPY_ONLY 0x400u
#define MTF_SCIN_IS_DIFFERENTIAL 0x800u
#define MTF_SCIN_FLAGS_SHOWN 0x7FFu

/* SCIN database status. */
#define MTF_STATUS_BULK_LOGGED 0x00000004u
#define MTF_STATUS_SIMPLE 0x00000008u
#define MTF_STATUS_TORN_PAGE 0x00000010u
#define MTF_STATUS_CHECKSUM 0x00010000u

/* SFIN flags and types. */
#define MTF_SFIN_ALWAYS 0x04u
#define MTF_SFIN_IS_PERCENT 0x08u
#define MTF_SFIN_IS_DATA 0x80u
#define MTF_SFIN_TYPE_DATA 1u
#define MTF_SFIN_TYPE_LOG 2u

/* --- codings ------------------------------------------------------------ */

/*
 * XOR of the little-endian 16-bit words of `size` bytes (an even number): the
 * check of DBLK headers (size 50) and of stream headers (size 20).
 */
uint16_t mtf_header_xor(const void *header, size_t size);

/* Five bytes, 40 bits: local time of the server, to the second. */
#define MTF_DATE_BYTES 5
struct mtf_date {
	uint16_t year; /* 0: no date */
	uint8_t month;
	uint8_t day;
	uint8_t hour;
	uint8_t minute;
	uint8_t second;
};

struct mtf_date mtf_date_get(const void *at);
void mtf_date_put(void *at, struct mtf_date date);

static inline bool
mtf_date_is_set(struct mtf_date date)
{
	return (date.year != 0);
}

/* The date of a broken-down time as localtime_r or gmtime_r make it. */
struct mtf_date mtf_date_from_tm(const struct tm *tm);

/* Whether year, month, day and time are in their ranges. */
bool mtf_date_is_valid(struct mtf_date date);

/* "2026-11-24T07:30:00", or "" for none; returns text. */
#define MTF_DATE_TEXT 28
const char *mtf_date_format(struct mtf_date date, char text[MTF_DATE_TEXT]);

/* Log sequence number: virtual log file, 512-byte block in it, record. */
#define MTF_LSN_BYTES 10
struct mtf_lsn {
	uint32_t seq;
	uint32_t block;
	uint16_t slot;
};

struct mtf_lsn mtf_lsn_get(const void *at);
void mtf_lsn_put(void *at, struct mtf_lsn lsn);

/* <0, 0, >0 as a is before, at or after b. */
int mtf_lsn_compare(struct mtf_lsn a, struct mtf_lsn b);

static inline bool
mtf_lsn_is_set(struct mtf_lsn lsn)
{
	return (lsn.seq != 0 || lsn.block != 0 || lsn.slot != 0);
}

/* As SQL Server shows it: seq, block in 10 digits, slot in 5; "0" for none. */
#define MTF_LSN_TEXT 26
const char *mtf_lsn_format(struct mtf_lsn lsn, char text[MTF_LSN_TEXT]);

/* The reverse; -1 when the text is not such a number. */
int mtf_lsn_parse(const char *text, struct mtf_lsn *lsn) MUST_CHECK;

/* A GUID as it stands in the stream (Windows byte order). */
#define MTF_GUID_BYTES 16
struct mtf_guid {
	uint8_t bytes[MTF_GUID_BYTES];
};

struct mtf_guid mtf_guid_get(const void *at);
void mtf_guid_put(void *at, const struct mtf_guid *guid);
bool mtf_guid_is_set(const struct mtf_guid *guid);
bool mtf_guid_is_equal(const struct mtf_guid *a, const struct mtf_guid *b);

/* "AB0B64BD-E473-..." in capitals, without braces; returns text. */
#define MTF_GUID_TEXT 37
const char *mtf_guid_format(
    const struct mtf_guid *guid, char text[MTF_GUID_TEXT]);

#endif
