/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * The engine against a client that answers as it likes.  The client is a
 * model of a drive (tests/media/drive.h) whose answers the input changes:
 *
 *     1 byte    the statement
 *     1 byte    the family of the device, and what else it is
 *     for each command that comes, while there is input
 *       1 byte  below 128: the truth; else which lie, see lie()
 *
 * One command is under way at a time, so the same input does the same.  The
 * statement ends, says so in lines that the session takes, and does not call
 * a backup good whose writes have failed.
 */

#include "common.h"

#include "engine/engine.h"
#include "media/drive.h"
#include "runtime/client.h"
#include "sql/engine_line.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLICE_MS 200
#define COMMANDS_MAX 300u
#define LOADS_MAX 6u
static const struct {
	const char *verb;
	const char *option;
	bool is_backup;
	bool is_fresh; /* on an empty medium */
} statements[] = {
	{ "BACKUP DATABASE Sales TO", "FORMAT", true, true },
	{ "BACKUP DATABASE Sales TO", "NOINIT", true, false },
	{ "BACKUP DATABASE Sales TO", "INIT, CHECKSUM", true, false },
	{ "BACKUP DATABASE Sales TO", "FORMAT, SNAPSHOT", true, true },
	{ "RESTORE DATABASE Copy FROM", "REPLACE", false, false },
	{ "RESTORE DATABASE Copy FROM", "FILE=2, REPLACE", false, false },
	{ "RESTORE DATABASE Copy FROM", "REPLACE, SNAPSHOT", false, false },
	{ "RESTORE VERIFYONLY FROM", "FILE=1", false, false },
	{ "RESTORE HEADERONLY FROM", "CHECKSUM", false, false },
	{ "RESTORE FILELISTONLY FROM", "CHECKSUM", false, false },
	{ "RESTORE LABELONLY FROM", "CHECKSUM", false, false },
};

static const uint32_t families[] = { VDF_LikePipe, VDF_LikeDisk,
	VDF_LikeTape };

static char folder[FUZZ_FOLDER_SIZE];

struct play {
	struct fuzz_input input;
	const char *statement;
	enum drive_family family;
	uint32_t features;
	struct drive drive;
	unsigned commands;
	bool has_ended;   /* the client has had enough */
	bool has_failed;  /* something was not written, and we said so */
	vd_status last;
	/* The engine's. */
	char *said;
	size_t said_size;
	int status;
	atomic_bool is_over;
};

static void
in_folder(char path[96], const char *name)
{
	(void)snprintf(path, 96, "%s/%s", folder, name);
}

/* The next medium of the drive, and those behind it. */
static void
clear_media(void)
{
	char path[96];
	char name[16];
	unsigned i;

	for (i = 1; i <= LOADS_MAX + 2; i++) {
		(void)snprintf(name, sizeof(name), "d1-v%u", i);
		in_folder(path, name);
		(void)unlink(path);
	}
}

static void
copy_file(const char *from, const char *to)
{
	static uint8_t bytes[1 << 18];
	char path[96];
	ssize_t got;
	int fd;

	in_folder(path, from);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	FUZZ_CHECK(fd != -1);
	got = read(fd, bytes, sizeof(bytes));
	FUZZ_CHECK(got > 0 && (size_t)got < sizeof(bytes));
	(void)close(fd);
	in_folder(path, to);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FUZZ_CHECK(fd != -1 && write(fd, bytes, (size_t)got) == got);
	(void)close(fd);
}

/* ---- the engine ---------------------------------------------------------- */

static void *
run_engine(void *context)
{
	struct play *play = context;
	FILE *stream = open_memstream(&play->said, &play->said_size);
	struct report *report = report_new(REPORT_JSON, stream);
	char source[128];
	char copy[128];
	char program[] = "vdi-engine";
	char sqlite[] = "--sqlite";
	char depth[] = "--queue-depth=1";
	char *argv[] = { program, sqlite, source, sqlite, copy, depth, NULL };
	struct options options;
	struct error error;

	FUZZ_CHECK(report != NULL);
	error_init(&error);
	options_init(&options);
	(void)snprintf(source, sizeof(source), "Sales=%s/source", folder);
	(void)snprintf(copy, sizeof(copy), "Copy=%s/copy", folder);
	FUZZ_CHECK(options_parse(&options, 6, argv, &error) == 0);
	play->status = engine_run(play->statement, &options, report,
	    ENGINE_SIGNALS_LEFT_ALONE, &error);
	FUZZ_CHECK(report_done(report, play->status, &error) == 0);
	report_free(report);
	FUZZ_CHECK(fclose(stream) == 0);
	options_release(&options);
	atomic_store(&play->is_over, true);
	return (NULL);
}

