/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/rows.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CELLS_MAX 64
#define ROOM 64 /* numbers, dates, GUIDs, LSNs */
#define DEVICE_TYPE_VIRTUAL 7
#define GROUP_LOG 0

static const char *const label_columns[] = {
	"MediaName", "MediaSetId", "FamilyCount", "FamilySequenceNumber",
	"MediaFamilyId", "MediaSequenceNumber", "MediaLabelPresent",
	"MediaDescription", "SoftwareName", "SoftwareVendorId", "MediaDate",
	"MirrorCount", "IsCompressed",
};

static const char *const header_columns[] = {
	"BackupName", "BackupDescription", "BackupType", "ExpirationDate",
	"Compressed", "Position", "DeviceType", "UserName", "ServerName",
	"DatabaseName", "DatabaseVersion", "DatabaseCreationDate",
	"BackupSize", "FirstLSN", "LastLSN", "CheckpointLSN",
	"DatabaseBackupLSN", "BackupStartDate", "BackupFinishDate",
	"SortOrder", "CodePage", "UnicodeLocaleId", "UnicodeComparisonStyle",
	"CompatibilityLevel", "SoftwareVendorId", "SoftwareVersionMajor",
	"SoftwareVersionMinor", "SoftwareVersionBuild", "MachineName",
	"Flags", "BindingID", "RecoveryForkID", "Collation", "FamilyGUID",
	"HasBulkLoggedData", "IsSnapshot", "IsReadOnly", "IsSingleUser",
	"HasBackupChecksums", "IsDamaged", "BeginsLogChain",
	"HasIncompleteMetaData", "IsForceOffline", "IsCopyOnly",
	"FirstRecoveryForkID", "ForkPointLSN", "RecoveryModel",
	"DifferentialBaseLSN", "DifferentialBaseGUID",
	"BackupTypeDescription", "BackupSetGUID", "CompressedBackupSize",
	"Containment", "KeyAlgorithm", "EncryptorThumbprint", "EncryptorType",
};

static const char *const file_columns[] = {
	"LogicalName", "PhysicalName", "Type", "FileGroupName", "Size",
	"MaxSize", "FileId", "CreateLSN", "DropLSN", "UniqueId",
	"ReadOnlyLSN", "ReadWriteLSN", "BackupSizeInBytes",
	"SourceBlockSize", "FileGroupId", "LogGroupGUID",
	"DifferentialBaseLSN", "DifferentialBaseGUID", "IsReadOnly",
	"IsPresent", "TDEThumbprint", "SnapshotUrl",
};

_Static_assert(ARRAY_COUNT(header_columns) <= CELLS_MAX, "room for a row");

/* A row under way: short values are kept in place, texts are borrowed. */
struct row {
	const char *cells[CELLS_MAX];
	char room[CELLS_MAX][ROOM];
	size_t count;
};

static void
add(struct row *row, const char *value)
{
	assert(row->count < CELLS_MAX);
	row->cells[row->count++] = value;
}

/* An empty text is a value that was not given. */
static void
add_text(struct row *row, const char *text)
{
	add(row, *text != '\0' ? text : NULL);
}

static void
add_number(struct row *row, uint64_t value)
{
	char *room = row->room[row->count];

	(void)snprintf(room, ROOM, "%llu", (unsigned long long)value);
	add(row, room);
}

static void
add_flag(struct row *row, int value)
{
	add(row, value ? "1" : "0");
}

static void
add_lsn(struct row *row, struct mtf_lsn lsn)
{
	add(row, mtf_lsn_is_set(lsn) ? mtf_lsn_format(lsn,
	    row->room[row->count]) : NULL);
}

static void
add_guid(struct row *row, const struct mtf_guid *guid)
{
	add(row, mtf_guid_is_set(guid) ? mtf_guid_format(guid,
	    row->room[row->count]) : NULL);
}

static void
add_date(struct row *row, struct mtf_date date)
{
	add(row, mtf_date_is_set(date) ? mtf_date_format(date,
	    row->room[row->count]) : NULL);
}

void
rows_label_columns(struct report *report)
{
	report_columns(report, label_columns, ARRAY_COUNT(label_columns));
}

void
rows_label(struct report *report, const struct mtf_label *label)
{
	struct row row = { .count = 0 };
	char *family;

	add_text(&row, label->name);
	add_guid(&row, &label->set_id);
	add_number(&row, label->family_count);
	add_number(&row, label->family_sequence);
	family = row.room[row.count];
	(void)snprintf(family, ROOM, "%08lX-0000-0000-0000-000000000000",
	    (unsigned long)label->family_id);
	add(&row, family);
	add_number(&row, label->media_sequence);
	add_flag(&row, 0);
	add_text(&row, label->description);
	add_text(&row, label->software);
	add_number(&row, label->vendor_id);
	add_date(&row, label->date);
	add_number(&row, label->mirror_count);
	add_flag(&row, 0);
	report_row(report, row.cells, row.count);
}

