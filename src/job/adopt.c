/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "job/adopt.h"

#include "job/inspect_open.h"
#include "store/folder.h"
#include "store/lock.h"
#include "store/path.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct adopt {
	const struct adopt_options *options;
	struct adopt_result *result;
	const char *folder; /* as it was named */
	char *partial;
	char *final;
	char *parent;
	struct lock *lock;
};

static int
find_names(struct adopt *adopt, struct error *error)
{
	adopt->final = store_stage_path(adopt->folder, PATH_FINAL, error);
	if (adopt->final == NULL) {
		error_hint(error, "name a folder that 'vdibackup list' calls "
		    "adoptable");
		return (-1);
	}
	adopt->partial = store_stage_path(adopt->folder, PATH_WRITING, error);
	if (adopt->partial == NULL)
		return (-1);
	adopt->parent = folder_parent(adopt->final, error);
	return (adopt->parent != NULL ? 0 : -1);
}

/* Nothing is to be done, if path is what its name says. */
static int
already_complete(const char *path, struct error *error)
{
	struct store_backup *backup;

	backup = store_open(path, STORE_OPEN_COMPLETE, error);
	if (backup == NULL)
		return (-1);
	store_backup_free(backup);
	return (error_set(error, KIND_NOTHING, ORIGIN_US, 0,
	    "\"%s\" is a complete backup already", path));
}

static bool
is_named_partial(const struct adopt *adopt)
{
	/* A stage is a suffix, and nothing but slashes follows it. */
	return (strncmp(adopt->folder + strlen(adopt->final), PATH_PARTIAL,
	    strlen(PATH_PARTIAL)) == 0);
}

/* Is there something to adopt, and is the name free that it would get? */
static int
look(const struct adopt *adopt, struct error *error)
{
	struct stat st;
	int is_taken;

	if (!is_named_partial(adopt))
		return (already_complete(adopt->folder, error));
	is_taken = folder_has(adopt->final, error);
	if (is_taken < 0)
		return (-1);
	if (lstat(adopt->partial, &st) != 0) {
		if (errno == ENOENT && is_taken > 0)
			return (already_complete(adopt->final, error));
		return (error_system(error, KIND_STORAGE, errno,
		    "cannot open the backup \"%s\"", adopt->partial));
	}
	/* The lock is that of the folder in which the real one lies. */
	if (S_ISLNK(st.st_mode))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is a link; name the folder itself",
		    adopt->partial));
	if (is_taken > 0) {
		IGNORE_RESULT(error_set(error, KIND_STORAGE, ORIGIN_SYSTEM,
		    EEXIST, "\"%s\" is there already", adopt->final));
		error_hint(error, "see with 'vdibackup verify' what each is "
		    "worth, and move one away");
		return (-1);
	}
	return (0);
}

static bool
must_stop(void *context)
{
	const struct adopt *adopt = context;

	return (inspect_check_stop(&adopt->options->inspect, NULL) != 0);
}

static int
take_lock(struct adopt *adopt, struct error *error)
{
	struct lock_request request = { .folder = adopt->parent,
		.what = "an adoption", .stop = must_stop, .context = adopt,
		.wait_ms = adopt->options->lock_wait_ms };

	adopt->lock = lock_acquire(&request, error);
	return (adopt->lock != NULL ? 0 : -1);
}

static int
verify(struct adopt *adopt, struct error *error)
{
	struct inspect_options options = adopt->options->inspect;
	struct inspect_result *result = &adopt->result->verify;
	const char *path = adopt->partial;

	options.partial = true;
	if (inspect_verify(&path, 1, &options, result) != 0) {
		*error = result->error;
		return (-1);
	}
	return (inspect_check_stop(&options, error));
}

static int
prove(struct adopt *adopt, struct error *error)
{
	/* Once before the lock, which could not be made in a folder that is
	 * not there, and once after: its holder may have finished. */
	if (look(adopt, error) != 0 || take_lock(adopt, error) != 0 ||
	    look(adopt, error) != 0)
		return (-1);
	return (verify(adopt, error));
}

int
adopt_run(const char *folder, const struct adopt_options *options,
    struct adopt_result *result)
{
	struct adopt adopt = { .options = options, .result = result,
		.folder = folder };
	struct error *error = &result->error;
	int rc = -1;

	memset(result, 0, sizeof(*result));
	if (find_names(&adopt, error) != 0)
		goto out;
	if (prove(&adopt, error) != 0) {
		if (error->kind != KIND_NOTHING)
			error_context(error, "cannot adopt \"%s\"", folder);
		if (error->kind == KIND_INTEGRITY)
			error_hint(error, "nothing was changed; make another "
			    "backup, or bring back what is missing");
		goto out;
	}
	rc = store_adopt(adopt.partial, &result->path, error);
out:
	lock_release(adopt.lock);
	free(adopt.parent);
	free(adopt.partial);
	free(adopt.final);
	return (rc);
}

void
adopt_result_release(struct adopt_result *result)
{
	free(result->path);
	inspect_result_release(&result->verify);
	memset(result, 0, sizeof(*result));
}
