/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A keyed hash for table keys: 128-bit multiply-and-fold over eight bytes at a time, the
 * construction of Wang Yi's wyhash (public domain). Not cryptographic; the seed keeps an outsider
 * from choosing keys that collide. Output depends on seed and bytes only, so results are the same
 * on every machine of one byte order.
 */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Hashes `words` 64-bit words at `at` (8-byte aligned or not). */
static inline uint64_t hash_words(uint64_t seed, const void *at, unsigned words)
{
    const uint8_t *p = at;
    uint64_t h = seed ^ UINT64_C(0xa0761d6478bd642f);
    for (unsigned i = 0; i < words; i++) {
        uint64_t w;
        memcpy(&w, p + 8 * i, sizeof(w));
        h = hash_mix(h ^ w, UINT64_C(0xe7037ed1a0b428db) + 2 * i);
    }
    return hash_mix(h, UINT64_C(0x8ebc6af09c88c6e3));
}

/* Hashes bytes of any number. */
static inline uint64_t hash_bytes(uint64_t seed, const void *at, size_t size)
{
    const uint8_t *p = at;
    uint64_t last = 0;
    memcpy(&last, p + size / 8 * 8, size % 8);
    return hash_mix(hash_words(seed, p, (unsigned)(size / 8)) ^ last,
                    UINT64_C(0x589965cc75374cc3) ^ size);
}

/*
 * Hashes `words` words of 64 bits, each in a multiplication that waits for no other: for short keys
 * that are looked up once a packet. The factors are constants. To multiply one word with another is
 * cheaper, but who chooses both makes one of them zero and the other as he likes, and all his keys
 * have one hash.
 */
enum { HASH_SHORT_WORDS = 6 };

static inline uint64_t hash_short(const void *at, unsigned words)
{
    static const uint64_t factors[HASH_SHORT_WORDS] = {
        UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db), UINT64_C(0x589965cc75374cc3),
        UINT64_C(0x1d8e4e27c47d124f), UINT64_C(0xeb44accab455d165), UINT64_C(0x9fb21c651e98df25),
    };
    const uint8_t *p = at;
    uint64_t h = 0;
#pragma GCC unroll 6
    for (unsigned i = 0; i < words; i++) {
        uint64_t w;
        memcpy(&w, p + 8 * i, sizeof(w));
        h ^= hash_mix(w, factors[i]);
    }
    return hash_mix(h, UINT64_C(0x8ebc6af09c88c6e3));
}
