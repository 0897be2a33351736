/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/table.h"

#include "base/num.h"
#include "base/str.h"
#include "cli/text.h"

#include <string.h>

static void
add_row(struct str *to, const char *label, const char *text)
{
	if (text[0] == '\0')
		return;
	str_addf(to, "  %-18s", label);
	text_add_shown(to, text);
	str_add(to, "\n");
}

static void
add_lsn(struct str *to, const char *label, struct mtf_lsn lsn)
{
	char text[MTF_LSN_TEXT];

	if (mtf_lsn_is_set(lsn))
		add_row(to, label, mtf_lsn_format(lsn, text));
}

static void
add_date(struct str *to, const char *label, struct mtf_date date)
{
	char text[MTF_DATE_TEXT];

	if (mtf_date_is_set(date))
		add_row(to, label, mtf_date_format(date, text));
}

static void
add_label(struct str *to, const struct inspect_show *show)
{
	const struct mtf_label *label = &show->label;
	char guid[MTF_GUID_TEXT];

	str_addf(to, "media set %s: ", mtf_guid_format(&label->set_id, guid));
	if (label->family_count == 1)
		str_add(to, "1 stripe\n");
	else
		str_addf(to, "%u stripes, %u given\n", label->family_count,
		    show->families_given);
	add_row(to, "media name", label->name);
	add_row(to, "description", label->description);
	add_row(to, "written by", label->software);
	str_addf(to, "  %-18s%u\n", "block size", label->block_size);
}

static const char *
type_name(char type)
{
	switch (type) {
	case 'D':
		return ("full backup");
	case 'I':
		return ("differential backup");
	case 'L':
		return ("log backup");
	case 'F':
		return ("backup of files");
	case 'G':
		return ("differential backup of files");
	case 'P':
		return ("partial backup");
	case 'Q':
		return ("differential partial backup");
	default:
		return ("backup of an unknown type");
	}
}

static void
add_flag(struct str *to, bool is_set, const char *name)
{
	if (is_set)
		str_addf(to, "%s%s", to->length > 0 ? ", " : "", name);
}

static void
add_flags(struct str *to, const struct mtf_set *set)
{
	struct str flags;

	str_init(&flags);
	add_flag(&flags, mtf_set_has_checksum(set), "checksums");
	add_flag(&flags, mtf_set_is_copy_only(set), "copy only");
	add_flag(&flags, set->flags & MTF_SCIN_IS_READ_ONLY, "read only");
	add_flag(&flags, set->flags & MTF_SCIN_IS_SINGLE_USER, "single user");
	add_flag(&flags, set->flags & MTF_SCIN_IS_SNAPSHOT, "snapshot");
	add_flag(&flags, set->flags & MTF_SCIN_HAS_BULK, "bulk-logged data");
	add_flag(&flags, set->flags & MTF_SCIN_IS_TAIL, "tail of the log");
	add_flag(&flags, set->flags & MTF_SCIN_IS_DAMAGED, "DAMAGED");
	add_flag(&flags, set->flags & MTF_SCIN_IS_INCOMPLETE,
	    "metadata incomplete");
	add_row(to, "flags", flags.text);
	to->failed |= flags.failed;
	str_release(&flags);
}

static void
add_server(struct str *to, const struct mtf_set *set)
{
	str_addf(to, "  %-18s", "server");
	text_add_shown(to, set->server);
	str_addf(to, ", version %u.%u.%u, compatibility %u, %s\n",
	    set->software_major, set->software_minor, set->software_build,
	    set->compatibility, mtf_set_recovery_model(set));
}

static void
add_set(struct str *to, const struct inspect_set *entry)
{
	const struct mtf_set *set = &entry->set;
	char buffer[32];

	str_addf(to, "\nset %u: %s of \"", set->position,
	    type_name(set->type));
	text_add_shown(to, set->database);
	str_add(to, "\"\n");
	add_row(to, "name", set->name);
	add_row(to, "description", set->description);
	add_server(to, set);
	add_row(to, "machine", set->machine);
	add_row(to, "user", set->user);
	add_date(to, "started", set->start);
	add_date(to, "finished", set->finish);
	add_date(to, "expires", set->expiration);
	add_row(to, "size", num_format_size(set->backup_size, buffer,
	    sizeof(buffer)));
	add_flags(to, set);
	add_lsn(to, "first LSN", set->first_lsn);
	add_lsn(to, "last LSN", set->last_lsn);
	add_lsn(to, "checkpoint LSN", set->checkpoint_lsn);
	add_lsn(to, "last full LSN", set->database_lsn);
	add_lsn(to, "base LSN", set->base_lsn);
	if (!entry->is_final)
		add_row(to, "note", "the closing values were not found; "
		    "what the stream said at its start is shown");
}

/* Columns that UTF-8 text takes, near enough for a table. */
static size_t
width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xC0) != 0x80;
	return (width);
}

static void
add_padded(struct str *to, const char *text, size_t width)
{
	struct str shown;
	size_t used;

	str_init(&shown);
	text_add_shown(&shown, text);
	used = width_of(shown.text);
	str_add(to, shown.text);
	to->failed |= shown.failed;
	str_addf(to, "%*s", (int)(used < width ? width - used : 0) + 2, "");
	str_release(&shown);
}

static void
add_files(struct str *to, const struct inspect_set *entry)
{
	size_t logical = strlen("logical name");
	size_t group = strlen("file group");
	char buffer[32];
	size_t i;

	for (i = 0; i < entry->file_count; i++) {
		size_t width = width_of(entry->files[i].logical);

		logical = width > logical ? width : logical;
		width = width_of(entry->files[i].group);
		group = width > group ? width : group;
	}
	if (entry->file_count > 0)
		str_addf(to, "  file  %-*s  %-*s  %10s  %s\n", (int)logical,
		    "logical name", (int)group, "file group", "size",
		    "physical name");
	for (i = 0; i < entry->file_count; i++) {
		const struct mtf_file *file = &entry->files[i];

		str_addf(to, "  %c     ", file->type);
		add_padded(to, file->logical, logical);
		add_padded(to, file->group, group);
		str_addf(to, "%10s  ", num_format_size(file->size, buffer,
		    sizeof(buffer)));
		text_add_shown(to, file->physical);
		str_add(to, "\n");
	}
}

int
table_print(FILE *to, const struct inspect_show *show, struct error *error)
{
	struct str text;
	int status;
	size_t i;

	str_init(&text);
	add_label(&text, show);
	for (i = 0; i < show->set_count; i++) {
		add_set(&text, &show->sets[i]);
		add_files(&text, &show->sets[i]);
	}
	status = str_check(&text, error);
	if (status == 0)
		(void)fwrite(text.text, 1, text.length, to);
	str_release(&text);
	return (status);
}
