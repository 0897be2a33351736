/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * A change of one value of a JSON text, so that what comes out is JSON again:
 * what a parser of ours refuses is then refused by us.  Every fourth change is
 * libFuzzer's own.
 */

#include "mutate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define TEXT_MAX 2000u

/* One way through a text: which value to change, and how. */
struct change {
	unsigned chance;
	size_t place; /* values before the one that is changed */
};

static unsigned
next(struct change *change)
{
	change->chance = change->chance * 1103515245u + 12345u;
	return (change->chance >> 8);
}

static size_t
count_values(json_t *value)
{
	size_t count = 1;
	const char *key;
	json_t *inner;
	size_t i;

	json_object_foreach(value, key, inner)
		count += count_values(inner);
	json_array_foreach(value, i, inner)
		count += count_values(inner);
	return (count);
}

static json_t *
change_text(struct change *change, const char *text)
{
	size_t size = strlen(text);
	uint8_t *bytes = malloc(size + TEXT_MAX);
	json_t *made = NULL;

	(void)next(change);
	if (bytes == NULL)
		return (NULL);
	memcpy(bytes, text, size);
	size = LLVMFuzzerMutate(bytes, size, size + TEXT_MAX);
	made = json_stringn((char *)bytes, size);
	free(bytes);
	return (made);
}

static json_t *
change_number(struct change *change, json_int_t number)
{
	static const json_int_t numbers[] = { 0, 1, -1, 63, 64, 65, 511, 512,
		65536, INT32_MAX, (json_int_t)UINT32_MAX, INT64_MAX,
		INT64_MIN };
	unsigned chance = next(change);

	switch (chance % 3) {
	case 0:
		return (json_integer(numbers[chance / 3 % (sizeof(numbers) /
		    sizeof(numbers[0]))]));
	case 1:
		return (json_integer((json_int_t)((uint64_t)number + 1)));
	default:
		return (json_integer((json_int_t)((uint64_t)number - 1)));
	}
}

/* Another value for this one, owned; NULL: none, it goes. */
static json_t *
change_value(struct change *change, json_t *value)
{
	unsigned chance = next(change) % 16;

	if (chance < 8 && json_is_string(value))
		return (change_text(change, json_string_value(value)));
	if (chance < 8 && json_is_integer(value))
		return (change_number(change, json_integer_value(value)));
	if (chance < 8 && json_is_boolean(value))
		return (json_boolean(!json_is_true(value)));
	switch (chance % 8) {
	case 0:
		return (json_null());
	case 1:
		return (json_string(""));
	case 2:
		return (json_integer(0));
	case 3:
		return (json_array());
	case 4:
		return (json_object());
	case 5:
		return (NULL);
	default:
		return (json_deep_copy(value));
	}
}

/* A copy with the change in its place; NULL: what was here goes. */
static json_t *
copy(struct change *change, json_t *value)
{
	json_t *made;
	json_t *inner;
	json_t *kept;
	const char *key;
	size_t i;

	if (change->place-- == 0)
		return (change_value(change, value));
	if (json_is_object(value)) {
		made = json_object();
		json_object_foreach(value, key, inner)
			if ((kept = copy(change, inner)) != NULL)
				(void)json_object_set_new(made, key, kept);
		return (made);
	}
	if (!json_is_array(value))
		return (json_incref(value));
	made = json_array();
	json_array_foreach(value, i, inner) {
		if ((kept = copy(change, inner)) == NULL)
			continue;
		/* Now and then twice. */
		if (change->chance % 64 == 7)
			(void)json_array_append(made, kept);
		(void)json_array_append_new(made, kept);
	}
	return (made);
}

/* The size of the changed text; 0: it is none, or too long. */
static size_t
change_all(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	struct change change = { .chance = seed };
	json_t *root = json_loadb((char *)data, size, 0, NULL);
	json_t *made = NULL;
	char *text = NULL;
	size_t length = 0;

	if (root != NULL) {
		change.place = next(&change) % count_values(root);
		made = copy(&change, root);
	}
	if (made != NULL)
		text = json_dumps(made, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text != NULL && strlen(text) + 1 <= room) {
		length = strlen(text) + 1;
		memcpy(data, text, length - 1);
		data[length - 1] = '\n';
	}
	free(text);
	json_decref(made);
	json_decref(root);
	return (length);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
    unsigned seed)
{
	size_t changed = seed % 4 == 0 ? 0 : change_all(data, size, room, seed);

	return (changed > 0 ? changed : LLVMFuzzerMutate(data, size, room));
}
