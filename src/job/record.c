/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* As SQL Server tells backups apart: a backup of parts is never a full one. */
static enum manifest_type
manifest_type(const struct statement_backup *statement)
{
	bool is_diff = statement->type == STATEMENT_DIFF;

	if (statement->type == STATEMENT_LOG)
		return (MANIFEST_LOG);
	if (statement->parts.read_write)
		return (is_diff ? MANIFEST_READ_WRITE_DIFF :
		    MANIFEST_READ_WRITE);
	if (statement_has_parts(&statement->parts))
		return (is_diff ? MANIFEST_FILE_DIFF : MANIFEST_FILE);
	return (is_diff ? MANIFEST_DIFF : MANIFEST_FULL);
}

/* What each stripe says of itself. */
static enum stripe_type
stripe_type(enum manifest_type type)
{
	static const enum stripe_type types[] = {
		[MANIFEST_FULL] = STRIPE_FULL,
		[MANIFEST_DIFF] = STRIPE_DIFF,
		[MANIFEST_LOG] = STRIPE_LOG,
		[MANIFEST_FILE] = STRIPE_FILE,
		[MANIFEST_FILE_DIFF] = STRIPE_FILE_DIFF,
		[MANIFEST_READ_WRITE] = STRIPE_READ_WRITE,
		[MANIFEST_READ_WRITE_DIFF] = STRIPE_READ_WRITE_DIFF,
	};

	return (types[type]);
}

int
record_begin(struct manifest *manifest, const struct job_backup *job,
    struct job_result *result, struct error *error)
{
	char id[MANIFEST_ID_ROOM];

	manifest->type = manifest_type(&job->statement);
	manifest->copy_only = job_backup_is_copy_only(job);
	manifest->started = (int64_t)time(NULL);
	manifest->set.devices = job->devices;
	manifest->level = job->codec.level;
	manifest->frame_size = (uint32_t)job->frame_size;
	manifest->window_log = (uint32_t)job->codec.window_log;
	if (manifest_new_id(manifest->id, error) != 0 ||
	    manifest_text(&manifest->tool, PACKAGE_STRING, MANIFEST_MAX_NAME,
	        error) != 0 ||
	    manifest_text(&manifest->server, result->server,
	        MANIFEST_MAX_NAME, error) != 0 ||
	    manifest_text(&manifest->database, result->database,
	        MANIFEST_MAX_NAME, error) != 0 ||
	    manifest_text(&manifest->statement, result->statement,
	        MANIFEST_MAX_TEXT, error) != 0)
		return (-1);
	manifest_format_id(id, manifest->id);
	(void)snprintf(result->backup_id, sizeof(result->backup_id), "%s",
	    id);
	(void)snprintf(result->type, sizeof(result->type), "%s",
	    manifest_type_name(manifest->type));
	return (0);
}

void
record_identity(const struct manifest *manifest, unsigned stripe,
    struct stripe_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	memcpy(identity->backup_id, manifest->id, sizeof(manifest->id));
	identity->stripe = stripe;
	identity->stripes = manifest->set.devices;
	identity->type = stripe_type(manifest->type);
	(void)snprintf(identity->database, sizeof(identity->database), "%s",
	    manifest->database);
}

int
record_device_set(struct manifest *manifest, const struct control *control,
    const struct VDConfig *config, uint32_t buffer_count,
    struct error *error)
{
	manifest->set.features = config->features;
	manifest->set.block_size = config->blockSize;
	manifest->set.transfer_size = config->maxTransferSize;
	manifest->set.buffer_count = buffer_count;
	return (manifest_text(&manifest->set.provider,
	    provider_name(control->set), MANIFEST_MAX_NAME, error));
}

void
record_facts(struct manifest *manifest, struct facts *facts,
    struct control *control)
{
	struct error why;

	if (facts == NULL)
		return;
	error_init(&why);
	if (facts_into(facts, manifest, &why) != 0)
		control_warn(control, "the manifest goes without LSNs and "
		    "times of the stream: %s", why.text);
}

void
record_levels(struct manifest *manifest, const struct job_levels *levels)
{
	const struct adapt_summary *summary = &levels->summary;

	if (!levels->automatic)
		return;
	manifest->level = (int)(summary->mean +
	    (summary->mean < 0 ? -0.5 : 0.5));
	manifest->has_levels = true;
	manifest->levels = (struct manifest_levels){
		.min = summary->bounds.min, .max = summary->bounds.max,
		.lowest = summary->lowest, .highest = summary->highest,
		.last = summary->last };
}

static void
format_hex(char *text, const uint8_t *bytes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

int
record_stripe(struct manifest *manifest, struct job_result *result,
    const char *file, const struct stripe_result *stripe,
    struct error *error)
{
	struct manifest_stripe entry = { .raw_bytes = stripe->raw_bytes,
		.stored_bytes = stripe->stored_bytes,
		.frames = stripe->frames };
	struct job_stripe *stripes;
	struct job_stripe *shown;

	memcpy(entry.sha256, stripe->sha256, sizeof(entry.sha256));
	memcpy(entry.xxh128, stripe->raw_xxh128, sizeof(entry.xxh128));
	entry.file = strdup(file);
	if (entry.file == NULL)
		return (error_memory(error));
	if (manifest_add_stripe(manifest, &entry, error) != 0) {
		free(entry.file);
		return (-1);
	}
	stripes = realloc(result->stripes,
	    (result->stripe_count + 1) * sizeof(*stripes));
	if (stripes == NULL) {
		free(entry.file);
		return (error_memory(error));
	}
	result->stripes = stripes;
	shown = &stripes[result->stripe_count++];
	shown->file = entry.file;
	shown->raw_bytes = stripe->raw_bytes;
	shown->stored_bytes = stripe->stored_bytes;
	shown->frames = stripe->frames;
	format_hex(shown->sha256, stripe->sha256, sizeof(stripe->sha256));
	format_hex(shown->xxh128, stripe->raw_xxh128,
	    sizeof(stripe->raw_xxh128));
	return (0);
}

int
record_faults(struct manifest *manifest, const struct job_common *common,
    struct error *error)
{
	const struct fault_plan *plan = common->faults;
	const char *const *engine = common->server.engine_faults;
	unsigned i;

	manifest_clear_faults(manifest);
	for (i = 0; plan != NULL && i < plan->count; i++)
		if (plan->faults[i].fired && manifest_add_fault(manifest,
		        plan->faults[i].text, error) != 0)
			return (-1);
	/* Whether the server's drills fired is the server's to know. */
	for (; engine != NULL && *engine != NULL; engine++)
		if (manifest_add_fault(manifest, *engine, error) != 0)
			return (-1);
	return (0);
}

int
record_messages(struct manifest *manifest, const struct job_result *result,
    struct error *error)
{
	size_t i;

	for (i = 0; i < result->message_count; i++)
		if (manifest_add_message(manifest,
		        result->messages[i].number, result->messages[i].text,
		        error) != 0)
			return (-1);
	return (0);
}
