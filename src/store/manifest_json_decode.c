/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/manifest_json.h"

#include "store/path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static const char hex_digits[] = "0123456789abcdef";

/*
 * One object that is being taken apart.  Each taken field is counted, so that
 * at the end an object with more fields than were taken is found out.
 */
#define FIELDS_MAX 24

struct reader {
	json_t *object;
	const char *taken[FIELDS_MAX];
	size_t count;
	struct error *error;
};

static int
refuse(struct reader *reader, const char *field, const char *why)
{
	return (error_set(reader->error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "\"%s\" %s", field, why));
}

/* The field's value, borrowed, or NULL with the error set. */
static json_t *
take(struct reader *reader, const char *field)
{
	json_t *value = json_object_get(reader->object, field);

	if (value == NULL)
		(void)refuse(reader, field, "is missing");
	if (value != NULL) {
		assert(reader->count < FIELDS_MAX);
		reader->taken[reader->count++] = field;
	}
	return (value);
}

static int
begin(struct reader *reader, json_t *object, const char *what,
    struct error *error)
{
	reader->object = object;
	reader->count = 0;
	reader->error = error;
	if (!json_is_object(object))
		return (refuse(reader, what, "is not an object"));
	return (0);
}

/* Whether every field of the object has been taken. */
static int
end(struct reader *reader)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(reader->object, key, value) {
		for (i = 0; i < reader->count; i++)
			if (strcmp(reader->taken[i], key) == 0)
				break;
		if (i == reader->count)
			return (error_set(reader->error, KIND_INTEGRITY,
			    ORIGIN_US, 0, "\"%.100s\" is a field that is not "
			    "known", key));
	}
	return (0);
}

static int
take_number(struct reader *reader, const char *field, int64_t min, int64_t max,
    int64_t *number)
{
	json_t *value = take(reader, field);

	if (value == NULL)
		return (-1);
	if (!json_is_integer(value))
		return (refuse(reader, field, "is not a whole number"));
	if (json_integer_value(value) < min || json_integer_value(value) > max)
		return (refuse(reader, field, "is out of range"));
	*number = json_integer_value(value);
	return (0);
}

static int
take_u32(struct reader *reader, const char *field, uint32_t *number)
{
	int64_t value = 0;

	if (take_number(reader, field, 0, UINT32_MAX, &value) != 0)
		return (-1);
	*number = (uint32_t)value;
	return (0);
}

static int
take_u64(struct reader *reader, const char *field, uint64_t *number)
{
	int64_t value = 0;

	if (take_number(reader, field, 0, INT64_MAX, &value) != 0)
		return (-1);
	*number = (uint64_t)value;
	return (0);
}

static int
take_bool(struct reader *reader, const char *field, bool *truth)
{
	json_t *value = take(reader, field);

	if (value == NULL)
		return (-1);
	if (!json_is_boolean(value))
		return (refuse(reader, field, "is not true or false"));
	*truth = json_is_true(value);
	return (0);
}

/* The text, borrowed. */
static int
borrow_text(struct reader *reader, const char *field, const char **text)
{
	json_t *value = take(reader, field);

	if (value == NULL)
		return (-1);
	if (!json_is_string(value))
		return (refuse(reader, field, "is not a text"));
	*text = json_string_value(value);
	return (0);
}

/* A copy of the text; manifest_check judges its length. */
static int
take_text(struct reader *reader, const char *field, char **text)
{
	const char *borrowed = "";

	if (borrow_text(reader, field, &borrowed) != 0)
		return (-1);
	*text = strdup(borrowed);
	return (*text != NULL ? 0 : error_memory(reader->error));
}

static int
take_text_or_null(struct reader *reader, const char *field, char **text)
{
	if (json_is_null(json_object_get(reader->object, field))) {
		(void)take(reader, field);
		return (0);
	}
	return (take_text(reader, field, text));
}

static int
take_time(struct reader *reader, const char *field, int64_t *seconds)
{
	const char *text = "";

	if (json_is_null(json_object_get(reader->object, field))) {
		(void)take(reader, field);
		*seconds = 0;
		return (0);
	}
	if (borrow_text(reader, field, &text) != 0)
		return (-1);
	if (path_parse_time(text, seconds) != 0 || *seconds == 0)
		return (refuse(reader, field,
		    "is not a time like 2026-11-24T07:30:00Z"));
	return (0);
}

