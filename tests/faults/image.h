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

/* Ends the program with a message. */
_Noreturn void disk_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* Room for one more in a list of so many. */
void *disk_more(void *list, size_t count, size_t size);
/* With a NUL after it. */
char *disk_copy(const void *data, size_t size);

#endif
