/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * Runs a fuzz target on files, each of them once: what libFuzzer's own main
 * does with files, for builds without it.
 */

#include "common.h"

#include "base/fd.h"

#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX ((size_t)64 << 20)

int
main(int argc, char **argv)
{
	struct error error;
	int i;

	error_init(&error);
	for (i = 1; i < argc; i++) {
		char *text = NULL;
		void *data;
		size_t size;

		if (fd_read_file(argv[i], INPUT_MAX, &text, &size,
		    &error) != 0) {
			(void)fprintf(stderr, "%s\n", error.text);
			return (2);
		}
		data = fuzz_copy(text, size);
		free(text);
		IGNORE_RESULT(LLVMFuzzerTestOneInput(data, size) != 0);
		free(data);
	}
	return (0);
}
