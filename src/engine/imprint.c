/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/imprint.h"

#include "base/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)
#define WORD 8u
#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* Fill the piece as far as the file goes. */
static ssize_t
read_piece(int fd, uint8_t *piece, uint64_t at)
{
	size_t got = 0;

	while (got < PIECE) {
		ssize_t n = pread(fd, piece + got, PIECE - got,
		    (off_t)(at + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (-1);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return ((ssize_t)got);
}

int
imprint_take(int fd, uint64_t *bytes, uint64_t *imprint)
{
	uint8_t *piece = malloc(PIECE + WORD);
	uint64_t sum = FNV_BASIS;
	ssize_t got;

	*bytes = 0;
	if (piece == NULL)
		return (-1);
	do {
		size_t i;

		got = read_piece(fd, piece, *bytes);
		if (got < 0) {
			free(piece);
			return (-1);
		}
		/* The last word is made up with zeros. */
		memset(piece + got, 0, WORD);
		for (i = 0; i < (size_t)got; i += WORD)
			sum = (sum ^ bytes_get64(piece + i)) * FNV_PRIME;
		*bytes += (uint64_t)got;
	} while (got == (ssize_t)PIECE);
	free(piece);
	*imprint = sum;
	return (0);
}
