/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/message.h"

#include <assert.h>
#include <string.h>

/* %1 to %4 are the places for values. */
static const struct entry {
	int number;
	int level;
	const char *text;
} entries[] = {
	{ MESSAGE_NOTE, 0, "%1" },
	{ MESSAGE_SYNTAX, 15, "Incorrect syntax near '%1'." },
	{ MESSAGE_OPEN_QUOTE, 15, "Unclosed quotation mark after the "
	    "character string '%1'." },
	{ MESSAGE_OPEN_COMMENT, 15, "Missing end comment mark '*/'." },
	{ MESSAGE_BAD_VALUE, 15, "Invalid usage of the option %1 in the %2." },
	{ MESSAGE_NO_OPTION, 15, "'%1' is not a recognized %2 option." },
	{ MESSAGE_NO_MEMORY, 17, "There is insufficient system memory to run "
	    "this statement." },
	{ MESSAGE_NO_DATABASE, 16, "Database '%1' does not exist. Make sure "
	    "that the name is entered correctly." },
	{ MESSAGE_LOCK_TIMEOUT, 16, "Lock request time out period exceeded "
	    "for database '%1': another process holds the lock of the file "
	    "\"%2\"." },
	{ MESSAGE_NO_COMPRESSION, 16, "%1 is not supported on vdi-engine." },
	{ MESSAGE_TERMINATING, 16, "%1 is terminating abnormally." },
	{ MESSAGE_PROCESSED, 0, "%1 successfully processed %2 pages in %3 "
	    "seconds (%4 MB/sec)." },
	{ MESSAGE_CONFLICT, 16, "Option '%1' conflicts with option(s) '%2'. "
	    "Remove the conflicting option and reissue the statement." },
	{ MESSAGE_NO_DIFFERENTIAL, 16, "Cannot perform a differential backup "
	    "for database \"%1\", because no record of changed pages is kept. "
	    "Perform a full database backup by reissuing BACKUP DATABASE, "
	    "omitting the WITH DIFFERENTIAL option." },
	{ MESSAGE_EMPTY_DEVICE, 16, "Invalid zero-length device name. "
	    "Reissue the statement with a valid device name." },
	{ MESSAGE_IN_USE, 16, "Exclusive access could not be obtained because "
	    "the database '%1' is in use." },
	{ MESSAGE_FAMILIES, 16, "The media set has %1 media families but only "
	    "%2 are provided. All members must be provided." },
	{ MESSAGE_EXISTS, 16, "The database \"%1\" exists: the file \"%2\" is "
	    "not empty. Use the WITH REPLACE clause of the RESTORE statement "
	    "to overwrite the contents of the file." },
	{ MESSAGE_OTHER_SERVER, 16, "The database was backed up by another "
	    "kind of server (\"%1\"). That backup is incompatible with "
	    "vdi-engine, which restores SQLite databases only." },
	{ MESSAGE_BAD_PAGE, 16, "RESTORE detected an error on page (%1:%2) in "
	    "database \"%3\" as read from the backup set." },
	{ MESSAGE_DAMAGE_PASSED, 10, "RESTORE WITH CONTINUE_AFTER_ERROR was "
	    "successful but some damage was encountered. Inconsistencies in "
	    "the database are possible." },
	{ MESSAGE_NO_CHECKSUM, 16, "RESTORE WITH CHECKSUM cannot be specified "
	    "because the backup set does not contain checksum information." },
	{ MESSAGE_DAMAGE, 16, "Damage to the backup set was detected: %1." },
	{ MESSAGE_WRITE_FAILED, 16, "Write on \"%1\" failed: %2" },
	{ MESSAGE_READ_FAILED, 16, "Read on \"%1\" failed: %2" },
	{ MESSAGE_CANCELLED, 16, "The backup or restore was aborted." },
	{ MESSAGE_TOO_MANY_DEVICES, 16, "Too many backup devices specified "
	    "for backup or restore; only %1 are allowed." },
	{ MESSAGE_PERCENT, 0, "%1 percent processed." },
	{ MESSAGE_FAMILY_TWICE, 16, "The backup media on \"%1\" is part of "
	    "media family %2 which has already been processed on \"%3\". "
	    "Ensure that backup devices are correctly specified." },
	{ MESSAGE_FAMILIES_EXPECTED, 16, "The media loaded on \"%1\" is "
	    "formatted to support %2 media families, but %3 media families "
	    "are expected according to the backup device specification." },
	{ MESSAGE_NO_FILE, 16, "Logical file '%1' is not part of database "
	    "'%2'. Use RESTORE FILELISTONLY to list the logical file names." },
	{ MESSAGE_BAD_FAMILY, 16, "The media family on device '%1' is "
	    "incorrectly formed. The server cannot process this media family: "
	    "%2." },
	{ MESSAGE_NO_FORMAT, 16, "The file on device '%1' is not a valid tape "
	    "format backup set: %2." },
	{ MESSAGE_SEQUENCE, 16, "The volume on device '%1' has the wrong "
	    "media sequence number (%2). Remove it and insert volume %3." },
	{ MESSAGE_NEXT_STREAM, 0, "The media family on device '%1' is "
	    "complete. The device is now used for one of the remaining "
	    "families." },
	{ MESSAGE_OTHER_MEDIA, 16, "The volume on the device \"%1\" is not "
	    "part of the media set that is currently being processed. Ensure "
	    "that the backup devices are loaded with the correct media." },
	{ MESSAGE_VALID, 0, "The backup set on file %1 is valid." },
	{ MESSAGE_BAD_END, 16, "The backup data at the end of \"%1\" are not "
	    "well formed: %2. Nothing can be appended; BACKUP WITH FORMAT "
	    "overwrites the media." },
	{ MESSAGE_SECTOR_SIZE, 16, "Cannot use the media on \"%1\" because "
	    "they were formatted with blocks of %2 bytes and the device has "
	    "blocks of %3." },
	{ MESSAGE_IO_ERROR, 16, "A nonrecoverable I/O error occurred on file "
	    "\"%1\" %2." },
	{ MESSAGE_NO_SNAPSHOT, 16, "WITH SNAPSHOT can be used only if the "
	    "backup set was created WITH SNAPSHOT." },
	{ MESSAGE_SNAPSHOT_DEVICES, 16, "WITH SNAPSHOT must be used with only "
	    "one virtual device." },
	{ MESSAGE_NEXT_MEDIUM, 0, "The medium on device '%1' is full. Mount "
	    "volume %2." },
	{ MESSAGE_FILE_PROCESSED, 0, "Processed %1 pages for database '%2', "
	    "file '%3' on file %4." },
	{ MESSAGE_OTHER_NAME, 16, "The media name '%1' does not match the "
	    "name '%2' of the media on device '%3'." },
	{ MESSAGE_NO_SET, 16, "Cannot find file ID %1 on device '%2'." },
	{ MESSAGE_NO_LOG, 16, "The statement %1 is not allowed while the "
	    "recovery model is SIMPLE: a SQLite database keeps no log to back "
	    "up. Use BACKUP DATABASE." },
	{ MESSAGE_CANNOT_OPEN_FILE, 16, "Unable to open the physical file "
	    "\"%1\". Operating system error %2." },
	{ MESSAGE_CANNOT_CREATE_FILE, 16, "%1 encountered operating system "
	    "error %2 while attempting to write the physical file '%3'." },
	{ MESSAGE_BAD_DATABASE, 16, "The file \"%1\" is not a valid database "
	    "file: %2." },
	{ MESSAGE_DEVICE_FAILED, 16, "%1: %2 failure on backup device '%3'. "
	    "Operating system error %4." },
	{ MESSAGE_NO_STATEMENT, 16, "Statement '%1' is not supported in this "
	    "version of the server." },
	{ MESSAGE_NOT_DONE_HERE, 16, "Keyword or statement option '%1' is not "
	    "supported in this version of the server." },
};

static const struct entry *
find(int number)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(entries); i++)
		if (entries[i].number == number)
			return (&entries[i]);
	return (NULL);
}

int
message_level(int number)
{
	const struct entry *entry = find(number);

	return (entry != NULL ? entry->level : -1);
}

void
message_format(struct str *to, int number, const char *const *args,
    size_t count)
{
	const struct entry *entry = find(number);
	const char *at;

	assert(entry != NULL);
	for (at = entry->text; *at != '\0'; at++) {
		size_t place = (size_t)(at[1] - '1');

		if (*at != '%' || place >= MESSAGE_ARGS) {
			str_add_bytes(to, at, 1);
			continue;
		}
		if (place < count)
			str_add(to, args[place]);
		at++;
	}
}

void
message_code(struct str *to, unsigned code, const char *text)
{
	str_addf(to, "%u(%s)", code, text);
}
