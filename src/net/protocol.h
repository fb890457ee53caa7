/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/*
 * Protocol: the words of a stream of records, and what Panoptes adds to them.
 *
 *     server                                    client
 *     start record (128 bytes)  ->
 *                               <-  "FILTER: man or (expression)"         if there is one
 *     "OK", or two other letters ->
 *                               <-  "POSITION: new|STREAM NUMBER\n"       Panoptes to Panoptes
 *     "OK"                      ->
 *                               <-  "START: "
 *     records                   ->
 *                               <-  "DONE: "
 *
 * A client that counts positions says DONE, too, when the server has closed its side at the end: it
 * has done with all that came. If it does not, it may come back for the rest.
 *
 * The other words have no end: the client waits for the answer, or for records, after each. Every
 * record of a server has a position in its stream, counted from 0; the stream has a number of its
 * own, which a server of ours shows in bytes of the start record that are zeros otherwise. A client
 * that asked for positions gets a mark in front of each record that does not follow the one before
 * it, and at the front; it can go on later where it stopped, without gap or repetition, as long as
 * the server keeps what it missed.
 */
#define PROTOCOL_START    "START: "
#define PROTOCOL_DONE     "DONE: "
#define PROTOCOL_FILTER   "FILTER: "
#define PROTOCOL_POSITION "POSITION: "
#define PROTOCOL_OK       "OK"
#define PROTOCOL_SYNTAX   "SY"

enum { PROTOCOL_ANSWER_SIZE = 2, PROTOCOL_MARK_SIZE = 32 };

/* The low half of the cause of a management record of errors. */
enum {
    PROTOCOL_ERROR_ACCESS = 1,
    PROTOCOL_ERROR_CLIENTS = 2,
    PROTOCOL_ERROR_LOSS = 3,
    PROTOCOL_ERROR_RATE = 4,
};

struct protocol_place {
    uint64_t stream, position;
};

/* The position of a mark in front of records that are not of the stream. */
#define PROTOCOL_NO_POSITION UINT64_MAX

struct protocol_mark {
    struct protocol_place place; /* of the next record */
    uint64_t lost;               /* records that the server no longer had, in front of it */
};

/* Of the 128 bytes of a start record. */
void protocol_put_stream(uint8_t *head, uint64_t stream);
bool protocol_get_stream(const uint8_t *head, uint64_t *ret_stream);

/* A mark stands between records. */
void protocol_put_mark(uint8_t bytes[PROTOCOL_MARK_SIZE], const struct protocol_mark *mark);
bool protocol_get_mark(struct view record, struct protocol_mark *ret);

/*
 * True of what looks like a mark, or like those of a spool, whoever made it. No sensor writes such
 * records: one that comes as a record must not go where it would be taken for a mark.
 */
bool protocol_is_like_mark(struct view record);

/* True if a start record refuses the client; err then says why. */
bool protocol_is_refusal(const uint8_t *head, struct error *err);
