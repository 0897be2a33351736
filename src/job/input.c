/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/input.h"

#include "base/bytes.h"
#include "base/str.h"
#include "mtf/format.h"
#include "runtime/vdi.h"
#include "store/folder.h"
#include "store/scan.h"
#include "store/store.h"
#include "transfer/source.h"
#include "transfer/stripe_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum input_kind
input_kind(const char *path, struct error *error)
{
	struct str str;
	int is_folder = folder_is(path, error);
	int is_backup = -1;

	if (is_folder < 0)
		return (INPUT_UNKNOWN);
	if (is_folder == 0)
		return (INPUT_FILE);
	str_init(&str);
	str_addf(&str, "%s/%s", path, STORE_MANIFEST);
	if (str_check(&str, error) == 0)
		is_backup = store_is_backup_folder(path, error);
	if (is_backup == 0)
		is_backup = folder_has(str.text, error);
	str_release(&str);
	return (is_backup < 0 ? INPUT_UNKNOWN :
	    is_backup > 0 ? INPUT_BACKUP : INPUT_STORE);
}

/* Room for so many paths and stripes. */
static int
make_room(struct input *input, size_t count, struct error *error)
{
	input->paths = calloc(count, sizeof(*input->paths));
	input->stripes = calloc(count, sizeof(*input->stripes));
	if (input->paths == NULL || input->stripes == NULL)
		return (error_memory(error));
	return (0);
}

static int
add_path(struct input *input, const char *path, struct error *error)
{
	input->paths[input->count] = strdup(path);
	if (input->paths[input->count] == NULL)
		return (error_memory(error));
	input->count++;
	return (0);
}

static int
take_folder(struct input *input, const char *folder, unsigned flags,
    struct error *error)
{
	size_t i;

	input->backup = store_open(folder, flags, error);
	if (input->backup == NULL)
		return (-1);
	if (make_room(input, input->backup->manifest.stripe_count,
	        error) != 0)
		return (-1);
	for (i = 0; i < input->backup->manifest.stripe_count; i++)
		if (add_path(input, input->backup->stripes[i], error) != 0)
			return (-1);
	return (0);
}

/* "latest" is the latest that is good: say so where a later one is not. */
static void
note_passed_over(struct input *input, const struct scan *scan,
    const struct scan_entry *taken)
{
	size_t i;

	for (i = 0; i < scan->count; i++) {
		const struct scan_entry *entry = &scan->entries[i];
		bool is_drill = entry->manifest != NULL &&
		    entry->manifest->fault_count > 0;

		if (entry->name.started < taken->name.started ||
		    entry->name.type != taken->name.type ||
		    strcmp(entry->server, taken->server) != 0 ||
		    strcmp(entry->database, taken->database) != 0 ||
		    (entry->state == SCAN_COMPLETE && !is_drill))
			continue;
		(void)snprintf(input->warning, sizeof(input->warning),
		    "\"%s\" is taken, since the later \"%s\" is %s",
		    taken->folder, entry->folder, is_drill ? "a fault drill" :
		    scan_state_name(entry->state));
	}
}

static int
take_store(struct input *input, const char *root,
    const struct input_wish *wish, struct error *error)
{
	const struct scan_entry *entry;
	struct scan scan;
	int rc = -1;

	if (scan_store(root, &scan, error) != 0)
		return (-1);
	entry = scan_find(&scan, wish->server, wish->database,
	    wish->backup != NULL ? wish->backup : "latest", error);
	if (entry != NULL) {
		note_passed_over(input, &scan, entry);
		free(input->path);
		input->path = strdup(entry->folder);
		rc = input->path != NULL ?
		    take_folder(input, entry->folder, STORE_OPEN_COMPLETE,
		        error) :
		    error_memory(error);
	}
	scan_release(&scan);
	return (rc);
}

static int
take_files(struct input *input, const struct input_wish *wish,
    struct error *error)
{
	size_t i;

	if (wish->count > VD_MAX_DEVICES)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "%zu files: a backup has at most %u stripes", wish->count,
		    VD_MAX_DEVICES));
	if (make_room(input, wish->count, error) != 0)
		return (-1);
	for (i = 0; i < wish->count; i++) {
		enum input_kind kind = input_kind(wish->paths[i], error);

		if (kind == INPUT_UNKNOWN)
			return (-1);
		if (kind != INPUT_FILE) {
			IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US,
			    0, "\"%s\" is a folder among files",
			    wish->paths[i]));
			error_hint(error, "name one backup folder, or the "
			    "stripe files of one backup");
			return (-1);
		}
		if (add_path(input, wish->paths[i], error) != 0)
			return (-1);
	}
	return (0);
}

int
input_resolve(struct input *input, const struct input_wish *wish,
    struct error *error)
{
	const char *first = wish->paths[0];

	*input = (struct input){ 0 };
	input->path = strdup(first);
	if (input->path == NULL)
		return (error_memory(error));
	if (wish->count > 1)
		return (take_files(input, wish, error));
	switch (input_kind(first, error)) {
	case INPUT_BACKUP:
		return (take_folder(input, first, wish->partial ?
		    STORE_OPEN_PARTIAL : STORE_OPEN_COMPLETE, error));
	case INPUT_STORE:
		return (take_store(input, first, wish, error));
	case INPUT_FILE:
		return (take_files(input, wish, error));
	case INPUT_UNKNOWN:
		break;
	}
	return (-1);
}

void
input_release(struct input *input)
{
	size_t i;

	for (i = 0; i < input->count; i++) {
		stripe_read_free(input->stripes[i]);
		free(input->paths[i]);
	}
	free(input->stripes);
	free(input->paths);
	free(input->path);
	store_backup_free(input->backup);
	*input = (struct input){ 0 };
}

