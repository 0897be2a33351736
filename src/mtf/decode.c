/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/decode.h"

#include "base/bytes.h"
#include "base/str.h"
#include "base/utf.h"

#include <string.h>

#define SCIN_LEAST 128 /* the fields that every version has */
#define SFIN_LEAST 128
#define SFGI_LEAST 24

static int
need(const struct mtf_bytes *bytes, size_t size, struct error *error)
{
	if (bytes->size >= size)
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "%s has %zu bytes where at least %zu were expected", bytes->name,
	    bytes->size, size));
}

/* What a TA at ta_at names; *size is 0 for an empty one. */
static int
get_address(const struct mtf_bytes *bytes, size_t ta_at, size_t *at,
    size_t *size, struct error *error)
{
	*size = bytes_get16(bytes->at + ta_at);
	*at = bytes_get16(bytes->at + ta_at + 2);
	if (*size == 0 || (*at <= bytes->size && *size <= bytes->size - *at))
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "a text at %zu of %zu bytes lies outside of %s (%zu bytes)", *at,
	    *size, bytes->name, bytes->size));
}

static int
get_text(const struct mtf_bytes *bytes, size_t ta_at, char *to, size_t room,
    struct error *error)
{
	struct str text;
	size_t at;
	size_t size;
	int result;

	to[0] = '\0';
	if (get_address(bytes, ta_at, &at, &size, error) != 0)
		return (-1);
	if (size == 0)
		return (0);
	str_init(&text);
	utf_add_16le(&text, bytes->at + at, size);
	result = str_check(&text, error);
	if (result == 0)
		mtf_text_copy(to, room, text.text);
	str_release(&text);
	return (result);
}

int
mtf_decode_tape(const struct mtf_bytes *block, struct mtf_label *label,
    struct error *error)
{
	const uint8_t *p = block->at;

	memset(label, 0, sizeof(*label));
	if (need(block, MTF_TAPE_FIXED, error) != 0)
		return (-1);
	label->family_id = bytes_get32(p + MTF_TAPE_FAMILY_ID);
	label->media_sequence = bytes_get16(p + MTF_TAPE_SEQUENCE);
	label->has_password = bytes_get16(p + MTF_TAPE_PASSWORD_KIND) != 0 ||
	    bytes_get16(p + MTF_TAPE_PASSWORD) != 0;
	label->block_size = bytes_get16(p + MTF_TAPE_BLOCK_SIZE) * 512u;
	label->format_block_size = bytes_get16(p + MTF_TAPE_FORMAT_BLOCK);
	label->vendor_id = bytes_get16(p + MTF_TAPE_VENDOR);
	label->date = mtf_date_get(p + MTF_TAPE_DATE);
	if (get_text(block, MTF_TAPE_NAME, label->name, sizeof(label->name),
		error) != 0 ||
	    get_text(block, MTF_TAPE_DESCRIPTION, label->description,
		sizeof(label->description), error) != 0 ||
	    get_text(block, MTF_TAPE_SOFTWARE, label->software,
		sizeof(label->software), error) != 0)
		return (-1);
	if (label->block_size != 0 || (bytes_get32(p + MTF_TAPE_FLAGS) &
	    MTF_TAPE_HAS_SOFT_MARKS) == 0)
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "%s gives a physical block size of 0", block->name));
}

int
mtf_decode_raid(const struct mtf_bytes *stream, struct mtf_label *label,
    struct error *error)
{
	const uint8_t *p = stream->at;

	if (need(stream, MTF_RAID_SIZE, error) != 0)
		return (-1);
	label->set_id = mtf_guid_get(p + MTF_RAID_SET_ID);
	label->family_count = bytes_get16(p + MTF_RAID_FAMILIES);
	label->mirror_count = bytes_get16(p + MTF_RAID_MIRRORS);
	label->family_sequence = bytes_get16(p + MTF_RAID_FAMILY);
	if (label->family_sequence >= 1 &&
	    label->family_sequence <= label->family_count)
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "%s names media family %u of %u", stream->name,
	    (unsigned)label->family_sequence, (unsigned)label->family_count));
}

int
mtf_decode_set_start(const struct mtf_bytes *block, struct mtf_set *set,
    struct error *error)
{
	const uint8_t *p = block->at;
	size_t at;
	size_t size;

