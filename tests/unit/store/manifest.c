/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a manifest comes back exactly, and nothing else is taken for one. */
#include <config.h>

#include "store_tests.h"

#include "store/manifest_json.h"

#include "base/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static char *
encoded(unsigned stripes)
{
	struct manifest m;
	struct error error;
	char *text;

	error_init(&error);
	fixture_manifest(&m, stripes);
	text = manifest_json_encode(&m, &error);
	ck_assert_msg(text != NULL, "%s", error.text);
	manifest_release(&m);
	return (text);
}

/* What decoding says of the text: 0 or -1; nothing is left behind. */
static int
decode(const char *text, size_t size, struct error *error)
{
	struct manifest m;
	int rc;

	error_init(error);
	manifest_init(&m);
	rc = manifest_json_decode(&m, text, size, error);
	ck_assert(rc == 0 || m.stripes == NULL);
	ck_assert(rc == 0 || error->kind == KIND_INTEGRITY);
	manifest_release(&m);
	return (rc);
}

static int
decode_json(json_t *root, struct error *error)
{
	char *text = json_dumps(root, JSON_INDENT(1));
	size_t size;
	int rc;

	ck_assert_ptr_nonnull(text);
	size = strlen(text);
	text[size++] = '\n';
	rc = decode(text, size, error);
	free(text);
	return (rc);
}

START_TEST(a_manifest_round_trips)
{
	struct manifest m;
	struct manifest back;
	struct error error;
	char *text;
	char *again;
	unsigned stripes;

	for (stripes = 1; stripes <= 64; stripes += 21) {
		error_init(&error);
		fixture_manifest(&m, stripes);
		manifest_init(&back);
		text = manifest_json_encode(&m, &error);
		ck_assert_msg(text != NULL, "%s", error.text);
		ck_assert_msg(manifest_json_decode(&back, text, strlen(text),
		    &error) == 0, "%s", error.text);
		ck_assert(manifest_equal(&m, &back));
		again = manifest_json_encode(&back, &error);
		ck_assert_str_eq(text, again);
		free(text);
		free(again);
		manifest_release(&m);
		manifest_release(&back);
	}
}
END_TEST

START_TEST(a_manifest_without_a_stream_round_trips)
{
	struct manifest m;
	struct manifest back;
	struct error error;
	char *text;

	error_init(&error);
	fixture_manifest(&m, 2);
	free(m.stream.server);
	free(m.stream.database);
	free(m.stream.software);
	memset(&m.stream, 0, sizeof(m.stream));
	m.has_stream = false;
	manifest_init(&back);
	text = manifest_json_encode(&m, &error);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(manifest_json_decode(&back, text, strlen(text),
	    &error), 0);
	ck_assert(manifest_equal(&m, &back));
	ck_assert(!back.has_stream);
	free(text);
	manifest_release(&m);
	manifest_release(&back);
}
END_TEST

START_TEST(a_manifest_cut_at_any_byte_is_refused)
{
	struct error error;
	char *text = encoded(1);
	size_t size = strlen(text);
	size_t i;

	for (i = 0; i < size; i++)
		ck_assert_msg(decode(text, i, &error) == -1, "cut at %zu", i);
	ck_assert_int_eq(decode(text, size, &error), 0);
	free(text);
}
END_TEST

/* A flipped byte may give another valid manifest (SHA256SUMS finds that out),
 * but never anything worse. */
START_TEST(a_flipped_byte_does_no_harm)
{
	struct error error;
	char *text = encoded(1);
	size_t size = strlen(text);
	size_t refused = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		text[i] ^= 0x10;
		if (decode(text, size, &error) != 0)
			refused++;
		text[i] ^= 0x10;
	}
	ck_assert_uint_gt(refused, size / 2);
	free(text);
}
END_TEST

START_TEST(what_follows_the_end_is_refused)
{
	struct error error;
	char *text = encoded(1);
	size_t size = strlen(text);
	char *longer = malloc(size + 4);

	memcpy(longer, text, size);
	memcpy(longer + size, "{}\n", 4);
	ck_assert_int_eq(decode(longer, size + 3, &error), -1);
	memcpy(longer + size, "\0\n", 3);
	ck_assert_int_eq(decode(longer, size + 2, &error), -1);
	free(longer);
	free(text);
}
END_TEST

/* One change to one field, anywhere in the tree. */
typedef void check_field(json_t *root, json_t *object, const char *key,
    void *context);

