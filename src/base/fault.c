/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/fault.h"

#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
	[FAULT_ABORT] = "abort",
	[FAULT_FAIL] = "fail",
	[FAULT_STALL] = "stall",
	[FAULT_KILL] = "kill",
	[FAULT_CLOSE_EARLY] = "close-early",
	[FAULT_DROP] = "drop",
	[FAULT_CORRUPT] = "corrupt",
	[FAULT_SINK_FULL] = "sink-full",
	[FAULT_SINK_ERROR] = "sink-error",
	[FAULT_SQL_CANCEL] = "sql-cancel",
};

/* Win32 status values: a completion code is one (winerror.h). */
static const struct {
	const char *name;
	uint32_t code;
} codes[] = {
	{ "disk-full", 112 },
	{ "write-fault", 29 },
	{ "read-fault", 30 },
	{ "crc", 23 },
	{ "io-device", 1117 },
	{ "not-supported", 50 },
	{ "end-of-media", 1100 },
	{ "aborted", 995 },
};

const char *
fault_kind_name(enum fault_kind kind)
{
	return (kind_names[kind]);
}

void
fault_plan_init(struct fault_plan *plan, fault_announcer *announce,
    void *context)
{
	memset(plan, 0, sizeof(*plan));
	(void)pthread_mutex_init(&plan->lock, NULL);
	plan->announce = announce;
	plan->context = context;
}

void
fault_plan_release(struct fault_plan *plan)
{
	(void)pthread_mutex_destroy(&plan->lock);
}

static int
parse_code(const char *value, uint32_t *code)
{
	int64_t number;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(codes); i++)
		if (strcmp(value, codes[i].name) == 0) {
			*code = codes[i].code;
			return (0);
		}
	if (num_parse(value, 1, UINT32_MAX, &number) != 0)
		return (-1);
	*code = (uint32_t)number;
	return (0);
}

static int
parse_stall(const char *value, int64_t *stall_ms)
{
	int64_t seconds;

	if (num_parse(value, 0, 86400, &seconds) == 0) {
		*stall_ms = seconds * 1000;
		return (0);
	}
	return (num_parse_duration(value, stall_ms));
}

static int
set_key(struct fault *fault, const char *key, const char *value)
{
	int64_t number;

	if (strcmp(key, "device") == 0) {
		if (num_parse(value, 1, 64, &number) != 0)
			return (-1);
		fault->device = (unsigned)number;
		return (0);
	}
	if (strcmp(key, "command") == 0) {
		if (num_parse(value, 1, INT64_MAX, &number) != 0)
			return (-1);
		fault->command = (uint64_t)number;
		return (0);
	}
	if (strcmp(key, "after") == 0) {
		fault->has_after = true;
		return (num_parse_size(value, &fault->after));
	}
	if (strcmp(key, "at") == 0) {
		if (*value == '\0' || strlen(value) >= sizeof(fault->phase))
			return (-1);
		strcpy(fault->phase, value);
		return (0);
	}
	if (strcmp(key, "code") == 0 && fault->kind == FAULT_FAIL)
		return (parse_code(value, &fault->code));
	return (-1);
}

/* The first word: FAULT or, for stall, FAULT=SECONDS. */
static int
set_kind(struct fault *fault, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t length = equals != NULL ? (size_t)(equals - word) :
	    strlen(word);
	size_t i;

	for (i = 0; i < ARRAY_COUNT(kind_names); i++) {
		if (strlen(kind_names[i]) != length ||
		    strncmp(kind_names[i], word, length) != 0)
			continue;
		fault->kind = (enum fault_kind)i;
		if (fault->kind == FAULT_STALL)
			return (equals == NULL ? -1 :
			    parse_stall(equals + 1, &fault->stall_ms));
		return (equals == NULL ? 0 : -1);
	}
	return (-1);
}

