/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "store/sums.h"

#include "store/folder.h"
#include "store/store.h"

#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#define SUMS_MAX (64u << 10)

static void
add_sum(struct str *to, const uint8_t digest[32], const char *name)
{
	unsigned i;

	for (i = 0; i < 32; i++)
		str_addf(to, "%02x", digest[i]);
	str_addf(to, "  %s\n", name);
}

int
sums_write(const char *folder, const struct manifest *manifest,
    const char *text, size_t size, struct error *error)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct str sums;
	struct str path;
	size_t i;
	int rc = -1;

	str_init(&sums);
	str_init(&path);
	if (EVP_Digest(text, size, digest, NULL, EVP_sha256(), NULL) != 1) {
		rc = error_memory(error);
		goto out;
	}
	for (i = 0; i < manifest->stripe_count; i++)
		add_sum(&sums, manifest->stripes[i].sha256,
		    manifest->stripes[i].file);
	add_sum(&sums, digest, STORE_MANIFEST);
	str_addf(&path, "%s/" STORE_SUMS, folder);
	if (str_check(&sums, error) == 0 && str_check(&path, error) == 0)
		rc = fd_replace_file(path.text, sums.text, sums.length, 0600,
		    error);
out:
	str_release(&path);
	str_release(&sums);
	return (rc);
}

int
sums_remove(const char *folder, struct error *error)
{
	struct str path;
	int rc = -1;

	str_init(&path);
	str_addf(&path, "%s/" STORE_SUMS, folder);
	if (str_check(&path, error) != 0)
		goto out;
	if (unlink(path.text) != 0 && errno != ENOENT) {
		rc = error_system(error, KIND_STORAGE, errno,
		    "cannot remove \"%s\"", path.text);
		goto out;
	}
	/* Before the manifest changes, also after a loss of power. */
	rc = fd_sync_parent(path.text, error);
out:
	str_release(&path);
	return (rc);
}

/* The whole line of SHA256SUMS for name, or NULL. */
static const char *
find_sum(const char *sums, const char *name)
{
	const char *line = sums;

	while (line != NULL && *line != '\0') {
		const char *next = strchr(line, '\n');
		size_t length = next != NULL ? (size_t)(next - line) :
		    strlen(line);

		if (length == 66 + strlen(name) &&
		    strncmp(line + 66, name, strlen(name)) == 0 &&
		    strncmp(line + 64, "  ", 2) == 0)
			return (line);
		line = next != NULL ? next + 1 : NULL;
	}
	return (NULL);
}

int
sums_check(const char *folder, const char *text, size_t size,
    struct error *error)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct str path;
	struct str want;
	const char *line;
	char *sums = NULL;
	size_t sums_size;
	unsigned i;
	int rc = -1;
	int there;

	str_init(&path);
	str_init(&want);
	str_addf(&path, "%s/" STORE_SUMS, folder);
	if (str_check(&path, error) != 0)
		goto out;
	there = folder_has(path.text, error);
	if (there <= 0) {
		rc = there;
		goto out;
	}
	if (fd_read_file(path.text, SUMS_MAX, &sums, &sums_size, error) != 0)
		goto out;
	if (EVP_Digest(text, size, digest, NULL, EVP_sha256(), NULL) != 1) {
		rc = error_memory(error);
		goto out;
	}
	for (i = 0; i < 32; i++)
		str_addf(&want, "%02x", digest[i]);
	if (str_check(&want, error) != 0)
		goto out;
	line = find_sum(sums, STORE_MANIFEST);
	if (line == NULL) {
		rc = error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "\"%s\" has no line for \"%s\"", path.text,
		    STORE_MANIFEST);
		goto out;
	}
	if (strncmp(line, want.text, 64) != 0) {
		rc = error_set(error, KIND_INTEGRITY, ORIGIN_US, 0,
		    "the manifest was changed: its digest is not the one in "
		    "\"%s\"", path.text);
		error_hint(error, "get \"%s\" from another copy",
		    STORE_MANIFEST);
		goto out;
	}
	rc = 0;
out:
	free(sums);
	str_release(&want);
	str_release(&path);
	return (rc);
}
