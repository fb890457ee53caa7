/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "flow/numbers.h"
#include "record/record.h"

/*
 * Streams: the records that several threads make, as one sequence.
 *
 * All that is done has a number, the *event*: packets, ticks and the like, in the order in which
 * one thread would do them. Each thread puts what comes of its part of the events into its stream;
 * the sequence is that of the events and, of one event, that of the periods' starts and the flows.
 * Of what has equal places only one thread has any. So the sequence is the one that a single thread
 * makes.
 *
 * A stream is a short ring of chunks. Whoever hands one over also merges, unless another does: what
 * is complete up to some event in every stream is written. A thread whose ring is full waits for
 * those that are behind; they never wait for it, so that all come to an end.
 */
struct streams;
struct stream;

struct streams_output {
    void *arg;
    /* What of the record cannot be seen in its bytes: mark_bytes of it. Called in any thread. */
    size_t mark_bytes;
    void (*mark)(void *arg, const struct record *r, uint8_t *ret);
    /* Called with the records in order, in one thread at a time. 0, or what ends it all. */
    int (*write)(void *arg, const uint8_t *marks, struct view record, struct error *err);
};

struct streams *streams_new(unsigned count, const struct streams_output *output) MUST_USE;
void streams_free(struct streams *streams); /* NULL is fine */

/* When all threads are done with what they have: writes all that is there. */
int streams_finish(struct streams *streams, struct error *err) MUST_USE;

/* This, which is not 0, is the result of all calls from now on, unless there is one already. */
void streams_fail(struct streams *streams, int result, const struct error *err);

/* --- for the thread of a stream --------------------------------------------------------------- */

struct stream *streams_at(struct streams *streams, unsigned i);

/* What comes now comes of this event. */
void stream_begin(struct stream *stream, uint64_t event);

/* A number for a new flow, in the order of such numbers, other than 0. */
uint32_t stream_number(const struct stream *stream);

/* What becomes of the numbers of flows, see numbers.h. */
enum stream_note { STREAM_NEW = 1, STREAM_MOVE, STREAM_JOIN, STREAM_RESTART };
int stream_note(struct stream *stream, struct flow_numbers *numbers, enum stream_note note,
                uint32_t ref, uint32_t from, struct error *err) MUST_USE;

/* Where a record has its place among those of its event, and which flow it is of. */
struct stream_place {
    nsec_t period_start;
    uint32_t number; /* as from stream_number */
    uint32_t ref;
    struct flow_numbers *numbers;
};
int stream_record(struct stream *stream, const struct stream_place *place, const struct record *r,
                  struct error *err) MUST_USE;

/* Everything of the events before `end` is there. */
int stream_end(struct stream *stream, uint64_t end, struct error *err) MUST_USE;
