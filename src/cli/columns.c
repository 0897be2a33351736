/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/columns.h"

#include "cli/report_json.h"

#include <inttypes.h>
#include <stdio.h>

static void
set_text(json_t *object, const char *column, const char *text)
{
	report_json_set(object, column,
	    text[0] != '\0' ? report_json_text(text) : json_null());
}

static void
set_number(json_t *object, const char *column, uint64_t number)
{
	report_json_set(object, column, json_integer((json_int_t)number));
}

static void
set_bit(json_t *object, const char *column, bool bit)
{
	report_json_set(object, column, json_boolean(bit));
}

static void
set_lsn(json_t *object, const char *column, struct mtf_lsn lsn)
{
	char text[MTF_LSN_TEXT];

	report_json_set(object, column, mtf_lsn_is_set(lsn) ?
	    json_string(mtf_lsn_format(lsn, text)) : json_null());
}

static void
set_date(json_t *object, const char *column, struct mtf_date date)
{
	char text[MTF_DATE_TEXT];

	report_json_set(object, column, mtf_date_is_set(date) ?
	    json_string(mtf_date_format(date, text)) : json_null());
}

static void
set_guid(json_t *object, const char *column, const struct mtf_guid *guid)
{
	char text[MTF_GUID_TEXT];

	report_json_set(object, column, mtf_guid_is_set(guid) ?
	    json_string(mtf_guid_format(guid, text)) : json_null());
}

json_t *
columns_of_label(const struct mtf_label *label)
{
	json_t *object = json_object();
	char family[MTF_GUID_TEXT];

	/* The server pads the number to a GUID with zeros. */
	(void)snprintf(family, sizeof(family),
	    "%08" PRIX32 "-0000-0000-0000-000000000000", label->family_id);
	set_text(object, "MediaName", label->name);
	set_guid(object, "MediaSetId", &label->set_id);
	set_number(object, "FamilyCount", label->family_count);
	set_number(object, "FamilySequenceNumber", label->family_sequence);
	set_text(object, "MediaFamilyId", family);
	set_number(object, "MediaSequenceNumber", label->media_sequence);
	set_text(object, "MediaDescription", label->description);
	set_text(object, "SoftwareName", label->software);
	set_number(object, "SoftwareVendorId", label->vendor_id);
	set_date(object, "MediaDate", label->date);
	set_number(object, "MirrorCount", label->mirror_count);
	set_number(object, "BlockSize", label->block_size);
	return (object);
}

static void
set_type(json_t *object, char type)
{
	static const struct {
		char type;
		uint64_t number;
		const char *description;
	} types[] = {
		{ 'D', 1, "Database" },
		{ 'L', 2, "Transaction Log" },
		{ 'F', 4, "File or Filegroup" },
		{ 'I', 5, "Database Differential" },
		{ 'G', 6, "File Differential" },
		{ 'P', 7, "Partial" },
		{ 'Q', 8, "Partial Differential" },
		{ 0, 0, "" },
	};
	size_t i = 0;

	while (types[i].type != 0 && types[i].type != type)
		i++;
	set_number(object, "BackupType", types[i].number);
	set_text(object, "BackupTypeDescription", types[i].description);
}

static void
set_flags(json_t *object, const struct mtf_set *set)
{
	uint32_t flags = set->flags;

	set_number(object, "Flags", flags & MTF_SCIN_FLAGS_SHOWN);
	set_bit(object, "HasBulkLoggedData", flags & MTF_SCIN_HAS_BULK);
	set_bit(object, "IsSnapshot", flags & MTF_SCIN_IS_SNAPSHOT);
	set_bit(object, "IsReadOnly", flags & MTF_SCIN_IS_READ_ONLY);
	set_bit(object, "IsSingleUser", flags & MTF_SCIN_IS_SINGLE_USER);
	set_bit(object, "HasBackupChecksums", mtf_set_has_checksum(set));
	set_bit(object, "IsDamaged", flags & MTF_SCIN_IS_DAMAGED);
	set_bit(object, "BeginsLogChain", set->type == 'L' &&
	    mtf_lsn_is_set(set->chain_lsn) &&
	    mtf_lsn_compare(set->chain_lsn, set->first_lsn) == 0);
	set_bit(object, "HasIncompleteMetaData",
	    flags & MTF_SCIN_IS_INCOMPLETE);
	set_bit(object, "IsForceOffline", flags & MTF_SCIN_IS_NORECOVERY);
	set_bit(object, "IsCopyOnly", mtf_set_is_copy_only(set));
}

