/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_REPORT_JSON_H
#define CLI_REPORT_JSON_H

#include "base/port/use.h"
#include "job/inspect.h"
#include "job/job.h"

#include <jansson.h>
#include <stdio.h>

/*
 * The same in JSON: objects of one line each, "event" first.  Every function
 * that makes one returns NULL where there is no memory; putting a NULL into
 * another object makes that one fail in report_json_write.
 */

/* A string, its bad bytes replaced; null for NULL. */
json_t *report_json_text(const char *text);

/* Add a value, which is taken; a failure marks the object. */
void report_json_set(json_t *object, const char *key, json_t *value);

/* {"event":NAME} */
json_t *report_json_event(const char *name);

/* {"event":"progress",...} and so on. */
json_t *report_json_of_event(const struct job_event *event);

/* What is known of an error; null for none. */
json_t *report_json_error(const struct error *error);

/* {"event":"result","command":...,"status":...,"exit_code":...,"error":...};
 * signal_number 0: none came. */
json_t *report_json_verdict(const char *command, const struct error *error,
    int signal_number);

/* Add what a job and what verify found to a verdict. */
void report_json_add_job(json_t *verdict, const struct job_result *result);
void report_json_add_verify(json_t *verdict,
    const struct inspect_result *result);

/* Add what the process has used. */
void report_json_add_use(json_t *verdict, const struct port_use *use);

/* Write one line and flush it; takes the object.  0, or -1 where the object
 * is incomplete (what could be said is written) or the stream failed. */
int report_json_write(FILE *to, json_t *object);

#endif
