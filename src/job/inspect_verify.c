/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/inspect.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "job/family.h"
#include "job/input.h"
#include "job/inspect_open.h"
#include "mtf/format.h"
#include "store/scan.h"
#include "store/store.h"
#include "transfer/pool.h"
#include "transfer/stripe_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct verify {
	const struct inspect_options *options;
	struct inspect_result *result;
	struct pool *pool;
	int64_t began_ns;
	int64_t told_ns;
};

/* What a stripe's bytes pass through: the stop flag, progress, the parser. */
struct look {
	struct verify *verify;
	struct family *family;
	struct inspect_file *file;
	uint64_t at;    /* of the next byte */
	bool is_proven; /* the bytes, whatever they are: may_be_other */
};

static void
tell(struct verify *verify, enum job_event_type type, const char *text)
{
	struct job_event event = { .type = type, .text = text,
		.percent = -1 };

	event.raw_bytes = verify->result->raw_bytes;
	event.stored_bytes = verify->result->stored_bytes;
	event.elapsed_ns = clock_now_ns() - verify->began_ns;
	if (verify->options->handler != NULL)
		verify->options->handler(verify->options->handler_context,
		    &event);
}

/* What the server sent in another format (a compressed backup, a recording) is
 * as good as its digests: the parser is not asked any more. */
static int
parse(struct look *look, const void *data, size_t size, struct error *error)
{
	bool may_be_other = look->is_proven && look->at == 0 &&
	    (size < 4 || bytes_get32(data) != MTF_TAPE);

	look->at += size;
	if (error_is_set(&look->file->other))
		return (0);
	if (!may_be_other)
		return (family_feed(look->family, data, size, error));
	/* Too short a stream is nothing that the parser would know. */
	if (family_feed(look->family, data, size, &look->file->other) == 0)
		IGNORE_RESULT(error_set(&look->file->other, KIND_INTEGRITY,
		    ORIGIN_US, 0, "it does not begin as a SQL Server backup "
		    "does"));
	return (0);
}

static int
pass(void *context, const void *data, size_t size, struct error *error)
{
	struct look *look = context;
	struct verify *verify = look->verify;
	int64_t now;

	if (inspect_check_stop(verify->options, error) != 0)
		return (-1);
	verify->result->raw_bytes += size;
	now = clock_now_ns();
	if (now - verify->told_ns > 100000000) {
		verify->told_ns = now;
		tell(verify, JOB_EVENT_PROGRESS, NULL);
	}
	return (parse(look, data, size, error));
}

/* Whether a stripe's bytes are proven to be those that the server sent, and
 * nothing says that they are in the tape format. */
static bool
may_be_other(const struct input *input, size_t index)
{
	return (stripe_read_form(input->stripes[index]) == STRIPE_OURS &&
	    (input->backup == NULL || !input->backup->manifest.has_stream));
}

static int
verify_stripe(struct verify *verify, struct input *input, size_t index,
    struct family *family, struct inspect_file *file)
{
	struct look look = { .verify = verify, .family = family,
		.file = file, .is_proven = may_be_other(input, index) };
	struct stripe_result result;
	struct error *error = &file->error;

	if (stripe_read_all(input->stripes[index], pass, &look, &result,
	        error) != 0) {
		inspect_name_stop(verify->options, error);
		return (-1);
	}
	file->raw_bytes = result.raw_bytes;
	file->stored_bytes = result.stored_bytes;
	file->frames = result.frames;
	file->pages = family->data_bytes / 8192;
	file->checksums = family->checksums;
	verify->result->stored_bytes += result.stored_bytes;
	if (look.is_proven && result.raw_bytes == 0)
		IGNORE_RESULT(family_finish(family, &file->other));
	if (!error_is_set(&file->other) &&
	    family_finish(family, error) != 0)
		return (-1);
	return (input_check(input, index, &result, error));
}

/* How many stripes are in another format than the tape's; it is told. */
static size_t
count_other(struct verify *verify, const struct inspect_backup *backup)
{
	const struct inspect_file *first = NULL;
	size_t count = 0;
	char text[1600];
	size_t i;

	for (i = 0; i < backup->file_count; i++) {
		if (!error_is_set(&backup->files[i].other))
			continue;
		if (first == NULL)
			first = &backup->files[i];
		count++;
	}
	if (first == NULL)
		return (0);
	(void)snprintf(text, sizeof(text), "\"%s\" has the bytes that the "
	    "server sent; what they mean was not looked at: %s", first->path,
	    first->other.text);
	tell(verify, JOB_EVENT_WARNING, text);
	return (count);
}

