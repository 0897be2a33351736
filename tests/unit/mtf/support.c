/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "support.h"

#include "mtf/checksum.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct mtf_guid
guid(uint8_t first)
{
	struct mtf_guid g;
	int i;

	for (i = 0; i < MTF_GUID_BYTES; i++)
		g.bytes[i] = (uint8_t)(first + i);
	return (g);
}

static struct mtf_lsn
lsn(uint32_t seq, uint32_t block, uint16_t slot)
{
	struct mtf_lsn l = { seq, block, slot };

	return (l);
}

static void
init_set(struct mtf_set *set)
{
	static const struct mtf_date start = { 2026, 11, 24, 7, 30, 15 };
	static const struct mtf_date created = { 2020, 2, 29, 23, 59, 58 };
	static const struct mtf_date expiration = { 2099, 12, 31, 0, 0, 0 };

	mtf_set_init(set);
	set->set_guid = guid(1);
	set->expiration = expiration;
	set->time_zone = -14;
	set->start = start;
	set->created = created;
	set->flags |= MTF_SCIN_IS_COPY_ONLY;
	set->software_major = 16;
	set->software_minor = 1;
	set->software_build = 4000;
	set->first_lsn = lsn(30, 100, 1);
	set->last_lsn = lsn(30, 200, 2);
	set->checkpoint_lsn = lsn(30, 100, 3);
	set->database_lsn = lsn(29, 5, 1);
	set->chain_lsn = lsn(28, 1, 1);
	set->fork_lsn = lsn(3, 2, 1);
	set->base_lsn = lsn(27, 9, 9);
	set->sort_order = 52;
	set->compatibility = 160;
	set->database_id = 5;
	set->database_version = 957;
	set->backup_size = 111;
	set->compressed_size = 222;
	set->locale_id = 1033;
	set->comparison_style = 196609;
	set->collation = 0x00D00409;
	set->sort_id = 52;
	set->status = MTF_STATUS_SIMPLE;
	set->binding_id = guid(20);
	set->fork_id = guid(40);
	set->previous_fork_id = guid(60);
	set->first_fork_id = guid(80);
	set->family_guid = guid(100);
	set->full_set_guid = guid(120);
	set->base_guid = guid(140);
	strcpy(set->name, "nightly \xE2\x80\x93 \xF0\x9F\x92\xBE");
	strcpy(set->description, "before the move");
	strcpy(set->user, "HOST\\oper\xC3\xA1tor");
	strcpy(set->machine, "HOST");
	strcpy(set->device, "/");
	strcpy(set->database, "\xD0\x91\xD0\xB0\xD0\xB7\xD0\xB0");
	strcpy(set->server, "HOST\\INSTANCE");
}

static void
init_file(struct mtf_file *file, char type, uint32_t id, uint32_t group)
{
	mtf_file_init(file, type);
	file->file_id = id;
	file->group_id = group;
	file->pages = 16 + id;
	file->size = id * 65536ull;
	file->growth = 10 + id;
	file->flags |= MTF_SFIN_IS_PERCENT;
	file->min_size = id * 8192ull;
	file->backup_size = id * 1000ull;
	file->created = 132000000000000000ull + id;
	file->create_lsn = lsn(id, 1, 1);
	file->base_lsn = lsn(id, 2, 2);
	file->first_lsn = lsn(id, 3, 3);
	file->last_lsn = lsn(id, 4, 4);
	file->checkpoint_lsn = lsn(id, 5, 5);
	file->base_guid = guid((uint8_t)(id + 30));
	file->unique_id = guid((uint8_t)(id + 50));
}

void
sample_init(struct sample *sample, uint32_t block_size, uint32_t transfer_size,
    unsigned transfers, bool with_checksum)
{
	static const struct mtf_date finish = { 2026, 11, 24, 7, 31, 1 };

	memset(sample, 0, sizeof(*sample));
	mtf_label_init(&sample->label);
	sample->label.family_id = 0x592FA74E;
	sample->label.set_id = guid(200);
	sample->label.date = finish;
	strcpy(sample->label.name, "medium \xE2\x82\xAC");
	strcpy(sample->label.description, "drill");
	init_set(&sample->set);
	init_file(&sample->files[0], 'D', 1, 1);
	init_file(&sample->files[1], 'D', 3, 2);
	init_file(&sample->files[2], 'L', 2, 0);
	strcpy(sample->files[0].logical, "Sales");
	strcpy(sample->files[0].physical, "/data/\xC3\xBC/sales.db");
	strcpy(sample->files[0].group, "PRIMARY");
	strcpy(sample->files[1].logical, "Sales_2");
	strcpy(sample->files[1].physical, "/data/sales2.db");
	strcpy(sample->files[1].group, "SECOND");
	strcpy(sample->files[2].logical, "Sales_log");
	strcpy(sample->files[2].physical, "/data/sales.log");
	sample->final.finish = finish;
	sample->final.backup_size = 333;
	sample->final.compressed_size = 444;
	sample->final.first_lsn = lsn(30, 150, 1);
	sample->final.last_lsn = lsn(30, 300, 2);
	sample->final.checkpoint_lsn = lsn(30, 150, 3);
	sample->spec.label = &sample->label;
	sample->spec.set = &sample->set;
	sample->spec.files = sample->files;
	sample->spec.file_count = SUPPORT_FILES;
	sample->spec.block_size = block_size;
	sample->spec.transfer_size = transfer_size;
	sample->spec.data_bytes = (uint64_t)transfers * transfer_size;
	sample->spec.with_checksum = with_checksum;
}

