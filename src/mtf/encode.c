/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/encode.h"

#include "base/bytes.h"
#include "base/utf.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define PAGES_LIMIT_BYTES 35184372080640ull /* 2^32 - 1 pages */

void
mtf_piece_init(struct mtf_piece *piece)
{
	piece->length = 0;
	str_init(&piece->text);
}

void
mtf_piece_release(struct mtf_piece *piece)
{
	str_release(&piece->text);
}

void
mtf_piece_begin(struct mtf_piece *piece, size_t fixed)
{
	assert(fixed <= MTF_PIECE_ROOM);
	memset(piece->bytes, 0, fixed);
	piece->length = fixed;
}

/* count zeros at the end; where they stand. */
static size_t
extend(struct mtf_piece *piece, size_t count)
{
	size_t at = piece->length;

	assert(count <= MTF_PIECE_ROOM - at);
	memset(piece->bytes + at, 0, count);
	piece->length += count;
	return (at);
}

void
mtf_piece_align(struct mtf_piece *piece, size_t alignment)
{
	size_t over = piece->length % alignment;

	if (over != 0)
		extend(piece, alignment - over);
}

void
mtf_piece_text(struct mtf_piece *piece, size_t base, size_t ta_at,
    const char *text)
{
	size_t at = piece->length;

	str_clear(&piece->text);
	utf_add_16le_from_8(&piece->text, text);
	bytes_put16(piece->bytes + base + ta_at, (uint16_t)piece->text.length);
	bytes_put16(piece->bytes + base + ta_at + 2, (uint16_t)(at - base));
	extend(piece, piece->text.length);
	memcpy(piece->bytes + at, piece->text.text, piece->text.length);
}

static void
begin_record(struct mtf_piece *piece, uint32_t tag, size_t fixed)
{
	mtf_piece_begin(piece, fixed);
	bytes_put32(piece->bytes, tag);
}

static void
end_record(struct mtf_piece *piece, struct str *out)
{
	bytes_put32(piece->bytes + 4, (uint32_t)piece->length);
	str_add_bytes(out, piece->bytes, piece->length);
}

static uint32_t
set_flags(const struct mtf_spec *spec)
{
	uint32_t flags = spec->set->flags | MTF_SCIN_ALWAYS;

	flags &= ~(MTF_SCIN_HAS_CHECKSUM | MTF_SCIN_IS_DIFFERENTIAL);
	if (spec->with_checksum)
		flags |= MTF_SCIN_HAS_CHECKSUM;
	if (spec->set->type == 'I')
		flags |= MTF_SCIN_IS_DIFFERENTIAL;
	return (flags);
}

static void
put_set_lsns(uint8_t *p, const struct mtf_set *set,
    const struct mtf_final *final)
{
	struct mtf_lsn first = set->first_lsn;
	struct mtf_lsn last = set->last_lsn;
	struct mtf_lsn checkpoint = set->checkpoint_lsn;

	if (final != NULL) {
		first = final->first_lsn;
		last = final->last_lsn;
		checkpoint = final->checkpoint_lsn;
	}
	mtf_lsn_put(p + MTF_SCIN_FIRST_LSN, first);
	mtf_lsn_put(p + MTF_SCIN_LAST_LSN, last);
	mtf_lsn_put(p + MTF_SCIN_LAST_LSN_AGAIN, last);
	mtf_lsn_put(p + MTF_SCIN_CHECKPOINT_LSN, checkpoint);
	mtf_lsn_put(p + MTF_SCIN_DATABASE_LSN, set->database_lsn);
	mtf_lsn_put(p + MTF_SCIN_CHAIN_LSN, set->chain_lsn);
	mtf_lsn_put(p + MTF_SCIN_FORK_LSN, set->fork_lsn);
	mtf_lsn_put(p + MTF_SCIN_FORK_LSN_AGAIN, set->fork_lsn);
	mtf_lsn_put(p + MTF_SCIN_BASE_LSN, set->base_lsn);
}