static void
each_field(json_t *root, json_t *object, check_field *check, void *context)
{
	char *keys[32]; /* copies: a field that goes takes its key along */
	const char *key;
	json_t *value;
	size_t count = 0;
	size_t i;
	size_t k;

	json_object_foreach(object, key, value)
		keys[count++] = strdup(key);
	for (i = 0; i < count; i++) {
		check(root, object, keys[i], context);
		value = json_object_get(object, keys[i]);
		if (json_is_object(value))
			each_field(root, value, check, context);
		for (k = 0; json_is_array(value) &&
		    k < json_array_size(value); k++)
			if (json_is_object(json_array_get(value, k)))
				each_field(root, json_array_get(value, k),
				    check, context);
		free(keys[i]);
	}
}

static void
run_on_each_field(check_field *check, void *context)
{
	char *text = encoded(2);
	json_t *root = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(root);
	each_field(root, root, check, context);
	json_decref(root);
	free(text);
}

static bool
may_be_null(const char *key, json_t *object)
{
	static const char *const keys[] = { "stream", "started", "finished",
		"server", "database", "software" };
	bool in_stream = json_object_get(object, "first_lsn") != NULL;
	size_t i;

	if (strcmp(key, "stream") == 0 || strcmp(key, "auto") == 0)
		return (true);
	for (i = 1; i < ARRAY_COUNT(keys); i++)
		if (in_stream && strcmp(key, keys[i]) == 0)
			return (true);
	return (false);
}

static void
change_type(json_t *root, json_t *object, const char *key, void *context)
{
	json_t *others[] = { json_null(), json_true(), json_integer(1),
		json_real(1.0), json_string("x"), json_array(), json_object() };
	json_t *old = json_object_get(object, key);
	unsigned *count = context;
	struct error error;
	size_t i;

	json_incref(old);
	for (i = 0; i < ARRAY_COUNT(others); i++) {
		bool same = json_typeof(others[i]) == json_typeof(old) ||
		    (json_is_boolean(old) && json_is_boolean(others[i]));

		if (same || (json_is_null(others[i]) &&
		    may_be_null(key, object))) {
			json_decref(others[i]);
			continue;
		}
		ck_assert_int_eq(json_object_set_new(object, key, others[i]),
		    0);
		ck_assert_msg(decode_json(root, &error) == -1,
		    "%s with another type", key);
		ck_assert_msg(strstr(error.text, key) != NULL, "%s: %s", key,
		    error.text);
		++*count;
	}
	ck_assert_int_eq(json_object_set_new(object, key, old), 0);
}

START_TEST(any_field_of_another_type_is_refused_by_name)
{
	unsigned count = 0;

	run_on_each_field(change_type, &count);
	ck_assert_uint_gt(count, 200);
}
END_TEST

static void
leave_out(json_t *root, json_t *object, const char *key, void *context)
{
	json_t *copy;
	json_t *old = json_object_get(object, key);
	unsigned *count = context;
	struct error error;

	json_incref(old);
	ck_assert_int_eq(json_object_del(object, key), 0);
	ck_assert_msg(decode_json(root, &error) == -1, "without %s", key);
	ck_assert_msg(strstr(error.text, key) != NULL, "%s: %s", key,
	    error.text);
	copy = json_integer(1);
	ck_assert_int_eq(json_object_set_new(object, key, old), 0);
	ck_assert_int_eq(json_object_set_new(object, "surprise", copy), 0);
	ck_assert_msg(decode_json(root, &error) == -1, "beside %s", key);
	ck_assert_ptr_nonnull(strstr(error.text, "surprise"));
	ck_assert_int_eq(json_object_del(object, "surprise"), 0);
	++*count;
}

START_TEST(a_missing_or_a_further_field_is_refused_by_name)
{
	unsigned count = 0;

	run_on_each_field(leave_out, &count);
	ck_assert_uint_gt(count, 50);
}
END_TEST

static void
is_documented(json_t *root, json_t *object, const char *key, void *context)
{
	const char *page = context;

	(void)root;
	(void)object;
	ck_assert_msg(strstr(page, key) != NULL, "%s is not in the manual",
	    key);
}

START_TEST(the_manual_has_every_field)
{
	char *page = NULL;
	size_t size;

	ck_assert_int_eq(fd_read_file(MANUAL_PAGE, 1u << 20, &page, &size,
	    NULL), 0);
	run_on_each_field(is_documented, page);
	free(page);
}
END_TEST

/* A value for a path of keys; array members are reached by their index. */
struct absurd {
	const char *key;
	const char *inner; /* in that object or in its first member, or NULL */
	const char *json;
};

