/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "sql/engine.h"

#include "base/clock.h"
#include "base/process.h"
#include "base/str.h"
#include "sql/engine_line.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "vdi-engine"
#define PROGRAM_VARIABLE "VDIBACKUP_ENGINE"

/* Between a cancel and the use of force: the engine aborts its device set,
 * and its client has a second to notice. */
#define CANCEL_GRACE_MS 3000
/* After its last word the engine has nothing left to do. */
#define LINGER_MS 3000
#define CLOSE_GRACE_MS 1500
/* The last words on standard error that are kept for an error message. */
#define WORDS_KEPT 3

_Static_assert(CLOSE_GRACE_MS < SESSION_CLOSE_MS, "close has an end");

struct engine {
	char *program;
	char *option; /* --sqlite and the like */
	char *source; /* NAME=PATH */
	char **inject;
	size_t inject_count;
	void (*note)(void *context, const char *line);
	void *context;
	char server[HOST_NAME_MAX + 1];

	/* Guards process against a cancel from another thread. */
	pthread_mutex_t lock;
	struct process *process;
	bool is_cancelled;

	/* One statement; touched by the thread that polls. */
	struct session *session; /* during a poll: whom messages go to */
	bool done;
	int done_status;
	bool has_error; /* an error message came */
	struct deadline linger;
	struct error garbage; /* a line that was not understood */
	char words[WORDS_KEPT][200];
	size_t word_count;
};

/* ---- what the child says ---- */

static void
hear_out(void *context, const char *text, size_t size)
{
	struct engine *engine = context;
	struct engine_line line;

	/* Nothing after the first nonsense can be relied on. */
	if (error_is_set(&engine->garbage))
		return;
	if (engine->done) {
		(void)error_set(&engine->garbage, KIND_STATEMENT, ORIGIN_US,
		    0, "the engine went on after its last word: \"%.*s\"",
		    (int)(size < 100 ? size : 100), text);
		return;
	}
	if (engine_line_decode(&line, text, size, &engine->garbage) != 0)
		return;
	switch (line.kind) {
	case ENGINE_LINE_MESSAGE:
		if (message_classify(line.message.number,
		    line.message.level) == MESSAGE_ERROR)
			engine->has_error = true;
		if (engine->session != NULL)
			session_deliver(engine->session, &line.message);
		break;
	case ENGINE_LINE_ROWS:
		break;
	case ENGINE_LINE_DONE:
		engine->done = true;
		engine->done_status = line.status;
		engine->linger = clock_deadline(LINGER_MS);
		break;
	}
	engine_line_release(&line);
}

static void
hear_err(void *context, const char *text, size_t size)
{
	struct engine *engine = context;
	char *word = engine->words[engine->word_count % WORDS_KEPT];

	if (size == 0)
		return;
	(void)snprintf(word, sizeof(engine->words[0]), "%.*s",
	    (int)(size < 1000 ? size : 1000), text);
	engine->word_count++;
	if (engine->note != NULL)
		engine->note(engine->context, text);
}

/* The last words on standard error, put behind an error's text. */
static void
add_words(const struct engine *engine, struct str *to)
{
	size_t first = engine->word_count > WORDS_KEPT ?
	    engine->word_count - WORDS_KEPT : 0;
	size_t i;

	for (i = first; i < engine->word_count; i++)
		str_addf(to, "%s%s", i == first ? ": " : "; ",
		    engine->words[i % WORDS_KEPT]);
}

/* ---- where the program is ---- */

/* The folder of our own program, then PATH; *to is left empty if neither has
 * the engine. */
static void
search(struct str *to)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *path = getenv("PATH");
	char *slash;

	if (length > 0) {
		self[length] = '\0';
		slash = strrchr(self, '/');
		if (slash != NULL) {
			*slash = '\0';
			str_addf(to, "%s/" PROGRAM, self);
			if (access(to->text, X_OK) == 0)
				return;
		}
	}
	while (path != NULL && *path != '\0') {
		size_t part = strcspn(path, ":");

		/* An empty part would mean wherever we happen to be. */
		str_clear(to);
		str_add_bytes(to, path, part);
		str_add(to, "/" PROGRAM);
		if (part > 0 && access(to->text, X_OK) == 0)
			return;
		path += part;
		if (*path == ':')
			path++;
	}
	str_clear(to);
}

