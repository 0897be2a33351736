/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULTS_JUDGE_H
#define FAULTS_JUDGE_H

#include "disk.h"

/*
 * What must hold of an image, asked of vdibackup itself:
 *
 *   - a folder under a backup's final name that holds a manifest verifies, and
 *     so does a single file under its final name;
 *   - a backup that was reported as done is there under its final name;
 *   - one whose success the server has been told is there, or what is left of
 *     it can be adopted, or is the whole file;
 *   - whatever else has a manifest is adopted, or is refused and stays;
 *   - the store can be listed.
 */

struct judge_wish {
	const char *const *done; /* paths in the image */
	size_t done_count;
	const char *told; /* final path, or NULL */
	const char *told_partial; /* what it is renamed from */
};

struct judge {
	const char *program;
	const char *scratch; /* the image is put there as "image" */
	bool thorough;       /* adopt what nobody was told of as well */
	unsigned runs;       /* of the program */
	uint64_t *good;      /* hashes of backups that have verified */
	size_t good_count;
};

/* Whether it holds; says on stderr what does not. */
bool judge_image(struct judge *judge, const struct image *image,
    const struct judge_wish *wish);

#endif
