/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRANSFER_STRIPE_H
#define TRANSFER_STRIPE_H

#include "base/attr.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The stripe file: what lies around the zstd frames, as bytes.  Pure
 * functions; doc/format.md describes the same to the byte.
 *
 *     header      skippable frame 0x184D2A53: format version, backup id,
 *                 stripe n of m, type, database, checksum
 *     frame ...   zstd frames with content size and checksum
 *     closing     skippable frame 0x184D2A53: raw size, number of frames,
 *                 digest of the raw stream, SHA-256 of all bytes before it
 *     seek table  skippable frame 0x184D2A5E of the zstd seekable format, one
 *                 entry for each frame above, the skippable ones included
 *
 * So `zstd -d` turns the file into the device's raw stream, and a reader of
 * the seekable format can reach any place of it.
 *
 * Decoding copies, then checks; errors are KIND_INTEGRITY and say what is
 * wrong, not in which file.
 */

#define STRIPE_FORMAT_VERSION 1u

#define STRIPE_MAGIC_OURS 0x184D2A53u
#define STRIPE_MAGIC_TABLE 0x184D2A5Eu
#define STRIPE_MAGIC_FOOTER 0x8F92EAB1u
/* Every skippable frame: magic & STRIPE_SKIPPABLE_MASK is this. */
#define STRIPE_MAGIC_SKIPPABLE 0x184D2A50u
#define STRIPE_SKIPPABLE_MASK 0xFFFFFFF0u
#define STRIPE_MAGIC_ZSTD 0xFD2FB528u

#define STRIPE_ID_SIZE 16u
#define STRIPE_SHA256_SIZE 32u
#define STRIPE_XXH128_SIZE 16u
/* 128 UTF-16 units (a sysname) take at most 384 bytes of UTF-8. */
#define STRIPE_MAX_DATABASE 384u
#define STRIPE_HEADER_MAX (8u + 56u + STRIPE_MAX_DATABASE + 8u)
#define STRIPE_CLOSING_SIZE (8u + 80u)
/* The magic and the size of a skippable frame. */
#define STRIPE_SKIPPABLE_HEAD 8u

#define STRIPE_MIN_FRAME_SIZE 4096u
#define STRIPE_MAX_FRAME_SIZE (64u << 20)
#define STRIPE_DEFAULT_FRAME_SIZE (4u << 20)

enum stripe_type {
	STRIPE_FULL = 1,
	STRIPE_DIFF = 2,
	STRIPE_LOG = 3,
	/* of parts of a database */
	STRIPE_FILE = 4,
	STRIPE_FILE_DIFF = 5,
	STRIPE_READ_WRITE = 6,
	STRIPE_READ_WRITE_DIFF = 7
};

/* Which stripe of which backup this is. */
struct stripe_identity {
	uint8_t backup_id[STRIPE_ID_SIZE];
	uint32_t stripe;  /* 1 .. stripes */
	uint32_t stripes; /* 1 .. 64 */
	enum stripe_type type;
	char database[STRIPE_MAX_DATABASE + 1]; /* UTF-8 */
};

/* What was transferred; of writing, and of reading to the end. */
struct stripe_result {
	uint64_t raw_bytes;
	uint64_t stored_bytes;
	uint64_t frames; /* zstd frames, without the skippable ones */
	uint8_t sha256[STRIPE_SHA256_SIZE]; /* of the stored file */
	uint8_t raw_xxh128[STRIPE_XXH128_SIZE]; /* as xxh128sum prints it */
};

struct stripe_closing {
	uint64_t raw_bytes;
	uint64_t frames;
	uint8_t raw_xxh128[STRIPE_XXH128_SIZE];
	uint8_t sha256[STRIPE_SHA256_SIZE]; /* of the bytes before this */
};

/* One entry of the seek table. */
struct stripe_entry {
	uint32_t stored_bytes;
	uint32_t raw_bytes;
	uint32_t check; /* low half of XXH64 of the raw bytes */
};

/* Into a buffer of STRIPE_HEADER_MAX; *size is the length of the frame.
 * KIND_USAGE if the identity cannot be stored (numbers, name). */
int stripe_encode_header(const struct stripe_identity *identity,
    uint8_t *bytes, size_t *size, struct error *error) MUST_CHECK;
/* A whole frame, its magic included. */
int stripe_decode_header(const uint8_t *bytes, size_t size,
    struct stripe_identity *identity, struct error *error) MUST_CHECK;

/* Whether a skippable frame of ours is a header or a closing frame; looks at
 * the bytes behind the magic and size. */
int stripe_is_header(const uint8_t *bytes, size_t size);
int stripe_is_closing(const uint8_t *bytes, size_t size);

/* Into STRIPE_CLOSING_SIZE bytes. */
void stripe_encode_closing(const struct stripe_closing *closing,
    uint8_t *bytes);
int stripe_decode_closing(const uint8_t *bytes, size_t size,
    struct stripe_closing *closing, struct error *error) MUST_CHECK;

/* The length of the whole frame for that many entries. */
size_t stripe_table_size(size_t entries);
void stripe_encode_table(const struct stripe_entry *entries, size_t count,
    uint8_t *bytes);
#define STRIPE_TABLE_HEAD STRIPE_SKIPPABLE_HEAD
#define STRIPE_TABLE_ENTRY 12u
#define STRIPE_TABLE_FOOTER 9u
/* One by one, for a table that is compared or written in pieces. */
void stripe_encode_table_head(size_t count, uint8_t *bytes);
void stripe_encode_table_entry(const struct stripe_entry *entry,
    uint8_t *bytes);
void stripe_encode_table_footer(size_t count, uint8_t *bytes);
/* The last STRIPE_TABLE_FOOTER bytes of a file: how many entries. */
int stripe_decode_table_footer(const uint8_t *bytes, size_t *count,
    struct error *error) MUST_CHECK;

#endif