/* Add a place for one backup's verdict; NULL without memory. */
static struct inspect_backup *
add_backup(struct inspect_result *result, const char *path)
{
	struct inspect_backup *backups;
	struct inspect_backup *backup;

	backups = realloc(result->backups,
	    (result->backup_count + 1) * sizeof(*backups));
	if (backups == NULL)
		return (NULL);
	result->backups = backups;
	backup = &backups[result->backup_count];
	memset(backup, 0, sizeof(*backup));
	backup->path = strdup(path);
	if (backup->path == NULL)
		return (NULL);
	result->backup_count++;
	return (backup);
}

/* What a stream is of, in the manifest's words (spec mtf.md, SCIN). */
static const char *
type_of(const struct mtf_set *set)
{
	switch (set->type) {
	case 'I':
		return (manifest_type_name(MANIFEST_DIFF));
	case 'L':
		return (manifest_type_name(MANIFEST_LOG));
	case 'F':
		return (manifest_type_name(MANIFEST_FILE));
	case 'G':
		return (manifest_type_name(MANIFEST_FILE_DIFF));
	case 'P':
		return (manifest_type_name(MANIFEST_READ_WRITE));
	case 'Q':
		return (manifest_type_name(MANIFEST_READ_WRITE_DIFF));
	default:
		return (manifest_type_name(MANIFEST_FULL));
	}
}

/* The server's and database's names, from the manifest or the stream. */
static int
describe(struct inspect_backup *backup, const struct input *input,
    const struct family *first, struct error *error)
{
	const struct mtf_set *set = first->set_count > 0 ?
	    &first->sets[0].set : NULL;
	const struct manifest *manifest = input->backup != NULL ?
	    &input->backup->manifest : NULL;
	const char *type = set == NULL ? "" : type_of(set);

	backup->has_manifest = manifest != NULL;
	if (manifest != NULL) {
		manifest_format_id(backup->backup_id, manifest->id);
		backup->is_drill = manifest->fault_count > 0;
		type = manifest_type_name(manifest->type);
	}
	(void)snprintf(backup->type, sizeof(backup->type), "%s", type);
	backup->server = strdup(manifest != NULL ? manifest->server :
	    set != NULL ? set->server : "");
	backup->database = strdup(manifest != NULL ? manifest->database :
	    set != NULL ? set->database : "");
	if (backup->server == NULL || backup->database == NULL)
		return (error_memory(error));
	return (0);
}

static int
verify_input(struct verify *verify, struct input *input,
    struct inspect_backup *backup)
{
	struct family *families;
	struct error *error = &backup->error;
	size_t i;
	int rc = -1;

	families = calloc(input->count, sizeof(*families));
	backup->files = calloc(input->count, sizeof(*backup->files));
	if (families == NULL || backup->files == NULL) {
		IGNORE_RESULT(error_memory(error));
		goto out;
	}
	for (i = 0; i < input->count; i++) {
		struct inspect_file *file = &backup->files[i];

		backup->file_count = i + 1;
		file->path = strdup(input->paths[i]);
		if (file->path == NULL ||
		    family_init(&families[i], error) != 0) {
			IGNORE_RESULT(error_memory(error));
			goto out;
		}
		/* All of them, so that the report names each bad one. */
		if (verify_stripe(verify, input, i, &families[i], file) != 0) {
			if (!error_is_set(error)) {
				*error = file->error;
				error_context(error, "\"%s\"", file->path);
			}
			if (file->error.kind == KIND_ABORTED)
				goto out;
		}
	}
	rc = error_is_set(error) ? -1 : 0;
	if (rc == 0 && count_other(verify, backup) < input->count)
		rc = family_check_set(families, input->paths, input->count,
		    error);
out:
	if (families != NULL && input->count > 0 &&
	    describe(backup, input, &families[0], error) != 0)
		rc = -1;
	for (i = 0; families != NULL && i < input->count; i++)
		family_release(&families[i]);
	free(families);
	return (rc);
}

