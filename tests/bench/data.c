/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/data.h"

#include "base/database.h"
#include "engine/synthetic_page.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void *
map(size_t size, int flags, int fd)
{
	void *bytes = mmap(NULL, size, fd < 0 ? PROT_READ | PROT_WRITE :
	    PROT_READ, flags, fd, 0);

	if (bytes == MAP_FAILED)
		bench_die("cannot map %zu bytes", size);
	return (bytes);
}

static void
load(const char *path, struct data *data)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size == 0)
		bench_die("cannot use \"%s\": it is to be a file with "
		    "something in it", path);
	data->size = (size_t)st.st_size;
	data->bytes = map(data->size, MAP_SHARED | MAP_POPULATE, fd);
	(void)close(fd);
}

static void
make(struct synthetic_page *pages, uint8_t *bytes, size_t size)
{
	uint8_t page[SYNTHETIC_PAGE_SIZE];
	uint32_t number = 0;
	size_t at;

	for (at = 0; at < size; at += sizeof(page), number++) {
		synthetic_page_make(pages, number, page);
		memcpy(page + SYNTHETIC_PAGE_ID, &number, sizeof(number));
		memcpy(bytes + at, page, size - at < sizeof(page) ?
		    size - at : sizeof(page));
	}
}

void
data_open(const struct bench_options *options, struct data *data)
{
	struct synthetic_page *pages;
	struct database database;
	struct error error = { 0 };
	uint8_t *bytes;
	char text[128];

	if (options->data != NULL) {
		load(options->data, data);
		return;
	}
	(void)snprintf(text, sizeof(text), "%llu,ratio=%s",
	    (unsigned long long)options->size, options->ratio);
	if (database_parse(&database, DATABASE_SYNTHETIC, text, &error) != 0)
		bench_die("%s", error.text);
	data->size = (size_t)options->size;
	bytes = map(data->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	pages = bench_alloc(1, sizeof(*pages));
	synthetic_page_init(pages, database.seed, database.ratio);
	make(pages, bytes, data->size);
	free(pages);
	database_release(&database);
	data->bytes = bytes;
}

void
data_close(struct data *data)
{
	(void)munmap((void *)(uintptr_t)data->bytes, data->size);
	memset(data, 0, sizeof(*data));
}

void
data_share(const struct data *data, unsigned devices, unsigned i,
    struct data *share)
{
	size_t part = data->size / devices;

	share->bytes = data->bytes + part * i;
	share->size = i + 1 < devices ? part : data->size - part * i;
}

void
data_write(const struct data *data, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t at = 0;

	if (fd < 0)
		bench_die("cannot make \"%s\"", path);
	while (at < data->size) {
		ssize_t n = write(fd, data->bytes + at, data->size - at);

		if (n <= 0)
			bench_die("cannot write \"%s\"", path);
		at += (size_t)n;
	}
	if (close(fd) != 0)
		bench_die("cannot write \"%s\"", path);
}