char *
engine_find(const char *given, struct error *error)
{
	char *path = NULL;
	struct str found;

	str_init(&found);
	if (given == NULL)
		given = getenv(PROGRAM_VARIABLE);
	if (given != NULL && given[0] != '\0')
		str_add(&found, given);
	else
		search(&found);
	if (str_check(&found, error) != 0)
		goto out;
	if (found.length == 0) {
		(void)error_set(error, KIND_CONNECT, ORIGIN_SYSTEM, ENOENT,
		    "the engine \"" PROGRAM "\" was not found beside this "
		    "program or in PATH");
		error_hint(error, "install it, or set " PROGRAM_VARIABLE
		    " to its path");
		goto out;
	}
	if (access(found.text, X_OK) != 0) {
		(void)error_system(error, KIND_CONNECT, errno,
		    "cannot run the engine \"%s\"", found.text);
		error_hint(error, "set " PROGRAM_VARIABLE " to the path of "
		    PROGRAM);
		goto out;
	}
	path = str_detach(&found, error);
out:
	str_release(&found);
	return (path);
}

/* ---- the session's operations ---- */

static int
engine_connect(void *state, int64_t timeout_ms, struct error *error)
{
	struct engine *engine = state;
	char *program = engine_find(engine->program, error);

	/* There is nobody to wait for: the engine starts with a statement. */
	(void)timeout_ms;
	if (program == NULL)
		return (-1);
	free(engine->program);
	engine->program = program;
	if (gethostname(engine->server, sizeof(engine->server)) != 0)
		return (error_system(error, KIND_CONNECT, errno,
		    "cannot get this machine's name"));
	engine->server[sizeof(engine->server) - 1] = '\0';
	return (0);
}

static void
swap_process(struct engine *engine, struct process *process)
{
	struct process *old;

	(void)pthread_mutex_lock(&engine->lock);
	old = engine->process;
	engine->process = process;
	engine->is_cancelled = false;
	(void)pthread_mutex_unlock(&engine->lock);
	process_free(old, CLOSE_GRACE_MS);
}

static int
engine_begin(void *state, const char *statement, struct error *error)
{
	struct engine *engine = state;
	const struct process_ears ears = { .out = hear_out,
		.err = hear_err, .context = engine };
	struct process *process = NULL;
	const char **argv = NULL;
	size_t count = 0;
	size_t i;
	int rc = -1;

	engine->done = false;
	engine->has_error = false;
	engine->word_count = 0;
	error_init(&engine->garbage);
	argv = calloc(8 + 2 * engine->inject_count, sizeof(*argv));
	if (argv == NULL) {
		(void)error_memory(error);
		goto out;
	}
	argv[count++] = engine->program;
	argv[count++] = "--messages";
	argv[count++] = "json";
	argv[count++] = engine->option;
	argv[count++] = engine->source;
	for (i = 0; i < engine->inject_count; i++) {
		argv[count++] = "--inject";
		argv[count++] = engine->inject[i];
	}
	argv[count++] = "--execute";
	argv[count++] = statement;
	process = process_new(&ears, error);
	if (process == NULL)
		goto out;
	/* exec takes its texts unchanged; the cast is for its prototype. */
	if (process_start(process, (char *const *)argv, error) != 0) {
		error_context(error, "the engine");
		goto out;
	}
	swap_process(engine, process);
	process = NULL;
	rc = 0;
out:
	process_free(process, 0);
	free(argv);
	return (rc);
}

static bool
is_cancelled(struct engine *engine)
{
	bool is_cancelled;

	(void)pthread_mutex_lock(&engine->lock);
	is_cancelled = engine->is_cancelled;
	(void)pthread_mutex_unlock(&engine->lock);
	return (is_cancelled);
}