/* One backup: a folder, or files that belong together. */
static int
verify_backup(struct verify *verify, const char *const *paths, size_t count)
{
	struct input_wish wish = { .paths = paths, .count = count,
		.partial = verify->options->partial };
	struct inspect_backup *backup;
	struct input input;
	int rc = -1;

	backup = add_backup(verify->result, paths[0]);
	if (backup == NULL)
		return (error_memory(&verify->result->error));
	if (input_resolve(&input, &wish, &backup->error) == 0 &&
	    inspect_open(&input, SIZE_MAX, verify->pool, verify->options,
	        &backup->error) == 0 &&
	    input_settle(&input, &backup->error) == 0)
		rc = verify_input(verify, &input, backup);
	input_release(&input);
	if (rc != 0 && !error_is_set(&verify->result->error))
		verify->result->error = backup->error;
	return (rc);
}

/* What cannot be looked at is one that is not good. */
static int
refute(struct verify *verify, const char *path, const struct error *error)
{
	struct inspect_backup *backup = add_backup(verify->result, path);

	if (backup == NULL)
		return (error_memory(&verify->result->error));
	backup->error = *error;
	if (!error_is_set(&verify->result->error))
		verify->result->error = *error;
	return (-1);
}

static int
verify_entry(struct verify *verify, const struct scan_entry *entry)
{
	const char *folder = entry->folder;
	char text[512];

	if (entry->state == SCAN_COMPLETE)
		return (verify_backup(verify, &folder, 1));
	if (entry->state != SCAN_BROKEN) {
		(void)snprintf(text, sizeof(text), "passed over \"%s\": %s",
		    entry->folder, scan_state_name(entry->state));
		tell(verify, JOB_EVENT_WARNING, text);
		return (0);
	}
	return (refute(verify, entry->folder, &entry->problem));
}

static int
verify_store(struct verify *verify, const char *root)
{
	struct scan scan;
	struct error *error = &verify->result->error;
	size_t i;
	int rc = 0;

	if (scan_store(root, &scan, error) != 0)
		return (-1);
	if (scan.count == 0)
		rc = error_set(error, KIND_NOTHING, ORIGIN_US, 0,
		    "there is no backup in \"%s\"", root);
	for (i = 0; i < scan.count; i++)
		if (verify_entry(verify, &scan.entries[i]) != 0)
			rc = -1;
	scan_release(&scan);
	return (rc);
}

static int
verify_path(struct verify *verify, const char *path)
{
	struct error error;

	error_init(&error);
	switch (input_kind(path, &error)) {
	case INPUT_UNKNOWN:
		return (refute(verify, path, &error));
	case INPUT_STORE:
		return (verify_store(verify, path));
	case INPUT_FILE:
	case INPUT_BACKUP:
		break;
	}
	return (verify_backup(verify, &path, 1));
}

static int
verify_paths(struct verify *verify, const char *const *paths, size_t count)
{
	struct error error;
	size_t i;
	int rc = 0;

	error_init(&error);
	if (input_kind(paths[0], &error) == INPUT_FILE)
		return (verify_backup(verify, paths, count));
	for (i = 0; i < count; i++)
		if (verify_path(verify, paths[i]) != 0)
			rc = -1;
	return (rc);
}

int
inspect_verify(const char *const *paths, size_t count,
    const struct inspect_options *options, struct inspect_result *result)
{
	struct verify verify = { .options = options, .result = result };
	int rc;

	memset(result, 0, sizeof(*result));
	verify.began_ns = clock_now_ns();
	verify.pool = pool_new(options->threads != 0 ? options->threads :
	    pool_processors(), &result->error);
	if (verify.pool == NULL)
		return (-1);
	rc = verify_paths(&verify, paths, count);
	result->elapsed_ns = clock_now_ns() - verify.began_ns;
	pool_free(verify.pool);
	return (rc);
}

void
inspect_result_release(struct inspect_result *result)
{
	size_t i;
	size_t j;

	for (i = 0; i < result->backup_count; i++) {
		struct inspect_backup *backup = &result->backups[i];

		for (j = 0; j < backup->file_count; j++)
			free(backup->files[j].path);
		free(backup->files);
		free(backup->path);
		free(backup->server);
		free(backup->database);
	}
	free(result->backups);
	memset(result, 0, sizeof(*result));
}
