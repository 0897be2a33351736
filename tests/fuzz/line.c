/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * What the embedded server says, line by line, and the story that is made of
 * it.
 */

#include "common.h"

#include "base/utf.h"
#include "sql/engine_line.h"
#include "sql/message.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
check_message(const struct message *message)
{
	enum message_class class = message_classify(message->number,
	    message->level);
	int percent;

	FUZZ_CHECK(message->text != NULL && utf_is_valid(message->text));
	FUZZ_CHECK((class == MESSAGE_ERROR) == (message->level >= 11));
	percent = message_percent(message->text);
	FUZZ_CHECK(percent >= -1 && percent <= 100);
}

static void
check_story(const struct message_list *list)
{
	size_t indexes[8];
	struct error error;
	size_t count;

	error_init(&error);
	count = message_order_errors(list, indexes, ARRAY_COUNT(indexes));
	message_story(list, &error);
	FUZZ_CHECK((count > 0) == error_is_set(&error));
	if (count > 0)
		fuzz_check_error(&error, 1u << KIND_STATEMENT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct message_list list;
	struct engine_line line;
	struct error error;
	char *text;

	error_init(&error);
	message_list_init(&list);
	while ((text = fuzz_take_line(&input)) != NULL) {
		size_t length = strlen(text);
		char *exact = fuzz_copy(text, length);

		free(text);
		if (engine_line_decode(&line, exact, length, &error) != 0) {
			fuzz_check_error(&error, 1u << KIND_STATEMENT);
			FUZZ_CHECK(line.message.text == NULL);
		} else if (line.kind == ENGINE_LINE_MESSAGE) {
			check_message(&line.message);
			FUZZ_CHECK(message_list_add(&list, &line.message,
			    &error) == 0);
		} else {
			FUZZ_CHECK(line.status == 0 || line.status == 1);
		}
		engine_line_release(&line);
		free(exact);
	}
	check_story(&list);
	message_list_release(&list);
	return (0);
}