	memset(set, 0, sizeof(*set));
	if (need(block, MTF_SSET_FIXED, error) != 0 ||
	    get_address(block, MTF_DBLK_OS_DATA, &at, &size, error) != 0)
		return (-1);
	if (size >= MTF_SSET_OS_SIZE) {
		set->set_guid = mtf_guid_get(p + at);
		set->expiration = mtf_date_get(p + at + MTF_GUID_BYTES);
	}
	set->attributes = bytes_get32(p + MTF_SSET_FLAGS);
	set->has_password = bytes_get16(p + MTF_SSET_PASSWORD_KIND) != 0 ||
	    bytes_get16(p + MTF_SSET_PASSWORD) != 0;
	set->vendor_id = bytes_get16(p + MTF_SSET_VENDOR);
	set->position = bytes_get16(p + MTF_SSET_NUMBER);
	set->address = bytes_get64(p + MTF_SSET_PBA);
	set->start = mtf_date_get(p + MTF_SSET_DATE);
	set->time_zone = (int8_t)p[MTF_SSET_TIME_ZONE];
	if (get_text(block, MTF_SSET_NAME, set->name, sizeof(set->name),
		error) != 0 ||
	    get_text(block, MTF_SSET_DESCRIPTION, set->description,
		sizeof(set->description), error) != 0)
		return (-1);
	return (get_text(block, MTF_SSET_USER, set->user, sizeof(set->user),
	    error));
}

int
mtf_decode_volume(const struct mtf_bytes *block, struct mtf_set *set,
    struct error *error)
{
	if (need(block, MTF_VOLB_FIXED, error) != 0 ||
	    get_text(block, MTF_VOLB_DEVICE, set->device, sizeof(set->device),
		error) != 0)
		return (-1);
	return (get_text(block, MTF_VOLB_MACHINE, set->machine,
	    sizeof(set->machine), error));
}

/*
 * A record as older and newer servers write it: fields that do not lie before
 * the first text are not there, and read as zeros.
 */
#define FIXED_ROOM 512
static void
copy_fixed(const struct mtf_bytes *record, const size_t *ta_at, size_t count,
    uint8_t fixed[FIXED_ROOM])
{
	size_t end = record->size < FIXED_ROOM ? record->size : FIXED_ROOM;
	size_t i;

	for (i = 0; i < count; i++) {
		size_t size = bytes_get16(record->at + ta_at[i]);
		size_t at = bytes_get16(record->at + ta_at[i] + 2);

		if (size > 0 && at < end)
			end = at;
	}
	memset(fixed, 0, FIXED_ROOM);
	memcpy(fixed, record->at, end);
}

static void
get_set_numbers(const uint8_t *p, struct mtf_set *set)
{
	set->type = (char)p[MTF_SCIN_TYPE];
	set->flags = bytes_get32(p + MTF_SCIN_FLAGS);
	set->data_files = bytes_get32(p + MTF_SCIN_DATA_FILES);
	set->log_files = bytes_get32(p + MTF_SCIN_LOG_FILES);
	set->software_major = p[MTF_SCIN_MAJOR];
	set->software_minor = p[MTF_SCIN_MINOR];
	set->software_build = bytes_get16(p + MTF_SCIN_BUILD);
	set->created = mtf_date_get(p + MTF_SCIN_CREATED);
	set->start = mtf_date_get(p + MTF_SCIN_START);
	set->finish = mtf_date_get(p + MTF_SCIN_FINISH);
	set->sort_order = p[MTF_SCIN_SORT_ORDER];
	set->compatibility = p[MTF_SCIN_COMPATIBILITY];
	set->database_id = bytes_get16(p + MTF_SCIN_DATABASE_ID);
	set->database_version = bytes_get16(p + MTF_SCIN_DATABASE_VERSION);
	set->backup_size = bytes_get64(p + MTF_SCIN_SIZE);
	set->compressed_size = bytes_get64(p + MTF_SCIN_COMPRESSED_SIZE);
	set->locale_id = bytes_get32(p + MTF_SCIN_LOCALE);
	set->comparison_style = bytes_get32(p + MTF_SCIN_COMPARISON);
	set->collation = bytes_get32(p + MTF_SCIN_COLLATION);
	set->sort_id = bytes_get32(p + MTF_SCIN_SORT_ID);
	set->transfer_size = bytes_get32(p + MTF_SCIN_TRANSFER_SIZE);
	set->status = bytes_get32(p + MTF_SCIN_STATUS);
}

int
mtf_decode_set(const struct mtf_bytes *record, struct mtf_set *set,
    struct error *error)
{
	static const size_t texts[] = { MTF_SCIN_DATABASE, MTF_SCIN_SERVER };
	uint8_t p[FIXED_ROOM];

