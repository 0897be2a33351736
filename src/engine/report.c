/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "engine/report.h"

#include "base/str.h"
#include "base/utf.h"
#include "engine/message.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_ERROR 11

struct report {
	enum report_form form;
	FILE *stream;
	pthread_mutex_t lock; /* guards everything below */
	bool has_error;
	bool is_lost; /* memory ran out, or the stream refused */
	int errnum;

	/* Text form: cells wait here until their columns' widths are known. */
	size_t column_count;
	char **cells;
	size_t cell_count;
	size_t cell_room;
};

struct report *
report_new(enum report_form form, FILE *stream)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return (NULL);
	report->form = form;
	report->stream = stream;
	(void)pthread_mutex_init(&report->lock, NULL);
	return (report);
}

static void
forget_cells(struct report *report)
{
	size_t i;

	for (i = 0; i < report->cell_count; i++)
		free(report->cells[i]);
	free(report->cells);
	report->cells = NULL;
	report->cell_count = 0;
	report->cell_room = 0;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	forget_cells(report);
	(void)pthread_mutex_destroy(&report->lock);
	free(report);
}

static void
put(struct report *report, const struct str *text)
{
	if (text->failed) {
		report->is_lost = true;
		report->errnum = ENOMEM;
		return;
	}
	if (fwrite(text->text, 1, text->length, report->stream) !=
	    text->length || fflush(report->stream) != 0) {
		report->is_lost = true;
		report->errnum = errno;
	}
}

/* JSON is UTF-8: what a file name has besides is shown as '?'. */
static void
add_json_text(struct str *to, const char *text)
{
	bool is_utf8 = utf_is_valid(text);

	str_add(to, "\"");
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			str_addf(to, "\\%c", c);
		else if (c == '\n')
			str_add(to, "\\n");
		else if (c < 0x20 || c == 0x7f)
			str_addf(to, "\\u%04x", c);
		else if (c >= 0x80 && !is_utf8)
			str_add(to, "?");
		else
			str_add_bytes(to, text, 1);
	}
	str_add(to, "\"");
}

void
report_message(struct report *report, int number, ...)
{
	const char *args[MESSAGE_ARGS];
	size_t count = 0;
	int level = message_level(number);
	struct str text;
	struct str line;
	va_list list;

	va_start(list, number);
	while (count < MESSAGE_ARGS &&
	    (args[count] = va_arg(list, const char *)) != NULL)
		count++;
	va_end(list);
	str_init(&text);
	str_init(&line);
	message_format(&text, number, args, count);
	if (report->form == REPORT_JSON) {
		str_addf(&line, "{\"event\":\"message\",\"number\":%d,"
		    "\"level\":%d,\"state\":1,\"line\":1,\"text\":", number,
		    level);
		add_json_text(&line, text.text);
		str_add(&line, "}\n");
	} else if (level >= LEVEL_ERROR) {
		str_addf(&line, "Msg %d, Level %d, State 1, Server "
		    "vdi-engine, Line 1\n%s\n", number, level, text.text);
	} else {
		str_addf(&line, "%s\n", text.text);
	}
	(void)pthread_mutex_lock(&report->lock);
	if (level >= LEVEL_ERROR)
		report->has_error = true;
	if (text.failed)
		line.failed = 1;
	put(report, &line);
	(void)pthread_mutex_unlock(&report->lock);
	str_release(&text);
	str_release(&line);
}

bool
report_has_error(struct report *report)
{
	bool has_error;

	(void)pthread_mutex_lock(&report->lock);
	has_error = report->has_error;
	(void)pthread_mutex_unlock(&report->lock);
	return (has_error);
}