START_TEST(absurd_values_are_refused_by_name)
{
	static const struct absurd absurd[] = {
		{ "schema", NULL, "0" }, { "schema", NULL, "3" },
		{ "id", NULL, "\"00000000-0000-0000-0000-000000000000\"" },
		{ "id", NULL, "\"0000000000000000000000000000000g\"" },
		{ "tool", NULL, "\"\"" }, { "database", NULL, "\"\"" },
		{ "type", NULL, "\"FULL\"" },
		{ "started", NULL, "\"yesterday\"" },
		{ "started", NULL, "\"1970-01-01T00:00:00Z\"" },
		{ "finished", NULL, "null" },
		{ "set", "devices", "0" }, { "set", "devices", "65" },
		{ "set", "devices", "-1" }, { "set", "features", "4294967296" },
		{ "set", "block_size", "0" }, { "set", "block_size", "513" },
		{ "set", "transfer_size", "0" },
		{ "set", "transfer_size", "4294967295" },
		{ "set", "buffer_count", "4294967295" },
		{ "compression", "format", "\"gzip\"" },
		{ "compression", "level", "23" },
		{ "compression", "frame_size", "0" },
		{ "compression", "window_log", "9" },
		{ "compression", "window_log", "32" },
		{ "compression", "auto", "7" },
		{ "compression", "auto", "{}" },
		{ "compression", "auto", "{\"min\":1,\"max\":9,"
		    "\"lowest\":0,\"highest\":3,\"last\":3}" },
		{ "stripes", "raw_bytes", "-1" },
		{ "stripes", "stored_bytes", "0" },
		{ "stripes", "stored_bytes", "-9223372036854775808" },
		{ "stripes", "frames", "0" },
		{ "stripes", "sha256", "\"abcd\"" },
		{ "stripes", "xxh128", "\"\"" },
		{ "stripes", "file", "\"\"" },
		{ "stripes", "file", "\"../x\"" },
		{ "stripes", "file", "\"/etc/passwd\"" },
		{ "stripes", "file", "\"a\\\\b\"" },
		{ "stripes", "file", "\"a\\nb\"" },
		{ "stripes", "file", "\"..\"" },
		{ "stripes", "file", "\"manifest.json\"" },
		{ "stripes", "file", "\"stripe-2of2.bak.zst\"" },
		{ "stripes", NULL, "[]" },
		{ "stream", "first_lsn", "\"12\"" },
		{ "stream", "first_lsn", "\"00000000000000001\"" },
		{ "stream", "last_lsn", "\"-34000000012800001\"" },
		{ "stream", "family_guid", "\"x\"" },
		{ "messages", "number", "2147483648" },
	};
	char *text = encoded(2);
	size_t i;

	for (i = 0; i < ARRAY_COUNT(absurd); i++) {
		const struct absurd *a = &absurd[i];
		const char *key = a->inner != NULL ? a->inner : a->key;
		json_t *root = json_loads(text, 0, NULL);
		json_t *at = root;
		struct error error;

		if (a->inner != NULL)
			at = json_object_get(root, a->key);
		if (json_is_array(at))
			at = json_array_get(at, 0);
		ck_assert_int_eq(json_object_set_new(at, key,
		    json_loads(a->json, JSON_DECODE_ANY, NULL)), 0);
		ck_assert_msg(decode_json(root, &error) == -1, "%s = %s", key,
		    a->json);
		ck_assert_msg(strstr(error.text, key) != NULL, "%s: %s", key,
		    error.text);
		json_decref(root);
	}
	free(text);
}
END_TEST

