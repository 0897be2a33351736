/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/attr.h"
#include "base/error.h"
#include "engine/options.h"
#include "engine/report.h"
#include "engine/stop.h"

/*
 * One statement from text to verdict: parse, refuse what is not done here,
 * find the database, run.  Everything that is to be said goes to the report,
 * with 3013 as the last message of a failure.
 */

/* What SIGINT and SIGTERM do. */
enum engine_signals {
	ENGINE_SIGNALS_LEFT_ALONE,
	ENGINE_SIGNALS_CANCEL
};

/* 0: the statement succeeded; 1: it failed; -1 and KIND_USAGE: a fault drill
 * that has no place in it, and nothing was done. */
int engine_run(const char *statement, struct options *options,
    struct report *report, enum engine_signals signals, struct error *error)
    MUST_CHECK;

#endif
