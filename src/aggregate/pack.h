/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

/*
 * Packed records: a flow record as its blocks one after the other, with the bytes that it borrows
 * (payload, label) behind them. Exact, unlike the wire form, which rounds statistics; about 600
 * bytes where struct record has more than 1200. For this process only: it is memory as it lies.
 */
size_t pack_size(const struct record *r);
void pack_write(const struct record *r, uint8_t *to); /* pack_size(r) bytes */

/* The record borrows from `packed` (8-byte aligned or not) and has no wire form. */
void pack_read(const uint8_t *packed, struct record *ret);
