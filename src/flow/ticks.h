/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"

/*
 * Ticks: when the passing of packet time is to be looked at. They keep to a grid of 0.2 s while
 * traffic is dense, and restart after gaps; when a capture's clock falls back by more than a
 * second, they start over from there.
 */
struct ticks {
    nsec_t due;
    bool has_begun; /* the first packet has come */
};

static const nsec_t TICK = 200 * NSEC_PER_MSEC, TICK_FALLBACK = NSEC_PER_SEC;

static inline bool ticks_are_due(const struct ticks *ticks, nsec_t now)
{
    return now >= ticks->due || now + TICK_FALLBACK < ticks->due || !ticks->has_begun;
}

static inline void ticks_next(struct ticks *ticks, nsec_t now)
{
    bool goes_on = ticks->has_begun && now + TICK_FALLBACK >= ticks->due;
    ticks->due = goes_on ? ticks->due + TICK : now + TICK;
    if (ticks->due <= now)
        ticks->due = now + TICK;
    ticks->has_begun = true;
}