	if (need(record, SCIN_LEAST, error) != 0 ||
	    get_text(record, MTF_SCIN_DATABASE, set->database,
		sizeof(set->database), error) != 0 ||
	    get_text(record, MTF_SCIN_SERVER, set->server,
		sizeof(set->server), error) != 0)
		return (-1);
	copy_fixed(record, texts, ARRAY_COUNT(texts), p);
	get_set_numbers(p, set);
	set->first_lsn = mtf_lsn_get(p + MTF_SCIN_FIRST_LSN);
	set->last_lsn = mtf_lsn_get(p + MTF_SCIN_LAST_LSN);
	set->checkpoint_lsn = mtf_lsn_get(p + MTF_SCIN_CHECKPOINT_LSN);
	set->database_lsn = mtf_lsn_get(p + MTF_SCIN_DATABASE_LSN);
	set->chain_lsn = mtf_lsn_get(p + MTF_SCIN_CHAIN_LSN);
	set->fork_lsn = mtf_lsn_get(p + MTF_SCIN_FORK_LSN_AGAIN);
	set->base_lsn = mtf_lsn_get(p + MTF_SCIN_BASE_LSN);
	set->binding_id = mtf_guid_get(p + MTF_SCIN_BINDING_ID);
	set->fork_id = mtf_guid_get(p + MTF_SCIN_FORK_ID);
	set->previous_fork_id = mtf_guid_get(p + MTF_SCIN_PREVIOUS_FORK);
	set->first_fork_id = mtf_guid_get(p + MTF_SCIN_FIRST_FORK);
	set->family_guid = mtf_guid_get(p + MTF_SCIN_FAMILY_GUID);
	set->full_set_guid = mtf_guid_get(p + MTF_SCIN_FULL_SET_ID);
	set->base_guid = mtf_guid_get(p + MTF_SCIN_BASE_ID);
	return (0);
}

int
mtf_decode_group(const struct mtf_bytes *record, char *group,
    struct error *error)
{
	if (need(record, SFGI_LEAST, error) != 0)
		return (-1);
	return (
	    get_text(record, MTF_SFGI_NAME, group, MTF_NAME_TEXT, error));
}

static void
get_file_numbers(const uint8_t *p, struct mtf_file *file)
{
	uint32_t type = bytes_get32(p + MTF_SFIN_TYPE);

	file->type = '?';
	if (type == MTF_SFIN_TYPE_DATA)
		file->type = 'D';
	else if (type == MTF_SFIN_TYPE_LOG)
		file->type = 'L';
	file->file_id = bytes_get32(p + MTF_SFIN_ID);
	file->flags = bytes_get32(p + MTF_SFIN_FLAGS);
	file->page_size = bytes_get32(p + MTF_SFIN_PAGE_SIZE);
	file->pages = bytes_get32(p + MTF_SFIN_PAGES);
	file->source_block_size = bytes_get32(p + MTF_SFIN_BLOCK_SIZE);
	file->group_id = bytes_get32(p + MTF_SFIN_GROUP);
	file->size = bytes_get64(p + MTF_SFIN_SIZE);
	file->max_size = bytes_get64(p + MTF_SFIN_MAX_SIZE);
	file->growth = bytes_get64(p + MTF_SFIN_GROWTH);
	file->min_size = bytes_get64(p + MTF_SFIN_MIN_SIZE);
	file->backup_size = bytes_get64(p + MTF_SFIN_BACKUP_SIZE);
	file->created = bytes_get64(p + MTF_SFIN_CREATED);
}

int
mtf_decode_file(const struct mtf_bytes *record, const char *group,
    struct mtf_file *file, struct error *error)
{
	static const size_t texts[] = { MTF_SFIN_LOGICAL, MTF_SFIN_PHYSICAL };
	uint8_t p[FIXED_ROOM];

	memset(file, 0, sizeof(*file));
	if (need(record, SFIN_LEAST, error) != 0 ||
	    get_text(record, MTF_SFIN_LOGICAL, file->logical,
		sizeof(file->logical), error) != 0 ||
	    get_text(record, MTF_SFIN_PHYSICAL, file->physical,
		sizeof(file->physical), error) != 0)
		return (-1);
	copy_fixed(record, texts, ARRAY_COUNT(texts), p);
	get_file_numbers(p, file);
	file->create_lsn = mtf_lsn_get(p + MTF_SFIN_CREATE_LSN);
	file->base_lsn = mtf_lsn_get(p + MTF_SFIN_BASE_LSN);
	file->first_lsn = mtf_lsn_get(p + MTF_SFIN_FIRST_LSN);
	file->last_lsn = mtf_lsn_get(p + MTF_SFIN_LAST_LSN);
	file->checkpoint_lsn = mtf_lsn_get(p + MTF_SFIN_CHECKPOINT_LSN);
	file->base_guid = mtf_guid_get(p + MTF_SFIN_BASE_ID);
	file->unique_id = mtf_guid_get(p + MTF_SFIN_UNIQUE_ID);
	if (file->type != 'L')
		mtf_text_copy(file->group, sizeof(file->group), group);
	return (0);
}
