/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/bytes.h"
#include "mtf/parse.h"

#include <string.h>

#define ANY_BACKUP "Name a backup that the server has written."

/* Files that people may take for a backup, by their first bytes. */
static const struct foreign {
	const char *magic;
	size_t size;
	const char *what;
	const char *hint;
} foreigners[] = {
	{ "MSSQLBAK", 8, "a compressed SQL Server backup",
	    "Let the server inspect it with RESTORE HEADERONLY or RESTORE"
	    " VERIFYONLY, or make backups WITH NO_COMPRESSION." },
	{ "\x28\xB5\x2F\xFD", 4, "a zstd file", "Unpack it first." },
	{ "\x2A\x4D\x18", 3, "a zstd file", "Unpack it first." },
	{ "\x1F\x8B", 2, "a gzip file", "Unpack it first." },
	{ "PK\x03\x04", 4, "a zip file", "Unpack it first." },
	{ "SQLite format 3", 15, "an SQLite database", ANY_BACKUP },
	{ "\x01\x0F\x00\x00", 4, "a SQL Server database file",
	    ANY_BACKUP }
};

int
mtf_foreign_refuse(struct mtf_reader *r, const uint8_t *p)
{
	char name[MTF_TAG_TEXT];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(foreigners); i++) {
		const struct foreign *f = &foreigners[i];
		/* The first byte of a skippable zstd frame varies. */
		size_t at = f->size == 3 && p[0] >> 4 == 5 ? 1 : 0;

		if (memcmp(p + at, f->magic, f->size) != 0)
			continue;
		mtf_fail(r,
		    "this is %s, not a plain SQL Server backup", f->what);
		error_hint(&r->error, "%s", f->hint);
		return (-1);
	}
	mtf_fail(r, "this is not a SQL Server backup: it begins with"
	    " \"%s\" where \"TAPE\" was expected",
	    mtf_tag_text(bytes_get32(p), name));
	error_hint(&r->error, "%s", ANY_BACKUP);
	return (-1);
}
