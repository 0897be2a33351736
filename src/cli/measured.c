/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "cli/measured.h"

#include "base/num.h"
#include "cli/report_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "%-9s%7s%8s%6s%7s%9s %-16s%6s%10s%11s%11s"

/* ---- the table ---- */

static void
format_part(char text[16], const struct measure_row *row, unsigned part,
    long value)
{
	if ((plan_stage_parts(row->stage) & part) != 0)
		(void)snprintf(text, 16, "%ld", value);
	else
		(void)snprintf(text, 16, "-");
}

static void
add_row(struct str *to, const struct measure_row *row)
{
	const struct series_sum *sum = &row->sum;
	char devices[16];
	char threads[16];
	char level[16];
	char transfer[32];
	char rate[16];
	char spread[40];
	char ratio[16] = "-";
	char cpu[16];
	char memory[32] = "-";
	char bound[32];

	(void)snprintf(devices, sizeof(devices), "%u", row->setting.devices);
	format_part(threads, row, PLAN_HAS_THREADS, row->setting.threads);
	format_part(level, row, PLAN_HAS_LEVEL, row->setting.level);
	format_part(transfer, row, PLAN_HAS_TRANSFER,
	    row->setting.transfer_size >> 10);
	(void)snprintf(rate, sizeof(rate), "%.1f", series_rate(&sum->median));
	(void)snprintf(spread, sizeof(spread), "%.0f..%.0f", sum->slowest,
	    sum->fastest);
	if (sum->median.stored_bytes > 0)
		(void)snprintf(ratio, sizeof(ratio), "%.3f",
		    series_ratio(&sum->median));
	(void)snprintf(cpu, sizeof(cpu), "%.2f",
	    series_cpu_per_gib(&sum->median));
	if (sum->peak_bytes > 0)
		(void)num_format_size(sum->peak_bytes, memory,
		    sizeof(memory));
	str_addf(to, COLUMNS, plan_stage_name(row->stage), devices, threads,
	    level, transfer, rate, spread, ratio, cpu, memory,
	    num_format_size(row->memory_bound, bound, sizeof(bound)));
}

/* False: nothing was measured. */
static bool
tell_table(struct report *report, const struct measure_result *result)
{
	struct str line;
	bool has_header = false;
	size_t i;

	str_init(&line);
	for (i = 0; i < result->row_count; i++) {
		if (result->rows[i].runs == 0)
			continue;
		str_clear(&line);
		str_addf(&line, COLUMNS, "stage", "devices", "threads",
		    "level", "KiB", "MB/s", "slowest..fastest", "ratio",
		    "CPU s/GiB", "memory", "at most");
		if (!has_header)
			report_line(report, line.text, false);
		has_header = true;
		str_clear(&line);
		add_row(&line, &result->rows[i]);
		report_line(report, line.text, false);
	}
	str_release(&line);
	return (has_header);
}

static void
tell_machine(struct report *report, const struct port_machine *machine)
{
	char memory[32];
	char line[512];

	(void)snprintf(line, sizeof(line), "machine: %s, %u processor%s, %s "
	    "of memory, %s", machine->cpu, machine->processors,
	    machine->processors == 1 ? "" : "s", num_format_size(
	    machine->memory, memory, sizeof(memory)), machine->kernel);
	report_line(report, line, false);
}

static void
tell_advice(struct report *report, const struct advice *advice)
{
	struct str line;

	if (!advice->is_given)
		return;
	report_line(report, advice->limit_reason, false);
	report_line(report, advice->reason, false);
	str_init(&line);
	str_addf(&line, "use: --devices %u", advice->setting.devices);
	if (advice->stage != PLAN_SOURCE)
		str_addf(&line, " --threads %u", advice->setting.threads);
	if (advice->is_auto)
		str_add(&line, " --level auto");
	else if (advice->stage != PLAN_SOURCE)
		str_addf(&line, " --level %d", advice->setting.level);
	str_addf(&line, " --max-transfer-size %uKiB",
	    advice->setting.transfer_size >> 10);
	report_line(report, line.text, false);
	str_release(&line);
}

/* ---- JSON ---- */

static json_t *
part(const struct measure_row *row, unsigned part, json_int_t value)
{
	return ((plan_stage_parts(row->stage) & part) != 0 ?
	    json_integer(value) : json_null());
}

/* A number with so many digits behind the point as are information. */
static json_t *
rounded(double value)
{
	return (json_real((double)(int64_t)(value * 1e6 + 0.5) / 1e6));
}

