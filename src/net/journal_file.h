/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "net/protocol.h"

/*
 * The form of a file of a spool. Behind a header stand records as they are on the wire. In front of
 * the first record of a source, and of each that does not follow the one before it there, stands a
 * source mark: whose the following records are, and the place that the first of them had.
 */
enum {
    JOURNAL_HEADER_SIZE = 64,
    JOURNAL_SOURCE_MOST = 256, /* bytes of a source's name */
    JOURNAL_MARK_MOST = 4 + 4 + 16 + JOURNAL_SOURCE_MOST,
};

struct journal_header {
    uint64_t stream, position; /* of the first record */
    char boot[40];             /* the start of the machine in which it was written */
};

void journal_header_put(uint8_t bytes[JOURNAL_HEADER_SIZE], const struct journal_header *header);
int journal_header_get(struct view bytes, struct journal_header *ret, struct error *err) MUST_USE;

/* Returns the size of the mark. An empty name: records that are of no source. */
size_t journal_mark_put(uint8_t bytes[JOURNAL_MARK_MOST], const char *source,
                        const struct protocol_place *place);
bool journal_mark_get(struct view record, char source[JOURNAL_SOURCE_MOST],
                      struct protocol_place *ret);
bool journal_is_mark(struct view record);
