/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/writer.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "mtf/emit.h"
#include "mtf/encode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN 512u
#define BLOCK_MAX 65536u
#define TRANSFER_UNIT 65536u
#define TRANSFER_MAX (4u << 20)
#define FAMILIES_MAX 64
/* With texts of so many UTF-16 units, SQL Server's own limits, a label of
 * either kind fits into a format block; readers and mtf_write_label_size
 * rely on that. */
#define LABEL_NAME_MAX 128
#define LABEL_DESCRIPTION_MAX 255

/* The blocks of a set up to and with the one that holds its data. */
#define HEAD_BLOCKS 4

/* The unit of filemarks in the label: 0 says that they are hard ones. */
static uint16_t
mark_units(const struct mtf_emit *w)
{
	uint32_t size = w->spec->cuts != NULL ? w->spec->cuts->soft_size :
	    w->spec->block_size;

	return ((uint16_t)(size / BLOCK_MIN));
}

/* sequence: of the medium; at: the stream's bytes on the media before. */
static void
put_tape(struct mtf_emit *w, uint16_t sequence, uint64_t at)
{
	const struct mtf_label *label = w->spec->label;
	uint8_t *p = mtf_emit_begin(w, MTF_TAPE, MTF_TAPE_FIXED);
	uint8_t raid[MTF_RAID_SIZE] = { 0 };
	uint8_t from[8];

	bytes_put32(p + MTF_DBLK_ATTRIBUTES, MTF_TAPE_ATTRIBUTES |
	    (sequence > 1 ? MTF_DBLK_IS_CONTINUED : 0));
	p[MTF_DBLK_STRING_TYPE] = MTF_STRING_UTF16;
	bytes_put32(p + MTF_TAPE_FAMILY_ID, label->family_id);
	bytes_put32(p + MTF_TAPE_FLAGS, mark_units(w) != 0 ?
	    MTF_TAPE_FLAGS_VALUE : MTF_TAPE_FLAGS_HARD);
	bytes_put16(p + MTF_TAPE_SEQUENCE, sequence);
	bytes_put16(p + MTF_TAPE_BLOCK_SIZE, mark_units(w));
	bytes_put16(p + MTF_TAPE_CATALOG, MTF_TAPE_CATALOG_VALUE);
	bytes_put16(p + MTF_TAPE_FORMAT_BLOCK, MTF_FORMAT_BLOCK);
	bytes_put16(p + MTF_TAPE_VENDOR, MTF_VENDOR_ID);
	mtf_date_put(p + MTF_TAPE_DATE, label->date);
	p[MTF_TAPE_VERSION] = 1;
	mtf_piece_text(&w->piece, 0, MTF_TAPE_NAME, label->name);
	mtf_piece_text(&w->piece, 0, MTF_TAPE_DESCRIPTION,
	    label->description);
	mtf_piece_text(&w->piece, 0, MTF_TAPE_SOFTWARE, MTF_SOFTWARE);
	mtf_emit_block(w);

	mtf_guid_put(raid + MTF_RAID_SET_ID, &label->set_id);
	bytes_put32(raid + MTF_RAID_MARK, MTF_RAID_MARK_VALUE);
	bytes_put16(raid + MTF_RAID_FAMILIES, label->family_count);
	bytes_put16(raid + MTF_RAID_MIRRORS, 1);
	bytes_put16(raid + MTF_RAID_FAMILY, label->family_sequence);
	bytes_put32(raid + MTF_RAID_UNKNOWN, MTF_RAID_UNKNOWN_VALUE);
	mtf_emit_stream(w, MTF_RAID, 0, sizeof(raid));
	str_add_bytes(w->out, raid, sizeof(raid));
	if (sequence > 1) {
		bytes_put64(from, at);
		mtf_emit_stream(w, MTF_VCON, 0, sizeof(from));
		str_add_bytes(w->out, from, sizeof(from));
	}
	mtf_emit_padding(w, MTF_SPAD, 0, 0, mtf_emit_unit(w), 0);
}

/* The number of the set on its medium. */
static uint16_t
set_number(const struct mtf_emit *w)
{
	const struct mtf_prior *prior = w->spec->prior;

	return ((uint16_t)(prior != NULL ? prior->set_count + 1 : 1));
}

static uint32_t
set_attributes(const struct mtf_emit *w)
{
	return (w->spec->set->type == 'I' ? MTF_SSET_FLAGS_DIFFERENTIAL :
	    MTF_SSET_FLAGS_FULL);
}

