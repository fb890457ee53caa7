/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Compiler attributes under plain names. */

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN          __attribute__((noreturn))
#define CLEANUP(fn)       __attribute__((cleanup(fn)))
#define ALWAYS_INLINE     inline __attribute__((always_inline))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define CACHE_LINE        64
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
