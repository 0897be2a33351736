/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MTF_WRITER_H
#define MTF_WRITER_H

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "mtf/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The stream of one media family (stripe) with one backup set, in SQL Server's
 * own order of blocks:
 *
 *     mtf_write_head   TAPE SFMB SSET VOLB MSCI MSDA, up to the first page
 *     the caller       data_bytes bytes of page data
 *     mtf_write_tail   the end of MSDA, MSTL, MSLS, SFMB, ESET, ESET, SFMB
 *
 * Head, data and tail each end on a physical block, so that a server that
 * transfers whole blocks can send them one after another.  Nothing needs to be
 * known of the data but its length; with checksums, the caller runs mtf_sum
 * over it and gives the value to the tail.
 *
 * Pure functions: they append to `out` and keep nothing.  Errors: KIND_USAGE
 * for a description that cannot be written (which value, what is allowed),
 * KIND_STORAGE for memory.
 */

#define MTF_SOFTWARE "vdi-engine"
#define MTF_VENDOR_ID 0x5644

/*
 * What stands before a set on its medium.  Without one, the head begins with
 * the medium's label; with one, it begins with the set, behind a label that
 * mtf_write_label made, or behind other sets.
 */
struct mtf_prior {
	uint64_t at;      /* offset of the set in the stream */
	uint64_t address; /* the same in the device's own terms */
	const struct mtf_set *sets; /* complete ones, oldest first */
	unsigned set_count;
	const uint64_t *marks; /* the filemarks before, newest first */
	uint32_t mark_count;
};

/*
 * Filemarks that are not bytes of the stream but commands to the device: how
 * many of the bytes that were appended stand before each.
 */
#define MTF_CUTS_MAX 3
struct mtf_cuts {
	uint32_t soft_size; /* of a mark that the device emulates; 0: hard */
	size_t at[MTF_CUTS_MAX];
	unsigned count; /* each call begins anew */
};

/* All pointers are borrowed for the call. */
struct mtf_spec {
	const struct mtf_label *label; /* its block_size is not looked at */
	const struct mtf_set *set;     /* nor transfer_size, counts, offset */
	const struct mtf_file *files;  /* data files by group, then log files */
	size_t file_count;
	uint32_t block_size;    /* 512 .. 65536, a power of two */
	uint32_t transfer_size; /* a multiple of 65536, at most 4 MiB */
	uint64_t data_bytes;    /* page data of this family, whole transfers */
	bool with_checksum;
	const struct mtf_prior *prior; /* NULL: the set begins the medium */
	struct mtf_cuts *cuts; /* NULL: filemarks are blocks of the stream */
};

/* What is known only at the end; goes into MSLS and the set map. */
struct mtf_final {
	struct mtf_date finish;
	uint64_t backup_size; /* BackupSize of the whole set */
	uint64_t compressed_size;
	struct mtf_lsn first_lsn;
	struct mtf_lsn last_lsn;
	struct mtf_lsn checkpoint_lsn;
};

/* The label of a medium, and the filemark behind it. */
int mtf_write_label(const struct mtf_spec *spec, struct str *out,
    struct error *error) MUST_CHECK;

/*
 * The same for a medium on which a stream goes on that did not fit on the one
 * before: sequence is the medium's number, 2 and up, and at how many bytes of
 * the stream stand on the media before it, labels of continuation left out.
 */
int mtf_write_continuation(const struct mtf_spec *spec, uint16_t sequence,
    uint64_t at, struct str *out, struct error *error) MUST_CHECK;

/* The size of a label, of either kind; filemark included if it is a block. */
uint32_t mtf_write_label_size(uint32_t block_size, bool has_mark);

/* Everything before the page data. */
int mtf_write_head(const struct mtf_spec *spec, struct str *out,
    struct error *error) MUST_CHECK;

/*
 * Everything after it.  spec is the head's; values of files may have changed
 * since, texts may not (the two configurations have to be of one size).  csum
 * is mtf_sum_value over the page data; not looked at without checksums.
 */
int mtf_write_tail(const struct mtf_spec *spec, const struct mtf_final *final,
    uint32_t csum, struct str *out, struct error *error) MUST_CHECK;

/* The sizes of the two, for whoever plans a stream. */
int mtf_write_sizes(const struct mtf_spec *spec, uint64_t *head_bytes,
    uint64_t *tail_bytes, struct error *error) MUST_CHECK;

#endif
