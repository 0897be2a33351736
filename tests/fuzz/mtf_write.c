/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A stream that is written from a description made of the input: the reader
 * takes it, and what it read, written once more, is the same stream.
 */

#include "common.h"

#include "base/utf.h"
#include "mtf/checksum.h"
#include "mtf/reader.h"
#include "mtf/writer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 4

struct described {
	struct mtf_label label;
	struct mtf_set set;
	struct mtf_file files[FILES_MAX];
	struct mtf_final final;
	struct mtf_spec spec;
	bool is_valid; /* all its texts are UTF-8 */
};

static void
take_bytes(struct fuzz_input *input, void *to, size_t size)
{
	uint8_t *at = to;

	while (size-- > 0)
		*at++ = fuzz_take8(input);
}

static void
take_text(struct described *d, struct fuzz_input *input, char *to,
    size_t room)
{
	size_t length = (size_t)fuzz_take8(input) * 5;

	if (length > input->left)
		length = input->left;
	if (length > room - 1)
		length = room - 1;
	take_bytes(input, to, length);
	to[length] = '\0';
	memset(to + strlen(to), 0, room - strlen(to));
	d->is_valid = d->is_valid && utf_is_valid(to);
}

static struct mtf_lsn
take_lsn(struct fuzz_input *input)
{
	struct mtf_lsn lsn = { fuzz_take32(input), fuzz_take32(input),
		fuzz_take16(input) };

	return (lsn);
}

static struct mtf_date
take_date(struct fuzz_input *input)
{
	uint8_t bytes[MTF_DATE_BYTES];

	take_bytes(input, bytes, sizeof(bytes));
	return (mtf_date_get(bytes));
}

static void
take_label(struct described *d, struct fuzz_input *input)
{
	mtf_label_init(&d->label);
	d->label.family_id = fuzz_take32(input);
	d->label.family_count = fuzz_take8(input) % 66;
	d->label.family_sequence = fuzz_take8(input) % 66;
	take_bytes(input, &d->label.set_id, sizeof(d->label.set_id));
	d->label.date = take_date(input);
	take_text(d, input, d->label.name, sizeof(d->label.name));
	take_text(d, input, d->label.description,
	    sizeof(d->label.description));
}

static void
take_set_texts(struct described *d, struct fuzz_input *input)
{
	struct mtf_set *set = &d->set;

	take_text(d, input, set->name, sizeof(set->name));
	take_text(d, input, set->description, sizeof(set->description));
	take_text(d, input, set->user, sizeof(set->user));
	take_text(d, input, set->machine, sizeof(set->machine));
	take_text(d, input, set->device, sizeof(set->device));
	take_text(d, input, set->database, sizeof(set->database));
	take_text(d, input, set->server, sizeof(set->server));
}

static void
take_set(struct described *d, struct fuzz_input *input)
{
	static const char types[] = "DILDX";
	struct mtf_set *set = &d->set;

	mtf_set_init(set);
	set->type = types[fuzz_take_below(input, 5)];
	set->flags = fuzz_take32(input);
	set->status = fuzz_take32(input);
	set->time_zone = (int8_t)fuzz_take8(input);
	set->start = take_date(input);
	set->created = take_date(input);
	set->expiration = take_date(input);
	set->first_lsn = take_lsn(input);
	set->last_lsn = take_lsn(input);
	set->checkpoint_lsn = take_lsn(input);
	set->backup_size = fuzz_take64(input);
	take_bytes(input, &set->set_guid, sizeof(set->set_guid));
	take_bytes(input, &set->family_guid, sizeof(set->family_guid));
	take_set_texts(d, input);
	d->final.finish = take_date(input);
	d->final.backup_size = fuzz_take64(input);
	d->final.first_lsn = take_lsn(input);
	d->final.last_lsn = take_lsn(input);
}

static void
take_file(struct described *d, struct fuzz_input *input,
    struct mtf_file *file)
{
	static const char types[] = "DLD?";

	mtf_file_init(file, types[fuzz_take_below(input, 4)]);
	file->file_id = fuzz_take16(input);
	file->group_id = fuzz_take8(input) % 3;
	file->pages = fuzz_take32(input);
	file->size = fuzz_take64(input);
	file->create_lsn = take_lsn(input);
	take_bytes(input, &file->unique_id, sizeof(file->unique_id));
	take_text(d, input, file->logical, sizeof(file->logical));
	take_text(d, input, file->physical, sizeof(file->physical));
	take_text(d, input, file->group, sizeof(file->group));
}