static void
put_set_ids(uint8_t *p, const struct mtf_set *set)
{
	mtf_guid_put(p + MTF_SCIN_BINDING_ID, &set->binding_id);
	mtf_guid_put(p + MTF_SCIN_FORK_ID, &set->fork_id);
	mtf_guid_put(p + MTF_SCIN_PREVIOUS_FORK, &set->previous_fork_id);
	mtf_guid_put(p + MTF_SCIN_FULL_SET_ID, &set->full_set_guid);
	mtf_guid_put(p + MTF_SCIN_FAMILY_GUID, &set->family_guid);
	mtf_guid_put(p + MTF_SCIN_BASE_ID, &set->base_guid);
	mtf_guid_put(p + MTF_SCIN_FIRST_FORK, &set->first_fork_id);
}

static void
encode_set(struct mtf_piece *piece, const struct mtf_spec *spec,
    const struct mtf_final *final)
{
	const struct mtf_set *set = spec->set;
	uint8_t *p = piece->bytes;
	uint32_t data_files = 0;
	uint32_t log_files = 0;
	size_t i;

	for (i = 0; i < spec->file_count; i++) {
		if (spec->files[i].type == 'L')
			log_files++;
		else
			data_files++;
	}
	begin_record(piece, MTF_SCIN, MTF_SCIN_FIXED);
	bytes_put32(p + MTF_SCIN_FLAGS, set_flags(spec));
	bytes_put32(p + MTF_SCIN_DATA_FILES, data_files);
	bytes_put32(p + MTF_SCIN_LOG_FILES, log_files);
	bytes_put16(p + MTF_SCIN_BUILD, set->software_build);
	p[MTF_SCIN_MINOR] = set->software_minor;
	p[MTF_SCIN_MAJOR] = set->software_major;
	bytes_put32(p + MTF_SCIN_NINE, 9);
	put_set_lsns(p, set, final);
	put_set_ids(p, set);
	mtf_date_put(p + MTF_SCIN_CREATED, set->created);
	mtf_date_put(p + MTF_SCIN_START, set->start);
	if (final != NULL)
		mtf_date_put(p + MTF_SCIN_FINISH, final->finish);
	p[MTF_SCIN_TYPE] = (uint8_t)set->type;
	p[MTF_SCIN_SORT_ORDER] = set->sort_order;
	p[MTF_SCIN_ONE] = 1;
	p[MTF_SCIN_COMPATIBILITY] = set->compatibility;
	bytes_put16(p + MTF_SCIN_DATABASE_ID, set->database_id);
	bytes_put16(p + MTF_SCIN_DATABASE_VERSION, set->database_version);
	bytes_put64(p + MTF_SCIN_SIZE,
	    final != NULL ? final->backup_size : set->backup_size);
	bytes_put64(p + MTF_SCIN_COMPRESSED_SIZE,
	    final != NULL ? final->compressed_size : set->compressed_size);
	bytes_put32(p + MTF_SCIN_LOCALE, set->locale_id);
	bytes_put32(p + MTF_SCIN_COMPARISON, set->comparison_style);
	bytes_put32(p + MTF_SCIN_COLLATION, set->collation);
	bytes_put32(p + MTF_SCIN_SORT_ID, set->sort_id);
	bytes_put32(p + MTF_SCIN_TRANSFER_SIZE, spec->transfer_size);
	bytes_put32(p + MTF_SCIN_STATUS, set->status);
	mtf_piece_text(piece, 0, MTF_SCIN_DATABASE, set->database);
	mtf_piece_text(piece, 0, MTF_SCIN_SERVER, set->server);
}