/* Schema 1, as it was written before levels could change. */
START_TEST(a_manifest_of_the_first_schema_is_read)
{
	char *text = encoded(2);
	json_t *root = json_loads(text, 0, NULL);
	json_t *compression = json_object_get(root, "compression");
	struct manifest m;
	struct error error;
	char *again;
	char *dump;

	free(text);
	ck_assert_int_eq(json_object_set_new(root, "schema",
	    json_integer(1)), 0);
	/* It had neither of the fields. */
	ck_assert_int_eq(decode_json(root, &error), -1);
	ck_assert_int_eq(json_object_del(compression, "auto"), 0);
	ck_assert_int_eq(decode_json(root, &error), -1);
	ck_assert_int_eq(json_object_del(compression, "window_log"), 0);
	dump = json_dumps(root, JSON_INDENT(2));
	ck_assert_ptr_nonnull(dump);
	text = malloc(strlen(dump) + 2);
	ck_assert_ptr_nonnull(text);
	(void)stpcpy(stpcpy(text, dump), "\n");
	free(dump);
	error_init(&error);
	manifest_init(&m);
	ck_assert_msg(manifest_json_decode(&m, text, strlen(text),
	    &error) == 0, "%s", error.text);
	ck_assert_uint_eq(m.schema, 1);
	ck_assert_int_eq(m.level, -5);
	ck_assert_uint_eq(m.window_log, 0);
	ck_assert(!m.has_levels);
	/* What is written of it again is the same. */
	again = manifest_json_encode(&m, &error);
	ck_assert_msg(again != NULL, "%s", error.text);
	ck_assert_str_eq(again, text);
	free(again);
	free(text);
	manifest_release(&m);
	json_decref(root);
}
END_TEST

START_TEST(an_unknown_schema_says_so_before_anything_else)
{
	static const char text[] = "{\"schema\": 7, \"new\": []}\n";
	struct error error;

	ck_assert_int_eq(decode(text, strlen(text), &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "\"schema\" is 7"));
	ck_assert(error.hint[0] != '\0');
}
END_TEST

START_TEST(a_repeated_key_is_refused)
{
	static const char text[] = "{\"schema\": 1, \"schema\": 1}\n";
	struct error error;

	ck_assert_int_eq(decode(text, strlen(text), &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "schema"));
}
END_TEST

START_TEST(a_manifest_that_could_not_be_read_is_not_written)
{
	struct manifest m;
	struct error error;

	fixture_manifest(&m, 2);
	m.set.devices = 3;
	error_init(&error);
	ck_assert_ptr_null(manifest_json_encode(&m, &error));
	ck_assert_int_eq(error.kind, KIND_INTEGRITY);
	m.set.devices = 2;
	free(m.stripes[1].file);
	m.stripes[1].file = strdup("../../etc/passwd");
	error_init(&error);
	ck_assert_ptr_null(manifest_json_encode(&m, &error));
	manifest_release(&m);
}
END_TEST

START_TEST(text_is_made_valid_and_cut_between_characters)
{
	struct error error;
	char *text = NULL;

	error_init(&error);
	ck_assert_int_eq(manifest_text(&text, "a\xFF" "b", 100, &error), 0);
	ck_assert_str_eq(text, "a\xEF\xBF\xBD" "b");
	ck_assert_int_eq(manifest_text(&text, "ab\xE2\x82\xAC", 4, &error), 0);
	ck_assert_str_eq(text, "ab");
	free(text);
}
END_TEST

START_TEST(messages_beyond_the_bound_take_the_place_of_the_middle)
{
	struct manifest m;
	struct error error;
	unsigned i;

	error_init(&error);
	manifest_init(&m);
	for (i = 0; i < MANIFEST_MAX_MESSAGES + 10; i++)
		ck_assert_int_eq(manifest_add_message(&m, (int)i, "x", &error),
		    0);
	ck_assert_uint_eq(m.message_count, MANIFEST_MAX_MESSAGES);
	ck_assert_int_eq(m.messages[0].number, 0);
	ck_assert_int_eq(m.messages[MANIFEST_MAX_MESSAGES / 2 - 1].number,
	    MANIFEST_MAX_MESSAGES / 2 - 1);
	ck_assert_int_eq(m.messages[MANIFEST_MAX_MESSAGES - 1].number,
	    MANIFEST_MAX_MESSAGES + 9);
	manifest_release(&m);
}
END_TEST

START_TEST(lsns_are_shown_as_the_server_shows_them)
{
	struct manifest_lsn lsn = { 34, 128, 1 };
	struct manifest_lsn back;
	struct manifest_lsn none = { 0, 0, 0 };
	char text[MANIFEST_LSN_ROOM];

	manifest_format_lsn(text, lsn);
	ck_assert_str_eq(text, "34000000012800001");
	ck_assert_int_eq(manifest_parse_lsn(text, &back), 0);
	ck_assert_int_eq(manifest_compare_lsn(lsn, back), 0);
	back.slot = 2;
	ck_assert_int_lt(manifest_compare_lsn(lsn, back), 0);
	manifest_format_lsn(text, none);
	ck_assert_str_eq(text, "0");
	ck_assert_int_eq(manifest_parse_lsn("34999999999900001", &back), -1);
	ck_assert_int_eq(manifest_parse_lsn("34000000012865536", &back), -1);
}
END_TEST

