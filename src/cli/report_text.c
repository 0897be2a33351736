/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/report_text.h"

#include "base/num.h"
#include "cli/status.h"
#include "cli/text.h"
#include "runtime/vdi.h"
#include "sql/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
add_label(struct str *to, const char *label)
{
	str_addf(to, "  %-12s", label);
}

static void
add_line(struct str *to, const char *label, const char *text)
{
	add_label(to, label);
	text_add_shown(to, text);
	str_add(to, "\n");
}

/* "120.0 MiB/s"; nothing where there was no time to measure. */
static void
add_rate(struct str *to, uint64_t bytes, int64_t ns)
{
	char buffer[32];

	if (ns > 0)
		str_addf(to, "%s/s", num_format_size(
		    (uint64_t)((double)bytes * 1e9 / (double)ns), buffer,
		    sizeof(buffer)));
}

static void
add_sizes(struct str *to, const struct job_result *result)
{
	char buffer[32];

	add_label(to, "size");
	str_add(to, num_format_size(result->raw_bytes, buffer,
	    sizeof(buffer)));
	if (result->stored_bytes > 0) {
		str_addf(to, ", %s stored", num_format_size(
		    result->stored_bytes, buffer, sizeof(buffer)));
		str_addf(to, " (%.2f to 1)", (double)result->raw_bytes /
		    (double)result->stored_bytes);
	}
	str_add(to, "\n");
}

/* One that was given needs no telling. */
static void
add_levels(struct str *to, const struct job_result *result)
{
	const struct adapt_summary *levels = &result->levels.summary;

	if (!result->has_levels || !result->levels.automatic)
		return;
	add_label(to, "level");
	str_addf(to, "%.1f on average, %d to %d, %d at last (auto:%d..%d)\n",
	    levels->mean, levels->lowest, levels->highest, levels->last,
	    levels->bounds.min, levels->bounds.max);
}

static void
add_speed(struct str *to, const struct job_result *result)
{
	char buffer[32];

	add_label(to, "time");
	str_add(to, num_format_duration(result->elapsed_ns, buffer,
	    sizeof(buffer)));
	if (result->transfer_ns > 0 && result->raw_bytes > 0) {
		str_add(to, ", ");
		add_rate(to, result->raw_bytes, result->transfer_ns);
		str_add(to, " while data flowed");
	}
	str_addf(to, ", %u device%s\n", result->devices,
	    result->devices == 1 ? "" : "s");
}

void
report_text_summary(struct str *to, const char *command,
    const struct job_result *result)
{
	str_addf(to, "%s done", command);
	if (result->database != NULL) {
		str_add(to, ": \"");
		text_add_shown(to, result->database);
		str_add(to, "\"");
	}
	if (result->type[0] != '\0')
		str_addf(to, " (%s)", result->type);
	str_add(to, "\n");
	if (result->path != NULL)
		add_line(to, "where", result->path);
	if (result->backup_id[0] != '\0')
		add_line(to, "id", result->backup_id);
	add_sizes(to, result);
	add_levels(to, result);
	add_speed(to, result);
	if (result->faults_fired > 0)
		str_addf(to, "  %-12s%u fault%s fired: this is a drill\n",
		    "drill", result->faults_fired,
		    result->faults_fired == 1 ? "" : "s");
}

void
report_text_memory(struct str *to, const struct footprint *footprint)
{
	char buffer[32];

	str_addf(to, "%s at most", num_format_size(
	    footprint_sum(footprint), buffer, sizeof(buffer)));
	str_addf(to, ": %s shared with the server", num_format_size(
	    footprint->buffers, buffer, sizeof(buffer)));
	if (footprint->slots > 0)
		str_addf(to, ", %s for frames", num_format_size(
		    footprint->slots, buffer, sizeof(buffer)));
	if (footprint->contexts > 0)
		str_addf(to, ", %s to compress", num_format_size(
		    footprint->contexts, buffer, sizeof(buffer)));
	str_add(to, "\n");
}

