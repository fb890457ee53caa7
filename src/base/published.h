/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Published: counters of one thread that others may look at while it counts. The thread puts a copy
 * of them here now and then; readers never hold it up, and see each counter as it was at one of the
 * last two times. A struct of counters is an array of 64-bit words here.
 */
static inline void published_put(_Atomic uint64_t *to, const void *from, size_t words)
{
    const uint8_t *at = from;
    for (size_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, at + i * sizeof(word), sizeof(word));
        atomic_store_explicit(&to[i], word, memory_order_relaxed);
    }
}

static inline void published_get(void *to, const _Atomic uint64_t *from, size_t words)
{
    uint8_t *at = to;
    for (size_t i = 0; i < words; i++) {
        const uint64_t word = atomic_load_explicit(&from[i], memory_order_relaxed);
        memcpy(at + i * sizeof(word), &word, sizeof(word));
    }
}