static int
take_lsn(struct reader *reader, const char *field, struct manifest_lsn *lsn)
{
	const char *text = "";

	if (borrow_text(reader, field, &text) != 0)
		return (-1);
	if (manifest_parse_lsn(text, lsn) != 0)
		return (refuse(reader, field, "is not a log sequence number"));
	return (0);
}

static int
take_guid(struct reader *reader, const char *field, uint8_t guid[16])
{
	const char *text = "";

	if (borrow_text(reader, field, &text) != 0)
		return (-1);
	if (manifest_parse_id(text, guid) != 0)
		return (refuse(reader, field, "is not 8-4-4-4-12 hex digits"));
	return (0);
}

static int
take_hex(struct reader *reader, const char *field, uint8_t *bytes,
    size_t count)
{
	const char *text = "";
	size_t i;

	if (borrow_text(reader, field, &text) != 0)
		return (-1);
	if (strlen(text) != 2 * count ||
	    strspn(text, hex_digits) != 2 * count)
		return (refuse(reader, field,
		    "is not a digest: too short, too long or not hex digits"));
	for (i = 0; i < count; i++)
		bytes[i] = (uint8_t)(
		    (strchr(hex_digits, text[2 * i]) - hex_digits) << 4 |
		    (strchr(hex_digits, text[2 * i + 1]) - hex_digits));
	return (0);
}

/* An array of at most max entries, borrowed, or NULL. */
static json_t *
take_array(struct reader *reader, const char *field, size_t max)
{
	json_t *value = take(reader, field);

	if (value == NULL)
		return (NULL);
	if (!json_is_array(value)) {
		(void)refuse(reader, field, "is not a list");
		return (NULL);
	}
	if (json_array_size(value) > max) {
		(void)refuse(reader, field, "has too many entries");
		return (NULL);
	}
	return (value);
}

static int
read_stream(struct reader *outer, struct manifest *m)
{
	struct manifest_stream *s = &m->stream;
	struct reader r;
	json_t *object = take(outer, "stream");

	if (object == NULL)
		return (-1);
	if (json_is_null(object))
		return (0);
	m->has_stream = true;
	if (begin(&r, object, "stream", outer->error) != 0)
		return (-1);
	if (take_lsn(&r, "first_lsn", &s->first) != 0 ||
	    take_lsn(&r, "last_lsn", &s->last) != 0 ||
	    take_lsn(&r, "checkpoint_lsn", &s->checkpoint) != 0 ||
	    take_lsn(&r, "database_backup_lsn", &s->database_backup) != 0 ||
	    take_lsn(&r, "differential_base_lsn", &s->differential_base) != 0 ||
	    take_lsn(&r, "fork_point_lsn", &s->fork_point) != 0 ||
	    take_guid(&r, "backup_set_guid", s->backup_set) != 0 ||
	    take_guid(&r, "differential_base_guid",
	    s->differential_base_set) != 0 ||
	    take_guid(&r, "recovery_fork_guid", s->recovery_fork) != 0 ||
	    take_guid(&r, "first_recovery_fork_guid",
	    s->first_recovery_fork) != 0 ||
	    take_guid(&r, "family_guid", s->family) != 0 ||
	    take_time(&r, "started", &s->started) != 0 ||
	    take_time(&r, "finished", &s->finished) != 0 ||
	    take_bool(&r, "block_checksums", &s->block_checksums) != 0 ||
	    take_bool(&r, "begins_log_chain", &s->begins_log_chain) != 0 ||
	    take_bool(&r, "server_compressed", &s->server_compressed) != 0 ||
	    take_text_or_null(&r, "server", &s->server) != 0 ||
	    take_text_or_null(&r, "database", &s->database) != 0 ||
	    take_text_or_null(&r, "software", &s->software) != 0 ||
	    end(&r) != 0) {
		error_context(outer->error, "stream");
		return (-1);
	}
	return (0);
}

static int
read_message(json_t *object, struct manifest *m, struct error *error)
{
	struct reader r;
	const char *text = "";
	int64_t number = 0;

	if (begin(&r, object, "messages", error) != 0 ||
	    take_number(&r, "number", INT32_MIN, INT32_MAX, &number) != 0 ||
	    borrow_text(&r, "text", &text) != 0 || end(&r) != 0)
		return (-1);
	if (strlen(text) > MANIFEST_MAX_TEXT)
		return (refuse(&r, "text", "is too long"));
	return (manifest_add_message(m, (int)number, text, error));
}