static void
put_set_start(struct mtf_emit *w)
{
	const struct mtf_set *set = w->spec->set;
	uint8_t *p = mtf_emit_begin_in_set(w, MTF_SSET,
	    MTF_SSET_OS_AT + MTF_SSET_OS_SIZE);

	p[MTF_DBLK_STRING_TYPE] = MTF_STRING_UTF16;
	bytes_put16(p + MTF_DBLK_OS_DATA, MTF_SSET_OS_SIZE);
	bytes_put16(p + MTF_DBLK_OS_DATA + 2, MTF_SSET_OS_AT);
	mtf_guid_put(p + MTF_SSET_OS_AT, &set->set_guid);
	mtf_date_put(p + MTF_SSET_OS_AT + MTF_GUID_BYTES, set->expiration);
	bytes_put32(p + MTF_SSET_FLAGS, set_attributes(w));
	bytes_put16(p + MTF_SSET_VENDOR, MTF_VENDOR_ID);
	bytes_put16(p + MTF_SSET_NUMBER, set_number(w));
	bytes_put64(p + MTF_SSET_PBA, w->spec->prior != NULL ?
	    w->spec->prior->address : mtf_emit_position(w));
	mtf_date_put(p + MTF_SSET_DATE, set->start);
	p[MTF_SSET_MAJOR] = set->software_major;
	p[MTF_SSET_MINOR] = set->software_minor;
	p[MTF_SSET_TIME_ZONE] = (uint8_t)set->time_zone;
	p[MTF_SSET_CATALOG] = 2;
	mtf_piece_align(&w->piece, 2);
	mtf_piece_text(&w->piece, 0, MTF_SSET_NAME, set->name);
	mtf_piece_text(&w->piece, 0, MTF_SSET_DESCRIPTION, set->description);
	mtf_piece_text(&w->piece, 0, MTF_SSET_USER, set->user);
	mtf_emit_block(w);
	mtf_emit_block_end(w);
}

static void
put_volume(struct mtf_emit *w)
{
	const struct mtf_set *set = w->spec->set;
	uint8_t *p = mtf_emit_begin_in_set(w, MTF_VOLB, MTF_VOLB_FIXED);

	p[MTF_DBLK_STRING_TYPE] = MTF_STRING_UTF16;
	bytes_put32(p + MTF_VOLB_FLAGS, 2);
	mtf_date_put(p + MTF_VOLB_DATE, set->start);
	mtf_piece_text(&w->piece, 0, MTF_VOLB_DEVICE, set->device);
	mtf_piece_text(&w->piece, 0, MTF_VOLB_VOLUME, "");
	mtf_piece_text(&w->piece, 0, MTF_VOLB_MACHINE, set->machine);
	mtf_emit_block(w);
	mtf_emit_block_end(w);
}

/* MSCI when final is NULL, MSLS otherwise: up to the end of the records. */
static void
put_config(struct mtf_emit *w, const struct mtf_final *final)
{
	uint32_t type = final == NULL ? MTF_MSCI : MTF_MSLS;
	uint8_t *p = mtf_emit_begin_in_set(w, type, MTF_MSCI_FIXED);
	struct str records;

	p[MTF_DBLK_STRING_TYPE] = MTF_STRING_UTF16;
	mtf_emit_block(w);
	str_init(&records);
	mtf_encode_config(&w->piece, w->spec, final, &records);
	mtf_emit_stream(w, MTF_MQCI, 0, records.length);
	str_add_bytes(w->out, records.text, records.length);
	if (records.failed)
		w->out->failed = 1;
	str_release(&records);
}

/* The block of a log file; copied: whether log data follows. */
static void
put_log(struct mtf_emit *w, bool copied)
{
	const struct mtf_spec *spec = w->spec;
	uint8_t *p = mtf_emit_begin_in_set(w, MTF_MSTL,
	    MTF_MSTL_VLF_AT + MTF_MSTL_VLF_SIZE);
	uint8_t *vlf = p + MTF_MSTL_VLF_AT;
	uint64_t size = copied ? spec->data_bytes : 0;
	uint32_t file_id = 0;
	size_t i;

	for (i = 0; i < spec->file_count && file_id == 0; i++) {
		if (spec->files[i].type == 'L') {
			file_id = spec->files[i].file_id;
			if (!copied)
				size = spec->files[i].size;
		}
	}
	bytes_put16(p + MTF_MSTL_ONE, 1);
	bytes_put32(p + MTF_MSTL_FILE_ID, file_id);
	bytes_put16(p + MTF_MSTL_VLF, MTF_MSTL_VLF_SIZE);
	bytes_put16(p + MTF_MSTL_VLF + 2, MTF_MSTL_VLF_AT);
	bytes_put64(vlf + MTF_VLF_SIZE, size);
	bytes_put16(vlf + MTF_VLF_FILE_ID, (uint16_t)file_id);
	bytes_put16(vlf + MTF_VLF_PARITY, 64);
	if (copied) {
		bytes_put64(p + MTF_MSTL_END, size);
		bytes_put32(vlf + MTF_VLF_SEQUENCE, spec->set->first_lsn.seq);
	}
	mtf_emit_block(w);
}

