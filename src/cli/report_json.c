/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/report_json.h"

#include "cli/signals.h"
#include "cli/status.h"
#include "cli/text.h"
#include "runtime/vdi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a shell shows for a process that a signal ended. */
#define SIGNAL_BASE 128

/* Set in an object that lost a member for lack of memory. */
#define INCOMPLETE_KEY "incomplete"

json_t *
report_json_text(const char *text)
{
	struct str copy;
	json_t *value = NULL;

	if (text == NULL)
		return (json_null());
	str_init(&copy);
	text_add_utf8(&copy, text);
	if (!copy.failed)
		value = json_stringn(copy.text, copy.length);
	str_release(&copy);
	return (value);
}

void
report_json_set(json_t *object, const char *key, json_t *value)
{
	/* json_true() takes no memory of its own, the slot might. */
	if (json_object_set_new(object, key, value) != 0 && object != NULL)
		IGNORE_RESULT(json_object_set_new(object, INCOMPLETE_KEY,
		    json_true()));
}

static json_t *
number(uint64_t value)
{
	return (json_integer((json_int_t)value));
}

static json_t *
seconds(int64_t ns)
{
	/* Whole microseconds: a digit more is not information. */
	return (json_real((double)(ns / 1000) / 1e6));
}

json_t *
report_json_event(const char *name)
{
	json_t *object = json_object();

	report_json_set(object, "event", json_string(name));
	return (object);
}

json_t *
report_json_of_event(const struct job_event *event)
{
	static const char *const names[] = {
		[JOB_EVENT_PHASE] = "phase",
		[JOB_EVENT_STATEMENT] = "statement",
		[JOB_EVENT_PROGRESS] = "progress",
		[JOB_EVENT_MESSAGE] = "message",
		[JOB_EVENT_WARNING] = "warning",
		[JOB_EVENT_FAULT] = "fault",
	};
	json_t *object = report_json_event(names[event->type]);

	if (event->type == JOB_EVENT_PROGRESS) {
		report_json_set(object, "percent", event->percent < 0 ?
		    json_null() : json_integer(event->percent));
		report_json_set(object, "raw_bytes",
		    number(event->raw_bytes));
		report_json_set(object, "stored_bytes",
		    number(event->stored_bytes));
		report_json_set(object, "seconds",
		    seconds(event->elapsed_ns));
		return (object);
	}
	if (event->type == JOB_EVENT_MESSAGE) {
		report_json_set(object, "number",
		    json_integer(event->number));
		report_json_set(object, "level", json_integer(event->level));
	}
	report_json_set(object, event->type == JOB_EVENT_PHASE ? "phase" :
	    "text", report_json_text(event->text));
	return (object);
}

json_t *
report_json_error(const struct error *error)
{
	json_t *object;

	if (!error_is_set(error))
		return (json_null());
	object = json_object();
	report_json_set(object, "kind",
	    json_string(status_name(error->kind)));
	report_json_set(object, "stage", error->stage[0] != '\0' ?
	    report_json_text(error->stage) : json_null());
	report_json_set(object, "origin",
	    json_string(status_origin_name(error->origin)));
	report_json_set(object, "code", json_integer(error->code));
	if (error->origin == ORIGIN_VDI)
		report_json_set(object, "name", json_string(
		    vdi_status_name((vd_status)(uint32_t)error->code)));
	else if (error->origin == ORIGIN_SYSTEM)
		report_json_set(object, "name", report_json_text(
		    status_errno_name(error->code)));
	report_json_set(object, "text", report_json_text(error->text));
	report_json_set(object, "hint", error->hint[0] != '\0' ?
	    report_json_text(error->hint) : json_null());
	return (object);
}

json_t *
report_json_verdict(const char *command, const struct error *error,
    int signal_number)
{
	json_t *object = report_json_event("result");
	int is_ended = error_is_set(error) && signal_number != 0;

	report_json_set(object, "command", report_json_text(command));
	report_json_set(object, "status",
	    json_string(status_name(error->kind)));
	report_json_set(object, "exit_code", json_integer(is_ended ?
	    SIGNAL_BASE + signal_number : status_of(error->kind)));
	report_json_set(object, "signal", is_ended ?
	    json_string(signals_name(signal_number)) : json_null());
	report_json_set(object, "error", report_json_error(error));
	return (object);
}