int
input_open_one(struct input *input, size_t index, struct pool *pool,
    struct error *error)
{
	const char *path = input->paths[index];
	struct source *source;

	if (strcmp(path, "-") == 0)
		source = source_fd_open(STDIN_FILENO, "standard input",
		    error);
	else
		source = source_file_open(path, error);
	if (source == NULL)
		return (-1);
	if (input->must_stop != NULL)
		source_stop_when(source, input->must_stop, input->context);
	if (input->faults != NULL)
		source_drill(source, input->faults, (unsigned)index + 1);
	input->stripes[index] = stripe_read_open(pool, source, error);
	return (input->stripes[index] != NULL ? 0 : -1);
}

int
input_open(struct input *input, struct pool *pool, struct error *error)
{
	size_t i;

	for (i = 0; i < input->count; i++)
		if (input_open_one(input, i, pool, error) != 0)
			return (-1);
	return (0);
}

static int
check_identity(const struct input *input, size_t index, struct error *error)
{
	const struct manifest *manifest = &input->backup->manifest;
	const struct stripe_identity *identity =
	    stripe_read_identity(input->stripes[index]);

	if (identity == NULL)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" is no stripe file", input->paths[index]));
	if (memcmp(identity->backup_id, manifest->id,
	        sizeof(manifest->id)) != 0)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" belongs to another backup than its manifest",
		    input->paths[index]));
	if (identity->stripe != index + 1 ||
	    identity->stripes != manifest->stripe_count)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" is stripe %u of %u, where stripe %zu of %zu "
		    "belongs", input->paths[index], identity->stripe,
		    identity->stripes, index + 1, manifest->stripe_count));
	return (0);
}

static int
put_in_order(struct input *input, struct error *error)
{
	struct store_file files[VD_MAX_DEVICES];
	struct stripe_read *stripes[VD_MAX_DEVICES];
	char *paths[VD_MAX_DEVICES];
	size_t i;
	size_t j;

	for (i = 0; i < input->count; i++) {
		const struct stripe_identity *identity =
		    stripe_read_identity(input->stripes[i]);

		if (identity == NULL)
			return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "\"%s\" is no stripe file, but others are",
			    input->paths[i]));
		files[i].path = input->paths[i];
		memcpy(files[i].id, identity->backup_id, sizeof(files[i].id));
		files[i].index = identity->stripe;
		files[i].count = identity->stripes;
	}
	if (store_order_files(files, input->count, error) != 0)
		return (-1);
	for (i = 0; i < input->count; i++)
		for (j = 0; j < input->count; j++)
			if (files[i].path == input->paths[j]) {
				stripes[i] = input->stripes[j];
				paths[i] = input->paths[j];
			}
	memcpy(input->stripes, stripes, input->count * sizeof(stripes[0]));
	memcpy(input->paths, paths, input->count * sizeof(paths[0]));
	return (0);
}

int
input_settle(struct input *input, struct error *error)
{
	size_t ours = 0;
	size_t i;

	if (input->backup != NULL) {
		for (i = 0; i < input->count; i++)
			if (check_identity(input, i, error) != 0)
				return (-1);
		return (0);
	}
	for (i = 0; i < input->count; i++)
		ours += stripe_read_form(input->stripes[i]) == STRIPE_OURS;
	return (ours > 0 ? put_in_order(input, error) : 0);
}

int
input_check(const struct input *input, size_t index,
    const struct stripe_result *result, struct error *error)
{
	const struct manifest_stripe *stripe;
	const char *what = NULL;

	if (input->backup == NULL)
		return (0);
	stripe = &input->backup->manifest.stripes[index];
	if (result->stored_bytes != stripe->stored_bytes)
		what = "size";
	else if (memcmp(result->sha256, stripe->sha256,
	             sizeof(stripe->sha256)) != 0)
		what = "SHA-256";
	else if (result->raw_bytes != stripe->raw_bytes)
		what = "raw size";
	else if (memcmp(result->raw_xxh128, stripe->xxh128,
	             sizeof(stripe->xxh128)) != 0)
		what = "digest of the raw stream";
	else if (result->frames != stripe->frames)
		what = "number of frames";
	if (what == NULL)
		return (0);
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "\"%s\" is not what the manifest says: its %s differs",
	    input->paths[index], what));
}

bool
input_knows_log(const struct input *input, bool *is_log)
{
	const struct stripe_identity *identity = NULL;

	if (input->backup != NULL) {
		*is_log = input->backup->manifest.type == MANIFEST_LOG;
		return (true);
	}
	if (input->count > 0 && input->stripes[0] != NULL)
		identity = stripe_read_identity(input->stripes[0]);
	if (identity != NULL)
		*is_log = identity->type == STRIPE_LOG;
	return (identity != NULL);
}

uint32_t
input_block_size(struct input *input, struct error *error)
{
	const void *data;
	size_t size;

	if (input->backup != NULL)
		return (input->backup->manifest.set.block_size);
	if (input->count == 0 || input->stripes[0] == NULL ||
	    stripe_read_peek(input->stripes[0], &data, &size, error) != 0 ||
	    size < MTF_TAPE_BLOCK_SIZE + 2 ||
	    bytes_get32(data) != MTF_TAPE)
		return (0);
	return (bytes_get16((const uint8_t *)data + MTF_TAPE_BLOCK_SIZE) *
	    512u);
}

uint32_t
input_transfer_size(const struct input *input)
{
	return (input->backup != NULL ?
	    input->backup->manifest.set.transfer_size : 0);
}