static int
read_messages(struct reader *outer, struct manifest *m)
{
	json_t *array = take_array(outer, "messages", MANIFEST_MAX_MESSAGES);
	json_t *object;
	size_t i;

	if (array == NULL)
		return (-1);
	json_array_foreach(array, i, object)
		if (read_message(object, m, outer->error) != 0) {
			error_context(outer->error, "message %zu", i + 1);
			return (-1);
		}
	return (0);
}

static int
read_stripe(json_t *object, struct manifest *m, struct error *error)
{
	struct manifest_stripe s = { 0 };
	struct reader r;
	int rc = -1;

	if (begin(&r, object, "stripes", error) == 0 &&
	    take_text(&r, "file", &s.file) == 0 &&
	    take_u64(&r, "raw_bytes", &s.raw_bytes) == 0 &&
	    take_u64(&r, "stored_bytes", &s.stored_bytes) == 0 &&
	    take_u64(&r, "frames", &s.frames) == 0 &&
	    take_hex(&r, "sha256", s.sha256, sizeof(s.sha256)) == 0 &&
	    take_hex(&r, "xxh128", s.xxh128, sizeof(s.xxh128)) == 0 &&
	    end(&r) == 0)
		rc = manifest_add_stripe(m, &s, error);
	free(s.file);
	return (rc);
}

static int
read_stripes(struct reader *outer, struct manifest *m)
{
	json_t *array = take_array(outer, "stripes", MANIFEST_MAX_STRIPES);
	json_t *object;
	size_t i;

	if (array == NULL)
		return (-1);
	json_array_foreach(array, i, object)
		if (read_stripe(object, m, outer->error) != 0) {
			error_context(outer->error, "stripe %zu", i + 1);
			return (-1);
		}
	return (0);
}

static int
read_faults(struct reader *outer, struct manifest *m)
{
	json_t *array = take_array(outer, "faults", MANIFEST_MAX_FAULTS);
	json_t *value;
	size_t i;

	if (array == NULL)
		return (-1);
	json_array_foreach(array, i, value) {
		if (!json_is_string(value))
			return (refuse(outer, "faults",
			    "has an entry that is not a text"));
		if (json_string_length(value) > MANIFEST_MAX_NAME)
			return (refuse(outer, "faults", "has a long entry"));
		if (manifest_add_fault(m, json_string_value(value),
		    outer->error) != 0)
			return (-1);
	}
	return (0);
}

static int
read_set(struct reader *outer, struct manifest *m)
{
	struct reader r;
	json_t *object = take(outer, "set");

	if (object == NULL || begin(&r, object, "set", outer->error) != 0)
		return (-1);
	if (take_text(&r, "provider", &m->set.provider) != 0 ||
	    take_u32(&r, "devices", &m->set.devices) != 0 ||
	    take_u32(&r, "features", &m->set.features) != 0 ||
	    take_u32(&r, "block_size", &m->set.block_size) != 0 ||
	    take_u32(&r, "transfer_size", &m->set.transfer_size) != 0 ||
	    take_u32(&r, "buffer_count", &m->set.buffer_count) != 0 ||
	    end(&r) != 0) {
		error_context(outer->error, "set");
		return (-1);
	}
	return (0);
}

static int
take_int(struct reader *reader, const char *field, int *number)
{
	int64_t value = 0;

	if (take_number(reader, field, INT32_MIN, INT32_MAX, &value) != 0)
		return (-1);
	*number = (int)value;
	return (0);
}

static int
read_levels(struct reader *outer, struct manifest *m)
{
	struct manifest_levels *levels = &m->levels;
	struct reader r;
	json_t *object = take(outer, "auto");

	if (object == NULL)
		return (-1);
	if (json_is_null(object))
		return (0);
	m->has_levels = true;
	if (begin(&r, object, "auto", outer->error) != 0 ||
	    take_int(&r, "min", &levels->min) != 0 ||
	    take_int(&r, "max", &levels->max) != 0 ||
	    take_int(&r, "lowest", &levels->lowest) != 0 ||
	    take_int(&r, "highest", &levels->highest) != 0 ||
	    take_int(&r, "last", &levels->last) != 0 || end(&r) != 0) {
		error_context(outer->error, "auto");
		return (-1);
	}
	return (0);
}

