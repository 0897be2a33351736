/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/describe.h"

#include "base/bytes.h"
#include "base/num.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_US 1000
#define EPOCH_2020 1577836800
#define MINUTES_PER_QUARTER 15
#define FILETIME_UNIX 116444736000000000ull /* 1601 to 1970, in 100 ns */
#define UNLIMITED 35184372080640ull /* as SQL Server says it */
#define COLLATION_LATIN1 0x00D00409u
#define LOCALE_US 1033
#define COMPARISON_STYLE 196609
#define SORT_ID_LATIN1 52
#define COMPATIBILITY 160

/* Seconds since 2020, microseconds: rises with every backup. */
static struct mtf_lsn
lsn_now(struct timespec now)
{
	struct mtf_lsn lsn = {
		.seq = (uint32_t)(now.tv_sec - EPOCH_2020),
		.block = (uint32_t)(now.tv_nsec / NS_PER_US),
		.slot = 1,
	};

	return (lsn);
}

static int
make_random(void *to, size_t size, struct error *error)
{
	if (getrandom(to, size, 0) != (ssize_t)size)
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot get random numbers"));
	return (0);
}

/* A GUID that stays the same as long as the file does. */
static struct mtf_guid
file_guid(const struct snapshot_info *info, uint8_t kind)
{
	struct mtf_guid guid = { { 0 } };

	bytes_put64(guid.bytes, (uint64_t)info->inode);
	bytes_put64(guid.bytes + 8, (uint64_t)info->device);
	guid.bytes[15] = kind;
	return (guid);
}

static void
add_names(struct mtf_set *set, const struct tsql_statement *statement)
{
	char host[256] = "localhost";
	struct passwd entry;
	struct passwd *found = NULL;
	char room[1024];

	(void)gethostname(host, sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	mtf_text_copy(set->machine, sizeof(set->machine), host);
	mtf_text_copy(set->server, sizeof(set->server), host);
	if (getpwuid_r(geteuid(), &entry, room, sizeof(room), &found) == 0 &&
	    found != NULL)
		mtf_text_copy(set->user, sizeof(set->user), found->pw_name);
	mtf_text_copy(set->database, sizeof(set->database),
	    statement->database);
	if (statement->name != NULL)
		mtf_text_copy(set->name, sizeof(set->name), statement->name);
	if (statement->description != NULL)
		mtf_text_copy(set->description, sizeof(set->description),
		    statement->description);
	mtf_text_copy(set->device, sizeof(set->device), "/");
}

static void
add_version(struct mtf_set *set)
{
	char text[] = PACKAGE_VERSION;
	char *rest = NULL;
	int64_t number;
	char *word = strtok_r(text, ".-", &rest);

	if (word != NULL && num_parse(word, 0, 255, &number) == 0)
		set->software_major = (uint8_t)number;
	word = strtok_r(NULL, ".-", &rest);
	if (word != NULL && num_parse(word, 0, 255, &number) == 0)
		set->software_minor = (uint8_t)number;
}

static void
add_file(struct description *description,
    const struct tsql_statement *statement, const char *path,
    const struct snapshot_info *info, const struct wrap_plan *plan)
{
	struct mtf_file *file = &description->file;
	char *absolute = realpath(path, NULL);

	mtf_file_init(file, 'D');
	file->file_id = WRAP_FILE_ID;
	file->group_id = 1;
	file->page_size = MTF_PAGE_SIZE;
	file->source_block_size = 512;
	file->pages = (uint32_t)plan->pages;
	file->size = plan->pages * MTF_PAGE_SIZE;
	file->min_size = file->size;
	file->max_size = UNLIMITED;
	file->growth = MTF_EXTENT_SIZE;
	file->backup_size = file->size;
	file->first_lsn = description->set.first_lsn;
	file->checkpoint_lsn = description->set.checkpoint_lsn;
	file->base_lsn = description->set.checkpoint_lsn;
	file->base_guid = description->set.set_guid;
	file->unique_id = file_guid(info, 3);
	mtf_text_copy(file->logical, sizeof(file->logical),
	    statement->database);
	mtf_text_copy(file->physical, sizeof(file->physical),
	    absolute != NULL ? absolute : path);
	free(absolute);
	mtf_text_copy(file->group, sizeof(file->group), "PRIMARY");
}

int
describe_start(struct description *description,
    const struct tsql_statement *statement, const char *path,
    const struct snapshot_info *info, const struct wrap_plan *plan,
    struct error *error)
{
	struct mtf_label *label = &description->label;
	struct mtf_set *set = &description->set;
	struct timespec now;
	struct tm tm;

	mtf_label_init(label);
	mtf_set_init(set);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)localtime_r(&now.tv_sec, &tm);
	if (make_random(&label->set_id, sizeof(label->set_id), error) != 0 ||
	    make_random(&set->set_guid, sizeof(set->set_guid), error) != 0)
		return (-1);
	label->family_count = (uint16_t)statement->device_count;
	label->date = mtf_date_from_tm(&tm);
	mtf_text_copy(label->software, sizeof(label->software), MTF_SOFTWARE);
	if (statement->media_name != NULL)
		mtf_text_copy(label->name, sizeof(label->name),
		    statement->media_name);
	if (statement->media_description != NULL)
		mtf_text_copy(label->description, sizeof(label->description),
		    statement->media_description);
	add_names(set, statement);
	add_version(set);
	set->start = label->date;
	set->time_zone = (int8_t)(tm.tm_gmtoff / 60 / MINUTES_PER_QUARTER);
	set->first_lsn = lsn_now(now);
	set->checkpoint_lsn = set->first_lsn;
	set->last_lsn = set->first_lsn;
	set->chain_lsn = set->first_lsn;
	set->compatibility = COMPATIBILITY;
	set->database_id = 5;
	set->backup_size = plan->pages * MTF_PAGE_SIZE;
	set->compressed_size = set->backup_size;
	set->locale_id = LOCALE_US;
	set->comparison_style = COMPARISON_STYLE;
	set->collation = COLLATION_LATIN1;
	set->sort_id = SORT_ID_LATIN1;
	set->sort_order = SORT_ID_LATIN1;
	set->status = MTF_STATUS_SIMPLE;
	if (statement->copy_only)
		set->flags |= MTF_SCIN_IS_COPY_ONLY;
	set->binding_id = file_guid(info, 1);
	set->fork_id = file_guid(info, 2);
	set->family_guid = set->fork_id;
	add_file(description, statement, path, info, plan);
	description->file.created = FILETIME_UNIX +
	    (uint64_t)now.tv_sec * 10000000u;
	return (0);
}

void
describe_finish(const struct description *description,
    const struct wrap_plan *plan, struct mtf_final *final)
{
	struct timespec now;
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)localtime_r(&now.tv_sec, &tm);
	memset(final, 0, sizeof(*final));
	final->finish = mtf_date_from_tm(&tm);
	final->backup_size = plan->pages * MTF_PAGE_SIZE;
	final->compressed_size = final->backup_size;
	final->first_lsn = description->set.first_lsn;
	final->checkpoint_lsn = description->set.checkpoint_lsn;
	final->last_lsn = lsn_now(now);
	if (mtf_lsn_compare(final->last_lsn, final->first_lsn) < 0)
		final->last_lsn = final->first_lsn;
}
