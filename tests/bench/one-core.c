/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a backup program for virtual devices is where nobody thinks of more
 * than one processor: one thread that takes a command, runs its bytes through
 * zstd's streaming interface, writes what comes out, and answers; and the way
 * back.  Made as well as that allows: one context, large buffers, the server's
 * largest transfers, several commands in flight, decompression straight into
 * the server's buffers.
 *
 *     one-core backup KIND:PLACE FILE LEVEL
 *     one-core restore KIND:PLACE FILE
 *
 * The server is the embedded engine, $VDI_ENGINE or the one in PATH, with
 * what stands for the database as vdibackup's --engine has it.  Prints the
 * seconds from the first command to the last, raw and stored bytes.
 */
#include <config.h>

#include "base/clock.h"
#include "base/num.h"
#include "runtime/client.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#define BUFFER ((size_t)1 << 20)
#define CONFIGURE_MS 30000
#define WITH "MAXTRANSFERSIZE=4194304, BUFFERCOUNT=8"

extern char **environ;

struct one_core {
	struct client_set *set;
	struct client_device *device;
	char name[64];
	pid_t engine;
	int fd;
	uint8_t *buffer; /* stored bytes on their way to or from the file */
	size_t at;       /* restore: of buffer, what is used already */
	size_t filled;
	ZSTD_CCtx *compressor;
	ZSTD_DCtx *decompressor;
	uint64_t raw_bytes;
	uint64_t stored_bytes;
};

static void die(const char *format, ...) PRINTF_LIKE(1, 2)
    __attribute__((noreturn));

static void
die(const char *format, ...)
{
	va_list ap;

	(void)fprintf(stderr, "one-core: ");
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1);
}

static size_t
checked(size_t rc)
{
	if (ZSTD_isError(rc))
		die("zstd: %s", ZSTD_getErrorName(rc));
	return (rc);
}

static void
write_all(struct one_core *one, const uint8_t *bytes, size_t size)
{
	one->stored_bytes += size;
	while (size > 0) {
		ssize_t n = write(one->fd, bytes, size);

		if (n < 0 && errno != EINTR)
			die("cannot write: %s", strerror(errno));
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
}

/* ---- the two directions, a command at a time ---- */

static void
compress(struct one_core *one, const void *bytes, size_t size,
    ZSTD_EndDirective end)
{
	ZSTD_inBuffer in = { bytes, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { one->buffer, BUFFER, 0 };

		left = checked(ZSTD_compressStream2(one->compressor, &out,
		    &in, end));
		write_all(one, one->buffer, out.pos);
	} while (end == ZSTD_e_continue ? in.pos < in.size : left > 0);
	one->raw_bytes += size;
}

/* Stored bytes into the buffer; false at the end of the file. */
static bool
refill(struct one_core *one)
{
	ssize_t n;

	do {
		n = read(one->fd, one->buffer, BUFFER);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		die("cannot read: %s", strerror(errno));
	one->at = 0;
	one->filled = (size_t)n;
	one->stored_bytes += (uint64_t)n;
	return (n > 0);
}

static size_t
decompress(struct one_core *one, void *room, size_t size)
{
	ZSTD_outBuffer out = { room, size, 0 };

	while (out.pos < out.size) {
		ZSTD_inBuffer in = { one->buffer, one->filled, one->at };
		size_t before = out.pos;

		(void)checked(ZSTD_decompressStream(one->decompressor, &out,
		    &in));
		one->at = in.pos;
		if (one->at == one->filled && out.pos == before &&
		    !refill(one))
			break;
	}
	one->raw_bytes += out.pos;
	return (out.pos);
}

static void
answer(struct one_core *one, struct VDC_Command *command)
{
	uint32_t size = (uint32_t)command->size;
	uint32_t code = VD_ERROR_SUCCESS;
	size_t got = 0;

	switch (command->commandCode) {
	case VDC_Write:
		compress(one, command->buffer, size, ZSTD_e_continue);
		got = size;
		break;
	case VDC_Read:
		got = decompress(one, command->buffer, size);
		if (got < size)
			code = VD_ERROR_HANDLE_EOF;
		break;
	case VDC_Flush:
	case VDC_ClearError:
		break;
	default:
		code = VD_ERROR_NOT_SUPPORTED;
		break;
	}
	if (client_complete_command(one->device, command, code,
	    (uint32_t)got, 0) != VD_NOERROR)
		die("the server does not take an answer");
}

/* ---- the set and its server ---- */

static void
start_engine(struct one_core *one, const char *database, bool is_backup)
{
	const char *engine = getenv("VDI_ENGINE");
	const char *place = strchr(database, ':');
	posix_spawn_file_actions_t actions;
	char kind[32];
	char named[4096];
	char statement[512];
	char *argv[] = { NULL, kind, named, (char *)(uintptr_t)"--execute",
		statement, NULL };

	if (place == NULL || place - database > 16)
		die("\"%s\" is not KIND:PLACE", database);
	(void)snprintf(kind, sizeof(kind), "--%.*s", (int)(place - database),
	    database);
	(void)snprintf(named, sizeof(named), "Db=%s", place + 1);
	(void)snprintf(statement, sizeof(statement), is_backup ?
	    "BACKUP DATABASE [Db] TO VIRTUAL_DEVICE=N'%s' WITH " WITH :
	    "RESTORE DATABASE [Db] FROM VIRTUAL_DEVICE=N'%s' "
	    "WITH REPLACE, " WITH, one->name);
	argv[0] = (char *)(uintptr_t)(engine != NULL ? engine : "vdi-engine");
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
	    "/dev/null", O_WRONLY, 0) != 0 ||
	    posix_spawnp(&one->engine, argv[0], &actions, NULL, argv,
	    environ) != 0)
		die("cannot start %s", argv[0]);
	(void)posix_spawn_file_actions_destroy(&actions);
}