static void
set_lsns(json_t *object, const struct mtf_set *set)
{
	set_lsn(object, "FirstLSN", set->first_lsn);
	set_lsn(object, "LastLSN", set->last_lsn);
	set_lsn(object, "CheckpointLSN", set->checkpoint_lsn);
	set_lsn(object, "DatabaseBackupLSN", set->database_lsn);
	set_lsn(object, "ForkPointLSN", set->fork_lsn);
	set_lsn(object, "DifferentialBaseLSN", set->base_lsn);
}

static void
set_guids(json_t *object, const struct mtf_set *set)
{
	set_guid(object, "BindingID", &set->binding_id);
	set_guid(object, "RecoveryForkID", &set->fork_id);
	set_guid(object, "FirstRecoveryForkID",
	    mtf_guid_is_set(&set->first_fork_id) ? &set->first_fork_id :
	    &set->fork_id);
	set_guid(object, "FamilyGUID", &set->family_guid);
	set_guid(object, "DifferentialBaseGUID", &set->base_guid);
	set_guid(object, "BackupSetGUID", &set->set_guid);
}

json_t *
columns_of_set(const struct mtf_set *set)
{
	json_t *object = json_object();

	set_text(object, "BackupName", set->name);
	set_text(object, "BackupDescription", set->description);
	set_type(object, set->type);
	set_date(object, "ExpirationDate", set->expiration);
	set_number(object, "Position", set->position);
	set_text(object, "UserName", set->user);
	set_text(object, "ServerName", set->server);
	set_text(object, "DatabaseName", set->database);
	set_number(object, "DatabaseVersion", set->database_version);
	set_date(object, "DatabaseCreationDate", set->created);
	set_number(object, "BackupSize", set->backup_size);
	set_number(object, "CompressedBackupSize", set->compressed_size);
	set_lsns(object, set);
	set_date(object, "BackupStartDate", set->start);
	set_date(object, "BackupFinishDate", set->finish);
	set_number(object, "SortOrder", set->sort_order);
	set_number(object, "UnicodeLocaleId", set->locale_id);
	set_number(object, "UnicodeComparisonStyle", set->comparison_style);
	set_number(object, "CompatibilityLevel", set->compatibility);
	set_number(object, "SoftwareVendorId", set->vendor_id);
	set_number(object, "SoftwareVersionMajor", set->software_major);
	set_number(object, "SoftwareVersionMinor", set->software_minor);
	set_number(object, "SoftwareVersionBuild", set->software_build);
	set_text(object, "MachineName", set->machine);
	set_text(object, "RecoveryModel", mtf_set_recovery_model(set));
	set_flags(object, set);
	set_guids(object, set);
	return (object);
}

json_t *
columns_of_file(const struct mtf_file *file)
{
	json_t *object = json_object();
	char type[2] = { file->type, '\0' };

	set_text(object, "LogicalName", file->logical);
	set_text(object, "PhysicalName", file->physical);
	set_text(object, "Type", type);
	set_text(object, "FileGroupName", file->group);
	set_number(object, "Size", file->size);
	set_number(object, "MaxSize", file->max_size);
	set_number(object, "FileId", file->file_id);
	set_lsn(object, "CreateLSN", file->create_lsn);
	set_guid(object, "UniqueId", &file->unique_id);
	set_number(object, "BackupSizeInBytes", file->backup_size);
	set_number(object, "SourceBlockSize", file->source_block_size);
	set_number(object, "FileGroupId", file->group_id);
	set_lsn(object, "DifferentialBaseLSN", file->base_lsn);
	set_guid(object, "DifferentialBaseGUID", &file->base_guid);
	return (object);
}
