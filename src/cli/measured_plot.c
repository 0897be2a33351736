/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/measured.h"

#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "measure/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_ROOM 80

/* What is drawn, while it is gathered. */
struct curve {
	const struct measure_row **rows; /* by line, and then by level */
	size_t count;
	struct plot_point *points;
	const char **lines;
	char (*names)[NAME_ROOM];
	size_t line_count;
	bool has_transfers; /* there are several sizes */
};

/* Which of two comes first, by everything but the level; 0: the same line. */
static int
compare_lines(const struct plan_setting *a, const struct plan_setting *b)
{
	if (a->devices != b->devices)
		return (a->devices < b->devices ? -1 : 1);
	if (a->threads != b->threads)
		return (a->threads < b->threads ? -1 : 1);
	if (a->transfer_size != b->transfer_size)
		return (a->transfer_size < b->transfer_size ? -1 : 1);
	return (0);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct measure_row *const *one = a;
	const struct measure_row *const *other = b;
	int order = compare_lines(&(*one)->setting, &(*other)->setting);

	if (order != 0)
		return (order);
	return ((*one)->setting.level < (*other)->setting.level ? -1 : 1);
}

static void
take_rows(struct curve *curve, const struct measure_result *result,
    enum plan_stage stage)
{
	size_t i;

	curve->count = 0;
	for (i = 0; i < result->row_count; i++) {
		const struct measure_row *row = &result->rows[i];

		if (row->stage != stage || row->runs == 0 ||
		    row->sum.median.stored_bytes == 0)
			continue;
		if (curve->count > 0 && row->setting.transfer_size !=
		    curve->rows[0]->setting.transfer_size)
			curve->has_transfers = true;
		curve->rows[curve->count++] = row;
	}
}

static void
begin_line(struct curve *curve, const struct plan_setting *setting)
{
	size_t line = curve->line_count++;
	char *name = curve->names[line];
	char size[32];
	int used = snprintf(name, NAME_ROOM, "%u device%s, %u thread%s",
	    setting->devices, setting->devices == 1 ? "" : "s",
	    setting->threads, setting->threads == 1 ? "" : "s");

	if (curve->has_transfers)
		(void)snprintf(name + used, NAME_ROOM - (size_t)used, ", %s",
		    num_format_size(setting->transfer_size, size,
		    sizeof(size)));
	curve->lines[line] = name;
}

static void
fill_points(struct curve *curve)
{
	size_t i;

	qsort(curve->rows, curve->count, sizeof(struct measure_row *),
	    compare_rows);
	for (i = 0; i < curve->count; i++) {
		const struct measure_row *row = curve->rows[i];
		struct plot_point *point = &curve->points[i];

		if (i == 0 || compare_lines(&curve->rows[i - 1]->setting,
		    &row->setting) != 0)
			begin_line(curve, &row->setting);
		point->line = curve->line_count - 1;
		point->rate = series_rate(&row->sum.median);
		point->ratio = series_ratio(&row->sum.median);
		(void)snprintf(point->label, sizeof(point->label), "%d",
		    row->setting.level);
	}
}

static void
draw(struct str *to, const struct measured *measured,
    const struct curve *curve)
{
	const struct port_machine *machine = &measured->machine;
	char title[256];
	char subtitle[512];
	struct plot plot = { .title = title, .subtitle = subtitle,
		.lines = curve->lines, .line_count = curve->line_count,
		.points = curve->points, .point_count = curve->count };

	(void)snprintf(title, sizeof(title), "vdibackup %s, %s of %s",
	    PACKAGE_VERSION, plan_stage_name(curve->rows[0]->stage),
	    measured->engine);
	(void)snprintf(subtitle, sizeof(subtitle), "%s, %u processor%s, %s; "
	    "median of %u", machine->cpu, machine->processors,
	    machine->processors == 1 ? "" : "s", machine->kernel,
	    measured->repeat);
	plot_draw(to, &plot);
}

static int
write_new(const char *path, const struct str *text, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0) {
		IGNORE_RESULT(error_system(error, KIND_STORAGE, errno,
		    "cannot create \"%s\"", path));
		return (-1);
	}
	if (fd_write_all(fd, text->text, text->length, path, error) == 0 &&
	    fd_close(&fd, path, error) == 0)
		return (0);
	fd_abandon(&fd);
	(void)unlink(path);
	return (-1);
}

int
measured_plot(const struct measured *measured, const char *path,
    struct error *error)
{
	const struct measure_result *result = measured->result;
	struct curve curve = { .count = 0 };
	struct str text;
	int rc = -1;

	str_init(&text);
	curve.rows = calloc(result->row_count + 1, sizeof(*curve.rows));
	curve.points = calloc(result->row_count + 1, sizeof(*curve.points));
	curve.lines = calloc(result->row_count + 1, sizeof(*curve.lines));
	curve.names = calloc(result->row_count + 1, sizeof(*curve.names));
	if (curve.rows == NULL || curve.points == NULL ||
	    curve.lines == NULL || curve.names == NULL) {
		IGNORE_RESULT(error_memory(error));
		goto out;
	}
	take_rows(&curve, result, PLAN_COMPRESS);
	if (curve.count == 0)
		take_rows(&curve, result, PLAN_WRITE);
	if (curve.count == 0) {
		IGNORE_RESULT(error_set(error, KIND_NOTHING, ORIGIN_US, 0,
		    "there is nothing to draw"));
		goto out;
	}
	fill_points(&curve);
	draw(&text, measured, &curve);
	if (str_check(&text, error) == 0)
		rc = write_new(path, &text, error);
out:
	free(curve.rows);
	free(curve.points);
	free(curve.lines);
	free(curve.names);
	str_release(&text);
	return (rc);
}
