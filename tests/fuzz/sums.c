/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

/*
 * SHA256SUMS of a folder, held against the bytes of a manifest.  The first
 * line of the input is the manifest; a '$' in the rest stands for its true
 * digest.  Only what has the digest on the manifest's own line is good.
 */

#include "common.h"

#include "base/str.h"
#include "store/store.h"
#include "store/sums.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

static char folder[FUZZ_FOLDER_SIZE];
static char path[FUZZ_FOLDER_SIZE + sizeof(STORE_SUMS) + 1];

static void
remove_folder(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
make_folder(void)
{
	if (folder[0] != '\0')
		return;
	fuzz_folder(folder);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, STORE_SUMS);
	FUZZ_CHECK(atexit(remove_folder) == 0);
}

static void
put_file(const struct str *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	FUZZ_CHECK(fd != -1);
	FUZZ_CHECK(write(fd, text->text, text->length) ==
	    (ssize_t)text->length);
	(void)close(fd);
}

/* Whether one of the lines is that one. */
static bool
has_line(const char *text, const char *line)
{
	const char *at = text;

	while ((at = strstr(at, line)) != NULL) {
		char after = at[strlen(line)];

		if ((at == text || at[-1] == '\n') &&
		    (after == '\0' || after == '\n'))
			return (true);
		at++;
	}
	return (false);
}

static void
add_digest(struct str *to, const char *text)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned i;

	FUZZ_CHECK(EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(),
	    NULL) == 1);
	for (i = 0; i < 32; i++)
		str_addf(to, "%02x", digest[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	char *manifest = fuzz_take_line(&input);
	struct error error;
	struct str digest;
	struct str sums;
	struct str good;

	if (manifest == NULL)
		return (0);
	make_folder();
	error_init(&error);
	str_init(&digest);
	str_init(&sums);
	str_init(&good);
	add_digest(&digest, manifest);
	for (; input.left > 0; input.at++, input.left--) {
		if (*input.at == '$')
			str_add(&sums, digest.text);
		else
			str_add_bytes(&sums, input.at, 1);
	}
	put_file(&sums);
	str_addf(&good, "%s  %s", digest.text, STORE_MANIFEST);
	if (sums_check(folder, manifest, strlen(manifest), &error) == 0)
		FUZZ_CHECK(has_line(sums.text, good.text));
	else
		fuzz_check_error(&error, 1u << KIND_INTEGRITY |
		    1u << KIND_STORAGE);
	str_release(&good);
	str_release(&sums);
	str_release(&digest);
	free(manifest);
	return (0);
}