void
report_text_use(struct str *to, const struct port_use *use)
{
	char buffer[32];

	add_label(to, "used");
	str_addf(to, "%s of the processor", num_format_duration(use->cpu_ns,
	    buffer, sizeof(buffer)));
	if (use->peak_bytes > 0)
		str_addf(to, ", %s of memory at most", num_format_size(
		    use->peak_bytes, buffer, sizeof(buffer)));
	str_add(to, "\n");
}

void
report_text_error(struct str *to, const struct error *error)
{
	if (error->kind != KIND_USAGE)
		str_add(to, "error: ");
	text_add_shown(to, error->text);
	str_add(to, "\n");
	if (error->hint[0] == '\0')
		return;
	if (error->kind != KIND_USAGE)
		add_line(to, "what to do", error->hint);
	else {
		text_add_shown(to, error->hint);
		str_add(to, "\n");
	}
}

static void
add_code(struct str *to, const struct error *error)
{
	const char *name;

	switch (error->origin) {
	case ORIGIN_VDI:
		str_addf(to, "  %-12s%s (0x%08" PRIX32 ")\n", "VDI code",
		    vdi_status_name((vd_status)(uint32_t)error->code),
		    (uint32_t)error->code);
		break;
	case ORIGIN_SYSTEM:
		name = status_errno_name(error->code);
		str_addf(to, "  %-12s%s (%ld)\n", "system",
		    name != NULL ? name : "error", error->code);
		break;
	case ORIGIN_CODEC:
		str_addf(to, "  %-12serror %ld\n", "zstd", error->code);
		break;
	case ORIGIN_SERVER:
	case ORIGIN_US:
		break;
	}
}

/* The server's errors, 3013 ("terminating abnormally") last: it only repeats
 * that the others happened. */
static void
add_messages(struct str *to, const struct job_result *result, bool last)
{
	size_t i;

	for (i = 0; i < result->message_count; i++) {
		const struct job_message *message = &result->messages[i];

		if ((message->number == 3013) != last ||
		    message_classify(message->number, message->level) !=
		    MESSAGE_ERROR)
			continue;
		add_label(to, "server");
		str_addf(to, "%d, level %d: ", message->number,
		    message->level);
		text_add_shown(to, message->text);
		str_add(to, "\n");
	}
}

static void
add_leftover(struct str *to, const struct job_result *result)
{
	if (result->leftover == NULL)
		return;
	add_line(to, "left behind", result->leftover);
	if (!result->leftover_adoptable)
		return;
	add_label(to, "");
	str_add(to, "'vdibackup adopt ");
	text_add_shown(to, result->leftover);
	str_add(to, "' makes a backup of it if it is whole\n");
}

/* We failed and the server did not: what it has done is not undone. */
static void
add_success(struct str *to, const char *command,
    const struct job_result *result)
{
	if (!result->server_succeeded)
		return;
	add_line(to, "server", strcmp(command, "restore") == 0 ?
	    "it reported success: what it has done stands" :
	    "it reported success: to the server this is a backup");
}

static void
add_notes(struct str *to, const struct job_result *result)
{
	unsigned i;

	for (i = 0; i < result->note_count; i++)
		add_line(to, "also", result->notes[i].text);
}

void
report_text_failure(struct str *to, const char *command,
    const struct job_result *result)
{
	const struct error *error = &result->error;

	str_add(to, "error: ");
	text_add_shown(to, error->text);
	str_add(to, "\n");
	if (error->stage[0] != '\0')
		add_line(to, "stage", error->stage);
	else if (result->phase[0] != '\0')
		add_line(to, "stage", result->phase);
	add_code(to, error);
	add_messages(to, result, false);
	add_messages(to, result, true);
	add_success(to, command, result);
	add_notes(to, result);
	add_leftover(to, result);
	if (result->faults_fired > 0)
		str_addf(to, "  %-12s%u fault%s fired: this is a drill\n",
		    "drill", result->faults_fired,
		    result->faults_fired == 1 ? "" : "s");
	if (error->hint[0] != '\0')
		add_line(to, "what to do", error->hint);
}

