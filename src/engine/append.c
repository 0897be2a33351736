/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/append.h"

#include "engine/message.h"
#include "engine/reading.h"
#include "mtf/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is remembered of each takes memory, and the map that ends a set names
 * all of those before it. */
#define SETS_MAX 1024u

/* While the media are looked at; the context of the sink and of the events. */
struct look {
	struct append *append;
	struct mtf_reader *reader;
	bool wants_sets;
	bool is_over;
};

void
append_init(struct append *append, struct operation *operation,
    struct device *device)
{
	memset(append, 0, sizeof(*append));
	append->operation = operation;
	append->device = device;
}

void
append_release(struct append *append)
{
	free(append->sets);
	free(append->marks);
}

static int
fail(struct append *append, int number, const char *reason)
{
	if (operation_fail(append->operation, OPERATION_CLOSE))
		report_message(append->operation->report, number,
		    append->device->name, reason, NULL);
	return (-1);
}

static int
fail_memory(struct append *append)
{
	if (operation_fail(append->operation, OPERATION_CLOSE))
		report_message(append->operation->report, MESSAGE_NO_MEMORY,
		    NULL);
	return (-1);
}

/* --- what the reader tells ---------------------------------------------- */

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct look *look = context;

	(void)error;
	look->append->label = *label;
	look->append->has_label = true;
	look->is_over = !look->wants_sets;
	return (0);
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct append *append = ((struct look *)context)->append;
	struct mtf_set *sets;

	if (!is_final)
		return (0);
	if (append->set_count == SETS_MAX)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "there are more than %u backup sets", SETS_MAX));
	sets = realloc(append->sets, (append->set_count + 1) * sizeof(*sets));
	if (sets == NULL)
		return (error_memory(error));
	append->sets = sets;
	sets[append->set_count++] = *set;
	return (0);
}

static int
on_notice(void *context, const struct mtf_notice *notice, struct error *error)
{
	struct append *append = ((struct look *)context)->append;
	uint64_t *marks;

	if (notice->kind != MTF_NOTICE_BLOCK || notice->tag != MTF_SFMB)
		return (0);
	marks = realloc(append->marks, (append->mark_count + 1) *
	    sizeof(*marks));
	if (marks == NULL)
		return (error_memory(error));
	append->marks = marks;
	marks[append->mark_count++] = notice->offset;
	return (0);
}

/* --- the sink ------------------------------------------------------------ */

static int
refuse(struct look *look, const struct error *error)
{
	struct append *append = look->append;

	if (look->is_over)
		return (0);
	if (error->kind == KIND_STORAGE)
		return (fail_memory(append));
	return (fail(append, append->has_label ? MESSAGE_BAD_END :
	    MESSAGE_NO_FORMAT, error->text));
}

static int
look_feed(void *context, const void *data, size_t size)
{
	struct look *look = context;
	struct error error;

	error_init(&error);
	if (mtf_reader_feed(look->reader, data, size, &error) == 0)
		return (0);
	return (refuse(look, &error));
}

static int
look_mark(void *context)
{
	struct look *look = context;
	struct error error;

	error_init(&error);
	if (mtf_reader_filemark(look->reader, &error) == 0)
		return (0);
	return (refuse(look, &error));
}

static bool
look_is_over(void *context)
{
	return (((const struct look *)context)->is_over);
}

static bool
look_is_passing(void *context)
{
	(void)context;
	return (true);
}

static uint64_t
look_skippable(void *context)
{
	const struct look *look = context;

	return (look->append->has_label ? mtf_reader_skippable(look->reader) :
	    0);
}

static void
look_skip(void *context, uint64_t bytes)
{
	mtf_reader_skip(((struct look *)context)->reader, bytes);
}

/* A set that goes on elsewhere cannot be followed by another here. */
static bool
look_is_complete(void *context)
{
	(void)context;
	return (true);
}

static int
look_end(void *context)
{
	struct look *look = context;
	struct error error;

	/* An empty medium is as good as a new one. */
	if (mtf_reader_offset(look->reader) == 0)
		return (0);
	error_init(&error);
	if (mtf_reader_finish(look->reader, &error) == 0)
		return (0);
	return (refuse(look, &error));
}

static uint32_t
look_block_size(void *context)
{
	return (((const struct look *)context)->append->label.block_size);
}

static int
look_next_label(void *context, const struct mtf_label *label)
{
	(void)label;
	return (fail(((struct look *)context)->append, MESSAGE_BAD_END,
	    "the last backup set goes on elsewhere"));
}

static const struct reading_sink look_sink = {
	.feed = look_feed,
	.mark = look_mark,
	.is_over = look_is_over,
	.is_passing = look_is_passing,
	.skippable = look_skippable,
	.skip = look_skip,
	.is_complete = look_is_complete,
	.end = look_end,
	.block_size = look_block_size,
	.next_label = look_next_label,
};

