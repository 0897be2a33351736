/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/manifest.h"

#include "base/num.h"
#include "base/str.h"
#include "base/utf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char *const type_names[] = {
	[MANIFEST_FULL] = "full",
	[MANIFEST_DIFF] = "diff",
	[MANIFEST_LOG] = "log",
	[MANIFEST_FILE] = "file",
	[MANIFEST_FILE_DIFF] = "filediff",
	[MANIFEST_READ_WRITE] = "readwrite",
	[MANIFEST_READ_WRITE_DIFF] = "readwritediff",
};

void
manifest_init(struct manifest *manifest)
{
	memset(manifest, 0, sizeof(*manifest));
	manifest->schema = MANIFEST_SCHEMA;
}

void
manifest_release(struct manifest *manifest)
{
	size_t i;

	free(manifest->tool);
	free(manifest->server);
	free(manifest->database);
	free(manifest->statement);
	free(manifest->stream.server);
	free(manifest->stream.database);
	free(manifest->stream.software);
	free(manifest->set.provider);
	for (i = 0; i < manifest->message_count; i++)
		free(manifest->messages[i].text);
	free(manifest->messages);
	for (i = 0; i < manifest->stripe_count; i++)
		free(manifest->stripes[i].file);
	free(manifest->stripes);
	manifest_clear_faults(manifest);
	manifest_init(manifest);
}

int
manifest_new_id(uint8_t id[16], struct error *error)
{
	size_t got = 0;

	while (got < 16) {
		ssize_t n = getrandom(id + got, 16 - got, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (error_system(error, KIND_STORAGE, errno,
			    "cannot get random bytes for the backup's id"));
		got += (size_t)n;
	}
	/* Version 4, variant 1 (RFC 9562). */
	id[6] = (uint8_t)((id[6] & 0x0F) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
	return (0);
}

int
manifest_text(char **to, const char *text, size_t max, struct error *error)
{
	struct str wide;
	struct str valid;
	char *copy;
	int rc = -1;

	str_init(&wide);
	str_init(&valid);
	if (utf_is_valid(text)) {
		str_add(&valid, text);
	} else {
		utf_add_16le_from_8(&wide, text);
		if (str_check(&wide, error) != 0)
			goto out;
		utf_add_16le(&valid, wide.text, wide.length);
	}
	copy = str_detach(&valid, error);
	if (copy == NULL)
		goto out;
	if (strlen(copy) > max) {
		while (max > 0 && ((unsigned char)copy[max] & 0xC0) == 0x80)
			max--;
		copy[max] = '\0';
	}
	free(*to);
	*to = copy;
	rc = 0;
out:
	str_release(&wide);
	str_release(&valid);
	return (rc);
}

/* One more item at the end of *items; NULL: out of memory. */
static void *
grow(void **items, size_t count, size_t size, struct error *error)
{
	char *bigger = realloc(*items, (count + 1) * size);

	if (bigger == NULL) {
		(void)error_memory(error);
		return (NULL);
	}
	*items = bigger;
	memset(bigger + count * size, 0, size);
	return (bigger + count * size);
}

int
manifest_add_message(struct manifest *manifest, int number, const char *text,
    struct error *error)
{
	struct manifest_message *message;
	void *items = manifest->messages;
	char *copy = NULL;

	if (manifest_text(&copy, text, MANIFEST_MAX_TEXT, error) != 0)
		return (-1);
	if (manifest->message_count == MANIFEST_MAX_MESSAGES) {
		size_t gone = MANIFEST_MAX_MESSAGES / 2;

		free(manifest->messages[gone].text);
		memmove(&manifest->messages[gone],
		    &manifest->messages[gone + 1],
		    (MANIFEST_MAX_MESSAGES - gone - 1) *
		    sizeof(manifest->messages[0]));
		message = &manifest->messages[MANIFEST_MAX_MESSAGES - 1];
	} else {
		message = grow(&items, manifest->message_count,
		    sizeof(*message), error);
		if (message == NULL) {
			free(copy);
			return (-1);
		}
		manifest->messages = items;
		manifest->message_count++;
	}
	message->number = number;
	message->text = copy;
	return (0);
}

int
manifest_add_fault(struct manifest *manifest, const char *text,
    struct error *error)
{
	void *items = manifest->faults;
	char *copy = NULL;
	char **slot;

	if (manifest_text(&copy, text, MANIFEST_MAX_NAME, error) != 0)
		return (-1);
	slot = grow(&items, manifest->fault_count, sizeof(*slot), error);
	if (slot == NULL) {
		free(copy);
		return (-1);
	}
	manifest->faults = items;
	*slot = copy;
	manifest->fault_count++;
	return (0);
}

void
manifest_clear_faults(struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < manifest->fault_count; i++)
		free(manifest->faults[i]);
	free(manifest->faults);
	manifest->faults = NULL;
	manifest->fault_count = 0;
}

int
manifest_add_stripe(struct manifest *manifest,
    const struct manifest_stripe *stripe, struct error *error)
{
	void *items = manifest->stripes;
	struct manifest_stripe *slot;
	char *file;

	file = strdup(stripe->file);
	if (file == NULL)
		return (error_memory(error));
	slot = grow(&items, manifest->stripe_count, sizeof(*slot), error);
	if (slot == NULL) {
		free(file);
		return (-1);
	}
	manifest->stripes = items;
	*slot = *stripe;
	slot->file = file;
	manifest->stripe_count++;
	return (0);
}

const char *
manifest_type_name(enum manifest_type type)
{
	return (type_names[type]);
}

int
manifest_parse_type(const char *text, enum manifest_type *type)
{
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(type_names); i++)
		if (strcmp(text, type_names[i]) == 0) {
			*type = (enum manifest_type)i;
			return (0);
		}
	return (-1);
}