static void
check_lines(const struct play *play)
{
	struct fuzz_input lines = { (const uint8_t *)play->said,
		play->said_size };
	struct engine_line line = { .kind = ENGINE_LINE_MESSAGE };
	struct error error;
	char *text;
	int status = -1;

	error_init(&error);
	while ((text = fuzz_take_line(&lines)) != NULL) {
		FUZZ_CHECK(status == -1);
		FUZZ_CHECK(engine_line_decode(&line, text, strlen(text),
		    &error) == 0);
		if (line.kind == ENGINE_LINE_DONE)
			status = line.status;
		engine_line_release(&line);
		free(text);
	}
	FUZZ_CHECK(status == play->status);
}

/* ---- the client --------------------------------------------------------- */

static bool
is_data(int32_t code)
{
	return (code == VDC_Read || code == VDC_Write);
}

static uint32_t
take_code(struct play *play)
{
	static const uint32_t codes[] = { VD_ERROR_SUCCESS,
		VD_ERROR_HANDLE_EOF, VD_ERROR_DISK_FULL, VD_ERROR_CRC,
		VD_ERROR_NOT_SUPPORTED, VD_ERROR_END_OF_MEDIA,
		VD_ERROR_FILEMARK_DETECTED, VD_ERROR_NO_DATA_DETECTED,
		VD_ERROR_EOM_OVERFLOW, VD_ERROR_OPERATION_ABORTED,
		VD_ERROR_IO_DEVICE, 4711 };

	return (codes[fuzz_take8(&play->input) % ARRAY_COUNT(codes)]);
}

/* How the truth is changed. */
static void
lie(struct play *play, const struct VDC_Command *command, unsigned kind,
    struct drive_answer *answer)
{
	uint32_t size = is_data(command->commandCode) ?
	    (uint32_t)command->size : 0;
	uint32_t at;

	switch (kind % 8) {
	case 0:
		answer->code = take_code(play);
		break;
	case 1:
		answer->bytes = fuzz_take16(&play->input) % (size + 1);
		break;
	case 2:
		answer->code = take_code(play);
		answer->bytes = fuzz_take16(&play->input) % (size + 1);
		break;
	case 3:
		answer->position += (int8_t)fuzz_take8(&play->input);
		break;
	case 4:
		answer->position = (int64_t)fuzz_take64(&play->input);
		break;
	case 5:
		at = fuzz_take16(&play->input);
		if (command->commandCode == VDC_Read && at < size)
			command->buffer[at] ^= fuzz_take8(&play->input);
		break;
	case 6:
		answer->code = VD_ERROR_SUCCESS;
		answer->bytes = size;
		break;
	default:
		play->has_ended = fuzz_take8(&play->input) % 16 == 0;
		break;
	}
}

static void
note_failure(struct play *play, int32_t code, const struct drive_answer *answer)
{
	if (answer->code == VD_ERROR_SUCCESS ||
	    answer->code == VD_ERROR_END_OF_MEDIA)
		return;
	if (code == VDC_Write || code == VDC_Flush || code == VDC_Complete)
		play->has_failed = true;
}

/* A short count without an error is not the end of a write. */
static vd_status
serve(struct play *play, struct client_device *device)
{
	struct VDC_Command *command;
	struct drive_answer answer = { 0, 0, 0 };
	vd_status status;
	uint8_t kind;
	int32_t code;

	status = client_get_command(device, SLICE_MS, &command);
	if (status != VD_NOERROR)
		return (status);
	code = command->commandCode;
	play->commands++;
	drive_do(&play->drive, command, &answer);
	kind = fuzz_take8(&play->input);
	if (kind >= 128)
		lie(play, command, kind, &answer);
	note_failure(play, code, &answer);
	if (play->commands == COMMANDS_MAX || play->drive.loads > LOADS_MAX)
		play->has_ended = true;
	return (client_complete_command(device, command, answer.code,
	    answer.bytes, answer.position));
}