/* The block that holds the data, up to the first byte of it. */
static void
put_data_start(struct mtf_emit *w)
{
	const struct mtf_spec *spec = w->spec;
	uint16_t media_bits = spec->with_checksum ? MTF_MEDIA_CHECKSUM : 0;
	uint32_t id = MTF_MQTL;

	if (spec->set->type == 'L') {
		put_log(w, true);
	} else {
		uint8_t *p = mtf_emit_begin_in_set(w, MTF_MSDA, MTF_MSDA_FIXED);

		bytes_put16(p + MTF_MSDA_ONE, 1);
		mtf_emit_block(w);
		id = MTF_MQDA;
		media_bits |= MTF_MEDIA_VARIABLE;
	}
	mtf_emit_padding(w, MTF_APAD, MTF_MEDIA_ALIGNMENT, 0, spec->block_size,
	    MTF_STREAM_HEADER + MTF_DATA_PAD);
	mtf_emit_stream(w, id, media_bits, spec->data_bytes + MTF_DATA_PAD);
	mtf_emit_zeros(w, MTF_DATA_PAD);
}

static void
put_data_end(struct mtf_emit *w, uint32_t csum)
{
	uint8_t value[4];

	if (w->spec->with_checksum) {
		bytes_put32(value, csum);
		mtf_emit_stream(w, MTF_CSUM, 0, sizeof(value));
		str_add_bytes(w->out, value, sizeof(value));
	}
	if (w->spec->set->type != 'L')
		mtf_emit_stream(w, MTF_MQDA,
		    MTF_MEDIA_VARIABLE | MTF_MEDIA_LAST, 0);
	mtf_emit_block_end(w);
}

/* One of the two blocks that end a set; first_at is 0 in the first. */
static void
begin_set_end(struct mtf_emit *w, uint64_t first_at)
{
	uint8_t *p = mtf_emit_begin(w, MTF_ESET, MTF_ESET_FIXED);

	bytes_put32(p + MTF_ESET_FLAGS, set_attributes(w));
	bytes_put64(p + MTF_ESET_FIRST, first_at);
	bytes_put16(p + MTF_ESET_NUMBER, set_number(w));
	mtf_date_put(p + MTF_ESET_DATE, w->spec->set->start);
	mtf_emit_block(w);
}

static void
put_set_end(struct mtf_emit *w, const struct mtf_final *final)
{
	uint64_t at = mtf_emit_position(w);
	uint32_t unit = mtf_emit_unit(w);
	struct str map;

	begin_set_end(w, 0);
	mtf_emit_padding(w, MTF_OTCP, 0, at, unit, 0);
	str_init(&map);
	mtf_encode_map(&w->piece, w->spec, final, w->set_at, &map);
	mtf_emit_stream(w, MTF_TSMP, 0, map.length);
	str_add_bytes(w->out, map.text, map.length);
	if (map.failed)
		w->out->failed = 1;
	str_release(&map);
	mtf_emit_padding(w, MTF_SPAD, 0, at, unit, 0);
	begin_set_end(w, at);
	mtf_emit_padding(w, MTF_SPAD, 0, at, unit, 0);
}

static int
check_spec(const struct mtf_spec *spec, struct error *error)
{
	const struct mtf_label *label = spec->label;
	uint32_t block = spec->block_size;
	uint32_t unit = spec->transfer_size;
	char type = spec->set->type;

	if (block < BLOCK_MIN || block > BLOCK_MAX || (block & (block - 1)))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "a block size of %lu is not a power of two from 512 to"
		    " 65536", (unsigned long)block));
	if (unit == 0 || unit > TRANSFER_MAX || unit % TRANSFER_UNIT != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "a transfer size of %lu is not a multiple of 65536 up to"
		    " 4194304", (unsigned long)unit));
	if (type != 'D' && type != 'I' && type != 'L')
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "a backup type of %d is not one of D, I, L", type));
	if (type == 'L')
		unit = TRANSFER_UNIT;
	if (spec->data_bytes % unit != 0)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "%llu bytes of data are not whole transfers of %lu",
		    (unsigned long long)spec->data_bytes,
		    (unsigned long)unit));
	if (label->family_count < 1 || label->family_count > FAMILIES_MAX ||
	    label->family_sequence < 1 ||
	    label->family_sequence > label->family_count)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "media family %u of %u is not possible",
		    (unsigned)label->family_sequence,
		    (unsigned)label->family_count));
	if (utf_length_16(label->name) > LABEL_NAME_MAX ||
	    utf_length_16(label->description) > LABEL_DESCRIPTION_MAX)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the medium's name has more than %d characters, or its"
		    " description more than %d", LABEL_NAME_MAX,
		    LABEL_DESCRIPTION_MAX));
	return (0);
}

