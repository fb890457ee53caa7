/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "index/catalog.h"
#include "index/want.h"
#include "packet/frame.h"

/*
 * Finder: gives the packets of the wanted flows, out of all captures of a catalog, in the order of
 * their times. Captures that overlap in time are searched together; memory is taken for what was
 * found in those (about 50 bytes a packet), not for the others.
 */
enum found_reason {
    FOUND_PACKET,   /* a packet of the flow */
    FOUND_FRAGMENT, /* a later fragment of one */
    FOUND_ERROR,    /* an ICMP error about the flow */
};

struct found {
    nsec_t time;
    uint64_t number, offset; /* of the frame in its capture, as in struct frame */
    uint64_t flow;           /* hash of the whole key: packets of one flow have the same */
    uint32_t file;           /* of the finder */
    uint32_t want;           /* of the wants */
    uint32_t bytes;          /* as the flow counts them */
    bool is_answer;          /* from the side that is silent in the want's record */
    enum found_reason reason;
};

struct finder;

struct finder_options {
    bool with_errors; /* ICMP errors about the flows, too */
    /* Where the capture of a segment is now; NULL and a sentence in err: nowhere. Caller frees. */
    char *(*place)(void *arg, const char *path, const struct capture_id *id, struct error *err);
    void (*trouble)(void *arg, const struct error *err); /* a capture or segment is left out */
    void *arg;
};

/* Catalog and wants (closed) must live as long as the finder. */
struct finder *finder_new(const struct catalog *catalog, const struct wants *wants,
                          const struct finder_options *options) MUST_USE;
void finder_free(struct finder *finder);

/*
 * The next packets, sorted by time, then file and number; one that several wants fit stands there
 * once for each. 0 with at least one, FINDER_END, or -1. They are valid until the next call.
 */
enum { FINDER_END = 1 };
int finder_next(struct finder *finder, const struct found **ret, size_t *ret_count,
                struct error *err) MUST_USE;

/* Path of a capture as it was found. */
const char *finder_path(const struct finder *finder, uint32_t file);

/*
 * Reads the frame of a packet found in the call before. The frame is valid until the next call;
 * frame->link and the bytes are what the capture has.
 */
int finder_read(struct finder *finder, const struct found *found, struct frame *ret,
                struct error *err) MUST_USE;

/* What was done, for those who want to know. */
struct finder_counts {
    uint64_t segments, captures, chunks; /* looked into */
};
void finder_get_counts(const struct finder *finder, struct finder_counts *ret);
