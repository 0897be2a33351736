/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "base/num.h"
#include "cli/common.h"
#include "cli/report_json.h"
#include "cli/text.h"
#include "store/scan.h"

#include <stdio.h>
#include <string.h>

static json_t *
entry_object(const struct scan_entry *entry)
{
	const struct manifest *manifest = entry->manifest;
	json_t *object = json_object();
	char id[MANIFEST_ID_ROOM];
	char time[PATH_TIME_ROOM];

	path_format_time(time, entry->name.started);
	if (manifest != NULL)
		manifest_format_id(id, manifest->id);
	report_json_set(object, "path", report_json_text(entry->folder));
	report_json_set(object, "state",
	    json_string(scan_state_name(entry->state)));
	report_json_set(object, "server", report_json_text(entry->server));
	report_json_set(object, "database",
	    report_json_text(entry->database));
	report_json_set(object, "type",
	    json_string(manifest_type_name(entry->name.type)));
	report_json_set(object, "started", json_string(time));
	report_json_set(object, "stored_bytes",
	    json_integer((json_int_t)entry->stored_bytes));
	report_json_set(object, "backup_id",
	    manifest != NULL ? json_string(id) : json_null());
	report_json_set(object, "stripes", manifest != NULL ?
	    json_integer((json_int_t)manifest->stripe_count) : json_null());
	report_json_set(object, "drill",
	    json_boolean(manifest != NULL && manifest->fault_count > 0));
	report_json_set(object, "problem", entry->problem.text[0] != '\0' ?
	    report_json_text(entry->problem.text) : json_null());
	return (object);
}

static json_t *
scan_object(const struct scan *scan)
{
	json_t *object = json_object();
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < scan->count; i++)
		if (json_array_append_new(array,
		        entry_object(&scan->entries[i])) != 0) {
			json_decref(array);
			array = NULL;
		}
	report_json_set(object, "backups", array);
	return (object);
}

/* Types are told in a column, which is that of "full" and "diff" unless there
 * is more. */
static int
type_width(const struct scan *scan)
{
	size_t widest = 4;
	size_t i;

	for (i = 0; i < scan->count; i++) {
		size_t width = strlen(manifest_type_name(
		    scan->entries[i].name.type));

		if (width > widest)
			widest = width;
	}
	return ((int)widest);
}

static void
add_entry(struct str *to, const struct scan_entry *entry, int width)
{
	char time[PATH_TIME_ROOM];
	char size[32];

	path_format_time(time, entry->name.started);
	str_addf(to, "%-10s  %s  %-*s  %10s  ", scan_state_name(entry->state),
	    time, width, manifest_type_name(entry->name.type),
	    num_format_size(entry->stored_bytes, size, sizeof(size)));
	text_add_shown(to, entry->folder);
	if (entry->manifest != NULL && entry->manifest->fault_count > 0)
		str_add(to, " (a fault drill)");
	str_add(to, "\n");
	if (entry->problem.text[0] == '\0')
		return;
	str_add(to, "            ");
	text_add_shown(to, entry->problem.text);
	str_add(to, "\n");
}

static int
print_entries(const struct scan *scan, struct error *error)
{
	int width = type_width(scan);
	struct str text;
	int status;
	size_t i;

	str_init(&text);
	for (i = 0; i < scan->count; i++)
		add_entry(&text, &scan->entries[i], width);
	status = str_check(&text, error);
	if (status == 0)
		(void)fwrite(text.text, 1, text.length, stdout);
	str_release(&text);
	return (status);
}

int
command_list(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct scan scan;
	int status = 0;

	if (arguments->operand_count != 1 ||
	    arguments->operands[0][0] == '\0')
		return (common_usage(arguments, error,
		    "'list' takes one store"));
	report_begin(report, NULL, arguments->operands[0]);
	if (scan_store(arguments->operands[0], &scan, error) != 0)
		return (-1);
	if (report_is_json(report))
		report_json_result(report, scan_object(&scan));
	else
		status = print_entries(&scan, error);
	scan_release(&scan);
	return (status);
}