static int
read_compression(struct reader *outer, struct manifest *m)
{
	struct reader r;
	const char *format = "";
	json_t *object = take(outer, "compression");

	if (object == NULL ||
	    begin(&r, object, "compression", outer->error) != 0)
		return (-1);
	if (borrow_text(&r, "format", &format) != 0 ||
	    (strcmp(format, "zstd") != 0 &&
	    refuse(&r, "format", "is not \"zstd\"") != 0) ||
	    take_int(&r, "level", &m->level) != 0 ||
	    take_u32(&r, "frame_size", &m->frame_size) != 0 ||
	    (m->schema != MANIFEST_SCHEMA_FIRST &&
	    (take_u32(&r, "window_log", &m->window_log) != 0 ||
	    read_levels(&r, m) != 0)) || end(&r) != 0) {
		error_context(outer->error, "compression");
		return (-1);
	}
	return (0);
}

static int
read_type(struct reader *reader, struct manifest *m)
{
	const char *text = "";

	if (borrow_text(reader, "type", &text) != 0)
		return (-1);
	if (manifest_parse_type(text, &m->type) != 0)
		return (refuse(reader, "type", "is no type of backup"));
	return (0);
}

/* The schema comes first: an unknown one explains every other surprise. */
static int
read_schema(struct reader *reader, unsigned *number)
{
	int64_t schema = 0;

	if (take_number(reader, "schema", 0, UINT32_MAX, &schema) != 0)
		return (-1);
	if (schema == MANIFEST_SCHEMA || schema == MANIFEST_SCHEMA_FIRST) {
		*number = (unsigned)schema;
		return (0);
	}
	(void)error_set(reader->error, KIND_INTEGRITY, ORIGIN_US, 0,
	    "\"schema\" is %lld, and this program knows %u to %u only",
	    (long long)schema, MANIFEST_SCHEMA_FIRST, MANIFEST_SCHEMA);
	error_hint(reader->error,
	    "use the version of the program that wrote it, or a newer one");
	return (-1);
}

static int
read_manifest(json_t *root, struct manifest *m, struct error *error)
{
	struct reader r;

	if (begin(&r, root, "manifest", error) != 0 ||
	    read_schema(&r, &m->schema) != 0 ||
	    take_guid(&r, "id", m->id) != 0 ||
	    take_text(&r, "tool", &m->tool) != 0 ||
	    take_text(&r, "server", &m->server) != 0 ||
	    take_text(&r, "database", &m->database) != 0 ||
	    read_type(&r, m) != 0 ||
	    take_bool(&r, "copy_only", &m->copy_only) != 0 ||
	    take_time(&r, "started", &m->started) != 0 ||
	    take_time(&r, "finished", &m->finished) != 0 ||
	    read_stream(&r, m) != 0 ||
	    take_text(&r, "statement", &m->statement) != 0 ||
	    read_messages(&r, m) != 0 || read_set(&r, m) != 0 ||
	    read_compression(&r, m) != 0 || read_stripes(&r, m) != 0 ||
	    read_faults(&r, m) != 0 || end(&r) != 0)
		return (-1);
	return (manifest_check(m, error));
}

int
manifest_json_decode(struct manifest *manifest, const char *text, size_t size,
    struct error *error)
{
	json_error_t problem;
	json_t *root = NULL;
	json_t *again = NULL;
	int rc = -1;

	if (size > MANIFEST_JSON_MAX) {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "larger than the %u bytes that a manifest may have",
		    MANIFEST_JSON_MAX);
		goto out;
	}
	/* A manifest ends in a newline, so that one cut anywhere is seen. */
	if (size == 0 || text[size - 1] != '\n') {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "cut short: there is no end of line at its end");
		goto out;
	}
	root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
	/* Without memory for a token jansson goes on with what it has of it,
	 * and finds fault with the text, or not even that: so it is read
	 * again, which a healthy text stands. */
	again = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	if (root == NULL && again == NULL && problem.text[0] != '\0') {
		(void)error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "not valid JSON: line %d: %s", problem.line,
		    problem.text);
		goto out;
	}
	if (!json_equal(root, again)) {
		(void)error_memory(error);
		goto out;
	}
	rc = read_manifest(root, manifest, error);
out:
	json_decref(root);
	json_decref(again);
	if (rc != 0)
		manifest_release(manifest);
	return (rc);
}