START_TEST(ids_are_random_uuids_in_one_spelling)
{
	uint8_t a[16];
	uint8_t b[16];
	char text[MANIFEST_ID_ROOM];

	ck_assert_int_eq(manifest_new_id(a, NULL), 0);
	ck_assert_int_eq(manifest_new_id(b, NULL), 0);
	ck_assert_mem_ne(a, b, 16);
	manifest_format_id(text, a);
	ck_assert_int_eq(text[14], '4');
	ck_assert_int_eq(manifest_parse_id(text, b), 0);
	ck_assert_mem_eq(a, b, 16);
	text[0] = 'A';
	ck_assert_int_eq(manifest_parse_id(text, b), -1);
	ck_assert_int_eq(manifest_parse_id(
	    "00112233445566778899aabbccddeeff", b), -1);
}
END_TEST

/* The Nth allocation that jansson makes fails. */
static unsigned allocations_left;
static bool allocation_failed;

static void *
allocate(size_t size)
{
	if (allocations_left-- != 1)
		return (malloc(size));
	allocation_failed = true;
	errno = ENOMEM;
	return (NULL);
}

static void
fail_allocation(unsigned n)
{
	allocations_left = n;
	allocation_failed = false;
	json_set_alloc_funcs(n > 0 ? allocate : malloc, free);
}

START_TEST(a_manifest_is_written_whole_or_not_at_all)
{
	struct manifest m;
	struct error error;
	char *text;
	unsigned n = 0;

	fixture_manifest(&m, 2);
	do {
		error_init(&error);
		fail_allocation(++n);
		text = manifest_json_encode(&m, &error);
		ck_assert((text == NULL) == allocation_failed);
		ck_assert(text != NULL || error.code == ENOMEM);
		free(text);
	} while (allocation_failed);
	fail_allocation(0);
	ck_assert_uint_gt(n, 100);
	manifest_release(&m);
}
END_TEST

/* jansson does not always notice, or has forgotten at the end. */
START_TEST(a_manifest_is_read_whole_or_not_at_all)
{
	struct manifest m;
	struct manifest back;
	struct error error;
	char *text = encoded(2);
	unsigned n = 0;
	int rc;

	manifest_init(&m);
	ck_assert_int_eq(manifest_json_decode(&m, text, strlen(text), NULL),
	    0);
	do {
		error_init(&error);
		manifest_init(&back);
		fail_allocation(++n);
		rc = manifest_json_decode(&back, text, strlen(text), &error);
		ck_assert(rc == -1 || manifest_equal(&m, &back));
		ck_assert(rc == 0 || error.kind != KIND_INTEGRITY);
		manifest_release(&back);
	} while (allocation_failed);
	fail_allocation(0);
	ck_assert_uint_gt(n, 100);
	free(text);
	manifest_release(&m);
}
END_TEST

TCase *
manifest_tests(void)
{
	TCase *tcase = tcase_create("manifest");

	tcase_add_test(tcase, a_manifest_round_trips);
	tcase_add_test(tcase, a_manifest_without_a_stream_round_trips);
	tcase_add_test(tcase, a_manifest_cut_at_any_byte_is_refused);
	tcase_add_test(tcase, a_flipped_byte_does_no_harm);
	tcase_add_test(tcase, what_follows_the_end_is_refused);
	tcase_add_test(tcase, any_field_of_another_type_is_refused_by_name);
	tcase_add_test(tcase, a_missing_or_a_further_field_is_refused_by_name);
	tcase_add_test(tcase, the_manual_has_every_field);
	tcase_add_test(tcase, absurd_values_are_refused_by_name);
	tcase_add_test(tcase, a_manifest_of_the_first_schema_is_read);
	tcase_add_test(tcase, an_unknown_schema_says_so_before_anything_else);
	tcase_add_test(tcase, a_repeated_key_is_refused);
	tcase_add_test(tcase, a_manifest_that_could_not_be_read_is_not_written);
	tcase_add_test(tcase, text_is_made_valid_and_cut_between_characters);
	tcase_add_test(tcase,
	    messages_beyond_the_bound_take_the_place_of_the_middle);
	tcase_add_test(tcase, a_manifest_is_written_whole_or_not_at_all);
	tcase_add_test(tcase, a_manifest_is_read_whole_or_not_at_all);
	tcase_add_test(tcase, lsns_are_shown_as_the_server_shows_them);
	tcase_add_test(tcase, ids_are_random_uuids_in_one_spelling);
	return (tcase);
}
