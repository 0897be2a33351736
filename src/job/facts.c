/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/facts.h"

#include "mtf/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct facts {
	struct mtf_reader *reader; /* NULL once the stream was not understood */
	struct mtf_set set;
	bool is_final;
	struct error error;
};

static int
take_set(void *context, const struct mtf_set *set, bool is_final,
    struct error *error)
{
	struct facts *facts = context;

	(void)error;
	facts->set = *set;
	facts->is_final = is_final;
	return (0);
}

/* The server's checksums are for verify and restore to judge. */
static int
pass_checksum(void *context, const struct mtf_checksum *result,
    struct error *error)
{
	(void)context;
	(void)result;
	(void)error;
	return (0);
}

struct facts *
facts_new(struct error *error)
{
	static const struct mtf_events events = { .set = take_set,
		.checksum = pass_checksum };
	struct facts *facts = calloc(1, sizeof(*facts));

	if (facts == NULL) {
		IGNORE_RESULT(error_memory(error));
		return (NULL);
	}
	facts->reader = mtf_reader_new(&events, facts, error);
	if (facts->reader == NULL) {
		free(facts);
		return (NULL);
	}
	return (facts);
}

void
facts_free(struct facts *facts)
{
	if (facts == NULL)
		return;
	mtf_reader_free(facts->reader);
	free(facts);
}

void
facts_feed(struct facts *facts, const void *data, size_t size)
{
	if (facts->reader == NULL ||
	    mtf_reader_feed(facts->reader, data, size, &facts->error) == 0)
		return;
	mtf_reader_free(facts->reader);
	facts->reader = NULL;
}

static struct manifest_lsn
convert_lsn(struct mtf_lsn lsn)
{
	struct manifest_lsn to = { lsn.seq, lsn.block, lsn.slot };

	return (to);
}

/* The stream's date is the server's local time with its own zone beside it. */
static int64_t
convert_date(struct mtf_date date, int8_t zone)
{
	struct tm tm = { .tm_year = date.year - 1900,
		.tm_mon = date.month - 1, .tm_mday = date.day,
		.tm_hour = date.hour, .tm_min = date.minute,
		.tm_sec = date.second };
	int64_t seconds;

	/* A date that is none is not known, and no reason to refuse what is
	 * stored. */
	if (!mtf_date_is_valid(date) || zone == 127)
		return (0);
	seconds = (int64_t)timegm(&tm) - (int64_t)zone * 15 * 60;
	return (seconds > 0 && seconds <= MANIFEST_MAX_TIME ? seconds : 0);
}

int
facts_into(struct facts *facts, struct manifest *manifest, struct error *why)
{
	const struct mtf_set *set = &facts->set;
	struct manifest_stream *stream = &manifest->stream;
	char software[32];

	if (!facts->is_final) {
		if (!error_is_set(&facts->error))
			IGNORE_RESULT(error_set(why, KIND_INTEGRITY, ORIGIN_US,
			    0, "its final values did not come"));
		else
			*why = facts->error;
		return (-1);
	}
	stream->first = convert_lsn(set->first_lsn);
	stream->last = convert_lsn(set->last_lsn);
	stream->checkpoint = convert_lsn(set->checkpoint_lsn);
	stream->database_backup = convert_lsn(set->database_lsn);
	stream->differential_base = convert_lsn(set->base_lsn);
	stream->fork_point = convert_lsn(set->fork_lsn);
	mtf_guid_put(stream->backup_set, &set->set_guid);
	mtf_guid_put(stream->differential_base_set, &set->base_guid);
	mtf_guid_put(stream->recovery_fork, &set->fork_id);
	mtf_guid_put(stream->first_recovery_fork, &set->first_fork_id);
	mtf_guid_put(stream->family, &set->family_guid);
	stream->started = convert_date(set->start, set->time_zone);
	stream->finished = convert_date(set->finish, set->time_zone);
	stream->block_checksums = mtf_set_has_checksum(set);
	stream->begins_log_chain = set->type == 'L' &&
	    mtf_lsn_is_set(set->chain_lsn) &&
	    mtf_lsn_compare(set->chain_lsn, set->first_lsn) == 0;
	(void)snprintf(software, sizeof(software), "%u.%u.%u",
	    set->software_major, set->software_minor, set->software_build);
	if (manifest_text(&stream->server, set->server, MANIFEST_MAX_NAME,
	        why) != 0 ||
	    manifest_text(&stream->database, set->database, MANIFEST_MAX_NAME,
	        why) != 0 ||
	    manifest_text(&stream->software, software, MANIFEST_MAX_NAME,
	        why) != 0)
		return (-1);
	manifest->has_stream = true;
	return (0);
}
