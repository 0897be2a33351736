/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include "base/port/sha256.h"

#include <assert.h>

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>

/* The rest of the program is compiled for any processor of its family. */
#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))
#define PART static inline __attribute__((always_inline)) WITH_SHA

#define LEAF_FEATURES 1u
#define LEAF_MORE_FEATURES 7u

/* FIPS 180-4, 4.2.2. */
static const uint32_t constants[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

/* One stream: the state in the two halves that the instructions want, and the
 * last 16 words of the message schedule. */
struct lane {
	__m128i abef;
	__m128i cdgh;
	__m128i words[4];
};

bool
port_sha256_is_fast(void)
{
	unsigned a;
	unsigned b;
	unsigned c;
	unsigned d;

	if (__get_cpuid(LEAF_FEATURES, &a, &b, &c, &d) == 0 ||
	    (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0)
		return (false);
	return (__get_cpuid_count(LEAF_MORE_FEATURES, 0, &a, &b, &c,
	    &d) != 0 && (b & bit_SHA) != 0);
}

PART void
load_state(struct lane *lane, const uint32_t state[PORT_SHA256_WORDS])
{
	__m128i dcba = _mm_loadu_si128((const void *)state);
	__m128i hgfe = _mm_loadu_si128((const void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xB1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1B);

	lane->abef = _mm_alignr_epi8(cdab, efgh, 8);
	lane->cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
}

PART void
store_state(const struct lane *lane, uint32_t state[PORT_SHA256_WORDS])
{
	__m128i feba = _mm_shuffle_epi32(lane->abef, 0x1B);
	__m128i dchg = _mm_shuffle_epi32(lane->cdgh, 0xB1);

	_mm_storeu_si128((void *)state, _mm_blend_epi16(feba, dchg, 0xF0));
	_mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Four rounds with four words of the schedule. */
PART void
rounds(struct lane *lane, __m128i words, const uint32_t *constant)
{
	__m128i sum = _mm_add_epi32(words,
	    _mm_load_si128((const void *)constant));

	lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, sum);
	lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh,
	    _mm_shuffle_epi32(sum, 0x0E));
}

/* The first 16 rounds take the block's own words, which are big-endian. */
PART void
first_rounds(struct lane *lane, unsigned i, const uint8_t *block)
{
	const __m128i swap = _mm_set_epi64x(0x0C0D0E0F08090A0B,
	    0x0405060700010203);

	lane->words[i] = _mm_shuffle_epi8(
	    _mm_loadu_si128((const void *)(block + (size_t)16 * i)), swap);
	rounds(lane, lane->words[i], constants + (size_t)4 * i);
}

/* The others take words that are made of the last 16. */
PART void
later_rounds(struct lane *lane, unsigned i, const uint32_t *constant)
{
	__m128i last = lane->words[(i + 3) % 4];
	__m128i seven_back = _mm_alignr_epi8(last, lane->words[(i + 2) % 4],
	    4);
	__m128i part = _mm_sha256msg1_epu32(lane->words[i],
	    lane->words[(i + 1) % 4]);

	lane->words[i] = _mm_sha256msg2_epu32(_mm_add_epi32(part, seven_back),
	    last);
	rounds(lane, lane->words[i], constant + (size_t)4 * i);
}

WITH_SHA void
port_sha256_blocks(uint32_t state[PORT_SHA256_WORDS], const uint8_t *data,
    size_t blocks)
{
	struct lane lane;

	load_state(&lane, state);
	for (; blocks > 0; blocks--, data += PORT_SHA256_BLOCK) {
		__m128i abef = lane.abef;
		__m128i cdgh = lane.cdgh;
		unsigned from;

		first_rounds(&lane, 0, data);
		first_rounds(&lane, 1, data);
		first_rounds(&lane, 2, data);
		first_rounds(&lane, 3, data);
		for (from = 16; from < 64; from += 16) {
			later_rounds(&lane, 0, constants + from);
			later_rounds(&lane, 1, constants + from);
			later_rounds(&lane, 2, constants + from);
			later_rounds(&lane, 3, constants + from);
		}
		lane.abef = _mm_add_epi32(lane.abef, abef);
		lane.cdgh = _mm_add_epi32(lane.cdgh, cdgh);
	}
	store_state(&lane, state);
}

/* Four of the rounds of both, so that each fills the other's gaps. */
PART void
first_of_both(struct lane *a, const uint8_t *data_a, struct lane *b,
    const uint8_t *data_b, unsigned i)
{
	first_rounds(a, i, data_a);
	first_rounds(b, i, data_b);
}

PART void
later_of_both(struct lane *a, struct lane *b, unsigned i,
    const uint32_t *constant)
{
	later_rounds(a, i, constant);
	later_rounds(b, i, constant);
}

WITH_SHA void
port_sha256_pair(uint32_t state_a[PORT_SHA256_WORDS], const uint8_t *data_a,
    uint32_t state_b[PORT_SHA256_WORDS], const uint8_t *data_b,
    size_t blocks)
{
	struct lane a;
	struct lane b;

	load_state(&a, state_a);
	load_state(&b, state_b);
	for (; blocks > 0; blocks--) {
		struct lane was_a = a;
		struct lane was_b = b;
		unsigned from;

		first_of_both(&a, data_a, &b, data_b, 0);
		first_of_both(&a, data_a, &b, data_b, 1);
		first_of_both(&a, data_a, &b, data_b, 2);
		first_of_both(&a, data_a, &b, data_b, 3);
		for (from = 16; from < 64; from += 16) {
			later_of_both(&a, &b, 0, constants + from);
			later_of_both(&a, &b, 1, constants + from);
			later_of_both(&a, &b, 2, constants + from);
			later_of_both(&a, &b, 3, constants + from);
		}
		a.abef = _mm_add_epi32(a.abef, was_a.abef);
		a.cdgh = _mm_add_epi32(a.cdgh, was_a.cdgh);
		b.abef = _mm_add_epi32(b.abef, was_b.abef);
		b.cdgh = _mm_add_epi32(b.cdgh, was_b.cdgh);
		data_a += PORT_SHA256_BLOCK;
		data_b += PORT_SHA256_BLOCK;
	}
	store_state(&a, state_a);
	store_state(&b, state_b);
}

#else

bool
port_sha256_is_fast(void)
{
	return (false);
}

void
port_sha256_blocks(uint32_t state[PORT_SHA256_WORDS], const uint8_t *data,
    size_t blocks)
{
	(void)state;
	(void)data;
	assert(blocks == 0);
}

void
port_sha256_pair(uint32_t state_a[PORT_SHA256_WORDS], const uint8_t *data_a,
    uint32_t state_b[PORT_SHA256_WORDS], const uint8_t *data_b,
    size_t blocks)
{
	(void)state_a;
	(void)data_a;
	(void)state_b;
	(void)data_b;
	assert(blocks == 0);
}

#endif