void
rows_header_columns(struct report *report)
{
	report_columns(report, header_columns, ARRAY_COUNT(header_columns));
}

/* BackupType and its description. */
static const struct {
	char type;
	const char *number;
	const char *description;
} types[] = {
	{ 'D', "1", "Database" },
	{ 'L', "2", "Transaction Log" },
	{ 'I', "5", "Database Differential" },
};

static void
add_origin(struct row *row, const struct mtf_set *set)
{
	add_number(row, set->sort_order);
	add_number(row, 0);
	add_number(row, set->locale_id);
	add_number(row, set->comparison_style);
	add_number(row, set->compatibility);
	add_number(row, set->vendor_id);
	add_number(row, set->software_major);
	add_number(row, set->software_minor);
	add_number(row, set->software_build);
	add_text(row, set->machine);
	add_number(row, set->flags & MTF_SCIN_FLAGS_SHOWN);
	add_guid(row, &set->binding_id);
	add_guid(row, &set->fork_id);
	add(row, NULL);
	add_guid(row, &set->family_guid);
	add_flag(row, (set->flags & MTF_SCIN_HAS_BULK) != 0);
	add_flag(row, (set->flags & MTF_SCIN_IS_SNAPSHOT) != 0);
	add_flag(row, (set->flags & MTF_SCIN_IS_READ_ONLY) != 0);
	add_flag(row, (set->flags & MTF_SCIN_IS_SINGLE_USER) != 0);
	add_flag(row, mtf_set_has_checksum(set));
	add_flag(row, (set->flags & MTF_SCIN_IS_DAMAGED) != 0);
	add_flag(row, set->type == 'L' && mtf_lsn_is_set(set->chain_lsn) &&
	    mtf_lsn_compare(set->chain_lsn, set->first_lsn) == 0);
	add_flag(row, (set->flags & MTF_SCIN_IS_INCOMPLETE) != 0);
	add_flag(row, (set->flags & MTF_SCIN_IS_NORECOVERY) != 0);
	add_flag(row, mtf_set_is_copy_only(set));
}

void
rows_header(struct report *report, const struct mtf_set *set)
{
	struct row row = { .count = 0 };
	const char *number = NULL;
	const char *description = NULL;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(types); i++)
		if (types[i].type == set->type) {
			number = types[i].number;
			description = types[i].description;
		}
	add_text(&row, set->name);
	add_text(&row, set->description);
	add(&row, number);
	add_date(&row, set->expiration);
	add_flag(&row, 0);
	add_number(&row, set->position);
	add_number(&row, DEVICE_TYPE_VIRTUAL);
	add_text(&row, set->user);
	add_text(&row, set->server);
	add_text(&row, set->database);
	add_number(&row, set->database_version);
	add_date(&row, set->created);
	add_number(&row, set->backup_size);
	add_lsn(&row, set->first_lsn);
	add_lsn(&row, set->last_lsn);
	add_lsn(&row, set->checkpoint_lsn);
	add_lsn(&row, set->database_lsn);
	add_date(&row, set->start);
	add_date(&row, set->finish);
	add_origin(&row, set);
	add_guid(&row, mtf_guid_is_set(&set->first_fork_id) ?
	    &set->first_fork_id : &set->fork_id);
	add_lsn(&row, set->fork_lsn);
	add_text(&row, mtf_set_recovery_model(set));
	add_lsn(&row, set->base_lsn);
	add_guid(&row, &set->base_guid);
	add(&row, description);
	add_guid(&row, &set->set_guid);
	add_number(&row, set->compressed_size);
	add_number(&row, 0);
	add(&row, NULL);
	add(&row, NULL);
	add(&row, NULL);
	report_row(report, row.cells, row.count);
}

void
rows_file_columns(struct report *report)
{
	report_columns(report, file_columns, ARRAY_COUNT(file_columns));
}

void
rows_file(struct report *report, const struct mtf_file *file)
{
	struct row row = { .count = 0 };
	char *type;

	add_text(&row, file->logical);
	add_text(&row, file->physical);
	type = row.room[row.count];
	type[0] = file->type;
	type[1] = '\0';
	add(&row, type);
	add_text(&row, file->group);
	add_number(&row, file->size);
	add_number(&row, file->max_size);
	add_number(&row, file->file_id);
	add_lsn(&row, file->create_lsn);
	add(&row, NULL);
	add_guid(&row, &file->unique_id);
	add(&row, NULL);
	add(&row, NULL);
	add_number(&row, file->backup_size);
	add_number(&row, file->source_block_size);
	add_number(&row, file->type == 'D' ? file->group_id : GROUP_LOG);
	add(&row, NULL);
	add_lsn(&row, file->base_lsn);
	add_guid(&row, &file->base_guid);
	add_flag(&row, 0);
	add_flag(&row, 1);
	add(&row, NULL);
	add(&row, NULL);
	report_row(report, row.cells, row.count);
}
