/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"
#include "packet/frame.h"

/*
 * A format of capture files, for capture.c. A new format is a file with one of these, and a line in
 * the list in capture.c.
 */
struct capture_format {
    const char *name;

    /* How much of the file `matches` wants to see; it gets less only of a shorter file. */
    size_t head_size;
    bool (*matches)(struct view head);

    /* Reads the file's header. The reader does not own the input. */
    int (*open)(struct input *in, void **ret_reader, struct error *err);

    /*
     * As capture_next. A batch ends where the next record is not wholly at hand, and an error is
     * kept for the call that would begin with it.
     */
    int (*next)(void *reader, struct frame_batch *ret, struct error *err);

    /* The input was moved to the record of this frame. */
    void (*seek)(void *reader, const struct frame *frame);
    uint32_t (*setup)(const void *reader); /* see capture_setup; NULL: only in the beginning */
    void (*close)(void *reader);
};

extern const struct capture_format pcap_format;
extern const struct capture_format pcapng_format;
extern const struct capture_format erf_format;
extern const struct capture_format tsh_format; /* never told by content */

enum {
    /* The snapshot length that all capture programs have as their default. */
    CAPTURE_SNAPLEN_USUAL = 256 * 1024,
    /* Nothing above it is held in memory: a record that is larger is damage. */
    CAPTURE_RECORD_MAX = 16 * 1024 * 1024,
};

/* The LINKTYPE_ value, where older programs wrote the number that their system had for it. */
uint16_t capture_link_type(uint16_t stored);

/*
 * Starts to fetch what comes a few records behind this one. Where a record lies is known only from
 * the one before it, so without this each header is a wait for memory: 17 ns a packet of 100 bytes
 * in a mapped file, and 7 ns with it. Looking behind the end of a file does no harm.
 */
static inline void capture_prefetch(const uint8_t *record)
{
    enum { DISTANCE = 2048 };
    __builtin_prefetch(record + DISTANCE);
    __builtin_prefetch(record + DISTANCE + CACHE_LINE);
}

/* "NAME: offset N: TEXT". Returns -1. */
int capture_damage(const struct input *in, uint64_t offset, struct error *err, const char *format,
                   ...) PRINTF_LIKE(4, 5);

/* What begins at the read position: "... ends in the middle of WHAT (SIZE of WHOLE bytes)". */
int capture_cut(const struct input *in, const char *what, size_t size, size_t whole,
                struct error *err);
