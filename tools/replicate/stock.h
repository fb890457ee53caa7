/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "shift.h"

/*
 * Stock: the Ethernet frames of some captures, all of them in memory. Each has its time after the
 * first frame of its capture, which never goes back. Captures longer than STOCK_LONGEST go faster.
 */
#define STOCK_LONGEST (10 * NSEC_PER_SEC)

struct stock_frame {
    nsec_t after;
    uint64_t offset; /* of its bytes */
    uint32_t captured, wire;
    uint32_t capture; /* number of the capture, from 0 */
    struct shift_places places;
};

struct stock {
    struct stock_frame *frames;
    size_t count, capacity;
    uint8_t *bytes;
    size_t used, room;
    uint32_t captures; /* that had frames of Ethernet */
    uint32_t damaged;  /* captures that could not be read, or not to their end */
};

/* Adds a capture; of each frame `snap` bytes are kept. What is damaged is counted. */
void stock_add(struct stock *stock, const char *path, uint32_t snap);
void stock_release(struct stock *stock);
