/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "net/remote.h"
#include "record/record.h"

/*
 * Reader: the records of several servers as one sequence, in the order in which they arrive; those
 * of one server stay in their order. It ends when all connections are over (and are not to be
 * made again), when its time is up, or when it is told to stop.
 */
struct reader;

struct reader_options {
    struct remote_options remote; /* for all; endpoint and tls are set for each */
    struct tls *tls;              /* of argus-tls://; taken: freed with the reader */
    const struct endpoint *endpoints;
    size_t count;
    bool reconnects;     /* a connection that ends or fails is made again, after 0.25 to 30 s */
    nsec_t most_time;    /* in all; 0: as long as it takes */
    int stop_descriptor; /* readable when it is time to stop; -1: none */
    int wake_descriptor; /* readable when before_wait is to be called, which reads it; -1: none */
    nsec_t (*now)(void); /* a clock that never goes back */
    /* Called with what became of a connection: it failed, or records were lost. */
    void (*note)(void *arg, const struct event *event);
    /* Called before the reader waits: what was printed should be seen now. */
    void (*before_wait)(void *arg);
    /* Called every so often, while it waits or not; 0: never. */
    nsec_t tick_every;
    void (*tick)(void *arg);
    void *arg;
};

struct reader *reader_new(const struct reader_options *options) MUST_USE;
void reader_free(struct reader *reader); /* tells servers that we have all; NULL is fine */

/*
 * Hangs up on all, since what came could not be kept: servers are not told that we have it, and
 * nothing more comes. Before reader_free, or in before_wait and tick, too: it is READER_END then.
 */
void reader_abandon(struct reader *reader);

/*
 * In before_wait, servers may come and go, and TLS may be other files' (taken; NULL: as it was);
 * they have numbers from 0 on, and those behind one that goes move up.
 */
struct remote *reader_add(struct reader *reader, const struct endpoint *endpoint);
void reader_remove(struct reader *reader, size_t index);
void reader_set_tls(struct reader *reader, struct tls *tls);
size_t reader_count(const struct reader *reader);
const struct endpoint *reader_endpoint(const struct reader *reader, size_t index);

/*
 * 0, READER_END, or READER_DAMAGED: a record with a damaged block, which err names. The record is
 * valid until the next call.
 */
enum { READER_END = 1, READER_DAMAGED = 2 };
int reader_next(struct reader *reader, struct record **ret, struct error *err) MUST_USE;

bool reader_is_head(const struct reader *reader); /* the record given last began a stream */
struct remote *reader_remote(const struct reader *reader); /* where it came from */

/* What came of a server since it was added. */
struct reader_source {
    char name[ENDPOINT_NAME_SIZE];
    bool is_connected; /* and has given something */
    uint64_t connections;
    uint64_t records, bytes, damaged; /* records of all kinds; of these, those with damage */
    uint64_t missing;                 /* records that are known to be missing */
    uint64_t gaps;                    /* times that some are, and their number is known or not */
    nsec_t newest;                    /* the latest time in any record; 0: none */
};
void reader_get_source(const struct reader *reader, size_t index, struct reader_source *ret);

/* Servers that were never reached, and connections that ended with an error. */
size_t reader_failures(const struct reader *reader);
