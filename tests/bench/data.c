/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "bench/data.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 8192u
#define WORDS 512u
#define WORD_MAX 12u
#define ROW_MAX 256u

struct maker {
	uint64_t random;
	uint64_t key;
	unsigned noise; /* bytes of each row that nothing can predict */
	char words[WORDS][WORD_MAX];
};

/* Marsaglia's xorshift64. */
static uint64_t
next(struct maker *maker)
{
	maker->random ^= maker->random << 13;
	maker->random ^= maker->random >> 7;
	maker->random ^= maker->random << 17;
	return (maker->random);
}

static void
prepare(struct maker *maker, int64_t ratio)
{
	/* What makes the ratio about that of the index, at level 3. */
	static const unsigned noise[] = { 0, 1500, 46, 14, 3, 0, 0, 0, 0 };
	unsigned i;
	unsigned j;

	memset(maker, 0, sizeof(*maker));
	maker->random = 0x9E3779B97F4A7C15u;
	maker->noise = noise[ratio];
	for (i = 0; i < WORDS; i++) {
		unsigned length = 3 + (unsigned)(next(maker) % 8);

		for (j = 0; j < length; j++)
			maker->words[i][j] = (char)('a' + next(maker) % 26);
	}
}

static uint8_t *
put(uint8_t *p, uint64_t value, unsigned bytes)
{
	memcpy(p, &value, bytes);
	return (p + bytes);
}

/* Few words are used often, most of them seldom. */
static uint8_t *
put_word(struct maker *maker, uint8_t *p)
{
	uint64_t random = next(maker);
	const char *word = maker->words[(random % WORDS) *
	    ((random >> 32) % WORDS) / WORDS];

	for (; *word != '\0'; word++) {
		*p++ = (uint8_t)*word;
		*p++ = 0;
	}
	*p++ = ' ';
	*p++ = 0;
	return (p);
}

static uint8_t *
make_row(struct maker *maker, uint8_t *p)
{
	unsigned words = 2 + (unsigned)(next(maker) % 5);
	unsigned left;

	p = put(p, 0x00100030u, 4);
	p = put(p, maker->key++, 8);
	p = put(p, 0x0000A51D00000000u + maker->key / 3, 8);
	p = put(p, next(maker) % 10000, 4);
	for (left = maker->noise < 96 ? maker->noise : 96; left >= 8;
	    left -= 8)
		p = put(p, next(maker), 8);
	p = put(p, next(maker), left);
	p = put(p, words, 2);
	for (; words > 0; words--)
		p = put_word(maker, p);
	return (p);
}

static void
make_page(struct maker *maker, uint8_t *page, size_t size)
{
	uint8_t row[ROW_MAX * 2];
	size_t at = 0;

	if (maker->noise > 96) {
		for (; at < size; at += 8)
			(void)put(page + at, next(maker),
			    size - at < 8 ? (unsigned)(size - at) : 8);
		return;
	}
	while (at < size) {
		size_t length = (size_t)(make_row(maker, row) - row);

		if (length > size - at) {
			memset(page + at, 0, size - at);
			return;
		}
		memcpy(page + at, row, length);
		at += length;
	}
}

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

void
data_open(const struct bench_options *options, struct data *data)
{
	struct maker maker;
	uint8_t *bytes;
	size_t at;

	if (options->data != NULL) {
		load(options->data, data);
		return;
	}
	data->size = (size_t)options->size;
	bytes = map(data->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	prepare(&maker, options->ratio);
	for (at = 0; at < data->size; at += PAGE)
		make_page(&maker, bytes + at, data->size - at < PAGE ?
		    data->size - at : PAGE);
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