void
manifest_format_id(char text[MANIFEST_ID_ROOM], const uint8_t id[16])
{
	static const char digits[] = "0123456789abcdef";
	char *to = text;
	unsigned i;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[id[i] >> 4];
		*to++ = digits[id[i] & 15];
	}
	*to = '\0';
}

int
manifest_parse_id(const char *text, uint8_t id[16])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t parsed[16] = { 0 };
	char again[MANIFEST_ID_ROOM];
	unsigned nibble = 0;
	const char *p;

	for (p = text; *p != '\0' && nibble < 32; p++) {
		const char *digit;

		if (*p == '-')
			continue;
		digit = strchr(digits, *p);
		if (digit == NULL)
			return (-1);
		parsed[nibble / 2] |= (uint8_t)((digit - digits)
		    << (nibble % 2 ? 0 : 4));
		nibble++;
	}
	manifest_format_id(again, parsed);
	if (nibble != 32 || strcmp(again, text) != 0)
		return (-1);
	memcpy(id, parsed, sizeof(parsed));
	return (0);
}

void
manifest_format_lsn(char text[MANIFEST_LSN_ROOM], struct manifest_lsn lsn)
{
	if (!manifest_has_lsn(lsn))
		(void)snprintf(text, MANIFEST_LSN_ROOM, "0");
	else
		(void)snprintf(text, MANIFEST_LSN_ROOM, "%u%010u%05u",
		    lsn.sequence, lsn.block, lsn.slot);
}

int
manifest_parse_lsn(const char *text, struct manifest_lsn *lsn)
{
	struct manifest_lsn parsed = { 0, 0, 0 };
	char again[MANIFEST_LSN_ROOM];
	char part[16];
	size_t length = strlen(text);
	int64_t sequence;
	int64_t block;
	int64_t slot;

	if (strcmp(text, "0") == 0) {
		*lsn = parsed;
		return (0);
	}
	if (length < 16 || length > 25 || text[0] == '-')
		return (-1);
	(void)snprintf(part, sizeof(part), "%.*s", (int)(length - 15), text);
	if (num_parse(part, 0, UINT32_MAX, &sequence) != 0)
		return (-1);
	(void)snprintf(part, sizeof(part), "%.10s", text + length - 15);
	if (num_parse(part, 0, UINT32_MAX, &block) != 0 ||
	    num_parse(text + length - 5, 0, UINT16_MAX, &slot) != 0)
		return (-1);
	parsed.sequence = (uint32_t)sequence;
	parsed.block = (uint32_t)block;
	parsed.slot = (uint16_t)slot;
	manifest_format_lsn(again, parsed);
	if (strcmp(again, text) != 0)
		return (-1);
	*lsn = parsed;
	return (0);
}

