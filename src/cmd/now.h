/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <time.h>

#include "base/clock.h"

/* The clocks of the machine, which only programs look at. */

static inline nsec_t clock_at(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* The time of day. */
static inline nsec_t wall_now(void)
{
    return clock_at(CLOCK_REALTIME);
}

/* For differences: nobody sets this clock. */
static inline nsec_t monotonic_now(void)
{
    return clock_at(CLOCK_MONOTONIC);
}
