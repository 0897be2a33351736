/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_COMMON_H
#define TESTS_FUZZ_COMMON_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What the fuzz targets share.  A target is one file with one
 * LLVMFuzzerTestOneInput; it is linked with libFuzzer (--enable-fuzzers) or
 * with replay.c, which runs it on files.
 *
 * A target holds its parser to what the parser's header promises, with
 * FUZZ_CHECK.  The same input does the same every time: no clock, no chance.
 */

/* libFuzzer's entry; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that was not kept is a crash, and says which. */
#define FUZZ_CHECK(condition)                                                  \
	do {                                                                   \
		if (!(condition))                                              \
			fuzz_fail(__FILE__, __LINE__, #condition);             \
	} while (0)
void fuzz_fail(const char *file, int line, const char *what)
    __attribute__((noreturn));

/* A call has failed: the error says so, in words, of one of the kinds (bits
 * 1 << kind).  It is empty again then. */
void fuzz_check_error(struct error *error, unsigned kinds);

/* Memory of exactly that size, so that a sanitizer sees a read beyond it.
 * Owned by the caller (free). */
void *fuzz_copy(const void *data, size_t size);
/* The same with a NUL behind. */
char *fuzz_text(const void *data, size_t size);

/* An input that is taken apart from its front; zeros follow its end. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

uint8_t fuzz_take8(struct fuzz_input *input);
uint16_t fuzz_take16(struct fuzz_input *input);
uint32_t fuzz_take32(struct fuzz_input *input);
uint64_t fuzz_take64(struct fuzz_input *input);
/* 0 .. bound - 1. */
uint32_t fuzz_take_below(struct fuzz_input *input, uint32_t bound);

/* The next line without its end, a heap text; NULL at the end. */
char *fuzz_take_line(struct fuzz_input *input);

/* A file in memory with these bytes; the same descriptor every time, with a
 * path to open it by. */
int fuzz_file(const void *data, size_t size);
const char *fuzz_file_path(void);

/* A new folder below TMPDIR, for targets that need names.  The caller removes
 * it at the end, and what is in it. */
#define FUZZ_FOLDER_SIZE 64
void fuzz_folder(char path[FUZZ_FOLDER_SIZE]);

/* A mixer for digests of what was seen, and for choices that follow from the
 * input. */
uint64_t fuzz_mix(uint64_t state, const void *data, size_t size);

#endif