int
manifest_compare_lsn(struct manifest_lsn a, struct manifest_lsn b)
{
	if (a.sequence != b.sequence)
		return (a.sequence < b.sequence ? -1 : 1);
	if (a.block != b.block)
		return (a.block < b.block ? -1 : 1);
	if (a.slot != b.slot)
		return (a.slot < b.slot ? -1 : 1);
	return (0);
}

bool
manifest_has_lsn(struct manifest_lsn lsn)
{
	return (lsn.sequence != 0 || lsn.block != 0 || lsn.slot != 0);
}

static bool
same_text(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

static bool
same_stream(const struct manifest_stream *a, const struct manifest_stream *b)
{
	return (manifest_compare_lsn(a->first, b->first) == 0 &&
	    manifest_compare_lsn(a->last, b->last) == 0 &&
	    manifest_compare_lsn(a->checkpoint, b->checkpoint) == 0 &&
	    manifest_compare_lsn(a->database_backup, b->database_backup) == 0 &&
	    manifest_compare_lsn(a->differential_base,
	    b->differential_base) == 0 &&
	    manifest_compare_lsn(a->fork_point, b->fork_point) == 0 &&
	    memcmp(a->backup_set, b->backup_set, 16) == 0 &&
	    memcmp(a->differential_base_set, b->differential_base_set,
	    16) == 0 &&
	    memcmp(a->recovery_fork, b->recovery_fork, 16) == 0 &&
	    memcmp(a->first_recovery_fork, b->first_recovery_fork, 16) == 0 &&
	    memcmp(a->family, b->family, 16) == 0 &&
	    a->started == b->started && a->finished == b->finished &&
	    a->block_checksums == b->block_checksums &&
	    a->begins_log_chain == b->begins_log_chain &&
	    a->server_compressed == b->server_compressed &&
	    same_text(a->server, b->server) &&
	    same_text(a->database, b->database) &&
	    same_text(a->software, b->software));
}

static bool
same_lists(const struct manifest *a, const struct manifest *b)
{
	size_t i;

	if (a->message_count != b->message_count ||
	    a->stripe_count != b->stripe_count ||
	    a->fault_count != b->fault_count)
		return (false);
	for (i = 0; i < a->message_count; i++)
		if (a->messages[i].number != b->messages[i].number ||
		    !same_text(a->messages[i].text, b->messages[i].text))
			return (false);
	for (i = 0; i < a->fault_count; i++)
		if (!same_text(a->faults[i], b->faults[i]))
			return (false);
	for (i = 0; i < a->stripe_count; i++) {
		const struct manifest_stripe *s = &a->stripes[i];
		const struct manifest_stripe *t = &b->stripes[i];

		if (!same_text(s->file, t->file) ||
		    s->raw_bytes != t->raw_bytes ||
		    s->stored_bytes != t->stored_bytes ||
		    s->frames != t->frames ||
		    memcmp(s->sha256, t->sha256, sizeof(s->sha256)) != 0 ||
		    memcmp(s->xxh128, t->xxh128, sizeof(s->xxh128)) != 0)
			return (false);
	}
	return (true);
}

static bool
same_levels(const struct manifest_levels *a, const struct manifest_levels *b)
{
	return (a->min == b->min && a->max == b->max &&
	    a->lowest == b->lowest && a->highest == b->highest &&
	    a->last == b->last);
}

bool
manifest_equal(const struct manifest *a, const struct manifest *b)
{
	return (a->schema == b->schema && memcmp(a->id, b->id, 16) == 0 &&
	    same_text(a->tool, b->tool) && same_text(a->server, b->server) &&
	    same_text(a->database, b->database) && a->type == b->type &&
	    a->copy_only == b->copy_only && a->started == b->started &&
	    a->finished == b->finished && a->has_stream == b->has_stream &&
	    (!a->has_stream || same_stream(&a->stream, &b->stream)) &&
	    same_text(a->statement, b->statement) &&
	    same_text(a->set.provider, b->set.provider) &&
	    a->set.devices == b->set.devices &&
	    a->set.features == b->set.features &&
	    a->set.block_size == b->set.block_size &&
	    a->set.transfer_size == b->set.transfer_size &&
	    a->set.buffer_count == b->set.buffer_count &&
	    a->level == b->level && a->frame_size == b->frame_size &&
	    a->window_log == b->window_log &&
	    a->has_levels == b->has_levels &&
	    (!a->has_levels || same_levels(&a->levels, &b->levels)) &&
	    same_lists(a, b));
}