int
fault_plan_add(struct fault_plan *plan, const char *text, struct error *error)
{
	struct fault fault = { 0 };
	char copy[sizeof(fault.text)];
	char *word;
	char *rest = NULL;

	if (plan->count == FAULT_MAX)
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "more than %d faults", FAULT_MAX));
	if (strlen(text) >= sizeof(copy))
		return (error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "the fault \"%s\" is too long", text));
	strcpy(copy, text);
	strcpy(fault.text, text);
	word = strtok_r(copy, ",", &rest);
	if (word == NULL || set_kind(&fault, word) != 0) {
		IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US, 0,
		    "\"%s\" is no fault", word != NULL ? word : text));
		error_hint(error, "faults are abort, fail, stall=SECONDS, "
		    "kill, close-early, drop, corrupt, sink-full, sink-error "
		    "and sql-cancel");
		return (-1);
	}
	while ((word = strtok_r(NULL, ",", &rest)) != NULL) {
		char *equals = strchr(word, '=');

		if (equals != NULL)
			*equals = '\0';
		if (equals == NULL ||
		    set_key(&fault, word, equals + 1) != 0) {
			IGNORE_RESULT(error_set(error, KIND_USAGE, ORIGIN_US,
			    0, "\"%s%s%s\" is no place for the fault \"%s\"",
			    word, equals != NULL ? "=" : "",
			    equals != NULL ? equals + 1 : "",
			    fault_kind_name(fault.kind)));
			error_hint(error, "places are device=N, command=N, "
			    "after=BYTES and at=PLACE; fail takes code=NAME");
			return (-1);
		}
	}
	plan->faults[plan->count++] = fault;
	return (0);
}

/* Mark and announce, unless another thread was first. */
static const struct fault *
fire(struct fault_plan *plan, struct fault *fault, const char *where)
{
	bool mine;

	(void)pthread_mutex_lock(&plan->lock);
	mine = !fault->fired;
	fault->fired = true;
	(void)pthread_mutex_unlock(&plan->lock);
	if (!mine)
		return (NULL);
	if (plan->announce != NULL)
		plan->announce(plan->context, fault->text, where);
	return (fault);
}

static bool
is_due(const struct fault *fault, const struct fault_place *place)
{
	if (fault->phase[0] != '\0' && (place->name == NULL ||
	    strcmp(fault->phase, place->name) != 0))
		return (false);
	if (fault->device != 0 && fault->device != place->device)
		return (false);
	/* Only some commands have data that can be damaged. */
	if (fault->kind == FAULT_CORRUPT ? place->command < fault->command :
	    fault->command != 0 && fault->command != place->command)
		return (false);
	return (!fault->has_after || place->bytes >= fault->after);
}

const struct fault *
fault_at_command(struct fault_plan *plan, unsigned mask,
    const struct fault_place *place)
{
	char where[80];
	unsigned i;

	if (plan == NULL || plan->count == 0)
		return (NULL);
	(void)snprintf(where, sizeof(where), "device %u, command %" PRIu64
	    "%s%s", place->device, place->command,
	    place->name != NULL ? ", a " : "",
	    place->name != NULL ? place->name : "");
	for (i = 0; i < plan->count; i++) {
		struct fault *fault = &plan->faults[i];
		const struct fault *due;

		if ((mask & FAULT_MASK(fault->kind)) == 0 ||
		    !is_due(fault, place))
			continue;
		due = fire(plan, fault, where);
		if (due != NULL)
			return (due);
	}
	return (NULL);
}

const struct fault *
fault_at_phase(struct fault_plan *plan, unsigned mask, const char *phase)
{
	char where[40];
	unsigned i;

	if (plan == NULL || plan->count == 0)
		return (NULL);
	(void)snprintf(where, sizeof(where), "phase %s", phase);
	for (i = 0; i < plan->count; i++) {
		struct fault *fault = &plan->faults[i];
		const struct fault *due;

		if ((mask & FAULT_MASK(fault->kind)) == 0 ||
		    strcmp(fault->phase, phase) != 0)
			continue;
		due = fire(plan, fault, where);
		if (due != NULL)
			return (due);
	}
	return (NULL);
}

bool
fault_has_fired(struct fault_plan *plan, const char *text)
{
	bool is_new = false;
	unsigned i;

	(void)pthread_mutex_lock(&plan->lock);
	for (i = 0; i < plan->count && !is_new; i++) {
		struct fault *fault = &plan->faults[i];

		is_new = !fault->fired && strcmp(fault->text, text) == 0;
		fault->fired |= is_new;
	}
	(void)pthread_mutex_unlock(&plan->lock);
	return (is_new);
}

const struct fault *
fault_fired_of(struct fault_plan *plan, enum fault_kind kind)
{
	const struct fault *found = NULL;
	unsigned i;

	(void)pthread_mutex_lock(&plan->lock);
	for (i = 0; i < plan->count && found == NULL; i++)
		if (plan->faults[i].fired && plan->faults[i].kind == kind)
			found = &plan->faults[i];
	(void)pthread_mutex_unlock(&plan->lock);
	return (found);
}

unsigned
fault_fired(struct fault_plan *plan)
{
	unsigned count = 0;
	unsigned i;

	(void)pthread_mutex_lock(&plan->lock);
	for (i = 0; i < plan->count; i++)
		count += plan->faults[i].fired;
	(void)pthread_mutex_unlock(&plan->lock);
	return (count);
}
