/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/message.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* Numbers that stand for other messages rather than for a cause. */
#define TERMINATING 3013
#define FAILED_TO_COMPLETE 3041
#define CANCELLED 3204

enum message_class
message_classify(int number, int level)
{
	if (level >= 11)
		return (MESSAGE_ERROR);
	if (number == 3211)
		return (MESSAGE_PERCENT);
	if (number == 3014 || number == 3262)
		return (MESSAGE_SUCCESS);
	/* 10 is information that a driver usually shows as 0. */
	return (level >= 1 && level <= 9 ? MESSAGE_WARNING : MESSAGE_INFO);
}

int
message_percent(const char *text)
{
	int percent = 0;
	int digits = 0;

	while (*text >= '0' && *text <= '9' && digits < 3) {
		percent = percent * 10 + (*text++ - '0');
		digits++;
	}
	/* The words after the number depend on the server's language. */
	if (digits == 0 || *text != ' ' || percent > 100)
		return (-1);
	return (percent);
}

void
message_list_init(struct message_list *list)
{
	list->items = NULL;
	list->count = 0;
	list->room = 0;
}

void
message_list_release(struct message_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
	message_list_init(list);
}

int
message_list_add(struct message_list *list, const struct message *message,
    struct error *error)
{
	struct message *items = list->items;
	char *text = strdup(message->text);

	if (text == NULL)
		return (error_memory(error));
	if (list->count == MESSAGE_MAX) {
		size_t gone = MESSAGE_MAX / 2;

		free(items[gone].text);
		memmove(&items[gone], &items[gone + 1],
		    (MESSAGE_MAX - gone - 1) * sizeof(*items));
		list->count--;
	} else if (list->count == list->room) {
		size_t room = list->room > 0 ? 2 * list->room : 16;

		items = realloc(items, room * sizeof(*items));
		if (items == NULL) {
			free(text);
			return (error_memory(error));
		}
		list->items = items;
		list->room = room;
	}
	items[list->count] = *message;
	items[list->count].text = text;
	list->count++;
	return (0);
}

/*
 * How far a message is from the cause.  An error 995 on a device says that
 * the set was aborted: true, but it follows from whatever aborted it, as the
 * end of a statement that somebody cancelled does.
 */
static int
distance(const struct message *message)
{
	switch (message->number) {
	case TERMINATING:
		return (3);
	case FAILED_TO_COMPLETE:
		return (2);
	case CANCELLED:
		return (1);
	case 3202:
	case 3203:
	case 3271:
	case 18210:
		/* Not the 995 that a device's name may have in it. */
		return (strstr(message->text, " 995(") != NULL ? 1 : 0);
	default:
		return (0);
	}
}

bool
message_has_cause(const struct message_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (message_classify(list->items[i].number,
		        list->items[i].level) == MESSAGE_ERROR &&
		    distance(&list->items[i]) == 0)
			return (true);
	return (false);
}

size_t
message_order_errors(const struct message_list *list, size_t *indexes,
    size_t room)
{
	size_t count = 0;
	size_t i;
	int far;

	for (far = 0; far <= 3; far++)
		for (i = 0; i < list->count && count < room; i++) {
			const struct message *message = &list->items[i];

			if (message_classify(message->number,
			    message->level) == MESSAGE_ERROR &&
			    distance(message) == far)
				indexes[count++] = i;
		}
	return (count);
}

struct advice {
	int number;
	const char *hint;
};

static const struct advice advices[] = {
	{ 262, "give this login the right to back up (db_backupoperator)" },
	{ 911, "check the database's name" },
	{ 1834, "place the files elsewhere with --move or --relocate" },
	{ 3023, "another backup of this database is running; try later" },
	{ 3035, "make a full backup first" },
	{ 3041, "the server's error log says more" },
	{ 3043, "the database is damaged: run DBCC CHECKDB" },
	{ 3101, "the database is in use; let its users disconnect" },
	{ 3132, "every stripe of the backup is needed" },
	{ 3136, "restore the full backup first that this differential needs" },
	{ 3154, "--replace overwrites the existing database" },
	{ 3156, "place the files elsewhere with --move or --relocate" },
	{ 3159, "back up the tail of the log first (--type log --tail), or "
	    "give --replace to lose it" },
	{ 3169, "this server is older than the one that made the backup" },
	{ 3241, "the stream is not a backup, or is damaged; run verify" },
	{ 4208, "set the recovery model to FULL, or make full backups" },
	{ 4214, "make a full backup first" },
	{ 4305, "a log backup between is missing" },
	{ 4326, "this log backup is older than the database; take a later "
	    "one" },
};

static void
advise(struct error *error, int number)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(advices); i++)
		if (advices[i].number == number)
			error_hint(error, "%s", advices[i].hint);
}

/* Full stops at the end go: the story's parts are joined by semicolons. */
static void
add_part(struct str *to, const struct message *message)
{
	size_t length = strlen(message->text);

	while (length > 0 &&
	    strchr(". \r\n", message->text[length - 1]) != NULL)
		length--;
	if (to->length > 0)
		str_add(to, "; ");
	str_add_bytes(to, message->text, length);
	str_addf(to, " (%d)", message->number);
}

void
message_story(const struct message_list *list, struct error *error)
{
	size_t indexes[8];
	struct str text;
	size_t count;
	size_t i;

	count = message_order_errors(list, indexes, ARRAY_COUNT(indexes));
	if (count == 0)
		return;
	str_init(&text);
	for (i = 0; i < count; i++)
		add_part(&text, &list->items[indexes[i]]);
	/* Without memory for the whole story, its first part will do. */
	(void)error_set(error, KIND_STATEMENT, ORIGIN_SERVER,
	    list->items[indexes[0]].number, "%s", text.failed ?
	    list->items[indexes[0]].text : text.text);
	for (i = 0; i < count; i++)
		advise(error, list->items[indexes[i]].number);
	str_release(&text);
}
