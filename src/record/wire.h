/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "record/record.h"

/*
 * The wire form of records: Argus 3 (written and read) and version 5 (read). See doc/argus-format.
 */

enum { WIRE_MAR_SIZE = 128, WIRE_RECORD_MAX = 65535 * 4 };

/*
 * Takes apart one whole record (length field already honoured by the caller; bytes.size is the
 * record's size). Damaged blocks end the parsing of that record; what came before is kept, and
 * the condition WIRE_DAMAGED is returned with a sentence in err. `ret` borrows `bytes`.
 */
enum { WIRE_DAMAGED = 1 };
int wire_decode(struct view bytes, struct record *ret, struct error *err) MUST_USE;

/*
 * What the reference reader does after parsing, so that values print as its users know them:
 * expands the times, resolves stored direction, corrects the direction of half-seen TCP. Does not
 * count as a change of the record.
 */
void record_normalise(struct record *r);

/* Gives an encoded flow record, which has a number of its flow, another one. */
void wire_set_sequence(uint8_t *record, uint32_t sequence);

/* Encodes into `buffer` (at least WIRE_RECORD_MAX bytes); returns the size. */
size_t wire_encode(const struct record *r, uint8_t *buffer);
