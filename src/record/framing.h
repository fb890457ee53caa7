/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "record/record.h"

/*
 * Framing: where records begin and end in bytes of an argus file or stream, and what must stand at
 * its head. It looks at bytes that are at hand and reads nothing itself.
 */
enum framing_cookie {
    FRAMING_COOKIE_V2 = 0xe5617acb,
    FRAMING_COOKIE_V3 = 0xe5712dcb,
    FRAMING_COOKIE_V5 = 0xe57150cb,
};

/*
 * The first record of a file or stream: 128 bytes with the cookie in their place, whatever else it
 * claims. `bytes` has all of it, or all that there is. An error does not name the input.
 */
int framing_check_head(struct view bytes, struct error *err) MUST_USE;

/* Decodes a head that was checked; some writers are careless with its other fields. */
void framing_decode_head(struct view bytes, struct record *ret);

/*
 * The record at the front of `bytes`. 0: *ret_size bytes are a whole one, or a word of padding
 * with *ret_is_padding. FRAMING_MORE: *ret_size bytes are needed. -1: no record can begin there.
 */
enum { FRAMING_MORE = 1 };
int framing_find(struct view bytes, size_t *ret_size, bool *ret_is_padding,
                 struct error *err) MUST_USE;
