/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/family.h"

#include "mtf/reader.h"
#include "runtime/vdi.h"

#include <stdlib.h>
#include <string.h>

static int
take_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct family *family = context;

	(void)error;
	family->label = *label;
	family->has_label = true;
	return (0);
}

static int
take_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct family *family = context;
	struct family_set *last;

	if (!is_final) {
		struct family_set *sets = realloc(family->sets,
		    (family->set_count + 1) * sizeof(*sets));

		if (sets == NULL)
			return (error_memory(error));
		family->sets = sets;
		memset(&sets[family->set_count++], 0, sizeof(*sets));
	}
	if (family->set_count == 0)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the final values of a set come before the set"));
	/* The final values come with the file list once more. */
	last = &family->sets[family->set_count - 1];
	last->set = *set;
	last->is_final = is_final;
	last->file_count = 0;
	return (0);
}

static int
take_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct family *family = context;
	struct family_set *last = &family->sets[family->set_count - 1];
	struct mtf_file *files;

	(void)is_final;
	files = realloc(last->files, (last->file_count + 1) * sizeof(*files));
	if (files == NULL)
		return (error_memory(error));
	files[last->file_count++] = *file;
	last->files = files;
	return (0);
}

static int
take_data(void *context, const void *data, size_t size, uint64_t offset,
    struct error *error)
{
	struct family *family = context;

	(void)data;
	(void)offset;
	(void)error;
	family->data_bytes += size;
	return (0);
}

static int
take_checksum(void *context, const struct mtf_checksum *result,
    struct error *error)
{
	struct family *family = context;

	if (!result->is_match)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the backup checksum of the data at offset %llu is wrong "
		    "(%08x in the stream, %08x of its data)",
		    (unsigned long long)result->offset, result->expected,
		    result->actual));
	family->checksums++;
	return (0);
}

int
family_init(struct family *family, struct error *error)
{
	static const struct mtf_events events = { .label = take_label,
		.set = take_set, .file = take_file, .data = take_data,
		.checksum = take_checksum };

	*family = (struct family){ 0 };
	family->reader = mtf_reader_new(&events, family, error);
	return (family->reader != NULL ? 0 : -1);
}

void
family_release(struct family *family)
{
	size_t i;

	mtf_reader_free(family->reader);
	for (i = 0; i < family->set_count; i++)
		free(family->sets[i].files);
	free(family->sets);
	*family = (struct family){ 0 };
}

int
family_feed(void *context, const void *data, size_t size, struct error *error)
{
	struct family *family = context;

	return (mtf_reader_feed(family->reader, data, size, error));
}

int
family_finish(struct family *family, struct error *error)
{
	return (mtf_reader_finish(family->reader, error));
}

static int
check_member(const struct family *first, const struct family *family,
    const char *name, const char **holders, struct error *error)
{
	const struct mtf_label *label = &family->label;

	if (!mtf_guid_is_equal(&label->set_id, &first->label.set_id))
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" belongs to another media set", name));
	if (family->set_count != first->set_count ||
	    (family->set_count > 0 &&
	        !mtf_guid_is_equal(&family->sets[0].set.set_guid,
	            &first->sets[0].set.set_guid)))
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" holds another backup set than the others", name));
	if (label->family_sequence < 1 ||
	    label->family_sequence > first->label.family_count)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" says that it is family %u of %u", name,
		    label->family_sequence, label->family_count));
	if (holders[label->family_sequence - 1] != NULL)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" and \"%s\" are the same family",
		    holders[label->family_sequence - 1], name));
	holders[label->family_sequence - 1] = name;
	return (0);
}

int
family_check_set(const struct family *families, char *const *names,
    size_t count, struct error *error)
{
	const char *holders[VD_MAX_DEVICES] = { NULL };
	unsigned wanted = families[0].label.family_count;
	size_t i;

	if (wanted < 1 || wanted > VD_MAX_DEVICES)
		return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" says that it is one of %u families", names[0],
		    wanted));
	for (i = 0; i < count; i++)
		if (check_member(&families[0], &families[i], names[i],
		        holders, error) != 0)
			return (-1);
	for (i = 0; i < wanted; i++)
		if (holders[i] == NULL)
			return (error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
			    "the media set has %u families, but only %zu were "
			    "given: family %zu is missing", wanted, count,
			    i + 1));
	return (0);
}
