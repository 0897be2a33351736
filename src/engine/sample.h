/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_SAMPLE_H
#define ENGINE_SAMPLE_H

#include "base/attr.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Sample databases: for a rehearsal, a demonstration, a test.
 *
 * The data look like a wholesaler's: customers, products, orders, their
 * lines, and a ledger.  Every transaction has a number, every row names the
 * transaction that made it and rows are never changed, but for the
 * customers' balances, which are at every moment the sum of the ledger.  So
 * a copy that was taken while a writer went on can be compared exactly: it
 * must hold what the source holds up to the copy's last transaction, and its
 * balances must be the ledger's of that moment.
 *
 * Errors: KIND_STORAGE.
 */

struct sample_counts {
	int64_t customers;
	int64_t products;
	int64_t orders;
	uint64_t bytes;
};

/* A new file of at least that many bytes, the same each time; one that is
 * there already is not written over. */
int sample_make(const char *path, uint64_t bytes, bool is_wal,
    struct sample_counts *counts, struct error *error) MUST_CHECK;

/* sample_open -> sample_add, a transaction each -> sample_close. */
struct sample;
struct sample *sample_open(const char *path, struct error *error) MUST_CHECK;
int sample_add(struct sample *sample, struct error *error) MUST_CHECK;
/* Accepts NULL. */
void sample_close(struct sample *sample);

#endif
