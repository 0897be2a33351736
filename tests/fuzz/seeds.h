/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

/* What the parts of fuzz-seeds share; whatever fails ends the program. */

#define SEEDS_MUST(condition)                                                  \
	do {                                                                   \
		if (!(condition))                                              \
			seeds_fail(#condition);                                \
	} while (0)
void seeds_fail(const char *what) __attribute__((noreturn));

/* An input of that name; or only its path, its folder being there. */
void seeds_put(const char *target, const char *name, const void *data,
    size_t size);
void seeds_path(struct str *path, const char *target, const char *name);

void seeds_stripes(void);   /* stripe */
void seeds_manifests(void); /* manifest */
void seeds_streams(void);   /* mtf, mtf_write */
void seeds_restores(void);  /* restore */
void seeds_logs(void);      /* wal */
void seeds_programs(void);  /* engine, pump, shm_client, shm_server */

#endif