static void
encode_group(struct mtf_piece *piece, const struct mtf_file *file)
{
	uint8_t *p = piece->bytes;

	begin_record(piece, MTF_SFGI, MTF_SFGI_FIXED);
	bytes_put32(p + MTF_SFGI_FLAGS, 0x10);
	bytes_put32(p + MTF_SFGI_ID, file->group_id);
	bytes_put32(p + MTF_SFGI_ONE, 1);
	mtf_piece_text(piece, 0, MTF_SFGI_NAME, file->group);
}

static void
encode_file(struct mtf_piece *piece, const struct mtf_file *file)
{
	uint8_t *p = piece->bytes;

	begin_record(piece, MTF_SFIN, MTF_SFIN_FIXED);
	bytes_put32(p + MTF_SFIN_FLAGS, file->flags);
	bytes_put32(p + MTF_SFIN_PAGE_SIZE, file->page_size);
	bytes_put32(p + MTF_SFIN_ID, file->file_id);
	bytes_put32(p + MTF_SFIN_PAGES, file->pages);
	bytes_put32(p + MTF_SFIN_TYPE,
	    file->type == 'L' ? MTF_SFIN_TYPE_LOG : MTF_SFIN_TYPE_DATA);
	bytes_put32(p + MTF_SFIN_BLOCK_SIZE, file->source_block_size);
	bytes_put32(p + MTF_SFIN_GROUP, file->group_id);
	bytes_put64(p + MTF_SFIN_SIZE, file->size);
	bytes_put64(p + MTF_SFIN_MAX_SIZE, file->max_size);
	bytes_put64(p + MTF_SFIN_GROWTH, file->growth);
	bytes_put64(p + MTF_SFIN_MIN_SIZE, file->min_size);
	bytes_put64(p + MTF_SFIN_LIMIT, PAGES_LIMIT_BYTES);
	bytes_put64(p + MTF_SFIN_SIZE_AGAIN, file->size);
	bytes_put64(p + MTF_SFIN_BACKUP_SIZE, file->backup_size);
	bytes_put64(p + MTF_SFIN_CREATED, file->created);
	mtf_lsn_put(p + MTF_SFIN_CREATE_LSN, file->create_lsn);
	mtf_lsn_put(p + MTF_SFIN_BASE_LSN, file->base_lsn);
	mtf_lsn_put(p + MTF_SFIN_FIRST_LSN, file->first_lsn);
	mtf_lsn_put(p + MTF_SFIN_LAST_LSN, file->last_lsn);
	mtf_lsn_put(p + MTF_SFIN_CHECKPOINT_LSN, file->checkpoint_lsn);
	mtf_guid_put(p + MTF_SFIN_BASE_ID, &file->base_guid);
	mtf_guid_put(p + MTF_SFIN_UNIQUE_ID, &file->unique_id);
	mtf_piece_text(piece, 0, MTF_SFIN_LOGICAL, file->logical);
	mtf_piece_text(piece, 0, MTF_SFIN_PHYSICAL, file->physical);
}

void
mtf_encode_config(struct mtf_piece *piece, const struct mtf_spec *spec,
    const struct mtf_final *final, struct str *out)
{
	const struct mtf_file *before = NULL;
	size_t i;

	encode_set(piece, spec, final);
	end_record(piece, out);
	for (i = 0; i < spec->file_count; i++) {
		const struct mtf_file *file = &spec->files[i];

		if (file->type != 'L' && (before == NULL ||
		    before->group_id != file->group_id)) {
			encode_group(piece, file);
			end_record(piece, out);
		}
		encode_file(piece, file);
		end_record(piece, out);
		before = file;
	}
}

