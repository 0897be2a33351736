/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/manifest.h"

#include "base/utf.h"

#include <string.h>

/* Wide enough for whatever a server may grant, narrow enough to catch
 * nonsense. */
#define BLOCK_SIZE_MAX (1u << 20)
#define TRANSFER_SIZE_MAX (64u << 20)
#define BUFFER_COUNT_MAX (1u << 20)
#define FRAME_SIZE_MAX (1u << 30)
/* zstd's own range. */
#define LEVEL_MIN (-131072)
#define LEVEL_MAX 22
#define WINDOW_LOG_MIN 10
#define WINDOW_LOG_MAX 31

static int
bad(struct error *error, const char *field, const char *why)
{
	return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0, "\"%s\" %s",
	    field, why));
}

static int
check_text(const char *text, size_t min, size_t max, const char *field,
    struct error *error)
{
	if (text == NULL)
		return (bad(error, field, "is missing"));
	if (strlen(text) < min)
		return (bad(error, field, "is empty"));
	if (strlen(text) > max)
		return (bad(error, field, "is too long"));
	if (!utf_is_valid(text))
		return (bad(error, field, "is not UTF-8"));
	return (0);
}

static int
check_optional(const char *text, const char *field, struct error *error)
{
	return (text == NULL ? 0 :
	    check_text(text, 0, MANIFEST_MAX_NAME, field, error));
}

static int
check_time(int64_t seconds, int64_t min, const char *field,
    struct error *error)
{
	if (seconds < min || seconds > MANIFEST_MAX_TIME)
		return (bad(error, field, "is not a time of this era"));
	return (0);
}

/* A name that cannot lead out of the folder or onto the folder's own files. */
static int
check_file(const char *file, struct error *error)
{
	const unsigned char *p;

	if (check_text(file, 1, 255, "file", error) != 0)
		return (-1);
	for (p = (const unsigned char *)file; *p != '\0'; p++)
		if (*p == '/' || *p == '\\' || *p == ':' || *p < 0x20 ||
		    *p == 0x7F)
			return (bad(error, "file",
			    "is not a plain name: it has a path in it"));
	if (file[0] == '.' || strcmp(file, "manifest.json") == 0 ||
	    strcmp(file, "SHA256SUMS") == 0)
		return (bad(error, "file", "is not the name of a stripe"));
	return (0);
}

static int
check_stripes(const struct manifest *m, struct error *error)
{
	size_t i;
	size_t k;

	if (m->stripe_count == 0 || m->stripe_count > MANIFEST_MAX_STRIPES)
		return (bad(error, "stripes", "has not 1 to 64 entries"));
	if (m->stripe_count != m->set.devices)
		return (bad(error, "stripes",
		    "has another number of entries than \"devices\" says"));
	for (i = 0; i < m->stripe_count; i++) {
		const struct manifest_stripe *s = &m->stripes[i];

		if (check_file(s->file, error) != 0)
			goto fail;
		if (s->stored_bytes == 0 || s->stored_bytes > INT64_MAX) {
			(void)bad(error, "stored_bytes", "is out of range");
			goto fail;
		}
		if (s->raw_bytes > INT64_MAX) {
			(void)bad(error, "raw_bytes", "is out of range");
			goto fail;
		}
		if (s->frames > INT64_MAX ||
		    (s->raw_bytes > 0 && s->frames == 0)) {
			(void)bad(error, "frames", "is out of range");
			goto fail;
		}
		for (k = 0; k < i; k++)
			if (strcmp(m->stripes[k].file, s->file) == 0) {
				(void)bad(error, "file",
				    "names a file that another stripe has");
				goto fail;
			}
	}
	return (0);
fail:
	error_context(error, "stripe %zu", i + 1);
	return (-1);
}

static int
check_set(const struct manifest_set *set, struct error *error)
{
	if (check_text(set->provider, 1, MANIFEST_MAX_NAME, "provider",
	    error) != 0)
		return (-1);
	if (set->devices < 1 || set->devices > MANIFEST_MAX_STRIPES)
		return (bad(error, "devices", "is not 1 to 64"));
	if (set->block_size == 0 || set->block_size > BLOCK_SIZE_MAX ||
	    (set->block_size & (set->block_size - 1)) != 0)
		return (bad(error, "block_size", "is not a block size"));
	if (set->transfer_size < set->block_size ||
	    set->transfer_size > TRANSFER_SIZE_MAX)
		return (bad(error, "transfer_size", "is out of range"));
	if (set->buffer_count > BUFFER_COUNT_MAX)
		return (bad(error, "buffer_count", "is out of range"));
	return (0);
}

