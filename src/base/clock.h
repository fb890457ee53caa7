/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Time. Everywhere inside the toolkit a point in time is nanoseconds since 1970-01-01 UTC and a
 * duration is nanoseconds, both in a signed 64-bit integer (years 1677 to 2262). Reading the
 * system's clock is for programs; libraries get time as an argument.
 */
typedef int64_t nsec_t;

#define NSEC_PER_SEC  INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)
#define NSEC_PER_USEC INT64_C(1000)

/* Whole seconds, rounded towards minus infinity, and the non-negative rest. */
static inline int64_t nsec_seconds(nsec_t t)
{
    int64_t s = t / NSEC_PER_SEC;
    return t % NSEC_PER_SEC < 0 ? s - 1 : s;
}

static inline uint32_t nsec_fraction(nsec_t t)
{
    int64_t f = t % NSEC_PER_SEC;
    return (uint32_t)(f < 0 ? f + NSEC_PER_SEC : f);
}
