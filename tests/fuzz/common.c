/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "common.h"

#include "base/bytes.h"
#include "base/utf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void
fuzz_fail(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void
fuzz_check_error(struct error *error, unsigned kinds)
{
	FUZZ_CHECK(error_is_set(error));
	FUZZ_CHECK((kinds >> error->kind & 1) != 0);
	FUZZ_CHECK(error->text[0] != '\0');
	FUZZ_CHECK(memchr(error->text, '\0', sizeof(error->text)) != NULL);
	FUZZ_CHECK(memchr(error->hint, '\0', sizeof(error->hint)) != NULL);
	error_init(error);
}

void *
fuzz_copy(const void *data, size_t size)
{
	void *copy = malloc(size);

	FUZZ_CHECK(copy != NULL || size == 0);
	if (size > 0)
		memcpy(copy, data, size);
	return (copy);
}

char *
fuzz_text(const void *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return (text);
}

/* The next count bytes as a number, the first the lowest. */
static uint64_t
take(struct fuzz_input *input, size_t count)
{
	uint8_t bytes[8] = { 0 };
	size_t got = count < input->left ? count : input->left;

	if (got == 0)
		return (0);
	memcpy(bytes, input->at, got);
	input->at += got;
	input->left -= got;
	return (bytes_get64(bytes));
}

uint8_t
fuzz_take8(struct fuzz_input *input)
{
	return ((uint8_t)take(input, 1));
}

uint16_t
fuzz_take16(struct fuzz_input *input)
{
	return ((uint16_t)take(input, 2));
}

uint32_t
fuzz_take32(struct fuzz_input *input)
{
	return ((uint32_t)take(input, 4));
}

uint64_t
fuzz_take64(struct fuzz_input *input)
{
	return (take(input, 8));
}

uint32_t
fuzz_take_below(struct fuzz_input *input, uint32_t bound)
{
	return (bound <= 256 ? fuzz_take8(input) % bound :
	    fuzz_take32(input) % bound);
}

char *
fuzz_take_line(struct fuzz_input *input)
{
	const uint8_t *end;
	size_t length;
	char *line;

	if (input->left == 0)
		return (NULL);
	end = memchr(input->at, '\n', input->left);
	length = end != NULL ? (size_t)(end - input->at) : input->left;
	line = fuzz_text(input->at, length);
	length += end != NULL;
	input->at += length;
	input->left -= length;
	return (line);
}

static int
file(void)
{
	static int fd = -1;

	if (fd == -1)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(fd != -1);
	return (fd);
}

int
fuzz_file(const void *data, size_t size)
{
	int fd = file();

	FUZZ_CHECK(ftruncate(fd, (off_t)size) == 0);
	FUZZ_CHECK(pwrite(fd, data, size, 0) == (ssize_t)size);
	return (fd);
}

const char *
fuzz_file_path(void)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file());
	return (path);
}

void
fuzz_folder(char path[FUZZ_FOLDER_SIZE])
{
	const char *parent = getenv("TMPDIR");
	int length;

	length = snprintf(path, FUZZ_FOLDER_SIZE, "%s/fuzz-vdibackup.XXXXXX",
	    parent != NULL ? parent : "/tmp");
	FUZZ_CHECK(length > 0 && length < FUZZ_FOLDER_SIZE);
	FUZZ_CHECK(mkdtemp(path) != NULL);
}

uint64_t
fuzz_mix(uint64_t state, const void *data, size_t size)
{
	const uint8_t *at = data;
	size_t i;

	for (i = 0; i < size; i++) {
		state ^= at[i];
		state *= UINT64_C(0x100000001B3);
		state ^= state >> 29;
	}
	return (state);
}