/* What the child's end means, given what it had said. */
static enum session_progress
judge_end(struct engine *engine, struct error *error)
{
	int status = process_status(engine->process);
	struct str words;

	str_init(&words);
	add_words(engine, &words);
	if (error_is_set(&engine->garbage)) {
		(void)error_set(error, engine->garbage.kind,
		    engine->garbage.origin, engine->garbage.code, "%s",
		    engine->garbage.text);
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM &&
	    is_cancelled(engine)) {
		/* The signal was ours, and came before the engine knew it. */
		(void)error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
		    "the statement was cancelled before the engine had begun "
		    "it%s", words.text);
	} else if (WIFSIGNALED(status)) {
		(void)error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
		    "the engine was killed by signal %d (%s)%s",
		    WTERMSIG(status), strsignal(WTERMSIG(status)), words.text);
	} else if (!engine->done) {
		(void)error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
		    "the engine ended with status %d before its last word%s",
		    WEXITSTATUS(status), words.text);
	} else if (engine->done_status == 0 && WEXITSTATUS(status) != 0) {
		(void)error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
		    "the engine reported success and ended with status %d%s",
		    WEXITSTATUS(status), words.text);
	} else if (engine->done_status != 0 && !engine->has_error) {
		(void)error_set(error, KIND_STATEMENT, ORIGIN_US, 0,
		    "the engine failed without saying why%s", words.text);
	} else {
		str_release(&words);
		return (SESSION_ENDED);
	}
	str_release(&words);
	return (SESSION_LOST);
}

static enum session_progress
engine_poll(void *state, struct session *session, int64_t timeout_ms,
    struct error *error)
{
	struct engine *engine = state;
	struct deadline deadline = clock_deadline(timeout_ms);
	bool running;

	engine->session = session;
	running = process_wait(engine->process, deadline);
	engine->session = NULL;
	if (!running)
		return (judge_end(engine, error));
	/* Neither one that talks nonsense nor one that does not go away is
	 * waited for any longer than this. */
	if (error_is_set(&engine->garbage))
		process_stop(engine->process, 0);
	else if (engine->done && clock_has_passed(engine->linger))
		process_stop(engine->process, 0);
	return (SESSION_WAITING);
}

static void
engine_cancel(void *state)
{
	struct engine *engine = state;

	(void)pthread_mutex_lock(&engine->lock);
	if (engine->process != NULL)
		process_stop(engine->process, CANCEL_GRACE_MS);
	engine->is_cancelled = true;
	(void)pthread_mutex_unlock(&engine->lock);
}

static const char *
engine_server(void *state)
{
	return (((struct engine *)state)->server);
}

static void
engine_close(void *state)
{
	struct engine *engine = state;
	size_t i;

	swap_process(engine, NULL);
	(void)pthread_mutex_destroy(&engine->lock);
	for (i = 0; i < engine->inject_count; i++)
		free(engine->inject[i]);
	free(engine->inject);
	free(engine->option);
	free(engine->source);
	free(engine->program);
	free(engine);
}

static const struct session_ops engine_ops = {
	.name = "engine",
	.connect = engine_connect,
	.begin = engine_begin,
	.poll = engine_poll,
	.cancel = engine_cancel,
	.server = engine_server,
	.close = engine_close,
};

static int
copy_options(struct engine *engine, const struct engine_options *options,
    struct error *error)
{
	struct str source;
	size_t i;

	if (options->program != NULL) {
		engine->program = strdup(options->program);
		if (engine->program == NULL)
			return (error_memory(error));
	}
	str_init(&source);
	str_addf(&source, "--%s", database_kind_name(options->kind));
	engine->option = str_detach(&source, error);
	str_init(&source);
	str_addf(&source, "%s=%s", options->database, options->place);
	engine->source = str_detach(&source, error);
	if (engine->option == NULL || engine->source == NULL)
		return (-1);
	engine->note = options->note;
	engine->context = options->context;
	if (options->inject_count == 0)
		return (0);
	engine->inject = calloc(options->inject_count,
	    sizeof(*engine->inject));
	if (engine->inject == NULL)
		return (error_memory(error));
	for (i = 0; i < options->inject_count; i++) {
		engine->inject[i] = strdup(options->inject[i]);
		if (engine->inject[i] == NULL)
			return (error_memory(error));
		engine->inject_count++;
	}
	return (0);
}

struct session *
engine_session_new(const struct engine_options *options, struct error *error)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL) {
		(void)error_memory(error);
		return (NULL);
	}
	(void)pthread_mutex_init(&engine->lock, NULL);
	error_init(&engine->garbage);
	if (copy_options(engine, options, error) != 0) {
		engine_close(engine);
		return (NULL);
	}
	return (session_new(&engine_ops, engine, error));
}
