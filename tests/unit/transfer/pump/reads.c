/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "reads.h"

#include "transfer/slots.h"
#include "transfer/stripe_read.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define SCRIBBLE 0x5A

struct reads reads;

void
reads_begin(void)
{
	bench_begin_alone();
	memset(&reads, 0, sizeof(reads));
}

void
reads_end(void)
{
	unsigned i;

	bench_end();
	for (i = 0; i < reads.count; i++)
		free(reads.all[i].buffer);
	free(reads.data);
}

void
reads_store(size_t size)
{
	reads.size = size;
	reads.data = bench_store(size);
}

void
reads_send(size_t size)
{
	struct reads_one *one = &reads.all[reads.count];

	ck_assert_uint_lt(reads.count, READS_MAX);
	one->size = size;
	one->at = reads.count == 0 ? 0 : one[-1].at + one[-1].size;
	one->buffer = malloc(size);
	ck_assert(one->buffer != NULL || size == 0);
	one->ticket = bench_send(VDC_Read, one->buffer, (int)size);
	reads.count++;
}

void
reads_send_many(unsigned many, size_t size)
{
	while (many-- > 0)
		reads_send(size);
}

void
reads_start_held(unsigned many)
{
	bench_hold();
	reads_send_many(many, BENCH_FRAME);
	bench_restore();
	bench_wait_taken();
}

void
reads_wait_ahead(void)
{
	struct error error = { 0 };

	SUPPORT_UNTIL(slots_count(pool_slots(bench.pool)) ==
	    BENCH_ALONE_SLOTS || stripe_read_failed(bench.in, &error));
	bench_drain();
}

bool
reads_is_answered(unsigned nth)
{
	return (bench_is_answered(reads.all[nth].ticket));
}

uint32_t
reads_answer(unsigned nth)
{
	return (bench_answer(reads.all[nth].ticket));
}

void
reads_scribble(unsigned nth)
{
	struct reads_one *one = &reads.all[nth];

	if (one->size > 0)
		memset(one->buffer, SCRIBBLE, one->size);
}

void
reads_expect(unsigned nth)
{
	struct reads_one *one = &reads.all[nth];
	size_t at = one->at < reads.size ? one->at : reads.size;
	size_t want = reads.size - at < one->size ? reads.size - at :
	    one->size;
	uint32_t code = want < one->size ? VD_ERROR_HANDLE_EOF :
	    VD_ERROR_SUCCESS;

	ck_assert_msg(reads_answer(nth) == code, "read %u: %u", nth,
	    one->ticket->code);
	ck_assert_uint_eq(one->ticket->bytes, want);
	if (want > 0)
		ck_assert_mem_eq(one->buffer, reads.data + at, want);
	reads_scribble(nth);
}

void
reads_expect_code(unsigned nth, uint32_t code)
{
	struct reads_one *one = &reads.all[nth];

	ck_assert_msg(reads_answer(nth) == code, "read %u: %u", nth,
	    one->ticket->code);
	ck_assert_uint_eq(one->ticket->bytes, 0);
	reads_scribble(nth);
}

void
reads_expect_left_alone(void)
{
	unsigned i;

	bench_drain();
	for (i = 0; i < reads.count; i++) {
		const struct reads_one *one = &reads.all[i];
		size_t at = 0;

		while (at < one->size && one->buffer[at] == SCRIBBLE)
			at++;
		ck_assert_msg(at == one->size, "read %u: byte %zu", i, at);
	}
}

void
reads_close_and_join(void)
{
	bench_close();
	bench_join();
	reads_expect_left_alone();
	ck_assert_uint_le(atomic_load(&bench.failures), 1);
}
