/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/event.h"
#include "net/protocol.h"

/*
 * The form of a file of a spool. Behind a header stand records as they are on the wire. In front of
 * the first record of a source, and of each that does not follow the one before it there, stands a
 * source mark: whose the following records are, and the place that the first of them had.
 *
 * At the front and every 64 KiB it is said where everything stands: a mark with the position of the
 * next record, and one for each source. So what is behind a damaged place can be read, and how many
 * records are missing there is known.
 */
enum {
    JOURNAL_HEADER_SIZE = 64,
    JOURNAL_SOURCE_MOST = 320, /* bytes of a source's name; longer than any of an endpoint */
    JOURNAL_MARK_MOST = 4 + 4 + 16 + JOURNAL_SOURCE_MOST,
    JOURNAL_POSITION_SIZE = 28, /* of a mark with a position */
};

/* Names that no source has. */
#define JOURNAL_CLOSED   "\x01" /* at the end of a file that was closed in good order */
#define JOURNAL_POSITION "\x02" /* the place of the next record in the stream of the spool */
#define JOURNAL_ENDED    "\x03" /* an older stream, and where it ended */
#define JOURNAL_OUTPUT   "\x04" /* and two numbers: a file, and how far it was */

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

/*
 * The record or mark at the front of bytes of a file of this stream: as framing_find, but that
 * files of a spool have no padding, and that no record can have a mark in it.
 */
int journal_find(struct view bytes, uint64_t stream, size_t *ret_size, struct error *err) MUST_USE;

/* What is said of a place that is no part of a spool; it points at the texts. */
struct event journal_damage(const char *path, uint64_t offset, const char *what);

/* True if a mark begins here that says where this stream stands. */
bool journal_position_get(struct view bytes, uint64_t stream, uint64_t *ret_position);
