/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: what a manifest may not hold is refused by the field's name, before it
 * is written as well as where it is read. */
#include <config.h>

#include "store_tests.h"

#include "store/manifest_json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *
long_text(size_t size)
{
	char *text = malloc(size + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', size);
	text[size] = '\0';
	return (text);
}

static void
put(char **to, char *text)
{
	free(*to);
	*to = text;
}

/* Breaks the manifest in one way, and says which field must be named. */
static const char *
break_manifest(struct manifest *m, int way)
{
	switch (way) {
	case 0:
		put(&m->tool, NULL);
		return ("\"tool\" is missing");
	case 1:
		put(&m->server, long_text(MANIFEST_MAX_NAME + 1));
		return ("\"server\" is too long");
	case 2:
		put(&m->database, strdup("\xFF"));
		return ("\"database\" is not UTF-8");
	case 3:
		put(&m->messages[0].text, NULL);
		return ("message 1: \"text\" is missing");
	case 4:
		put(&m->faults[0], strdup(""));
		return ("\"faults\" is empty");
	case 5:
		m->stripes[1].raw_bytes = UINT64_MAX;
		return ("stripe 2: \"raw_bytes\" is out of range");
	case 6:
		m->stripes[0].frames = UINT64_MAX;
		return ("stripe 1: \"frames\" is out of range");
	case 7:
		m->stream.finished = -1;
		return ("stream: \"finished\" is not a time");
	case 8:
		put(&m->stream.software, strdup("\xC3"));
		return ("stream: \"software\" is not UTF-8");
	case 9:
		m->type = (enum manifest_type)7;
		return ("\"type\" is no type of backup");
	case 10:
		memset(m->id, 0, sizeof(m->id));
		return ("\"id\" is all zero");
	case 11:
		m->schema = 3;
		return ("\"schema\" is one that is not known");
	case 12:
		m->message_count = MANIFEST_MAX_MESSAGES + 1;
		return ("\"messages\" has too many entries");
	case 13:
		m->fault_count = MANIFEST_MAX_FAULTS + 1;
		return ("\"faults\" has too many entries");
	case 14:
		m->finished = INT64_MAX;
		return ("\"finished\" is not a time");
	case 15:
		m->schema = 1;
		return ("\"schema\" has no such compression");
	case 16:
		m->levels.last = m->levels.highest + 1;
		return ("\"auto\" has levels that cannot be");
	case 17:
		m->level = m->levels.lowest - 1;
		return ("\"auto\" has levels that cannot be");
	default:
		put(&m->set.provider, strdup(""));
		return ("\"provider\" is empty");
	}
}

START_TEST(a_field_that_cannot_be_is_named_before_it_is_written)
{
	size_t messages;
	size_t faults;
	struct manifest m;
	struct error error;
	const char *words;

	error_init(&error);
	fixture_manifest(&m, 2);
	messages = m.message_count;
	faults = m.fault_count;
	ck_assert_msg(manifest_check(&m, &error) == 0, "%s", error.text);
	words = break_manifest(&m, _i);
	ck_assert_int_eq(manifest_check(&m, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
	m.message_count = messages;
	m.fault_count = faults;
	manifest_release(&m);
}
END_TEST

/* A manifest of two stripes, as it is stored. */
static char *
stored_text(void)
{
	struct manifest m;
	struct error error;
	char *text;

	error_init(&error);
	fixture_manifest(&m, 2);
	text = manifest_json_encode(&m, &error);
	ck_assert_msg(text != NULL, "%s", error.text);
	manifest_release(&m);
	return (text);
}

static void
text_refused(const char *text, size_t size, const char *words)
{
	struct manifest m;
	struct error error;

	error_init(&error);
	manifest_init(&m);
	ck_assert_int_eq(manifest_json_decode(&m, text, size, &error), -1);
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
	manifest_release(&m);
}

/* times entries of a list, each of length characters. */
static json_t *
long_list(const char *key, size_t times, size_t length)
{
	char *word = long_text(length);
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < times; i++) {
		json_t *text = json_string(word);

		ck_assert_int_eq(json_array_append_new(list,
		    strcmp(key, "faults") == 0 ? text :
		    json_pack("{s:i, s:o}", "number", 1, "text", text)), 0);
	}
	free(word);
	return (list);
}

START_TEST(a_list_beyond_its_bounds_is_refused_by_name)
{
	static const struct {
		const char *key;
		size_t times;
		size_t length;
		const char *words;
	} cases[] = {
		{ "faults", MANIFEST_MAX_FAULTS + 1, 1, "too many entries" },
		{ "faults", 1, MANIFEST_MAX_NAME + 1, "has a long entry" },
		{ "messages", MANIFEST_MAX_MESSAGES + 1, 1,
		    "too many entries" },
		{ "messages", 1, MANIFEST_MAX_TEXT + 1, "is too long" },
	};
	char *stored = stored_text();
	json_t *root = json_loads(stored, 0, NULL);
	char *text;
	size_t size;

	ck_assert_int_eq(json_object_set_new(root, cases[_i].key,
	    long_list(cases[_i].key, cases[_i].times, cases[_i].length)), 0);
	text = json_dumps(root, 0);
	ck_assert_ptr_nonnull(text);
	size = strlen(text);
	text[size] = '\n';
	text_refused(text, size + 1, cases[_i].words);
	json_decref(root);
	free(text);
	free(stored);
}
END_TEST

START_TEST(a_manifest_beyond_all_bounds_is_neither_read_nor_written)
{
	size_t size = (size_t)MANIFEST_JSON_MAX + 1;
	char *text = long_text(size);
	char *words = long_text(MANIFEST_MAX_TEXT);
	struct manifest m;
	struct error error;
	unsigned i;

	text_refused(text, size, "larger than");
	free(text);
	/* Each of its texts is allowed, all together are not. */
	error_init(&error);
	fixture_manifest(&m, 2);
	for (i = 0; i <= MANIFEST_JSON_MAX / MANIFEST_MAX_TEXT; i++)
		ck_assert_int_eq(manifest_add_message(&m, 1, words, &error),
		    0);
	ck_assert_ptr_null(manifest_json_encode(&m, &error));
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(error.text, "would be larger than"));
	manifest_release(&m);
	free(words);
}
END_TEST

START_TEST(a_fault_that_is_no_text_is_refused)
{
	char *stored = stored_text();
	json_t *root = json_loads(stored, 0, NULL);
	char *text;
	size_t size;

	ck_assert_int_eq(json_object_set_new(root, "faults",
	    json_pack("[i]", 7)), 0);
	text = json_dumps(root, 0);
	ck_assert_ptr_nonnull(text);
	size = strlen(text);
	text[size] = '\n';
	text_refused(text, size + 1, "an entry that is not a text");
	json_decref(root);
	free(text);
	free(stored);
}
END_TEST

START_TEST(manifests_that_differ_anywhere_are_not_equal)
{
	struct manifest one;
	struct manifest two;
	struct error error;

	error_init(&error);
	fixture_manifest(&one, 2);
	fixture_manifest(&two, 2);
	memcpy(two.id, one.id, sizeof(two.id));
	ck_assert(manifest_equal(&one, &two));
	switch (_i) {
	case 0:
		two.messages[0].number++;
		break;
	case 1:
		put(&two.faults[0], strdup("drop"));
		break;
	case 2:
		two.stripes[1].xxh128[15] ^= 1;
		break;
	case 3:
		ck_assert_int_eq(manifest_add_message(&two, 1, "x", &error),
		    0);
		break;
	case 4:
		two.stream.family[0] ^= 1;
		break;
	default:
		put(&two.stream.software, NULL);
		break;
	}
	ck_assert(!manifest_equal(&one, &two));
	manifest_release(&two);
	manifest_release(&one);
}
END_TEST

START_TEST(log_sequence_numbers_are_in_order)
{
	static const struct manifest_lsn order[] = { { 1, 1, 1 }, { 1, 1, 2 },
		{ 1, 2, 0 }, { 1, 2, 1 }, { 2, 0, 0 }, { 4000000000u, 1, 1 } };
	size_t i;
	size_t k;

	for (i = 0; i < ARRAY_COUNT(order); i++)
		for (k = 0; k < ARRAY_COUNT(order); k++)
			ck_assert_int_eq(manifest_compare_lsn(order[i],
			    order[k]), i < k ? -1 : i > k);
}
END_TEST

TCase *
bounds_tests(void)
{
	TCase *tcase = tcase_create("bounds");

	tcase_add_loop_test(tcase,
	    a_field_that_cannot_be_is_named_before_it_is_written, 0, 19);
	tcase_add_loop_test(tcase,
	    a_list_beyond_its_bounds_is_refused_by_name, 0, 4);
	tcase_add_test(tcase,
	    a_manifest_beyond_all_bounds_is_neither_read_nor_written);
	tcase_add_test(tcase, a_fault_that_is_no_text_is_refused);
	tcase_add_loop_test(tcase,
	    manifests_that_differ_anywhere_are_not_equal, 0, 6);
	tcase_add_test(tcase, log_sequence_numbers_are_in_order);
	return (tcase);
}
