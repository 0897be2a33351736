/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * What the engine makes of the streams of a RESTORE, from a label to a file
 * in place of the database: one or two devices, fed in pieces.
 *
 * The last four bytes, where the very last is 0xC5, choose: which statement,
 * with which options, and, in units of 512 bytes, where the second device's
 * stream begins.  Otherwise it is RESTORE DATABASE from one.
 *
 * Whatever comes, the statement ends with messages that the session takes,
 * and it is an error that says so if the restore did not succeed.
 */

#include "common.h"

#include "base/bytes.h"
#include "engine/receipt.h"
#include "engine/receiver.h"
#include "engine/rows.h"
#include "sql/engine_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROL_MARK 0xC5u
#define PIECE_MAX 70000u

/* A database that a statement restores, each in its own way. */
struct choice {
	const char *statement;
	unsigned options;
	size_t split; /* where the second stream begins; 0: no second */
};

struct run {
	struct options options;
	struct tsql_statement statement;
	struct report *report;
	struct stop stop;
	struct operation operation;
	struct receipt receipt;
	struct receiver receivers[2];
	char *said;
	size_t said_size;
	FILE *stream;
};

static char folder[FUZZ_FOLDER_SIZE];
static char path[FUZZ_FOLDER_SIZE + 16];

static void
remove_all(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
make_path(void)
{
	if (path[0] != '\0')
		return;
	fuzz_folder(folder);
	(void)snprintf(path, sizeof(path), "%s/copy", folder);
	FUZZ_CHECK(atexit(remove_all) == 0);
}

static struct choice
choose(const uint8_t *data, size_t *size)
{
	static const char *const verbs[] = { "RESTORE DATABASE Copy",
		"RESTORE VERIFYONLY", "RESTORE HEADERONLY",
		"RESTORE FILELISTONLY", "RESTORE LABELONLY" };
	struct choice choice = { .statement = verbs[0] };

	if (*size < 4 || data[*size - 1] != CONTROL_MARK)
		return (choice);
	*size -= 4;
	choice.statement = verbs[data[*size] % ARRAY_COUNT(verbs)];
	choice.options = data[*size] / ARRAY_COUNT(verbs);
	choice.split = (size_t)bytes_get16(data + *size + 1) * 512;
	if (choice.split > *size)
		choice.split = 0;
	return (choice);
}

static void
parse(struct run *run, const struct choice *choice)
{
	static const char *const withs[] = { "", " WITH CHECKSUM",
		" WITH NO_CHECKSUM", " WITH CONTINUE_AFTER_ERROR",
		" WITH CHECKSUM, CONTINUE_AFTER_ERROR", " WITH STATS=1",
		" WITH MOVE 'Sales' TO '/x'" };
	struct tsql_error error;
	char text[160];

	(void)snprintf(text, sizeof(text), "%s FROM VIRTUAL_DEVICE='s'%s%s",
	    choice->statement,
	    choice->split > 0 ? ", VIRTUAL_DEVICE='s1'" : "",
	    withs[choice->options % ARRAY_COUNT(withs)]);
	/* Not every option goes with every verb. */
	if (tsql_parse(text, &run->statement, &error) == 0)
		return;
	tsql_release(&run->statement);
	(void)snprintf(text, sizeof(text), "%s FROM VIRTUAL_DEVICE='s'%s",
	    choice->statement,
	    choice->split > 0 ? ", VIRTUAL_DEVICE='s1'" : "");
	FUZZ_CHECK(tsql_parse(text, &run->statement, &error) == 0);
}

static void
begin(struct run *run, const struct choice *choice)
{
	struct error error;
	unsigned i;

	memset(run, 0, sizeof(*run));
	error_init(&error);
	parse(run, choice);
	options_init(&run->options);
	stop_init(&run->stop);
	run->stream = open_memstream(&run->said, &run->said_size);
	FUZZ_CHECK(run->stream != NULL);
	run->report = report_new(choice->options % 2 == 0 ? REPORT_JSON :
	    REPORT_TEXT, run->stream);
	FUZZ_CHECK(run->report != NULL);
	operation_init(&run->operation, &run->options, &run->statement,
	    run->report, &run->stop);
	run->operation.file = path;
	receipt_init(&run->receipt, &run->operation);
	if (run->statement.verb == TSQL_RESTORE_DATABASE) {
		run->receipt.target = target_open(path, 0, &run->stop, &error);
		FUZZ_CHECK(run->receipt.target != NULL);
	}
	for (i = 0; i < run->operation.device_count; i++)
		FUZZ_CHECK(receiver_init(&run->receivers[i], &run->receipt,
		    &run->operation.devices[i]) == 0);
	if (run->statement.verb == TSQL_LABELONLY)
		rows_label_columns(run->report);
	else if (run->statement.verb == TSQL_HEADERONLY)
		rows_header_columns(run->report);
	else if (run->statement.verb == TSQL_FILELISTONLY)
		rows_file_columns(run->report);
}

/* One after another, in pieces that follow from the input. */
static int
feed(struct run *run, const uint8_t *data, size_t size,
    struct receiver *receiver)
{
	uint64_t chance = size;
	int result = 0;

	while (size > 0 && result == 0) {
		size_t piece = 1 + (size_t)(chance % PIECE_MAX);
		uint8_t *copy;

		if (piece > size)
			piece = size;
		copy = fuzz_copy(data, piece);
		result = receiver_feed(receiver, copy, piece);
		free(copy);
		data += piece;
		size -= piece;
		chance = fuzz_mix(chance, &size, sizeof(size));
	}
	if (result == 0)
		result = receiver_end(receiver);
	FUZZ_CHECK(result == 0 || operation_has_failed(&run->operation));
	return (result);
}

static int
restore(struct run *run, const uint8_t *data, size_t size, size_t split)
{
	struct error error;
	size_t first = split > 0 ? split : size;

	error_init(&error);
	if (feed(run, data, first, &run->receivers[0]) != 0 ||
	    (split > 0 && feed(run, data + split, size - split,
	    &run->receivers[1]) != 0) ||
	    receipt_check(&run->receipt) != 0)
		return (-1);
	if (run->receipt.target == NULL)
		return (0);
	/* Nothing takes the place of a database but a database. */
	FUZZ_CHECK(run->receipt.has_file && run->receipt.has_meta);
	if (target_commit(run->receipt.target, run->receipt.meta.bytes,
	    run->receipt.meta.page_size, &error) == 0)
		return (0);
	FUZZ_CHECK(error.kind == KIND_STATEMENT);
	if (operation_fail(&run->operation, OPERATION_CLOSE))
		operation_report_file(&run->operation, &error);
	return (-1);
}

/* Each line is one that the other side takes; the last says the end. */
static void
check_lines(const struct run *run)
{
	struct fuzz_input lines = { (const uint8_t *)run->said,
		run->said_size };
	enum engine_line_kind kind = ENGINE_LINE_MESSAGE;
	struct engine_line line;
	struct error error;
	char *text;

	error_init(&error);
	while ((text = fuzz_take_line(&lines)) != NULL) {
		FUZZ_CHECK(kind != ENGINE_LINE_DONE);
		FUZZ_CHECK(engine_line_decode(&line, text, strlen(text),
		    &error) == 0);
		kind = line.kind;
		engine_line_release(&line);
		free(text);
	}
	FUZZ_CHECK(kind == ENGINE_LINE_DONE);
}

static void
end(struct run *run, int result)
{
	struct error error;
	unsigned i;

	error_init(&error);
	if (run->statement.verb >= TSQL_HEADERONLY)
		report_rows_end(run->report);
	FUZZ_CHECK(report_has_error(run->report) == (result != 0));
	FUZZ_CHECK(report_done(run->report, result != 0, &error) == 0);
	for (i = 0; i < run->operation.device_count; i++)
		receiver_release(&run->receivers[i]);
	target_free(run->receipt.target);
	receipt_release(&run->receipt);
	operation_release(&run->operation);
	FUZZ_CHECK(fclose(run->stream) == 0);
	if (run->said_size > 0 && run->said[0] == '{')
		check_lines(run);
	report_free(run->report);
	stop_release(&run->stop);
	options_release(&run->options);
	tsql_release(&run->statement);
	free(run->said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run run;
	struct choice choice = choose(data, &size);

	make_path();
	begin(&run, &choice);
	end(&run, restore(&run, data, size, choice.split));
	return (0);
}