/* Keep a row for the table; NULL is shown as sqlcmd does. */
static void
keep_row(struct report *report, const char *const *values, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		char **cells = report->cells;

		if (report->cell_count == report->cell_room) {
			size_t room = report->cell_room * 2 + 64;

			cells = realloc(cells, room * sizeof(*cells));
			if (cells == NULL) {
				report->is_lost = true;
				report->errnum = ENOMEM;
				return;
			}
			report->cells = cells;
			report->cell_room = room;
		}
		cells[report->cell_count] = strdup(values[i] != NULL ?
		    values[i] : "NULL");
		if (cells[report->cell_count] == NULL) {
			report->is_lost = true;
			report->errnum = ENOMEM;
			return;
		}
		report->cell_count++;
	}
}

static void
put_json_row(struct report *report, const char *head,
    const char *const *values, size_t count)
{
	struct str line;
	size_t i;

	str_init(&line);
	str_add(&line, head);
	for (i = 0; i < count; i++) {
		if (i > 0)
			str_add(&line, ",");
		if (values[i] == NULL)
			str_add(&line, "null");
		else
			add_json_text(&line, values[i]);
	}
	str_add(&line, "]}\n");
	put(report, &line);
	str_release(&line);
}

void
report_columns(struct report *report, const char *const *names, size_t count)
{
	(void)pthread_mutex_lock(&report->lock);
	report->column_count = count;
	if (report->form == REPORT_JSON)
		put_json_row(report, "{\"event\":\"columns\",\"names\":[",
		    names, count);
	else
		keep_row(report, names, count);
	(void)pthread_mutex_unlock(&report->lock);
}

void
report_row(struct report *report, const char *const *values, size_t count)
{
	assert(count == report->column_count);
	(void)pthread_mutex_lock(&report->lock);
	if (report->form == REPORT_JSON)
		put_json_row(report, "{\"event\":\"row\",\"values\":[",
		    values, count);
	else
		keep_row(report, values, count);
	(void)pthread_mutex_unlock(&report->lock);
}

static size_t
column_width(const struct report *report, size_t column)
{
	size_t width = 0;
	size_t i;

	for (i = column; i < report->cell_count; i += report->column_count) {
		size_t length = strlen(report->cells[i]);

		if (length > width)
			width = length;
	}
	return (width);
}

static void
add_cells(const struct report *report, size_t first, struct str *text)
{
	size_t i;

	for (i = 0; i < report->column_count; i++) {
		bool is_last = i + 1 == report->column_count;

		str_addf(text, "%-*s%s", is_last ? 0 :
		    (int)column_width(report, i), report->cells[first + i],
		    is_last ? "\n" : " ");
	}
}

static void
add_rule(const struct report *report, struct str *text)
{
	size_t i;
	size_t k;

	for (i = 0; i < report->column_count; i++) {
		size_t width = column_width(report, i);

		for (k = 0; k < width; k++)
			str_add(text, "-");
		str_add(text, i + 1 == report->column_count ? "\n" : " ");
	}
}

void
report_rows_end(struct report *report)
{
	struct str text;
	size_t i;

	str_init(&text);
	(void)pthread_mutex_lock(&report->lock);
	if (report->form == REPORT_TEXT && !report->is_lost &&
	    report->column_count > 0) {
		for (i = 0; i < report->cell_count;
		    i += report->column_count) {
			add_cells(report, i, &text);
			if (i == 0)
				add_rule(report, &text);
		}
		put(report, &text);
	}
	forget_cells(report);
	(void)pthread_mutex_unlock(&report->lock);
	str_release(&text);
}

int
report_done(struct report *report, int status, struct error *error)
{
	struct str line;

	str_init(&line);
	(void)pthread_mutex_lock(&report->lock);
	if (report->form == REPORT_JSON) {
		str_addf(&line, "{\"event\":\"done\",\"status\":%d}\n",
		    status);
		put(report, &line);
	}
	(void)pthread_mutex_unlock(&report->lock);
	str_release(&line);
	if (report->is_lost)
		return (error_system(error, KIND_STORAGE, report->errnum,
		    "cannot write the messages"));
	return (0);
}