static void
take_all(struct described *d, struct fuzz_input *input)
{
	size_t i;

	memset(d, 0, sizeof(*d));
	d->is_valid = true;
	d->spec.block_size = 256u << fuzz_take8(input) % 10;
	d->spec.transfer_size = fuzz_take8(input) % 66 * 65536u;
	d->spec.with_checksum = fuzz_take8(input) % 2 != 0;
	/* One transfer, and now and then something that is none. */
	if (fuzz_take8(input) % 4 == 1)
		d->spec.data_bytes = 65536;
	d->spec.data_bytes += fuzz_take8(input) == 7;
	d->spec.file_count = fuzz_take_below(input, FILES_MAX + 1);
	take_label(d, input);
	take_set(d, input);
	for (i = 0; i < d->spec.file_count; i++)
		take_file(d, input, &d->files[i]);
}

static int
write_all(struct described *d, struct str *out, struct error *error)
{
	static uint8_t data[65536];
	uint64_t left;
	struct mtf_sum sum;

	d->spec.label = &d->label;
	d->spec.set = &d->set;
	d->spec.files = d->files;
	if (mtf_write_head(&d->spec, out, error) != 0)
		return (-1);
	FUZZ_CHECK(out->length % d->spec.block_size == 0);
	mtf_sum_init(&sum);
	for (left = d->spec.data_bytes; left > 0; left -= sizeof(data)) {
		mtf_sum_add(&sum, data, sizeof(data));
		str_add_bytes(out, data, sizeof(data));
	}
	FUZZ_CHECK(mtf_write_tail(&d->spec, &d->final, mtf_sum_value(&sum),
	    out, error) == 0);
	FUZZ_CHECK(out->length % d->spec.block_size == 0);
	return (0);
}

/* What was read takes the place of what was written. */
struct reading {
	struct described *to;
	size_t files;
};

static int
on_label(void *context, const struct mtf_label *label, struct error *error)
{
	struct reading *reading = context;

	(void)error;
	reading->to->label = *label;
	return (0);
}

static int
on_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct reading *reading = context;
	struct mtf_final *final = &reading->to->final;

	(void)error;
	reading->files = 0;
	if (!is_final) {
		reading->to->set = *set;
		return (0);
	}
	final->finish = set->finish;
	final->backup_size = set->backup_size;
	final->compressed_size = set->compressed_size;
	final->first_lsn = set->first_lsn;
	final->last_lsn = set->last_lsn;
	final->checkpoint_lsn = set->checkpoint_lsn;
	return (0);
}

static int
on_file(void *context, const struct mtf_file *file, bool is_final,
    struct error *error)
{
	struct reading *reading = context;

	(void)is_final;
	(void)error;
	FUZZ_CHECK(reading->files < reading->to->spec.file_count);
	reading->to->files[reading->files++] = *file;
	return (0);
}

static void
read_back(const struct str *stream, struct described *to)
{
	static const struct mtf_events events = {
		.label = on_label,
		.set = on_set,
		.file = on_file,
	};
	struct reading reading = { .to = to };
	struct mtf_reader *reader = mtf_reader_new(&events, &reading, NULL);
	struct error error;

	error_init(&error);
	FUZZ_CHECK(reader != NULL);
	FUZZ_CHECK(mtf_reader_feed(reader, stream->text, stream->length,
	    &error) == 0);
	FUZZ_CHECK(mtf_reader_finish(reader, &error) == 0);
	FUZZ_CHECK(mtf_reader_sets(reader) == 1);
	FUZZ_CHECK(reading.files == to->spec.file_count);
	mtf_reader_free(reader);
}

static void
check_stream(struct described *d, const struct str *stream)
{
	uint64_t head = 0;
	uint64_t tail = 0;
	struct error error;
	struct str again;

	error_init(&error);
	FUZZ_CHECK(mtf_write_sizes(&d->spec, &head, &tail, &error) == 0);
	FUZZ_CHECK(head + d->spec.data_bytes + tail == stream->length);
	read_back(stream, d);
	if (!d->is_valid)
		return;
	str_init(&again);
	FUZZ_CHECK(write_all(d, &again, &error) == 0);
	FUZZ_CHECK(again.length == stream->length &&
	    memcmp(again.text, stream->text, again.length) == 0);
	str_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct described described;
	struct fuzz_input input = { data, size };
	struct error error;
	struct str stream;

	error_init(&error);
	str_init(&stream);
	take_all(&described, &input);
	if (write_all(&described, &stream, &error) == 0)
		check_stream(&described, &stream);
	else
		fuzz_check_error(&error, 1u << KIND_USAGE);
	str_release(&stream);
	return (0);
}
