/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/clock.h"

/*
 * A captured frame as a capture file or a live device gives it; borrowed bytes. Zero-length frames
 * are legal. `captured` is what `data` holds, `wire` the length on the wire (either may be the
 * larger in a broken capture).
 */
struct frame {
    const uint8_t *data;
    nsec_t time;
    uint32_t captured; /* bytes */
    uint32_t wire;     /* bytes */
    uint16_t link;     /* LINKTYPE_ value of the pcap registry (tcpdump.org/linktypes.html) */
    uint16_t input;    /* which of several inputs it came from, from 0 */
    uint32_t setup;    /* how often before it the file had said how its frames are to be read */
    uint64_t number;   /* of the frame in its file, from 1, as Wireshark counts */
    uint64_t offset;   /* of the frame's record in its (decompressed) file */
};

enum { FRAME_BATCH = 64 };

/* Frames handed on together, so that memory latency can be hidden across them. */
struct frame_batch {
    unsigned count;
    struct frame frames[FRAME_BATCH];
};
