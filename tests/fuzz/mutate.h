/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * A change that knows the form of its input, for targets whose checks would
 * refuse almost every other.  Linked with libFuzzer only.
 */

/* libFuzzer's own change; the new size. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

/* Ours, which libFuzzer calls instead. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
    unsigned seed);

#endif
