/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "flow/keying.h"
#include "flow/keystroke.h"
#include "record/record.h"

/* What meters are told, and what they tell: see flow/shards.h. */

struct meter_options {
    nsec_t status_interval; /* -S; default 5 s */
    nsec_t ip_timeout, tcp_timeout, icmp_timeout, frag_timeout, arp_timeout, other_timeout;
    uint64_t memory_limit;     /* bytes */
    uint32_t quirks;           /* bits 1 << enum quirk */
    struct flow_keying keying; /* which the keys of packets are of */
    bool half_flows;           /* those of one packet that nobody answered take little memory */
    bool app_bytes;            /* -A */
    bool jitter;               /* -J */
    bool packet_sizes;         /* -Z */
    bool mac_addresses;        /* -m */
    bool bidirectional_times;
    bool track_duplicates; /* of TCP segments, by their IP identification */
    bool start_records;    /* a record of each flow's first packet by itself, at once */
    struct keystroke_options keystrokes;
    uint16_t user_bytes; /* -U: payload bytes kept per side and record */
    uint8_t id_form;     /* source id, as in struct record_transport */
    uint8_t id[4];
};

extern const struct meter_options meter_defaults;

/* Called with each finished record, valid during the call. -1 (or a condition) stops the meter. */
typedef int (*meter_sink)(void *arg, const struct record *r, struct error *err);

struct meter_counts {
    uint64_t packets, bytes;                   /* given to the meter */
    uint64_t recorded_packets, recorded_bytes; /* in records emitted so far */
    uint64_t records, flows;                   /* emitted; created */
    uint64_t flows_live;
    uint64_t evicted, forgotten; /* flows cut, and memories of flows dropped, by the limit */
    uint64_t memory_bytes;       /* of the tables now */
};