static void
serve_all(struct play *play, struct client_set *set)
{
	struct drive_config config = {
		.family = play->family,
		.is_removable = (play->features & VDF_Removable) != 0,
		.is_writing = true,
		.folder = folder,
		.number = 1,
		.block_size = 512,
	};
	struct client_device *device;
	char name[64];

	(void)snprintf(name, sizeof(name), "fuzz-%ld", (long)getpid());
	if (client_open_device(set, name, &device) != VD_NOERROR)
		return;
	/* A pipe that is open for writing begins with an empty medium. */
	if (play->family == DRIVE_PIPE)
		config.is_writing = strncmp(play->statement, "BACKUP", 6) == 0;
	FUZZ_CHECK(drive_open(&play->drive, &config) == 0);
	do
		play->last = serve(play, device);
	while (!play->has_ended && (play->last == VD_NOERROR ||
	    play->last == VD_E_TIMEOUT));
	drive_close(&play->drive);
}

static void
run(struct play *play, uint32_t features)
{
	struct VDConfig wishes = { .deviceCount = 1, .features = features };
	struct VDConfig config;
	struct client_set *set = client_set_new();
	pthread_t engine;
	char name[64];
	vd_status status;

	(void)snprintf(name, sizeof(name), "fuzz-%ld", (long)getpid());
	play->features = features;
	FUZZ_CHECK(set != NULL);
	FUZZ_CHECK(client_create(set, name, &wishes) == VD_NOERROR);
	FUZZ_CHECK(pthread_create(&engine, NULL, run_engine, play) == 0);
	do
		status = client_get_configuration(set, SLICE_MS, &config);
	while (status == VD_E_TIMEOUT && !atomic_load(&play->is_over));
	if (status == VD_NOERROR)
		serve_all(play, set);
	(void)client_close(set);
	FUZZ_CHECK(pthread_join(engine, NULL) == 0);
	client_set_free(set);
}

/* ---- what all inputs need ------------------------------------------------ */

static void
remove_all(void)
{
	static const char *const names[] = { "source", "copy", "media-0",
		"media-1", "media-2", "copy.restoring" };
	char path[96];
	size_t i;

	clear_media();
	for (i = 0; i < ARRAY_COUNT(names); i++) {
		in_folder(path, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static void
make_database(void)
{
	sqlite3 *db = NULL;
	char path[96];

	in_folder(path, "source");
	FUZZ_CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	FUZZ_CHECK(sqlite3_exec(db, "PRAGMA page_size=512;"
	    "PRAGMA synchronous=OFF;"
	    "CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(9000))", NULL,
	    NULL, NULL) == SQLITE_OK);
	FUZZ_CHECK(sqlite3_close(db) == SQLITE_OK);
}

static void
statement_text(char text[200], unsigned which)
{
	(void)snprintf(text, 200, "%s VIRTUAL_DEVICE='fuzz-%ld' WITH "
	    "BLOCKSIZE=512, MAXTRANSFERSIZE=65536, %s", statements[which].verb,
	    (long)getpid(), statements[which].option);
}

/* A medium of each family with an honest backup on it. */
static void
make_media(void)
{
	char medium[] = "media-0";
	char text[200];
	unsigned i;

	for (i = 0; i < ARRAY_COUNT(families); i++) {
		struct play play = { .statement = text,
			.family = (enum drive_family)i };

		statement_text(text, 0);
		run(&play, families[i]);
		FUZZ_CHECK(play.status == 0 && play.last == VD_E_CLOSE);
		free(play.said);
		medium[6] = (char)('0' + i);
		copy_file("d1-v1", medium);
		clear_media();
	}
}

static void
prepare(void)
{
	if (folder[0] != '\0')
		return;
	fuzz_folder(folder);
	FUZZ_CHECK(atexit(remove_all) == 0);
	make_database();
	make_media();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t additions[] = { 0, 0, VDF_RequestComplete,
		VDF_Discard, VDF_SnapshotPrepare, VDF_Removable,
		VDF_Removable | VDF_RequestComplete, 0 };
	struct play play = { .input = { data, size } };
	char medium[] = "media-0";
	char text[200];
	unsigned which;
	unsigned choice;

	prepare();
	which = fuzz_take8(&play.input) % ARRAY_COUNT(statements);
	choice = fuzz_take8(&play.input);
	play.family = (enum drive_family)(choice % ARRAY_COUNT(families));
	statement_text(text, which);
	play.statement = text;
	medium[6] = (char)('0' + (int)play.family);
	if (!statements[which].is_fresh)
		copy_file(medium, "d1-v1");
	run(&play, families[play.family] |
	    additions[choice / ARRAY_COUNT(families) %
	    ARRAY_COUNT(additions)]);
	FUZZ_CHECK(play.status == 0 || play.status == 1);
	FUZZ_CHECK(play.status == 1 || !statements[which].is_backup ||
	    !play.has_failed);
	check_lines(&play);
	free(play.said);
	clear_media();
	return (0);
}