static void
add_verified(struct str *to, const struct inspect_backup *backup)
{
	char buffer[32];
	uint64_t raw_bytes = 0;
	uint64_t pages = 0;
	size_t i;

	for (i = 0; i < backup->file_count; i++) {
		raw_bytes += backup->files[i].raw_bytes;
		pages += backup->files[i].pages;
	}
	str_add(to, "good: ");
	text_add_shown(to, backup->path);
	str_addf(to, ": %zu file%s, %s", backup->file_count,
	    backup->file_count == 1 ? "" : "s",
	    num_format_size(raw_bytes, buffer, sizeof(buffer)));
	if (pages > 0)
		str_addf(to, ", %" PRIu64 " pages", pages);
	if (backup->is_drill)
		str_add(to, ", made in a fault drill");
	str_add(to, "\n");
}

static void
add_bad_files(struct str *to, const struct inspect_backup *backup)
{
	size_t i;

	for (i = 0; i < backup->file_count; i++) {
		const struct inspect_file *file = &backup->files[i];

		if (!error_is_set(&file->error))
			continue;
		add_label(to, "file");
		text_add_shown(to, file->path);
		str_add(to, ": ");
		text_add_shown(to, file->error.text);
		str_add(to, "\n");
	}
}

static void
add_refuted(struct str *to, const struct inspect_backup *backup)
{
	str_add(to, "BAD: ");
	text_add_shown(to, backup->path);
	str_add(to, ": ");
	text_add_shown(to, backup->error.text);
	str_add(to, "\n");
	add_bad_files(to, backup);
	if (backup->error.hint[0] != '\0')
		add_line(to, "what to do", backup->error.hint);
}

void
report_text_verify(struct str *to, const struct inspect_result *result)
{
	char buffer[32];
	size_t bad = 0;
	size_t i;

	for (i = 0; i < result->backup_count; i++) {
		if (error_is_set(&result->backups[i].error)) {
			add_refuted(to, &result->backups[i]);
			bad++;
		} else
			add_verified(to, &result->backups[i]);
	}
	if (bad == 0 && error_is_set(&result->error)) {
		report_text_error(to, &result->error);
		return;
	}
	str_addf(to, "%zu backup%s checked, %zu bad, %s", result->backup_count,
	    result->backup_count == 1 ? "" : "s", bad,
	    num_format_size(result->raw_bytes, buffer, sizeof(buffer)));
	str_addf(to, " in %s\n", num_format_duration(result->elapsed_ns,
	    buffer, sizeof(buffer)));
}

static void
add_adopted(struct str *to, const struct adopt_result *result,
    const struct inspect_backup *backup)
{
	char buffer[32];

	str_add(to, "adopt done: \"");
	text_add_shown(to, backup->database);
	str_addf(to, "\" (%s)\n", backup->type);
	add_line(to, "where", result->path);
	add_line(to, "id", backup->backup_id);
	add_label(to, "size");
	str_addf(to, "%s, ", num_format_size(result->verify.raw_bytes, buffer,
	    sizeof(buffer)));
	str_addf(to, "%s stored, every byte checked\n", num_format_size(
	    result->verify.stored_bytes, buffer, sizeof(buffer)));
	add_line(to, "server", "what it said of this backup is not on "
	    "record; the files are whole");
	if (backup->is_drill)
		add_line(to, "drill", "made in a fault drill, and stays one");
}

void
report_text_adopt(struct str *to, const struct adopt_result *result)
{
	if (error_is_set(&result->error)) {
		report_text_error(to, &result->error);
		if (result->verify.backup_count > 0)
			add_bad_files(to, &result->verify.backups[0]);
	} else {
		add_adopted(to, result, &result->verify.backups[0]);
	}
}