uint8_t
sample_byte(uint64_t at)
{
	return ((uint8_t)(at * 31 + (at >> 9) * 7 + 1));
}

void
sample_write(const struct sample *sample, struct str *out)
{
	static uint8_t piece[65536];
	struct error error;
	struct mtf_sum sum;
	uint64_t at = 0;

	error_init(&error);
	mtf_sum_init(&sum);
	ck_assert_msg(mtf_write_head(&sample->spec, out, &error) == 0, "%s",
	    error.text);
	ck_assert_uint_eq(out->length % sample->spec.block_size, 0);
	while (at < sample->spec.data_bytes) {
		size_t i;

		for (i = 0; i < sizeof(piece); i++)
			piece[i] = sample_byte(at + i);
		mtf_sum_add(&sum, piece, sizeof(piece));
		str_add_bytes(out, piece, sizeof(piece));
		at += sizeof(piece);
	}
	ck_assert_msg(mtf_write_tail(&sample->spec, &sample->final,
	    mtf_sum_value(&sum), out, &error) == 0, "%s", error.text);
	ck_assert_uint_eq(out->length % sample->spec.block_size, 0);
}

void
heard_init(struct heard *heard)
{
	memset(heard, 0, sizeof(*heard));
	str_init(&heard->order);
	str_init(&heard->streams);
	heard->data_is_sample = true;
}

void
heard_release(struct heard *heard)
{
	str_release(&heard->order);
	str_release(&heard->streams);
}

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct heard *heard = context;

	(void)error;
	heard->label = *label;
	heard->labels++;
	return (0);
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	heard->set = *set;
	heard->sets++;
	heard->file_at = 0;
	if (is_final)
		heard->finals++;
	else
		heard->early = *set;
	return (0);
}

static int
on_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	if (heard->file_at < SUPPORT_FILES)
		heard->file[heard->file_at++] = *file;
	heard->files++;
	if (is_final)
		heard->final_files++;
	return (0);
}

static int
on_data(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct heard *heard = context;
	const uint8_t *p = data;
	size_t i;

	(void)error;
	if (offset == 0)
		heard->data_at = 0;
	if (offset != heard->data_at)
		heard->data_has_gap = true;
	for (i = 0; i < size && heard->data_is_sample; i++)
		if (p[i] != sample_byte(offset + i))
			heard->data_is_sample = false;
	heard->data_at += size;
	heard->data_bytes += size;
	return (0);
}

static int
on_log(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct heard *heard = context;

	(void)data;
	(void)offset;
	(void)error;
	heard->log_bytes += size;
	return (0);
}

static int
on_notice(void *context, const struct mtf_notice *notice, struct error *error)
{
	struct heard *heard = context;
	struct str *to = &heard->streams;
	char text[MTF_TAG_TEXT];

	(void)error;
	if (notice->kind == MTF_NOTICE_BLOCK) {
		to = &heard->order;
		if (heard->blocks < SUPPORT_BLOCKS)
			heard->block_at[heard->blocks++] = notice->offset;
	}
	str_addf(to, "%s%s", to->length > 0 ? " " : "",
	    mtf_tag_text(notice->tag, text));
	if (!notice->is_known)
		heard->unknown++;
	return (0);
}

static int
on_checksum(void *context, const struct mtf_checksum *result,
    struct error *error)
{
	struct heard *heard = context;

	(void)error;
	heard->checksums++;
	if (!result->is_match)
		heard->mismatches++;
	return (0);
}

static int
on_set_end(void *context, const struct mtf_set *set, struct error *error)
{
	struct heard *heard = context;

	(void)set;
	(void)error;
	heard->ends++;
	return (0);
}

const struct mtf_events heard_events = {
	.label = on_label,
	.set = on_set,
	.file = on_file,
	.data = on_data,
	.log = on_log,
	.notice = on_notice,
	.checksum = on_checksum,
	.set_end = on_set_end
};

int
heard_read(struct heard *heard, const void *data, size_t size, size_t piece,
    struct error *error)
{
	struct mtf_reader *reader;
	const uint8_t *p = data;
	unsigned seed = 4711;
	int result = 0;

	reader = mtf_reader_new(&heard_events, heard, error);
	ck_assert_ptr_nonnull(reader);
	while (size > 0 && result == 0) {
		size_t part = piece;

		if (piece == 0) {
			seed = seed * 1103515245u + 12345u;
			part = (seed >> 8) % 9000;
		}
		if (part > size)
			part = size;
		result = mtf_reader_feed(reader, p, part, error);
		p += part;
		size -= part;
	}
	if (result == 0)
		result = mtf_reader_finish(reader, error);
	mtf_reader_free(reader);
	return (result);
}
