/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Random: a deterministic generator, xoshiro256** seeded by splitmix64 (David Blackman and
 * Sebastiano Vigna, public domain, prng.di.unimi.it). Integers only, so that a seed gives the
 * same capture on every machine.
 */
struct rng {
    uint64_t state[4];
};

static inline uint64_t rng_rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rng_rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rng_rotate(s[3], 45);
    return result;
}

/* A generator of its own for each (seed, stream). */
static inline void rng_init(struct rng *rng, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed ^ stream * UINT64_C(0xd1342543de82ef95);
    for (int i = 0; i < 4; i++) {
        uint64_t z = x += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        rng->state[i] = z ^ z >> 31;
    }
}

/* 0 to limit - 1; limit at least 1. */
static inline uint32_t rng_below(struct rng *rng, uint32_t limit)
{
    return (uint32_t)((rng_next(rng) >> 32) * limit >> 32);
}

static inline uint32_t rng_between(struct rng *rng, uint32_t least, uint32_t most)
{
    return least + rng_below(rng, most - least + 1);
}

/* True `per_mille` times in a thousand. */
static inline bool rng_chance(struct rng *rng, uint32_t per_mille)
{
    return rng_below(rng, 1000) < per_mille;
}

/* Small values often, large ones seldom: as many between n and 2n as between 2n and 4n. */
static inline uint32_t rng_skewed(struct rng *rng, uint32_t least, uint32_t most)
{
    uint32_t top = least;
    while (top < most && rng_chance(rng, 680))
        top = top > most / 2 ? most : 2 * top;
    return rng_between(rng, least, top);
}