/* --- the verdict --------------------------------------------------------- */

static int
check_label(struct append *append)
{
	const struct mtf_label *label = &append->label;
	struct operation *operation = append->operation;
	const struct tsql_statement *statement = operation->statement;
	const struct medium *medium = operation->medium;
	uint32_t block = medium->has_marks ?
	    operation->wishes.softFileMarkBlockSize : operation->block_size;
	char found[16];
	char given[16];

	if (label->block_size != block) {
		(void)snprintf(found, sizeof(found), "%lu",
		    (unsigned long)label->block_size);
		(void)snprintf(given, sizeof(given), "%lu",
		    (unsigned long)block);
		if (operation_fail(operation, OPERATION_CLOSE))
			report_message(operation->report, MESSAGE_SECTOR_SIZE,
			    append->device->name, found, given, NULL);
		return (-1);
	}
	if (label->media_sequence != 1)
		return (fail(append, MESSAGE_BAD_END, "this is not the first "
		    "volume of its family"));
	if (statement->skip || statement->media_name == NULL ||
	    strcasecmp(statement->media_name, label->name) == 0)
		return (0);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_OTHER_NAME,
		    statement->media_name, label->name, append->device->name,
		    NULL);
	return (-1);
}

/* The writer wants the newest filemark first. */
static void
turn_marks(struct append *append)
{
	uint32_t i;

	for (i = 0; i < append->mark_count / 2; i++) {
		uint64_t *other = &append->marks[append->mark_count - 1 - i];
		uint64_t mark = append->marks[i];

		append->marks[i] = *other;
		*other = mark;
	}
}

/* Where the new set goes. */
static int
settle(struct append *append, uint64_t end)
{
	struct operation *operation = append->operation;
	struct device *device = append->device;

	if (append->set_count == 0)
		return (operation->medium->rewind(operation, device));
	if (append->set_count == SETS_MAX)
		return (fail(append, MESSAGE_BAD_END, "there are too many "
		    "backup sets"));
	turn_marks(append);
	append->prior.at = end;
	append->prior.sets = append->sets;
	append->prior.set_count = append->set_count;
	append->prior.marks = append->marks;
	append->prior.mark_count = append->mark_count;
	if (operation->medium->to_end(operation, device, end) != 0)
		return (-1);
	return (operation->medium->where(operation, device,
	    &append->prior.address));
}

int
append_look(struct append *append)
{
	static const struct mtf_events events = {
		.label = on_label,
		.set = on_set,
		.notice = on_notice,
	};
	struct operation *operation = append->operation;
	struct device *device = append->device;
	struct look look = { .append = append };
	struct reading reading;
	int result = -1;

	if (operation->medium->rewind(operation, device) != 0)
		return (-1);
	if (operation->statement->format)
		return (0);
	look.wants_sets = !operation->statement->init;
	look.reader = mtf_reader_new(&events, &look, NULL);
	if (look.reader == NULL)
		return (fail_memory(append));
	reading_init(&reading, operation, device, &look_sink, &look);
	reading.is_small = true;
	if (reading_run(&reading) == 0 &&
	    (!append->has_label || check_label(append) == 0))
		result = settle(append, mtf_reader_offset(look.reader));
	mtf_reader_free(look.reader);
	return (result);
}

int
append_match(const struct append *all, unsigned count)
{
	struct operation *operation = all[0].operation;
	uint64_t seen = 0;
	char families[16];
	char devices[16];
	unsigned i;

	(void)snprintf(devices, sizeof(devices), "%u", count);
	for (i = 0; i < count; i++) {
		const struct mtf_label *label = &all[i].label;
		unsigned family = label->family_sequence;
		bool fits;

		if (all[i].has_label != all[0].has_label)
			break;
		if (!all[0].has_label)
			continue;
		if (label->family_count != count) {
			(void)snprintf(families, sizeof(families), "%u",
			    (unsigned)label->family_count);
			if (operation_fail(operation, OPERATION_CLOSE))
				report_message(operation->report,
				    MESSAGE_FAMILIES_EXPECTED,
				    all[i].device->name, families, devices,
				    NULL);
			return (-1);
		}
		fits = mtf_guid_is_equal(&label->set_id,
		    &all[0].label.set_id) && family >= 1 && family <= count &&
		    (seen >> (family - 1) & 1) == 0 &&
		    all[i].set_count == all[0].set_count;
		if (!fits)
			break;
		seen |= UINT64_C(1) << (family - 1);
	}
	if (i == count)
		return (0);
	if (operation_fail(operation, OPERATION_CLOSE))
		report_message(operation->report, MESSAGE_OTHER_MEDIA,
		    all[i].device->name, NULL);
	return (-1);
}
