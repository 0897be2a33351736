/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/commands.h"

#include "cli/attach.h"
#include "cli/columns.h"
#include "cli/common.h"
#include "cli/nearest.h"
#include "cli/report_json.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

/* ---- as JSON --------------------------------------------------------- */

static json_t *
files_array(const struct inspect_set *set)
{
	json_t *files = json_array();
	size_t i;

	for (i = 0; i < set->file_count; i++)
		if (json_array_append_new(files,
		        columns_of_file(&set->files[i])) != 0) {
			json_decref(files);
			return (NULL);
		}
	return (files);
}

static json_t *
sets_array(const struct inspect_show *show)
{
	json_t *sets = json_array();
	size_t i;

	for (i = 0; i < show->set_count; i++) {
		json_t *set = json_object();

		report_json_set(set, "final",
		    json_boolean(show->sets[i].is_final));
		report_json_set(set, "header",
		    columns_of_set(&show->sets[i].set));
		report_json_set(set, "files", files_array(&show->sets[i]));
		if (json_array_append_new(sets, set) != 0) {
			json_decref(sets);
			return (NULL);
		}
	}
	return (sets);
}

static json_t *
whole_object(const struct inspect_show *show)
{
	json_t *object = json_object();

	report_json_set(object, "label", columns_of_label(&show->label));
	report_json_set(object, "families_given",
	    json_integer(show->families_given));
	report_json_set(object, "sets", sets_array(show));
	return (object);
}

/* ---- one field ------------------------------------------------------- */

static void
print_value(const json_t *value)
{
	/* A number that does not fit is not in these columns. */
	if (json_is_string(value))
		puts(json_string_value(value));
	else if (json_is_integer(value))
		printf("%" JSON_INTEGER_FORMAT "\n",
		    json_integer_value(value));
	else if (json_is_boolean(value))
		puts(json_is_true(value) ? "1" : "0");
	else
		puts("");
}

/* "Position", where "position" was typed, or NULL. */
static const char *
nearest_column(json_t *whole, const char *name)
{
	json_t *set = json_array_get(json_object_get(whole, "sets"), 0);
	json_t *objects[] = {
		json_object_get(set, "header"),
		json_array_get(json_object_get(set, "files"), 0),
		json_object_get(whole, "label"),
	};
	const char *columns[128];
	struct nearest nearest;
	int count = 0;
	size_t i;

	nearest_begin(&nearest, name);
	for (i = 0; i < ARRAY_COUNT(objects); i++) {
		const char *column;
		json_t *value;

		json_object_foreach(objects[i], column, value) {
			if (count == (int)ARRAY_COUNT(columns))
				break;
			columns[count] = column;
			nearest_offer(&nearest, column, count++);
		}
	}
	i = (size_t)nearest_end(&nearest, (int)ARRAY_COUNT(columns));
	return (i < ARRAY_COUNT(columns) ? columns[i] : NULL);
}

/* The field of each set, of each of its files, or of the label. */
static int
print_field(json_t *whole, const char *name,
    const struct arguments *arguments, struct error *error)
{
	json_t *label = json_object_get(json_object_get(whole, "label"), name);
	const char *near;
	size_t printed = 0;
	size_t i;
	size_t j;
	json_t *set;
	json_t *file;

	json_array_foreach(json_object_get(whole, "sets"), i, set) {
		json_t *value = json_object_get(json_object_get(set,
		    "header"), name);

		if (value != NULL) {
			print_value(value);
			printed++;
			continue;
		}
		json_array_foreach(json_object_get(set, "files"), j, file) {
			value = json_object_get(file, name);
			if (value == NULL)
				continue;
			print_value(value);
			printed++;
		}
	}
	if (printed > 0)
		return (0);
	if (label != NULL) {
		print_value(label);
		return (0);
	}
	near = nearest_column(whole, name);
	return (common_usage(arguments, error,
	    "'--field' cannot be \"%s\": there is no such column%s%s%s", name,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : ""));
}

/* ---- all of it ------------------------------------------------------- */

static int
show_all(const struct inspect_show *show, const struct arguments *arguments,
    struct report *report, struct error *error)
{
	const char *field = arguments_text(arguments, OPTION_FIELD);
	json_t *whole;
	int status = 0;

	if (field == NULL && !report_is_json(report))
		return (table_print(stdout, show, error));
	whole = whole_object(show);
	if (field != NULL)
		status = print_field(whole, field, arguments, error);
	else
		report_json_result(report, json_incref(whole));
	json_decref(whole);
	return (status);
}

int
command_show(const struct arguments *arguments, struct report *report,
    struct error *error)
{
	struct inspect_options options;
	struct inspect_show show;
	int status;

	if (arguments_exclude(arguments, OPTION_JSON, OPTION_FIELD, NULL,
	        error) != 0 ||
	    common_fill_inspect(&options, arguments, error) != 0)
		return (-1);
	attach_inspect(&options, report);
	report_begin(report, NULL, arguments->operands[0]);
	memset(&show, 0, sizeof(show));
	status = inspect_show(arguments->operands, arguments->operand_count,
	    &options, &show, error);
	if (status == 0)
		status = show_all(&show, arguments, report, error);
	inspect_show_release(&show);
	return (status);
}
