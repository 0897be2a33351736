/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_MODEL_H
#define MTF_MODEL_H

#include "mtf/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a backup stream says of itself: the media label, a backup set, a file.
 * The fields are those of RESTORE LABELONLY, HEADERONLY and FILELISTONLY; the
 * reader fills them, the writer takes them.
 *
 * Plain values: texts are UTF-8 in place, NUL-terminated, so objects can be
 * copied and need no release.  An object of zeros is empty; the init functions
 * make one with the values that SQL Server always writes.  Texts that are too
 * long are cut between characters.
 */

#define MTF_NAME_TEXT (4 * 128 + 1) /* names: 128 UTF-16 units at most */
#define MTF_LONG_TEXT (4 * 260 + 1) /* descriptions and paths */

/* One medium: the stripe file, or what one device carried. */
struct mtf_label {
	uint32_t family_id;         /* MediaFamilyId: of this stripe */
	struct mtf_guid set_id;     /* MediaSetId: of all stripes */
	uint16_t family_count;      /* FamilyCount: number of stripes */
	uint16_t family_sequence;   /* FamilySequenceNumber: 1..count */
	uint16_t mirror_count;
	uint16_t media_sequence;    /* MediaSequenceNumber */
	bool has_password;
	uint64_t continued_at;      /* bytes of the stream on media before */
	uint32_t block_size;        /* physical block (filemark) size; 0: the
	                             * filemarks are the device's own */
	uint16_t format_block_size; /* unit of the block addresses */
	uint16_t vendor_id;         /* SoftwareVendorId */
	struct mtf_date date;       /* MediaDate */
	char name[MTF_NAME_TEXT];        /* MediaName */
	char description[MTF_LONG_TEXT]; /* MediaDescription */
	char software[MTF_NAME_TEXT];    /* SoftwareName */
};

/* One backup set.  LSNs, finish date and sizes are final only in MSLS. */
struct mtf_set {
	/* From the set's own blocks. */
	uint64_t offset;            /* of its SSET in the stream */
	uint64_t address;           /* the same as the SSET says it */
	uint16_t position;          /* Position: 1.. on the medium */
	uint32_t attributes;        /* SSET attributes */
	bool has_password;
	uint16_t vendor_id;         /* SoftwareVendorId of the set */
	struct mtf_guid set_guid;   /* BackupSetGUID */
	struct mtf_date expiration; /* ExpirationDate */
	int8_t time_zone;           /* quarters of an hour; 127 unknown */
	char name[MTF_NAME_TEXT];        /* BackupName */
	char description[MTF_LONG_TEXT]; /* BackupDescription */
	char user[MTF_NAME_TEXT];        /* UserName */
	char machine[MTF_NAME_TEXT];     /* MachineName */
	char device[MTF_LONG_TEXT];      /* the volume of the data ("C:") */

	/* From the SCIN record. */
	char type;                  /* BackupType: 'D', 'I', 'L' */
	uint32_t flags;             /* MTF_SCIN_*; Flags is the low 11 bits */
	uint32_t data_files;
	uint32_t log_files;
	uint8_t software_major;
	uint8_t software_minor;
	uint16_t software_build;
	struct mtf_lsn first_lsn;
	struct mtf_lsn last_lsn;
	struct mtf_lsn checkpoint_lsn;
	struct mtf_lsn database_lsn; /* DatabaseBackupLSN */
	struct mtf_lsn chain_lsn;    /* start of the log chain (a reading) */
	struct mtf_lsn fork_lsn;     /* ForkPointLSN */
	struct mtf_lsn base_lsn;     /* DifferentialBaseLSN */
	struct mtf_date created;     /* DatabaseCreationDate */
	struct mtf_date start;       /* BackupStartDate */
	struct mtf_date finish;      /* BackupFinishDate */
	uint8_t sort_order;
	uint8_t compatibility;       /* CompatibilityLevel */
	uint16_t database_id;
	uint16_t database_version;
	uint64_t backup_size;        /* BackupSize */
	uint64_t compressed_size;    /* CompressedBackupSize */
	uint32_t locale_id;          /* UnicodeLocaleId */
	uint32_t comparison_style;   /* UnicodeComparisonStyle */
	uint32_t collation;
	uint32_t sort_id;
	uint32_t transfer_size;
	uint32_t status;             /* MTF_STATUS_* */
	struct mtf_guid binding_id;
	struct mtf_guid fork_id;          /* RecoveryForkID */
	struct mtf_guid previous_fork_id;
	struct mtf_guid first_fork_id;    /* zero: the same as fork_id */
	struct mtf_guid family_guid;
	struct mtf_guid full_set_guid; /* the set that database_lsn means */
	struct mtf_guid base_guid;     /* DifferentialBaseGUID */
	char database[MTF_NAME_TEXT];  /* DatabaseName */
	char server[MTF_NAME_TEXT];    /* ServerName */
};

/* One file of the database. */
struct mtf_file {
	uint32_t file_id;
	char type;                 /* 'D', 'L'; '?' for anything else */
	uint32_t flags;            /* MTF_SFIN_* */
	uint32_t page_size;
	uint32_t pages;            /* of this file in the set, all stripes */
	uint32_t source_block_size;
	uint32_t group_id;
	uint64_t size;
	uint64_t max_size;
	uint64_t growth;           /* bytes, or percent by flags */
	uint64_t min_size;
	uint64_t backup_size;      /* BackupSizeInBytes */
	uint64_t created;          /* FILETIME, UTC */
	struct mtf_lsn create_lsn;
	struct mtf_lsn base_lsn;   /* DifferentialBaseLSN */
	struct mtf_lsn first_lsn;
	struct mtf_lsn last_lsn;
	struct mtf_lsn checkpoint_lsn;
	struct mtf_guid base_guid; /* DifferentialBaseGUID */
	struct mtf_guid unique_id;
	char logical[MTF_NAME_TEXT];  /* LogicalName */
	char physical[MTF_LONG_TEXT]; /* PhysicalName */
	char group[MTF_NAME_TEXT];    /* FileGroupName; empty for a log */
};

/* One stripe of one, no names, 512-byte blocks. */
void mtf_label_init(struct mtf_label *label);

/* A full backup at position 1; nothing else known. */
void mtf_set_init(struct mtf_set *set);

/* A data file (type 'D') or log file ('L') without names or sizes. */
void mtf_file_init(struct mtf_file *file, char type);

/* Copy text into an array of `size` bytes, cut between characters. */
void mtf_text_copy(char *to, size_t size, const char *text);

/* "FULL", "BULK-LOGGED" or "SIMPLE", as HEADERONLY words it. */
const char *mtf_set_recovery_model(const struct mtf_set *set);

/* Whether the set was made WITH CHECKSUM. */
bool mtf_set_has_checksum(const struct mtf_set *set);

bool mtf_set_is_copy_only(const struct mtf_set *set);

#endif
