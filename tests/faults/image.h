/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAULTS_IMAGE_H
#define FAULTS_IMAGE_H

#include "disk.h"

/* Between disk.c and image.c: how an image comes about. */

struct image *image_new(void);
/* Takes data (malloc); NULL: a folder. */
void image_add(struct image *image, const char *path, char *data,
    size_t size);
void image_sort(struct image *image);

#endif
