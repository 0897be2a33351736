/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/engine_line.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

void
engine_line_release(struct engine_line *line)
{
	free(line->message.text);
	memset(line, 0, sizeof(*line));
}

/* 0, or -1 if the field is missing or no number of C's int. */
static int
get_int(json_t *object, const char *field, int *number)
{
	json_t *value = json_object_get(object, field);

	if (!json_is_integer(value) || json_integer_value(value) < INT_MIN ||
	    json_integer_value(value) > INT_MAX)
		return (-1);
	*number = (int)json_integer_value(value);
	return (0);
}

static int
read_message(json_t *object, struct message *message)
{
	const char *text = json_string_value(json_object_get(object, "text"));

	if (text == NULL || get_int(object, "number", &message->number) != 0 ||
	    get_int(object, "level", &message->level) != 0 ||
	    get_int(object, "state", &message->state) != 0 ||
	    get_int(object, "line", &message->line) != 0)
		return (-1);
	message->text = strdup(text);
	return (message->text != NULL ? 0 : -1);
}

static int
read_event(json_t *object, struct engine_line *line)
{
	const char *event = json_string_value(json_object_get(object, "event"));

	if (event == NULL)
		return (-1);
	if (strcmp(event, "message") == 0) {
		line->kind = ENGINE_LINE_MESSAGE;
		return (read_message(object, &line->message));
	}
	if (strcmp(event, "columns") == 0 || strcmp(event, "row") == 0) {
		line->kind = ENGINE_LINE_ROWS;
		return (0);
	}
	if (strcmp(event, "done") == 0) {
		line->kind = ENGINE_LINE_DONE;
		return (get_int(object, "status", &line->status) == 0 &&
		    (line->status == 0 || line->status == 1) ? 0 : -1);
	}
	return (-1);
}

int
engine_line_decode(struct engine_line *line, const char *text, size_t size,
    struct error *error)
{
	json_t *object;
	int rc;

	memset(line, 0, sizeof(*line));
	errno = 0;
	object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	/* Every question about what is no object is answered with NULL. */
	rc = read_event(object, line);
	json_decref(object);
	if (rc == 0)
		return (0);
	engine_line_release(line);
	if (errno == ENOMEM)
		return (error_memory(error));
	return (error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
	    "the engine said something that is not understood: \"%.*s\"",
	    (int)(size < 100 ? size : 100), text));
}