static void
set_numbers(json_t *object, const struct measure_row *row)
{
	const struct series_sum *sum = &row->sum;
	const struct series_run *run = &sum->median;
	bool is_stored = run->stored_bytes > 0;

	report_json_set(object, "raw_bytes",
	    json_integer((json_int_t)run->raw_bytes));
	report_json_set(object, "stored_bytes", is_stored ?
	    json_integer((json_int_t)run->stored_bytes) : json_null());
	report_json_set(object, "ratio", is_stored ?
	    rounded(series_ratio(run)) : json_null());
	report_json_set(object, "seconds", rounded((double)run->ns / 1e9));
	report_json_set(object, "mb_per_second", rounded(series_rate(run)));
	report_json_set(object, "slowest_mb_per_second",
	    rounded(sum->slowest));
	report_json_set(object, "fastest_mb_per_second",
	    rounded(sum->fastest));
	report_json_set(object, "cpu_seconds",
	    rounded((double)run->cpu_ns / 1e9));
	report_json_set(object, "cpu_seconds_per_gib",
	    rounded(series_cpu_per_gib(run)));
	report_json_set(object, "peak_memory", sum->peak_bytes > 0 ?
	    json_integer((json_int_t)sum->peak_bytes) : json_null());
	report_json_set(object, "memory_bound",
	    json_integer((json_int_t)row->memory_bound));
}

static json_t *
row_object(const struct measure_row *row)
{
	json_t *object = report_json_event("measurement");

	report_json_set(object, "stage",
	    json_string(plan_stage_name(row->stage)));
	report_json_set(object, "devices",
	    json_integer(row->setting.devices));
	report_json_set(object, "threads",
	    part(row, PLAN_HAS_THREADS, row->setting.threads));
	report_json_set(object, "level",
	    part(row, PLAN_HAS_LEVEL, row->setting.level));
	report_json_set(object, "max_transfer_size",
	    part(row, PLAN_HAS_TRANSFER, row->setting.transfer_size));
	report_json_set(object, "runs", json_integer((json_int_t)row->runs));
	if (row->runs > 0)
		set_numbers(object, row);
	report_json_set(object, "error", report_json_error(&row->error));
	return (object);
}

static json_t *
machine_object(const struct port_machine *machine)
{
	json_t *object = json_object();

	report_json_set(object, "cpu", report_json_text(machine->cpu));
	report_json_set(object, "processors",
	    json_integer(machine->processors));
	report_json_set(object, "memory",
	    json_integer((json_int_t)machine->memory));
	report_json_set(object, "kernel", report_json_text(machine->kernel));
	return (object);
}

static json_t *
advice_object(const struct advice *advice)
{
	const char *limit = advice_limit_name(advice->limit);
	bool has_level = advice->stage != PLAN_SOURCE;
	json_t *object;

	if (!advice->is_given)
		return (json_null());
	object = json_object();
	report_json_set(object, "devices",
	    json_integer(advice->setting.devices));
	report_json_set(object, "threads", has_level ?
	    json_integer(advice->setting.threads) : json_null());
	report_json_set(object, "level", !has_level ? json_null() :
	    advice->is_auto ? json_string("auto") :
	    json_integer(advice->setting.level));
	report_json_set(object, "measured_level", has_level ?
	    json_integer(advice->setting.level) : json_null());
	report_json_set(object, "max_transfer_size",
	    json_integer((json_int_t)advice->setting.transfer_size));
	report_json_set(object, "stage",
	    json_string(plan_stage_name(advice->stage)));
	report_json_set(object, "mb_per_second", rounded(advice->rate));
	report_json_set(object, "ratio", advice->ratio > 0 ?
	    rounded(advice->ratio) : json_null());
	report_json_set(object, "reason", report_json_text(advice->reason));
	report_json_set(object, "limit", limit != NULL ? json_string(limit) :
	    json_null());
	report_json_set(object, "limit_reason",
	    report_json_text(advice->limit_reason));
	return (object);
}

json_t *
measured_object(const struct measured *measured)
{
	const struct measure_result *result = measured->result;
	json_t *object = json_object();
	size_t whole = 0;
	size_t i;

	for (i = 0; i < result->row_count; i++)
		whole += result->rows[i].runs == measured->repeat;
	report_json_set(object, "engine", report_json_text(measured->engine));
	report_json_set(object, "raw_bytes",
	    json_integer((json_int_t)result->raw_bytes));
	report_json_set(object, "repeat", json_integer(measured->repeat));
	report_json_set(object, "measurements",
	    json_integer((json_int_t)result->row_count));
	report_json_set(object, "complete", json_integer((json_int_t)whole));
	report_json_set(object, "seconds",
	    rounded((double)result->elapsed_ns / 1e9));
	report_json_set(object, "folder", report_json_text(result->folder));
	report_json_set(object, "machine",
	    machine_object(&measured->machine));
	report_json_set(object, "recommendation",
	    advice_object(&result->advice));
	return (object);
}

void
measured_tell(struct report *report, const struct measured *measured)
{
	const struct measure_result *result = measured->result;
	size_t i;

	for (i = 0; report_is_json(report) && i < result->row_count; i++)
		report_json_line(report, row_object(&result->rows[i]));
	if (!tell_table(report, result))
		return;
	tell_machine(report, &measured->machine);
	tell_advice(report, &result->advice);
}