static json_t *
stripes_array(const struct job_result *result)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < result->stripe_count; i++) {
		const struct job_stripe *stripe = &result->stripes[i];
		json_t *object = json_object();

		report_json_set(object, "file",
		    report_json_text(stripe->file));
		report_json_set(object, "raw_bytes",
		    number(stripe->raw_bytes));
		report_json_set(object, "stored_bytes",
		    number(stripe->stored_bytes));
		report_json_set(object, "frames", number(stripe->frames));
		report_json_set(object, "sha256", stripe->sha256[0] != '\0' ?
		    json_string(stripe->sha256) : json_null());
		report_json_set(object, "xxh128", stripe->xxh128[0] != '\0' ?
		    json_string(stripe->xxh128) : json_null());
		if (json_array_append_new(array, object) != 0) {
			json_decref(array);
			return (NULL);
		}
	}
	return (array);
}

static json_t *
messages_array(const struct job_result *result)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < result->message_count; i++) {
		const struct job_message *message = &result->messages[i];
		json_t *object = json_object();

		report_json_set(object, "number",
		    json_integer(message->number));
		report_json_set(object, "level",
		    json_integer(message->level));
		report_json_set(object, "text",
		    report_json_text(message->text));
		if (json_array_append_new(array, object) != 0) {
			json_decref(array);
			return (NULL);
		}
	}
	return (array);
}

static json_t *
notes_array(const struct job_result *result)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < result->note_count; i++)
		if (json_array_append_new(array,
		        report_json_error(&result->notes[i])) != 0) {
			json_decref(array);
			return (NULL);
		}
	return (array);
}

static json_t *
text_or_null(const char *text)
{
	return (text[0] != '\0' ? report_json_text(text) : json_null());
}

static json_t *
witnesses_object(const struct job_result *result)
{
	json_t *object = json_object();

	report_json_set(object, "devices", json_integer(result->devices));
	report_json_set(object, "devices_closed",
	    json_integer(result->devices_closed));
	report_json_set(object, "server_succeeded",
	    json_boolean(result->server_succeeded));
	report_json_set(object, "manifest_durable",
	    json_boolean(result->manifest_durable));
	return (object);
}

static json_t *
levels_object(const struct job_levels *levels)
{
	const struct adapt_summary *summary = &levels->summary;
	json_t *object = json_object();

	report_json_set(object, "auto", json_boolean(levels->automatic));
	report_json_set(object, "min", json_integer(summary->bounds.min));
	report_json_set(object, "max", json_integer(summary->bounds.max));
	report_json_set(object, "lowest", json_integer(summary->lowest));
	report_json_set(object, "highest", json_integer(summary->highest));
	report_json_set(object, "last", json_integer(summary->last));
	report_json_set(object, "mean", json_real(summary->mean));
	return (object);
}

void
report_json_add_job(json_t *verdict, const struct job_result *result)
{
	report_json_set(verdict, "phase", text_or_null(result->phase));
	report_json_set(verdict, "server", report_json_text(result->server));
	report_json_set(verdict, "database",
	    report_json_text(result->database));
	report_json_set(verdict, "type", text_or_null(result->type));
	report_json_set(verdict, "backup_id",
	    text_or_null(result->backup_id));
	report_json_set(verdict, "path", report_json_text(result->path));
	report_json_set(verdict, "leftover",
	    report_json_text(result->leftover));
	report_json_set(verdict, "leftover_adoptable",
	    json_boolean(result->leftover_adoptable));
	report_json_set(verdict, "witnesses", witnesses_object(result));
	report_json_set(verdict, "complete_enabled",
	    json_boolean(result->complete_enabled));
	report_json_set(verdict, "set_wide_hold",
	    json_boolean(result->set_wide_hold));
	report_json_set(verdict, "memory_bound",
	    footprint_sum(&result->footprint) > 0 ?
	    number(footprint_sum(&result->footprint)) : json_null());
	report_json_set(verdict, "level", result->has_levels ?
	    levels_object(&result->levels) : json_null());
	report_json_set(verdict, "raw_bytes", number(result->raw_bytes));
	report_json_set(verdict, "stored_bytes",
	    number(result->stored_bytes));
	report_json_set(verdict, "commands", number(result->commands));
	report_json_set(verdict, "seconds", seconds(result->elapsed_ns));
	report_json_set(verdict, "start_seconds", seconds(result->start_ns));
	report_json_set(verdict, "transfer_seconds",
	    seconds(result->transfer_ns));
	report_json_set(verdict, "stripes", stripes_array(result));
	report_json_set(verdict, "statement",
	    report_json_text(result->statement));
	report_json_set(verdict, "messages", messages_array(result));
	report_json_set(verdict, "notes", notes_array(result));
	report_json_set(verdict, "faults_fired",
	    json_integer(result->faults_fired));
}

