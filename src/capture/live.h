/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "packet/frame.h"

/*
 * Live: the packets of network interfaces, through libpcap, as batches of frames. The packets of
 * several interfaces come in the order of their time, so that a flow of which each direction goes
 * over an interface of its own begins with its first packet.
 *
 * An interface that fails (it went away, its driver gave up) is reported to `trouble`, and the
 * others go on.
 */
struct live;

struct live_options {
    const char *const *devices; /* as libpcap names them: "eth0", "any" */
    unsigned count;
    uint32_t snaplen;      /* bytes of each packet that are kept */
    uint64_t buffer_bytes; /* of the kernel's ring, for each interface */
    bool promiscuous;
    const char *filter; /* pcap-filter(7), applied by the kernel; NULL: none */
    bool optimize;      /* the filter */
    void (*trouble)(void *arg, const char *text);
    void *arg;
};

/* *ret is to be closed even when -1 is returned. */
int live_open(struct live **ret, const struct live_options *options, struct error *err) MUST_USE;
void live_close(struct live *live); /* NULL is fine */

/* From now on no packet arrives: live_next gives what is still there. */
void live_stop(struct live *live);

enum { LIVE_IDLE = 1, LIVE_END = 2 };

/*
 * LIVE_DELAY is how late a packet may be here: a call at `now` that is answered by LIVE_IDLE means
 * that all packets up to now - LIVE_DELAY were given.
 */
#define LIVE_DELAY (100 * NSEC_PER_MSEC)

/*
 * 0 with at least one frame in ret, valid until the next call; LIVE_IDLE: there was none, and some
 * time was waited for the next, at most `wait` (a signal may end that); LIVE_END: no interface is
 * left. `now` is the system's time. frame.input is the number of the device.
 */
int live_next(struct live *live, nsec_t now, nsec_t wait, struct frame_batch *ret) MUST_USE;

/*
 * From live_open to live_stop, of all interfaces together. What arrived and was not dropped is what
 * live_next gives, and no more.
 */
struct live_counts {
    uint64_t arrived;           /* what passed the filter, dropped packets among it */
    uint64_t dropped;           /* by the kernel, for want of room in the ring */
    uint64_t interface_dropped; /* by interfaces and their drivers, whether it passed or not */
};

/* To be asked for every few minutes at least: the kernel's counters have 32 bits. */
void live_count(struct live *live, struct live_counts *ret);

/* The name of the first interface that is up and no loopback, to be freed. */
char *live_default_device(struct error *err) MUST_USE;

/* The names of all of them; the list and each name are to be freed. -1: none, or an error. */
int live_list_devices(char ***ret, unsigned *ret_count, struct error *err) MUST_USE;