static void
encode_map_volume(struct mtf_piece *piece, const struct mtf_set *set)
{
	size_t base = extend(piece, MTF_MAP_VOLUME_FIXED);
	uint8_t *p = piece->bytes + base;

	bytes_put32(p + MTF_MAP_VOLUME_TYPE, MTF_VOLB);
	bytes_put16(p + MTF_MAP_VOLUME_SEQUENCE, 1);
	bytes_put64(p + MTF_MAP_VOLUME_FLA, 1);
	p[MTF_MAP_VOLUME_OS_ID] = MTF_OS_WINDOWS;
	p[MTF_MAP_VOLUME_OS_VERSION] = 1;
	p[MTF_MAP_VOLUME_STRING_TYPE] = MTF_STRING_UTF16;
	bytes_put32(p + MTF_MAP_VOLUME_FLAGS, 2);
	mtf_date_put(p + MTF_MAP_VOLUME_DATE, set->start);
	mtf_piece_text(piece, base, MTF_MAP_VOLUME_DEVICE, set->device);
	mtf_piece_text(piece, base, MTF_MAP_VOLUME_NAME, "");
	mtf_piece_text(piece, base, MTF_MAP_VOLUME_MACHINE, set->machine);
	bytes_put16(p + MTF_MAP_VOLUME_LENGTH,
	    (uint16_t)(piece->length - base));
}

/* The entry of one set of the map; number and address on its medium. */
static void
encode_map_set(struct mtf_piece *piece, const struct mtf_set *set,
    uint16_t number, uint64_t address, uint64_t size)
{
	uint8_t *p = piece->bytes;

	mtf_piece_begin(piece, MTF_MAP_SET_FIXED);
	bytes_put16(p + MTF_MAP_SET_SEQUENCE, 1);
	bytes_put32(p + MTF_MAP_SET_FLAGS, set->type == 'I' ?
	    MTF_SSET_FLAGS_DIFFERENTIAL : MTF_SSET_FLAGS_FULL);
	bytes_put64(p + MTF_MAP_SET_PBA, address);
	bytes_put16(p + MTF_MAP_SET_NUMBER, number);
	bytes_put64(p + MTF_MAP_SET_SIZE, size);
	bytes_put16(p + MTF_MAP_SET_VOLUMES, 1);
	mtf_date_put(p + MTF_MAP_SET_DATE, set->start);
	p[MTF_MAP_SET_TIME_ZONE] = (uint8_t)set->time_zone;
	p[MTF_MAP_SET_OS_ID] = MTF_OS_WINDOWS;
	p[MTF_MAP_SET_OS_VERSION] = 1;
	p[MTF_MAP_SET_STRING_TYPE] = MTF_STRING_UTF16;
	p[MTF_MAP_SET_CATALOG] = 2;
	mtf_piece_text(piece, 0, MTF_MAP_SET_NAME, set->name);
	mtf_piece_text(piece, 0, MTF_MAP_SET_DESCRIPTION, set->description);
	mtf_piece_text(piece, 0, MTF_MAP_SET_USER, set->user);
	bytes_put16(p + MTF_MAP_SET_LENGTH, (uint16_t)piece->length);
	encode_map_volume(piece, set);
}

void
mtf_encode_map(struct mtf_piece *piece, const struct mtf_spec *spec,
    const struct mtf_final *final, uint64_t set_at, struct str *out)
{
	const struct mtf_prior *prior = spec->prior;
	unsigned before = prior != NULL ? prior->set_count : 0;
	unsigned i;

	mtf_piece_begin(piece, MTF_MAP_HEADER);
	bytes_put32(piece->bytes + MTF_MAP_FAMILY_ID, spec->label->family_id);
	bytes_put16(piece->bytes + MTF_MAP_COUNT, (uint16_t)(before + 1));
	str_add_bytes(out, piece->bytes, piece->length);
	for (i = 0; i < before; i++) {
		encode_map_set(piece, &prior->sets[i], (uint16_t)(i + 1),
		    prior->sets[i].address, prior->sets[i].backup_size);
		str_add_bytes(out, piece->bytes, piece->length);
	}
	encode_map_set(piece, spec->set, (uint16_t)(before + 1),
	    prior != NULL ? prior->address : set_at, final->backup_size);
	str_add_bytes(out, piece->bytes, piece->length);
}