static void
open_set(struct one_core *one, const char *database, bool is_backup)
{
	struct VDConfig config = { .deviceCount = 1 };

	(void)snprintf(one->name, sizeof(one->name), "one-core-%ld",
	    (long)getpid());
	one->set = client_set_new();
	if (one->set == NULL || client_create(one->set, one->name,
	    &config) != VD_NOERROR)
		die("cannot create a device set");
	start_engine(one, database, is_backup);
	if (client_get_configuration(one->set, CONFIGURE_MS, &config) !=
	    VD_NOERROR || client_open_device(one->set, one->name,
	    &one->device) != VD_NOERROR)
		die("the server does not open the device");
}

static void
close_set(struct one_core *one)
{
	int status;

	if (client_close(one->set) != VD_NOERROR)
		die("cannot close the device set");
	client_set_free(one->set);
	if (waitpid(one->engine, &status, 0) != one->engine || status != 0)
		die("the statement failed");
}

/* Seconds. */
static double
transfer(struct one_core *one)
{
	struct VDC_Command *command;
	int64_t start = 0;
	vd_status status;

	while ((status = client_get_command(one->device, -1, &command)) ==
	    VD_NOERROR) {
		if (start == 0)
			start = clock_now_ns();
		answer(one, command);
	}
	if (status != VD_E_CLOSE)
		die("the device ended with %s", vdi_status_name(status));
	if (one->compressor != NULL)
		compress(one, NULL, 0, ZSTD_e_end);
	return ((double)(clock_now_ns() - start) / 1e9);
}

static void
open_file(struct one_core *one, const char *path, bool is_backup)
{
	one->fd = open(path, (is_backup ? O_WRONLY | O_CREAT | O_TRUNC :
	    O_RDONLY) | O_CLOEXEC, 0600);
	if (one->fd < 0)
		die("cannot open \"%s\": %s", path, strerror(errno));
}

static void
prepare_zstd(struct one_core *one, bool is_backup, int64_t level)
{
	one->buffer = malloc(BUFFER);
	if (one->buffer == NULL)
		die("out of memory");
	if (!is_backup) {
		one->decompressor = ZSTD_createDCtx();
		if (one->decompressor == NULL)
			die("out of memory");
		return;
	}
	one->compressor = ZSTD_createCCtx();
	if (one->compressor == NULL)
		die("out of memory");
	(void)checked(ZSTD_CCtx_setParameter(one->compressor,
	    ZSTD_c_compressionLevel, (int)level));
	(void)checked(ZSTD_CCtx_setParameter(one->compressor,
	    ZSTD_c_checksumFlag, 1));
}

int
main(int argc, char **argv)
{
	struct one_core one = { .fd = -1 };
	bool is_backup = argc == 5 && strcmp(argv[1], "backup") == 0;
	int64_t level = 0;
	double seconds;

	if ((!is_backup && (argc != 4 || strcmp(argv[1], "restore") != 0)) ||
	    (is_backup && num_parse(argv[4], ZSTD_minCLevel(),
	    ZSTD_maxCLevel(), &level) != 0)) {
		(void)fprintf(stderr, "usage: one-core backup KIND:PLACE "
		    "FILE LEVEL\n       one-core restore KIND:PLACE FILE\n");
		return (2);
	}
	open_file(&one, argv[3], is_backup);
	prepare_zstd(&one, is_backup, level);
	open_set(&one, argv[2], is_backup);
	seconds = transfer(&one);
	if (close(one.fd) != 0)
		die("cannot write: %s", strerror(errno));
	close_set(&one);
	(void)printf("%.6f %llu %llu\n", seconds,
	    (unsigned long long)one.raw_bytes,
	    (unsigned long long)one.stored_bytes);
	(void)ZSTD_freeCCtx(one.compressor);
	(void)ZSTD_freeDCtx(one.decompressor);
	free(one.buffer);
	return (0);
}
