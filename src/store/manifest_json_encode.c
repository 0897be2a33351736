/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/manifest_json.h"

#include "store/path.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static const char hex_digits[] = "0123456789abcdef";

/* Any of these may be NULL for want of memory, and makes what holds it NULL:
 * json_pack and appended see to that. */

static json_t *
time_json(int64_t seconds)
{
	char text[PATH_TIME_ROOM];

	if (seconds == 0)
		return (json_null());
	path_format_time(text, seconds);
	return (json_string(text));
}

static json_t *
lsn_json(struct manifest_lsn lsn)
{
	char text[MANIFEST_LSN_ROOM];

	manifest_format_lsn(text, lsn);
	return (json_string(text));
}

static json_t *
guid_json(const uint8_t guid[16])
{
	char text[MANIFEST_ID_ROOM];

	manifest_format_id(text, guid);
	return (json_string(text));
}

static json_t *
hex_json(const uint8_t *bytes, size_t count)
{
	char text[2 * 32 + 1];
	size_t i;

	for (i = 0; i < count; i++) {
		text[2 * i] = hex_digits[bytes[i] >> 4];
		text[2 * i + 1] = hex_digits[bytes[i] & 15];
	}
	return (json_stringn(text, 2 * count));
}

static json_t *
text_json(const char *text)
{
	return (text == NULL ? json_null() : json_string(text));
}

static json_t *
stream_json(const struct manifest_stream *s)
{
	return (json_pack("{so,so,so,so,so,so,so,so,so,so,so,so,so,sb,sb,sb,"
	    "so,so,so}",
	    "first_lsn", lsn_json(s->first),
	    "last_lsn", lsn_json(s->last),
	    "checkpoint_lsn", lsn_json(s->checkpoint),
	    "database_backup_lsn", lsn_json(s->database_backup),
	    "differential_base_lsn", lsn_json(s->differential_base),
	    "fork_point_lsn", lsn_json(s->fork_point),
	    "backup_set_guid", guid_json(s->backup_set),
	    "differential_base_guid", guid_json(s->differential_base_set),
	    "recovery_fork_guid", guid_json(s->recovery_fork),
	    "first_recovery_fork_guid", guid_json(s->first_recovery_fork),
	    "family_guid", guid_json(s->family),
	    "started", time_json(s->started),
	    "finished", time_json(s->finished),
	    "block_checksums", (int)s->block_checksums,
	    "begins_log_chain", (int)s->begins_log_chain,
	    "server_compressed", (int)s->server_compressed,
	    "server", text_json(s->server),
	    "database", text_json(s->database),
	    "software", text_json(s->software)));
}

/* Append to an array what may be NULL; NULL and the array gone if so. */
static json_t *
appended(json_t *array, json_t *value)
{
	if (array != NULL && json_array_append_new(array, value) == 0)
		return (array);
	json_decref(array);
	return (NULL);
}

static json_t *
messages_json(const struct manifest *m)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < m->message_count && array != NULL; i++)
		array = appended(array, json_pack("{si,ss}",
		    "number", m->messages[i].number,
		    "text", m->messages[i].text));
	return (array);
}

static json_t *
stripes_json(const struct manifest *m)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < m->stripe_count && array != NULL; i++) {
		const struct manifest_stripe *s = &m->stripes[i];

		array = appended(array, json_pack("{ss,sI,sI,sI,so,so}",
		    "file", s->file,
		    "raw_bytes", (json_int_t)s->raw_bytes,
		    "stored_bytes", (json_int_t)s->stored_bytes,
		    "frames", (json_int_t)s->frames,
		    "sha256", hex_json(s->sha256, sizeof(s->sha256)),
		    "xxh128", hex_json(s->xxh128, sizeof(s->xxh128))));
	}
	return (array);
}

static json_t *
faults_json(const struct manifest *m)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < m->fault_count && array != NULL; i++)
		array = appended(array, json_string(m->faults[i]));
	return (array);
}

static json_t *
levels_json(const struct manifest_levels *levels)
{
	return (json_pack("{si,si,si,si,si}",
	    "min", levels->min,
	    "max", levels->max,
	    "lowest", levels->lowest,
	    "highest", levels->highest,
	    "last", levels->last));
}

static json_t *
compression_json(const struct manifest *m)
{
	if (m->schema == MANIFEST_SCHEMA_FIRST)
		return (json_pack("{ss,si,sI}",
		    "format", "zstd",
		    "level", m->level,
		    "frame_size", (json_int_t)m->frame_size));
	return (json_pack("{ss,si,sI,sI,so}",
	    "format", "zstd",
	    "level", m->level,
	    "frame_size", (json_int_t)m->frame_size,
	    "window_log", (json_int_t)m->window_log,
	    "auto", m->has_levels ? levels_json(&m->levels) : json_null()));
}

static json_t *
manifest_object(const struct manifest *m)
{
	return (json_pack("{sI,so,ss,ss,ss,ss,sb,so,so,so,ss,so,"
	    "s{ss,sI,sI,sI,sI,sI},so,so,so}",
	    "schema", (json_int_t)m->schema,
	    "id", guid_json(m->id),
	    "tool", m->tool,
	    "server", m->server,
	    "database", m->database,
	    "type", manifest_type_name(m->type),
	    "copy_only", (int)m->copy_only,
	    "started", time_json(m->started),
	    "finished", time_json(m->finished),
	    "stream", m->has_stream ? stream_json(&m->stream) : json_null(),
	    "statement", m->statement,
	    "messages", messages_json(m),
	    "set",
	    "provider", m->set.provider,
	    "devices", (json_int_t)m->set.devices,
	    "features", (json_int_t)m->set.features,
	    "block_size", (json_int_t)m->set.block_size,
	    "transfer_size", (json_int_t)m->set.transfer_size,
	    "buffer_count", (json_int_t)m->set.buffer_count,
	    "compression", compression_json(m),
	    "stripes", stripes_json(m),
	    "faults", faults_json(m)));
}

char *
manifest_json_encode(const struct manifest *manifest, struct error *error)
{
	struct str text;
	json_t *root = NULL;
	char *dump = NULL;
	char *owned = NULL;

	str_init(&text);
	if (manifest_check(manifest, error) != 0) {
		error_context(error, "the manifest cannot be written");
		goto out;
	}
	errno = 0;
	root = manifest_object(manifest);
	if (root != NULL)
		dump = json_dumps(root, JSON_INDENT(2));
	/* The contents were checked, so that nothing but memory can fail; and
	 * where it does, jansson may leave out a part and go on. */
	if (dump == NULL || errno == ENOMEM) {
		(void)error_memory(error);
		goto out;
	}
	str_add(&text, dump);
	str_add(&text, "\n");
	if (text.length > MANIFEST_JSON_MAX) {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the manifest would be larger than %u bytes",
		    MANIFEST_JSON_MAX);
		goto out;
	}
	owned = str_detach(&text, error);
out:
	str_release(&text);
	free(dump);
	json_decref(root);
	return (owned);
}