int
mtf_write_label(const struct mtf_spec *spec, struct str *out,
    struct error *error)
{
	return (mtf_write_continuation(spec, 1, 0, out, error));
}

int
mtf_write_continuation(const struct mtf_spec *spec, uint16_t sequence,
    uint64_t at, struct str *out, struct error *error)
{
	struct mtf_emit w;

	if (check_spec(spec, error) != 0)
		return (-1);
	mtf_emit_init(&w, spec, out);
	put_tape(&w, sequence, at);
	mtf_emit_filemark(&w, NULL, 0);
	return (mtf_emit_end(&w, error));
}

uint32_t
mtf_write_label_size(uint32_t block_size, bool has_mark)
{
	uint32_t unit = block_size > MTF_FORMAT_BLOCK ? block_size :
	    MTF_FORMAT_BLOCK;

	return (unit + (has_mark ? block_size : 0));
}

int
mtf_write_head(const struct mtf_spec *spec, struct str *out,
    struct error *error)
{
	struct mtf_emit w;

	if (check_spec(spec, error) != 0)
		return (-1);
	mtf_emit_init(&w, spec, out);
	if (spec->prior != NULL) {
		w.origin = spec->prior->at;
	} else {
		put_tape(&w, 1, 0);
		mtf_emit_filemark(&w, NULL, 0);
	}
	w.set_at = mtf_emit_position(&w);
	put_set_start(&w);
	put_volume(&w);
	put_config(&w, NULL);
	mtf_emit_block_end(&w);
	put_data_start(&w);
	assert(w.control_id == HEAD_BLOCKS);
	return (mtf_emit_end(&w, error));
}

/* The filemarks before the set, and room for the two of its own: newest
 * first, from *marks + 2 on.  Owned by the caller. */
static int
copy_marks(const struct mtf_emit *w, uint64_t **marks, uint32_t *count,
    struct error *error)
{
	const struct mtf_prior *prior = w->spec->prior;
	uint64_t label = mtf_emit_unit(w);
	const uint64_t *from = &label;

	*count = 1;
	if (prior != NULL) {
		from = prior->marks;
		*count = prior->mark_count;
	}
	*marks = calloc(*count + 2, sizeof(**marks));
	if (*marks == NULL)
		return (error_memory(error));
	if (*count > 0)
		memcpy(*marks + 2, from, *count * sizeof(**marks));
	return (0);
}

int
mtf_write_tail(const struct mtf_spec *spec, const struct mtf_final *final,
    uint32_t csum, struct str *out, struct error *error)
{
	struct mtf_emit w;
	struct str head;
	uint64_t *marks = NULL;
	uint32_t count;

	str_init(&head);
	if (mtf_write_head(spec, &head, error) != 0) {
		str_release(&head);
		return (-1);
	}
	mtf_emit_init(&w, spec, out);
	w.origin = head.length + spec->data_bytes;
	str_release(&head);
	w.set_at = mtf_write_label_size(spec->block_size, spec->cuts == NULL);
	if (spec->prior != NULL) {
		w.origin += spec->prior->at;
		w.set_at = spec->prior->at;
	}
	w.control_id = HEAD_BLOCKS;
	if (copy_marks(&w, &marks, &count, error) != 0) {
		IGNORE_RESULT(mtf_emit_end(&w, NULL));
		return (-1);
	}

	put_data_end(&w, csum);
	if (spec->set->type != 'L') {
		put_log(&w, false);
		mtf_emit_block_end(&w);
	}
	put_config(&w, final);
	mtf_emit_padding(&w, MTF_SPAD, 0, w.set_at, mtf_emit_unit(&w), 0);
	marks[1] = mtf_emit_position(&w);
	mtf_emit_filemark(&w, marks + 2, count);
	put_set_end(&w, final);
	marks[0] = mtf_emit_position(&w);
	mtf_emit_filemark(&w, marks + 1, count + 1);
	free(marks);
	return (mtf_emit_end(&w, error));
}

int
mtf_write_sizes(const struct mtf_spec *spec, uint64_t *head_bytes,
    uint64_t *tail_bytes, struct error *error)
{
	static const struct mtf_final nothing;
	struct str bytes;
	int result = -1;

	str_init(&bytes);
	if (mtf_write_head(spec, &bytes, error) != 0)
		goto out;
	*head_bytes = bytes.length;
	str_clear(&bytes);
	if (mtf_write_tail(spec, &nothing, 0, &bytes, error) != 0)
		goto out;
	*tail_bytes = bytes.length;
	result = 0;
out:
	str_release(&bytes);
	return (result);
}
