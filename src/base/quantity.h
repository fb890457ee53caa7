/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

/* Numbers as users type them, with units. The whole text must be used; errors quote it. */

/* "5", "2.5", "300ms", "5m", "1h", "2d": a bare number counts seconds. us ms s m h d w. */
int quantity_duration(const char *text, nsec_t *ret, struct error *err) MUST_USE;

/* "65536", "64k", "512M", "2G", "1T", optional "B" or "iB": powers of 1024. */
int quantity_size(const char *text, uint64_t *ret_bytes, struct error *err) MUST_USE;

/* A plain unsigned decimal number not above `most`. */
int quantity_count(const char *text, uint64_t most, uint64_t *ret, struct error *err) MUST_USE;