static int
check_stream(const struct manifest_stream *s, struct error *error)
{
	if (check_time(s->started, 0, "started", error) != 0 ||
	    check_time(s->finished, 0, "finished", error) != 0 ||
	    check_optional(s->server, "server", error) != 0 ||
	    check_optional(s->database, "database", error) != 0 ||
	    check_optional(s->software, "software", error) != 0) {
		error_context(error, "stream");
		return (-1);
	}
	return (0);
}

static int
check_words(const struct manifest *m, struct error *error)
{
	size_t i;

	if (m->message_count > MANIFEST_MAX_MESSAGES)
		return (bad(error, "messages", "has too many entries"));
	for (i = 0; i < m->message_count; i++)
		if (check_text(m->messages[i].text, 0, MANIFEST_MAX_TEXT,
		    "text", error) != 0) {
			error_context(error, "message %zu", i + 1);
			return (-1);
		}
	if (m->fault_count > MANIFEST_MAX_FAULTS)
		return (bad(error, "faults", "has too many entries"));
	for (i = 0; i < m->fault_count; i++)
		if (check_text(m->faults[i], 1, MANIFEST_MAX_NAME, "faults",
		    error) != 0)
			return (-1);
	return (0);
}

static int
check_compression(const struct manifest *m, struct error *error)
{
	const struct manifest_levels *levels = &m->levels;

	if (m->level < LEVEL_MIN || m->level > LEVEL_MAX)
		return (bad(error, "level", "is not a level of zstd"));
	if (m->frame_size == 0 || m->frame_size > FRAME_SIZE_MAX)
		return (bad(error, "frame_size", "is out of range"));
	if (m->window_log != 0 && (m->window_log < WINDOW_LOG_MIN ||
	    m->window_log > WINDOW_LOG_MAX))
		return (bad(error, "window_log", "is out of range"));
	if (m->schema == MANIFEST_SCHEMA_FIRST &&
	    (m->window_log != 0 || m->has_levels))
		return (bad(error, "schema", "has no such compression"));
	if (!m->has_levels)
		return (0);
	if (levels->min < LEVEL_MIN || levels->max > LEVEL_MAX ||
	    levels->lowest < levels->min || levels->highest > levels->max ||
	    levels->last < levels->lowest ||
	    levels->last > levels->highest || m->level < levels->lowest ||
	    m->level > levels->highest)
		return (bad(error, "auto", "has levels that cannot be"));
	return (0);
}

int
manifest_check(const struct manifest *m, struct error *error)
{
	static const uint8_t none[16];

	if (m->schema != MANIFEST_SCHEMA &&
	    m->schema != MANIFEST_SCHEMA_FIRST)
		return (bad(error, "schema", "is one that is not known"));
	if (memcmp(m->id, none, sizeof(none)) == 0)
		return (bad(error, "id", "is all zero"));
	if ((unsigned)m->type > MANIFEST_READ_WRITE_DIFF)
		return (bad(error, "type", "is no type of backup"));
	if (check_text(m->tool, 1, MANIFEST_MAX_NAME, "tool", error) != 0 ||
	    check_text(m->server, 1, MANIFEST_MAX_NAME, "server", error) != 0 ||
	    check_text(m->database, 1, MANIFEST_MAX_NAME, "database",
	    error) != 0 ||
	    check_text(m->statement, 0, MANIFEST_MAX_TEXT, "statement",
	    error) != 0 ||
	    check_time(m->started, 1, "started", error) != 0 ||
	    check_time(m->finished, 1, "finished", error) != 0 ||
	    check_set(&m->set, error) != 0 ||
	    check_compression(m, error) != 0)
		return (-1);
	if (m->has_stream && check_stream(&m->stream, error) != 0)
		return (-1);
	if (check_words(m, error) != 0)
		return (-1);
	return (check_stripes(m, error));
}
