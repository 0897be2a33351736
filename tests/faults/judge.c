/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "judge.h"

#include "help.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOUND_MAX 64
#define PATH_ROOM 4096

extern char **environ;

struct look {
	struct judge *judge;
	const struct image *image;
	const struct judge_wish *wish;
	char finals[FOUND_MAX][PATH_ROOM];   /* whole paths */
	size_t final_count;
	char partials[FOUND_MAX][PATH_ROOM]; /* with a manifest */
	size_t partial_count;
	bool has_manifest;
	char store[PATH_ROOM];
};

static bool
ends_in(const char *text, const char *ending)
{
	size_t length = strlen(text);
	size_t least = strlen(ending);

	return (length >= least && strcmp(text + length - least, ending) == 0);
}

static void
keep(char (*list)[PATH_ROOM], size_t *count, const struct look *look,
    const char *path)
{
	if (*count == FOUND_MAX)
		help_fail("more than %d backups", FOUND_MAX);
	(void)snprintf(list[(*count)++], PATH_ROOM, "%s/image/%s",
	    look->judge->scratch, path);
}

/* A path of the image: a manifest stands for the folder that it is in. */
static bool
sort_path(void *context, const char *path, bool is_folder)
{
	struct look *look = context;
	char *folder;

	if (is_folder && look->store[0] == '\0')
		(void)snprintf(look->store, PATH_ROOM, "%s/image/%s",
		    look->judge->scratch, path);
	if (is_folder)
		return (true);
	if (ends_in(path, ".bak.zst") && strstr(path, "/stripe-") == NULL)
		keep(look->finals, &look->final_count, look, path);
	if (!ends_in(path, "/manifest.json"))
		return (true);
	look->has_manifest = true;
	folder = help_copy(path, strlen(path) - strlen("/manifest.json"));
	if (ends_in(folder, ".partial"))
		keep(look->partials, &look->partial_count, look, folder);
	else
		keep(look->finals, &look->final_count, look, folder);
	free(folder);
	return (true);
}

/* The status of the program's run; what it said is in the file "said". */
static int
run(struct judge *judge, const char *command, const char *path)
{
	const char *argv[] = { judge->program, command, "-q", path, NULL };
	posix_spawn_file_actions_t actions;
	char said[PATH_ROOM];
	pid_t pid;
	int status;

	judge->runs++;
	(void)snprintf(said, sizeof(said), "%s/said", judge->scratch);
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, said,
	        O_WRONLY | O_CREAT | O_TRUNC, 0600) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO,
	        STDERR_FILENO) != 0 ||
	    posix_spawn(&pid, judge->program, &actions, NULL,
	        (char *const *)(uintptr_t)argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		help_fail("cannot run \"%s\"", judge->program);
	(void)posix_spawn_file_actions_destroy(&actions);
	return (WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status));
}

static bool
complain(const struct judge *judge, const char *what, const char *path)
{
	char line[1024];
	FILE *file;

	fprintf(stderr, "  %s: %s\n", what, path);
	(void)snprintf(line, sizeof(line), "%s/said", judge->scratch);
	file = fopen(line, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		fprintf(stderr, "    %s", line);
	if (file != NULL)
		(void)fclose(file);
	return (false);
}

static bool
one(struct judge *judge, const char *command, const char *path)
{
	return (run(judge, command, path) == 0);
}

/* The same bytes are as good as they were. */
static bool
is_known_good(const struct judge *judge, uint64_t hash)
{
	size_t i;

	for (i = 0; i < judge->good_count; i++)
		if (judge->good[i] == hash)
			return (true);
	return (false);
}

static bool
check_finals(struct look *look)
{
	struct judge *judge = look->judge;
	size_t skip = strlen(judge->scratch) + strlen("/image/");
	bool holds = true;
	size_t i;

	for (i = 0; i < look->final_count; i++) {
		const char *path = look->finals[i];
		uint64_t hash = image_hash(look->image, path + skip);

		if (is_known_good(judge, hash))
			continue;
		if (!one(judge, "verify", path)) {
			holds = complain(judge,
			    "has its name and is no backup", path);
			continue;
		}
		judge->good = help_more(judge->good, judge->good_count,
		    sizeof(*judge->good));
		judge->good[judge->good_count++] = hash;
	}
	return (holds);
}

static bool
check_done(struct look *look)
{
	bool holds = true;
	size_t i;

	for (i = 0; i < look->wish->done_count; i++)
		if (!image_has(look->image, look->wish->done[i])) {
			fprintf(stderr, "  was done and is gone: %s\n",
			    look->wish->done[i]);
			holds = false;
		}
	return (holds);
}

static bool
check_told(struct look *look)
{
	const struct judge_wish *wish = look->wish;
	char path[PATH_ROOM];

	if (wish->told == NULL || image_has(look->image, wish->told))
		return (true);
	(void)snprintf(path, sizeof(path), "%s/image/%s",
	    look->judge->scratch, wish->told_partial);
	if (image_has(look->image, wish->told_partial) &&
	    one(look->judge, ends_in(wish->told, ".bak.zst") ? "verify" :
	    "adopt", path))
		return (true);
	return (complain(look->judge, "the server was told, and it is lost",
	    path));
}

/* What the server was told of comes first, and is none of these any more. */
static bool
check_partials(struct look *look)
{
	size_t i;

	for (i = 0; i < look->partial_count; i++) {
		char *path = look->partials[i];
		size_t length = strlen(path) - strlen(".partial");
		char *final = help_copy(path, length);
		bool adopted;

		if (access(path, F_OK) != 0) {
			free(final);
			continue;
		}
		adopted = one(look->judge, "adopt", path);
		if (adopted ? !one(look->judge, "verify", final) :
		    access(path, F_OK) != 0)
			return (complain(look->judge, "was adopted and is no "
			    "backup, or was refused and is gone", path));
		free(final);
	}
	return (true);
}

static int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return (remove(path));
}

bool
judge_image(struct judge *judge, const struct image *image,
    const struct judge_wish *wish)
{
	struct look look = { .judge = judge, .image = image, .wish = wish };
	char path[PATH_ROOM];
	bool holds;

	(void)snprintf(path, sizeof(path), "%s/image", judge->scratch);
	image_write(image, path);
	image_each(image, sort_path, &look);
	holds = check_finals(&look);
	holds = check_done(&look) && holds;
	if (look.store[0] != '\0' &&
	    (judge->thorough || look.has_manifest) &&
	    !one(judge, "list", look.store))
		holds = complain(judge, "cannot be listed", look.store);
	holds = check_told(&look) && holds;
	if (judge->thorough)
		holds = check_partials(&look) && holds;
	if (nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH) != 0)
		help_fail("cannot remove \"%s\"", path);
	return (holds);
}
