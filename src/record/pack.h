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

/*
 * Kept records: the wire form if nobody changed the record, which is smaller, or else packed.
 * pack_read_kept normalises what was in wire form.
 */
enum pack_form { PACK_WIRE, PACK_BLOCKS };

size_t pack_kept_size(const struct record *r, enum pack_form *ret);
void pack_keep(const struct record *r, enum pack_form form, uint8_t *to);
void pack_read_kept(struct view kept, enum pack_form form, struct record *ret);
