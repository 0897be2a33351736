/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "mtf/model.h"

#include <string.h>

#define UNLIMITED_BYTES 35184372080640ull /* 2^32 - 1 pages */
#define LOG_LIMIT_BYTES 2199023255552ull  /* 2 TiB */

void
mtf_label_init(struct mtf_label *label)
{
	memset(label, 0, sizeof(*label));
	label->family_count = 1;
	label->family_sequence = 1;
	label->mirror_count = 1;
	label->media_sequence = 1;
	label->block_size = 512;
	label->format_block_size = MTF_FORMAT_BLOCK;
}

void
mtf_set_init(struct mtf_set *set)
{
	memset(set, 0, sizeof(*set));
	set->position = 1;
	set->type = 'D';
	set->flags = MTF_SCIN_ALWAYS;
}

void
mtf_file_init(struct mtf_file *file, char type)
{
	memset(file, 0, sizeof(*file));
	file->type = type;
	file->flags = MTF_SFIN_ALWAYS;
	file->page_size = 8192;
	file->source_block_size = 4096;
	file->max_size = LOG_LIMIT_BYTES;
	if (type == 'D') {
		file->flags |= MTF_SFIN_IS_DATA;
		file->group_id = 1;
		file->max_size = UNLIMITED_BYTES;
	}
}

void
mtf_text_copy(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((uint8_t)text[length] & 0xC0) == 0x80)
			length--;
	}
	memcpy(to, text, length);
	to[length] = '\0';
}

const char *
mtf_set_recovery_model(const struct mtf_set *set)
{
	if ((set->status & MTF_STATUS_SIMPLE) != 0)
		return ("SIMPLE");
	if ((set->status & MTF_STATUS_BULK_LOGGED) != 0)
		return ("BULK-LOGGED");
	return ("FULL");
}

bool
mtf_set_has_checksum(const struct mtf_set *set)
{
	return ((set->flags & MTF_SCIN_HAS_CHECKSUM) != 0);
}

bool
mtf_set_is_copy_only(const struct mtf_set *set)
{
	return ((set->flags & MTF_SCIN_IS_COPY_ONLY) != 0);
}