void
report_json_add_use(json_t *verdict, const struct port_use *use)
{
	report_json_set(verdict, "cpu_seconds", seconds(use->cpu_ns));
	report_json_set(verdict, "peak_memory", use->peak_bytes > 0 ?
	    number(use->peak_bytes) : json_null());
}

static json_t *
file_object(const struct inspect_file *file)
{
	json_t *object = json_object();

	report_json_set(object, "path", report_json_text(file->path));
	report_json_set(object, "good",
	    json_boolean(!error_is_set(&file->error)));
	report_json_set(object, "error", report_json_error(&file->error));
	report_json_set(object, "raw_bytes", number(file->raw_bytes));
	report_json_set(object, "stored_bytes", number(file->stored_bytes));
	report_json_set(object, "frames", number(file->frames));
	report_json_set(object, "pages", number(file->pages));
	report_json_set(object, "checksums", json_integer(file->checksums));
	return (object);
}

static json_t *
backup_object(const struct inspect_backup *backup)
{
	json_t *object = json_object();
	json_t *files = json_array();
	size_t i;

	report_json_set(object, "path", report_json_text(backup->path));
	report_json_set(object, "good",
	    json_boolean(!error_is_set(&backup->error)));
	report_json_set(object, "error", report_json_error(&backup->error));
	report_json_set(object, "backup_id",
	    text_or_null(backup->backup_id));
	report_json_set(object, "server", report_json_text(backup->server));
	report_json_set(object, "database",
	    report_json_text(backup->database));
	report_json_set(object, "type", text_or_null(backup->type));
	report_json_set(object, "has_manifest",
	    json_boolean(backup->has_manifest));
	report_json_set(object, "drill", json_boolean(backup->is_drill));
	for (i = 0; i < backup->file_count; i++)
		if (json_array_append_new(files,
		        file_object(&backup->files[i])) != 0) {
			json_decref(files);
			files = NULL;
		}
	report_json_set(object, "files", files);
	return (object);
}

void
report_json_add_verify(json_t *verdict, const struct inspect_result *result)
{
	json_t *backups = json_array();
	size_t i;

	report_json_set(verdict, "raw_bytes", number(result->raw_bytes));
	report_json_set(verdict, "stored_bytes",
	    number(result->stored_bytes));
	report_json_set(verdict, "seconds", seconds(result->elapsed_ns));
	for (i = 0; i < result->backup_count; i++)
		if (json_array_append_new(backups,
		        backup_object(&result->backups[i])) != 0) {
			json_decref(backups);
			backups = NULL;
		}
	report_json_set(verdict, "backups", backups);
}

int
report_json_write(FILE *to, json_t *object)
{
	char *line = NULL;
	int result = -1;

	/* Without memory for a part of it jansson may leave that out. */
	errno = 0;
	if (object != NULL)
		line = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (errno == ENOMEM) {
		free(line);
		line = NULL;
	}
	if (line != NULL && fprintf(to, "%s\n", line) >= 0 &&
	    fflush(to) == 0 &&
	    json_object_get(object, INCOMPLETE_KEY) == NULL)
		result = 0;
	free(line);
	json_decref(object);
	return (result);
}
