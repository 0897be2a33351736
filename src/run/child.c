/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "run/child.h"

#include "base/clock.h"
#include "base/process.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define SLICE_MS 100
/* Between SIGTERM and SIGKILL. */
#define GRACE_MS 4000
#define SET_PREFIX "vdibackup-"
#define PREFIX "vdibackup: "
#define ERROR_PREFIX PREFIX "error: "

void
child_init(struct child *child)
{
	memset(child, 0, sizeof(*child));
	str_init(&child->said);
}

void
child_release(struct child *child)
{
	json_decref(child->result);
	free(child->stage);
	free(child->text);
	free(child->hint);
	free(child->origin);
	free(child->leftover);
	str_release(&child->said);
	child_init(child);
}

static void
note_fired(struct child *child)
{
	if (child->fired++ == 0)
		child->fired_ns = clock_now_ns();
}

/* The name that stands in the statement. */
static void
note_set(struct child *child, const char *statement)
{
	const char *name = strstr(statement, SET_PREFIX);

	if (name == NULL || child->set_name[0] != '\0')
		return;
	(void)snprintf(child->set_name, sizeof(child->set_name), "%.*s",
	    (int)strcspn(name, "'"), name);
}

static void
copy_text(char **to, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text != NULL && *to == NULL)
		*to = strdup(text);
}

static void
note_result(struct child *child, json_t *object)
{
	const json_t *error = json_object_get(object, "error");

	child->has_result = true;
	json_decref(child->result);
	child->result = json_incref(object);
	child->exit_code = (int)json_integer_value(json_object_get(object,
	    "exit_code"));
	copy_text(&child->stage, error, "stage");
	copy_text(&child->text, error, "text");
	copy_text(&child->hint, error, "hint");
	copy_text(&child->origin, error, "origin");
	copy_text(&child->leftover, object, "leftover");
}

static void
hear_out(void *context, const char *line, size_t size)
{
	struct child *child = context;
	json_t *object = json_loadb(line, size, 0, NULL);
	const char *event = json_string_value(json_object_get(object,
	    "event"));
	const char *text = json_string_value(json_object_get(object, "text"));

	/* A result is the last line, or none. */
	child->has_result = false;
	if (event != NULL && strcmp(event, "result") == 0)
		note_result(child, object);
	else if (event != NULL && strcmp(event, "fault") == 0)
		note_fired(child);
	else if (event != NULL && strcmp(event, "statement") == 0 &&
	    text != NULL)
		note_set(child, text);
	json_decref(object);
}

static void
hear_err(void *context, const char *line, size_t size)
{
	struct child *child = context;
	bool is_error = strncmp(line, ERROR_PREFIX, strlen(ERROR_PREFIX)) ==
	    0;
	size_t skip = is_error ? strlen(ERROR_PREFIX) :
	    strncmp(line, PREFIX, strlen(PREFIX)) == 0 ? strlen(PREFIX) : 0;

	str_add_bytes(&child->said, line, size);
	str_add(&child->said, "\n");
	if (is_error || child->line[0] == '\0')
		(void)snprintf(child->line, sizeof(child->line), "%.*s",
		    (int)(size - skip), line + skip);
}

static void
watch(struct child *child, struct process *process,
    const struct child_limits *limits)
{
	struct deadline end = clock_deadline(limits->before_ms);
	bool has_fired = false;

	while (process_wait(process, clock_deadline(SLICE_MS))) {
		if (child->fired > 0 && !has_fired) {
			has_fired = true;
			end = clock_deadline(limits->after_ms);
		}
		if (limits->stop != NULL && atomic_load(limits->stop) != 0)
			child->was_stopped = true;
		if (clock_has_passed(end))
			child->was_late = true;
		if (child->was_stopped || child->was_late)
			process_stop(process, GRACE_MS);
	}
}

int
child_run(struct child *child, const char *const *argv,
    const struct child_limits *limits, struct error *error)
{
	const struct process_ears ears = { .out = hear_out, .err = hear_err,
		.context = child };
	struct process *process = process_new(&ears, error);
	int status;

	if (process == NULL)
		return (-1);
	child->began_ns = clock_now_ns();
	/* exec takes its texts unchanged; the cast is for its prototype. */
	if (process_start(process, (char *const *)(uintptr_t)argv, error) !=
	    0) {
		process_free(process, 0);
		return (-1);
	}
	watch(child, process, limits);
	child->elapsed_ns = clock_now_ns() - (child->fired > 0 ?
	    child->fired_ns : child->began_ns);
	status = process_status(process);
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
	process_free(process, 0);
	return (str_check(&child->said, error));
}

double
child_number(const struct child *child, const char *key)
{
	return (json_number_value(json_object_get(child->result, key)));
}
